/* khabar check: looks whether the daemons of a lane can use its configuration. */
#include "khabar/command.h"
#include "khabar/lane.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { DIR_, CONFIG, DEFAULTS, SCHEMA };

static const struct command_option options[] = {
    [DIR_] = {"dir", "DIR", "folder of the lane"},
    [CONFIG] = {"config", "FILE", "configuration of the lane"},
    [DEFAULTS] = {"defaults", NULL, "print a configuration with every setting at its default"},
    [SCHEMA] = {"schema", NULL, "print the JSON Schema of configurations"},
    {0},
};

static int print_table(void (*write)(struct buffer *))
{
    struct buffer out = {0};
    write(&out);
    bool good = !out.failed && fwrite(out.data, 1, out.size, stdout) == out.size;
    buffer_free(&out);
    return good ? COMMAND_DONE : COMMAND_FAULT;
}

static void write_defaults(struct buffer *out)
{
    config_write_defaults(settings_rows, settings_row_count, out);
}

static void write_schema(struct buffer *out)
{
    config_write_schema(settings_rows, settings_row_count, "A lane of khabar", out);
}

/* Each daemon knows best what it needs of the settings. */
static int check_daemon(const char *name, const char *config, const char *dir)
{
    char path[PATH_MAX];
    if (lane_find_daemon(name, path) < 0) {
        command_complain("khabar-%s is not installed beside khabar", name);
        return COMMAND_FAULT;
    }
    const char *argv[8] = {path, "--check"};
    int count = 2, status = 0;
    if (config) {
        argv[count++] = "--config";
        argv[count++] = config;
    }
    if (dir) {
        argv[count++] = "--dir";
        argv[count++] = dir;
    }
    fflush(stdout);
    pid_t pid = fork();
    if (pid == 0) {
        dup2(STDERR_FILENO, STDOUT_FILENO); /* "good" is said once, below */
        execv(path, (char **)argv);
        _exit(127);
    }
    if (pid < 0 || waitpid(pid, &status, 0) < 0)
        return COMMAND_FAULT;
    return status == 0 ? COMMAND_DONE : COMMAND_PARTLY;
}

static int run(const struct invocation *invocation)
{
    const char *const *values = invocation->values, *dir = values[DIR_];
    if (values[DEFAULTS])
        return print_table(write_defaults);
    if (values[SCHEMA])
        return print_table(write_schema);
    struct settings settings;
    if (lane_read(&dir, values[CONFIG], &settings) < 0)
        return COMMAND_PARTLY;
    settings_free(&settings);
    int worst = COMMAND_DONE;
    for (size_t i = 0; i < LANE_DAEMONS; i++) {
        int r = check_daemon(lane_daemons[i], values[CONFIG], dir);
        worst = r > worst ? r : worst;
    }
    if (worst == COMMAND_DONE)
        printf("%s: good\n", values[CONFIG] ? values[CONFIG] : dir);
    return worst;
}

const struct command command_check = {
    "check", "", "Checks the configuration of a lane, with its site files and models.", options, run};

/* The lane that a command line names. */
#include "khabar/lane.h"

#include "khabar/command.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

const char *const lane_daemons[LANE_DAEMONS] = {"ingest", "parse", "classify", "sink"};

int lane_read(const char **dir, const char *config, struct settings *ret)
{
    if (!*dir && !config)
        *dir = getenv("KHABAR_DIR");
    if (!*dir && !config) {
        command_complain("which lane? --dir DIR names its folder, --config FILE its configuration");
        return -EINVAL;
    }
    char error[CONFIG_ERROR_SIZE];
    if (settings_read(config, *dir, ret, error) < 0) {
        command_complain("%s", error);
        settings_free(ret);
        return -EINVAL;
    }
    return 0;
}

int lane_feed_endpoint(const struct settings *s, char out[LANE_ENDPOINT_SIZE])
{
    char own[SETTINGS_ENDPOINT_SIZE];
    if (*s->ingest.feed_endpoint) {
        snprintf(out, LANE_ENDPOINT_SIZE, "%s", s->ingest.feed_endpoint);
        return 0;
    }
    int r = settings_endpoint(s, "feed", own);
    if (r < 0)
        command_complain("%s/feed.sock: the path is too long for a socket", s->lane.run_dir);
    else
        snprintf(out, LANE_ENDPOINT_SIZE, "%s", own);
    return r;
}

void lane_run_path(const struct settings *s, const char *daemon, const char *suffix,
                   char out[LANE_PATH_SIZE])
{
    snprintf(out, LANE_PATH_SIZE, "%s/%s.%s", s->lane.run_dir, daemon, suffix);
}

int lane_daemon_pid(const struct settings *s, const char *daemon)
{
    char path[LANE_PATH_SIZE];
    lane_run_path(s, daemon, "pid", path);
    FILE *file = fopen(path, "re");
    if (!file)
        return 0;
    int pid = 0; /* the file stays, empty, after an end in order */
    if (fscanf(file, "%d", &pid) != 1 || pid <= 0 || (kill(pid, 0) < 0 && errno == ESRCH))
        pid = 0;
    fclose(file);
    return pid;
}

int lane_find_daemon(const char *name, char out[PATH_MAX])
{
    char self[PATH_MAX - 64];
    ssize_t size = readlink("/proc/self/exe", self, sizeof self - 1);
    if (size < 0)
        return -errno;
    self[size] = '\0';
    *strrchr(self, '/') = '\0';
    snprintf(out, PATH_MAX, "%s/khabar-%s", self, name);
    if (access(out, X_OK) == 0)
        return 0;
    snprintf(out, PATH_MAX, "%s/../%s/khabar-%s", self, name, name);
    return access(out, X_OK) == 0 ? 0 : -ENOENT;
}

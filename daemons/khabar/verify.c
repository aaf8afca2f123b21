/* khabar verify: reads the finished files of an output through and holds them against the manifests. */
#include "khabar/command.h"
#include "sink/file_name.h"
#include "sink/folder.h"
#include "sink/manifest.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const struct command_option options[] = {{0}};

struct verification {
    uint64_t days, files, records, bytes, open, problems;
    bool running; /* a sink has the output: what is not in a manifest yet will be */
};

static void problem(struct verification *v, const char *folder, const char *file, const char *what)
{
    printf("%s/%s: %s\n", folder, file, what);
    v->problems++;
}

static void compare(struct verification *v, const char *folder, const struct manifest_row *row,
                    const struct file_summary *now)
{
    const struct {
        const char *name;
        uint64_t listed, found;
    } numbers[] = {{"bytes", row->summary.bytes, now->bytes},
                   {"records", row->summary.records, now->records},
                   {"first_seq", row->summary.first_seq, now->first_seq},
                   {"last_seq", row->summary.last_seq, now->last_seq}};
    char what[160];
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        if (numbers[i].listed == numbers[i].found)
            continue;
        snprintf(what, sizeof what, "%s is %" PRIu64 ", the manifest says %" PRIu64, numbers[i].name, numbers[i].found,
                 numbers[i].listed);
        problem(v, folder, row->file, what);
    }
    if (strcmp(row->summary.sha256, now->sha256) != 0)
        problem(v, folder, row->file, "the content is not what the manifest's SHA-256 says");
}

static void verify_file(struct verification *v, int fd, const char *folder, const char *file,
                        const struct manifest_row *row)
{
    struct file_summary now;
    char what[160];
    int r = file_summary_read(fd, file, &now);
    if (r == -ENOENT && v->running)
        return; /* compressed since the folder was listed */
    if (r < 0) {
        snprintf(what, sizeof what, "can't be read through: %s", r == -EBADMSG ? "damaged" : strerror(-r));
        problem(v, folder, file, what);
        return;
    }
    v->files++;
    v->records += now.records;
    v->bytes += now.bytes;
    if (now.foreign) {
        snprintf(what, sizeof what, "%" PRIu64 " lines are not of the spool in its name", now.foreign);
        problem(v, folder, file, what);
    }
    if (row)
        compare(v, folder, row, &now);
    else if (!v->running)
        problem(v, folder, file, "is not in the manifest (the sink's next start lists it)");
}

static bool listed(const struct folder_names *names, const char *file)
{
    for (size_t i = 0; i < names->count; i++)
        if (!strcmp(names->names[i], file))
            return true;
    return false;
}

static bool beside_compressed(const struct folder_names *names, struct file_name name)
{
    char compressed[FILE_NAME_SIZE];
    name.state = FILE_COMPRESSED;
    file_name_format(&name, compressed);
    return listed(names, compressed);
}

static void verify_names(struct verification *v, int fd, const char *folder, const struct folder_names *names,
                         const struct manifest *manifest)
{
    for (size_t i = 0; i < names->count; i++) {
        const char *text = names->names[i];
        struct file_name name;
        if (file_name_read(text, &name) != 1)
            continue;
        if (name.state == FILE_OPEN || name.state == FILE_COMPRESSING)
            v->open++;
        else if (name.state == FILE_COMPRESSED || !beside_compressed(names, name))
            verify_file(v, fd, folder, text, manifest_find(manifest, text));
    }
    for (size_t i = 0; i < manifest->count; i++)
        if (!listed(names, manifest->rows[i].file) && faccessat(fd, manifest->rows[i].file, F_OK, 0) < 0)
            problem(v, folder, manifest->rows[i].file, "is in the manifest, but not in the folder");
}

/* -errno when the folder can't be read at all. */
static int verify_day(struct verification *v, int parent, const char *name, const char *shown)
{
    struct folder_names names = {0};
    struct manifest manifest = {0};
    char what[96];
    size_t line = 0;
    int fd, r = folder_open(parent, name, &fd);
    if (r < 0)
        return r;
    v->days++;
    r = folder_list(fd, &names);
    if (r == 0) {
        /* read behind the names: a sink that runs only adds to it */
        int m = manifest_read(fd, &manifest, &line);
        if (m < 0) {
            snprintf(what, sizeof what, "can't be read, line %zu: %s", line, strerror(-m));
            problem(v, shown, MANIFEST_NAME, what);
        }
        verify_names(v, fd, shown, &names, &manifest);
    }
    manifest_free(&manifest);
    folder_names_free(&names);
    close(fd);
    return r;
}

/* 1 when there were days in it, 0 when not. */
static int verify_root(struct verification *v, int parent, const char *name, const char *shown)
{
    struct folder_names days = {0};
    int fd, found = 0, r = folder_open(parent, name, &fd);
    if (r < 0)
        return r;
    v->running = folder_locked(fd);
    r = folder_list(fd, &days);
    for (size_t i = 0; i < days.count && r == 0; i++) {
        char path[4096];
        if (!file_day_valid(days.names[i]))
            continue;
        found = 1;
        snprintf(path, sizeof path, "%s/%s", shown, days.names[i]);
        r = verify_day(v, fd, days.names[i], path);
    }
    folder_names_free(&days);
    close(fd);
    return r < 0 ? r : found;
}

/* A day, a tree of days, or what has the trees: the folder of a lane. */
static int verify_any(struct verification *v, const char *dir)
{
    static const char *const trees[] = {"records", "rejects"};
    const char *last = strrchr(dir, '/');
    if (file_day_valid(last ? last + 1 : dir))
        return verify_day(v, AT_FDCWD, dir, dir);
    int r = verify_root(v, AT_FDCWD, dir, dir);
    int any = r;
    for (size_t i = 0; i < 2 && r >= 0; i++) {
        char path[4096];
        snprintf(path, sizeof path, "%s/%s", dir, trees[i]);
        r = verify_root(v, AT_FDCWD, path, path);
        if (r == -ENOENT || r == -ENOTDIR)
            r = 0;
        any |= r >= 0 && access(path, F_OK) == 0;
    }
    return r < 0 ? r : any ? 0 : -ENODATA;
}

static int run(const struct invocation *invocation)
{
    struct verification v = {0};
    if (invocation->argument_count < 1) {
        command_complain("verify needs a folder: of a lane, of its records or rejects, or of a day");
        return COMMAND_USAGE;
    }
    for (int i = 0; i < invocation->argument_count; i++) {
        char dir[4096];
        snprintf(dir, sizeof dir, "%s", invocation->arguments[i]);
        for (size_t size = strlen(dir); size > 1 && dir[size - 1] == '/'; size--)
            dir[size - 1] = '\0';
        int r = verify_any(&v, dir);
        if (r == -ENODATA)
            command_complain("%s: no output in it", dir);
        else if (r < 0)
            command_complain("%s: %s", dir, strerror(-r));
        if (r < 0)
            return COMMAND_FAULT;
    }
    printf("%" PRIu64 " days, %" PRIu64 " finished files, %" PRIu64 " records, %" PRIu64 " bytes, %" PRIu64
           " still open: %" PRIu64 " problem%s\n",
           v.days, v.files, v.records, v.bytes, v.open, v.problems, v.problems == 1 ? "" : "s");
    return v.problems ? COMMAND_PARTLY : COMMAND_DONE;
}

const struct command command_verify = {
    .name = "verify",
    .arguments = "DIR…",
    .summary = "Checks the finished files of an output against their manifests.",
    .options = options,
    .run = run,
};

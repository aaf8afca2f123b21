/* khabar tail: records as they come. */
#include "khabar/command.h"
#include "khabar/lane.h"
#include "khabar/output.h"
#include "khabar/record_text.h"
#include "libcommon/buffer.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FILES_MAX = 64, DAYS_WATCHED = 3, LOOK_MS = 1000, CHUNK = 65536, LAST_MAX = 100000 };

enum { DIR_, CONFIG, JSON, REJECTS, LAST, NO_FOLLOW };

static const struct command_option options[] = {
    [DIR_] = {"dir", "DIR", "folder of the lane"},
    [CONFIG] = {"config", "FILE", "configuration of the lane, in place of --dir"},
    [JSON] = {"json", NULL, "print the records as they are written, one a line"},
    [REJECTS] = {"rejects", NULL, "show rejects in place of records"},
    [LAST] = {"last", "N", "begin with the last N of the newest day (default 10)"},
    [NO_FOLLOW] = {"no-follow", NULL, "end after these"},
    {0},
};

/* A file that is being followed, held open so that it may be renamed and removed. */
struct followed {
    int fd;
    ino_t inode;
    struct buffer rest; /* of a line that has not ended yet */
};

struct tail {
    const char *folder;
    bool json, colour, failed;
    int notify;
    struct followed files[FILES_MAX];
    size_t count;
};

static int print_line(void *context, const char *line, size_t size)
{
    struct tail *t = context;
    if (t->json) {
        fwrite(line, 1, size, stdout);
        putchar('\n');
    } else {
        record_text_print(stdout, line, size, t->colour);
    }
    t->failed |= ferror(stdout) != 0;
    return t->failed;
}

/* --- the last ones -------------------------------------------------------------------------- */

struct ring {
    struct buffer *lines;
    size_t size, count; /* count: of all lines seen */
};

static int keep_line(void *context, const char *line, size_t size)
{
    struct ring *ring = context;
    struct buffer *b = &ring->lines[ring->count++ % ring->size];
    buffer_clear(b);
    buffer_append(b, line, size);
    return b->failed ? -ENOMEM : 0;
}

static int print_last(struct tail *t, size_t last)
{
    char day[OUTPUT_DAY_SIZE];
    int r = output_newest_day(t->folder, day);
    if (r <= 0 || !last)
        return r == -ENOENT ? 0 : r;
    struct ring ring = {.lines = calloc(last, sizeof *ring.lines), .size = last};
    r = ring.lines ? output_read(t->folder, day, keep_line, &ring) : -ENOMEM;
    size_t first = ring.count > last ? ring.count - last : 0;
    for (size_t i = first; i < ring.count && r == 0; i++)
        r = print_line(t, ring.lines[i % last].data, ring.lines[i % last].size);
    for (size_t i = 0; ring.lines && i < last; i++)
        buffer_free(&ring.lines[i]);
    free(ring.lines);
    return r;
}

/* --- those that come ------------------------------------------------------------------------ */

static int take(struct tail *t, struct followed *f)
{
    char chunk[CHUNK];
    ssize_t size;
    while ((size = read(f->fd, chunk, sizeof chunk)) > 0) {
        const char *at = chunk, *end = chunk + size, *feed;
        while ((feed = memchr(at, '\n', (size_t)(end - at)))) {
            buffer_append(&f->rest, at, (size_t)(feed - at));
            if (f->rest.failed)
                return -ENOMEM;
            if (print_line(t, f->rest.data ? f->rest.data : "", f->rest.size))
                return 1;
            buffer_clear(&f->rest);
            at = feed + 1;
        }
        buffer_append(&f->rest, at, (size_t)(end - at));
    }
    return size < 0 ? -errno : f->rest.failed ? -ENOMEM : 0;
}

static void forget(struct tail *t, size_t i)
{
    close(t->files[i].fd);
    buffer_free(&t->files[i].rest);
    t->files[i] = t->files[--t->count];
}

static bool known(const struct tail *t, ino_t inode)
{
    for (size_t i = 0; i < t->count; i++)
        if (t->files[i].inode == inode)
            return true;
    return false;
}

/* Where the whole lines of a file end. */
static off_t end_of_lines(int fd)
{
    off_t end = lseek(fd, 0, SEEK_END);
    char c;
    while (end > 0 && pread(fd, &c, 1, end - 1) == 1 && c != '\n')
        end--;
    return end;
}

static void follow(struct tail *t, int day, const char *name, bool from_end)
{
    size_t size = strlen(name);
    if (size < 12 || strcmp(name + size - 12, ".ndjson.open") != 0 || t->count == FILES_MAX)
        return;
    int fd = openat(day, name, O_RDONLY | O_CLOEXEC);
    struct stat status;
    if (fd < 0 || fstat(fd, &status) < 0 || known(t, status.st_ino)) {
        if (fd >= 0)
            close(fd);
        return;
    }
    lseek(fd, from_end ? end_of_lines(fd) : 0, SEEK_SET);
    t->files[t->count++] = (struct followed){.fd = fd, .inode = status.st_ino};
}

static int newest_first(const struct dirent **a, const struct dirent **b)
{
    return alphasort(b, a);
}

static int is_day(const struct dirent *entry)
{
    return strncmp(entry->d_name, "dt=", 3) == 0;
}

static void look_into(struct tail *t, const char *day, bool from_end)
{
    char path[LANE_PATH_SIZE * 2];
    snprintf(path, sizeof path, "%s/%s", t->folder, day);
    inotify_add_watch(t->notify, path, IN_CREATE | IN_MODIFY);
    DIR *folder = opendir(path);
    if (!folder)
        return;
    struct dirent *entry;
    while ((entry = readdir(folder)))
        follow(t, dirfd(folder), entry->d_name, from_end);
    closedir(folder);
}

/* Finds files that are being written in the newest days. */
static void look(struct tail *t, bool from_end)
{
    struct dirent **days;
    inotify_add_watch(t->notify, t->folder, IN_CREATE);
    int count = scandir(t->folder, &days, is_day, newest_first);
    for (int i = 0; i < count; i++) {
        if (i < DAYS_WATCHED)
            look_into(t, days[i]->d_name, from_end);
        free(days[i]);
    }
    if (count >= 0)
        free(days);
}

static int take_all(struct tail *t)
{
    for (size_t i = t->count; i-- > 0;) {
        int r = take(t, &t->files[i]);
        if (r)
            return r;
        struct stat status;
        if (fstat(t->files[i].fd, &status) == 0 && status.st_nlink == 0)
            forget(t, i); /* compressed and removed: what is in it has been read */
    }
    fflush(stdout);
    return 0;
}

static int follow_all(struct tail *t)
{
    char events[4096];
    int r;
    while ((r = take_all(t)) == 0 && !t->failed) {
        struct pollfd files[] = {{t->notify, POLLIN, 0}, {STDOUT_FILENO, 0, 0}};
        if (poll(files, 2, LOOK_MS) < 0 && errno != EINTR)
            return -errno;
        if (files[1].revents & (POLLERR | POLLHUP))
            return 1; /* who reads has gone */
        while (read(t->notify, events, sizeof events) > 0)
            ;
        look(t, false);
    }
    return r;
}

static int run(const struct invocation *invocation)
{
    const char *const *values = invocation->values, *dir = values[DIR_];
    long last = 10;
    struct settings settings;
    if ((values[LAST] && command_number("last", values[LAST], 0, LAST_MAX, &last) < 0) ||
        lane_read(&dir, values[CONFIG], &settings) < 0)
        return COMMAND_USAGE;
    struct tail t = {.folder = values[REJECTS] ? settings.sink.rejects_dir : settings.sink.records_dir,
                     .json = values[JSON],
                     .colour = isatty(STDOUT_FILENO),
                     .notify = inotify_init1(IN_NONBLOCK | IN_CLOEXEC)};
    if (!values[NO_FOLLOW])
        look(&t, true); /* first, so that what comes while the last ones are read is not missed */
    int r = t.notify < 0 ? -errno : print_last(&t, (size_t)last);
    if (r == 0 && !values[NO_FOLLOW])
        r = follow_all(&t);
    fflush(stdout);
    if (r < 0)
        command_complain("%s: %s", t.folder, strerror(-r));
    while (t.count)
        forget(&t, 0);
    close(t.notify);
    settings_free(&settings);
    return r < 0 ? COMMAND_FAULT : COMMAND_DONE;
}

const struct command command_tail = {
    "tail", "", "Shows records as they are written.", options, run};

/* The way in through a folder. */
#include "ingest/drop.h"

#include "ingest/drop_file.h"
#include "libcommon/clock.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zmq.h>

enum {
    PENDING_MAX = 512,
    FILES_A_TURN = 64,
    TURN_MS = 20, /* others wait in the loop */
    QUIET_MS = 2000,
    NAME_SIZE = 256,
};

/* A file as it was opened: another may come in its place, or it may be cut, before it is put away.
 */
struct as_read {
    dev_t device;
    ino_t inode;
    off_t size;
};

struct reading {
    char name[NAME_SIZE];
    struct as_read as;
    struct drop_file *file;                 /* NULL: none is being read */
    const struct ndjson_document *document; /* of it, that intake had no room for; else NULL */
    uint64_t last_seq;                      /* of what was taken */
    bool bad;                               /* it goes to refused/ once that is durable */
};

struct drop {
    struct runner *runner;
    struct intake *intake;
    int folder_fd, done_fd, refused_fd, watch_fd;
    DIR *scan;
    bool dirty, stopped;
    int64_t next_scan, wait_until;
    struct reading now;
    struct {
        char name[NAME_SIZE];
        struct as_read as;
        uint64_t seq;
        bool bad;
    } pending[PENDING_MAX];
    size_t count;
};

static bool ends_with(const char *name, const char *end)
{
    size_t n = strlen(name), m = strlen(end);
    return n > m && strcasecmp(name + n - m, end) == 0;
}

/* --- putting files away
 * --------------------------------------------------------------------------- */

static int move_to(struct drop *d, const char *name, int fd)
{
    if (renameat2(d->folder_fd, name, fd, name, RENAME_NOREPLACE) == 0 || errno == ENOENT)
        return 0;
    if (errno != EEXIST)
        return -errno;
    char other[NAME_SIZE + 32]; /* one of that name is there already */
    snprintf(other, sizeof other, "%.*s.%lld", NAME_SIZE - 24, name, (long long)clock_unix_us());
    return renameat(d->folder_fd, name, fd, other) < 0 ? -errno : 0;
}

static int put_away(struct drop *d, const char *name, bool bad)
{
    int e;
    if (bad)
        e = move_to(d, name, d->refused_fd);
    else if (runner_settings(d->runner)->ingest.drop_after == DROP_DELETE)
        e = unlinkat(d->folder_fd, name, 0) < 0 && errno != ENOENT ? -errno : 0;
    else
        e = move_to(d, name, d->done_fd);
    if (e < 0)
        log_err("can't put away file=%s: %s", name, strerror(-e));
    return e;
}

/* The current file is done with: it is put away when what was taken of it is durable. */
static void finish_file(struct drop *d)
{
    struct reading *now = &d->now;
    snprintf(d->pending[d->count].name, NAME_SIZE, "%s", now->name);
    d->pending[d->count].as = now->as;
    d->pending[d->count].bad = now->bad;
    d->pending[d->count++].seq = now->last_seq;
    now->file = drop_file_free(now->file);
}

/* Whether the name still stands for what was read. The time of the last change does not count:
 * fetchers set it to the page's own after they have closed the file. */
static bool is_as_read(const struct drop *d, const char *name, const struct as_read *as)
{
    struct stat st;
    return fstatat(d->folder_fd, name, &st, AT_SYMLINK_NOFOLLOW) == 0 && st.st_dev == as->device &&
           st.st_ino == as->inode && st.st_size == as->size;
}

static int settle_pending(struct drop *d)
{
    size_t kept = 0;
    int e = 0;
    for (size_t i = 0; i < d->count; i++) {
        if (e || d->pending[i].seq > intake_durable(d->intake))
            d->pending[kept++] = d->pending[i];
        else if (is_as_read(d, d->pending[i].name, &d->pending[i].as))
            e = put_away(d, d->pending[i].name, d->pending[i].bad);
        else
            d->dirty = true; /* what lies there now is read as a file of its own */
    }
    d->count = kept;
    return e;
}

/* --- taking files --------------------------------------------------------------------------------
 */

static bool is_pending(const struct drop *d, const char *name)
{
    for (size_t i = 0; i < d->count; i++)
        if (strcmp(d->pending[i].name, name) == 0)
            return true;
    return false;
}

/* Whether a file is complete: nobody writes to it. */
static bool is_complete(int fd, const struct stat *st, bool *ret_later)
{
    if (fcntl(fd, F_SETLEASE, F_RDLCK) == 0) {
        fcntl(fd, F_SETLEASE, F_UNLCK);
        return true;
    }
    *ret_later = errno != EAGAIN; /* a writer's close is told by inotify */
    int64_t age =
        clock_unix_us() - ((int64_t)st->st_mtim.tv_sec * 1000000 + st->st_mtim.tv_nsec / 1000);
    return errno != EAGAIN && (age < 0 || age >= QUIET_MS * 1000);
}

/* 1: open; 0: not now, or no file for us; -errno. */
static int open_file(struct drop *d, const char *name)
{
    struct stat st;
    bool later = false;
    if (name[0] == '.' || ends_with(name, ".tmp") || ends_with(name, ".part") ||
        strlen(name) >= NAME_SIZE || is_pending(d, name))
        return 0;
    int fd = openat(d->folder_fd, name, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW);
    if (fd < 0 && errno != ENOENT && errno != ELOOP && errno != ENXIO)
        log_event(EVENT_REFUSED, NULL, "file=%s can't be opened, and stays: %s", name,
                  strerror(errno));
    if (fd < 0 || fstat(fd, &st) < 0 || !S_ISREG(st.st_mode) || !is_complete(fd, &st, &later)) {
        if (fd >= 0)
            close(fd);
        if (later) {
            d->dirty = true;
            d->wait_until = clock_monotonic_ms() + QUIET_MS;
        }
        return 0;
    }
    struct reading *now = &d->now;
    char stamp[64];
    *now = (struct reading){
        .as = {st.st_dev, st.st_ino, st.st_size}
    };
    snprintf(now->name, sizeof now->name, "%s", name);
    snprintf(stamp, sizeof stamp, "%lld.%09ld-%lld", (long long)st.st_mtim.tv_sec,
             st.st_mtim.tv_nsec, (long long)st.st_size);
    int e = drop_file_new(fd, name, stamp, (size_t)runner_settings(d->runner)->document_bytes,
                          &now->file);
    return e < 0 ? e : 1;
}

/* Of one document, or of a whole file, that can't be used. */
static void refuse(struct drop *d, const char *why)
{
    log_event(EVENT_REFUSED, NULL, "file=%s %s", d->now.name, why);
}

/* Hands in the document at hand. 1: done with it; 0: no room now; -errno. */
static int hand_in(struct drop *d)
{
    char why[INTAKE_WHY_SIZE], line[INTAKE_WHY_SIZE + 40];
    int wait_ms = 0;
    uint64_t seq;
    struct reading *now = &d->now;
    int r = intake_take(d->intake, "drop", now->document, NULL, 0, &seq, &wait_ms, why);
    if (r < 0)
        return r;
    if (r == INTAKE_BUSY) {
        d->wait_until = clock_monotonic_ms() + wait_ms;
        return 0;
    }
    if (r == INTAKE_TAKEN && seq > now->last_seq)
        now->last_seq = seq;
    if (r == INTAKE_REFUSED && drop_file_has_many(now->file)) {
        snprintf(line, sizeof line, "number=%llu: %s", drop_file_number(now->file), why);
        refuse(d, line);
    } else if (r == INTAKE_REFUSED) {
        refuse(d, why);
        now->bad = true;
    }
    now->document = NULL;
    return 1;
}

/* Takes documents of the current file. 1: it is done with; 0: no room, or no time now; -errno. */
static int take_file(struct drop *d)
{
    struct reading *now = &d->now;
    char why[DROP_FILE_WHY_SIZE];
    int64_t until = clock_monotonic_ms() + TURN_MS;
    while (clock_monotonic_ms() < until) {
        int r = now->document ? hand_in(d) : 1;
        if (r <= 0)
            return r;
        r = drop_file_next(now->file, &now->document, why);
        switch (r) {
        case DROP_FILE_DOCUMENT:
        case DROP_FILE_PASSED:
            break;
        case DROP_FILE_REFUSED:
            intake_refused("drop");
            refuse(d, why);
            break;
        case -EIO: /* of this file alone */
            snprintf(why, sizeof why, "%s", strerror(EIO));
            __attribute__((fallthrough));
        case DROP_FILE_BAD:
            intake_refused("drop");
            refuse(d, why);
            now->bad = true;
            __attribute__((fallthrough));
        case DROP_FILE_END:
            finish_file(d);
            return 1;
        default:
            return r;
        }
    }
    return 0;
}

static int scan_some(struct drop *d)
{
    for (int i = 0; i < FILES_A_TURN && d->count < PENDING_MAX; i++) {
        int r;
        if (!d->now.file) {
            struct dirent *entry = readdir(d->scan);
            if (!entry) {
                closedir(d->scan);
                d->scan = NULL;
                return 0;
            }
            if (entry->d_type != DT_REG && entry->d_type != DT_UNKNOWN)
                continue; /* a FIFO's writer or a device would notice that it is opened */
            r = open_file(d, entry->d_name);
            if (r < 0)
                return r;
            if (!r)
                continue;
        }
        r = take_file(d);
        if (r <= 0)
            return r;
    }
    return 0;
}

static int told(void *user)
{
    struct drop *d = user;
    char events[4096] __attribute__((aligned(8)));
    while (read(d->watch_fd, events, sizeof events) > 0)
        d->dirty = true;
    return 0;
}

int drop_tick(struct drop *d, int64_t now_ms)
{
    int e = settle_pending(d);
    if (e < 0)
        return e;
    if (d->stopped)
        return 1000;
    if (d->wait_until > now_ms)
        return (int)(d->wait_until - now_ms);
    if (!d->scan && !d->now.file && (d->dirty || now_ms >= d->next_scan)) {
        int fd = openat(d->folder_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        d->scan = fd < 0 ? NULL : fdopendir(fd);
        if (!d->scan)
            return -errno;
        d->dirty = false;
        d->next_scan = now_ms + runner_settings(d->runner)->ingest.drop_scan_seconds * 1000;
    }
    if (d->scan) {
        e = scan_some(d);
        if (e < 0)
            return e;
    }
    if (d->wait_until > now_ms)
        return (int)(d->wait_until - now_ms);
    return d->scan && d->count < PENDING_MAX ? 0 : d->dirty ? 10 : 200;
}

static int open_folder(const char *path, int *ret_fd)
{
    if (mkdir(path, 0770) < 0 && errno != EEXIST) {
        log_err("can't make %s: %s", path, strerror(errno));
        return -errno;
    }
    *ret_fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (*ret_fd < 0) {
        log_err("can't open %s: %s", path, strerror(errno));
        return -errno;
    }
    return 0;
}

int drop_new(struct runner *r, struct intake *intake, struct drop **ret)
{
    struct drop *d = calloc(1, sizeof *d);
    if (!d)
        return -ENOMEM;
    *ret = d;
    d->runner = r;
    d->intake = intake;
    d->dirty = true;
    d->folder_fd = d->done_fd = d->refused_fd = d->watch_fd = -1;
    const struct settings *s = runner_settings(r);
    char refused[1200];
    snprintf(refused, sizeof refused, "%s/refused", s->ingest.drop_done_dir);
    int e = open_folder(s->ingest.drop_dir, &d->folder_fd);
    if (!e)
        e = open_folder(s->ingest.drop_done_dir, &d->done_fd);
    if (!e)
        e = open_folder(refused, &d->refused_fd);
    if (e < 0)
        return e;
    d->watch_fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
    if (d->watch_fd < 0 || inotify_add_watch(d->watch_fd, s->ingest.drop_dir,
                                             IN_CLOSE_WRITE | IN_MOVED_TO | IN_ONLYDIR) < 0) {
        log_err("can't watch %s: %s", s->ingest.drop_dir, strerror(errno));
        return -errno;
    }
    int watched = runner_watch(r, NULL, d->watch_fd, ZMQ_POLLIN, told, d);
    return watched < 0 ? watched : 0;
}

struct drop *drop_free(struct drop *d)
{
    if (!d)
        return NULL;
    drop_file_free(d->now.file);
    if (d->scan)
        closedir(d->scan);
    const int fds[] = {d->folder_fd, d->done_fd, d->refused_fd, d->watch_fd};
    for (size_t i = 0; i < sizeof fds / sizeof *fds; i++)
        if (fds[i] >= 0)
            close(fds[i]);
    free(d);
    return NULL;
}

void drop_stop(struct drop *d)
{
    d->stopped = true;
}

size_t drop_pending(const struct drop *d)
{
    return d->count;
}

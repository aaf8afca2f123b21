/* The way in through a folder. */
#include "ingest/drop.h"

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
    QUIET_MS = 2000,
    NAME_SIZE = 256,
    LINE_OVERHEAD = 64 * 1024,
};

struct reading {
    char name[NAME_SIZE];
    char stamp[64]; /* time and size: tells this file from a later one of its name */
    int fd;         /* -1: no file is being read */
    bool lines;
    uint64_t line;
    char *data; /* one document, or what is read of the lines */
    size_t size, capacity;
    bool end; /* of the file */
    uint64_t last_seq;
    bool taken; /* some of it */
};

struct drop {
    struct runner *runner;
    struct intake *intake;
    int folder_fd, done_fd, refused_fd, watch_fd;
    DIR *scan;
    bool dirty, stopped;
    int64_t next_scan, wait_until;
    struct reading file;
    struct {
        char name[NAME_SIZE];
        uint64_t seq;
    } pending[PENDING_MAX];
    size_t count;
};

static bool ends_with(const char *name, const char *end)
{
    size_t n = strlen(name), m = strlen(end);
    return n > m && strcasecmp(name + n - m, end) == 0;
}

static const char *content_type_of(const char *name)
{
    return ends_with(name, ".html") || ends_with(name, ".htm") ? "text/html"
           : ends_with(name, ".txt")                           ? "text/plain"
                                                               : NULL;
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

static int put_away(struct drop *d, const char *name)
{
    int e;
    if (runner_settings(d->runner)->ingest.drop_after == DROP_DELETE)
        e = unlinkat(d->folder_fd, name, 0) < 0 && errno != ENOENT ? -errno : 0;
    else
        e = move_to(d, name, d->done_fd);
    if (e < 0)
        log_err("can't put away file=%s: %s", name, strerror(-e));
    return e;
}

static int refuse_file(struct drop *d, const char *why)
{
    log_event(EVENT_REFUSED, NULL, "file=%s: %s", d->file.name, why);
    return move_to(d, d->file.name, d->refused_fd);
}

static void close_file(struct drop *d)
{
    if (d->file.fd >= 0)
        close(d->file.fd);
    d->file.fd = -1;
    d->file.size = 0;
}

/* Everything of the current file is taken: it waits until that is durable. */
static void finish_file(struct drop *d)
{
    snprintf(d->pending[d->count].name, NAME_SIZE, "%s", d->file.name);
    d->pending[d->count++].seq = d->file.last_seq;
    close_file(d);
}

static int settle_pending(struct drop *d)
{
    size_t kept = 0;
    int e = 0;
    for (size_t i = 0; i < d->count; i++) {
        if (!e && d->pending[i].seq <= intake_durable(d->intake))
            e = put_away(d, d->pending[i].name);
        else
            d->pending[kept++] = d->pending[i];
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
    if (fd < 0 || fstat(fd, &st) < 0 || !S_ISREG(st.st_mode) || !is_complete(fd, &st, &later)) {
        if (fd >= 0)
            close(fd);
        if (later) {
            d->dirty = true;
            d->wait_until = clock_monotonic_ms() + QUIET_MS;
        }
        return 0;
    }
    struct reading *f = &d->file;
    f->fd = fd;
    snprintf(f->name, sizeof f->name, "%s", name);
    snprintf(f->stamp, sizeof f->stamp, "%lld.%09ld-%lld", (long long)st.st_mtim.tv_sec,
             st.st_mtim.tv_nsec, (long long)st.st_size);
    f->lines = ends_with(name, ".ndjson") || ends_with(name, ".jsonl");
    f->line = f->size = f->last_seq = 0;
    f->end = f->taken = false;
    return 1;
}

/* Reads on into data until it holds want bytes or the file ends. */
static int fill(struct reading *f, size_t want)
{
    if (f->capacity < want) {
        char *data = realloc(f->data, want);
        if (!data)
            return -ENOMEM;
        f->data = data;
        f->capacity = want;
    }
    while (!f->end && f->size < want) {
        ssize_t n = read(f->fd, f->data + f->size, want - f->size);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return -errno;
        f->end = n == 0;
        f->size += (size_t)n;
    }
    return 0;
}

static int hand_in(struct drop *d, const struct ndjson_document *document, const void *body,
                   size_t size)
{
    char why[INTAKE_WHY_SIZE];
    int wait_ms = 0;
    uint64_t seq;
    int r = intake_take(d->intake, "drop", document, body, size, &seq, &wait_ms, why);
    if (r == INTAKE_TAKEN) {
        d->file.taken = true;
        if (seq > d->file.last_seq)
            d->file.last_seq = seq;
    } else if (r == INTAKE_BUSY) {
        d->wait_until = clock_monotonic_ms() + wait_ms;
    } else if (r == INTAKE_REFUSED && d->file.lines) {
        log_event(EVENT_REFUSED, NULL, "file=%s line=%llu: %s", d->file.name,
                  (unsigned long long)d->file.line, why);
    } else if (r == INTAKE_REFUSED) {
        int e = refuse_file(d, why);
        return e < 0 ? e : INTAKE_REFUSED;
    }
    return r;
}

/* One line that is complete in data. Returns as intake_take(). */
static int take_line(struct drop *d, const char *line, size_t size)
{
    struct ndjson_document document;
    char why[NDJSON_WHY_SIZE], id[NAME_SIZE + 96];
    int r = ndjson_document_read(line, size, true, &document, why);
    if (r < 0)
        return r;
    if (r == NDJSON_BAD) {
        log_event(EVENT_REFUSED, NULL, "file=%s line=%llu: %s", d->file.name,
                  (unsigned long long)d->file.line, why);
        return INTAKE_REFUSED;
    }
    if (!document.id) {
        snprintf(id, sizeof id, "%s@%s:%llu", d->file.name, d->file.stamp,
                 (unsigned long long)d->file.line);
        document.id = id;
    }
    r = hand_in(d, &document, NULL, 0);
    ndjson_document_free(&document);
    return r;
}

/* Takes as many lines as there are. 1: the file is done with; 0: busy; -errno. */
static int take_lines(struct drop *d)
{
    struct reading *f = &d->file;
    size_t longest = (size_t)runner_settings(d->runner)->document_bytes * 2 + LINE_OVERHEAD,
           want = LINE_OVERHEAD;
    for (;;) {
        int e = fill(f, want);
        if (e < 0)
            return e;
        const char *end = f->size ? memchr(f->data, '\n', f->size) : NULL;
        if (!end && !f->end && want < longest) {
            want = want * 2 < longest ? want * 2 : longest;
            continue;
        }
        if (!f->size)
            return 1;
        if (!end && !f->end)
            return refuse_file(d, "a line is too long") < 0 ? -EIO : 1;
        size_t size = end ? (size_t)(end - f->data) : f->size;
        f->line++;
        int r = size ? take_line(d, f->data, size) : INTAKE_REFUSED;
        if (r < 0)
            return r;
        if (r == INTAKE_BUSY) {
            f->line--;
            return 0;
        }
        size += end != NULL;
        memmove(f->data, f->data + size, f->size - size);
        f->size -= size;
    }
}

/* 1: done with; 0: busy; 2: refused and moved; -errno. */
static int take_whole(struct drop *d)
{
    struct reading *f = &d->file;
    size_t limit = (size_t)runner_settings(d->runner)->document_bytes;
    char id[NAME_SIZE + 80];
    int e = fill(f, limit + 1);
    if (e < 0)
        return e;
    snprintf(id, sizeof id, "%s@%s", f->name, f->stamp);
    struct ndjson_document document = {.id = id, .content_type = content_type_of(f->name)};
    int r = hand_in(d, &document, f->data, f->size);
    return r < 0 ? r : r == INTAKE_BUSY ? 0 : r == INTAKE_REFUSED ? 2 : 1;
}

/* 1: go on; 0: busy; -errno. */
static int take_file(struct drop *d)
{
    int r = d->file.lines ? take_lines(d) : take_whole(d);
    if (r == 0)
        return 0;
    if (r < 0 && r != -EISDIR && r != -EIO) {
        close_file(d);
        return r;
    }
    if (r == 1)
        finish_file(d);
    else
        close_file(d);
    return 1;
}

static int scan_some(struct drop *d)
{
    for (int i = 0; i < FILES_A_TURN && d->count < PENDING_MAX; i++) {
        int r;
        if (d->file.fd < 0) {
            struct dirent *entry = readdir(d->scan);
            if (!entry) {
                closedir(d->scan);
                d->scan = NULL;
                return 0;
            }
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
    if (!d->scan && d->file.fd < 0 && (d->dirty || now_ms >= d->next_scan)) {
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
    d->folder_fd = d->done_fd = d->refused_fd = d->watch_fd = d->file.fd = -1;
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
    close_file(d);
    if (d->scan)
        closedir(d->scan);
    const int fds[] = {d->folder_fd, d->done_fd, d->refused_fd, d->watch_fd};
    for (size_t i = 0; i < sizeof fds / sizeof *fds; i++)
        if (fds[i] >= 0)
            close(fds[i]);
    free(d->file.data);
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

/* The thread that writes and syncs. */
#include "sink/writer.h"

#include "libcommon/buffer.h"
#include "libcommon/clock.h"
#include "libcommon/fault.h"
#include "libcommon/metrics.h"
#include "sink/day_file.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/statvfs.h>
#include <time.h>
#include <unistd.h>

enum { KEPT_BUFFER = 2 * WRITER_GROUP_MAX };

struct marks {
    struct writer_mark *at;
    size_t count, capacity;
};

/* Lines of a group that go into one file. */
struct batch {
    enum output_kind kind;
    char day[FILE_DAY_SIZE];
    uint64_t spool, first, highest;
    struct buffer lines;
    struct marks marks;
};

struct group {
    struct batch *batches; /* those from count to capacity keep their memory for later */
    size_t count, capacity;
    uint64_t lines, bytes;
    int64_t since; /* monotonic ms, of the first line */
};

struct open_file {
    bool used;
    enum output_kind kind;
    char day[FILE_DAY_SIZE];
    struct day_file file;
    uint64_t last_write; /* number of the group */
};

struct writer {
    struct writer_settings settings;
    pthread_t thread;
    int event;
    /* of the thread alone */
    struct open_file files[WRITER_FILES];
    uint64_t group_number;
    /* under the lock */
    pthread_mutex_t lock;
    pthread_cond_t work, done; /* for the thread; from the thread */
    struct group groups[2], *gathering, *writing;
    bool busy, flush, stopping;
    int error;
    char failure[NOTICE_SIZE];
    struct marks synced;
    struct writer_counts counts;
};

static bool add_mark(struct marks *m, struct writer_mark mark)
{
    if (m->count == m->capacity) {
        size_t capacity = m->capacity ? m->capacity * 2 : 256;
        struct writer_mark *more = realloc(m->at, capacity * sizeof *more);
        if (!more)
            return false;
        m->at = more;
        m->capacity = capacity;
    }
    m->at[m->count++] = mark;
    return true;
}

static void batch_clear(struct batch *b)
{
    if (b->lines.capacity > KEPT_BUFFER)
        buffer_free(&b->lines);
    buffer_clear(&b->lines);
    b->marks.count = 0;
}

static void group_clear(struct group *g)
{
    for (size_t i = 0; i < g->count; i++)
        batch_clear(&g->batches[i]);
    g->count = 0;
    g->lines = g->bytes = 0;
}

static void group_free(struct group *g)
{
    for (size_t i = 0; i < g->capacity; i++) {
        buffer_free(&g->batches[i].lines);
        free(g->batches[i].marks.at);
    }
    free(g->batches);
}

/* The batch that a line belongs to, the last first: mostly it is the same as before. NULL: no
 * memory. */
static struct batch *find_batch(struct group *g, enum output_kind kind, const char *day,
                                uint64_t spool, uint64_t seq)
{
    for (size_t i = g->count; i > 0; i--) {
        struct batch *b = &g->batches[i - 1];
        if (b->kind == kind && b->spool == spool && !strcmp(b->day, day))
            return b;
    }
    if (g->count == g->capacity) {
        size_t capacity = g->capacity ? g->capacity * 2 : 4;
        struct batch *more = realloc(g->batches, capacity * sizeof *more);
        if (!more)
            return NULL;
        memset(more + g->capacity, 0, (capacity - g->capacity) * sizeof *more);
        g->batches = more;
        g->capacity = capacity;
    }
    struct batch *b = &g->batches[g->count++];
    b->kind = kind;
    snprintf(b->day, sizeof b->day, "%s", day);
    b->spool = spool;
    b->first = b->highest = seq;
    return b;
}

static int64_t until_due(const struct writer *w, const struct group *g, int64_t now)
{
    const struct writer_settings *s = &w->settings;
    if (w->flush || w->stopping || g->lines >= s->sync_documents || g->bytes >= s->sync_bytes ||
        g->bytes >= WRITER_GROUP_MAX / 2)
        return 0;
    int64_t left = g->since + s->sync_ms - now;
    return left > 0 ? left : 0;
}

int writer_append(struct writer *w, enum output_kind kind, const char *day, struct writer_mark mark,
                  const void *line, size_t size)
{
    int r;
    pthread_mutex_lock(&w->lock);
    while (!w->error && w->gathering->lines && w->gathering->bytes + size > WRITER_GROUP_MAX) {
        pthread_cond_signal(&w->work);
        pthread_cond_wait(&w->done, &w->lock);
    }
    r = w->error;
    struct group *g = w->gathering;
    struct batch *b = r == 0 ? find_batch(g, kind, day, mark.spool, mark.seq) : NULL;
    if (r == 0 && !b)
        r = -ENOMEM;
    if (r == 0) {
        size_t before = b->lines.size;
        buffer_append(&b->lines, line, size);
        if (b->lines.failed || !add_mark(&b->marks, mark)) {
            b->lines.failed = false; /* the lines before this one are as they were */
            b->lines.size = before;
            r = -ENOMEM;
        }
    }
    if (r == 0) {
        if (mark.seq > b->highest)
            b->highest = mark.seq;
        if (!g->lines)
            g->since = clock_monotonic_ms();
        g->lines++;
        g->bytes += size;
        bool wake = g->lines == 1 || until_due(w, g, g->since) == 0;
        if (wake && !w->busy)
            pthread_cond_signal(&w->work);
    }
    pthread_mutex_unlock(&w->lock);
    return r;
}

static void tell(struct writer *w)
{
    uint64_t one = 1;
    while (write(w->event, &one, sizeof one) < 0 && errno == EINTR)
        ;
}

int writer_report(struct writer *w, uint64_t spool, uint64_t seq)
{
    pthread_mutex_lock(&w->lock);
    bool added = add_mark(&w->synced, (struct writer_mark){spool, seq});
    pthread_mutex_unlock(&w->lock);
    if (!added)
        return -ENOMEM;
    tell(w);
    return 0;
}

int writer_take(struct writer *w, struct writer_mark **marks, size_t *ret_count)
{
    uint64_t events;
    while (read(w->event, &events, sizeof events) < 0 && errno == EINTR)
        ;
    pthread_mutex_lock(&w->lock);
    struct marks taken = w->synced;
    w->synced = (struct marks){0};
    int r = taken.count ? 0 : w->error;
    if (taken.count && w->error)
        tell(w); /* the caller comes back for the error */
    pthread_mutex_unlock(&w->lock);
    free(*marks);
    *marks = taken.at;
    *ret_count = taken.count;
    return r;
}

int writer_flush(struct writer *w)
{
    pthread_mutex_lock(&w->lock);
    w->flush = true;
    pthread_cond_signal(&w->work);
    while (!w->error && (w->busy || w->gathering->lines))
        pthread_cond_wait(&w->done, &w->lock);
    w->flush = false;
    int r = w->error;
    pthread_mutex_unlock(&w->lock);
    return r;
}

int writer_error(struct writer *w)
{
    pthread_mutex_lock(&w->lock);
    int r = w->error;
    pthread_mutex_unlock(&w->lock);
    return r;
}

int writer_fd(const struct writer *w)
{
    return w->event;
}

const char *writer_failure(struct writer *w)
{
    /* written once, before error is set */
    return writer_error(w) ? w->failure : "";
}

void writer_counts(struct writer *w, struct writer_counts *ret)
{
    pthread_mutex_lock(&w->lock);
    *ret = w->counts;
    pthread_mutex_unlock(&w->lock);
}

/* ---- the thread ---- */

static int fail(struct writer *w, int error, const char *what, const struct open_file *f)
{
    static const char *const kinds[OUTPUT_KINDS] = {"records", "rejects"};
    char text[FILE_NAME_SIZE] = "";
    if (f)
        file_name_format(&f->file.name, text);
    pthread_mutex_lock(&w->lock);
    if (!w->failure[0])
        snprintf(w->failure, sizeof w->failure, "%s of %s%s%s%s%s failed: %s", what,
                 f ? kinds[f->kind] : "records", f ? "/" : "", f ? f->day : "", f ? "/" : "", text,
                 strerror(-error));
    pthread_mutex_unlock(&w->lock);
    return error;
}

static int finish(struct writer *w, struct open_file *f)
{
    char name[FILE_NAME_SIZE];
    int r = day_file_finish(&f->file, name);
    if (r < 0)
        return fail(w, r, "finishing", f);
    f->used = false;
    r = finisher_add(w->settings.finisher, f->kind, f->day, name);
    pthread_mutex_lock(&w->lock);
    w->counts.finished++;
    pthread_mutex_unlock(&w->lock);
    return r;
}

static int open_file_for(struct writer *w, const struct batch *b, int64_t now,
                         struct open_file **ret)
{
    struct open_file *place = &w->files[0];
    int r = 0;
    for (int i = 0; i < WRITER_FILES; i++) {
        struct open_file *f = &w->files[i];
        if (f->used && f->kind == b->kind && f->file.name.spool == b->spool &&
            !strcmp(f->day, b->day)) {
            *ret = f;
            return 0;
        }
        if (place->used && (!f->used || f->last_write < place->last_write))
            place = f;
    }
    if (place->used)
        r = finish(w, place);
    if (r < 0)
        return r;
    place->kind = b->kind;
    snprintf(place->day, sizeof place->day, "%s", b->day);
    r = day_file_create(w->settings.roots[b->kind], b->day, w->settings.lane, b->spool, b->first,
                        now, &place->file);
    if (r < 0)
        return fail(w, r, "making a file", NULL);
    place->used = true;
    *ret = place;
    return 0;
}

/* Records leave the last of the room to rejects. */
static int check_room(struct writer *w, const struct batch *b)
{
    struct statvfs disk;
    if (b->kind != OUTPUT_RECORD || !w->settings.reserve_bytes)
        return 0;
    if (fstatvfs(w->settings.roots[b->kind], &disk) < 0)
        return fail(w, -errno, "looking at the room", NULL);
    if ((uint64_t)disk.f_bavail * disk.f_frsize >= w->settings.reserve_bytes + b->lines.size)
        return 0;
    return fail(w, -ENOSPC, "writing", NULL);
}

static int write_batch(struct writer *w, const struct batch *b)
{
    int64_t now = clock_monotonic_ms();
    struct open_file *f = NULL;
    int r = check_room(w, b);
    if (r == 0)
        r = open_file_for(w, b, now, &f);
    if (r < 0)
        return r;
    f->last_write = w->group_number;
    r = day_file_write(&f->file, b->lines.data, b->lines.size, b->highest);
    return r < 0 ? fail(w, r, "writing", f) : 0;
}

/* Puts the files of one kind that were written on disk, turns over those that are full. */
static int sync_files(struct writer *w, enum output_kind kind)
{
    int r = fault(FAULT_SINK_SYNC);
    if (r < 0)
        return fail(w, r, "sync", NULL);
    for (int i = 0; i < WRITER_FILES; i++) {
        struct open_file *f = &w->files[i];
        if (!f->used || f->kind != kind || f->file.size == f->file.synced)
            continue;
        r = day_file_sync(&f->file);
        if (r < 0)
            return fail(w, r, "sync", f);
    }
    r = fault(FAULT_SINK_SYNCED);
    return r < 0 ? fail(w, r, "sync", NULL) : 0;
}

static int publish(struct writer *w, const struct group *g, enum output_kind kind)
{
    bool added = true;
    pthread_mutex_lock(&w->lock);
    for (size_t i = 0; i < g->count && added; i++) {
        const struct batch *b = &g->batches[i];
        if (b->kind != kind)
            continue;
        for (size_t j = 0; j < b->marks.count && added; j++)
            added = add_mark(&w->synced, b->marks.at[j]);
        w->counts.lines[kind] += b->marks.count;
        w->counts.bytes += b->lines.size;
    }
    pthread_mutex_unlock(&w->lock);
    tell(w);
    return added ? 0 : -ENOMEM;
}

static int write_kind(struct writer *w, const struct group *g, enum output_kind kind)
{
    int r = 0;
    bool any = false;
    for (size_t i = 0; i < g->count && r == 0; i++) {
        if (g->batches[i].kind != kind || !g->batches[i].lines.size)
            continue;
        r = write_batch(w, &g->batches[i]);
        any = true;
    }
    if (r == 0 && any)
        r = sync_files(w, kind);
    return r == 0 && any ? publish(w, g, kind) : r;
}

/* Rejects first: they have room that records have not. */
static int write_group(struct writer *w, const struct group *g)
{
    w->group_number++;
    int r = write_kind(w, g, OUTPUT_REJECT);
    return r < 0 ? r : write_kind(w, g, OUTPUT_RECORD);
}

static int write_group_timed(struct writer *w, const struct group *g)
{
    int64_t begun = clock_monotonic_us();
    int r = write_group(w, g);
    metric_observe(METRIC_OUTPUT_SYNC, clock_monotonic_us() - begun);
    return r;
}

/* Finishes the files that are full or old, or all. */
static int turn_over(struct writer *w, bool all)
{
    int64_t now = clock_monotonic_ms();
    for (int i = 0; i < WRITER_FILES; i++) {
        struct open_file *f = &w->files[i];
        if (!f->used || (!all && f->file.size < w->settings.rotate_bytes &&
                         now - f->file.created_ms < w->settings.rotate_ms))
            continue;
        int r = finish(w, f);
        if (r < 0)
            return r;
    }
    return 0;
}

/* Milliseconds until a file is old; a large number when there is none. */
static int64_t until_old(const struct writer *w, int64_t now)
{
    int64_t least = 3600 * 1000;
    for (int i = 0; i < WRITER_FILES; i++) {
        const struct open_file *f = &w->files[i];
        int64_t left = f->file.created_ms + w->settings.rotate_ms - now;
        if (f->used && left < least)
            least = left > 0 ? left : 0;
    }
    return least;
}

static void wait_for_work(struct writer *w, int64_t ms)
{
    int64_t until = clock_monotonic_us() + ms * 1000;
    struct timespec deadline = {.tv_sec = until / 1000000, .tv_nsec = until % 1000000 * 1000};
    pthread_cond_timedwait(&w->work, &w->lock, &deadline);
}

/* Waits until a group is due, a file is old, or the end has come; the group, if there is one, is in
 * writing then. */
static bool next_group(struct writer *w)
{
    for (;;) {
        int64_t now = clock_monotonic_ms(), old = until_old(w, now);
        if (w->gathering->lines) {
            int64_t due = until_due(w, w->gathering, now);
            if (!due)
                break;
            if (!old)
                return false;
            wait_for_work(w, due < old ? due : old);
        } else {
            if (w->stopping || !old)
                return false;
            wait_for_work(w, old);
        }
    }
    struct group *group = w->gathering;
    w->gathering = w->writing;
    w->writing = group;
    return true;
}

static void *run(void *context)
{
    struct writer *w = context;
    int r = 0;
    pthread_mutex_lock(&w->lock);
    while (r == 0) {
        bool group = next_group(w);
        bool last = !group && w->stopping;
        w->busy = true;
        pthread_cond_broadcast(&w->done); /* a new group gathers: there is room */
        pthread_mutex_unlock(&w->lock);
        if (group)
            r = write_group_timed(w, w->writing);
        if (r == 0)
            r = turn_over(w, last);
        group_clear(w->writing);
        pthread_mutex_lock(&w->lock);
        w->busy = false;
        w->counts.groups += group && r == 0;
        w->error = r;
        pthread_cond_broadcast(&w->done);
        if (last)
            break;
    }
    pthread_mutex_unlock(&w->lock);
    if (r < 0)
        tell(w);
    for (int i = 0; i < WRITER_FILES; i++)
        if (w->files[i].used)
            day_file_abandon(&w->files[i].file);
    return NULL;
}

int writer_start(const struct writer_settings *settings, struct writer **ret)
{
    struct writer *w = calloc(1, sizeof *w);
    pthread_condattr_t monotonic;
    if (!w)
        return -ENOMEM;
    w->settings = *settings;
    w->gathering = &w->groups[0];
    w->writing = &w->groups[1];
    w->event = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (w->event < 0) {
        int r = -errno;
        free(w);
        return r;
    }
    pthread_mutex_init(&w->lock, NULL);
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&w->work, &monotonic);
    pthread_cond_init(&w->done, &monotonic);
    pthread_condattr_destroy(&monotonic);
    int r = pthread_create(&w->thread, NULL, run, w);
    if (r) {
        close(w->event);
        free(w);
        return -r;
    }
    *ret = w;
    return 0;
}

struct writer *writer_stop(struct writer *w, int *ret_error)
{
    if (!w)
        return NULL;
    pthread_mutex_lock(&w->lock);
    w->stopping = true;
    pthread_cond_signal(&w->work);
    pthread_mutex_unlock(&w->lock);
    pthread_join(w->thread, NULL);
    if (ret_error)
        *ret_error = w->error;
    group_free(&w->groups[0]);
    group_free(&w->groups[1]);
    free(w->synced.at);
    close(w->event);
    pthread_cond_destroy(&w->work);
    pthread_cond_destroy(&w->done);
    pthread_mutex_destroy(&w->lock);
    free(w);
    return NULL;
}

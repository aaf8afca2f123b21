/* The output of a lane: the caller's side, which knows what is written already. */
#include "sink/output.h"

#include "libcommon/fault.h"
#include "sink/file_name.h"
#include "sink/finish.h"
#include "sink/folder.h"
#include "sink/recovery.h"
#include "sink/tidy.h"
#include "sink/writer.h"
#include "sink/written.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { SPOOLS = 8 }; /* known at a time: a lane has one, a feeder of several lanes few */

/* A spool whose documents come in, and which of its days have been read back. */
struct spool_state {
    uint64_t spool, used;
    struct written written;
    char (*days)[FILE_DAY_SIZE];
    size_t day_count, day_capacity;
};

struct output {
    struct output_settings settings;
    char lane[FILE_LANE_MAX + 1];
    int roots[OUTPUT_KINDS], locks[OUTPUT_KINDS];
    struct notices notices;
    struct tidy tidy;
    struct finisher *finisher;
    struct writer *writer;
    struct spool_state *spools[SPOOLS];
    uint64_t uses, repeated;
    int64_t last_time; /* of the last message, and its day */
    char last_day[FILE_DAY_SIZE];
    struct writer_mark *marks; /* taken from the writer, not yet reported */
    size_t mark_count, mark_at;
    struct message_range ranges[MESSAGE_RANGES_MAX];
    char failure[NOTICE_SIZE];
};

static int open_roots(struct output *o, const struct output_settings *s)
{
    const char *const dirs[OUTPUT_KINDS] = {s->records_dir, s->rejects_dir};
    struct stat st[OUTPUT_KINDS];
    for (int i = 0; i < OUTPUT_KINDS; i++) {
        int r = folder_make(AT_FDCWD, dirs[i], &o->roots[i]);
        if (r == 0 && fstat(o->roots[i], &st[i]) < 0)
            r = -errno;
        if (r == 0 && i && st[0].st_dev == st[i].st_dev && st[0].st_ino == st[i].st_ino)
            r = -EINVAL;
        if (r == 0)
            r = folder_lock(o->roots[i], &o->locks[i]);
        if (r < 0)
            return r;
    }
    return 0;
}

int output_open(const struct output_settings *settings, struct output **ret)
{
    if (!file_lane_valid(settings->lane))
        return -EINVAL;
    struct output *o = calloc(1, sizeof *o);
    if (!o)
        return -ENOMEM;
    o->settings = *settings;
    strcpy(o->lane, settings->lane);
    for (int i = 0; i < OUTPUT_KINDS; i++)
        o->roots[i] = o->locks[i] = -1;
    notices_init(&o->notices);
    int r = open_roots(o, settings);
    tidy_init(&o->tidy, o->roots, &o->notices);
    if (r == 0) {
        struct finish_settings finish = {.compress = settings->compress,
                                         .reserve_bytes = settings->reserve_bytes,
                                         .tidy = &o->tidy,
                                         .notices = &o->notices};
        memcpy(finish.roots, o->roots, sizeof finish.roots);
        r = finisher_start(&finish, &o->finisher);
    }
    if (r == 0) {
        struct writer_settings writer = {.lane = o->lane,
                                         .rotate_bytes = settings->rotate_bytes,
                                         .rotate_ms = settings->rotate_ms,
                                         .reserve_bytes = settings->reserve_bytes,
                                         .sync_documents = settings->sync_documents,
                                         .sync_bytes = settings->sync_bytes,
                                         .sync_ms = settings->sync_ms,
                                         .finisher = o->finisher};
        memcpy(writer.roots, o->roots, sizeof writer.roots);
        r = writer_start(&writer, &o->writer);
    }
    if (r < 0) {
        output_close(o, 0, NULL);
        return r;
    }
    *ret = o;
    return 0;
}

static void spool_state_free(struct spool_state *s)
{
    if (!s)
        return;
    free(s->days);
    free(s);
}

/* The state of a spool; the one least used gives way when there are too many. */
static int find_spool(struct output *o, uint64_t spool, uint64_t floor, struct spool_state **ret)
{
    struct spool_state **place = &o->spools[0];
    for (int i = 0; i < SPOOLS; i++) {
        struct spool_state *s = o->spools[i];
        if (s && s->spool == spool) {
            s->used = ++o->uses;
            *ret = s;
            return 0;
        }
        if (*place && (!s || s->used < (*place)->used))
            place = &o->spools[i];
    }
    if (*place) {
        int r = writer_flush(o->writer); /* so that reading back finds what it wrote */
        if (r < 0)
            return r;
        spool_state_free(*place);
    }
    *place = calloc(1, sizeof **place);
    if (!*place)
        return -ENOMEM;
    (*place)->spool = spool;
    (*place)->used = ++o->uses;
    (*place)->written.floor = floor;
    *ret = *place;
    return 0;
}

static void note_read_back(void *context, uint64_t seq)
{
    written_mark_synced(context, seq);
}

static int read_day_back(struct output *o, struct spool_state *s, const char *day)
{
    for (unsigned kind = 0; kind < OUTPUT_KINDS; kind++) {
        int folder, r = tidy_day(&o->tidy, kind, day);
        if (r == 0)
            r = folder_open(o->roots[kind], day, &folder);
        if (r == -ENOENT)
            continue;
        if (r < 0)
            return r;
        r = recovery_read_back(folder, s->spool, s->written.floor, note_read_back, &s->written);
        close(folder);
        if (r < 0)
            return r;
    }
    return 0;
}

/* What the files say of this day of the spool is known once this returns 0. */
static int know_day(struct output *o, struct spool_state *s, const char *day)
{
    for (size_t i = s->day_count; i > 0; i--)
        if (!strcmp(s->days[i - 1], day))
            return 0;
    if (s->day_count == s->day_capacity) {
        size_t capacity = s->day_capacity ? s->day_capacity * 2 : 4;
        char(*more)[FILE_DAY_SIZE] = realloc(s->days, capacity * sizeof *more);
        if (!more)
            return -ENOMEM;
        s->days = more;
        s->day_capacity = capacity;
    }
    int r = read_day_back(o, s, day);
    if (r < 0) {
        snprintf(o->failure, sizeof o->failure, "reading back %s: %s", day, strerror(-r));
        return r;
    }
    strcpy(s->days[s->day_count++], day);
    return 0;
}

static const char *day_of(struct output *o, int64_t time)
{
    if (time != o->last_time || !o->last_day[0]) {
        file_day_format(time, o->last_day);
        o->last_time = time;
    }
    return o->last_day;
}

static int look(struct output *o, uint64_t spool, uint64_t seq, uint64_t floor, int64_t accepted_at,
                struct spool_state **ret)
{
    struct spool_state *s = NULL;
    int r = writer_error(o->writer);
    if (r == 0)
        r = find_spool(o, spool, floor, &s);
    if (r < 0)
        return r;
    written_advance(&s->written, floor);
    r = know_day(o, s, day_of(o, accepted_at));
    if (r < 0)
        return r;
    *ret = s;
    switch (written_look(&s->written, seq)) {
    case WRITTEN_NOT:
        return OUTPUT_WRITTEN;
    case WRITTEN_BEYOND:
        return OUTPUT_BEYOND;
    case WRITTEN_SYNCED:
    case WRITTEN_SETTLED:
        o->repeated++;
        r = writer_report(o->writer, spool, seq); /* the commit before may have been lost */
        return r < 0 ? r : OUTPUT_ALREADY;
    case WRITTEN_PENDING:
        break;
    }
    o->repeated++;
    return OUTPUT_ALREADY;
}

int output_look(struct output *o, uint64_t spool, uint64_t seq, uint64_t floor, int64_t accepted_at)
{
    struct spool_state *s;
    return look(o, spool, seq, floor, accepted_at, &s);
}

int output_append(struct output *o, enum output_kind kind, uint64_t spool, uint64_t seq,
                  uint64_t floor, int64_t accepted_at, const void *line, size_t size)
{
    struct spool_state *s;
    int r = look(o, spool, seq, floor, accepted_at, &s);
    if (r != OUTPUT_WRITTEN)
        return r;
    r = fault(kind == OUTPUT_REJECT ? FAULT_REJECT_WRITE : FAULT_SINK_APPEND);
    if (r < 0) {
        snprintf(o->failure, sizeof o->failure, "append: %s", strerror(-r));
        return r;
    }
    struct writer_mark mark = {.spool = spool, .seq = seq};
    r = writer_append(o->writer, kind, day_of(o, accepted_at), mark, line, size);
    if (r < 0)
        return r;
    written_mark_pending(&s->written, seq);
    return fault(kind == OUTPUT_REJECT ? FAULT_REJECT_WRITTEN : FAULT_SINK_APPENDED);
}

int output_settle(struct output *o, uint64_t spool, uint64_t seq, uint64_t floor,
                  int64_t accepted_at)
{
    struct spool_state *s;
    int r = look(o, spool, seq, floor, accepted_at, &s);
    if (r != OUTPUT_WRITTEN)
        return r;
    written_mark_synced(&s->written, seq);
    return writer_report(o->writer, spool, seq);
}

int output_fd(const struct output *o)
{
    return writer_fd(o->writer);
}

static int by_spool_and_seq(const void *a, const void *b)
{
    const struct writer_mark *x = a, *y = b;
    if (x->spool != y->spool)
        return x->spool < y->spool ? -1 : 1;
    return x->seq < y->seq ? -1 : x->seq > y->seq;
}

static struct spool_state *known_spool(struct output *o, uint64_t spool)
{
    for (int i = 0; i < SPOOLS; i++)
        if (o->spools[i] && o->spools[i]->spool == spool)
            return o->spools[i];
    return NULL;
}

int output_committed(struct output *o, struct output_commit *ret)
{
    if (o->mark_at == o->mark_count) {
        int r = writer_take(o->writer, &o->marks, &o->mark_count);
        o->mark_at = 0;
        if (r < 0 || !o->mark_count) {
            o->mark_count = 0;
            return r;
        }
        qsort(o->marks, o->mark_count, sizeof *o->marks, by_spool_and_seq);
    }
    uint64_t spool = o->marks[o->mark_at].spool;
    struct spool_state *s = known_spool(o, spool);
    size_t count = 0;
    for (; o->mark_at < o->mark_count && o->marks[o->mark_at].spool == spool; o->mark_at++) {
        uint64_t seq = o->marks[o->mark_at].seq;
        if (count && seq - o->ranges[count - 1].last <= 1) {
            o->ranges[count - 1].last = seq;
        } else {
            if (count == MESSAGE_RANGES_MAX)
                break;
            o->ranges[count++] = (struct message_range){seq, seq};
        }
        if (s)
            written_mark_synced(&s->written, seq);
    }
    *ret = (struct output_commit){.spool = spool, .ranges = o->ranges, .count = count};
    return 1;
}

int output_flush(struct output *o)
{
    return writer_flush(o->writer);
}

const char *output_failure(const struct output *o)
{
    return o->failure[0] ? o->failure : writer_failure(o->writer);
}

int output_notice(struct output *o, char ret[NOTICE_SIZE])
{
    return notices_take(&o->notices, ret);
}

void output_counts(struct output *o, struct output_counts *ret)
{
    struct writer_counts counts;
    writer_counts(o->writer, &counts);
    *ret = (struct output_counts){.records = counts.lines[OUTPUT_RECORD],
                                  .rejects = counts.lines[OUTPUT_REJECT],
                                  .bytes = counts.bytes,
                                  .repeated = o->repeated,
                                  .syncs = counts.groups,
                                  .finished = counts.finished};
}

struct output *output_close(struct output *o, int64_t wait_ms, int *ret_error)
{
    if (ret_error)
        *ret_error = 0;
    if (!o)
        return NULL;
    o->writer = writer_stop(o->writer, ret_error);
    o->finisher = finisher_stop(o->finisher, wait_ms);
    for (int i = 0; i < SPOOLS; i++)
        spool_state_free(o->spools[i]);
    for (int i = 0; i < OUTPUT_KINDS; i++) {
        if (o->roots[i] >= 0)
            close(o->roots[i]);
        if (o->locks[i] >= 0)
            close(o->locks[i]); /* lets the lock go */
    }
    tidy_destroy(&o->tidy);
    notices_destroy(&o->notices);
    free(o->marks);
    free(o);
    return NULL;
}

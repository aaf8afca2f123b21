/* The slow work of a spool: syncs of what was appended, upkeep of progress and segments, and
 * checkpoints of feeder ids. */
#include "ingest/disk.h"
#include "ingest/spool_state.h"
#include "libcommon/clock.h"
#include "libcommon/fault.h"
#include "libcommon/metrics.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

/* A large document does not keep its memory for ever. */
static void clear_batch(struct spool *s, struct spool_batch *batch)
{
    batch->count = 0;
    batch->documents = 0;
    if (batch->bytes.capacity > 4 * s->settings.pending_bytes + (1 << 20))
        buffer_free(&batch->bytes);
    buffer_clear(&batch->bytes);
}

static int begin_sync(struct spool *s, struct spool_job *job)
{
    if (s->batch.count == 0)
        return SPOOL_NOTHING;
    struct spool_batch empty = job->batch;
    job->batch = s->batch;
    s->batch = empty;
    return 0;
}

static int run_piece(struct spool *s, const struct spool_batch *batch,
                     const struct spool_piece *piece)
{
    int r = fault(FAULT_SPOOL_WRITE);
    if (r == 0)
        r = disk_write_at(piece->fd, batch->bytes.data + piece->from, piece->size, piece->offset);
    if (r == 0 && piece->seal && ftruncate(piece->fd, (off_t)(piece->offset + piece->size)) < 0)
        r = -errno;
    if (r == 0)
        r = fault(piece->seal ? FAULT_SEGMENT_SEAL : FAULT_SPOOL_SYNC);
    if (r == 0)
        r = disk_sync(piece->fd);
    if (r == 0 && piece->created)
        r = disk_sync_folder(s->folder_fd);
    if (r == 0)
        r = fault(piece->seal ? FAULT_SEGMENT_SEALED : FAULT_SPOOL_SYNCED);
    return r;
}

/* In order: a segment is sealed and on disk before anything goes to the next. */
static int run_sync(struct spool_job *job)
{
    int r = 0;
    for (size_t i = 0; r == 0 && i < job->batch.count; i++)
        r = run_piece(job->spool, &job->batch, &job->batch.pieces[i]);
    return r;
}

static void end_sync(struct spool *s, struct spool_job *job)
{
    for (size_t i = 0; i < job->batch.count; i++) {
        struct spool_piece *piece = &job->batch.pieces[i];
        if (piece->segment == s->active)
            s->active_synced = piece->offset + piece->size;
        if (piece->seal) {
            disk_close(&piece->fd);
            piece->segment->sealed = true;
        }
    }
    if (job->result == 0 && job->batch.documents)
        s->durable = job->batch.last;
    clear_batch(s, &job->batch);
}

/* Whether the first segment can go once progress is written, and the ids below watermark. */
static bool removable(const struct spool *s, uint64_t watermark)
{
    const struct spool_segment *segment = s->segments_count ? s->segments[0] : NULL;
    if (!segment || segment == s->active || !segment->sealed)
        return false;
    uint64_t end = s->segments_count > 1 ? s->segments[1]->first : s->next;
    return end <= s->progress.floor && (!s->ids || segment->missing || s->follows < watermark ||
                                        (s->segments_count > 1 && end <= watermark));
}

/* True when a sealed segment holds ids that only it knows. */
static bool ids_wait(const struct spool *s)
{
    if (!s->ids || s->durable < feeder_ids_watermark(s->ids))
        return false;
    if (feeder_ids_due(s->ids))
        return true;
    for (size_t i = s->segments_count; i-- > 0;)
        if (s->segments[i]->sealed && s->segments[i] != s->active) {
            uint64_t end = i + 1 < s->segments_count ? s->segments[i + 1]->first : s->next;
            return end > feeder_ids_watermark(s->ids) && s->segments[i]->first <= s->durable;
        }
    return false;
}

static int begin_tend(struct spool *s, struct spool_job *job, bool force)
{
    int64_t now = clock_monotonic_ms();
    uint64_t watermark = s->ids ? feeder_ids_watermark(s->ids) : 0;
    bool reserve = s->next + PROGRESS_RESERVE / 2 >= s->progress.reserved;
    bool late = s->dirty && now - s->tended_at >= SPOOL_TEND_MS;
    if (!force && !reserve && !late && !s->urgent && !removable(s, watermark))
        return SPOOL_NOTHING;
    job->remove = malloc((s->segments_count + 1) * sizeof(struct spool_segment *));
    if (!job->remove)
        return -ENOMEM;
    job->remove_count = 0;
    while (removable(s, watermark)) {
        job->remove[job->remove_count++] = s->segments[0];
        s->segments_count--;
        for (size_t i = 0; i < s->segments_count; i++)
            s->segments[i] = s->segments[i + 1];
    }
    job->progress = s->progress;
    job->progress.durable = s->durable;
    job->progress.accepted = s->accepted;
    job->progress.reserved = s->next + PROGRESS_RESERVE;
    s->dirty = s->urgent = false;
    s->tended_at = now;
    return 0;
}

static int remove_segments(struct spool_job *job)
{
    for (size_t i = 0; i < job->remove_count; i++) {
        char name[SPOOL_NAME_SIZE];
        spool_segment_name(job->remove[i]->first, name);
        int r = fault(FAULT_SEGMENT_REMOVE);
        if (r < 0)
            return r;
        if (unlinkat(job->spool->folder_fd, name, 0) < 0 && errno != ENOENT)
            return -errno;
        r = fault(FAULT_SEGMENT_REMOVED);
        if (r < 0)
            return r;
    }
    return 0;
}

/* A segment goes only after the disk knows that all of it is committed; its ids it knows already.
 */
static int run_tend(struct spool_job *job)
{
    int r = progress_write(job->spool->progress_fd, &job->progress);
    return r == 0 ? remove_segments(job) : r;
}

static void end_tend(struct spool *s, struct spool_job *job)
{
    s->progress.writes = job->progress.writes;
    s->progress.durable = job->progress.durable;
    s->progress.reserved = job->progress.reserved;
    for (size_t i = 0; i < job->remove_count; i++) {
        s->bytes -= job->remove[i]->bytes;
        spool_segment_free(job->remove[i]);
    }
    if (job->remove_count)
        s->full_until = 0;
    free(job->remove);
    job->remove = NULL;
}

/* Apart from the upkeep: numbers are reserved in time also while many ids are written. */
static int begin_ids(struct spool *s)
{
    return ids_wait(s) ? feeder_ids_begin(s->ids, s->durable, clock_unix_us()) : SPOOL_NOTHING;
}

static int begin(struct spool *s, enum spool_job_kind kind, bool force, struct spool_job **ret)
{
    struct spool_job *job = &s->jobs[kind];
    if (s->failed)
        return -ESHUTDOWN;
    if (job->busy)
        return SPOOL_BUSY;
    job->spool = s;
    job->kind = kind;
    int r = kind == SPOOL_SYNC   ? begin_sync(s, job)
            : kind == SPOOL_TEND ? begin_tend(s, job, force)
                                 : begin_ids(s);
    if (r != 0)
        return spool_fail(s, r);
    job->busy = true;
    *ret = job;
    return 0;
}

int spool_job_begin(struct spool *s, enum spool_job_kind kind, struct spool_job **ret)
{
    return begin(s, kind, false, ret);
}

void spool_job_run(struct spool_job *job)
{
    int64_t begun = clock_monotonic_us();
    job->result = job->kind == SPOOL_SYNC   ? run_sync(job)
                  : job->kind == SPOOL_TEND ? run_tend(job)
                                            : feeder_ids_run(job->spool->ids);
    if (job->kind == SPOOL_SYNC)
        metric_observe(METRIC_SPOOL_SYNC, clock_monotonic_us() - begun);
}

int spool_job_end(struct spool_job **taken)
{
    struct spool_job *job = *taken;
    *taken = NULL;
    assert(job->busy);
    if (job->kind == SPOOL_SYNC)
        end_sync(job->spool, job);
    else if (job->kind == SPOOL_TEND)
        end_tend(job->spool, job);
    else if (job->result == 0)
        feeder_ids_end(job->spool->ids);
    job->busy = false;
    return spool_fail(job->spool, job->result);
}

static int whole_job(struct spool *s, enum spool_job_kind kind)
{
    struct spool_job *job;
    int r = begin(s, kind, true, &job);
    if (r == SPOOL_NOTHING)
        return 0;
    if (r != 0)
        return r == SPOOL_BUSY ? -EBUSY : r;
    spool_job_run(job);
    return spool_job_end(&job);
}

int spool_sync(struct spool *s)
{
    return whole_job(s, SPOOL_SYNC);
}

int spool_tend(struct spool *s)
{
    int r = whole_job(s, SPOOL_IDS); /* what it brings to disk may go then */
    return r < 0 ? r : whole_job(s, SPOOL_TEND);
}

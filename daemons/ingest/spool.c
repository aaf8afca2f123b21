/* Durable queue of documents: appending, reading, committing. */
#include "ingest/spool_state.h"

#include "ingest/disk.h"
#include "libcommon/clock.h"
#include "libcommon/fault.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/statvfs.h>
#include <unistd.h>

int spool_fail(struct spool *s, int r)
{
    if (r < 0 && !s->failed)
        s->failed = r;
    return r;
}

/* The piece that the next bytes of the active segment go to. */
static int current_piece(struct spool *s, struct spool_piece **ret)
{
    struct spool_batch *batch = &s->batch;
    if (batch->count) {
        struct spool_piece *last = &batch->pieces[batch->count - 1];
        if (last->segment == s->active && !last->seal) {
            *ret = last;
            return 0;
        }
    }
    if (batch->count == batch->capacity) {
        size_t capacity = batch->capacity ? batch->capacity * 2 : 4;
        struct spool_piece *pieces = realloc(batch->pieces, capacity * sizeof *pieces);
        if (!pieces)
            return -ENOMEM;
        batch->pieces = pieces;
        batch->capacity = capacity;
    }
    *ret = &batch->pieces[batch->count++];
    **ret = (struct spool_piece){.segment = s->active,
                                 .fd = s->active_fd,
                                 .offset = s->active->index.end,
                                 .from = batch->bytes.size};
    return 0;
}

/* Counts what was put behind from as part of the active segment. */
static int put_done(struct spool *s, struct spool_piece *piece, size_t from)
{
    if (s->batch.bytes.failed)
        return -ENOMEM;
    size_t size = s->batch.bytes.size - from;
    piece->size += size;
    s->active->bytes += size;
    s->bytes += size;
    return 0;
}

static int seal_active(struct spool *s)
{
    struct spool_piece *piece;
    int r = current_piece(s, &piece);
    if (r < 0)
        return r;
    size_t from = s->batch.bytes.size;
    segment_put_footer(&s->active->head, &s->active->index, &s->batch.bytes);
    piece->seal = true;
    r = put_done(s, piece, from);
    s->active = NULL;
    s->active_fd = -1; /* the piece closes it */
    return r;
}

/* The new segment exists before the old one is sealed: when there is no room, nothing has happened.
 */
static int roll(struct spool *s, size_t need)
{
    struct spool_segment *segment;
    struct spool_piece *piece;
    int fd, r = spool_segment_create(s, need, &segment, &fd);
    if (r != 0)
        return r;
    if (s->active)
        r = seal_active(s);
    if (r == 0)
        r = spool_segments_add(s, segment);
    if (r < 0) {
        close(fd);
        spool_segment_free(segment);
        return r;
    }
    s->active = segment;
    s->active_fd = fd;
    s->active_synced = 0;
    segment->index.end = 0;
    segment->bytes = 0;
    r = current_piece(s, &piece);
    if (r < 0)
        return r;
    piece->created = true;
    size_t from = s->batch.bytes.size;
    segment_put_head(&segment->head, &s->batch.bytes);
    segment->index.end = SEGMENT_HEAD_SIZE;
    return put_done(s, piece, from);
}

static bool fits(const struct spool *s, size_t size)
{
    const struct spool_segment *active = s->active;
    return active && active->index.end + size + segment_footer_size(active->index.count + 1) <=
                         active->capacity;
}

/* Where the file system gives no room in advance, the reserve is looked after document by document.
 */
static int check_room(struct spool *s, size_t size)
{
    struct statvfs room;
    bool alone = s->progress.floor >= s->next;
    if (!alone && s->bytes + size + (fits(s, size) ? 0 : SEGMENT_HEAD_SIZE) > s->settings.max_bytes)
        return SPOOL_FULL;
    if (s->preallocates)
        return 0;
    if (fstatvfs(s->folder_fd, &room) < 0)
        return -errno;
    return (uint64_t)room.f_bavail * room.f_frsize <
                   s->settings.reserve_bytes + s->batch.bytes.size + size
               ? SPOOL_FULL
               : 0;
}

static int put_document(struct spool *s, const struct spool_document *document, uint64_t *ret_seq)
{
    struct spool_piece *piece;
    struct spool_segment *active = s->active;
    struct segment_entry entry = {.seq = s->next,
                                  .accepted_at = document->accepted_at,
                                  .attempt = document->attempt,
                                  .floor = s->progress.floor,
                                  .synced = s->active_synced,
                                  .document = document->document,
                                  .document_size = document->document_size,
                                  .body = document->body,
                                  .body_size = document->body_size};
    int r = current_piece(s, &piece);
    if (r == 0)
        r = segment_index_add(&active->index, (uint32_t)(active->index.end / 8));
    if (r < 0)
        return r;
    size_t from = s->batch.bytes.size;
    segment_put_entry(&entry, active->head.salt, &s->batch.bytes);
    active->index.end += s->batch.bytes.size - from;
    r = put_done(s, piece, from);
    if (r < 0)
        return r;
    s->batch.documents++;
    s->batch.last = s->follows = *ret_seq = s->next++;
    s->accepted++;
    return 0;
}

static int append(struct spool *s, const struct spool_document *document, uint64_t *ret_seq)
{
    struct feeder_key key;
    bool named = s->ids && feeder_key(document->document, document->document_size, &key);
    int r =
        named ? feeder_ids_find(s->ids, &key, document->accepted_at, ret_seq) : FEEDER_IDS_UNKNOWN;
    if (r < 0 || r == FEEDER_IDS_OK)
        return r < 0 ? r : SPOOL_REPEATED;
    size_t size = segment_entry_size(document->document_size, document->body_size);
    if (s->batch.documents && s->batch.bytes.size + size > s->settings.pending_bytes)
        return SPOOL_BUSY;
    if (s->next >= s->progress.reserved)
        return SPOOL_BUSY;
    r = check_room(s, size);
    if (r == 0 && !fits(s, size))
        r = roll(s, size);
    s->full_until = r == SPOOL_FULL ? clock_monotonic_ms() + SPOOL_FULL_MS : 0;
    if (r == 0)
        r = put_document(s, document, ret_seq);
    if (r == 0 && named)
        r = feeder_ids_add(s->ids, &key, *ret_seq, document->accepted_at);
    return r;
}

int spool_append(struct spool *s, const struct spool_document *document, uint64_t *ret_seq)
{
    if (s->failed)
        return -ESHUTDOWN;
    if (document->document_size > SEGMENT_ENTRY_MAX ||
        document->body_size > SEGMENT_ENTRY_MAX - document->document_size)
        return -EMSGSIZE;
    int r = fault(FAULT_SPOOL_APPEND);
    return spool_fail(s, r < 0 ? r : append(s, document, ret_seq));
}

uint64_t spool_durable(const struct spool *s)
{
    return s->durable;
}

int spool_next(struct spool *s, uint64_t after, uint64_t *ret_seq)
{
    if (s->failed)
        return -ESHUTDOWN;
    uint64_t seq = after >= s->progress.floor ? after + 1 : s->progress.floor;
    uint64_t bound = s->progress.floor + MESSAGE_SPAN;
    if (bound > s->durable + 1)
        bound = s->durable + 1;
    while (seq < bound) {
        long at = spool_segments_find(s, seq);
        if (at < 0) {
            if (s->segments_count == 0)
                break;
            seq = s->segments[0]->first;
            continue;
        }
        int r = spool_segment_load(s, (size_t)at);
        if (r < 0)
            return spool_fail(s, r);
        const struct spool_segment *segment = s->segments[at];
        for (uint64_t end = spool_segment_end(segment); seq < end && seq < bound; seq++)
            if (segment->index.offsets[seq - segment->first] != SEGMENT_UNUSED &&
                *spool_state_of(s, seq) != PROGRESS_COMMITTED) {
                *ret_seq = seq;
                return 0;
            }
        if (seq < bound)
            seq = (size_t)at + 1 < s->segments_count ? s->segments[at + 1]->first : bound;
    }
    return SPOOL_NOTHING;
}

/* The segment and the place in it of a document that can be read. SPOOL_ABSENT. */
static int find_document(struct spool *s, uint64_t seq, struct spool_segment **ret,
                         uint32_t *ret_offset)
{
    if (seq < s->progress.floor || seq > s->durable)
        return SPOOL_ABSENT;
    if (seq - s->progress.floor < MESSAGE_SPAN && *spool_state_of(s, seq) == PROGRESS_COMMITTED)
        return SPOOL_ABSENT;
    long at = spool_segments_find(s, seq);
    int r = at < 0 ? SPOOL_ABSENT : spool_segment_load(s, (size_t)at);
    if (r != 0)
        return r;
    struct spool_segment *segment = s->segments[at];
    if (seq >= spool_segment_end(segment) ||
        segment->index.offsets[seq - segment->first] == SEGMENT_UNUSED)
        return SPOOL_ABSENT;
    *ret = segment;
    *ret_offset = segment->index.offsets[seq - segment->first];
    return 0;
}

/* Bytes from the entry to the next one that is known. */
static uint64_t extent(const struct spool_segment *segment, uint64_t seq)
{
    const struct segment_index *index = &segment->index;
    uint64_t from = (uint64_t)index->offsets[seq - index->first] * 8;
    for (uint64_t n = seq + 1; n < spool_segment_end(segment); n++)
        if (index->offsets[n - index->first] > SEGMENT_UNUSED)
            return (uint64_t)index->offsets[n - index->first] * 8 - from;
    return index->end - from;
}

static int keep_entry(struct spool *s, struct spool_segment *segment, uint64_t seq,
                      struct buffer *bytes, struct spool_entry *ret)
{
    uint64_t from = (uint64_t)segment->index.offsets[seq - segment->first] * 8;
    uint64_t size = extent(segment, seq);
    int r = spool_keep_bytes(s, segment->fd, segment->first, from, size);
    if (r < 0)
        return r;
    buffer_clear(bytes);
    if (size <= SEGMENT_ENTRY_MAX + SEGMENT_ENTRY_HEAD_SIZE + 8) {
        buffer_reserve(bytes, size);
        if (bytes->failed)
            return -ENOMEM;
        if (disk_salvage_at(segment->fd, bytes->data, size, from) == 0)
            bytes->size = size;
    }
    ret->body = bytes->data;
    ret->body_size = bytes->size;
    return SPOOL_DAMAGED;
}

static int read_entry(struct spool *s, uint64_t seq, struct buffer *bytes, struct spool_entry *ret)
{
    struct spool_segment *segment;
    struct segment_entry entry;
    uint32_t offset;
    int r = find_document(s, seq, &segment, &offset);
    if (r != 0)
        return r;
    *ret = (struct spool_entry){.seq = seq};
    buffer_clear(bytes);
    if (offset == SEGMENT_DAMAGED)
        return SPOOL_DAMAGED;
    r = segment_read(segment->fd, segment->head.salt, seq, offset, bytes, &entry);
    if (r == -EBADMSG)
        return keep_entry(s, segment, seq, bytes, ret);
    if (r == 0)
        *ret = (struct spool_entry){.seq = seq,
                                    .accepted_at = entry.accepted_at,
                                    .attempt = entry.attempt,
                                    .document = entry.document,
                                    .document_size = entry.document_size,
                                    .body = entry.body,
                                    .body_size = entry.body_size};
    return r;
}

int spool_read(struct spool *s, uint64_t seq, struct buffer *bytes, struct spool_entry *ret)
{
    if (s->failed)
        return -ESHUTDOWN;
    int r = read_entry(s, seq, bytes, ret);
    s->damaged += r == SPOOL_DAMAGED;
    return spool_fail(s, r);
}

int spool_commit(struct spool *s, uint64_t first, uint64_t last, uint64_t *ret_count)
{
    if (s->failed)
        return -ESHUTDOWN;
    uint64_t floor = s->progress.floor, count = 0;
    if (first < floor)
        first = floor;
    if (last > s->durable)
        last = s->durable;
    for (uint64_t seq = first; seq <= last && seq - floor < MESSAGE_SPAN; seq++) {
        struct spool_segment *segment;
        uint32_t offset;
        int r = find_document(s, seq, &segment, &offset);
        if (r < 0)
            return spool_fail(s, r);
        if (r == SPOOL_ABSENT)
            continue;
        *spool_state_of(s, seq) = PROGRESS_COMMITTED;
        count++;
    }
    s->committed += count;
    s->dirty |= count > 0;
    *ret_count = count;
    return spool_fail(s, count ? spool_settle_floor(s) : 0);
}

void spool_note(struct spool *s, uint64_t seq, uint8_t note)
{
    assert(note != PROGRESS_COMMITTED);
    if (seq < s->progress.floor || seq - s->progress.floor >= MESSAGE_SPAN || seq > s->durable ||
        *spool_state_of(s, seq) == PROGRESS_COMMITTED)
        return;
    *spool_state_of(s, seq) = note;
    s->dirty = s->urgent = true;
}

uint8_t spool_note_of(const struct spool *s, uint64_t seq)
{
    if (seq < s->progress.floor || seq - s->progress.floor >= MESSAGE_SPAN)
        return 0;
    uint8_t state = s->progress.states[seq % MESSAGE_SPAN];
    return state == PROGRESS_COMMITTED ? 0 : state;
}

static int64_t oldest_at(struct spool *s)
{
    struct spool_entry entry;
    uint64_t seq;
    if (s->failed || spool_next(s, 0, &seq) != 0 || read_entry(s, seq, &s->scratch, &entry) != 0)
        return 0;
    return entry.accepted_at;
}

void spool_status(struct spool *s, struct spool_status *ret)
{
    *ret = (struct spool_status){.spool = s->progress.spool,
                                 .floor = s->progress.floor,
                                 .next = s->next,
                                 .durable = s->durable,
                                 .accepted = s->accepted,
                                 .committed = s->committed,
                                 .documents = s->accepted - s->committed,
                                 .bytes = s->bytes,
                                 .pending_documents = s->batch.documents,
                                 .pending_bytes = s->batch.bytes.size,
                                 .segments = s->segments_count,
                                 .damaged = s->damaged,
                                 .kept_bytes = s->kept_bytes,
                                 .oldest_at = oldest_at(s),
                                 .full = clock_monotonic_ms() < s->full_until,
                                 .failed = s->failed};
}

/* The last word of a process that ends in order. */
static int finish(struct spool *s)
{
    int r = spool_sync(s);
    if (r == 0)
        r = spool_tend(s);
    if (r == 0 && s->active && ftruncate(s->active_fd, (off_t)s->active->index.end) < 0)
        r = -errno;
    if (r == 0 && s->active && fsync(s->active_fd) < 0)
        r = -errno;
    if (r < 0)
        return r;
    s->progress.clean = true;
    s->progress.durable = s->durable;
    s->progress.accepted = s->accepted;
    s->progress.reserved = s->next;
    return progress_write(s->progress_fd, &s->progress);
}

struct spool *spool_close(struct spool *s)
{
    if (!s)
        return NULL;
    for (int kind = 0; kind < SPOOL_JOBS; kind++)
        assert(!s->jobs[kind].busy);
    if (!s->failed)
        finish(s); /* what fails here is found by the next opening */
    feeder_ids_close(s->ids);
    for (size_t i = 0; i < s->segments_count; i++)
        spool_segment_free(s->segments[i]);
    free(s->segments);
    struct spool_batch *batches[] = {&s->batch, &s->jobs[SPOOL_SYNC].batch};
    for (size_t i = 0; i < 2; i++) {
        buffer_free(&batches[i]->bytes);
        free(batches[i]->pieces);
    }
    buffer_free(&s->scratch);
    disk_close(&s->active_fd);
    disk_close(&s->progress_fd);
    disk_close(&s->lock_fd);
    disk_close(&s->folder_fd);
    free(s->folder);
    free(s);
    return NULL;
}

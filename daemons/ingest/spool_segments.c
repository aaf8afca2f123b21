/* The list of a spool's segments, and how a number is found in it. */
#include "ingest/disk.h"
#include "ingest/spool_state.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

void spool_segment_name(uint64_t first, char out[SPOOL_NAME_SIZE])
{
    snprintf(out, SPOOL_NAME_SIZE, "segment-%020" PRIu64, first);
}

int spool_segment_new(uint64_t first, struct spool_segment **ret)
{
    struct spool_segment *segment = calloc(1, sizeof *segment);
    if (!segment)
        return -ENOMEM;
    *segment = (struct spool_segment){.first = first, .fd = -1};
    *ret = segment;
    return 0;
}

static void unload(struct spool_segment *segment)
{
    segment_index_free(&segment->index);
    disk_close(&segment->fd);
    segment->loaded = false;
}

struct spool_segment *spool_segment_free(struct spool_segment *segment)
{
    if (segment)
        unload(segment);
    free(segment);
    return NULL;
}

int spool_segments_add(struct spool *s, struct spool_segment *segment)
{
    if (s->segments_count == s->segments_capacity) {
        size_t capacity = s->segments_capacity ? s->segments_capacity * 2 : 16;
        struct spool_segment **segments = realloc(s->segments, capacity * sizeof *segments);
        if (!segments)
            return -ENOMEM;
        s->segments = segments;
        s->segments_capacity = capacity;
    }
    s->segments[s->segments_count++] = segment;
    return 0;
}

long spool_segments_find(const struct spool *s, uint64_t seq)
{
    size_t low = 0, high = s->segments_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (s->segments[middle]->first <= seq)
            low = middle + 1;
        else
            high = middle;
    }
    return (long)low - 1;
}

uint64_t spool_segment_end(const struct spool_segment *segment)
{
    return segment->first + segment->index.count;
}

/* At most SPOOL_LOADED_MAX at a time: what was not used for longest goes. */
static void make_room(struct spool *s)
{
    struct spool_segment *oldest = NULL;
    size_t loaded = 0;
    for (size_t i = 0; i < s->segments_count; i++) {
        struct spool_segment *segment = s->segments[i];
        if (!segment->loaded || segment->missing || segment == s->active)
            continue;
        loaded++;
        if (!oldest || segment->used_at < oldest->used_at)
            oldest = segment;
    }
    if (loaded >= SPOOL_LOADED_MAX)
        unload(oldest);
}

struct finding {
    struct spool *spool;
    struct spool_segment *segment;
};

static int keep_damage(void *context, const struct segment_damage *damage)
{
    struct finding *finding = context;
    return spool_keep_bytes(finding->spool, finding->segment->fd, finding->segment->first,
                            damage->offset, damage->size);
}

/* Last number in use before the next segment; 0 if that is not known. */
static int read_follows(struct spool *s, size_t next, uint64_t *ret)
{
    struct spool_segment *segment = s->segments[next];
    *ret = 0;
    if (segment->missing)
        return 0;
    if (!segment->loaded) {
        char name[SPOOL_NAME_SIZE];
        spool_segment_name(segment->first, name);
        _disk_close_ int fd = disk_open(s->folder_fd, name, O_RDONLY, 0);
        int r = fd < 0 ? fd : segment_read_head(fd, &segment->head);
        if (r < 0)
            return r == -EBADMSG || r == -ENOENT ? 0 : r;
    }
    if (segment->head.follows < segment->first)
        *ret = segment->head.follows;
    return 0;
}

/* Head and index from the file. -EBADMSG: nothing in it says what it is. */
static int read_index(struct spool *s, struct spool_segment *segment, uint64_t proven)
{
    struct segment_head again;
    int r = segment_read_head(segment->fd, &segment->head);
    bool headless = r == -EBADMSG;
    if (r < 0 && !headless)
        return r;
    r = segment_load(segment->fd, &again, &segment->index);
    if (r == 0 && headless)
        segment->head = again;
    if (r == -EBADMSG && !headless) {
        struct finding finding = {s, segment};
        struct segment_visitor visitor = {.context = &finding, .damage = keep_damage};
        r = segment_scan(segment->fd, &segment->head, proven, &visitor, &segment->index);
    }
    if (r == 0 &&
        (segment->head.spool != s->progress.spool || segment->head.first != segment->first)) {
        segment_index_free(&segment->index);
        r = -EBADMSG;
    }
    return r;
}

int spool_segment_extend(struct spool_segment *segment, uint64_t last)
{
    int r = 0;
    if (last >= segment->first &&
        last - segment->first >= segment->index.count + (uint64_t)SPOOL_LOST_MAX)
        return -EBADMSG;
    while (r == 0 && spool_segment_end(segment) <= last)
        r = segment_index_add(&segment->index, SEGMENT_DAMAGED);
    return r;
}

int spool_segment_load(struct spool *s, size_t at)
{
    struct spool_segment *segment = s->segments[at];
    segment->used_at = ++s->uses;
    if (segment->loaded)
        return 0;
    make_room(s);
    uint64_t follows = 0;
    char name[SPOOL_NAME_SIZE];
    spool_segment_name(segment->first, name);
    int r = 0;
    if (at + 1 < s->segments_count)
        r = read_follows(s, at + 1, &follows);
    else
        follows = s->follows;
    if (r < 0)
        return r;
    segment->fd = disk_open(s->folder_fd, name, O_RDONLY, 0);
    r = segment->fd == -ENOENT ? -EBADMSG : segment->fd < 0 ? segment->fd : 0;
    if (r == 0)
        r = read_index(s, segment, follows);
    if (r == -EBADMSG && segment->fd >= 0)
        r = spool_keep_file(s, segment->first);
    else if (r == -EBADMSG)
        r = 0;
    segment->index.first = segment->first;
    /* what should be between this segment and the next, and is not there, is lost */
    if (r == 0)
        r = spool_segment_extend(segment, follows);
    if (r < 0) {
        unload(segment);
        return r;
    }
    segment->loaded = true;
    return 0;
}

uint8_t *spool_state_of(struct spool *s, uint64_t seq)
{
    return &s->progress.states[seq % MESSAGE_SPAN];
}

/* Numbers below the new floor give their place to those a span higher. */
static void raise_floor(struct spool *s, uint64_t floor)
{
    uint64_t steps = floor - s->progress.floor;
    for (uint64_t i = 0; i < steps && i < MESSAGE_SPAN; i++)
        *spool_state_of(s, s->progress.floor + i) = 0;
    s->progress.floor = floor;
    s->dirty = true;
}

int spool_settle_floor(struct spool *s)
{
    while (s->progress.floor < s->next) {
        uint64_t floor = s->progress.floor;
        long at = spool_segments_find(s, floor);
        if (at < 0) {
            raise_floor(s, s->segments_count ? s->segments[0]->first : s->next);
            continue;
        }
        int r = spool_segment_load(s, (size_t)at);
        if (r < 0)
            return r;
        const struct spool_segment *segment = s->segments[at];
        uint64_t end = spool_segment_end(segment);
        while (floor < end && (segment->index.offsets[floor - segment->first] == SEGMENT_UNUSED ||
                               *spool_state_of(s, floor) == PROGRESS_COMMITTED))
            raise_floor(s, ++floor);
        if (floor < end)
            return 0;
        bool last = (size_t)at + 1 == s->segments_count;
        uint64_t beyond = last ? s->next : s->segments[at + 1]->first;
        if (floor < beyond)
            raise_floor(s, beyond);
    }
    return 0;
}

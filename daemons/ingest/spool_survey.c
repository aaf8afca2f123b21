/* Looks at a spool that no process has open. */
#include "ingest/spool_survey.h"

#include "ingest/disk.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>

static int compare_segments(const void *a, const void *b)
{
    const struct survey_segment *x = a, *y = b;
    return x->first < y->first ? -1 : x->first > y->first;
}

static int list_segments(struct survey *v)
{
    int fd = disk_open(v->folder_fd, ".", O_RDONLY | O_DIRECTORY, 0);
    DIR *dir = fd < 0 ? NULL : fdopendir(fd);
    if (!dir)
        return fd < 0 ? fd : -errno;
    int r = 0;
    size_t capacity = 0;
    for (struct dirent *entry; r == 0 && (entry = readdir(dir));) {
        uint64_t first;
        int size = 0;
        if (sscanf(entry->d_name, "segment-%20" SCNu64 "%n", &first, &size) != 1 ||
            size != 8 + 20 || entry->d_name[size] || first == 0)
            continue;
        if (v->count == capacity) {
            capacity = capacity ? capacity * 2 : 16;
            void *segments = realloc(v->segments, capacity * sizeof *v->segments);
            if (!segments) {
                r = -ENOMEM;
                break;
            }
            v->segments = segments;
        }
        struct survey_segment *segment = &v->segments[v->count];
        *segment = (struct survey_segment){
            .first = first, .fd = disk_open(v->folder_fd, entry->d_name, O_RDONLY, 0)};
        v->count++;
        r = segment->fd < 0 ? segment->fd : disk_size(segment->fd, &segment->bytes);
    }
    closedir(dir);
    if (v->count)
        qsort(v->segments, v->count, sizeof *v->segments, compare_segments);
    return r;
}

static int read_progress(struct survey *v)
{
    _disk_close_ int fd = disk_open(v->folder_fd, "progress", O_RDONLY, 0);
    v->progress_state = fd == -ENOENT ? PROGRESS_EMPTY
                        : fd < 0      ? fd
                                      : progress_read(fd, &v->progress);
    if (v->progress_state == PROGRESS_OK)
        v->spool = v->progress.spool;
    else
        v->progress = (struct progress){.floor = 1, .reserved = 1};
    return v->progress_state < 0 ? v->progress_state : 0;
}

static int read_heads(struct survey *v)
{
    for (size_t i = v->count; i-- > 0;) {
        struct survey_segment *segment = &v->segments[i];
        struct segment_head again;
        int r = segment_read_head(segment->fd, &segment->head);
        if (r < 0 && r != -EBADMSG)
            return r;
        segment->has_head = r == 0;
        r = segment_load(segment->fd, &again, &segment->index);
        if (r < 0 && r != -EBADMSG)
            return r;
        segment->has_footer = r == 0;
        if (segment->has_footer && !segment->has_head)
            segment->head = again;
        if (v->spool == 0 && (segment->has_head || segment->has_footer))
            v->spool = segment->head.spool;
    }
    return 0;
}

static int note_damage(void *context, const struct segment_damage *damage)
{
    struct survey_segment *segment = context;
    segment->damaged_bytes += damage->size;
    return 0;
}

/* The last number that was on disk in this segment for certain. */
static uint64_t proven(const struct survey *v, size_t i)
{
    if (i + 1 < v->count)
        return v->segments[i + 1].has_head ? v->segments[i + 1].head.follows : 0;
    return v->progress.durable;
}

static int read_segment(struct survey *v, size_t i, bool thorough)
{
    struct survey_segment *segment = &v->segments[i];
    segment->foreign = (segment->has_head || segment->has_footer) &&
                       (segment->head.spool != v->spool || segment->head.first != segment->first);
    segment->readable = (segment->has_head || segment->has_footer) && !segment->foreign;
    if (!segment->readable) {
        segment_index_free(&segment->index);
        segment->damaged_bytes = segment->bytes;
        return 0;
    }
    if (!thorough && segment->has_footer)
        return 0;
    struct segment_visitor visitor = {.context = segment, .damage = note_damage};
    struct segment_index index;
    uint64_t up_to = proven(v, i);
    int r = segment_scan(segment->fd, &segment->head, up_to >= segment->first ? up_to : 0, &visitor,
                         &index);
    if (r < 0)
        return r;
    segment_index_free(&segment->index);
    segment->index = index;
    return 0;
}

/* As opening the spool would: what the last entry tells may be newer than the progress file. */
static void find_floor(struct survey *v)
{
    struct survey_segment *last = v->count ? &v->segments[v->count - 1] : NULL;
    uint64_t floor = v->progress.floor;
    if (last && last->readable && last->index.floor > floor)
        floor = last->index.floor;
    if (v->progress_state != PROGRESS_OK && floor == 1 && v->count)
        floor = v->segments[0].first;
    for (uint64_t n = v->progress.floor, i = 0; n < floor && i < MESSAGE_SPAN; n++, i++)
        v->progress.states[n % MESSAGE_SPAN] = 0;
    v->progress.floor = floor;
}

bool survey_committed(const struct survey *v, uint64_t seq)
{
    uint64_t floor = v->progress.floor;
    return seq < floor || (seq - floor < MESSAGE_SPAN &&
                           v->progress.states[seq % MESSAGE_SPAN] == PROGRESS_COMMITTED);
}

static void count_documents(struct survey *v)
{
    v->last = v->progress.durable;
    for (size_t i = 0; i < v->count; i++) {
        struct survey_segment *segment = &v->segments[i];
        for (uint32_t n = 0; n < segment->index.count; n++) {
            uint32_t offset = segment->index.offsets[n];
            segment->damaged += offset == SEGMENT_DAMAGED;
            segment->waiting += offset > SEGMENT_UNUSED && !survey_committed(v, segment->first + n);
        }
        if (segment->readable && segment->index.count &&
            segment->first + segment->index.count - 1 > v->last)
            v->last = segment->first + segment->index.count - 1;
    }
}

uint64_t survey_missing(const struct survey *v, size_t i)
{
    uint64_t from = v->progress.floor, last = v->last;
    for (size_t before = i; before-- > 0;)
        if (v->segments[before].readable) {
            from = v->segments[before].first + v->segments[before].index.count;
            break;
        }
    if (i < v->count)
        last = v->segments[i].has_head ? v->segments[i].head.follows : 0;
    if (from < v->progress.floor)
        from = v->progress.floor;
    return from <= last ? last - from + 1 : 0;
}

static int look(struct survey *v, bool thorough)
{
    int r = list_segments(v);
    if (r == 0)
        r = read_progress(v);
    if (r == 0 && v->progress_state == PROGRESS_EMPTY && v->count == 0)
        return -ENOENT;
    if (r == 0)
        r = read_heads(v);
    for (size_t i = 0; r == 0 && i < v->count; i++)
        r = read_segment(v, i, thorough || (v->progress_state != PROGRESS_OK && i + 1 == v->count));
    if (r == 0) {
        find_floor(v);
        count_documents(v);
    }
    return r;
}

int survey_open(const char *folder, bool thorough, struct survey **ret)
{
    struct survey *v = calloc(1, sizeof *v);
    if (!v)
        return -ENOMEM;
    v->lock_fd = -1;
    v->folder_fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int r = v->folder_fd < 0 ? -errno : 0;
    if (r == 0) {
        v->lock_fd = disk_open(v->folder_fd, "lock", O_RDWR, 0);
        if (v->lock_fd >= 0 && flock(v->lock_fd, LOCK_EX | LOCK_NB) < 0)
            r = errno == EWOULDBLOCK ? SPOOL_LOCKED : -errno;
        else if (v->lock_fd < 0 && v->lock_fd != -ENOENT)
            r = v->lock_fd; /* a copy of a spool may lack the file */
    }
    if (r == 0)
        r = look(v, thorough);
    if (r != 0) {
        survey_free(v);
        return r;
    }
    *ret = v;
    return 0;
}

struct survey *survey_free(struct survey *v)
{
    if (!v)
        return NULL;
    for (size_t i = 0; i < v->count; i++) {
        segment_index_free(&v->segments[i].index);
        disk_close(&v->segments[i].fd);
    }
    free(v->segments);
    disk_close(&v->lock_fd);
    disk_close(&v->folder_fd);
    free(v);
    return NULL;
}

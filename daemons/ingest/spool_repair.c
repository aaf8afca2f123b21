/* Mends a spool. */
#include "ingest/spool_repair.h"

#include "ingest/disk.h"
#include "ingest/spool_state.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static const struct {
    const char *name, *meaning;
} actions[REPAIR_END] = {
    [REPAIR_MOVE_ASIDE] = {"move-aside",
                           "segment can't be read or is of another spool: moved to damaged/"                      },
    [REPAIR_REBUILD] =
        {"rebuild",
                           "head or footer is damaged: made anew from the entries, the old file moved to damaged/"},
    [REPAIR_GIVE_UP] = {"give-up",
                           "too many numbers are missing before the segment: taken for never used"                },
    [REPAIR_WRITE_PROGRESS] = {"write-progress",
                           "progress file is lost: written from what the entries tell"                            },
    [REPAIR_RECOVER] = {"recover",
                           "last segment is sealed, a torn end kept in damaged/, as at any start"                 },
};

const char *repair_name(enum repair_action action)
{
    return (unsigned)action < REPAIR_END ? actions[action].name : NULL;
}

const char *repair_meaning(enum repair_action action)
{
    return (unsigned)action < REPAIR_END ? actions[action].meaning : NULL;
}

int repair_plan(const struct survey *v, struct repair_step **ret_steps, size_t *ret_count)
{
    struct repair_step *steps = calloc(2 * v->count + 2, sizeof *steps);
    size_t count = 0;
    if (!steps)
        return -ENOMEM;
    for (size_t i = 0; i < v->count; i++) {
        const struct survey_segment *segment = &v->segments[i];
        bool last = i + 1 == v->count;
        uint64_t missing = segment->readable ? survey_missing(v, i) : 0;
        if (!segment->readable && (segment->bytes || !last))
            steps[count++] = (struct repair_step){REPAIR_MOVE_ASIDE, i, 0};
        else if (segment->readable && (!segment->has_head || (!segment->has_footer && !last)))
            steps[count++] = (struct repair_step){REPAIR_REBUILD, i, segment->index.used};
        if (missing >= SPOOL_LOST_MAX)
            steps[count++] = (struct repair_step){REPAIR_GIVE_UP, i, missing};
    }
    if (v->progress_state != PROGRESS_OK)
        steps[count++] = (struct repair_step){REPAIR_WRITE_PROGRESS, 0, 0};
    const struct survey_segment *last = v->count ? &v->segments[v->count - 1] : NULL;
    if (last && last->readable && !last->has_footer && (!v->progress.clean || last->damaged_bytes))
        steps[count++] = (struct repair_step){REPAIR_RECOVER, v->count - 1, last->index.used};
    *ret_steps = steps;
    *ret_count = count;
    return 0;
}

static int move_aside(struct survey *v, const struct survey_segment *segment)
{
    char name[SPOOL_NAME_SIZE];
    spool_segment_name(segment->first, name);
    if (mkdirat(v->folder_fd, "damaged", 0750) < 0 && errno != EEXIST)
        return -errno;
    _disk_close_ int damaged = disk_open(v->folder_fd, "damaged", O_RDONLY | O_DIRECTORY, 0);
    if (damaged < 0)
        return damaged;
    char aside[SPOOL_NAME_SIZE + 16];
    snprintf(aside, sizeof aside, "%s", name);
    for (int n = 1; faccessat(damaged, aside, F_OK, 0) == 0; n++)
        snprintf(aside, sizeof aside, "%s.%d", name, n);
    if (renameat(v->folder_fd, name, damaged, aside) < 0)
        return -errno;
    int r = disk_sync_folder(damaged);
    return r == 0 ? disk_sync_folder(v->folder_fd) : r;
}

static int copy_entries(const struct survey_segment *segment, int to)
{
    enum { PIECE = 1 << 16 };
    char *piece = malloc(PIECE);
    if (!piece)
        return -ENOMEM;
    int r = 0;
    for (uint64_t at = SEGMENT_HEAD_SIZE; r == 0 && at < segment->index.end; at += PIECE) {
        size_t size = segment->index.end - at < PIECE ? (size_t)(segment->index.end - at) : PIECE;
        r = disk_salvage_at(segment->fd, piece, size, at);
        if (r == 0)
            r = disk_write_at(to, piece, size, at);
    }
    free(piece);
    return r;
}

static int write_whole(const struct survey_segment *segment, int to)
{
    struct buffer b = {0};
    segment_put_head(&segment->head, &b);
    int r = b.failed ? -ENOMEM : disk_write_at(to, b.data, b.size, 0);
    if (r == 0)
        r = copy_entries(segment, to);
    buffer_clear(&b);
    segment_put_footer(&segment->head, &segment->index, &b);
    if (r == 0)
        r = b.failed ? -ENOMEM : disk_write_at(to, b.data, b.size, segment->index.end);
    buffer_free(&b);
    return r == 0 && fsync(to) < 0 ? -errno : r;
}

/* The new file is whole and on disk before the old one leaves its place. */
static int rebuild(struct survey *v, struct survey_segment *segment)
{
    char name[SPOOL_NAME_SIZE], unfinished[SPOOL_NAME_SIZE + 16];
    spool_segment_name(segment->first, name);
    snprintf(unfinished, sizeof unfinished, "rebuilt-%s", name);
    _disk_close_ int fd = disk_open(v->folder_fd, unfinished, O_WRONLY | O_CREAT | O_TRUNC, 0640);
    if (fd < 0)
        return fd;
    int r = write_whole(segment, fd);
    if (r == 0)
        r = move_aside(v, segment);
    if (r == 0 && renameat(v->folder_fd, unfinished, v->folder_fd, name) < 0)
        r = -errno;
    return r == 0 ? disk_sync_folder(v->folder_fd) : r;
}

/* What a lost head said of the segments before it. */
static void derive_head(struct survey *v, size_t i)
{
    struct survey_segment *segment = &v->segments[i];
    const struct survey_segment *before = NULL;
    for (size_t n = i; !before && n-- > 0;)
        before = v->segments[n].readable ? &v->segments[n] : NULL;
    segment->head.follows = segment->first - 1;
    if (before && before->index.count) {
        segment->head.follows = before->first + before->index.count - 1;
        segment->head.accepted_before = before->head.accepted_before + before->index.used;
    } else if (i + 1 < v->count && v->segments[i + 1].head.accepted_before > segment->index.used) {
        segment->head.accepted_before =
            v->segments[i + 1].head.accepted_before - segment->index.used;
    }
}

/* The numbers before the segment count as never used. */
static int give_up(struct survey *v, size_t i)
{
    struct survey_segment *segment = &v->segments[i];
    uint64_t follows = 0;
    for (size_t n = i; !follows && n-- > 0;)
        if (v->segments[n].readable && v->segments[n].index.count)
            follows = v->segments[n].first + v->segments[n].index.count - 1;
    segment->head.follows = follows ? follows : v->progress.floor - 1;
    return rebuild(v, segment);
}

static int write_progress(struct survey *v)
{
    _disk_close_ int fd = disk_open(v->folder_fd, "progress", O_RDWR | O_CREAT, 0640);
    if (fd < 0)
        return fd;
    v->progress.spool = v->spool;
    v->progress.clean = false;
    v->progress.durable = v->last;
    v->progress.reserved = v->last + 1 + 2 * MESSAGE_SPAN;
    int r = progress_write(fd, &v->progress);
    if (r == 0)
        r = progress_write(fd, &v->progress);
    return r == 0 ? disk_sync_folder(v->folder_fd) : r;
}

int repair_act(struct survey *v, const struct repair_step *steps, size_t count)
{
    int r = 0;
    for (size_t i = 0; r == 0 && i < count; i++) {
        struct survey_segment *segment = &v->segments[steps[i].segment];
        switch (steps[i].action) {
        case REPAIR_MOVE_ASIDE:
            r = move_aside(v, segment);
            break;
        case REPAIR_REBUILD:
            if (!segment->has_head)
                derive_head(v, steps[i].segment);
            r = rebuild(v, segment);
            break;
        case REPAIR_GIVE_UP:
            r = give_up(v, steps[i].segment);
            break;
        case REPAIR_WRITE_PROGRESS:
            r = write_progress(v);
            break;
        case REPAIR_RECOVER:
        case REPAIR_END:
            break;
        }
    }
    return r;
}

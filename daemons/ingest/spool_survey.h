/* Looks at a spool that no process has open, and changes nothing in it.
 *
 * The lock is held until the survey is closed. */
#pragma once

#include "ingest/progress.h"
#include "ingest/segment.h"
#include "ingest/spool.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct survey_segment {
    uint64_t first; /* as its name says */
    uint64_t bytes; /* of the file */
    int fd;         /* for reading */
    bool has_head, has_footer;
    bool foreign;  /* of another spool, or under a wrong name */
    bool readable; /* head and index below are good, whatever they were made from */
    struct segment_head head;
    struct segment_index index;
    uint64_t damaged_bytes; /* between entries and behind them */
    uint64_t damaged;       /* documents that can't be read */
    uint64_t waiting;       /* documents that can be read and are not committed */
};

struct survey {
    int folder_fd, lock_fd;
    uint64_t spool;                  /* identity; 0: nothing tells it */
    int progress_state;              /* PROGRESS_OK, PROGRESS_EMPTY, PROGRESS_LOST */
    struct progress progress;        /* floor: as opening the spool would take it */
    struct survey_segment *segments; /* ascending */
    size_t count;
    uint64_t last; /* highest number that is known to be in use; 0: none */
};

/* thorough: every entry is read and checked; otherwise the indexes of sealed segments are believed.
 * SPOOL_LOCKED; -ENOENT: no such folder, or it was never a spool; other -errno. Free *ret with
 * survey_free(). */
int survey_open(const char *folder, bool thorough, struct survey **ret);
struct survey *survey_free(struct survey *v); /* NULL is fine; always returns NULL */

bool survey_committed(const struct survey *v, uint64_t seq);

/* Documents with a number in use, from after the end of the segment before this one up to this
 * one's first, of which there is no trace. i may be the count of segments: what should follow the
 * last. */
uint64_t survey_missing(const struct survey *v, size_t i);

/* What a lane counts: one table of metrics, and the page of memory in which a daemon counts them.
 *
 * A page is a file in the run folder that is mapped by the daemon that counts and read, whole, by
 * whoever wants to know: counting is one relaxed atomic addition, reading disturbs no one, and what
 * a daemon has counted can still be read when it is dead. A daemon that starts begins at zero,
 * which is what readers of counters expect of a restart. Until metrics_open() a process counts for
 * itself, in memory of its own.
 *
 * A row says all there is to a metric. Every value is an unsigned integer; times are counted in
 * microseconds and told in seconds. A metric has at most one label of its own; those that more than
 * one stage counts get the label "stage" besides, and every one gets "lane". */
#pragma once

#include "libcommon/buffer.h"
#include "libcommon/message.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

enum metric_type {
    METRIC_COUNTER,
    METRIC_GAUGE,
    METRIC_TIMESTAMP, /* a gauge; microseconds since 1970 UTC, left out while it is 0 */
    METRIC_HISTOGRAM, /* of times, over the bounds of metric_bounds */
    METRIC_INFO,      /* the version, as a label; 1 */
};

enum metric_unit { UNIT_NONE, UNIT_BYTES, UNIT_SECONDS };

enum metric_label {
    LABEL_NONE,
    LABEL_WAY,       /* the way in: enum metric_way */
    LABEL_REASON,    /* enum reject_reason */
    LABEL_PEER,      /* another stage: enum message_stage */
    LABEL_DUPLICATE, /* what was seen before: enum metric_duplicate */
    LABEL_LEVEL,     /* of a log line: enum log_level */
    LABEL_SOURCE,    /* counted with metric_source() */
    LABEL_END
};

enum metric_way { WAY_FEED, WAY_DROP, WAY_HTTP, WAY_STREAM, WAY_OTHER, WAY_END };
enum metric_duplicate { DUPLICATE_EXACT, DUPLICATE_NEAR, DUPLICATE_VERSION, DUPLICATE_END };

enum metric {
    /* of every daemon */
    METRIC_STARTED_AT,
    METRIC_CPU,
    METRIC_MEMORY,
    METRIC_LOG_LINES,
    METRIC_BAD_FRAMES,
    METRIC_RELOADS,
    METRIC_RELOADS_FAILED,
    METRIC_RECEIVED,
    METRIC_RECEIVED_BYTES,
    METRIC_SENT,
    METRIC_SENT_BYTES,
    METRIC_REJECTED,
    METRIC_DROPPED,
    METRIC_HELD,
    METRIC_QUEUE_WAIT,
    METRIC_WORK,
    /* of ingest */
    METRIC_ACCEPTED,
    METRIC_ACCEPTED_BYTES,
    METRIC_REPEATED,
    METRIC_BUSY,
    METRIC_REFUSED,
    METRIC_COMMITTED,
    METRIC_RESENT,
    METRIC_GIVEN_UP,
    METRIC_STARTS_SEEN,
    METRIC_DEATHS_SEEN,
    METRIC_IN_FLIGHT,
    METRIC_IN_FLIGHT_BYTES,
    METRIC_WINDOW,
    METRIC_WINDOW_BYTES,
    METRIC_SUSPECTS,
    METRIC_SPOOL_DOCUMENTS,
    METRIC_SPOOL_BYTES,
    METRIC_SPOOL_LIMIT,
    METRIC_SPOOL_OLDEST_AT,
    METRIC_SPOOL_FULL,
    METRIC_SPOOL_DAMAGED,
    METRIC_SPOOL_SYNC,
    METRIC_SPOOL_WAIT,
    METRIC_SPOOL_FREE,
    METRIC_PROGRESS_AT,
    METRIC_SOURCE_ACCEPTED,
    /* of sink */
    METRIC_RECORDS,
    METRIC_REJECTS,
    METRIC_WRITTEN_BYTES,
    METRIC_UNWRITTEN,
    METRIC_WRITTEN_BEFORE,
    METRIC_DUPLICATES,
    METRIC_DUPLICATES_DROPPED,
    METRIC_OUTPUT_SYNC,
    METRIC_OUTPUT_FILES,
    METRIC_OUTPUT_FREE,
    METRIC_DELIVERY,
    METRIC_SOURCE_RECORDS,
    METRIC_SOURCE_REJECTS,
    METRIC_SOURCE_LAST,
    /* found out by who reads the pages */
    METRIC_UP,
    METRIC_READY,
    METRIC_BUILD,
    METRIC_END
};

enum { METRIC_STAGES = 4, METRIC_BOUNDS = 20, METRIC_SLOTS = METRIC_BOUNDS + 2 };

struct metric_row {
    const char *name; /* of the family: without _total, with the unit at its end */
    enum metric_type type;
    enum metric_unit unit;
    enum metric_label label;
    unsigned stages; /* bit n: the stage n counts it */
    const char *help;
};

extern const struct metric_row metric_rows[METRIC_END];
extern const int64_t metric_bounds[METRIC_BOUNDS]; /* microseconds, ascending */

const char *metric_label_name(enum metric_label label); /* "reason"; NULL for LABEL_NONE */
/* "no-article"; NULL for a number that is no value of the label, and for LABEL_SOURCE. */
const char *metric_label_value(enum metric_label label, unsigned value);
size_t metric_label_count(enum metric_label label); /* numbers below it may be values */

/* --- counting; safe from every thread --- */

void metric_add(enum metric metric, uint64_t more);
void metric_add_for(enum metric metric, unsigned label, uint64_t more);
void metric_set(enum metric metric, uint64_t value); /* a gauge */
void metric_observe(enum metric metric, int64_t microseconds);
/* A gauge: the bytes that are free on a folder's disk beyond a reserve. */
void metric_room(enum metric metric, const char *folder, uint64_t reserve);

/* A counter or timestamp of a source; names beyond METRIC_SOURCES, which are as they come from
 * outside, go together under "other", those without a name under "none". One thread only. */
enum { METRIC_SOURCES = 200, METRIC_SOURCE_SIZE = 64 };
void metric_source(enum metric metric, const char *name, size_t size, uint64_t value);
unsigned metric_source_slot(enum metric metric); /* index into values of struct metrics_source */

uint64_t metric_value(enum metric metric); /* of this process; all labels together */
uint64_t metric_value_for(enum metric metric, unsigned label);
/* All counters and histograms together: differs from before when anything was counted. */
uint64_t metric_activity(void);

enum metric_way metric_way(const char *feeder); /* WAY_OTHER for a name that it does not know */

/* --- pages --- */

enum metric_state { STATE_STARTING, STATE_RUNNING, STATE_DRAINING, STATE_STOPPED, STATE_FAILED };
const char *metric_state_name(enum metric_state state); /* NULL for a number that is none */

struct metrics_source {
    char name[METRIC_SOURCE_SIZE];
    _Atomic uint64_t used; /* set last */
    _Atomic uint64_t values[4];
};

struct metrics_page {
    uint64_t magic, size, layout; /* of the table that the page was made from */
    char version[32];
    _Atomic uint64_t pid, state, alive_at; /* enum metric_state; monotonic ms of the last turn */
    _Atomic uint64_t slots[METRIC_END][METRIC_SLOTS];
    struct metrics_source sources[METRIC_SOURCES * 2 + 2]; /* a hash table, then none and other */
};

/* Makes the page in that file, in the place of an older one; from then on this process counts
 * there. -errno: it goes on counting for itself. */
int metrics_open(const char *path);
void metrics_close(void); /* the file stays; counting goes on in memory */
void metrics_tell(enum metric_state state, int64_t now_ms);

/* Copies a page, which readers need not take for an unchanging one: numbers may be of different
 * moments. 0; -ENOENT; -EPROTO: of another version of khabar; other -errno. */
int metrics_read(const char *path, struct metrics_page *ret);

/* What a lane counts: one table of metrics, and the page of memory in which a daemon counts them.
 */
#include "libcommon/metrics.h"

#include "libcommon/log.h"
#include "libcommon/reject.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/statvfs.h>
#include <unistd.h>
#include <xxhash.h>

#define INGEST (1U << STAGE_INGEST)
#define SINK (1U << STAGE_SINK)
#define MIDDLE (1U << STAGE_PARSE | 1U << STAGE_CLASSIFY)
#define ALL (INGEST | MIDDLE | SINK)

/* clang-format off */
const struct metric_row metric_rows[METRIC_END] = {
    [METRIC_STARTED_AT] = {"khabar_stage_start_time_seconds", METRIC_TIMESTAMP, UNIT_SECONDS, LABEL_NONE, ALL,
        "When the daemon was started."},
    [METRIC_CPU] = {"khabar_stage_cpu_seconds", METRIC_COUNTER, UNIT_SECONDS, LABEL_NONE, ALL,
        "Processor time, in user and system mode."},
    [METRIC_MEMORY] = {"khabar_stage_resident_memory_bytes", METRIC_GAUGE, UNIT_BYTES, LABEL_NONE, ALL,
        "Resident memory."},
    [METRIC_LOG_LINES] = {"khabar_stage_log_lines", METRIC_COUNTER, UNIT_NONE, LABEL_LEVEL, ALL,
        "Events by the level of their log line, those that were held back among them."},
    [METRIC_BAD_FRAMES] = {"khabar_stage_bad_frames", METRIC_COUNTER, UNIT_NONE, LABEL_NONE, ALL,
        "Frames between daemons that could not be read and were dropped."},
    [METRIC_RELOADS] = {"khabar_stage_reloads", METRIC_COUNTER, UNIT_NONE, LABEL_NONE, ALL,
        "Settings read again on request."},
    [METRIC_RELOADS_FAILED] = {"khabar_stage_reloads_failed", METRIC_COUNTER, UNIT_NONE, LABEL_NONE, ALL,
        "Requests to read the settings again that left the old ones in force."},
    [METRIC_RECEIVED] = {"khabar_stage_received_documents", METRIC_COUNTER, UNIT_NONE, LABEL_NONE, MIDDLE | SINK,
        "Documents and rejects that came from the stage before, repeats among them."},
    [METRIC_RECEIVED_BYTES] = {"khabar_stage_received_bytes", METRIC_COUNTER, UNIT_BYTES, LABEL_NONE, MIDDLE | SINK,
        "Size of the frames that came from the stage before."},
    [METRIC_SENT] = {"khabar_stage_sent_documents", METRIC_COUNTER, UNIT_NONE, LABEL_NONE, INGEST | MIDDLE,
        "Documents and rejects that were sent to the next stage, repeats among them."},
    [METRIC_SENT_BYTES] = {"khabar_stage_sent_bytes", METRIC_COUNTER, UNIT_BYTES, LABEL_NONE, INGEST | MIDDLE,
        "Size of the frames that were sent to the next stage."},
    [METRIC_REJECTED] = {"khabar_stage_rejected_documents", METRIC_COUNTER, UNIT_NONE, LABEL_REASON, MIDDLE,
        "Documents that the stage found unfit to become records, repeats among them."},
    [METRIC_DROPPED] = {"khabar_stage_dropped_documents", METRIC_COUNTER, UNIT_NONE, LABEL_NONE, MIDDLE,
        "Documents that failed in the stage for want of memory or the like; ingest sends them again."},
    [METRIC_HELD] = {"khabar_stage_held_documents", METRIC_GAUGE, UNIT_NONE, LABEL_NONE, MIDDLE,
        "Documents that wait in the stage or are worked on."},
    [METRIC_QUEUE_WAIT] = {"khabar_stage_queue_wait_seconds", METRIC_HISTOGRAM, UNIT_SECONDS, LABEL_NONE, MIDDLE,
        "How long a document waited in the stage for a thread."},
    [METRIC_WORK] = {"khabar_stage_work_seconds", METRIC_HISTOGRAM, UNIT_SECONDS, LABEL_NONE, MIDDLE | SINK,
        "How long the stage worked on a document; in sink without writing and syncing."},

    [METRIC_ACCEPTED] = {"khabar_accepted_documents", METRIC_COUNTER, UNIT_NONE, LABEL_WAY, INGEST,
        "New documents that were taken into the spool."},
    [METRIC_ACCEPTED_BYTES] = {"khabar_accepted_bytes", METRIC_COUNTER, UNIT_BYTES, LABEL_NONE, INGEST,
        "Size of the new documents that were taken into the spool."},
    [METRIC_REPEATED] = {"khabar_repeated_documents", METRIC_COUNTER, UNIT_NONE, LABEL_WAY, INGEST,
        "Documents whose feeder's id was known: answered as before, not taken again."},
    [METRIC_BUSY] = {"khabar_busy_answers", METRIC_COUNTER, UNIT_NONE, LABEL_WAY, INGEST,
        "Documents whose feeder had to wait, as the spool was full or a sync had too much to do."},
    [METRIC_REFUSED] = {"khabar_refused_documents", METRIC_COUNTER, UNIT_NONE, LABEL_WAY, INGEST,
        "Documents and requests that were refused; the feeder was told why."},
    [METRIC_COMMITTED] = {"khabar_committed_documents", METRIC_COUNTER, UNIT_NONE, LABEL_NONE, INGEST,
        "Documents that are on disk as records or rejects, and were forgotten."},
    [METRIC_RESENT] = {"khabar_redelivered_documents", METRIC_COUNTER, UNIT_NONE, LABEL_NONE, INGEST,
        "Documents that became due again, after a stage's start or a loss."},
    [METRIC_GIVEN_UP] = {"khabar_given_up_documents", METRIC_COUNTER, UNIT_NONE, LABEL_NONE, INGEST,
        "Documents that became rejects as a stage died or lost them at each attempt."},
    [METRIC_STARTS_SEEN] = {"khabar_stage_starts", METRIC_COUNTER, UNIT_NONE, LABEL_PEER, INGEST,
        "Starts of the other stages, as ingest was told."},
    [METRIC_DEATHS_SEEN] = {"khabar_stage_deaths", METRIC_COUNTER, UNIT_NONE, LABEL_PEER, INGEST,
        "Starts of the other stages after an end that was not in order."},
    [METRIC_IN_FLIGHT] = {"khabar_in_flight_documents", METRIC_GAUGE, UNIT_NONE, LABEL_NONE, INGEST,
        "Documents between spool and sink."},
    [METRIC_IN_FLIGHT_BYTES] = {"khabar_in_flight_bytes", METRIC_GAUGE, UNIT_BYTES, LABEL_NONE, INGEST,
        "Size of the documents between spool and sink."},
    [METRIC_WINDOW] = {"khabar_window_documents", METRIC_GAUGE, UNIT_NONE, LABEL_NONE, INGEST,
        "How many documents may be between spool and sink."},
    [METRIC_WINDOW_BYTES] = {"khabar_window_bytes", METRIC_GAUGE, UNIT_BYTES, LABEL_NONE, INGEST,
        "How many bytes may be between spool and sink."},
    [METRIC_SUSPECTS] = {"khabar_suspect_documents", METRIC_GAUGE, UNIT_NONE, LABEL_NONE, INGEST,
        "Documents that were in flight when a stage died and have not come home since."},
    [METRIC_SPOOL_DOCUMENTS] = {"khabar_spool_documents", METRIC_GAUGE, UNIT_NONE, LABEL_NONE, INGEST,
        "Documents that are accepted and not yet committed."},
    [METRIC_SPOOL_BYTES] = {"khabar_spool_bytes", METRIC_GAUGE, UNIT_BYTES, LABEL_NONE, INGEST,
        "Size of the spool on disk."},
    [METRIC_SPOOL_LIMIT] = {"khabar_spool_limit_bytes", METRIC_GAUGE, UNIT_BYTES, LABEL_NONE, INGEST,
        "Size of the spool at which feeders have to wait."},
    [METRIC_SPOOL_OLDEST_AT] = {"khabar_spool_oldest_timestamp_seconds", METRIC_TIMESTAMP, UNIT_SECONDS, LABEL_NONE, INGEST,
        "When the oldest document that is not yet committed was accepted; absent while there is none."},
    [METRIC_SPOOL_FULL] = {"khabar_spool_full", METRIC_GAUGE, UNIT_NONE, LABEL_NONE, INGEST,
        "1 while the spool has no room for another document."},
    [METRIC_SPOOL_DAMAGED] = {"khabar_spool_damaged_documents", METRIC_GAUGE, UNIT_NONE, LABEL_NONE, INGEST,
        "Documents of the spool that could not be read since the start; their bytes are kept aside."},
    [METRIC_SPOOL_SYNC] = {"khabar_spool_sync_seconds", METRIC_HISTOGRAM, UNIT_SECONDS, LABEL_NONE, INGEST,
        "How long it took to write and sync a group of documents to the spool."},
    [METRIC_SPOOL_WAIT] = {"khabar_spool_wait_seconds", METRIC_HISTOGRAM, UNIT_SECONDS, LABEL_NONE, INGEST,
        "From a document's acceptance until it was sent into the lane, repeats among them."},
    [METRIC_SPOOL_FREE] = {"khabar_spool_disk_free_bytes", METRIC_GAUGE, UNIT_BYTES, LABEL_NONE, INGEST,
        "Room on the spool's disk, without spool.reserve_bytes."},
    [METRIC_PROGRESS_AT] = {"khabar_progress_timestamp_seconds", METRIC_TIMESTAMP, UNIT_SECONDS, LABEL_NONE, INGEST,
        "When documents were last committed, or nothing was waiting to be."},
    [METRIC_SOURCE_ACCEPTED] = {"khabar_source_accepted_documents", METRIC_COUNTER, UNIT_NONE, LABEL_SOURCE, INGEST,
        "New documents that were taken into the spool, by the source that the feeder named."},

    [METRIC_RECORDS] = {"khabar_written_records", METRIC_COUNTER, UNIT_NONE, LABEL_NONE, SINK,
        "Records that are on disk."},
    [METRIC_REJECTS] = {"khabar_written_rejects", METRIC_COUNTER, UNIT_NONE, LABEL_REASON, SINK,
        "Rejects that were written, by their reason."},
    [METRIC_WRITTEN_BYTES] = {"khabar_written_bytes", METRIC_COUNTER, UNIT_BYTES, LABEL_NONE, SINK,
        "Size of the records and rejects that are on disk, before compression."},
    [METRIC_UNWRITTEN] = {"khabar_unwritten_documents", METRIC_COUNTER, UNIT_NONE, LABEL_NONE, SINK,
        "Documents that sink could not write as a record; ingest sends them again."},
    [METRIC_WRITTEN_BEFORE] = {"khabar_written_before_documents", METRIC_COUNTER, UNIT_NONE, LABEL_NONE, SINK,
        "Documents that came again after they had been written, and were committed again."},
    [METRIC_DUPLICATES] = {"khabar_duplicate_documents", METRIC_COUNTER, UNIT_NONE, LABEL_DUPLICATE, SINK,
        "Articles that were seen before, by how alike they are."},
    [METRIC_DUPLICATES_DROPPED] = {"khabar_duplicates_dropped_documents", METRIC_COUNTER, UNIT_NONE, LABEL_NONE, SINK,
        "Articles that were seen before and got no record of their own, as configured."},
    [METRIC_OUTPUT_SYNC] = {"khabar_output_sync_seconds", METRIC_HISTOGRAM, UNIT_SECONDS, LABEL_NONE, SINK,
        "How long it took to write and sync a group of records and rejects."},
    [METRIC_OUTPUT_FILES] = {"khabar_output_finished_files", METRIC_COUNTER, UNIT_NONE, LABEL_NONE, SINK,
        "Output files that were finished."},
    [METRIC_OUTPUT_FREE] = {"khabar_output_disk_free_bytes", METRIC_GAUGE, UNIT_BYTES, LABEL_NONE, SINK,
        "Room on the records' disk, without sink.reserve_bytes."},
    [METRIC_DELIVERY] = {"khabar_delivery_seconds", METRIC_HISTOGRAM, UNIT_SECONDS, LABEL_NONE, SINK,
        "From a document's acceptance to its arrival in sink, the wait in the spool included."},
    [METRIC_SOURCE_RECORDS] = {"khabar_source_records", METRIC_COUNTER, UNIT_NONE, LABEL_SOURCE, SINK,
        "Records, by their source."},
    [METRIC_SOURCE_REJECTS] = {"khabar_source_rejects", METRIC_COUNTER, UNIT_NONE, LABEL_SOURCE, SINK,
        "Rejects, by the source that the feeder named."},
    [METRIC_SOURCE_LAST] = {"khabar_source_last_record_timestamp_seconds", METRIC_TIMESTAMP, UNIT_SECONDS, LABEL_SOURCE, SINK,
        "When the last record of a source was written."},

    [METRIC_UP] = {"khabar_stage_up", METRIC_GAUGE, UNIT_NONE, LABEL_NONE, ALL,
        "1 while the daemon runs and its loop goes round."},
    [METRIC_READY] = {"khabar_ready", METRIC_GAUGE, UNIT_NONE, LABEL_NONE, INGEST,
        "1 while the lane makes progress, as /readyz says."},
    [METRIC_BUILD] = {"khabar_build", METRIC_INFO, UNIT_NONE, LABEL_NONE, ALL,
        "The version that the daemon is of."},
};
/* clang-format on */

const int64_t metric_bounds[METRIC_BOUNDS] = {
    50,     100,    250,     500,     1000,    2500,     5000,     10000,     25000,     50000,
    100000, 250000, 1000000, 2500000, 5000000, 10000000, 30000000, 120000000, 600000000, 3600000000,
};

enum { SUM = METRIC_BOUNDS + 1, PLACES = METRIC_SOURCES * 2, NONE = PLACES, OTHER = PLACES + 1 };
static const uint64_t magic = 0x31736369727465cdULL;

static_assert((int)REJECT_END <= (int)METRIC_SLOTS, "every reason has a slot");

/* --- labels --- */

static const char *const way_names[WAY_END] = {
    [WAY_FEED] = "feed", [WAY_DROP] = "drop", [WAY_HTTP] = "http",
    [WAY_STREAM] = "stream", [WAY_OTHER] = "other"};
static const char *const duplicate_names[DUPLICATE_END] = {
    [DUPLICATE_EXACT] = "exact", [DUPLICATE_NEAR] = "near", [DUPLICATE_VERSION] = "version"};
static const char *const state_names[] = {[STATE_STARTING] = "starting",
                                          [STATE_RUNNING] = "running",
                                          [STATE_DRAINING] = "draining",
                                          [STATE_STOPPED] = "stopped",
                                          [STATE_FAILED] = "failed"};

static const struct {
    const char *name;
    size_t count;
} labels[LABEL_END] = {
    [LABEL_NONE] = {NULL,     1             },
    [LABEL_WAY] = {"way",    WAY_END       },
    [LABEL_REASON] = {"reason", REJECT_END    },
    [LABEL_PEER] = {"stage",  STAGE_SINK + 1},
    [LABEL_DUPLICATE] = {"kind",   DUPLICATE_END },
    [LABEL_LEVEL] = {"level",  LOG_LEVEL_END },
    [LABEL_SOURCE] = {"source", 0             },
};

const char *metric_label_name(enum metric_label label)
{
    return labels[label].name;
}

size_t metric_label_count(enum metric_label label)
{
    return labels[label].count;
}

const char *metric_label_value(enum metric_label label, unsigned value)
{
    if (value >= labels[label].count)
        return NULL;
    switch (label) {
    case LABEL_WAY:
        return way_names[value];
    case LABEL_REASON:
        return reject_name(value);
    case LABEL_PEER:
        return value == STAGE_INGEST ? NULL : message_stage_name(value);
    case LABEL_DUPLICATE:
        return duplicate_names[value];
    case LABEL_LEVEL:
        return log_level_name(value);
    default:
        return NULL;
    }
}

const char *metric_state_name(enum metric_state state)
{
    return (unsigned)state < sizeof state_names / sizeof *state_names ? state_names[state] : NULL;
}

enum metric_way metric_way(const char *feeder)
{
    unsigned way = 0;
    while (way < WAY_OTHER && strcmp(way_names[way], feeder) != 0)
        way++;
    return way;
}

/* --- counting --- */

static struct metrics_page own; /* until there is a file, and after */
static struct metrics_page *page = &own;

static void add(_Atomic uint64_t *slot, uint64_t more)
{
    atomic_fetch_add_explicit(slot, more, memory_order_relaxed);
}

static uint64_t get(const _Atomic uint64_t *slot)
{
    return atomic_load_explicit(slot, memory_order_relaxed);
}

void metric_add(enum metric metric, uint64_t more)
{
    add(&page->slots[metric][0], more);
}

void metric_add_for(enum metric metric, unsigned label, uint64_t more)
{
    assert(label < METRIC_SLOTS);
    add(&page->slots[metric][label], more);
}

void metric_set(enum metric metric, uint64_t value)
{
    atomic_store_explicit(&page->slots[metric][0], value, memory_order_relaxed);
}

void metric_observe(enum metric metric, int64_t microseconds)
{
    size_t bucket = 0;
    int64_t value = microseconds > 0 ? microseconds : 0; /* a clock was set back */
    while (bucket < METRIC_BOUNDS && value > metric_bounds[bucket])
        bucket++;
    add(&page->slots[metric][bucket], 1);
    add(&page->slots[metric][SUM], (uint64_t)value);
}

void metric_room(enum metric metric, const char *folder, uint64_t reserve)
{
    struct statvfs disk;
    if (statvfs(folder, &disk) < 0)
        return; /* whoever writes there says what is wrong */
    uint64_t room = (uint64_t)disk.f_bavail * disk.f_frsize;
    metric_set(metric, room > reserve ? room - reserve : 0);
}

/* The place of a name, taken if it is free; what does not fit shares a place. */
static struct metrics_source *find_source(const char *name, size_t size)
{
    size = name ? strnlen(name, size) : 0;
    if (size >= METRIC_SOURCE_SIZE)
        for (size = METRIC_SOURCE_SIZE - 1; size && ((unsigned char)name[size] & 0xc0) == 0x80;)
            size--; /* not within a character */
    if (!size)
        return &page->sources[NONE];
    size_t at = XXH3_64bits(name, size) % PLACES;
    for (size_t tried = 0; tried < PLACES; tried++, at = (at + 1) % PLACES) {
        struct metrics_source *s = &page->sources[at];
        if (get(&s->used) && strlen(s->name) == size && memcmp(s->name, name, size) == 0)
            return s;
        if (get(&s->used))
            continue;
        if (get(&page->sources[OTHER].used) >= METRIC_SOURCES)
            break;
        memcpy(s->name, name, size);
        atomic_store_explicit(&s->used, 1, memory_order_release);
        add(&page->sources[OTHER].used, 1); /* there: how many places are taken */
        return s;
    }
    return &page->sources[OTHER];
}

unsigned metric_source_slot(enum metric metric)
{
    switch (metric) {
    case METRIC_SOURCE_ACCEPTED:
        return 0;
    case METRIC_SOURCE_RECORDS:
        return 1;
    case METRIC_SOURCE_REJECTS:
        return 2;
    default:
        assert(metric == METRIC_SOURCE_LAST);
        return 3;
    }
}

void metric_source(enum metric metric, const char *name, size_t size, uint64_t value)
{
    _Atomic uint64_t *slot = &find_source(name, size)->values[metric_source_slot(metric)];
    if (metric_rows[metric].type == METRIC_COUNTER)
        add(slot, value);
    else
        atomic_store_explicit(slot, value, memory_order_relaxed);
}

uint64_t metric_value_for(enum metric metric, unsigned label)
{
    return get(&page->slots[metric][label]);
}

uint64_t metric_value(enum metric metric)
{
    uint64_t sum = 0;
    size_t count = metric_rows[metric].type == METRIC_HISTOGRAM
                       ? METRIC_BOUNDS + 1
                       : metric_label_count(metric_rows[metric].label);
    for (unsigned i = 0; i < count; i++)
        sum += metric_value_for(metric, i);
    return sum;
}

uint64_t metric_activity(void)
{
    uint64_t sum = 0;
    for (enum metric m = 0; m < METRIC_END; m++)
        if (m != METRIC_CPU &&
            (metric_rows[m].type == METRIC_COUNTER || metric_rows[m].type == METRIC_HISTOGRAM))
            sum += metric_value(m);
    return sum;
}

/* --- pages --- */

static uint64_t layout(void)
{
    XXH64_hash_t hash = sizeof(struct metrics_page);
    for (size_t m = 0; m < METRIC_END; m++)
        hash = XXH64(metric_rows[m].name, strlen(metric_rows[m].name), hash);
    return XXH64(metric_bounds, sizeof metric_bounds, hash);
}

static int map(int fd, struct metrics_page **ret)
{
    int e = posix_fallocate(fd, 0, sizeof **ret); /* no SIGBUS later, when the disk is full */
    if (e)
        return -e;
    void *at = mmap(NULL, sizeof **ret, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (at == MAP_FAILED)
        return -errno;
    *ret = at;
    return 0;
}

/* A reader has the old page or the new one, each whole: a file is never changed into another. */
int metrics_open(const char *path)
{
    char beside[1210];
    if (snprintf(beside, sizeof beside, "%s.new", path) >= (int)sizeof beside)
        return -ENAMETOOLONG;
    int fd = open(beside, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0640);
    if (fd < 0)
        return -errno;
    struct metrics_page *made = NULL;
    int e = map(fd, &made);
    close(fd);
    if (!e) {
        memcpy(made, &own, sizeof own);
        made->magic = magic;
        made->size = sizeof *made;
        made->layout = layout();
        snprintf(made->version, sizeof made->version, "%s", KHABAR_VERSION);
        made->pid = (uint64_t)getpid();
        if (rename(beside, path) < 0)
            e = -errno;
    }
    if (!e) {
        metrics_close();
        page = made;
        return 0;
    }
    if (made)
        munmap(made, sizeof *made);
    unlink(beside);
    return e;
}

void metrics_close(void)
{
    struct metrics_page *before = page;
    page = &own;
    if (before != &own)
        munmap(before, sizeof *before);
}

void metrics_tell(enum metric_state state, int64_t now_ms)
{
    atomic_store_explicit(&page->state, state, memory_order_relaxed);
    atomic_store_explicit(&page->alive_at, (uint64_t)now_ms, memory_order_relaxed);
}

int metrics_read(const char *path, struct metrics_page *ret)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return -errno;
    size_t size = 0;
    ssize_t n = 0;
    while (size < sizeof *ret && (n = read(fd, (char *)ret + size, sizeof *ret - size)) > 0)
        size += (size_t)n;
    int e = n < 0 ? -errno : 0;
    close(fd);
    if (e)
        return e;
    bool same = size == sizeof *ret && ret->magic == magic && ret->size == sizeof *ret &&
                ret->layout == layout();
    if (!same)
        return -EPROTO;
    ret->version[sizeof ret->version - 1] = '\0';
    for (size_t i = 0; i < sizeof ret->sources / sizeof *ret->sources; i++)
        ret->sources[i].name[METRIC_SOURCE_SIZE - 1] = '\0';
    return 0;
}

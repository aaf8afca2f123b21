/* Opening a spool: the lock, what the last process left, and where numbering goes on.
 *
 * Only the progress file, the last segment and the index of the first are read. A process that did
 * not end in order leaves a last segment that may be torn: it is scanned, what can't be read is
 * kept aside, and it is sealed; the next document begins a new segment under a number that was
 * never used. */
#include "ingest/disk.h"
#include "ingest/spool_state.h"
#include "libcommon/clock.h"
#include "libcommon/fault.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

struct opening {
    struct spool *spool;
    struct spool_report *report;
    struct spool_segment *segment; /* being scanned */
    bool lost;                     /* the progress file says nothing */
    bool scanned;                  /* the last segment's ids are known */
    bool damaged;                  /* in the last segment */
    uint64_t replay_from;
};

static int make_folder(const char *path)
{
    return mkdir(path, 0750) < 0 && errno != EEXIST ? -errno : 0;
}

static int take_lock(struct spool *s)
{
    s->lock_fd = disk_open(s->folder_fd, "lock", O_RDWR | O_CREAT, 0640);
    if (s->lock_fd < 0)
        return s->lock_fd;
    if (flock(s->lock_fd, LOCK_EX | LOCK_NB) < 0)
        return errno == EWOULDBLOCK ? SPOOL_LOCKED : -errno;
    return 0;
}

static int compare_numbers(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return x < y ? -1 : x > y;
}

/* First numbers of the segment files, ascending, and their sizes in the list. */
static int list_segments(struct spool *s)
{
    struct buffer numbers = {0};
    DIR *dir = opendir(s->folder);
    if (!dir)
        return -errno;
    for (struct dirent *entry; (entry = readdir(dir));) {
        uint64_t first;
        int size = 0;
        if (sscanf(entry->d_name, "segment-%20" SCNu64 "%n", &first, &size) == 1 &&
            size == 8 + 20 && !entry->d_name[size] && first > 0)
            buffer_append(&numbers, &first, sizeof first);
    }
    closedir(dir);
    size_t count = numbers.size / sizeof(uint64_t);
    uint64_t *firsts = (uint64_t *)(void *)numbers.data;
    int r = numbers.failed ? -ENOMEM : 0;
    if (r == 0 && count)
        qsort(firsts, count, sizeof *firsts, compare_numbers);
    for (size_t i = 0; r == 0 && i < count; i++) {
        struct spool_segment *segment;
        struct stat st;
        char name[SPOOL_NAME_SIZE];
        spool_segment_name(firsts[i], name);
        r = spool_segment_new(firsts[i], &segment);
        if (r < 0)
            break;
        segment->sealed = true;
        if (fstatat(s->folder_fd, name, &st, 0) == 0)
            segment->bytes = (uint64_t)st.st_size;
        r = spool_segments_add(s, segment);
        if (r < 0)
            spool_segment_free(segment);
    }
    buffer_free(&numbers);
    return r;
}

static int read_progress(struct opening *o)
{
    struct spool *s = o->spool;
    s->progress_fd = disk_open(s->folder_fd, "progress", O_RDWR | O_CREAT, 0640);
    if (s->progress_fd < 0)
        return s->progress_fd;
    int r = progress_read(s->progress_fd, &s->progress);
    if (r == PROGRESS_OK || r < 0)
        return r;
    o->lost = r == PROGRESS_LOST || s->segments_count > 0;
    o->report->created = !o->lost;
    o->report->progress_lost = o->lost;
    memset(&s->progress, 0, sizeof s->progress);
    s->progress.floor = s->progress.reserved = 1;
    return 0;
}

/* From the progress file, else from any segment, else a new one. */
static int find_identity(struct spool *s)
{
    for (size_t i = s->segments_count; s->progress.spool == 0 && i-- > 0;) {
        struct segment_head head;
        struct segment_index index = {0};
        char name[SPOOL_NAME_SIZE];
        spool_segment_name(s->segments[i]->first, name);
        _disk_close_ int fd = disk_open(s->folder_fd, name, O_RDONLY, 0);
        int r = fd < 0 ? fd : segment_read_head(fd, &head);
        if (r == -EBADMSG)
            r = segment_load(fd, &head, &index);
        segment_index_free(&index);
        if (r < 0 && r != -EBADMSG)
            return r;
        if (r == 0)
            s->progress.spool = head.spool;
    }
    while (s->progress.spool == 0)
        if (getrandom(&s->progress.spool, sizeof s->progress.spool, 0) < 0)
            return -errno;
    return 0;
}

static int replay_id(void *context, const struct segment_entry *entry)
{
    struct opening *o = context;
    struct feeder_ids *ids = o->spool->ids;
    struct feeder_key key;
    if (!ids || entry->seq < o->replay_from ||
        !feeder_key(entry->document, entry->document_size, &key))
        return 0;
    o->report->replayed++;
    int r = feeder_ids_add(ids, &key, entry->seq, entry->accepted_at);
    if (r < 0 || !feeder_ids_due(ids))
        return r;
    r = feeder_ids_begin(ids, entry->seq, clock_unix_us());
    if (r == 0)
        r = feeder_ids_run(ids);
    if (r == 0)
        feeder_ids_end(ids);
    return r;
}

static int note_damage(void *context, const struct segment_damage *damage)
{
    struct opening *o = context;
    o->damaged = true;
    if (damage->proven)
        o->report->damaged += damage->last - damage->first + 1;
    return spool_keep_bytes(o->spool, o->segment->fd, o->segment->first, damage->offset,
                            damage->size);
}

static int remove_last(struct spool *s)
{
    char name[SPOOL_NAME_SIZE];
    spool_segment_name(s->segments[s->segments_count - 1]->first, name);
    spool_segment_free(s->segments[--s->segments_count]);
    if (unlinkat(s->folder_fd, name, 0) < 0 && errno != ENOENT)
        return -errno;
    return disk_sync_folder(s->folder_fd);
}

/* True when nothing was ever written to the file. */
static int all_zero(int fd)
{
    uint64_t size;
    char piece[4096];
    int r = disk_size(fd, &size);
    for (uint64_t at = 0; r == 0 && at < size; at += sizeof piece) {
        off_t data = lseek(fd, (off_t)at, SEEK_DATA);
        if (data < 0)
            break;
        at = (uint64_t)data / sizeof piece * sizeof piece;
        size_t count = size - at < sizeof piece ? (size_t)(size - at) : sizeof piece;
        r = disk_salvage_at(fd, piece, count, at);
        for (size_t i = 0; r == 0 && i < count; i++)
            if (piece[i])
                return false;
    }
    return r < 0 ? r : true;
}

enum { LAST_NONE, LAST_SEALED, LAST_OPEN };

/* Head and index of the last segment that anything was written to; its fd can be written. */
static int examine_last(struct opening *o, int *ret_fd)
{
    struct spool *s = o->spool;
    while (s->segments_count) {
        struct spool_segment *segment = s->segments[s->segments_count - 1];
        char name[SPOOL_NAME_SIZE];
        spool_segment_name(segment->first, name);
        _disk_close_ int fd = disk_open(s->folder_fd, name, O_RDWR, 0);
        int r = fd < 0 ? fd : all_zero(fd);
        if (r < 0)
            return r;
        if (r > 0) {
            r = remove_last(s);
            if (r < 0)
                return r;
            continue;
        }
        r = segment_read_head(fd, &segment->head);
        if (r == -EBADMSG) {
            r = segment_load(fd, &segment->head, &segment->index);
            segment_index_free(&segment->index);
        }
        if (r == 0 &&
            (segment->head.spool != s->progress.spool || segment->head.first != segment->first))
            r = -EBADMSG;
        if (r == -EBADMSG) {
            /* neither head nor footer: not ours to read */
            o->damaged = true;
            r = spool_keep_file(s, segment->first);
            if (r == 0)
                r = remove_last(s);
            if (r < 0)
                return r;
            continue;
        }
        if (r < 0)
            return r;
        *ret_fd = fd;
        fd = -1;
        return LAST_OPEN;
    }
    return LAST_NONE;
}

/* The last segment's index, by its footer or by reading all of it. LAST_SEALED; LAST_OPEN. */
static int index_last(struct opening *o, int fd)
{
    struct spool *s = o->spool;
    struct spool_segment *segment = s->segments[s->segments_count - 1];
    int r = segment_load(fd, NULL, &segment->index);
    bool sealed = r == 0;
    if (r < 0 && r != -EBADMSG)
        return r;
    bool replay = s->ids && sealed && spool_segment_end(segment) > o->replay_from;
    segment->fd = fd;
    if (!sealed || replay || o->lost) {
        segment_index_free(&segment->index);
        o->segment = segment;
        uint64_t proven = s->progress.durable >= segment->first ? s->progress.durable : 0;
        struct segment_visitor visitor = {o, replay_id, note_damage};
        r = segment_scan(fd, &segment->head, proven, &visitor, &segment->index);
        o->scanned = true;
    } else {
        r = 0;
    }
    segment->loaded = true;
    return r < 0 ? r : sealed ? LAST_SEALED : LAST_OPEN;
}

static int seal(struct spool_segment *segment, int fd)
{
    struct buffer footer = {0};
    int r = fault(FAULT_RECOVERY_SEAL);
    segment_put_footer(&segment->head, &segment->index, &footer);
    if (r == 0 && footer.failed)
        r = -ENOMEM;
    segment->bytes = segment->index.end + footer.size;
    if (r == 0)
        r = disk_write_at(fd, footer.data, footer.size, segment->index.end);
    if (r == 0 && ftruncate(fd, (off_t)segment->bytes) < 0)
        r = -errno;
    if (r == 0 && fsync(fd) < 0)
        r = -errno;
    buffer_free(&footer);
    return r;
}

static uint64_t segment_bytes(const struct spool *s)
{
    uint64_t bytes = s->settings.segment_bytes, most = s->settings.max_bytes / 8;
    if (bytes > most)
        bytes = most;
    return bytes < SPOOL_SEGMENT_MIN ? SPOOL_SEGMENT_MIN : bytes;
}

/* Gives a file room for all that will come. 0; SPOOL_FULL. */
static int preallocate(struct spool *s, int fd, uint64_t capacity)
{
    int r;
    do
        r = fallocate(fd, 0, 0, (off_t)capacity);
    while (r < 0 && errno == EINTR);
    if (r == 0) {
        s->preallocates = true;
        return 0;
    }
    if (errno == EOPNOTSUPP || errno == ENOSYS || errno == EINVAL) {
        s->preallocates = false;
        return 0;
    }
    return errno == ENOSPC || errno == EDQUOT || errno == EFBIG ? SPOOL_FULL : -errno;
}

/* Writing goes on behind the last entry of a process that ended in order. */
static int resume(struct spool *s, struct spool_segment *segment, int fd)
{
    segment->sealed = false;
    segment->bytes = segment->index.end;
    segment->capacity = segment_bytes(s);
    int r = 0;
    if (segment->capacity > segment->index.end)
        r = preallocate(s, fd, segment->capacity);
    if (r != 0 || segment->capacity < segment->index.end)
        segment->capacity = segment->index.end; /* full: the next document begins a new one */
    if (r < 0)
        return r;
    s->active = segment;
    s->active_fd = fcntl(fd, F_DUPFD_CLOEXEC, 0);
    s->active_synced = segment->index.end;
    return s->active_fd < 0 ? -errno : 0;
}

/* Looks after the last segment; what follows it is known afterwards. */
static int recover_last(struct opening *o)
{
    struct spool *s = o->spool;
    int fd = -1, r = examine_last(o, &fd);
    s->follows = s->progress.durable;
    s->accepted = s->progress.accepted;
    if (r < 0 || r == LAST_NONE)
        return r;
    struct spool_segment *segment = s->segments[s->segments_count - 1];
    r = index_last(o, fd);
    if (r < 0)
        return r;
    bool sealed = r == LAST_SEALED;
    uint64_t end = spool_segment_end(segment);
    uint64_t last = segment->index.count ? end - 1 : segment->head.follows;
    bool lost = s->follows > last;
    s->follows = lost ? s->follows : last;
    if (lost && (r = spool_segment_extend(segment, s->follows)) < 0)
        return r;
    s->accepted = segment->head.accepted_before + segment->index.used;
    if (segment->index.floor > s->progress.floor || o->lost) {
        uint64_t floor = segment->index.floor ? segment->index.floor : s->segments[0]->first;
        for (uint64_t n = s->progress.floor, i = 0; n < floor && i < MESSAGE_SPAN; n++, i++)
            *spool_state_of(s, n) = 0;
        s->progress.floor = floor;
    }
    if (sealed)
        return 0;
    if (s->progress.clean && !o->damaged && !lost && end == s->progress.reserved)
        return resume(s, segment, fd);
    return segment->index.count ? seal(segment, fd) : remove_last(s);
}

/* A segment file that is gone with uncommitted documents: its numbers stand in the list, so that
 * each of them can be said to be lost. */
static int make_up_for_missing(struct spool *s, uint64_t floor, uint64_t follows)
{
    struct spool_segment *segment;
    int r = spool_segment_new(floor, &segment);
    if (r < 0)
        return r;
    segment->index.first = floor;
    segment->missing = segment->loaded = segment->sealed = true;
    r = spool_segment_extend(segment, follows);
    segment->head.accepted_before = s->accepted - segment->index.count;
    if (s->segments_count) {
        const struct segment_head *next = &s->segments[0]->head;
        segment->head.accepted_before = next->accepted_before > segment->index.count
                                            ? next->accepted_before - segment->index.count
                                            : 0;
    }
    if (r == 0)
        r = spool_segments_add(s, segment);
    if (r < 0) {
        spool_segment_free(segment);
        return r;
    }
    memmove(s->segments + 1, s->segments, (s->segments_count - 1) * sizeof *s->segments);
    s->segments[0] = segment;
    return 0;
}

static int check_first(struct opening *o)
{
    struct spool *s = o->spool;
    uint64_t floor = s->progress.floor, follows = s->follows;
    if (s->segments_count) {
        int r = spool_segment_load(s, 0);
        if (r < 0)
            return r;
        if (floor >= s->segments[0]->first)
            return 0;
        follows = s->segments[0]->head.follows;
    }
    if (floor > follows)
        return 0;
    o->report->damaged += follows - floor + 1;
    return make_up_for_missing(s, floor, follows);
}

/* Counts what is committed, which no file says in so many words. */
static int count_committed(struct spool *s)
{
    uint64_t floor = s->progress.floor;
    long at = spool_segments_find(s, floor);
    s->committed = s->accepted;
    if (at < 0 || floor >= s->next)
        return 0;
    int r = spool_segment_load(s, (size_t)at);
    if (r < 0)
        return r;
    const struct spool_segment *segment = s->segments[at];
    s->committed = segment->head.accepted_before;
    for (uint64_t n = segment->first; n < floor && n < spool_segment_end(segment); n++)
        s->committed += segment->index.offsets[n - segment->first] != SEGMENT_UNUSED;
    for (uint64_t n = floor; n < s->next && n < floor + MESSAGE_SPAN; n++)
        s->committed += *spool_state_of(s, n) == PROGRESS_COMMITTED;
    return 0;
}

static int open_ids(struct opening *o)
{
    struct spool *s = o->spool;
    char path[4096];
    if (s->settings.feeder_ids_us <= 0)
        return 0;
    if ((size_t)snprintf(path, sizeof path, "%s/feeder-ids", s->folder) >= sizeof path)
        return -ENAMETOOLONG;
    int r = feeder_ids_open(path, s->settings.feeder_ids_us, &o->report->ids_damaged, &s->ids);
    if (r == 0)
        o->replay_from = feeder_ids_watermark(s->ids);
    return r;
}

/* Segments before the last that the index of ids does not know yet: none, but after a crash between
 * seal and checkpoint, or when the index is new. */
static int replay_older(struct opening *o)
{
    struct spool *s = o->spool;
    for (size_t i = 0; s->ids && i < s->segments_count; i++) {
        struct spool_segment *segment = s->segments[i];
        bool last = i + 1 == s->segments_count;
        if (segment->missing || (last && o->scanned) ||
            (!last && s->segments[i + 1]->first <= o->replay_from))
            continue;
        int r = spool_segment_load(s, i);
        if (r < 0)
            return r;
        if (segment->fd < 0 || spool_segment_end(segment) <= o->replay_from)
            continue;
        struct segment_index again = {0};
        struct segment_visitor visitor = {.context = o, .entry = replay_id};
        r = segment_scan(segment->fd, &segment->head, 0, &visitor, &again);
        segment_index_free(&again);
        if (r < 0)
            return r;
    }
    return 0;
}

static int recover(struct opening *o)
{
    struct spool *s = o->spool;
    int r = list_segments(s);
    if (r == 0)
        r = read_progress(o);
    if (r == 0)
        r = find_identity(s);
    if (r == 0)
        r = open_ids(o);
    if (r == 0)
        r = recover_last(o);
    if (r < 0)
        return r;
    o->report->unclean = !s->progress.clean && !o->report->created;
    s->next = s->progress.reserved;
    if (s->next <= s->follows || o->lost)
        s->next = s->follows + 1 + (o->lost ? 2 * MESSAGE_SPAN : PROGRESS_RESERVE);
    s->durable = s->follows;
    for (size_t i = 0; i < s->segments_count; i++)
        s->bytes += s->segments[i]->bytes;
    r = check_first(o);
    if (r == 0)
        r = spool_settle_floor(s);
    if (r == 0)
        r = count_committed(s);
    if (r == 0)
        r = replay_older(o);
    if (r == 0) {
        s->progress.clean = false;
        s->progress.durable = s->durable;
        s->progress.accepted = s->accepted;
        s->progress.reserved = s->next + PROGRESS_RESERVE;
        r = progress_write(s->progress_fd, &s->progress);
    }
    if (r == 0)
        r = disk_sync_folder(s->folder_fd);
    if (r == 0)
        r = fault(FAULT_RECOVERY_DONE);
    o->report->kept_bytes = s->kept_bytes;
    return r;
}

int spool_open(const struct spool_settings *settings, struct spool_report *ret_report,
               struct spool **ret)
{
    *ret_report = (struct spool_report){0};
    struct spool *s = calloc(1, sizeof *s);
    if (!s)
        return -ENOMEM;
    s->settings = *settings;
    s->folder_fd = s->lock_fd = s->progress_fd = s->active_fd = -1;
    s->preallocates = true;
    s->tended_at = clock_monotonic_ms();
    s->folder = strdup(settings->folder);
    s->settings.folder = s->folder;
    int r = s->folder ? make_folder(s->folder) : -ENOMEM;
    if (r == 0) {
        s->folder_fd = open(s->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        r = s->folder_fd < 0 ? -errno : take_lock(s);
    }
    struct opening o = {.spool = s, .report = ret_report};
    if (r == 0)
        r = recover(&o);
    if (r != 0) {
        s->failed = r < 0 ? r : -ESHUTDOWN;
        spool_close(s);
        return r;
    }
    *ret = s;
    return 0;
}

int spool_segment_create(struct spool *s, uint64_t need, struct spool_segment **ret, int *ret_fd)
{
    uint64_t capacity = segment_bytes(s);
    if (capacity < SEGMENT_HEAD_SIZE + need + segment_footer_size(1))
        capacity = SEGMENT_HEAD_SIZE + need + segment_footer_size(1);
    struct statvfs room;
    if (fstatvfs(s->folder_fd, &room) < 0)
        return -errno;
    if ((uint64_t)room.f_bavail * room.f_frsize < capacity + s->settings.reserve_bytes)
        return SPOOL_FULL;
    int r = fault(FAULT_SEGMENT_CREATE);
    if (r < 0)
        return r == -ENOSPC ? SPOOL_FULL : r;
    struct spool_segment *segment;
    char name[SPOOL_NAME_SIZE];
    spool_segment_name(s->next, name);
    r = spool_segment_new(s->next, &segment);
    if (r < 0)
        return r;
    int fd = disk_open(s->folder_fd, name, O_RDWR | O_CREAT | O_EXCL, 0640);
    if (fd < 0) {
        spool_segment_free(segment);
        return fd == -ENOSPC || fd == -EDQUOT ? SPOOL_FULL : fd;
    }
    r = preallocate(s, fd, capacity);
    if (r == 0)
        r = fault(FAULT_SEGMENT_CREATED);
    if (r == 0)
        r = getrandom(&segment->head.salt, sizeof segment->head.salt, 0) < 0 ? -errno : 0;
    if (r == 0)
        segment->fd = disk_open(s->folder_fd, name, O_RDONLY, 0);
    if (r == 0 && segment->fd < 0)
        r = segment->fd;
    if (r != 0) {
        close(fd);
        unlinkat(s->folder_fd, name, 0);
        spool_segment_free(segment);
        return r;
    }
    segment->capacity = capacity;
    segment->loaded = true;
    segment->head.spool = s->progress.spool;
    segment->head.first = segment->index.first = s->next;
    segment->head.follows = s->follows;
    segment->head.accepted_before = s->accepted;
    segment->head.created_at = clock_unix_us();
    segment->index.end = segment->bytes = SEGMENT_HEAD_SIZE;
    *ret = segment;
    *ret_fd = fd;
    return 0;
}

/* A file of ids of feeders, sorted by key. */
#include "ingest/feeder_run.h"

#include "ingest/checksum.h"
#include "ingest/disk.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum {
    MARK = 0x4449686b, /* "khID" as it lies in the file */
    VERSION = 1,
    PIECE_ROWS = 2048, /* read and written at once: 64 KiB */
    LOOK_ROWS = 128,   /* read at once for one key */
    GUESSES = 6,       /* before halving: keys that do not look like hashes */
};
static const char unfinished[] = "unfinished";

/* As it lies in the file, little-endian. checksum covers what follows it in the struct. */
struct disk_head {
    uint32_t mark, checksum;
    uint32_t version, rows_checksum;
    uint32_t number, joined;
    int64_t start, last;
    uint64_t watermark, rows;
    uint64_t zero;
};

static_assert(sizeof(struct disk_head) == 64, "as documented");
static_assert(sizeof(struct feeder_row) == 32, "as documented");

static uint32_t head_checksum(const struct disk_head *head)
{
    return checksum(0, (const char *)head + 8, sizeof *head - 8);
}

static uint64_t offset_of(uint64_t row)
{
    return sizeof(struct disk_head) + row * sizeof(struct feeder_row);
}

void feeder_run_name(uint32_t number, char out[FEEDER_RUN_NAME_SIZE])
{
    snprintf(out, FEEDER_RUN_NAME_SIZE, "ids-%010" PRIu32 ".run", number);
}

static int read_head(int fd, uint32_t number, struct disk_head *ret)
{
    uint64_t size;
    int r = disk_size(fd, &size);
    if (r == 0)
        r = disk_read_at(fd, ret, sizeof *ret, 0);
    if (r < 0)
        return r == -ENODATA || r == -EIO ? -EBADMSG : r;
    return ret->mark == MARK && ret->checksum == head_checksum(ret) && ret->version == VERSION &&
                   ret->number == number && ret->joined <= number &&
                   ret->rows <= size / sizeof(struct feeder_row) && size == offset_of(ret->rows)
               ? 0
               : -EBADMSG;
}

/* Takes the rows into the filter and compares their checksum. */
static int read_rows(struct feeder_run *run, uint32_t expected)
{
    struct feeder_run_reader reader = {.run = run};
    const struct feeder_row *row;
    uint32_t sum = 0;
    int r;
    while ((r = feeder_run_read(&reader, &row)) == FEEDER_IDS_OK) {
        if (reader.next == sizeof *row) /* the first of a piece */
            sum = checksum(sum, reader.rows.data, reader.rows.size);
        feeder_filter_add(&run->filter, &row->key);
    }
    buffer_free(&reader.rows);
    if (r < 0)
        return r == -ENODATA || r == -EIO ? -EBADMSG : r;
    return sum == expected ? 0 : -EBADMSG;
}

int feeder_run_open(int folder, uint32_t number, size_t filter_bytes, struct feeder_run *ret)
{
    char name[FEEDER_RUN_NAME_SIZE];
    struct disk_head head;
    struct feeder_run run = {0};
    feeder_run_name(number, name);
    run.fd = disk_open(folder, name, O_RDONLY, 0);
    int r = run.fd < 0 ? run.fd : read_head(run.fd, number, &head);
    if (r == 0) {
        run.state = (struct feeder_run_state){.number = head.number,
                                              .joined = head.joined,
                                              .start = head.start,
                                              .last = head.last,
                                              .watermark = head.watermark,
                                              .rows = head.rows};
        r = feeder_filter_make(head.rows, filter_bytes, &run.filter);
    }
    if (r == 0)
        r = read_rows(&run, head.rows_checksum);
    if (r < 0)
        feeder_run_close(&run);
    else
        *ret = run;
    return r;
}

void feeder_run_close(struct feeder_run *run)
{
    disk_close(&run->fd);
    feeder_filter_free(&run->filter);
}

static uint64_t value_of(const struct feeder_key *key)
{
    uint64_t first;
    memcpy(&first, key->bytes, sizeof first);
    return __builtin_bswap64(first);
}

static const struct feeder_row *search(const struct feeder_row *rows, size_t count,
                                       const struct feeder_key *key)
{
    size_t low = 0, high = count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int r = memcmp(&rows[middle].key, key, sizeof *key);
        if (r == 0)
            return &rows[middle];
        if (r < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

int feeder_run_find(const struct feeder_run *run, const struct feeder_key *key,
                    struct feeder_row *ret)
{
    struct feeder_row rows[LOOK_ROWS];
    uint64_t low = 0, high = run->state.rows, low_value = 0, high_value = UINT64_MAX;
    uint64_t value = value_of(key);
    if (!feeder_filter_may_hold(&run->filter, key))
        return FEEDER_IDS_UNKNOWN;
    for (int guess = 0; low < high; guess++) {
        uint64_t in = value > low_value ? value - low_value : 0, range = high_value - low_value;
        uint64_t at = guess < GUESSES && range && in <= range
                          ? low + (uint64_t)((unsigned __int128)(high - low) * in / range)
                          : low + (high - low) / 2;
        uint64_t from = at > low + LOOK_ROWS / 2 ? at - LOOK_ROWS / 2 : low;
        if (high - from < LOOK_ROWS)
            from = high - low > LOOK_ROWS ? high - LOOK_ROWS : low;
        size_t count = high - from < LOOK_ROWS ? (size_t)(high - from) : LOOK_ROWS;
        int r = disk_read_at(run->fd, rows, count * sizeof *rows, offset_of(from));
        if (r < 0)
            return r;
        if (memcmp(key, &rows[0].key, sizeof *key) < 0) {
            high = from;
            high_value = value_of(&rows[0].key);
        } else if (memcmp(key, &rows[count - 1].key, sizeof *key) > 0) {
            low = from + count;
            low_value = value_of(&rows[count - 1].key);
        } else {
            const struct feeder_row *row = search(rows, count, key);
            if (row)
                *ret = *row;
            return row ? FEEDER_IDS_OK : FEEDER_IDS_UNKNOWN;
        }
    }
    return FEEDER_IDS_UNKNOWN;
}

int feeder_run_read(struct feeder_run_reader *reader, const struct feeder_row **ret)
{
    if (reader->next == reader->rows.size) {
        uint64_t rest = reader->run->state.rows - reader->at;
        size_t size = (rest < PIECE_ROWS ? (size_t)rest : PIECE_ROWS) * sizeof **ret;
        if (size == 0)
            return FEEDER_IDS_UNKNOWN;
        buffer_clear(&reader->rows);
        buffer_reserve(&reader->rows, size);
        if (reader->rows.failed)
            return -ENOMEM;
        int r = disk_read_at(reader->run->fd, reader->rows.data, size, offset_of(reader->at));
        if (r < 0)
            return r;
        reader->rows.size = size;
        reader->next = 0;
        reader->at += size / sizeof **ret;
    }
    *ret = (const struct feeder_row *)(const void *)(reader->rows.data + reader->next);
    reader->next += sizeof **ret;
    return FEEDER_IDS_OK;
}

int feeder_run_begin(int folder, uint64_t rows, size_t filter_bytes, struct feeder_run_writer *ret)
{
    struct feeder_run_writer writer = {.folder = folder};
    int r = feeder_filter_make(rows, filter_bytes, &writer.filter);
    writer.fd = r < 0 ? r : disk_open(folder, unfinished, O_RDWR | O_CREAT | O_TRUNC, 0640);
    if (writer.fd < 0) {
        feeder_filter_free(&writer.filter);
        return writer.fd;
    }
    *ret = writer;
    return 0;
}

static int write_piece(struct feeder_run_writer *w)
{
    uint64_t before = w->count - w->rows.size / sizeof(struct feeder_row);
    int r = disk_write_at(w->fd, w->rows.data, w->rows.size, offset_of(before));
    w->checksum = checksum(w->checksum, w->rows.data, w->rows.size);
    buffer_clear(&w->rows);
    return r;
}

int feeder_run_put(struct feeder_run_writer *w, const struct feeder_row *row)
{
    buffer_append(&w->rows, row, sizeof *row);
    if (w->rows.failed)
        return -ENOMEM;
    feeder_filter_add(&w->filter, &row->key);
    w->count++;
    return w->rows.size < PIECE_ROWS * sizeof *row ? 0 : write_piece(w);
}

int feeder_run_finish(struct feeder_run_writer *w, const struct feeder_run_state *state,
                      struct feeder_run *ret)
{
    char name[FEEDER_RUN_NAME_SIZE];
    int r = w->rows.size ? write_piece(w) : 0;
    struct disk_head head = {.mark = MARK,
                             .version = VERSION,
                             .rows_checksum = w->checksum,
                             .number = state->number,
                             .joined = state->joined,
                             .start = state->start,
                             .last = state->last,
                             .watermark = state->watermark,
                             .rows = w->count};
    head.checksum = head_checksum(&head);
    feeder_run_name(state->number, name);
    if (r == 0)
        r = disk_write_at(w->fd, &head, sizeof head, 0);
    if (r == 0)
        r = disk_sync(w->fd);
    if (r == 0 && renameat(w->folder, unfinished, w->folder, name) < 0)
        r = -errno;
    if (r == 0)
        r = disk_sync_folder(w->folder);
    if (r < 0)
        return r;
    *ret = (struct feeder_run){.state = *state, .fd = w->fd, .filter = w->filter};
    ret->state.rows = w->count;
    w->fd = -1;
    w->filter = (struct feeder_filter){0};
    return 0;
}

void feeder_run_abandon(struct feeder_run_writer *w)
{
    buffer_free(&w->rows);
    feeder_filter_free(&w->filter);
    disk_close(&w->fd);
}

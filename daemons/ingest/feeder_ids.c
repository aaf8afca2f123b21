/* Which ids of feeders were accepted: memory in front, sorted files behind. */
#include "ingest/feeder_ids.h"

#include "ingest/disk.h"
#include "ingest/feeder_join.h"
#include "ingest/feeder_run.h"
#include "ingest/feeder_table.h"
#include "ingest/feeder_upgrade.h"
#include "libcommon/fault.h"
#include "libcommon/fields.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <openssl/evp.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    TABLE_DUE = 16384,       /* ids in memory */
    RUNS = FEEDER_JOIN_RUNS, /* a dozen in ordinary times; more while the clock jumps */
    JOINED_ROWS = 1 << 22,   /* a run is not joined beyond that: 128 MiB */
    FILTER_BYTES = 8 << 20,  /* of all runs; for six million ids without loss */
};

struct feeder_ids {
    char *folder;
    int folder_fd;
    int64_t keep_us;
    struct feeder_run runs[RUNS]; /* oldest first */
    unsigned count;
    struct feeder_table recent;  /* added since the last begin */
    struct feeder_table writing; /* being written by run */
    uint64_t writing_upto, watermark;
    /* of the checkpoint under way */
    unsigned join; /* the runs from here on go into the new one */
    struct feeder_run_state state;
    struct feeder_run written; /* by run; fd -1: not yet */
    size_t filter_bytes;
};

/* Fetched once: looking it up takes longer than hashing an id. */
static EVP_MD *sha256;

static void fetch_sha256(void)
{
    sha256 = EVP_MD_fetch(NULL, "SHA256", NULL);
}

bool feeder_key(const void *document, size_t size, struct feeder_key *ret)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    struct field_value feeder = {0}, id;
    if (fields_find(document, size, FIELD_FEEDER_ID, &id) <= 0 || id.type != FIELD_TEXT || !id.size)
        return false;
    if (fields_find(document, size, FIELD_FEEDER, &feeder) <= 0 || feeder.type != FIELD_TEXT)
        feeder.size = 0;
    unsigned char hash[EVP_MAX_MD_SIZE];
    uint64_t feeder_size = feeder.size;
    pthread_once(&once, fetch_sha256);
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    bool done = sha256 && context && EVP_DigestInit_ex(context, sha256, NULL) &&
                EVP_DigestUpdate(context, &feeder_size, sizeof feeder_size) &&
                EVP_DigestUpdate(context, feeder.size ? feeder.data : "", feeder.size) &&
                EVP_DigestUpdate(context, id.data, id.size) &&
                EVP_DigestFinal_ex(context, hash, NULL);
    EVP_MD_CTX_free(context);
    if (done)
        memcpy(ret->bytes, hash, sizeof ret->bytes);
    return done;
}

static size_t filter_room(const struct feeder_ids *ids, unsigned count)
{
    size_t used = 0;
    for (unsigned i = 0; i < count; i++)
        used += feeder_filter_bytes(&ids->runs[i].filter);
    return used < FILTER_BYTES ? FILTER_BYTES - used : 0;
}

static int remove_file(struct feeder_ids *ids, uint32_t number)
{
    char name[FEEDER_RUN_NAME_SIZE];
    feeder_run_name(number, name);
    return unlinkat(ids->folder_fd, name, 0) < 0 && errno != ENOENT ? -errno : 0;
}

/* Closes a run and takes it from the list. */
static uint32_t drop(struct feeder_ids *ids, unsigned at)
{
    uint32_t number = ids->runs[at].state.number;
    feeder_run_close(&ids->runs[at]);
    ids->count--;
    memmove(&ids->runs[at], &ids->runs[at + 1], (ids->count - at) * sizeof *ids->runs);
    return number;
}

/* A clock that was set back far must not keep ids for ever. */
static bool expired(const struct feeder_ids *ids, int64_t accepted_at, int64_t now_us)
{
    return accepted_at < now_us - ids->keep_us || accepted_at > now_us + ids->keep_us;
}

/* Deletes what has expired, and makes room for one run more. */
static int remove_expired(struct feeder_ids *ids, int64_t now_us)
{
    int r = 0;
    for (unsigned i = 0; r == 0 && i < ids->count;) {
        const struct feeder_run_state *state = &ids->runs[i].state;
        bool old = expired(ids, state->last, now_us) && expired(ids, state->start, now_us);
        if ((old && i + 1 < ids->count) || ids->count == RUNS)
            r = remove_file(ids, drop(ids, i));
        else
            i++;
    }
    return r;
}

/* The time that a run belongs to: a new one begins when half of what is kept has passed, and runs
 * of different times are not joined, so that each can be deleted whole. */
static int64_t start_of(const struct feeder_ids *ids, int64_t now_us)
{
    if (ids->count == 0)
        return now_us;
    int64_t start = ids->runs[ids->count - 1].state.start, half = ids->keep_us / 2;
    return now_us - start >= half || start - now_us >= half ? now_us : start;
}

static int keep_aside(struct feeder_ids *ids, const char *name)
{
    char aside[FEEDER_RUN_NAME_SIZE + 16];
    snprintf(aside, sizeof aside, "%s.damaged", name);
    return renameat(ids->folder_fd, name, ids->folder_fd, aside) < 0 ? -errno : 0;
}

/* Of a file that was opened, or can't be. 0; -errno. */
static int take(struct feeder_ids *ids, int r, const char *name, const struct feeder_run *run,
                unsigned *ret_damaged)
{
    if (r == -EBADMSG || r == -EIO) { /* the segments know what it knew, as far as they are there */
        ++*ret_damaged;
        return keep_aside(ids, name);
    }
    if (r < 0)
        return r == -ENODATA ? 0 : r;
    while (ids->count && ids->runs[ids->count - 1].state.number >= run->state.joined &&
           r == 0) /* the process died before it could delete them */
        r = remove_file(ids, drop(ids, ids->count - 1));
    if (r == 0 && ids->count == RUNS)
        r = remove_file(ids, drop(ids, 0));
    ids->runs[ids->count++] = *run;
    if (run->state.watermark > ids->watermark)
        ids->watermark = run->state.watermark;
    return r;
}

static int compare_numbers(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return x < y ? -1 : x > y;
}

/* Numbers of the files there are, ascending; *ret is the caller's to free. */
static int list_files(struct feeder_ids *ids, uint32_t **ret)
{
    DIR *dir = opendir(ids->folder);
    if (!dir)
        return -errno;
    struct buffer numbers = {0};
    for (struct dirent *entry; (entry = readdir(dir));) {
        uint32_t number;
        int size = 0;
        if (sscanf(entry->d_name, "ids-%10" SCNu32 ".run%n", &number, &size) == 1 && size &&
            !entry->d_name[size])
            buffer_append(&numbers, &number, sizeof number);
    }
    closedir(dir);
    if (numbers.failed) {
        buffer_free(&numbers);
        return -ENOMEM;
    }
    *ret = (uint32_t *)(void *)numbers.data;
    int count = (int)(numbers.size / sizeof **ret);
    if (count)
        qsort(*ret, (size_t)count, sizeof **ret, compare_numbers);
    return count;
}

static int open_files(struct feeder_ids *ids, unsigned *ret_damaged)
{
    uint32_t *numbers = NULL;
    int count = list_files(ids, &numbers), r = count < 0 ? count : 0;
    for (int i = 0; i < count && r == 0; i++) {
        char name[FEEDER_RUN_NAME_SIZE];
        struct feeder_run run;
        feeder_run_name(numbers[i], name);
        r = feeder_run_open(ids->folder_fd, numbers[i], filter_room(ids, ids->count), &run);
        r = take(ids, r, name, &run, ret_damaged);
    }
    free(numbers);
    return r;
}

/* Before the runs: none is newer. */
static int upgrade_files(struct feeder_ids *ids, unsigned *ret_damaged)
{
    uint32_t numbers[RUNS];
    int count = feeder_upgrade_list(ids->folder, numbers, RUNS), r = count < 0 ? count : 0;
    for (int i = 0; i < count && r == 0; i++) {
        char name[FEEDER_RUN_NAME_SIZE];
        struct feeder_run run;
        snprintf(name, sizeof name, "ids-%010" PRIu32, numbers[i]);
        r = feeder_upgrade(ids->folder, ids->folder_fd, numbers[i], 0, &run);
        if (r == 0)
            feeder_run_close(&run); /* opened again with the others */
        else if (r == -EBADMSG || r == -EIO) {
            ++*ret_damaged;
            r = keep_aside(ids, name);
        } else if (r == -ENODATA) {
            r = 0;
        }
    }
    return r;
}

int feeder_ids_open(const char *folder, int64_t keep_us, unsigned *ret_damaged,
                    struct feeder_ids **ret)
{
    struct feeder_ids *ids = calloc(1, sizeof *ids);
    if (!ids)
        return -ENOMEM;
    *ids = (struct feeder_ids){
        .folder = strdup(folder), .folder_fd = -1, .keep_us = keep_us, .written.fd = -1};
    *ret_damaged = 0;
    int r = ids->folder ? 0 : -ENOMEM;
    if (r == 0 && mkdir(folder, 0750) < 0 && errno != EEXIST)
        r = -errno;
    if (r == 0) {
        ids->folder_fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        r = ids->folder_fd < 0 ? -errno : upgrade_files(ids, ret_damaged);
    }
    if (r == 0)
        r = open_files(ids, ret_damaged);
    if (r < 0) {
        feeder_ids_close(ids);
        return r;
    }
    *ret = ids;
    return 0;
}

uint64_t feeder_ids_watermark(const struct feeder_ids *ids)
{
    return ids->watermark;
}

static const struct feeder_row *find_recent(struct feeder_ids *ids, const struct feeder_key *key)
{
    const struct feeder_row *row = feeder_table_find(&ids->recent, key);
    return row ? row : feeder_table_find(&ids->writing, key);
}

int feeder_ids_find(struct feeder_ids *ids, const struct feeder_key *key, int64_t now_us,
                    uint64_t *ret_seq)
{
    const struct feeder_row *row = find_recent(ids, key);
    if (row) {
        *ret_seq = row->seq;
        return expired(ids, row->accepted_at, now_us) ? FEEDER_IDS_UNKNOWN : FEEDER_IDS_OK;
    }
    for (unsigned i = ids->count; i-- > 0;) {
        struct feeder_row found;
        int r = feeder_run_find(&ids->runs[i], key, &found);
        if (r < 0)
            return r;
        if (r == FEEDER_IDS_OK) {
            *ret_seq = found.seq;
            return expired(ids, found.accepted_at, now_us) ? FEEDER_IDS_UNKNOWN : FEEDER_IDS_OK;
        }
    }
    return FEEDER_IDS_UNKNOWN;
}

int feeder_ids_add(struct feeder_ids *ids, const struct feeder_key *key, uint64_t seq,
                   int64_t accepted_at)
{
    struct feeder_row row = {.key = *key, .seq = seq, .accepted_at = accepted_at};
    return feeder_table_add(&ids->recent, &row);
}

bool feeder_ids_due(const struct feeder_ids *ids)
{
    return ids->recent.count >= TABLE_DUE;
}

/* The newest runs go into the new one as long as that is at least half as large as the next: so
 * there are few, each more than twice as large as the one after it, and a row is written a few
 * times in all. */
static void choose_join(struct feeder_ids *ids, uint64_t rows)
{
    ids->join = ids->count;
    while (ids->join > 0) {
        const struct feeder_run_state *before = &ids->runs[ids->join - 1].state;
        if (before->start != ids->state.start || before->rows > 2 * rows ||
            before->rows + rows > JOINED_ROWS)
            break;
        rows += before->rows;
        ids->join--;
    }
}

int feeder_ids_begin(struct feeder_ids *ids, uint64_t durable, int64_t now_us)
{
    int r = remove_expired(ids, now_us);
    if (r < 0)
        return r;
    ids->writing = ids->recent;
    ids->recent = (struct feeder_table){0};
    ids->writing_upto = durable;
    /* what is not on disk yet waits for the next checkpoint */
    for (uint32_t i = 0; i < ids->writing.count; i++)
        if (ids->writing.rows[i].seq > durable &&
            (r = feeder_table_add(&ids->recent, &ids->writing.rows[i])) < 0)
            return r;
    uint32_t number = ids->count ? ids->runs[ids->count - 1].state.number + 1 : 1;
    int64_t start = start_of(ids, now_us);
    ids->state = (struct feeder_run_state){.number = number,
                                           .joined = number,
                                           .start = start,
                                           .last = start,
                                           .watermark = durable + 1};
    choose_join(ids, ids->writing.count);
    if (ids->join < ids->count)
        ids->state.joined = ids->runs[ids->join].state.number;
    ids->filter_bytes = filter_room(ids, ids->join);
    return 0;
}

/* By key; the later of two under one key last. */
static int compare_rows(const void *a, const void *b)
{
    const struct feeder_row *x = *(const struct feeder_row *const *)a,
                            *y = *(const struct feeder_row *const *)b;
    int r = memcmp(&x->key, &y->key, sizeof x->key);
    return r ? r : x->seq < y->seq ? -1 : x->seq > y->seq;
}

/* Reads the list of runs, and changes nothing that the owner reads meanwhile. */
int feeder_ids_run(struct feeder_ids *ids)
{
    const struct feeder_table *table = &ids->writing;
    const struct feeder_row **rows = malloc((table->count + 1) * sizeof *rows);
    if (!rows)
        return -ENOMEM;
    uint32_t count = 0;
    for (unsigned i = ids->join; i < ids->count; i++)
        if (ids->runs[i].state.last > ids->state.last)
            ids->state.last = ids->runs[i].state.last;
    for (uint32_t i = 0; i < table->count; i++)
        if (table->rows[i].seq <= ids->writing_upto) {
            rows[count++] = &table->rows[i];
            if (table->rows[i].accepted_at > ids->state.last)
                ids->state.last = table->rows[i].accepted_at;
        }
    qsort(rows, count, sizeof *rows, compare_rows);
    int r = fault(FAULT_IDS_WRITE);
    if (r == 0)
        r = feeder_join(ids->folder_fd, ids->runs + ids->join, ids->count - ids->join, rows, count,
                        ids->filter_bytes, &ids->state, &ids->written);
    free(rows);
    if (r == 0)
        r = fault(FAULT_IDS_JOIN);
    for (unsigned i = ids->join; r == 0 && i < ids->count; i++)
        r = remove_file(ids, ids->runs[i].state.number); /* still open, for look-ups meanwhile */
    return r == 0 ? fault(FAULT_IDS_WRITTEN) : r;
}

void feeder_ids_end(struct feeder_ids *ids)
{
    while (ids->count > ids->join)
        drop(ids, ids->count - 1);
    ids->runs[ids->count++] = ids->written;
    ids->written = (struct feeder_run){.fd = -1};
    ids->watermark = ids->state.watermark;
    feeder_table_free(&ids->writing);
}

struct feeder_ids *feeder_ids_close(struct feeder_ids *ids)
{
    if (!ids)
        return NULL;
    for (unsigned i = 0; i < ids->count; i++)
        feeder_run_close(&ids->runs[i]);
    feeder_run_close(&ids->written);
    feeder_table_free(&ids->recent);
    feeder_table_free(&ids->writing);
    disk_close(&ids->folder_fd);
    free(ids->folder);
    free(ids);
    return NULL;
}

/* Which ids of feeders were accepted: memory in front, LMDB files behind. */
#include "ingest/feeder_ids.h"

#include "ingest/disk.h"
#include "ingest/feeder_table.h"
#include "libcommon/fault.h"
#include "libcommon/fields.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <lmdb.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

enum {
    TABLE_DUE = 16384,  /* ids in memory */
    TRANSACTION = 1024, /* ids; bounds the pages that LMDB holds in memory meanwhile */
    LET_GO_AFTER = 64,  /* uses of a file: each may have mapped 64 KiB */
    GENERATIONS = 16,   /* 3 in ordinary times; more while the clock jumps */
    NAME_SIZE = 32,
};

static const size_t map_step = (size_t)256 << 20;

/* What a file says of itself, under a key that is no id. */
struct state {
    int64_t start,
        last; /* when it was made; latest acceptance in it; microseconds since 1970 UTC */
    uint64_t watermark;
};

struct found {
    uint64_t seq;
    int64_t accepted_at;
};

struct generation {
    uint32_t number; /* its file is ids-NUMBER */
    MDB_env *env;
    MDB_dbi table;
    MDB_txn *reader; /* reset between uses */
    struct state state;
    size_t map_size;
    char *map; /* where LMDB mapped the file; NULL if that is not known */
    unsigned uses;
};

struct feeder_ids {
    char *folder;
    int folder_fd;
    int64_t keep_us;
    struct generation generations[GENERATIONS]; /* oldest first; the last is written to */
    unsigned count;
    struct feeder_table recent;  /* added since the last begin */
    struct feeder_table writing; /* being written by run */
    uint64_t writing_upto, watermark;
};

static char state_name[] = "state";

/* LMDB's codes are errno where positive. */
static int lmdb_error(int r)
{
    return r == 0 ? 0 : r > 0 ? -r : r == MDB_MAP_FULL ? -ENOSPC : -EIO;
}

static void file_name(uint32_t number, char out[NAME_SIZE])
{
    snprintf(out, NAME_SIZE, "ids-%010" PRIu32, number);
}

bool feeder_key(const void *document, size_t size, struct feeder_key *ret)
{
    struct field_value feeder = {0}, id;
    if (fields_find(document, size, FIELD_FEEDER_ID, &id) <= 0 || id.type != FIELD_TEXT || !id.size)
        return false;
    if (fields_find(document, size, FIELD_FEEDER, &feeder) <= 0 || feeder.type != FIELD_TEXT)
        feeder.size = 0;
    unsigned char hash[EVP_MAX_MD_SIZE];
    uint64_t feeder_size = feeder.size;
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    bool done = context && EVP_DigestInit_ex(context, EVP_sha256(), NULL) &&
                EVP_DigestUpdate(context, &feeder_size, sizeof feeder_size) &&
                EVP_DigestUpdate(context, feeder.size ? feeder.data : "", feeder.size) &&
                EVP_DigestUpdate(context, id.data, id.size) &&
                EVP_DigestFinal_ex(context, hash, NULL);
    EVP_MD_CTX_free(context);
    if (done)
        memcpy(ret->bytes, hash, sizeof ret->bytes);
    return done;
}

/* LMDB does not tell where it mapped the file: the kernel does. */
static char *find_map(MDB_env *env)
{
    int fd;
    struct stat st;
    if (mdb_env_get_fd(env, &fd) != 0 || fstat(fd, &st) < 0)
        return NULL;
    FILE *maps = fopen("/proc/self/maps", "re");
    if (!maps)
        return NULL;
    char line[512], *map = NULL;
    while (!map && fgets(line, sizeof line, maps)) {
        unsigned long start, inode;
        unsigned major_number, minor_number;
        if (sscanf(line, "%lx-%*x %*s %*x %x:%x %lu", &start, &major_number, &minor_number,
                   &inode) == 4 &&
            inode == st.st_ino && makedev(major_number, minor_number) == st.st_dev)
            map = (char *)start;
    }
    fclose(maps);
    return map;
}

/* The pages stay in the kernel's cache; they only stop to count as ours. */
static void let_go(struct generation *g)
{
    g->uses = 0;
    if (g->map)
        madvise(g->map, g->map_size, MADV_DONTNEED);
}

static void used(struct generation *g)
{
    if (++g->uses >= LET_GO_AFTER)
        let_go(g);
}

static void generation_close(struct generation *g)
{
    mdb_txn_abort(g->reader);
    if (g->env)
        mdb_env_close(g->env);
    *g = (struct generation){0};
}

/* A file that is shorter than LMDB believes would kill the process when it is read. */
static int check_size(struct generation *g)
{
    MDB_envinfo info;
    MDB_stat stat;
    uint64_t size;
    int fd, r = mdb_env_info(g->env, &info);
    if (r == 0)
        r = mdb_env_stat(g->env, &stat);
    if (r == 0)
        r = mdb_env_get_fd(g->env, &fd);
    if (r != 0)
        return lmdb_error(r);
    r = disk_size(fd, &size);
    if (r < 0)
        return r;
    bool fresh = info.me_last_txnid == 0;
    return fresh || size >= (info.me_last_pgno + 1) * (uint64_t)stat.ms_psize ? 0 : -EBADMSG;
}

static int set_map_size(struct generation *g, size_t size)
{
    int r = mdb_env_set_mapsize(g->env, size);
    if (r != 0)
        return lmdb_error(r);
    g->map_size = size;
    return 0;
}

/* Room for a checkpoint; no transaction is open. */
static int make_room(struct generation *g)
{
    MDB_envinfo info;
    MDB_stat stat;
    int r = mdb_env_info(g->env, &info);
    if (r == 0)
        r = mdb_env_stat(g->env, &stat);
    if (r != 0)
        return lmdb_error(r);
    size_t used_bytes = (info.me_last_pgno + 1) * (size_t)stat.ms_psize;
    if (info.me_mapsize >= used_bytes + map_step / 2)
        return 0;
    r = set_map_size(g, (used_bytes / map_step + 2) * map_step);
    g->map = find_map(g->env);
    return r;
}

static int read_state(MDB_txn *txn, MDB_dbi table, struct state *ret)
{
    MDB_val key = {sizeof state_name, state_name}, value;
    int r = mdb_get(txn, table, &key, &value);
    if (r == MDB_NOTFOUND)
        return -ENODATA;
    if (r == 0 && value.mv_size != sizeof *ret)
        return -EBADMSG;
    if (r != 0)
        return lmdb_error(r);
    memcpy(ret, value.mv_data, sizeof *ret);
    return 0;
}

static int put_state(MDB_txn *txn, MDB_dbi table, const struct state *state)
{
    struct state copy = *state;
    MDB_val key = {sizeof state_name, state_name}, value = {sizeof copy, &copy};
    return mdb_put(txn, table, &key, &value, 0);
}

/* Opens the table, writing the state where the file is new. */
static int open_table(struct generation *g, const struct state *fresh)
{
    MDB_txn *txn;
    int r = mdb_txn_begin(g->env, NULL, fresh ? 0 : MDB_RDONLY, &txn);
    if (r != 0)
        return lmdb_error(r);
    r = mdb_dbi_open(txn, NULL, 0, &g->table);
    if (r == 0 && fresh) {
        g->state = *fresh;
        r = put_state(txn, g->table, fresh);
    }
    r = lmdb_error(r);
    if (r == 0 && !fresh)
        r = read_state(txn, g->table, &g->state);
    if (r < 0) {
        mdb_txn_abort(txn);
        return r;
    }
    return lmdb_error(mdb_txn_commit(txn));
}

/* fresh: the file is made anew with that state. -EBADMSG, -EIO, -EINVAL: it can't be read;
 * -ENODATA: made, but nothing was written before the process died. */
static int generation_open(struct feeder_ids *ids, uint32_t number, const struct state *fresh,
                           struct generation *ret)
{
    struct generation g = {.number = number};
    char name[NAME_SIZE], path[4096];
    file_name(number, name);
    if ((size_t)snprintf(path, sizeof path, "%s/%s", ids->folder, name) >= sizeof path)
        return -ENAMETOOLONG;
    int r = lmdb_error(mdb_env_create(&g.env));
    if (r == 0)
        r = set_map_size(&g, map_step);
    if (r == 0)
        r = lmdb_error(mdb_env_open(g.env, path, MDB_NOSUBDIR | MDB_NOTLS | MDB_NORDAHEAD, 0640));
    if (r == 0)
        r = check_size(&g);
    if (r == 0)
        r = make_room(&g);
    if (r == 0)
        r = open_table(&g, fresh);
    if (r == 0)
        r = lmdb_error(mdb_txn_begin(g.env, NULL, MDB_RDONLY, &g.reader));
    if (r == 0) {
        mdb_txn_reset(g.reader);
        g.map = find_map(g.env);
        let_go(&g);
        *ret = g;
    } else {
        generation_close(&g);
    }
    return r;
}

static int remove_file(struct feeder_ids *ids, uint32_t number)
{
    char name[NAME_SIZE], lock[NAME_SIZE + 8];
    file_name(number, name);
    snprintf(lock, sizeof lock, "%s-lock", name); /* LMDB's own */
    unlinkat(ids->folder_fd, lock, 0);
    return unlinkat(ids->folder_fd, name, 0) < 0 ? -errno : 0;
}

static int remove_generation(struct feeder_ids *ids, unsigned at)
{
    uint32_t number = ids->generations[at].number;
    generation_close(&ids->generations[at]);
    ids->count--;
    memmove(&ids->generations[at], &ids->generations[at + 1],
            (ids->count - at) * sizeof *ids->generations);
    return remove_file(ids, number);
}

static int add_generation(struct feeder_ids *ids, int64_t now_us)
{
    int r = 0;
    if (ids->count == GENERATIONS)
        r = remove_generation(ids, 0);
    if (r < 0)
        return r;
    struct generation *g = &ids->generations[ids->count];
    struct state state = {.start = now_us, .last = now_us, .watermark = ids->watermark};
    r = generation_open(ids, ids->count ? g[-1].number + 1 : 1, &state, g);
    if (r == 0)
        ids->count++;
    return r == 0 ? disk_sync_folder(ids->folder_fd) : r;
}

/* A clock that was set back far must not keep ids for ever. */
static bool expired(const struct feeder_ids *ids, int64_t accepted_at, int64_t now_us)
{
    return accepted_at < now_us - ids->keep_us || accepted_at > now_us + ids->keep_us;
}

/* Deletes what has expired and sees to it that there is a file to write to. */
static int turn_over(struct feeder_ids *ids, int64_t now_us)
{
    int r = 0;
    for (unsigned i = 0; r == 0 && i + 1 < ids->count;) {
        const struct state *state = &ids->generations[i].state;
        if (expired(ids, state->last, now_us) && expired(ids, state->start, now_us))
            r = remove_generation(ids, i);
        else
            i++;
    }
    if (r < 0)
        return r;
    if (ids->count == 0)
        return add_generation(ids, now_us);
    int64_t start = ids->generations[ids->count - 1].state.start, half = ids->keep_us / 2;
    return now_us - start >= half || start - now_us >= half ? add_generation(ids, now_us) : 0;
}

static int keep_aside(struct feeder_ids *ids, uint32_t number)
{
    char name[NAME_SIZE], aside[NAME_SIZE + 16];
    file_name(number, name);
    snprintf(aside, sizeof aside, "%s.damaged", name);
    return renameat(ids->folder_fd, name, ids->folder_fd, aside) < 0 ? -errno : 0;
}

static int compare_numbers(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return x < y ? -1 : x > y;
}

/* Numbers of the files there are, ascending; at most room. */
static int list_files(struct feeder_ids *ids, uint32_t *numbers, unsigned room)
{
    DIR *dir = opendir(ids->folder);
    if (!dir)
        return -errno;
    unsigned count = 0;
    for (struct dirent *entry; count < room && (entry = readdir(dir));) {
        uint32_t number;
        int size = 0;
        if (sscanf(entry->d_name, "ids-%10" SCNu32 "%n", &number, &size) == 1 &&
            !entry->d_name[size])
            numbers[count++] = number;
    }
    closedir(dir);
    qsort(numbers, count, sizeof *numbers, compare_numbers);
    return (int)count;
}

static int open_files(struct feeder_ids *ids, unsigned *ret_damaged)
{
    uint32_t numbers[GENERATIONS];
    int count = list_files(ids, numbers, GENERATIONS);
    if (count < 0)
        return count;
    for (int i = 0; i < count; i++) {
        struct generation *g = &ids->generations[ids->count];
        int r = generation_open(ids, numbers[i], NULL, g);
        if (r == -ENODATA || r == -EBADMSG || r == -EIO || r == -EINVAL) {
            /* the segments know what it knew, as far as they are there */
            *ret_damaged += r != -ENODATA;
            r = r == -ENODATA ? remove_file(ids, numbers[i]) : keep_aside(ids, numbers[i]);
            if (r < 0)
                return r;
            continue;
        }
        if (r < 0)
            return r;
        ids->count++;
        if (g->state.watermark > ids->watermark)
            ids->watermark = g->state.watermark;
    }
    return 0;
}

int feeder_ids_open(const char *folder, int64_t keep_us, unsigned *ret_damaged,
                    struct feeder_ids **ret)
{
    struct feeder_ids *ids = calloc(1, sizeof *ids);
    if (!ids)
        return -ENOMEM;
    *ids = (struct feeder_ids){.folder = strdup(folder), .folder_fd = -1, .keep_us = keep_us};
    *ret_damaged = 0;
    int r = ids->folder ? 0 : -ENOMEM;
    if (r == 0 && mkdir(folder, 0750) < 0 && errno != EEXIST)
        r = -errno;
    if (r == 0) {
        ids->folder_fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        r = ids->folder_fd < 0 ? -errno : open_files(ids, ret_damaged);
    }
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

static int find_in(struct generation *g, const struct feeder_key *key, struct found *ret)
{
    struct feeder_key copy = *key;
    MDB_val name = {sizeof copy, &copy}, value;
    int r = mdb_txn_renew(g->reader);
    if (r != 0)
        return lmdb_error(r);
    r = mdb_get(g->reader, g->table, &name, &value);
    if (r == 0 && value.mv_size == sizeof *ret)
        memcpy(ret, value.mv_data, sizeof *ret);
    mdb_txn_reset(g->reader);
    used(g);
    return r == MDB_NOTFOUND ? FEEDER_IDS_UNKNOWN : lmdb_error(r);
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
        struct found found;
        int r = find_in(&ids->generations[i], key, &found);
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

int feeder_ids_begin(struct feeder_ids *ids, uint64_t durable, int64_t now_us)
{
    int r = turn_over(ids, now_us);
    if (r == 0)
        r = make_room(&ids->generations[ids->count - 1]);
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
    return 0;
}

/* By key, so that neighbours in the file are written together; the later of two under one key last.
 */
static int compare_rows(const void *a, const void *b)
{
    const struct feeder_row *x = *(const struct feeder_row *const *)a,
                            *y = *(const struct feeder_row *const *)b;
    int r = memcmp(&x->key, &y->key, sizeof x->key);
    return r ? r : x->seq < y->seq ? -1 : x->seq > y->seq;
}

/* One transaction; the watermark moves with the last. */
static int write_rows(struct generation *g, const struct feeder_row **rows, uint32_t count,
                      const struct state *state)
{
    MDB_txn *txn;
    int r = mdb_txn_begin(g->env, NULL, 0, &txn);
    if (r != 0)
        return lmdb_error(r);
    for (uint32_t i = 0; r == 0 && i < count; i++) {
        struct feeder_key name = rows[i]->key;
        struct found found = {.seq = rows[i]->seq, .accepted_at = rows[i]->accepted_at};
        MDB_val key = {sizeof name, &name}, value = {sizeof found, &found};
        r = mdb_put(txn, g->table, &key, &value, 0);
        if (g->map && i % LET_GO_AFTER == LET_GO_AFTER - 1)
            madvise(g->map, g->map_size, MADV_DONTNEED);
    }
    if (r == 0 && state)
        r = put_state(txn, g->table, state);
    if (r != 0) {
        mdb_txn_abort(txn);
        return lmdb_error(r);
    }
    return lmdb_error(mdb_txn_commit(txn));
}

int feeder_ids_run(struct feeder_ids *ids)
{
    struct generation *g = &ids->generations[ids->count - 1];
    const struct feeder_table *table = &ids->writing;
    const struct feeder_row **rows = malloc((table->count + 1) * sizeof *rows);
    if (!rows)
        return -ENOMEM;
    struct state state = g->state;
    uint32_t count = 0;
    for (uint32_t i = 0; i < table->count; i++)
        if (table->rows[i].seq <= ids->writing_upto) {
            rows[count++] = &table->rows[i];
            if (table->rows[i].accepted_at > state.last)
                state.last = table->rows[i].accepted_at;
        }
    state.watermark = ids->writing_upto + 1;
    qsort(rows, count, sizeof *rows, compare_rows);
    int r = fault(FAULT_IDS_WRITE);
    for (uint32_t at = 0; r == 0;) {
        uint32_t piece = count - at < TRANSACTION ? count - at : TRANSACTION;
        bool last = at + piece == count;
        r = write_rows(g, rows + at, piece, last ? &state : NULL);
        at += piece;
        if (last)
            break;
    }
    free(rows);
    return r == 0 ? fault(FAULT_IDS_WRITTEN) : r;
}

void feeder_ids_end(struct feeder_ids *ids)
{
    struct generation *g = &ids->generations[ids->count - 1];
    for (uint32_t i = 0; i < ids->writing.count; i++) {
        const struct feeder_row *row = &ids->writing.rows[i];
        if (row->seq <= ids->writing_upto && row->accepted_at > g->state.last)
            g->state.last = row->accepted_at;
    }
    ids->watermark = g->state.watermark = ids->writing_upto + 1;
    feeder_table_free(&ids->writing);
    let_go(g);
}

struct feeder_ids *feeder_ids_close(struct feeder_ids *ids)
{
    if (!ids)
        return NULL;
    for (unsigned i = 0; i < ids->count; i++)
        generation_close(&ids->generations[i]);
    feeder_table_free(&ids->recent);
    feeder_table_free(&ids->writing);
    disk_close(&ids->folder_fd);
    free(ids->folder);
    free(ids);
    return NULL;
}

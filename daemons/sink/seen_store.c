/* The rows of the index of what was seen, in LMDB. */
#include "sink/seen_store.h"

#include <errno.h>
#include <lmdb.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    INDEX_VERSION = 2,
    FORGOTTEN_AT_ONCE = 3, /* old articles */
    SETTLED_AT_ONCE = 3,   /* old answers */
    USES_A_TRIM = 512,     /* one may map 64 KiB of the file, most map nothing new */
};
static const size_t FIRST_MAP = (size_t)1 << 30;
static const int64_t ANSWER_AGE = (int64_t)7 * 86400 * 1000000; /* of spools that are no more */

struct meta_row {
    uint32_t index_version, minhash_version, article_size, answer_size;
    uint64_t identity;
};

struct answer_row {
    int64_t time;
    struct seen_answer answer;
};

struct seen_store {
    MDB_env *env;
    MDB_txn *txn; /* NULL: none begun */
    MDB_dbi articles, answers, meta;
    uint64_t identity;
    unsigned uses; /* since the last trim */
    char *map;     /* where the file is mapped, to trim it; NULL: not known */
    size_t map_size;
};

/* LMDB says 0, an errno, or a negative code of its own. */
static int from_mdb(int r)
{
    if (r >= 0)
        return -r;
    return r == MDB_MAP_FULL ? -ENOSPC : -EIO;
}

static MDB_val value(const void *data, size_t size)
{
    return (MDB_val){size, (void *)(uintptr_t)data};
}

static int open_tables(struct seen_store *s, MDB_txn *txn)
{
    const struct {
        const char *name;
        MDB_dbi *ret;
        unsigned flags;
    } tables[] = {
        {"articles", &s->articles, MDB_INTEGERKEY},
        {"answers",  &s->answers,  0             },
        {"meta",     &s->meta,     0             }
    };
    int r = 0;
    for (size_t i = 0; i < sizeof tables / sizeof *tables && !r; i++)
        r = mdb_dbi_open(txn, tables[i].name, MDB_CREATE | tables[i].flags, tables[i].ret);
    struct meta_row meta = {.index_version = INDEX_VERSION,
                            .minhash_version = MINHASH_VERSION,
                            .article_size = sizeof(struct seen_article),
                            .answer_size = sizeof(struct answer_row)};
    const size_t compared = offsetof(struct meta_row, identity);
    MDB_val key = value("index", 5), found, ours = value(&meta, sizeof meta);
    if (r)
        return r;
    r = mdb_get(txn, s->meta, &key, &found);
    if (r == MDB_NOTFOUND) {
        if (getrandom(&meta.identity, sizeof meta.identity, 0) != (ssize_t)sizeof meta.identity)
            return EIO;
        r = mdb_put(txn, s->meta, &key, &ours, 0);
    } else if (!r &&
               (found.mv_size != sizeof meta || memcmp(found.mv_data, &meta, compared) != 0)) {
        r = MDB_VERSION_MISMATCH;
    } else if (!r) {
        memcpy(&meta, found.mv_data, sizeof meta);
    }
    s->identity = meta.identity;
    return r;
}

/* A file that is shorter than its pages would kill the process when they are touched. */
static int check_size(struct seen_store *s)
{
    MDB_envinfo info;
    MDB_stat stat;
    struct stat st;
    int fd, r = mdb_env_get_fd(s->env, &fd);
    if (!r)
        r = mdb_env_info(s->env, &info);
    if (!r)
        r = mdb_env_stat(s->env, &stat);
    if (!r && fstat(fd, &st) < 0)
        r = errno;
    if (!r && (uint64_t)st.st_size < (info.me_last_pgno + 1) * (uint64_t)stat.ms_psize)
        r = MDB_CORRUPTED;
    return r;
}

static int try_open(const char *dir, struct seen_store *s)
{
    MDB_txn *txn;
    int r = mdb_env_create(&s->env);
    if (!r)
        r = mdb_env_set_maxdbs(s->env, 8);
    if (!r)
        r = mdb_env_set_mapsize(s->env, FIRST_MAP); /* a larger file keeps its own size */
    if (!r) /* a crash of the machine may cost the last transactions, never the index */
        r = mdb_env_open(s->env, dir, MDB_NOMETASYNC | MDB_NORDAHEAD, 0666);
    if (!r)
        r = check_size(s);
    if (!r)
        r = mdb_txn_begin(s->env, NULL, 0, &txn);
    if (!r) {
        r = open_tables(s, txn);
        if (r)
            mdb_txn_abort(txn);
        else
            r = mdb_txn_commit(txn);
    }
    if (r) {
        mdb_env_close(s->env);
        s->env = NULL;
    }
    return r;
}

int seen_store_open(const char *dir, int folder, struct seen_store **ret, bool *ret_anew)
{
    struct seen_store *s = calloc(1, sizeof *s);
    *ret_anew = false;
    if (!s)
        return -ENOMEM;
    int r = try_open(dir, s);
    if (r == MDB_CORRUPTED || r == MDB_INVALID || r == MDB_VERSION_MISMATCH ||
        r == MDB_INCOMPATIBLE || r == MDB_PAGE_NOTFOUND || r == MDB_PANIC) {
        *ret_anew = true;
        unlinkat(folder, "lock.mdb", 0);
        r = renameat(folder, "data.mdb", folder, "data.mdb.bad") < 0 ? errno : try_open(dir, s);
    }
    if (r) {
        free(s);
        return from_mdb(r);
    }
    *ret = s;
    return 0;
}

uint64_t seen_store_identity(const struct seen_store *s)
{
    return s->identity;
}

/* LMDB does not tell where it maps its file, the kernel does. */
static void find_map(struct seen_store *s)
{
    char line[4400];
    struct stat st;
    int fd;
    FILE *maps = mdb_env_get_fd(s->env, &fd) == 0 && fstat(fd, &st) == 0
                     ? fopen("/proc/self/maps", "re")
                     : NULL;
    s->map = NULL;
    while (maps && fgets(line, sizeof line, maps)) {
        unsigned long start, end, offset, inode;
        if (sscanf(line, "%lx-%lx %*s %lx %*s %lu", &start, &end, &offset, &inode) != 4 || offset ||
            inode != (unsigned long)st.st_ino)
            continue;
        s->map = (char *)start;
        s->map_size = end - start;
        break;
    }
    if (maps)
        fclose(maps);
}

/* Gives the map room for the transactions to come; none is open. */
static int grow(struct seen_store *s)
{
    MDB_envinfo info;
    MDB_stat stat;
    int r = mdb_env_info(s->env, &info);
    if (!r)
        r = mdb_env_stat(s->env, &stat);
    if (!r && (info.me_last_pgno + 1) * stat.ms_psize > info.me_mapsize / 2)
        r = mdb_env_set_mapsize(s->env, info.me_mapsize * 2);
    if (!s->map || s->map_size != info.me_mapsize)
        find_map(s);
    return r;
}

static void trim(struct seen_store *s)
{
    s->uses = 0;
    if (s->map)
        madvise(s->map, s->map_size, MADV_DONTNEED); /* stays in the page cache, not in our size */
}

static int begin(struct seen_store *s)
{
    if (++s->uses >= USES_A_TRIM)
        trim(s);
    if (s->txn)
        return 0;
    int r = grow(s);
    return r ? r : mdb_txn_begin(s->env, NULL, 0, &s->txn);
}

int seen_store_commit(struct seen_store *s)
{
    if (!s->txn)
        return 0;
    int r = mdb_txn_commit(s->txn);
    s->txn = NULL;
    return from_mdb(r);
}

void seen_store_abandon(struct seen_store *s)
{
    if (s->txn)
        mdb_txn_abort(s->txn);
    s->txn = NULL;
}

static void answer_key(uint64_t spool, uint64_t seq, uint8_t out[16])
{
    for (int i = 0; i < 8; i++) {
        out[i] = (uint8_t)(spool >> (56 - 8 * i));
        out[8 + i] = (uint8_t)(seq >> (56 - 8 * i));
    }
}

int seen_store_article(struct seen_store *s, uint64_t number, struct seen_article *ret)
{
    MDB_val key = value(&number, sizeof number), found;
    int r = begin(s);
    if (!r)
        r = mdb_get(s->txn, s->articles, &key, &found);
    if (!r && found.mv_size != sizeof *ret)
        r = MDB_CORRUPTED;
    if (!r)
        memcpy(ret, found.mv_data, sizeof *ret);
    return r == MDB_NOTFOUND ? SEEN_STORE_NONE : from_mdb(r);
}

int seen_store_answer(struct seen_store *s, uint64_t spool, uint64_t seq, struct seen_answer *ret)
{
    uint8_t id[16];
    struct answer_row row;
    answer_key(spool, seq, id);
    MDB_val key = value(id, sizeof id), found;
    int r = begin(s);
    if (!r)
        r = mdb_get(s->txn, s->answers, &key, &found);
    if (r == MDB_NOTFOUND || (!r && found.mv_size != sizeof row))
        return SEEN_STORE_NONE;
    if (!r) {
        memcpy(&row, found.mv_data, sizeof row);
        *ret = row.answer;
    }
    return from_mdb(r);
}

int seen_store_add_answer(struct seen_store *s, uint64_t spool, uint64_t seq, int64_t now,
                          const struct seen_answer *answer)
{
    struct answer_row row = {.time = now, .answer = *answer};
    uint8_t id[16];
    answer_key(spool, seq, id);
    MDB_val key = value(id, sizeof id), data = value(&row, sizeof row);
    int r = begin(s);
    return from_mdb(r ? r : mdb_put(s->txn, s->answers, &key, &data, 0));
}

/* The first or the last article; time may be NULL. Number 0: there is none. */
static int edge(MDB_cursor *cursor, MDB_cursor_op which, uint64_t *ret_number, int64_t *ret_time)
{
    MDB_val key, data;
    *ret_number = 0;
    int r = mdb_cursor_get(cursor, &key, &data, which);
    if (r == MDB_NOTFOUND)
        return 0;
    if (!r && (key.mv_size != sizeof *ret_number || data.mv_size != sizeof(struct seen_article)))
        r = MDB_CORRUPTED;
    if (r)
        return r;
    memcpy(ret_number, key.mv_data, sizeof *ret_number);
    memcpy(ret_time, data.mv_data, sizeof *ret_time);
    return 0;
}

static int open_cursor(struct seen_store *s, MDB_dbi table, MDB_cursor **ret)
{
    int r = begin(s);
    return r ? r : mdb_cursor_open(s->txn, table, ret);
}

int seen_store_edges(struct seen_store *s, struct seen_store_edges *ret)
{
    MDB_cursor *cursor;
    int64_t oldest;
    *ret = (struct seen_store_edges){0};
    int r = open_cursor(s, s->articles, &cursor);
    if (r)
        return from_mdb(r);
    r = edge(cursor, MDB_FIRST, &ret->lowest, &oldest);
    if (!r)
        r = edge(cursor, MDB_LAST, &ret->highest, &ret->newest);
    mdb_cursor_close(cursor);
    return from_mdb(r);
}

int seen_store_count(struct seen_store *s, uint64_t *ret)
{
    MDB_stat stat;
    int r = begin(s);
    if (!r)
        r = mdb_stat(s->txn, s->articles, &stat);
    if (!r)
        *ret = stat.ms_entries;
    return from_mdb(r);
}

int seen_store_add_article(struct seen_store *s, const struct seen_article *row,
                           uint64_t *ret_number)
{
    MDB_cursor *cursor;
    uint64_t number = 0;
    int64_t time;
    int r = open_cursor(s, s->articles, &cursor);
    if (r)
        return from_mdb(r);
    r = edge(cursor, MDB_LAST, &number, &time);
    number++;
    MDB_val key = value(&number, sizeof number), data = value(row, sizeof *row);
    if (!r)
        r = mdb_cursor_put(cursor, &key, &data, MDB_APPEND);
    mdb_cursor_close(cursor);
    *ret_number = number;
    return from_mdb(r);
}

/* They lie in the order in which they came. */
int seen_store_forget_articles(struct seen_store *s, int64_t before, uint64_t *ret_lowest)
{
    MDB_cursor *cursor;
    int r = open_cursor(s, s->articles, &cursor);
    if (r)
        return from_mdb(r);
    for (int i = 0; i <= FORGOTTEN_AT_ONCE && !r; i++) {
        int64_t time = before;
        r = edge(cursor, MDB_FIRST, ret_lowest, &time);
        if (r || !*ret_lowest || time > before || i == FORGOTTEN_AT_ONCE)
            break;
        r = mdb_cursor_del(cursor, 0);
    }
    mdb_cursor_close(cursor);
    return from_mdb(r);
}

int seen_store_forget_answers(struct seen_store *s, uint64_t spool, uint64_t floor, int64_t now)
{
    MDB_cursor *cursor;
    uint8_t start[16], floor_key[16];
    int r = open_cursor(s, s->answers, &cursor);
    if (r)
        return from_mdb(r);
    answer_key(spool, 0, start);
    answer_key(spool, floor, floor_key);
    for (int i = 0; i < SETTLED_AT_ONCE && !r; i++) {
        MDB_val key = value(start, sizeof start), found;
        r = mdb_cursor_get(cursor, &key, &found, MDB_SET_RANGE);
        if (r || key.mv_size != sizeof floor_key ||
            memcmp(key.mv_data, floor_key, sizeof floor_key) >= 0)
            break;
        r = mdb_cursor_del(cursor, 0);
    }
    if (!r || r == MDB_NOTFOUND) {
        MDB_val key, found;
        int64_t time = now;
        r = mdb_cursor_get(cursor, &key, &found, MDB_FIRST);
        if (!r && found.mv_size == sizeof(struct answer_row))
            memcpy(&time, found.mv_data, sizeof time);
        if (!r && time < now - ANSWER_AGE)
            r = mdb_cursor_del(cursor, 0);
    }
    mdb_cursor_close(cursor);
    return r == MDB_NOTFOUND ? 0 : from_mdb(r);
}

struct seen_store *seen_store_close(struct seen_store *s)
{
    if (!s)
        return NULL;
    seen_store_commit(s);
    mdb_env_close(s->env);
    free(s);
    return NULL;
}

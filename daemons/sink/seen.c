/* Whether an article was seen before. */
#include "sink/seen.h"

#include "libcommon/message.h"
#include "sink/folder.h"
#include "sink/hints.h"

#include <errno.h>
#include <fcntl.h>
#include <lmdb.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>
#define XXH_INLINE_ALL
#include <xxhash.h>

enum {
    INDEX_VERSION = 2,
    CANDIDATES = 256,      /* taken from all keys */
    COMPARED = 24,         /* candidates compared, those with most keys in common first */
    FORGOTTEN_AT_ONCE = 3, /* old articles a document */
    SETTLED_AT_ONCE = 3,   /* old answers a document */
    LOOKS_A_COMMIT = 256,  /* bounds the memory of a transaction */
    COMMITS_A_TRIM = 32,
    TITLE_LEAST =
        24, /* bytes of a headline that stands for one article; shorter ones are anybody's */
};
static const size_t FIRST_MAP = (size_t)1 << 30;
static const int64_t ANSWER_AGE = (int64_t)7 * 86400 * 1000000; /* of spools that are no more */

/* An article, under a number that grows with each. */
struct article_row {
    int64_t time;
    uint64_t spool, seq, story_spool, story_seq;
    uint8_t url[16], fingerprint[16], title[16];
    uint32_t version;
    uint8_t has_url, has_minhash, has_title, zero;
    struct minhash minhash;
};

struct meta_row {
    uint32_t index_version, minhash_version, article_size, answer_size;
    uint64_t identity;
};

struct answer_row {
    int64_t time;
    struct seen_answer answer;
};

struct seen {
    MDB_env *env;
    MDB_txn *txn; /* NULL: none begun */
    MDB_dbi articles, answers, meta;
    struct hints *hints;
    uint64_t identity; /* of this index, since it was begun */
    int64_t remember;
    bool drop;
    unsigned looks, commits;
    char *map; /* where the file is mapped, to trim it; NULL: not known */
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

static int open_tables(struct seen *s, MDB_txn *txn)
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
                            .article_size = sizeof(struct article_row),
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
static int check_size(struct seen *s)
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

static int try_open(const char *dir, struct seen *s)
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

int seen_open(const char *dir, int64_t remember, bool drop, struct seen **ret, bool *ret_anew)
{
    struct seen *s = calloc(1, sizeof *s);
    int folder = -1, r = s ? folder_make(AT_FDCWD, dir, &folder) : -ENOMEM;
    *ret_anew = false;
    if (r < 0) {
        free(s);
        return r;
    }
    s->remember = remember;
    s->drop = drop;
    int mdb = try_open(dir, s);
    if (mdb == MDB_CORRUPTED || mdb == MDB_INVALID || mdb == MDB_VERSION_MISMATCH ||
        mdb == MDB_INCOMPATIBLE || mdb == MDB_PAGE_NOTFOUND || mdb == MDB_PANIC) {
        *ret_anew = true;
        unlinkat(folder, "lock.mdb", 0);
        mdb = renameat(folder, "data.mdb", folder, "data.mdb.bad") < 0 ? errno : try_open(dir, s);
    }
    r = from_mdb(mdb);
    if (r == 0)
        r = hints_open(folder, s->identity, &s->hints);
    close(folder);
    if (r < 0) {
        if (s->env)
            mdb_env_close(s->env);
        free(s);
        return r;
    }
    *ret = s;
    return 0;
}

/* LMDB does not tell where it maps its file, the kernel does. */
static void find_map(struct seen *s)
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
static int grow(struct seen *s)
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

static int begin(struct seen *s)
{
    if (s->txn)
        return 0;
    int r = grow(s);
    return r ? r : mdb_txn_begin(s->env, NULL, 0, &s->txn);
}

int seen_commit(struct seen *s)
{
    if (!s->txn)
        return 0;
    int r = mdb_txn_commit(s->txn);
    s->txn = NULL;
    s->looks = 0;
    if (!r && ++s->commits % COMMITS_A_TRIM == 0 && s->map)
        madvise(s->map, s->map_size, MADV_DONTNEED); /* stays in the page cache, not in our size */
    return from_mdb(r);
}

static void answer_key(uint64_t spool, uint64_t seq, uint8_t out[16])
{
    for (int i = 0; i < 8; i++) {
        out[i] = (uint8_t)(spool >> (56 - 8 * i));
        out[8 + i] = (uint8_t)(seq >> (56 - 8 * i));
    }
}

static int get_article(struct seen *s, uint64_t number, struct article_row *ret)
{
    MDB_val key = value(&number, sizeof number), found;
    int r = mdb_get(s->txn, s->articles, &key, &found);
    if (!r && found.mv_size != sizeof *ret)
        r = MDB_CORRUPTED;
    if (!r)
        memcpy(ret, found.mv_data, sizeof *ret);
    return r;
}

/* Keys of four kinds share the tables. */
static uint64_t text_key(const uint8_t fingerprint[16])
{
    return XXH3_64bits_withSeed(fingerprint, 16, 1);
}

static uint64_t page_key(const uint8_t url[16])
{
    return XXH3_64bits_withSeed(url, 16, 2);
}

static uint64_t title_key(const uint8_t title[16])
{
    return XXH3_64bits_withSeed(title, 16, 3);
}

static void hash_text(const char *text, size_t size, uint8_t ret[16])
{
    XXH128_canonical_t hash;
    XXH128_canonicalFromHash(&hash, XXH3_128bits(text, size));
    memcpy(ret, hash.digest, 16);
}

/* The newest article under a key for which same() holds. */
static int find_same(struct seen *s, uint64_t key, const struct article_row *row,
                     bool (*same)(const struct article_row *a, const struct article_row *b),
                     struct article_row *ret)
{
    uint64_t numbers[CANDIDATES], newest = 0;
    size_t count = 0;
    int r = hints_find(s->hints, key, true, numbers, CANDIDATES, &count);
    if (r < 0)
        return -r;
    for (size_t i = 0; i < count; i++) {
        struct article_row found;
        if (numbers[i] <= newest)
            continue;
        r = get_article(s, numbers[i], &found);
        if (r && r != MDB_NOTFOUND)
            return r;
        if (r == 0 && same(&found, row)) {
            newest = numbers[i];
            *ret = found;
        }
    }
    return newest ? 0 : MDB_NOTFOUND;
}

static bool same_text(const struct article_row *a, const struct article_row *b)
{
    return !memcmp(a->fingerprint, b->fingerprint, sizeof a->fingerprint);
}

static bool same_page(const struct article_row *a, const struct article_row *b)
{
    return a->has_url && b->has_url && !memcmp(a->url, b->url, sizeof a->url);
}

static bool same_title(const struct article_row *a, const struct article_row *b)
{
    return a->has_title && b->has_title && !memcmp(a->title, b->title, sizeof a->title);
}

/* Forgets a few of the articles that are too old; they lie in the order in which they came. */
static int forget_old(struct seen *s, int64_t now)
{
    MDB_cursor *cursor;
    MDB_val key, found;
    uint64_t number = 0;
    int r = mdb_cursor_open(s->txn, s->articles, &cursor);
    if (r)
        return r;
    for (int i = 0; i <= FORGOTTEN_AT_ONCE && !r; i++) {
        int64_t time;
        r = mdb_cursor_get(cursor, &key, &found, MDB_FIRST);
        if (!r && (key.mv_size != sizeof number || found.mv_size != sizeof(struct article_row)))
            r = MDB_CORRUPTED;
        if (r)
            break;
        memcpy(&number, key.mv_data, sizeof number);
        memcpy(&time, found.mv_data, sizeof time);
        if (time > now - s->remember || i == FORGOTTEN_AT_ONCE)
            break;
        r = mdb_cursor_del(cursor, 0);
    }
    mdb_cursor_close(cursor);
    if (!r)
        r = -hints_forget(s->hints, number);
    return r == MDB_NOTFOUND ? 0 : r;
}

/* Forgets a few answers that nobody will ask for again: of settled documents, or of spools that are
 * no more. */
static int forget_answers(struct seen *s, uint64_t spool, uint64_t floor, int64_t now)
{
    MDB_cursor *cursor;
    uint8_t start[16], floor_key[16];
    int r = mdb_cursor_open(s->txn, s->answers, &cursor);
    if (r)
        return r;
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
    return r == MDB_NOTFOUND ? 0 : r;
}

struct candidate {
    uint64_t number;
    unsigned keys; /* in common */
};

static int by_number(const void *a, const void *b)
{
    const struct candidate *x = a, *y = b;
    return x->number < y->number ? -1 : x->number > y->number;
}

/* Most keys in common first, then the oldest: the first of all copies, if it is there. */
static int by_keys(const void *a, const void *b)
{
    const struct candidate *x = a, *y = b;
    return x->keys != y->keys ? (x->keys > y->keys ? -1 : 1) : by_number(a, b);
}

/* The articles that share keys, each once, best first. */
static int gather(struct seen *s, const uint64_t *keys, unsigned key_count,
                  struct candidate out[CANDIDATES], size_t *ret_count)
{
    uint64_t numbers[CANDIDATES];
    size_t count = 0, kept = 0;
    for (unsigned i = 0; i < key_count; i++) {
        size_t room = CANDIDATES / MINHASH_BANDS * (i + 1); /* no key takes another's share */
        int r = hints_find(s->hints, keys[i], false, numbers, room, &count);
        if (r < 0)
            return -r;
    }
    for (size_t i = 0; i < count; i++)
        out[i] = (struct candidate){numbers[i], 1};
    if (count)
        qsort(out, count, sizeof *out, by_number);
    for (size_t i = 0; i < count; i++) {
        if (kept && out[kept - 1].number == out[i].number)
            out[kept - 1].keys++;
        else
            out[kept++] = out[i];
    }
    if (kept)
        qsort(out, kept, sizeof *out, by_keys);
    *ret_count = kept;
    return 0;
}

/* The most similar article; similarity below MINHASH_NEAR: there is none. */
static int find_near(struct seen *s, const struct seen_document *d, const uint64_t *keys,
                     unsigned key_count, struct article_row *ret, double *ret_similarity)
{
    struct candidate candidates[CANDIDATES];
    size_t count = 0;
    int r = gather(s, keys, key_count, candidates, &count);
    *ret_similarity = 0;
    for (size_t i = 0; i < count && i < COMPARED && !r; i++) {
        struct article_row row;
        r = get_article(s, candidates[i].number, &row);
        if (r == MDB_NOTFOUND) {
            r = 0;
            continue;
        }
        if (r || !row.has_minhash)
            continue;
        double similarity = minhash_similarity(d->minhash, &row.minhash);
        if (similarity > *ret_similarity) {
            *ret_similarity = similarity;
            *ret = row;
        }
    }
    return r;
}

/* Where an article is to be found again. */
struct article_keys {
    bool by_text;
    uint64_t near[MINHASH_BANDS];
    unsigned near_count;
};

static int add_keys(struct seen *s, const struct article_row *row, const struct article_keys *keys,
                    uint64_t number)
{
    int r = 0;
    if (keys->by_text)
        r = hints_add(s->hints, text_key(row->fingerprint), true, number);
    if (!r && row->has_url)
        r = hints_add(s->hints, page_key(row->url), true, number);
    if (!r && row->has_title)
        r = hints_add(s->hints, title_key(row->title), true, number);
    for (unsigned i = 0; i < keys->near_count && !r; i++)
        r = hints_add(s->hints, keys->near[i], false, number);
    return r;
}

static int add(struct seen *s, const struct article_row *row, const struct article_keys *keys)
{
    MDB_cursor *cursor;
    MDB_val key, data;
    uint64_t number = 0;
    int r = mdb_cursor_open(s->txn, s->articles, &cursor);
    if (r)
        return r;
    r = mdb_cursor_get(cursor, &key, &data, MDB_LAST);
    if (!r && key.mv_size == sizeof number)
        memcpy(&number, key.mv_data, sizeof number);
    mdb_cursor_close(cursor);
    if (r && r != MDB_NOTFOUND)
        return r;
    number++;
    key = value(&number, sizeof number);
    data = value(row, sizeof *row);
    r = mdb_put(s->txn, s->articles, &key, &data, MDB_APPEND);
    return r ? r : -add_keys(s, row, keys, number);
}

static void answer_from(const struct article_row *row, enum seen_kind kind, double similarity,
                        uint32_t version, struct seen_answer *ret)
{
    *ret = (struct seen_answer){.kind = kind,
                                .of_spool = row->spool,
                                .of_seq = row->seq,
                                .story_spool = row->story_spool,
                                .story_seq = row->story_seq,
                                .version = version,
                                .similarity = similarity};
}

static void make_row(const struct seen_document *d, int64_t now, struct article_row *row,
                     struct article_keys *keys)
{
    *row = (struct article_row){.time = now, .spool = d->spool, .seq = d->seq};
    *keys = (struct article_keys){.by_text = true};
    memcpy(row->fingerprint, d->fingerprint, sizeof row->fingerprint);
    if (d->minhash) {
        row->minhash = *d->minhash;
        row->has_minhash = 1;
        keys->near_count = minhash_keys(d->minhash, keys->near);
    }
    if (d->url && d->url_size) {
        hash_text(d->url, d->url_size, row->url);
        row->has_url = 1;
    }
    if (d->title && d->title_size >= TITLE_LEAST) {
        hash_text(d->title, d->title_size, row->title);
        row->has_title = 1;
    }
}

/* The answer for a text that is there already; a page that shows it for the first time is
 * remembered as such, so that its next text is known as a version, unless the record is dropped. */
static int answer_exact(struct seen *s, const struct seen_document *d, struct article_row *row,
                        const struct article_row *other, uint32_t version, bool new_page,
                        struct seen_answer *ret)
{
    /* its answer was settled and forgotten */
    bool itself = other->spool == d->spool && other->seq == d->seq;
    answer_from(other, itself ? SEEN_NEW : SEEN_EXACT, itself ? 0 : 1,
                itself ? other->version : version, ret);
    if (itself || !new_page || s->drop)
        return 0;
    row->story_spool = ret->story_spool;
    row->story_seq = ret->story_seq;
    row->version = version;
    return add(s, row, &(struct article_keys){0});
}

/* The answer for a document that was not asked for before, which it then becomes part of. */
static int answer(struct seen *s, const struct seen_document *d, int64_t now,
                  struct seen_answer *ret)
{
    struct article_row row, other = {0}, page = {0};
    struct article_keys keys;
    double similarity = 0;
    make_row(d, now, &row, &keys);
    int known =
        row.has_url ? find_same(s, page_key(row.url), &row, same_page, &page) : MDB_NOTFOUND;
    if (known && known != MDB_NOTFOUND)
        return known;
    uint32_t version = !row.has_url ? 0 : known == 0 ? page.version : 1;
    int r = find_same(s, text_key(row.fingerprint), &row, same_text, &other);
    if (r == 0)
        return answer_exact(s, d, &row, &other, version, row.has_url && known != 0, ret);
    if (r != MDB_NOTFOUND)
        return r;
    if (known == 0) {
        similarity =
            d->minhash && page.has_minhash ? minhash_similarity(d->minhash, &page.minhash) : 0;
        answer_from(&page, SEEN_VERSION, similarity, page.version + 1, ret);
    } else {
        r = find_near(s, d, keys.near, keys.near_count, &other, &similarity);
        if (r)
            return r;
        if (similarity >= MINHASH_NEAR)
            answer_from(&other, SEEN_NEAR, similarity, version, ret);
        else
            *ret = (struct seen_answer){
                .kind = SEEN_NEW, .story_spool = d->spool, .story_seq = d->seq, .version = version};
    }
    if (ret->kind == SEEN_NEAR && s->drop)
        return 0;
    row.story_spool = ret->story_spool;
    row.story_seq = ret->story_seq;
    row.version = ret->version;
    return add(s, &row, &keys);
}

static int look(struct seen *s, const struct seen_document *d, int64_t now, struct seen_answer *ret)
{
    struct answer_row row = {.time = now};
    uint8_t id[16];
    answer_key(d->spool, d->seq, id);
    MDB_val key = value(id, sizeof id), found;
    int r = mdb_get(s->txn, s->answers, &key, &found);
    if (r == 0 && found.mv_size == sizeof row) {
        memcpy(&row, found.mv_data, sizeof row);
        *ret = row.answer;
        return 0;
    }
    if (r && r != MDB_NOTFOUND)
        return r;
    r = answer(s, d, now, &row.answer);
    found = value(&row, sizeof row);
    if (!r)
        r = mdb_put(s->txn, s->answers, &key, &found, 0);
    if (!r)
        r = forget_answers(s, d->spool, d->floor, now);
    if (!r)
        r = forget_old(s, now);
    *ret = row.answer;
    return r;
}

int seen_look(struct seen *s, const struct seen_document *d, int64_t now, struct seen_answer *ret)
{
    if (!d->has_text) {
        *ret = (struct seen_answer){.kind = SEEN_NEW, .story_spool = d->spool, .story_seq = d->seq};
        return 0;
    }
    int r = begin(s);
    if (!r)
        r = look(s, d, now, ret);
    if (r && s->txn) { /* what the transaction held is asked for again */
        mdb_txn_abort(s->txn);
        s->txn = NULL;
    }
    if (r)
        return from_mdb(r);
    return ++s->looks >= LOOKS_A_COMMIT ? seen_commit(s) : 0;
}

int seen_find_lead(struct seen *s, const struct seen_document *document,
                   const struct seen_lead *lead, struct seen_answer *ret)
{
    struct article_row row = {0}, found;
    bool by_url = lead->url && lead->url_size;
    if (by_url) {
        hash_text(lead->url, lead->url_size, row.url);
        row.has_url = 1;
    } else if (lead->title && lead->title_size >= TITLE_LEAST) {
        hash_text(lead->title, lead->title_size, row.title);
        row.has_title = 1;
    } else {
        return 0;
    }
    int r = begin(s);
    if (!r)
        r = by_url ? find_same(s, page_key(row.url), &row, same_page, &found)
                   : find_same(s, title_key(row.title), &row, same_title, &found);
    if (r == MDB_NOTFOUND || (!r && found.spool == document->spool && found.seq == document->seq))
        return 0;
    if (r)
        return from_mdb(r);
    answer_from(&found, SEEN_VERSION, 0, found.version, ret);
    return 1;
}

uint64_t seen_count(struct seen *s)
{
    MDB_stat stat;
    if (begin(s) || mdb_stat(s->txn, s->articles, &stat))
        return 0;
    return stat.ms_entries;
}

struct seen *seen_close(struct seen *s)
{
    if (!s)
        return NULL;
    seen_commit(s);
    hints_close(s->hints);
    mdb_env_close(s->env);
    free(s);
    return NULL;
}

static int hex_digit(char c)
{
    return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool read_fingerprint(const struct field_value *text, uint8_t ret[16])
{
    if (text->type != FIELD_TEXT || text->size != 32)
        return false;
    for (size_t i = 0; i < 16; i++) {
        int high = hex_digit(text->data[2 * i]), low = hex_digit(text->data[2 * i + 1]);
        if (high < 0 || low < 0)
            return false;
        ret[i] = (uint8_t)(high << 4 | low);
    }
    return true;
}

int seen_document_read(const struct record *record, uint64_t floor, struct seen_document *ret)
{
    struct field_value field;
    *ret = (struct seen_document){.spool = record->spool, .seq = record->seq, .floor = floor};
    int r = fields_find(record->labels.data, record->labels.size, FIELD_FINGERPRINT, &field);
    if (r > 0)
        ret->has_text = read_fingerprint(&field, ret->fingerprint);
    if (r >= 0)
        r = fields_find(record->labels.data, record->labels.size, FIELD_MINHASH, &field);
    if (r > 0 && field.type == FIELD_TEXT && field.size == sizeof *ret->minhash)
        ret->minhash = (const struct minhash *)(const void *)field.data; /* bytes: no alignment */
    if (r >= 0)
        r = fields_find(record->article.data, record->article.size, FIELD_TITLE, &field);
    if (r > 0 && field.type == FIELD_TEXT) {
        ret->title = field.data;
        ret->title_size = field.size;
    }
    if (r >= 0)
        r = fields_find(record->article.data, record->article.size, FIELD_CANONICAL_URL, &field);
    if (r == 0)
        r = fields_find(record->document.data, record->document.size, FIELD_URL, &field);
    if (r > 0 && field.type == FIELD_TEXT) {
        ret->url = field.data;
        ret->url_size = field.size;
    }
    return r < 0 ? r : 0;
}

void seen_answer_write(const struct seen_answer *answer, struct buffer *fields)
{
    char id[MESSAGE_ID_SIZE];
    if (answer->kind == SEEN_EXACT || answer->kind == SEEN_NEAR) {
        message_id(answer->of_spool, answer->of_seq, id);
        fields_put_string(fields, FIELD_DUPLICATE_OF, id);
        fields_put_real(fields, FIELD_SIMILARITY,
                        (double)(int)(answer->similarity * 1000 + 0.5) / 1000);
    }
    message_id(answer->story_spool, answer->story_seq, id);
    fields_put_string(fields, FIELD_STORY, id);
    if (answer->version)
        fields_put_integer(fields, FIELD_VERSION, answer->version);
    if (answer->kind == SEEN_VERSION)
        fields_put_real(fields, FIELD_CHANGED,
                        (double)(int)((1 - answer->similarity) * 1000 + 0.5) / 1000);
}

const char *seen_kind_name(enum seen_kind kind)
{
    static const char *const names[SEEN_KINDS] = {"new", "exact", "near", "version"};
    return (unsigned)kind < SEEN_KINDS ? names[kind] : NULL;
}

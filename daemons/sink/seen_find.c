/* Which articles of the index are like a text. */
#include "sink/seen_find.h"

#include "sink/hints.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#define XXH_INLINE_ALL
#include <xxhash.h>

enum {
    CANDIDATES = 256,  /* taken from all keys */
    COMPARED = 24,     /* candidates compared, those with most keys in common first */
    FILLED_AT_ONCE = 4 /* articles that the keys did not know */
};

struct seen_finder {
    struct seen_store *store;
    struct hints *hints;
    uint64_t lowest; /* number in use */
};

int seen_finder_open(int folder, struct seen_store *store, struct seen_finder **ret)
{
    struct seen_store_edges edges;
    struct seen_finder *f = calloc(1, sizeof *f);
    int r = f ? seen_store_edges(store, &edges) : -ENOMEM;
    if (r == 0) {
        f->store = store;
        f->lowest = edges.lowest;
        r = hints_open(folder, seen_store_identity(store),
                       &(struct hints_articles){.lowest = edges.lowest,
                                                .highest = edges.highest,
                                                .newest = edges.newest},
                       &f->hints);
    }
    if (r < 0) {
        free(f);
        return r;
    }
    *ret = f;
    return 0;
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

enum order { OLDEST, NEWEST };

/* The article under a key for which same() holds, the first or the last of several. */
static int find_same(struct seen_finder *f, uint64_t key, const struct seen_article *row,
                     bool (*same)(const struct seen_article *a, const struct seen_article *b),
                     enum order order, struct seen_article *ret)
{
    uint64_t numbers[CANDIDATES], best = 0;
    size_t count = 0;
    int r = hints_find(f->hints, key, true, numbers, CANDIDATES, &count);
    for (size_t i = 0; i < count && r == 0; i++) {
        struct seen_article found;
        if (best && (order == NEWEST ? numbers[i] <= best : numbers[i] >= best))
            continue;
        int got = seen_store_article(f->store, numbers[i], &found);
        if (got == SEEN_STORE_OK && same(&found, row)) {
            best = numbers[i];
            *ret = found;
        }
        r = got < 0 ? got : 0;
    }
    return r < 0 ? r : best ? SEEN_STORE_OK : SEEN_STORE_NONE;
}

static bool same_text(const struct seen_article *a, const struct seen_article *b)
{
    return !memcmp(a->fingerprint, b->fingerprint, sizeof a->fingerprint);
}

static bool same_page(const struct seen_article *a, const struct seen_article *b)
{
    return a->has_url && b->has_url && !memcmp(a->url, b->url, sizeof a->url);
}

static bool same_title(const struct seen_article *a, const struct seen_article *b)
{
    return a->has_title && b->has_title && !memcmp(a->title, b->title, sizeof a->title);
}

int seen_find_page(struct seen_finder *f, const struct seen_article *row, struct seen_article *ret)
{
    return find_same(f, page_key(row->url), row, same_page, NEWEST, ret);
}

int seen_find_title(struct seen_finder *f, const struct seen_article *row, struct seen_article *ret)
{
    return find_same(f, title_key(row->title), row, same_title, NEWEST, ret);
}

int seen_find_text(struct seen_finder *f, const struct seen_article *row, struct seen_article *ret)
{
    return find_same(f, text_key(row->fingerprint), row, same_text, OLDEST, ret);
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
static int gather(struct seen_finder *f, const uint64_t *keys, unsigned key_count,
                  struct candidate out[CANDIDATES], size_t *ret_count)
{
    uint64_t numbers[CANDIDATES];
    size_t count = 0, kept = 0;
    for (unsigned i = 0; i < key_count; i++) {
        size_t room = CANDIDATES / MINHASH_BANDS * (i + 1); /* no key takes another's share */
        int r = hints_find(f->hints, keys[i], false, numbers, room, &count);
        if (r < 0)
            return r;
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

int seen_find_near(struct seen_finder *f, const struct seen_article *row, struct seen_article *ret,
                   double *ret_similarity)
{
    struct candidate candidates[CANDIDATES];
    uint64_t keys[MINHASH_BANDS];
    size_t count = 0;
    *ret_similarity = 0;
    if (!row->has_minhash)
        return 0;
    int r = gather(f, keys, minhash_keys(&row->minhash, keys), candidates, &count);
    for (size_t i = 0; i < count && i < COMPARED && r == 0; i++) {
        struct seen_article found;
        int got = seen_store_article(f->store, candidates[i].number, &found);
        r = got < 0 ? got : 0;
        if (got != SEEN_STORE_OK || !found.has_minhash)
            continue;
        double similarity = minhash_similarity(&row->minhash, &found.minhash);
        if (similarity > *ret_similarity) {
            *ret_similarity = similarity;
            *ret = found;
        }
    }
    return r;
}

int seen_find_add(struct seen_finder *f, const struct seen_article *row, uint64_t number)
{
    uint64_t keys[MINHASH_BANDS];
    int r = 0;
    if (!row->copy)
        r = hints_add(f->hints, text_key(row->fingerprint), true, number);
    if (r == 0 && row->has_url)
        r = hints_add(f->hints, page_key(row->url), true, number);
    if (r == 0 && row->has_title)
        r = hints_add(f->hints, title_key(row->title), true, number);
    unsigned count = row->copy || !row->has_minhash ? 0 : minhash_keys(&row->minhash, keys);
    for (unsigned i = 0; i < count && r == 0; i++)
        r = hints_add(f->hints, keys[i], false, number);
    return r;
}

/* A process killed before it took note adds the same again, which changes nothing. */
int seen_find_fill(struct seen_finder *f)
{
    struct hints_gap gap = hints_gap(f->hints);
    if (!gap.below)
        return 0;
    for (int i = 0; i < FILLED_AT_ONCE && gap.below; i++) {
        struct seen_article row;
        uint64_t number = gap.below - 1;
        int r = number ? seen_store_article(f->store, number, &row) : SEEN_STORE_NONE;
        bool in = r == SEEN_STORE_OK ? row.time >= gap.since : number > f->lowest;
        if (r == SEEN_STORE_OK && in)
            r = seen_find_add(f, &row, number);
        if (r < 0)
            return r;
        gap.below = in ? number : 0;
    }
    return hints_set_gap(f->hints, gap);
}

void seen_find_forget(struct seen_finder *f, uint64_t lowest)
{
    f->lowest = lowest;
    hints_forget(f->hints, lowest);
}

struct seen_finder *seen_finder_close(struct seen_finder *f)
{
    if (!f)
        return NULL;
    hints_close(f->hints);
    free(f);
    return NULL;
}

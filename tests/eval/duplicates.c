/* eval-duplicates DATA_DIR: near-duplicates found through signatures and index keys, against the exact computation. */
#include "classify/fingerprint.h"
#include "tests/eval/corpus.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* What was asked for: Jaccard similarity of the sets of word 5-shingles of the texts. */
static const double wanted = 0.8;

struct article {
    uint64_t *shingles; /* rarest first */
    uint32_t count;
    struct fingerprint fingerprint;
};

struct entry {
    uint64_t key;
    uint32_t article;
};

struct entries {
    struct entry *items;
    size_t count, capacity;
};

struct pairs {
    uint64_t *items; /* lower article in the high half; sorted, each once */
    size_t count, capacity;
};

static void *need(void *p)
{
    if (!p)
        corpus_fail("out of memory");
    return p;
}

static int by_number(const void *a, const void *b)
{
    const uint64_t *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

static int by_key(const void *a, const void *b)
{
    const struct entry *x = a, *y = b;
    if (x->key != y->key)
        return x->key < y->key ? -1 : 1;
    return (x->article > y->article) - (x->article < y->article);
}

static void add_entry(struct entries *e, uint64_t key, size_t article)
{
    if (e->count == e->capacity) {
        e->capacity = e->capacity ? 2 * e->capacity : 1 << 16;
        e->items = need(realloc(e->items, e->capacity * sizeof *e->items));
    }
    e->items[e->count++] = (struct entry){key, (uint32_t)article};
}

/* Every two articles that share a key. */
static struct pairs pair_up(struct entries *e)
{
    struct pairs p = {0};
    qsort(e->items, e->count, sizeof *e->items, by_key);
    for (size_t first = 0, end; first < e->count; first = end) {
        for (end = first; end < e->count && e->items[end].key == e->items[first].key; end++)
            ;
        for (size_t a = first; a < end; a++)
            for (size_t b = a + 1; b < end; b++) {
                if (e->items[a].article == e->items[b].article)
                    continue;
                if (p.count == p.capacity) {
                    p.capacity = p.capacity ? 2 * p.capacity : 1 << 16;
                    p.items = need(realloc(p.items, p.capacity * sizeof *p.items));
                }
                p.items[p.count++] = (uint64_t)e->items[a].article << 32 | e->items[b].article;
            }
    }
    free(e->items);
    if (p.count)
        qsort(p.items, p.count, sizeof *p.items, by_number);
    size_t kept = 0;
    for (size_t i = 0; i < p.count; i++)
        if (!kept || p.items[kept - 1] != p.items[i])
            p.items[kept++] = p.items[i];
    p.count = kept;
    return p;
}

/* The shingles of a text, hashed in a way of their own, sorted, each once. least: words that a body needs to count
 * without its title. */
static void find_shingles(const struct tokens *t, size_t least, struct article *a)
{
    const struct token_text *body = &t->parts[PART_BODY];
    const struct token *words = t->items + (body->count < least ? 0 : body->first);
    size_t count = body->count < least ? t->count : body->count;
    size_t size = count < MINHASH_SHINGLE ? count : MINHASH_SHINGLE;
    free(a->shingles);
    a->count = 0;
    a->shingles = need(malloc((count + 1) * sizeof *a->shingles));
    for (size_t i = 0; size && i + size <= count; i++) {
        uint64_t hash = 1469598103934665603u;
        for (size_t k = 0; k < size; k++)
            hash = (hash ^ words[i + k].hash) * 1099511628211u + (hash >> 29);
        a->shingles[a->count++] = hash;
    }
    if (a->count)
        qsort(a->shingles, a->count, sizeof *a->shingles, by_number);
    uint32_t kept = 0;
    for (uint32_t i = 0; i < a->count; i++)
        if (!kept || a->shingles[kept - 1] != a->shingles[i])
            a->shingles[kept++] = a->shingles[i];
    a->count = kept;
}

static double exact_similarity(const struct article *a, const struct article *b)
{
    uint32_t i = 0, k = 0, same = 0;
    while (i < a->count && k < b->count) {
        if (a->shingles[i] == b->shingles[k]) {
            same++;
            i++;
            k++;
        } else if (a->shingles[i] < b->shingles[k]) {
            i++;
        } else {
            k++;
        }
    }
    return a->count + b->count ? (double)same / (a->count + b->count - same) : 0;
}

struct rank {
    uint64_t articles, shingle;
};

static int by_rank(const void *a, const void *b)
{
    const struct rank *x = a, *y = b;
    if (x->articles != y->articles)
        return x->articles < y->articles ? -1 : 1;
    return (x->shingle > y->shingle) - (x->shingle < y->shingle);
}

/* All pairs of similarity wanted or more: two such sets share one of their few rarest shingles (prefix filter, Bayardo et
 * al. 2007), so only those are compared, exactly. */
static struct pairs exact_pairs(struct article *articles, size_t count)
{
    size_t total = 0;
    for (size_t i = 0; i < count; i++)
        total += articles[i].count;
    uint64_t *all = need(malloc((total + 1) * sizeof *all));
    total = 0;
    for (size_t i = 0; i < count; i++) {
        memcpy(all + total, articles[i].shingles, articles[i].count * sizeof *all);
        total += articles[i].count;
    }
    qsort(all, total, sizeof *all, by_number);
    struct entries prefixes = {0};
    for (size_t i = 0; i < count; i++) {
        struct article *a = &articles[i];
        struct rank *ranks = need(malloc((a->count + 1) * sizeof *ranks));
        for (uint32_t k = 0; k < a->count; k++) {
            const uint64_t *found = bsearch(&a->shingles[k], all, total, sizeof *all, by_number);
            const uint64_t *low = found, *high = found;
            while (low > all && low[-1] == *found)
                low--;
            while (high < all + total && *high == *found)
                high++;
            ranks[k] = (struct rank){(uint64_t)(high - low), a->shingles[k]};
        }
        qsort(ranks, a->count, sizeof *ranks, by_rank);
        uint32_t length = a->count ? a->count - (uint32_t)ceil(wanted * a->count) + 1 : 0;
        for (uint32_t k = 0; k < length; k++)
            add_entry(&prefixes, ranks[k].shingle, i);
        free(ranks);
    }
    free(all);
    struct pairs p = pair_up(&prefixes);
    size_t kept = 0;
    for (size_t i = 0; i < p.count; i++)
        if (exact_similarity(&articles[p.items[i] >> 32], &articles[p.items[i] & UINT32_MAX]) >= wanted)
            p.items[kept++] = p.items[i];
    p.count = kept;
    return p;
}

static struct pairs found_pairs(const struct article *articles, size_t count, size_t *ret_candidates)
{
    struct entries keys = {0};
    for (size_t i = 0; i < count; i++) {
        uint64_t k[MINHASH_BANDS];
        unsigned used = minhash_keys(&articles[i].fingerprint.minhash, k);
        for (unsigned b = 0; b < used; b++)
            add_entry(&keys, k[b], i);
    }
    struct pairs p = pair_up(&keys);
    *ret_candidates = p.count;
    size_t kept = 0;
    for (size_t i = 0; i < p.count; i++)
        if (minhash_similarity(&articles[p.items[i] >> 32].fingerprint.minhash,
                               &articles[p.items[i] & UINT32_MAX].fingerprint.minhash) >= MINHASH_NEAR)
            p.items[kept++] = p.items[i];
    p.count = kept;
    return p;
}

static bool holds(const struct pairs *p, uint64_t pair)
{
    return p->count && bsearch(&pair, p->items, p->count, sizeof pair, by_number);
}

static void print_worst(const struct corpus *c, const struct article *articles, const char *what,
                        const struct pairs *of, const struct pairs *not_in)
{
    unsigned shown = 0;
    for (size_t i = 0; i < of->count && shown < 8; i++) {
        size_t a = of->items[i] >> 32, b = of->items[i] & UINT32_MAX;
        if (holds(not_in, of->items[i]))
            continue;
        shown++;
        printf("# %s: %s %s exact %.3f estimated %.3f shingles %u %u\n", what, c->items[a].id,
               c->items[b].id, exact_similarity(&articles[a], &articles[b]),
               minhash_similarity(&articles[a].fingerprint.minhash, &articles[b].fingerprint.minhash),
               articles[a].count, articles[b].count);
    }
}

/* What is read of each article, in one pass. */
static double read_articles(const struct corpus *c, size_t least, struct article *articles)
{
    struct tokens t = {0};
    clock_t cost = 0;
    for (size_t i = 0; i < c->count; i++) {
        tokens_clear(&t);
        if (tokens_add(&t, PART_TITLE, c->items[i].title, strlen(c->items[i].title)) ||
            tokens_add(&t, PART_BODY, c->items[i].text, strlen(c->items[i].text)))
            corpus_fail("out of memory");
        find_shingles(&t, least, &articles[i]);
        clock_t before = clock();
        fingerprint_make(&t, &articles[i].fingerprint);
        cost += clock() - before;
    }
    tokens_free(&t);
    return 1e6 * (double)cost / CLOCKS_PER_SEC / (double)c->count;
}

static void compare(const struct corpus *c, const struct article *articles, const char *name,
                    const struct pairs *exact, const struct pairs *found)
{
    size_t both = 0;
    for (size_t i = 0; i < found->count; i++)
        both += holds(exact, found->items[i]);
    printf("%s_pairs %zu\n", name, exact->count);
    printf("%s_recall %.4f\n", name, exact->count ? (double)both / (double)exact->count : 1);
    printf("%s_precision %.4f\n", name, found->count ? (double)both / (double)found->count : 1);
    print_worst(c, articles, "missed", exact, found);
    print_worst(c, articles, "wrong", found, exact);
}

/* text: the pairs of texts, a short body with its title, as fingerprints take them. body: bodies alone, where notices
 * that stand for many articles ("* printed in …") are pairs too. */
int main(int argc, char **argv)
{
    if (argc != 2)
        corpus_fail("usage: eval-duplicates DATA_DIR");
    struct corpus c = corpus_everything(argv[1]);
    struct article *articles = need(calloc(c.count + 1, sizeof *articles));
    size_t candidates;
    double cost = read_articles(&c, FINGERPRINT_WORDS, articles);
    struct pairs exact = exact_pairs(articles, c.count);
    struct pairs found = found_pairs(articles, c.count, &candidates);
    printf("articles %zu\nfound %zu\n", c.count, found.count);
    compare(&c, articles, "text", &exact, &found);
    read_articles(&c, 0, articles);
    exact = exact_pairs(articles, c.count);
    compare(&c, articles, "body", &exact, &found);
    printf("candidates_per_article %.3f\n", (double)candidates / (double)c.count);
    printf("fingerprint_us %.2f\n", cost);
    return 0;
}

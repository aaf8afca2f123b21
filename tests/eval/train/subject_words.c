/* From articles to keys, and from keys to rows. */
#include "tests/eval/train/subject_words.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { LEAST_TEXTS = 3, FIRST_SLOTS = 1 << 16 };

/* Chosen on rows held out. */
static const float space_weights[SUBJECT_SPACES] = {
    [SUBJECT_TITLE] = 0.7f,   [SUBJECT_LEAD] = 0.5f, [SUBJECT_TEXT] = 1,
    [SUBJECT_LETTERS] = 0.5f, [SUBJECT_ALONE] = 1,
};

/* Open addressing; texts 0: empty. */
struct subject_counts {
    struct subject_count {
        uint64_t hash;
        uint32_t texts, row; /* row: from 1, once they are finished; 0: none */
        uint8_t space;
    } * slots;
    size_t size, used, texts[2]; /* texts: articles, headlines alone */
};

static void *need(void *p)
{
    if (!p)
        corpus_fail("out of memory");
    return p;
}

static struct subject_count *find(const struct subject_counts *c, uint64_t hash)
{
    size_t at = hash & (c->size - 1);
    while (c->slots[at].texts && c->slots[at].hash != hash)
        at = (at + 1) & (c->size - 1);
    return &c->slots[at];
}

static void resize(struct subject_counts *c, size_t size)
{
    struct subject_counts larger = *c;
    larger.size = size;
    larger.slots = need(calloc(size, sizeof *larger.slots));
    for (size_t i = 0; i < c->size; i++)
        if (c->slots[i].texts)
            *find(&larger, c->slots[i].hash) = c->slots[i];
    free(c->slots);
    *c = larger;
}

struct subject_words *subject_words_new(void)
{
    struct subject_words *w = need(calloc(1, sizeof *w));
    w->counts = need(calloc(1, sizeof *w->counts));
    resize(w->counts, FIRST_SLOTS);
    return w;
}

struct subject_words *subject_words_free(struct subject_words *w)
{
    if (!w)
        return NULL;
    free(w->counts->slots);
    free(w->counts);
    free(w->hashes);
    free(w->scale);
    free(w->space);
    free(w->texts);
    free(w);
    return NULL;
}

static int by_hash(const void *a, const void *b)
{
    const struct subject_key *x = a, *y = b;
    return (x->hash > y->hash) - (x->hash < y->hash);
}

/* The keys of a text in order, each once; they live until the next call. */
static const struct subject_key *read_keys(const struct sample *s, bool alone, size_t *ret_count)
{
    static struct tokens t;
    static struct subject_key keys[SUBJECT_KEYS];
    tokens_clear(&t);
    if (tokens_add(&t, PART_TITLE, s->title, strlen(s->title)) ||
        (!alone && tokens_add(&t, PART_BODY, s->text, strlen(s->text))))
        corpus_fail("out of memory");
    size_t count = subject_keys(&t, keys), kept = 0;
    qsort(keys, count, sizeof *keys, by_hash);
    for (size_t i = 0; i < count; i++)
        if (!kept || keys[kept - 1].hash != keys[i].hash)
            keys[kept++] = keys[i];
    *ret_count = kept;
    return keys;
}

void subject_words_count(struct subject_words *w, const struct sample *s, bool alone)
{
    struct subject_counts *c = w->counts;
    size_t count;
    const struct subject_key *keys = read_keys(s, alone, &count);
    c->texts[alone]++;
    for (size_t i = 0; i < count; i++) {
        struct subject_count *found = find(c, keys[i].hash);
        if (!found->texts) {
            *found = (struct subject_count){.hash = keys[i].hash, .space = keys[i].space};
            c->used++;
        }
        found->texts++;
        if (c->used > c->size / 2)
            resize(c, c->size * 2);
    }
}

static int by_space_and_hash(const void *a, const void *b)
{
    const struct subject_count *const *x = a, *const *y = b;
    if ((*x)->space != (*y)->space)
        return (*x)->space < (*y)->space ? -1 : 1;
    return ((*x)->hash > (*y)->hash) - ((*x)->hash < (*y)->hash);
}

/* In steps: no library's last digit of log() shows. */
static float scale_of(const struct subject_counts *c, const struct subject_count *key)
{
    double texts = (double)c->texts[key->space == SUBJECT_ALONE];
    double scale = round(SUBJECT_SCALE * (1 + log(texts / key->texts)));
    return (float)(scale < UINT8_MAX ? scale : UINT8_MAX) / SUBJECT_SCALE;
}

void subject_words_finish(struct subject_words *w)
{
    struct subject_counts *c = w->counts;
    struct subject_count **order = need(malloc((c->used + 1) * sizeof *order));
    for (size_t i = 0; i < c->size; i++)
        if (c->slots[i].texts >= LEAST_TEXTS)
            order[w->count++] = &c->slots[i];
    qsort(order, w->count, sizeof *order, by_space_and_hash);
    w->hashes = need(malloc((w->count + 1) * sizeof *w->hashes));
    w->scale = need(malloc((w->count + 1) * sizeof *w->scale));
    w->space = need(malloc((w->count + 1) * sizeof *w->space));
    w->texts = need(malloc((w->count + 1) * sizeof *w->texts));
    for (size_t i = 0; i < w->count; i++) {
        order[i]->row = (uint32_t)i + 1;
        w->hashes[i] = order[i]->hash;
        w->scale[i] = scale_of(c, order[i]);
        w->space[i] = order[i]->space;
        w->texts[i] = order[i]->texts;
    }
    free(order);
}

struct linear_words subject_words_all(const struct subject_words *w)
{
    struct linear_words all = {w->scale, w->space, NULL, w->count, {0}};
    memcpy(all.weight, space_weights, sizeof all.weight);
    return all;
}

struct linear_text subject_words_read(const struct subject_words *w, const struct sample *s,
                                      bool alone)
{
    size_t count;
    const struct subject_key *keys = read_keys(s, alone, &count);
    struct linear_text text = {need(malloc((count + 1) * sizeof *text.rows)), 0,
                               count && keys[0].space == SUBJECT_ALONE};
    for (size_t i = 0; i < count; i++) {
        const struct subject_count *found = find(w->counts, keys[i].hash);
        if (found->row)
            text.rows[text.count++] = found->row - 1;
    }
    text.rows = need(realloc(text.rows, (text.count + 1) * sizeof *text.rows));
    return text;
}

/* From articles to stems with vectors, frequent words and frequent pairs. */
#include "tests/eval/train/subject_words.h"

#include <stdlib.h>
#include <string.h>

enum {
    LEAST_STEM = 8,
    MOST_STEMS = 20000,
    LEAST_OTHER = 20,
    MOST_OTHERS = 10000,
    WINDOW = 5,
    VECTOR_EPOCHS = 4,
};
_Static_assert((int)VECTOR_SIZE == (int)SUBJECT_SIZE, "vectors are rows");
_Static_assert((int)MOST_STEMS + (int)MOST_OTHERS <= (int)SUBJECT_MOST_ROWS, "rows fit");

static const float scale_of_others = 0.5f;
static const double frequent = 1e-3; /* a stem with this share of all words goes in by half */

static void *need(void *p)
{
    if (!p)
        corpus_fail("out of memory");
    return p;
}

static void read_sample(struct tokens *t, const struct sample *s)
{
    tokens_clear(t);
    if (tokens_add(t, PART_TITLE, s->title, strlen(s->title)) ||
        tokens_add(t, PART_BODY, s->text, strlen(s->text)))
        corpus_fail("out of memory");
}

/* Counts the stems of a text, or the other keys of its beginning. */
static size_t count_keys(struct tokens *t, struct vocabulary *stems, struct vocabulary *others)
{
    static struct subject_key keys[SUBJECT_KEYS];
    static struct token items[SUBJECT_KEYS];
    struct tokens kept = {.items = items, .folded = t->folded};
    size_t count = subject_keys(t, keys);
    for (size_t i = 0; i < count; i++)
        if (!keys[i].stem)
            items[kept.count++].hash = keys[i].hash;
    vocabulary_count(others, &kept);
    for (size_t i = 0; i < t->count; i++)
        t->items[i].hash = subject_stem(t, &t->items[i]);
    vocabulary_count(stems, t);
    return t->count;
}

static struct word_stream stream_of(const struct corpus *c, const struct vocabulary *stems,
                                    size_t words)
{
    struct tokens t = {0};
    struct word_stream stream = {
        .words = need(malloc((words + WINDOW * c->count) * sizeof *stream.words))};
    for (size_t i = 0; i < c->count; i++) {
        read_sample(&t, &c->items[i]);
        for (size_t k = 0; k < t.count; k++)
            stream.words[stream.count++] =
                (uint32_t)vocabulary_find(stems, subject_stem(&t, &t.items[k]));
        for (int k = 0; k < WINDOW; k++)
            stream.words[stream.count++] = UINT32_MAX; /* articles don't touch */
    }
    tokens_free(&t);
    return stream;
}

/* The vectors of stems as learnt; those of other keys begin as zeros. */
static void set_rows(struct subject_words *w, const float *vectors, size_t words)
{
    size_t count = w->stems->count + w->others->count;
    float *rows = need(calloc(count * SUBJECT_SIZE, sizeof *rows));
    float *scale = need(malloc(count * sizeof *scale));
    memcpy(rows, vectors, w->stems->count * SUBJECT_SIZE * sizeof *rows);
    for (size_t i = 0; i < w->stems->count; i++)
        scale[i] =
            (float)(frequent / (frequent + (double)w->stems->words[i].count / (double)words));
    for (size_t i = w->stems->count; i < count; i++)
        scale[i] = scale_of_others;
    w->rows = (struct learner_rows){rows, scale, count};
}

struct subject_words *subject_words_learn(const struct corpus *c)
{
    struct subject_words *w = need(calloc(1, sizeof *w));
    struct tokens t = {0};
    size_t words = 0;
    w->stems = vocabulary_new();
    w->others = vocabulary_new();
    for (size_t i = 0; i < c->count; i++) {
        read_sample(&t, &c->items[i]);
        words += count_keys(&t, w->stems, w->others);
    }
    tokens_free(&t);
    vocabulary_finish(w->stems, LEAST_STEM, MOST_STEMS);
    vocabulary_finish(w->others, LEAST_OTHER, MOST_OTHERS);
    struct word_stream stream = stream_of(c, w->stems, words);
    const struct vector_settings settings = {.window = WINDOW, .epochs = VECTOR_EPOCHS, .seed = 1};
    float *vectors = vectors_train(w->stems, &stream, &settings);
    set_rows(w, vectors, words);
    free(stream.words);
    free(vectors);
    return w;
}

static void vocabulary_free(struct vocabulary *v)
{
    if (v) {
        free(v->words);
        free(v->slots);
    }
    free(v);
}

struct subject_words *subject_words_free(struct subject_words *w)
{
    if (!w)
        return NULL;
    vocabulary_free(w->stems);
    vocabulary_free(w->others);
    free((float *)(uintptr_t)w->rows.vectors);
    free((float *)(uintptr_t)w->rows.scale);
    free(w);
    return NULL;
}

struct learner_text subject_words_read(const struct subject_words *w, const struct sample *s)
{
    static struct tokens t;
    static struct subject_key keys[SUBJECT_KEYS];
    struct learner_text text = {0};
    read_sample(&t, s);
    size_t count = subject_keys(&t, keys);
    for (int f = 0; f < SUBJECT_FIELDS; f++)
        text.rows[f] = need(malloc((count + 1) * sizeof *text.rows[f]));
    for (size_t i = 0; i < count; i++) {
        int32_t row = vocabulary_find(keys[i].stem ? w->stems : w->others, keys[i].hash);
        int f = keys[i].field;
        if (row >= 0)
            text.rows[f][text.count[f]++] =
                (uint32_t)row + (keys[i].stem ? 0 : (uint32_t)w->stems->count);
    }
    for (int f = 0; f < SUBJECT_FIELDS; f++)
        text.rows[f] = need(realloc(text.rows[f], (text.count[f] + 1) * sizeof *text.rows[f]));
    return text;
}

static void add_slots(const struct vocabulary *v, uint32_t first, uint32_t slots[SUBJECT_SLOTS])
{
    for (size_t i = 0; i < v->count; i++) {
        uint32_t at = subject_slot(v->words[i].hash);
        while (slots[at])
            at = (at + 1) & (SUBJECT_SLOTS - 1);
        slots[at] = subject_tag(v->words[i].hash) | (first + (uint32_t)i + 1);
    }
}

void subject_words_slots(const struct subject_words *w, uint32_t slots[SUBJECT_SLOTS])
{
    memset(slots, 0, SUBJECT_SLOTS * sizeof *slots);
    add_slots(w->stems, 0, slots);
    add_slots(w->others, (uint32_t)w->stems->count, slots);
}

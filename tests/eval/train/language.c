/* Training of the language model: multinomial logistic regression over hashed n-grams, AdaGrad, then int8. */
#include "tests/eval/train/train.h"

#include "classify/language.h"
#include "classify/model.h"
#include "libcommon/utf8.h"
#include "tests/eval/corpus.h"
#include "tests/eval/languages.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

enum { EPOCHS = 12, MAX_GRAMS = 1024, ARABIC_HEADLINES = 12000, HELD_OUT = 20 };

typedef float lanes __attribute__((vector_size(4 * LANGUAGE_LANES)));

struct text {
    const char *bytes;
    size_t size;
    enum language language;
    bool held_out;
};

struct trainer {
    lanes *weights, *squares;
    lanes bias, bias_squares;
    struct text *texts;
    size_t count;
    double share[LANGUAGE_COUNT]; /* how much a text of the language counts */
};

static void add_text(struct trainer *t, const char *bytes, enum language language)
{
    size_t size = strlen(bytes);
    if (!utf8_valid(bytes, size))
        return;
    if (!(t->count & (t->count - 1)))
        t->texts = realloc(t->texts, (t->count ? 2 * t->count : 1) * sizeof *t->texts);
    if (!t->texts)
        corpus_fail("out of memory");
    bool held_out = XXH3_64bits(bytes, size) % HELD_OUT == 0;
    t->texts[t->count++] = (struct text){bytes, size, language, held_out};
}

static int by_value(const void *a, const void *b)
{
    const uint64_t *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

/* Sentences of the training files that no dev file has. */
static void add_sentences(struct trainer *t, const char *data_dir)
{
    struct table dev = corpus_table(data_dir, LANGUAGES_DEV, false);
    uint64_t *judged = calloc(dev.count + 1, sizeof *judged);
    for (size_t i = 0; i < dev.count; i++)
        judged[i] = XXH3_64bits(dev.rows[i][1], strlen(dev.rows[i][1]));
    qsort(judged, dev.count, sizeof *judged, by_value);
    for (const char *const *name = languages_training; *name; name++) {
        struct table rows = corpus_table(data_dir, *name, false);
        for (size_t i = 0; i < rows.count; i++) {
            const char *sentence = rows.rows[i][1];
            enum language language = language_of_flores(rows.rows[i][0]);
            uint64_t key = XXH3_64bits(sentence, strlen(sentence));
            if (language == LANGUAGE_OTHER && key % 8 && strcmp(*name, languages_training[0]))
                continue; /* Gorani's thousands of lines would take Sorani's names for their own */
            if (!bsearch(&key, judged, dev.count, sizeof key, by_value))
                add_text(t, sentence, language);
        }
    }
    free(judged);
}

/* Headlines bring the names and the style of news into Arabic. */
static void add_headlines(struct trainer *t, const char *data_dir)
{
    struct corpus articles = corpus_articles(data_dir);
    corpus_exclude_dev(data_dir, &articles);
    size_t step = articles.count / ARABIC_HEADLINES + 1;
    for (size_t i = 0; i < articles.count; i += step)
        add_text(t, articles.items[i].title, LANGUAGE_ARABIC);
}

/* Texts typed on other keyboards: Arabic YEH, KAF for the Persian ones, or no joiner. */
static size_t respell(const char *text, size_t size, char *out, uint64_t dice)
{
    size_t length = 0;
    for (size_t at = 0; at < size;) {
        uint32_t c = utf8_next(text, &at);
        if (dice & 1)
            c = c == 0x6cc ? 0x64a : c == 0x6a9 ? 0x643 : c;
        if (c == 0x200c && dice & 2) {
            if (dice & 4)
                out[length++] = ' ';
            continue;
        }
        length += utf8_put(c, out + length);
    }
    return length;
}

/* Some words of the text, or all of it. */
static void cut(const char **text, size_t *size, uint64_t dice)
{
    if (dice % 2 || *size < 60)
        return;
    size_t start = (dice >> 8) % (*size / 2), length = 30 + (dice >> 32) % 60;
    const char *first = memchr(*text + start, ' ', *size - start);
    if (!first)
        return;
    size_t left = *size - (size_t)(first - *text);
    const char *last = left > length ? memchr(first + length, ' ', left - length) : NULL;
    *size = last ? (size_t)(last - first) : left;
    *text = first;
}

static size_t read_grams(const struct text *t, uint64_t dice, bool vary, uint16_t grams[MAX_GRAMS])
{
    char spelt[16384];
    const char *bytes = t->bytes;
    size_t size = t->size;
    if (size > 4000)
        size = (size_t)(memchr(bytes + 3900, ' ', 100) ? 3900 : 0);
    while (size && ((unsigned char)bytes[size] & 0xc0) == 0x80)
        size--;
    if (vary) {
        cut(&bytes, &size, dice >> 3);
        if (dice % 8 >= 5 && t->language != LANGUAGE_ARABIC) {
            size = respell(bytes, size, spelt, dice >> 50);
            bytes = spelt;
        }
    }
    struct language_view view = {0};
    return language_read(&view, bytes, size, grams, MAX_GRAMS);
}

static void predict(const struct trainer *t, const uint16_t *grams, size_t count, lanes *ret)
{
    float unit = 1 / sqrtf((float)(count ? count : 1));
    lanes p = {0};
    for (size_t i = 0; i < count; i++)
        p += t->weights[grams[i]];
    p = p * unit + t->bias;
    float highest = p[0], sum = 0;
    for (int l = 1; l < LANGUAGE_LANES; l++)
        highest = p[l] > highest ? p[l] : highest;
    for (int l = 0; l < LANGUAGE_LANES; l++)
        sum += p[l] = expf(p[l] - highest);
    *ret = p / sum;
}

static void root(lanes *v)
{
    for (int l = 0; l < LANGUAGE_LANES; l++)
        (*v)[l] = 1 / sqrtf((*v)[l] + 1e-6f);
}

static void learn(struct trainer *t, const struct text *text, uint64_t dice, float rate)
{
    uint16_t grams[MAX_GRAMS];
    size_t count = read_grams(text, dice, true, grams);
    if (!count)
        return;
    float unit = 1 / sqrtf((float)count);
    lanes gradient;
    predict(t, grams, count, &gradient);
    gradient[text->language] -= 1;
    gradient *= (float)t->share[text->language];
    lanes part = gradient * unit, square = part * part;
    for (size_t i = 0; i < count; i++) {
        t->squares[grams[i]] += square;
        lanes scale = t->squares[grams[i]];
        root(&scale);
        t->weights[grams[i]] -= rate * part * scale;
    }
    t->bias_squares += gradient * gradient;
    lanes scale = t->bias_squares;
    root(&scale);
    t->bias -= 0.1f * rate * gradient * scale;
}

static void shuffle(struct trainer *t, uint64_t *seed)
{
    for (size_t i = t->count; i > 1; i--) {
        size_t j = corpus_random(seed) % i;
        struct text swapped = t->texts[i - 1];
        t->texts[i - 1] = t->texts[j];
        t->texts[j] = swapped;
    }
}

static double held_out_accuracy(const struct trainer *t)
{
    uint16_t grams[MAX_GRAMS];
    size_t right = 0, all = 0;
    for (size_t i = 0; i < t->count; i++) {
        const struct text *text = &t->texts[i];
        if (!text->held_out)
            continue;
        size_t count = read_grams(text, 0, false, grams);
        lanes p;
        predict(t, grams, count, &p);
        int best = 0;
        for (int l = 1; l < LANGUAGE_LANES; l++)
            best = p[l] > p[best] ? l : best;
        right += best == (int)text->language;
        all++;
    }
    return (double)right / (double)all;
}

static void weigh_languages(struct trainer *t)
{
    size_t texts[LANGUAGE_COUNT] = {0};
    for (size_t i = 0; i < t->count; i++)
        texts[t->texts[i].language]++;
    for (int l = 0; l < LANGUAGE_COUNT; l++)
        t->share[l] = texts[l] ? pow(5000.0 / (double)texts[l], 0.3) : 0;
    for (int l = 0; l < LANGUAGE_LANES; l++)
        t->bias[l] = l < LANGUAGE_COUNT && texts[l] ? 0 : -50;
}

static int write_weights(const struct trainer *t, const char *out_dir)
{
    static int8_t small[LANGUAGE_BUCKETS][LANGUAGE_LANES];
    struct language_scale scale = {0};
    float largest = 0;
    for (size_t b = 0; b < LANGUAGE_BUCKETS; b++)
        for (int l = 0; l < LANGUAGE_LANES; l++)
            largest = fmaxf(largest, fabsf(t->weights[b][l]));
    scale.step = largest / 127;
    for (size_t b = 0; b < LANGUAGE_BUCKETS; b++)
        for (int l = 0; l < LANGUAGE_LANES; l++)
            small[b][l] = (int8_t)lrintf(t->weights[b][l] / scale.step);
    memcpy(scale.bias, &t->bias, sizeof scale.bias);
    char path[4096];
    snprintf(path, sizeof path, "%s/language.model", out_dir);
    const struct model_part parts[] = {{LANGUAGE_SECTION_WEIGHTS, small, sizeof small},
                                       {LANGUAGE_SECTION_SCALE, &scale, sizeof scale}};
    return model_write(path, MODEL_LANGUAGE, LANGUAGE_MODEL_VERSION, parts, 2);
}

int train_language(const char *data_dir, const char *out_dir)
{
    struct trainer t = {0};
    t.weights = aligned_alloc(64, LANGUAGE_BUCKETS * sizeof *t.weights);
    t.squares = aligned_alloc(64, LANGUAGE_BUCKETS * sizeof *t.squares);
    if (!t.weights || !t.squares)
        corpus_fail("out of memory");
    memset(t.weights, 0, LANGUAGE_BUCKETS * sizeof *t.weights);
    memset(t.squares, 0, LANGUAGE_BUCKETS * sizeof *t.squares);
    add_sentences(&t, data_dir);
    add_headlines(&t, data_dir);
    weigh_languages(&t);
    uint64_t seed = 1;
    for (int e = 0; e < EPOCHS; e++) {
        shuffle(&t, &seed);
        float rate = 0.3f * (1 - (float)e / EPOCHS);
        for (size_t i = 0; i < t.count; i++) {
            uint64_t dice = corpus_random(&seed);
            if (!t.texts[i].held_out)
                learn(&t, &t.texts[i], dice, rate);
        }
        printf("epoch %d held-out accuracy %.4f\n", e + 1, held_out_accuracy(&t));
    }
    int r = write_weights(&t, out_dir);
    free(t.weights);
    free(t.squares);
    free(t.texts);
    return r;
}

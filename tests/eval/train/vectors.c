/* Learning vectors and clusters of words; single-threaded, so that a rebuild gives the same bytes. */
#include "tests/eval/train/vectors.h"

#include "tests/eval/corpus.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static void *need(void *p)
{
    if (!p)
        corpus_fail("out of memory");
    return p;
}

struct vocabulary *vocabulary_new(void)
{
    struct vocabulary *v = need(calloc(1, sizeof *v));
    v->slot_count = 1 << 22;
    v->slots = need(calloc(v->slot_count, sizeof *v->slots));
    v->words = need(malloc(v->slot_count / 2 * sizeof *v->words));
    return v;
}

static uint32_t *slot_of(const struct vocabulary *v, uint64_t hash)
{
    size_t at = hash & (v->slot_count - 1);
    while (v->slots[at] && v->words[v->slots[at] - 1].hash != hash)
        at = (at + 1) & (v->slot_count - 1);
    return &v->slots[at];
}

int32_t vocabulary_find(const struct vocabulary *v, uint64_t hash)
{
    return (int32_t)*slot_of(v, hash) - 1;
}

void vocabulary_count(struct vocabulary *v, const struct tokens *t)
{
    for (size_t i = 0; i < t->count; i++) {
        const struct token *token = &t->items[i];
        uint32_t *slot = slot_of(v, token->hash);
        if (!*slot) {
            if (v->count + 1 >= v->slot_count / 2)
                continue;
            struct vocabulary_word *w = &v->words[v->count++];
            *w = (struct vocabulary_word){
                .hash = token->hash, .letters = token->letters, .kind = token->kind};
            memcpy(w->folded, t->folded + token->folded, token->letters);
            *slot = (uint32_t)v->count;
        }
        v->words[*slot - 1].count++;
    }
}

static int by_count(const void *a, const void *b)
{
    const struct vocabulary_word *x = a, *y = b;
    if (x->count != y->count)
        return x->count < y->count ? 1 : -1;
    return (x->hash > y->hash) - (x->hash < y->hash);
}

void vocabulary_finish(struct vocabulary *v, uint32_t least, size_t most)
{
    qsort(v->words, v->count, sizeof *v->words, by_count);
    while (v->count && (v->words[v->count - 1].count < least || v->count > most))
        v->count--;
    memset(v->slots, 0, v->slot_count * sizeof *v->slots);
    for (size_t i = 0; i < v->count; i++)
        *slot_of(v, v->words[i].hash) = (uint32_t)i + 1;
}

enum { NEGATIVE = 5, NEGATIVE_TABLE = 1 << 22 };

static float dot(const float *a, const float *b)
{
    float sum[8] = {0};
    for (size_t d = 0; d < VECTOR_SIZE; d += 8)
        for (size_t k = 0; k < 8; k++)
            sum[k] += a[d + k] * b[d + k];
    return sum[0] + sum[1] + sum[2] + sum[3] + sum[4] + sum[5] + sum[6] + sum[7];
}

static void add_scaled(float *a, const float *b, float scale)
{
    for (size_t d = 0; d < VECTOR_SIZE; d++)
        a[d] += scale * b[d];
}

static void normalise(float *vector)
{
    float length = sqrtf(dot(vector, vector)) + 1e-9f;
    for (size_t d = 0; d < VECTOR_SIZE; d++)
        vector[d] /= length;
}

static uint32_t *negative_table(const struct vocabulary *v)
{
    uint32_t *table = need(malloc(NEGATIVE_TABLE * sizeof *table));
    double total = 0, sum = 0;
    for (size_t i = 0; i < v->count; i++)
        total += pow(v->words[i].count, 0.75);
    size_t at = 0;
    for (size_t i = 0; i < v->count; i++) {
        sum += pow(v->words[i].count, 0.75);
        for (; at < NEGATIVE_TABLE && (double)at / NEGATIVE_TABLE < sum / total; at++)
            table[at] = (uint32_t)i;
    }
    for (; at < NEGATIVE_TABLE; at++)
        table[at] = (uint32_t)v->count - 1;
    return table;
}

/* The logistic function, from a table: it takes half of the time otherwise. */
enum { LOGISTIC_STEPS = 1024, LOGISTIC_LIMIT = 8 };
static float logistic_table[LOGISTIC_STEPS + 1];

static void make_logistic_table(void)
{
    for (int i = 0; i <= LOGISTIC_STEPS; i++)
        logistic_table[i] = 1 / (1 + expf(LOGISTIC_LIMIT - 2.0f * LOGISTIC_LIMIT * (float)i / LOGISTIC_STEPS));
}

static float logistic(float x)
{
    if (x <= -LOGISTIC_LIMIT)
        return 0;
    if (x >= LOGISTIC_LIMIT)
        return 1;
    return logistic_table[(int)((x + LOGISTIC_LIMIT) * (LOGISTIC_STEPS / (2.0f * LOGISTIC_LIMIT)) + 0.5f)];
}

/* One pair: pulls the input vector and the output vector together, and some drawn at random apart. */
static void train_pair(float *input, float *outputs, uint32_t context, const uint32_t *negatives,
                       float rate, uint64_t *state)
{
    float change[VECTOR_SIZE] = {0};
    for (unsigned n = 0; n <= NEGATIVE; n++) {
        uint32_t target = n ? negatives[corpus_random(state) % NEGATIVE_TABLE] : context;
        if (n && target == context)
            continue;
        float *output = outputs + (size_t)target * VECTOR_SIZE;
        float score = dot(input, output);
        float gradient = ((n ? 0.0f : 1.0f) - logistic(score)) * rate;
        add_scaled(change, output, gradient);
        add_scaled(output, input, gradient);
    }
    add_scaled(input, change, 1);
}

float *vectors_train(const struct vocabulary *v, const struct word_stream *stream,
                     const struct vector_settings *settings)
{
    const int window = (int)settings->window;
    size_t size = v->count * VECTOR_SIZE, positions = settings->by_position ? 2 * settings->window : 1;
    float *input = need(malloc(size * sizeof *input));
    float *outputs = need(calloc(size * positions, sizeof *outputs));
    uint32_t *negatives = negative_table(v);
    uint64_t state = settings->seed;
    for (size_t i = 0; i < size; i++)
        input[i] = ((float)(corpus_random(&state) >> 40) / (1 << 24) - 0.5f) / VECTOR_SIZE;
    double total = 0;
    for (size_t i = 0; i < v->count; i++)
        total += v->words[i].count;
    float *kept = need(malloc(v->count * sizeof *kept)); /* frequent words are thinned out */
    for (size_t i = 0; i < v->count; i++) {
        double share = v->words[i].count / total / 1e-4;
        kept[i] = share > 1 ? (float)(sqrt(1 / share) + 1 / share) : 1;
    }
    make_logistic_table();
    size_t steps = 0, all = settings->epochs * stream->count;
    for (unsigned epoch = 0; epoch < settings->epochs; epoch++)
        for (size_t i = 0; i < stream->count; i++, steps++) {
            uint32_t word = stream->words[i];
            if (word == UINT32_MAX || (float)(corpus_random(&state) >> 40) / (1 << 24) > kept[word])
                continue;
            float rate = 0.05f * (1 - (float)steps / (float)all) + 1e-4f;
            for (int offset = -window, p = 0; offset <= window; offset++) {
                if (!offset)
                    continue;
                size_t other = i + (size_t)offset, position = settings->by_position ? (size_t)p++ : 0;
                if (other >= stream->count || stream->words[other] == UINT32_MAX)
                    continue;
                train_pair(input + (size_t)word * VECTOR_SIZE, outputs + position * size,
                           stream->words[other], negatives, rate, &state);
            }
        }
    for (size_t i = 0; i < v->count; i++)
        normalise(input + i * VECTOR_SIZE);
    free(outputs);
    free(negatives);
    free(kept);
    return input;
}

static unsigned nearest(const float *centres, unsigned clusters, const float *vector)
{
    unsigned best = 0;
    float highest = -2;
    for (unsigned c = 0; c < clusters; c++) {
        float score = dot(centres + (size_t)c * VECTOR_SIZE, vector);
        if (score > highest) {
            highest = score;
            best = c;
        }
    }
    return best;
}

uint16_t *vectors_cluster(const struct vocabulary *v, const float *vectors, unsigned clusters,
                          unsigned rounds, uint64_t seed)
{
    uint16_t *cluster = need(calloc(v->count, sizeof *cluster));
    float *centres = need(malloc((size_t)clusters * VECTOR_SIZE * sizeof *centres));
    size_t pool = v->count < clusters * 8 ? v->count : clusters * 8; /* frequent words to start from */
    for (unsigned c = 0; c < clusters; c++)
        memcpy(centres + (size_t)c * VECTOR_SIZE,
               vectors + corpus_random(&seed) % pool * VECTOR_SIZE, VECTOR_SIZE * sizeof *centres);
    for (unsigned round = 0; round < rounds; round++) {
        for (size_t i = 0; i < v->count; i++)
            cluster[i] = (uint16_t)nearest(centres, clusters, vectors + i * VECTOR_SIZE);
        memset(centres, 0, (size_t)clusters * VECTOR_SIZE * sizeof *centres);
        for (size_t i = 0; i < v->count; i++)
            add_scaled(centres + (size_t)cluster[i] * VECTOR_SIZE, vectors + i * VECTOR_SIZE,
                       sqrtf((float)v->words[i].count));
        for (unsigned c = 0; c < clusters; c++) {
            float *centre = centres + (size_t)c * VECTOR_SIZE;
            if (dot(centre, centre) == 0)
                memcpy(centre, vectors + corpus_random(&seed) % v->count * VECTOR_SIZE,
                       VECTOR_SIZE * sizeof *centre);
            normalise(centre);
        }
    }
    free(centres);
    return cluster;
}

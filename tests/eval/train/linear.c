/* Two ways to learn a linear model: parting classes, and learning shares. */
#include "tests/eval/train/linear.h"

#include "tests/eval/corpus.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const float bias_rate = 0.02f; /* of that of the weights */

struct linear {
    struct linear_words words;
    float (*rows)[LINEAR_ROW];
    float bias[2][LINEAR_ROW];
    int outputs;
};

static void *need(void *p)
{
    if (!p)
        corpus_fail("out of memory");
    return p;
}

struct linear *linear_new(const struct linear_words *words, int outputs)
{
    struct linear *l = need(calloc(1, sizeof *l));
    l->words = *words;
    l->rows = need(calloc(words->count + 1, sizeof *l->rows));
    l->outputs = outputs;
    return l;
}

struct linear *linear_free(struct linear *l)
{
    if (l)
        free(l->rows);
    free(l);
    return NULL;
}

/* exp() of 0 and less, to seven digits: halvings, then a polynomial on what is left. */
static float exp_below_zero(float x)
{
    if (x < -80)
        return 0;
    int halvings = (int)(-x * 1.44269504f);
    double rest = (double)x + halvings * 0.69314718055994531, term = 1, sum = 1;
    for (int k = 1; k < 12; k++)
        sum += term *= rest / k;
    return (float)ldexp(sum, -halvings);
}

void linear_softmax(float *values, int count, float sharpness)
{
    float highest = values[0], sum = 0;
    for (int i = 1; i < count; i++)
        highest = values[i] > highest ? values[i] : highest;
    for (int i = 0; i < count; i++)
        sum += values[i] = exp_below_zero((values[i] - highest) * sharpness);
    for (int i = 0; i < count; i++)
        values[i] /= sum;
}

static bool is_kept(const struct linear *l, uint32_t row)
{
    return !l->words.kept || l->words.kept[row];
}

/* What a row of each space goes in with; returns the square of the length of the whole text. */
static float find_units(const struct linear *l, const struct linear_text *text,
                        float units[SUBJECT_SPACES])
{
    float mass[SUBJECT_SPACES] = {0}, length = 0;
    for (uint32_t i = 0; i < text->count; i++) {
        uint32_t row = text->rows[i];
        if (is_kept(l, row))
            mass[l->words.space[row]] += l->words.scale[row] * l->words.scale[row];
    }
    for (int s = 0; s < SUBJECT_SPACES; s++) {
        units[s] = mass[s] > 0 ? l->words.weight[s] / sqrtf(mass[s]) : 0;
        length += mass[s] > 0 ? l->words.weight[s] * l->words.weight[s] : 0;
    }
    return length;
}

static float part_of(const struct linear *l, const float *units, uint32_t row)
{
    return units[l->words.space[row]] * l->words.scale[row];
}

static void run(const struct linear *l, const struct linear_text *text, const float *units,
                float ret[LINEAR_ROW])
{
    memcpy(ret, l->bias[text->alone], sizeof l->bias[text->alone]);
    for (uint32_t i = 0; i < text->count; i++) {
        uint32_t row = text->rows[i];
        if (!is_kept(l, row))
            continue;
        float part = part_of(l, units, row);
        for (int o = 0; o < LINEAR_ROW; o++)
            ret[o] += part * l->rows[row][o];
    }
}

void linear_output(const struct linear *l, const struct linear_text *text,
                   float ret[SUBJECT_OUTPUTS])
{
    float units[SUBJECT_SPACES], values[LINEAR_ROW];
    find_units(l, text, units);
    run(l, text, units, values);
    memcpy(ret, values, SUBJECT_OUTPUTS * sizeof *ret);
}

static void add_to_rows(struct linear *l, const struct linear_text *text, const float *units,
                        const float change[LINEAR_ROW])
{
    for (uint32_t i = 0; i < text->count; i++) {
        uint32_t row = text->rows[i];
        if (!is_kept(l, row))
            continue;
        float part = part_of(l, units, row);
        for (int o = 0; o < LINEAR_ROW; o++)
            l->rows[row][o] += part * change[o];
    }
}

static uint32_t *new_order(size_t count)
{
    uint32_t *order = need(malloc((count + 1) * sizeof *order));
    for (size_t i = 0; i < count; i++)
        order[i] = (uint32_t)i;
    return order;
}

static void shuffle(uint32_t *order, size_t count, uint64_t *state)
{
    for (size_t i = count; i > 1; i--) {
        size_t j = corpus_random(state) % i;
        uint32_t swapped = order[i - 1];
        order[i - 1] = order[j];
        order[j] = swapped;
    }
}

static int largest(const float *values, int count)
{
    int best = 0;
    for (int o = 1; o < count; o++)
        best = values[o] > values[best] ? o : best;
    return best;
}

/* One step of coordinate descent for each output at once: dual holds a text's multipliers. */
static void part(struct linear *l, const struct lesson *lesson, float dual[LINEAR_ROW], float cost)
{
    float units[SUBJECT_SPACES], change[LINEAR_ROW];
    float slack = 0.5f / (cost * lesson->weight);
    float curve = find_units(l, lesson->text, units) + 1 + slack; /* 1: the bias */
    int class = largest(lesson->target, l->outputs);
    run(l, lesson->text, units, change);
    for (int o = 0; o < LINEAR_ROW; o++) {
        float side = o == class ? 1 : -1;
        float moved = dual[o] - (side * change[o] - 1 + dual[o] * slack) / curve;
        moved = moved > 0 && o < l->outputs ? moved : 0;
        change[o] = (moved - dual[o]) * side;
        dual[o] = moved;
    }
    add_to_rows(l, lesson->text, units, change);
    for (int o = 0; o < LINEAR_ROW; o++)
        l->bias[lesson->text->alone][o] += change[o];
}

void linear_part(struct linear *l, const struct lesson *lessons, size_t count, float cost,
                 unsigned epochs, uint64_t seed)
{
    uint32_t *order = new_order(count);
    float(*dual)[LINEAR_ROW] = need(calloc(count + 1, sizeof *dual));
    for (unsigned e = 0; e < epochs; e++) {
        shuffle(order, count, &seed);
        for (size_t i = 0; i < count; i++)
            part(l, &lessons[order[i]], dual[order[i]], cost);
    }
    free(dual);
    free(order);
}

static void share(struct linear *l, const struct lesson *lesson, float rate)
{
    float units[SUBJECT_SPACES], change[LINEAR_ROW];
    find_units(l, lesson->text, units);
    run(l, lesson->text, units, change);
    linear_softmax(change, l->outputs, 1);
    for (int o = 0; o < LINEAR_ROW; o++)
        change[o] = o < l->outputs ? (lesson->target[o] - change[o]) * lesson->weight * rate : 0;
    add_to_rows(l, lesson->text, units, change);
    for (int o = 0; o < LINEAR_ROW; o++)
        l->bias[lesson->text->alone][o] += change[o] * bias_rate;
}

void linear_share(struct linear *l, const struct lesson *lessons, size_t count, float rate,
                  unsigned epochs, uint64_t seed)
{
    uint32_t *order = new_order(count);
    for (unsigned e = 0; e < epochs; e++) {
        shuffle(order, count, &seed);
        for (size_t i = 0; i < count; i++) {
            float done = ((float)e + (float)i / (float)count) / (float)epochs;
            share(l, &lessons[order[i]], rate * (1 - done));
        }
    }
    free(order);
}

float linear_row(const struct linear *l, size_t row)
{
    float sum = 0;
    for (int o = 0; o < l->outputs; o++)
        sum += l->rows[row][o] * l->rows[row][o];
    return sum * l->words.scale[row] * l->words.scale[row];
}

void linear_weights(const struct linear *l, size_t row, float ret[LINEAR_ROW])
{
    for (int o = 0; o < LINEAR_ROW; o++)
        ret[o] = l->rows[row][o] * l->words.scale[row];
}

void linear_bias(const struct linear *l, bool alone, float ret[SUBJECT_OUTPUTS])
{
    memcpy(ret, l->bias[alone], SUBJECT_OUTPUTS * sizeof *ret);
}

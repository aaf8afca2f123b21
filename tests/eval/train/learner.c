/* Learning a small network of sums of vectors; single-threaded and in fixed order, so that a
 * rebuild gives the same bytes. */
#include "tests/eval/train/learner.h"

#include "tests/eval/corpus.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { LANES = 16 };

static const float word_dropout = 0.2f, hidden_dropout = 0.3f;
static const float rate_of_layers = 0.02f, rate_of_rows = 0.014f;

/* Weights and the sums of their squared gradients. */
struct weights {
    float *at, *squares;
    size_t count;
};

struct learner {
    struct weights rows, hidden, hidden_bias, output, output_bias;
    const float *scale;
    int outputs;
    uint64_t state;
    /* of the text at hand */
    float input[SUBJECT_INPUTS], unit[SUBJECT_FIELDS];
    float hidden_values[SUBJECT_HIDDEN], hidden_mask[SUBJECT_HIDDEN];
    bool kept[SUBJECT_FIELDS][SUBJECT_KEYS];
};

static void *need(void *p)
{
    if (!p)
        corpus_fail("out of memory");
    return p;
}

static struct weights weights_new(size_t count)
{
    struct weights w = {need(calloc(count, sizeof *w.at)), need(calloc(count, sizeof *w.squares)),
                        count};
    return w;
}

static void weights_free(struct weights *w)
{
    free(w->at);
    free(w->squares);
}

/* -0.5 to 0.5 */
static float draw(uint64_t *state)
{
    return (float)(corpus_random(state) >> 40) / (1 << 24) - 0.5f;
}

static bool chance(uint64_t *state, float share)
{
    return (float)(corpus_random(state) >> 40) / (1 << 24) < share;
}

static void draw_all(struct weights *w, float width, uint64_t *state)
{
    for (size_t i = 0; i < w->count; i++)
        w->at[i] = 2 * width * draw(state);
}

struct learner *learner_new(const struct learner_rows *rows, int outputs, uint64_t seed)
{
    struct learner *l = need(calloc(1, sizeof *l));
    l->rows = weights_new(rows->count * SUBJECT_SIZE);
    memcpy(l->rows.at, rows->vectors, rows->count * SUBJECT_SIZE * sizeof *rows->vectors);
    l->scale = rows->scale;
    l->hidden = weights_new((size_t)SUBJECT_INPUTS * SUBJECT_HIDDEN);
    l->hidden_bias = weights_new(SUBJECT_HIDDEN);
    l->output = weights_new((size_t)SUBJECT_HIDDEN * SUBJECT_OUTPUTS);
    l->output_bias = weights_new(SUBJECT_OUTPUTS);
    l->outputs = outputs;
    l->state = seed;
    draw_all(&l->hidden, sqrtf(3.0f / SUBJECT_SIZE), &l->state);
    draw_all(&l->output, 0.5f * sqrtf(3.0f / SUBJECT_HIDDEN), &l->state);
    return l;
}

struct learner *learner_free(struct learner *l)
{
    if (!l)
        return NULL;
    weights_free(&l->rows);
    weights_free(&l->hidden);
    weights_free(&l->hidden_bias);
    weights_free(&l->output);
    weights_free(&l->output_bias);
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

void learner_softmax(float *values, int count, float sharpness)
{
    float highest = values[0], sum = 0;
    for (int i = 1; i < count; i++)
        highest = values[i] > highest ? values[i] : highest;
    for (int i = 0; i < count; i++)
        sum += values[i] = exp_below_zero((values[i] - highest) * sharpness);
    for (int i = 0; i < count; i++)
        values[i] /= sum;
}

/* Sums up the fields; in training some words are left out. */
static void read_text(struct learner *l, const struct learner_text *text, int fields, bool training)
{
    memset(l->input, 0, sizeof l->input);
    for (int f = 0; f < fields; f++) {
        float mass = 0, *sum = l->input + f * SUBJECT_SIZE;
        for (int i = 0; i < text->count[f]; i++) {
            l->kept[f][i] = !training || !chance(&l->state, word_dropout);
            if (!l->kept[f][i])
                continue;
            uint32_t row = text->rows[f][i];
            float scale = l->scale[row];
            const float *vector = l->rows.at + (size_t)row * SUBJECT_SIZE;
            mass += scale * scale;
            for (int d = 0; d < SUBJECT_SIZE; d++)
                sum[d] += vector[d] * scale;
        }
        l->unit[f] = mass > 0 ? 1 / sqrtf(mass) : 0;
        for (int d = 0; d < SUBJECT_SIZE; d++)
            sum[d] *= l->unit[f];
    }
}

static void run(struct learner *l, const struct learner_text *text, int fields, bool training,
                float ret[SUBJECT_OUTPUTS])
{
    read_text(l, text, fields, training);
    float *hidden = l->hidden_values;
    memcpy(hidden, l->hidden_bias.at, sizeof l->hidden_values);
    for (int d = 0; d < fields * SUBJECT_SIZE; d++)
        for (int h = 0; h < SUBJECT_HIDDEN; h++)
            hidden[h] += l->input[d] * l->hidden.at[d * SUBJECT_HIDDEN + h];
    for (int h = 0; h < SUBJECT_HIDDEN; h++) {
        l->hidden_mask[h] = !training                           ? 1
                            : chance(&l->state, hidden_dropout) ? 0
                                                                : 1 / (1 - hidden_dropout);
        hidden[h] = hidden[h] > 0 ? hidden[h] * l->hidden_mask[h] : 0;
    }
    memcpy(ret, l->output_bias.at, SUBJECT_OUTPUTS * sizeof *ret);
    for (int h = 0; h < SUBJECT_HIDDEN; h++)
        for (int o = 0; hidden[h] > 0 && o < SUBJECT_OUTPUTS; o++)
            ret[o] += hidden[h] * l->output.at[h * SUBJECT_OUTPUTS + o];
}

void learner_output(struct learner *l, const struct learner_text *text, int fields,
                    float ret[SUBJECT_OUTPUTS])
{
    run(l, text, fields, false, ret);
}

static void update(float *weights, float *squares, const float *gradient, float factor,
                   size_t count, float rate)
{
    for (size_t i = 0; i < count; i++) {
        float g = gradient[i] * factor;
        squares[i] += g * g;
        weights[i] -= rate * g / sqrtf(squares[i] + 1e-8f);
    }
}

static float dot(const float *a, const float *b, size_t count)
{
    float sum[LANES] = {0}, all = 0;
    for (size_t i = 0; i < count; i += LANES)
        for (size_t k = 0; k < LANES; k++)
            sum[k] += a[i + k] * b[i + k];
    for (size_t k = 0; k < LANES; k++)
        all += sum[k];
    return all;
}

static void update_rows(struct learner *l, const struct learner_text *text, int fields,
                        const float *gradient, float rate)
{
    for (int f = 0; f < fields; f++)
        for (int i = 0; i < text->count[f]; i++) {
            if (!l->kept[f][i])
                continue;
            size_t at = (size_t)text->rows[f][i] * SUBJECT_SIZE;
            update(l->rows.at + at, l->rows.squares + at, gradient + f * SUBJECT_SIZE,
                   l->scale[text->rows[f][i]] * l->unit[f], SUBJECT_SIZE, rate);
        }
}

static void learn(struct learner *l, const struct lesson *lesson, float left)
{
    float error[SUBJECT_OUTPUTS], hidden_error[SUBJECT_HIDDEN], input_error[SUBJECT_INPUTS];
    float rate = rate_of_layers * left;
    run(l, lesson->text, lesson->fields, true, error);
    learner_softmax(error, l->outputs, 1);
    for (int o = 0; o < SUBJECT_OUTPUTS; o++)
        error[o] = o < l->outputs ? (error[o] - lesson->target[o]) * lesson->weight : 0;
    for (int h = 0; h < SUBJECT_HIDDEN; h++) {
        size_t at = (size_t)h * SUBJECT_OUTPUTS;
        float sum = 0;
        for (int o = 0; o < l->outputs; o++)
            sum += error[o] * l->output.at[at + (size_t)o];
        hidden_error[h] = l->hidden_values[h] > 0 ? sum * l->hidden_mask[h] : 0;
        if (l->hidden_values[h] > 0)
            update(l->output.at + at, l->output.squares + at, error, l->hidden_values[h],
                   SUBJECT_OUTPUTS, rate);
    }
    update(l->output_bias.at, l->output_bias.squares, error, 1, SUBJECT_OUTPUTS, rate);
    for (int d = 0; d < lesson->fields * SUBJECT_SIZE; d++) {
        size_t at = (size_t)d * SUBJECT_HIDDEN;
        input_error[d] = dot(l->hidden.at + at, hidden_error, SUBJECT_HIDDEN);
        update(l->hidden.at + at, l->hidden.squares + at, hidden_error, l->input[d], SUBJECT_HIDDEN,
               rate);
    }
    update(l->hidden_bias.at, l->hidden_bias.squares, hidden_error, 1, SUBJECT_HIDDEN, rate);
    update_rows(l, lesson->text, lesson->fields, input_error, rate_of_rows * left);
}

void learner_train(struct learner *l, const struct lesson *lessons, size_t count, unsigned epochs)
{
    uint32_t *order = need(malloc((count + 1) * sizeof *order));
    for (size_t i = 0; i < count; i++)
        order[i] = (uint32_t)i;
    for (unsigned e = 0; e < epochs; e++) {
        for (size_t i = count; i > 1; i--) {
            size_t j = corpus_random(&l->state) % i;
            uint32_t swapped = order[i - 1];
            order[i - 1] = order[j];
            order[j] = swapped;
        }
        for (size_t i = 0; i < count; i++)
            learn(l, &lessons[order[i]], 1 - ((float)e + (float)i / (float)count) / (float)epochs);
    }
    free(order);
}

void learner_ship(const struct learner *l, int8_t (*out_rows)[SUBJECT_SIZE], float *out_mass,
                  struct subject_net *out)
{
    size_t count = l->rows.count / SUBJECT_SIZE;
    float largest = 0;
    for (size_t r = 0; r < count; r++)
        for (size_t d = 0; d < SUBJECT_SIZE; d++)
            largest = fmaxf(largest, fabsf(l->rows.at[r * SUBJECT_SIZE + d] * l->scale[r]));
    out->step = largest / 127;
    for (size_t r = 0; r < count; r++) {
        out_mass[r] = l->scale[r] * l->scale[r];
        for (size_t d = 0; d < SUBJECT_SIZE; d++)
            out_rows[r][d] =
                (int8_t)lrintf(l->rows.at[r * SUBJECT_SIZE + d] * l->scale[r] / out->step);
    }
    memcpy(out->hidden, l->hidden.at, sizeof out->hidden);
    memcpy(out->hidden_bias, l->hidden_bias.at, sizeof out->hidden_bias);
    memcpy(out->output, l->output.at, sizeof out->output);
    memcpy(out->output_bias, l->output_bias.at, sizeof out->output_bias);
}

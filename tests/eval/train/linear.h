/* The linear model of daemons/classify/subject.h while it learns: numbers in floating point, in
 * fixed order and on one thread, so that a rebuild gives the same bytes. */
#pragma once

#include "classify/subject.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { LINEAR_ROW = 20 }; /* outputs of a row, those that are not used too: whole vectors */
_Static_assert((int)LINEAR_ROW >= (int)SUBJECT_OUTPUTS, "outputs fit");

/* What the model may know; borrowed. */
struct linear_words {
    const float *scale;   /* how much of a row goes into its space */
    const uint8_t *space; /* enum subject_space */
    const bool *kept;     /* rows that are left out count for nothing; NULL: all are kept */
    size_t count;
    float weight[SUBJECT_SPACES];
};

/* A text as rows, each once. */
struct linear_text {
    uint32_t *rows;
    uint32_t count;
    bool alone; /* a headline */
};

struct lesson {
    const struct linear_text *text;
    float weight, target[SUBJECT_OUTPUTS]; /* target: shares */
};

struct linear;

/* Free with linear_free(). */
struct linear *linear_new(const struct linear_words *words, int outputs);
struct linear *linear_free(struct linear *l); /* NULL is fine; always returns NULL */

/* Parts, for each output, the texts whose largest target it is from the others: a support vector
 * machine with squared hinge loss, by dual coordinate descent (Hsieh et al. 2008). cost: of an
 * error, as lesson.weight. */
void linear_part(struct linear *l, const struct lesson *lessons, size_t count, float cost,
                 unsigned epochs, uint64_t seed);

/* Learns the targets as shares: softmax by stochastic gradient descent at a falling rate. */
void linear_share(struct linear *l, const struct lesson *lessons, size_t count, float rate,
                  unsigned epochs, uint64_t seed);

/* The values before softmax. */
void linear_output(const struct linear *l, const struct linear_text *text,
                   float ret[SUBJECT_OUTPUTS]);

/* Softmax that needs no library's exp(), so that it gives the same everywhere. */
void linear_softmax(float *values, int count, float sharpness);

/* How much a row says: its scaled weights, squared and summed up. */
float linear_row(const struct linear *l, size_t row);

/* The scaled weights of a row; the rest of ret is 0. */
void linear_weights(const struct linear *l, size_t row, float ret[LINEAR_ROW]);

/* The bias of articles or of headlines alone. */
void linear_bias(const struct linear *l, bool alone, float ret[SUBJECT_OUTPUTS]);

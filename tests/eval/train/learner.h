/* The network of daemons/classify/subject.h while it learns: numbers in floating point, AdaGrad,
 * dropout. */
#pragma once

#include "classify/subject.h"

#include <stddef.h>
#include <stdint.h>

/* What the vectors start from; borrowed. */
struct learner_rows {
    const float *vectors; /* count * SUBJECT_SIZE */
    const float *scale;   /* how much of a row goes into its field */
    size_t count;
};

/* A text as rows, per field. */
struct learner_text {
    uint32_t *rows[SUBJECT_FIELDS];
    uint16_t count[SUBJECT_FIELDS];
};

struct lesson {
    const struct learner_text *text;
    int fields; /* 1: the headline alone; SUBJECT_FIELDS: all */
    float weight, target[SUBJECT_OUTPUTS];
};

struct learner;

/* The same seed, the same network. Free with learner_free(). */
struct learner *learner_new(const struct learner_rows *rows, int outputs, uint64_t seed);
struct learner *learner_free(struct learner *l); /* NULL is fine; always returns NULL */

/* Goes through the lessons in random order, epochs times, at a falling rate. */
void learner_train(struct learner *l, const struct lesson *lessons, size_t count, unsigned epochs);

/* The values before softmax. */
void learner_output(struct learner *l, const struct learner_text *text, int fields,
                    float ret[SUBJECT_OUTPUTS]);

/* Softmax that needs no library's exp(), so that it gives the same everywhere. */
void learner_softmax(float *values, int count, float sharpness);

/* The shipped form: rows of 8 bits, and the layers; what else is in *out stays. out_rows has room
 * for all rows. */
void learner_ship(const struct learner *l, int8_t (*out_rows)[SUBJECT_SIZE], float *out_mass,
                  struct subject_net *out);

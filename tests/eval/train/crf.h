/* A linear-chain CRF over hashed features and a few dense ones, trained by SGD on the log-likelihood. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { CRF_LANES = 16, CRF_BITS = 21 }; /* tags, padded; weight rows, as a power of two */

/* One sequence. Features of word i: features[starts[i]] … features[starts[i + 1] - 1], any 32 bits; dense inputs
 * are rows of dense_size numbers each at one of dense_slots offsets (NULL: none there). */
struct crf_sequence {
    size_t count;
    uint32_t *starts;
    uint32_t *features;
    const float **dense; /* count * dense_slots */
    uint8_t *tags;
    uint8_t *breaks; /* no name goes on from the word before */
    float weight;
};

struct crf {
    size_t tags, dense_slots, dense_size;
    float (*rows)[CRF_LANES];  /* 1 << CRF_BITS */
    float (*dense)[CRF_LANES]; /* dense_slots * dense_size */
    float transitions[CRF_LANES][CRF_LANES];
    bool allowed[CRF_LANES][CRF_LANES]; /* from, to */
    bool allowed_break[CRF_LANES];      /* as the first tag or behind a break */
    float scale;                        /* all weights are to be multiplied by it */
    double steps, rate, decay;
};

struct crf *crf_new(size_t tags, size_t dense_slots, size_t dense_size, double rate, double decay);
void crf_step(struct crf *c, const struct crf_sequence *s);
void crf_settle(struct crf *c); /* multiplies the scale in; before the weights are read */
void crf_emissions(const struct crf *c, const struct crf_sequence *s, float (*ret)[CRF_LANES]);
void crf_decode(const struct crf *c, const struct crf_sequence *s, uint8_t *ret_tags);
/* Probability of each tag at each word. */
void crf_marginals(const struct crf *c, const struct crf_sequence *s, float (*ret)[CRF_LANES]);
struct crf *crf_free(struct crf *c);

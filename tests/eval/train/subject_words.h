/* The words that the models of topics and events know, learnt from articles without labels. */
#pragma once

#include "tests/eval/corpus.h"
#include "tests/eval/train/learner.h"
#include "tests/eval/train/vectors.h"

struct subject_words {
    struct vocabulary *stems, *others; /* others: words as they stand, and pairs of stems */
    struct learner_rows rows;          /* of the stems, then of the others */
};

struct subject_words *subject_words_learn(const struct corpus *c);
struct subject_words *
subject_words_free(struct subject_words *w); /* NULL is fine; always returns NULL */

/* A sample as rows; the lists live until the process ends. */
struct learner_text subject_words_read(const struct subject_words *w, const struct sample *s);

/* Which row each key has, as the model file says it. */
void subject_words_slots(const struct subject_words *w, uint32_t slots[SUBJECT_SLOTS]);

/* The keys that the models of topics and events may know, counted over texts with labels and
 * without. */
#pragma once

#include "tests/eval/corpus.h"
#include "tests/eval/train/linear.h"

struct subject_words {
    uint64_t *hashes; /* of each row */
    float *scale;
    uint8_t *space;
    uint32_t *texts; /* how many hold it */
    size_t count;
    struct subject_counts *counts; /* while they are counted and to find them by */
};

struct subject_words *subject_words_new(void);
struct subject_words *
subject_words_free(struct subject_words *w); /* NULL is fine; always returns NULL */

/* Counts the keys of a sample, or of its headline alone. */
void subject_words_count(struct subject_words *w, const struct sample *s, bool alone);

/* Makes rows of the keys that enough texts have; the rarer, the larger their scale. */
void subject_words_finish(struct subject_words *w);

/* How the spaces weigh, and all rows. */
struct linear_words subject_words_all(const struct subject_words *w);

/* A sample as rows, or its headline alone; free its rows. */
struct linear_text subject_words_read(const struct subject_words *w, const struct sample *s,
                                      bool alone);

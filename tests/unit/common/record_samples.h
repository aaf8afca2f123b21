/* Records for tests: one with every field, others with as little as may be, or with nasty text. */
#pragma once

#include "libcommon/record.h"

enum { RECORD_SAMPLES = 5, REJECT_SAMPLES = 2 };

struct record_sample {
    struct record record;
    struct buffer document, article, labels, seen, reject; /* what the record borrows */
};

/* Fills *ret with sample i, from 0; free with record_sample_free(). */
void record_sample_make(int i, struct record_sample *ret);
void reject_sample_make(int i, struct record_sample *ret);
void record_sample_free(struct record_sample *sample);

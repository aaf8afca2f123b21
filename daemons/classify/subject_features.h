/* What the models of topics and events see of an article: stems of its words, by field; in headline
 * and first paragraph the words as they stand and pairs of neighbouring stems too. */
#pragma once

#include "classify/tokens.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A headline alone is an article of one field. */
enum subject_field { SUBJECT_TITLE, SUBJECT_LEAD, SUBJECT_BODY, SUBJECT_FIELDS };

enum {
    SUBJECT_WORDS = 512, /* of title and text together; what stands behind them is not read */
    SUBJECT_KEYS = 3 * SUBJECT_WORDS, /* room for all keys of an article */
};

/* The hash of a word's stem. */
uint64_t subject_stem(const struct tokens *t, const struct token *word);

struct subject_key {
    uint64_t hash;
    uint8_t field; /* enum subject_field */
    bool stem;     /* not a word or a pair */
};

/* Writes the keys of the first words, in the order of the text; returns how many. */
size_t subject_keys(const struct tokens *t, struct subject_key out[SUBJECT_KEYS]);

/* What the models of topics and events see of an article: its words as they stand, their stems,
 * pairs of neighbouring stems, and runs of letters; each counts apart by where it stands. */
#pragma once

#include "classify/tokens.h"

#include <stddef.h>
#include <stdint.h>

/* The same word has another key in each. A headline alone has a space of its own. */
enum subject_space {
    SUBJECT_TITLE,
    SUBJECT_LEAD,    /* the first paragraph */
    SUBJECT_TEXT,    /* everything, title included */
    SUBJECT_LETTERS, /* of title and first paragraph */
    SUBJECT_ALONE,
    SUBJECT_SPACES
};

enum {
    SUBJECT_WORDS = 512, /* of title and text together; what stands behind them is not read */
    SUBJECT_SPELT = 128, /* words whose letters are looked at */
    SUBJECT_SPELT_LETTERS = 12, /* and how many of a word */
    SUBJECT_KEYS = 6 * SUBJECT_WORDS + SUBJECT_SPELT * SUBJECT_SPELT_LETTERS, /* room for all */
};

struct subject_key {
    uint64_t hash;
    uint8_t space; /* enum subject_space */
};

/* Writes the keys of the first words, in the order of the text; returns how many. A key that stands
 * several times is written as often, and counts once. */
size_t subject_keys(const struct tokens *t, struct subject_key out[SUBJECT_KEYS]);

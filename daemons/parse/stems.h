/* Words without their endings and Arabic's prefixes, to tell whether two texts speak of the same.
 */
#pragma once

#include "parse/article.h"

#include <stdbool.h>

enum { STEM_SLOTS = 2048 };

/* Stems met in a text; half of the slots are used at most. */
struct stems {
    uint32_t slots[STEM_SLOTS]; /* 0: free */
    size_t count;
};

/* The words of the first `most` bytes of a text; short words, which are grammar mostly, are passed
 * over. */
void stems_add(struct stems *set, struct span s, size_t most);

/* How many of the words of a line, of 40 at most, are in the set; *ret_words: how many there are.
 */
size_t stems_met(const struct stems *set, struct span s, size_t *ret_words);

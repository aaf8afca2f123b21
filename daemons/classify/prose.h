/* Which words of an article stand in Arabic prose: all that the tagger of names has learnt from. */
#pragma once

#include "classify/language.h"
#include "classify/name_features.h"
#include "classify/tokens.h"

#include <stdbool.h>
#include <stddef.h>

/* Marks the first NAME_WORDS words, and says whether any is marked. A headline or paragraph is
 * Arabic prose when its language is Arabic and it has a word in Arabic letters. lines are those of
 * the text, in order, as language_identify_lines() tells them; what they don't reach has the text's
 * language. */
bool prose_mark(const struct tokens *t, enum language headline, enum language text,
                const struct language_line *lines, size_t count, bool ret[NAME_WORDS]);

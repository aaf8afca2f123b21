/* Text hygiene: what every text goes through once before anything reads it.
 *
 * NFC (UAX #15). Out: U+FEFF, U+00AD SOFT HYPHEN, C0 and C1 controls but line feed and tab, U+200E, U+200F and U+061C marks,
 * embeddings and overrides (U+202A to U+202E), isolates that are not balanced within their line (UAX #9), noncharacters,
 * U+200D and U+2060; U+200C ZERO WIDTH NON-JOINER stays between letters of the Arabic script, where it is spelling. CR and CRLF,
 * U+0085, U+2028 and U+2029 become a line feed; every other space separator (Zs) a plain space. Arabic presentation
 * forms become letters (their compatibility decomposition). Tatweel and diacritics stay. */
#pragma once

#include "libcommon/arena.h"

#include <stdbool.h>
#include <stddef.h>

struct text_notes {
    bool controls; /* control characters other than line ends and tabs were dropped */
};

/* in: UTF-8. *ret is in itself when nothing had to change, else a copy in the arena. 0; -ENOMEM. */
int text_clean(struct arena *arena, const char *in, size_t size, const char **ret, size_t *ret_size,
               struct text_notes *ret_notes);

/* Prefixes of Arabic that are written as one with the word behind them: و ف ب ل ك (U+0648 U+0641 U+0628 U+0644 U+0643). */
#pragma once

#include <stddef.h>
#include <stdint.h>

enum { CLITICS_MAX = 2, CLITICS_STEM = 41 };

/* The word without its first cut letters (1 or 2), if those may be prefixes; returns the number of letters written to
 * out, which has room for CLITICS_STEM, or 0 if they can't be. Behind ل the article ال loses its ALEF: it is put
 * back. At least two letters stay. */
size_t clitics_stem(const uint8_t *letters, size_t count, unsigned cut, uint8_t out[CLITICS_STEM]);

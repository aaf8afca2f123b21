/* Kurmanji (Badini) in Arabic script, told from Sorani by its small words. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/* Whether a text of the Kurdish kind is Kurmanji; *ret_confidence is written only then. Reads the first few hundred
 * words at most. */
bool kurmanji_in_arabic(const char *text, size_t size, float *ret_confidence);

/* Light stems of folded Arabic words: what is left without conjunction, article and the endings of
 * number and gender, after light10 (Larkey, Ballesteros, Connell 2007). */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* The stem is *ret_size letters of the word itself, at least two of a word that has two, and begins
 * at the returned letter. */
const uint8_t *stem_light(const uint8_t *letters, size_t count, size_t *ret_size);

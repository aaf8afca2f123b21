/* Languages in Latin script, told by their small words and letters. */
#pragma once

#include "classify/language.h"

/* The language of a text that is mostly in Latin letters: Turkish, Kurmanji, English, French or LANGUAGE_OTHER; reads
 * at most the first few thousand bytes. */
enum language language_of_latin(const char *text, size_t size, float *ret_confidence);

/* Quotations in the text of an article: what is said, by whom, and with which word of speech. */
#pragma once

#include "libcommon/arena.h"
#include "parse/article.h"

#include <stdbool.h>

/* Finds the quotations in article->text and puts them into article->quotes, in order. Up to three
 * words between quotation marks count only when a word of speech introduces them. 0; -ENOMEM: the
 * arena is used up. */
int quotes_find(struct arena *arena, struct article *article);

/* The rows of the words of speech and of the particles, for the test that walks them; NULL behind
 * the last. */
const char *quotes_word(bool particle, size_t i);

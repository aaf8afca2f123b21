/* Paragraphs that ask something of the reader: to subscribe, to follow, to pay, to comment; or that
 * claim rights. */
#pragma once

#include "parse/article.h"

#include <stdbool.h>

enum { APPEAL_MAX = 400 }; /* bytes; nothing longer is one */

/* Whether the paragraph is an appeal. English, German, French, Spanish, Portuguese, Italian, Dutch,
 * Polish, Turkish, Arabic. */
bool html_is_appeal(struct span line);

/* The rows, for the test that walks them; NULL behind the last. */
const char *html_appeal_row(size_t i);

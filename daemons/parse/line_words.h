/* Words that tell what a line of a page is for: bylines, changes, agencies. */
#pragma once

#include "libcommon/site.h"
#include "parse/article.h"

#include <stdbool.h>
#include <stddef.h>

/* "By ...", in the languages of news pages: bytes of the words before the name; 0. */
size_t line_byline_prefix(struct span line);
/* The words say that the date of the line is that of a change. */
bool line_says_updated(struct span line);
/* The agency named at the start of a text's first line or alone in a byline; its name as the table
 * has it, or NULL. */
const char *line_agency(struct span words, const struct site *site);

/* Words that tell what a line of a page is for: furniture, headings of related lists, bylines,
 * agencies. */
#pragma once

#include "libcommon/site.h"
#include "parse/article.h"

#include <stdbool.h>
#include <stddef.h>

/* A line of share bars, navigation, advertisements, comments, copyright; site may be NULL. */
bool line_is_furniture(struct span line, const struct site *site);
/* "Read also: ..." : bytes of the words before the headline; 0: not such a line. A heading alone is
 * all its bytes. */
size_t line_related_prefix(struct span line);
/* "By ...", in the languages of news pages: bytes of the words before the name; 0. */
size_t line_byline_prefix(struct span line);
/* The words say that the date of the line is that of a change. */
bool line_says_updated(struct span line);
/* The agency named at the start of a text's first line or alone in a byline; its name as the table
 * has it, or NULL. */
const char *line_agency(struct span words, const struct site *site);

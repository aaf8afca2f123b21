/* The tags that a page writes below its article, as keywords. */
#pragma once

#include "parse/lines.h"

/* The tags in a line of them, without the words that head it: parted by commas, semicolons, bars,
 * dots or number signs. Fills ret (at most `most`), returns how many; 0 for words that nothing
 * parts and that are too many for one tag. */
size_t keywords_in(struct span tags, struct span *ret, size_t most);

/* ROLE_TAGS lines -> article->keywords, each once, at most 40. 0; -ENOMEM. */
int keywords_read(struct arena *arena, const struct lines *lines, struct article *article);

/* Sentences that look like prose and are none of the article's: words under pictures, pitches,
 * notes on who wrote it. */
#pragma once

#include "parse/article.h"

#include <stdbool.h>

/* Words under a picture: they name it, or end in its credit ("(AP Photo/…)", "Getty Images",
 * "(رويترز)"). */
bool aside_is_caption(struct span line);

/* Asks the reader for something: an address for the newsletter, consent, a subscription, a
 * download. */
bool aside_is_pitch(struct span line);

/* Says who wrote the article or the agency's own words on itself; stands at the end. */
bool aside_is_author_note(struct span line);

/* Heads such a note: "About Ascom". */
bool aside_heads_note(struct span line);

/* The rows of all lists, for the test that walks them; NULL behind the last. */
const char *aside_phrase(size_t i);

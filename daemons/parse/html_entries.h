/* Entries of a live blog, by the structure of its page: boxes that repeat, each with a time and
 * text. */
#pragma once

#include "parse/html_lines.h"
#include "parse/lines.h"

/* Fills lines->claims.entries unless JSON-LD gave as many, and gives the lines of entries the role
 * of body; where times part the text without boxes, the lines that open an entry get ROLE_ENTRY.
 * To be called when title and dates are settled. 0; -ENOMEM. */
int html_entries(struct arena *arena, const struct page_source *source,
                 const struct dates_context *context, const struct html_tree *tree,
                 const uint16_t *boxes, const struct html_place *places, struct lines *lines);

/* Who wrote the article: names as claims state them, made bare; else names that the page shows. */
#pragma once

#include "parse/html_boxes.h"
#include "parse/html_lines.h"
#include "parse/lines.h"

/* Adds the authors that a text names, one after the other: without "By", roles and what follows a
 * bar; addresses and words like "admin" are no names. 0; -ENOMEM. */
int claims_add_author(struct arena *arena, struct claims *claims, struct span names);

/* Where the claims name no author but the site: links and boxes that say that they name one, lines
 * at the edges of the text that begin with "By". To be called when the title is settled. 0;
 * -ENOMEM. */
int html_settle_authors(struct arena *arena, const struct page_source *source,
                        const struct html_tree *tree, const uint16_t *boxes,
                        const struct html_place *places, struct lines *lines);

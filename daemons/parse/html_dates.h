/* Which of the dates that a page states and shows is the one it was published on. */
#pragma once

#include "parse/html_claims.h"

/* Looks at the lines of the page, whose roles are as html_content.c and html_title.c left them, and
 * settles the claims' published, published_text and updated. 0; -ENOMEM. */
int html_settle_dates(struct arena *arena, const struct page_source *source,
                      const struct dates_context *context, struct html_dates *dates,
                      struct lines *lines);

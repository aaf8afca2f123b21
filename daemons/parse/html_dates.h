/* Which of the dates that a page states and shows is the one it was published on. */
#pragma once

#include "parse/html_claims.h"

/* Looks at the lines of the page, whose roles are as html_content.c and html_title.c left them, and
 * settles the claims' published, published_text and updated. page: all of it, as it came, for its
 * scripts. 0; -ENOMEM. */
int html_settle_dates(struct arena *arena, const struct page_source *source,
                      const struct dates_context *context, struct span page,
                      struct html_dates *dates, struct lines *lines);

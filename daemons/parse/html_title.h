/* The title of the article: what the page shows as its headline, checked against what it says of
 * itself elsewhere. */
#pragma once

#include "parse/html_lines.h"

/* Settles lines->claims.title, and gives the lines that show it ROLE_TITLE. 0; -ENOMEM. */
int html_settle_title(struct arena *arena, const struct page_source *source,
                      const struct html_tree *tree, const struct html_place *places,
                      struct lines *lines);

/* Drops the authors whose names are the site's. */
void html_drop_site_authors(const struct page_source *source, struct claims *claims);

/* A title without the site's name at either end, as the site file or the host tells it. */
struct span title_without_site(const struct page_source *source, struct span title);

/* JSON-LD of schema.org: the article that a page says it is. */
#pragma once

#include "parse/html_claims.h"

/* Adds to *claims and *dates what the scripts say; the first that say it win. 0; -ENOMEM. */
int html_json_ld(struct arena *arena, const struct dates_context *context,
                 const struct html_stripped *stripped, struct claims *claims,
                 struct html_dates *dates);

/* What html_claims.c lends: all keep what is there already. */
void claims_add_text(struct span *claim, struct span text);
struct span claims_trimmed(struct span text);
bool claims_has_word(struct span words,
                     const char *word); /* parted by spaces, in any case of ASCII */
int claims_add_keywords(struct arena *arena, struct claims *claims, struct span words);
bool claims_read_date(const struct dates_context *context, struct span text, struct moment *ret);

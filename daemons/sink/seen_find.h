/* Which articles of the index are like a text, by keys whose guesses are checked against the rows.
 */
#pragma once

#include "sink/seen_store.h"

struct seen_finder;

/* folder: of the index. Borrows the store. -errno. Close *ret with seen_finder_close(). */
int seen_finder_open(int folder, struct seen_store *store, struct seen_finder **ret);

/* The article with the same page, headline (the newest) or text (the oldest) as the row, which has
 * one. SEEN_STORE_OK and *ret; SEEN_STORE_NONE; -errno. */
int seen_find_page(struct seen_finder *f, const struct seen_article *row, struct seen_article *ret);
int seen_find_title(struct seen_finder *f, const struct seen_article *row,
                    struct seen_article *ret);
int seen_find_text(struct seen_finder *f, const struct seen_article *row, struct seen_article *ret);

/* The most similar article and how similar it is; similarity 0: none was found. 0; -errno. */
int seen_find_near(struct seen_finder *f, const struct seen_article *row, struct seen_article *ret,
                   double *ret_similarity);

/* The row is found from now on under the number that it has in the store. 0; -errno. */
int seen_find_add(struct seen_finder *f, const struct seen_article *row, uint64_t number);

/* Finds a few more of the articles that the store has but the keys don't, as after an upgrade, the
 * newest first. 0; -errno. */
int seen_find_fill(struct seen_finder *f);

/* Articles with lower numbers are no more. */
void seen_find_forget(struct seen_finder *f, uint64_t lowest);

/* NULL is fine; always returns NULL. */
struct seen_finder *seen_finder_close(struct seen_finder *f);

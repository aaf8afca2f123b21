/* The part that each line plays on its page, settled from lines alone: their lengths, marks, words,
 * dates and order. */
#pragma once

#include "parse/lines.h"

/* Gives every line whose role is ROLE_UNKNOWN its role; lines that a reader has settled stay, and
 * where the reader told the body (lines->roles_known), no other line becomes body. Date lines get
 * their moment in `datetime`. 0; -ENOMEM. */
struct dates_context;
int roles_settle(const struct page_source *source, const struct dates_context *context,
                 struct arena *arena, struct lines *lines);

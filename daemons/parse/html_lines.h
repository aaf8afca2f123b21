/* The lines that a reader of the page sees, and where in its tree each of them stands. */
#pragma once

#include "parse/html_tree.h"
#include "parse/lines.h"

/* Where a line stands. */
struct html_place {
    uint32_t block; /* the innermost block around it */
    uint32_t
        inner; /* the innermost element around all of it; the block itself, if none is closer */
    uint32_t links;      /* how many it has */
    uint32_t start, end; /* bytes of the tree's text, trimmed */
};

/* Fills lines with text, form, level, group, link, share of links and time; places has one row a
 * line, in the arena. What the head holds is no line. 0; -ENOMEM. */
int html_lines(struct arena *arena, const struct html_tree *tree, struct lines *lines,
               struct html_place **ret);

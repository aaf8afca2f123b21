/* Which lines of a page are the article's: boxes that are none are cut off, the box that holds most
 * of the prose is found, and its lines are looked at one by one.
 *
 * A page whose boxes say nothing, or too little, is read as a whole. */
#pragma once

#include "parse/html_boxes.h"
#include "parse/html_lines.h"

/* Gives each line of the article ROLE_BODY, what is surely none ROLE_FURNITURE, and headlines of
 * other stories ROLE_LEAD; what may say something of the article (date, byline, title) stays
 * ROLE_UNKNOWN. lines->roles_known is set when there is a body. 0; -ENOMEM. */
int html_content(struct arena *arena, const struct dates_context *context,
                 const struct html_tree *tree, const uint16_t *boxes,
                 const struct html_place *places, struct lines *lines);

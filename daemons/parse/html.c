/* Reads HTML: tree, then the lines that a reader of the page sees, with their form, links and
 * times. */
#include "parse/html_boxes.h"
#include "parse/html_claims.h"
#include "parse/html_content.h"
#include "parse/html_dates.h"
#include "parse/html_lines.h"
#include "parse/html_strip.h"
#include "parse/html_title.h"
#include "parse/html_tree.h"
#include "parse/lines.h"

#include "parse/dates.h"

#include <errno.h>
#include <string.h>

int html_read(const struct page_source *source, const struct dates_context *context,
              struct arena *arena, const char *text, size_t size, struct lines *ret)
{
    struct html_stripped stripped;
    struct html_tree tree;
    struct html_place *places;
    uint16_t *boxes;
    struct html_dates dates;
    *ret = (struct lines){.claims = {.paywall = -1}};
    int e = html_strip(arena, text, size, &stripped);
    if (!e)
        e = html_tree_build(arena, stripped.text, stripped.size, &tree);
    if (!e)
        e = html_lines(arena, &tree, ret, &places);
    if (!e)
        e = html_boxes(arena, &tree, &boxes);
    if (!e)
        e = html_content(arena, context, &tree, boxes, places, ret);
    if (!e)
        e = html_claims(arena, source, context, &stripped, &tree, boxes, &ret->claims, &dates);
    if (!e)
        e = html_settle_title(arena, source, &tree, places, ret);
    if (!e)
        e = html_settle_dates(arena, source, context, &dates, ret);
    return e;
}

/* Reads HTML: tree, then the lines that a reader of the page sees, with their form, links and
 * times. */
#include "parse/html_authors.h"
#include "parse/html_boxes.h"
#include "parse/html_claims.h"
#include "parse/html_content.h"
#include "parse/html_dates.h"
#include "parse/html_entries.h"
#include "parse/html_lines.h"
#include "parse/html_strip.h"
#include "parse/html_title.h"
#include "parse/html_tree.h"
#include "parse/lines.h"

#include "parse/dates.h"

#include <errno.h>
#include <string.h>

enum { LITTLE = 250 }; /* code points of a body that is doubted */

/* What is made of a page on the way. */
struct page {
    struct html_tree tree;
    struct html_place *places;
    uint16_t *boxes;
    struct lines lines;
};

static size_t body_size(const struct lines *lines)
{
    size_t size = 0;
    for (size_t i = 0; i < lines->count; i++)
        size += lines->items[i].role == ROLE_BODY ? lines->items[i].characters : 0;
    return size;
}

static int read_page(struct arena *arena, const struct dates_context *context,
                     const struct html_stripped *stripped, bool noscript, struct page *ret)
{
    *ret = (struct page){0};
    int e = html_tree_build(arena, stripped->text, stripped->size, noscript, &ret->tree);
    if (!e)
        e = html_lines(arena, &ret->tree, &ret->lines, &ret->places);
    if (!e)
        e = html_boxes(arena, &ret->tree, &ret->boxes);
    if (!e)
        e = html_content(arena, context, &ret->tree, ret->boxes, ret->places, &ret->lines);
    return e;
}

/* Some pages show their article only once a script has run, and say it in JSON-LD meanwhile. */
static int take_article_body(struct arena *arena, struct lines *lines, struct span text)
{
    if (body_size(lines) >= LITTLE || text.length < 2 * body_size(lines) || text.length < LITTLE)
        return 0;
    for (size_t i = 0; i < lines->count; i++)
        if (lines->items[i].role == ROLE_BODY)
            lines->items[i].role = ROLE_FURNITURE;
    for (size_t at = 0; at < text.length;) {
        size_t start = at;
        while (at < text.length && text.text[at] != '\n')
            at++;
        size_t end = at++;
        while (start < end && text.text[start] == ' ')
            start++;
        while (end > start && text.text[end - 1] == ' ')
            end--;
        struct line *l =
            start < end ? lines_add(lines, arena, (struct span){text.text + start, end - start})
                        : NULL;
        if (start < end && !l)
            return -ENOMEM;
        if (l)
            l->role = ROLE_BODY;
    }
    lines->roles_known = true;
    return 0;
}

int html_read(const struct page_source *source, const struct dates_context *context,
              struct arena *arena, const char *text, size_t size, struct lines *ret)
{
    struct html_stripped stripped;
    struct html_dates dates;
    struct page page, other;
    int e = html_strip(arena, text, size, &stripped);
    if (!e)
        e = read_page(arena, context, &stripped, false, &page);
    if (!e && body_size(&page.lines) < LITTLE &&
        memmem(stripped.text, stripped.size, "<noscript", 9)) {
        e = read_page(arena, context, &stripped, true, &other);
        if (!e && body_size(&other.lines) > 2 * body_size(&page.lines))
            page = other;
    }
    if (!e)
        e = html_claims(arena, source, context, &stripped, &page.tree, page.boxes,
                        &page.lines.claims, &dates);
    if (!e)
        e = html_settle_title(arena, source, &page.tree, page.places, &page.lines);
    if (!e)
        e = html_settle_authors(arena, source, &page.tree, page.boxes, page.places, &page.lines);
    if (!e)
        e = take_article_body(arena, &page.lines, page.lines.claims.article_body);
    if (!e)
        e = html_settle_dates(arena, source, context, (struct span){text, size}, &dates,
                              &page.lines);
    if (!e)
        e = html_entries(arena, source, context, &page.tree, page.boxes, page.places, &page.lines);
    *ret = page.lines;
    return e;
}

/* Reads HTML: tree, then the lines that a reader of the page sees, with their form, links and times. */
#include "parse/html_strip.h"
#include "parse/html_tree.h"
#include "parse/lines.h"

#include "parse/dates.h"

#include <errno.h>
#include <string.h>

enum { LINES_MAX = 100000 };

/* What holds for each byte of the tree's text. */
struct layout {
    const struct html_tree *tree;
    uint8_t *breaks;   /* a line begins here */
    uint8_t *linked;   /* inside <a> */
    uint8_t *outside;  /* inside what is not content by its tag (navigation, footers, forms), or not of the page's body */
    uint32_t *owner;   /* at a break: the innermost block that the line is in */
};

static bool is_block(const struct html_node *n)
{
    return html_tag_is(n->tag, HTML_BLOCK);
}

/* The block that goes on where a node ends. */
static uint32_t block_behind(const struct html_tree *t, uint32_t node)
{
    uint32_t end = t->nodes[node].text_end;
    do
        node = t->nodes[node].parent;
    while (node && (t->nodes[node].text_end == end || !is_block(&t->nodes[node])));
    return node;
}

enum { INSIDE, OUTSIDE, UNSEEN };

static void mark(uint8_t *map, const struct html_node *n, uint8_t value)
{
    if (n->text_end > n->text)
        memset(map + n->text, value, n->text_end - n->text);
}

static int lay_out(struct arena *arena, const struct html_tree *t, struct layout *l)
{
    size_t size = t->text_size + 1;
    *l = (struct layout){.tree = t};
    l->breaks = arena_zalloc(arena, size);
    l->linked = arena_zalloc(arena, size);
    l->outside = arena_zalloc(arena, size);
    l->owner = arena_zalloc(arena, size * sizeof *l->owner);
    if (!l->breaks || !l->linked || !l->outside || !l->owner)
        return -ENOMEM;
    for (uint32_t i = 0; i < t->node_count; i++) {
        const struct html_node *n = &t->nodes[i];
        if (is_block(n)) {
            l->breaks[n->text] = l->breaks[n->text_end] = 1;
            l->owner[n->text] = i;
            l->owner[n->text_end] = block_behind(t, i);
        }
        if (n->tag == TAG_BR) {
            if (!l->breaks[n->text])
                l->owner[n->text] = UINT32_MAX; /* the same block as before */
            l->breaks[n->text] = 1;
        }
        if (n->tag == TAG_A && html_has(t, i, ATTRIBUTE_HREF))
            mark(l->linked, n, 1);
        if (n->tag == TAG_NAV || n->tag == TAG_FOOTER || n->tag == TAG_FORM || n->tag == TAG_MENU)
            mark(l->outside, n, OUTSIDE);
        if (n->tag == TAG_TITLE || n->tag == TAG_HEAD) {
            mark(l->outside, n, UNSEEN);
            l->breaks[n->text] = l->breaks[n->text_end] = 1;
        }
    }
    return 0;
}

static void set_form(const struct html_tree *t, uint32_t owner, struct line *line)
{
    for (uint32_t node = owner; node; node = t->nodes[node].parent) {
        switch (t->nodes[node].tag) {
        case TAG_H1:
        case TAG_H2:
        case TAG_H3:
        case TAG_H4:
        case TAG_H5:
        case TAG_H6:
            line->form = LINE_HEADING;
            line->level = (uint8_t)(t->nodes[node].tag - TAG_H1 + 1);
            return;
        case TAG_LI:
            line->form = LINE_LIST_ITEM;
            line->level = 1;
            return;
        case TAG_BLOCKQUOTE:
            line->form = LINE_QUOTATION;
            return;
        case TAG_FIGCAPTION:
            line->form = LINE_CAPTION;
            return;
        case TAG_TR:
            line->form = LINE_TABLE_ROW;
            return;
        case TAG_P:
        case TAG_ARTICLE:
        case TAG_MAIN:
        case TAG_SECTION:
        case TAG_BODY:
            if (t->nodes[node].tag != TAG_P)
                return;
            break;
        }
    }
}

/* Links and times lie in the order of the page, as lines do: each is looked at once. */
struct walk {
    uint32_t node;
};

static void set_inline(const struct html_tree *t, struct walk *w, size_t start, size_t end, struct line *line)
{
    while (w->node < t->node_count && t->nodes[w->node].text < end) {
        const struct html_node *n = &t->nodes[w->node];
        if (n->text >= start && n->tag == TAG_A && !line->url.length)
            line->url = html_value(t, w->node, ATTRIBUTE_HREF);
        if (n->text >= start && n->tag == TAG_TIME) {
            struct span value = html_value(t, w->node, ATTRIBUTE_DATETIME);
            if (value.length)
                dates_read_machine(value.text, value.length, &line->datetime);
        }
        w->node++;
    }
}

static struct span trimmed(const char *text, size_t start, size_t end)
{
    while (start < end && strchr(" \t\r\n", text[start]))
        start++;
    while (end > start && strchr(" \t\r\n", text[end - 1]))
        end--;
    return (struct span){text + start, end - start};
}

static int read_lines(struct arena *arena, const struct layout *l, struct lines *ret)
{
    const struct html_tree *t = l->tree;
    struct walk walk = {0};
    uint32_t owner = 0;
    for (size_t start = 0; start < t->text_size && ret->count < LINES_MAX;) {
        size_t end = start + 1, linked = 0;
        while (end < t->text_size && !l->breaks[end])
            end++;
        if (l->breaks[start] && l->owner[start] != UINT32_MAX)
            owner = l->owner[start];
        struct span text = trimmed(t->text, start, end);
        if (text.length && l->outside[text.text - t->text] != UNSEEN) {
            struct line *line = lines_add(ret, arena, text);
            if (!line)
                return -ENOMEM;
            size_t first = (size_t)(text.text - t->text);
            for (size_t i = first; i < first + text.length; i++)
                linked += l->linked[i];
            line->link_share = (int8_t)(linked * 100 / text.length);
            if (l->outside[first] == OUTSIDE)
                line->role = ROLE_FURNITURE;
            set_form(t, owner, line);
            set_inline(t, &walk, start, end, line);
        }
        start = end;
    }
    return 0;
}

/* --- what the head says ------------------------------------------------------------------------------ */

static bool equals(struct span s, const char *text)
{
    return s.length == strlen(text) && memcmp(s.text, text, s.length) == 0;
}

static void read_meta(const struct html_tree *t, uint32_t node, struct claims *c)
{
    struct span name = html_value(t, node, ATTRIBUTE_PROPERTY), content = html_value(t, node, ATTRIBUTE_CONTENT);
    if (!name.length)
        name = html_value(t, node, ATTRIBUTE_NAME);
    if (!name.length)
        name = html_value(t, node, ATTRIBUTE_ITEMPROP);
    const struct {
        const char *name;
        struct span *claim;
    } texts[] = {
        {"og:title", &c->social_title},      {"twitter:title", &c->social_title}, {"headline", &c->headline},
        {"og:site_name", &c->site_name},     {"article:section", &c->section},    {"og:description", &c->description},
        {"description", &c->description},    {"og:image", &c->image},             {"og:url", &c->canonical_url},
        {"article:published_time", &c->published_text}, {"datePublished", &c->published_text},
        {"article:modified_time", &c->updated_text},    {"dateModified", &c->updated_text},
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        if (equals(name, texts[i].name) && content.length && !texts[i].claim->length)
            *texts[i].claim = content;
}

static void read_claims(const struct html_tree *t, struct claims *c)
{
    for (uint32_t i = 0; i < t->node_count; i++) {
        const struct html_node *n = &t->nodes[i];
        if (n->tag == TAG_META)
            read_meta(t, i, c);
        else if (n->tag == TAG_TITLE && !c->document_title.length)
            c->document_title = html_text(t, i);
        else if (n->tag == TAG_HTML)
            c->language = html_value(t, i, ATTRIBUTE_LANG);
        else if (n->tag == TAG_LINK && equals(html_value(t, i, ATTRIBUTE_REL), "canonical"))
            c->canonical_url = html_value(t, i, ATTRIBUTE_HREF);
    }
    dates_read_machine(c->published_text.text, c->published_text.length, &c->published);
    dates_read_machine(c->updated_text.text, c->updated_text.length, &c->updated);
}

int html_read(const struct page_source *source, const struct dates_context *context, struct arena *arena,
              const char *text, size_t size, struct lines *ret)
{
    (void)source;
    (void)context;
    struct html_stripped stripped;
    struct html_tree tree;
    struct layout layout;
    *ret = (struct lines){.claims = {.paywall = -1}};
    int e = html_strip(arena, text, size, &stripped);
    if (!e)
        e = html_tree_build(arena, stripped.text, stripped.size, &tree);
    if (!e)
        e = lay_out(arena, &tree, &layout);
    if (!e)
        e = read_lines(arena, &layout, ret);
    if (!e)
        read_claims(&tree, &ret->claims);
    return e;
}

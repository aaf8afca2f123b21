/* The lines of a page, from one walk over its tree. */
#include "parse/html_lines.h"

#include "libcommon/utf8.h"
#include "parse/dates.h"
#include "parse/html_strip.h"

#include <errno.h>
#include <string.h>

enum {
    LINES_MAX = 100000,
    OPEN_MAX = 4 * HTML_DEPTH + 2,
    GLUED_BYTES = 8, /* less may be a letter set large */
    HEADING_BYTES = 800,
    ROW_BYTES = 600, /* a row with more is a table for layout */
};

struct walk {
    struct arena *arena;
    const struct html_tree *tree;
    struct lines *lines;
    struct html_place *places;
    size_t place_capacity;
    uint32_t open[OPEN_MAX]; /* elements around the current node */
    size_t depth;
    unsigned links;      /* open <a href> */
    uint32_t start, end; /* the line so far */
    uint32_t first;      /* its first run of text */
    uint32_t linked;     /* its bytes inside links */
    uint32_t link;       /* the link that has most of them */
    uint32_t link_bytes;
    uint32_t link_count, last_link;
    uint32_t block;
    struct moment time;
};

static bool is_space(char c)
{
    return c == ' ' || c == '\n' || c == '\t' || c == '\r';
}

/* Form and level, from the blocks around the line up to the first that settles them. */
static void set_form(const struct html_tree *t, uint32_t block, struct line *line)
{
    for (uint32_t n = block; n; n = t->nodes[n].parent) {
        uint8_t tag = t->nodes[n].tag;
        if (tag >= TAG_H1 && tag <= TAG_H6 &&
            t->nodes[n].text_end - t->nodes[n].text > HEADING_BYTES)
            return; /* its end tag is missing */
        if (tag >= TAG_H1 && tag <= TAG_H6) {
            line->form = LINE_HEADING;
            line->level = (uint8_t)(tag - TAG_H1 + 1);
            return;
        }
        if (tag == TAG_LI || tag == TAG_DD || tag == TAG_DT) {
            line->form = LINE_LIST_ITEM;
            line->level = 1;
            for (n = t->nodes[n].parent; n; n = t->nodes[n].parent)
                line->level =
                    (uint8_t)(line->level + (t->nodes[n].tag == TAG_LI && line->level < 9));
            return;
        }
        if (tag == TAG_BLOCKQUOTE || tag == TAG_FIGCAPTION || tag == TAG_CAPTION || tag == TAG_TR) {
            line->form = tag == TAG_BLOCKQUOTE ? LINE_QUOTATION
                         : tag == TAG_TR       ? LINE_TABLE_ROW
                                               : LINE_CAPTION;
            return;
        }
        if (tag != TAG_P && tag != TAG_DIV && tag != TAG_CENTER)
            return;
    }
}

/* The innermost element that holds the whole line. */
static uint32_t inner_of(const struct walk *w, uint32_t start, uint32_t end)
{
    const struct html_tree *t = w->tree;
    uint32_t n = t->nodes[w->first].parent;
    while (n != w->block && n && (t->nodes[n].text > start || t->nodes[n].text_end < end))
        n = t->nodes[n].parent;
    return n;
}

/* The line is over. 0; -ENOMEM. */
static int flush(struct walk *w)
{
    const struct html_tree *t = w->tree;
    uint32_t start = w->start, end = w->end;
    while (start < end && is_space(t->text[start]))
        start++;
    while (end > start && is_space(t->text[end - 1]))
        end--;
    if (start < end && w->lines->count < LINES_MAX) {
        struct line *line =
            lines_add(w->lines, w->arena, (struct span){t->text + start, end - start});
        struct html_place *places = line ? arena_grow(w->arena, w->places, sizeof *places,
                                                      w->lines->count, &w->place_capacity)
                                         : NULL;
        if (!places)
            return -ENOMEM;
        w->places = places;
        places[w->lines->count - 1] =
            (struct html_place){w->block, inner_of(w, start, end), w->link_count, start, end};
        uint64_t share = (uint64_t)w->linked * 100 / (end - start);
        line->link_share = (int8_t)(share > 100 ? 100 : share);
        if (w->link)
            line->url = html_value(t, w->link, ATTRIBUTE_HREF);
        line->datetime = w->time;
        set_form(t, w->block, line);
    }
    w->start = w->end;
    w->linked = w->link_bytes = w->link = w->link_count = w->last_link = 0;
    w->first = 0;
    w->time = (struct moment){0};
    return 0;
}

static void read_time(struct walk *w, uint32_t node)
{
    struct span value = html_value(w->tree, node, ATTRIBUTE_DATETIME);
    if (value.length && w->time.precision == MOMENT_NONE)
        dates_read_machine(value.text, value.length, &w->time);
}

static uint32_t innermost_block(const struct walk *w)
{
    size_t i = w->depth;
    while (i-- > 0)
        if (html_tag_is(w->tree->nodes[w->open[i]].tag, HTML_BLOCK))
            return w->open[i];
    return 0;
}

static void add_text(struct walk *w, uint32_t node)
{
    const struct html_node *n = &w->tree->nodes[node];
    bool blank = true;
    for (uint32_t i = n->text; i < n->text_end && blank; i++)
        blank = is_space(w->tree->text[i]);
    if (!w->first && blank)
        return;
    if (!w->first) {
        w->first = node;
        w->start = n->text;
        w->block = innermost_block(w);
    }
    w->end = n->text_end;
    if (!w->links || blank)
        return;
    uint32_t bytes = n->text_end - n->text, link = 0;
    for (size_t i = w->depth; i-- > 0 && !link;)
        if (w->tree->nodes[w->open[i]].tag == TAG_A)
            link = w->open[i];
    w->linked += bytes;
    w->link_count += link != w->last_link;
    w->last_link = link;
    if (bytes > w->link_bytes) {
        w->link = link;
        w->link_bytes = bytes;
    }
}

/* Text of <pre> has line feeds of its own: each line is one. */
static int add_preformatted(struct walk *w, uint32_t node)
{
    const struct html_node *n = &w->tree->nodes[node];
    uint32_t from = n->text;
    for (uint32_t i = n->text; i < n->text_end; i++) {
        if (w->tree->text[i] != '\n')
            continue;
        if (!w->first) {
            w->first = node;
            w->start = from;
            w->block = innermost_block(w);
        }
        w->end = i;
        int e = flush(w);
        if (e < 0)
            return e;
        from = i + 1;
    }
    if (from < n->text_end && !w->first) {
        w->first = node;
        w->start = from;
        w->block = innermost_block(w);
    }
    w->end = n->text_end;
    return 0;
}

static bool breaks(const struct html_tree *t, uint32_t node)
{
    enum html_tag tag = t->nodes[node].tag;
    return html_tag_is(tag, HTML_BLOCK) || tag == TAG_BR || tag == TAG_TD || tag == TAG_TH;
}

/* Whether a row holds figures and words, not boxes of a layout. */
static bool is_data_row(const struct html_tree *t, uint32_t row)
{
    const struct html_node *n = &t->nodes[row];
    unsigned cells = 0;
    if (n->tag != TAG_TR || n->text_end - n->text > ROW_BYTES)
        return false;
    for (uint32_t i = row + 1; i < n->end; i++) {
        bool cell = t->nodes[i].tag == TAG_TD || t->nodes[i].tag == TAG_TH;
        cells += cell;
        if (!cell && t->nodes[i].tag != TAG_P && breaks(t, i))
            return false;
    }
    return cells > 1;
}

/* The cells of a row as one line, parted by tabs. */
static int add_row(struct walk *w, uint32_t row)
{
    const struct html_tree *t = w->tree;
    const struct html_node *n = &t->nodes[row];
    int e = flush(w);
    size_t used = 0, linked = 0;
    char *text = e ? NULL : arena_alloc(w->arena, 2 * (size_t)(n->text_end - n->text) + 1);
    if (!text)
        return -ENOMEM;
    for (uint32_t i = row + 1; i < n->end; i++) {
        bool cell = t->nodes[i].tag == TAG_TD || t->nodes[i].tag == TAG_TH;
        struct span s = html_text(t, i);
        linked += t->nodes[i].tag == TAG_A ? s.length : 0;
        if (!cell || !s.length)
            continue;
        if (used)
            text[used++] = '\t';
        memcpy(text + used, s.text, s.length);
        used += s.length;
    }
    while (used && is_space(text[used - 1]))
        used--;
    if (!used || w->lines->count == LINES_MAX)
        return 0;
    struct line *line = lines_add(w->lines, w->arena, (struct span){text, used});
    struct html_place *places =
        line ? arena_grow(w->arena, w->places, sizeof *places, w->lines->count, &w->place_capacity)
             : NULL;
    if (!places)
        return -ENOMEM;
    w->places = places;
    places[w->lines->count - 1] = (struct html_place){row, row, 0, n->text, n->text_end};
    line->link_share = (int8_t)(linked < used ? linked * 100 / used : 100);
    line->form = LINE_TABLE_ROW;
    return 0;
}

static int leave(struct walk *w)
{
    uint32_t node = w->open[--w->depth];
    const struct html_node *n = &w->tree->nodes[node];
    w->links -= n->tag == TAG_A && html_has(w->tree, node, ATTRIBUTE_HREF);
    return breaks(w->tree, node) ? flush(w) : 0;
}

static bool is_piece(enum html_tag tag)
{
    return tag == TAG_A || tag == TAG_SPAN || tag == TAG_TIME || tag == TAG_SMALL ||
           tag == TAG_LABEL;
}

/* Links, spans and times that follow each other without a space are set apart by style: headlines
 * in a list, a headline and its date. */
static bool is_glued(const struct walk *w, uint32_t node)
{
    const struct html_tree *t = w->tree;
    const struct html_node *n = &t->nodes[node];
    uint32_t before = node - 1;
    if (!w->first || w->end != n->text || !is_piece(n->tag) || n->text == n->text_end ||
        is_space(t->text[n->text - 1]))
        return false;
    while (before && t->nodes[before].parent != n->parent)
        before = t->nodes[before].parent;
    const struct html_node *b = &t->nodes[before];
    return before && b->tag != TAG_TEXT && is_piece(b->tag) && b->end == node &&
           b->text_end - b->text >= GLUED_BYTES;
}

static int enter(struct walk *w, uint32_t node)
{
    const struct html_node *n = &w->tree->nodes[node];
    int e = breaks(w->tree, node) || is_glued(w, node) ? flush(w) : 0;
    w->links += n->tag == TAG_A && html_has(w->tree, node, ATTRIBUTE_HREF);
    if (n->tag == TAG_TIME)
        read_time(w, node);
    w->open[w->depth++] = node;
    return e;
}

int html_lines(struct arena *arena, const struct html_tree *tree, struct lines *lines,
               struct html_place **ret)
{
    struct walk *w = arena_zalloc(arena, sizeof *w);
    if (!w)
        return -ENOMEM;
    *w = (struct walk){.arena = arena, .tree = tree, .lines = lines};
    unsigned preformatted = 0;
    int e = 0;
    for (uint32_t i = 1; i < tree->node_count && !e; i++) {
        const struct html_node *n = &tree->nodes[i];
        while (w->depth && tree->nodes[w->open[w->depth - 1]].end <= i && !e) {
            preformatted -= tree->nodes[w->open[w->depth - 1]].tag == TAG_PRE;
            e = leave(w);
        }
        if (n->tag == TAG_HEAD || n->tag == TAG_TITLE) {
            i = n->end - 1;
        } else if (is_data_row(tree, i)) {
            e = e ? e : add_row(w, i);
            i = n->end - 1;
        } else if (n->tag == TAG_TEXT && preformatted) {
            e = e ? e : add_preformatted(w, i);
        } else if (n->tag == TAG_TEXT) {
            add_text(w, i);
        } else {
            preformatted += n->tag == TAG_PRE;
            e = e ? e : enter(w, i);
        }
    }
    e = e ? e : flush(w);
    *ret = w->places;
    return e;
}

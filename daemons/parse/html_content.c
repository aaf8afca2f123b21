/* The article's lines, by the prose in the boxes of the page. */
#include "parse/html_content.h"

#include "parse/dates.h"
#include "parse/furniture.h"
#include "parse/html_appeals.h"
#include "parse/line_words.h"
#include "parse/line_look.h"

#include <errno.h>
#include <string.h>
#include <xxhash.h>

enum {
    LONG_LINE = 160, /* code points that only prose has */
    PROSE_LINE = 80,
    SENTENCE = 40,    /* a short one */
    LINKED = 60,      /* per cent: a line that is a link more than a text */
    ASIDE_SHARE = 30, /* per cent of the page's prose that no box besides the article has */
    NAMED_SHARE = 35, /* per cent that a box named as the article's text must have */
    NESTED_SHARE = 60,
    ARTICLE_SHARE = 45, /* likewise for <article> and <main> */
    DESCENT_SHARE =
        80, /* per cent of a box's prose that its best child must have to stand for it */
    COMMENTS_LEFT = 200, /* code points of prose outside the comments: a short article */
    HIDDEN_LEFT = 600,
    REPEATED = 200, /* code points of a line that is not said twice on purpose */
    LITTLE = 250,   /* code points: a body with less is doubted */
    LITTLE_SHARE = 25,
    SMALL_SHARE = 12,
    SHORT_PART = 8,
    OPENING_WORDS = 12,
    OPENING_LINES = 3,
    HEADLINE_WORDS = 4,
    HEADLINE_LETTERS = 20,
    CAPTION_LEAST = 3, /* code points: an agency's name */
};

/* What is beneath a node, in code points. */
struct sum {
    uint32_t points; /* of prose */
    uint32_t size;
    uint32_t linked;
};

/* What a line shows alone. */
struct look {
    uint32_t points;
    uint8_t furniture;
    uint8_t head;
    uint8_t appeal; /* enum appeal; found out when asked for */
    bool prose;
    bool ends;
    bool dated;
};

struct content {
    const struct dates_context *context;
    const struct html_tree *tree;
    const uint16_t *boxes;
    const struct html_place *places;
    struct lines *lines;
    struct look *looks;
    struct sum *sums;
    bool *bodied;      /* a box named as the article's text is beneath */
    uint16_t *cut;     /* why a node is no part of the article; 0: it may be */
    bool sure;         /* the page names the article's box */
    bool *named;       /* nodes that may hold lines of the article */
    uint32_t root;     /* the article's box */
    uint32_t headline; /* the first <h1> with text; 0: none */
};

/* --- lines ---------------------------------------------------------------------------------- */

/* Scripts without spaces say thrice as much in a character. */
static bool is_dense(const struct line *l)
{
    return l->words * 12 < l->characters && l->text.length > 2 * l->characters + l->characters / 2;
}

static bool is_prose(const struct line *l, const struct look *k)
{
    uint32_t c = l->characters * (is_dense(l) ? 3 : 1);
    if (k->furniture || k->dated)
        return false;
    if (l->form == LINE_HEADING && (l->level < 3 || !k->ends || c < PROSE_LINE))
        return false;
    if (l->link_share > LINKED && c < 2 * LONG_LINE)
        return false;
    return c >= LONG_LINE || (c >= PROSE_LINE && (k->ends || line_has_inner_marks(l->text))) ||
           (k->ends && c >= SENTENCE && l->words >= 6);
}

/* Lists and short lines count for little beside prose, but for something where there is none. */
static uint32_t points(const struct line *l, const struct look *k)
{
    uint32_t c = l->characters * (uint32_t)(100 - l->link_share) / 100;
    if (k->furniture || k->dated || l->form == LINE_HEADING)
        return k->prose ? c : 0;
    return k->prose ? c : l->link_share > LINKED ? 0 : c / SHORT_PART;
}

static void look_at(struct content *c, size_t i)
{
    struct line *l = &c->lines->items[i];
    struct look *k = &c->looks[i];
    struct furniture_look words = {0};
    if (l->characters < 2 * LONG_LINE)
        furniture_look(l->text.text, l->text.length, &words);
    k->furniture = (uint8_t)words.line;
    k->head = (uint8_t)words.head;
    k->ends = line_ends_sentence(l->text);
    k->dated = l->words <= 8 && l->datetime.precision != MOMENT_NONE;
    if (!k->dated && l->words <= 10 && !k->ends && l->characters < PROSE_LINE) {
        struct moment m;
        k->dated = dates_read_line(c->context, l->text.text, l->text.length, &m) &&
                   m.precision >= MOMENT_DAY && m.precision <= MOMENT_SECOND;
    }
    k->prose = is_prose(l, k);
    k->points = points(l, k);
}

/* --- boxes ---------------------------------------------------------------------------------- */

/* What is beneath each node, what is cut off left out. */
static void add_up(struct content *c)
{
    const struct html_tree *t = c->tree;
    memset(c->sums, 0, t->node_count * sizeof *c->sums);
    for (size_t i = 0; i < c->lines->count; i++) {
        const struct html_place *p = &c->places[i];
        const struct line *l = &c->lines->items[i];
        if (c->cut[p->inner])
            continue;
        struct sum *s = &c->sums[p->inner];
        s->points += c->looks[i].points;
        s->size += l->characters;
        s->linked += l->characters * (uint32_t)l->link_share / 100;
    }
    for (uint32_t n = t->node_count - 1; n > 0; n--) {
        struct sum *s = &c->sums[t->nodes[n].parent];
        s->points += c->sums[n].points;
        s->size += c->sums[n].size;
        s->linked += c->sums[n].linked;
    }
}

static bool holds(const struct html_tree *t, uint32_t node, uint32_t other)
{
    return node <= other && other < t->nodes[node].end;
}

/* Whether a box leads anywhere: "teaser" is the name of a list of other stories, and of a
 * standfirst. */
static bool links_on(const struct content *c, uint32_t node)
{
    uint32_t end = c->tree->nodes[node].end;
    return c->sums[node].linked || html_next(c->tree, node, end, TAG_A) != end;
}

static uint16_t reason_to_cut(const struct content *c, uint32_t node, unsigned reasons)
{
    uint64_t total = c->sums[0].points, own = c->sums[node].points;
    unsigned box = c->boxes[node] & reasons;
    if (!box)
        return 0;
    if (c->headline && holds(c->tree, node, c->headline) && own * 10 > total)
        return 0;
    if (box & BOX_ASIDE && c->boxes[node] & BOX_SUMMARY && !(box & BOX_COMMENTS) && own &&
        !links_on(c, node))
        return 0;
    if ((box & BOX_COMMENTS && total - own >= COMMENTS_LEFT) ||
        (box & BOX_HIDDEN && total - own >= HIDDEN_LEFT && (total - own) * 3 >= own))
        return (uint16_t)c->boxes[node];
    if (c->bodied[node] && !(box & (BOX_COMMENTS | BOX_RELATED | BOX_HIDDEN)))
        return 0;
    return own * 100 <= total * ASIDE_SHARE ? (uint16_t)c->boxes[node] : 0;
}

static void cut_off(struct content *c, unsigned reasons)
{
    const struct html_tree *t = c->tree;
    memset(c->cut, 0, t->node_count * sizeof *c->cut);
    add_up(c);
    for (uint32_t n = 1; n < t->node_count; n++) {
        uint16_t above = c->cut[t->nodes[n].parent];
        uint16_t own = t->nodes[n].tag == TAG_TEXT ? 0 : reason_to_cut(c, n, reasons);
        c->cut[n] = above | own;
    }
    add_up(c);
}

/* The child with the most prose; 0: no child has any. */
static uint32_t best_child(const struct content *c, uint32_t node)
{
    const struct html_tree *t = c->tree;
    uint32_t best = 0;
    for (uint32_t n = node + 1; n < t->nodes[node].end; n = t->nodes[n].end)
        if (!c->cut[n] && c->sums[n].points > (best ? c->sums[best].points : 0))
            best = n;
    return best;
}

/* From a box down to the box that holds nearly all of its prose. */
static uint32_t descend(const struct content *c, uint32_t node)
{
    for (;;) {
        uint32_t best = best_child(c, node);
        if (!best || !html_tag_is(c->tree->nodes[best].tag, HTML_BLOCK) ||
            c->tree->nodes[best].tag == TAG_P ||
            (uint64_t)c->sums[best].points * 100 < (uint64_t)c->sums[node].points * DESCENT_SHARE)
            return node;
        node = best;
    }
}

/* The box with that flag and the most prose, not inside another such; 0: none. */
static uint32_t best_box(const struct content *c, unsigned flag)
{
    const struct html_tree *t = c->tree;
    uint32_t best = 0;
    for (uint32_t n = 1; n < t->node_count; n++) {
        if (t->nodes[n].tag == TAG_TEXT || c->cut[n] || !(c->boxes[n] & flag))
            continue;
        if (c->sums[n].points > (best ? c->sums[best].points : 0))
            best = n;
    }
    return best;
}

static bool is_inline_box(const struct html_tree *t, uint32_t node)
{
    uint8_t tag = t->nodes[node].tag;
    return tag == TAG_P || !html_tag_is(tag, HTML_BLOCK);
}

/* The box that holds both. */
static uint32_t common_box(const struct html_tree *t, uint32_t a, uint32_t b)
{
    while (!holds(t, a, b))
        a = t->nodes[a].parent;
    return a;
}

/* The story that a box is in: the nearest <article>, else the page. */
static uint32_t story_of(const struct html_tree *t, uint32_t node)
{
    while (node && t->nodes[node].tag != TAG_ARTICLE)
        node = t->nodes[node].parent;
    return node;
}

/* The box with the most prose that is named as the article's text; of nested ones the innermost
 * that holds most of it. */
static uint32_t innermost_body(const struct content *c)
{
    const struct html_tree *t = c->tree;
    uint32_t best = best_box(c, BOX_BODY);
    for (uint32_t n = best + 1; best && n < t->nodes[best].end; n++)
        if (t->nodes[n].tag != TAG_TEXT && c->boxes[n] & BOX_BODY && !c->cut[n] &&
            c->sums[n].points * UINT64_C(100) >= c->sums[best].points * UINT64_C(1) * NESTED_SHARE)
            best = n;
    return best;
}

/* All boxes that are named as the article's text, in the story of the one with the most prose:
 * their lines are marked, and the box around them is *ret. Their prose. */
static uint64_t mark_named(struct content *c, uint32_t *ret)
{
    const struct html_tree *t = c->tree;
    uint32_t best = innermost_body(c), story = story_of(t, best);
    uint64_t sum = 0;
    bool paragraphs = is_inline_box(t, best);
    *ret = best;
    if (!best)
        return 0;
    for (uint32_t n = story + 1; n < t->nodes[story].end; n++) {
        c->named[n] = c->named[t->nodes[n].parent];
        if (c->named[n] || t->nodes[n].tag == TAG_TEXT || c->cut[n] || !(c->boxes[n] & BOX_BODY) ||
            story_of(t, n) != story)
            continue;
        if (n < best && holds(t, n, best))
            continue; /* what the innermost is better than */
        c->named[n] = true;
        sum += c->sums[n].points;
        *ret = common_box(t, *ret, n);
    }
    if (paragraphs) /* what stands between them belongs to them */
        for (uint32_t n = *ret; n < t->nodes[*ret].end; n++)
            c->named[n] = true;
    return sum;
}

/* The box of the article; only lines that are marked as named belong to it, when any is. */
static uint32_t find_root(struct content *c)
{
    uint64_t total = c->sums[0].points;
    uint32_t named, article = best_box(c, BOX_ARTICLE), start = 0;
    if (article && c->sums[article].points * UINT64_C(100) >= total * ARTICLE_SHARE)
        start = article;
    memset(c->named, 0, c->tree->node_count * sizeof *c->named);
    uint64_t sum = mark_named(c, &named);
    c->sure = true;
    if (sum && sum * 100 >= c->sums[start].points * UINT64_C(1) * NAMED_SHARE)
        return named;
    c->sure = false;
    memset(c->named, 1, c->tree->node_count * sizeof *c->named);
    if (start && c->tree->nodes[start].tag == TAG_ARTICLE && c->headline &&
        holds(c->tree, start, c->headline))
        return start;
    return descend(c, start);
}

/* --- lines of the article ------------------------------------------------------------------- */

static bool in_list_of_links(const struct content *c, size_t i)
{
    const struct html_tree *t = c->tree;
    uint32_t n = c->places[i].block;
    while (n && t->nodes[n].tag != TAG_UL && t->nodes[n].tag != TAG_OL && t->nodes[n].tag != TAG_DL)
        n = t->nodes[n].parent;
    return n && c->sums[n].linked * 2 > c->sums[n].size;
}

enum appeal { APPEAL_UNKNOWN, APPEAL_NO, APPEAL_YES };

static bool is_appeal(const struct content *c, size_t i)
{
    struct look *k = &c->looks[i];
    if (k->appeal == APPEAL_UNKNOWN)
        k->appeal = html_is_appeal(c->lines->items[i].text) ? APPEAL_YES : APPEAL_NO;
    return k->appeal == APPEAL_YES;
}

static bool belongs(const struct content *c, size_t i, unsigned reasons)
{
    const struct line *l = &c->lines->items[i];
    const struct look *k = &c->looks[i];
    if (k->furniture & ~(unsigned)(FURNITURE_SECTION | FURNITURE_BYLINE) || k->dated)
        return false;
    if (k->head & (FURNITURE_RELATED | FURNITURE_END) && l->characters < LONG_LINE)
        return false;
    if (k->head & FURNITURE_CAPTION && l->characters < PROSE_LINE && !k->ends)
        return false;
    if (is_appeal(c, i) ||
        (l->characters < PROSE_LINE && l->text.length > 1 && memcmp(l->text.text, "©", 2) == 0))
        return false;
    switch (l->form) {
    case LINE_HEADING:
        return l->level > 1 && l->link_share < LINKED;
    case LINE_LIST_ITEM:
        return k->prose || !in_list_of_links(c, i);
    case LINE_TABLE_ROW:
        return l->link_share < LINKED;
    case LINE_QUOTATION:
        return true;
    case LINE_CAPTION:
        return !(reasons & BOX_CAPTION) && k->prose;
    default:
        break;
    }
    if (k->prose)
        return true;
    if (l->link_share > LINKED)
        return false;
    uint8_t tag = c->tree->nodes[c->places[i].block].tag;
    const struct sum *block = &c->sums[c->places[i].block];
    return k->ends || l->words >= 5 || (l->words >= 2 && tag == TAG_P) || tag == TAG_PRE ||
           (l->characters > 1 && block->size >= PROSE_LINE && block->linked * 4 < block->size);
}

/* The headline of another story: a link, or in a box of such headlines. */
static bool is_headline(const struct content *c, size_t i, uint16_t cut)
{
    const struct line *l = &c->lines->items[i];
    return !c->looks[i].furniture && !c->looks[i].dated && l->words >= HEADLINE_WORDS &&
           l->words <= 40 && l->characters >= HEADLINE_LETTERS && l->characters <= 260 &&
           c->places[i].links < 3 &&
           (l->link_share > LINKED || (cut & BOX_RELATED && !c->looks[i].ends));
}

static uint64_t settle(struct content *c, uint32_t root, unsigned reasons)
{
    uint64_t kept = 0;
    for (size_t i = 0; i < c->lines->count; i++) {
        struct line *l = &c->lines->items[i];
        const struct html_place *p = &c->places[i];
        uint16_t cut = c->cut[p->inner];
        bool inside = holds(c->tree, root, p->inner) && c->named[p->inner];
        l->role = ROLE_UNKNOWN;
        if (inside && !cut && belongs(c, i, reasons)) {
            l->role = ROLE_BODY;
            kept += l->characters;
        } else if (inside || cut) {
            if (is_headline(c, i, cut) && !(cut & BOX_ABOUT))
                l->role = ROLE_LEAD;
            else if (cut & BOX_RELATED && c->looks[i].dated)
                l->role = ROLE_LEAD_DATE;
            else if (cut & (BOX_ASIDE | BOX_COMMENTS) && !(cut & BOX_ABOUT))
                l->role = ROLE_FURNITURE;
            else if (cut && !(cut & (BOX_ABOUT | BOX_CAPTION | BOX_SUMMARY)) && !c->looks[i].dated)
                l->role = ROLE_FURNITURE;
        }
    }
    return kept;
}

/* Short lines before the first prose say who wrote it and where, not what. */
static void trim_opening(struct content *c)
{
    size_t first = c->lines->count, count = 0;
    bool prose = false;
    for (size_t i = 0; i < c->lines->count && !prose; i++) {
        struct line *l = &c->lines->items[i];
        if (l->role != ROLE_BODY)
            continue;
        prose = c->looks[i].prose;
        if (prose)
            continue;
        if (l->form == LINE_HEADING || l->form == LINE_TABLE_ROW || l->words > OPENING_WORDS ||
            ++count > OPENING_LINES)
            return;
        first = first == c->lines->count ? i : first;
    }
    for (size_t i = first; prose && count; i++) {
        struct line *l = &c->lines->items[i];
        if (l->role == ROLE_BODY) {
            l->role = line_agency(l->text, NULL) ? ROLE_BYLINE : ROLE_UNKNOWN;
            count--;
        }
    }
}

/* What stands between title and body and looks like a standfirst. */
static void find_summary(struct content *c, size_t title)
{
    for (size_t i = title + 1; i < c->lines->count && c->lines->items[i].role != ROLE_BODY; i++) {
        struct line *l = &c->lines->items[i];
        uint16_t cut = c->cut[c->places[i].inner];
        bool said = c->boxes[c->places[i].inner] & BOX_SUMMARY ||
                    c->boxes[c->places[i].block] & BOX_SUMMARY;
        if (l->role == ROLE_UNKNOWN &&
            !(cut & (BOX_ASIDE | BOX_COMMENTS | BOX_RELATED | BOX_CAPTION)) && l->words >= 5 &&
            l->link_share < LINKED && !c->looks[i].dated && !c->looks[i].furniture &&
            !line_byline_prefix(l->text) && (l->words > 8 || !line_agency(l->text, NULL)) &&
            (said || (l->form == LINE_HEADING && l->level > 1))) {
            l->role = ROLE_SUMMARY;
            return;
        }
    }
}

/* Prose between the headline and the body is its opening, if nothing cut off stands around it. */
static void take_standfirst(struct content *c)
{
    size_t title = c->lines->count;
    for (size_t i = 0; i < c->lines->count && c->lines->items[i].role != ROLE_BODY; i++)
        if (c->headline && holds(c->tree, c->headline, c->places[i].inner))
            title = i;
    for (size_t i = title + 1; i < c->lines->count && c->lines->items[i].role != ROLE_BODY; i++) {
        struct line *l = &c->lines->items[i];
        uint16_t cut = c->cut[c->places[i].inner];
        if ((c->looks[i].prose && !cut) ||
            (!(cut & ~(unsigned)(BOX_ABOUT | BOX_SUMMARY)) && l->form == LINE_HEADING &&
             l->level > 1 && l->characters >= PROSE_LINE && l->link_share < LINKED))
            l->role = ROLE_BODY;
    }
    find_summary(c, title);
}

/* Whether a line stands under a picture or over a table, and in nothing that is no part of the
 * article. */
static bool is_caption(const struct content *c, size_t i)
{
    const struct line *l = &c->lines->items[i];
    const struct look *k = &c->looks[i];
    uint32_t n = c->places[i].inner;
    bool said = l->form == LINE_CAPTION;
    unsigned others = BOX_ASIDE | BOX_COMMENTS | BOX_HIDDEN | BOX_RELATED | (said ? 0 : BOX_ABOUT);
    if (l->role != ROLE_UNKNOWN || l->form == LINE_HEADING || l->characters < CAPTION_LEAST ||
        l->link_share > LINKED || c->cut[n] & others || k->furniture || k->dated ||
        k->head & FURNITURE_RELATED || is_appeal(c, i))
        return false;
    for (; n && n != c->root && !said; n = c->tree->nodes[n].parent)
        said = c->boxes[n] & BOX_CAPTION;
    return said;
}

/* Captions inside the article, and those of the picture between its title and its text. */
static void take_captions(struct content *c)
{
    size_t first = c->lines->count, count = c->lines->count;
    bool titled = false;
    for (size_t i = count; i-- > 0;)
        first = c->lines->items[i].role == ROLE_BODY ? i : first;
    for (size_t i = 0; i < count && first < count; i++) {
        uint32_t n = c->places[i].inner;
        titled |= c->headline && holds(c->tree, c->headline, n);
        if (((i < first && titled) || (holds(c->tree, c->root, n) && c->named[n])) &&
            is_caption(c, i))
            c->lines->items[i].role = ROLE_CAPTION;
    }
}

/* Pages made for several widths of screen hold a paragraph twice, galleries a caption. */
static int drop_repeats(struct content *c, struct arena *arena)
{
    size_t slots = 64, used = 0;
    for (size_t i = 0; i < c->lines->count; i++)
        used += c->lines->items[i].role == ROLE_BODY || c->lines->items[i].role == ROLE_CAPTION;
    while (slots < 2 * used)
        slots *= 2;
    uint64_t *seen = arena_zalloc(arena, slots * sizeof *seen);
    if (!seen)
        return -ENOMEM;
    for (size_t i = 0; i < c->lines->count; i++) {
        struct line *l = &c->lines->items[i];
        if (l->role != ROLE_CAPTION && (l->role != ROLE_BODY || l->characters < REPEATED))
            continue;
        uint64_t hash = XXH3_64bits(l->text.text, l->text.length) | 1;
        size_t at = hash >> 8 & (slots - 1);
        while (seen[at] && seen[at] != hash)
            at = (at + 1) & (slots - 1);
        if (seen[at])
            l->role = ROLE_FURNITURE;
        seen[at] = hash;
    }
    return 0;
}

/* A heading or label right before headlines of other stories heads them. */
static void drop_labels_of_leads(struct content *c)
{
    for (size_t i = 0; i + 1 < c->lines->count; i++) {
        struct line *l = &c->lines->items[i];
        if (l->role == ROLE_BODY && !c->looks[i].prose && l->words <= 8 &&
            c->lines->items[i + 1].role == ROLE_LEAD &&
            (l->form == LINE_HEADING || l->text.text[l->text.length - 1] == ':'))
            l->role = ROLE_FURNITURE;
    }
}

/* Headings with nothing behind them head what was left out. */
static void drop_last_headings(struct lines *lines)
{
    bool last = true;
    for (size_t i = lines->count; i-- > 0;) {
        struct line *l = &lines->items[i];
        if (l->role != ROLE_BODY)
            continue;
        if (l->form != LINE_HEADING)
            last = false;
        else if (last)
            l->role = ROLE_FURNITURE;
    }
}

static int prepare(struct content *c, struct arena *arena)
{
    const struct html_tree *t = c->tree;
    c->looks = arena_zalloc(arena, (c->lines->count + 1) * sizeof *c->looks);
    c->sums = arena_alloc(arena, (t->node_count + 1) * sizeof *c->sums);
    c->cut = arena_zalloc(arena, (t->node_count + 1) * sizeof *c->cut);
    c->bodied = arena_zalloc(arena, (t->node_count + 1) * sizeof *c->bodied);
    c->named = arena_alloc(arena, (t->node_count + 1) * sizeof *c->named);
    if (!c->looks || !c->sums || !c->cut || !c->named || !c->bodied)
        return -ENOMEM;
    for (uint32_t n = html_next(t, 0, t->node_count, TAG_H1); n < t->node_count && !c->headline;
         n = html_next(t, n + 1, t->node_count, TAG_H1))
        if (html_text(t, n).length)
            c->headline = n;
    for (uint32_t n = t->node_count - 1; n > 0; n--)
        if (c->bodied[n] || (t->nodes[n].tag != TAG_TEXT && c->boxes[n] & BOX_BODY))
            c->bodied[t->nodes[n].parent] = true;
    for (size_t i = 0; i < c->lines->count; i++)
        look_at(c, i);
    add_up(c);
    return 0;
}

int html_content(struct arena *arena, const struct dates_context *context,
                 const struct html_tree *tree, const uint16_t *boxes,
                 const struct html_place *places, struct lines *lines)
{
    struct content c = {
        .context = context, .tree = tree, .boxes = boxes, .places = places, .lines = lines};
    int e = prepare(&c, arena);
    if (e < 0)
        return e;
    /* what is cut off less and less, as long as too little is left */
    static const struct {
        unsigned reasons;
        bool soft; /* tried already when but a small share of the prose is left */
    } tries[] = {
        {BOX_ASIDE | BOX_COMMENTS | BOX_ABOUT | BOX_HIDDEN | BOX_CAPTION, true },
        {BOX_ASIDE | BOX_COMMENTS | BOX_HIDDEN,                           true },
        {BOX_COMMENTS | BOX_HIDDEN,                                       true },
        {BOX_ASIDE | BOX_COMMENTS,                                        true },
        {BOX_ASIDE | BOX_HIDDEN,                                          false},
        {BOX_HIDDEN,                                                      false},
        {0,                                                               false},
    };
    const size_t most = sizeof tries / sizeof *tries;
    uint64_t all = c.sums[0].points, best = 0, kept = 0;
    size_t chosen = 0, tried = 0;
    bool sure = c.headline != 0;
    for (; tried < most; tried++) {
        bool little = best < LITTLE && best * 100 < all * LITTLE_SHARE;
        if (tried && !little && !((tries[tried].soft || !sure) && best * 100 < all * SMALL_SHARE))
            break;
        cut_off(&c, tries[tried].reasons);
        c.root = find_root(&c);
        kept = settle(&c, c.root, tries[tried].reasons);
        sure |= c.sure;
        if (kept > 2 * best) {
            best = kept;
            chosen = tried;
        }
    }
    if (chosen + 1 != tried) {
        cut_off(&c, tries[chosen].reasons);
        c.root = find_root(&c);
        kept = settle(&c, c.root, tries[chosen].reasons);
    }
    trim_opening(&c);
    take_standfirst(&c);
    drop_labels_of_leads(&c);
    take_captions(&c);
    e = drop_repeats(&c, arena);
    drop_last_headings(lines);
    lines->roles_known = kept > 0;
    return e;
}

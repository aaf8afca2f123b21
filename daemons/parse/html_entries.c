/* Entries of a live blog: the largest boxes that hold one time with its text each, of one tag and
 * depth.
 *
 * Comments, forums and lists of teasers look alike, so the page has to say that it is live: in
 * JSON-LD or microdata (LiveBlogPosting), in its address or title, or by a class around the
 * entries; otherwise more of them are asked for, in the article's own text, with times of day
 * alone. */
#include "parse/html_entries.h"

#include "libcommon/text.h"
#include "parse/dates.h"
#include "parse/entries.h"
#include "parse/html_boxes.h"
#include "parse/line_look.h"

#include <errno.h>
#include <string.h>

enum {
    ENTRIES_MAX = 200,
    LEAST = 3, /* entries of a live blog where the page says that it is one */
    LEAST_ALONE = 5,
    TIME_WORDS = 8, /* of a line that is a time */
    CLOCK_WORDS = 4,
    PROSE_LETTERS = 40, /* code points */
    LINKED = 60,        /* per cent */
    TITLE_WORDS = 25,
    LABEL_BYTES = 600, /* of an address or title that may say "live" */
    NEAR = 6,          /* lines behind a time that its text stands in */
};

struct search {
    struct arena *arena;
    const struct dates_context *context;
    const struct html_tree *tree;
    const uint16_t *boxes;
    const struct html_place *places;
    struct lines *lines;
    bool said;             /* the page says that it is live */
    struct moment *times;  /* of each line; precision MOMENT_NONE: none */
    struct moment *stamps; /* of each node that has one for machines; NULL: the page has none */
    bool *timed;           /* nodes with a time beneath */
    bool *written;         /* nodes with text beneath */
    uint32_t *units;       /* how many boxes beneath a node have both and none inside that has */
};

/* --- what says that a page is live --------------------------------------------------------------
 */

static bool is_letter(unsigned char c)
{
    return (c >= 'a' && c <= 'z') || c >= 0x80;
}

/* In normalised form (text_fold()); whole words. */
static const char *const live_words[] = {
    "live",         "liveblog", "liveticker", "live-blog",    "live-ticker", "en direct",
    "en directo",   "en vivo",  "in diretta", "canli",        "مباشر",       "لحظه بلحظه",
    "تغطيه مستمره", "اول باول", "mubasher",   "لحظه به لحظه", "راستهوخو"};

static bool says_live(struct span label)
{
    char folded[LABEL_BYTES + 1];
    if (!label.length || label.length > LABEL_BYTES)
        return false;
    size_t size = text_fold(label.text, label.length, folded);
    for (size_t i = 0; i < sizeof live_words / sizeof *live_words; i++) {
        size_t n = strlen(live_words[i]);
        const char *at = folded, *end = folded + size;
        for (; (at = memmem(at, (size_t)(end - at), live_words[i], n)); at++)
            if ((at == folded || !is_letter((unsigned char)at[-1])) &&
                (at + n == end || !is_letter((unsigned char)at[n])))
                return true;
    }
    return false;
}

/* A class or id whose letters hold the name of a live blog: "c-live-blog__post", "liveTicker". */
static bool names_live(struct span value)
{
    static const char *const names[] = {"liveblog",   "livefeed",  "liveticker",
                                        "liveupdate", "livepost",  "livecoverage",
                                        "livetext",   "liveentry", "liveevent"};
    char letters[LABEL_BYTES];
    size_t used = 0;
    if (value.length > LABEL_BYTES)
        value.length = LABEL_BYTES;
    for (size_t i = 0; i < value.length; i++) {
        char c = value.text[i];
        c = c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c;
        if (c <= ' ' || (c >= 'a' && c <= 'z'))
            letters[used++] = c;
    }
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (memmem(letters, used, names[i], strlen(names[i])))
            return true;
    return false;
}

static bool contains(struct span s, const char *text)
{
    return s.length && memmem(s.text, s.length, text, strlen(text));
}

/* Whether the box or one around it is named as a live blog. */
static bool is_in_live_box(const struct html_tree *t, uint32_t node)
{
    for (; node; node = t->nodes[node].parent)
        if (names_live(html_value(t, node, ATTRIBUTE_CLASS)) ||
            names_live(html_value(t, node, ATTRIBUTE_ID)) ||
            contains(html_value(t, node, ATTRIBUTE_ITEMTYPE), "LiveBlogPosting") ||
            contains(html_value(t, node, ATTRIBUTE_ITEMPROP), "liveBlogUpdate"))
            return t->nodes[node].tag != TAG_BODY && t->nodes[node].tag != TAG_HTML;
    return false;
}

/* --- times --------------------------------------------------------------------------------------
 */

static bool is_time(const struct moment *m)
{
    return (m->precision >= MOMENT_HOUR && m->precision <= MOMENT_SECOND) ||
           m->precision == MOMENT_TIME_OF_DAY;
}

static bool has_digit(struct span s)
{
    for (size_t i = 0; i < s.length; i++) /* of any block: Arabic ones begin with these bytes */
        if ((s.text[i] >= '0' && s.text[i] <= '9') || (unsigned char)s.text[i] == 0xd9 ||
            (unsigned char)s.text[i] == 0xdb)
            return true;
    return false;
}

/* The time that a line is, or that its time element has. */
static struct moment time_of_line(const struct search *s, const struct line *l)
{
    struct moment m = {0};
    if (is_time(&l->datetime))
        return l->datetime;
    if (l->form == LINE_HEADING || l->words > (s->said ? TIME_WORDS : CLOCK_WORDS) ||
        (!s->said && !has_digit(l->text)))
        return m;
    if (l->words <= CLOCK_WORDS && dates_read_clock(s->context, l->text.text, l->text.length, &m))
        return m;
    if (!dates_read_line(s->context, l->text.text, l->text.length, &m) || !is_time(&m))
        return (struct moment){0};
    return m;
}

/* What an element says of its time to machines. */
static struct moment time_of_node(const struct search *s, uint32_t node)
{
    static const enum html_attribute_name names[] = {ATTRIBUTE_DATETIME,  ATTRIBUTE_DATA_TIMESTAMP,
                                                     ATTRIBUTE_DATA_TIME, ATTRIBUTE_DATA_DATETIME,
                                                     ATTRIBUTE_DATA_DATE, ATTRIBUTE_DATA_PUBLISHED};
    struct moment m = {0};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        struct span value = html_value(s->tree, node, names[i]);
        if (value.length &&
            (dates_read_machine(value.text, value.length, &m) ||
             dates_read_clock(s->context, value.text, value.length, &m)) &&
            is_time(&m))
            return m;
    }
    struct span value = html_value(s->tree, node, ATTRIBUTE_CONTENT);
    if (value.length && contains(html_value(s->tree, node, ATTRIBUTE_ITEMPROP), "datePublished") &&
        dates_read_machine(value.text, value.length, &m) && is_time(&m))
        return m;
    return (struct moment){0};
}

/* How many times the page has; -ENOMEM. */
static int find_times(struct search *s)
{
    const struct html_tree *t = s->tree;
    int count = 0;
    s->times = arena_zalloc(s->arena, (s->lines->count + 1) * sizeof *s->times);
    s->timed = arena_zalloc(s->arena, (t->node_count + 1) * sizeof *s->timed);
    if (!s->times || !s->timed)
        return -ENOMEM;
    for (size_t i = 0; i < s->lines->count; i++) {
        s->times[i] = time_of_line(s, &s->lines->items[i]);
        if (s->times[i].precision == MOMENT_NONE)
            continue;
        s->timed[s->places[i].inner] = true;
        count++;
    }
    for (uint32_t n = 1; n < t->node_count; n++) {
        if (!t->nodes[n].attribute_count || t->nodes[n].tag == TAG_TEXT)
            continue;
        struct moment m = time_of_node(s, n);
        if (m.precision == MOMENT_NONE)
            continue;
        if (!s->stamps)
            s->stamps = arena_zalloc(s->arena, (t->node_count + 1) * sizeof *s->stamps);
        if (!s->stamps)
            return -ENOMEM;
        s->stamps[n] = m;
        s->timed[n] = true;
        count++;
    }
    return count < INT16_MAX ? count : INT16_MAX;
}

/* The time of a box: the first for machines, else the first that a line shows. */
static struct moment time_of_box(const struct search *s, uint32_t box, size_t first, size_t last)
{
    for (uint32_t n = box; s->stamps && n < s->tree->nodes[box].end; n++)
        if (s->stamps[n].precision != MOMENT_NONE)
            return s->stamps[n];
    for (size_t i = first; i < last; i++)
        if (s->times[i].precision != MOMENT_NONE)
            return s->times[i];
    return (struct moment){0};
}

/* --- boxes --------------------------------------------------------------------------------------
 */

static bool is_text(const struct line *l)
{
    return l->role == ROLE_BODY ||
           (l->characters >= PROSE_LETTERS && l->link_share < LINKED && l->role != ROLE_TITLE);
}

static void add_up(struct search *s)
{
    const struct html_tree *t = s->tree;
    for (size_t i = 0; i < s->lines->count; i++)
        if (s->times[i].precision == MOMENT_NONE && is_text(&s->lines->items[i]))
            s->written[s->places[i].inner] = true;
    for (uint32_t n = t->node_count - 1; n > 0; n--) {
        uint32_t parent = t->nodes[n].parent;
        if (!s->units[n] && s->timed[n] && s->written[n])
            s->units[n] = 1;
        s->units[parent] += s->units[n];
        s->timed[parent] |= s->timed[n];
        s->written[parent] |= s->written[n];
    }
}

/* The first line that stands in a box or behind it. */
static size_t line_from(const struct search *s, uint32_t node)
{
    size_t low = 0, high = s->lines->count;
    uint32_t text = s->tree->nodes[node].text;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (s->places[middle].start < text)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

struct box {
    uint32_t node;
    size_t first, last; /* its lines; last is behind them */
};

static bool is_of_article(const struct search *s, const struct box *b)
{
    bool any = false;
    for (size_t i = b->first; i < b->last; i++) {
        if (s->lines->items[i].role == ROLE_TITLE)
            return false;
        any |= s->lines->items[i].role == ROLE_BODY;
    }
    for (uint32_t n = s->tree->nodes[b->node].parent; n && !any; n = s->tree->nodes[n].parent)
        if (s->boxes[n] & (BOX_ASIDE | BOX_COMMENTS | BOX_RELATED | BOX_HIDDEN))
            return false;
    return any || s->said;
}

/* The largest boxes with one time and its text each, of the tag and depth that most have. */
static size_t find_boxes(const struct search *s, struct box *ret)
{
    const struct html_tree *t = s->tree;
    size_t count = 0, kept = 0, most = 0;
    uint32_t shape = 0;
    for (uint32_t n = 1; n < t->node_count && count < ENTRIES_MAX; n++) {
        if (s->units[n] != 1 || s->units[t->nodes[n].parent] < 2)
            continue;
        struct box b = {n, line_from(s, n), line_from(s, n)};
        while (b.last < s->lines->count && s->places[b.last].start < t->nodes[n].text_end)
            b.last++;
        if (is_of_article(s, &b))
            ret[count++] = b;
    }
    for (size_t i = 0; i < count; i++) {
        size_t same = 0;
        for (size_t k = 0; k < count; k++)
            same += t->nodes[ret[k].node].tag == t->nodes[ret[i].node].tag &&
                    t->nodes[ret[k].node].depth == t->nodes[ret[i].node].depth;
        if (same > most) {
            most = same;
            shape = ret[i].node;
        }
    }
    for (size_t i = 0; i < count; i++)
        if (t->nodes[ret[i].node].tag == t->nodes[shape].tag &&
            t->nodes[ret[i].node].depth == t->nodes[shape].depth)
            ret[kept++] = ret[i];
    return kept;
}

/* Without a word that the page is live: in the text of an article with a day, headlines no links
 * to other pages, times shown without a day. */
static bool look_live(const struct search *s, const struct box *boxes, size_t count)
{
    size_t linked = 0, clocks = 0;
    if (count < LEAST_ALONE || s->lines->claims.published.precision < MOMENT_DAY)
        return false;
    for (size_t i = 0; i < count; i++) {
        bool body = false, link = false, clock = false;
        for (size_t k = boxes[i].first; k < boxes[i].last; k++) {
            const struct line *l = &s->lines->items[k];
            struct moment m;
            body |= l->role == ROLE_BODY && l->form != LINE_HEADING;
            link |= l->form == LINE_HEADING && l->link_share > LINKED;
            clock |= l->words <= CLOCK_WORDS &&
                     dates_read_clock(s->context, l->text.text, l->text.length, &m);
        }
        linked += link;
        clocks += clock;
        if (!body)
            return false;
    }
    return linked * 2 < count && clocks * 2 > count;
}

/* --- entries ------------------------------------------------------------------------------------
 */

/* Whether a line of an entry is its own: not about its author, no share bar, no reader's words. */
static bool is_own(const struct search *s, uint32_t box, size_t i)
{
    const struct line *l = &s->lines->items[i];
    if (l->role == ROLE_BODY)
        return true;
    if (l->role == ROLE_CAPTION || l->link_share > LINKED || l->characters < PROSE_LETTERS)
        return false;
    for (uint32_t n = s->places[i].inner; n != box && n; n = s->tree->nodes[n].parent)
        if (s->boxes[n] & (BOX_ASIDE | BOX_COMMENTS | BOX_ABOUT | BOX_HIDDEN | BOX_CAPTION))
            return false;
    return true;
}

static bool is_headline(const struct search *s, size_t i)
{
    const struct line *l = &s->lines->items[i];
    return l->form == LINE_HEADING ||
           contains(html_value(s->tree, s->places[i].inner, ATTRIBUTE_ITEMPROP), "headline");
}

static int read_entry(struct search *s, const struct box *b, struct live_entry *ret)
{
    struct span title = {0};
    size_t size = 0, titled = b->last, first = b->last;
    for (size_t i = b->first; i < b->last; i++) {
        struct line *l = &s->lines->items[i];
        if (s->times[i].precision != MOMENT_NONE && l->words <= TIME_WORDS) {
            l->role = ROLE_FURNITURE;
            continue;
        }
        bool headline = titled == b->last && first == b->last && is_headline(s, i);
        if (!headline && !is_own(s, b->node, i))
            continue;
        l->role = ROLE_BODY;
        if (headline) {
            titled = i;
            title = l->text;
            continue;
        }
        first = first == b->last ? i : first;
        size += l->text.length + 2;
    }
    if (!title.length && first < b->last) { /* a short line above the text */
        const struct line *l = &s->lines->items[first];
        if (l->words <= TITLE_WORDS && !line_ends_sentence(l->text) && size > l->text.length + 2) {
            titled = first;
            title = l->text;
        }
    }
    struct span text;
    int e = entries_text(s->arena, s->lines, b->first, b->last, titled, &text);
    if (e < 0)
        return e;
    struct moment m = time_of_box(s, b->node, b->first, b->last);
    *ret = (struct live_entry){title, text,
                               entries_time(&m, &s->lines->claims.published, s->context->zone)};
    return 0;
}

static int read_boxes(struct search *s, const struct box *boxes, size_t count)
{
    struct claims *c = &s->lines->claims;
    struct live_entry *entries = arena_alloc(s->arena, count * sizeof *entries);
    size_t kept = 0, claimed = 0;
    if (!entries)
        return -ENOMEM;
    for (size_t i = 0; i < count; i++) {
        int e = read_entry(s, &boxes[i], &entries[kept]);
        if (e < 0)
            return e;
        kept += entries[kept].text.length > 0;
    }
    for (size_t i = 0; i < c->entry_count; i++)
        claimed += c->entries[i].text.length > 0;
    if (kept > claimed) {
        c->entries = entries;
        c->entry_count = kept;
    }
    return 0;
}

/* Times on lines of their own part the text: those with text behind them, before the next. */
static void mark_openings(struct search *s)
{
    size_t count = s->lines->count, first = 0, opens = 0, clocks = 0;
    while (first < count && s->lines->items[first].role != ROLE_BODY)
        first++;
    for (int pass = 0; pass < 2; pass++) {
        size_t last = count;
        for (size_t i = count; i-- > 0;) {
            struct line *l = &s->lines->items[i];
            bool clock = s->times[i].precision == MOMENT_TIME_OF_DAY;
            if (l->role == ROLE_BODY && s->times[i].precision == MOMENT_NONE)
                last = i;
            if (s->times[i].precision == MOMENT_NONE || l->words > TIME_WORDS || last == count ||
                last > i + NEAR || (i < first && !clock)) /* there it is the article's own */
                continue;
            if (pass == 0) {
                opens++;
                clocks += clock;
            } else {
                l->role = ROLE_ENTRY;
                l->datetime = s->times[i];
            }
            last = count;
        }
        if (opens < LEAST || (!s->said && clocks < LEAST_ALONE))
            return;
    }
}

int html_entries(struct arena *arena, const struct page_source *source,
                 const struct dates_context *context, const struct html_tree *tree,
                 const uint16_t *boxes, const struct html_place *places, struct lines *lines)
{
    struct search s = {.arena = arena,
                       .context = context,
                       .tree = tree,
                       .boxes = boxes,
                       .places = places,
                       .lines = lines};
    const struct claims *c = &lines->claims;
    struct span url = {source->url, source->url ? strlen(source->url) : 0};
    s.said = c->live_blog || says_live(url) || says_live(c->title) || says_live(c->kicker);
    int times = find_times(&s);
    if (times < LEAST)
        return times < 0 ? times : 0;
    s.units = arena_zalloc(arena, (tree->node_count + 1) * sizeof *s.units);
    s.written = arena_zalloc(arena, (tree->node_count + 1) * sizeof *s.written);
    struct box *found = arena_alloc(arena, ENTRIES_MAX * sizeof *found);
    if (!s.units || !s.written || !found)
        return -ENOMEM;
    add_up(&s);
    size_t count = find_boxes(&s, found);
    s.said |= count && is_in_live_box(tree, found[0].node);
    if (count >= LEAST && (s.said || look_live(&s, found, count)))
        return read_boxes(&s, found, count);
    if (count < LEAST) /* else they are boxes of something else */
        mark_openings(&s);
    return 0;
}

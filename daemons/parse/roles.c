/* The part that each line plays on its page, settled from lines alone: head, body and tail. */
#include "parse/roles.h"

#include "parse/furniture.h"
#include "parse/line_words.h"
#include "parse/roles_view.h"

#include <string.h>

enum {
    TAGS_LOOK = 6, /* lines before and behind the end of the body where tags may stand */
    TAGS_MOST = 16,
};

bool roles_set(struct roles_view *v, size_t i, enum line_role role)
{
    struct line *l = roles_line(v, i);
    if (l->role == ROLE_UNKNOWN)
        l->role = (uint8_t)role;
    return l->role == role;
}

bool roles_headline(const struct roles_view *v, size_t i)
{
    const struct line *l = roles_line(v, i);
    const struct line_look *k = &v->looks[i];
    return !k->furniture && !k->dated && l->words >= 4 && l->words <= 40 && l->characters >= 20 &&
           l->characters <= 260;
}

/* Whether a line names the section: the site file knows it, or it is a usual name. */
static bool names_section(const struct roles_view *v, size_t i)
{
    const struct line *l = roles_line(v, i);
    if (l->words > 4)
        return false;
    return (v->source->site && site_topic(v->source->site, l->text.text, l->text.length)) ||
           (v->looks[i].furniture & FURNITURE_SECTION);
}

/* The short line that names the section, nearest the title: below it, then above it. */
static void settle_section(struct roles_view *v)
{
    size_t top = v->title < v->first ? v->title : v->first;
    for (size_t i = top; i < v->first; i++)
        if (names_section(v, i) && roles_line(v, i)->role == ROLE_UNKNOWN &&
            roles_set(v, i, ROLE_SECTION))
            return;
    if (v->title < v->first)
        for (size_t i = top + 1; i < v->first;
             i++) { /* alone between title and date, whatever its name */
            const struct line *l = roles_line(v, i);
            bool by_date = i + 1 < v->first && v->looks[i + 1].dated;
            if (by_date && l->role == ROLE_UNKNOWN && l->words <= 3 && i == top + 1 &&
                !v->looks[i].furniture && !v->looks[i].head && !line_byline_prefix(l->text) &&
                !line_agency(l->text, v->source->site)) {
                roles_set(v, i, ROLE_SECTION);
                return;
            }
        }
    for (size_t i = top, passed = 0; i-- > 0 && passed < 4; passed++)
        if (names_section(v, i) && roles_line(v, i)->role == ROLE_UNKNOWN &&
            (i == 0 || roles_line(v, i - 1)->role != ROLE_UNKNOWN || !names_section(v, i - 1)) &&
            roles_set(v, i, ROLE_SECTION))
            return;
}

/* A short line close above the title that a colon or dots part from it, or that names a kind of
 * article. */
static void settle_kicker(struct roles_view *v)
{
    static const char *const kinds[] = {"خاص",      "حصري",    "تقرير",    "تحقيق",
                                        "مقابلة",   "تحليل",   "رأي",      "Exclusive",
                                        "Analysis", "Opinion", "Interview"};
    if (!v->title || v->title >= v->lines->count)
        return;
    const struct line *l = roles_line(v, v->title - 1);
    const struct line_look *k = &v->looks[v->title - 1];
    size_t size = l->text.length - line_ends_with(l->text, ":");
    bool kind = false;
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        kind |= size == strlen(kinds[i]) && memcmp(l->text.text, kinds[i], size) == 0;
    bool parted = line_ends_with(l->text, ":") || line_ends_with(l->text, "..") ||
                  line_ends_with(l->text, "…");
    if (l->role == ROLE_UNKNOWN && !k->dated && !k->head && l->words <= 8 && l->characters <= 60 &&
        (kind || (parted && !k->furniture && l->words >= 2)))
        roles_set(v, v->title - 1, ROLE_KICKER);
}

static void settle_head(struct roles_view *v)
{
    bool titled = v->title < v->lines->count;
    size_t tickers = 0;
    if (titled)
        roles_set(v, v->title, ROLE_TITLE);
    roles_settle_dates(v);
    settle_kicker(v);
    settle_section(v);
    for (size_t i = 0; i < v->first; i++) {
        const struct line *l = roles_line(v, i);
        const struct line_look *k = &v->looks[i];
        size_t by = line_byline_prefix(l->text);
        bool near = titled && i + 8 > v->title;
        if (l->role != ROLE_UNKNOWN)
            continue;
        if (k->furniture)
            roles_set(v, i, ROLE_FURNITURE);
        else if (near && i != v->title && by && l->words >= 2 && l->words <= 10 &&
                 by < l->text.length)
            roles_set(v, i, ROLE_BYLINE);
        else if (near && i > v->title && l->words <= 6 && line_agency(l->text, v->source->site))
            roles_set(v, i, ROLE_BYLINE);
        else if (titled && i > v->title && k->points > 0)
            roles_set(v, i, ROLE_SUMMARY);
        else if (titled && i < v->title && !k->head && roles_headline(v, i) && l->link_share < 90 &&
                 v->title - i <= 6 && tickers++ < 6)
            roles_set(v, i, ROLE_TICKER);
        else
            roles_set(v, i, ROLE_FURNITURE);
    }
}

/* Lines of the body that are not its own: furniture, and lists of other stories with what heads
 * them. */
static void settle_body(struct roles_view *v)
{
    bool listing = false;
    for (size_t i = v->first; i < v->last; i++) {
        const struct line *l = roles_line(v, i);
        const struct line_look *k = &v->looks[i];
        bool prose = k->points > 0 && (k->ends || l->characters >= LOOK_LONG);
        if (l->role != ROLE_UNKNOWN)
            continue;
        if (k->furniture & (FURNITURE_RELATED | FURNITURE_END)) {
            listing = true;
            roles_set(v, i, ROLE_FURNITURE);
        } else if (k->furniture || k->repeats || (k->between && !roles_headline(v, i))) {
            roles_set(v, i, ROLE_FURNITURE);
        } else if (k->dated && l->words <= 8) {
            roles_set(v, i, listing ? ROLE_LEAD_DATE : ROLE_FURNITURE);
        } else if (k->head & FURNITURE_RELATED && !prose) {
            roles_set(v, i, ROLE_LEAD);
        } else if ((listing || k->between) && !prose) {
            roles_set(v, i, roles_headline(v, i) ? ROLE_LEAD : ROLE_FURNITURE);
        } else if (l->link_share > 80 && l->form != LINE_HEADING && !prose) {
            roles_set(v, i, roles_headline(v, i) ? ROLE_LEAD : ROLE_FURNITURE);
        } else {
            listing = false;
            roles_set(v, i, ROLE_BODY);
        }
    }
}

static bool may_be_tag(const struct roles_view *v, size_t i)
{
    const struct line *l = roles_line(v, i);
    const struct line_look *k = &v->looks[i];
    return (!k->furniture || k->furniture & FURNITURE_SECTION) && !k->head && !k->dated &&
           !k->ends && l->words <= 4 && l->characters <= 40 && l->form != LINE_HEADING;
}

/* A line that tags head, or a heading of tags and the short lines below it. In the body only near
 * its end: elsewhere the words are a sub-headline. */
static void settle_tags(struct roles_view *v)
{
    size_t count = v->lines->count,
           from = v->last > v->first + TAGS_LOOK ? v->last - TAGS_LOOK : v->first;
    for (size_t i = from; i < count && i < v->last + TAGS_LOOK; i++) {
        const struct line_look *k = &v->looks[i];
        if (k->furniture & FURNITURE_TAGS) {
            for (size_t t = i + 1; t < count && t <= i + TAGS_MOST && may_be_tag(v, t); t++)
                roles_set(v, t, ROLE_TAGS);
            roles_set(v, i, ROLE_TAGS);
            return;
        }
        if (k->head & FURNITURE_TAGS && !k->ends && roles_set(v, i, ROLE_TAGS))
            return;
    }
}

static void settle_tail(struct roles_view *v)
{
    size_t count = v->lines->count;
    bool over = false;
    for (size_t i = v->last; i < count; i++) {
        const struct line *l = roles_line(v, i);
        const struct line_look *k = &v->looks[i];
        over |= (k->furniture | k->head) & FURNITURE_END && i > v->last + 2;
        if (l->role != ROLE_UNKNOWN)
            continue;
        bool near_date =
            (i + 1 < count && v->looks[i + 1].dated) || (i > v->last && v->looks[i - 1].dated);
        if (k->dated)
            roles_set(v, i, ROLE_LEAD_DATE);
        else if (!over && !k->head && roles_headline(v, i) &&
                 (!k->ends || near_date || line_ends_with(l->text, "؟") ||
                  line_ends_with(l->text, "?") || line_ends_with(l->text, "\"") ||
                  line_ends_with(l->text, "»")))
            roles_set(v, i, ROLE_LEAD);
        else if (k->head & FURNITURE_RELATED && l->text.length > k->rest + 20u)
            roles_set(v, i, ROLE_LEAD);
        else
            roles_set(v, i, ROLE_FURNITURE);
    }
}

/* Where the reader told the body: its first and last line. */
static bool known_body(struct roles_view *v)
{
    bool any = false;
    for (size_t i = 0; i < v->lines->count; i++)
        if (roles_line(v, i)->role == ROLE_BODY) {
            v->first = any ? v->first : i;
            v->last = i + 1;
            any = true;
        }
    return any;
}

static size_t known_title(const struct roles_view *v)
{
    for (size_t i = 0; i < v->lines->count; i++)
        if (roles_line(v, i)->role == ROLE_TITLE)
            return i;
    return v->lines->count;
}

int roles_settle(const struct page_source *source, const struct dates_context *context,
                 struct arena *arena, struct lines *lines)
{
    struct roles_view v = {.source = source, .context = context, .arena = arena, .lines = lines};
    int r = lines_look(source, context, arena, lines, &v.looks);
    if (r < 0)
        return r;
    bool told = known_body(&v);
    roles_find_hints(&v);
    if (!told)
        roles_drop_repeats(&v);
    if (!told && (lines->roles_known || !roles_find_body(&v)))
        return 0;
    if (!told)
        roles_cut_notes(&v);
    v.title = known_title(&v);
    if (v.title == lines->count)
        roles_find_title(&v);
    if (!told && v.title < lines->count && v.title >= v.first)
        v.first = v.title + 1;
    if (!told && v.title < v.first)
        roles_extend_body(&v);
    if (!told && (r = roles_settle_entries(&v)) < 0)
        return r;
    settle_head(&v);
    if (!told) {
        settle_tags(&v);
        settle_body(&v);
    } else
        for (size_t i = v.first; i < v.last; i++)
            if (!roles_set(&v, i, v.looks[i].dated ? ROLE_LEAD_DATE : ROLE_FURNITURE) &&
                roles_line(&v, i)->role == ROLE_BODY &&
                line_site_furniture(source->site, roles_line(&v, i)->text))
                roles_line(&v, i)->role =
                    ROLE_FURNITURE; /* a reader knows boxes, not the site's words */
    settle_tail(&v);
    return 0;
}

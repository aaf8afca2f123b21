/* Lines and claims -> the article: each line goes where its role says. */
#include "parse/article.h"

#include "libcommon/site.h"
#include "libcommon/utf8.h"
#include "parse/dates.h"
#include "parse/entries.h"
#include "parse/furniture.h"
#include "parse/html_title.h"
#include "parse/keywords.h"
#include "parse/line_words.h"
#include "parse/lines.h"
#include "parse/roles.h"

#include <errno.h>
#include <string.h>

enum {
    LEAD_TITLE_MIN = 12, /* bytes */
    DATELINE_LOOK = 90,  /* bytes of the first paragraph */
    DATELINE_WORDS = 16,
    PLACE_MOST = 64, /* bytes */
    HEADING_WORDS = 12,
    BODY_LETTERS_MIN = 40, /* code points */
    UTF8_MOST = 4,         /* bytes of one */
    SUMMARY_WORDS = 4,
    TITLE_WORDS_MIN = 4,
};

struct view {
    const struct page_source *source;
    const struct dates_context *context;
    struct arena *arena;
    struct lines *lines;
    struct article *article;
    size_t lead_capacity;
};

static bool equal(struct span a, struct span b)
{
    return a.length == b.length && memcmp(a.text, b.text, a.length) == 0;
}

static size_t words_of(struct span s)
{
    size_t words = 0;
    for (size_t i = 0; i < s.length; i++)
        words += s.text[i] != ' ' && (!i || s.text[i - 1] == ' ');
    return words;
}

static struct span from(struct span s, size_t at)
{
    while (at < s.length && strchr(" :|-", s.text[at]))
        at++;
    return (struct span){s.text + at, s.length - at};
}

/* --- leads ----------------------------------------------------------------------- */

static int add_lead(struct view *v, enum lead_role role, const struct line *l,
                    const struct moment *when)
{
    struct article *a = v->article;
    struct span title = l->text;
    struct furniture_look look;
    furniture_look(title.text, title.length, &look);
    if (look.head & FURNITURE_RELATED)
        title = from(title, look.rest);
    if (title.length < LEAD_TITLE_MIN || equal(title, a->title))
        return 0;
    for (size_t i = 0; i < a->lead_count && i < 200; i++)
        if (equal(a->leads[i].title, title))
            return 0;
    struct lead *leads =
        arena_grow(v->arena, a->leads, sizeof *leads, a->lead_count + 1, &v->lead_capacity);
    if (!leads)
        return -ENOMEM;
    a->leads = leads;
    leads[a->lead_count++] = (struct lead){role, title, l->url,
                                           when                   ? *when
                                           : l->role == ROLE_LEAD ? l->datetime
                                                                  : (struct moment){0}};
    return 0;
}

/* Whether the date of a lead stands behind its headline or before it: most of the page's leads
 * decide. */
static bool dates_behind(const struct lines *lines)
{
    size_t behind = 0, before = 0;
    bool first_is_date = false, seen = false;
    for (size_t i = 0; i < lines->count; i++) {
        uint8_t role = lines->items[i].role;
        if (!seen && (role == ROLE_LEAD || role == ROLE_LEAD_DATE)) {
            seen = true;
            first_is_date = role == ROLE_LEAD_DATE;
        }
        if (role != ROLE_LEAD)
            continue;
        behind += i + 1 < lines->count && lines->items[i + 1].role == ROLE_LEAD_DATE;
        before += i > 0 && lines->items[i - 1].role == ROLE_LEAD_DATE;
    }
    return behind != before ? behind > before : !first_is_date;
}

static int read_leads(struct view *v)
{
    const struct lines *lines = v->lines;
    bool behind = dates_behind(lines);
    for (size_t i = 0; i < lines->count; i++) {
        const struct line *l = &lines->items[i];
        size_t date = behind ? i + 1 : i - 1;
        bool dated = date < lines->count && lines->items[date].role == ROLE_LEAD_DATE;
        int r = 0;
        if (l->role == ROLE_TICKER)
            r = add_lead(v, LEAD_TICKER, l, NULL);
        else if (l->role == ROLE_LEAD)
            r = add_lead(v, LEAD_RELATED, l, dated ? &lines->items[date].datetime : NULL);
        if (r < 0)
            return r;
    }
    return 0;
}

/* --- head ------------------------------------------------------------------------ */

static void read_date(struct article *a, const struct line *l)
{
    if (l->changed.precision > a->updated.precision)
        a->updated = l->changed;
    bool updated = l->role == ROLE_UPDATED;
    struct moment *m = updated ? &a->updated : &a->published;
    if (m->precision >= l->datetime.precision || l->datetime.precision == MOMENT_NONE)
        return;
    *m = l->datetime;
    if (!updated)
        a->published_text = l->text;
}

static void read_head(struct view *v)
{
    struct article *a = v->article;
    for (size_t i = 0; i < v->lines->count; i++) {
        const struct line *l = &v->lines->items[i];
        switch (l->role) {
        case ROLE_TITLE:
            if (!a->title.length)
                a->title = title_without_site(v->source, l->text);
            break;
        case ROLE_KICKER:
            a->kicker = l->text;
            break;
        case ROLE_SECTION:
            if (!a->section.length)
                a->section = l->text;
            break;
        case ROLE_BYLINE:
            if (!a->byline.length)
                a->byline = from(l->text, line_byline_prefix(l->text));
            break;
        case ROLE_SUMMARY:
            if (!a->summary.length)
                a->summary = l->text;
            break;
        case ROLE_DATE:
        case ROLE_UPDATED:
            read_date(a, l);
            break;
        default:
            break;
        }
    }
}

/* --- body ------------------------------------------------------------------------ */

static enum block_kind block_of(const struct line *l)
{
    static const enum block_kind kinds[] = {
        [LINE_PLAIN] = BLOCK_PARAGRAPH,     [LINE_HEADING] = BLOCK_HEADING,
        [LINE_LIST_ITEM] = BLOCK_LIST_ITEM, [LINE_QUOTATION] = BLOCK_QUOTATION,
        [LINE_CAPTION] = BLOCK_CAPTION,     [LINE_TABLE_ROW] = BLOCK_TABLE_ROW,
    };
    return kinds[l->form];
}

static int read_body(struct view *v)
{
    struct article *a = v->article;
    size_t size = 0, count = 0;
    for (size_t i = 0; i < v->lines->count; i++) {
        uint8_t role = v->lines->items[i].role;
        size += role == ROLE_BODY ? v->lines->items[i].text.length + 2 : 0;
        count += role == ROLE_BODY || role == ROLE_CAPTION;
    }
    a->blocks = arena_alloc(v->arena, (count + 1) * sizeof *a->blocks);
    char *text = arena_alloc(v->arena, size + 1);
    if (!a->blocks || !text)
        return -ENOMEM;
    size_t used = 0;
    for (size_t i = 0; i < v->lines->count; i++) {
        const struct line *l = &v->lines->items[i];
        if (l->role == ROLE_CAPTION)
            a->blocks[a->block_count++] = (struct block){BLOCK_CAPTION, true, l->text};
        if (l->role != ROLE_BODY)
            continue;
        if (used) {
            memcpy(text + used, "\n\n", 2);
            used += 2;
        }
        memcpy(text + used, l->text.text, l->text.length);
        a->blocks[a->block_count++] = (struct block){
            block_of(l), false, {text + used, l->text.length}
        };
        used += l->text.length;
    }
    a->text = (struct span){text, used};
    return 0;
}

/* --- what stands at the edges ---------------------------------------------------- */

static struct span trimmed(struct span s)
{
    while (s.length && strchr(" /()-|,", s.text[0]))
        s = (struct span){s.text + 1, s.length - 1};
    while (s.length && strchr(" /()-|,:", s.text[s.length - 1]))
        s.length--;
    return s;
}

/* The place among the words of a dateline: the part that is no agency and has no date ("Doha on 18
 * January /QNA/"). */
static struct span place_of(const struct view *v, struct span words)
{
    static const char in[] = " في "; /* "in", which a date follows */
    for (size_t at = 0; at < words.length;) {
        size_t end = at;
        while (end < words.length && !strchr("/()-|,", words.text[end]))
            end++;
        struct span part = trimmed((struct span){words.text + at, end - at});
        const char *date = memmem(part.text, part.length, in, sizeof in - 1);
        if (date)
            part.length = (size_t)(date - part.text);
        for (size_t i = 0; i < part.length; i++) /* "Riyadh 29 Rajab 1447 SPA" */
            if (part.text[i] >= '0' && part.text[i] <= '9')
                part = trimmed((struct span){part.text, i});
        at = end + 1;
        if (part.length && part.length <= PLACE_MOST && !line_agency(part, v->source->site) &&
            !memchr(part.text, '.', part.length))
            return part;
    }
    return (struct span){0};
}

/* Bytes of the first paragraph that are its dateline, up to a dash, a colon or a stroke behind an
 * agency; 0: none. */
static size_t dateline_end(const struct view *v, struct span first, const char **ret_agency)
{
    static const char *const ends[] = {" - ", " – ", " — ", "- ", "– ", ": ", "/ ", ") "};
    size_t look = first.length < DATELINE_LOOK ? first.length : DATELINE_LOOK;
    for (size_t at = 1; at < look; at++) {
        if (!strchr(" -:/)\xe2", first.text[at]))
            continue;
        for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
            size_t n = strlen(ends[i]);
            if (at + n > look || memcmp(first.text + at, ends[i], n) != 0)
                continue;
            struct span words = {first.text, at};
            if ((*ret_agency = line_agency(words, v->source->site)))
                return at;
        }
    }
    return 0;
}

/* "Baghdad / INA -", "(Reuters) -": place and agency before the first words, or on a line of their
 * own. */
static void read_dateline(struct view *v)
{
    struct article *a = v->article;
    const char *agency = NULL;
    const struct block *first = a->blocks;
    while (first->apart)
        first++;
    size_t end = dateline_end(v, first->text, &agency);
    struct span words = {first->text.text, end};
    if (!agency && a->byline.length && (agency = line_agency(a->byline, v->source->site)))
        words = a->byline;
    for (size_t i = 0; !agency && i < v->lines->count; i++) {
        const struct line *l = &v->lines->items[i];
        if (l->role == ROLE_DATE && l->words <= DATELINE_WORDS &&
            (agency = line_agency(l->text, v->source->site)))
            words = l->text;
    }
    if (!agency)
        return;
    a->agency = (struct span){agency, strlen(agency)};
    struct span place = place_of(v, words);
    bool alone = words.text == a->byline.text; /* a byline that is a dateline has its marks */
    if (place.length &&
        (!alone || memchr(words.text, '/', words.length) || memchr(words.text, '(', words.length) ||
         memmem(words.text, words.length, " - ", 3))) {
        a->dateline = place;
        if (alone)
            a->byline = (struct span){0};
    }
}

/* The names of several authors as one line. */
static struct span joined_authors(struct view *v, const struct claims *c)
{
    size_t size = 0, used = 0;
    for (size_t i = 0; i < c->author_count; i++)
        size += c->authors[i].length + 2;
    char *text = c->author_count > 1 ? arena_alloc(v->arena, size) : NULL;
    if (!text)
        return c->authors[0];
    for (size_t i = 0; i < c->author_count; i++) {
        memcpy(text + used, c->authors[i].text, c->authors[i].length);
        used += c->authors[i].length;
        if (i + 1 < c->author_count)
            memcpy(text + used, ", ", 2);
        used += i + 1 < c->author_count ? 2 : 0;
    }
    return (struct span){text, used};
}

static bool is_same_day(const struct moment *a, const struct moment *b)
{
    return a->year == b->year && a->month == b->month && a->day == b->day;
}

/* Whether words may stand as the summary: a sentence, neither an address nor the title once more.
 */
static bool is_summary(const struct article *a, struct span text)
{
    if (memmem(text.text, text.length, "://", 3) || words_of(text) < SUMMARY_WORDS)
        return false;
    const char *title =
        a->title.length ? memmem(text.text, text.length, a->title.text, a->title.length) : NULL;
    return !title || words_of(text) - words_of(a->title) >= SUMMARY_WORDS;
}

/* Some sites give the words of the title, one by one, for keywords. */
static bool only_title_words(const struct claims *c, struct span title)
{
    size_t within = 0;
    for (size_t i = 0; i < c->keyword_count; i++) {
        struct span word = c->keywords[i];
        within += !memchr(word.text, ' ', word.length) &&
                  memmem(title.text, title.length, word.text, word.length);
    }
    return within == c->keyword_count && within >= TITLE_WORDS_MIN &&
           within * 4 >= words_of(title) * 3;
}

static void take_claims(struct view *v)
{
    const struct claims *c = &v->lines->claims;
    struct article *a = v->article;
    if (c->title.length)
        a->title = c->title;
    if (c->kicker.length)
        a->kicker = c->kicker;
    if (c->section.length)
        a->section = c->section;
    if (c->published.precision != MOMENT_NONE &&
        (c->published.precision >= a->published.precision ||
         !is_same_day(&c->published, &a->published))) {
        a->published = c->published;
        a->published_text = c->published_text;
    }
    if (c->updated.precision != MOMENT_NONE)
        a->updated = c->updated;
    if (c->author_count)
        a->byline = joined_authors(v, c);
    if (a->summary.length && (equal(a->summary, a->byline) || !is_summary(a, a->summary)))
        a->summary = (struct span){0};
    if (!a->summary.length && c->description.length && is_summary(a, c->description))
        a->summary = c->description;
    a->image = c->image;
    a->canonical_url = c->canonical_url;
    a->site_name = c->site_name;
    a->language = c->language;
    a->paywall = c->paywall;
    if (!only_title_words(c, a->title)) {
        a->keywords = c->keywords;
        a->keyword_count = c->keyword_count;
    }
    a->entries = c->entries;
    a->entry_count = c->entry_count;
}

int article_make(const struct page_source *source, const struct dates_context *context,
                 struct arena *arena, struct lines *lines, struct article *ret)
{
    struct view v = {
        .source = source, .context = context, .arena = arena, .lines = lines, .article = ret};
    if (!lines->count)
        return 0;
    int r = roles_settle(source, context, arena, lines);
    if (r < 0)
        return r;
    read_head(&v);
    r = read_body(&v);
    if (!r)
        r = read_leads(&v);
    if (r < 0)
        return r;
    if (ret->text.length < UTF8_MOST * BODY_LETTERS_MIN &&
        utf8_count(ret->text.text, ret->text.length) < BODY_LETTERS_MIN)
        return 0;
    take_claims(&v);
    if (ret->published.precision == MOMENT_NONE && source->url &&
        dates_read_url(source->url, strlen(source->url), &ret->published))
        ret->published_text = (struct span){source->url, strlen(source->url)};
    if (!ret->keyword_count && (r = keywords_read(arena, lines, ret)) < 0)
        return r;
    read_dateline(&v);
    r = ret->entry_count ? 0 : entries_read(arena, lines, context->zone, ret);
    return r < 0 ? r : 1;
}

/* Lines and claims -> the article: where its body is, what stands above it, and what follows. */
#include "parse/article.h"

#include "libcommon/site.h"
#include "libcommon/utf8.h"
#include "parse/dates.h"
#include "parse/line_words.h"
#include "parse/lines.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* A line as prose or headline, in points: what the body is made of gains, what stands around it costs. */
enum {
    PROSE_WORDS = 12,       /* with a full stop or the like at its end */
    LONG_WORDS = 25,        /* prose even without */
    TITLE_WORDS_MIN = 3,
    TITLE_WORDS_MAX = 40,
    HEAD_LINES = 40,        /* looked at above the body */
    DATE_BEHIND = 3,        /* lines behind the body that its own date may stand in */
    SECTION_WORDS = 4,
    COST_SHORT = 14,        /* of a headline in the middle of prose */
    COST_DATE = 30,
    COST_FURNITURE = 4,
    COST_RELATED = 6,
    BODY_WORDS_MIN = 8,
};

struct view {
    const struct page_source *source;
    const struct dates_context *context;
    struct arena *arena;
    struct lines *lines;
    struct article *article;
    struct moment *dates;     /* of each line that is a date line */
    bool *furniture;
    size_t *related;          /* bytes of line_related_prefix() */
    size_t first, last;       /* of the body; last is behind it */
    size_t title;             /* line of the title; count: none */
};

static bool has_date(const struct view *v, size_t i)
{
    return v->dates[i].precision != MOMENT_NONE && v->dates[i].precision != MOMENT_TIME_OF_DAY;
}

/* Ends as sentences do, quotation marks and brackets behind the stop not counted. */
static bool ends_sentence(struct span s)
{
    static const char *const closers[] = {"\"", "»", "”", ")", "]", "'", "’"};
    static const char *const stops[] = {".", "!", "?", "؟", "…", "۔", ":", "؛"};
    bool quoted = false;
    for (bool again = true; again;) {
        again = false;
        for (size_t i = 0; i < sizeof closers / sizeof *closers; i++) {
            size_t n = strlen(closers[i]);
            if (s.length > n && memcmp(s.text + s.length - n, closers[i], n) == 0) {
                s.length -= n;
                again = quoted = true;
            }
        }
    }
    for (size_t i = 0; i < sizeof stops / sizeof *stops; i++) {
        size_t n = strlen(stops[i]);
        if (s.length > n && memcmp(s.text + s.length - n, stops[i], n) == 0)
            return true;
    }
    return quoted && s.length > 120;
}

static bool is_prose(const struct view *v, size_t i)
{
    const struct line *l = &v->lines->items[i];
    if (has_date(v, i) || v->furniture[i] || v->related[i] || l->form == LINE_HEADING ||
        (l->link_share > 60 && l->words < LONG_WORDS))
        return false;
    return l->words >= LONG_WORDS || (l->words >= PROSE_WORDS / 2 && ends_sentence(l->text));
}

static int points(const struct view *v, size_t i)
{
    const struct line *l = &v->lines->items[i];
    if (is_prose(v, i))
        return (int)(l->words < 200 ? l->words : 200) + 5;
    if (has_date(v, i))
        return -COST_DATE;
    if (v->furniture[i])
        return -COST_FURNITURE;
    if (v->related[i])
        return -COST_RELATED;
    return l->form == LINE_LIST_ITEM || l->form == LINE_QUOTATION ? -2 : -COST_SHORT;
}

/* The stretch of lines with the most points, beginning and ending in prose. */
static bool find_body(struct view *v)
{
    long best = 0, sum = 0;
    size_t start = 0, count = v->lines->count;
    for (size_t i = 0; i < count; i++) {
        if (sum <= 0) {
            sum = 0;
            start = i;
        }
        sum += points(v, i);
        if (sum > best && is_prose(v, i)) {
            best = sum;
            v->first = start;
            v->last = i + 1;
        }
    }
    return best >= BODY_WORDS_MIN + 5;
}

static bool equal(struct span a, struct span b)
{
    return a.length == b.length && memcmp(a.text, b.text, a.length) == 0;
}

static bool is_headline(const struct view *v, size_t i)
{
    const struct line *l = &v->lines->items[i];
    return !has_date(v, i) && !v->furniture[i] && !v->related[i] && l->words >= TITLE_WORDS_MIN &&
           l->words <= TITLE_WORDS_MAX && !line_byline_prefix(l->text);
}

/* The headline next above the body or its date; a title that the page claims, if a line has it, is surer. */
static void find_title(struct view *v)
{
    size_t lowest = v->first > HEAD_LINES ? v->first - HEAD_LINES : 0;
    const struct claims *c = &v->lines->claims;
    const struct span claimed[] = {c->headline, c->social_title, c->document_title};
    v->title = v->lines->count;
    for (size_t k = 0; k < 3; k++)
        for (size_t i = lowest; claimed[k].length && i < v->first; i++)
            if (equal(v->lines->items[i].text, claimed[k])) {
                v->title = i;
                return;
            }
    size_t nearest = v->lines->count, before_date = v->lines->count;
    bool date_seen = false;
    for (size_t i = v->first; i-- > lowest;) {
        if (has_date(v, i)) {
            date_seen = true;
        } else if (is_headline(v, i)) {
            if (nearest == v->lines->count)
                nearest = i;
            if (date_seen && before_date == v->lines->count)
                before_date = i;
        }
    }
    /* Between date and body stands a summary, if anything; unless nothing is above the date. */
    v->title = before_date != v->lines->count ? before_date : nearest;
}

static void set_date(struct view *v, size_t i)
{
    struct article *a = v->article;
    if (line_says_updated(v->lines->items[i].text)) {
        if (a->updated.precision == MOMENT_NONE)
            a->updated = v->dates[i];
        return;
    }
    if (a->published.precision != MOMENT_NONE)
        return;
    a->published = v->dates[i];
    a->published_text = v->lines->items[i].text;
}

/* The date lines nearest above the body, else close behind it where no headline follows. */
static void find_dates(struct view *v)
{
    size_t top = v->title < v->lines->count ? v->title : v->first;
    for (size_t i = v->first; i-- > top;)
        if (has_date(v, i))
            set_date(v, i);
    for (size_t i = top; i-- > 0 && v->article->published.precision == MOMENT_NONE && top - i <= 4;)
        if (has_date(v, i))
            set_date(v, i);
    for (size_t i = v->last; i < v->lines->count && i < v->last + DATE_BEHIND; i++) {
        if (v->article->published.precision != MOMENT_NONE || is_headline(v, i))
            break;
        if (has_date(v, i) && !(i + 1 < v->lines->count && is_headline(v, i + 1)))
            set_date(v, i);
    }
    const struct claims *c = &v->lines->claims;
    if (c->published.precision != MOMENT_NONE && c->published.precision >= v->article->published.precision) {
        v->article->published = c->published;
        v->article->published_text = c->published_text;
    }
    if (c->updated.precision != MOMENT_NONE)
        v->article->updated = c->updated;
}

static int add_lead(struct view *v, enum lead_role role, struct span title, struct span url, const struct moment *when)
{
    struct article *a = v->article;
    size_t capacity = a->lead_count;
    /* grown one by one from an array that doubles: its capacity is the next power of two */
    if ((a->lead_count & (a->lead_count - 1)) == 0) {
        size_t wanted = a->lead_count ? a->lead_count * 2 : 1;
        struct lead *leads = arena_grow(v->arena, a->leads, sizeof *leads, wanted, &capacity);
        if (!leads)
            return -ENOMEM;
        a->leads = leads;
    }
    a->leads[a->lead_count++] = (struct lead){role, title, url, when ? *when : (struct moment){0}};
    return 0;
}

/* What stands above: section, byline, summary; other headlines are tickers. */
static int read_head(struct view *v)
{
    struct article *a = v->article;
    size_t lowest = v->first > HEAD_LINES ? v->first - HEAD_LINES : 0;
    for (size_t i = lowest; i < v->first; i++) {
        const struct line *l = &v->lines->items[i];
        bool below = v->title < v->lines->count && i > v->title;
        size_t by = line_byline_prefix(l->text);
        if (i == v->title || has_date(v, i) || v->furniture[i])
            continue;
        if (by && l->words <= 10 && by < l->text.length) {
            a->byline = (struct span){l->text.text + by, l->text.length - by};
        } else if (below && l->words <= SECTION_WORDS && !a->section.length) {
            a->section = l->text;
        } else if (below && is_headline(v, i)) {
            if (!a->summary.length)
                a->summary = l->text;
        } else if (is_headline(v, i) && l->words > SECTION_WORDS) {
            int e = add_lead(v, LEAD_TICKER, l->text, l->url, NULL);
            if (e < 0)
                return e;
        } else if (v->source->site && site_topic(v->source->site, l->text.text, l->text.length)) {
            a->section = l->text;
        }
    }
    return 0;
}

/* Headlines behind the body, each with the date that stands on its side; the first pair shows which side. */
static int read_tail(struct view *v)
{
    size_t count = v->lines->count, votes_behind = 0, votes_before = 0;
    for (size_t i = v->last; i < count; i++) {
        if (!is_headline(v, i))
            continue;
        votes_behind += i + 1 < count && has_date(v, i + 1);
        votes_before += i > v->last && has_date(v, i - 1);
    }
    bool behind = votes_behind >= votes_before;
    for (size_t i = v->last; i < count; i++) {
        const struct line *l = &v->lines->items[i];
        struct span title = l->text;
        if (v->related[i]) {
            title.text += v->related[i];
            title.length -= v->related[i];
            if (title.length < 12)
                continue;
        } else if (!is_headline(v, i) || l->words <= SECTION_WORDS - 1) {
            continue;
        }
        size_t date = behind ? i + 1 : i - 1;
        bool dated = date < count && date >= v->last && has_date(v, date);
        int e = add_lead(v, LEAD_RELATED, title, l->url, dated ? &v->dates[date] : NULL);
        if (e < 0)
            return e;
    }
    return 0;
}

static enum block_kind block_of(const struct view *v, size_t i)
{
    static const enum block_kind kinds[] = {
        [LINE_PLAIN] = BLOCK_PARAGRAPH,     [LINE_HEADING] = BLOCK_HEADING, [LINE_LIST_ITEM] = BLOCK_LIST_ITEM,
        [LINE_QUOTATION] = BLOCK_QUOTATION, [LINE_CAPTION] = BLOCK_CAPTION, [LINE_TABLE_ROW] = BLOCK_TABLE_ROW,
    };
    const struct line *l = &v->lines->items[i];
    if (l->form == LINE_PLAIN && !is_prose(v, i) && l->words <= 12)
        return BLOCK_HEADING;
    return kinds[l->form];
}

/* The lines of the body that are its own; related headlines among them become leads. */
static int read_body(struct view *v)
{
    struct article *a = v->article;
    size_t size = 0;
    a->blocks = arena_alloc(v->arena, (v->last - v->first + 1) * sizeof *a->blocks);
    if (!a->blocks)
        return -ENOMEM;
    for (size_t i = v->first; i < v->last; i++) {
        const struct line *l = &v->lines->items[i];
        if (v->related[i] && v->related[i] < l->text.length) {
            struct span title = {l->text.text + v->related[i], l->text.length - v->related[i]};
            int e = add_lead(v, LEAD_RELATED, title, l->url, NULL);
            if (e < 0)
                return e;
        }
        if (v->furniture[i] || v->related[i] || has_date(v, i))
            continue;
        a->blocks[a->block_count++] = (struct block){block_of(v, i), l->text};
        size += l->text.length + 2;
    }
    char *text = arena_alloc(v->arena, size + 1);
    if (!text)
        return -ENOMEM;
    size_t used = 0;
    for (size_t i = 0; i < a->block_count; i++) {
        if (i) {
            text[used++] = '\n';
            text[used++] = '\n';
        }
        memcpy(text + used, a->blocks[i].text.text, a->blocks[i].text.length);
        used += a->blocks[i].text.length;
    }
    a->text = (struct span){text, used};
    return 0;
}

/* "Baghdad / INA -", "(Reuters) -": place and agency before the first words. */
static void read_dateline(struct view *v)
{
    static const char *const ends[] = {" - ", " – ", " — ", "- ", ": "};
    struct article *a = v->article;
    struct span first = a->blocks[0].text;
    size_t look = first.length < 90 ? first.length : 90, end = 0;
    for (size_t i = 0; i < sizeof ends / sizeof *ends && !end; i++) {
        const char *found = memmem(first.text, look, ends[i], strlen(ends[i]));
        end = found ? (size_t)(found - first.text) : 0;
    }
    struct span words = {first.text, end};
    const char *agency = end ? line_agency(words, v->source->site) : NULL;
    if (!agency && a->byline.length)
        agency = line_agency(a->byline, v->source->site);
    if (agency)
        a->agency = (struct span){agency, strlen(agency)};
    if (!end || !agency)
        return;
    size_t place = 0;
    while (place < end && !strchr("/(-,|", first.text[place]))
        place++;
    while (place && first.text[place - 1] == ' ')
        place--;
    struct span named = {first.text, place};
    if (place && place < end && !line_agency(named, v->source->site))
        a->dateline = named;
}

static struct span without_site(struct span title, struct span site)
{
    static const char *const bars[] = {" | ", " - ", " – ", " — ", " :: ", " » "};
    for (size_t i = 0; i < sizeof bars / sizeof *bars; i++) {
        size_t n = strlen(bars[i]);
        for (size_t at = title.length; at-- > n;)
            if (at + n <= title.length && memcmp(title.text + at, bars[i], n) == 0) {
                struct span tail = {title.text + at + n, title.length - at - n};
                if ((site.length && equal(tail, site)) || (!site.length && at > tail.length * 2)) {
                    title.length = at;
                    return title;
                }
                break;
            }
    }
    return title;
}

static void take_claims(struct view *v)
{
    const struct claims *c = &v->lines->claims;
    struct article *a = v->article;
    if (v->title < v->lines->count)
        a->title = v->lines->items[v->title].text;
    const struct span claimed[] = {c->headline, c->social_title, c->document_title};
    for (size_t i = 0; i < 3 && !a->title.length; i++)
        if (claimed[i].length && !equal(claimed[i], c->site_name))
            a->title = without_site(claimed[i], c->site_name);
    if (c->section.length)
        a->section = c->section;
    if (!a->summary.length)
        a->summary = c->description;
    if (c->author_count)
        a->byline = c->authors[0];
    a->image = c->image;
    a->canonical_url = c->canonical_url;
    a->site_name = c->site_name;
    a->language = c->language;
    a->paywall = c->paywall;
    a->keywords = c->keywords;
    a->keyword_count = c->keyword_count;
}

/* What every line is, as far as it shows alone. */
static int look_at_lines(struct view *v)
{
    size_t count = v->lines->count;
    v->dates = arena_zalloc(v->arena, count * sizeof *v->dates);
    v->furniture = arena_zalloc(v->arena, count);
    v->related = arena_zalloc(v->arena, count * sizeof *v->related);
    if (!v->dates || !v->furniture || !v->related)
        return -ENOMEM;
    for (size_t i = 0; i < count; i++) {
        struct line *l = &v->lines->items[i];
        if (l->datetime.precision != MOMENT_NONE && l->words <= 12)
            v->dates[i] = l->datetime;
        else if (l->words <= 16)
            dates_read_line(v->context, l->text.text, l->text.length, &v->dates[i]);
        v->furniture[i] = l->role == ROLE_FURNITURE || (l->words <= 16 && line_is_furniture(l->text, v->source->site));
        v->related[i] = l->words <= TITLE_WORDS_MAX ? line_related_prefix(l->text) : 0;
    }
    return 0;
}

int article_make(const struct page_source *source, const struct dates_context *context, struct arena *arena,
                 struct lines *lines, struct article *ret)
{
    struct view v = {.source = source, .context = context, .arena = arena, .lines = lines, .article = ret};
    if (!lines->count)
        return 0;
    int e = look_at_lines(&v);
    if (e < 0)
        return e;
    if (!find_body(&v))
        return 0;
    find_title(&v);
    if (v.title < lines->count && v.title >= v.first)
        v.title = lines->count;
    find_dates(&v);
    e = read_head(&v);
    if (!e)
        e = read_body(&v);
    if (!e)
        e = read_tail(&v);
    if (e < 0)
        return e;
    take_claims(&v);
    read_dateline(&v);
    return ret->title.length && ret->text.length ? 1 : 0;
}

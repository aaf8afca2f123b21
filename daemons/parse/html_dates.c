/* The day of publication, by the order of what says it. */
#include "parse/html_dates.h"

#include "libcommon/text.h"
#include "parse/dates.h"
#include "parse/html_json_ld.h"
#include "parse/html_script_dates.h"
#include "parse/line_words.h"

#include <errno.h>
#include <string.h>

enum {
    DATE_LINE = 160,     /* code points of a line that may show the date */
    DATELINE_BYTES = 90, /* of the first paragraph */
    ABOVE_TITLE = 6,     /* lines */
    BEHIND_BODY = 8,
    OPENINGS = 3,   /* paragraphs whose first words are looked at */
    DATE_WORDS = 8, /* of a line that is a date and nothing else */
};

static const int64_t SAME = INT64_C(600) * 1000000, HALF_DAY = INT64_C(14) * 3600 * 1000000,
                     DAY = INT64_C(24) * 3600 * 1000000, ZONE_MOST = INT64_C(10) * 3600 * 1000000;

/* How far each is believed; days that several sources state add up. Measured on the pages of
 * tests/eval/extraction. */
static const int weights[DATE_SOURCES] = {
    [DATE_JSON] = 22,     [DATE_META] = 24, [DATE_MICRODATA] = 20, [DATE_TIME] = 12,
    [DATE_META_WEAK] = 8, [DATE_URL] = 30,  [DATE_HEAD] = 40,      [DATE_TAIL] = 2,
    [DATE_DATELINE] = 3,  [DATE_ABOUT] = 7, [DATE_LABEL] = 30,     [DATE_SCRIPT] = 1,
};

struct look {
    struct arena *arena;
    const struct page_source *source;
    const struct dates_context *context;
    struct html_dates *dates;
};

static bool is_day(const struct moment *m)
{
    return m->precision >= MOMENT_DAY && m->precision <= MOMENT_SECOND && m->year >= 1990;
}

/* The first date that a text shows. */
static bool shown_date(const struct look *k, struct span text, struct moment *ret)
{
    struct date_mention *mentions = NULL;
    size_t count = 0;
    bool known = k->source->fetched_at != 0; /* else a year that is not named would be this year */
    if (!known && !claims_names_year(text))
        return false;
    if (dates_read_line(k->context, text.text, text.length, ret) && is_day(ret))
        return true;
    if (dates_find(k->context, k->arena, text.text, text.length, &mentions, &count) < 0)
        return false;
    for (size_t i = 0; i < count; i++) {
        struct span words = {text.text + mentions[i].start, mentions[i].end - mentions[i].start};
        if (is_day(&mentions[i].value) && mentions[i].until.precision == MOMENT_NONE &&
            (known || claims_names_year(words))) {
            *ret = mentions[i].value;
            return true;
        }
    }
    return false;
}

static bool take(const struct look *k, enum date_source source, struct span text)
{
    struct moment m;
    if (k->dates->published[source].precision != MOMENT_NONE || !shown_date(k, text, &m))
        return false;
    k->dates->published[source] = m;
    k->dates->text[source] = text;
    return true;
}

/* A date that a line shows: the one of a change goes to updated. strict: nothing but a date. */
static bool take_line(const struct look *k, enum date_source source, const struct line *l,
                      bool strict)
{
    struct moment m;
    if (strict &&
        (l->words > DATE_WORDS || !dates_read_line(k->context, l->text.text, l->text.length, &m)))
        return false;
    if (l->characters > DATE_LINE || k->dates->published[source].precision != MOMENT_NONE)
        return false;
    if (!line_says_updated(l->text))
        return take(k, source, l->text);
    if (k->dates->updated.precision == MOMENT_NONE && shown_date(k, l->text, &m))
        k->dates->updated = m;
    return false;
}

/* The lines of a stretch that have a role: rather one that is a date than one that has a date. */
static void take_lines(const struct look *k, enum date_source source, const struct lines *lines,
                       size_t from, size_t to, enum line_role role)
{
    for (int strict = 1; strict >= 0; strict--)
        for (size_t i = from; i < to && i < lines->count; i++)
            if (lines->items[i].role == role)
                take_line(k, source, &lines->items[i], strict);
}

/* Words behind which the day of publication stands, in normalised form (libcommon/text.h). */
static const char *const labels[] = {
    "published",      "posted on",   "publie le",      "publie",        "mis en ligne",
    "veroffentlicht", "erschienen",  "erstellt am",    "geschrieben",   "gespeichert von",
    "beitrag vom",    "artikel vom", "mitteilung vom", "wurde am",      "eingestellt am",
    "publicado",      "publicada",   "pubblicato",     "gepubliceerd",  "geplaatst",
    "opublikowano",   "yayinlan",    "yayin tarihi",   "نشر في",        "نشر بتاريخ",
    "تاريخ النشر",    "نشرت في",     "تاريخ الخبر",    "تاريخ الاضافه", "نشر يوم",
    "تاريخ انتشار",   "زمان انتشار", "منتشر شده"};

/* The text of a line behind such words; of length 0: it has none. */
static struct span behind_label(const struct line *l)
{
    char folded[4 * DATE_LINE];
    if (l->characters > DATE_LINE || l->text.length > sizeof folded)
        return (struct span){0};
    size_t size = text_fold(l->text.text, l->text.length, folded);
    for (size_t i = 0; i < sizeof labels / sizeof *labels; i++) {
        const char *found = memmem(folded, size, labels[i], strlen(labels[i]));
        if (!found || (found > folded && found[-1] != ' ' && found[-1] != '('))
            continue;
        /* folding drops marks and changes lengths: find the same word again from its place */
        size_t words = 0, at = 0;
        for (const char *p = folded; p < found; p++)
            words += *p == ' ';
        for (; words && at < l->text.length; at++)
            words -= l->text.text[at] == ' ';
        return (struct span){l->text.text + at, l->text.length - at};
    }
    return (struct span){0};
}

/* A line of the page, not of other stories or comments, that says when it was published. */
static void take_labelled(const struct look *k, const struct lines *lines)
{
    for (size_t i = 0; i < lines->count; i++) {
        const struct line *l = &lines->items[i];
        if (l->role != ROLE_UNKNOWN && l->role != ROLE_BODY && l->role != ROLE_CAPTION)
            continue;
        struct span rest = behind_label(l);
        if (rest.length && take(k, DATE_LABEL, rest))
            return;
    }
}

/* The first words of a paragraph: a place and a date, or who wrote it and when. */
static void take_opening(const struct look *k, struct span opening)
{
    opening.length = opening.length < DATELINE_BYTES ? opening.length : DATELINE_BYTES;
    while (opening.length && ((unsigned char)opening.text[opening.length - 1] & 0xc0) == 0x80)
        opening.length--;
    if (opening.length && (unsigned char)opening.text[opening.length - 1] >= 0xc0)
        opening.length--;
    take(k, DATE_DATELINE, opening);
}

static void look_at_lines(const struct look *k, const struct lines *lines)
{
    size_t count = lines->count, first = count, last = 0, title = count, opened = 0;
    for (size_t i = 0; i < count; i++) {
        uint8_t role = lines->items[i].role;
        if (role == ROLE_BODY) {
            first = first == count ? i : first;
            last = i;
        }
        if (role == ROLE_TITLE && title == count)
            title = i;
    }
    size_t top = title < first ? title : first, above = top > ABOVE_TITLE ? top - ABOVE_TITLE : 0;
    take_lines(k, DATE_HEAD, lines, top, first, ROLE_UNKNOWN);
    take_lines(k, DATE_HEAD, lines, above, top, ROLE_UNKNOWN);
    take_lines(k, DATE_HEAD, lines, top, first, ROLE_TITLE);
    take_lines(k, DATE_HEAD, lines, top, first, ROLE_FURNITURE);
    take(k, DATE_ABOUT, lines->claims.kicker);
    take_lines(k, DATE_TAIL, lines, last + 1, last + 1 + BEHIND_BODY, ROLE_UNKNOWN);
    take_lines(k, DATE_ABOUT, lines, 0, count, ROLE_UNKNOWN);
    take(k, DATE_ABOUT, lines->claims.document_title);
    take_labelled(k, lines);
    for (size_t i = first; i < count && opened < OPENINGS; i++)
        if (lines->items[i].role == ROLE_BODY) {
            take_opening(k, lines->items[i].text);
            opened++;
        }
}

/* A time in UTC is put as the page's own clock shows it, where the same instant stands elsewhere
 * with an offset. */
static void put_local(const struct html_dates *dates, struct moment *m)
{
    if (!m->has_offset || m->offset_minutes != 0 || m->precision < MOMENT_HOUR)
        return;
    for (size_t i = 0; i < DATE_SOURCES; i++) {
        const struct moment *other = &dates->published[i];
        int64_t apart = moment_to_unix(other) - moment_to_unix(m);
        if (other->has_offset && other->offset_minutes && other->precision >= MOMENT_MINUTE &&
            apart < SAME && apart > -SAME) {
            *m = *other;
            return;
        }
    }
    for (size_t i = 0; i < DATE_SOURCES;
         i++) { /* or where a clock without a zone shows it, on the day of the address */
        const struct moment *other = &dates->published[i];
        int64_t apart = moment_to_unix(other) - moment_to_unix(m);
        if (other->precision >= MOMENT_MINUTE && !other->has_offset && other->day != m->day &&
            apart < HALF_DAY && apart > -HALF_DAY && other->day == dates->published[DATE_URL].day) {
            *m = *other;
            return;
        }
    }
}

static bool same_day(const struct moment *a, const struct moment *b)
{
    return a->year == b->year && a->month == b->month && a->day == b->day;
}

/* Whether a day that the page shows is that of a time in UTC as clocks of its own zone show it. */
static bool is_local_day(enum date_source shown, const struct moment *day, const struct moment *utc)
{
    if ((shown != DATE_URL && shown != DATE_HEAD && shown != DATE_TIME && shown != DATE_LABEL) ||
        !utc->has_offset || utc->offset_minutes || utc->precision < MOMENT_HOUR)
        return false;
    struct moment midnight = {
        .year = day->year, .month = day->month, .day = day->day, .precision = MOMENT_DAY};
    int64_t behind = moment_to_unix(utc) - moment_to_unix(&midnight);
    return behind >= -ZONE_MOST && behind < DAY + ZONE_MOST;
}

/* The source whose day has the most weight behind it; DATE_SOURCES: none states one. */
static enum date_source best_source(const struct html_dates *dates)
{
    enum date_source best = DATE_SOURCES;
    int most = 0;
    for (enum date_source i = 0; i < DATE_SOURCES; i++) {
        int weight = 0;
        if (dates->published[i].precision == MOMENT_NONE)
            continue;
        for (enum date_source k = 0; k < DATE_SOURCES; k++)
            if (dates->published[k].precision != MOMENT_NONE &&
                (same_day(&dates->published[i], &dates->published[k]) ||
                 is_local_day(i, &dates->published[i], &dates->published[k])))
                weight += weights[k];
        if (weight > most) {
            most = weight;
            best = i;
        }
    }
    return best;
}

/* A time without a zone is one of the site's clock. */
static void put_zone(const struct dates_context *context, struct moment *m)
{
    if (context->zone && !m->has_offset && m->precision >= MOMENT_HOUR &&
        m->precision <= MOMENT_SECOND)
        dates_apply_zone(m, context->zone);
}

/* --- day and month ------------------------------------------------------------------------------
 */

/* Whether a claim is written so that its month can't be taken for its day: the year first. */
static bool is_plain(struct span text)
{
    return text.length >= 8 && text.text[0] >= '1' && text.text[0] <= '2' &&
           claims_names_year((struct span){text.text, 4});
}

/* The order of numeric dates on the page: what its lines show, alone and beside the days that its
 * claims state plainly; else that of the United States where the page says that it is theirs. */
static int find_order(struct arena *arena, const struct html_dates *dates,
                      const struct lines *lines, enum day_order *ret)
{
    size_t count = 0;
    struct span *texts = arena_alloc(arena, (lines->count + 1) * sizeof *texts);
    if (!texts)
        return -ENOMEM;
    for (size_t i = 0; i < lines->count; i++)
        if (lines->items[i].characters <= DATE_LINE)
            texts[count++] = lines->items[i].text;
    *ret = dates_order_evidence(texts, count, NULL);
    for (enum date_source i = 0; i <= DATE_URL && *ret == DAY_ORDER_UNKNOWN; i++)
        if (dates->published[i].precision != MOMENT_NONE &&
            (i == DATE_URL || is_plain(dates->text[i])))
            *ret = dates_order_evidence(texts, count, &dates->published[i]);
    struct span language = lines->claims.language;
    if (*ret == DAY_ORDER_UNKNOWN && language.length == 5 && memcmp(language.text, "en", 2) == 0 &&
        memcmp(language.text + 3, "US", 2) == 0)
        *ret = MONTH_FIRST;
    return 0;
}

/* Claims with the month first are read again once the page has shown that it writes so. */
static void read_again(const struct look *k)
{
    for (enum date_source i = 0; i < DATE_URL; i++)
        if (k->dates->published[i].precision != MOMENT_NONE && !is_plain(k->dates->text[i]))
            claims_read_date(k->context, k->dates->text[i], &k->dates->published[i]);
}

int html_settle_dates(struct arena *arena, const struct page_source *source,
                      const struct dates_context *context, struct span page,
                      struct html_dates *dates, struct lines *lines)
{
    struct dates_context ordered = *context;
    struct look k = {.arena = arena, .source = source, .context = &ordered, .dates = dates};
    struct claims *c = &lines->claims;
    if (ordered.day_order == DAY_ORDER_UNKNOWN &&
        find_order(arena, dates, lines, &ordered.day_order) < 0)
        return -ENOMEM;
    if (ordered.day_order == MONTH_FIRST)
        read_again(&k);
    look_at_lines(&k, lines);
    enum date_source best = best_source(dates);
    if (best == DATE_SOURCES &&
        html_script_date(&ordered, page.text, page.length, &dates->published[DATE_SCRIPT],
                         &dates->text[DATE_SCRIPT]))
        best = DATE_SCRIPT;
    if (best != DATE_SOURCES) {
        for (enum date_source i = 0; i < DATE_SOURCES;
             i++) /* the time of that day, where one says it */
            if (same_day(&dates->published[i], &dates->published[best]) &&
                dates->published[i].precision > dates->published[best].precision)
                best = i;
        c->published = dates->published[best];
        c->published_text = dates->text[best];
        put_local(dates, &c->published);
        put_zone(context, &c->published);
    }
    c->updated = dates->updated;
    put_zone(context, &c->updated);
    return 0;
}

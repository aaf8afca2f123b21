/* The funnel of parse: decode, read the lines, make the article, find quotations and dates, write
 * the fields. */
#include "parse/parse.h"

#include "libcommon/arena.h"
#include "libcommon/fields.h"
#include "libcommon/site.h"
#include "parse/article_fields.h"
#include "parse/calendar.h"
#include "parse/dates.h"
#include "parse/decode.h"
#include "parse/lines.h"
#include "parse/quotes.h"

#include <errno.h>
#include <libxml/parser.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { SNIFF_BYTES = 1024 };

static const struct parse_limits default_limits = {
    .memory = (size_t)256 << 20,
    .characters = (size_t)16 << 20,
};

struct parser {
    struct parse_limits limits;
    struct sites *sites;
};

struct parse_scratch {
    struct arena *arena;
};

int parser_new(const struct parse_limits *limits, const char *sites_dir, struct buffer *problem,
               struct parser **ret)
{
    struct parser *p = calloc(1, sizeof *p);
    if (!p)
        return -ENOMEM;
    xmlInitParser(); /* while there is one thread: later calls find libxml2's tables made */
    p->limits = *limits;
    if (!p->limits.memory)
        p->limits.memory = default_limits.memory;
    if (!p->limits.characters)
        p->limits.characters = default_limits.characters;
    int e = sites_read(sites_dir, problem, &p->sites);
    if (e < 0) {
        free(p);
        return e;
    }
    *ret = p;
    return 0;
}

struct parser *parser_free(struct parser *p)
{
    if (!p)
        return NULL;
    sites_free(p->sites);
    free(p);
    return NULL;
}

int parse_scratch_new(const struct parser *parser, struct parse_scratch **ret)
{
    struct parse_scratch *s = calloc(1, sizeof *s);
    if (!s)
        return -ENOMEM;
    int e = arena_new(parser->limits.memory, &s->arena);
    if (e < 0) {
        free(s);
        return e;
    }
    *ret = s;
    return 0;
}

struct parse_scratch *parse_scratch_free(struct parse_scratch *s)
{
    if (!s)
        return NULL;
    arena_free(s->arena);
    free(s);
    return NULL;
}

/* --- what is known beside the bytes --------------------------------------------------------------
 */

struct known {
    struct page_source source;
    struct dates_context dates;
    bool source_named; /* the feeder named the site */
};

static int read_known(const struct parser *p, struct arena *arena, const void *document,
                      size_t size, struct known *ret)
{
    struct fields_cursor cursor = fields_read(document, size);
    struct field_value v;
    int r;
    while ((r = fields_next(&cursor, &v)) > 0) {
        char *copy = v.type == FIELD_TEXT ? arena_copy(arena, v.data, v.size) : NULL;
        if (v.type == FIELD_TEXT && !copy)
            return -ENOMEM;
        switch (v.field) {
        case FIELD_URL:
            ret->source.url = copy;
            break;
        case FIELD_CONTENT_TYPE:
            ret->source.content_type = copy;
            break;
        case FIELD_SOURCE:
            ret->source_named = true;
            ret->source.site = sites_find_name(p->sites, v.data, v.size);
            break;
        case FIELD_FETCHED_AT:
            ret->source.fetched_at = v.integer;
            break;
        case FIELD_RECEIVED_AT:
            ret->source.received_at = v.integer;
            break;
        default:
            break;
        }
    }
    if (!ret->source.site && ret->source.url)
        ret->source.site = sites_find_url(p->sites, ret->source.url, strlen(ret->source.url));
    return r;
}

/* The zone of a country: where the site file puts the site, else that of the host's name. */
static const char *zone_by_country(const struct page_source *source)
{
    if (source->site && *source->site->country)
        return calendar_zone_of(source->site->country, strlen(source->site->country));
    const char *host = source->url ? strstr(source->url, "://") : NULL;
    if (!host)
        return NULL;
    host += 3;
    const char *end = host + strcspn(host, ":/?#"), *last = end;
    while (last > host && last[-1] != '.')
        last--;
    return last > host ? calendar_zone_of(last, (size_t)(end - last)) : NULL;
}

/* What relative dates count from: when the page was fetched, as the site's clocks show it. */
static void set_dates(struct known *k)
{
    static const enum day_order orders[] = {DAY_ORDER_UNKNOWN, DAY_FIRST, MONTH_FIRST, YEAR_FIRST};
    const struct site *site = k->source.site;
    int64_t at = k->source.fetched_at ? k->source.fetched_at : k->source.received_at;
    if (site && *site->time_zone)
        k->dates.zone = site->time_zone;
    else
        k->dates.zone = zone_by_country(&k->source);
    if (site)
        k->dates.day_order = orders[site->day_order];
    if (site)
        snprintf(k->dates.language, sizeof k->dates.language, "%.*s",
                 (int)strcspn(site->language, "-"), site->language);
    if (!at)
        return;
    k->dates.reference = moment_from_unix(at, 0);
    if (k->dates.zone) {
        struct moment local = k->dates.reference;
        if (dates_apply_zone(&local, k->dates.zone) == 0)
            k->dates.reference = moment_from_unix(at, local.offset_minutes);
    }
}

/* --- which reader
 * --------------------------------------------------------------------------------- */

static bool type_is(const char *content_type, const char *type)
{
    size_t n = strlen(type);
    return strncasecmp(content_type, type, n) == 0 &&
           (!content_type[n] || strchr("; \t", content_type[n]));
}

/* Whether bytes of no declared type begin as HTML does (MIME Sniffing, 7.1, its tags for
 * text/html). */
static bool sniff_html(const char *bytes, size_t size)
{
    static const char *const tags[] = {
        "<!doctype html", "<html", "<head",  "<script",  "<iframe", "<h1",     "<div", "<font",
        "<table",         "<a",    "<style", "<title",   "<b",      "<body",   "<br",  "<p",
        "<!--",           "<?xml", "<meta",  "<article", "<main",   "<section"};
    size_t looked = size < SNIFF_BYTES ? size : SNIFF_BYTES, at = 0;
    if (looked >= 3 && memcmp(bytes, "\xef\xbb\xbf", 3) == 0)
        at = 3;
    while (at < looked && strchr(" \t\r\n\f", bytes[at]) && bytes[at])
        at++;
    for (size_t i = 0; i < sizeof tags / sizeof *tags; i++) {
        size_t n = strlen(tags[i]);
        if (looked - at > n && strncasecmp(bytes + at, tags[i], n) == 0 &&
            (strchr(" \t\r\n\f/>", bytes[at + n]) || tags[i][1] == '!'))
            return true;
    }
    return false;
}

enum form { FORM_TEXT, FORM_HTML, FORM_OTHER };

static enum form form_of(const char *content_type, const void *body, size_t size)
{
    if (!content_type || !*content_type || type_is(content_type, "application/octet-stream"))
        return sniff_html(body, size) ? FORM_HTML : FORM_TEXT;
    if (type_is(content_type, "text/html") || type_is(content_type, "application/xhtml+xml"))
        return FORM_HTML;
    return strncasecmp(content_type, "text/", 5) == 0 ? FORM_TEXT : FORM_OTHER;
}

/* --- the funnel
 * ----------------------------------------------------------------------------------- */

static int reject(struct parse_reject *ret, enum reject_reason reason, const char *detail)
{
    ret->reason = reason;
    snprintf(ret->detail, sizeof ret->detail, "%s", detail ? detail : "");
    return PARSE_REJECT;
}

static int add_warnings(struct arena *arena, const struct decoded *decoded,
                        const struct lines *lines, struct article *a)
{
    const char **all =
        arena_alloc(arena, (a->warning_count + decoded->warning_count + 1) * sizeof *all);
    if (!all)
        return -ENOMEM;
    size_t count = 0;
    for (size_t i = 0; i < decoded->warning_count; i++)
        all[count++] = warning_name(decoded->warnings[i]);
    for (size_t i = 0; i < a->warning_count; i++)
        all[count++] = a->warnings[i];
    if (lines->truncated)
        all[count++] = warning_name(WARNING_TRUNCATED);
    a->warnings = all;
    a->warning_count = count;
    return 0;
}

/* Day before month or behind it, when the site file does not say: from all short lines of the page
 * and the date of its address. */
static int find_day_order(struct arena *arena, const struct lines *lines, struct known *k)
{
    enum { DATE_LINE = 300 }; /* bytes */
    struct moment url = {0};
    size_t count = 0;
    if (k->dates.day_order != DAY_ORDER_UNKNOWN)
        return 0;
    struct span *texts = arena_alloc(arena, (lines->count + 1) * sizeof *texts);
    if (!texts)
        return -ENOMEM;
    for (size_t i = 0; i < lines->count; i++)
        if (lines->items[i].text.length <= DATE_LINE)
            texts[count++] = lines->items[i].text;
    if (k->source.url)
        dates_read_url(k->source.url, strlen(k->source.url), &url);
    k->dates.day_order = dates_order_evidence(texts, count, &url);
    return 0;
}

/* Dates in the text count from when it was published; what the page does not say is taken from when
 * it was fetched. */
static int find_dates(struct arena *arena, const struct dates_context *context, struct article *a)
{
    struct dates_context c = *context;
    if (a->published.precision >= MOMENT_DAY && a->published.precision <= MOMENT_SECOND)
        c.reference = a->published;
    return dates_find(&c, arena, a->text.text, a->text.length, &a->dates, &a->date_count);
}

/* Everything between the bytes and the article. PARSE_ARTICLE, PARSE_REJECT, -ENOMEM: the arena is
 * used up. */
static int make_article(const struct parser *p, struct arena *arena, struct known *k,
                        const void *body, size_t size, struct decoded *decoded, struct article *ret,
                        struct parse_reject *ret_reject)
{
    enum form form = form_of(k->source.content_type, body, size);
    if (form == FORM_OTHER)
        return reject(ret_reject, REJECT_CONTENT_TYPE, k->source.content_type);
    int r = decode_document(arena, body, size, k->source.content_type, form == FORM_HTML, decoded);
    if (r < 0)
        return r;
    if (r == DECODE_EMPTY)
        return reject(ret_reject, REJECT_EMPTY, NULL);
    if (r == DECODE_NOT_TEXT)
        return reject(ret_reject, REJECT_NOT_TEXT, NULL);
    if (decoded->size > p->limits.characters)
        return reject(ret_reject, REJECT_TOO_COMPLEX, "more text than is read");
    struct lines lines = {0};
    r = (form == FORM_HTML ? html_read : dump_read)(&k->source, &k->dates, arena, decoded->text,
                                                    decoded->size, &lines);
    if (!r)
        r = find_day_order(arena, &lines, k);
    if (r < 0)
        return r;
    ret->paywall = -1;
    r = article_make(&k->source, &k->dates, arena, &lines, ret);
    if (r < 0)
        return r;
    if (!r)
        return reject(ret_reject, REJECT_NO_ARTICLE,
                      lines.truncated ? "in the lines that are read of it" : NULL);
    r = quotes_find(arena, ret);
    if (!r)
        r = find_dates(arena, &k->dates, ret);
    if (!r)
        r = add_warnings(arena, decoded, &lines, ret);
    return r < 0 ? r : PARSE_ARTICLE;
}

int parse_document(const struct parser *p, struct parse_scratch *scratch, const void *document,
                   size_t document_size, const void *body, size_t body_size, struct buffer *article,
                   struct parse_reject *ret_reject)
{
    struct known known = {0};
    struct decoded decoded;
    struct article found = {0};
    struct arena *arena = scratch->arena;
    size_t before = article->size;
    arena_reset(arena);
    int r = read_known(p, arena, document, document_size, &known);
    if (r < 0)
        return r;
    set_dates(&known);
    r = make_article(p, arena, &known, body, body_size, &decoded, &found, ret_reject);
    if (r == -ENOMEM)
        return reject(ret_reject, REJECT_TOO_COMPLEX, "more memory than is allowed");
    if (r != PARSE_ARTICLE)
        return r;
    if (!known.source_named && known.source.site)
        fields_put_string(article, FIELD_SOURCE, known.source.site->name);
    fields_put_string(article, FIELD_CHARSET, decoded.charset);
    article_fields_write(&found, article);
    if (article->failed) {
        article->size = before;
        return -ENOMEM;
    }
    return PARSE_ARTICLE;
}

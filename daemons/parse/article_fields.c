/* The article as the fields of its section. */
#include "parse/article_fields.h"

#include "libcommon/fields.h"
#include "libcommon/utf8.h"

enum { LIST_MAX = 2000 };

/* Counts code points up to growing offsets, each byte once. */
struct counter {
    const char *text;
    size_t at, count;
};

static int64_t code_points(struct counter *c, size_t offset)
{
    if (offset < c->at) /* lists are ordered, but a period may end behind the next start */
        return (int64_t)utf8_count(c->text, offset);
    c->count += utf8_count(c->text + c->at, offset - c->at);
    c->at = offset;
    return (int64_t)c->count;
}

static void put_span(struct buffer *out, enum field field, struct span s)
{
    fields_put_text(out, field, s.text, s.length);
}

static void put_moment(struct buffer *out, enum field field, const struct moment *m)
{
    char text[MOMENT_TEXT_SIZE];
    fields_put_text(out, field, text, moment_format(m, text));
}

static size_t bounded(size_t count)
{
    return count < LIST_MAX ? count : LIST_MAX;
}

static const char *kind_name(enum block_kind kind)
{
    static const char *const names[BLOCK_KINDS] = {
        [BLOCK_PARAGRAPH] = "paragraph", [BLOCK_HEADING] = "heading",
        [BLOCK_LIST_ITEM] = "list_item", [BLOCK_QUOTATION] = "quotation",
        [BLOCK_CAPTION] = "caption",     [BLOCK_TABLE_ROW] = "table_row",
    };
    return names[kind];
}

static void put_paragraphs(struct buffer *out, const struct article *a)
{
    struct counter counter = {.text = a->text.text};
    size_t list = fields_open(out, FIELD_PARAGRAPHS, FIELD_LIST);
    for (size_t i = 0; i < bounded(a->block_count); i++) {
        const struct block *b = &a->blocks[i];
        size_t object = fields_open(out, FIELD_NONE, FIELD_OBJECT);
        fields_put_string(out, FIELD_KIND, kind_name(b->kind));
        if (b->apart) {
            put_span(out, FIELD_TEXT_READ, b->text);
        } else {
            size_t start = (size_t)(b->text.text - a->text.text);
            fields_put_integer(out, FIELD_START, code_points(&counter, start));
            fields_put_integer(out, FIELD_END, code_points(&counter, start + b->text.length));
        }
        fields_close(out, object);
    }
    fields_close(out, list);
}

static void put_quotes(struct buffer *out, const struct article *a)
{
    if (!a->quote_count)
        return;
    struct counter counter = {.text = a->text.text};
    size_t list = fields_open(out, FIELD_QUOTES, FIELD_LIST);
    for (size_t i = 0; i < bounded(a->quote_count); i++) {
        const struct quote *q = &a->quotes[i];
        size_t object = fields_open(out, FIELD_NONE, FIELD_OBJECT);
        fields_put_text(out, FIELD_TEXT_READ, a->text.text + q->start, q->end - q->start);
        put_span(out, FIELD_SPEAKER, q->speaker);
        put_span(out, FIELD_VERB, q->verb);
        put_span(out, FIELD_INTRODUCTION, q->introduction);
        fields_put_integer(out, FIELD_START, code_points(&counter, q->start));
        fields_put_integer(out, FIELD_END, code_points(&counter, q->end));
        fields_close(out, object);
    }
    fields_close(out, list);
}

static void put_dates(struct buffer *out, const struct article *a)
{
    if (!a->date_count)
        return;
    struct counter counter = {.text = a->text.text};
    size_t list = fields_open(out, FIELD_DATES, FIELD_LIST);
    for (size_t i = 0; i < bounded(a->date_count); i++) {
        const struct date_mention *d = &a->dates[i];
        char value[2 * MOMENT_TEXT_SIZE + 1];
        size_t size = moment_format(&d->value, value);
        if (d->until.precision != MOMENT_NONE) { /* an interval of ISO 8601 */
            value[size++] = '/';
            size += moment_format(&d->until, value + size);
        }
        size_t object = fields_open(out, FIELD_NONE, FIELD_OBJECT);
        fields_put_text(out, FIELD_TEXT_READ, a->text.text + d->start, d->end - d->start);
        fields_put_text(out, FIELD_VALUE, value, size);
        fields_put_integer(out, FIELD_START, code_points(&counter, d->start));
        fields_put_integer(out, FIELD_END, code_points(&counter, d->end));
        fields_close(out, object);
    }
    fields_close(out, list);
}

static void put_leads(struct buffer *out, const struct article *a)
{
    if (!a->lead_count)
        return;
    size_t list = fields_open(out, FIELD_LEADS, FIELD_LIST);
    for (size_t i = 0; i < bounded(a->lead_count); i++) {
        const struct lead *lead = &a->leads[i];
        size_t object = fields_open(out, FIELD_NONE, FIELD_OBJECT);
        fields_put_string(out, FIELD_ROLE, lead->role == LEAD_TICKER ? "ticker" : "related");
        put_span(out, FIELD_TITLE, lead->title);
        put_moment(out, FIELD_PUBLISHED_AT, &lead->published);
        put_span(out, FIELD_URL, lead->url);
        fields_close(out, object);
    }
    fields_close(out, list);
}

static void put_entries(struct buffer *out, const struct article *a)
{
    if (!a->entry_count)
        return;
    size_t list = fields_open(out, FIELD_ENTRIES, FIELD_LIST);
    for (size_t i = 0; i < bounded(a->entry_count); i++) {
        size_t object = fields_open(out, FIELD_NONE, FIELD_OBJECT);
        put_span(out, FIELD_TITLE, a->entries[i].title);
        put_moment(out, FIELD_PUBLISHED_AT, &a->entries[i].published);
        put_span(out, FIELD_TEXT_READ, a->entries[i].text);
        fields_close(out, object);
    }
    fields_close(out, list);
}

static void put_texts(struct buffer *out, const struct article *a)
{
    if (a->keyword_count) {
        size_t list = fields_open(out, FIELD_KEYWORDS, FIELD_LIST);
        for (size_t i = 0; i < bounded(a->keyword_count); i++)
            put_span(out, FIELD_NONE, a->keywords[i]);
        fields_close(out, list);
    }
    if (a->warning_count) {
        size_t list = fields_open(out, FIELD_WARNINGS, FIELD_LIST);
        for (size_t i = 0; i < a->warning_count; i++)
            fields_put_string(out, FIELD_NONE, a->warnings[i]);
        fields_close(out, list);
    }
}

void article_fields_write(const struct article *a, struct buffer *out)
{
    put_span(out, FIELD_CANONICAL_URL, a->canonical_url);
    put_span(out, FIELD_TITLE, a->title);
    put_span(out, FIELD_KICKER, a->kicker);
    put_span(out, FIELD_SECTION, a->section);
    put_moment(out, FIELD_PUBLISHED_AT, &a->published);
    put_span(out, FIELD_PUBLISHED_TEXT, a->published_text);
    fields_put_string(out, FIELD_PUBLISHED_PRECISION,
                      moment_precision_name(a->published.precision));
    put_moment(out, FIELD_UPDATED_AT, &a->updated);
    put_span(out, FIELD_BYLINE, a->byline);
    put_span(out, FIELD_AGENCY, a->agency);
    put_span(out, FIELD_DATELINE, a->dateline);
    put_span(out, FIELD_SUMMARY, a->summary);
    put_span(out, FIELD_BODY_TEXT, a->text);
    put_span(out, FIELD_IMAGE, a->image);
    put_span(out, FIELD_SITE_NAME, a->site_name);
    if (a->paywall >= 0)
        fields_put_flag(out, FIELD_PAYWALL, a->paywall);
    put_paragraphs(out, a);
    put_quotes(out, a);
    put_dates(out, a);
    put_leads(out, a);
    put_entries(out, a);
    put_texts(out, a);
}

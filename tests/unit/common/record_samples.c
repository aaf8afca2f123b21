/* Records for tests. */
#include "tests/unit/common/record_samples.h"

#include "libcommon/reject.h"

#include <stdio.h>
#include <string.h>

#define DIGEST "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
/* quotation mark, backslash, controls, U+2028 LINE SEPARATOR, U+FEFF, an astral code point, what ends a script */
#define NASTY "\"\\\x01\x1f\t\n\r\x7f\xe2\x80\xa8\xef\xbb\xbf😀</script>ع%s%n"

static void put_document(struct buffer *b)
{
    fields_put_string(b, FIELD_FEEDER, "scraper-1");
    fields_put_string(b, FIELD_FEEDER_ID, "17/4");
    fields_put_string(b, FIELD_SOURCE, "example");
    fields_put_string(b, FIELD_URL, "https://news.example/أخبار/2026?a=[1]&b=%d8%a8#x#y");
    fields_put_time(b, FIELD_FETCHED_AT, 1768712940123456);
    fields_put_string(b, FIELD_CONTENT_TYPE, "text/html; charset=utf-8");
    fields_put_string(b, FIELD_CHARSET, "UTF-8");
    fields_put_integer(b, FIELD_BYTES, 12345);
    fields_put_string(b, FIELD_DIGEST, DIGEST);
}

static void put_texts(struct buffer *b, enum field field, const char *const *texts)
{
    size_t list = fields_open(b, field, FIELD_LIST);
    for (; *texts; texts++)
        fields_put_string(b, FIELD_NONE, *texts);
    fields_close(b, list);
}

static void put_lead(struct buffer *b, const char *role, const char *title, const char *time, const char *url)
{
    size_t lead = fields_open(b, FIELD_NONE, FIELD_OBJECT);
    fields_put_string(b, FIELD_ROLE, role);
    fields_put_string(b, FIELD_TITLE, title);
    fields_put_string(b, FIELD_PUBLISHED_AT, time);
    fields_put_string(b, FIELD_URL, url);
    fields_close(b, lead);
}

static void put_article(struct buffer *b)
{
    fields_put_string(b, FIELD_TITLE, "انفجار \"كبير\" في بغداد");
    fields_put_string(b, FIELD_KICKER, "عاجل");
    fields_put_string(b, FIELD_SECTION, "أمن");
    fields_put_string(b, FIELD_CANONICAL_URL, "https://news.example/a/1");
    fields_put_string(b, FIELD_PUBLISHED_AT, "2026-01-18T07:49:00+03:00");
    fields_put_string(b, FIELD_PUBLISHED_TEXT, "2026-01-18 07:49");
    fields_put_string(b, FIELD_PUBLISHED_PRECISION, "minute");
    fields_put_string(b, FIELD_UPDATED_AT, "2026-01-18T08:00:00+03:00");
    fields_put_string(b, FIELD_BYLINE, "محرر");
    fields_put_string(b, FIELD_AGENCY, "وكالة");
    fields_put_string(b, FIELD_DATELINE, "بغداد");
    fields_put_string(b, FIELD_SUMMARY, "ملخص");
    fields_put_string(b, FIELD_BODY_TEXT, "فقرة أولى.\n\nفقرة ثانية.");
    fields_put_string(b, FIELD_IMAGE, "https://news.example/صورة.jpg");
    fields_put_string(b, FIELD_SITE_NAME, "مثال");
    fields_put_flag(b, FIELD_PAYWALL, false);
    size_t list = fields_open(b, FIELD_PARAGRAPHS, FIELD_LIST);
    size_t object = fields_open(b, FIELD_NONE, FIELD_OBJECT);
    fields_put_string(b, FIELD_KIND, "paragraph");
    fields_put_integer(b, FIELD_START, 0);
    fields_put_integer(b, FIELD_END, 9);
    fields_close(b, object);
    object = fields_open(b, FIELD_NONE, FIELD_OBJECT);
    fields_put_string(b, FIELD_KIND, "caption");
    fields_put_string(b, FIELD_TEXT_READ, "صورة");
    fields_close(b, object);
    fields_close(b, list);
    list = fields_open(b, FIELD_QUOTES, FIELD_LIST);
    object = fields_open(b, FIELD_NONE, FIELD_OBJECT);
    fields_put_string(b, FIELD_TEXT_READ, "أولى");
    fields_put_string(b, FIELD_SPEAKER, "اللجنة");
    fields_put_string(b, FIELD_VERB, "وأكدت");
    fields_put_integer(b, FIELD_START, 5);
    fields_put_integer(b, FIELD_END, 9);
    fields_close(b, object);
    fields_close(b, list);
    list = fields_open(b, FIELD_DATES, FIELD_LIST);
    object = fields_open(b, FIELD_NONE, FIELD_OBJECT);
    fields_put_string(b, FIELD_TEXT_READ, "اليوم");
    fields_put_string(b, FIELD_VALUE, "2026-01-18");
    fields_put_integer(b, FIELD_START, 0);
    fields_put_integer(b, FIELD_END, 4);
    fields_close(b, object);
    fields_close(b, list);
    list = fields_open(b, FIELD_LEADS, FIELD_LIST);
    put_lead(b, "ticker", "خبر", NULL, NULL);
    put_lead(b, "related", "خبر آخر", "2026-01-17T10:00:00+03:00", "https://news.example/2");
    put_lead(b, "related", "ثالث", "2026-01-17", "/relative");
    fields_close(b, list);
    put_texts(b, FIELD_KEYWORDS, (const char *const[]){"العراق", "أمن", NULL});
    list = fields_open(b, FIELD_ENTRIES, FIELD_LIST);
    object = fields_open(b, FIELD_NONE, FIELD_OBJECT);
    fields_put_string(b, FIELD_TITLE, "تحديث");
    fields_put_string(b, FIELD_BODY_TEXT, "نص");
    fields_put_string(b, FIELD_PUBLISHED_AT, "2026-01-18T07:00:00+03:00");
    fields_close(b, object);
    fields_close(b, list);
    put_texts(b, FIELD_WARNINGS, (const char *const[]){"repaired-utf8", NULL});
}

static void put_name(struct buffer *b, enum field list_field, const char *name)
{
    size_t list = fields_open(b, list_field, FIELD_LIST);
    size_t object = fields_open(b, FIELD_NONE, FIELD_OBJECT);
    fields_put_string(b, FIELD_NAME, name);
    fields_put_integer(b, FIELD_MENTIONS, 2);
    fields_close(b, object);
    fields_close(b, list);
}

static void put_labels(struct buffer *b)
{
    fields_put_string(b, FIELD_LANGUAGE, "ar");
    fields_put_real(b, FIELD_LANGUAGE_CONFIDENCE, 0.999);
    fields_put_string(b, FIELD_SCRIPT, "Arab");
    size_t list = fields_open(b, FIELD_TOPICS, FIELD_LIST);
    size_t object = fields_open(b, FIELD_NONE, FIELD_OBJECT);
    fields_put_string(b, FIELD_CODE, "medtop:16000000");
    fields_put_string(b, FIELD_NAME, "conflict, war and peace");
    fields_put_string(b, FIELD_NAME_AR, "صراع، حرب وسلام");
    fields_put_real(b, FIELD_CONFIDENCE, 0.8714);
    fields_close(b, object);
    fields_close(b, list);
    object = fields_open(b, FIELD_EVENT, FIELD_OBJECT);
    fields_put_string(b, FIELD_EVENT_TYPE, "ASSAULT");
    fields_put_real(b, FIELD_CONFIDENCE, 0.75);
    fields_close(b, object);
    list = fields_open(b, FIELD_PLACES, FIELD_LIST);
    object = fields_open(b, FIELD_NONE, FIELD_OBJECT);
    fields_put_string(b, FIELD_NAME, "بغداد");
    fields_put_string(b, FIELD_PLACE_ID, "wof:890452453");
    fields_put_string(b, FIELD_KIND, "city");
    fields_put_string(b, FIELD_COUNTRY, "IQ");
    fields_put_real(b, FIELD_LAT, 33.3152);
    fields_put_real(b, FIELD_LON, 44.3661);
    fields_put_integer(b, FIELD_MENTIONS, 1);
    fields_put_flag(b, FIELD_SCENE, true);
    size_t offsets = fields_open(b, FIELD_OFFSETS, FIELD_LIST);
    fields_put_integer(b, FIELD_NONE, 4);
    fields_close(b, offsets);
    fields_close(b, object);
    fields_close(b, list);
    put_name(b, FIELD_PEOPLE, "فلان");
    put_name(b, FIELD_ORGANISATIONS, "وزارة الداخلية");
    fields_put_string(b, FIELD_FINGERPRINT, "0123456789abcdef0123456789abcdef");
    fields_put_text(b, FIELD_MINHASH, "\xff\xfe\x00\x01", 4);
    put_texts(b, FIELD_WARNINGS, (const char *const[]){"language-unsure", NULL});
}

static void put_seen(struct buffer *b)
{
    fields_put_string(b, FIELD_DUPLICATE_OF, "00000000000000ab-7");
    fields_put_real(b, FIELD_SIMILARITY, 0.9296875);
    fields_put_string(b, FIELD_STORY, "00000000000000ab-7");
    fields_put_integer(b, FIELD_VERSION, 2);
    fields_put_real(b, FIELD_CHANGED, 0.0703125);
}

static void put_nasty(struct buffer *document, struct buffer *article)
{
    fields_put_string(document, FIELD_FEEDER_ID, NASTY);
    fields_put_string(document, FIELD_URL, "javascript:" NASTY);
    fields_put_string(document, FIELD_DIGEST, DIGEST);
    fields_put_string(article, FIELD_TITLE, NASTY);
    fields_put_string(article, FIELD_BODY_TEXT, NASTY NASTY);
    fields_put_string(article, FIELD_CANONICAL_URL, "http://ex ample/" NASTY);
    fields_put_string(article, FIELD_IMAGE, "https://مثال.إختبار/%zz%4" NASTY "[]{}|^`<>");
    fields_put_string(article, FIELD_PUBLISHED_AT, "2026-01");
    size_t list = fields_open(article, FIELD_LEADS, FIELD_LIST);
    put_lead(article, "related", NASTY, "2026-01-18T07:49:00", "http://a:b/" NASTY);
    fields_close(article, list);
}

static void borrow(struct record_sample *s)
{
    s->record.document = (struct fields_run){s->document.data, s->document.size};
    s->record.article = (struct fields_run){s->article.data, s->article.size};
    s->record.labels = (struct fields_run){s->labels.data, s->labels.size};
    s->record.seen = (struct fields_run){s->seen.data, s->seen.size};
    s->record.reject = (struct fields_run){s->reject.data, s->reject.size};
}

void record_sample_make(int i, struct record_sample *ret)
{
    *ret = (struct record_sample){0};
    ret->record = (struct record){
        .spool = 0x00000000000000ab, .seq = 42, .lane = "main", .received_at = 1768712941000000};
    switch (i) {
    case 0: /* everything */
        put_document(&ret->document);
        put_article(&ret->article);
        put_labels(&ret->labels);
        put_seen(&ret->seen);
        break;
    case 1: /* next to nothing */
        fields_put_string(&ret->document, FIELD_DIGEST, DIGEST);
        fields_put_string(&ret->article, FIELD_TITLE, "x");
        break;
    case 2:
        put_nasty(&ret->document, &ret->article);
        break;
    case 3: /* no spool */
        ret->record = (struct record){0};
        put_document(&ret->document);
        put_article(&ret->article);
        break;
    default: /* the largest numbers */
        ret->record.spool = ret->record.seq = UINT64_MAX;
        ret->record.seq = INT64_MAX;
        put_document(&ret->document);
        put_article(&ret->article);
        put_labels(&ret->labels);
    }
    borrow(ret);
}

void reject_sample_make(int i, struct record_sample *ret)
{
    *ret = (struct record_sample){0};
    ret->record =
        (struct record){.spool = 0xab, .seq = 43, .lane = "main", .received_at = 1768712941000000};
    put_document(&ret->document);
    reject_write(i ? REJECT_GAVE_UP : REJECT_EMPTY, i ? "worker died: " NASTY : NULL, STAGE_PARSE, 3, &ret->reject);
    ret->record.body = i ? "\xff\x00\x01" : "";
    ret->record.body_size = i ? 3 : 0;
    borrow(ret);
}

void record_sample_free(struct record_sample *sample)
{
    buffer_free(&sample->document);
    buffer_free(&sample->article);
    buffer_free(&sample->labels);
    buffer_free(&sample->seen);
    buffer_free(&sample->reject);
}

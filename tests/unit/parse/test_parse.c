/* The funnel: the sample page field by field, with and without its site file; what is rejected, and
 * why. */
#include "tests/unit/unit.h"
#include "libcommon/fields.h"
#include "libcommon/utf8.h"
#include "parse/parse.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char page[1 << 16];
static size_t page_size;

static int read_sample(void **state)
{
    char path[1024];
    snprintf(path, sizeof path, "%s/tests/fixtures/sample/article.txt", getenv("KHABAR_SOURCE"));
    FILE *f = fopen(path, "r");
    if (!f)
        return -1;
    page_size = fread(page, 1, sizeof page, f);
    fclose(f);
    (void)state;
    return page_size ? 0 : -1;
}

static int parse_bytes(bool sites, const char *type, const void *bytes, size_t size,
                       struct buffer *article, struct parse_reject *reject)
{
    char dir[1024];
    struct parser *parser;
    struct parse_scratch *scratch;
    struct parse_limits limits = {.memory = 64 << 20};
    struct buffer document = {0}, problem = {0};
    snprintf(dir, sizeof dir, "%s/configs/sites", getenv("KHABAR_SOURCE"));
    assert_int_equal(parser_new(&limits, sites ? dir : NULL, &problem, &parser), 0);
    assert_int_equal(parse_scratch_new(parser, &scratch), 0);
    fields_put_string(&document, FIELD_URL, "https://www.alsumaria.tv/news/security/555001/x");
    fields_put_string(&document, FIELD_CONTENT_TYPE, type);
    fields_put_time(&document, FIELD_RECEIVED_AT, 1768720000000000);
    int r =
        parse_document(parser, scratch, document.data, document.size, bytes, size, article, reject);
    parse_scratch_free(scratch);
    parser_free(parser);
    buffer_free(&document);
    buffer_free(&problem);
    return r;
}

static void has(const void *data, size_t size, enum field field, const char *text)
{
    struct field_value v;
    assert_int_equal(fields_find(data, size, field, &v), 1);
    if (v.size != strlen(text) || memcmp(v.data, text, v.size) != 0)
        fail_msg("%s: found '%.*s', not '%s'", field_name(field), (int)v.size, v.data, text);
}

/* The i-th object of a list. */
static struct field_value item(const struct buffer *article, enum field list, size_t i)
{
    struct field_value v, object;
    assert_int_equal(fields_find(article->data, article->size, list, &v), 1);
    struct fields_cursor cursor = fields_inside(&v);
    for (size_t k = 0; k <= i; k++)
        assert_int_equal(fields_next(&cursor, &object), 1);
    return object;
}

static size_t length(const struct buffer *article, enum field list)
{
    struct field_value v, object;
    size_t n = 0;
    if (fields_find(article->data, article->size, list, &v) != 1)
        return 0;
    struct fields_cursor cursor = fields_inside(&v);
    while (fields_next(&cursor, &object) == 1)
        n++;
    return n;
}

static void check_body(const struct buffer *a)
{
    struct field_value text;
    has(a->data, a->size, FIELD_TITLE,
        "العراق يعلن إخلاء كافة القواعد العسكرية والمقرات القيادية من مستشاري التحالف الدولي");
    has(a->data, a->size, FIELD_SECTION, "أمن");
    has(a->data, a->size, FIELD_PUBLISHED_TEXT, "2026-01-18 | 07:49");
    has(a->data, a->size, FIELD_PUBLISHED_PRECISION, "minute");
    assert_int_equal(fields_find(a->data, a->size, FIELD_BODY_TEXT, &text), 1);
    size_t paragraphs = 1;
    for (size_t i = 0; i + 1 < text.size; i++)
        paragraphs += memcmp(text.data + i, "\n\n", 2) == 0;
    assert_int_equal(paragraphs, 8);
    assert_memory_equal(text.data, "أعلنت اللجنة العسكرية العليا",
                        strlen("أعلنت اللجنة العسكرية العليا"));
    assert_null(memmem(text.data, text.size, "شكوري", strlen("شكوري")));
    assert_int_equal(length(a, FIELD_LEADS), 7);
    struct field_value lead = item(a, FIELD_LEADS, 0);
    has(lead.data, lead.size, FIELD_ROLE, "ticker");
    has(lead.data, lead.size, FIELD_TITLE,
        "الاتحاد الأوروبي يحذر: رسوم ترامب ستقوض العلاقات عبر الأطلسي");
}

static void the_sample_with_its_site_file(void **state)
{
    (void)state;
    struct buffer a = {0};
    struct parse_reject reject;
    assert_int_equal(parse_bytes(true, "text/plain", page, page_size, &a, &reject), PARSE_ARTICLE);
    assert_int_equal(fields_check(a.data, a.size), 0);
    check_body(&a);
    has(a.data, a.size, FIELD_PUBLISHED_AT, "2026-01-18T07:49:00+03:00");
    static const char *const times[] = {"09:41", "06:44", "04:50", "04:40", "04:35", "01:39"};
    for (size_t i = 0; i < 6; i++) {
        char when[40];
        snprintf(when, sizeof when, "2026-01-18T%s:00+03:00", times[i]);
        struct field_value lead = item(&a, FIELD_LEADS, i + 1);
        has(lead.data, lead.size, FIELD_ROLE, "related");
        has(lead.data, lead.size, FIELD_PUBLISHED_AT, when);
    }
    static const char *const introductions[] = {"وذكر بيان للجنة", "واعتبرت اللجنة", "وأكدت",
                                                "وأشارت",          "وتابعت",         "وأكمل البيان",
                                                "وأتم البيان"};
    static const char *const speakers[] = {"بيان للجنة", "اللجنة", "اللجنة", "اللجنة",
                                           "اللجنة",     "البيان", "البيان"};
    assert_int_equal(length(&a, FIELD_QUOTES), 7);
    for (size_t i = 0; i < 7; i++) {
        struct field_value quote = item(&a, FIELD_QUOTES, i);
        has(quote.data, quote.size, FIELD_INTRODUCTION, introductions[i]);
        has(quote.data, quote.size, FIELD_SPEAKER, speakers[i]);
    }
    static const char *const dates[][2] = {
        {"اليوم الأحد",               "2026-01-18"},
        {"۲۷ أيلول ۲۰۲٤",            "2024-09-27"},
        {"٦ تشرين الثاني ۲۰۲٥", "2025-11-06"}
    };
    struct field_value text, start, end;
    fields_find(a.data, a.size, FIELD_BODY_TEXT, &text);
    for (size_t i = 0; i < 3; i++) {
        struct field_value date = item(&a, FIELD_DATES, i);
        has(date.data, date.size, FIELD_TEXT_READ, dates[i][0]);
        has(date.data, date.size, FIELD_VALUE, dates[i][1]);
        fields_find(date.data, date.size, FIELD_START, &start);
        fields_find(date.data, date.size, FIELD_END, &end);
        const char *found = memmem(text.data, text.size, dates[i][0], strlen(dates[i][0]));
        assert_int_equal(start.integer, utf8_count(text.data, (size_t)(found - text.data)));
        assert_int_equal(end.integer - start.integer, utf8_count(dates[i][0], strlen(dates[i][0])));
    }
    buffer_free(&a);
}

static void the_sample_without_site_files(void **state)
{
    (void)state;
    struct buffer a = {0};
    struct parse_reject reject;
    assert_int_equal(parse_bytes(false, NULL, page, page_size, &a, &reject), PARSE_ARTICLE);
    check_body(&a);
    has(a.data, a.size, FIELD_PUBLISHED_AT, "2026-01-18T07:49:00");
    buffer_free(&a);
}

static void every_cut_of_the_sample_is_read_or_rejected(void **state)
{
    (void)state;
    for (size_t size = 0; size <= page_size; size += 97) {
        struct buffer a = {0};
        struct parse_reject reject = {0};
        char *copy = malloc(size ? size : 1);
        assert_non_null(copy);
        memcpy(copy, page, size);
        int r = parse_bytes(false, "text/plain", copy, size, &a, &reject);
        assert_true(r == PARSE_ARTICLE || (r == PARSE_REJECT && reject_name(reject.reason)));
        if (r == PARSE_ARTICLE)
            assert_int_equal(fields_check(a.data, a.size), 0);
        else
            assert_int_equal(a.size, 0);
        free(copy);
        buffer_free(&a);
    }
}

static void what_is_no_article_is_rejected(void **state)
{
    (void)state;
    static const char zeros[2000];
    static const struct {
        const char *type, *bytes;
        size_t size;
        enum reject_reason reason;
    } rows[] = {
        {"text/plain",      " \n\t",                                                                     3,            REJECT_EMPTY       },
        {"text/plain",      zeros,                                                                       sizeof zeros, REJECT_NOT_TEXT    },
        {"application/pdf", "%PDF-1.4",                                                                  8,            REJECT_CONTENT_TYPE},
        {"text/plain",      "الرئيسية\nسياسة\nاقتصاد\nرياضة\nاتصل بنا\n", 0,            REJECT_NO_ARTICLE  },
        {"text/html",       "<html><body><nav>menu</nav></body></html>",                                 0,            REJECT_NO_ARTICLE  },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct buffer a = {0};
        struct parse_reject reject = {0};
        assert_int_equal(parse_bytes(true, rows[i].type, rows[i].bytes,
                                     rows[i].size ? rows[i].size : strlen(rows[i].bytes), &a,
                                     &reject),
                         PARSE_REJECT);
        assert_string_equal(reject_name(reject.reason), reject_name(rows[i].reason));
        buffer_free(&a);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_sample_with_its_site_file),
        cmocka_unit_test(the_sample_without_site_files),
        cmocka_unit_test(every_cut_of_the_sample_is_read_or_rejected),
        cmocka_unit_test(what_is_no_article_is_rejected),
    };
    return cmocka_run_group_tests(tests, read_sample, NULL);
}

/* Whole pages of HTML, written for this test: what the paragraphs of an article are, in order, and
 * the entries of live blogs of several makes. */
#include "tests/unit/unit.h"
#include "libcommon/fields.h"
#include "libcommon/utf8.h"
#include "parse/parse.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PROSE                                                                                      \
    "The governor said on Sunday that the dam above the town had been repaired in time, and that " \
    "the road was open."
#define OTHER                                                                                      \
    "Officials in the capital, who asked not to be named, expect more rain before the end of the " \
    "week and have told farmers to move their herds."
#define ARABIC "وقال مسؤول محلي إن الطريق الرابط بين المدينتين أعيد فتحه بعد ساعات من إغلاقه."

static char out[1 << 16], day[64]; /* day: what published_at says */
static size_t used;

static void add(const char *text, size_t size)
{
    assert_true(used + size < sizeof out);
    memcpy(out + used, text, size);
    used += size;
    out[used] = '\0';
}

static void add_field(const struct field_value *object, enum field field, const char *before)
{
    struct field_value v;
    if (fields_find(object->data, object->size, field, &v) != 1)
        return;
    add(before, strlen(before));
    add(v.data, v.size);
}

/* What start and end of a paragraph cut out of the text. */
static void add_stretch(const struct field_value *object, const struct field_value *text)
{
    struct field_value start, end;
    size_t at = 0;
    if (fields_find(object->data, object->size, FIELD_START, &start) != 1)
        return;
    assert_int_equal(fields_find(object->data, object->size, FIELD_END, &end), 1);
    for (int64_t i = 0; i < end.integer; i++) {
        size_t from = at;
        utf8_next(text->data, &at);
        if (i >= start.integer)
            add(text->data + from, at - from);
    }
}

/* Parses a page: `out` has its paragraphs, a line each, then its entries. */
static void read_page(const char *url, const char *page)
{
    struct parser *parser;
    struct parse_scratch *scratch;
    struct parse_limits limits = {.memory = 64 << 20};
    struct parse_reject reject;
    struct buffer document = {0}, article = {0};
    struct field_value text, list, object;
    assert_int_equal(parser_new(&limits, NULL, NULL, &parser), 0);
    assert_int_equal(parse_scratch_new(parser, &scratch), 0);
    fields_put_string(&document, FIELD_URL, url);
    fields_put_string(&document, FIELD_CONTENT_TYPE, "text/html");
    assert_int_equal(parse_document(parser, scratch, document.data, document.size, page,
                                    strlen(page), &article, &reject),
                     PARSE_ARTICLE);
    used = 0;
    *day = '\0';
    if (fields_find(article.data, article.size, FIELD_PUBLISHED_AT, &text) == 1)
        snprintf(day, sizeof day, "%.*s", (int)text.size, text.data);
    assert_int_equal(fields_find(article.data, article.size, FIELD_BODY_TEXT, &text), 1);
    assert_int_equal(fields_find(article.data, article.size, FIELD_PARAGRAPHS, &list), 1);
    struct fields_cursor cursor = fields_inside(&list);
    while (fields_next(&cursor, &object) == 1) {
        add_field(&object, FIELD_KIND, "");
        add(": ", 2);
        add_field(&object, FIELD_TEXT_READ, "");
        add_stretch(&object, &text);
        add("\n", 1);
    }
    if (fields_find(article.data, article.size, FIELD_ENTRIES, &list) == 1) {
        cursor = fields_inside(&list);
        while (fields_next(&cursor, &object) == 1) {
            add_field(&object, FIELD_PUBLISHED_AT, "@");
            add_field(&object, FIELD_TITLE, " ");
            add_field(&object, FIELD_TEXT_READ, " = ");
            add("\n", 1);
        }
    }
    parse_scratch_free(scratch);
    parser_free(parser);
    buffer_free(&document);
    buffer_free(&article);
}

static void paragraphs_keep_their_kind_and_order(void **state)
{
    (void)state;
    read_page("https://news.example/a",
              "<body><nav><a href=/>Home</a></nav><h1>Dam repaired</h1>"
              "<figure><img src=a.jpg><figcaption>The dam on Friday</figcaption></figure>"
              "<div class=article-body><p>" PROSE "</p><h2>Rain ahead</h2><p>" OTHER "</p>"
              "<ul><li>Three gates were changed</li><li>One bridge was closed</li></ul>"
              "<blockquote><p>We did what we could.</p></blockquote>"
              "<div class=wp-caption><img src=b.jpg><p class=wp-caption-text>A gate, seen from "
              "below</p></div>"
              "<table><caption>Heights in metres</caption><tr><th>Gate</th><th>Height</th></tr>"
              "<tr><td>North</td><td>12</td></tr></table><p>" PROSE " Again.</p></div>"
              "<div class=related><figure><figcaption>Another story</figcaption></figure></div>");
    assert_string_equal(out, "caption: The dam on Friday\n"
                             "paragraph: " PROSE "\n"
                             "heading: Rain ahead\n"
                             "paragraph: " OTHER "\n"
                             "list_item: Three gates were changed\n"
                             "list_item: One bridge was closed\n"
                             "quotation: We did what we could.\n"
                             "caption: A gate, seen from below\n"
                             "caption: Heights in metres\n"
                             "table_row: Gate\tHeight\n"
                             "table_row: North\t12\n"
                             "paragraph: " PROSE " Again.\n");
}

static void a_caption_that_stands_twice_or_asks_something_is_not_kept(void **state)
{
    (void)state;
    read_page("https://news.example/a",
              "<h1>Dam repaired</h1><article><p>" PROSE "</p>"
              "<figure><figcaption>The dam on Friday</figcaption></figure>"
              "<figure><figcaption>The dam on Friday</figcaption></figure>"
              "<figure><figcaption>Subscribe to our newsletter</figcaption></figure><p>" OTHER
              "</p></article>");
    assert_string_equal(out, "paragraph: " PROSE "\n"
                             "caption: The dam on Friday\n"
                             "paragraph: " OTHER "\n");
}

/* A day that the page shows is not lost to another day that has a time of day. */
static void the_day_that_was_settled_is_kept(void **state)
{
    (void)state;
    read_page("https://news.example/a",
              "<h1>Dam repaired</h1><time datetime=2019-07-03T10:18:46Z>Published on 29 June 2019"
              "</time><article><p>" PROSE "</p></article>");
    assert_string_equal(day, "2019-06-29");
}

static void articles_with_time_elements_are_entries(void **state)
{
    (void)state;
    read_page("https://news.example/live/dam",
              "<h1>The dam: all that happens</h1><p>" OTHER "</p><div class=posts>"
              "<article class=post><time datetime=2026-01-18T10:30:00+03:00>10:30</time><h2>Gate "
              "open</h2><p>" PROSE "</p><p>More follows.</p></article>"
              "<article class=post><time datetime=2026-01-18T10:10:00+03:00>10:10</time><p>" OTHER
              " At ten.</p></article>"
              "<article class=post><time datetime=2026-01-18T09:50:00+03:00>9:50</time><h2><a "
              "href='#p3'>Road closed</a></h2><p>" PROSE " At nine.</p></article></div>");
    assert_non_null(strstr(out, "@2026-01-18T10:30:00+03:00 Gate open = " PROSE
                                "\n\nMore follows.\n@2026-01-18T10:10:00+03:00 = " OTHER
                                " At ten.\n@2026-01-18T09:50:00+03:00 Road closed = " PROSE
                                " At nine.\n"));
}

/* No boxes that are articles: a class around them, a time of day that the page's day completes. */
static void boxes_of_a_live_class_are_entries(void **state)
{
    (void)state;
    read_page("https://news.example/a",
              "<html lang=ar><meta property=article:published_time "
              "content=2026-01-18T08:00:00+03:00><h1>فتح الطريق</h1><p>" ARABIC "</p>"
              "<ul class=c-liveBlog__list>"
              "<li class=card><span class=t>١٠:٣٠</span><h3>وصول الفرق</h3><div>" ARABIC
              " ثانيا.</div></li>"
              "<li class=card><span class=t>10:05</span><div>" ARABIC " ثالثا.</div></li>"
              "<li class=card><span class=t>09:40</span><div>" ARABIC " رابعا.</div></li></ul>");
    assert_non_null(strstr(out, "@2026-01-18T10:30:00+03:00 وصول الفرق = " ARABIC
                                " ثانيا.\n@2026-01-18T10:05:00+03:00 = " ARABIC
                                " ثالثا.\n@2026-01-18T09:40:00+03:00 = " ARABIC " رابعا.\n"));
}

static void microdata_and_data_attributes_are_read(void **state)
{
    (void)state;
    read_page(
        "https://news.example/a",
        "<div itemscope itemtype='https://schema.org/LiveBlogPosting'><h1>Dam</h1><p>" OTHER "</p>"
        "<div itemprop=liveBlogUpdate itemscope><meta itemprop=datePublished "
        "content=2026-01-18T07:30:00Z><b itemprop=headline>Gate open</b><div>" PROSE "</div></div>"
        "<div itemprop=liveBlogUpdate data-timestamp=1768720200><div>" PROSE " Two.</div></div>"
        "<div itemprop=liveBlogUpdate data-datetime=2026-01-18T06:50:00Z><div>" PROSE
        " Three.</div></div></div>");
    assert_non_null(strstr(out, "@2026-01-18T07:30:00+00:00 Gate open = " PROSE
                                "\n@2026-01-18T07:10:00+00:00 = " PROSE
                                " Two.\n@2026-01-18T06:50:00+00:00 = " PROSE " Three.\n"));
}

static void times_between_paragraphs_part_entries(void **state)
{
    (void)state;
    read_page(
        "https://news.example/2026/01/18/a",
        "<title>تغطية مباشرة | مباشر</title><h1>مباشر: فتح الطريق</h1><div class=text><p>" ARABIC
        "</p><p>12:30</p><p>" ARABIC " ثانيا.</p><p>12:10</p><p>" ARABIC
        " ثالثا.</p><p>11:55</p><p>" ARABIC " رابعا.</p></div>");
    assert_non_null(strstr(out, "@2026-01-18T12:30:00 = " ARABIC
                                " ثانيا.\n@2026-01-18T12:10:00 = " ARABIC
                                " ثالثا.\n@2026-01-18T11:55:00 = " ARABIC " رابعا.\n"));
}

static void entries_of_json_ld_are_kept(void **state)
{
    (void)state;
    read_page("https://news.example/a",
              "<script type=application/ld+json>{\"@type\":\"LiveBlogPosting\",\"headline\":\"Dam "
              "repaired\",\"liveBlogUpdate\":[{\"@type\":\"BlogPosting\",\"headline\":\"Gate open "
              "\",\"datePublished\":\"2026-01-18T10:30:00Z\",\"articleBody\":\"It moves.\"},"
              "{\"@type\":\"BlogPosting\",\"articleBody\":\"It rains.\"}]}</script><h1>Dam "
              "repaired</h1><article><p>" PROSE "</p><p>" OTHER "</p></article>");
    assert_non_null(
        strstr(out, "@2026-01-18T10:30:00+00:00 Gate open = It moves.\n = It rains.\n"));
}

/* Boxes alike that are none: readers' comments, posts of a forum, teasers of other stories. */
static void what_is_no_live_blog_has_no_entries(void **state)
{
    (void)state;
    /* the digits that stand for "00" differ from box to box */
    static const char *const boxes[] = {
        "<div class=comment><time datetime=2026-01-18T10:00:00Z>10:00</time><p>" OTHER "</p></div>",
        "<div class=post><time datetime=2026-01-00T10:30:30Z>00 January 2026 10:30</time><p>" OTHER
        "</p></div>",
        "<div class=row><span>10:00</span><h3><a href=/00>How the bridge fell in winter</a></h3>"
        "<p>" OTHER "</p></div>"};
    for (size_t k = 0; k < sizeof boxes / sizeof *boxes; k++) {
        char page[1 << 13] = "<h1>Dam repaired</h1><span>2026-01-18</span><article><p>" PROSE
                             "</p><p>" PROSE PROSE PROSE "</p></article>";
        for (char digit = '1'; digit < '8'; digit++) {
            char *box = page + strlen(page);
            assert_true(strlen(page) + strlen(boxes[k]) < sizeof page);
            strcpy(box, boxes[k]);
            for (char *at = box; (at = strstr(at, "00")); at += 2)
                at[1] = digit;
        }
        read_page("https://news.example/a", page);
        assert_null(strstr(out, " = "));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(paragraphs_keep_their_kind_and_order),
        cmocka_unit_test(a_caption_that_stands_twice_or_asks_something_is_not_kept),
        cmocka_unit_test(the_day_that_was_settled_is_kept),
        cmocka_unit_test(articles_with_time_elements_are_entries),
        cmocka_unit_test(boxes_of_a_live_class_are_entries),
        cmocka_unit_test(microdata_and_data_attributes_are_read),
        cmocka_unit_test(times_between_paragraphs_part_entries),
        cmocka_unit_test(entries_of_json_ld_are_kept),
        cmocka_unit_test(what_is_no_live_blog_has_no_entries),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Summary and keywords that a page claims of itself, kept only where they say something. */
#include "tests/unit/unit.h"
#include "libcommon/fields.h"
#include "parse/parse.h"

#include <stdio.h>
#include <string.h>

#define TITLE "Dam above the town repaired in time"
#define BODY                                                                                       \
    "The governor said on Sunday that the dam had been repaired, and that the road was open "      \
    "again. Officials in the capital, who asked not to be named, expect more rain this week."

/* The value of a field of a page with these in its head; several are joined by '|'. */
static const char *field_of(const char *head, enum field field)
{
    static char text[1024];
    char page[2048];
    struct parser *parser;
    struct parse_scratch *scratch;
    struct parse_limits limits = {.memory = 64 << 20};
    struct parse_reject reject;
    struct buffer document = {0}, article = {0};
    struct field_value value, item;
    int size = snprintf(page, sizeof page,
                        "<html><head><title>" TITLE "</title>%s</head><body><article><h1>" TITLE
                        "</h1><p>" BODY "</p><p>" BODY "</p></article></body></html>",
                        head);
    assert_true(size > 0 && (size_t)size < sizeof page);
    assert_int_equal(parser_new(&limits, NULL, NULL, &parser), 0);
    assert_int_equal(parse_scratch_new(parser, &scratch), 0);
    fields_put_string(&document, FIELD_CONTENT_TYPE, "text/html");
    assert_int_equal(parse_document(parser, scratch, document.data, document.size, page,
                                    (size_t)size, &article, &reject),
                     PARSE_ARTICLE);
    text[0] = '\0';
    if (fields_find(article.data, article.size, field, &value) == 1) {
        struct fields_cursor cursor = fields_inside(&value);
        if (field == FIELD_SUMMARY)
            snprintf(text, sizeof text, "%.*s", (int)value.size, (const char *)value.data);
        else
            while (fields_next(&cursor, &item) == 1)
                snprintf(text + strlen(text), sizeof text - strlen(text), "%s%.*s",
                         text[0] ? "|" : "", (int)item.size, (const char *)item.data);
    }
    parse_scratch_free(scratch);
    parser_free(parser);
    buffer_free(&document);
    buffer_free(&article);
    return text;
}

#define DESCRIPTION(text) "<meta name=\"description\" content=\"" text "\">"
#define KEYWORDS(text) "<meta name=\"keywords\" content=\"" text "\">"

static void a_summary_is_a_sentence(void **state)
{
    (void)state;
    static const struct {
        const char *head, *wanted;
    } rows[] = {
        {DESCRIPTION("Farmers were told to move their herds."),
         "Farmers were told to move their herds."                                            },
        {DESCRIPTION("| Local News"),                                                      ""},
        {DESCRIPTION("https://news.example/a/dam-above-the-town and more words after it"), ""},
        {DESCRIPTION(TITLE),                                                               ""},
        {DESCRIPTION("Example News - " TITLE),                                             ""},
        {DESCRIPTION(TITLE ", farmers were told to move their herds"),
         TITLE ", farmers were told to move their herds"                                     },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_string_equal(field_of(rows[i].head, FIELD_SUMMARY), rows[i].wanted);
}

static void keywords_are_more_than_the_title_cut_up(void **state)
{
    (void)state;
    assert_string_equal(field_of(KEYWORDS("dam, floods, rain"), FIELD_KEYWORDS), "dam|floods|rain");
    assert_string_equal(field_of(KEYWORDS("Dam,above,the,town,repaired,in,time"), FIELD_KEYWORDS),
                        "");
    assert_string_equal(field_of(KEYWORDS("Dam,town,repaired"), FIELD_KEYWORDS),
                        "Dam|town|repaired"); /* chosen by someone */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_summary_is_a_sentence),
        cmocka_unit_test(keywords_are_more_than_the_title_cut_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

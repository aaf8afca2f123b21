/* Time: hostile text dumps and pages of megabytes take time in proportion to their size, not to its
 * square. */
#include "tests/unit/unit.h"
#include "libcommon/fields.h"
#include "parse/parse.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
    SIZE = 2 << 20,
    SECONDS_MOST =
        8, /* of CPU; what is linear takes 0.02 to 0.2, under sanitizers ten times that */
};

static struct parser *parser;
static struct parse_scratch *scratch;

static int open_parser(void **state)
{
    static const struct parse_limits limits = {0};
    (void)state;
    return parser_new(&limits, NULL, NULL, &parser) < 0 || parse_scratch_new(parser, &scratch) < 0
               ? -1
               : 0;
}

static int close_parser(void **state)
{
    (void)state;
    scratch = parse_scratch_free(scratch);
    parser = parser_free(parser);
    return 0;
}

/* What a document repeats: begin once, first over half of it, second over the other half (NULL:
 * first too). */
struct hostile {
    const char *name, *begin, *first, *second;
};

static const struct hostile dumps[] = {
    {"dates in one line",         "خبر\n",                               "18/01/2026 ",                                                                                      NULL     },
    {"dates in words",            "خبر\n",
     "يوم الجمعة 16 كانون الثاني 2026 في الساعة 10:30 مساء بتوقيت بغداد ثم ",                                                      NULL     },
    {"a million lines",           "",                                       "س\n",                                                                                             NULL     },
    {"lines of prose",            "",
     "وقال الوزير إن العمل مستمر في المشروع منذ عام 2014 في بغداد، وأكد ذلك.\n",                                            NULL     },
    {"one line of words",         "",                                       "كلمة ",                                                                                        NULL     },
    {"one word",                  "",                                       "ك",                                                                                               NULL     },
    {"quotations",                "",                                       "قال \"ا ب ج د ه و ز ح ط\" ",                                                           NULL     },
    {"quotations never closed",   "",                                       "«",                                                                                               NULL     },
    {"quotations deep",           "",                                       "«",                                                                                               "»"     },
    {"quotations of all kinds",   "",                                       "«\"“„",                                                                                       "»\"”"},
    {"quotations close together", "",                                       "\"aaaaaaaaaa,bbbbbbbbbbbbbbbbbbbbbbbbbbb\"",                                                       NULL     },
    {"quotations open in lines",  "",                                       "قال: \" ا ب ج\n",                                                                            NULL     },
    {"brackets",                  "",                                       "[",                                                                                                NULL     },
    {"links never closed",        "[a](b) [c](d)\n[e](f) [g](h)\n",         "[a](",                                                                                             NULL     },
    {"links open deep",           "[a](b) [c](d)\n[e](f) [g](h)\n",         "![[",                                                                                              "]]"     },
    {"headings of addresses",     "",                                       "References\nx\n",                                                                                  NULL     },
    {"addresses",                 "References\n",                           "1. http://a/1\n",                                                                                  NULL     },
    {"spaces",                    "",                                       " ",                                                                                                NULL     },
    {"lines that are broken",     "",
     "This is a line that is broken at eighty columns by the tool, which goes on and\n",                                                                                        NULL     },
    {"ampersands",                "",                                       "&",                                                                                                "&amp;"  },
    {"numbers and stops",         "",                                       "1.",                                                                                               NULL     },
    {"amounts",                   "منذ ",                                "3 أيام و",                                                                                    NULL     },
    {"phases",                    "",                                       "من بداية نهاية ",                                                                      NULL     },
    {"marks on a letter",         "a",                                      "\xcc\x81",                                                                                         NULL     },
    {"isolates",                  "",                                       "\xe2\x81\xa7",                                                                                     NULL     },
    {"presentation forms",        "",                                       "\xef\xba\x8d",                                                                                     NULL     },
    {"headlines",                 "Dam repaired before the rains | News\n",
     "The governor said on Sunday that the dam above the town was repaired in time.\nDam repaired "
     "before the rains\n",                                                                                                                                                      NULL     },
    {"leads",
     "خبر\nوقال الوزير إن العمل مستمر في المشروع، وأكد أن النتائج ستعلن يوم الخميس.\nأحدث "
     "الأخبار\n",                                                    "عنوان لخبر آخر من أخبار اليوم في المدينة\nمنذ 3 ساعات\n", NULL     },
};

/* clang-format off */
static const struct hostile pages[] = {
    {"lines", "", "a b c d e f<br>", NULL},
    {"paragraphs", "", "<p>The governor said on Sunday that the dam above the town had been repaired.</p>", NULL},
    {"boxes of related stories", "", "<div class=related>", NULL},
    {"figures around all", "", "<figure>", "<b>x</b>"},
    {"teasers around all", "", "<div class=teaser-card>", "<b>x y</b>"},
    {"boxes of the article", "<div>", "<p class=articlebody>x y z</p>", NULL},
    {"authors around all", "", "<div class=author itemprop=author>", "word "},
    {"bylines", "", "<span class=byline>By A. B.</span>", NULL},
    {"tables in tables", "", "<table><tr><td>a<td>b", NULL},
    {"links", "", "<a href=x>The governor said on Sunday</a>", NULL},
    {"times", "", "<time datetime=x>12 2020 foo</time><br>", NULL},
    {"years", "", "12 1999 3 Foo 2020 x<br>", NULL},
    {"headings", "", "<h1><span>a</span><span>b", NULL},
    {"scripts of JSON-LD", "", "<script type='application/ld+json'>{\"@type\":\"Article\",\"author\":[{\"@id\":\"x\"}]}</script>", NULL},
    {"articles in JSON-LD", "<script type='application/ld+json'>[", "{\"@type\":\"Article\",\"author\":[{\"@id\":\"x\"}]},", NULL},
    {"quotation marks in JSON-LD", "<script type='application/ld+json'>", "\"    ", NULL},
    {"lists", "<ul>", "<li>a b c", NULL},
    {"lists in lists", "", "<ul><li>a", NULL},
    {"claims", "", "<meta name=author content=a>", NULL},
    {"pages without scripts", "", "<noscript><p>x</p></noscript>", NULL},
    {"classes", "", "<p class='a-b-c-d-e-f share-bar related'>x", NULL},
    {"comments", "", "<div class=comment><p>The governor said on Sunday that it was done, at last.</p></div>", NULL},
    {"spans", "", "<span>abcdefgh ij</span>", NULL},
};
/* clang-format on */

static char *repeat(const char *begin, const char *first, const char *second, size_t *ret_size)
{
    char *text = malloc(SIZE + 512);
    assert_non_null(text);
    size_t used = strlen(begin);
    memcpy(text, begin, used);
    while (used < SIZE) {
        const char *piece = second && used > SIZE / 2 ? second : first;
        memcpy(text + used, piece, strlen(piece));
        used += strlen(piece);
    }
    *ret_size = used;
    return text;
}

static void check(const char *type, const struct hostile *hostile)
{
    struct buffer document = {0}, article = {0};
    struct parse_reject reject;
    size_t size;
    char *text = repeat(hostile->begin, hostile->first, hostile->second, &size);
    fields_put_string(&document, FIELD_CONTENT_TYPE, type);
    fields_put_time(&document, FIELD_FETCHED_AT, 1768711740000000);
    clock_t begin = clock();
    int r = parse_document(parser, scratch, document.data, document.size, text, size, &article,
                           &reject);
    double took = (double)(clock() - begin) / CLOCKS_PER_SEC;
    assert_true(r == PARSE_ARTICLE || r == PARSE_REJECT);
    if (took > SECONDS_MOST)
        fail_msg("%s: %.1f s for %zu bytes", hostile->name, took, size);
    if (article.size > 4 * size) /* nor does what comes out grow beyond what came in */
        fail_msg("%s: %zu bytes of article from %zu", hostile->name, article.size, size);
    free(text);
    buffer_free(&document);
    buffer_free(&article);
}

static void time_of_dumps_grows_with_the_size_only(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof dumps / sizeof *dumps; i++)
        check("text/plain; charset=utf-8", &dumps[i]);
}

static void time_of_pages_grows_with_the_size_only(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof pages / sizeof *pages; i++)
        check("text/html; charset=utf-8", &pages[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(time_of_dumps_grows_with_the_size_only),
        cmocka_unit_test(time_of_pages_grows_with_the_size_only),
    };
    return cmocka_run_group_tests(tests, open_parser, close_parser);
}

/* What pages say of themselves, and what is believed of it: broken JSON, disguised titles, dates
 * that disagree. */
#include "tests/unit/unit.h"
#include "parse/dates.h"
#include "parse/html_json.h"
#include "parse/lines.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PROSE                                                                                      \
    "<p>The governor said on Sunday that the dam above the town had been repaired in time, and "   \
    "that the road was open again, as officials had promised.</p>"

static struct arena *arena;

static struct lines read_page(const char *page)
{
    struct page_source source = {.url = "https://www.example.org/news/dam"};
    struct dates_context context = {0};
    struct lines lines;
    arena_reset(arena);
    assert_int_equal(html_read(&source, &context, arena, page, strlen(page), &lines), 0);
    return lines;
}

static void is(struct span found, const char *wanted)
{
    char *text = calloc(1, found.length + 1);
    assert_non_null(text);
    memcpy(text, found.text ? found.text : "", found.length);
    assert_string_equal(text, wanted);
    free(text);
}

static void on(const struct moment *found, const char *wanted)
{
    char text[MOMENT_TEXT_SIZE];
    size_t size = moment_format(found, text);
    is((struct span){text, size}, wanted);
}

static void json_is_read_however_broken(void **state)
{
    (void)state;
    static const char text[] = "<!-- {\"a\": \"he said \"yes\" to it\", \"b\": [1, 2,, {\"c\": "
                               "\"x\\u0041\\ud83d\\ude00\\n\"}],\n"
                               " // note\n \"d\": \"two\nlines\"\n\"e\": true, \"f\": \"R&amp;D "
                               "<b>now</b>\", \"g\": \"unfinished";
    struct json_tree t;
    arena_reset(arena);
    assert_int_equal(html_json_read(arena, (struct span){text, sizeof text - 1}, &t), 0);
    uint32_t object = t.nodes[0].first;
    is(t.nodes[json_member(&t, object, "a")].value, "he said \"yes\" to it");
    uint32_t list = json_member(&t, object, "B");
    assert_int_equal(t.nodes[list].kind, JSON_ARRAY);
    uint32_t third = t.nodes[t.nodes[t.nodes[list].first].next].next;
    is(t.nodes[json_member(&t, third, "c")].value, "xA😀");
    is(t.nodes[json_member(&t, object, "d")].value, "two\nlines");
    is(t.nodes[json_member(&t, object, "e")].value, "true");
    is(t.nodes[json_member(&t, object, "f")].value, "R&D now");
    is(t.nodes[json_member(&t, object, "g")].value, "unfinished");
    assert_int_equal(json_member(&t, object, "h"), 0);
}

static void json_is_bounded(void **state)
{
    (void)state;
    char *text = malloc(1 << 20);
    struct json_tree t;
    assert_non_null(text);
    memset(text, '[', 1 << 20);
    arena_reset(arena);
    assert_int_equal(html_json_read(arena, (struct span){text, 1 << 20}, &t), 0);
    assert_true(t.count <= JSON_DEPTH);
    for (size_t i = 0; i + 1 < 1 << 20; i += 2)
        memcpy(text + i, "1,", 2);
    arena_reset(arena);
    assert_int_equal(html_json_read(arena, (struct span){text, 1 << 20}, &t), 0);
    assert_int_equal(t.count, JSON_NODES);
    free(text);
}

static void json_ld_says_what_the_article_is(void **state)
{
    (void)state;
    struct lines l = read_page("<html><head><title>Dam repaired | Example</title><script "
                               "type='application/ld+json'>{\"@graph\":["
                               "{\"@type\":\"WebSite\",\"name\":\"Example\"},{\"@id\":\"#p\",\"@"
                               "type\":\"Person\",\"name\":\"Ali Hasan\"},"
                               "{\"@type\":[\"NewsArticle\"],\"headline\":\"Dam "
                               "repaired\",\"datePublished\":\"2026-01-18T07:49:00+03:00\","
                               "\"dateModified\":\"2026-01-19\",\"author\":[{\"@id\":\"#p\"},{"
                               "\"name\":\"By Sara Omar\"}],\"articleSection\":[\"Iraq\"],"
                               "\"keywords\":\"dam, "
                               "rain\",\"isAccessibleForFree\":\"False\",\"image\":[{\"url\":"
                               "\"https://e.org/1.jpg\"}]}]}</script>"
                               "</head><body><h1>Dam repaired</h1>" PROSE "</body></html>");
    is(l.claims.title, "Dam repaired");
    on(&l.claims.published, "2026-01-18T07:49:00+03:00");
    on(&l.claims.updated, "2026-01-19");
    assert_int_equal(l.claims.author_count, 2);
    is(l.claims.authors[0], "Ali Hasan");
    is(l.claims.authors[1], "Sara Omar");
    is(l.claims.section, "Iraq");
    is(l.claims.site_name, "Example");
    is(l.claims.image, "https://e.org/1.jpg");
    assert_int_equal(l.claims.keyword_count, 2);
    assert_int_equal(l.claims.paywall, 1);
}

static void titles_are_checked_against_the_page(void **state)
{
    (void)state;
    static const struct {
        const char *head, *body, *title;
    } rows[] = {
        {"<title>Dam repaired at last - Example</title>",
         "<h1>Example</h1><h2>Dam repaired at last</h2>",                                               "Dam repaired at last"                                                             },
        {"<title>Example</title><meta property=og:title content='Dam repaired at last | Example'>",
         "",                                                                                            "Dam repaired at last"                                                             },
        {"<meta property=og:site_name content='The Herald'><title>The Herald: Dam repaired at "
         "last</title>",                                                                   "", "Dam repaired at last"                                                             },
        {"<title>Dam repaired at last</title>",
         "<h1><span class=kicker>Flood</span> <span>Dam repaired at last</span></h1>",                  "Dam repaired at last"                                                             },
        {"<meta property=og:title content='The dam is open'><title>The dam is open | "
         "Example</title>",                                                                                          "<h1>\"Enough\" / The dam is open</h1>",                                                                             "The dam is open"                               },
        {"<meta property=og:title content='The dam is open'>",                                                                                         "<h1>Enough: The dam is open</h1>",
         "Enough: The dam is open"},
        {"",                                                                                         "<h1>23.01.2022 - The dam is open</h1>",                                                                                          "The dam is open"                                                                            },
        {"",                                                                                         "<h1>2022: 12 years of the dam</h1>",                                                                                          "2022: 12 years of the dam"},
        {"<title>The dam is open - Example</title>",                                                                                         "<h3>Weather</h3><h3>The dam is open</h3>",
         "The dam is open"                              },
        {"<title>News - Example</title>",                                                                                         "<h1>Dam repaired - and open</h1>",
         "Dam repaired - and open"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char page[2048];
        snprintf(page, sizeof page, "<html><head>%s</head><body>%s" PROSE "</body></html>",
                 rows[i].head, rows[i].body);
        struct lines l = read_page(page);
        is(l.claims.title, rows[i].title);
    }
}

static void dates_that_agree_outweigh_one_that_does_not(void **state)
{
    (void)state;
    struct lines l = read_page(
        "<html><head><meta property=article:published_time content=2026-01-18T20:30:00+03:00>"
        "<meta name=date content=2026-03-01></head><body><h1>Dam repaired</h1><div>18 January "
        "2026</div>" PROSE "</body></html>");
    on(&l.claims.published, "2026-01-18T20:30:00+03:00");
    l = read_page("<html><body><h1>Dam repaired</h1><time datetime=2026-01-18>Sunday</time>" PROSE
                  "<div class=related><time datetime=2026-02-01>1 Feb</time></div></body></html>");
    on(&l.claims.published, "2026-01-18");
    l = read_page("<html><body><h1>Dam repaired</h1><span class=entry-date>18 May</span>" PROSE
                  "</body></html>");
    assert_int_equal(l.claims.published.precision,
                     MOMENT_NONE); /* no year, and nothing to count from */
}

/* Where the day of publication stands, and the pages that surround it. */
static void days_are_found_where_pages_put_them(void **state)
{
    (void)state;
    static const struct {
        const char *head, *above, *below, *day;
    } rows[] = {
  /* a line that is a date before one that has a date */
        {"",                                                                    "<p>Broadcast of 30 January 2022, read by N.</p><p>26 January 2022</p>", "",
         "2022-01-26"                                                                                                                                                                                                                                          },
 /* words that say published, behind the text and inside a line */
        {"",                                                                    "",                                                                      "<footer>Views: 12</footer><div>Erschienen am: 01.11.2023</div>",          "2023-11-01"               },
        {"",                                                                    "",                                                                      "<div>الزيارات 61 تاريخ النشر: 13/11/2023</div>",        "2023-11-13"               },
 /* the month first: as a claim that is plain shows it, as the page's country writes */
        {"<meta property=article:modified_time content=2020-06-01><meta name=date "
         "content='06/01/2020'>",                                      "<time datetime=2020-06-01T10:00:00Z>06/01/2020</time>",                 "",                                                                        "2020-06-01T10:00:00+00:00"},
        {"<meta property=og:locale content=en_US>",                             "<div>11/01/2021</div>",                                                 "",                                                                        "2021-11-01"               },
        {"",                                                                    "<div>11/01/2021</div>",                                                 "",                                                                        "2021-01-11"               },
        {"",                                                                    "<div>11/01/2021</div>",                                                 "<p>12/23/2020</p>",                                                       "2021-11-01"               },
 /* a time in UTC late in the day, and the next day that the page shows */
        {"<meta property=article:published_time content=2021-11-04T23:00:00Z>",
         "<div>5 November 2021</div>",                                                                                                                   "",                                                                        "2021-11-05"               },
        {"<meta property=article:published_time content=2021-11-04T09:00:00Z>",
         "<div>5 December 2021</div>",                                                                                                                   "",                                                                        "2021-12-05"               },
 /* data of scripts, when nothing else states a day */
        {"",                                                                    "",
         "<script>window.x={\"slug\":1,\"publishedAt\":\"2022-01-31T15:58:43+01:00\"}</script>",                                                                                                                                    "2022-01-31T15:58:43+01:00"},
        {"",                                                                    "",                                                                      "<script>var s='{\\\"publish_date\\\":1768720200,\\\"a\\\":2}';</script>",
         "2026-01-18T07:10:00+00:00"                                                                                                                                                                                                                           },
        {"",                                                                    "",                                                                      "<div data-x='{&quot;datePublished&quot;:&quot;2022-01-10&quot;}'></div>",
         "2022-01-10"                                                                                                                                                                                                                                          },
        {"",                                                                    "",                                                                      "<script>unpublishedAt=\"2022-01-31\";publisher:\"2021-01-31\"</script>",  ""                         },
        {"<meta property=article:published_time content=2021-11-04>",           "",
         "<script>{\"publishedAt\":\"2022-01-31\"}</script>",                                                                                                                                                                       "2021-11-04"               },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char page[2048];
        snprintf(page, sizeof page,
                 "<html><head>%s</head><body><h1>Dam repaired</h1>%s<article>" PROSE
                 "</article>%s</body></html>",
                 rows[i].head, rows[i].above, rows[i].below);
        struct lines l = read_page(page);
        if (*rows[i].day)
            on(&l.claims.published, rows[i].day);
        else
            assert_int_equal(l.claims.published.precision, MOMENT_NONE);
    }
}

/* Names as claims and pages give them; "" where nobody is named. */
static void authors_are_named_bare_and_one_by_one(void **state)
{
    (void)state;
    static const struct {
        const char *head, *above, *below, *authors;
    } rows[] = {
        {"<meta name=author content='By Jane Doe and John Roe, Staff Writer | 12/10/2020'>",         "",                                                                                                "",
         "Jane Doe/John Roe"                                                                                                                                                                                                                                                                                               },
        {"<meta name=author content='Food and Water Watch'>",                                        "",                                                                                                "",                                                                               "Food and Water Watch"           },
        {"<meta name=author content='أحمد سالم، منى علي'>",                           "",                                                                                                "",                                                                               "أحمد سالم/منى علي"},
        {"<meta name=author content='admin'>",                                                       "<p>By Jane Doe</p>",                                                                              "",                                                                               "Jane Doe"                       },
        {"<meta name=author content='jane@example.org'>",                                            "",                                                                                                "",                                                                               ""                               },
        {"<meta name=author content='Redacci&amp;oacute;n Norte'>",                                  "",                                                                                                "",
         "Redacci&oacute;n Norte"                                                                                                                                                                                                                                                                                          },
        {"<meta name=twitter:label1 content='كُتب بواسطة'><meta name=twitter:data1 content='منى "
         "علي'>",                                                                        "",                                                                                                "",                                                                               "منى علي"                  },
        {"<meta name=twitter:label1 content='Reading time'><meta name=twitter:data1 content='3 "
         "minutes'>",                                                                       "",                                                                                                "",                                                                               ""                               },
 /* the site's own name, unless nobody else is named and it may be a person's */
        {"<meta property=og:site_name content='The Herald'><meta name=author content='The Herald'>",
         "<div class=c-article__author>Jane Doe, 01.12.2021</div>",                                                                                                                                     "",                                                                               "Jane Doe"                       },
        {"<meta property=og:site_name content='Jane Doe'><meta name=author content='Jane Doe'>",     "",
         "",                                                                                                                                                                                                                                                                              "Jane Doe"                       },
        {"",                                                                                         "<a rel=author href=/x>View all posts by Jane Doe</a>",                                            "",                                                                               "Jane Doe"                       },
        {"",
         "<div><span class=author-name>Jane Doe</span> <span class=author-name>John "
         "Roe</span></div>",                                                                                                                                                                            "",                                                                               "Jane Doe/John Roe"              },
        {"",                                                                                         "<div class=author-bio>Jane Doe is a reporter</div>",                                              "",                                                                               ""                               },
        {"",                                                                                         "<div class=byline>Posted on 2 May 2021 by Jane Doe</div>",                                        "",                                                                               "Jane Doe"                       },
        {"",                                                                                         "<p>بقلم: منى علي</p>",                                                                  "",                                                                               "منى علي"                  },
        {"",                                                                                         "<div class=byline><div class=byline_author>بغداد - منى علي</div> 18 يناير</div>", "",
         "بغداد - منى علي"                                                                                                                                                                                                                                                                                      },
        {"",                                                                                         "<p>كتب أحمد سالم - بغداد</p>",                                                    "",                                                                               "أحمد سالم"              },
        {"",                                                                                         "",                                                                                                "<p>Autor: Fritz Muster</p>",                                                     "Fritz Muster"                   },
        {"",                                                                                         "",                                                                                                "<div class=comments><p>By Some Reader</p><b class=author>Some Reader</b></div>",
         ""                                                                                                                                                                                                                                                                                                                },
        {"",                                                                                         "<p>By the river everything was calm</p>",                                                         "",                                                                               ""                               },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char page[2048], found[512] = "";
        snprintf(page, sizeof page,
                 "<html><head>%s</head><body><h1>Dam repaired</h1>%s<article>" PROSE PROSE
                 "</article>%s</body></html>",
                 rows[i].head, rows[i].above, rows[i].below);
        struct lines l = read_page(page);
        for (size_t k = 0; k < l.claims.author_count; k++)
            snprintf(found + strlen(found), sizeof found - strlen(found), "%s%.*s", k ? "/" : "",
                     (int)l.claims.authors[k].length, l.claims.authors[k].text);
        assert_string_equal(found, rows[i].authors);
    }
}

static int set_up(void **state)
{
    (void)state;
    return arena_new(64 << 20, &arena);
}

static int tear_down(void **state)
{
    (void)state;
    arena = arena_free(arena);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(json_is_read_however_broken),
        cmocka_unit_test(json_is_bounded),
        cmocka_unit_test(json_ld_says_what_the_article_is),
        cmocka_unit_test(titles_are_checked_against_the_page),
        cmocka_unit_test(dates_that_agree_outweigh_one_that_does_not),
        cmocka_unit_test(days_are_found_where_pages_put_them),
        cmocka_unit_test(authors_are_named_bare_and_one_by_one),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}

/* Keywords: lines of tags are parted as pages part them. */
#include "tests/unit/unit.h"
#include "parse/keywords.h"

#include <string.h>

static const struct {
    const char *line, *tags; /* tags: each with a bar behind it */
} rows[] = {
    {"ميسان، المياه ، الكحلاء",              "ميسان|المياه|الكحلاء|"         },
    {"Iraq, Prime Minister,oil",                                 "Iraq|Prime Minister|oil|"                        },
    {"#بغداد #النفط_العراقي",                   "بغداد|النفط_العراقي|"           },
    {"water | dams | Maysan",                                    "water|dams|Maysan|"                              },
    {"النفط • أوبك · الأسعار؛ البصرة", "النفط|أوبك|الأسعار|البصرة|"},
    {"oil",                                                      "oil|"                                            },
    {": oil,, - ,gas.",                                          "oil|gas|"                                        },
    {"the ministers met on Sunday in Basra",                     ""                                                },
    {"",                                                         ""                                                },
    {"، ،",                                                    ""                                                },
};

static void tags_are_parted(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct span found[8];
        char joined[512] = "";
        size_t count = keywords_in((struct span){rows[i].line, strlen(rows[i].line)}, found, 8);
        for (size_t k = 0; k < count; k++) {
            strncat(joined, found[k].text, found[k].length);
            strcat(joined, "|");
        }
        assert_string_equal(joined, rows[i].tags);
    }
}

static void no_more_than_asked(void **state)
{
    (void)state;
    struct span found[2];
    assert_int_equal(keywords_in((struct span){"a1,b1,c1", 8}, found, 2), 2);
    assert_memory_equal(found[1].text, "b1", 2);
}

/* Lines of tags, one of them the heading alone: each tag once, the words that head them left out.
 */
static void lines_become_keywords(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        enum line_role role;
    } given[] = {
        {"Oil rises, gas falls", ROLE_BODY     },
        {"Tags:",                ROLE_TAGS     },
        {"oil",                  ROLE_TAGS     },
        {"Tags: oil, gas",       ROLE_TAGS     },
        {"prices",               ROLE_FURNITURE}
    };
    struct arena *arena;
    struct lines lines = {0};
    struct article article = {0};
    assert_int_equal(arena_new(1 << 20, &arena), 0);
    for (size_t i = 0; i < sizeof given / sizeof *given; i++) {
        struct line *line =
            lines_add(&lines, arena, (struct span){given[i].text, strlen(given[i].text)});
        assert_non_null(line);
        line->role = (uint8_t)given[i].role;
    }
    assert_int_equal(keywords_read(arena, &lines, &article), 0);
    assert_int_equal(article.keyword_count, 2);
    assert_memory_equal(article.keywords[0].text, "oil", 3);
    assert_memory_equal(article.keywords[1].text, "gas", 3);
    arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tags_are_parted),
        cmocka_unit_test(no_more_than_asked),
        cmocka_unit_test(lines_become_keywords),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Words around an article: the table is in order and in normalised form; whole lines and beginnings
 * of lines. */
#include "tests/unit/unit.h"
#include "libcommon/text.h"
#include "parse/furniture.h"

#include <string.h>

static struct furniture_look look(const char *line)
{
    struct furniture_look look;
    furniture_look(line, strlen(line), &look);
    return look;
}

static void every_row_is_folded_and_in_order(void **state)
{
    (void)state;
    size_t count = 0;
    for (const char *row; (row = furniture_row(count)); count++) {
        char folded[FURNITURE_TEXT_MAX + 8];
        size_t size = strlen(row);
        assert_true(size && size <= FURNITURE_TEXT_MAX);
        assert_int_equal(text_fold(row, size, folded), size);
        assert_memory_equal(folded, row, size);
        assert_true(look(row).line != FURNITURE_NONE);
        if (count)
            assert_true(strcmp(furniture_row(count - 1), row) < 0);
    }
    assert_true(count > 1000);
}

static void lines_are_known_whatever_surrounds_the_words(void **state)
{
    (void)state;
    static const struct {
        const char *line;
        unsigned flag; /* FURNITURE_NONE: not known */
    } cases[] = {
        {"12 Comments",                  FURNITURE_PLAIN  },
        {"SHARE",                        FURNITURE_PLAIN  },
        {"» اقرأ أيضاً:",      FURNITURE_RELATED},
        {"إقرأ ايضا",            FURNITURE_RELATED},
        {"المشاهدات: ١٢٣٤", FURNITURE_PLAIN  },
        {"بیشتر بخوانید",    FURNITURE_RELATED},
        {"İlgili Haberler",             FURNITURE_RELATED},
        {"À lire aussi",                FURNITURE_RELATED},
        {"أمن",                       FURNITURE_SECTION},
        {"| 12 / 3 |",                   FURNITURE_PLAIN  },
        {"All rights reserved",          FURNITURE_END    },
        {"The shares rose",              FURNITURE_NONE   },
        {"أعلنت اللجنة",      FURNITURE_NONE   },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        unsigned flags = look(cases[i].line).line;
        if (cases[i].flag ? !(flags & cases[i].flag) : flags != FURNITURE_NONE)
            fail_msg("%s: %x", cases[i].line, flags);
    }
}

static void beginnings_are_cut_where_the_rest_begins(void **state)
{
    (void)state;
    const char *line = "اقرأ أيضا: البرلمان يصوت على الموازنة";
    assert_true(look(line).head & FURNITURE_RELATED);
    assert_string_equal(line + look(line).rest, " البرلمان يصوت على الموازنة");
    line = "Read more: Prices rise in the north";
    assert_true(look(line).head & FURNITURE_RELATED);
    assert_string_equal(line + look(line).rest, " Prices rise in the north");
    line = "Share prices fall as banks report";
    assert_int_equal(look(line).head, FURNITURE_NONE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_row_is_folded_and_in_order),
        cmocka_unit_test(lines_are_known_whatever_surrounds_the_words),
        cmocka_unit_test(beginnings_are_cut_where_the_rest_begins),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

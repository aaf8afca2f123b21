/* Lines: words and code points are counted, wherever the spaces stand. */
#include "tests/unit/unit.h"
#include "parse/lines.h"

#include <string.h>

static void counts_words_and_code_points(void **state)
{
    (void)state;
    static const char *const pieces[] = {"خبر", "a",    "b!", "\xe2\x80\x9c", "2026",
                                         "\t",  "كلمة", "x",  "!!!!!!!!!!"};
    struct arena *arena;
    assert_int_equal(arena_new(4 << 20, &arena), 0);
    for (unsigned seed = 1; seed < 600; seed++) {
        char text[256] = "خ";
        uint32_t words = 1, characters = 1, left = seed % 11;
        for (unsigned random = seed * 2654435761u; left--; random = random * 1103515245 + 12345) {
            const char *piece = pieces[random >> 16 & 7];
            bool tab = *piece == '\t';
            strcat(text, tab ? "" : " ");
            strcat(text, piece);
            strcat(text, tab ? "y" : "");
            words++;
            characters++;
            for (const char *p = tab ? "y" : piece; *p; p++)
                characters += ((unsigned char)*p & 0xc0) != 0x80;
        }
        struct lines lines = {0};
        struct line *line = lines_add(&lines, arena, (struct span){text, strlen(text)});
        assert_non_null(line);
        assert_int_equal(line->words, words);
        assert_int_equal(line->characters, characters);
    }
    arena_free(arena);
}

static void every_role_has_a_name(void **state)
{
    (void)state;
    for (int role = 0; role < ROLE_END; role++)
        assert_non_null(line_role_name((enum line_role)role));
    assert_null(line_role_name(ROLE_END));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(counts_words_and_code_points),
        cmocka_unit_test(every_role_has_a_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

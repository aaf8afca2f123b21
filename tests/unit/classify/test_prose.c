#include "tests/unit/unit.h"

#include "classify/prose.h"

#include <string.h>

static const char text[] = "قال الوزير اليوم\nReuters and others\nروحانی گفت BBC\nوأضاف الوزير";

static void read_words(struct tokens *t, const char *title)
{
    assert_int_equal(tokens_add(t, PART_TITLE, title, strlen(title)), 0);
    assert_int_equal(tokens_add(t, PART_BODY, text, strlen(text)), 0);
}

static void assert_marks(const bool prose[NAME_WORDS], const char *expected)
{
    for (size_t i = 0; expected[i]; i++)
        assert_int_equal(prose[i], expected[i] == 'x');
}

/* The third line is Persian; the last is beyond what was told. */
static size_t tell_lines(struct language_line lines[3])
{
    size_t start = 0, count = 0;
    for (; count < 3; count++) {
        size_t end = start + strcspn(text + start, "\n");
        lines[count] = (struct language_line){
            {LANGUAGE_ARABIC, SCRIPT_ARABIC, 1},
            start, end
        };
        start = end + 1;
    }
    lines[2].guess.language = LANGUAGE_PERSIAN;
    return count;
}

static void test_paragraphs_by_language_and_letters(void **state)
{
    (void)state;
    struct tokens t = {0};
    struct language_line lines[3];
    bool prose[NAME_WORDS];
    size_t count = tell_lines(lines);
    read_words(&t, "عنوان الخبر");
    assert_true(prose_mark(&t, LANGUAGE_ARABIC, LANGUAGE_ARABIC, lines, count, prose));
    assert_marks(prose, "xx"
                        "xxx"
                        "..."
                        "..."
                        "xx");
    assert_true(prose_mark(&t, LANGUAGE_PERSIAN, LANGUAGE_PERSIAN, lines, count, prose));
    assert_marks(prose, ".."
                        "xxx"
                        "..."
                        "..."
                        "..");
    assert_false(prose_mark(&t, LANGUAGE_ENGLISH, LANGUAGE_ENGLISH, NULL, 0, prose));
    tokens_free(&t);
}

static void test_a_headline_without_a_text(void **state)
{
    (void)state;
    struct tokens t = {0};
    bool prose[NAME_WORDS];
    assert_false(prose_mark(&t, LANGUAGE_ARABIC, LANGUAGE_ARABIC, NULL, 0, prose));
    assert_int_equal(tokens_add(&t, PART_TITLE, "BBC", 3), 0);
    assert_false(prose_mark(&t, LANGUAGE_ARABIC, LANGUAGE_ARABIC, NULL, 0, prose));
    tokens_free(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_paragraphs_by_language_and_letters),
        cmocka_unit_test(test_a_headline_without_a_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

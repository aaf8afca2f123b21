#include "tests/unit/unit.h"

#include "classify/clitics.h"
#include "classify/fold.h"

#include <string.h>

static void test_stems(void **state)
{
    (void)state;
    static const struct {
        const char *word;
        unsigned cut;
        const char *stem; /* NULL: can't be cut so */
    } cases[] = {
        {"وبغداد", 1, "بغداد"},    {"ببغداد", 1, "بغداد"},     {"وببغداد", 2, "بغداد"},
        {"للعراق", 1, "العراق"},   {"وللعراق", 2, "العراق"},   {"لبنان", 1, "بنان"},
        {"كالعراق", 1, "العراق"},  {"فالعراق", 1, "العراق"},   {"العراق", 1, NULL},
        {"ببغداد", 2, NULL},       {"وسط", 1, "سط"},           {"بن", 1, NULL},
        {"ولد", 2, NULL},          {"بغداد", 3, NULL},         {"فلل", 1, "لل"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        uint8_t word[64], expected[64], stem[CLITICS_STEM];
        size_t count = fold_text(cases[i].word, strlen(cases[i].word), word, sizeof word);
        size_t letters = clitics_stem(word, count, cases[i].cut, stem);
        if (!cases[i].stem) {
            assert_int_equal(letters, 0);
            continue;
        }
        assert_int_equal(letters, fold_text(cases[i].stem, strlen(cases[i].stem), expected, sizeof expected));
        assert_memory_equal(stem, expected, letters);
    }
}

static void test_longest_word(void **state)
{
    (void)state;
    uint8_t word[64], stem[CLITICS_STEM];
    memset(word, FOLD_LAM, sizeof word);
    assert_int_equal(clitics_stem(word, 40, 1, stem), 40);
    assert_int_equal(stem[0], FOLD_ALEF);
    assert_int_equal(clitics_stem(word, 41, 1, stem), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_stems),
        cmocka_unit_test(test_longest_word),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

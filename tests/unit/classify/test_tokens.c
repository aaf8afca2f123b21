#include "tests/unit/unit.h"

#include "classify/tokens.h"

#include <string.h>

static void add(struct tokens *t, const char *text)
{
    tokens_clear(t);
    assert_int_equal(tokens_add(t, PART_BODY, text, strlen(text)), 0);
}

static void test_spellings_fold_together(void **state)
{
    (void)state;
    static const char *const pairs[][2] = {
        {"أمن", "امن"},     {"إلى", "الي"},       {"جريمة", "جريمه"},   {"محمــد", "محمد"},
        {"مُحَمَّد", "محمد"}, {"کلید", "كليد"},     {"٢٠٢٦", "2026"},     {"۲۰۲۶", "2026"},
        {"Élysée", "elysee"}, {"خانه‌ها", "خانهها"}, {"Işık", "isik"},
    };
    struct tokens a = {0}, b = {0};
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        add(&a, pairs[i][0]);
        add(&b, pairs[i][1]);
        assert_int_equal(a.count, 1);
        assert_int_equal(b.count, 1);
        assert_int_equal(a.items[0].hash, b.items[0].hash);
        uint8_t folded[64];
        size_t size = fold_text(pairs[i][0], strlen(pairs[i][0]), folded, sizeof folded);
        assert_int_equal(size, a.items[0].letters);
        assert_memory_equal(folded, a.folded + a.items[0].folded, size);
    }
    tokens_free(&a);
    tokens_free(&b);
}

static void test_gaps_kinds_and_paragraphs(void **state)
{
    (void)state;
    struct tokens t = {0};
    const char *text = "قال: \"و35 BBC\"،\n\nثم";
    add(&t, text);
    assert_int_equal(t.count, 5);
    assert_int_equal(t.items[0].gap, GAP_LINE);
    assert_int_equal(t.items[1].gap, GAP_COLON | GAP_SPACE | GAP_QUOTE);
    assert_int_equal(t.items[2].gap, GAP_NONE);
    assert_int_equal(t.items[2].kind, TOKEN_NUMBER);
    assert_int_equal(t.items[3].kind, TOKEN_LATIN);
    assert_true(t.items[3].capital);
    assert_int_equal(t.items[4].gap, GAP_QUOTE | GAP_COMMA | GAP_LINE);
    assert_int_equal(t.items[3].paragraph, 0);
    assert_int_equal(t.items[4].paragraph, 1);
    assert_memory_equal(text + t.items[4].start, "ثم", t.items[4].length);
    tokens_free(&t);
}

static void test_long_runs_are_cut(void **state)
{
    (void)state;
    struct tokens t = {0};
    char text[1000];
    memset(text, 'x', sizeof text);
    assert_int_equal(tokens_add(&t, PART_TITLE, text, sizeof text), 0);
    assert_int_equal(t.count, 1000 / TOKEN_LETTERS);
    assert_int_equal(tokens_add(&t, PART_BODY, "", 0), 0);
    assert_int_equal(t.parts[PART_TITLE].count, 1000 / TOKEN_LETTERS);
    assert_int_equal(t.parts[PART_BODY].count, 0);
    /* as many words as a text can have */
    for (size_t i = 0; i < sizeof text; i++)
        text[i] = i % 2 ? '1' : 'x';
    tokens_clear(&t);
    assert_int_equal(tokens_add(&t, PART_TITLE, text, sizeof text), 0);
    assert_int_equal(t.count, sizeof text);
    tokens_free(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_spellings_fold_together),
        cmocka_unit_test(test_gaps_kinds_and_paragraphs),
        cmocka_unit_test(test_long_runs_are_cut),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

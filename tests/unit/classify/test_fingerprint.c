#include "tests/unit/unit.h"

#include "classify/fingerprint.h"
#include "libcommon/buffer.h"

#include <string.h>

static struct fingerprint of(const char *title, const char *body)
{
    struct tokens t = {0};
    struct fingerprint f;
    assert_int_equal(tokens_add(&t, PART_TITLE, title, strlen(title)), 0);
    assert_int_equal(tokens_add(&t, PART_BODY, body, strlen(body)), 0);
    fingerprint_make(&t, &f);
    tokens_free(&t);
    return f;
}

/* first … first + count - 1 as words. */
static char *words(struct buffer *b, unsigned first, unsigned count)
{
    buffer_clear(b);
    for (unsigned i = first; i < first + count; i++)
        buffer_append_format(b, "%sw%c%c%c", i > first ? " " : "", 'a' + i % 26, 'a' + i / 26 % 26,
                             'a' + i / 676);
    buffer_append_char(b, '\0');
    return b->data;
}

static void test_spelling_and_punctuation_do_not_count(void **state)
{
    (void)state;
    struct fingerprint a = of("قال الوزير، أمس:", "إنّ الجريمة وقعت");
    struct fingerprint b = of("قال الوزير أمس", "ان الجريمه وقعت.");
    struct fingerprint c = of("قال الوزير أمس", "ان الجريمه لم تقع.");
    assert_int_equal(strlen(a.hex), 32);
    assert_string_equal(a.hex, b.hex);
    assert_memory_equal(&a.minhash, &b.minhash, sizeof a.minhash);
    assert_string_not_equal(a.hex, c.hex);
}

static void test_title_counts_for_short_bodies_only(void **state)
{
    (void)state;
    struct buffer b = {0};
    char *text = words(&b, 0, FINGERPRINT_WORDS);
    assert_string_equal(of("one", text).hex, of("two", text).hex);
    text = words(&b, 0, FINGERPRINT_WORDS - 1);
    assert_string_not_equal(of("one", text).hex, of("two", text).hex);
    buffer_free(&b);
}

static void test_words_are_parted(void **state)
{
    (void)state;
    assert_string_not_equal(of("ab c", "").hex, of("a bc", "").hex);
}

static void test_similarity(void **state)
{
    (void)state;
    struct buffer b = {0};
    struct fingerprint whole = of("", words(&b, 0, 300));
    struct fingerprint part = of("", words(&b, 0, 270)); /* 266 of 296 shingles */
    struct fingerprint other = of("", words(&b, 1000, 300));
    double near = minhash_similarity(&whole.minhash, &part.minhash);
    assert_true(near > 0.86 && near < 0.94);
    assert_true(minhash_similarity(&whole.minhash, &other.minhash) < 0.02);
    assert_true(minhash_similarity(&whole.minhash, &whole.minhash) == 1.0);
    buffer_free(&b);
}

static void test_nothing_and_little(void **state)
{
    (void)state;
    struct fingerprint nothing = of("", " … !"), word = of("خبر", "");
    assert_string_equal(nothing.hex, "");
    uint64_t keys[MINHASH_BANDS];
    assert_int_equal(minhash_keys(&nothing.minhash, keys), 0);
    assert_int_equal(strlen(word.hex), 32);
    assert_int_equal(minhash_keys(&word.minhash, keys), MINHASH_BANDS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_spelling_and_punctuation_do_not_count),
        cmocka_unit_test(test_title_counts_for_short_bodies_only),
        cmocka_unit_test(test_words_are_parted),
        cmocka_unit_test(test_similarity),
        cmocka_unit_test(test_nothing_and_little),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

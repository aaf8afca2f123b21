#include "tests/unit/unit.h"

#include "libcommon/minhash.h"

#include <string.h>

static uint32_t next(uint32_t *state)
{
    *state = *state * 1664525 + 1013904223;
    return *state >> 8;
}

/* Signatures of two sets of count shingles each, of which same are in both. */
static void make(struct minhash *a, struct minhash *b, unsigned count, unsigned same, uint32_t seed)
{
    uint32_t least[2][MINHASH_BINS];
    memset(least, 0xff, sizeof least);
    for (unsigned i = 0; i < 2 * count - same; i++) {
        uint32_t bin = next(&seed) % MINHASH_BINS, value = next(&seed);
        if (i < count && value < least[0][bin])
            least[0][bin] = value;
        if (i >= count - same && value < least[1][bin])
            least[1][bin] = value;
    }
    for (unsigned i = 0; i < MINHASH_BINS; i++) {
        a->bins[i] = least[0][i] == UINT32_MAX ? 0 : (uint8_t)(least[0][i] % 255 + 1);
        b->bins[i] = least[1][i] == UINT32_MAX ? 0 : (uint8_t)(least[1][i] % 255 + 1);
    }
}

static void test_similarity_is_estimated(void **state)
{
    (void)state;
    static const unsigned counts[] = {12, 60, 250, 1000};
    for (unsigned c = 0; c < 4; c++)
        for (unsigned tenth = 0; tenth <= 10; tenth++) {
            unsigned count = counts[c], same = count * tenth / 10;
            double exact = (double)same / (2 * count - same), sum = 0;
            for (uint32_t seed = 1; seed <= 40; seed++) {
                struct minhash a, b;
                make(&a, &b, count, same, seed * 7919);
                sum += minhash_similarity(&a, &b);
                assert_true(tenth < 10 || minhash_similarity(&a, &b) == 1.0);
            }
            assert_true(sum / 40 > exact - 0.03 && sum / 40 < exact + 0.03);
        }
}

static void test_keys_meet(void **state)
{
    (void)state;
    unsigned near = 0, far = 0;
    for (uint32_t seed = 1; seed <= 300; seed++) {
        for (unsigned same = 225; same; same = same == 225 ? 40 : 0) { /* similarity 0.82, 0.09 */
            struct minhash a, b;
            make(&a, &b, 250, same, seed * 104729);
            uint64_t x[MINHASH_BANDS], y[MINHASH_BANDS];
            assert_int_equal(minhash_keys(&a, x), MINHASH_BANDS);
            assert_int_equal(minhash_keys(&b, y), MINHASH_BANDS);
            unsigned met = 0;
            for (unsigned i = 0; i < MINHASH_BANDS; i++) {
                assert_int_equal(x[i] >> 40, i);
                met += x[i] == y[i];
            }
            *(same == 225 ? &near : &far) += met > 0;
        }
    }
    assert_true(near >= 297);
    assert_true(far <= 6);
}

static void test_empty_and_single(void **state)
{
    (void)state;
    struct minhash none = {{0}}, one = {{0}};
    uint64_t keys[MINHASH_BANDS], again[MINHASH_BANDS];
    assert_int_equal(minhash_keys(&none, keys), 0);
    assert_true(minhash_similarity(&none, &none) == 0);
    one.bins[511] = 9;
    assert_true(minhash_similarity(&one, &none) == 0);
    assert_true(minhash_similarity(&one, &one) == 1);
    assert_int_equal(minhash_keys(&one, keys), MINHASH_BANDS);
    assert_int_equal(minhash_keys(&one, again), MINHASH_BANDS);
    assert_memory_equal(keys, again, sizeof keys);
    assert_int_equal(keys[3], 3ull << 40 | 0x0909090909ull);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_similarity_is_estimated),
        cmocka_unit_test(test_keys_meet),
        cmocka_unit_test(test_empty_and_single),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

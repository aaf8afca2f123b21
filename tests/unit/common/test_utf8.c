/* UTF-8: the well-formed and the ill-formed sequences of Unicode's table 3-7. */
#include "tests/unit/unit.h"
#include "libcommon/utf8.h"

#include <string.h>

static void accepts_every_scalar_value_and_no_surrogate(void **state)
{
    (void)state;
    for (uint32_t c = 0; c < 0x110000; c++) {
        char bytes[4];
        size_t size = utf8_put(c, bytes);
        bool surrogate = c >= 0xd800 && c < 0xe000;
        assert_int_equal(utf8_valid(bytes, size), !surrogate);
        if (surrogate)
            continue;
        size_t at = 0;
        assert_int_equal(utf8_next(bytes, &at), c);
        assert_int_equal(at, size);
        for (size_t cut = 1; cut < size; cut++)
            assert_int_equal(utf8_valid_prefix(bytes, cut), 0);
    }
}

static void refuses_ill_formed_sequences(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "\x80", "\xc0\x80",         "\xc1\xbf", "\xe0\x9f\xbf", "\xed\xa0\x80", "\xf0\x8f\xbf\xbf",
        "\xf5", "\xf4\x90\x80\x80", "\xff",     "\xd8",         "\xd8\x28",     "\xe2\x82"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        char line[32] = "12345678خبر";
        size_t good = strlen(line);
        strcat(line, bad[i]);
        assert_int_equal(utf8_valid_prefix(line, strlen(line)), good);
    }
    assert_int_equal(utf8_count("خبر عاجل", strlen("خبر عاجل")), 8);
}

/* Bad bytes at each place of a longer text, where blocks are looked at together. */
static void finds_bad_bytes_wherever_they_stand(void **state)
{
    (void)state;
    static const char text[] = "أعلنت اللجنة the committee، “اليوم” 2026 في بغداد € وأربيل";
    static const char *const bad[] = {"\x80", "\xc0\x80", "\xc1\xbf", "\xed\xa0\x80",
                                      "\xf5", "\xd8",     "\xe2\x82", "\xff"};
    for (size_t at = 0; at < sizeof text; at++) {
        if (((unsigned char)text[at] & 0xc0) == 0x80)
            continue;
        for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
            char line[2 * sizeof text] = "";
            memcpy(line, text, at);
            strcpy(line + at, bad[i]);
            strcat(line, text + at);
            assert_int_equal(utf8_valid_prefix(line, strlen(line)), at);
        }
        assert_int_equal(utf8_valid_prefix(text, at), at);
    }
}

/* Against counting byte by byte, at each offset and length of a longer text. */
static void counts_and_finds_the_last_wherever_they_stand(void **state)
{
    (void)state;
    static const char piece[] = "خبر a “b” 2026 \U0001f4f0 ";
    char text[160 * sizeof piece];
    size_t size = 0;
    for (unsigned i = 0; i < 160; i++, size += sizeof piece - 1)
        memcpy(text + size, piece, sizeof piece - 1);
    for (size_t from = 0; from < 20; from++)
        for (size_t to = from; to <= size; to += to < 200 ? 1 : 97) {
            size_t count = 0;
            for (size_t i = from; i < to; i++)
                count += ((unsigned char)text[i] & 0xc0) != 0x80;
            assert_int_equal(utf8_count(text + from, to - from), count);
        }
    uint32_t last = 0;
    for (size_t at = 0; at < sizeof piece - 1;) {
        last = utf8_next(piece, &at);
        assert_int_equal(utf8_last(piece, at), last);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_bad_bytes_wherever_they_stand),
        cmocka_unit_test(accepts_every_scalar_value_and_no_surrogate),
        cmocka_unit_test(counts_and_finds_the_last_wherever_they_stand),
        cmocka_unit_test(refuses_ill_formed_sequences),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

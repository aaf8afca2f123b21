/* Text hygiene and the normalised form. */
#include "tests/unit/unit.h"
#include "libcommon/text.h"
#include "libcommon/utf8.h"

#include <string.h>
#include <unicode/unorm2.h>
#include <unicode/ustring.h>

static struct arena *arena;

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

static void cleans_as_the_table_says(void **state)
{
    (void)state;
    static const struct {
        const char *from, *to;
        unsigned changes;
    } rows[] = {
        {"خبر عاجل", "خبر عاجل", 0},
        {"", "", 0},
        {"a\nb\tc", "a\nb\tc", 0},
        {"م\u064e\u0651د", "م\u064e\u0651د", 0},
        {"م\u0651\u064eد", "م\u064e\u0651د", TEXT_COMPOSED}, /* as it is typed: SHADDA before FATHA */
        {"مـــهم", "مـــهم", 0},
        {"a\r\nb\rc\u2028d\x0c", "a\nb\nc\nd\n", TEXT_SPACES},
        {"10\u00a0000\u202fدينار\u3000", "10 000 دينار ", TEXT_SPACES},
        {"\ufeffخبر\u00ad عا\u200bجل\u2060", "خبر عاجل", TEXT_INVISIBLE},
        {"a\x01\x7f\xc2\x80z", "az", TEXT_CONTROLS},
        /* ZWNJ: between joining letters, and elsewhere */
        {"می\u200cشود", "می\u200cشود", 0},
        {"ئه\u200cمه\u200c ", "ئه\u200cمه ", TEXT_INVISIBLE},
        {"کار\u200cها", "کارها", TEXT_INVISIBLE},
        {"می\u200c\u200cشود", "می\u200cشود", TEXT_INVISIBLE},
        {"ab\u200ccd", "abcd", TEXT_INVISIBLE},
        {"क्\u200cष", "क्\u200cष", 0},
        /* ZWJ */
        {"ه\u200d", "ه\u200d", 0},
        {"👩\u200d💻", "👩\u200d💻", 0},
        {" \u200dه", " ه", TEXT_INVISIBLE},
        /* bidirectional controls */
        {"\u2067abc\u2069", "\u2067abc\u2069", 0},
        {"\u2067abc\ndef\u2069", "\u2067abc\u2069\ndef", TEXT_BIDI},
        {"a\u2066\u2067b", "a\u2066\u2067b\u2069\u2069", TEXT_BIDI},
        {"\u2069a\u202eb\u202c", "ab", TEXT_BIDI},
        {"\u200f\u200fa\u200eb", "\u200fa\u200eb", TEXT_BIDI},
        /* presentation forms */
        {"\ufeb3\ufefc\ufee1", "سلام", TEXT_FORMS},
        {"\ufefb", "لا", TEXT_FORMS},
        {"\ufef5", "لآ", TEXT_FORMS | TEXT_COMPOSED},
        {"\ufdf2", "الله", TEXT_FORMS},
        {"ق\ufe76", "ق\u064e", TEXT_FORMS},
        {"محمد \ufdfa \ufd3eآية\ufd3f \ufdfc", "محمد \ufdfa \ufd3eآية\ufd3f \ufdfc", 0},
        {"\ufb7a\ufb56", "چپ", TEXT_FORMS},
        /* NFC */
        {"ا\u0653لاء", "آلاء", TEXT_COMPOSED},
        {"cafe\u0301\nلا", "café\nلا", TEXT_COMPOSED},
        {"e\u200b\u0301", "é", TEXT_INVISIBLE | TEXT_COMPOSED},
        {"\u212b", "\u00c5", TEXT_COMPOSED},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const char *text;
        size_t size;
        unsigned changes;
        assert_int_equal(text_clean(arena, rows[i].from, strlen(rows[i].from), &text, &size, &changes), 0);
        if (size != strlen(rows[i].to) || memcmp(text, rows[i].to, size) != 0)
            fail_msg("row %zu: '%s' became '%.*s', not '%s'", i, rows[i].from, (int)size, text, rows[i].to);
        if (changes != rows[i].changes)
            fail_msg("row %zu: '%s': changes %x, not %x", i, rows[i].from, changes, rows[i].changes);
        assert_true(text != rows[i].from || !changes);
        const char *again;
        assert_int_equal(text_clean(arena, text, size, &again, &size, &changes), 0);
        assert_int_equal(changes, 0);
    }
}

/* Every scalar value between letters: the result is NFC, and clean for good. */
static void leaves_nothing_for_a_second_cleaning(void **state)
{
    (void)state;
    UErrorCode status = U_ZERO_ERROR;
    const UNormalizer2 *nfc = unorm2_getNFCInstance(&status);
    static const char *const around[] = {"ب", "e\u0301", "a\u064e", "\u2067"};
    for (uint32_t c = 1; c < 0x110000; c++) {
        if (c >= 0xd800 && c < 0xe000)
            continue;
        char line[32];
        const char *side = around[c % 4];
        size_t size = strlen(strcpy(line, side));
        size += utf8_put(c, line + size);
        strcpy(line + size, side);
        size += strlen(side);
        const char *once, *twice;
        size_t once_size, twice_size;
        assert_int_equal(text_clean(arena, line, size, &once, &once_size, NULL), 0);
        assert_true(utf8_valid(once, once_size));
        UChar wide[64];
        int32_t length;
        u_strFromUTF8(wide, 64, &length, once, (int32_t)once_size, &status);
        assert_true(unorm2_isNormalized(nfc, wide, length, &status) && U_SUCCESS(status));
        assert_int_equal(text_clean(arena, once, once_size, &twice, &twice_size, NULL), 0);
        assert_int_equal(once_size, twice_size);
        assert_memory_equal(once, twice, once_size);
        arena_reset(arena);
    }
}

/* A character that needs work at each place of a longer text, where blocks are looked at together. */
static void finds_what_needs_work_wherever_it_stands(void **state)
{
    (void)state;
    static const char text[] = "أعلنت اللجنة العسكرية the committee، اليوم الأحد؛ عن إخلاء كافة القواعد ЦИК каждый";
    assert_int_equal(text_clean_prefix(text, strlen(text)), strlen(text));
    static const uint32_t odd[] = {0x01, 0x0d, 0x7f, 0x80, 0xa0, 0xad, 0x301, 0x61c, 0x653, 0x200c, 0x200f,
                                   0x2028, 0xfb50, 0xfeff, 0xfefb, 0xe0001};
    static const uint32_t marks[][2] = {{0x651, 0x64e}, {0x652, 0x64b}, {0x670, 0x64b}, {0x6d6, 0x650}};
    for (size_t at = 0; at < sizeof text; at++) {
        if (((unsigned char)text[at] & 0xc0) == 0x80)
            continue;
        char line[sizeof text + 16];
        memcpy(line, text, at);
        for (size_t i = 0; i < sizeof odd / sizeof *odd; i++) {
            size_t size = utf8_put(odd[i], line + at);
            strcpy(line + at + size, text + at);
            assert_int_equal(text_clean_prefix(line, strlen(line)), at);
        }
        for (size_t i = 0; i < sizeof marks / sizeof *marks; i++) {
            size_t first = utf8_put(marks[i][0], line + at), both = first + utf8_put(marks[i][1], line + at + first);
            strcpy(line + at + both, text + at);
            assert_int_equal(text_clean_prefix(line, strlen(line)), at + first);
        }
    }
}

static void says_when_the_arena_is_used_up(void **state)
{
    (void)state;
    struct arena *small;
    assert_int_equal(arena_new(64, &small), 0);
    const char *text;
    size_t size;
    static const char line[] = "a line that is longer than the arena is large\u00a0and needs cleaning";
    assert_int_equal(text_clean(small, line, strlen(line), &text, &size, NULL), -12);
    arena_free(small);
}

static void folds_what_readers_take_for_the_same(void **state)
{
    (void)state;
    static const char *const rows[][2] = {
        {"إسلام أحمد آمنة ٱلله", "اسلام احمد امنه الله"},
        {"مُحَمَّدٌ رَسُولُ", "محمد رسول"},
        {"مستشفى كبرى", "مستشفي كبري"},
        {"مســـؤول شؤون رئيس شيء", "مسوول شوون رييس شيء"},
        {"کتاب ایران یکشنبه", "كتاب ايران يكشنبه"},
        {"کوردستان هەولێر ڕۆژی", "كوردستان ههولير روژي"},
        {"می\u200cشود", "ميشود"},
        {"٢٠٢٦ ۲۰۲۶ 2026", "2026 2026 2026"},
        {"Ağustos ŞUBAT İstanbul ısı", "agustos subat istanbul isi"},
        {"Février ÉTÉ œuvre NAÏVE", "fevrier ete œuvre naive"},
        {"ΑΒΓ МОСКВА", "αβγ москва"},
        {"The quick BROWN fox @[`{ 0129", "the quick brown fox @[`{ 0129"},
        {"", ""},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char out[128];
        size_t size = text_fold(rows[i][0], strlen(rows[i][0]), out);
        if (size != strlen(rows[i][1]) || memcmp(out, rows[i][1], size) != 0)
            fail_msg("'%s' folds to '%.*s', not '%s'", rows[i][0], (int)size, out, rows[i][1]);
        memcpy(out, rows[i][0], strlen(rows[i][0]));
        assert_int_equal(text_fold(out, strlen(rows[i][0]), out), size); /* in place */
        assert_memory_equal(out, rows[i][1], size);
    }
}

static void folding_never_grows_and_is_stable(void **state)
{
    (void)state;
    for (uint32_t c = 1; c < 0x110000; c++) {
        if (c >= 0xd800 && c < 0xe000)
            continue;
        char bytes[8], out[8], again[8];
        size_t size = utf8_put(c, bytes), folded = text_fold(bytes, size, out);
        assert_true(folded <= size && utf8_valid(out, folded));
        assert_int_equal(text_fold(out, folded, again), folded);
        assert_memory_equal(out, again, folded);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(cleans_as_the_table_says, set_up, tear_down),
        cmocka_unit_test_setup_teardown(leaves_nothing_for_a_second_cleaning, set_up, tear_down),
        cmocka_unit_test(finds_what_needs_work_wherever_it_stands),
        cmocka_unit_test(says_when_the_arena_is_used_up),
        cmocka_unit_test(folds_what_readers_take_for_the_same),
        cmocka_unit_test(folding_never_grows_and_is_stable),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* One byte a letter: the alphabet in which classify compares words, whatever way they are spelt.
 *
 * Arabic letters fold to a base form: hamza carriers to their carrier (أ إ آ ٱ U+0623 U+0625 U+0622 U+0671 to ALEF,
 * ؤ to WAW, ئ to YEH), ة U+0629 to HEH, ى U+0649 to YEH, Persian and Urdu forms of KAF, YEH, HEH to the
 * Arabic ones; marks, U+0640 TATWEEL and joiners are dropped. Latin letters fold to a-z without
 * diacritics. The three digit blocks fold to 0-9. Letters of other scripts share the codes from 0xC0. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Codes below FOLD_FIRST_LETTER are no letters: what stands between words. */
enum {
    FOLD_SPACE = 1,
    FOLD_COMMA,
    FOLD_STOP,
    FOLD_COLON,
    FOLD_QUOTE,
    FOLD_OPEN,
    FOLD_CLOSE,
    FOLD_DASH,
    FOLD_OTHER,
    FOLD_LINE, /* U+000A */
    FOLD_SKIP, /* nothing at all: a mark or a joiner inside a word */
    FOLD_FIRST_LETTER = '0',
    FOLD_FIRST_LATIN = 'a',
    FOLD_FIRST_ARABIC = 0x80,
    FOLD_FIRST_FOREIGN = 0xc0,
};

/* The letters of Arabic in the order of their code points, then those of Persian and foreign names. */
enum {
    FOLD_HAMZA = FOLD_FIRST_ARABIC,
    FOLD_ALEF,
    FOLD_BEH,
    FOLD_TEH,
    FOLD_THEH,
    FOLD_JEEM,
    FOLD_HAH,
    FOLD_KHAH,
    FOLD_DAL,
    FOLD_THAL,
    FOLD_REH,
    FOLD_ZAIN,
    FOLD_SEEN,
    FOLD_SHEEN,
    FOLD_SAD,
    FOLD_DAD,
    FOLD_TAH,
    FOLD_ZAH,
    FOLD_AIN,
    FOLD_GHAIN,
    FOLD_FEH,
    FOLD_QAF,
    FOLD_KAF,
    FOLD_LAM,
    FOLD_MEEM,
    FOLD_NOON,
    FOLD_HEH,
    FOLD_WAW,
    FOLD_YEH,
    FOLD_PEH,
    FOLD_TCHEH,
    FOLD_JEH,
    FOLD_GAF,
    FOLD_VEH,
    FOLD_FIRST_OTHER_ARABIC, /* further letters of the script share the codes up to 0xBF */
};

extern const uint8_t fold_ascii[128], fold_latin[0x250 - 0xc0], fold_arabic[256];

/* The code of a code point outside the three tables. */
uint8_t fold_rare(uint32_t c);

static inline uint8_t fold_code(uint32_t c)
{
    if (c < 0x80)
        return fold_ascii[c];
    if (c - 0x600 < 0x100)
        return fold_arabic[c - 0x600];
    if (c - 0xc0 < sizeof fold_latin)
        return fold_latin[c - 0xc0];
    return fold_rare(c);
}

/* Folds a word or a phrase of well-formed UTF-8: letters only, words parted by one 0 byte. Returns how many bytes
 * it wrote to out, at most room. Letter for letter what tokens_add() makes of the same text. */
size_t fold_text(const char *text, size_t size, uint8_t *out, size_t room);

/* Language identification. */
#include "classify/language.h"

#include "libcommon/utf8.h"

static const struct {
    const char *tag;
} languages[LANGUAGE_COUNT] = {
    [LANGUAGE_OTHER] = {"und"},      [LANGUAGE_ARABIC] = {"ar"},  [LANGUAGE_PERSIAN] = {"fa"},
    [LANGUAGE_DARI] = {"fa-AF"},     [LANGUAGE_URDU] = {"ur"},    [LANGUAGE_SORANI] = {"ckb"},
    [LANGUAGE_KURMANJI] = {"kmr"},   [LANGUAGE_PASHTO] = {"ps"},  [LANGUAGE_UYGHUR] = {"ug"},
    [LANGUAGE_SINDHI] = {"sd"},      [LANGUAGE_AZERBAIJANI] = {"azb"},
    [LANGUAGE_TURKISH] = {"tr"},     [LANGUAGE_ENGLISH] = {"en"}, [LANGUAGE_FRENCH] = {"fr"},
};

static const char *const scripts[SCRIPT_COUNT] = {NULL, "Arab", "Latn", "Zyyy"};

const char *language_tag(enum language language)
{
    return (unsigned)language < LANGUAGE_COUNT ? languages[language].tag : NULL;
}

const char *script_code(enum script script)
{
    return (unsigned)script < SCRIPT_COUNT ? scripts[script] : NULL;
}

/* Letters that one language has and its neighbours lack, or use seldom. */
static enum language letter_of(uint32_t c)
{
    switch (c) {
    case 0x0695: case 0x06b5: case 0x06ce: return LANGUAGE_SORANI;
    case 0x067c: case 0x0689: case 0x0693: case 0x0696: case 0x069a: case 0x06bc: case 0x06cd:
        return LANGUAGE_PASHTO;
    case 0x06c7: case 0x06c8: case 0x06ad: return LANGUAGE_UYGHUR;
    case 0x0679: case 0x0688: case 0x0691: case 0x06ba: case 0x06d2: return LANGUAGE_URDU;
    case 0x067a: case 0x067f: case 0x0680: case 0x0684: case 0x06aa: return LANGUAGE_SINDHI;
    case 0x067e: case 0x0686: case 0x06af: case 0x0698: case 0x06a9: case 0x06cc:
        return LANGUAGE_PERSIAN;
    default: return LANGUAGE_ARABIC;
    }
}

struct language_guess language_identify(const char *text, size_t size)
{
    size_t letters[SCRIPT_COUNT] = {0}, own[LANGUAGE_COUNT] = {0};
    for (size_t at = 0; at < size;) {
        uint32_t c = utf8_next(text, &at);
        if ((c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= 0xc0 && c < 0x250)) {
            letters[SCRIPT_LATIN]++;
        } else if (c >= 0x620 && c < 0x6d4 && (c < 0x640 || c > 0x66f || c == 0x641)) {
            letters[SCRIPT_ARABIC]++;
            own[letter_of(c)]++;
        } else if (c >= 0x370) {
            letters[SCRIPT_OTHER]++;
        }
    }
    struct language_guess guess = {.language = LANGUAGE_OTHER};
    for (int s = SCRIPT_ARABIC; s < SCRIPT_COUNT; s++)
        if (letters[s] > letters[guess.script])
            guess.script = s;
    if (guess.script != SCRIPT_ARABIC)
        return guess;
    guess.language = LANGUAGE_ARABIC;
    guess.confidence = 0.5f;
    for (int l = LANGUAGE_PERSIAN; l < LANGUAGE_COUNT; l++)
        if (own[l] * 50 > letters[SCRIPT_ARABIC] &&
            (guess.language == LANGUAGE_ARABIC || guess.language == LANGUAGE_PERSIAN ||
             own[l] > own[guess.language]))
            guess.language = l;
    return guess;
}

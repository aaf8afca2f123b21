/* Kurdish in Arabic script: prepositions stand alone in Kurmanji (ل, ب, ژ) and carry a vowel in Sorani (لە, بە). */
#include "classify/language_kurmanji.h"

#include <stdint.h>
#include <string.h>

enum { MAX_WORDS = 300 };

/* +1: Kurmanji, -1: Sorani. */
static const struct {
    const char *word;
    int8_t vote;
} words[] = {
    /* clang-format off */
    {"ئێستا", -1}, {"ئێمە", -1}, {"ئێک", +1}, {"ئەم", -1}, {"ئەمە", -1}, {"ئەڤ", +1},
    {"ئەڤە", +1}, {"ب", +1}, {"بتنێ", +1}, {"بوو", -1}, {"بوون", -1}, {"بوونە", +1}, {"بۆ", -1},
    {"بە", -1}, {"بەم", -1}, {"بەو", -1}, {"تە", +1}, {"تەنها", -1}, {"د", +1}, {"دبیت", +1},
    {"دوای", -1}, {"دکەت", +1}, {"دکەن", +1}, {"دگەل", +1}, {"دێ", +1}, {"دەبێت", -1},
    {"دەکات", -1}, {"دەکەن", -1}, {"زۆر", -1}, {"ل", +1}, {"لێ", +1}, {"لە", -1}, {"لەسەر", -1},
    {"لەم", -1}, {"لەو", -1}, {"لەگەڵ", -1}, {"مە", +1}, {"نها", +1}, {"نوکە", +1}, {"نییە", -1},
    {"نە", +1}, {"هاتینە", +1}, {"هاتیە", +1}, {"هەوە", +1}, {"وی", +1}, {"وێ", +1}, {"پشتی", +1},
    {"ژ", +1}, {"کراوە", -1}, {"کرد", -1}, {"کردووە", -1}, {"کریە", +1}, {"کو", +1}, {"کە", -1},
    {"گەلەک", +1}, {"یا", +1}, {"یێ", +1}, {"یەک", -1},
    /* clang-format on */
};

static int vote_of(const char *word, size_t size)
{
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strlen(words[i].word) == size && !memcmp(words[i].word, word, size))
            return words[i].vote;
    return 0;
}

bool kurmanji_in_arabic(const char *text, size_t size, float *ret_confidence)
{
    size_t votes[2] = {0}, count = 0;
    for (size_t at = 0; at < size && count < MAX_WORDS; count++) {
        size_t length = 0;
        while (at + length < size && !strchr(" \n\t.,:\"()", text[at + length]))
            length++;
        int vote = vote_of(text + at, length);
        votes[0] += vote < 0;
        votes[1] += vote > 0;
        at += length + 1;
    }
    if (votes[1] < 3 || votes[1] < 3 * votes[0])
        return false;
    *ret_confidence = (float)votes[1] / (float)(votes[0] + votes[1] + 1);
    return true;
}

/* From words to keys. */
#include "classify/subject_features.h"

#include "classify/stem.h"

#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

enum { YEAR_DIGITS = 4 };

/* Keep words and pairs apart from stems. */
static const uint64_t WORD_SALT = 0x9e3779b97f4a7c15u, PAIR_SALT = 0xff51afd7ed558ccdu;

/* Years keep their decade, other numbers only the count of their digits. */
static uint64_t hash_number(const uint8_t *digits, size_t count)
{
    uint8_t kept[YEAR_DIGITS] = {'0', (uint8_t)('0' + count)};
    if (count != YEAR_DIGITS || digits[0] != '2')
        return XXH3_64bits(kept, 2);
    memcpy(kept, digits, YEAR_DIGITS);
    kept[YEAR_DIGITS - 1] = '0';
    return XXH3_64bits(kept, YEAR_DIGITS);
}

uint64_t subject_stem(const struct tokens *t, const struct token *word)
{
    const uint8_t *letters = t->folded + word->folded;
    size_t size = word->letters;
    if (word->kind == TOKEN_NUMBER)
        return hash_number(letters, size);
    if (word->kind != TOKEN_ARABIC)
        return word->hash;
    letters = stem_light(letters, size, &size);
    return XXH3_64bits(letters, size);
}

size_t subject_keys(const struct tokens *t, struct subject_key out[SUBJECT_KEYS])
{
    size_t words = t->count < SUBJECT_WORDS ? t->count : SUBJECT_WORDS, count = 0;
    uint64_t before = 0;
    for (size_t i = 0; i < words; i++) {
        const struct token *word = &t->items[i];
        enum subject_field field = i < t->parts[PART_TITLE].count ? SUBJECT_TITLE
                                   : word->paragraph == 0         ? SUBJECT_LEAD
                                                                  : SUBJECT_BODY;
        uint64_t stem = subject_stem(t, word);
        out[count++] = (struct subject_key){stem, (uint8_t)field, true};
        if (field != SUBJECT_BODY) {
            out[count++] = (struct subject_key){word->hash * WORD_SALT, (uint8_t)field, false};
            if (!(word->gap & GAP_LINE))
                out[count++] = (struct subject_key){(stem ^ before * WORD_SALT) * PAIR_SALT,
                                                    (uint8_t)field, false};
        }
        before = stem;
    }
    return count;
}

/* From words to keys. */
#include "classify/subject_features.h"

#include "classify/fold.h"
#include "classify/stem.h"

#include <endian.h>
#include <stdbool.h>
#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

enum { YEAR_DIGITS = 4 };

/* Keep kinds of keys apart. */
static const uint64_t WORD_SALT = 0x9e3779b97f4a7c15u, PAIR_SALT = 0xff51afd7ed558ccdu,
                      LETTERS_SALT = 0xc4ceb9fe1a85ec53u, SPACE_SALT = 0x9fb21c651e98df25u;

enum { RUN = sizeof(uint32_t) }; /* letters, the marks at the ends of a word included */

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

static uint64_t stem_key(const struct tokens *t, const struct token *word)
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

/* The keys of an article while they are written. */
struct writer {
    struct subject_key *out;
    size_t count;
};

static void put(struct writer *w, enum subject_space space, uint64_t key)
{
    key = (key ^ (uint64_t)(space + 1) * WORD_SALT) * SPACE_SALT;
    key = (key ^ key >> 35) * SPACE_SALT;
    w->out[w->count++] = (struct subject_key){key ^ key >> 28, (uint8_t)space};
}

/* Runs over the word with a mark at either end. */
static void put_letters(struct writer *w, enum subject_space space, const struct tokens *t,
                        const struct token *word)
{
    uint8_t letters[SUBJECT_SPELT_LETTERS + 2] = {FOLD_SPACE};
    size_t size = word->letters < SUBJECT_SPELT_LETTERS ? word->letters : SUBJECT_SPELT_LETTERS;
    memcpy(letters + 1, t->folded + word->folded, size);
    letters[size + 1] = FOLD_SPACE;
    for (size_t at = 0; at + RUN <= size + 2; at++) {
        uint32_t run;
        memcpy(&run, letters + at, sizeof run);
        put(w, space, (le32toh(run) + 1) * LETTERS_SALT);
    }
}

/* A word as the keys of one space. */
struct word_keys {
    uint64_t word, stem, pair;
};

static void put_word(struct writer *w, enum subject_space space, const struct word_keys *keys)
{
    put(w, space, keys->stem);
    put(w, space, keys->word * WORD_SALT);
    put(w, space, keys->pair);
}

size_t subject_keys(const struct tokens *t, struct subject_key out[SUBJECT_KEYS])
{
    size_t words = t->count < SUBJECT_WORDS ? t->count : SUBJECT_WORDS;
    bool alone = !t->parts[PART_BODY].count;
    struct writer w = {out, 0};
    uint64_t before = 0;
    for (size_t i = 0; i < words; i++) {
        const struct token *word = &t->items[i];
        bool title = i < t->parts[PART_TITLE].count, opening = title || word->paragraph == 0;
        uint64_t stem = stem_key(t, word);
        before = word->gap & GAP_LINE ? 0 : before;
        struct word_keys keys = {word->hash, stem, (stem ^ before * WORD_SALT) * PAIR_SALT};
        before = stem;
        put_word(&w, alone ? SUBJECT_ALONE : SUBJECT_TEXT, &keys);
        if (opening && !alone)
            put_word(&w, title ? SUBJECT_TITLE : SUBJECT_LEAD, &keys);
        if (opening && i < SUBJECT_SPELT)
            put_letters(&w, alone ? SUBJECT_ALONE : SUBJECT_LETTERS, t, word);
    }
    return w.count;
}

/* Words that stand around an article on any news site: one table of folded phrases, looked up by
 * halving. */
#include "parse/furniture.h"

#include "libcommon/text.h"
#include "libcommon/utf8.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <unicode/uchar.h>

static const struct {
    const char *phrase;
    unsigned flags;
} table[] = {
#include "parse/furniture.inc"
};

enum {
    ROWS = sizeof table / sizeof *table,
    HEAD_WORDS = 6,
    HEAD_MAX = 72,
    PHRASE_BITS = 1 << 16,
    LETTERS = 0x780,
};

#define HASH_SEED 2166136261u

const char *furniture_row(size_t i)
{
    return i < ROWS ? table[i].phrase : NULL;
}

/* What the table tells quickly: which phrases it may have and which first words, by a bit each, and
 * which of the usual code points are letters. */
static struct {
    uint8_t phrases[PHRASE_BITS / 8], firsts[PHRASE_BITS / 8], letters[LETTERS];
} known;

static uint32_t hash_byte(uint32_t hash, char byte)
{
    return (hash ^ (unsigned char)byte) * 16777619u; /* FNV-1a */
}

static uint32_t phrase_bit(uint32_t hash)
{
    return (hash ^ hash >> 15) % PHRASE_BITS;
}

static void set_bit(uint8_t *bits, uint32_t hash)
{
    bits[phrase_bit(hash) / 8] |= (uint8_t)(1 << phrase_bit(hash) % 8);
}

static bool has_bit(const uint8_t *bits, uint32_t hash)
{
    return bits[phrase_bit(hash) / 8] >> phrase_bit(hash) % 8 & 1;
}

static void learn(void)
{
    for (size_t row = 0; row < ROWS; row++) {
        uint32_t hash = HASH_SEED;
        const char *p = table[row].phrase;
        for (; *p && *p != ' '; p++)
            hash = hash_byte(hash, *p);
        set_bit(known.firsts, hash);
        for (; *p; p++)
            hash = hash_byte(hash, *p);
        set_bit(known.phrases, hash);
    }
    for (uint32_t c = 0; c < LETTERS; c++)
        known.letters[c] =
            c < 0x80 ? (c | 0x20) >= 'a' && (c | 0x20) <= 'z' : u_isalpha((UChar32)c);
}

static unsigned look_up(const char *key, size_t size, uint32_t hash)
{
    size_t low = 0, high = ROWS;
    if (!has_bit(known.phrases, hash))
        return FURNITURE_NONE;
    while (low < high) {
        size_t middle = (low + high) / 2;
        int order = strncmp(table[middle].phrase, key, size);
        if (order == 0)
            order = table[middle].phrase[size] != '\0';
        if (order == 0)
            return table[middle].flags;
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return FURNITURE_NONE;
}

static bool letter(uint32_t c)
{
    return c < LETTERS ? known.letters[c] : u_isalpha((UChar32)c);
}

/* Folded letters and single spaces. */
struct key {
    char text[FURNITURE_TEXT_MAX + 8];
    size_t size;
    size_t words;
    struct {
        uint16_t size,
            source;    /* of the key up to the end of the word; where the word ends in the text */
        uint32_t hash; /* of that part of the key */
    } ends[HEAD_WORDS], last,
        mark; /* of the first words; of all; before the first colon, bar or dash */
    bool marked;
};

static bool head_mark(uint32_t c)
{
    return c == ':' || c == '|' || c == 0x2013 || c == 0x2014 || c == 0xbb;
}

static void key_end_word(struct key *key, size_t source, uint32_t *hash)
{
    if (!key->size || key->text[key->size - 1] == ' ')
        return;
    key->last.size = (uint16_t)key->size;
    key->last.source = (uint16_t)source;
    key->last.hash = *hash;
    if (key->words < HEAD_WORDS)
        key->ends[key->words] = key->last;
    key->words++;
    key->text[key->size++] = ' ';
    *hash = hash_byte(*hash, ' ');
}

/* False: no phrase of the table begins with the first word. */
static bool key_make(const char *text, size_t size, struct key *key)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    uint32_t hash = HASH_SEED;
    pthread_once(&once, learn);
    key->size = key->words = 0;
    key->last.size = 0;
    key->marked = false;
    for (size_t at = 0; at < size;) {
        size_t start = at;
        uint32_t c = utf8_next(text, &at);
        uint32_t folded = text_fold_char(c);
        if (!folded)
            continue;
        if (letter(folded)) {
            size_t before = key->size;
            key->size += utf8_put(folded, key->text + key->size);
            for (; before < key->size; before++)
                hash = hash_byte(hash, key->text[before]);
            continue;
        }
        key_end_word(key, start, &hash);
        if (key->words == 1 && !has_bit(known.firsts, key->last.hash))
            return false;
        if (head_mark(c) && !key->marked && key->size) {
            key->marked = true;
            key->mark = key->last;
            key->mark.source = (uint16_t)at;
        }
    }
    key_end_word(key, size, &hash);
    return true;
}

static unsigned whole_line(const struct key *key)
{
    return key->size ? look_up(key->text, key->last.size, key->last.hash) : FURNITURE_PLAIN;
}

static unsigned head(const struct key *key, size_t *ret_rest)
{
    unsigned flags =
        key->marked ? look_up(key->text, key->mark.size, key->mark.hash) : FURNITURE_NONE;
    if (flags) {
        *ret_rest = key->mark.source;
        return flags;
    }
    for (size_t w = key->words < HEAD_WORDS ? key->words : HEAD_WORDS; w-- > 1;) {
        flags = look_up(key->text, key->ends[w].size, key->ends[w].hash);
        if (flags & (FURNITURE_RELATED | FURNITURE_END)) {
            *ret_rest = key->ends[w].source;
            return flags;
        }
    }
    return FURNITURE_NONE;
}

void furniture_look(const char *text, size_t size, struct furniture_look *ret)
{
    struct key key;
    size_t taken = size <= FURNITURE_TEXT_MAX ? size : HEAD_MAX;
    *ret = (struct furniture_look){0};
    while (taken < size && ((unsigned char)text[taken] & 0xc0) == 0x80)
        taken--;
    if (!key_make(text, taken, &key))
        return;
    ret->line = taken == size ? whole_line(&key) : FURNITURE_NONE;
    if (!ret->line)
        ret->head = head(&key, &ret->rest);
}

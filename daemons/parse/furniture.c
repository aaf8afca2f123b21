/* Words that stand around an article on any news site: one table of folded phrases, looked up by
 * halving. */
#include "parse/furniture.h"

#include "libcommon/text.h"
#include "libcommon/utf8.h"

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

enum { ROWS = sizeof table / sizeof *table, HEAD_WORDS = 6, HEAD_MAX = 72 };

const char *furniture_row(size_t i)
{
    return i < ROWS ? table[i].phrase : NULL;
}

static unsigned look_up(const char *key, size_t size)
{
    size_t low = 0, high = ROWS;
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
    if (c < 0x80)
        return (c | 0x20) >= 'a' && (c | 0x20) <= 'z';
    return u_isalpha((UChar32)c);
}

/* Folded letters and single spaces; ends[w]: where word w ends in the key, starts[w]: where it ends
 * in text. Stops at the mark that parts a head from its rest when stop is set. */
struct key {
    char text[FURNITURE_TEXT_MAX + 8];
    size_t size;
    size_t words;
    uint16_t ends[HEAD_WORDS], sources[HEAD_WORDS];
    bool marked;        /* a colon, bar or dash was met */
    size_t mark_source; /* behind it */
    size_t mark_size;   /* of the key before it */
};

static bool head_mark(uint32_t c)
{
    return c == ':' || c == '|' || c == 0x2013 || c == 0x2014 || c == 0xbb;
}

static void key_end_word(struct key *key, size_t source)
{
    if (!key->size || key->text[key->size - 1] == ' ')
        return;
    if (key->words < HEAD_WORDS) {
        key->ends[key->words] = (uint16_t)key->size;
        key->sources[key->words] = (uint16_t)source;
    }
    key->words++;
    key->text[key->size++] = ' ';
}

static void key_make(const char *text, size_t size, struct key *key)
{
    key->size = key->words = 0;
    key->marked = false;
    for (size_t at = 0; at < size;) {
        size_t start = at;
        uint32_t c = utf8_next(text, &at);
        uint32_t folded = text_fold_char(c);
        if (!folded)
            continue;
        if (letter(folded)) {
            key->size += utf8_put(folded, key->text + key->size);
            continue;
        }
        key_end_word(key, start);
        if (head_mark(c) && !key->marked && key->size) {
            key->marked = true;
            key->mark_source = at;
            key->mark_size = key->size;
        }
    }
    key_end_word(key, size);
}

/* The size of the first words of a key without the space behind them. */
static size_t trimmed(size_t size)
{
    return size ? size - 1 : 0;
}

unsigned furniture_line(const char *text, size_t size)
{
    struct key key;
    if (size > FURNITURE_TEXT_MAX)
        return FURNITURE_NONE;
    key_make(text, size, &key);
    return key.size ? look_up(key.text, trimmed(key.size)) : FURNITURE_PLAIN;
}

unsigned furniture_head(const char *text, size_t size, size_t *ret_rest)
{
    struct key key;
    size_t taken = size < FURNITURE_TEXT_MAX ? size : HEAD_MAX;
    while (taken < size && ((unsigned char)text[taken] & 0xc0) == 0x80)
        taken--;
    key_make(text, taken, &key);
    if (key.marked) {
        unsigned flags = look_up(key.text, trimmed(key.mark_size));
        if (flags) {
            *ret_rest = key.mark_source;
            return flags;
        }
    }
    size_t words = key.words < HEAD_WORDS ? key.words : HEAD_WORDS;
    for (size_t w = words; w-- > 1;) {
        unsigned flags = look_up(key.text, key.ends[w]);
        if (flags & (FURNITURE_RELATED | FURNITURE_END)) {
            *ret_rest = key.sources[w];
            return flags;
        }
    }
    return FURNITURE_NONE;
}

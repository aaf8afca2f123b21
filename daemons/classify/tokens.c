/* Finding words: one pass over the code points of a text. */
#include "classify/tokens.h"

#include "libcommon/utf8.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

enum { FOLDED_PADDING = 16 };

static const uint16_t gap_of_code[FOLD_FIRST_LETTER] = {
    [FOLD_SPACE] = GAP_SPACE, [FOLD_COMMA] = GAP_COMMA, [FOLD_STOP] = GAP_STOP,
    [FOLD_COLON] = GAP_COLON, [FOLD_QUOTE] = GAP_QUOTE, [FOLD_OPEN] = GAP_OPEN,
    [FOLD_CLOSE] = GAP_CLOSE, [FOLD_DASH] = GAP_DASH,   [FOLD_OTHER] = GAP_OTHER,
    [FOLD_LINE] = GAP_LINE,
};

static enum token_kind kind_of(uint8_t code)
{
    if (code >= FOLD_FIRST_FOREIGN)
        return TOKEN_FOREIGN;
    if (code >= FOLD_FIRST_ARABIC)
        return TOKEN_ARABIC;
    return code >= FOLD_FIRST_LATIN ? TOKEN_LATIN : TOKEN_NUMBER;
}

/* Room for every word and letter that size bytes can hold: a letter takes a byte at least, and is a word at worst. */
static int reserve(struct tokens *t, size_t size)
{
    size_t letters = t->folded_size + 2 * size + FOLDED_PADDING;
    if (letters > t->folded_capacity) {
        uint8_t *folded = realloc(t->folded, letters + letters / 2);
        if (!folded)
            return -ENOMEM;
        t->folded = folded;
        t->folded_capacity = letters + letters / 2;
    }
    return 0;
}

static struct token *next_item(struct tokens *t)
{
    if (t->count == t->capacity) {
        size_t capacity = t->capacity ? 2 * t->capacity : 512;
        struct token *items = realloc(t->items, capacity * sizeof *items);
        if (!items)
            return NULL;
        t->items = items;
        t->capacity = capacity;
    }
    return &t->items[t->count];
}

void tokens_clear(struct tokens *t)
{
    t->count = t->folded_size = 0;
    memset(t->parts, 0, sizeof t->parts);
}

void tokens_free(struct tokens *t)
{
    free(t->items);
    free(t->folded);
    *t = (struct tokens){0};
}

/* Reads one word, whose first code point is at *at, into *item; moves *at behind its last letter. */
static void read_word(struct tokens *t, const char *text, size_t size, size_t *at, uint8_t code,
                      size_t after, struct token *item)
{
    uint8_t *letters = t->folded + t->folded_size;
    size_t count = 0, end = after;
    enum token_kind kind = kind_of(code);
    item->capital = text[*at] >= 'A' && text[*at] <= 'Z';
    item->start = (uint32_t)*at;
    letters[count++] = code;
    while (after < size && count < TOKEN_LETTERS) {
        code = fold_code(utf8_next(text, &after));
        if (code == FOLD_SKIP) {
            end = after;
            continue;
        }
        if (code < FOLD_FIRST_LETTER || kind_of(code) != kind)
            break;
        letters[count++] = code;
        end = after;
    }
    letters[count] = 0;
    item->length = (uint32_t)(end - *at);
    item->folded = (uint32_t)t->folded_size;
    item->letters = (uint8_t)count;
    item->kind = (uint8_t)kind;
    item->hash = XXH3_64bits(letters, count);
    t->folded_size += count + 1;
    *at = end;
}

int tokens_add(struct tokens *t, enum token_part part, const char *text, size_t size)
{
    struct token_text *p = &t->parts[part];
    *p = (struct token_text){.text = text, .size = size, .first = t->count};
    int r = reserve(t, size);
    if (r < 0)
        return r;
    uint16_t gap = GAP_LINE, paragraph = 0;
    for (size_t at = 0; at < size;) {
        size_t after = at;
        uint8_t code = fold_code(utf8_next(text, &after));
        if (code < FOLD_FIRST_LETTER) {
            gap |= gap_of_code[code];
            at = after;
            continue;
        }
        struct token *item = next_item(t);
        if (!item)
            return -ENOMEM;
        read_word(t, text, size, &at, code, after, item);
        if (gap & GAP_LINE && t->count > p->first && paragraph < UINT16_MAX)
            paragraph++;
        item->paragraph = paragraph;
        item->gap = gap;
        gap = GAP_NONE;
        t->count++;
    }
    p->count = t->count - p->first;
    p->last_gap = gap;
    memset(t->folded + t->folded_size, 0, FOLDED_PADDING);
    return 0;
}

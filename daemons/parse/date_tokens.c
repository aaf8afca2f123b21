/* Running text cut into what dates are made of. */
#include "parse/date_tokens.h"

#include "libcommon/utf8.h"

#include <errno.h>

static int digit(uint32_t c)
{
    if (c >= '0' && c <= '9')
        return (int)(c - '0');
    if (c >= 0x660 && c <= 0x669) /* ARABIC-INDIC */
        return (int)(c - 0x660);
    if (c >= 0x6f0 && c <= 0x6f9) /* EXTENDED ARABIC-INDIC */
        return (int)(c - 0x6f0);
    return -1;
}

static bool letter(uint32_t c)
{
    if (c < 0x80)
        return (c | 0x20) >= 'a' && (c | 0x20) <= 'z';
    return (c >= 0xc0 && c < 0x250) || (c >= 0x620 && c <= 0x65f) || (c >= 0x66e && c <= 0x6d3) ||
           c == 0x6d5 || (c >= 0x6ee && c <= 0x6ef) || (c >= 0x6fa && c <= 0x6ff) || c == 0x640 ||
           c == 0x200c || c == 0x200d;
}

static bool blank(uint32_t c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == 0xa0 || c == 0x200e || c == 0x200f;
}

static size_t cut_number(const char *text, size_t size, size_t at, struct date_token *t)
{
    unsigned digits = 0;
    int64_t number = 0;
    while (at < size) {
        size_t next = at;
        int d = digit(utf8_next(text, &next));
        if (d < 0)
            break;
        if (digits < 18)
            number = number * 10 + d;
        digits += digits < 255;
        at = next;
    }
    t->kind = TOKEN_NUMBER;
    t->digits = (uint8_t)(digits > 18 ? 255 : digits);
    t->number = number;
    t->value = digits <= 9 ? (int)number : -1;
    return at;
}

static size_t cut_word(const char *text, size_t size, size_t at, struct date_token *t)
{
    size_t start = at, next = at, clitic = 0;
    while (next < size && letter(utf8_next(text, &next)))
        at = next;
    char folded[DATE_WORD_SIZE];
    size_t length = at - start < DATE_WORD_SIZE * 2 ? date_word_fold(text + start, at - start, folded) : 0;
    t->kind = TOKEN_WORD;
    t->word = length ? (uint8_t)date_word_find(folded, length, &t->value, &clitic) : WORD_OTHER;
    t->start += (uint32_t)clitic;
    return at;
}

int date_tokens_cut(struct arena *arena, const char *text, size_t size, struct date_token **ret, size_t *ret_count)
{
    struct date_token *tokens = NULL;
    size_t count = 0, capacity = 0;
    bool space = false;
    if (size > UINT32_MAX)
        return -ENOMEM;
    for (size_t at = 0; at < size;) {
        size_t next = at;
        uint32_t c = utf8_next(text, &next);
        if (blank(c)) {
            space = true;
            at = next;
            continue;
        }
        tokens = arena_grow(arena, tokens, sizeof *tokens, count + 1, &capacity);
        if (!tokens)
            return -ENOMEM;
        struct date_token *t = &tokens[count++];
        *t = (struct date_token){.space = space, .start = (uint32_t)at};
        if (digit(c) >= 0) {
            at = cut_number(text, size, at, t);
        } else if (letter(c)) {
            at = cut_word(text, size, at, t);
        } else {
            t->kind = TOKEN_SIGN;
            t->value = (int)c;
            at = next;
        }
        t->end = (uint32_t)at;
        space = false;
    }
    *ret = tokens;
    *ret_count = count;
    return 0;
}

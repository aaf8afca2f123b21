/* Text cut, as far as it is asked for, into what dates are made of: numbers in any digit block,
 * words, single signs. */
#pragma once

#include "parse/date_words.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum date_token_kind { TOKEN_END, TOKEN_NUMBER, TOKEN_WORD, TOKEN_SIGN };

struct date_token {
    uint8_t kind;                 /* enum date_token_kind */
    bool space;                   /* white space stands before it */
    bool article;                 /* the word has the article al- */
    char clitic;                  /* conjunction or preposition cut off: w f b l k; 0: none */
    uint8_t digits;               /* of a number; 255 for one of more than 18, which has no value */
    const struct date_word *word; /* NULL: no word of dates */
    int64_t value;                /* of a number; the code point of a sign */
    uint32_t start, end;          /* bytes; start is behind the clitics */
};

enum { DATE_TOKENS = 48 }; /* no date is longer; what follows reads as TOKEN_END */

struct date_tokens {
    const char *text;
    size_t size, next; /* next: where the token after the last begins */
    unsigned count;
    struct date_token items[DATE_TOKENS];
};

/* Begins to cut at a byte of text; the text is well-formed UTF-8. */
void date_tokens_begin(struct date_tokens *t, const char *text, size_t size, size_t at);

void date_tokens_more(struct date_tokens *t); /* cuts one more */

static inline const struct date_token *date_token(struct date_tokens *t, size_t index)
{
    if (index >= DATE_TOKENS)
        index = DATE_TOKENS - 1;
    while (t->count <= index)
        date_tokens_more(t);
    return &t->items[index];
}

/* The next place from at where a date may begin: a number or a word that may be one of dates; size
 * when there is none. */
size_t date_candidate(const char *text, size_t size, size_t at);

/* Where the word or number at a byte ends. */
size_t date_skip(const char *text, size_t size, size_t at);

/* The word before a byte of text: its entry, or NULL. *ret_start: where it begins, at if nothing
 * but white space stands there. */
const struct date_word *date_word_before(const char *text, size_t at, size_t *ret_start);

/* Running text cut into what dates are made of: numbers in any digit block, words of the table, single signs. */
#pragma once

#include "libcommon/arena.h"
#include "parse/date_words.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum date_token_kind { TOKEN_NUMBER, TOKEN_WORD, TOKEN_SIGN };

struct date_token {
    uint8_t kind;    /* enum date_token_kind */
    uint8_t word;    /* enum date_word_kind, of a word */
    uint8_t digits;  /* of a number, at most 19; a longer one has 255 and no value */
    bool space;      /* white space stands before it */
    int value;       /* of a number of at most 9 digits, of a word; the code point of a sign */
    int64_t number;  /* of a number */
    uint32_t start, end; /* bytes; start behind a clitic of a word that has a meaning */
};

/* Cuts text; tokens live in the arena. 0; -ENOMEM. Words without a meaning are tokens too. */
int date_tokens_cut(struct arena *arena, const char *text, size_t size, struct date_token **ret, size_t *ret_count);

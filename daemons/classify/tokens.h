/* The words of an article, found and folded once, in one pass, for every step of classify.
 *
 * A word is a run of letters of one kind: Arabic, Latin, digits, other scripts. A change of kind starts a new
 * word with gap GAP_NONE: "و35" is two words. Marks and joiners belong to no word and part none. */
#pragma once

#include "classify/fold.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum token_kind { TOKEN_ARABIC, TOKEN_LATIN, TOKEN_NUMBER, TOKEN_FOREIGN };

/* What stands between a word and the one before it; flags, as several things may. */
enum {
    GAP_NONE = 0, /* nothing: only the kind of letter changes */
    GAP_SPACE = 1 << 0,
    GAP_COMMA = 1 << 1, /* and semicolons */
    GAP_STOP = 1 << 2,  /* . ! ? and their Arabic forms, ellipsis */
    GAP_COLON = 1 << 3,
    GAP_QUOTE = 1 << 4, /* a quotation mark that is the same at both ends, or curly */
    GAP_OPEN = 1 << 5,  /* brackets and angle quotation marks, as Unicode names them */
    GAP_CLOSE = 1 << 6,
    GAP_DASH = 1 << 7,
    GAP_OTHER = 1 << 8,
    GAP_LINE = 1 << 9,  /* a new paragraph; also before the first word of a part */
};

enum token_part { PART_TITLE, PART_BODY, PART_COUNT };

enum { TOKEN_LETTERS = 40 }; /* longer words are cut into words of this length */

struct token {
    uint64_t hash;      /* XXH3, seed 0, of the folded letters */
    uint32_t start;     /* bytes from the start of the part's text */
    uint32_t length;    /* bytes in the part's text; marks inside count */
    uint32_t folded;    /* where its letters start in tokens.folded */
    uint16_t paragraph; /* of its part, from 0, as lines that have words; stays at 65535 */
    uint16_t gap;       /* GAP_… before it */
    uint8_t letters;    /* how many, 1 to TOKEN_LETTERS */
    uint8_t kind;       /* enum token_kind */
    bool capital;       /* begins with a Latin capital (ASCII) */
};

struct tokens {
    struct token *items; /* of all parts, in the order in which they were added */
    size_t count, capacity;
    uint8_t *folded; /* letters of all words, a 0 byte behind each word; 16 bytes behind the last may be read */
    size_t folded_size, folded_capacity;
    struct token_text {
        const char *text; /* borrowed */
        size_t size;
        size_t first, count; /* its words in items */
        uint16_t last_gap;   /* what stands behind the last word */
    } parts[PART_COUNT];
};

/* Forgets the words, keeps the memory. A struct tokens starts as zeros. */
void tokens_clear(struct tokens *t);

/* Finds the words of well-formed UTF-8, which must outlive their use; each part once, at most 4 GiB. 0 or -ENOMEM. */
int tokens_add(struct tokens *t, enum token_part part, const char *text, size_t size);

/* Frees the memory. */
void tokens_free(struct tokens *t);

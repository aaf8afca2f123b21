/* What the tagger of names sees of each word: the evidence, as rows of a table of weights; tagger
 * and training share it. */
#pragma once

#include "classify/gazetteer.h"
#include "classify/tokens.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    NAME_TAGS = 16,       /* outside, then begin and inside of six types; padded */
    NAME_OFFSETS = 3,     /* the word before, the word itself, the word behind */
    NAME_CLUSTERS = 4096, /* kinds of words, by what stands around them */
    NAME_GROUPS = 256,    /* clusters of clusters */
    NAME_ROWS = 1 << 15,  /* hashed evidence */
    NAME_EVIDENCE = 96,   /* rows that one word has at most */
    NAME_WORDS = 4096,    /* of an article that are looked at */
    NAME_KNOWN_SLOTS = 1 << 16,
    NAME_RARE_SLOTS = 1 << 17,
};

/* Frequent words have weights of their own; rare ones those of their cluster; both mapped, open
 * addressing. known: index << 16 | 16 bits of the hash, 0: empty (index + 1 is kept). rare: cluster
 * + 1 << 19 | 19 bits. */
struct lexicon {
    const uint32_t *known, *rare;
    const uint8_t *groups;    /* of each cluster */
    const uint16_t *clusters; /* of each known word */
    size_t known_count;
};

struct name_word {
    int32_t weights; /* known word, or known_count + cluster; -1: neither */
    uint16_t group, place, gap;
    uint8_t cut, kind, title;
    uint8_t spelling_count; /* evidence of how it is spelt, for a word that is not known itself */
    uint32_t spelling[12];
};

/* Looks at the first count words. words has room for as many. */
void name_words_look(const struct lexicon *lexicon, const struct gazetteer *gazetteer,
                     const struct tokens *t, size_t count, struct name_word *words);

/* Rows of the hashed table that speak of the word i; returns how many, at most NAME_EVIDENCE. */
size_t name_evidence(const struct name_word *words, size_t count, size_t i,
                     uint32_t ret_rows[NAME_EVIDENCE]);

/* Whether a word inside a name rather begins another, joined by و (U+0648): without the letter it
 * is better known. */
bool name_is_joined(const struct lexicon *lexicon, const struct tokens *t, size_t word);

enum { NAME_CUT_ROWS = 1 << 12, NAME_CUT_EVIDENCE = 8 };

/* Rows of the table of cuts that speak of cutting cut letters (0 to 2) off the first word of a
 * name; 0: it can't be. */
size_t name_cut_evidence(const struct lexicon *lexicon, const struct gazetteer *gazetteer,
                         const struct tokens *t, const struct name_word *words, size_t word,
                         unsigned type, unsigned cut, uint32_t ret_rows[NAME_CUT_EVIDENCE]);

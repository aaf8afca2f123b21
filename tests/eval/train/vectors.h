/* Vectors and clusters of words, learnt from unlabelled articles. */
#pragma once

#include "classify/tokens.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { VECTOR_SIZE = 64 };

/* Words by falling count; the hash is that of struct token. */
struct vocabulary {
    struct vocabulary_word {
        uint64_t hash;
        uint32_t count;
        uint8_t letters, kind;
        uint8_t folded[TOKEN_LETTERS];
    } *words;
    size_t count;
    uint32_t *slots; /* open addressing; index + 1, 0: empty */
    size_t slot_count;
};

/* Words of a run of tokens, as indices, for training; UINT32_MAX for a word that is not in the vocabulary. */
struct word_stream {
    uint32_t *words;
    size_t count, capacity;
};

/* -1 when the word is not there. */
int32_t vocabulary_find(const struct vocabulary *v, uint64_t hash);

/* Adds the words of t (numbers count as one word per length) to the counts. */
struct vocabulary *vocabulary_new(void);
void vocabulary_count(struct vocabulary *v, const struct tokens *t);

/* Sorts by count and drops the words that occur less than least times, keeps at most most. */
void vocabulary_finish(struct vocabulary *v, uint32_t least, size_t most);

struct vector_settings {
    unsigned window, epochs;
    bool by_position; /* an output vector for each position in the window (Ling et al. 2015): likens words by their
                         grammar; one for all likens them by what they are about */
    uint64_t seed;
};

/* Skip-gram with negative sampling (Mikolov et al. 2013). count * VECTOR_SIZE numbers of length-1 vectors; same
 * settings, same result. */
float *vectors_train(const struct vocabulary *v, const struct word_stream *stream,
                     const struct vector_settings *settings);

/* k-means over unit vectors, weighted by the square root of counts. Returns the cluster of each word. */
uint16_t *vectors_cluster(const struct vocabulary *v, const float *vectors, unsigned clusters,
                          unsigned rounds, uint64_t seed);

/* Hash and signature of an article's words. */
#include "classify/fingerprint.h"

#include <stdio.h>
#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

/* Multiplier of the rolling hash of a shingle, and its fifth power, modulo 2^64. */
#define BASE 0x9e3779b97f4a7c15u
#define BASE_TO_SHINGLE (BASE * BASE * BASE * BASE * BASE)
_Static_assert(MINHASH_SHINGLE == 5, "BASE_TO_SHINGLE is the fifth power");

static uint64_t scramble(uint64_t x)
{
    x = (x ^ x >> 32) * 0xd6e8feb86659fd93u;
    x = (x ^ x >> 32) * 0xd6e8feb86659fd93u;
    return x ^ x >> 32;
}

static void keep_smallest(uint64_t bins[MINHASH_BINS], uint64_t shingle)
{
    uint64_t hash = scramble(shingle);
    uint64_t *bin = &bins[hash >> 55];
    hash &= UINT64_MAX >> 9;
    *bin = hash < *bin ? hash : *bin;
}
_Static_assert(MINHASH_BINS == 1 << 9, "the 9 highest bits choose the bin");

static void sign(const struct token *words, size_t count, struct minhash *ret)
{
    uint64_t bins[MINHASH_BINS];
    memset(bins, 0xff, sizeof bins);
    uint64_t rolling = 0;
    for (size_t i = 0; i < count; i++) {
        rolling = rolling * BASE + words[i].hash;
        if (i >= MINHASH_SHINGLE)
            rolling -= words[i - MINHASH_SHINGLE].hash * BASE_TO_SHINGLE;
        if (i >= MINHASH_SHINGLE - 1)
            keep_smallest(bins, rolling);
    }
    if (count && count < MINHASH_SHINGLE)
        keep_smallest(bins, rolling);
    for (size_t i = 0; i < MINHASH_BINS; i++)
        ret->bins[i] = bins[i] == UINT64_MAX ? 0 : (uint8_t)(bins[i] % 255 + 1);
}

void fingerprint_make(const struct tokens *tokens, struct fingerprint *ret)
{
    const struct token_text *body = &tokens->parts[PART_BODY];
    size_t first = body->count < FINGERPRINT_WORDS ? 0 : body->first;
    size_t count = body->count < FINGERPRINT_WORDS ? tokens->count : body->count;
    const struct token *words = tokens->items + first;
    ret->hex[0] = '\0';
    sign(words, count, &ret->minhash);
    if (!count)
        return;
    const struct token *last = &words[count - 1];
    XXH128_hash_t hash = XXH3_128bits(tokens->folded + words->folded,
                                      last->folded + last->letters - words->folded);
    snprintf(ret->hex, sizeof ret->hex, "%016llx%016llx", (unsigned long long)hash.high64,
             (unsigned long long)hash.low64);
}

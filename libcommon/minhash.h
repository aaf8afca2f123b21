/* Signature of a text for finding near-duplicates: made by classify, compared and indexed by sink.
 *
 * One-permutation MinHash (Li, Owen, Zhang 2012) over the set of word 5-shingles: a hash of each
 * shingle picks one of MINHASH_BINS bins, which keeps the smallest; 8 bits of that are kept (b-bit
 * MinHash, Li and König 2010), 0 for a bin that no shingle fell into. A text with fewer shingles
 * than bins is compared almost exactly. The form is part of the index's version: MINHASH_VERSION.
 */
#pragma once

#include <stdint.h>

enum {
    MINHASH_VERSION = 1,
    MINHASH_BINS = 512, /* bytes of a signature */
    MINHASH_BANDS = 16, /* keys in the index a text */
    MINHASH_ROWS = 5,   /* bins a key */
    MINHASH_SHINGLE = 5 /* words */
};

/* Threshold of a near-duplicate for minhash_similarity(), as estimated over real articles. */
#define MINHASH_NEAR 0.8

struct minhash {
    uint8_t bins[MINHASH_BINS];
};

/* Jaccard similarity of the shingles, estimated, 0 to 1; 0 when either text has none. */
double minhash_similarity(const struct minhash *a, const struct minhash *b);

/* Keys for a locality-sensitive index: texts of similarity s share at least one with probability
 * 1 - (1 - s^5)^16: 0.998 at 0.8, 0.40 at 0.5, 0.04 at 0.3. A key has 44 bits, the band's number on
 * top. Returns how many keys: MINHASH_BANDS, or 0 for a text without shingles. */
unsigned minhash_keys(const struct minhash *m, uint64_t ret_keys[MINHASH_BANDS]);

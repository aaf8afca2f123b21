/* Comparing signatures of texts, and keys to index them by. */
#include "libcommon/minhash.h"

#include <stdbool.h>
#include <stddef.h>

double minhash_similarity(const struct minhash *a, const struct minhash *b)
{
    unsigned used = 0, same = 0;
    for (size_t i = 0; i < MINHASH_BINS; i++) {
        used += (a->bins[i] | b->bins[i]) != 0;
        same += a->bins[i] == b->bins[i] && a->bins[i];
    }
    if (!used)
        return 0;
    /* one bin in 255 agrees by chance */
    double similarity = ((double)same / used - 1.0 / 255) / (1 - 1.0 / 255);
    return similarity > 0 ? similarity : 0;
}

static uint32_t scramble(uint32_t x)
{
    x = (x ^ x >> 16) * 0x7feb352du;
    x = (x ^ x >> 15) * 0x846ca68bu;
    return x ^ x >> 16;
}

/* An empty bin borrows from another one, picked by a sequence of its own until one is found that is
 * not empty (optimal densification, Shrivastava 2017): two texts then agree in it with the
 * probability of any other bin. With very few shingles the next bin that has one does. */
static uint8_t filled_bin(const struct minhash *m, uint32_t bin)
{
    uint32_t at = bin;
    for (uint32_t i = 1; !m->bins[at] && i <= 64; i++)
        at = scramble(bin << 16 ^ i) % MINHASH_BINS;
    while (!m->bins[at])
        at = (at + 1) % MINHASH_BINS;
    return m->bins[at];
}

unsigned minhash_keys(const struct minhash *m, uint64_t ret_keys[MINHASH_BANDS])
{
    bool any = false;
    for (size_t i = 0; i < MINHASH_BINS; i++)
        any |= m->bins[i] != 0;
    if (!any)
        return 0;
    for (uint32_t band = 0; band < MINHASH_BANDS; band++) {
        uint64_t key = band;
        for (uint32_t row = 0; row < MINHASH_ROWS; row++)
            key = key << 8 | filled_bin(m, band * (MINHASH_BINS / MINHASH_BANDS) + row);
        ret_keys[band] = key;
    }
    return MINHASH_BANDS;
}

/* Says of most ids that are not in a set that they are not. */
#include "ingest/feeder_filter.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum {
    BITS_A_KEY = 12,
    LEAST_BITS = 4,
    BLOCK_BITS = FEEDER_FILTER_BLOCK * 8, /* nine bits of the key choose one */
    CHOICE = 9,
};

int feeder_filter_make(uint64_t keys, size_t most_bytes, struct feeder_filter *ret)
{
    uint64_t wanted = keys * BITS_A_KEY / BLOCK_BITS + 1, most = most_bytes / FEEDER_FILTER_BLOCK;
    *ret = (struct feeder_filter){.count = wanted < most ? wanted : most};
    if (keys == 0 || ret->count * BLOCK_BITS < keys * LEAST_BITS)
        return 0;
    uint64_t bits = ret->count * BLOCK_BITS / keys;
    ret->bits = bits >= 10 ? 7 : (unsigned)(bits * 7 / 10); /* as is best for so much room */
    ret->blocks = aligned_alloc(FEEDER_FILTER_BLOCK, ret->count * FEEDER_FILTER_BLOCK);
    if (!ret->blocks)
        return -ENOMEM;
    memset(ret->blocks, 0, ret->count * FEEDER_FILTER_BLOCK);
    return 0;
}

/* The key is a hash already: its first half chooses the block, in the order of keys, so that a
 * sorted set is added from one end to the other; the second half chooses the bits. */
static uint64_t *block_of(const struct feeder_filter *filter, const struct feeder_key *key,
                          uint64_t *ret_choices)
{
    uint64_t first;
    memcpy(&first, key->bytes, sizeof first);
    memcpy(ret_choices, key->bytes + sizeof first, sizeof *ret_choices);
    first = __builtin_bswap64(first);
    uint64_t block = (uint64_t)((unsigned __int128)first * filter->count >> 64);
    return filter->blocks + block * (FEEDER_FILTER_BLOCK / sizeof(uint64_t));
}

void feeder_filter_add(struct feeder_filter *filter, const struct feeder_key *key)
{
    uint64_t choices;
    if (!filter->blocks)
        return;
    uint64_t *block = block_of(filter, key, &choices);
    for (unsigned i = 0; i < filter->bits; i++, choices >>= CHOICE)
        block[choices >> 6 & 7] |= (uint64_t)1 << (choices & 63);
}

bool feeder_filter_may_hold(const struct feeder_filter *filter, const struct feeder_key *key)
{
    uint64_t choices;
    if (!filter->blocks)
        return true;
    const uint64_t *block = block_of(filter, key, &choices);
    for (unsigned i = 0; i < filter->bits; i++, choices >>= CHOICE)
        if (!(block[choices >> 6 & 7] >> (choices & 63) & 1))
            return false;
    return true;
}

size_t feeder_filter_bytes(const struct feeder_filter *filter)
{
    return filter->blocks ? (size_t)filter->count * FEEDER_FILTER_BLOCK : 0;
}

void feeder_filter_free(struct feeder_filter *filter)
{
    free(filter->blocks);
    *filter = (struct feeder_filter){0};
}

/* Says of most ids that are not in a set that they are not, from memory: a Bloom filter whose bits
 * for one key lie in one line of the processor's cache (Putze, Sanders, Singler 2007). It never
 * says so of a key that was added. */
#pragma once

#include "ingest/feeder_ids.h"

enum { FEEDER_FILTER_BLOCK = 64 }; /* bytes */

struct feeder_filter {
    uint64_t *blocks; /* owned; NULL: there is none, every key may be in the set */
    uint64_t count;   /* of blocks */
    unsigned bits;    /* that a key sets */
};

/* For so many keys, in at most so many bytes: one in some 200 strangers is taken for a member with
 * 12 bits a key, more with fewer; none is made for less than 4. -ENOMEM. Free with
 * feeder_filter_free(). */
int feeder_filter_make(uint64_t keys, size_t most_bytes, struct feeder_filter *ret);

void feeder_filter_add(struct feeder_filter *filter, const struct feeder_key *key);

/* False: it was not added. */
bool feeder_filter_may_hold(const struct feeder_filter *filter, const struct feeder_key *key);

size_t feeder_filter_bytes(const struct feeder_filter *filter);

void feeder_filter_free(struct feeder_filter *filter);

/* Ids of feeders in memory, in the order in which they came. */
#pragma once

#include "ingest/feeder_ids.h"

struct feeder_row {
    struct feeder_key key;
    uint64_t seq;
    int64_t accepted_at;
};

struct feeder_table {
    struct feeder_row *rows; /* owned */
    uint32_t count, capacity;
    uint32_t *places;      /* owned; open addressing; row + 1, or 0 */
    uint32_t places_count; /* a power of two */
};

/* The latest row of the key; NULL if there is none. Borrowed until the next change. */
const struct feeder_row *feeder_table_find(const struct feeder_table *table,
                                           const struct feeder_key *key);

/* -ENOMEM */
int feeder_table_add(struct feeder_table *table, const struct feeder_row *row);

void feeder_table_free(struct feeder_table *table);

/* Ids of feeders in memory. */
#include "ingest/feeder_table.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* The key is a hash already. */
static uint32_t first_place(const struct feeder_table *table, const struct feeder_key *key)
{
    uint32_t hash;
    memcpy(&hash, key->bytes, sizeof hash);
    return hash & (table->places_count - 1);
}

/* Where the key is, or where it would go. */
static uint32_t *place_of(const struct feeder_table *table, const struct feeder_key *key)
{
    uint32_t at = first_place(table, key);
    while (table->places[at] &&
           memcmp(&table->rows[table->places[at] - 1].key, key, sizeof *key) != 0)
        at = (at + 1) & (table->places_count - 1);
    return &table->places[at];
}

const struct feeder_row *feeder_table_find(const struct feeder_table *table,
                                           const struct feeder_key *key)
{
    if (table->count == 0)
        return NULL;
    uint32_t row = *place_of(table, key);
    return row ? &table->rows[row - 1] : NULL;
}

static int grow(struct feeder_table *table)
{
    uint32_t capacity = table->capacity ? table->capacity * 2 : 1024;
    if (capacity > UINT32_MAX / 4)
        return -ENOMEM;
    struct feeder_row *rows = realloc(table->rows, capacity * sizeof *rows);
    if (!rows)
        return -ENOMEM;
    table->rows = rows;
    uint32_t *places = calloc(capacity * 2, sizeof *places);
    if (!places)
        return -ENOMEM;
    free(table->places);
    table->places = places;
    table->places_count = capacity * 2;
    table->capacity = capacity;
    for (uint32_t i = 0; i < table->count; i++)
        *place_of(table, &rows[i].key) = i + 1;
    return 0;
}

int feeder_table_add(struct feeder_table *table, const struct feeder_row *row)
{
    if (table->count == table->capacity) {
        int r = grow(table);
        if (r < 0)
            return r;
    }
    table->rows[table->count] = *row;
    *place_of(table, &row->key) = ++table->count;
    return 0;
}

void feeder_table_free(struct feeder_table *table)
{
    free(table->rows);
    free(table->places);
    *table = (struct feeder_table){0};
}

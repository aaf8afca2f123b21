/* Memory for one document: blocks chained, each twice as large as the one before, freed at reset.
 */
#include "libcommon/arena.h"

#include <errno.h>
#include <stdalign.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { FIRST_BLOCK = 64 * 1024, KEPT_BLOCK = 1024 * 1024 };

struct block {
    struct block *next; /* older */
    size_t size, used;
    alignas(max_align_t) char data[];
};

struct arena {
    struct block *newest;
    size_t limit, handed_out;
};

int arena_new(size_t limit, struct arena **ret)
{
    struct arena *a = calloc(1, sizeof *a);
    if (!a)
        return -ENOMEM;
    a->limit = limit;
    *ret = a;
    return 0;
}

void *arena_alloc(struct arena *a, size_t size)
{
    size_t align = alignof(max_align_t);
    if (size > a->limit)
        return NULL;
    size = (size + align - 1) / align * align;
    if (size > a->limit - a->handed_out)
        return NULL;
    if (!a->newest || a->newest->size - a->newest->used < size) {
        size_t capacity = a->newest ? a->newest->size * 2 : FIRST_BLOCK;
        if (capacity > a->limit && a->limit > FIRST_BLOCK)
            capacity = a->limit;
        while (capacity < size)
            capacity *= 2;
        struct block *block = malloc(sizeof *block + capacity);
        if (!block)
            return NULL;
        *block = (struct block){.next = a->newest, .size = capacity};
        a->newest = block;
    }
    void *place = a->newest->data + a->newest->used;
    a->newest->used += size;
    a->handed_out += size;
    return place;
}

void *arena_zalloc(struct arena *a, size_t size)
{
    void *place = arena_alloc(a, size);
    if (place)
        memset(place, 0, size);
    return place;
}

char *arena_copy(struct arena *a, const void *data, size_t size)
{
    if (size == SIZE_MAX)
        return NULL;
    char *copy = arena_alloc(a, size + 1);
    if (!copy)
        return NULL;
    if (size)
        memcpy(copy, data, size);
    copy[size] = '\0';
    return copy;
}

void *arena_grow(struct arena *a, void *array, size_t item_size, size_t count, size_t *capacity)
{
    if (count <= *capacity)
        return array;
    size_t wanted = *capacity ? *capacity * 2 : 8;
    if (wanted < count)
        wanted = count;
    if (wanted > SIZE_MAX / item_size)
        return NULL;
    void *larger = arena_alloc(a, wanted * item_size);
    if (!larger)
        return NULL;
    if (*capacity)
        memcpy(larger, array, *capacity * item_size);
    *capacity = wanted;
    return larger;
}

void arena_reset(struct arena *a)
{
    struct block *kept = NULL;
    while (a->newest) {
        struct block *block = a->newest;
        a->newest = block->next;
        if (!kept && block->size <= KEPT_BLOCK)
            kept = block;
        else
            free(block);
    }
    if (kept) {
        kept->next = NULL;
        kept->used = 0;
        a->newest = kept;
    }
    a->handed_out = 0;
}

struct arena *arena_free(struct arena *a)
{
    if (!a)
        return NULL;
    while (a->newest) {
        struct block *block = a->newest;
        a->newest = block->next;
        free(block);
    }
    free(a);
    return NULL;
}

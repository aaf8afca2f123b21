/* Memory for one document: many small allocations, given back all at once, bounded. */
#pragma once

#include <stddef.h>

struct arena; /* not for use by two threads at a time */

/* limit: bytes that may be handed out between two resets. Free *ret with arena_free(). -ENOMEM. */
int arena_new(size_t limit, struct arena **ret);

/* size bytes, aligned for any type, not zeroed; NULL when the limit or the memory is used up. */
void *arena_alloc(struct arena *a, size_t size);

/* Like arena_alloc(), zeroed. */
void *arena_zalloc(struct arena *a, size_t size);

/* A copy of size bytes with a NUL behind it; NULL as above. */
char *arena_copy(struct arena *a, const void *data, size_t size);

/* Grows an array of item_size items whose capacity is *capacity to hold at least count items:
 * returns the array (old contents kept, maybe moved) or NULL as above. The old place is not reused
 * before the reset. */
void *arena_grow(struct arena *a, void *array, size_t item_size, size_t count, size_t *capacity);

/* Forgets everything handed out; keeps up to one block of memory for the next document. */
void arena_reset(struct arena *a);

/* NULL is fine; always returns NULL. */
struct arena *arena_free(struct arena *a);

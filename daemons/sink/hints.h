/* Where articles may be found again: keys and the numbers that were put under them, as guesses that
 * the caller checks.
 *
 * Tables on disk that are changed in place, a few bytes a key, so that the cost does not grow with
 * them: an index with sorted pages rewrites a page for each key once it is large. A key has room
 * for few numbers, and the lowest give way. What a power cut takes or a crash leaves behind is a
 * missing or a wrong guess, nothing worse.
 *
 * A table is a file hints-<first number>: a head of 4096 bytes, then buckets of HINTS_ROOM slots of
 * u64, the top 24 bits a tag of the key, the others the number; 0 is free. Each new table has four
 * times the room of the one before, up to a limit. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { HINTS_ROOM = 8 };

struct hints;

/* folder: of the index; identity: of what the numbers belong to: tables of another are removed.
 * -errno. Close *ret with hints_close(). */
int hints_open(int folder, uint64_t identity, struct hints **ret);

/* Adds to numbers what may be under the key, the newest tables first, as long as there is room.
 * sure: as it was added. */
int hints_find(struct hints *h, uint64_t key, bool sure, uint64_t *numbers, size_t room,
               size_t *count);

/* number: from 1, growing. sure: looks for room in two places, for keys that have no others beside
 * them. */
int hints_add(struct hints *h, uint64_t key, bool sure, uint64_t number);

/* Removes tables in which all numbers are lower. */
int hints_forget(struct hints *h, uint64_t lowest);

/* NULL is fine; always returns NULL. */
struct hints *hints_close(struct hints *h);

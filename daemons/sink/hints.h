/* Where articles may be found again: keys and the numbers that were put under them, as guesses that
 * the caller checks.
 *
 * One table on disk, changed in place, which grows by linear hashing (Litwin 1980): a key has one
 * bucket, read and written in one piece, however large the table is, and growing copies one page
 * of buckets at a time. An index with sorted pages would rewrite a page for each key, and several
 * tables would be looked into one after the other. A bucket has room for few numbers, and the
 * lowest give way.
 *
 * The file "hints": a head of 4096 bytes, then buckets of HINTS_ROOM slots of u64, the top 24 bits
 * a tag of the key, the others the number; 0 is free. How many buckets there are is what the size
 * of the file says, so that a process killed while the table grows leaves nothing to mend. A new
 * bucket takes over what belongs to it from an older one; what it took stays behind there, belongs
 * no longer, and counts as free.
 *
 * What a power cut takes or a crash leaves behind is a missing or a wrong guess, nothing worse. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    HINTS_ROOM = 32,
    HINTS_KEYS = 19, /* of an article, at most: of its bands, its text, its page, its headline */
};

/* What there is to be found. */
struct hints_articles {
    uint64_t lowest, highest; /* numbers in use; 0: none are */
    int64_t newest;           /* when the last was added, microseconds since 1970 */
};

/* Articles that the table does not know yet: those with lower numbers that are not older. A new
 * table knows none, and one that a power cut met may have lost what was added just before. */
struct hints_gap {
    uint64_t below; /* 0: none */
    int64_t since;  /* microseconds since 1970 */
};

struct hints;

/* folder: of the index; identity: of what the numbers belong to: a table of another is made anew.
 * -errno. Close *ret with hints_close(). */
int hints_open(int folder, uint64_t identity, const struct hints_articles *articles,
               struct hints **ret);

/* Adds to numbers what may be under the key, as long as there is room. sure: as it was added. */
int hints_find(struct hints *h, uint64_t key, bool sure, uint64_t *numbers, size_t room,
               size_t *count);

/* number: from 1, growing but for a gap that is filled. sure: looks for room in two places, for
 * keys that have no others beside them. What is there already is not added again. */
int hints_add(struct hints *h, uint64_t key, bool sure, uint64_t number);

/* Lower numbers are in use no more: the table need not grow for them. */
void hints_forget(struct hints *h, uint64_t lowest);

/* What is to be added again by the caller, who takes note of how far that is; it lasts. */
struct hints_gap hints_gap(const struct hints *h);
int hints_set_gap(struct hints *h, struct hints_gap gap);

/* NULL is fine; always returns NULL. */
struct hints *hints_close(struct hints *h);

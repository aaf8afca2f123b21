/* The bytes of a file, unpacked on the way: gzip, zstd and brotli are undone, all else is given as
 * it is.
 *
 * gzip and zstd are told by their first bytes, brotli by the name alone (.br), as it has no mark of
 * its own. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct packed_file;

/* PACKED_DAMAGED: what follows can't be unpacked; PACKED_BOMB: it grows more than CONTENT_RATIO
 * times. */
enum { PACKED_OK, PACKED_DAMAGED = 2, PACKED_BOMB };

/* name: of the file, for its ending; may be NULL. fd is borrowed and read from where it stands.
 * -ENOMEM; -errno of read(2). */
int packed_file_new(int fd, const char *name, struct packed_file **ret);
struct packed_file *packed_file_free(struct packed_file *f); /* NULL is fine; always returns NULL */

bool packed_file_is_packed(const struct packed_file *f);

/* Reads up to size bytes; *ret_size 0 is the end. PACKED_OK; PACKED_DAMAGED, also for a file that
 * is cut short; PACKED_BOMB; -ENOMEM; -errno. What was unpacked before the damage has been given by
 * then. */
int packed_file_read(struct packed_file *f, void *data, size_t size, size_t *ret_size);

/* After PACKED_DAMAGED: goes on at the next gzip member, as crawlers write one a record. 1: there
 * is one; 0: no; -errno. */
int packed_file_resume(struct packed_file *f);

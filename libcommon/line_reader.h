/* A file that may be packed, read line by line or whole; what was read and not used stays at hand.
 */
#pragma once

#include "libcommon/buffer.h"
#include "libcommon/packed_file.h"

#include <stdbool.h>
#include <stddef.h>

struct line_reader {
    struct packed_file *file; /* borrowed */
    struct buffer held;
    size_t used; /* of held */
    bool end;
};

void line_reader_free(struct line_reader *r); /* not the file; *r is then as good as new */

/* The bytes at hand, at least size of them unless the file ends first. PACKED_OK; other codes of
 * packed_file_read(). */
int line_reader_peek(struct line_reader *r, size_t size, const char **ret, size_t *ret_size);
void line_reader_use(struct line_reader *r,
                     size_t size); /* goes past so many of the bytes at hand */

/* The next line without its end, borrowed until the next call; of one longer than longest only
 * *ret_size is told, as longest + 1. LINE_OK; LINE_END; PACKED_DAMAGED, PACKED_BOMB; -errno. */
enum { LINE_OK = 0, LINE_END = 16 };
int line_reader_next(struct line_reader *r, size_t longest, const char **ret, size_t *ret_size);

/* Gives bytes to one who reads on by himself, those at hand first. As packed_file_read(). */
int line_reader_read(struct line_reader *r, void *data, size_t size, size_t *ret_size);

/* A file that may be packed, read line by line or whole. */
#include "libcommon/line_reader.h"

#include <errno.h>
#include <string.h>

enum { PIECE = 64 * 1024 };

void line_reader_free(struct line_reader *r)
{
    buffer_free(&r->held);
    *r = (struct line_reader){0};
}

static int read_piece(struct line_reader *r)
{
    if (r->used && (r->used == r->held.size || r->held.capacity - r->held.size < PIECE)) {
        memmove(r->held.data, r->held.data + r->used, r->held.size - r->used);
        r->held.size -= r->used;
        r->used = 0;
    }
    buffer_reserve(&r->held, PIECE);
    if (r->held.failed)
        return -ENOMEM;
    size_t got;
    int e = packed_file_read(r->file, r->held.data + r->held.size, PIECE, &got);
    r->held.size += got;
    r->end = e == PACKED_OK && got == 0;
    return e;
}

int line_reader_peek(struct line_reader *r, size_t size, const char **ret, size_t *ret_size)
{
    while (r->held.size - r->used < size && !r->end) {
        int e = read_piece(r);
        if (e)
            return e;
    }
    *ret = r->held.data ? r->held.data + r->used : "";
    *ret_size = r->held.size - r->used;
    return PACKED_OK;
}

void line_reader_use(struct line_reader *r, size_t size)
{
    r->used += size;
}

/* Past the rest of a line that was cut. */
static int pass_line(struct line_reader *r)
{
    for (;;) {
        const char *data;
        size_t size;
        int e = line_reader_peek(r, 1, &data, &size);
        if (e || !size)
            return e;
        const char *feed = memchr(data, '\n', size);
        line_reader_use(r, feed ? (size_t)(feed - data) + 1 : size);
        if (feed)
            return PACKED_OK;
    }
}

int line_reader_next(struct line_reader *r, size_t longest, const char **ret, size_t *ret_size)
{
    size_t seen = 0;
    for (;;) {
        const char *data;
        size_t size;
        int e = line_reader_peek(r, seen + 1, &data, &size);
        if (e)
            return e;
        const char *feed = size > seen ? memchr(data + seen, '\n', size - seen) : NULL;
        size_t length = feed ? (size_t)(feed - data) : size;
        if (!feed && r->end && !size)
            return LINE_END;
        if (length > longest) {
            line_reader_use(r, feed ? length + 1 : length);
            *ret = "";
            *ret_size = longest + 1;
            return feed ? LINE_OK : pass_line(r);
        }
        if (feed || r->end) {
            line_reader_use(r, length + (feed != NULL));
            *ret = data;
            *ret_size = length;
            return LINE_OK;
        }
        seen = size;
    }
}

int line_reader_read(struct line_reader *r, void *data, size_t size, size_t *ret_size)
{
    size_t at_hand = r->held.size - r->used;
    if (!at_hand)
        return packed_file_read(r->file, data, size, ret_size);
    *ret_size = at_hand < size ? at_hand : size;
    memcpy(data, r->held.data + r->used, *ret_size);
    r->used += *ret_size;
    return PACKED_OK;
}

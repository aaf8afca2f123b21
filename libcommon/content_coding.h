/* Content codings of HTTP (RFC 9110, 8.4.1), undone piece by piece or whole, within bounds.
 *
 * gzip (RFC 1952, one member or several in a row), deflate (RFC 1950, or the bare RFC 1951 that
 * some servers send), br (RFC 7932), zstd (RFC 8878, frames in a row, windows up to 8 MiB as that
 * RFC advises). */
#pragma once

#include "libcommon/buffer.h"

#include <stddef.h>

enum content_coding {
    CODING_IDENTITY,
    CODING_GZIP,
    CODING_DEFLATE,
    CODING_BROTLI,
    CODING_ZSTD,
    CODINGS
};

enum { CODING_OK, CODING_UNKNOWN, CODING_DAMAGED, CODING_TOO_LARGE };

/* The name as HTTP has it, x-gzip too; without regard to case. CODING_OK or CODING_UNKNOWN. */
int content_coding_from_name(const char *name, size_t size, enum content_coding *ret);
const char *
content_coding_name(enum content_coding coding); /* NULL when the number names nothing */

/* What the first bytes of a file say: gzip and zstd are recognised, all else is identity. */
enum content_coding content_coding_of_bytes(const void *data, size_t size);

struct content_decoder;

/* Free *ret with content_decoder_free(). CODING_IDENTITY copies. -ENOMEM. */
int content_decoder_new(enum content_coding coding, struct content_decoder **ret);
struct content_decoder *
content_decoder_free(struct content_decoder *d); /* NULL is fine; always returns NULL */

/* Moves *in on past what was read and sets *ret_size to what was written to out. At the end of the
 * input (in_size 0) it writes what is left. CODING_OK; CODING_DAMAGED; -ENOMEM. */
int content_decoder_run(struct content_decoder *d, const char **in, size_t *in_size, char *out,
                        size_t out_size, size_t *ret_size);

/* Whether the input may end here: between members or frames. */
int content_decoder_complete(const struct content_decoder *d);

/* Bounds of a whole body: bytes of the result, and how often larger than the input it may be once
 * it is over a MiB. */
struct content_limits {
    size_t bytes;
    unsigned ratio;
};

enum { CONTENT_RATIO = 300, CODINGS_MAX = 3 };

/* Undoes a list of codings as in Content-Encoding ("gzip", "br, gzip"), last one first, and appends
 * the result to out. CODING_UNKNOWN for a name that is not known or more than CODINGS_MAX of them;
 * CODING_DAMAGED also for a body that is cut short; -ENOMEM. On anything but CODING_OK out is as it
 * was. */
int content_decode(const char *codings, const void *data, size_t size,
                   const struct content_limits *limits, struct buffer *out);

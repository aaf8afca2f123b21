/* Compressed lines in the Zstandard Seekable Format (zstd's contrib/seekable_format): independent
 * frames of whole lines, and behind them a table of the frames in a skippable frame. Every zstd
 * tool reads it from the start; this reads it from the end. */
#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    SEEKABLE_FRAME = 4 * 1024 * 1024
}; /* plain bytes after which the line at hand ends a frame */

/* Compresses the lines of in to out, from their starts; neither is synced. *ret_plain, *ret_lines:
 * what was read. stop (NULL: none) is looked at between frames: -ECANCELED. -ENOMEM, -EBADMSG (the
 * last line has no end), other -errno. */
int seekable_write(int in, int out, int level, const atomic_bool *stop, uint64_t *ret_plain,
                   uint64_t *ret_lines);

/* Calls frame() with the plain lines of each frame, the last first, until it returns other than 0,
 * which is then returned. -EBADMSG: not in this format, or damaged. */
int seekable_read_backwards(int fd, int (*frame)(void *context, const char *lines, size_t size),
                            void *context);

/* The bytes of a file, unpacked on the way. */
#include "libcommon/packed_file.h"

#include "libcommon/content_coding.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

enum { INPUT_SIZE = 128 * 1024, MEMBER_MAGIC = 4, BOMB_FROM = 64 * 1024 * 1024 };

struct packed_file {
    int fd;
    enum content_coding coding;
    struct content_decoder *decoder;
    uint64_t read, given; /* bytes since the last member that began after damage */
    const char *at;       /* what is left of input */
    size_t left;
    bool end; /* of the file */
    char input[INPUT_SIZE];
};

static int fill(struct packed_file *f)
{
    if (f->end)
        return 0;
    if (f->left && f->at != f->input)
        memmove(f->input, f->at, f->left);
    f->at = f->input;
    while (!f->end && f->left < INPUT_SIZE) {
        ssize_t n = read(f->fd, f->input + f->left, INPUT_SIZE - f->left);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return -errno;
        f->end = n == 0;
        f->left += (size_t)n;
        f->read += (uint64_t)n;
        if (n) /* a pipe gives what it has: waiting for more would hold back what is there */
            break;
    }
    return 0;
}

int packed_file_new(int fd, const char *name, struct packed_file **ret)
{
    struct packed_file *f = calloc(1, sizeof *f);
    if (!f)
        return -ENOMEM;
    f->fd = fd;
    f->at = f->input;
    int e = 0;
    while (!e && f->left < MEMBER_MAGIC && !f->end)
        e = fill(f);
    f->coding = content_coding_of_bytes(f->at, f->left);
    size_t size = name ? strlen(name) : 0;
    if (f->coding == CODING_IDENTITY && size > 3 && strcasecmp(name + size - 3, ".br") == 0)
        f->coding = CODING_BROTLI;
    if (!e)
        e = content_decoder_new(f->coding, &f->decoder);
    if (e < 0) {
        packed_file_free(f);
        return e;
    }
    *ret = f;
    return 0;
}

struct packed_file *packed_file_free(struct packed_file *f)
{
    if (!f)
        return NULL;
    content_decoder_free(f->decoder);
    free(f);
    return NULL;
}

bool packed_file_is_packed(const struct packed_file *f)
{
    return f->coding != CODING_IDENTITY;
}

int packed_file_read(struct packed_file *f, void *data, size_t size, size_t *ret_size)
{
    *ret_size = 0;
    for (;;) {
        if (!f->left) {
            int e = fill(f);
            if (e < 0)
                return e;
        }
        bool last = f->end && !f->left;
        int r = content_decoder_run(f->decoder, &f->at, &f->left, data, size, ret_size);
        if (r < 0)
            return r;
        f->given += *ret_size;
        if (f->given > BOMB_FROM && f->given / CONTENT_RATIO > f->read)
            return PACKED_BOMB;
        if (*ret_size)
            return PACKED_OK;
        if (r != CODING_OK)
            return PACKED_DAMAGED;
        if (last)
            return content_decoder_complete(f->decoder) || !packed_file_is_packed(f)
                       ? PACKED_OK
                       : PACKED_DAMAGED;
    }
}

int packed_file_resume(struct packed_file *f)
{
    if (f->coding != CODING_GZIP)
        return 0;
    for (;;) {
        const char *found = f->left ? memchr(f->at, 0x1f, f->left) : NULL;
        size_t skip = found ? (size_t)(found - f->at) : f->left;
        f->at += skip;
        f->left -= skip;
        if (f->left < MEMBER_MAGIC) {
            if (f->end)
                return 0;
            int e = fill(f);
            if (e < 0)
                return e;
            continue;
        }
        if (content_coding_of_bytes(f->at, f->left) == CODING_GZIP &&
            ((unsigned char)f->at[3] & 0xe0) == 0)
            break;
        f->at++;
        f->left--;
    }
    content_decoder_free(f->decoder);
    f->decoder = NULL;
    f->read = f->left;
    f->given = 0;
    int e = content_decoder_new(f->coding, &f->decoder);
    return e < 0 ? e : 1;
}

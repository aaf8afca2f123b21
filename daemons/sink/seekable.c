/* Compressed lines that can be read from the end. */
#include "sink/seekable.h"

#include "libcommon/buffer.h"
#include "sink/folder.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zstd.h>
#include <zstd_errors.h>

enum {
    TABLE_MAGIC = 0x184d2a5e,
    FOOTER_SIZE = 9, /* u32 frames, u8 descriptor, u32 magic */
    ENTRY_SIZE = 8,  /* u32 compressed, u32 plain */
    READ_SIZE = 256 * 1024,
    FRAME_MAX = 1024 * 1024 * 1024, /* plain bytes: one line may be longer than a frame */
};
static const uint32_t footer_magic = 0x8f92eab1;

static void put_u32(struct buffer *b, uint32_t value)
{
    unsigned char bytes[4] = {(unsigned char)value, (unsigned char)(value >> 8),
                              (unsigned char)(value >> 16), (unsigned char)(value >> 24)};
    buffer_append(b, bytes, sizeof bytes);
}

static uint32_t get_u32(const unsigned char *at)
{
    return at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
}

struct writer {
    ZSTD_CCtx *zstd;
    struct buffer packed, table;
    uint32_t frames;
    int out;
};

static int write_frame(struct writer *w, const char *lines, size_t size)
{
    if (size > FRAME_MAX)
        return -EFBIG;
    buffer_clear(&w->packed);
    buffer_reserve(&w->packed, ZSTD_compressBound(size));
    if (w->packed.failed)
        return -ENOMEM;
    size_t packed = ZSTD_compress2(w->zstd, w->packed.data, w->packed.capacity, lines, size);
    if (ZSTD_isError(packed))
        return ZSTD_getErrorCode(packed) == ZSTD_error_memory_allocation ? -ENOMEM : -EIO;
    put_u32(&w->table, (uint32_t)packed);
    put_u32(&w->table, (uint32_t)size);
    w->frames++;
    return file_write_all(w->out, w->packed.data, packed);
}

static int write_table(struct writer *w)
{
    buffer_clear(&w->packed);
    put_u32(&w->packed, TABLE_MAGIC);
    put_u32(&w->packed, (uint32_t)w->table.size + FOOTER_SIZE);
    buffer_append(&w->packed, w->table.data, w->table.size);
    put_u32(&w->packed, w->frames);
    buffer_append_char(&w->packed, 0); /* no checksums here: the frames have theirs */
    put_u32(&w->packed, footer_magic);
    if (w->packed.failed || w->table.failed)
        return -ENOMEM;
    return file_write_all(w->out, w->packed.data, w->packed.size);
}

static int write_frames(struct writer *w, int in, const atomic_bool *stop, struct buffer *lines,
                        uint64_t *ret_plain, uint64_t *ret_lines)
{
    uint64_t plain = 0, count = 0;
    for (;;) {
        buffer_reserve(lines, READ_SIZE);
        if (lines->failed)
            return -ENOMEM;
        ssize_t got = read(in, lines->data + lines->size, READ_SIZE);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return -errno;
        if (got == 0)
            break;
        for (const char *at = lines->data + lines->size, *end = at + got;
             (at = memchr(at, '\n', (size_t)(end - at))); at++)
            count++;
        lines->size += (size_t)got;
        plain += (uint64_t)got;
        if (lines->size < SEEKABLE_FRAME)
            continue;
        const char *last = memrchr(lines->data, '\n', lines->size);
        if (!last)
            continue;
        size_t whole = (size_t)(last - lines->data) + 1;
        int r = stop && atomic_load(stop) ? -ECANCELED : write_frame(w, lines->data, whole);
        if (r < 0)
            return r;
        memmove(lines->data, lines->data + whole, lines->size - whole);
        lines->size -= whole;
    }
    if (lines->size && lines->data[lines->size - 1] != '\n')
        return -EBADMSG;
    *ret_plain = plain;
    *ret_lines = count;
    return lines->size ? write_frame(w, lines->data, lines->size) : 0;
}

int seekable_write(int in, int out, int level, const atomic_bool *stop, uint64_t *ret_plain,
                   uint64_t *ret_lines)
{
    struct writer w = {.zstd = ZSTD_createCCtx(), .out = out};
    struct buffer lines = {0};
    if (!w.zstd)
        return -ENOMEM;
    ZSTD_CCtx_setParameter(w.zstd, ZSTD_c_compressionLevel, level);
    ZSTD_CCtx_setParameter(w.zstd, ZSTD_c_checksumFlag, 1);
    int r = write_frames(&w, in, stop, &lines, ret_plain, ret_lines);
    if (r == 0)
        r = write_table(&w);
    buffer_free(&lines);
    buffer_free(&w.packed);
    buffer_free(&w.table);
    ZSTD_freeCCtx(w.zstd);
    return r;
}

static int read_at(int fd, void *data, size_t size, off_t at)
{
    char *to = data;
    while (size) {
        ssize_t got = pread(fd, to, size, at);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return -errno;
        if (got == 0)
            return -EBADMSG;
        to += got;
        at += got;
        size -= (size_t)got;
    }
    return 0;
}

/* The table's rows into *table; *ret_end: where the frames end. */
static int read_table(int fd, struct buffer *table, uint32_t *ret_frames, uint64_t *ret_end)
{
    unsigned char footer[FOOTER_SIZE], head[8];
    struct stat st;
    if (fstat(fd, &st) < 0)
        return -errno;
    uint64_t size = (uint64_t)st.st_size;
    if (size < FOOTER_SIZE + 8)
        return -EBADMSG;
    int r = read_at(fd, footer, sizeof footer, (off_t)(size - FOOTER_SIZE));
    if (r < 0)
        return r;
    uint32_t frames = get_u32(footer);
    uint64_t rows = (uint64_t)frames * ENTRY_SIZE;
    if (get_u32(footer + 5) != footer_magic || footer[4] != 0 || rows + FOOTER_SIZE + 8 > size)
        return -EBADMSG;
    uint64_t start = size - FOOTER_SIZE - rows - 8;
    r = read_at(fd, head, sizeof head, (off_t)start);
    if (r < 0)
        return r;
    if (get_u32(head) != TABLE_MAGIC || get_u32(head + 4) != rows + FOOTER_SIZE)
        return -EBADMSG;
    buffer_reserve(table, rows);
    if (table->failed)
        return -ENOMEM;
    table->size = rows;
    *ret_frames = frames;
    *ret_end = start;
    return rows ? read_at(fd, table->data, rows, (off_t)(start + 8)) : 0;
}

int seekable_read_backwards(int fd, int (*frame)(void *context, const char *lines, size_t size),
                            void *context)
{
    struct buffer table = {0}, packed = {0}, plain = {0};
    uint32_t frames = 0;
    uint64_t end = 0;
    int r = read_table(fd, &table, &frames, &end);
    while (r == 0 && frames) {
        const unsigned char *row =
            (const unsigned char *)table.data + (size_t)--frames * ENTRY_SIZE;
        uint32_t packed_size = get_u32(row), plain_size = get_u32(row + 4);
        r = packed_size > end || plain_size > FRAME_MAX ? -EBADMSG : 0;
        if (r < 0)
            break;
        end -= packed_size;
        buffer_clear(&packed);
        buffer_clear(&plain);
        buffer_reserve(&packed, packed_size);
        buffer_reserve(&plain, (size_t)plain_size + 1);
        r = packed.failed || plain.failed ? -ENOMEM
                                          : read_at(fd, packed.data, packed_size, (off_t)end);
        if (r == 0 &&
            ZSTD_decompress(plain.data, plain_size, packed.data, packed_size) != plain_size)
            r = -EBADMSG;
        if (r == 0)
            r = frame(context, plain.data, plain_size);
    }
    if (r == 0 && end)
        r = -EBADMSG;
    buffer_free(&table);
    buffer_free(&packed);
    buffer_free(&plain);
    return r;
}

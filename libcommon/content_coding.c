/* Content codings of HTTP, undone within bounds. */
#include "libcommon/content_coding.h"

#include <brotli/decode.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <zlib.h>
#include <zstd.h>

enum { PIECE = 64 * 1024, RATIO_FROM = 1024 * 1024, ZSTD_WINDOW_LOG = 23 };

struct content_decoder {
    enum content_coding coding;
    bool complete; /* nothing was read yet, or the last member or frame was read whole */
    bool finished; /* a form that does not go on was read whole */
    z_stream zlib;
    bool zlib_ready, zlib_began;
    BrotliDecoderState *brotli;
    ZSTD_DStream *zstd;
};

static const char *const names[CODINGS] = {
    [CODING_IDENTITY] = "identity", [CODING_GZIP] = "gzip", [CODING_DEFLATE] = "deflate",
    [CODING_BROTLI] = "br",         [CODING_ZSTD] = "zstd",
};

const char *content_coding_name(enum content_coding coding)
{
    return (unsigned)coding < CODINGS ? names[coding] : NULL;
}

int content_coding_from_name(const char *name, size_t size, enum content_coding *ret)
{
    if (size > 2 && strncasecmp(name, "x-", 2) == 0) { /* x-gzip, RFC 9110 8.4.1.3 */
        name += 2;
        size -= 2;
    }
    for (size_t i = 0; i < CODINGS; i++)
        if (strlen(names[i]) == size && strncasecmp(names[i], name, size) == 0) {
            *ret = (enum content_coding)i;
            return CODING_OK;
        }
    return CODING_UNKNOWN;
}

enum content_coding content_coding_of_bytes(const void *data, size_t size)
{
    if (size >= 3 && memcmp(data, "\x1f\x8b\x08", 3) == 0)
        return CODING_GZIP;
    return size >= 4 && memcmp(data, "\x28\xb5\x2f\xfd", 4) == 0 ? CODING_ZSTD : CODING_IDENTITY;
}

int content_decoder_new(enum content_coding coding, struct content_decoder **ret)
{
    struct content_decoder *d = calloc(1, sizeof *d);
    if (!d)
        return -ENOMEM;
    d->coding = coding;
    d->complete = true;
    bool good = true;
    if (coding == CODING_GZIP || coding == CODING_DEFLATE) {
        good = inflateInit2(&d->zlib, MAX_WBITS + (coding == CODING_GZIP ? 16 : 0)) == Z_OK;
        d->zlib_ready = good;
    } else if (coding == CODING_BROTLI) {
        d->brotli = BrotliDecoderCreateInstance(NULL, NULL, NULL);
        good = d->brotli != NULL;
    } else if (coding == CODING_ZSTD) {
        d->zstd = ZSTD_createDStream();
        good = d->zstd &&
               !ZSTD_isError(ZSTD_DCtx_setParameter(d->zstd, ZSTD_d_windowLogMax, ZSTD_WINDOW_LOG));
    }
    if (!good) {
        content_decoder_free(d);
        return -ENOMEM;
    }
    *ret = d;
    return 0;
}

struct content_decoder *content_decoder_free(struct content_decoder *d)
{
    if (!d)
        return NULL;
    if (d->zlib_ready)
        inflateEnd(&d->zlib);
    if (d->brotli)
        BrotliDecoderDestroyInstance(d->brotli);
    ZSTD_freeDStream(d->zstd);
    free(d);
    return NULL;
}

int content_decoder_complete(const struct content_decoder *d)
{
    return d->complete;
}

static int run_identity(const char **in, size_t *in_size, char *out, size_t out_size,
                        size_t *ret_size)
{
    size_t size = *in_size < out_size ? *in_size : out_size;
    if (size)
        memcpy(out, *in, size);
    *in += size;
    *in_size -= size;
    *ret_size = size;
    return CODING_OK;
}

/* Servers that say deflate send either of two forms; the first two bytes tell (RFC 1950, 2.2). */
static int choose_deflate(struct content_decoder *d, const char *in, size_t size)
{
    if (d->coding != CODING_DEFLATE || d->zlib_began || !size)
        return CODING_OK;
    d->zlib_began = true;
    unsigned first = (unsigned char)in[0], second = size > 1 ? (unsigned char)in[1] : 0;
    bool wrapped = (first & 0x0f) == 8 && (size < 2 || (first * 256 + second) % 31 == 0);
    if (!wrapped && inflateReset2(&d->zlib, -MAX_WBITS) != Z_OK)
        return -ENOMEM;
    return CODING_OK;
}

static int run_zlib(struct content_decoder *d, const char **in, size_t *in_size, char *out,
                    size_t out_size, size_t *ret_size)
{
    int r = choose_deflate(d, *in, *in_size);
    if (r < 0)
        return r;
    unsigned given = *in_size > PIECE ? PIECE : (unsigned)*in_size;
    unsigned room = out_size > PIECE ? PIECE : (unsigned)out_size;
    d->zlib.next_in = (Bytef *)(uintptr_t)*in; /* zlib reads only */
    d->zlib.avail_in = given;
    d->zlib.next_out = (Bytef *)out;
    d->zlib.avail_out = room;
    r = inflate(&d->zlib, Z_NO_FLUSH);
    *ret_size = room - d->zlib.avail_out;
    *in += given - d->zlib.avail_in;
    *in_size -= given - d->zlib.avail_in;
    d->complete = r == Z_STREAM_END;
    if (r == Z_STREAM_END) {
        d->finished = d->coding == CODING_DEFLATE;
        return d->finished || inflateReset(&d->zlib) == Z_OK ? CODING_OK : -ENOMEM;
    }
    return r == Z_OK || r == Z_BUF_ERROR ? CODING_OK : r == Z_MEM_ERROR ? -ENOMEM : CODING_DAMAGED;
}

static int run_brotli(struct content_decoder *d, const char **in, size_t *in_size, char *out,
                      size_t out_size, size_t *ret_size)
{
    const uint8_t *from = (const uint8_t *)*in;
    uint8_t *to = (uint8_t *)out;
    size_t room = out_size, left = *in_size;
    BrotliDecoderResult r =
        BrotliDecoderDecompressStream(d->brotli, &left, &from, &room, &to, NULL);
    *ret_size = out_size - room;
    *in += *in_size - left;
    *in_size = left;
    d->complete = d->finished = r == BROTLI_DECODER_RESULT_SUCCESS;
    return r == BROTLI_DECODER_RESULT_ERROR ? CODING_DAMAGED : CODING_OK;
}

static int run_zstd(struct content_decoder *d, const char **in, size_t *in_size, char *out,
                    size_t out_size, size_t *ret_size)
{
    ZSTD_inBuffer from = {*in, *in_size, 0};
    ZSTD_outBuffer to = {out, out_size, 0};
    size_t r = ZSTD_decompressStream(d->zstd, &to, &from);
    *ret_size = to.pos;
    *in += from.pos;
    *in_size -= from.pos;
    d->complete = r == 0;
    return ZSTD_isError(r) ? CODING_DAMAGED : CODING_OK;
}

int content_decoder_run(struct content_decoder *d, const char **in, size_t *in_size, char *out,
                        size_t out_size, size_t *ret_size)
{
    *ret_size = 0;
    if (d->finished)
        return *in_size ? CODING_DAMAGED : CODING_OK; /* something follows the end */
    if (!*in_size && d->complete)
        return CODING_OK;
    switch (d->coding) {
    case CODING_GZIP:
    case CODING_DEFLATE:
        return run_zlib(d, in, in_size, out, out_size, ret_size);
    case CODING_BROTLI:
        return run_brotli(d, in, in_size, out, out_size, ret_size);
    case CODING_ZSTD:
        return run_zstd(d, in, in_size, out, out_size, ret_size);
    default:
        return run_identity(in, in_size, out, out_size, ret_size);
    }
}

/* --- whole bodies ------------------------------------------------------------------------------
 */

static bool too_large(size_t result, size_t input, const struct content_limits *limits)
{
    return result > limits->bytes || (result > RATIO_FROM && result / limits->ratio > input);
}

static int decode_one(enum content_coding coding, const char *data, size_t size,
                      const struct content_limits *limits, struct buffer *out)
{
    struct content_decoder *d = NULL;
    size_t before = out->size, left = size;
    int r = content_decoder_new(coding, &d);
    while (!r) {
        size_t got;
        buffer_reserve(out, PIECE);
        if (out->failed) {
            r = -ENOMEM;
            break;
        }
        r = content_decoder_run(d, &data, &left, out->data + out->size, PIECE, &got);
        out->size += got;
        if (!r && too_large(out->size - before, size, limits))
            r = CODING_TOO_LARGE;
        if (!left && !got)
            break;
    }
    if (!r && !content_decoder_complete(d))
        r = CODING_DAMAGED;
    content_decoder_free(d);
    if (r)
        out->size = before;
    return r;
}

/* The codings of a list, in their order; identity is left out. The number of them, or -1: unknown,
 * or too many. */
static int read_list(const char *list, enum content_coding out[CODINGS_MAX])
{
    int count = 0;
    while (*list) {
        size_t skip = strspn(list, " \t,");
        list += skip;
        size_t size = strcspn(list, " \t,");
        if (!size)
            break;
        enum content_coding coding;
        if (content_coding_from_name(list, size, &coding) != CODING_OK)
            return -1;
        list += size;
        if (coding == CODING_IDENTITY)
            continue;
        if (count == CODINGS_MAX)
            return -1;
        out[count++] = coding;
    }
    return count;
}

int content_decode(const char *codings, const void *data, size_t size,
                   const struct content_limits *limits, struct buffer *out)
{
    enum content_coding list[CODINGS_MAX];
    int count = read_list(codings, list);
    if (count < 0)
        return CODING_UNKNOWN;
    if (!count)
        return size > limits->bytes ? CODING_TOO_LARGE
                                    : decode_one(CODING_IDENTITY, data, size, limits, out);
    struct buffer from = {0};
    int r = CODING_OK;
    for (int i = count; i-- && !r;) {
        struct buffer to = {0};
        bool last = i == 0;
        r = decode_one(list[i], data, size, limits, last ? out : &to);
        buffer_free(&from);
        from = to;
        data = from.data ? from.data : "";
        size = from.size;
    }
    buffer_free(&from);
    return r;
}

/* WARC files: any bytes, in pieces whose size the first byte chooses; pages keep their bound and
 * are really there. */
#include "libcommon/warc.h"
#include "tests/fuzz/fuzz.h"

#include <string.h>

enum { BODY_BYTES = 4096 };

struct input {
    const uint8_t *data;
    size_t size, piece;
};

static int read_input(void *user, void *data, size_t size, size_t *ret_size)
{
    struct input *in = user;
    size = size < in->piece ? size : in->piece;
    *ret_size = in->size < size ? in->size : size;
    memcpy(data, in->data, *ret_size);
    in->data += *ret_size;
    in->size -= *ret_size;
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (!size)
        return 0;
    struct input in = {data + 1, size - 1, (size_t)data[0] * 16 + 1};
    struct warc_source source = {.read = read_input, .user = &in};
    struct warc *w;
    struct warc_document *d = malloc(sizeof *d);
    FUZZ_MUST(d && warc_new(&source, BODY_BYTES, &w) == 0);
    int r;
    for (size_t records = 0; (r = warc_next(w, d)) != WARC_END; records++) {
        FUZZ_MUST(r > 0 && records < size);
        if (r != WARC_DOCUMENT)
            continue;
        FUZZ_MUST(d->body_size <= BODY_BYTES);
        unsigned sum = 0; /* every byte is read, so that a sanitizer sees what is not there */
        for (size_t i = 0; i < d->body_size; i++)
            sum += (unsigned char)d->body[i];
        FUZZ_MUST(sum < BODY_BYTES * 256);
    }
    warc_free(w);
    free(d);
    return 0;
}

/* Decoding: any bytes, under a content type that the first byte chooses. */
#include "libcommon/utf8.h"
#include "parse/decode.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const types[] = {NULL, "text/html", "text/plain; charset=windows-1256", "text/html; charset=utf-16",
                                        "text/plain; charset=iso-8859-6", "text/plain; charset=utf-8", "; charset=", "text/html; charset=nonsense"};
    if (!size)
        return 0;
    const char *type = types[data[0] % 8];
    char *bytes = malloc(size);
    struct arena *arena;
    if (!bytes || arena_new(64 << 20, &arena) < 0)
        abort();
    memcpy(bytes, data + 1, size - 1);
    struct decoded d;
    if (decode_document(arena, bytes, size - 1, type, type && strstr(type, "html"), &d) == DECODED && !utf8_valid(d.text, d.size))
        abort();
    arena_free(arena);
    free(bytes);
    return 0;
}

/* Text hygiene: what comes out is well-formed and clean for good; folding never grows. */
#include "libcommon/text.h"
#include "libcommon/utf8.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    size = utf8_valid_prefix((const char *)data, size);
    char *text = malloc(size + 1), *folded = malloc(size + 1);
    struct arena *arena;
    if (!text || !folded || arena_new(64 << 20, &arena) < 0)
        abort();
    memcpy(text, data, size);
    const char *once, *twice;
    size_t once_size, twice_size;
    if (text_clean(arena, text, size, &once, &once_size, NULL) == 0) {
        if (!utf8_valid(once, once_size))
            abort();
        if (text_clean(arena, once, once_size, &twice, &twice_size, NULL) == 0 &&
            (once_size != twice_size || memcmp(once, twice, once_size) != 0))
            abort();
    }
    if (text_fold(text, size, folded) > size)
        abort();
    arena_free(arena);
    free(folded);
    free(text);
    return 0;
}

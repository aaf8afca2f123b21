/* Content codings: any bytes under a list of codings that the first byte chooses; the bounds hold.
 */
#include "libcommon/content_coding.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const lists[] = {"gzip",       "deflate",  "br",       "zstd",
                                        "gzip, gzip", "br, zstd", "identity", "x-gzip, , deflate"};
    static const struct content_limits limits = {1 << 20, 50};
    if (!size)
        return 0;
    struct buffer out = {0};
    buffer_append_string(&out, "kept");
    int r = content_decode(lists[data[0] % 8], data + 1, size - 1, &limits, &out);
    FUZZ_MUST(r >= 0 && out.size <= limits.bytes + 4 && (r == CODING_OK || out.size == 4));
    FUZZ_MUST(out.data[0] == 'k' && out.data[3] == 't');
    buffer_free(&out);
    return 0;
}

/* Pages of HTML: any bytes through the whole of parse. */
#include "tests/fuzz/fuzz_parse.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    return fuzz_parse("text/html", data, size);
}

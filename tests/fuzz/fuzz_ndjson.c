/* Documents as feeders write them in JSON: any bytes, alone and beside a body; what is taken keeps
 * its bounds and is UTF-8. */
#include "libcommon/ndjson_document.h"
#include "libcommon/utf8.h"
#include "tests/fuzz/fuzz.h"

#include <string.h>

static void must_be_text(const char *text, size_t longest)
{
    if (!text)
        return;
    size_t size = strlen(text);
    FUZZ_MUST(size <= longest && utf8_valid(text, size));
    for (size_t i = 0; i < size; i++)
        FUZZ_MUST((unsigned char)text[i] >= 0x20 && text[i] != 0x7f);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    for (int with_body = 0; with_body < 2; with_body++) {
        struct ndjson_document d;
        char why[NDJSON_WHY_SIZE] = "";
        int r = ndjson_document_read((const char *)data, size, with_body, &d, why);
        FUZZ_MUST(r == NDJSON_OK || (r == NDJSON_BAD && *why && strlen(why) < sizeof why));
        if (r != NDJSON_OK)
            continue;
        must_be_text(d.id, NDJSON_ID_MAX);
        must_be_text(d.url, NDJSON_URL_MAX);
        must_be_text(d.site, NDJSON_SITE_MAX);
        must_be_text(d.content_type,
                     NDJSON_CONTENT_TYPE_MAX + 32); /* "; charset=utf-8" may be added */
        FUZZ_MUST((d.body != NULL) == with_body && d.body_size <= size);
        ndjson_document_free(&d);
    }
    return 0;
}

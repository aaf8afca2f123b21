/* An upload over HTTP: the first lines are its headers, then an empty line and the body. */
#include "ingest/upload.h"
#include "tests/fuzz/fuzz.h"

#include <string.h>

enum { HEADERS = 6, HEADER_MAX = 9000, BODY_MOST = 1 << 20, DOCUMENT_BYTES = 64 * 1024 };

/* A text of headers may have anything but what ends it. */
static size_t read_headers(const char *data, size_t size, char headers[HEADERS][HEADER_MAX])
{
    size_t at = 0;
    for (int i = 0; i < HEADERS && at < size; i++) {
        const char *feed = memchr(data + at, '\n', size - at);
        size_t length = feed ? (size_t)(feed - data) - at : size - at;
        size_t kept = length < HEADER_MAX - 1 ? length : HEADER_MAX - 1;
        memcpy(headers[i], data + at, kept);
        headers[i][kept] = '\0';
        at += length + (feed != NULL);
        if (!length)
            break;
    }
    return at;
}

static void check(const struct ndjson_document *d)
{
    FUZZ_MUST(d->body || !d->body_size);
    FUZZ_MUST(!d->id || strlen(d->id) <= NDJSON_ID_MAX);
    FUZZ_MUST(!d->url || strlen(d->url) <= NDJSON_URL_MAX);
    FUZZ_MUST(!d->site || strlen(d->site) <= NDJSON_SITE_MAX);
    unsigned sum = 0;
    for (size_t i = 0; i < d->body_size; i++) /* all of it can be read */
        sum += (unsigned char)d->body[i];
    FUZZ_MUST(sum <= d->body_size * 255);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static char headers[HEADERS][HEADER_MAX];
    char why[UPLOAD_WHY_SIZE];
    memset(headers, 0, sizeof headers);
    size_t at = read_headers((const char *)data, size, headers);
    const struct upload_head head = {headers[0], headers[1], headers[2],
                                     headers[3], headers[4], headers[5]};
    struct upload *u = NULL;
    int r = upload_new(&head, DOCUMENT_BYTES, &u, why);
    FUZZ_MUST(r >= 0);
    if (r != UPLOAD_OK)
        return 0;
    r = upload_body(u, (const char *)data + at, size - at, BODY_MOST, why);
    FUZZ_MUST(r >= 0);
    const struct ndjson_document *d;
    size_t number, documents = 0;
    while (r == UPLOAD_OK && (r = upload_next(u, &d, &number, why)) != UPLOAD_END) {
        FUZZ_MUST(r >= 0 && ++documents <= BODY_MOST);
        if (r == UPLOAD_DOCUMENT)
            check(d);
        else
            FUZZ_MUST(memchr(why, '\0', sizeof why));
        r = UPLOAD_OK;
    }
    upload_free(u);
    return 0;
}

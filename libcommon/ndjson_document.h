/* A document as feeders write it in JSON: one object, alone on a line or beside the raw bytes.
 *
 *   {"id", "url", "site", "content_type", "fetched_at", and one of "text" | "html" | "body_base64"}
 *
 * All keys but the body are optional, keys that are not listed are passed over. `id` is the
 * feeder's own id, text or an integer. `fetched_at` is RFC 3339 (UTC where it names no offset) or
 * seconds since 1970. `text` and `html` are Unicode already: they are UTF-8 whatever content_type
 * says of a charset. `body_base64` (RFC 4648) is the bytes as they were fetched. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    NDJSON_ID_MAX = 512, /* bytes */
    NDJSON_URL_MAX = 8192,
    NDJSON_SITE_MAX = 255,
    NDJSON_CONTENT_TYPE_MAX = 255,
    NDJSON_WHY_SIZE = 128,
};

enum { NDJSON_OK, NDJSON_BAD };

struct ndjson_document {
    const char *id, *url, *site, *content_type; /* NULL: not given; no control characters */
    int64_t fetched_at;                         /* microseconds since 1970 UTC; 0: not given */
    const char *body;                           /* NULL when the body stands beside the object */
    size_t body_size;
    void *owned; /* what all of the above borrow from */
};

/* Reads one object. with_body: one of the three bodies must be there; else none may. Free *ret with
 * ndjson_document_free(). NDJSON_BAD: why says in one line what is wrong; -ENOMEM. */
int ndjson_document_read(const char *json, size_t size, bool with_body, struct ndjson_document *ret,
                         char why[NDJSON_WHY_SIZE]);

void ndjson_document_free(struct ndjson_document *d); /* *d is then as good as new */

/* Reads a time as fetched_at has it, from text: RFC 3339, or seconds since 1970. NDJSON_BAD: it is
 * neither. */
int ndjson_document_time(const char *text, int64_t *ret);

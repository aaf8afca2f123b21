/* The documents of an upload: what its headers and its body say.
 *
 * A body is one document (text/plain, text/html, application/xhtml+xml), one JSON object of the
 * form of libcommon/ndjson_document.h (application/json), or many of them, a line each
 * (application/x-ndjson), or the pages of a WARC file (application/warc; packed by gzip or zstd as
 * it lies on disk, or plain). Content codings are undone first. The headers tell of a document that
 * is alone what it does not say of itself. */
#pragma once

#include "libcommon/ndjson_document.h"

#include <stdbool.h>

/* Values of headers; NULL where there is none. */
struct upload_head {
    const char *content_type;
    const char *content_coding; /* Content-Encoding */
    const char *location;   /* Content-Location (RFC 9110, 8.7): where the document was fetched */
    const char *key;        /* Idempotency-Key: the feeder's own id, quoted or not */
    const char *site;       /* Khabar-Site */
    const char *fetched_at; /* Khabar-Fetched-At: RFC 3339, or seconds since 1970 */
};

struct upload;

enum {
    UPLOAD_OK,
    UPLOAD_MALFORMED,
    UPLOAD_TYPE_UNKNOWN,
    UPLOAD_CODING_UNKNOWN, /* UPLOAD_CODINGS are known */
    UPLOAD_TOO_LARGE
};
enum { UPLOAD_DOCUMENT, UPLOAD_NO_DOCUMENT, UPLOAD_END };

enum { UPLOAD_WHY_SIZE = 160 };

#define UPLOAD_CODINGS "gzip, deflate, br, zstd"

/* Copies head. document_bytes: of the largest document that will be taken. Free *ret with
 * upload_free(). Not UPLOAD_OK: why says so in one line; -ENOMEM. */
int upload_new(const struct upload_head *head, size_t document_bytes, struct upload **ret,
               char why[UPLOAD_WHY_SIZE]);
struct upload *upload_free(struct upload *u); /* NULL is fine; always returns NULL */

bool upload_many(const struct upload *u); /* answers are lines, one a document */

/* Gives the body, borrowed until upload_free(); once, before upload_next(). most: bytes of the body
 * when its codings are undone. UPLOAD_OK; UPLOAD_MALFORMED, UPLOAD_CODING_UNKNOWN or
 * UPLOAD_TOO_LARGE: why says so in one line; -ENOMEM. */
int upload_body(struct upload *u, const char *body, size_t size, size_t most,
                char why[UPLOAD_WHY_SIZE]);

/* The next document, borrowed until the next call; *ret_number counts lines, or
 * records, from 1.
 * UPLOAD_DOCUMENT; UPLOAD_NO_DOCUMENT: something stands in its place that is none, why says so;
 * UPLOAD_END; -ENOMEM. */
int upload_next(struct upload *u, const struct ndjson_document **ret, size_t *ret_number,
                char why[UPLOAD_WHY_SIZE]);

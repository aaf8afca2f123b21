/* An HTTP/1 response as crawlers keep it (RFC 9112): status, the fields that tell of the page, and
 * its entity. */
#pragma once

#include "libcommon/buffer.h"

#include <stddef.h>

enum { HTTP_FIELD_SIZE = 256 };

struct http_message {
    int status;
    char content_type[HTTP_FIELD_SIZE];   /* "" when absent; cut where it is longer */
    char content_coding[HTTP_FIELD_SIZE]; /* likewise */
    int chunked;                          /* the last transfer coding is chunked */
    const char *body;                     /* borrowed from what was read; chunks not joined */
    size_t body_size;
};

enum { HTTP_OK, HTTP_BAD };

/* Reads a whole response. HTTP_BAD: no status line, or its head has no end within 256 KiB. */
int http_message_read(const char *data, size_t size, struct http_message *ret);

/* Joins the chunks (RFC 9112, 7.1) and appends them to out. HTTP_BAD: no chunks, or cut short; out
 * is then as it was. -ENOMEM. */
int http_chunks_join(const char *data, size_t size, struct buffer *out);

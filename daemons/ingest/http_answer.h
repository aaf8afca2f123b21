/* What an upload over HTTP is answered: lines of ingest/answer_line.h, or a problem as RFC 9457 has
 * it. */
#pragma once

#include "libcommon/buffer.h"

#include <stdbool.h>

struct http_answer {
    unsigned status;
    const char *type; /* media type */
    struct buffer text;
    unsigned retry_after; /* seconds; 0: not said */
    const char *extra[2]; /* one more header and its value; NULL: none */
};

/* In place of whatever was written before. detail need not be UTF-8. */
void http_answer_problem(struct http_answer *a, unsigned status, const char *detail);

/* What an upload over HTTP is answered: JSON, a line a document where there are many; problems as
 * RFC 9457 has them. */
#pragma once

#include "libcommon/buffer.h"
#include "libcommon/message.h"

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

/* One document: id in the lane; number of its line where there are many, else 0; feeder_id may be
 * NULL. */
void http_answer_accepted(struct http_answer *a, size_t number, const char *feeder_id,
                          const char id[MESSAGE_ID_SIZE]);
/* Lines only. feeder_id as above. */
void http_answer_refused(struct http_answer *a, size_t number, const char *feeder_id,
                         const char *why);
/* This line and all that follow were not taken. */
void http_answer_busy(struct http_answer *a, size_t number, int wait_ms);

/* What a feeder is told of a document, as a line of JSON: the answers of the ways in that speak it.
 */
#pragma once

#include "libcommon/buffer.h"
#include "libcommon/message.h"

/* Each appends one line. number: of the document's line, 0 where there is but one document;
 * feeder_id may be NULL. */
void answer_accepted(struct buffer *out, size_t number, const char *feeder_id,
                     const char id[MESSAGE_ID_SIZE]);
void answer_refused(struct buffer *out, size_t number, const char *feeder_id, const char *why);
/* This document and all that follow were not taken. */
void answer_busy(struct buffer *out, size_t number, int wait_ms);

/* A JSON string of what others wrote: where it is no UTF-8, U+FFFD REPLACEMENT CHARACTER. */
void answer_put_foreign(struct buffer *out, const char *text);

/* The way in over ZeroMQ: a ROUTER that answers accepted, busy or refused to each document.
 *
 * A request is any envelope (what DEALER clients number their requests with), an empty frame, then
 * one frame with a JSON object (libcommon/ndjson_document.h), or two: the object without a body,
 * and the bytes. The answer has the same envelope, the empty frame and one text frame: "accepted
 * <id>" once the document is durable, "busy <milliseconds>" or "refused <why>". REQ clients work as
 * they are. */
#pragma once

#include "ingest/intake.h"
#include "libcommon/runner.h"

struct feed;

/* Free *ret with feed_free(). -errno. */
int feed_new(struct runner *r, struct intake *intake, struct feed **ret);
struct feed *feed_free(struct feed *f); /* NULL is fine; always returns NULL */

/* Answers those whose documents have become durable. 0; -errno. */
int feed_answer(struct feed *f);

void feed_reload(struct feed *f);          /* reads the list of clients again */
void feed_stop(struct feed *f);            /* takes nothing more */
size_t feed_pending(const struct feed *f); /* documents that wait for their answer */

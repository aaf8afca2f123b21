/* The way in over a unix stream socket: lines of NDJSON in, a line of JSON back for each.
 *
 * The socket is the one that the service manager holds under the name "stream", or stream.sock in
 * the run folder. Answers come in the order of the lines, each once its document is durable, and
 * look as those of HTTP do (ingest/answer_line.h). There is no busy: while the lane takes no more,
 * or a feeder does not read its answers, the socket is not read. */
#pragma once

#include "ingest/intake.h"
#include "libcommon/runner.h"

struct stream;

/* Free *ret with stream_free(), which a failure leaves to do as well. -errno; it logs why. */
int stream_new(struct runner *r, struct intake *intake, struct stream **ret);
struct stream *stream_free(struct stream *s); /* NULL is fine; always returns NULL */

/* Takes, answers, closes. Returns ms until it wants to be called again, or -errno. */
int stream_tick(struct stream *s, int64_t now_ms);

void stream_stop(struct stream *s);            /* takes nothing more */
size_t stream_pending(const struct stream *s); /* documents that wait for their answer */

/* The way of documents into the lane, and of commits out of it: spool and dispatch on one side,
 * sockets on the other. */
#pragma once

#include "ingest/jobs.h"
#include "ingest/spool.h"
#include "libcommon/buffer.h"
#include "libcommon/runner.h"

struct lane;

/* Connects to parse, binds what the stages talk back to. Free *ret with lane_free(). -errno. */
int lane_new(struct runner *r, struct spool *spool, struct jobs *jobs, struct lane **ret);
struct lane *lane_free(struct lane *l); /* NULL is fine; always returns NULL */

/* Sends what may be sent. 0; -errno. */
int lane_send(struct lane *l);

/* Timers. Returns ms until it wants to be called again, or -errno. */
int lane_tick(struct lane *l, int64_t now_ms);

void lane_reload(struct lane *l); /* settings have changed */

size_t lane_in_flight(const struct lane *l);
void lane_status(struct lane *l, struct buffer *out); /* pairs of JSON, parted by commas */

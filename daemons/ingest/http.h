/* The way in over HTTP: POST /v1/documents (docs/feeding.md says what is asked and answered).
 *
 * libmicrohttpd has no thread here: its epoll descriptor lies in the runner's zmq_poll() and its
 * work is done from the one loop that owns the spool, so that the funnel needs no lock. A request
 * whose documents are taken is suspended until a sync has served all of them; one sync serves many
 * requests. Bodies are held in memory, within http.memory_bytes in all. A connection that keeps us
 * waiting longer than http.request_seconds is closed, and sooner when others have no room. */
#pragma once

#include "ingest/intake.h"
#include "libcommon/runner.h"

struct http;

/* Whether the settings can be served; logs what is wrong. -errno. */
int http_check(const struct settings *s);

/* Free *ret with http_free(), which a failure leaves to do as well. -errno; it logs why. */
int http_new(struct runner *r, struct intake *intake, struct http **ret);
struct http *http_free(struct http *h); /* NULL is fine; always returns NULL */

/* Takes, answers, closes. Returns ms until it wants to be called again, or -errno. */
int http_tick(struct http *h, int64_t now_ms);

void http_stop(struct http *h);            /* takes nothing more */
size_t http_pending(const struct http *h); /* requests that wait for their answer */

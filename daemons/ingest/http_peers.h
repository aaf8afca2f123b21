/* Connections of the way in over HTTP, and how long each has kept us waiting. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct http_peer {
    struct http_peer *next, *previous;
    int fd;
    int64_t since;  /* monotonic ms: since when we wait for it; 0: it waits for us */
    size_t holding; /* bytes of a body that is not complete */
    bool cut;       /* closed by us; libmicrohttpd has not noticed yet */
};

struct http_peers {
    struct http_peer *first;
    size_t count;
};

/* Adds one that we wait for from now on. NULL: out of memory. */
struct http_peer *http_peers_add(struct http_peers *all, int fd, int64_t now_ms);
void http_peers_remove(struct http_peers *all, struct http_peer *p); /* frees p; NULL is fine */

/* Ends the connection; libmicrohttpd sees that when it looks at it next. */
void http_peer_cut(struct http_peer *p);

/* Cuts those that we have waited for since before then. How many. */
size_t http_peers_cut_before(struct http_peers *all, int64_t then_ms);

/* The one waited for longest, since before then, that holds bytes (or any); NULL: there is none. */
struct http_peer *http_peers_slowest(const struct http_peers *all, int64_t then_ms, bool holding);

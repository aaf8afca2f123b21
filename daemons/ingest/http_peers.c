/* Connections of the way in over HTTP, and how long each has kept us waiting. */
#include "ingest/http_peers.h"

#include <stdlib.h>
#include <sys/socket.h>

struct http_peer *http_peers_add(struct http_peers *all, int fd, int64_t now_ms)
{
    struct http_peer *p = calloc(1, sizeof *p);
    if (!p)
        return NULL;
    p->fd = fd;
    p->since = now_ms;
    p->next = all->first;
    if (p->next)
        p->next->previous = p;
    all->first = p;
    all->count++;
    return p;
}

void http_peers_remove(struct http_peers *all, struct http_peer *p)
{
    if (!p)
        return;
    *(p->previous ? &p->previous->next : &all->first) = p->next;
    if (p->next)
        p->next->previous = p->previous;
    all->count--;
    free(p);
}

void http_peer_cut(struct http_peer *p)
{
    p->cut = true;
    shutdown(p->fd, SHUT_RDWR);
}

size_t http_peers_cut_before(struct http_peers *all, int64_t then_ms)
{
    size_t count = 0;
    for (struct http_peer *p = all->first; p; p = p->next)
        if (!p->cut && p->since && p->since < then_ms) {
            http_peer_cut(p);
            count++;
        }
    return count;
}

struct http_peer *http_peers_slowest(const struct http_peers *all, int64_t then_ms, bool holding)
{
    struct http_peer *slowest = NULL;
    for (struct http_peer *p = all->first; p; p = p->next)
        if (!p->cut && p->since && p->since < then_ms && (!holding || p->holding) &&
            (!slowest || p->since < slowest->since))
            slowest = p;
    return slowest;
}

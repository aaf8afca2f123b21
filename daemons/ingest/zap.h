/* Who may feed over CURVE: answers libzmq's questions (ZAP, ZeroMQ RFC 27) from a list of public
 * keys.
 *
 * CURVE alone lets in whoever knows the server's key. libzmq asks before it lets anybody in, and
 * waits for the answer; it does not ask where nobody is bound to be asked, so the handler is bound
 * before the guarded socket, lives in the same loop, and what comes in after it was closed is read
 * by nobody. */
#pragma once

#include "libcommon/runner.h"

struct zap;

/* Reads the list ingest.feed.clients and answers from then on. Make it before the guarded socket is
 * bound. Free *ret with zap_free(). -errno, logged. */
int zap_new(struct runner *r, struct zap **ret);
struct zap *zap_free(struct zap *z); /* NULL is fine; always returns NULL */

/* Whether key and list can be read, where they are set; logs what is wrong. 0; -errno. */
int zap_check(const struct settings *s);

/* Reads the list again; one that is broken leaves the old one in force, with a line in the log. Who
 * is connected stays. */
void zap_reload(struct zap *z);

/* Makes a socket, not yet bound, a CURVE server under ZAP. -errno, logged. */
int zap_guard(struct runner *r, void *socket);

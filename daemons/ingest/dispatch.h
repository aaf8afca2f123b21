/* Which document goes into the lane next, and what becomes of those that do not come back: no
 * sockets, no files, time is passed in.
 *
 * Documents leave in the order of their sequence numbers while the window has room, both in
 * documents and in bytes; one document always may, however large. A document that does not fit
 * waits at the head, so that neither the large starve nor the small overtake without end. Nothing
 * is sent at or beyond floor + MESSAGE_SPAN.
 *
 * Death. When a stage says hello, everything in flight is due again. After an unclean end one of
 * these documents may be the reason, so they become suspects, and while there are any, nothing but
 * suspects is sent. They go as one trial, all of them at first. A stage that dies during a trial
 * halves the trial's size; a trial that is committed whole doubles it. So a death without a guilty
 * document costs one trial, and a guilty one is cornered after as many deaths as its company can be
 * halved. Only a document that was alone in flight when a stage died has an attempt counted against
 * it; after the last one it is to be rejected. No innocent document is ever counted.
 *
 * Silence. A document was lost when one that was sent the resend time later is committed before it:
 * it is sent again, and every second loss is counted as an attempt, for connections lose what is
 * innocent, but hardly the same document time after time. How long a document is on its way is no
 * reason: a lane may be slow. When nothing at all is committed, either the lane stands still or
 * what is in flight is lost and nothing is there to overtake it. A probe finds out: it goes the way
 * of the documents, at growing intervals, and when it comes back it has overtaken as a document
 * would have. So a stopped lane is not flooded, and the last documents of a day are not waited for
 * in vain. The same goes
 * for a trial: silence ends none, for the stage that died may not be back yet. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct dispatch;

struct dispatch_limits {
    int64_t documents, bytes; /* the window */
    int64_t resend_ms;
    uint32_t attempts; /* at which a document is given up */
};

/* floor: the lowest sequence number that is not committed. Free *ret with dispatch_free(). -ENOMEM.
 */
int dispatch_new(const struct dispatch_limits *limits, uint64_t floor, struct dispatch **ret);
struct dispatch *dispatch_free(struct dispatch *d);
/* Other limits from now on; what is in flight stays there. */
void dispatch_limit(struct dispatch *d, const struct dispatch_limits *limits);

/* Sequence numbers below end are durable and may be sent. */
void dispatch_extend(struct dispatch *d, uint64_t end);

/* A number from before floor's restart on that is committed already, or that has had attempts: told
 * once after dispatch_new(), before anything is sent. */
void dispatch_restore_committed(struct dispatch *d, uint64_t seq);
void dispatch_restore_attempts(struct dispatch *d, uint64_t seq, uint32_t attempts);

enum { DISPATCH_NOTHING, DISPATCH_SEND, DISPATCH_REJECT };

/* What to send now. DISPATCH_SEND or DISPATCH_REJECT with the number and the attempt, from 1, that
 * this would be; call dispatch_sent() once it is sent, or nothing when it can't be.
 * DISPATCH_NOTHING: ask again after a commit, a hello, dispatch_extend() or dispatch_tick(). */
int dispatch_next(const struct dispatch *d, uint64_t *ret_seq, uint32_t *ret_attempt);

/* Whether a document of so many bytes has room; always, when nothing is in flight. */
int dispatch_fits(const struct dispatch *d, size_t bytes);

void dispatch_sent(struct dispatch *d, uint64_t seq, size_t bytes, int64_t now_ms);

/* Both bounds included; numbers that were not in flight are ignored. Returns how many were. */
size_t dispatch_commit(struct dispatch *d, uint64_t first, uint64_t last, int64_t now_ms);

/* A stage started. Returns how many documents are due again. */
size_t dispatch_hello(struct dispatch *d, int unclean, int64_t now_ms);

/* Looks after silence; call at least once a second. Returns how many documents are due again. */
size_t dispatch_tick(struct dispatch *d, int64_t now_ms);

/* Whether a probe should go into the lane now, and its number: call dispatch_probe_sent() once it
 * has. When a probe comes back all commits before it have been passed on. Returns how many
 * documents are due again. */
bool dispatch_probe(const struct dispatch *d, uint64_t *ret_number);
void dispatch_probe_sent(struct dispatch *d, int64_t now_ms);
size_t dispatch_probe_back(struct dispatch *d, uint64_t number, int64_t now_ms);

/* Calls each for all numbers at or above floor that have attempts counted against them;
 * *ret_changed, if not NULL, tells whether that differs from the last call. */
void dispatch_attempts(struct dispatch *d,
                       void (*each)(void *user, uint64_t seq, uint32_t attempts), void *user,
                       int *ret_changed);

uint64_t dispatch_floor(const struct dispatch *d);
size_t dispatch_in_flight(const struct dispatch *d); /* documents */
size_t dispatch_in_flight_bytes(const struct dispatch *d);
size_t dispatch_suspects(const struct dispatch *d);
uint64_t dispatch_resent(const struct dispatch *d); /* since dispatch_new() */

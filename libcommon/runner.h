/* One skeleton runs every daemon: options, settings, log, lock, signals, sockets, timers, status,
 * readiness, draining.
 *
 * What happens in a daemon, in order: options are read (--check stops here), the lock in the run
 * folder is taken, the signals go to a signalfd, start() opens what the daemon works on, recovers
 * what is there and watches its sockets, the service manager is told READY, then one zmq_poll()
 * loop calls what is ready and tick(). SIGHUP reads the settings again: those that can change at
 * once do (`live` in the table), the others are named in the log; what can't be read leaves all as
 * it was. SIGTERM or SIGINT asks for the end: drain() is called until it says that nothing is left,
 * or limits.drain_seconds are over; then stop(). All calls come from one thread. */
#pragma once

#include "libcommon/buffer.h"
#include "libcommon/message.h"
#include "libcommon/settings.h"

#include <stdbool.h>
#include <stdint.h>

struct runner;

/* A daemon, as the runner sees it. Negative returns end the process with status 1 after one line in
 * the log. */
struct daemon {
    enum message_stage stage;
    const char *summary; /* one line for --help */
    int (*check)(
        const struct settings *s); /* more that --check looks at; logs what is wrong; may be NULL */
    int (*start)(struct runner *r, void **ret_state);
    int (*tick)(void *state,
                int64_t now_ms); /* timers; returns ms until it wants to be called again */
    int (*drain)(void *state);   /* 0: nothing left; 1: not yet */
    void (*status)(void *state,
                   struct buffer *out); /* writes `"name":value` pairs parted by commas */
    void (*reload)(void *state);        /* live settings have changed; may be NULL */
    void (*stop)(void *state);          /* frees state */
};

/* Runs a daemon; the exit status for main(). */
int runner_main(const struct daemon *d, int argc, char **argv);

const struct settings *runner_settings(const struct runner *r);
void *runner_context(const struct runner *r); /* the ZeroMQ context */
bool runner_unclean(const struct runner *r);  /* the predecessor did not end in order */
bool runner_draining(const struct runner *r);
void runner_end(struct runner *r,
                int error); /* ends the loop after this call: -errno, or 0 to drain */

/* Calls ready(user) whenever a ZeroMQ socket (not NULL) or else a file descriptor has events
 * (ZMQ_POLLIN, ZMQ_POLLOUT). At most 16. Returns an index for runner_want(), or -ENOSPC. */
int runner_watch(struct runner *r, void *socket, int fd, short events, int (*ready)(void *user),
                 void *user);
void runner_want(struct runner *r, int watched, short events); /* 0: rests */

/* Sockets of a lane. All log what is wrong. *ret is closed by the runner after stop().
 * endpoint: NULL or empty for <name>.sock in the run folder. guard, if not NULL, prepares the socket
 * before it is bound. */
int runner_bind(struct runner *r, int type, const char *name, const char *endpoint, void **ret);
int runner_bind_guarded(struct runner *r, int type, const char *name, const char *endpoint,
                        int (*guard)(struct runner *r, void *socket), void **ret);
int runner_connect(struct runner *r, int type, const char *name, void **ret);

/* Sends the hello of this stage to ingest. -errno. */
int runner_hello(struct runner *r, void *feedback);

/* Counts a frame that message_read() refused, logs it within limits. */
void runner_bad_frame(int error, size_t size);

/* A stage in the middle of a lane: takes messages from the one before, works on each in a pool of
 * threads, and passes the outcome to the next.
 *
 * What happens to a message: it is received and checked (message_read); a reject or probe goes on
 * as it came; a document waits in a short queue for a thread; handle() adds or replaces sections,
 * or says why the document is rejected; the outcome is sent by the thread's own socket. A document
 * that takes longer than its time ends the process: a thread can't be stopped, and ingest finds out
 * which document it was. */
#pragma once

#include "libcommon/message.h"
#include "libcommon/reject.h"
#include "libcommon/runner.h"

/* What handle() may give in the place of sections; the outcome is written from m after it returned.
 */
struct stage_work {
    struct message *m; /* in: as received; set sections, they must live until the next call */
    enum reject_reason reason; /* set with STAGE_REJECT */
    char detail[200];          /* one line, may stay empty */
};

enum { STAGE_DONE, STAGE_REJECT };

struct stage {
    enum message_stage stage;
    const char *input, *output;      /* names of endpoints: "parse", "classify" */
    int64_t threads;                 /* 0: one a processor */
    const int64_t *document_seconds; /* borrowed, as it may change */
    void *shared;                    /* given to thread_open() */
    int (*thread_open)(void *shared, void **ret_thread); /* called in the thread */
    void (*thread_close)(void *thread);
    /* STAGE_DONE; STAGE_REJECT; -errno: the document is dropped here and sent again by ingest */
    int (*handle)(void *thread, struct stage_work *work);
};

struct stage_pool;

/* Binds, connects, starts the threads, says hello. Copies *s. */
int stage_open(struct runner *r, const struct stage *s, struct stage_pool **ret);
/* For the daemon's table: as tick, drain and status of struct daemon. */
int stage_tick(struct stage_pool *p, int64_t now_ms);
int stage_drain(struct stage_pool *p);
void stage_status(struct stage_pool *p, struct buffer *out);
/* Joins the threads; NULL is fine; always returns NULL. */
struct stage_pool *stage_close(struct stage_pool *p);

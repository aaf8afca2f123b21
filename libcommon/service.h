/* What the service manager is told (sd_notify(3)): ready, reloading, stopping, what the daemon is
 * doing, and that it makes progress.
 *
 * The watchdog is fed from the daemon's loop, and only when the loop made progress since the last
 * time: it waited for something to happen, or it counted something. A loop that spins over what it
 * never takes is not alive. Threads are not watched this way: a worker that takes too long ends its
 * process by itself, and one that waits for a disk would not be helped by being killed; readers of
 * /readyz are told. */
#pragma once

#include "libcommon/message.h"

#include <stdbool.h>
#include <stdint.h>

struct service {
    enum message_stage stage;
    int64_t watchdog_ms; /* how often it wants to be fed; 0: there is none */
    int64_t next_feed, told_at;
    uint64_t activity, handled; /* when it was last fed; when status was last told */
    bool waited;                /* since it was last fed; set by the loop */
};

void service_open(struct service *s, enum message_stage stage);
void service_starting(void); /* recovery may take longer than managers wait by themselves */
void service_ready(void);    /* after start, and after a reload */
void service_reloading(void);
void service_stopping(int64_t drain_seconds); /* which may be longer likewise */
/* Once a turn of the loop. Returns ms until it wants to be called again. */
int64_t service_turn(struct service *s, int64_t now_ms);
/* One line for `systemctl status`, from what is counted; doing: "running", "draining". Once a
 * second. */
void service_status(struct service *s, const char *doing, int64_t now_ms);

/* Is a lane alive, and does it make progress. */
#include "libcommon/health.h"

#include "libcommon/clock.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

enum { ALIVE_MS = 5000 }; /* a loop goes round once a second at least, unless a disk holds it up */

/* A process that was killed leaves its page as it was: its number tells, or its silence. */
static bool is_up(const struct metrics_page *page, int64_t now_ms)
{
    if (!page->magic || page->state > STATE_DRAINING)
        return false;
    pid_t pid = (pid_t)page->pid;
    if (pid <= 0 || (kill(pid, 0) < 0 && errno == ESRCH))
        return false;
    return now_ms - (int64_t)page->alive_at <= ALIVE_MS;
}

static void look_at_stage(struct health *h, unsigned i, int64_t now_ms)
{
    struct metrics_page *page = &h->lane.pages[i];
    const char *name = message_stage_name(STAGE_INGEST + i);
    bool up = is_up(page, now_ms);
    page->slots[METRIC_UP][0] = up;
    h->states[i] = up ? (enum metric_state)page->state : STATE_STOPPED;
    if (!up)
        buffer_append_format(&h->reasons, "%s does not run\n", name);
    else if (page->state != STATE_RUNNING)
        buffer_append_format(&h->reasons, "%s is %s\n", name, metric_state_name(page->state));
}

/* A lane that accepts but writes nothing is not ready, whatever its daemons say. */
static void look_at_spool(struct health *h, int64_t stall_seconds)
{
    const struct metrics_page *page = &h->lane.pages[0];
    uint64_t waiting = page->slots[METRIC_SPOOL_DOCUMENTS][0];
    int64_t since = clock_unix_us() - (int64_t)page->slots[METRIC_PROGRESS_AT][0];
    if (page->slots[METRIC_SPOOL_FULL][0])
        buffer_append_string(&h->reasons, "the spool is full\n");
    if (waiting && since > stall_seconds * 1000000)
        buffer_append_format(&h->reasons,
                             "nothing was written for %" PRId64 " s, %" PRIu64 " documents wait\n",
                             since / 1000000, waiting);
}

void health_look(const char *lane, const char *run_dir, int64_t stall_seconds, struct health *ret)
{
    int64_t now_ms = clock_monotonic_ms();
    ret->lane.name = lane;
    for (unsigned i = 0; i < METRIC_STAGES; i++) {
        char path[1200];
        struct metrics_page *page = &ret->lane.pages[i];
        snprintf(path, sizeof path, "%s/%s.metrics", run_dir, message_stage_name(STAGE_INGEST + i));
        if (metrics_read(path, page) < 0)
            memset(page, 0, sizeof *page);
        look_at_stage(ret, i, now_ms);
    }
    ret->alive = ret->lane.pages[0].slots[METRIC_UP][0] != 0;
    if (ret->alive)
        look_at_spool(ret, stall_seconds);
    ret->ready = !ret->reasons.size && !ret->reasons.failed;
    ret->lane.pages[0].slots[METRIC_READY][0] = ret->ready;
}

void health_free(struct health *h)
{
    buffer_free(&h->reasons);
}

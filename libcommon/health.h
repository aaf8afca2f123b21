/* Is a lane alive, and does it make progress: seen from outside, through the pages of its daemons.
 */
#pragma once

#include "libcommon/metrics_text.h"
#include "libcommon/settings.h"

struct health {
    struct metrics_lane lane; /* METRIC_UP and METRIC_READY are filled in */
    bool alive;               /* ingest's loop goes round */
    bool ready;               /* all daemons run, and what is accepted gets written */
    enum metric_state states[METRIC_STAGES]; /* what a daemon that is up says of itself */
    struct buffer reasons;                   /* why the lane is not ready, a line each */
};

/* Looks at the lane whose run folder that is. stall_seconds: how long documents may wait while none
 * is written. Free what it fills with health_free(); zero it first. */
void health_look(const char *lane, const char *run_dir, int64_t stall_seconds, struct health *ret);
void health_free(struct health *h);

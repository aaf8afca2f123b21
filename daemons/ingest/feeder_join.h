/* One run of several, and of rows in memory. */
#pragma once

#include "ingest/feeder_run.h"

enum { FEEDER_JOIN_RUNS = 64 }; /* at most */

/* runs: oldest first. rows: sorted by key, the later of two under one key last, newer than all
 * runs. Of several rows under one key the newest stays. On disk under the number of the state, open
 * in *ret once this returns 0; the old runs are left as they are. -errno. */
int feeder_join(int folder, const struct feeder_run *runs, unsigned runs_count,
                const struct feeder_row **rows, uint32_t count, size_t filter_bytes,
                const struct feeder_run_state *state, struct feeder_run *ret);

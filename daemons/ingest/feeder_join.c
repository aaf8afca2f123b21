/* One run of several, and of rows in memory. */
#include "ingest/feeder_join.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Several sorted lists as one. */
struct merge {
    struct feeder_run_reader readers[FEEDER_JOIN_RUNS]; /* oldest first */
    const struct feeder_row
        *heads[FEEDER_JOIN_RUNS + 1]; /* the next of each, then of rows; NULL: no more */
    unsigned runs;
    const struct feeder_row **rows; /* newer than all runs */
    uint32_t at, count;
};

static int merge_advance(struct merge *m, unsigned list)
{
    if (list == m->runs) {
        m->heads[list] = m->at < m->count ? m->rows[m->at++] : NULL;
        return 0;
    }
    int r = feeder_run_read(&m->readers[list], &m->heads[list]);
    if (r == FEEDER_IDS_UNKNOWN)
        m->heads[list] = NULL;
    return r < 0 ? r : 0;
}

/* Of several rows under one key the newest. */
static int merge_all(struct merge *m, struct feeder_run_writer *writer)
{
    struct feeder_row held;
    bool holding = false;
    int r = 0;
    for (unsigned i = 0; i <= m->runs && r == 0; i++)
        r = merge_advance(m, i);
    while (r == 0) {
        unsigned least = m->runs + 1;
        for (unsigned i = 0; i <= m->runs; i++)
            if (m->heads[i] && (least > m->runs || memcmp(&m->heads[i]->key, &m->heads[least]->key,
                                                          sizeof m->heads[i]->key) < 0))
                least = i;
        const struct feeder_row *next = least <= m->runs ? m->heads[least] : NULL;
        if (holding && (!next || memcmp(&held.key, &next->key, sizeof held.key) != 0))
            r = feeder_run_put(writer, &held);
        if (r < 0 || !next)
            break;
        held = *next;
        holding = true;
        r = merge_advance(m, least);
    }
    return r;
}

int feeder_join(int folder, const struct feeder_run *runs, unsigned runs_count,
                const struct feeder_row **rows, uint32_t count, size_t filter_bytes,
                const struct feeder_run_state *state, struct feeder_run *ret)
{
    struct feeder_run_writer writer;
    struct merge *m = calloc(1, sizeof *m);
    uint64_t most = count;
    if (!m)
        return -ENOMEM;
    assert(runs_count <= FEEDER_JOIN_RUNS);
    *m = (struct merge){.runs = runs_count, .rows = rows, .count = count};
    for (unsigned i = 0; i < runs_count; i++) {
        m->readers[i].run = &runs[i];
        most += runs[i].state.rows;
    }
    int r = feeder_run_begin(folder, most, filter_bytes, &writer);
    if (r == 0) {
        r = merge_all(m, &writer);
        if (r == 0)
            r = feeder_run_finish(&writer, state, ret);
        feeder_run_abandon(&writer);
    }
    for (unsigned i = 0; i < runs_count; i++)
        buffer_free(&m->readers[i].rows);
    free(m);
    return r;
}

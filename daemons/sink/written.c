/* Which sequence numbers of one spool are in the output. */
#include "sink/written.h"

#include <stdbool.h>
#include <string.h>

static bool inside(const struct written *w, uint64_t seq)
{
    return seq >= w->floor && seq - w->floor < MESSAGE_SPAN;
}

static uint64_t bit(uint64_t seq)
{
    return (uint64_t)1 << seq % 64;
}

static size_t word(uint64_t seq)
{
    return seq % MESSAGE_SPAN / 64;
}

void written_advance(struct written *w, uint64_t floor)
{
    if (floor <= w->floor)
        return;
    if (floor - w->floor >= MESSAGE_SPAN) {
        memset(w->appended, 0, sizeof w->appended);
        memset(w->synced, 0, sizeof w->synced);
    } else {
        for (uint64_t seq = w->floor; seq < floor; seq++) {
            w->appended[word(seq)] &= ~bit(seq);
            w->synced[word(seq)] &= ~bit(seq);
        }
    }
    w->floor = floor;
}

enum written_state written_look(const struct written *w, uint64_t seq)
{
    if (seq < w->floor)
        return WRITTEN_SETTLED;
    if (!inside(w, seq))
        return WRITTEN_BEYOND;
    if (w->synced[word(seq)] & bit(seq))
        return WRITTEN_SYNCED;
    return w->appended[word(seq)] & bit(seq) ? WRITTEN_PENDING : WRITTEN_NOT;
}

void written_mark_pending(struct written *w, uint64_t seq)
{
    if (inside(w, seq))
        w->appended[word(seq)] |= bit(seq);
}

void written_mark_synced(struct written *w, uint64_t seq)
{
    if (inside(w, seq))
        w->synced[word(seq)] |= bit(seq);
}

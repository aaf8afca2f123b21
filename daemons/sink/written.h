/* Which sequence numbers of one spool are in the output, from the lowest uncommitted one on.
 *
 * The dialogue (message.h) bounds it: nothing is sent at floor + MESSAGE_SPAN or above, and what
 * lies below the floor is settled for good. One thread at a time. */
#pragma once

#include "libcommon/message.h"

#include <stdint.h>

enum written_state {
    WRITTEN_NOT,     /* never seen */
    WRITTEN_PENDING, /* appended, not yet synced */
    WRITTEN_SYNCED,  /* on disk */
    WRITTEN_SETTLED, /* below the floor */
    WRITTEN_BEYOND,  /* further ahead than the dialogue allows */
};

struct written {
    uint64_t floor;
    uint64_t appended[MESSAGE_SPAN / 64], synced[MESSAGE_SPAN / 64]; /* bit seq % MESSAGE_SPAN */
};

/* A floor below the present one changes nothing: messages overtake each other. */
void written_advance(struct written *w, uint64_t floor);
enum written_state written_look(const struct written *w, uint64_t seq);

/* For numbers from the floor on, below its span; others are passed over. */
void written_mark_pending(struct written *w, uint64_t seq);
void written_mark_synced(struct written *w, uint64_t seq);

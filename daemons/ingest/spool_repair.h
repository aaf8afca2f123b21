/* Mends a spool as far as opening it would not do by itself, and throws nothing away: what is
 * replaced goes to damaged/. */
#pragma once

#include "ingest/spool_survey.h"

enum repair_action {
    REPAIR_MOVE_ASIDE, /* the segment can't be read at all, or belongs to another spool */
    REPAIR_REBUILD,    /* head or footer is damaged: a new file is made from the entries */
    REPAIR_GIVE_UP, /* so many numbers are missing before the segment that they can't each become a
                       reject */
    REPAIR_WRITE_PROGRESS, /* the progress file says nothing */
    REPAIR_RECOVER, /* what opening the spool does: the last segment is sealed, its torn end kept
                       aside */
    REPAIR_END
};

struct repair_step {
    enum repair_action action;
    size_t segment;     /* index in the survey; not for the last two actions */
    uint64_t documents; /* that it concerns */
};

/* Name for JSON and one line for people; NULL for a number that names nothing. */
const char *repair_name(enum repair_action action);
const char *repair_meaning(enum repair_action action);

/* What is to be done, by a thorough survey. *ret_steps is to be freed. -ENOMEM. */
int repair_plan(const struct survey *v, struct repair_step **ret_steps, size_t *ret_count);

/* Does it, but for REPAIR_RECOVER, which is spool_open() after the survey was freed. -errno:
 * stopped there; what was done stays done and is whole. */
int repair_act(struct survey *v, const struct repair_step *steps, size_t count);

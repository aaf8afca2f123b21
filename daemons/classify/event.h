/* What kind of event an article reports: the categories of PLOVER (Halterman et al. 2023), or none.
 */
#pragma once

#include "libcommon/buffer.h"

#include <stddef.h>

/* The order is part of the model's version. */
enum event {
    EVENT_NONE,
    EVENT_ACCUSE,
    EVENT_AGREE,
    EVENT_AID,
    EVENT_ASSAULT,
    EVENT_COERCE,
    EVENT_CONCEDE,
    EVENT_CONSULT,
    EVENT_COOPERATE,
    EVENT_MOBILIZE,
    EVENT_PROTEST,
    EVENT_REJECT,
    EVENT_REQUEST,
    EVENT_RETREAT,
    EVENT_SANCTION,
    EVENT_SUPPORT,
    EVENT_THREATEN,
    EVENT_COUNT
};

const char *event_name(enum event event); /* NULL beyond EVENT_COUNT */
int event_from_name(const char *name);    /* -1 when there is none of that name */

/* Writes FIELD_EVENT: the largest share, unless that is EVENT_NONE's or smaller than least. */
void event_put(const float shares[EVENT_COUNT], float least, struct buffer *out);

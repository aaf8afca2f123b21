/* Events: the categories, and how an article is told to report one. */
#include "classify/event.h"

#include "libcommon/fields.h"

#include <math.h>
#include <string.h>

static const char *const names[EVENT_COUNT] = {
    [EVENT_NONE] = "NONE",         [EVENT_ACCUSE] = "ACCUSE",     [EVENT_AGREE] = "AGREE",
    [EVENT_AID] = "AID",           [EVENT_ASSAULT] = "ASSAULT",   [EVENT_COERCE] = "COERCE",
    [EVENT_CONCEDE] = "CONCEDE",   [EVENT_CONSULT] = "CONSULT",   [EVENT_COOPERATE] = "COOPERATE",
    [EVENT_MOBILIZE] = "MOBILIZE", [EVENT_PROTEST] = "PROTEST",   [EVENT_REJECT] = "REJECT",
    [EVENT_REQUEST] = "REQUEST",   [EVENT_RETREAT] = "RETREAT",   [EVENT_SANCTION] = "SANCTION",
    [EVENT_SUPPORT] = "SUPPORT",   [EVENT_THREATEN] = "THREATEN",
};

const char *event_name(enum event event)
{
    return (unsigned)event < EVENT_COUNT ? names[event] : NULL;
}

int event_from_name(const char *name)
{
    for (int e = 0; e < EVENT_COUNT; e++)
        if (!strcmp(names[e], name))
            return e;
    return -1;
}

void event_put(const float shares[EVENT_COUNT], float least, struct buffer *out)
{
    int best = EVENT_NONE;
    for (int e = 0; e < EVENT_COUNT; e++)
        if (shares[e] > shares[best])
            best = e;
    if (best == EVENT_NONE || shares[best] < least)
        return;
    size_t object = fields_open(out, FIELD_EVENT, FIELD_OBJECT);
    fields_put_string(out, FIELD_EVENT_TYPE, names[best]);
    fields_put_real(out, FIELD_CONFIDENCE, round((double)shares[best] * 1000) / 1000);
    fields_close(out, object);
}

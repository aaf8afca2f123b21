/* Which document goes into the lane next. */
#include "ingest/dispatch.h"

#include "libcommon/message.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>

enum state { FRESH, IN_FLIGHT, DUE, COMMITTED }; /* DUE: was in flight, is to be sent again */

enum { PROBE_DOUBLINGS = 5, LOSSES_PER_ATTEMPT = 2 };

struct entry {
    enum state state;
    bool suspect;
    uint32_t attempts; /* counted against it */
    uint32_t losses;   /* since the last one that was counted */
    size_t bytes;
    int64_t first_ms, sent_ms; /* of the first and the last sending since it was due */
};

struct dispatch {
    struct dispatch_limits limits;
    uint64_t floor, next, end; /* next: lowest FRESH number */
    struct entry ring[MESSAGE_SPAN];
    size_t in_flight, in_flight_bytes, due, suspects;
    size_t trial;      /* how many suspects may be in flight together */
    size_t trial_left; /* how many of the trial under way are still to be sent */
    size_t trial_in_flight;
    int64_t newest_first_ms, newest_sent_ms; /* of what was committed */
    int64_t last_commit_ms, next_probe_ms;
    unsigned probes; /* since the lane gave a sign of life */
    bool probe_wanted;
    uint64_t probe_number; /* of the last one that was sent */
    int64_t probe_sent_ms;
    uint64_t resent;
    bool attempts_changed;
};

static struct entry *at(struct dispatch *d, uint64_t seq)
{
    return &d->ring[seq % MESSAGE_SPAN];
}

static const struct entry *look(const struct dispatch *d, uint64_t seq)
{
    return &d->ring[seq % MESSAGE_SPAN];
}

int dispatch_new(const struct dispatch_limits *limits, uint64_t floor, struct dispatch **ret)
{
    struct dispatch *d = calloc(1, sizeof *d);
    if (!d)
        return -ENOMEM;
    d->limits = *limits;
    d->floor = d->next = d->end = floor;
    d->trial = d->trial_left = 1;
    *ret = d;
    return 0;
}

struct dispatch *dispatch_free(struct dispatch *d)
{
    free(d);
    return NULL;
}

void dispatch_extend(struct dispatch *d, uint64_t end)
{
    if (end > d->end)
        d->end = end;
}

/* Moves floor over what is committed; freed places are as good as new. */
static void advance(struct dispatch *d)
{
    while (d->floor < d->end && at(d, d->floor)->state == COMMITTED) {
        *at(d, d->floor) = (struct entry){0};
        d->floor++;
    }
    if (d->next < d->floor)
        d->next = d->floor;
    while (d->next < d->end && d->next < d->floor + MESSAGE_SPAN &&
           look(d, d->next)->state != FRESH)
        d->next++;
}

void dispatch_limit(struct dispatch *d, const struct dispatch_limits *limits)
{
    d->limits = *limits;
}

void dispatch_restore_committed(struct dispatch *d, uint64_t seq)
{
    if (seq < d->floor || seq >= d->floor + MESSAGE_SPAN)
        return;
    dispatch_extend(d, seq + 1);
    at(d, seq)->state = COMMITTED;
    advance(d);
}

void dispatch_restore_attempts(struct dispatch *d, uint64_t seq, uint32_t attempts)
{
    if (seq >= d->floor && seq < d->floor + MESSAGE_SPAN)
        at(d, seq)->attempts = attempts;
}

static int give(const struct dispatch *d, uint64_t seq, uint64_t *ret_seq, uint32_t *ret_attempt)
{
    uint32_t attempts = look(d, seq)->attempts;
    *ret_seq = seq;
    *ret_attempt = attempts + 1;
    return attempts >= d->limits.attempts ? DISPATCH_REJECT : DISPATCH_SEND;
}

int dispatch_next(const struct dispatch *d, uint64_t *ret_seq, uint32_t *ret_attempt)
{
    if (d->suspects && !d->trial_left)
        return DISPATCH_NOTHING;
    if (d->due) {
        for (uint64_t seq = d->floor; seq < d->next; seq++) {
            const struct entry *e = look(d, seq);
            if (e->state == DUE && (!d->suspects || e->suspect))
                return give(d, seq, ret_seq, ret_attempt);
        }
    }
    if (d->suspects || d->next >= d->end || d->next >= d->floor + MESSAGE_SPAN ||
        (int64_t)d->in_flight >= d->limits.documents)
        return DISPATCH_NOTHING;
    return give(d, d->next, ret_seq, ret_attempt);
}

int dispatch_fits(const struct dispatch *d, size_t bytes)
{
    return !d->in_flight || (int64_t)(d->in_flight_bytes + bytes) <= d->limits.bytes;
}

void dispatch_sent(struct dispatch *d, uint64_t seq, size_t bytes, int64_t now_ms)
{
    struct entry *e = at(d, seq);
    if (e->state == DUE) {
        d->due--;
        d->resent++;
    }
    if (e->state != IN_FLIGHT) {
        d->in_flight++;
        d->in_flight_bytes += bytes;
        if (e->suspect) {
            d->trial_in_flight++;
            d->trial_left--;
        }
    }
    if (!d->last_commit_ms || d->in_flight == 1)
        d->last_commit_ms = now_ms; /* silence counts from here */
    e->state = IN_FLIGHT;
    e->bytes = bytes;
    e->sent_ms = now_ms;
    if (!e->first_ms)
        e->first_ms = now_ms;
    advance(d);
}

static void leave_flight(struct dispatch *d, struct entry *e)
{
    d->in_flight--;
    d->in_flight_bytes -= e->bytes;
    if (e->suspect)
        d->trial_in_flight--;
}

static void clear_suspect(struct dispatch *d, struct entry *e)
{
    if (!e->suspect)
        return;
    e->suspect = false;
    d->suspects--;
}

static void note_committed(struct dispatch *d, const struct entry *e)
{
    if (e->first_ms > d->newest_first_ms)
        d->newest_first_ms = e->first_ms;
    if (e->sent_ms > d->newest_sent_ms)
        d->newest_sent_ms = e->sent_ms;
}

size_t dispatch_commit(struct dispatch *d, uint64_t first, uint64_t last, int64_t now_ms)
{
    size_t count = 0;
    if (first < d->floor)
        first = d->floor;
    for (uint64_t seq = first; seq <= last && seq < d->next; seq++) {
        struct entry *e = at(d, seq);
        if (e->state == COMMITTED)
            continue;
        bool of_trial = e->suspect && e->state == IN_FLIGHT;
        if (e->state == IN_FLIGHT) {
            note_committed(d, e);
            leave_flight(d, e);
        } else if (e->state == DUE) {
            d->due--;
        }
        clear_suspect(d, e);
        if (of_trial && !d->trial_in_flight && (!d->trial_left || !d->suspects)) {
            d->trial *= 2; /* committed whole */
            d->trial_left = d->trial;
        }
        d->attempts_changed |= e->attempts > 0;
        *e = (struct entry){.state = COMMITTED};
        count++;
    }
    if (count) {
        d->last_commit_ms = now_ms;
        d->probes = 0;
    }
    advance(d);
    return count;
}

static void make_due(struct dispatch *d, struct entry *e)
{
    leave_flight(d, e);
    e->state = DUE;
    d->due++;
}

size_t dispatch_hello(struct dispatch *d, int unclean, int64_t now_ms)
{
    size_t count = 0;
    bool in_trial = d->trial_in_flight > 0;
    bool alone = d->in_flight == 1 && in_trial;
    if (unclean && in_trial)
        d->trial = d->trial > 1 ? d->trial / 2 : 1;
    for (uint64_t seq = d->floor; seq < d->next && d->in_flight; seq++) {
        struct entry *e = at(d, seq);
        if (e->state != IN_FLIGHT)
            continue;
        if (unclean && alone) {
            e->attempts++;
            d->attempts_changed = true;
        }
        make_due(d, e);
        e->first_ms = 0; /* no copy of it is left */
        if (unclean && !e->suspect) {
            e->suspect = true;
            d->suspects++;
        }
        count++;
    }
    if (unclean && !in_trial && d->suspects > d->trial)
        d->trial = d->suspects;
    d->trial_left = d->trial;
    d->last_commit_ms = now_ms;
    d->probes = 0;
    d->probe_wanted = false;
    return count;
}

static size_t find_overtaken(struct dispatch *d)
{
    size_t count = 0;
    for (uint64_t seq = d->floor; seq < d->next; seq++) {
        struct entry *e = at(d, seq);
        if (e->state != IN_FLIGHT || d->newest_sent_ms - e->sent_ms < d->limits.resend_ms)
            continue;
        /* what was sent twice may have been committed in its first copy: that overtook nothing */
        if (d->newest_first_ms - e->sent_ms >= d->limits.resend_ms &&
            ++e->losses == LOSSES_PER_ATTEMPT) {
            e->losses = 0;
            e->attempts++;
            d->attempts_changed = true;
        }
        make_due(d, e);
        if (e->suspect)
            d->trial_left++; /* it goes again in the trial under way */
        count++;
    }
    return count;
}

size_t dispatch_tick(struct dispatch *d, int64_t now_ms)
{
    if (!d->in_flight)
        return 0;
    size_t count = find_overtaken(d);
    if (count || now_ms - d->last_commit_ms < d->limits.resend_ms)
        return count;
    if (d->probes && now_ms < d->next_probe_ms)
        return 0;
    unsigned doublings = d->probes < PROBE_DOUBLINGS ? d->probes : PROBE_DOUBLINGS;
    d->next_probe_ms = now_ms + (d->limits.resend_ms << doublings);
    d->probes++;
    d->probe_wanted = true;
    return 0;
}

bool dispatch_probe(const struct dispatch *d, uint64_t *ret_number)
{
    *ret_number = d->probe_number + 1;
    return d->probe_wanted;
}

void dispatch_probe_sent(struct dispatch *d, int64_t now_ms)
{
    d->probe_wanted = false;
    d->probe_number++;
    d->probe_sent_ms = now_ms;
}

size_t dispatch_probe_back(struct dispatch *d, uint64_t number, int64_t now_ms)
{
    if (number != d->probe_number || !d->probe_sent_ms)
        return 0;
    if (d->probe_sent_ms > d->newest_first_ms)
        d->newest_first_ms = d->probe_sent_ms;
    if (d->probe_sent_ms > d->newest_sent_ms)
        d->newest_sent_ms = d->probe_sent_ms;
    d->probe_sent_ms = 0;
    d->last_commit_ms = now_ms;
    d->probes = 0;
    return find_overtaken(d);
}

void dispatch_attempts(struct dispatch *d,
                       void (*each)(void *user, uint64_t seq, uint32_t attempts), void *user,
                       int *ret_changed)
{
    for (uint64_t seq = d->floor; seq < d->floor + MESSAGE_SPAN && each; seq++)
        if (look(d, seq)->attempts)
            each(user, seq, look(d, seq)->attempts);
    if (ret_changed)
        *ret_changed = d->attempts_changed;
    if (each)
        d->attempts_changed = false;
}

uint64_t dispatch_floor(const struct dispatch *d)
{
    return d->floor;
}

size_t dispatch_in_flight(const struct dispatch *d)
{
    return d->in_flight;
}

size_t dispatch_in_flight_bytes(const struct dispatch *d)
{
    return d->in_flight_bytes;
}

size_t dispatch_suspects(const struct dispatch *d)
{
    return d->suspects;
}

uint64_t dispatch_resent(const struct dispatch *d)
{
    return d->resent;
}

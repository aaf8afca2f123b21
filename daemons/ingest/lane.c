/* The way of documents into the lane, and of commits out of it. */
#include "ingest/lane.h"

#include "ingest/dispatch.h"
#include "libcommon/clock.h"
#include "libcommon/fault.h"
#include "libcommon/log_message.h"
#include "libcommon/message.h"
#include "libcommon/metrics.h"
#include "libcommon/reject.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zmq.h>

enum { BATCH = 256, TICK_MS = 250, NOTES_MAX = 254 };

struct lane {
    struct runner *runner;
    struct spool *spool;
    struct jobs *jobs;
    struct dispatch *dispatch;
    void *output, *feedback;
    int output_watched;
    uint64_t identity, probe_base; /* numbers of probes differ from those of the last process */
    struct buffer entry, frame, reject;
    int64_t next_tick;
};

static struct dispatch_limits limits_of(const struct settings *s)
{
    return (struct dispatch_limits){s->window.documents, s->window.bytes,
                                    s->dispatch.resend_seconds * 1000,
                                    (uint32_t)s->dispatch.attempts};
}

void lane_reload(struct lane *l)
{
    struct dispatch_limits limits = limits_of(runner_settings(l->runner));
    dispatch_limit(l->dispatch, &limits);
}

/* Everything below is on disk; notes and commits of the last process are taken over. */
static int restore(struct lane *l)
{
    const struct settings *s = runner_settings(l->runner);
    struct spool_status status;
    spool_status(l->spool, &status);
    l->identity = status.spool;
    struct dispatch_limits limits = limits_of(s);
    int e = dispatch_new(&limits, status.floor, &l->dispatch);
    for (uint64_t seq = status.floor; !e && seq < status.floor + MESSAGE_SPAN && seq < status.next;
         seq++)
        if (spool_note_of(l->spool, seq))
            dispatch_restore_attempts(l->dispatch, seq, spool_note_of(l->spool, seq));
    return e;
}

/* Numbers that the spool does not have count as committed: it leaves some out after a crash. */
static int skip_absent(struct lane *l, uint64_t seq)
{
    uint64_t next;
    int r = spool_next(l->spool, seq, &next);
    if (r < 0)
        return r;
    dispatch_restore_committed(l->dispatch, seq);
    for (uint64_t gap = seq + 1; r == SPOOL_OK && gap < next; gap++)
        dispatch_restore_committed(l->dispatch, gap);
    return 0;
}

/* Returns what the frame was written from; its fields are those of the entry. */
static struct message write_frame(struct lane *l, const struct spool_entry *entry, int what,
                                  uint32_t attempt, bool damaged)
{
    struct message m = {
        .kind = what == DISPATCH_REJECT ? MESSAGE_REJECT : MESSAGE_DOCUMENT,
        .stage = STAGE_INGEST,
        .spool = l->identity,
        .seq = entry->seq,
        .floor = dispatch_floor(l->dispatch),
        .attempt = attempt,
        .accepted_at = entry->accepted_at,
        .dispatched_at = clock_unix_us(),
    };
    m.sections[SECTION_DOCUMENT] =
        (struct message_part){entry->document ? entry->document : "", entry->document_size};
    m.sections[SECTION_BODY] =
        (struct message_part){entry->body ? entry->body : "", entry->body_size};
    if (m.kind == MESSAGE_REJECT) {
        char detail[80];
        snprintf(detail, sizeof detail, damaged ? "damaged in the spool" : "%u attempts",
                 attempt - 1);
        buffer_clear(&l->reject);
        reject_write(REJECT_GAVE_UP, detail, STAGE_INGEST, attempt - 1, &l->reject);
        m.sections[SECTION_REJECT] = (struct message_part){l->reject.data, l->reject.size};
    }
    buffer_clear(&l->frame);
    message_write(&m, &l->frame);
    l->frame.failed |= l->reject.failed;
    return m;
}

static void count_sent(struct lane *l, const struct message *m, size_t bytes)
{
    metric_add(METRIC_SENT, 1);
    metric_add(METRIC_SENT_BYTES, l->frame.size);
    metric_observe(METRIC_SPOOL_WAIT, m->dispatched_at - m->accepted_at);
    log_message(EVENT_SENT, m, NULL, "bytes=%zu", bytes);
    if (m->kind != MESSAGE_REJECT)
        return;
    metric_add(METRIC_GIVEN_UP, 1);
    log_message(EVENT_GAVE_UP, m, reject_name(REJECT_GAVE_UP), "bytes=%zu", bytes);
}

/* 1: sent; 0: the lane takes no more now; -errno. */
static int send_one(struct lane *l, uint64_t seq, int what, uint32_t attempt)
{
    struct spool_entry entry = {0};
    int r = spool_read(l->spool, seq, &l->entry, &entry);
    if (r < 0)
        return r;
    if (r == SPOOL_ABSENT) {
        r = skip_absent(l, seq);
        return r < 0 ? r : 1;
    }
    bool damaged = r == SPOOL_DAMAGED;
    if (damaged) {
        entry.seq = seq;
        what = DISPATCH_REJECT;
    }
    size_t bytes = entry.document_size + entry.body_size;
    if (!dispatch_fits(l->dispatch, bytes))
        return 0;
    struct message m = write_frame(l, &entry, what, attempt, damaged);
    if (l->frame.failed)
        return -ENOMEM;
    r = fault(FAULT_DISPATCH_SEND);
    if (r < 0)
        return r;
    if (zmq_send(l->output, l->frame.data, l->frame.size, ZMQ_DONTWAIT) < 0)
        return zmq_errno() == EAGAIN || zmq_errno() == EINTR ? 0 : -zmq_errno();
    dispatch_sent(l->dispatch, seq, bytes, clock_monotonic_ms());
    count_sent(l, &m, bytes);
    return fault(FAULT_DISPATCH_SENT) < 0 ? -EIO : 1;
}

int lane_send(struct lane *l)
{
    uint64_t seq;
    uint32_t attempt;
    int r = 1;
    dispatch_extend(l->dispatch, spool_durable(l->spool) + 1);
    for (int i = 0; i < BATCH && r > 0; i++) {
        int what = dispatch_next(l->dispatch, &seq, &attempt);
        if (what == DISPATCH_NOTHING) {
            runner_want(l->runner, l->output_watched, 0);
            return 0;
        }
        r = send_one(l, seq, what, attempt);
    }
    if (r < 0)
        return r;
    bool full =
        !r && !(zmq_poll(&(zmq_pollitem_t){.socket = l->output, .events = ZMQ_POLLOUT}, 1, 0) > 0);
    runner_want(l->runner, l->output_watched, r || full ? ZMQ_POLLOUT : 0);
    return 0;
}

/* A lane that takes no probe now is asked again with the next tick. */
static int send_probe(struct lane *l, int64_t now_ms)
{
    uint64_t number;
    if (!dispatch_probe(l->dispatch, &number))
        return 0;
    struct message m = {.kind = MESSAGE_PROBE,
                        .stage = STAGE_INGEST,
                        .spool = l->identity,
                        .seq = l->probe_base + number,
                        .floor = dispatch_floor(l->dispatch),
                        .dispatched_at = clock_unix_us()};
    buffer_clear(&l->frame);
    message_write(&m, &l->frame);
    if (l->frame.failed)
        return -ENOMEM;
    if (zmq_send(l->output, l->frame.data, l->frame.size, ZMQ_DONTWAIT) < 0)
        return zmq_errno() == EAGAIN || zmq_errno() == EINTR ? 0 : -zmq_errno();
    dispatch_probe_sent(l->dispatch, now_ms);
    return 0;
}

static void take_probe(struct lane *l, const struct message *m)
{
    if (m->spool != l->identity)
        return;
    size_t again = dispatch_probe_back(l->dispatch, m->seq - l->probe_base, clock_monotonic_ms());
    if (again)
        log_event(EVENT_RESEND, NULL, "documents=%zu overtaken by a probe", again);
}

static void note(void *user, uint64_t seq, uint32_t attempts)
{
    struct lane *l = user;
    spool_note(l->spool, seq, (uint8_t)(attempts > NOTES_MAX ? NOTES_MAX : attempts));
}

/* Attempts outlive this process: they go to the progress file with the next job. */
static int keep_attempts(struct lane *l)
{
    int changed;
    dispatch_attempts(l->dispatch, NULL, NULL, &changed);
    if (!changed)
        return 0;
    dispatch_attempts(l->dispatch, note, l, NULL);
    int r = jobs_begin(l->jobs, SPOOL_TEND);
    return r < 0 ? r : 0;
}

static int take_commit(struct lane *l, const struct message *m)
{
    if (m->spool != l->identity) {
        log_warning("commit for another spool=%016llx ignored", (unsigned long long)m->spool);
        return 0;
    }
    int e = fault(FAULT_DISPATCH_COMMIT);
    int64_t now = clock_monotonic_ms();
    size_t count = m->sections[SECTION_RANGES].size / sizeof(struct message_range);
    for (size_t i = 0; i < count && !e; i++) {
        struct message_range range;
        uint64_t forgotten = 0;
        memcpy(&range, (const char *)m->sections[SECTION_RANGES].data + i * sizeof range,
               sizeof range);
        dispatch_commit(l->dispatch, range.first, range.last, now);
        e = spool_commit(l->spool, range.first, range.last, &forgotten);
        metric_add(METRIC_COMMITTED, forgotten);
        if (forgotten)
            metric_set(METRIC_PROGRESS_AT, (uint64_t)clock_unix_us());
    }
    return e;
}

static void take_hello(struct lane *l, const struct message *m)
{
    struct message_hello hello;
    memcpy(&hello, m->sections[SECTION_HELLO].data, sizeof hello);
    size_t again = dispatch_hello(l->dispatch, hello.unclean != 0, clock_monotonic_ms());
    metric_add_for(METRIC_STARTS_SEEN, m->stage, 1);
    if (hello.unclean)
        metric_add_for(METRIC_DEATHS_SEEN, m->stage, 1);
    log_event(EVENT_HELLO, NULL, "stage=%s pid=%u%s resend=%zu suspects=%zu",
              message_stage_name(m->stage), hello.pid, hello.unclean ? " after an unclean end" : "",
              again, dispatch_suspects(l->dispatch));
}

static int take_feedback(void *user)
{
    struct lane *l = user;
    int e = 0;
    for (int i = 0; i < BATCH && !e; i++) {
        zmq_msg_t msg;
        zmq_msg_init(&msg);
        if (zmq_msg_recv(&msg, l->feedback, ZMQ_DONTWAIT) < 0) {
            e = zmq_errno() == EAGAIN || zmq_errno() == EINTR ? 0 : -zmq_errno();
            zmq_msg_close(&msg);
            break;
        }
        struct message m;
        int bad = message_read(zmq_msg_data(&msg), zmq_msg_size(&msg), &m);
        if (!bad && m.kind == MESSAGE_COMMIT)
            e = take_commit(l, &m);
        else if (!bad && m.kind == MESSAGE_HELLO)
            take_hello(l, &m);
        else if (!bad && m.kind == MESSAGE_PROBE)
            take_probe(l, &m);
        else
            runner_bad_frame(bad ? bad : -EBADMSG, zmq_msg_size(&msg));
        zmq_msg_close(&msg);
    }
    if (!e)
        e = keep_attempts(l);
    return e < 0 ? e : lane_send(l);
}

static int output_ready(void *user)
{
    return lane_send(user);
}

int lane_new(struct runner *r, struct spool *spool, struct jobs *jobs, struct lane **ret)
{
    struct lane *l = calloc(1, sizeof *l);
    if (!l)
        return -ENOMEM;
    *ret = l;
    l->runner = r;
    l->spool = spool;
    l->jobs = jobs;
    l->probe_base = (uint64_t)clock_unix_us();
    int e = restore(l);
    if (!e)
        e = runner_connect(r, ZMQ_PUSH, "parse", &l->output);
    if (!e)
        e = runner_bind(r, ZMQ_PULL, "ingest", NULL, &l->feedback);
    if (e < 0)
        return e;
    l->output_watched = runner_watch(r, l->output, -1, ZMQ_POLLOUT, output_ready, l);
    int watched = runner_watch(r, l->feedback, -1, ZMQ_POLLIN, take_feedback, l);
    return l->output_watched < 0 || watched < 0 ? -ENOSPC : 0;
}

struct lane *lane_free(struct lane *l)
{
    if (!l)
        return NULL;
    dispatch_free(l->dispatch);
    buffer_free(&l->entry);
    buffer_free(&l->frame);
    buffer_free(&l->reject);
    free(l);
    return NULL;
}

int lane_tick(struct lane *l, int64_t now_ms)
{
    int e = 0;
    if (now_ms >= l->next_tick) {
        size_t again = dispatch_tick(l->dispatch, now_ms);
        if (again)
            log_event(EVENT_RESEND, NULL, "documents=%zu", again);
        e = send_probe(l, now_ms);
        if (!e)
            e = keep_attempts(l);
        if (!e)
            e = jobs_tend(l->jobs);
        l->next_tick = now_ms + TICK_MS;
    }
    if (e >= 0)
        e = lane_send(l);
    return e < 0 ? e : TICK_MS;
}

size_t lane_in_flight(const struct lane *l)
{
    return dispatch_in_flight(l->dispatch);
}

static void set_gauges(struct lane *l, const struct spool_status *s)
{
    const struct settings *settings = runner_settings(l->runner);
    metric_set(METRIC_IN_FLIGHT, dispatch_in_flight(l->dispatch));
    metric_set(METRIC_IN_FLIGHT_BYTES, dispatch_in_flight_bytes(l->dispatch));
    metric_set(METRIC_WINDOW, (uint64_t)settings->window.documents);
    metric_set(METRIC_WINDOW_BYTES, (uint64_t)settings->window.bytes);
    metric_set(METRIC_SUSPECTS, dispatch_suspects(l->dispatch));
    metric_set(METRIC_SPOOL_DOCUMENTS, s->documents);
    metric_set(METRIC_SPOOL_BYTES, s->bytes);
    metric_set(METRIC_SPOOL_LIMIT, (uint64_t)settings->spool.max_bytes);
    metric_set(METRIC_SPOOL_OLDEST_AT, (uint64_t)s->oldest_at);
    metric_set(METRIC_SPOOL_FULL, s->full);
    metric_set(METRIC_SPOOL_DAMAGED, s->damaged);
    if (!s->documents || !metric_value(METRIC_PROGRESS_AT))
        metric_set(METRIC_PROGRESS_AT, (uint64_t)clock_unix_us());
    metric_set(METRIC_RESENT, dispatch_resent(l->dispatch));
    metric_room(METRIC_SPOOL_FREE, settings->spool.dir, (uint64_t)settings->spool.reserve_bytes);
}

void lane_status(struct lane *l, struct buffer *out)
{
    struct spool_status s;
    spool_status(l->spool, &s);
    set_gauges(l, &s);
    char oldest[CLOCK_TEXT_SIZE + 2] = "null", time[CLOCK_TEXT_SIZE];
    if (s.oldest_at) {
        clock_format(s.oldest_at, time);
        snprintf(oldest, sizeof oldest, "\"%s\"", time);
    }
    buffer_append_format(
        out,
        "\"sent\":%llu,\"committed\":%llu,\"rejected\":%llu,\"resent\":%llu,\"in_flight\":%zu,"
        "\"in_flight_bytes\":%zu,\"suspects\":%zu,\"hellos\":%llu,"
        "\"spool\":{\"id\":\"%016llx\",\"documents\":%llu,\"bytes\":%llu,\"segments\":%llu,"
        "\"next\":%llu,\"floor\":%llu,\"oldest_at\":%s,\"full\":%s,\"damaged\":%llu}",
        (unsigned long long)metric_value(METRIC_SENT),
        (unsigned long long)metric_value(METRIC_COMMITTED),
        (unsigned long long)metric_value(METRIC_GIVEN_UP),
        (unsigned long long)metric_value(METRIC_RESENT), dispatch_in_flight(l->dispatch),
        dispatch_in_flight_bytes(l->dispatch), dispatch_suspects(l->dispatch),
        (unsigned long long)metric_value(METRIC_STARTS_SEEN), (unsigned long long)s.spool,
        (unsigned long long)s.documents, (unsigned long long)s.bytes,
        (unsigned long long)s.segments, (unsigned long long)s.next, (unsigned long long)s.floor,
        oldest, s.full ? "true" : "false", (unsigned long long)s.damaged);
}

/* The way in over ZeroMQ. */
#include "ingest/feed.h"

#include "ingest/zap.h"

#include "libcommon/fault.h"
#include "libcommon/message.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zmq.h>

enum {
    BATCH = 64,
    ENVELOPE_MAX = 6,     /* frames, the identity that ROUTER adds among them */
    ENVELOPE_BYTES = 512, /* each */
    PARTS_MAX = ENVELOPE_MAX + 3,
    PENDING_MAX = 65536,
    ANSWER_SIZE = INTAKE_WHY_SIZE + NDJSON_WHY_SIZE + 16,
    JSON_OVERHEAD = 64 * 1024,
    HOLD_MS = 100, /* who has to wait no longer than this is not told so */
};

struct envelope {
    zmq_msg_t frames[ENVELOPE_MAX];
    size_t count;
};

struct pending {
    struct pending *next;
    struct envelope envelope;
    uint64_t seq;
};

struct feed {
    struct runner *runner;
    struct intake *intake;
    void *socket;
    struct zap *zap; /* NULL: whoever reaches the socket may feed */
    int watched;
    struct pending *first, **last;
    size_t count;
    zmq_msg_t held[PARTS_MAX]; /* a request that came while a sync had too much to do; the next wait
                                  in the socket */
    size_t held_count;
    bool stopped;
};

static void envelope_free(struct envelope *e)
{
    for (size_t i = 0; i < e->count; i++)
        zmq_msg_close(&e->frames[i]);
    e->count = 0;
}

/* Sends an answer and closes the envelope. A client that is gone or does not read loses it: it asks
 * again. */
static int answer(struct feed *f, struct envelope *e, const char *text)
{
    int r = 0;
    for (size_t i = 0; i < e->count && r >= 0; i++)
        r = zmq_msg_send(&e->frames[i], f->socket, ZMQ_SNDMORE | ZMQ_DONTWAIT);
    if (r >= 0)
        r = zmq_send(f->socket, "", 0, ZMQ_SNDMORE | ZMQ_DONTWAIT);
    if (r >= 0)
        r = zmq_send(f->socket, text, strlen(text), ZMQ_DONTWAIT);
    int error = r < 0 ? zmq_errno() : 0;
    envelope_free(e);
    return !error || error == EAGAIN || error == EHOSTUNREACH || error == EINTR ? 0 : -error;
}

static int put_off(struct feed *f, struct envelope *e, uint64_t seq)
{
    struct pending *p = malloc(sizeof *p);
    if (!p)
        return -ENOMEM;
    *p = (struct pending){.seq = seq};
    for (; p->envelope.count < e->count; p->envelope.count++) {
        zmq_msg_init(&p->envelope.frames[p->envelope.count]);
        zmq_msg_move(&p->envelope.frames[p->envelope.count], &e->frames[p->envelope.count]);
    }
    envelope_free(e);
    *f->last = p;
    f->last = &p->next;
    f->count++;
    return 0;
}

/* text: the answer, "refused <why>". Intake counts what it saw. */
static int refuse(struct feed *f, struct envelope *e, bool counted, const char *feeder_id,
                  const char *text)
{
    if (!counted)
        intake_refused("feed");
    log_event(EVENT_REFUSED, NULL, "way=feed feeder_id=%.80s: %s", feeder_id ? feeder_id : "-",
              text + strlen("refused "));
    return answer(f, e, text);
}

/* 0: answered, or put off; 1: the spool is busy for a moment and nothing was done; -errno. */
static int hand_in(struct feed *f, struct envelope *e, zmq_msg_t *json, zmq_msg_t *body)
{
    char why[NDJSON_WHY_SIZE] = "", text[ANSWER_SIZE], intake_why[INTAKE_WHY_SIZE];
    struct ndjson_document d;
    size_t largest = (size_t)runner_settings(f->runner)->document_bytes;
    if (zmq_msg_size(json) > (body ? 0 : largest * 2) + JSON_OVERHEAD) {
        snprintf(text, sizeof text, "refused too large: a JSON frame of %zu bytes",
                 zmq_msg_size(json));
        return refuse(f, e, false, NULL, text);
    }
    int r = ndjson_document_read(zmq_msg_data(json), zmq_msg_size(json), !body, &d, why);
    if (r < 0)
        return r;
    if (r == NDJSON_BAD) {
        snprintf(text, sizeof text, "refused %s", why);
        return refuse(f, e, false, NULL, text);
    }
    uint64_t seq = 0;
    int wait_ms = 0;
    r = intake_take(f->intake, "feed", &d, body ? zmq_msg_data(body) : NULL,
                    body ? zmq_msg_size(body) : 0, &seq, &wait_ms, intake_why);
    if (r == INTAKE_REFUSED) {
        snprintf(text, sizeof text, "refused %s", intake_why);
        r = refuse(f, e, true, d.id, text);
        ndjson_document_free(&d);
        return r;
    }
    ndjson_document_free(&d);
    switch (r) {
    case INTAKE_TAKEN:
        return put_off(f, e, seq);
    case INTAKE_BUSY:
        if (wait_ms <= HOLD_MS)
            return 1;
        snprintf(text, sizeof text, "busy %d", wait_ms);
        return answer(f, e, text);
    }
    return r;
}

/* Splits what was received into envelope and payload. Returns as hand_in(). */
static int take_request(struct feed *f, zmq_msg_t *parts, size_t count, bool whole)
{
    struct envelope e = {0};
    size_t empty = 1;
    while (empty < count && empty < ENVELOPE_MAX && zmq_msg_size(&parts[empty]))
        empty++;
    bool delimited = empty < count && empty < ENVELOPE_MAX && !zmq_msg_size(&parts[empty]);
    size_t payload = delimited ? count - empty - 1 : 0;
    for (size_t i = 0; i < (delimited ? empty : 1); i++) {
        if (zmq_msg_size(&parts[i]) > ENVELOPE_BYTES && i) {
            delimited = false;
            break;
        }
        zmq_msg_init(&e.frames[i]);
        zmq_msg_copy(&e.frames[i], &parts[i]);
        e.count++;
    }
    if (!whole || !delimited || payload < 1 || payload > 2)
        return refuse(f, &e, false, NULL,
                      "refused a request is an envelope, an empty frame, a JSON object, and at "
                      "most one body");
    int r = hand_in(f, &e, &parts[empty + 1], payload == 2 ? &parts[empty + 2] : NULL);
    envelope_free(&e);
    return r;
}

/* Receives all frames of one request; more than are allowed are read and dropped. 1: got one; 0:
 * none there; -errno. */
static int receive_parts(struct feed *f, zmq_msg_t *parts, size_t *ret_count, bool *ret_whole)
{
    size_t count = 0;
    *ret_whole = true;
    for (;;) {
        zmq_msg_t part;
        zmq_msg_init(&part);
        if (zmq_msg_recv(&part, f->socket, ZMQ_DONTWAIT) < 0) {
            int error = zmq_errno();
            zmq_msg_close(&part);
            *ret_count = count;
            return !count && (error == EAGAIN || error == EINTR) ? 0 : -error;
        }
        bool more = zmq_msg_more(&part);
        if (count < PARTS_MAX) {
            zmq_msg_init(&parts[count]);
            zmq_msg_move(&parts[count++], &part);
        } else {
            *ret_whole = false;
        }
        zmq_msg_close(&part);
        if (!more)
            break;
    }
    *ret_count = count;
    return 1;
}

static void close_parts(zmq_msg_t *parts, size_t count)
{
    for (size_t i = 0; i < count; i++)
        zmq_msg_close(&parts[i]);
}

static void hold(struct feed *f, zmq_msg_t *parts, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        zmq_msg_init(&f->held[i]);
        zmq_msg_move(&f->held[i], &parts[i]);
    }
    f->held_count = count;
}

/* Tries the held request again. Returns as hand_in(). */
static int take_held(struct feed *f)
{
    if (!f->held_count)
        return 0;
    int r = take_request(f, f->held, f->held_count, true);
    if (r == 1)
        return 1;
    close_parts(f->held, f->held_count);
    f->held_count = 0;
    return r;
}

static bool full(const struct feed *f)
{
    return f->held_count || f->count >= PENDING_MAX;
}

static int answer_durable(struct feed *f)
{
    int e = 0;
    while (f->first && f->first->seq <= intake_durable(f->intake) && !e) {
        struct pending *p = f->first;
        char text[ANSWER_SIZE] = "accepted ";
        message_id(intake_spool(f->intake), p->seq, text + strlen(text));
        f->first = p->next;
        if (!f->first)
            f->last = &f->first;
        f->count--;
        e = fault(FAULT_INTAKE_ANSWER);
        if (!e)
            e = answer(f, &p->envelope, text);
        else
            envelope_free(&p->envelope);
        free(p);
        if (!e)
            e = fault(FAULT_INTAKE_ANSWERED);
    }
    return e;
}

int feed_answer(struct feed *f)
{
    int e = answer_durable(f);
    if (!e && !f->stopped)
        e = take_held(f);
    if (!f->stopped)
        runner_want(f->runner, f->watched, full(f) ? 0 : ZMQ_POLLIN);
    return e < 0 ? e : 0;
}

static int ready(void *user)
{
    struct feed *f = user;
    int r = 1;
    for (int i = 0; i < BATCH && r > 0 && !full(f); i++) {
        zmq_msg_t parts[PARTS_MAX];
        size_t count = 0;
        bool whole;
        r = receive_parts(f, parts, &count, &whole);
        if (r > 0) {
            int e = take_request(f, parts, count, whole);
            if (e == 1)
                hold(f, parts, count);
            r = e < 0 ? e : 1;
        }
        if (!f->held_count)
            close_parts(parts, count);
    }
    return r < 0 ? r : feed_answer(f); /* a repeat may be durable already */
}

int feed_new(struct runner *r, struct intake *intake, struct feed **ret)
{
    struct feed *f = calloc(1, sizeof *f);
    if (!f)
        return -ENOMEM;
    *ret = f;
    f->runner = r;
    f->intake = intake;
    f->last = &f->first;
    const struct settings *s = runner_settings(r);
    int e = *s->ingest.feed_clients ? zap_new(r, &f->zap) : 0;
    if (!e)
        e = runner_bind_guarded(r, ZMQ_ROUTER, "feed", s->ingest.feed_endpoint,
                                f->zap ? zap_guard : NULL, &f->socket);
    if (e < 0)
        return e;
    int mandatory = 1;
    if (zmq_setsockopt(f->socket, ZMQ_ROUTER_MANDATORY, &mandatory, sizeof mandatory) < 0)
        return -zmq_errno();
    f->watched = runner_watch(r, f->socket, -1, ZMQ_POLLIN, ready, f);
    return f->watched < 0 ? f->watched : 0;
}

struct feed *feed_free(struct feed *f)
{
    if (!f)
        return NULL;
    while (f->first) {
        struct pending *p = f->first;
        f->first = p->next;
        envelope_free(&p->envelope);
        free(p);
    }
    close_parts(f->held, f->held_count);
    f->zap = zap_free(f->zap);
    free(f);
    return NULL;
}

void feed_reload(struct feed *f)
{
    zap_reload(f->zap);
}

void feed_stop(struct feed *f)
{
    f->stopped = true;
    runner_want(f->runner, f->watched, 0);
}

size_t feed_pending(const struct feed *f)
{
    return f->count;
}

/* The way in over a unix stream socket. */
#include "ingest/stream.h"

#include "ingest/answer_line.h"
#include "libcommon/clock.h"
#include "libcommon/fault.h"
#include "libcommon/listener.h"
#include "libcommon/message.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>
#include <zmq.h>

enum {
    EVENTS = 32,
    LINES_A_TURN = 64,
    READ_SIZE = 64 * 1024,
    MARKS = 512,               /* answers of a feeder that wait for a sync or for their reader */
    ANSWERS_SIZE = 256 * 1024, /* from this size on nothing more is taken from it */
    LINE_OVERHEAD = 64 * 1024,
    SLOW_MS = 2000, /* whose line takes longer makes room for others */
    STARVED_MS = 20,
    TURN_MS = 250,
};

/* Up to where answers may go out once seq is durable. */
struct mark {
    uint64_t seq;
    size_t end;
};

struct peer {
    struct peer *next, **link;
    int fd; /* registered with epoll until it hangs up */
    uint32_t wanted;
    bool readable, hung_up, end; /* end: of what it sends */
    bool skipping;               /* the rest of a line that is too long */
    bool lines;                  /* in may hold whole lines */
    bool starved;                /* there is no room for its line */
    bool cut;                    /* kept us waiting for too long */
    struct buffer in, out;
    size_t searched;    /* of in, for a line's end */
    size_t sent, ready; /* of out */
    struct mark marks[MARKS];
    size_t first, count; /* of marks, a ring */
    uint64_t last_seq;
    size_t line;
    int64_t since; /* monotonic ms: since when we wait for it; 0: we don't */
};

struct stream {
    struct runner *runner;
    struct intake *intake;
    int listening, epoll;
    char socket_path[LISTENER_PATH_SIZE]; /* to be removed; "" for one that was handed over */
    struct peer *peers;
    size_t count, memory; /* of lines that are longer than a read */
    bool listens;         /* watched: there is room for one more */
    int64_t hold_until, next_look;
    bool stopped;
};

static const struct settings *settings_of(const struct stream *s)
{
    return runner_settings(s->runner);
}

static size_t longest(const struct stream *s)
{
    return (size_t)settings_of(s)->document_bytes * 2 + LINE_OVERHEAD;
}

static size_t held(const struct peer *p)
{
    return p->in.capacity > READ_SIZE ? p->in.capacity - READ_SIZE : 0;
}

/* --- peers --- */

static struct peer *close_peer(struct stream *s, struct peer *p)
{
    struct peer *next = p->next;
    *p->link = next;
    if (next)
        next->link = p->link;
    s->memory -= held(p);
    s->count--;
    close(p->fd);
    buffer_free(&p->in);
    buffer_free(&p->out);
    free(p);
    return next;
}

/* What epoll shall tell of a peer: no more than can be acted on, or the loop would spin. */
static int want(struct stream *s, struct peer *p)
{
    uint32_t events =
        (p->readable || p->end || s->stopped ? 0 : EPOLLIN) | (p->ready > p->sent ? EPOLLOUT : 0);
    if (p->hung_up || events == p->wanted)
        return 0;
    struct epoll_event e = {.events = events, .data.ptr = p};
    p->wanted = events;
    return epoll_ctl(s->epoll, EPOLL_CTL_MOD, p->fd, &e) < 0 ? -errno : 0;
}

static int add_peer(struct stream *s, int fd)
{
    struct peer *p = calloc(1, sizeof *p);
    if (!p) {
        close(fd);
        return -ENOMEM;
    }
    struct epoll_event e = {.events = EPOLLIN, .data.ptr = p};
    p->fd = fd;
    p->wanted = EPOLLIN;
    p->next = s->peers;
    p->link = &s->peers;
    if (p->next)
        p->next->link = &p->next;
    s->peers = p;
    s->count++;
    return epoll_ctl(s->epoll, EPOLL_CTL_ADD, fd, &e) < 0 ? -errno : 0;
}

static int accept_peers(struct stream *s)
{
    while (!s->stopped && s->count < (size_t)settings_of(s)->stream.connections) {
        int fd = accept4(s->listening, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
        if (fd < 0 && (errno == EAGAIN || errno == ECONNABORTED || errno == EINTR))
            return 0;
        if (fd < 0 && (errno == EMFILE || errno == ENFILE || errno == ENOMEM || errno == ENOBUFS))
            return 0; /* it waits in the backlog */
        int e = fd < 0 ? -errno : add_peer(s, fd);
        if (e < 0)
            return e;
    }
    return 0;
}

/* Whether those who knock are to be told of. */
static int want_more(struct stream *s)
{
    bool listens = !s->stopped && s->count < (size_t)settings_of(s)->stream.connections;
    if (listens == s->listens)
        return 0;
    struct epoll_event e = {.events = listens ? EPOLLIN : 0};
    s->listens = listens;
    return epoll_ctl(s->epoll, EPOLL_CTL_MOD, s->listening, &e) < 0 ? -errno : 0;
}

/* --- answers --- */

/* The answer that was just written may go out once everything up to seq is durable. */
static void mark(struct peer *p, uint64_t seq)
{
    p->last_seq = seq > p->last_seq ? seq : p->last_seq;
    p->marks[(p->first + p->count++) % MARKS] = (struct mark){p->last_seq, p->out.size};
}

static bool may_take(const struct peer *p)
{
    return p->count < MARKS && p->out.size - p->sent < ANSWERS_SIZE;
}

static bool find_ready(struct stream *s, struct peer *p)
{
    uint64_t durable = intake_durable(s->intake);
    size_t before = p->ready;
    while (p->count && p->marks[p->first].seq <= durable) {
        p->ready = p->marks[p->first].end;
        p->first = (p->first + 1) % MARKS;
        p->count--;
    }
    return p->ready > before;
}

/* Moves what is left to the front. */
static void compact(struct peer *p)
{
    if (p->sent < p->out.size && p->sent < ANSWERS_SIZE)
        return;
    memmove(p->out.data, p->out.data + p->sent, p->out.size - p->sent);
    p->out.size -= p->sent;
    p->ready -= p->sent;
    for (size_t i = 0; i < p->count; i++)
        p->marks[(p->first + i) % MARKS].end -= p->sent;
    p->sent = 0;
}

/* A feeder that is gone loses its answers; what it sent is taken all the same. 0; -errno. */
static int send_answers(struct stream *s, struct peer *p)
{
    int e = find_ready(s, p) ? fault(FAULT_INTAKE_ANSWER) : 0;
    if (e < 0)
        return e;
    while (p->sent < p->ready) {
        ssize_t n = send(p->fd, p->out.data + p->sent, p->ready - p->sent, MSG_NOSIGNAL);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0 && errno == EAGAIN)
            break;
        p->sent = n < 0 ? p->ready : p->sent + (size_t)n;
        p->since = 0;
        e = fault(FAULT_INTAKE_ANSWERED);
        if (e < 0)
            return e;
    }
    if (p->out.size)
        compact(p);
    return 0;
}

/* --- lines --- */

static void refuse(struct peer *p, const char *feeder_id, const char *why)
{
    answer_refused(&p->out, p->line, feeder_id, why);
    mark(p, 0);
}

/* 1: done with; 0: not now; -errno. */
static int hand_in(struct stream *s, struct peer *p, const struct ndjson_document *d)
{
    char why[INTAKE_WHY_SIZE], id[MESSAGE_ID_SIZE];
    uint64_t seq = 0;
    int wait_ms = 0;
    int e = intake_take(s->intake, "stream", d, NULL, 0, &seq, &wait_ms, why);
    switch (e) {
    case INTAKE_TAKEN:
        message_id(intake_spool(s->intake), seq, id);
        answer_accepted(&p->out, p->line, d->id, id);
        mark(p, seq);
        return 1;
    case INTAKE_REFUSED:
        refuse(p, d->id, why);
        return 1;
    case INTAKE_BUSY:
        s->hold_until = clock_monotonic_ms() + wait_ms;
        return 0;
    }
    return e;
}

/* As hand_in(). */
static int take_line(struct stream *s, struct peer *p, const char *text, size_t size)
{
    struct ndjson_document d;
    char why[NDJSON_WHY_SIZE];
    while (size && strchr(" \t\r", text[size - 1]) && text[size - 1])
        size--;
    p->line++;
    if (!size)
        return 1;
    int e = ndjson_document_read(text, size, true, &d, why);
    if (e == NDJSON_BAD) {
        intake_refused("stream");
        refuse(p, NULL, why);
    }
    if (e != NDJSON_OK)
        return e < 0 ? e : 1;
    e = hand_in(s, p, &d);
    if (e == 0)
        p->line--;
    ndjson_document_free(&d);
    return e;
}

static void forget(struct stream *s, struct peer *p, size_t size)
{
    if (size)
        memmove(p->in.data, p->in.data + size, p->in.size - size);
    p->in.size -= size;
    p->searched = 0;
    if (p->in.size || p->in.capacity <= READ_SIZE)
        return;
    s->memory -= held(p); /* a long line leaves nothing behind */
    buffer_free(&p->in);
}

static void skip_line(struct stream *s, struct peer *p)
{
    p->line++;
    intake_refused("stream");
    refuse(p, NULL, "too large: the line is longer than any document");
    p->skipping = true;
    forget(s, p, p->in.size);
}

/* The end of the first line, in bytes from the beginning of in; 0: it has not come. */
static size_t line_end(struct peer *p)
{
    const char *feed = p->in.size > p->searched
                           ? memchr(p->in.data + p->searched, '\n', p->in.size - p->searched)
                           : NULL;
    p->searched = p->in.size;
    return feed ? (size_t)(feed - p->in.data) + 1 : p->end ? p->in.size : 0;
}

/* Takes lines that are there. 1: all; 0: not now; -errno. */
static int take_lines(struct stream *s, struct peer *p)
{
    size_t at = 0;
    int e = 1;
    for (int i = 0; i < LINES_A_TURN && e == 1; i++) {
        const char *begin = p->in.data + at;
        size_t left = p->in.size - at;
        const char *feed = left ? memchr(begin, '\n', left) : NULL;
        size_t size = feed ? (size_t)(feed - begin) : p->end ? left : 0;
        if (!feed && !size)
            break;
        if (i == LINES_A_TURN - 1 || !may_take(p) || s->stopped) {
            e = 0;
            break;
        }
        e = p->skipping ? 1 : take_line(s, p, begin, size);
        if (e == 1) {
            p->skipping = false;
            at += size + (feed != NULL);
        }
    }
    if (at)
        forget(s, p, at);
    p->lines = e == 0;
    return p->out.failed ? -ENOMEM : e;
}

/* --- reading --- */

/* Room for a line that grows, where need be at the cost of whose line takes long. */
static bool find_room(struct stream *s, const struct peer *p)
{
    size_t more = p->in.capacity;
    if (p->in.capacity - p->in.size >= READ_SIZE || p->in.capacity <= READ_SIZE ||
        s->memory + more <= (size_t)settings_of(s)->stream.memory_bytes)
        return true;
    struct peer *slowest = NULL;
    int64_t then = clock_monotonic_ms() - SLOW_MS;
    for (struct peer *other = s->peers; other; other = other->next)
        if (held(other) && other->since && other->since < then &&
            (!slowest || other->since < slowest->since))
            slowest = other;
    if (slowest)
        slowest->cut = true;
    return false; /* it is not read until there is room */
}

/* 1: something came; 0: nothing there, or no room; -errno. */
static int read_some(struct stream *s, struct peer *p)
{
    p->starved = !find_room(s, p);
    if (p->starved)
        return 0;
    s->memory -= held(p);
    buffer_reserve(&p->in, READ_SIZE);
    s->memory += held(p);
    if (p->in.failed)
        return -ENOMEM;
    ssize_t n = read(p->fd, p->in.data + p->in.size, READ_SIZE);
    if (n < 0 && errno == EINTR)
        return 1;
    if (n < 0 && errno == EAGAIN) {
        p->readable = false;
        return 0;
    }
    if (n <= 0) { /* a connection that broke ends too */
        p->end = true;
        p->readable = false;
        if (n < 0)
            forget(s, p, p->in.size);
        return 0;
    }
    p->in.size += (size_t)n;
    return 1;
}

/* Drops what belongs to a line that is skipped; begins to skip one that is too long. */
static void look_at_length(struct stream *s, struct peer *p)
{
    size_t end = line_end(p);
    if (p->skipping && !end)
        forget(s, p, p->in.size);
    else if (!end && p->in.size > longest(s) && may_take(p))
        skip_line(s, p);
    p->lines = end > 0;
}

static void keep_time(struct peer *p, int64_t now_ms)
{
    bool waits = p->sent < p->ready || (p->in.size && !p->lines) || p->skipping;
    p->since = !waits ? 0 : p->since ? p->since : now_ms;
}

/* 1: close it; 0; -errno. */
static int serve(struct stream *s, struct peer *p, int64_t now_ms)
{
    if (p->cut)
        return 1;
    bool hold = now_ms < s->hold_until;
    p->starved = false;
    int e = send_answers(s, p);
    if (e == 0 && p->lines && !hold)
        e = take_lines(s, p);
    if (e > 0)
        e = 0;
    if (e == 0 && p->readable && !p->lines && !hold && !s->stopped && may_take(p)) {
        e = read_some(s, p);
        if (e >= 0) {
            look_at_length(s, p);
            e = 0;
        }
    }
    if (e)
        return e;
    keep_time(p, now_ms);
    bool done = p->end && !p->lines && !p->in.size && !p->count && p->sent == p->out.size;
    return done || (p->end && p->hung_up && !p->lines) ? 1 : want(s, p);
}

/* --- turns --- */

static int told(void *user)
{
    struct stream *s = user;
    struct epoll_event events[EVENTS];
    int count = epoll_wait(s->epoll, events, EVENTS, 0), e = 0;
    if (count < 0)
        return errno == EINTR ? 0 : -errno;
    for (int i = 0; i < count && !e; i++) {
        struct peer *p = events[i].data.ptr;
        if (!p) {
            e = accept_peers(s);
            continue;
        }
        p->readable |= (events[i].events & (EPOLLIN | EPOLLHUP | EPOLLERR)) != 0;
        if (events[i].events & (EPOLLHUP | EPOLLERR)) { /* what it sent is read all the same */
            p->hung_up = true;
            e = epoll_ctl(s->epoll, EPOLL_CTL_DEL, p->fd, NULL) < 0 ? -errno : 0;
        }
    }
    return e;
}

static void close_slow(struct stream *s, int64_t now_ms)
{
    if (now_ms < s->next_look)
        return;
    s->next_look = now_ms + 1000;
    int64_t then = now_ms - settings_of(s)->stream.patience_seconds * 1000;
    for (struct peer *p = s->peers; p; p = p->next)
        p->cut |= p->since && p->since < then;
}

static bool has_work(const struct stream *s, const struct peer *p)
{
    return (p->lines || (p->readable && !p->starved)) && may_take(p) && !s->stopped;
}

int stream_tick(struct stream *s, int64_t now_ms)
{
    int wait = TURN_MS;
    close_slow(s, now_ms);
    for (struct peer *p = s->peers; p;) {
        int e = serve(s, p, now_ms);
        if (e < 0)
            return e;
        if (e == 0 && (p->starved || has_work(s, p)))
            wait = has_work(s, p) ? 0 : wait < STARVED_MS ? wait : STARVED_MS;
        p = e ? close_peer(s, p) : p->next;
    }
    if (!wait && s->hold_until > now_ms)
        wait = (int)(s->hold_until - now_ms);
    int e = want_more(s);
    return e < 0 ? e : wait;
}

/* --- beginning, end --- */

static int start(struct stream *s)
{
    const struct settings *settings = settings_of(s);
    int e = listener_handed("stream", &s->listening);
    if (e > 0)
        e = listener_open("unix", settings->lane.run_dir, "stream", s->socket_path, &s->listening);
    s->epoll = e ? -1 : epoll_create1(EPOLL_CLOEXEC);
    struct epoll_event event = {.events = EPOLLIN};
    if (!e && (s->epoll < 0 || epoll_ctl(s->epoll, EPOLL_CTL_ADD, s->listening, &event) < 0))
        e = -errno;
    s->listens = !e;
    int watched = e ? 0 : runner_watch(s->runner, NULL, s->epoll, ZMQ_POLLIN, told, s);
    return watched < 0 ? watched : e;
}

int stream_new(struct runner *r, struct intake *intake, struct stream **ret)
{
    struct stream *s = calloc(1, sizeof *s);
    if (!s)
        return -ENOMEM;
    *ret = s;
    s->runner = r;
    s->intake = intake;
    s->listening = s->epoll = -1;
    int e = start(s);
    if (e < 0)
        log_err("can't listen for feeders on a stream socket: %s", strerror(-e));
    return e;
}

struct stream *stream_free(struct stream *s)
{
    if (!s)
        return NULL;
    for (struct peer *p = s->peers; p;)
        p = close_peer(s, p);
    if (s->listening >= 0)
        close(s->listening);
    if (s->epoll >= 0)
        close(s->epoll);
    if (s->socket_path[0])
        unlink(s->socket_path);
    free(s);
    return NULL;
}

void stream_stop(struct stream *s)
{
    s->stopped = true;
}

size_t stream_pending(const struct stream *s)
{
    size_t count = 0;
    for (const struct peer *p = s->peers; p; p = p->next)
        count += p->count;
    return count;
}

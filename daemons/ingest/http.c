/* The way in over HTTP. */
#include "ingest/http.h"

#include "ingest/answer_line.h"
#include "ingest/http_answer.h"
#include "ingest/http_peers.h"
#include "ingest/tokens.h"
#include "ingest/upload.h"
#include "libcommon/clock.h"
#include "libcommon/fault.h"
#include "libcommon/listener.h"
#include "libcommon/message.h"

#include <errno.h>
#include <microhttpd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zmq.h>

enum {
    CONNECTION_MEMORY =
        32 * 1024, /* libmicrohttpd's, a connection: headers, and a piece of the body */
    DOCUMENTS_A_TURN = 64,
    DOCUMENTS_MAX = 10000,     /* in one upload */
    HOLD_MS = 100,             /* who has to wait no longer than this is not told so */
    SLOW_MS = 2000,            /* who keeps us waiting longer makes room for others */
    DISCARD_MAX = 1024 * 1024, /* of a body that is refused: read, so that the answer is */
    TURN_MS = 250,
    AWAY_SECONDS = 5, /* until a daemon that stops is back */
};

enum phase { RECEIVING, DISCARDING, TAKING, WAITING, ANSWERED };

struct request {
    struct request *next; /* in a queue */
    struct MHD_Connection *connection;
    struct http_peer *peer;
    enum phase phase;
    struct upload *upload;
    struct buffer body;
    bool opened; /* its codings are undone */
    size_t discarded;
    const struct ndjson_document *held; /* taken up and put off: the funnel had too much to do */
    size_t held_number;
    size_t accepted, refused;
    uint64_t last_seq; /* answered when this is durable */
    struct http_answer answer;
};

struct queue {
    struct request *first, **last;
    size_t count;
};

struct http {
    struct runner *runner;
    struct intake *intake;
    struct MHD_Daemon *server;
    char socket_path[LISTENER_PATH_SIZE]; /* to be removed; "" for tcp */
    struct tokens *tokens;                /* NULL: everyone is let in */
    struct http_peers peers;
    struct queue taking, waiting;
    size_t body_bytes; /* of all bodies in memory */
    int64_t hold_until;
    bool stopped;
};

static const struct settings *settings_of(const struct http *h)
{
    return runner_settings(h->runner);
}

/* --- queues --- */

static void put(struct queue *q, struct request *r)
{
    r->next = NULL;
    *q->last = r;
    q->last = &r->next;
    q->count++;
}

static struct request *get(struct queue *q)
{
    struct request *r = q->first;
    q->first = r->next;
    if (!q->first)
        q->last = &q->first;
    q->count--;
    return r;
}

/* --- bodies --- */

static void count_body(struct http *h, struct request *r)
{
    h->body_bytes += r->body.capacity - r->peer->holding;
    r->peer->holding = r->body.capacity;
}

static void drop_body(struct http *h, struct request *r)
{
    r->upload = upload_free(r->upload);
    buffer_free(&r->body);
    count_body(h, r);
}

static void refuse(struct http *h, struct request *r, unsigned status, const char *why)
{
    intake_refused("http");
    log_event(EVENT_REFUSED, NULL, "way=http status=%u: %s", status, why);
    http_answer_problem(&r->answer, status, why);
    drop_body(h, r);
    r->phase = DISCARDING;
}

/* Room for more bytes, where need be at the cost of who has kept us waiting. */
static bool find_room(struct http *h, size_t more)
{
    size_t most = (size_t)settings_of(h)->http.memory_bytes;
    if (h->body_bytes + more <= most)
        return true;
    struct http_peer *slow = http_peers_slowest(&h->peers, clock_monotonic_ms() - SLOW_MS, true);
    if (!slow)
        return false;
    http_peer_cut(slow);
    return h->body_bytes - slow->holding + more <= most;
}

static void receive(struct http *h, struct request *r, const char *data, size_t size)
{
    char why[80];
    size_t most = (size_t)settings_of(h)->http.body_bytes;
    if (r->body.size + size > most) {
        snprintf(why, sizeof why, "the body has more than %zu bytes", most);
        refuse(h, r, MHD_HTTP_CONTENT_TOO_LARGE, why);
        return;
    }
    if (r->body.capacity < r->body.size + size && !find_room(h, r->body.capacity + size)) {
        r->answer.retry_after = 1;
        refuse(h, r, MHD_HTTP_SERVICE_UNAVAILABLE, "too many uploads are under way");
        return;
    }
    buffer_append(&r->body, data, size);
    count_body(h, r);
}

/* --- what is asked --- */

static const char *header(struct MHD_Connection *c, const char *name)
{
    return MHD_lookup_connection_value(c, MHD_HEADER_KIND, name);
}

static void refuse_with(struct http *h, struct request *r, unsigned status, const char *why,
                        const char *name, const char *value)
{
    r->answer.extra[0] = name;
    r->answer.extra[1] = value;
    refuse(h, r, status, why);
}

/* outcome: of ingest/upload.h. */
static void refuse_upload(struct http *h, struct request *r, int outcome, const char *why)
{
    static const unsigned statuses[] = {[UPLOAD_MALFORMED] = MHD_HTTP_BAD_REQUEST,
                                        [UPLOAD_TYPE_UNKNOWN] = MHD_HTTP_UNSUPPORTED_MEDIA_TYPE,
                                        [UPLOAD_CODING_UNKNOWN] = MHD_HTTP_UNSUPPORTED_MEDIA_TYPE,
                                        [UPLOAD_TOO_LARGE] = MHD_HTTP_CONTENT_TOO_LARGE};
    if (outcome == UPLOAD_CODING_UNKNOWN)
        refuse_with(h, r, statuses[outcome], why, MHD_HTTP_HEADER_ACCEPT_ENCODING, UPLOAD_CODINGS);
    else
        refuse(h, r, statuses[outcome], why);
}

/* What the head of the body says. -ENOMEM. */
static int read_upload_head(struct http *h, struct request *r)
{
    struct MHD_Connection *c = r->connection;
    char why[UPLOAD_WHY_SIZE];
    const struct upload_head head = {
        .content_type = header(c, MHD_HTTP_HEADER_CONTENT_TYPE),
        .content_coding = header(c, MHD_HTTP_HEADER_CONTENT_ENCODING),
        .location = header(c, MHD_HTTP_HEADER_CONTENT_LOCATION),
        .key = header(c, "Idempotency-Key"),
        .site = header(c, "Khabar-Site"),
        .fetched_at = header(c, "Khabar-Fetched-At"),
    };
    int e = upload_new(&head, (size_t)settings_of(h)->document_bytes, &r->upload, why);
    if (e > UPLOAD_OK)
        refuse_upload(h, r, e, why);
    return e < 0 ? e : 0;
}

/* Everything that can be said before the body is there. -ENOMEM. */
static int judge(struct http *h, struct request *r, const char *url, const char *method)
{
    const char *length = header(r->connection, MHD_HTTP_HEADER_CONTENT_LENGTH);
    char why[80];
    if (strcmp(url, "/v1/documents") != 0) {
        refuse(h, r, MHD_HTTP_NOT_FOUND, "there is /v1/documents");
    } else if (strcmp(method, MHD_HTTP_METHOD_POST) != 0) {
        refuse_with(h, r, MHD_HTTP_METHOD_NOT_ALLOWED, "documents are handed in with POST",
                    MHD_HTTP_HEADER_ALLOW, MHD_HTTP_METHOD_POST);
    } else if (h->tokens &&
               !tokens_allow(h->tokens, header(r->connection, MHD_HTTP_HEADER_AUTHORIZATION))) {
        refuse_with(h, r, MHD_HTTP_UNAUTHORIZED, "Authorization: a bearer token is needed",
                    MHD_HTTP_HEADER_WWW_AUTHENTICATE, "Bearer");
    } else if (h->stopped) {
        r->answer.retry_after = AWAY_SECONDS;
        refuse(h, r, MHD_HTTP_SERVICE_UNAVAILABLE, "the daemon is stopping");
    } else if (length && strtoull(length, NULL, 10) > (size_t)settings_of(h)->http.body_bytes) {
        snprintf(why, sizeof why, "the body has more than %lld bytes",
                 (long long)settings_of(h)->http.body_bytes);
        refuse(h, r, MHD_HTTP_CONTENT_TOO_LARGE, why);
    } else {
        return read_upload_head(h, r);
    }
    return 0;
}

/* --- what is taken --- */

/* All that can be said is written: it goes out when the documents are durable. */
static void finish(struct http *h, struct request *r)
{
    bool many = upload_many(r->upload);
    r->held = NULL;
    if (many && !r->answer.status)
        r->answer.status = r->refused && r->accepted ? MHD_HTTP_OK
                           : r->refused              ? MHD_HTTP_BAD_REQUEST
                                                     : MHD_HTTP_ACCEPTED;
    if (!r->answer.status)
        r->answer.status = MHD_HTTP_ACCEPTED;
    if (!r->answer.type)
        r->answer.type = many ? "application/x-ndjson" : "application/json";
    drop_body(h, r);
    r->phase = WAITING;
    put(&h->waiting, get(&h->taking));
}

static void refuse_document(struct request *r, size_t number, const char *feeder_id,
                            const char *why, unsigned status)
{
    log_event(EVENT_REFUSED, NULL, "way=http feeder_id=%.80s: %s", feeder_id ? feeder_id : "-",
              why);
    if (upload_many(r->upload))
        answer_refused(&r->answer.text, number, feeder_id, why);
    else
        http_answer_problem(&r->answer, status, why);
    r->refused++;
}

static void tell_busy(struct request *r, size_t number, int wait_ms)
{
    if (upload_many(r->upload))
        answer_busy(&r->answer.text, number, wait_ms);
    else
        http_answer_problem(&r->answer, MHD_HTTP_TOO_MANY_REQUESTS, "the spool is full");
    r->answer.status = MHD_HTTP_TOO_MANY_REQUESTS;
    r->answer.retry_after = (unsigned)(wait_ms + 999) / 1000;
}

/* 1: go on; 0: not now; -errno. */
static int take_document(struct http *h, struct request *r, const struct ndjson_document *d,
                         size_t number)
{
    char why[INTAKE_WHY_SIZE], id[MESSAGE_ID_SIZE];
    uint64_t seq = 0;
    int wait_ms = 0;
    bool large = (int64_t)d->body_size > settings_of(h)->document_bytes;
    int e = intake_take(h->intake, "http", d, NULL, 0, &seq, &wait_ms, why);
    r->held = NULL;
    switch (e) {
    case INTAKE_TAKEN:
        message_id(intake_spool(h->intake), seq, id);
        answer_accepted(&r->answer.text, upload_many(r->upload) ? number : 0, d->id, id);
        r->last_seq = seq > r->last_seq ? seq : r->last_seq;
        r->accepted++;
        return 1;
    case INTAKE_REFUSED:
        refuse_document(r, number, d->id, why,
                        large ? MHD_HTTP_CONTENT_TOO_LARGE : MHD_HTTP_BAD_REQUEST);
        return 1;
    case INTAKE_BUSY:
        if (wait_ms <= HOLD_MS) {
            r->held = d;
            r->held_number = number;
            h->hold_until = clock_monotonic_ms() + wait_ms;
        } else {
            tell_busy(r, number, wait_ms);
            finish(h, r);
        }
        return 0;
    }
    return e;
}

/* Undoes the codings of the first request's body: one at a time is held decoded. 1: go on; -errno.
 */
static int open_body(struct http *h, struct request *r)
{
    char why[UPLOAD_WHY_SIZE];
    int e = upload_body(r->upload, r->body.data, r->body.size,
                        (size_t)settings_of(h)->http.body_bytes, why);
    r->opened = true;
    if (e <= UPLOAD_OK)
        return e < 0 ? e : 1;
    refuse_upload(h, r, e, why);
    r->phase = WAITING;
    put(&h->waiting, get(&h->taking));
    return 1;
}

/* The next document of the first request. 1: go on; 0: not now; -errno. */
static int take_next(struct http *h, struct request *r)
{
    char why[UPLOAD_WHY_SIZE];
    if (!r->opened)
        return open_body(h, r);
    const struct ndjson_document *d = r->held;
    size_t number = r->held_number;
    int e = d ? UPLOAD_DOCUMENT : upload_next(r->upload, &d, &number, why);
    if (e < 0)
        return e;
    if (e != UPLOAD_END && r->accepted + r->refused == DOCUMENTS_MAX) {
        snprintf(why, sizeof why, "more than %d documents: this and what follows was not looked at",
                 DOCUMENTS_MAX);
        refuse_document(r, number, NULL, why, MHD_HTTP_CONTENT_TOO_LARGE);
        r->answer.status = MHD_HTTP_CONTENT_TOO_LARGE;
        e = UPLOAD_END;
    }
    if (e == UPLOAD_END) {
        finish(h, r);
        return 1;
    }
    if (e == UPLOAD_DOCUMENT)
        return take_document(h, r, d, number);
    intake_refused("http");
    refuse_document(r, number, NULL, why, MHD_HTTP_BAD_REQUEST);
    return 1;
}

static int take_some(struct http *h)
{
    int e = 1;
    for (int i = 0; i < DOCUMENTS_A_TURN && e > 0 && h->taking.first; i++)
        e = take_next(h, h->taking.first);
    return e < 0 ? e : 0;
}

/* --- what is answered --- */

static enum MHD_Result send_answer(struct request *r)
{
    struct http_answer *a = &r->answer;
    char seconds[16];
    if (a->text.failed)
        return MHD_NO; /* closed without an answer: the feeder asks again */
    struct MHD_Response *response =
        MHD_create_response_from_buffer(a->text.size, a->text.data, MHD_RESPMEM_MUST_FREE);
    if (!response)
        return MHD_NO;
    a->text = (struct buffer){0};
    MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, a->type);
    snprintf(seconds, sizeof seconds, "%u", a->retry_after);
    if (a->retry_after)
        MHD_add_response_header(response, MHD_HTTP_HEADER_RETRY_AFTER, seconds);
    if (a->extra[0])
        MHD_add_response_header(response, a->extra[0], a->extra[1]);
    enum MHD_Result result = MHD_queue_response(r->connection, a->status, response);
    MHD_destroy_response(response);
    r->phase = ANSWERED;
    r->peer->since = clock_monotonic_ms(); /* until it has read the answer */
    return result;
}

/* Wakes those whose documents have become durable. 0; -errno. */
static int settle(struct http *h)
{
    bool woke = false;
    int e = 0;
    while (!e && h->waiting.first && h->waiting.first->last_seq <= intake_durable(h->intake)) {
        e = fault(FAULT_INTAKE_ANSWER);
        if (!e)
            MHD_resume_connection(get(&h->waiting)->connection);
        woke = true;
    }
    if (e || !woke)
        return e;
    MHD_run(h->server);
    return fault(FAULT_INTAKE_ANSWERED);
}

/* --- libmicrohttpd's calls --- */

static struct http_peer *peer_of(struct MHD_Connection *c)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(c, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    return info ? info->socket_context : NULL;
}

static void connection_changed(void *user, struct MHD_Connection *c, void **socket_context,
                               enum MHD_ConnectionNotificationCode what)
{
    struct http *h = user;
    if (what == MHD_CONNECTION_NOTIFY_STARTED) {
        const union MHD_ConnectionInfo *info =
            MHD_get_connection_info(c, MHD_CONNECTION_INFO_CONNECTION_FD);
        *socket_context = http_peers_add(&h->peers, info->connect_fd, clock_monotonic_ms());
    } else {
        http_peers_remove(&h->peers, *socket_context);
        *socket_context = NULL;
    }
}

/* A request is over, whether it was answered or its connection broke. */
static void request_over(void *user, struct MHD_Connection *c, void **request_context,
                         enum MHD_RequestTerminationCode how)
{
    struct http *h = user;
    struct request *r = *request_context;
    (void)c;
    (void)how;
    if (!r)
        return;
    drop_body(h, r);
    buffer_free(&r->answer.text);
    r->peer->since = clock_monotonic_ms();
    free(r);
    *request_context = NULL;
}

static enum MHD_Result begin(struct http *h, struct MHD_Connection *c, const char *url,
                             const char *method, void **request_context)
{
    struct http_peer *peer = peer_of(c);
    struct request *r = peer ? calloc(1, sizeof *r) : NULL;
    if (!r)
        return MHD_NO;
    r->connection = c;
    r->peer = peer;
    *request_context = r;
    if (judge(h, r, url, method) < 0)
        return MHD_NO;
    if (r->phase == RECEIVING)
        return MHD_YES;
    const char *length = header(c, MHD_HTTP_HEADER_CONTENT_LENGTH);
    bool expects = header(c, MHD_HTTP_HEADER_EXPECT);
    bool short_body = length ? strtoull(length, NULL, 10) <= DISCARD_MAX && !expects
                             : !header(c, MHD_HTTP_HEADER_TRANSFER_ENCODING);
    return short_body ? MHD_YES : send_answer(r);
}

static enum MHD_Result take_piece(struct http *h, struct request *r, const char *data, size_t size)
{
    if (r->phase == RECEIVING) {
        receive(h, r, data, size);
        return r->body.failed ? MHD_NO : MHD_YES;
    }
    r->discarded += size;
    return r->discarded > DISCARD_MAX ? MHD_NO : MHD_YES;
}

static enum MHD_Result take_request(void *user, struct MHD_Connection *c, const char *url,
                                    const char *method, const char *version, const char *data,
                                    size_t *size, void **request_context)
{
    struct http *h = user;
    struct request *r = *request_context;
    (void)version;
    if (!r)
        return begin(h, c, url, method, request_context);
    if (*size) {
        enum MHD_Result result = take_piece(h, r, data, *size);
        *size = 0;
        return result;
    }
    if (r->phase == RECEIVING && h->stopped) {
        r->answer.retry_after = AWAY_SECONDS;
        refuse(h, r, MHD_HTTP_SERVICE_UNAVAILABLE, "the daemon is stopping");
    }
    if (r->phase == RECEIVING) {
        r->phase = TAKING;
        r->peer->since = 0; /* it waits for us now */
        put(&h->taking, r);
        MHD_suspend_connection(c);
        return MHD_YES;
    }
    return r->phase == ANSWERED ? MHD_YES : send_answer(r);
}

/* --- beginning, turns, end --- */

static bool is_loopback(const char *where)
{
    return strcmp(where, "unix") == 0 || strncmp(where, "127.", 4) == 0 ||
           strncmp(where, "[::1]:", 6) == 0;
}

static int read_tokens(const struct settings *s, struct tokens **ret)
{
    char why[SECRET_WHY_SIZE];
    *ret = NULL;
    if (!*s->http.tokens && is_loopback(s->http.listen))
        return 0;
    if (!*s->http.tokens) {
        log_err("ingest.http.listen: %s is not on the loopback address, and ingest.http.tokens "
                "names none",
                s->http.listen);
        return -EINVAL;
    }
    int e = tokens_read(s->http.tokens, ret, why);
    if (e < 0)
        log_err("ingest.http.tokens: %s", why);
    return e;
}

int http_check(const struct settings *s)
{
    struct tokens *tokens;
    int e = s->http.enabled ? read_tokens(s, &tokens) : 0;
    if (!e && s->http.enabled)
        tokens_free(tokens);
    return e;
}

static int run(void *user)
{
    struct http *h = user;
    return MHD_run(h->server) == MHD_YES ? 0 : -EIO;
}

/* The socket that the service manager holds under the name "http", or one of our own, which the run
 * folder guards. */
static int listen_for_feeders(struct http *h, const struct settings *s, int *ret_fd)
{
    int e = listener_handed("http", ret_fd);
    if (e > 0)
        e = listener_open(s->http.listen, s->lane.run_dir, "http", h->socket_path, ret_fd);
    if (e < 0)
        log_err("can't listen for feeders over HTTP endpoint=%s: %s", s->http.listen, strerror(-e));
    return e;
}

static int start(struct http *h, const struct settings *s, int fd)
{
    h->server = MHD_start_daemon(
        MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME, 0, NULL, NULL, take_request, h,
        MHD_OPTION_LISTEN_SOCKET, fd, MHD_OPTION_CONNECTION_LIMIT, (unsigned)s->http.connections,
        MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)s->http.idle_seconds,
        MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)CONNECTION_MEMORY, MHD_OPTION_NOTIFY_COMPLETED,
        request_over, h, MHD_OPTION_NOTIFY_CONNECTION, connection_changed, h, MHD_OPTION_END);
    if (!h->server) {
        close(fd);
        return -ENOMEM;
    }
    const union MHD_DaemonInfo *info = MHD_get_daemon_info(h->server, MHD_DAEMON_INFO_EPOLL_FD);
    int watched = runner_watch(h->runner, NULL, info->listen_fd, ZMQ_POLLIN, run, h);
    return watched < 0 ? watched : 0;
}

int http_new(struct runner *r, struct intake *intake, struct http **ret)
{
    struct http *h = calloc(1, sizeof *h);
    if (!h)
        return -ENOMEM;
    *ret = h;
    h->runner = r;
    h->intake = intake;
    h->taking.last = &h->taking.first;
    h->waiting.last = &h->waiting.first;
    const struct settings *s = runner_settings(r);
    int fd = -1;
    int e = read_tokens(s, &h->tokens);
    if (!e)
        e = listen_for_feeders(h, s, &fd);
    return e < 0 ? e : start(h, s, fd);
}

struct http *http_free(struct http *h)
{
    if (!h)
        return NULL;
    while (h->taking.first)
        MHD_resume_connection(get(&h->taking)->connection);
    while (h->waiting.first)
        MHD_resume_connection(get(&h->waiting)->connection);
    if (h->server)
        MHD_stop_daemon(h->server); /* closes the socket too */
    if (h->socket_path[0])
        unlink(h->socket_path);
    tokens_free(h->tokens);
    free(h);
    return NULL;
}

/* Those that keep us waiting for too long go; sooner when nobody else gets in. */
static void close_slow(struct http *h, int64_t now_ms)
{
    const struct settings *s = settings_of(h);
    size_t closed = http_peers_cut_before(&h->peers, now_ms - s->http.request_seconds * 1000);
    if (!closed && h->peers.count >= (size_t)s->http.connections) {
        struct http_peer *slowest = http_peers_slowest(&h->peers, now_ms - SLOW_MS, false);
        if (slowest)
            http_peer_cut(slowest);
    }
}

int http_tick(struct http *h, int64_t now_ms)
{
    MHD_UNSIGNED_LONG_LONG due = TURN_MS;
    close_slow(h, now_ms);
    int e = settle(h);
    if (!e && MHD_get_timeout(h->server, &due) == MHD_YES && !due)
        e = run(h);
    if (!e && now_ms >= h->hold_until)
        e = take_some(h);
    if (!e)
        e = settle(h);
    if (e < 0)
        return e;
    if (h->taking.first)
        return h->hold_until > now_ms ? (int)(h->hold_until - now_ms) : 0;
    return MHD_get_timeout(h->server, &due) == MHD_YES && due < TURN_MS ? (int)due : TURN_MS;
}

void http_stop(struct http *h)
{
    h->stopped = true;
}

size_t http_pending(const struct http *h)
{
    return h->taking.count + h->waiting.count;
}

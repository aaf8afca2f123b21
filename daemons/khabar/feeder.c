/* Hands documents to a lane until each has its answer. */
#include "khabar/feeder.h"

#include "khabar/command.h"

#include <errno.h>
#include <jansson.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <zmq.h>

enum { ANSWER_MAX = 4096, LONGEST_WAIT_MS = 1000 };

enum slot_state { SLOT_FREE, SLOT_DUE, SLOT_SENT };

struct slot {
    enum slot_state state;
    uint32_t round; /* which document of this slot: an answer that comes late meets another number */
    int64_t at_ms;  /* DUE: not to be sent before; SENT: to be sent again at */
    struct input_document *document;
    char *metadata;
};

/* What an answer carries back; opaque to the lane. */
struct number {
    uint32_t slot, round;
};

struct feeder {
    struct feeder_options options;
    feeder_answered *answered;
    void *context;
    void *zmq, *socket, *monitor;
    bool connected;
    int64_t heard_ms;
    size_t pending, pending_bytes, put_off;
    struct slot slots[];
};

static int64_t now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

int feeder_keys_read(const char *key, const char *server, struct feeder_keys *keys,
                     const struct feeder_keys **ret)
{
    char why[SECRET_WHY_SIZE] = "--key and --server-key: both are needed, or neither";
    *ret = NULL;
    if (!key && !server)
        return 0;
    if (!key || !server || curve_secret_read(key, keys->secret, why) < 0 ||
        curve_public_read(server, keys->server, why) < 0) {
        command_complain("%s", why);
        return -EINVAL;
    }
    *ret = keys;
    return 0;
}

static int set_keys(struct feeder *f)
{
    char public_key[CURVE_KEY_SIZE];
    const struct feeder_keys *k = f->options.keys;
    if (!k)
        return 0;
    if (zmq_curve_public(public_key, k->secret) < 0 ||
        zmq_setsockopt(f->socket, ZMQ_CURVE_SERVERKEY, k->server, CURVE_KEY_SIZE) < 0 ||
        zmq_setsockopt(f->socket, ZMQ_CURVE_PUBLICKEY, public_key, CURVE_KEY_SIZE) < 0 ||
        zmq_setsockopt(f->socket, ZMQ_CURVE_SECRETKEY, k->secret, CURVE_KEY_SIZE) < 0)
        return -zmq_errno();
    return 0;
}

static int open_sockets(struct feeder *f)
{
    static const char monitor_name[] = "inproc://feeder-monitor";
    const int yes = 1, no = 0, soon_ms = 20, later_ms = 500;
    f->zmq = zmq_ctx_new();
    if (!f->zmq)
        return -ENOMEM;
    f->socket = zmq_socket(f->zmq, ZMQ_DEALER);
    f->monitor = zmq_socket(f->zmq, ZMQ_PAIR);
    if (!f->socket || !f->monitor)
        return -ENOMEM;
    zmq_setsockopt(f->socket, ZMQ_LINGER, &no, sizeof no);
    zmq_setsockopt(f->monitor, ZMQ_LINGER, &no, sizeof no);
    zmq_setsockopt(f->socket, ZMQ_IMMEDIATE, &yes, sizeof yes); /* queue nothing for a lane that is away */
    zmq_setsockopt(f->socket, ZMQ_RECONNECT_IVL, &soon_ms, sizeof soon_ms);
    zmq_setsockopt(f->socket, ZMQ_RECONNECT_IVL_MAX, &later_ms, sizeof later_ms);
    int e = set_keys(f);
    if (e < 0)
        return e;
    if (zmq_socket_monitor(f->socket, monitor_name,
                           ZMQ_EVENT_HANDSHAKE_SUCCEEDED | ZMQ_EVENT_DISCONNECTED) < 0 ||
        zmq_connect(f->monitor, monitor_name) < 0)
        return -errno;
    if (zmq_connect(f->socket, f->options.endpoint) < 0)
        return -EINVAL;
    return 0;
}

int feeder_new(const struct feeder_options *options, feeder_answered *answered, void *context,
               struct feeder **ret)
{
    struct feeder *f = calloc(1, sizeof *f + options->window * sizeof f->slots[0]);
    if (!f)
        return -ENOMEM;
    f->options = *options;
    f->answered = answered;
    f->context = context;
    f->heard_ms = now_ms();
    int r = open_sockets(f);
    if (r < 0) {
        feeder_free(f);
        return r;
    }
    *ret = f;
    return 0;
}

static void clear_slot(struct feeder *f, struct slot *slot)
{
    if (slot->state == SLOT_FREE)
        return;
    f->pending--;
    f->pending_bytes -= slot->document->given.body_size;
    slot->document = input_document_free(slot->document);
    free(slot->metadata);
    slot->metadata = NULL;
    slot->state = SLOT_FREE;
}

struct feeder *feeder_free(struct feeder *f)
{
    if (!f)
        return NULL;
    for (size_t i = 0; i < f->options.window; i++)
        clear_slot(f, &f->slots[i]);
    if (f->socket)
        zmq_close(f->socket);
    if (f->monitor)
        zmq_close(f->monitor);
    if (f->zmq)
        zmq_ctx_term(f->zmq);
    free(f);
    return NULL;
}

bool feeder_has_room(const struct feeder *f, size_t size)
{
    return f->pending < f->options.window &&
           (!f->pending || f->pending_bytes + size <= f->options.window_bytes);
}

/* The metadata of a document as the lane reads it; NULL: out of memory. Free it. */
static char *write_metadata(const struct ndjson_document *given)
{
    json_t *object = json_object();
    const struct {
        const char *key, *value;
    } texts[] = {{"id", given->id},
                 {"url", given->url},
                 {"site", given->site},
                 {"content_type", given->content_type}};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        if (texts[i].value)
            json_object_set_new(object, texts[i].key, json_string(texts[i].value));
    if (given->fetched_at)
        json_object_set_new(object, "fetched_at", json_real((double)given->fetched_at / 1e6));
    char *text = json_dumps(object, JSON_COMPACT);
    json_decref(object);
    return text;
}

int feeder_put(struct feeder *f, struct input_document **document)
{
    struct slot *slot = f->slots;
    while (slot->state != SLOT_FREE)
        slot++;
    char *metadata = write_metadata(&(*document)->given);
    if (!metadata)
        return -ENOMEM;
    if (!f->pending)
        f->heard_ms = now_ms(); /* until now there was nothing to say */
    *slot = (struct slot){SLOT_DUE, slot->round + 1, 0, *document, metadata};
    f->pending++;
    f->pending_bytes += (*document)->given.body_size;
    *document = NULL;
    return 0;
}

/* 0; -EAGAIN: the lane is away or takes no more now. */
static int send_slot(struct feeder *f, struct slot *slot)
{
    struct number number = {(uint32_t)(slot - f->slots), slot->round};
    const struct ndjson_document *given = &slot->document->given;
    const struct {
        const void *data;
        size_t size;
    } frames[] = {{&number, sizeof number},
                  {"", 0},
                  {slot->metadata, strlen(slot->metadata)},
                  {given->body, given->body_size}};
    for (size_t i = 0; i < 4; i++)
        if (zmq_send(f->socket, frames[i].data, frames[i].size, ZMQ_DONTWAIT | (i < 3 ? ZMQ_SNDMORE : 0)) < 0)
            return -errno;
    slot->state = SLOT_SENT;
    slot->at_ms = now_ms() + f->options.patience_ms;
    return 0;
}

/* Sends what is due; *ret_blocked tells that more could not be taken. */
static int send_due(struct feeder *f, bool *ret_blocked)
{
    int64_t now = now_ms();
    *ret_blocked = false;
    for (size_t i = 0; i < f->options.window; i++) {
        struct slot *slot = &f->slots[i];
        if (slot->state == SLOT_FREE || slot->at_ms > now)
            continue;
        slot->state = SLOT_DUE;
        int r = send_slot(f, slot);
        if (r == -EAGAIN || r == -EINTR) {
            *ret_blocked = true;
            return 0;
        }
        if (r < 0)
            return r;
    }
    return 0;
}

static bool begins(const char *text, const char *word, const char **ret_rest)
{
    size_t size = strlen(word);
    if (strncmp(text, word, size) != 0 || (text[size] && text[size] != ' '))
        return false;
    *ret_rest = text + size + (text[size] == ' ');
    return true;
}

static void take_answer(struct feeder *f, const struct number *number, const char *text)
{
    if (number->slot >= f->options.window)
        return;
    struct slot *slot = &f->slots[number->slot];
    if (slot->state == SLOT_FREE || slot->round != number->round)
        return;
    const char *rest;
    if (begins(text, "busy", &rest)) {
        long wait = strtol(rest, NULL, 10);
        f->put_off++;
        slot->state = SLOT_DUE;
        slot->at_ms = now_ms() + (wait < 1 ? 1 : wait > 60000 ? 60000 : wait);
        return;
    }
    bool accepted = begins(text, "accepted", &rest);
    if (!accepted && !begins(text, "refused", &rest))
        return; /* of another dialogue: as good as no answer */
    f->answered(f->context, slot->document, accepted, rest);
    clear_slot(f, slot);
}

/* One answer: 1; 0: there is none; -errno. */
static int receive_answer(struct feeder *f)
{
    struct number number = {0};
    char text[ANSWER_MAX + 1];
    int sizes[3] = {-1, -1, -1}, count = 0, more = 1;
    size_t more_size = sizeof more;
    while (more) {
        char other[1];
        void *to = count == 0 ? (void *)&number : count == 2 ? text : other;
        size_t room = count == 0 ? sizeof number : count == 2 ? ANSWER_MAX : sizeof other;
        int size = zmq_recv(f->socket, to, room, ZMQ_DONTWAIT);
        if (size < 0)
            return errno == EAGAIN || errno == EINTR ? 0 : -errno;
        if (count < 3)
            sizes[count] = size;
        count++;
        zmq_getsockopt(f->socket, ZMQ_RCVMORE, &more, &more_size);
    }
    f->heard_ms = now_ms();
    if (count != 3 || sizes[0] != sizeof number || sizes[1] != 0 || sizes[2] > ANSWER_MAX)
        return 1;
    text[sizes[2]] = '\0';
    take_answer(f, &number, text);
    return 1;
}

/* What was on its way when the connection broke is lost or answered into the void: due again. */
static void take_events(struct feeder *f)
{
    uint8_t event[6];
    while (zmq_recv(f->monitor, event, sizeof event, ZMQ_DONTWAIT) >= 2) {
        uint16_t number;
        memcpy(&number, event, sizeof number);
        char address[1];
        zmq_recv(f->monitor, address, sizeof address, ZMQ_DONTWAIT);
        f->connected = number == ZMQ_EVENT_HANDSHAKE_SUCCEEDED;
        if (f->connected)
            continue;
        for (size_t i = 0; i < f->options.window; i++)
            if (f->slots[i].state == SLOT_SENT) {
                f->slots[i].state = SLOT_DUE;
                f->slots[i].at_ms = 0;
            }
    }
}

/* How long nothing will be due. */
static long next_due_ms(const struct feeder *f, long at_most)
{
    int64_t now = now_ms(), wait = at_most;
    for (size_t i = 0; i < f->options.window; i++)
        if (f->slots[i].state != SLOT_FREE && f->slots[i].at_ms > now &&
            f->slots[i].at_ms - now < wait)
            wait = f->slots[i].at_ms - now;
    return (long)wait;
}

int feeder_turn(struct feeder *f, int wake_fd, long timeout_ms)
{
    bool blocked;
    int r = send_due(f, &blocked);
    if (r < 0)
        return r;
    zmq_pollitem_t items[] = {
        {f->socket,  0,       (short)(ZMQ_POLLIN | (blocked && f->connected ? ZMQ_POLLOUT : 0)), 0},
        {f->monitor, 0,       ZMQ_POLLIN,                                                        0},
        {NULL,       wake_fd, ZMQ_POLLIN,                                                        0},
    };
    long wait = next_due_ms(f, timeout_ms < LONGEST_WAIT_MS ? timeout_ms : LONGEST_WAIT_MS);
    if (zmq_poll(items, wake_fd < 0 ? 2 : 3, wait) < 0 && errno != EINTR)
        return -errno;
    take_events(f);
    while ((r = receive_answer(f)) > 0)
        ;
    return r;
}

size_t feeder_pending(const struct feeder *f)
{
    return f->pending;
}

size_t feeder_put_off(const struct feeder *f)
{
    return f->put_off;
}

long feeder_silent_ms(const struct feeder *f)
{
    return (long)(now_ms() - f->heard_ms);
}

bool feeder_connected(const struct feeder *f)
{
    return f->connected;
}

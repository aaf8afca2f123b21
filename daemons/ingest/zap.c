/* Who may feed over CURVE. */
#include "ingest/zap.h"

#include "libcommon/curve_key.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <zmq.h>

#define DOMAIN "khabar"

/* Frames of a question (RFC 27, 4.1). */
enum { VERSION, REQUEST_ID, ZAP_DOMAIN, ADDRESS, IDENTITY, MECHANISM, CREDENTIALS, FRAMES };
enum { FRAME_MAX = 256 };

struct frame {
    unsigned char data[FRAME_MAX];
    size_t size; /* larger ones are cut: they equal nothing */
};

struct zap {
    struct runner *runner;
    void *socket;
    struct curve_list list;
};

static int read_list(struct runner *r, struct curve_list *ret)
{
    char why[SECRET_WHY_SIZE];
    int e = curve_list_read(runner_settings(r)->ingest.feed_clients, ret, why);
    if (e < 0)
        log_err("clients that may feed are not known: %s", why);
    return e;
}

int zap_check(const struct settings *s)
{
    char key[CURVE_KEY_SIZE], why[SECRET_WHY_SIZE];
    struct curve_list list;
    if (!*s->ingest.feed_clients)
        return 0;
    int e = curve_secret_read(s->ingest.feed_secret_key, key, why);
    explicit_bzero(key, sizeof key);
    if (!e)
        e = curve_list_read(s->ingest.feed_clients, &list, why);
    if (e < 0)
        log_err("CURVE: %s", why);
    else
        curve_list_free(&list);
    return e;
}

static bool equals(const struct frame *f, const char *text)
{
    return f->size == strlen(text) && memcmp(f->data, text, f->size) == 0;
}

/* The frames of one question; 0 when none is there or its form is another. */
static int read_question(void *socket, struct frame frames[FRAMES])
{
    int count = 0, more = 1;
    size_t more_size = sizeof more;
    while (more) {
        struct frame spare, *f = count < FRAMES ? &frames[count] : &spare;
        int size = zmq_recv(socket, f->data, sizeof f->data, ZMQ_DONTWAIT);
        if (size < 0)
            return 0;
        f->size = (size_t)size;
        count++;
        if (zmq_getsockopt(socket, ZMQ_RCVMORE, &more, &more_size) < 0)
            return 0;
    }
    return count;
}

static bool may_enter(const struct zap *z, const struct frame frames[FRAMES], int count)
{
    return count == FRAMES && equals(&frames[VERSION], "1.0") &&
           equals(&frames[MECHANISM], "CURVE") && frames[CREDENTIALS].size == CURVE_KEY_BYTES &&
           curve_list_has(&z->list, frames[CREDENTIALS].data);
}

static int answer(void *socket, const struct frame *id, bool enter)
{
    const struct {
        const void *data;
        size_t size;
    } parts[] = {
        {"1.0",                            3             },
        {id->data,                         id->size      },
        {enter ? "200" : "400",            3             },
        {enter ? "OK" : "not on the list", enter ? 2 : 15},
        {"",                               0             },
        {"",                               0             },
    };
    size_t count = sizeof parts / sizeof *parts;
    for (size_t i = 0; i < count; i++)
        if (zmq_send(socket, parts[i].data, parts[i].size,
                     ZMQ_DONTWAIT | (i + 1 < count ? ZMQ_SNDMORE : 0)) < 0)
            return -zmq_errno();
    return 0;
}

static int asked(void *user)
{
    struct zap *z = user;
    struct frame frames[FRAMES] = {0};
    int count = read_question(z->socket, frames);
    if (!count)
        return 0;
    bool enter = may_enter(z, frames, count);
    if (!enter)
        log_event(EVENT_REFUSED, NULL, "client address=%.*s: its key is not on the list",
                  (int)frames[ADDRESS].size, (const char *)frames[ADDRESS].data);
    return answer(z->socket, &frames[REQUEST_ID], enter);
}

int zap_new(struct runner *r, struct zap **ret)
{
    struct zap *z = calloc(1, sizeof *z);
    if (!z)
        return -ENOMEM;
    z->runner = r;
    int e = read_list(r, &z->list);
    if (!e)
        e = runner_bind(r, ZMQ_REP, "zap", "inproc://zeromq.zap.01", &z->socket);
    if (!e && runner_watch(r, z->socket, -1, ZMQ_POLLIN, asked, z) < 0)
        e = -ENOSPC;
    if (e < 0) {
        zap_free(z);
        return e;
    }
    log_info("clients that may feed=%zu", z->list.count);
    *ret = z;
    return 0;
}

struct zap *zap_free(struct zap *z)
{
    if (!z)
        return NULL;
    curve_list_free(&z->list);
    free(z);
    return NULL;
}

void zap_reload(struct zap *z)
{
    struct curve_list fresh;
    if (!z || read_list(z->runner, &fresh) < 0)
        return;
    curve_list_free(&z->list);
    z->list = fresh;
    log_info("clients that may feed=%zu", z->list.count);
}

int zap_guard(struct runner *r, void *socket)
{
    char key[CURVE_KEY_SIZE], why[SECRET_WHY_SIZE];
    int yes = 1;
    int e = curve_secret_read(runner_settings(r)->ingest.feed_secret_key, key, why);
    if (e < 0) {
        log_err("no secret key: %s", why);
        return e;
    }
    if (zmq_setsockopt(socket, ZMQ_CURVE_SERVER, &yes, sizeof yes) < 0 ||
        zmq_setsockopt(socket, ZMQ_CURVE_SECRETKEY, key, sizeof key) < 0 ||
        zmq_setsockopt(socket, ZMQ_ZAP_DOMAIN, DOMAIN, strlen(DOMAIN)) < 0) {
        e = -zmq_errno();
        log_err("CURVE is not to be had: %s", zmq_strerror(-e));
    }
    explicit_bzero(key, sizeof key);
    return e;
}

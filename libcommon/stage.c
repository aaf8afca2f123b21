/* A stage in the middle of a lane: receive, queue, threads, send. */
#include "libcommon/stage.h"

#include "libcommon/clock.h"
#include "libcommon/fault.h"
#include "libcommon/log_message.h"
#include "libcommon/metrics.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>
#include <zmq.h>

enum { QUEUE_PER_THREAD = 4, MAX_THREADS = 256, SEND_WAIT_MS = 100, EXIT_HANG = 75 };

struct worker {
    struct stage_pool *pool;
    pthread_t thread;
    bool started;
    void *state, *output;
    struct buffer frame, reject;
    _Atomic int64_t busy_since; /* monotonic ms; 0: handle() does not run */
    _Atomic uint64_t busy_spool, busy_seq;
};

struct waiting {
    zmq_msg_t msg;
    int64_t since; /* monotonic us */
};

struct stage_pool {
    struct stage stage;
    struct runner *runner;
    void *input, *feedback;
    int watched, wake_fd;
    struct worker *workers;
    size_t worker_count;

    pthread_mutex_t lock; /* guards what follows */
    pthread_cond_t filled;
    struct waiting *queue;
    size_t queue_size, queued, first, working;
    bool stopping;
    int opened_error; /* of thread_open() */
    size_t opened;
};

/* Sends a frame, waiting while the next stage is slow; gives up only when the pool stops. */
static bool send_frame(struct worker *w, zmq_msg_t *msg)
{
    size_t size = zmq_msg_size(msg);
    while (zmq_msg_send(msg, w->output, 0) < 0) {
        if (zmq_errno() != EAGAIN && zmq_errno() != EINTR)
            return false;
        pthread_mutex_lock(&w->pool->lock);
        bool stopping = w->pool->stopping;
        pthread_mutex_unlock(&w->pool->lock);
        if (stopping)
            return false; /* ingest sends it again to who comes next */
    }
    metric_add(METRIC_SENT, 1);
    metric_add(METRIC_SENT_BYTES, size);
    return true;
}

static int build(struct worker *w, struct message *m, int outcome, struct stage_work *work)
{
    buffer_clear(&w->frame);
    if (outcome == STAGE_REJECT) {
        buffer_clear(&w->reject);
        reject_write(work->reason, work->detail[0] ? work->detail : NULL, m->stage, m->attempt,
                     &w->reject);
        m->kind = MESSAGE_REJECT;
        m->sections[SECTION_ARTICLE] = m->sections[SECTION_LABELS] = (struct message_part){0};
        m->sections[SECTION_REJECT] = (struct message_part){w->reject.data, w->reject.size};
    }
    message_write(m, &w->frame);
    return w->frame.failed || w->reject.failed ? -ENOMEM : 0;
}

/* Nothing in a release build. */
static int spoil(const struct stage_pool *p, const struct message *m)
{
    const struct message_part *document = &m->sections[SECTION_DOCUMENT];
    enum fault_point point = p->stage.stage == STAGE_PARSE ? FAULT_PARSE_WORK : FAULT_CLASSIFY_WORK;
    return fault_document(point, document->data, document->size);
}

static void work_on(struct worker *w, zmq_msg_t *msg)
{
    struct stage_pool *p = w->pool;
    struct message m;
    if (message_read(zmq_msg_data(msg), zmq_msg_size(msg), &m) < 0)
        return; /* was read before it was queued */
    if (m.kind != MESSAGE_DOCUMENT) {
        send_frame(w, msg);
        return;
    }
    struct stage_work work = {.m = &m};
    atomic_store(&w->busy_spool, m.spool);
    atomic_store(&w->busy_seq, m.seq);
    int64_t begun = clock_monotonic_us();
    atomic_store(&w->busy_since, begun / 1000 ? begun / 1000 : 1);
    int spoiled = spoil(p, &m);
    int outcome = spoiled && spoiled != -EBADMSG ? spoiled : p->stage.handle(w->state, &work);
    atomic_store(&w->busy_since, 0);
    metric_observe(METRIC_WORK, clock_monotonic_us() - begun);
    m.stage = p->stage.stage;
    if (outcome >= 0 && build(w, &m, outcome, &work) < 0)
        outcome = -ENOMEM;
    if (outcome < 0) {
        metric_add(METRIC_DROPPED, 1);
        log_message(EVENT_LOST, &m, NULL, ": %s", strerror(-outcome));
        return;
    }
    if (outcome == STAGE_REJECT) {
        metric_add_for(METRIC_REJECTED, work.reason, 1);
        log_message(EVENT_REJECT, &m, reject_name(work.reason), "bytes=%zu",
                    m.sections[SECTION_BODY].size);
    } else {
        log_message(EVENT_WORKED, &m, NULL, "bytes=%zu", w->frame.size);
    }
    zmq_msg_t out;
    if (zmq_msg_init_size(&out, w->frame.size) < 0)
        return;
    memcpy(zmq_msg_data(&out), w->frame.data, w->frame.size);
    if (spoiled == -EBADMSG) /* a frame that the next stage has to refuse */
        memset(zmq_msg_data(&out), 0, w->frame.size);
    send_frame(w, &out);
    zmq_msg_close(&out);
}

static bool next_message(struct stage_pool *p, zmq_msg_t *ret)
{
    pthread_mutex_lock(&p->lock);
    while (!p->queued && !p->stopping)
        pthread_cond_wait(&p->filled, &p->lock);
    bool got = p->queued > 0;
    if (got) {
        struct waiting *slot = &p->queue[p->first];
        zmq_msg_init(ret);
        zmq_msg_move(ret, &slot->msg);
        metric_observe(METRIC_QUEUE_WAIT, clock_monotonic_us() - slot->since);
        p->first = (p->first + 1) % p->queue_size;
        p->queued--;
        p->working++;
    }
    pthread_mutex_unlock(&p->lock);
    return got;
}

static void *worker_main(void *argument)
{
    struct worker *w = argument;
    struct stage_pool *p = w->pool;
    int e = p->stage.thread_open(p->stage.shared, &w->state);
    pthread_mutex_lock(&p->lock);
    p->opened++;
    p->opened_error = p->opened_error ? p->opened_error : e;
    pthread_cond_broadcast(&p->filled);
    pthread_mutex_unlock(&p->lock);
    zmq_msg_t msg;
    while (!e && next_message(p, &msg)) {
        work_on(w, &msg);
        zmq_msg_close(&msg);
        pthread_mutex_lock(&p->lock);
        p->working--;
        pthread_mutex_unlock(&p->lock);
        uint64_t one = 1;
        if (write(p->wake_fd, &one, sizeof one) < 0 && errno != EAGAIN)
            log_err("eventfd: %s", strerror(errno));
    }
    if (!e)
        p->stage.thread_close(w->state);
    return NULL;
}

static bool queue_full(struct stage_pool *p)
{
    pthread_mutex_lock(&p->lock);
    bool full = p->queued == p->queue_size;
    pthread_mutex_unlock(&p->lock);
    return full;
}

static int receive(void *user)
{
    struct stage_pool *p = user;
    for (int batch = 0; batch < 64 && !queue_full(p); batch++) {
        zmq_msg_t msg;
        zmq_msg_init(&msg);
        if (zmq_msg_recv(&msg, p->input, ZMQ_DONTWAIT) < 0) {
            int e = zmq_errno();
            zmq_msg_close(&msg);
            if (e != EAGAIN && e != EINTR)
                return -e;
            break;
        }
        struct message m;
        int e = zmq_msg_more(&msg) ? -EBADMSG
                                   : message_read(zmq_msg_data(&msg), zmq_msg_size(&msg), &m);
        if (!e && (m.kind == MESSAGE_COMMIT || m.kind == MESSAGE_HELLO))
            e = -EBADMSG;
        if (e) {
            runner_bad_frame(e, zmq_msg_size(&msg));
            zmq_msg_close(&msg);
            continue;
        }
        metric_add(METRIC_RECEIVED, 1);
        metric_add(METRIC_RECEIVED_BYTES, zmq_msg_size(&msg));
        pthread_mutex_lock(&p->lock);
        struct waiting *slot = &p->queue[(p->first + p->queued) % p->queue_size];
        slot->since = clock_monotonic_us();
        zmq_msg_init(&slot->msg);
        zmq_msg_move(&slot->msg, &msg);
        p->queued++;
        pthread_cond_signal(&p->filled);
        pthread_mutex_unlock(&p->lock);
        zmq_msg_close(&msg);
    }
    runner_want(p->runner, p->watched, queue_full(p) ? 0 : ZMQ_POLLIN);
    return 0;
}

/* A thread has finished a document: there may be room in the queue again. */
static int woken(void *user)
{
    struct stage_pool *p = user;
    uint64_t count;
    if (read(p->wake_fd, &count, sizeof count) < 0 && errno != EAGAIN)
        return -errno;
    return receive(p);
}

static int open_workers(struct stage_pool *p)
{
    for (size_t i = 0; i < p->worker_count; i++) {
        struct worker *w = &p->workers[i];
        w->pool = p;
        int wait = SEND_WAIT_MS;
        int e = runner_connect(p->runner, ZMQ_PUSH, p->stage.output, &w->output);
        if (e < 0)
            return e;
        if (zmq_setsockopt(w->output, ZMQ_SNDTIMEO, &wait, sizeof wait) < 0)
            return -zmq_errno();
        e = pthread_create(&w->thread, NULL, worker_main, w);
        if (e)
            return -e;
        w->started = true;
    }
    pthread_mutex_lock(&p->lock);
    while (p->opened < p->worker_count)
        pthread_cond_wait(&p->filled, &p->lock);
    int e = p->opened_error;
    pthread_mutex_unlock(&p->lock);
    return e;
}

int stage_open(struct runner *r, const struct stage *s, struct stage_pool **ret)
{
    struct stage_pool *p = calloc(1, sizeof *p);
    if (!p)
        return -ENOMEM;
    *ret = p; /* closed by the caller in any case */
    p->stage = *s;
    p->runner = r;
    p->wake_fd = -1;
    pthread_mutex_init(&p->lock, NULL);
    pthread_cond_init(&p->filled, NULL);
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    p->worker_count = s->threads > 0 ? (size_t)s->threads : processors > 0 ? (size_t)processors : 1;
    if (p->worker_count > MAX_THREADS)
        p->worker_count = MAX_THREADS;
    p->queue_size = p->worker_count * QUEUE_PER_THREAD;
    p->workers = calloc(p->worker_count, sizeof *p->workers);
    p->queue = calloc(p->queue_size, sizeof *p->queue);
    p->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (!p->workers || !p->queue)
        return -ENOMEM;
    if (p->wake_fd < 0)
        return -errno;
    int e = runner_connect(r, ZMQ_PUSH, "ingest", &p->feedback);
    if (!e)
        e = open_workers(p);
    if (!e)
        e = runner_bind(r, ZMQ_PULL, s->input, NULL, &p->input);
    if (e < 0)
        return e;
    p->watched = runner_watch(r, p->input, -1, ZMQ_POLLIN, receive, p);
    int woken_index = runner_watch(r, NULL, p->wake_fd, ZMQ_POLLIN, woken, p);
    if (p->watched < 0 || woken_index < 0)
        return -ENOSPC;
    return runner_hello(r, p->feedback);
}

int stage_tick(struct stage_pool *p, int64_t now_ms)
{
    for (size_t i = 0; i < p->worker_count; i++) {
        struct worker *w = &p->workers[i];
        int64_t since = atomic_load(&w->busy_since);
        if (!since || now_ms - since < *p->stage.document_seconds * 1000)
            continue;
        char id[MESSAGE_ID_SIZE];
        message_id(atomic_load(&w->busy_spool), atomic_load(&w->busy_seq), id);
        const struct log_about about = {.id = id};
        log_event(EVENT_HUNG, &about, ": takes longer than %lld seconds",
                  (long long)*p->stage.document_seconds);
        _exit(EXIT_HANG);
    }
    return 200;
}

int stage_drain(struct stage_pool *p)
{
    int e = receive(p);
    if (e < 0)
        return e;
    pthread_mutex_lock(&p->lock);
    bool left = p->queued || p->working;
    pthread_mutex_unlock(&p->lock);
    int events = 0;
    size_t size = sizeof events;
    if (!left && zmq_getsockopt(p->input, ZMQ_EVENTS, &events, &size) == 0)
        left = events & ZMQ_POLLIN;
    return left;
}

void stage_status(struct stage_pool *p, struct buffer *out)
{
    pthread_mutex_lock(&p->lock);
    size_t held = p->queued + p->working;
    pthread_mutex_unlock(&p->lock);
    metric_set(METRIC_HELD, held);
    buffer_append_format(
        out, "\"received\":%llu,\"sent\":%llu,\"rejected\":%llu,\"dropped\":%llu,\"held\":%zu",
        (unsigned long long)metric_value(METRIC_RECEIVED),
        (unsigned long long)metric_value(METRIC_SENT),
        (unsigned long long)metric_value(METRIC_REJECTED),
        (unsigned long long)metric_value(METRIC_DROPPED), held);
}

struct stage_pool *stage_close(struct stage_pool *p)
{
    if (!p)
        return NULL;
    pthread_mutex_lock(&p->lock);
    p->stopping = true;
    pthread_cond_broadcast(&p->filled);
    pthread_mutex_unlock(&p->lock);
    for (size_t i = 0; p->workers && i < p->worker_count; i++) {
        struct worker *w = &p->workers[i];
        if (w->started)
            pthread_join(w->thread, NULL);
        buffer_free(&w->frame);
        buffer_free(&w->reject);
    }
    while (p->queued) {
        zmq_msg_close(&p->queue[p->first].msg);
        p->first = (p->first + 1) % p->queue_size;
        p->queued--;
    }
    if (p->wake_fd >= 0)
        close(p->wake_fd);
    free(p->queue);
    free(p->workers);
    pthread_cond_destroy(&p->filled);
    pthread_mutex_destroy(&p->lock);
    free(p);
    return NULL;
}

/* A stage between two sockets: what passes, what is refused, what is held back, how it ends. The
 * daemon runs in another process; its handle() does what the body says. */
#include "tests/unit/unit.h"
#include "libcommon/stage.h"
#include "libcommon/metrics.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <zmq.h>

enum { WAIT_MS = 10000, THREADS = 2, QUEUE = 4 * THREADS, DOCUMENT_SECONDS = 1, HANGS = 75 };

/* --- the daemon --- */

static int open_thread(void *shared, void **ret)
{
    (void)shared;
    *ret = malloc(16);
    return *ret ? 0 : -ENOMEM;
}

static void close_thread(void *thread)
{
    free(thread);
}

static int obey(void *thread, struct stage_work *work)
{
    struct message_part *body = &work->m->sections[SECTION_BODY];
    const char *what = body->data;
    if (!strcmp(what, "lose"))
        return -ENOMEM;
    if (!strcmp(what, "hang"))
        sleep(WAIT_MS / 1000);
    if (!strcmp(what, "slow"))
        usleep(100000);
    if (!strcmp(what, "reject")) {
        work->reason = REJECT_NO_ARTICLE;
        snprintf(work->detail, sizeof work->detail, "none");
        return STAGE_REJECT;
    }
    strcpy(thread, "an article");
    *body = (struct message_part){0};
    work->m->sections[SECTION_ARTICLE] = (struct message_part){thread, sizeof "an article"};
    return STAGE_DONE;
}

static int start_pool(struct runner *r, void **ret)
{
    static const int64_t seconds = DOCUMENT_SECONDS;
    struct stage stage = {.stage = STAGE_PARSE,
                          .input = "parse",
                          .output = "classify",
                          .threads = THREADS,
                          .document_seconds = &seconds,
                          .thread_open = open_thread,
                          .thread_close = close_thread,
                          .handle = obey};
    return stage_open(r, &stage, (struct stage_pool **)ret);
}

static int tick_pool(void *state, int64_t now_ms)
{
    return stage_tick(state, now_ms);
}

static int drain_pool(void *state)
{
    return stage_drain(state);
}

static void tell_pool(void *state, struct buffer *out)
{
    stage_status(state, out);
}

static void stop_pool(void *state)
{
    stage_close(state);
}

static const struct daemon obedient = {.stage = STAGE_PARSE,
                                       .summary = "Does what a body says.",
                                       .start = start_pool,
                                       .tick = tick_pool,
                                       .drain = drain_pool,
                                       .status = tell_pool,
                                       .stop = stop_pool};

/* --- the lane around it --- */

static char folder[64];
static pid_t child;
static void *context, *ingest, *before, *next; /* what hears hello, what feeds, what comes after */

static void *open_socket(int type, const char *name, bool binds)
{
    char endpoint[128];
    int wait = WAIT_MS, none = 0;
    void *s = zmq_socket(context, type);
    assert_non_null(s);
    snprintf(endpoint, sizeof endpoint, "ipc://%s/run/%s.sock", folder, name);
    zmq_setsockopt(s, ZMQ_RCVTIMEO, &wait, sizeof wait);
    zmq_setsockopt(s, ZMQ_LINGER, &none, sizeof none);
    assert_int_equal((binds ? zmq_bind : zmq_connect)(s, endpoint), 0);
    return s;
}

/* The next message, in memory that lasts until the next call. */
static struct message receive(void *from)
{
    static zmq_msg_t held;
    static bool any;
    struct message m;
    if (any)
        zmq_msg_close(&held);
    any = true;
    zmq_msg_init(&held);
    if (zmq_msg_recv(&held, from, 0) < 0)
        fail_msg("nothing came: %s", zmq_strerror(errno));
    assert_false(zmq_msg_more(&held));
    assert_int_equal(message_read(zmq_msg_data(&held), zmq_msg_size(&held), &m), 0);
    return m;
}

static bool silent(void *from, int ms)
{
    zmq_pollitem_t item = {from, 0, ZMQ_POLLIN, 0};
    return zmq_poll(&item, 1, ms) == 0;
}

static int start_lane(void **state)
{
    (void)state;
    char run[96];
    snprintf(folder, sizeof folder, "/tmp/khabar-stage-XXXXXX");
    assert_non_null(mkdtemp(folder));
    snprintf(run, sizeof run, "%s/run", folder);
    assert_int_equal(mkdir(run, 0700), 0);
    child = fork(); /* before there are threads of libzmq */
    assert_true(child >= 0);
    if (!child) {
        char name[] = "khabar-parse", dir[] = "--dir", *argv[] = {name, dir, folder, NULL};
        snprintf(run, sizeof run, "%s/log", folder);
        _exit(freopen(run, "w", stderr) ? runner_main(&obedient, 3, argv) : 1);
    }
    context = zmq_ctx_new();
    ingest = open_socket(ZMQ_PULL, "ingest", true);
    next = open_socket(ZMQ_PULL, "classify", true);
    before = open_socket(ZMQ_PUSH, "parse", false);
    struct message hello = receive(ingest);
    const struct message_hello *said = hello.sections[SECTION_HELLO].data;
    assert_int_equal(hello.kind, MESSAGE_HELLO);
    assert_int_equal(hello.stage, STAGE_PARSE);
    assert_int_equal(said->pid, child);
    return 0;
}

/* The exit status of the daemon. */
static int wait_for_end(void)
{
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    child = 0;
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static int stop_lane(void **state)
{
    (void)state;
    static const char *const left[] = {"run/parse.pid",
                                       "run/parse.status",
                                       "run/parse.metrics",
                                       "run/parse.sock",
                                       "run/ingest.sock",
                                       "run/classify.sock",
                                       "run/parse.unclean",
                                       "run",
                                       "log",
                                       ""};
    if (child) {
        kill(child, SIGTERM);
        assert_int_equal(wait_for_end(), 0);
    }
    zmq_close(ingest);
    zmq_close(before);
    if (next)
        zmq_close(next);
    zmq_ctx_term(context);
    for (size_t i = 0; i < sizeof left / sizeof *left; i++) {
        char path[128];
        snprintf(path, sizeof path, "%s/%s", folder, left[i]);
        remove(path);
    }
    assert_int_not_equal(access(folder, F_OK), 0);
    return 0;
}

static void send_frame(const struct message *m)
{
    struct buffer frame = {0};
    message_write(m, &frame);
    assert_false(frame.failed);
    assert_int_equal(zmq_send(before, frame.data, frame.size, 0), frame.size);
    buffer_free(&frame);
}

/* A document whose body is an order. */
static void hand_in(uint64_t seq, const char *order)
{
    send_frame(&(struct message){
        .kind = MESSAGE_DOCUMENT,
        .stage = STAGE_INGEST,
        .spool = 7,
        .seq = seq,
        .floor = 1,
        .attempt = 3,
        .accepted_at = 11,
        .dispatched_at = 12,
        .sections = {
                     [SECTION_DOCUMENT] = {"known", 5}, [SECTION_BODY] = {order, strlen(order) + 1}}
    });
}

static void assert_part(const struct message *m, enum message_section section, const char *text,
                        size_t size)
{
    assert_int_equal(m->sections[section].size, size);
    assert_memory_equal(m->sections[section].data, text, size);
}

static unsigned long long told(const char *name)
{
    static struct metrics_page page;
    char path[128];
    snprintf(path, sizeof path, "%s/run/parse.metrics", folder);
    assert_int_equal(metrics_read(path, &page), 0);
    return page.slots[!strcmp(name, "dropped") ? METRIC_DROPPED : METRIC_RECEIVED][0];
}

/* --- what it is held to --- */

static void a_document_passes_with_what_the_stage_made_of_it(void **state)
{
    (void)state;
    hand_in(5, "work");
    struct message m = receive(next);
    assert_int_equal(m.kind, MESSAGE_DOCUMENT);
    assert_int_equal(m.stage, STAGE_PARSE);
    assert_true(m.spool == 7 && m.seq == 5 && m.floor == 1 && m.attempt == 3);
    assert_true(m.accepted_at == 11 && m.dispatched_at == 12);
    assert_part(&m, SECTION_DOCUMENT, "known", 5);
    assert_part(&m, SECTION_ARTICLE, "an article", sizeof "an article");
    assert_null(m.sections[SECTION_BODY].data);
}

static void a_reject_keeps_the_bytes_and_goes_on(void **state)
{
    (void)state;
    hand_in(6, "reject");
    struct message m = receive(next);
    assert_int_equal(m.kind, MESSAGE_REJECT);
    assert_true(m.seq == 6 && m.attempt == 3);
    assert_part(&m, SECTION_DOCUMENT, "known", 5);
    assert_part(&m, SECTION_BODY, "reject", sizeof "reject");
    assert_true(m.sections[SECTION_REJECT].size > 0);
    assert_null(m.sections[SECTION_ARTICLE].data);
}

static void rejects_and_probes_pass_as_they_came(void **state)
{
    (void)state;
    static const enum message_kind kinds[] = {MESSAGE_REJECT, MESSAGE_PROBE};
    for (size_t i = 0; i < 2; i++) {
        struct message m = {.kind = kinds[i], .stage = STAGE_INGEST, .spool = 7, .seq = 8};
        if (kinds[i] == MESSAGE_REJECT) {
            m.sections[SECTION_DOCUMENT] = (struct message_part){"known", 5};
            m.sections[SECTION_REJECT] = (struct message_part){"why", 3};
        }
        send_frame(&m);
        m = receive(next);
        assert_int_equal(m.kind, kinds[i]);
        assert_int_equal(m.stage, STAGE_INGEST);
        assert_true(m.seq == 8);
    }
}

static void what_cannot_be_worked_on_is_dropped_alone(void **state)
{
    (void)state;
    hand_in(1, "lose");
    hand_in(2, "work");
    assert_int_equal(receive(next).seq, 2);
    assert_true(silent(next, 200));
    assert_int_equal(told("dropped"), 1);
}

static void frames_that_are_none_are_refused(void **state)
{
    (void)state;
    struct message commit = {.kind = MESSAGE_COMMIT, .stage = STAGE_SINK, .spool = 7};
    const struct message_range range = {1, 2};
    commit.sections[SECTION_RANGES] = (struct message_part){&range, sizeof range};
    send_frame(&commit); /* ingest's, not ours */
    assert_int_equal(zmq_send(before, "rubbish", 7, 0), 7);
    assert_int_equal(zmq_send(before, "", 0, 0), 0);
    assert_int_equal(zmq_send(before, "two", 3, ZMQ_SNDMORE), 3);
    assert_int_equal(zmq_send(before, "parts", 5, 0), 5);
    hand_in(3, "work");
    assert_int_equal(receive(next).seq, 3);
    assert_true(silent(next, 200));
    assert_int_equal(told("received"), 1);
}

static void a_document_that_takes_too_long_ends_the_process(void **state)
{
    (void)state;
    struct timespec begun, ended;
    clock_gettime(CLOCK_MONOTONIC, &begun);
    hand_in(1, "hang");
    assert_int_equal(wait_for_end(), HANGS);
    clock_gettime(CLOCK_MONOTONIC, &ended);
    assert_true(ended.tv_sec - begun.tv_sec < WAIT_MS / 1000 - 1); /* before it would have ended */
    assert_true(silent(next, 0));
}

static void a_next_stage_that_is_away_is_waited_for(void **state)
{
    (void)state;
    enum { DOCUMENTS = 50 };
    bool came[DOCUMENTS] = {false};
    zmq_close(next);
    next = NULL;
    usleep(200000); /* the stage has seen it go */
    for (unsigned i = 0; i < DOCUMENTS; i++)
        hand_in(i, "work");
    usleep(500000);
    assert_true(told("received") <= QUEUE + THREADS); /* the rest waits where ingest can see it */
    next = open_socket(ZMQ_PULL, "classify", true);
    for (unsigned i = 0; i < DOCUMENTS; i++) {
        uint64_t seq = receive(next).seq;
        assert_true(seq < DOCUMENTS && !came[seq]);
        came[seq] = true;
    }
}

static void what_was_taken_is_finished_before_the_end(void **state)
{
    (void)state;
    hand_in(0, "work"); /* the connection stands */
    assert_int_equal(receive(next).seq, 0);
    for (unsigned i = 1; i <= QUEUE; i++)
        hand_in(i, "slow");
    while (told("received") < 2)
        usleep(1000);
    kill(child, SIGTERM);
    for (unsigned i = 1; i <= QUEUE; i++)
        receive(next);
    assert_int_equal(wait_for_end(), 0);
}

#define IN_A_LANE(test) cmocka_unit_test_setup_teardown(test, start_lane, stop_lane)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_A_LANE(a_document_passes_with_what_the_stage_made_of_it),
        IN_A_LANE(a_reject_keeps_the_bytes_and_goes_on),
        IN_A_LANE(rejects_and_probes_pass_as_they_came),
        IN_A_LANE(what_cannot_be_worked_on_is_dropped_alone),
        IN_A_LANE(frames_that_are_none_are_refused),
        IN_A_LANE(a_document_that_takes_too_long_ends_the_process),
        IN_A_LANE(a_next_stage_that_is_away_is_waited_for),
        IN_A_LANE(what_was_taken_is_finished_before_the_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

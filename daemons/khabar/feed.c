/* khabar feed: hands documents to a lane, and waits until each is accepted or refused. */
#include "khabar/command.h"
#include "khabar/documents.h"
#include "khabar/feeder.h"
#include "khabar/lane.h"

#include <errno.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

enum { QUEUE = 16, WINDOW_BYTES = 32 * 1024 * 1024, PATIENCE_MS = 10000, TELL_AFTER_MS = 2000 };

#define SHOW_EVERY_S 0.2

enum { DIR_, CONFIG, ENDPOINT, KEY, SERVER_KEY, INPUT, URL, SITE, CONTENT_TYPE, WINDOW, GIVE_UP, VERBOSE };

static const struct command_option options[] = {
    [DIR_] = {"dir", "DIR", "folder of the lane"},
    [CONFIG] = {"config", "FILE", "configuration of the lane, in place of --dir"},
    [ENDPOINT] = {"endpoint", "ENDPOINT", "ZeroMQ endpoint of the intake, in place of both"},
    [KEY] = {"key", "FILE", "secret CURVE key of this feeder (khabar keygen), or credential:NAME"},
    [SERVER_KEY] = {"server-key", "KEY|FILE", "public CURVE key of the lane"},
    [INPUT] = {"input", "FORM", "text, html, ndjson, warc or auto (by name and content)"},
    [URL] = {"url", "URL", "address of documents that do not say theirs"},
    [SITE] = {"site", "NAME", "site of documents that do not say theirs"},
    [CONTENT_TYPE] = {"content-type", "TYPE", "media type of the files"},
    [WINDOW] = {"window", "N", "documents on their way at a time (default 256)"},
    [GIVE_UP] = {"give-up", "SECONDS", "give up when the lane says nothing for so long (default: never)"},
    [VERBOSE] = {"verbose", NULL, "print accepted or refused, the feeder's id and why, a line a document"},
    {0},
};

/* Read ahead by a thread of its own, since a pipe may stay silent while answers come. */
struct queue {
    pthread_mutex_t lock;
    pthread_cond_t room;
    struct documents *documents;
    struct input_document *items[QUEUE];
    size_t first, count;
    int wake; /* eventfd: something was added */
    int end;  /* 1: no more comes; negative: why not */
    uint64_t position; /* of the reader, in bytes of all files */
};

struct feed {
    struct queue queue;
    struct feeder *feeder;
    bool verbose, terminal;
    size_t accepted, refused;
    uint64_t total; /* bytes of all files; 0: not known */
    struct timespec started;
    double shown; /* seconds after it */
};

static void *read_ahead(void *argument)
{
    struct queue *q = argument;
    struct input_document *document;
    int r;
    while ((r = documents_next(q->documents, &document)) > 0) {
        pthread_mutex_lock(&q->lock);
        while (q->count == QUEUE)
            pthread_cond_wait(&q->room, &q->lock);
        q->items[(q->first + q->count++) % QUEUE] = document;
        q->position = documents_position(q->documents);
        pthread_mutex_unlock(&q->lock);
        eventfd_write(q->wake, 1);
    }
    pthread_mutex_lock(&q->lock);
    q->end = r < 0 ? r : 1;
    pthread_mutex_unlock(&q->lock);
    eventfd_write(q->wake, 1);
    return NULL;
}

static double seconds_since(const struct timespec *then)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)(now.tv_sec - then->tv_sec) + (double)(now.tv_nsec - then->tv_nsec) / 1e9;
}

/* How long the rest will take at the pace so far; "" where nobody knows. */
static void write_time_left(struct feed *feed, double seconds, char out[40])
{
    pthread_mutex_lock(&feed->queue.lock);
    uint64_t read = feed->queue.position;
    pthread_mutex_unlock(&feed->queue.lock);
    out[0] = '\0';
    if (!feed->total || !read || seconds < 1)
        return;
    uint64_t rest = read < feed->total ? feed->total - read : 0;
    unsigned long left = (unsigned long)((double)rest / (double)read * seconds + 0.5);
    if (left < 360000)
        snprintf(out, 40, ", %lu:%02lu:%02lu left", left / 3600, left / 60 % 60, left % 60);
}

static void show_progress(struct feed *feed)
{
    double seconds = seconds_since(&feed->started);
    char left[40];
    if (seconds - feed->shown < SHOW_EVERY_S)
        return;
    feed->shown = seconds;
    write_time_left(feed, seconds, left);
    fprintf(stderr, "\r%zu accepted, %zu refused, %zu put off, %zu on their way, %.0f a second%s \x1b[K",
            feed->accepted, feed->refused, feeder_put_off(feed->feeder), feeder_pending(feed->feeder),
            seconds > 0 ? (double)(feed->accepted + feed->refused) / seconds : 0, left);
}

static void answered(void *context, const struct input_document *document, bool accepted,
                     const char *text)
{
    struct feed *feed = context;
    feed->accepted += accepted;
    feed->refused += !accepted;
    if (feed->verbose) {
        printf("%s %s %s\n", accepted ? "accepted" : "refused", document->given.id, text);
        fflush(stdout);
    } else if (!accepted) {
        fprintf(stderr, "%srefused %s %s\n", feed->terminal ? "\r\x1b[K" : "", document->given.id, text);
    }
}

/* Moves what was read to the feeder while it has room. 1: more may come; 0: that was all; negative: as in end. */
static int take_from_queue(struct feed *feed)
{
    struct queue *q = &feed->queue;
    int r = 1;
    pthread_mutex_lock(&q->lock);
    while (r == 1 && q->count) {
        struct input_document *document = q->items[q->first];
        if (!document->why && !feeder_has_room(feed->feeder, document->given.body_size))
            break;
        q->first = (q->first + 1) % QUEUE;
        q->count--;
        pthread_cond_signal(&q->room);
        if (document->why) {
            answered(feed, document, false, document->why);
            input_document_free(document);
        } else {
            int put = feeder_put(feed->feeder, &document);
            if (put < 0)
                r = put;
        }
    }
    if (r == 1 && q->end && !q->count)
        r = q->end < 0 ? q->end : 0;
    pthread_mutex_unlock(&q->lock);
    return r;
}

static void forget_wakes(const struct queue *q)
{
    eventfd_t count;
    eventfd_read(q->wake, &count);
}

/* 0; 1: gave up; -errno */
static int feed_all(struct feed *feed, long give_up_s)
{
    bool told = false;
    for (;;) {
        forget_wakes(&feed->queue);
        int more = take_from_queue(feed);
        if (more < 0)
            return more;
        if (!more && !feeder_pending(feed->feeder))
            return 0;
        int r = feeder_turn(feed->feeder, more ? feed->queue.wake : -1, 200);
        if (r < 0)
            return r;
        if (feed->terminal)
            show_progress(feed);
        bool silent = feeder_pending(feed->feeder) && !feeder_connected(feed->feeder);
        if (silent && !told && feeder_silent_ms(feed->feeder) > TELL_AFTER_MS) {
            command_complain("the lane is away; waiting for it");
            told = true;
        }
        if (feeder_connected(feed->feeder))
            told = false;
        if (give_up_s && feeder_pending(feed->feeder) &&
            feeder_silent_ms(feed->feeder) > give_up_s * 1000)
            return 1;
    }
}

static int end(struct feed *feed, int r, size_t unread)
{
    if (feed->terminal)
        fprintf(stderr, "\r\x1b[K");
    size_t unanswered = feeder_pending(feed->feeder);
    double seconds = seconds_since(&feed->started);
    if (r < 0)
        command_complain("feeding stopped: %s", strerror(-r));
    fprintf(stderr, "%zu accepted, %zu refused%s in %.1f s\n", feed->accepted, feed->refused,
            r ? ", the others without an answer" : "", seconds);
    if (r < 0)
        return COMMAND_FAULT;
    return feed->refused || unanswered || unread || r ? COMMAND_PARTLY : COMMAND_DONE;
}

static int feed_documents(const struct feeder_options *to, const struct documents_options *how,
                          const struct invocation *invocation, long give_up_s)
{
    /* static: where feeding ends early, the reader has it until the process ends */
    static struct feed feed = {
        .queue = {.lock = PTHREAD_MUTEX_INITIALIZER, .room = PTHREAD_COND_INITIALIZER}};
    feed.verbose = invocation->values[VERBOSE];
    feed.terminal = isatty(STDERR_FILENO) && !feed.verbose;
    clock_gettime(CLOCK_MONOTONIC, &feed.started);
    int r = feeder_new(to, answered, &feed, &feed.feeder);
    if (r < 0) {
        command_complain("%s: %s", to->endpoint, strerror(-r));
        return COMMAND_FAULT;
    }
    r = documents_new(how, invocation->arguments, invocation->argument_count, &feed.queue.documents);
    if (r == 0)
        feed.total = documents_total(feed.queue.documents);
    feed.queue.wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    pthread_t reader;
    if (r == 0)
        r = feed.queue.wake < 0 ? -errno : -pthread_create(&reader, NULL, read_ahead, &feed.queue);
    if (r < 0) {
        command_complain("%s", strerror(-r));
        documents_free(feed.queue.documents);
        feeder_free(feed.feeder);
        return COMMAND_FAULT;
    }
    r = feed_all(&feed, give_up_s);
    int status = end(&feed, r, r ? 0 : documents_unread(feed.queue.documents));
    feeder_free(feed.feeder);
    if (r) { /* the reader may be waiting for a pipe: the end of the process ends it */
        pthread_detach(reader);
        return status;
    }
    pthread_join(reader, NULL);
    documents_free(feed.queue.documents);
    close(feed.queue.wake);
    return status;
}

static int find_endpoint(const char *dir, const char *config, char out[LANE_ENDPOINT_SIZE])
{
    struct settings settings;
    int r = lane_read(&dir, config, &settings);
    if (r < 0)
        return r;
    r = lane_feed_endpoint(&settings, out);
    settings_free(&settings);
    return r;
}

static int run(const struct invocation *invocation)
{
    const char *const *values = invocation->values;
    struct documents_options how = {
        .url = values[URL], .site = values[SITE], .content_type = values[CONTENT_TYPE]};
    if (documents_input_from_name(values[INPUT], &how.input) < 0) {
        command_complain("--input %s: text, html, ndjson, warc or auto is needed", values[INPUT]);
        return COMMAND_USAGE;
    }
    long window = 256, give_up_s = 0;
    char endpoint[LANE_ENDPOINT_SIZE];
    if ((values[WINDOW] && command_number("window", values[WINDOW], 1, 4096, &window) < 0) ||
        (values[GIVE_UP] && command_number("give-up", values[GIVE_UP], 1, 1000000, &give_up_s) < 0) ||
        (!values[ENDPOINT] && find_endpoint(values[DIR_], values[CONFIG], endpoint) < 0))
        return COMMAND_USAGE;
    struct feeder_keys keys;
    const struct feeder_keys *curve;
    if (feeder_keys_read(values[KEY], values[SERVER_KEY], &keys, &curve) < 0)
        return COMMAND_USAGE;
    struct feeder_options to = {.endpoint = values[ENDPOINT] ? values[ENDPOINT] : endpoint,
                                .keys = curve,
                                .window = (size_t)window,
                                .window_bytes = WINDOW_BYTES,
                                .patience_ms = PATIENCE_MS};
    return feed_documents(&to, &how, invocation, give_up_s);
}

const struct command command_feed = {
    "feed", "FILE…|-",
    "Hands documents to a lane and waits until each is accepted or refused; succeeds if all are accepted.",
    options, run};

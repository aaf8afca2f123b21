/* What tests/bench/lane.py measures with: hands documents to a lane, at full speed or paced, and
 * what to compare that with.
 *
 *   bench-lane-load feed LANE BYTES FEEDERS SECONDS [RATE TIMES]
 *   bench-lane-load fill LANE BYTES FEEDERS DOCUMENTS
 *   bench-lane-load raw FOLDER BYTES SECONDS
 *   bench-lane-load relay FOLDER BYTES SECONDS
 *
 * feed: documents and seconds until as many were committed as were handed in. fill: so many
 * documents, whether they are committed or not. raw: one write and one fdatasync for each 256
 * documents. relay: four processes in a row, PUSH to PULL over ipc. RATE is in documents a second
 * (0: as many as it takes), TIMES a file for lines of "accepted SEQ MICROSECONDS" and "committed
 * COUNT MICROSECONDS". Each document is another one, in later runs too: their numbers begin at the
 * microseconds since 1970. */
#include "libcommon/clock.h"
#include "libcommon/metrics.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
#include <zmq.h>

enum {
    IN_FLIGHT = 960, /* requests without an answer, all feeders together */
    BACKLOG = 4096,  /* accepted or on the way, not committed: below this the lane is kept busy, but
                        not flooded */
    BATCH = 256,     /* spool.sync_documents */
    MAX_FEEDERS = 256,
    PATIENCE_US = 60 * 1000000,
};

static void __attribute__((format(printf, 1, 2), noreturn)) give_up(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    fputs("bench-lane-load: ", stderr);
    vfprintf(stderr, format, arguments);
    fputc('\n', stderr);
    exit(1);
}

/* --- documents */

static size_t put(char *out, size_t at, size_t size, const char *text)
{
    size_t length = strlen(text);
    if (length > size - at)
        length = size - at;
    memcpy(out + at, text, length);
    return at + length;
}

static size_t put_words(char *out, size_t at, size_t size, uint64_t *random, int count)
{
    static const char *const words[] = {
        "أعلنت ",    "وزارة ",    "الداخلية ", "العراقية ", "اليوم ",   "في ",      "بغداد ",
        "اجتماع ",   "رئيس ",     "الوزراء ",  "على ",      "خلال ",    "مؤتمر ",   "صحفي ",
        "إلى ",      "المحافظة ", "نينوى ",    "البصرة ",   "مشروع ",   "قانون ",   "الموازنة ",
        "البرلمان ", "النفط ",    "أسعار ",    "الدولار ",  "السوق ",   "منتخب ",   "كرة ",
        "القدم ",    "مباراة ",   "الدوري ",   "المدرب ",   "الصحة ",   "مستشفى ",  "المرضى ",
        "التعليم ",  "الجامعة ",  "الطلبة ",   "الكهرباء ", "المياه ",  "الأمطار ", "الحرارة ",
        "الطرق ",    "المرور ",   "الأمن ",    "الجيش ",    "الحدود ",  "قوات ",    "عملية ",
        "اعتقال ",   "محكمة ",    "القضاء ",   "التحقيق ",  "الأمم ",   "المتحدة ", "دولة ",
        "السفير ",   "زيارة ",    "اتفاق ",    "شركة ",     "استثمار ", "ميناء ",   "مطار ",
        "من ",
    };
    for (int i = 0; i < count; i++) {
        *random = *random * 6364136223846793005u + 1442695040888963407u;
        at = put(out, at, size, words[(*random >> 33) % (sizeof words / sizeof *words)]);
    }
    return at;
}

/* A page with an article; the same number makes the same page. */
static void make_page(char *out, size_t size, uint64_t number)
{
    uint64_t random = number * 0x9e3779b97f4a7c15u + 1;
    size_t at = put(out, 0, size,
                    "<!DOCTYPE html><html lang=\"ar\"><head><meta charset=\"utf-8\"><meta "
                    "property=\"article:published_time\" "
                    "content=\"2026-01-18T07:49:00+03:00\"><title>");
    uint64_t title = random;
    at = put_words(out, at, size, &random, 8);
    at = put(out, at, size, "</title></head><body><article><h1>");
    at = put_words(out, at, size, &title, 8);
    at = put(out, at, size, "</h1><p>");
    static const char end[] = "</p></article></body></html>";
    while (at < size - sizeof end) {
        at = put_words(out, at, size - sizeof end, &random, 40);
        at = put(out, at, size - sizeof end, ".</p><p>");
    }
    /* a character cut at its middle, and the rest of the size, become blanks */
    while (at > 0 && (out[at - 1] & 0x80))
        at--;
    memset(out + at, ' ', size - at);
    memcpy(out + size - (sizeof end - 1), end, sizeof end - 1);
}

static int make_metadata(char *out, size_t size, long number)
{
    return snprintf(out, size,
                    "{\"id\":\"%ld\",\"content_type\":\"text/html\",\"url\":\"https://news.example/"
                    "politics/%ld\"}",
                    number, number);
}

/* --- a lane */

struct load {
    const struct metrics_page *page; /* ingest's */
    void *feeders[MAX_FEEDERS];
    long waiting[MAX_FEEDERS];
    int count;
    size_t bytes;
    long before;    /* documents committed when it began */
    long most;      /* documents to hand in; 0: until the time is over */
    uint64_t first; /* number of the first document */
    double rate;
    int64_t begun, until;
    long sent, answered;
    char *body;
    FILE *times; /* NULL: not asked for */
    _Atomic bool over;
};

/* Since it began: those of a backlog count like its own. */
static long committed(const struct load *l)
{
    return (long)atomic_load(&l->page->slots[METRIC_COMMITTED][0]) - l->before;
}

static void open_page(struct load *l, const char *lane)
{
    char path[600];
    static struct metrics_page copy;
    snprintf(path, sizeof path, "%s/run/ingest.metrics", lane);
    int r = metrics_read(path, &copy);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (r < 0 || fd < 0)
        give_up("%s: %s", path, strerror(r < 0 ? -r : errno));
    l->page = mmap(NULL, sizeof *l->page, PROT_READ, MAP_SHARED, fd, 0);
    close(fd);
    if (l->page == MAP_FAILED)
        give_up("%s: %s", path, strerror(errno));
    l->before = committed(l);
}

static bool may_send(const struct load *l, int64_t now)
{
    if (l->most)
        return l->sent < l->most;
    if (now >= l->until || l->sent - committed(l) >= BACKLOG)
        return false;
    return l->rate <= 0 || (double)l->sent < l->rate * (double)(now - l->begun) / 1e6;
}

static void send_one(struct load *l, int feeder)
{
    char metadata[200];
    int size = make_metadata(metadata, sizeof metadata, (long)l->first + l->sent);
    make_page(l->body, l->bytes, l->first + (uint64_t)l->sent);
    void *s = l->feeders[feeder];
    if (zmq_send(s, "", 0, ZMQ_SNDMORE) < 0 ||
        zmq_send(s, metadata, (size_t)size, ZMQ_SNDMORE) < 0 ||
        zmq_send(s, l->body, l->bytes, 0) < 0)
        give_up("send: %s", zmq_strerror(errno));
    l->waiting[feeder]++;
    l->sent++;
}

/* One document of each feeder in turn, so that all are served alike. */
static void send_due(struct load *l)
{
    bool sent = true;
    while (sent) {
        sent = false;
        for (int i = 0; i < l->count; i++)
            if (l->waiting[i] < IN_FLIGHT / l->count && may_send(l, clock_monotonic_us())) {
                send_one(l, i);
                sent = true;
            }
    }
}

static void take_answers(struct load *l, int feeder)
{
    char text[200];
    int size;
    while ((size = zmq_recv(l->feeders[feeder], text, 0, ZMQ_DONTWAIT)) >= 0) {
        size = zmq_recv(l->feeders[feeder], text, sizeof text - 1, 0);
        int64_t now = clock_monotonic_us();
        if (size < 0 || (size_t)size >= sizeof text)
            give_up("an answer that is none");
        text[size] = '\0';
        const char *seq = strrchr(text, '-');
        if (strncmp(text, "accepted ", 9) != 0 || !seq)
            give_up("answered: %s", text);
        if (l->times)
            fprintf(l->times, "accepted %llu %lld\n", strtoull(seq + 1, NULL, 10), (long long)now);
        l->waiting[feeder]--;
        l->answered++;
    }
}

/* A thread, as zmq_poll() counts in milliseconds. */
static void *watch_commits(void *user)
{
    struct load *l = user;
    long last = 0;
    while (!l->over) {
        long now = committed(l);
        if (now != last)
            fprintf(l->times, "committed %ld %lld\n", now, (long long)clock_monotonic_us());
        last = now;
        nanosleep(&(struct timespec){.tv_nsec = 200000}, NULL);
    }
    return NULL;
}

static void turn(struct load *l)
{
    zmq_pollitem_t items[MAX_FEEDERS];
    send_due(l);
    for (int i = 0; i < l->count; i++)
        items[i] = (zmq_pollitem_t){.socket = l->feeders[i], .events = ZMQ_POLLIN};
    if (zmq_poll(items, l->count, 1) < 0)
        give_up("poll: %s", zmq_strerror(errno));
    for (int i = 0; i < l->count; i++)
        if (items[i].revents)
            take_answers(l, i);
}

static void connect_feeders(struct load *l, void *context, const char *lane)
{
    char endpoint[600];
    snprintf(endpoint, sizeof endpoint, "ipc://%s/run/feed.sock", lane);
    for (int i = 0; i < l->count; i++) {
        l->feeders[i] = zmq_socket(context, ZMQ_DEALER);
        if (!l->feeders[i] || zmq_connect(l->feeders[i], endpoint) < 0)
            give_up("%s: %s", endpoint, zmq_strerror(errno));
    }
}

static void disconnect_feeders(struct load *l, void *context)
{
    for (int i = 0; i < l->count; i++)
        zmq_close(l->feeders[i]);
    zmq_ctx_term(context);
}

static void fill(const char *lane, size_t bytes, int feeders, long documents)
{
    static struct load l;
    l.count = feeders, l.bytes = bytes, l.most = documents;
    l.body = malloc(bytes);
    l.first = (uint64_t)clock_unix_us();
    void *context = zmq_ctx_new();
    connect_feeders(&l, context, lane);
    l.begun = clock_monotonic_us();
    for (int64_t heard = l.begun; l.answered < documents;) {
        long before = l.answered;
        turn(&l);
        int64_t now = clock_monotonic_us();
        if (l.answered > before)
            heard = now;
        else if (now - heard > PATIENCE_US)
            give_up("%ld sent, %ld answered", l.sent, l.answered);
    }
    printf("%ld %.6f\n", l.sent, (double)(clock_monotonic_us() - l.begun) / 1e6);
    disconnect_feeders(&l, context);
    free(l.body);
}

static void feed(const char *lane, size_t bytes, int feeders, double seconds, double rate,
                 const char *times)
{
    static struct load l;
    pthread_t watcher;
    l.count = feeders, l.bytes = bytes, l.rate = rate;
    l.body = malloc(bytes);
    open_page(&l, lane);
    if (times &&
        (!(l.times = fopen(times, "w")) || pthread_create(&watcher, NULL, watch_commits, &l)))
        give_up("%s: %s", times, strerror(errno));
    l.first = (uint64_t)clock_unix_us();
    void *context = zmq_ctx_new();
    connect_feeders(&l, context, lane);
    l.begun = clock_monotonic_us();
    l.until = l.begun + (int64_t)(seconds * 1e6);
    do {
        turn(&l);
        if (clock_monotonic_us() > l.until + PATIENCE_US)
            give_up("%ld sent, %ld answered, %ld committed", l.sent, l.answered, committed(&l));
    } while (clock_monotonic_us() < l.until || l.answered < l.sent || committed(&l) < l.sent);
    printf("%ld %.6f\n", l.sent, (double)(clock_monotonic_us() - l.begun) / 1e6);
    if (times) {
        nanosleep(&(struct timespec){.tv_nsec = 5000000},
                  NULL); /* the watcher has seen the last one too */
        l.over = true;
        pthread_join(watcher, NULL);
        fclose(l.times);
    }
    disconnect_feeders(&l, context);
    free(l.body);
}

/* --- what to compare with */

static void raw(const char *folder, size_t bytes, double seconds)
{
    enum { FILE_BYTES = 64 << 20 }; /* spool.segment_bytes */
    char path[600];
    size_t batch = BATCH * (bytes + 160), at = 0;
    char *data = malloc(batch);
    memset(data, 'x', batch);
    snprintf(path, sizeof path, "%s/raw", folder);
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (fd < 0 || (fallocate(fd, 0, 0, FILE_BYTES) < 0 && errno != EOPNOTSUPP))
        give_up("%s: %s", path, strerror(errno));
    long documents = 0;
    int64_t begun = clock_monotonic_us(), until = begun + (int64_t)(seconds * 1e6);
    for (; clock_monotonic_us() < until; documents += BATCH, at += batch) {
        if (at + batch > FILE_BYTES)
            at = 0;
        if (pwrite(fd, data, batch, (off_t)at) != (ssize_t)batch || fdatasync(fd) < 0)
            give_up("%s: %s", path, strerror(errno));
    }
    printf("%ld %.6f\n", documents, (double)(clock_monotonic_us() - begun) / 1e6);
    close(fd);
    unlink(path);
    free(data);
}

static void *open_end(void *context, int type, const char *folder, int hop)
{
    char endpoint[600];
    snprintf(endpoint, sizeof endpoint, "ipc://%s/hop%d", folder, hop);
    void *s = zmq_socket(context, type);
    if (!s || (type == ZMQ_PULL ? zmq_bind(s, endpoint) : zmq_connect(s, endpoint)) < 0)
        give_up("%s: %s", endpoint, zmq_strerror(errno));
    return s;
}

/* Passes messages of two frames on for ever; the last hop, to == NULL, drops them until an empty
 * first frame comes. Who sends must outlive who receives: libzmq may lose what lies in the
 * connection to a peer that is gone. */
static void pass_on(void *from, void *to)
{
    for (bool over = false; !over;) {
        zmq_msg_t frames[2];
        for (int i = 0; i < 2; i++)
            if (zmq_msg_init(&frames[i]) || zmq_msg_recv(&frames[i], from, 0) < 0)
                give_up("receive: %s", zmq_strerror(errno));
        over = !to && zmq_msg_size(&frames[0]) == 0;
        for (int i = 0; i < 2; i++) {
            if (to && zmq_msg_send(&frames[i], to, i ? 0 : ZMQ_SNDMORE) < 0)
                give_up("send: %s", zmq_strerror(errno));
            zmq_msg_close(&frames[i]);
        }
    }
}

static pid_t start_hop(const char *folder, int hop)
{
    pid_t pid = fork();
    if (pid < 0)
        give_up("fork: %s", strerror(errno));
    if (pid > 0)
        return pid;
    void *context = zmq_ctx_new();
    void *from = open_end(context, ZMQ_PULL, folder, hop);
    void *to = hop < 2 ? open_end(context, ZMQ_PUSH, folder, hop + 1) : NULL;
    pass_on(from, to);
    zmq_close(from);
    zmq_ctx_term(context);
    _exit(0);
}

static double used(int who)
{
    struct rusage u;
    getrusage(who, &u);
    return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) +
           (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e6;
}

static void relay(const char *folder, size_t bytes, double seconds)
{
    char metadata[200], *body = malloc(bytes);
    pid_t hops[3];
    for (int i = 0; i < 3; i++)
        hops[i] = start_hop(folder, i);
    make_page(body, bytes, 1);
    void *context = zmq_ctx_new(), *to = open_end(context, ZMQ_PUSH, folder, 0);
    long documents = 0;
    int64_t begun = clock_monotonic_us(), until = begun + (int64_t)(seconds * 1e6);
    for (bool over = false; !over;) {
        over = clock_monotonic_us() >= until;
        int size = over ? 0 : make_metadata(metadata, sizeof metadata, documents++);
        if (zmq_send(to, metadata, (size_t)size, ZMQ_SNDMORE) < 0 ||
            zmq_send(to, body, bytes, 0) < 0)
            give_up("send: %s", zmq_strerror(errno));
    }
    for (int i = 2; i >= 0; i--) {
        int status;
        if (i < 2)
            kill(hops[i], SIGKILL);
        if (waitpid(hops[i], &status, 0) < 0 || (i == 2 && status != 0))
            give_up("hop %d ended with %d", i, status);
    }
    double spent = (double)(clock_monotonic_us() - begun) / 1e6;
    printf("%ld %.6f %.6f\n", documents, spent, used(RUSAGE_SELF) + used(RUSAGE_CHILDREN));
    zmq_close(to);
    zmq_ctx_term(context);
    free(body);
}

int main(int argc, char **argv)
{
    const char *what = argc > 1 ? argv[1] : "";
    size_t bytes = argc > 3 ? strtoul(argv[3], NULL, 10) : 0;
    int feeders = argc > 4 ? atoi(argv[4]) : 0;
    bool some = feeders >= 1 && feeders <= MAX_FEEDERS;
    if (bytes >= 1000 && some && argc == 6 && !strcmp(what, "fill")) {
        fill(argv[2], bytes, feeders, atol(argv[5]));
    } else if (bytes >= 1000 && some && (argc == 6 || argc == 8) && !strcmp(what, "feed")) {
        feed(argv[2], bytes, feeders, atof(argv[5]), argc > 6 ? atof(argv[6]) : 0,
             argc > 7 ? argv[7] : NULL);
    } else if (bytes >= 1000 && argc == 5 && !strcmp(what, "raw")) {
        raw(argv[2], bytes, atof(argv[4]));
    } else if (bytes >= 1000 && argc == 5 && !strcmp(what, "relay")) {
        relay(argv[2], bytes, atof(argv[4]));
    } else {
        fprintf(stderr, "usage: bench-lane-load feed LANE BYTES FEEDERS SECONDS [RATE TIMES] | "
                        "fill LANE BYTES FEEDERS DOCUMENTS | raw|relay FOLDER BYTES SECONDS\n");
        return 2;
    }
    return 0;
}

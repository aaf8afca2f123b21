/* One skeleton runs every daemon. */
#include "libcommon/runner.h"

#include "libcommon/clock.h"
#include "libcommon/fault.h"
#include "libcommon/metrics.h"
#include "libcommon/reload.h"
#include "libcommon/service.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zmq.h>

enum { MAX_WATCHED = 16, MAX_SOCKETS = 16, STATUS_MS = 1000, OPEN_FILES = 16384 };

struct runner {
    const struct daemon *daemon;
    const char *name;         /* of the stage */
    const char *config, *dir; /* as given; NULL where not */
    struct settings settings;
    struct service service;
    void *state;
    void *context;
    void *sockets[MAX_SOCKETS];
    size_t socket_count;
    zmq_pollitem_t items[MAX_WATCHED];
    int (*ready[MAX_WATCHED])(void *user);
    void *users[MAX_WATCHED];
    size_t item_count;
    int lock_fd, signal_fd;
    bool unclean, draining, ended;
    int error;
    int64_t drain_deadline, next_status;
    uint64_t instance;
    struct buffer status;
};

const struct settings *runner_settings(const struct runner *r)
{
    return &r->settings;
}

void *runner_context(const struct runner *r)
{
    return r->context;
}

bool runner_unclean(const struct runner *r)
{
    return r->unclean;
}

bool runner_draining(const struct runner *r)
{
    return r->draining;
}

void runner_end(struct runner *r, int error)
{
    if (error < 0) {
        r->ended = true;
        r->error = error;
    } else if (!r->draining) {
        r->draining = true;
        r->drain_deadline = clock_monotonic_ms() + r->settings.drain_seconds * 1000;
        service_stopping(r->settings.drain_seconds);
    }
}

/* --- sockets ------------------------------------------------------------------------------ */

int runner_watch(struct runner *r, void *socket, int fd, short events, int (*ready)(void *user),
                 void *user)
{
    if (r->item_count == MAX_WATCHED)
        return -ENOSPC;
    r->items[r->item_count] = (zmq_pollitem_t){.socket = socket, .fd = fd, .events = events};
    r->ready[r->item_count] = ready;
    r->users[r->item_count] = user;
    return (int)r->item_count++;
}

void runner_want(struct runner *r, int watched, short events)
{
    r->items[watched].events = events;
}

static int open_socket(struct runner *r, int type, void **ret)
{
    if (r->socket_count == MAX_SOCKETS)
        return -ENOSPC;
    void *socket = zmq_socket(r->context, type);
    if (!socket)
        return -zmq_errno();
    r->sockets[r->socket_count++] = socket;
    /* a router's peers are many, and nobody bounds them: little is read ahead of each */
    int ahead = type == ZMQ_ROUTER ? 16 : 1000;
    /* and it drops what it has no room for: libzmq hears of what a peer has read only every half of
     * this, so that the answers to half as many requests are safe while the peer reads */
    int high_water = type == ZMQ_ROUTER ? 2 * 4096 : 1000;
    int linger = 1000, immediate = 1, reconnect = 20, reconnect_max = 500;
    int64_t largest = MESSAGE_MAX;
    if (zmq_setsockopt(socket, ZMQ_LINGER, &linger, sizeof linger) < 0 ||
        zmq_setsockopt(socket, ZMQ_SNDHWM, &high_water, sizeof high_water) < 0 ||
        zmq_setsockopt(socket, ZMQ_RCVHWM, &ahead, sizeof ahead) < 0 ||
        zmq_setsockopt(socket, ZMQ_IMMEDIATE, &immediate, sizeof immediate) < 0 ||
        zmq_setsockopt(socket, ZMQ_RECONNECT_IVL, &reconnect, sizeof reconnect) < 0 ||
        zmq_setsockopt(socket, ZMQ_RECONNECT_IVL_MAX, &reconnect_max, sizeof reconnect_max) < 0 ||
        zmq_setsockopt(socket, ZMQ_MAXMSGSIZE, &largest, sizeof largest) < 0)
        return -zmq_errno();
    *ret = socket;
    return 0;
}

static int endpoint_of(struct runner *r, const char *name, const char *given,
                       char out[SETTINGS_ENDPOINT_SIZE * 2])
{
    if (given && *given) {
        snprintf(out, SETTINGS_ENDPOINT_SIZE * 2, "%s", given);
        return 0;
    }
    int e = settings_endpoint(&r->settings, name, out);
    if (e < 0)
        log_err("the path of a socket is too long: %s/%s.sock", r->settings.lane.run_dir, name);
    return e;
}

/* Who reaches the folder may use the socket, whatever the umask is: connecting asks for the right
 * to write. */
static int open_to_group(const char *endpoint)
{
    static const char ipc[] = "ipc://";
    const char *path = endpoint + strlen(ipc);
    if (strncmp(endpoint, ipc, strlen(ipc)) != 0 || *path == '@')
        return 0;
    return chmod(path, 0660) < 0 ? -errno : 0;
}

int runner_bind_guarded(struct runner *r, int type, const char *name, const char *given,
                        int (*guard)(struct runner *r, void *socket), void **ret)
{
    char endpoint[SETTINGS_ENDPOINT_SIZE * 2];
    void *socket;
    int e = endpoint_of(r, name, given, endpoint);
    if (!e)
        e = open_socket(r, type, &socket);
    if (!e && guard)
        e = guard(r, socket);
    if (!e && zmq_bind(socket, endpoint) < 0) {
        e = -zmq_errno();
        log_err("can't bind endpoint=%s: %s", endpoint, zmq_strerror(-e));
    }
    if (!e && (e = open_to_group(endpoint)) < 0)
        log_err("can't set the mode of endpoint=%s: %s", endpoint, strerror(-e));
    if (!e)
        *ret = socket;
    return e;
}

int runner_bind(struct runner *r, int type, const char *name, const char *given, void **ret)
{
    return runner_bind_guarded(r, type, name, given, NULL, ret);
}

int runner_connect(struct runner *r, int type, const char *name, void **ret)
{
    char endpoint[SETTINGS_ENDPOINT_SIZE * 2];
    void *socket;
    int e = endpoint_of(r, name, NULL, endpoint);
    if (!e)
        e = open_socket(r, type, &socket);
    /* a document goes to no stage that is away, since ingest sends it again; a hello or commit
     * waits for ingest */
    int immediate = strcmp(name, message_stage_name(STAGE_INGEST)) != 0;
    if (!e && zmq_setsockopt(socket, ZMQ_IMMEDIATE, &immediate, sizeof immediate) < 0)
        e = -zmq_errno();
    if (!e && zmq_connect(socket, endpoint) < 0) {
        e = -zmq_errno();
        log_err("can't connect endpoint=%s: %s", endpoint, zmq_strerror(-e));
    }
    if (!e)
        *ret = socket;
    return e;
}

int runner_hello(struct runner *r, void *feedback)
{
    struct message_hello hello = {r->instance, (uint32_t)getpid(), r->unclean};
    struct message m = {.kind = MESSAGE_HELLO, .stage = r->daemon->stage};
    m.sections[SECTION_HELLO] = (struct message_part){&hello, sizeof hello};
    struct buffer frame = {0};
    message_write(&m, &frame);
    int e = frame.failed ? -ENOMEM : 0;
    if (!e && zmq_send(feedback, frame.data, frame.size, ZMQ_DONTWAIT) < 0 && zmq_errno() != EAGAIN)
        e = -zmq_errno();
    buffer_free(&frame);
    return e;
}

void runner_bad_frame(int error, size_t size)
{
    metric_add(METRIC_BAD_FRAMES, 1);
    log_event(EVENT_BAD_FRAME, NULL, "bytes=%zu: %s", size,
              error == -EPROTO     ? "another version"
              : error == -EMSGSIZE ? "too large"
                                   : "malformed");
}

/* --- files in the run folder ---------------------------------------------------------------- */

static int make_folders(const char *path)
{
    char part[1200];
    if (snprintf(part, sizeof part, "%s", path) >= (int)sizeof part)
        return -ENAMETOOLONG;
    for (char *p = part + 1;; p++) {
        if (*p && *p != '/')
            continue;
        char kept = *p;
        *p = '\0';
        if (mkdir(part, 0750) < 0 && errno != EEXIST)
            return -errno;
        *p = kept;
        if (!kept)
            return 0;
    }
}

static void run_path(const struct runner *r, const char *suffix, char out[1200])
{
    snprintf(out, 1200, "%s/%s.%s", r->settings.lane.run_dir, r->name, suffix);
}

/* One instance a run folder: the lock file holds the pid, and stays non-empty when the process
 * dies. */
static int take_lock(struct runner *r)
{
    char path[1200], text[32] = "";
    int e = make_folders(r->settings.lane.run_dir);
    run_path(r, "pid", path);
    r->lock_fd = e ? -1 : open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0640);
    if (r->lock_fd < 0) {
        e = e ? e : -errno;
        log_err("can't open %s: %s", path, strerror(-e));
        return e;
    }
    ssize_t n = pread(r->lock_fd, text, sizeof text - 1, 0);
    if (flock(r->lock_fd, LOCK_EX | LOCK_NB) < 0) {
        e = -errno;
        log_err("khabar-%s runs already for this lane: %s is locked by pid %.*s", r->name, path,
                (int)strcspn(text, "\n"), text);
        close(r->lock_fd); /* its contents are the other's */
        r->lock_fd = -1;
        return e;
    }
    r->unclean = n > 0;
    int size = snprintf(text, sizeof text, "%d\n", (int)getpid());
    if (ftruncate(r->lock_fd, 0) < 0 || pwrite(r->lock_fd, text, (size_t)size, 0) != size) {
        e = errno ? -errno : -EIO;
        log_err("can't write %s: %s", path, strerror(-e));
    }
    return e;
}

/* Says what the daemon counts, for people; rewritten as a whole, never synced. */
static void write_status(struct runner *r, const char *phase)
{
    char path[1200], beside[1210], time[CLOCK_TEXT_SIZE];
    clock_format(clock_unix_us(), time);
    buffer_clear(&r->status);
    buffer_append_format(
        &r->status,
        "{\"daemon\":\"%s\",\"lane\":\"%s\",\"pid\":%d,\"version\":\"%s\",\"state\":\"%s\","
        "\"time\":\"%s\",\"bad_frames\":%llu",
        r->name, r->settings.lane.name, (int)getpid(), KHABAR_VERSION, phase, time,
        (unsigned long long)metric_value(METRIC_BAD_FRAMES));
    if (r->daemon->status && r->state) {
        buffer_append_char(&r->status, ',');
        r->daemon->status(r->state, &r->status);
    }
    buffer_append_string(&r->status, "}\n");
    run_path(r, "status", path);
    snprintf(beside, sizeof beside, "%s.new", path);
    int fd = r->status.failed ? -1 : open(beside, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0640);
    if (fd < 0)
        return; /* status is a convenience: it must not end a lane */
    bool whole = write(fd, r->status.data, r->status.size) == (ssize_t)r->status.size;
    close(fd);
    if (whole)
        rename(beside, path);
}

/* Where the daemon counts, for all to read. */
static int open_metrics(struct runner *r)
{
    char path[1200];
    run_path(r, "metrics", path);
    int e = metrics_open(path);
    if (e < 0)
        log_err("can't make %s: %s", path, strerror(-e));
    metric_set(METRIC_STARTED_AT, (uint64_t)clock_unix_us());
    metrics_tell(STATE_STARTING, clock_monotonic_ms());
    return e;
}

/* What the kernel counts of this process. */
static void measure_process(void)
{
    struct rusage used;
    unsigned long pages;
    if (getrusage(RUSAGE_SELF, &used) == 0)
        metric_set(METRIC_CPU, (uint64_t)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) * 1000000 +
                                   (uint64_t)(used.ru_utime.tv_usec + used.ru_stime.tv_usec));
    FILE *file = fopen("/proc/self/statm", "re");
    if (file && fscanf(file, "%*u %lu", &pages) == 1)
        metric_set(METRIC_MEMORY, pages * (unsigned long)sysconf(_SC_PAGESIZE));
    if (file)
        fclose(file);
}

/* --- the loop ------------------------------------------------------------------------------- */

static int take_signals(struct runner *r)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGHUP);
    signal(SIGPIPE, SIG_IGN);
    if (sigprocmask(SIG_BLOCK, &set, NULL) < 0)
        return -errno;
    r->signal_fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    return r->signal_fd < 0 ? -errno : 0;
}

static void apply(struct runner *r, const struct settings *fresh)
{
    struct buffer changed = {0}, waiting = {0};
    settings_replace(&r->settings, fresh, r->daemon->stage, &changed, &waiting);
    log_set_level((enum log_level)r->settings.log_level);
    if (r->daemon->reload && r->state)
        r->daemon->reload(r->state);
    metric_add(METRIC_RELOADS, 1);
    log_event(EVENT_RELOADED, NULL, "changed: %.*s", changed.size ? (int)changed.size : 7,
              changed.size ? changed.data : "nothing");
    if (waiting.size)
        log_warning("these settings change at the next start only: %.*s", (int)waiting.size,
                    waiting.data);
    buffer_free(&changed);
    buffer_free(&waiting);
}

static void reload(struct runner *r)
{
    char error[CONFIG_ERROR_SIZE];
    struct settings fresh;
    service_reloading();
    if (settings_read(r->config, r->dir, &fresh, error) < 0) {
        metric_add(METRIC_RELOADS_FAILED, 1);
        log_event(EVENT_NOT_RELOADED, NULL, ": %s", error);
    } else {
        apply(r, &fresh);
    }
    settings_free(&fresh);
    service_ready();
}

static void read_signals(struct runner *r)
{
    struct signalfd_siginfo info;
    while (read(r->signal_fd, &info, sizeof info) == (ssize_t)sizeof info) {
        if (info.ssi_signo == SIGHUP) {
            if (!r->draining)
                reload(r);
            continue;
        }
        if (!r->draining)
            log_event(EVENT_STOPPING, NULL, "signal=%s",
                      info.ssi_signo == SIGTERM ? "TERM" : "INT");
        runner_end(r, 0);
    }
}

/* Whether there was nothing to do is looked at once between two feeds of the watchdog. */
static void one_turn(struct runner *r, int64_t wait_ms)
{
    bool look = wait_ms > 0 && !r->service.waited;
    int n = zmq_poll(r->items, (int)r->item_count, look ? 0 : (long)wait_ms);
    if (look && n == 0) {
        r->service.waited = true;
        n = zmq_poll(r->items, (int)r->item_count, (long)wait_ms);
    }
    if (n < 0 && zmq_errno() != EINTR)
        runner_end(r, -zmq_errno());
    if (n > 0 && r->items[0].revents)
        read_signals(r);
    for (size_t i = 1; n > 0 && i < r->item_count && !r->ended; i++) {
        if (!r->items[i].revents)
            continue;
        int e = r->ready[i](r->users[i]);
        if (e < 0)
            runner_end(r, e);
    }
}

/* What is told once a second. */
static void tell(struct runner *r, int64_t now)
{
    const char *doing = r->draining ? "draining" : "running";
    measure_process();
    write_status(r, doing);
    service_status(&r->service, doing, now);
    log_sum_up(now);
    r->next_status = now + STATUS_MS;
}

static void loop(struct runner *r)
{
    int64_t wait = 0;
    while (!r->ended) {
        one_turn(r, wait);
        int64_t now = clock_monotonic_ms();
        if (r->ended)
            break;
        int next = r->daemon->tick(r->state, now);
        if (next < 0) {
            runner_end(r, next);
            break;
        }
        wait = next;
        if (r->draining) {
            int left = r->daemon->drain(r->state);
            if (left < 0)
                runner_end(r, left);
            else if (!left || now >= r->drain_deadline)
                r->ended = true;
            wait = wait > 10 ? 10 : wait;
        }
        metrics_tell(r->draining ? STATE_DRAINING : STATE_RUNNING, now);
        if (now >= r->next_status)
            tell(r, now);
        int64_t feed = service_turn(&r->service, now);
        int64_t most = feed < r->next_status - now ? feed : r->next_status - now;
        if (wait > most)
            wait = most;
    }
}

/* A connection is an open file, and libzmq spins when there are no more. */
static void raise_open_files(void)
{
    struct rlimit files;
    if (getrlimit(RLIMIT_NOFILE, &files) < 0 || files.rlim_cur >= OPEN_FILES)
        return;
    files.rlim_cur = files.rlim_max < OPEN_FILES ? files.rlim_max : OPEN_FILES;
    if (setrlimit(RLIMIT_NOFILE, &files) < 0)
        log_warning("can't raise the limit of open files: %s", strerror(errno));
}

static int run(struct runner *r)
{
    raise_open_files();
    int e = take_lock(r);
    if (!e)
        e = open_metrics(r);
    if (!e)
        e = take_signals(r);
    if (!e && getrandom(&r->instance, sizeof r->instance, 0) != (ssize_t)sizeof r->instance)
        e = -EIO;
    r->context = e ? NULL : zmq_ctx_new();
    if (!e && !r->context)
        e = -zmq_errno();
    if (!e) {
        runner_watch(r, NULL, r->signal_fd, ZMQ_POLLIN, NULL, NULL);
        service_starting();
        e = r->daemon->start(r, &r->state);
    }
    if (!e) {
        log_event(EVENT_STARTED, NULL, "version=%s pid=%d%s", KHABAR_VERSION, (int)getpid(),
                  r->unclean ? " after an unclean end" : "");
        write_status(r, "running");
        service_open(&r->service, r->daemon->stage);
        metrics_tell(STATE_RUNNING, clock_monotonic_ms()); /* whoever is told READY may look */
        service_ready();
        loop(r);
        e = r->error;
        write_status(r, e ? "failed" : "stopped");
    }
    metrics_tell(e ? STATE_FAILED : STATE_STOPPED, clock_monotonic_ms());
    if (r->state)
        r->daemon->stop(r->state);
    for (size_t i = 0; i < r->socket_count; i++)
        zmq_close(r->sockets[i]);
    if (r->context)
        zmq_ctx_term(r->context);
    if (r->lock_fd >= 0 && ftruncate(r->lock_fd, 0) <
                               0) /* ended by itself, for a full disk too: no document is suspect */
        log_warning("can't empty the pid file: %s", strerror(errno));
    if (e)
        log_event(EVENT_FAILED, NULL, ": %s", strerror(-e));
    else
        log_event(EVENT_STOPPED, NULL, "pid=%d", (int)getpid());
    log_sum_up(INT64_MAX);
    buffer_free(&r->status);
    return e;
}

static void print_help(const struct daemon *d, const char *name)
{
    printf("Usage: khabar-%s [--config FILE] [--dir DIR] [--check]\n"
           "%s\n\n"
           "  -c, --config FILE  settings of the lane (JSON)\n"
           "  -d, --dir DIR      folder of the lane, in the place of lane.dir\n"
           "      --check        check the settings and end\n"
           "  -h, --help         this text\n"
           "      --version      the version\n\n"
           "One of --config and --dir must be given. Exit status: 0 ended in order, 1 failed, 2 "
           "usage or settings.\n",
           name, d->summary);
}

int runner_main(const struct daemon *d, int argc, char **argv)
{
    static const struct option options[] = {
        {"config",           required_argument, NULL, 'c'},
        {"dir",              required_argument, NULL, 'd'},
        {"check",                  no_argument, NULL, 'k'},
        {"help",no_argument, NULL, 'h'},
        {"version",               no_argument, NULL, 'V'},
        {0           },
    };
    struct runner r = {
        .daemon = d, .name = message_stage_name(d->stage), .lock_fd = -1, .signal_fd = -1};
    const char *config = NULL, *dir = NULL;
    bool check = false;
    int option;
    while ((option = getopt_long(argc, argv, "c:d:h", options, NULL)) != -1) {
        switch (option) {
        case 'c':
            config = optarg;
            break;
        case 'd':
            dir = optarg;
            break;
        case 'k':
            check = true;
            break;
        case 'h':
            print_help(d, r.name);
            return 0;
        case 'V':
            printf("khabar-%s %s\n", r.name, KHABAR_VERSION);
            return 0;
        default:
            return 2;
        }
    }
    if (optind < argc || (!config && !dir)) {
        fprintf(stderr, "khabar-%s: %s; see --help\n", r.name,
                optind < argc ? "unexpected argument" : "--config FILE or --dir DIR is needed");
        return 2;
    }
    r.config = config;
    r.dir = dir;
    char error[CONFIG_ERROR_SIZE];
    int e = settings_read(config, dir, &r.settings, error);
    if (e < 0) {
        fprintf(stderr, "khabar-%s: %s\n", r.name, error);
        settings_free(&r.settings);
        return 2;
    }
    log_open(r.name, r.settings.lane.name, r.settings.log_level);
    e = d->check ? d->check(&r.settings) : 0;
    int status = e < 0 ? 2 : 0;
    if (!e && !check)
        status = run(&r) < 0;
    if (!e && check)
        printf("%s: good\n", config ? config : dir);
    settings_free(&r.settings);
    return status;
}

/* khabar run: a whole lane in the foreground, its daemons started, watched, restarted, and stopped in order. */
#include "khabar/command.h"
#include "khabar/lane.h"
#include "libcommon/clock.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

enum { FIRST_WAIT_MS = 100, LONGEST_WAIT_MS = 5000, SHORT_LIFE_MS = 1000, GRACE_MS = 5000 };
enum { EXIT_SETTINGS = 2 }; /* status of a daemon that can't use its settings: starting again is no help */

enum { DIR_, CONFIG };

static const struct command_option options[] = {
    [DIR_] = {"dir", "DIR", "keep everything of the lane under DIR; needs no configuration"},
    [CONFIG] = {"config", "FILE", "configuration of the lane"},
    {0},
};

struct child {
    const char *name;  /* of the daemon, without khabar- */
    pid_t pid;         /* 0: does not run */
    int64_t started;   /* monotonic ms, as all times here */
    int64_t due;       /* when it is started again; 0: it is not */
    int64_t kill_at;   /* when it is killed, having been told to stop; 0: it was not told */
    int64_t wait_ms;
    bool ready;
};

struct lane_run {
    const char *dir, *config;
    struct settings settings;
    struct child children[LANE_DAEMONS];
    int signals, notices; /* signalfd; socket of sd_notify(3) */
    char notify_name[64]; /* of that socket, for the daemons */
    int stop_requests;
    bool told_ready, failed;
};

/* One line an event. */
__attribute__((format(printf, 2, 3))) static void tell(const struct child *c, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    printf("khabar-%s ", c->name);
    vprintf(format, arguments);
    putchar('\n');
    fflush(stdout);
    va_end(arguments);
}

/* --- the daemons ---------------------------------------------------------------------------- */

/* In the new process: becomes the daemon, in a group of its own, so that Ctrl-C comes to khabar run alone. */
__attribute__((noreturn)) static void become(const struct lane_run *l, const char *path, pid_t parent)
{
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    signal(SIGPIPE, SIG_DFL);
    setpgid(0, 0);
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (getppid() != parent)
        _exit(1);
    setenv("NOTIFY_SOCKET", l->notify_name, 1);
    unsetenv("WATCHDOG_USEC");
    unsetenv("WATCHDOG_PID");
    const char *argv[6] = {path};
    int count = 1;
    if (l->config) {
        argv[count++] = "--config";
        argv[count++] = l->config;
    }
    if (l->dir) {
        argv[count++] = "--dir";
        argv[count++] = l->dir;
    }
    execv(path, (char **)argv);
    fprintf(stderr, "khabar: %s: %s\n", path, strerror(errno));
    _exit(127);
}

static void start(const struct lane_run *l, struct child *c)
{
    char path[PATH_MAX];
    c->due = 0;
    c->ready = false;
    c->started = clock_monotonic_ms();
    if (lane_find_daemon(c->name, path) < 0) {
        tell(c, "is not installed beside khabar: no %s", path);
        c->due = c->started + LONGEST_WAIT_MS;
        return;
    }
    pid_t parent = getpid(), pid = fork();
    if (pid == 0)
        become(l, path, parent);
    if (pid < 0) {
        tell(c, "could not be started: %s", strerror(errno));
        c->due = c->started + LONGEST_WAIT_MS;
        return;
    }
    c->pid = pid;
    tell(c, "started pid=%d", (int)pid);
}

static void stop(const struct lane_run *l, struct child *c, int signal_number)
{
    if (!c->pid || kill(c->pid, signal_number) < 0 || c->kill_at)
        return;
    c->kill_at = clock_monotonic_ms() + l->settings.drain_seconds * 1000 + GRACE_MS;
}

static const char *describe_end(int status, char out[64])
{
    if (WIFSIGNALED(status))
        snprintf(out, 64, "killed by signal %d (%s)", WTERMSIG(status), strsignal(WTERMSIG(status)));
    else
        snprintf(out, 64, "exit status %d", WEXITSTATUS(status));
    return out;
}

static void took_end(struct lane_run *l, struct child *c, int status)
{
    char how[64];
    pid_t pid = c->pid;
    int64_t now = clock_monotonic_ms();
    describe_end(status, how);
    c->pid = 0;
    c->ready = false;
    if (l->stop_requests) {
        tell(c, "stopped pid=%d: %s", (int)pid, how);
        l->failed |= status != 0;
        return;
    }
    if (WIFEXITED(status) && WEXITSTATUS(status) == EXIT_SETTINGS) {
        tell(c, "ended pid=%d: its settings are wrong; stopping the lane", (int)pid);
        l->failed = true;
        l->stop_requests = 1;
        return;
    }
    bool short_life = now - c->started < SHORT_LIFE_MS;
    c->wait_ms = !short_life || !c->wait_ms ? FIRST_WAIT_MS : c->wait_ms * 2;
    if (c->wait_ms > LONGEST_WAIT_MS)
        c->wait_ms = LONGEST_WAIT_MS;
    c->due = now + c->wait_ms;
    tell(c, "died pid=%d: %s; starting it again in %.1f s", (int)pid, how, (double)c->wait_ms / 1000);
}

static struct child *child_of(struct lane_run *l, pid_t pid)
{
    for (size_t i = 0; i < LANE_DAEMONS; i++)
        if (pid && l->children[i].pid == pid)
            return &l->children[i];
    return NULL;
}

/* --- what happens --------------------------------------------------------------------------- */

static void take_ends(struct lane_run *l)
{
    int status;
    pid_t pid;
    while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
        struct child *c = child_of(l, pid);
        if (c)
            took_end(l, c, status);
    }
}

static void take_signals(struct lane_run *l)
{
    struct signalfd_siginfo info;
    while (read(l->signals, &info, sizeof info) == (ssize_t)sizeof info) {
        if (info.ssi_signo == SIGCHLD)
            continue;
        if (info.ssi_signo == SIGHUP) {
            for (size_t i = 0; i < LANE_DAEMONS; i++)
                if (l->children[i].pid)
                    kill(l->children[i].pid, SIGHUP);
            continue;
        }
        l->stop_requests++;
        printf("khabar %s\n", l->stop_requests == 1   ? "stopping: the lane drains"
                              : l->stop_requests == 2 ? "stopping all at once"
                                                      : "killing what is left");
        fflush(stdout);
    }
    take_ends(l);
}

/* Readiness, as daemons tell it with sd_notify(3). */
static void take_notices(struct lane_run *l)
{
    char text[1024];
    union {
        struct cmsghdr head;
        char bytes[CMSG_SPACE(sizeof(struct ucred))];
    } control;
    struct iovec part = {text, sizeof text - 1};
    struct msghdr message = {
        .msg_iov = &part, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control};
    ssize_t size;
    while ((size = recvmsg(l->notices, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC)) >= 0) {
        text[size] = '\0';
        struct cmsghdr *head = CMSG_FIRSTHDR(&message);
        struct ucred sender = {0};
        if (head && head->cmsg_level == SOL_SOCKET && head->cmsg_type == SCM_CREDENTIALS)
            memcpy(&sender, CMSG_DATA(head), sizeof sender);
        struct child *c = child_of(l, sender.pid);
        if (c && !c->ready && strstr(text, "READY=1")) {
            c->ready = true;
            tell(c, "ready pid=%d after %.2f s", (int)c->pid,
                 (double)(clock_monotonic_ms() - c->started) / 1000);
        }
        message.msg_controllen = sizeof control;
    }
}

static void tell_ready(struct lane_run *l)
{
    for (size_t i = 0; i < LANE_DAEMONS; i++)
        if (!l->children[i].ready)
            return;
    if (!l->told_ready)
        printf("khabar ready lane=%s dir=%s\n", l->settings.lane.name, l->settings.lane.dir);
    fflush(stdout);
    l->told_ready = true;
    sd_notify(0, "READY=1");
}

/* Tells those to stop whose turn it is: ingest first, then each when the one before has ended. */
static void stop_in_order(struct lane_run *l, int64_t now)
{
    for (size_t i = 0; i < LANE_DAEMONS; i++) {
        struct child *c = &l->children[i];
        if (!c->pid)
            continue;
        if (l->stop_requests > 2 || (c->kill_at && now >= c->kill_at))
            kill(c->pid, SIGKILL);
        else
            stop(l, c, SIGTERM);
        if (l->stop_requests == 1)
            return;
    }
}

/* Whether anything runs or will; *ret_wait: ms until something is due. */
static bool look_after(struct lane_run *l, int *ret_wait)
{
    int64_t now = clock_monotonic_ms(), next = now + 60000;
    bool alive = false;
    if (l->stop_requests)
        stop_in_order(l, now);
    for (size_t i = 0; i < LANE_DAEMONS; i++) {
        struct child *c = &l->children[i];
        if (!l->stop_requests && c->due && c->due <= now)
            start(l, c);
        int64_t due = c->pid ? c->kill_at : l->stop_requests ? 0 : c->due;
        if (due && due < next)
            next = due;
        alive |= c->pid || (!l->stop_requests && c->due);
    }
    if (!l->stop_requests && !l->told_ready)
        tell_ready(l);
    *ret_wait = next <= now ? 1 : (int)(next - now);
    return alive;
}

/* --- beginning and end ---------------------------------------------------------------------- */

static int open_signals(struct lane_run *l)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGHUP);
    sigaddset(&set, SIGCHLD);
    sigprocmask(SIG_BLOCK, &set, NULL);
    l->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    return l->signals < 0 ? -errno : 0;
}

/* An abstract socket, whose name the kernel picks: it leaves nothing behind. */
static int open_notices(struct lane_run *l)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    socklen_t size = sizeof address;
    const int yes = 1;
    l->notices = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (l->notices < 0 || bind(l->notices, (struct sockaddr *)&address, sizeof address.sun_family) < 0 ||
        setsockopt(l->notices, SOL_SOCKET, SO_PASSCRED, &yes, sizeof yes) < 0 ||
        getsockname(l->notices, (struct sockaddr *)&address, &size) < 0)
        return -errno;
    size -= (socklen_t)offsetof(struct sockaddr_un, sun_path) + 1;
    snprintf(l->notify_name, sizeof l->notify_name, "@%.*s", (int)size, address.sun_path + 1);
    return 0;
}

/* With those above it, which are made where they are missing. */
static int make_folder(const char *path)
{
    char part[LANE_PATH_SIZE];
    snprintf(part, sizeof part, "%s", path);
    for (char *slash = strchr(part + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        mkdir(part, 0755); /* where it fails, the last one fails too */
        *slash = '/';
    }
    if (mkdir(path, 0755) == 0 || errno == EEXIST)
        return 0;
    int r = -errno;
    command_complain("%s: %s", path, strerror(-r));
    return r;
}

/* The folders that people look for before the daemons have made them, and a lock against a second run. */
static int prepare(const struct lane_run *l)
{
    const struct settings *s = &l->settings;
    const char *const folders[] = {s->lane.dir,   s->lane.run_dir,    s->ingest.drop_dir, s->ingest.drop_done_dir,
                                   s->spool.dir, s->sink.records_dir, s->sink.rejects_dir};
    for (size_t i = 0; i < sizeof folders / sizeof *folders; i++) {
        int r = make_folder(folders[i]);
        if (r < 0)
            return r;
    }
    char path[LANE_PATH_SIZE];
    lane_run_path(s, "run", "lock", path);
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
    if (fd < 0 || flock(fd, LOCK_EX | LOCK_NB) < 0) {
        int r = -errno;
        command_complain(r == -EWOULDBLOCK ? "this lane is run already: %s is locked" : "%s can't be locked",
                         path);
        return r;
    }
    return 0; /* the descriptor stays open: the lock lasts as long as the process */
}

static int watch(struct lane_run *l)
{
    for (size_t i = LANE_DAEMONS; i-- > 0;) { /* those that receive before those that send */
        l->children[i].name = lane_daemons[i];
        start(l, &l->children[i]);
    }
    int wait;
    while (look_after(l, &wait)) {
        struct pollfd files[] = {{l->signals, POLLIN, 0}, {l->notices, POLLIN, 0}};
        if (poll(files, 2, wait) < 0 && errno != EINTR)
            return -errno;
        take_notices(l); /* before the ends: the last words of a daemon that died */
        take_signals(l);
    }
    return 0;
}

static int run(const struct invocation *invocation)
{
    struct lane_run l = {.dir = invocation->values[DIR_], .config = invocation->values[CONFIG]};
    if (invocation->argument_count) {
        command_complain("run takes no arguments; --dir DIR names the lane");
        return COMMAND_USAGE;
    }
    if (lane_read(&l.dir, l.config, &l.settings) < 0)
        return COMMAND_USAGE;
    int r = prepare(&l);
    if (r == 0) {
        r = open_signals(&l);
        if (r == 0)
            r = open_notices(&l);
        if (r == 0)
            r = watch(&l);
        if (r < 0)
            command_complain("running the lane failed: %s", strerror(-r));
    }
    settings_free(&l.settings);
    return r < 0 ? COMMAND_FAULT : l.failed ? COMMAND_PARTLY : COMMAND_DONE;
}

const struct command command_run = {
    "run", "",
    "Starts a whole lane in the foreground and restarts what dies; SIGTERM or Ctrl-C drains it.", options,
    run};

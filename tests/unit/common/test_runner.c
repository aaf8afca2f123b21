/* The runner as the service manager sees it: when it is ready, what it says, when it is alive, what
 * a reload changes, how it ends. A daemon without work is run in another process. */
#include "tests/unit/unit.h"
#include "libcommon/runner.h"
#include "libcommon/reload.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <zmq.h>

enum { WAIT_MS = 10000 };

/* --- the daemon --- */

struct idle {
    struct runner *runner;
    int fd, drains;
};

static bool spins; /* has something to do that it never does */

static int never_read(void *user)
{
    (void)user;
    return 0;
}

static int idle_start(struct runner *r, void **ret_state)
{
    struct idle *d = calloc(1, sizeof *d);
    assert_non_null(d);
    *ret_state = d;
    d->runner = r;
    d->fd = eventfd(spins, EFD_CLOEXEC | EFD_NONBLOCK);
    usleep(200000); /* recovery takes its time */
    return runner_watch(r, NULL, d->fd, ZMQ_POLLIN, never_read, d) < 0 ? -ENOSPC : 0;
}

static int idle_tick(void *state, int64_t now_ms)
{
    (void)state;
    (void)now_ms;
    return 1000;
}

static int idle_drain(void *state)
{
    struct idle *d = state;
    return d->drains++ < 3;
}

static void idle_reload(void *state)
{
    struct idle *d = state;
    fprintf(stderr, "window is %lld now\n",
            (long long)runner_settings(d->runner)->window.documents);
}

static void idle_stop(void *state)
{
    struct idle *d = state;
    close(d->fd);
    free(d);
}

static const struct daemon idle_daemon = {
    .stage = STAGE_INGEST,
    .summary = "Does nothing.",
    .start = idle_start,
    .tick = idle_tick,
    .drain = idle_drain,
    .reload = idle_reload,
    .stop = idle_stop,
};

/* --- the service manager --- */

static char folder[64], path[128];
static int notices = -1, child_errors = -1;
static pid_t child;

static void write_settings(const char *json)
{
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_true(fputs(json, file) >= 0);
    fclose(file);
}

static void start(const char *watchdog_usec)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int errors[2];
    char pid[32];
    snprintf(folder, sizeof folder, "/tmp/khabar-runner-XXXXXX");
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/lane.json", folder);
    write_settings("{\"window\": {\"documents\": 100}}");
    snprintf(address.sun_path, sizeof address.sun_path, "%s/notify", folder);
    notices = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(notices, (struct sockaddr *)&address, sizeof address), 0);
    assert_int_equal(pipe(errors), 0);
    child = fork();
    assert_true(child >= 0);
    if (!child) {
        dup2(errors[1], STDERR_FILENO);
        setenv("NOTIFY_SOCKET", address.sun_path, 1);
        snprintf(pid, sizeof pid, "%d", (int)getpid());
        setenv("WATCHDOG_PID", pid, 1);
        if (watchdog_usec)
            setenv("WATCHDOG_USEC", watchdog_usec, 1);
        char name[] = "khabar-ingest", config[] = "--config", dir[] = "--dir";
        char *argv[] = {name, config, path, dir, folder, NULL};
        _exit(runner_main(&idle_daemon, 5, argv));
    }
    close(errors[1]);
    child_errors = errors[0];
}

static int64_t now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* Whether a notice with that text comes within so many ms. */
static bool told(const char *what, int ms)
{
    int64_t end = now_ms() + ms;
    for (int64_t left = ms; left > 0; left = end - now_ms()) {
        char text[1024];
        struct pollfd p = {notices, POLLIN, 0};
        if (poll(&p, 1, (int)left) <= 0)
            return false;
        ssize_t n = recv(notices, text, sizeof text - 1, 0);
        assert_true(n >= 0);
        text[n] = '\0';
        if (strstr(text, what))
            return true;
    }
    return false;
}

static char errors_text[65536];

/* Reads what the daemon writes until the text comes. */
static void wait_for_line(const char *what)
{
    size_t size = strlen(errors_text);
    int64_t end = now_ms() + WAIT_MS;
    while (!strstr(errors_text, what)) {
        struct pollfd p = {child_errors, POLLIN, 0};
        if (now_ms() > end)
            fail_msg("no line with %s in: %s", what, errors_text);
        if (poll(&p, 1, 100) <= 0)
            continue;
        ssize_t n = read(child_errors, errors_text + size, sizeof errors_text - 1 - size);
        assert_true(n > 0);
        size += (size_t)n;
        errors_text[size] = '\0';
    }
}

static int end(int signal_number)
{
    static const char *const left[] = {"lane.json", "notify", "run/ingest.pid", "run/ingest.status",
                                       "run/ingest.metrics"};
    int status;
    kill(child, signal_number);
    assert_int_equal(waitpid(child, &status, 0), child);
    close(notices);
    close(child_errors);
    for (size_t i = 0; i < sizeof left / sizeof *left; i++) {
        char file[192];
        snprintf(file, sizeof file, "%s/%s", folder, left[i]);
        unlink(file);
    }
    snprintf(path, sizeof path, "%s/run", folder);
    rmdir(path);
    assert_int_equal(rmdir(folder), 0);
    errors_text[0] = '\0';
    return status;
}

/* --- what it is held to --- */

static void it_says_what_it_does(void **state)
{
    (void)state;
    spins = false;
    int64_t begun = now_ms();
    start("3000000");
    assert_true(told("STATUS=starting: recovering\nEXTEND_TIMEOUT_USEC=", WAIT_MS));
    assert_true(told("READY=1", WAIT_MS));
    assert_true(now_ms() - begun >= 200); /* after recovery */
    assert_true(
        told("STATUS=running: 0 accepted, 0 committed, 0 in the spool, 0 in flight", WAIT_MS));
    assert_true(told("WATCHDOG=1", 2000) && told("WATCHDOG=1", 2000));
    kill(child, SIGTERM);
    assert_true(told("STOPPING=1\nEXTEND_TIMEOUT_USEC=50000000", WAIT_MS)); /* 10 s, and some */
    int status = end(0);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

static void without_a_watchdog_none_is_fed(void **state)
{
    (void)state;
    spins = false;
    start(NULL);
    assert_true(told("READY=1", WAIT_MS));
    assert_false(told("WATCHDOG=1", 1500));
    end(SIGTERM);
}

static void a_loop_that_spins_is_not_alive(void **state)
{
    (void)state;
    spins = true;
    start("600000");
    assert_true(told("READY=1", WAIT_MS));
    told("WATCHDOG=1", 300); /* the first turn may have waited */
    assert_false(told("WATCHDOG=1", 1200));
    end(SIGKILL);
}

static void a_reload_changes_what_can_change(void **state)
{
    (void)state;
    spins = false;
    start(NULL);
    assert_true(told("READY=1", WAIT_MS));
    write_settings("{\"window\": {\"documents\": 7}, \"spool\": {\"max_bytes\": 99999999},"
                   " \"sink\": {\"rotate_seconds\": 5}, \"log\": {\"level\": \"debug\"}}");
    kill(child, SIGHUP);
    assert_true(told("RELOADING=1\nMONOTONIC_USEC=", WAIT_MS) && told("READY=1", WAIT_MS));
    wait_for_line("window is 7 now");
    wait_for_line("event=reloaded text=\"changed: log.level window.documents\"");
    wait_for_line("change at the next start only: spool.max_bytes\""); /* sink's is not named */

    write_settings("{\"window\": {\"documents\": 8}, \"log\": ");
    kill(child, SIGHUP);
    assert_true(told("RELOADING=1", WAIT_MS) && told("READY=1", WAIT_MS));
    wait_for_line("event=not-reloaded");
    write_settings("{\"window\": {\"documents\": 0}}");
    kill(child, SIGHUP);
    assert_true(told("READY=1", WAIT_MS));
    wait_for_line("window.documents: found 0, allowed are 1 to 8192");
    assert_null(strstr(errors_text, "window is 8"));
    assert_null(strstr(errors_text, "window is 0"));
    int status = end(SIGTERM);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

static void every_setting_concerns_someone(void **state)
{
    (void)state;
    for (size_t i = 0; i < settings_row_count; i++) {
        int readers = 0;
        for (unsigned stage = STAGE_INGEST; stage <= STAGE_SINK; stage++)
            readers += settings_concern(stage, settings_rows[i].path);
        assert_true(readers == 1 || readers == 4);
        bool number = settings_rows[i].type == CONFIG_INTEGER ||
                      settings_rows[i].type == CONFIG_FLAG ||
                      settings_rows[i].type == CONFIG_CHOICE;
        assert_true(number || !settings_rows[i].live);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_says_what_it_does),
        cmocka_unit_test(without_a_watchdog_none_is_fed),
        cmocka_unit_test(a_loop_that_spins_is_not_alive),
        cmocka_unit_test(a_reload_changes_what_can_change),
        cmocka_unit_test(every_setting_concerns_someone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

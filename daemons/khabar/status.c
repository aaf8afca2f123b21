/* khabar status: what each daemon of a lane has received, sent and rejected, what waits in the spool, whether the lane
 * makes progress. */
#include "khabar/command.h"
#include "khabar/lane.h"
#include "libcommon/health.h"

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { DIR_, CONFIG, JSON };

static const struct command_option options[] = {
    [DIR_] = {"dir", "DIR", "folder of the lane"},
    [CONFIG] = {"config", "FILE", "configuration of the lane, in place of --dir"},
    [JSON] = {"json", NULL, "print all that the daemons tell, as one JSON object"},
    {0},
};

enum { BETWEEN_MS = 1200 }; /* daemons tell once a second */

/* What a daemon has told last; NULL: nothing. Free with json_decref(). */
static json_t *read_status(const struct settings *s, const char *daemon)
{
    char path[LANE_PATH_SIZE];
    lane_run_path(s, daemon, "status", path);
    json_t *status = json_load_file(path, 0, NULL);
    if (json_is_object(status))
        return status;
    json_decref(status);
    return NULL;
}

static json_t *read_all(const struct settings *s)
{
    json_t *all = json_object();
    for (size_t i = 0; i < LANE_DAEMONS; i++) {
        json_t *status = read_status(s, lane_daemons[i]);
        if (!status)
            status = json_object();
        json_object_set_new(status, "running", json_boolean(lane_daemon_pid(s, lane_daemons[i])));
        json_object_set_new(all, lane_daemons[i], status);
    }
    return all;
}

static json_int_t number_of(const json_t *status, const char *key)
{
    return json_integer_value(json_object_get(status, key));
}

static void print_count(const json_t *before, const json_t *after, const char *key, double seconds)
{
    if (!json_is_integer(json_object_get(after, key))) {
        printf(" %11s %8s", "-", "");
        return;
    }
    json_int_t now = number_of(after, key), then = number_of(before, key);
    char rate[32] = "";
    if (seconds > 0 && now > then)
        snprintf(rate, sizeof rate, "%.0f/s", (double)(now - then) / seconds);
    printf(" %11" JSON_INTEGER_FORMAT " %8s", now, rate);
}

static void print_age(double seconds)
{
    if (seconds < 120)
        printf("%.1f s", seconds);
    else if (seconds < 7200)
        printf("%.0f min", seconds / 60);
    else
        printf("%.1f h", seconds / 3600);
}

static void print_spool(const json_t *ingest)
{
    const json_t *spool = json_object_get(ingest, "spool");
    if (!json_is_object(spool))
        return;
    printf("\nspool: %" JSON_INTEGER_FORMAT " documents, %.1f MiB", number_of(spool, "documents"),
           (double)number_of(spool, "bytes") / (1 << 20));
    json_t *age = json_object_get(spool, "oldest_seconds");
    if (json_is_number(age) && number_of(spool, "documents")) {
        printf(", the oldest since ");
        print_age(json_number_value(age));
    }
    putchar('\n');
}

/* What /readyz says, also of a lane that serves nothing. */
static int read_health(const struct settings *s, struct health **ret)
{
    struct health *h = calloc(1, sizeof *h);
    if (!h)
        return -ENOMEM;
    health_look(s->lane.name, s->lane.run_dir, s->monitor.stall_seconds, h);
    *ret = h;
    return 0;
}

static void add_health(json_t *all, const struct health *h)
{
    json_object_set_new(all, "ready", json_boolean(h->ready));
    json_object_set_new(all, "not_ready", json_stringn(h->reasons.data ? h->reasons.data : "", h->reasons.size));
}

static void print_health(const struct health *h)
{
    if (h->ready)
        printf("ready\n");
    else
        printf("not ready:\n%.*s", (int)h->reasons.size, h->reasons.data);
}

static const char *state_of(const json_t *status)
{
    const char *state = json_string_value(json_object_get(status, "state"));
    if (json_is_true(json_object_get(status, "running")))
        return state ? state : "starting";
    return state && strcmp(state, "stopped") == 0 ? "stopped" : "down";
}

static void print_table(const json_t *before, const json_t *after, double seconds)
{
    printf("%-10s %-9s %7s %11s %8s %11s %8s %11s %8s\n", "", "state", "pid", "received", "", "sent", "",
           "rejected", "");
    for (size_t i = 0; i < LANE_DAEMONS; i++) {
        const json_t *then = json_object_get(before, lane_daemons[i]);
        const json_t *now = json_object_get(after, lane_daemons[i]);
        bool same = number_of(then, "pid") == number_of(now, "pid");
        bool running = json_is_true(json_object_get(now, "running"));
        char pid[32] = "-";
        if (running)
            snprintf(pid, sizeof pid, "%" JSON_INTEGER_FORMAT, number_of(now, "pid"));
        printf("%-10s %-9s %7s", lane_daemons[i], state_of(now), pid);
        print_count(then, now, "received", same ? seconds : 0);
        print_count(then, now, "sent", same ? seconds : 0);
        print_count(then, now, "rejected", same ? seconds : 0);
        putchar('\n');
    }
    print_spool(json_object_get(after, "ingest"));
}

static bool all_run(const json_t *all)
{
    for (size_t i = 0; i < LANE_DAEMONS; i++)
        if (!json_is_true(json_object_get(json_object_get(all, lane_daemons[i]), "running")))
            return false;
    return true;
}

static int run(const struct invocation *invocation)
{
    const char *const *values = invocation->values, *dir = values[DIR_];
    struct settings settings;
    if (lane_read(&dir, values[CONFIG], &settings) < 0)
        return COMMAND_USAGE;
    struct health *health;
    if (read_health(&settings, &health) < 0) {
        settings_free(&settings);
        return COMMAND_FAULT;
    }
    json_t *before = read_all(&settings), *after = NULL;
    bool good = all_run(before);
    if (values[JSON]) {
        add_health(before, health);
        json_dumpf(before, stdout, JSON_INDENT(2));
        putchar('\n');
    } else {
        /* two looks, for the rates; a lane that is down has none */
        const struct timespec between = {BETWEEN_MS / 1000, BETWEEN_MS % 1000 * 1000000};
        if (good)
            nanosleep(&between, NULL);
        after = read_all(&settings);
        good = all_run(after);
        print_table(before, after, BETWEEN_MS / 1000.0);
        print_health(health);
    }
    health_free(health);
    free(health);
    json_decref(before);
    json_decref(after);
    settings_free(&settings);
    return good ? COMMAND_DONE : COMMAND_PARTLY;
}

const struct command command_status = {
    "status", "",
    "Tells what each daemon has received, sent and rejected, what waits in the spool, and whether the lane makes progress; "
    "succeeds if all run.",
    options, run};

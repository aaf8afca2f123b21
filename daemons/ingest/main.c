/* khabar-ingest: takes documents in, keeps them safe, sends them into the lane until they are
 * committed. */
#include "ingest/drop.h"
#include "ingest/feed.h"
#include "ingest/http.h"
#include "ingest/intake.h"
#include "ingest/jobs.h"
#include "ingest/lane.h"
#include "ingest/monitor.h"
#include "ingest/spool.h"
#include "ingest/stream.h"
#include "ingest/zap.h"
#include "libcommon/clock.h"
#include "libcommon/metrics.h"
#include "libcommon/runner.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <zmq.h>

enum { MONITOR_RETRY_MS = 2000 };

struct ingest {
    struct runner *runner;
    struct spool *spool;
    struct jobs *jobs;
    struct intake *intake;
    struct feed *feed; /* NULL: switched off */
    struct drop *drop; /* likewise */
    struct http *http; /* likewise */
    struct stream *stream; /* likewise */
    struct lane *lane;
    struct monitor *monitor; /* likewise, or its address is taken */
    int64_t monitor_due;     /* when it is tried again */
    bool stopped;
};

static int open_spool(struct ingest *in)
{
    const struct settings *s = runner_settings(in->runner);
    struct spool_settings settings = spool_defaults;
    struct spool_report report = {0};
    settings.folder = s->spool.dir;
    settings.max_bytes = (uint64_t)s->spool.max_bytes;
    settings.segment_bytes = (uint64_t)s->spool.segment_bytes;
    settings.reserve_bytes = (uint64_t)s->spool.reserve_bytes;
    settings.pending_bytes =
        (uint64_t)(s->spool.sync_bytes > s->document_bytes ? s->spool.sync_bytes
                                                           : s->document_bytes);
    settings.feeder_ids_us = s->ingest.remember_seconds * 1000000;
    int r = spool_open(&settings, &report, &in->spool);
    if (r == SPOOL_LOCKED) {
        log_err("another process has the spool open: %s", s->spool.dir);
        return -EBUSY;
    }
    if (r < 0) {
        log_err("can't open the spool %s: %s", s->spool.dir, strerror(-r));
        return r;
    }
    if (report.unclean)
        log_info("spool was not closed in order");
    if (report.progress_lost)
        log_warning("spool progress is lost: what sink has is sent again");
    if (report.damaged || report.kept_bytes || report.ids_damaged)
        log_event(EVENT_SPOOL_DAMAGED, NULL,
                  "documents=%llu kept_bytes=%llu id_files=%u, see %s/damaged",
                  (unsigned long long)report.damaged, (unsigned long long)report.kept_bytes,
                  report.ids_damaged, s->spool.dir);
    return 0;
}

/* A sync has ended: answers go out, and what became durable goes into the lane. */
static int job_done(void *user)
{
    struct ingest *in = user;
    int e = jobs_collect(in->jobs);
    if (!e && in->feed)
        e = feed_answer(in->feed);
    return e < 0 ? e : lane_send(in->lane);
}

static void ingest_stop(void *state)
{
    struct ingest *in = state;
    in->monitor = monitor_free(in->monitor);
    in->jobs = jobs_free(in->jobs);
    in->feed = feed_free(in->feed);
    in->drop = drop_free(in->drop);
    in->http = http_free(in->http);
    in->stream = stream_free(in->stream);
    in->lane = lane_free(in->lane);
    in->intake = intake_free(in->intake);
    in->spool = spool_close(in->spool);
    free(in);
}

/* A lane that can't be watched works all the same: the log says so until it can be. */
static void try_monitor(struct ingest *in, int64_t now_ms)
{
    const struct settings *s = runner_settings(in->runner);
    if (!s->monitor.enabled || in->monitor || now_ms < in->monitor_due)
        return;
    int e = monitor_new(s, &in->monitor);
    if (e < 0)
        log_err("can't serve metrics and health endpoint=%s, trying again: %s", s->monitor.listen,
                strerror(-e));
    in->monitor_due = now_ms + MONITOR_RETRY_MS;
}

static int ingest_check(const struct settings *s)
{
    int e = http_check(s);
    return e < 0 ? e : zap_check(s);
}

static int ingest_start(struct runner *r, void **ret_state)
{
    struct ingest *in = calloc(1, sizeof *in);
    if (!in)
        return -ENOMEM;
    *ret_state = in;
    in->runner = r;
    const struct settings *s = runner_settings(r);
    int fd = -1;
    int e = open_spool(in);
    if (!e)
        e = jobs_new(in->spool, &in->jobs, &fd);
    if (!e)
        e = intake_new(s, in->spool, in->jobs, &in->intake);
    if (!e)
        e = lane_new(r, in->spool, in->jobs, &in->lane);
    if (!e && s->ingest.feed)
        e = feed_new(r, in->intake, &in->feed);
    if (!e && s->ingest.drop)
        e = drop_new(r, in->intake, &in->drop);
    if (!e && s->http.enabled)
        e = http_new(r, in->intake, &in->http);
    if (!e && s->stream.enabled)
        e = stream_new(r, in->intake, &in->stream);
    if (!e && runner_watch(r, NULL, fd, ZMQ_POLLIN, job_done, in) < 0)
        e = -ENOSPC;
    if (!e)
        try_monitor(in, clock_monotonic_ms());
    return e;
}

static int least(int a, int b)
{
    return a < b ? a : b;
}

static int ingest_tick(void *state, int64_t now_ms)
{
    struct ingest *in = state;
    try_monitor(in, now_ms);
    int drop = in->drop ? drop_tick(in->drop, now_ms) : 1000;
    int http = drop < 0 ? drop : in->http ? http_tick(in->http, now_ms) : 1000;
    int stream = http < 0 ? http : in->stream ? stream_tick(in->stream, now_ms) : 1000;
    int intake = stream < 0 ? stream : intake_tick(in->intake, now_ms);
    int lane = intake < 0 ? intake : lane_tick(in->lane, now_ms);
    int feed = lane >= 0 && in->feed ? feed_answer(in->feed) : 0;
    if (feed < 0)
        return feed;
    return lane < 0 ? lane : least(least(least(drop, http), stream), least(intake, lane));
}

/* Nothing more is taken; what was taken is answered; what is in flight may come home. */
static int ingest_drain(void *state)
{
    struct ingest *in = state;
    if (!in->stopped) {
        in->stopped = true;
        if (in->feed)
            feed_stop(in->feed);
        if (in->drop)
            drop_stop(in->drop);
        if (in->http)
            http_stop(in->http);
        if (in->stream)
            stream_stop(in->stream);
    }
    bool waiting = (in->feed && feed_pending(in->feed)) || (in->drop && drop_pending(in->drop)) ||
                   (in->http && http_pending(in->http)) ||
                   (in->stream && stream_pending(in->stream));
    return waiting || lane_in_flight(in->lane);
}

static void ingest_status(void *state, struct buffer *out)
{
    struct ingest *in = state;
    buffer_append_format(out,
                         "\"received\":%llu,\"received_bytes\":%llu,\"repeated\":%llu,\"busy\":%"
                         "llu,\"refused\":%llu,",
                         (unsigned long long)metric_value(METRIC_ACCEPTED),
                         (unsigned long long)metric_value(METRIC_ACCEPTED_BYTES),
                         (unsigned long long)metric_value(METRIC_REPEATED),
                         (unsigned long long)metric_value(METRIC_BUSY),
                         (unsigned long long)metric_value(METRIC_REFUSED));
    lane_status(in->lane, out);
}

static void ingest_reload(void *state)
{
    struct ingest *in = state;
    lane_reload(in->lane);
    if (in->feed)
        feed_reload(in->feed);
}

static const struct daemon ingest_daemon = {
    .stage = STAGE_INGEST,
    .summary = "Takes documents in, keeps them safe, and sends them into the lane until they are "
               "committed.",
    .check = ingest_check,
    .start = ingest_start,
    .tick = ingest_tick,
    .drain = ingest_drain,
    .status = ingest_status,
    .reload = ingest_reload,
    .stop = ingest_stop,
};

int main(int argc, char **argv)
{
    return runner_main(&ingest_daemon, argc, argv);
}

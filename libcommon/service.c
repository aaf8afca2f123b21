/* What the service manager is told. */
#include "libcommon/service.h"

#include "libcommon/buffer.h"
#include "libcommon/clock.h"
#include "libcommon/metrics.h"

#include <inttypes.h>
#include <systemd/sd-daemon.h>

enum { TOLD = 4, FOREVER_MS = 3600 * 1000 };
static const int64_t RECOVERY_US = 600000000, /* reading back what sink wrote */
    CLOSING_US = 40000000;                    /* finishing and compressing files after the drain */

/* What each stage tells of itself; the first is the one whose rate is told. */
static const struct told {
    enum metric metric;
    const char *what;
} told[][TOLD] = {
    [STAGE_INGEST] = {{METRIC_ACCEPTED, "accepted"},
                      {METRIC_COMMITTED, "committed"},
                      {METRIC_SPOOL_DOCUMENTS, "in the spool"},
                      {METRIC_IN_FLIGHT, "in flight"}   },
    [STAGE_PARSE] = {{METRIC_RECEIVED, "received"},
                      {METRIC_SENT, "sent"},
                      {METRIC_REJECTED, "rejected"},
                      {METRIC_HELD, "held"}             },
    [STAGE_CLASSIFY] = {{METRIC_RECEIVED, "received"},
                      {METRIC_SENT, "sent"},
                      {METRIC_REJECTED, "rejected"},
                      {METRIC_HELD, "held"}             },
    [STAGE_SINK] = {{METRIC_RECEIVED, "received"},
                      {METRIC_RECORDS, "records"},
                      {METRIC_REJECTS, "rejects"},
                      {METRIC_DUPLICATES, "seen before"}},
};

void service_open(struct service *s, enum message_stage stage)
{
    uint64_t us = 0;
    *s = (struct service){.stage = stage, .told_at = clock_monotonic_ms()};
    if (sd_watchdog_enabled(0, &us) > 0) /* three times in the time allowed */
        s->watchdog_ms = us / 3000 > 1 ? (int64_t)(us / 3000) : 1;
}

void service_starting(void)
{
    sd_notifyf(0, "STATUS=starting: recovering\nEXTEND_TIMEOUT_USEC=%" PRId64, RECOVERY_US);
}

void service_ready(void)
{
    sd_notify(0, "READY=1");
}

void service_reloading(void)
{
    sd_notifyf(0, "RELOADING=1\nMONOTONIC_USEC=%" PRId64, clock_monotonic_us());
}

void service_stopping(int64_t drain_seconds)
{
    sd_notifyf(0, "STOPPING=1\nEXTEND_TIMEOUT_USEC=%" PRId64, drain_seconds * 1000000 + CLOSING_US);
}

int64_t service_turn(struct service *s, int64_t now_ms)
{
    if (!s->watchdog_ms)
        return FOREVER_MS;
    if (now_ms < s->next_feed)
        return s->next_feed - now_ms;
    uint64_t activity = metric_activity();
    if (s->waited || activity != s->activity) {
        sd_notify(0, "WATCHDOG=1");
        s->activity = activity;
        s->waited = false;
    }
    s->next_feed = now_ms + s->watchdog_ms;
    return s->watchdog_ms;
}

void service_status(struct service *s, const char *doing, int64_t now_ms)
{
    const struct told *row = told[s->stage];
    uint64_t handled = metric_value(row[0].metric);
    int64_t ms = now_ms - s->told_at;
    struct buffer line = {0};
    buffer_append_format(&line, "STATUS=%s:", doing);
    for (size_t i = 0; i < TOLD; i++)
        buffer_append_format(&line, "%s %" PRIu64 " %s", i ? "," : "", metric_value(row[i].metric),
                             row[i].what);
    if (ms > 0 && handled > s->handled)
        buffer_append_format(&line, "; %" PRIu64 "/s",
                             (handled - s->handled) * 1000 / (uint64_t)ms);
    buffer_append_char(&line, '\0');
    if (!line.failed)
        sd_notify(0, line.data);
    s->handled = handled;
    s->told_at = now_ms;
    buffer_free(&line);
}

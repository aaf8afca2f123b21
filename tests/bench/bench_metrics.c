/* bench-metrics: what counting costs a document on its whole way, beside the SHA-256 that its
 * acceptance costs, and what a scrape costs. */
#include "libcommon/clock.h"
#include "libcommon/digest.h"
#include "libcommon/health.h"
#include "tests/bench/bench.h"

#include <string.h>
#include <unistd.h>

/* All that ingest, parse, classify and sink count of a document that becomes a record, the clock
 * among it. */
static void count_document(void)
{
    metric_add_for(METRIC_ACCEPTED, metric_way("feed"), 1);
    metric_add(METRIC_ACCEPTED_BYTES, 6000);
    metric_source(METRIC_SOURCE_ACCEPTED, "alsumaria", 9, 1);
    metric_add(METRIC_SENT, 1);
    metric_add(METRIC_SENT_BYTES, 6000);
    metric_add(METRIC_COMMITTED, 1);
    for (int stage = 0; stage < 2; stage++) {
        int64_t begun = clock_monotonic_us();
        metric_add(METRIC_RECEIVED, 1);
        metric_add(METRIC_RECEIVED_BYTES, 6000);
        metric_observe(METRIC_QUEUE_WAIT, clock_monotonic_us() - begun);
        metric_observe(METRIC_WORK, clock_monotonic_us() - begun);
        metric_add(METRIC_SENT, 1);
        metric_add(METRIC_SENT_BYTES, 6000);
    }
    int64_t begun = clock_monotonic_us();
    metric_add(METRIC_RECEIVED, 1);
    metric_add(METRIC_RECEIVED_BYTES, 6000);
    metric_observe(METRIC_DELIVERY, 700);
    metric_source(METRIC_SOURCE_RECORDS, "alsumaria", 9, 1);
    metric_source(METRIC_SOURCE_LAST, "alsumaria", 9, (uint64_t)clock_unix_us());
    metric_observe(METRIC_WORK, clock_monotonic_us() - begun);
}

int main(void)
{
    char folder[] = "/tmp/khabar-bench-XXXXXX", path[128];
    static char body[6190];
    char digest[DIGEST_TEXT_SIZE];
    struct buffer text = {0};
    struct health *h = calloc(1, sizeof *h);
    if (!h || !mkdtemp(folder))
        return 1;
    for (unsigned stage = STAGE_INGEST; stage <= STAGE_SINK; stage++) {
        snprintf(path, sizeof path, "%s/%s.metrics", folder, message_stage_name(stage));
        if (metrics_open(path) < 0)
            return 1;
    }
    memset(body, 'x', sizeof body);
    BENCH("SHA-256 of 6190 bytes", sizeof body, digest_text(body, sizeof body, digest));
    BENCH("metric_add, 1000 times", 1000,
          for (int i = 0; i < 1000; i++) metric_add(METRIC_SENT, 1));
    BENCH("metric_observe, 1000 times", 1000,
          for (int i = 0; i < 1000; i++) metric_observe(METRIC_WORK, 700));
    BENCH("counting a document", 1, count_document());
    for (int i = 0; i < METRIC_SOURCES; i++) {
        char name[32];
        int size = snprintf(name, sizeof name, "site-%d.example.org", i);
        metric_source(METRIC_SOURCE_RECORDS, name, (size_t)size, 1);
    }
    BENCH("a scrape of four pages", text.size, {
        buffer_clear(&text);
        buffer_clear(&h->reasons);
        health_look("bench", folder, 60, h);
        metrics_write(&h->lane, METRICS_OPENMETRICS, &text);
    });
    printf("%zu bytes of text, %zu bytes a page\n", text.size, sizeof(struct metrics_page));
    for (unsigned stage = STAGE_INGEST; stage <= STAGE_SINK; stage++) {
        snprintf(path, sizeof path, "%s/%s.metrics", folder, message_stage_name(stage));
        unlink(path);
    }
    rmdir(folder);
    health_free(h);
    buffer_free(&text);
    free(h);
    return 0;
}

/* Metrics: the table keeps to OpenMetrics' conventions; pages are shared, bounded, whole. */
#include "tests/unit/unit.h"
#include "libcommon/clock.h"
#include "libcommon/health.h"
#include "libcommon/metrics_text.h"
#include "libcommon/reject.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[64];

static void path_of(const char *name, char out[128])
{
    snprintf(out, 128, "%s/%s.metrics", folder, name);
}

static int make_folder(void **state)
{
    (void)state;
    snprintf(folder, sizeof folder, "/tmp/khabar-metrics-XXXXXX");
    return mkdtemp(folder) ? 0 : -1;
}

static int remove_folder(void **state)
{
    (void)state;
    metrics_close();
    for (unsigned i = STAGE_INGEST; i <= STAGE_SINK; i++) {
        char path[128];
        path_of(message_stage_name(i), path);
        unlink(path);
    }
    return rmdir(folder);
}

static bool ends_with(const char *text, const char *end)
{
    size_t a = strlen(text), b = strlen(end);
    return a >= b && strcmp(text + a - b, end) == 0;
}

static void every_row_is_whole(void **state)
{
    (void)state;
    for (size_t i = 0; i < METRIC_END; i++) {
        const struct metric_row *row = &metric_rows[i];
        assert_non_null(row->name);
        assert_int_equal(strspn(row->name, "abcdefghijklmnopqrstuvwxyz_"), strlen(row->name));
        assert_int_equal(strncmp(row->name, "khabar_", 7), 0);
        assert_false(ends_with(row->name, "_total") || ends_with(row->name, "_count") ||
                     ends_with(row->name, "_info"));
        assert_int_equal(row->unit == UNIT_BYTES, ends_with(row->name, "_bytes"));
        assert_int_equal(row->unit == UNIT_SECONDS, ends_with(row->name, "_seconds"));
        assert_true(row->stages && !(row->stages & ~0x1eU));
        assert_true(ends_with(row->help, ".") && !strpbrk(row->help, "\n\\\""));
        for (size_t j = 0; j < i; j++)
            assert_string_not_equal(row->name, metric_rows[j].name);
        /* a label "stage" of its own and that of the stage would be one too many */
        assert_false(row->label == LABEL_PEER && (row->stages & (row->stages - 1)));
        assert_true(metric_label_count(row->label) <= METRIC_SLOTS);
    }
    for (size_t i = 1; i < METRIC_BOUNDS; i++)
        assert_true(metric_bounds[i - 1] < metric_bounds[i]);
}

static void every_reject_reason_is_a_label(void **state)
{
    (void)state;
    for (unsigned i = 1; i < REJECT_END; i++) {
        const char *name = metric_label_value(LABEL_REASON, i);
        assert_string_equal(name, reject_name(i));
        assert_int_equal(reject_find(name, strlen(name)), i);
    }
    assert_int_equal(reject_find("no-such-reason", 14), 0);
    assert_int_equal(reject_find("empt", 4), 0);
}

static void *count_much(void *unused)
{
    for (int i = 0; i < 100000; i++) {
        metric_add(METRIC_RECEIVED, 1);
        metric_observe(METRIC_WORK, i % 2 ? 70 : 7200000000);
    }
    return unused;
}

static void threads_lose_no_count(void **state)
{
    (void)state;
    char path[128];
    path_of("parse", path);
    assert_int_equal(metrics_open(path), 0);
    uint64_t before = metric_activity();
    pthread_t threads[4];
    for (int i = 0; i < 4; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, count_much, NULL), 0);
    for (int i = 0; i < 4; i++)
        pthread_join(threads[i], NULL);
    assert_int_equal(metric_activity(), before + 800000);
    static struct metrics_page page;
    assert_int_equal(metrics_read(path, &page), 0);
    assert_int_equal(page.slots[METRIC_RECEIVED][0], 400000);
    assert_int_equal(page.slots[METRIC_WORK][1], 200000);             /* at most 100 us */
    assert_int_equal(page.slots[METRIC_WORK][METRIC_BOUNDS], 200000); /* over every bound */
    assert_int_equal(page.slots[METRIC_WORK][METRIC_BOUNDS + 1], 200000 * (7200000000 + 70));
}

static void a_page_of_another_version_is_refused(void **state)
{
    (void)state;
    char path[128];
    static struct metrics_page page;
    path_of("sink", path);
    assert_int_equal(metrics_read(path, &page), -ENOENT);
    assert_int_equal(metrics_open(path), 0);
    assert_int_equal(metrics_read(path, &page), 0);
    assert_int_equal(truncate(path, sizeof page - 1), 0);
    assert_int_equal(metrics_read(path, &page), -EPROTO);
    FILE *file = fopen(path, "r+");
    assert_non_null(file);
    page.layout++;
    assert_int_equal(fwrite(&page, sizeof page, 1, file), 1);
    fclose(file);
    assert_int_equal(metrics_read(path, &page), -EPROTO);
}

static size_t occurrences(const struct buffer *text, const char *what)
{
    size_t n = 0, size = strlen(what);
    for (size_t i = 0; i + size <= text->size; i++)
        n += memcmp(text->data + i, what, size) == 0;
    return n;
}

static void sources_are_bounded(void **state)
{
    (void)state;
    char path[128], name[128];
    static struct metrics_lane lane = {.name = "a\"b"};
    path_of("ingest", path);
    assert_int_equal(metrics_open(path), 0);
    for (int i = 0; i < 1000; i++) {
        int size = snprintf(name, sizeof name, "site-%d", i);
        metric_source(METRIC_SOURCE_ACCEPTED, name, (size_t)size, 1);
        metric_source(METRIC_SOURCE_ACCEPTED, "site-0", 6, 1);
    }
    metric_source(METRIC_SOURCE_ACCEPTED, NULL, 0, 1);
    assert_int_equal(metrics_read(path, &lane.pages[0]), 0);
    struct buffer text = {0};
    metrics_write(&lane, METRICS_OPENMETRICS, &text);
    assert_false(text.failed);
    assert_int_equal(occurrences(&text, "accepted_documents_total{lane=\"a\\\"b\",source="),
                     METRIC_SOURCES + 2);
    assert_int_equal(occurrences(&text, "source=\"site-0\"} 1001\n"), 1);
    assert_int_equal(occurrences(&text, "source=\"other\"} 800\n"), 1);
    assert_int_equal(occurrences(&text, "source=\"none\"} 1\n"), 1);
    assert_memory_equal(text.data + text.size - 6, "# EOF\n", 6);
    buffer_free(&text);
}

static void hostile_names_of_sources_stay_text(void **state)
{
    (void)state;
    char path[128], name[200];
    static struct metrics_lane lane = {.name = "l"};
    path_of("ingest", path);
    assert_int_equal(metrics_open(path), 0);
    for (size_t i = 0; i < sizeof name; i += 2) /* U+062E ARABIC LETTER KHAH, cut between two */
        memcpy(name + i, "\xd8\xae", 2);
    metric_source(METRIC_SOURCE_ACCEPTED, name, sizeof name, 7);
    metric_source(METRIC_SOURCE_ACCEPTED, name, sizeof name - 2, 1); /* the same when it is cut */
    metric_source(METRIC_SOURCE_ACCEPTED, "x\"}\n1\\", 6, 9);
    assert_int_equal(metrics_read(path, &lane.pages[0]), 0);
    struct buffer text = {0};
    metrics_write(&lane, METRICS_PROMETHEUS, &text);
    assert_int_equal(occurrences(&text, "source=\"x\\\"}\\n1\\\\\"} 9\n"), 1);
    name[62] = '\0';
    char sample[256];
    snprintf(sample, sizeof sample, "source=\"%s\"} 8\n", name);
    assert_int_equal(occurrences(&text, sample), 1);
    buffer_free(&text);
}

/* As a daemon would, in this process: its number is alive. */
static void play(enum message_stage stage, enum metric_state says, int64_t alive_at)
{
    char path[128];
    path_of(message_stage_name(stage), path);
    assert_int_equal(metrics_open(path), 0);
    metrics_tell(says, alive_at);
}

static bool look(const char *reason)
{
    static struct health h;
    memset(&h, 0, sizeof h);
    health_look("l", folder, 30, &h);
    assert_int_equal(h.ready, !reason);
    bool found = !reason || occurrences(&h.reasons, reason);
    if (!found)
        print_message("# %.*s", (int)h.reasons.size, h.reasons.data);
    health_free(&h);
    return found;
}

static void a_lane_is_ready_while_it_makes_progress(void **state)
{
    (void)state;
    int64_t now = clock_monotonic_ms();
    assert_true(look("ingest does not run\n"));
    for (unsigned i = STAGE_SINK; i > STAGE_INGEST; i--)
        play(i, STATE_RUNNING, now);
    assert_true(look("ingest does not run\n"));
    play(STAGE_INGEST, STATE_RUNNING, now);
    assert_true(look(NULL));
    metric_set(METRIC_SPOOL_DOCUMENTS, 12);
    metric_set(METRIC_PROGRESS_AT, (uint64_t)clock_unix_us() - 20000000);
    assert_true(look(NULL));
    metric_set(METRIC_PROGRESS_AT, (uint64_t)clock_unix_us() - 40000000);
    assert_true(look("nothing was written for 40 s, 12 documents wait\n"));
    metric_set(METRIC_SPOOL_DOCUMENTS, 0);
    metric_set(METRIC_SPOOL_FULL, 1);
    assert_true(look("the spool is full\n"));
    metric_set(METRIC_SPOOL_FULL, 0);
    play(STAGE_PARSE, STATE_STARTING, now);
    assert_true(look("parse is starting\n"));
    play(STAGE_PARSE, STATE_RUNNING, now - 60000);
    assert_true(look("parse does not run\n"));
    play(STAGE_PARSE, STATE_STOPPED, now);
    assert_true(look("parse does not run\n"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_row_is_whole),
        cmocka_unit_test(every_reject_reason_is_a_label),
        cmocka_unit_test_setup_teardown(threads_lose_no_count, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(a_page_of_another_version_is_refused, make_folder,
                                        remove_folder),
        cmocka_unit_test_setup_teardown(sources_are_bounded, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(hostile_names_of_sources_stay_text, make_folder,
                                        remove_folder),
        cmocka_unit_test_setup_teardown(a_lane_is_ready_while_it_makes_progress, make_folder,
                                        remove_folder),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* What the sink's work costs: records made, written and synced, beside raw write and fdatasync of the same bytes; the
 * index of duplicates as it grows.
 *
 * bench-sink [FOLDER [ARTICLES [index]]]: works in a new folder in there (default: the current one, a disk that stands for the
 * real one); ARTICLES: how far the index is filled (default 200000); index: that alone. */
#include "libcommon/buffer.h"
#include "libcommon/clock.h"
#include "libcommon/record.h"
#include "sink/output.h"
#include "sink/seen.h"
#include "tests/bench/bench.h"

#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

enum { SPAN = 4096 };
static const int64_t DAY = 1768694400000000;

static void give_up(const char *what)
{
    fprintf(stderr, "bench: %s failed\n", what);
    exit(2);
}

static void make_fields(struct buffer *document, struct buffer *article, struct buffer *labels, size_t size)
{
    static const char words[] = "أعلنت وزارة الداخلية العراقية، اليوم الأحد، عن \"اعتقال\" متهمين في محافظة نينوى. ";
    struct buffer text = {0};
    while (text.size < size)
        buffer_append(&text, words, sizeof words - 1);
    fields_put_string(document, FIELD_URL, "https://news.example/security/2026/01/18/12345");
    fields_put_string(document, FIELD_DIGEST,
                      "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08");
    fields_put_integer(document, FIELD_BYTES, (int64_t)size * 3);
    fields_put_string(article, FIELD_TITLE, "اعتقال متهمين في نينوى");
    fields_put_string(article, FIELD_PUBLISHED_AT, "2026-01-18T07:49:00+03:00");
    fields_put_text(article, FIELD_BODY_TEXT, text.data, text.size);
    fields_put_string(labels, FIELD_LANGUAGE, "ar");
    size_t list = fields_open(labels, FIELD_TOPICS, FIELD_LIST);
    for (int i = 0; i < 3; i++) {
        size_t object = fields_open(labels, FIELD_NONE, FIELD_OBJECT);
        fields_put_string(labels, FIELD_CODE, "medtop:16000000");
        fields_put_string(labels, FIELD_NAME, "conflict, war and peace");
        fields_put_real(labels, FIELD_CONFIDENCE, 0.8712);
        fields_close(labels, object);
    }
    fields_close(labels, list);
    buffer_free(&text);
}

static double wall(void)
{
    return (double)clock_monotonic_us() / 1e6;
}

struct track {
    struct output *output;
    uint64_t floor, committed;
    int64_t *appended_at; /* by number */
    int64_t *latency;
    unsigned char *done;
};

static void take(struct track *t, bool wait)
{
    struct output_commit commit;
    struct pollfd event = {.fd = output_fd(t->output), .events = POLLIN};
    if (wait)
        poll(&event, 1, 100);
    int r;
    while ((r = output_committed(t->output, &commit)) > 0) {
        int64_t now = clock_monotonic_us();
        for (size_t i = 0; i < commit.count; i++)
            for (uint64_t seq = commit.ranges[i].first; seq <= commit.ranges[i].last; seq++, t->committed++) {
                t->latency[seq] = now - t->appended_at[seq];
                t->done[seq] = 1;
            }
    }
    if (r < 0)
        give_up(output_failure(t->output));
    while (t->done[t->floor])
        t->floor++;
}

static int by_value(const void *a, const void *b)
{
    const int64_t *x = a, *y = b;
    return *x < *y ? -1 : *x > *y;
}

/* rate: documents a second to offer; 0: as fast as it goes. Returns documents a second. */
static double run_output(const char *dir, size_t size, uint64_t count, double rate, uint64_t *ret_bytes, uint64_t *ret_groups)
{
    char records[4200], rejects[4200];
    snprintf(records, sizeof records, "%s/records", dir);
    snprintf(rejects, sizeof rejects, "%s/rejects", dir);
    struct output_settings s = {.records_dir = records, .rejects_dir = rejects, .lane = "bench",
                                .rotate_bytes = 1u << 30, .rotate_ms = 3600000, .sync_documents = 256,
                                .sync_bytes = 4 << 20, .sync_ms = 5, .reserve_bytes = 1 << 20};
    struct track t = {.appended_at = calloc(count + 1, 8), .latency = calloc(count + 1, 8), .done = calloc(count + 1, 1)};
    struct buffer document = {0}, article = {0}, labels = {0}, line = {0};
    make_fields(&document, &article, &labels, size);
    if (!t.appended_at || !t.latency || !t.done || output_open(&s, &t.output) < 0)
        give_up("output_open");
    double start = wall(), cpu = bench_seconds();
    for (uint64_t seq = 0; seq < count; seq++) {
        struct record record = {.spool = 0xbe4c, .seq = seq, .lane = "bench", .received_at = DAY,
                                .document = {document.data, document.size}, .article = {article.data, article.size},
                                .labels = {labels.data, labels.size}};
        while (rate > 0 && wall() < start + (double)seq / rate)
            take(&t, true);
        while (seq >= t.floor + SPAN)
            take(&t, true);
        if (seq % 32 == 0)
            take(&t, false);
        buffer_clear(&line);
        t.appended_at[seq] = clock_monotonic_us();
        if (record_write_khabar(&record, &line) < 0 ||
            output_append(t.output, OUTPUT_RECORD, record.spool, seq, t.floor, DAY, line.data, line.size) != 0)
            give_up("output_append");
    }
    while (t.committed < count)
        take(&t, true);
    double took = wall() - start;
    cpu = bench_seconds() - cpu;
    struct output_counts counts;
    output_counts(t.output, &counts);
    qsort(t.latency, count, sizeof *t.latency, by_value);
    printf("  output %-9s %7.0f docs/s %7.1f MB/s %6.1f us CPU a doc; append to commit p50 %.1f p99 %.1f p99.9 %.1f ms; "
           "%.0f docs a sync\n",
           rate > 0 ? "half load" : "full", (double)count / took, (double)counts.bytes / took / 1e6,
           cpu * 1e6 / (double)count, (double)t.latency[count / 2] / 1e3, (double)t.latency[count * 99 / 100] / 1e3,
           (double)t.latency[count * 999 / 1000] / 1e3, (double)count / (double)counts.syncs);
    *ret_bytes = counts.bytes;
    *ret_groups = counts.syncs;
    output_close(t.output, 0, NULL);
    char command[9000];
    snprintf(command, sizeof command, "rm -rf '%s' '%s'", records, rejects);
    if (system(command) != 0)
        give_up(command);
    free(t.appended_at);
    free(t.latency);
    free(t.done);
    buffer_free(&document);
    buffer_free(&article);
    buffer_free(&labels);
    buffer_free(&line);
    return (double)count / took;
}

static double run_raw(const char *dir, uint64_t count, uint64_t bytes, uint64_t groups)
{
    char path[4200];
    snprintf(path, sizeof path, "%s/raw", dir);
    size_t size = (size_t)(bytes / groups);
    char *data = malloc(size);
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND, 0600);
    if (!data || fd < 0)
        give_up(path);
    memset(data, 'x', size);
    double start = wall(), cpu = bench_seconds();
    for (uint64_t i = 0; i < groups; i++)
        if (write(fd, data, size) != (ssize_t)size || fdatasync(fd) < 0)
            give_up(path);
    double took = wall() - start;
    cpu = bench_seconds() - cpu;
    printf("  raw write+fdatasync %5.0f docs/s %7.1f MB/s %6.1f us CPU a doc\n", (double)count / took,
           (double)bytes / took / 1e6, cpu * 1e6 / (double)count);
    close(fd);
    unlink(path);
    free(data);
    return (double)count / took;
}

static uint64_t mix(uint64_t x)
{
    x ^= x >> 31, x *= 0x9e3779b97f4a7c15u, x ^= x >> 29, x *= 0xbf58476d1ce4e5b9u;
    return x ^ x >> 32;
}

/* A number of /proc/self/status, in MiB. */
static double status_mib(const char *name)
{
    char line[128];
    double kib = 0;
    FILE *status = fopen("/proc/self/status", "r");
    while (status && fgets(line, sizeof line, status))
        if (!strncmp(line, name, strlen(name)))
            kib = strtod(line + strlen(name), NULL);
    if (status)
        fclose(status);
    return kib / 1024;
}

/* Every tenth text is a near copy of one before. */
static void run_index(const char *dir, uint64_t articles)
{
    char path[4200];
    snprintf(path, sizeof path, "%s/index", dir);
    struct seen *s;
    bool anew;
    if (seen_open(path, (int64_t)30 * 86400 * 1000000, false, &s, &anew) < 0)
        give_up("seen_open");
    uint64_t next = 1000, last = 0, found = 0, copies = 0;
    double start = wall(), cpu = bench_seconds();
    for (uint64_t i = 0; i < articles; i++) {
        struct minhash m;
        struct seen_answer answer;
        bool copy = i % 10 == 9;
        uint64_t number = copy ? mix(i) % (i - 8) / 10 * 10 : i;
        for (unsigned bin = 0; bin < MINHASH_BINS; bin++)
            m.bins[bin] = (uint8_t)(mix((copy && bin % 12 == i % 12 ? i + (1ull << 40) : number) * 1000003 + bin) % 255 + 1);
        struct seen_document d = {.spool = 1, .seq = i, .floor = i > SPAN ? i - SPAN : 0, .has_text = true, .minhash = &m};
        memcpy(d.fingerprint, &i, sizeof i);
        if (seen_look(s, &d, DAY + (int64_t)i, &answer) < 0)
            give_up("seen_look");
        copies += copy;
        found += copy && answer.kind == SEEN_NEAR;
        if (i + 1 == next || i + 1 == articles) {
            printf("  index %9llu articles: %6.1f us wall, %6.1f us CPU a doc; near copies found %.4f; resident %.1f MiB, at most %.1f\n",
                   (unsigned long long)i + 1, (wall() - start) * 1e6 / (double)(i + 1 - last),
                   (bench_seconds() - cpu) * 1e6 / (double)(i + 1 - last), copies ? (double)found / (double)copies : 0,
                   status_mib("VmRSS:"), status_mib("VmHWM:"));
            fflush(stdout);
            last = i + 1;
            next = next < 10000 ? next * 10 : next * 2;
            start = wall();
            cpu = bench_seconds();
        }
    }
    seen_close(s);
    char command[9000];
    snprintf(command, sizeof command, "du -sh '%s' && rm -rf '%s'", path, path);
    if (system(command) != 0)
        give_up(command);
}

int main(int argc, char **argv)
{
    static const size_t sizes[] = {2000, 6000, 20000};
    uint64_t articles = argc > 2 ? strtoull(argv[2], NULL, 10) : 200000;
    bool index_only = argc > 3;
    char dir[4096];
    snprintf(dir, sizeof dir, "%s/bench-sink-XXXXXX", argc > 1 ? argv[1] : ".");
    if (!mkdtemp(dir))
        give_up(dir);
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes && !index_only; i++) {
        uint64_t count = 200u * 1000 * 1000 / sizes[i], bytes, groups;
        printf("%zu bytes of text\n", sizes[i]);
        double full = run_output(dir, sizes[i], count, 0, &bytes, &groups);
        double raw = run_raw(dir, count, bytes, groups);
        printf("  of raw: %.2f\n", full / raw);
        run_output(dir, sizes[i], count / 8, full / 2, &bytes, &groups);
        fflush(stdout);
    }
    run_index(dir, articles);
    rmdir(dir);
    return 0;
}

/* How fast the spool takes documents, beside writing and syncing the same bytes without it; and
 * what a backlog costs.
 *
 *   bench-spool [FOLDER] [--documents N] [--batch N] [--backlog N[,N…]] [--ids N[,N…]]
 *
 * FOLDER (default: the current one) should be on the disk that a lane would use. Each round writes
 * the same bytes in the same batches, first raw (one write and one fdatasync a batch, into a
 * preallocated file), then through the spool with its commits and upkeep. Then it is started and
 * written to over backlogs. --ids: instead of all that, what the ids of feeders cost by themselves
 * when so many are remembered. */
#include "ingest/feeder_ids.h"
#include "ingest/jobs.h"
#include "ingest/spool.h"
#include "libcommon/fields.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

static struct {
    char folder[512];
    long documents, batch;
    const char *backlogs, *ids;
} options = {".", 20000, 100, "0,20000", NULL};

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static double processor(void)
{
    struct rusage u;
    getrusage(RUSAGE_SELF, &u);
    return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) +
           (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e6;
}

static void fail(const char *what, int r)
{
    fprintf(stderr, "bench-spool: %s: %s\n", what, r < 0 ? strerror(-r) : "refused");
    exit(1);
}

static int remove_one(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
    (void)st, (void)flag, (void)ftw;
    return remove(path);
}

static struct spool *open_spool(const char *folder, bool ids)
{
    struct spool_settings settings = spool_defaults;
    struct spool_report report;
    struct spool *s;
    settings.folder = folder;
    settings.max_bytes = (uint64_t)1 << 40;
    settings.reserve_bytes = 64 << 20;
    if (!ids)
        settings.feeder_ids_us = 0;
    int r = spool_open(&settings, &report, &s);
    if (r != 0)
        fail("open", r);
    return s;
}

/* What is due of the upkeep, in a thread of its own as in the daemon. */
static void tend(struct jobs *jobs)
{
    int r = jobs_collect(jobs);
    if (r == 0)
        r = jobs_tend(jobs);
    if (r < 0)
        fail("tend", r);
}

static struct jobs *start_jobs(struct spool *s)
{
    struct jobs *jobs;
    int fd, r = jobs_new(s, &jobs, &fd);
    if (r < 0)
        fail("threads", r);
    return jobs;
}

/* jobs: NULL where nothing runs beside. */
static uint64_t append(struct spool *s, struct jobs *jobs, long n, const char *body, size_t size,
                       struct buffer *fields)
{
    char id[32];
    uint64_t seq;
    snprintf(id, sizeof id, "page-%ld", n);
    buffer_clear(fields);
    fields_put_string(fields, FIELD_FEEDER, "bench");
    fields_put_string(fields, FIELD_FEEDER_ID, id);
    fields_put_string(fields, FIELD_URL,
                      "https://news.example/politics/an-article-of-ordinary-length");
    struct spool_document d = {.document = fields->data,
                               .document_size = fields->size,
                               .body = body,
                               .body_size = size,
                               .accepted_at = 1800000000000000 + n};
    int r = spool_append(s, &d, &seq);
    while (r == SPOOL_BUSY) {
        if ((r = spool_sync(s)) < 0)
            fail("sync", r);
        if (jobs)
            tend(jobs);
        else if ((r = spool_tend(s)) < 0)
            fail("tend", r);
        r = spool_append(s, &d, &seq);
    }
    if (r != 0)
        fail("append", r);
    return seq;
}

struct result {
    double seconds, processor;
};

static struct result run_spool(const char *body, size_t size, bool commits, bool ids)
{
    char folder[600];
    struct buffer fields = {0};
    snprintf(folder, sizeof folder, "%s/bench-spool.d", options.folder);
    struct spool *s = open_spool(folder, ids);
    struct jobs *jobs = start_jobs(s);
    double start = now(), used = processor();
    uint64_t first = 1, last = 0, count;
    for (long n = 0; n < options.documents; n++) {
        last = append(s, jobs, n, body, size, &fields);
        if (n % options.batch != options.batch - 1)
            continue;
        int r = spool_sync(s);
        if (r == 0 && commits && last > 2000) {
            r = spool_commit(s, first, last - 2000, &count);
            first = last - 2000;
        }
        if (r < 0)
            fail("sync", r);
        tend(jobs);
    }
    int r = spool_sync(s);
    if (r < 0)
        fail("sync", r);
    jobs_free(jobs);
    struct result result = {now() - start, processor() - used};
    spool_close(s);
    buffer_free(&fields);
    nftw(folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
    return result;
}

/* The bytes of an entry, batch by batch. */
static struct result run_raw(size_t entry)
{
    char path[600];
    enum { FILE_BYTES = 64 << 20 };
    size_t batch = entry * (size_t)options.batch, at = FILE_BYTES;
    char *data = malloc(batch);
    memset(data, 'x', batch);
    snprintf(path, sizeof path, "%s/bench-raw.d", options.folder);
    int fd = -1;
    double start = now(), used = processor();
    for (long n = 0; n < options.documents; n += options.batch) {
        if (at + batch > FILE_BYTES) {
            if (fd >= 0)
                close(fd);
            unlink(path);
            fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
            if (fd < 0 || (fallocate(fd, 0, 0, FILE_BYTES) < 0 && errno != EOPNOTSUPP))
                fail(path, -errno);
            at = 0;
        }
        if (pwrite(fd, data, batch, (off_t)at) != (ssize_t)batch || fdatasync(fd) < 0)
            fail(path, -errno);
        at += batch;
    }
    struct result result = {now() - start, processor() - used};
    close(fd);
    unlink(path);
    free(data);
    return result;
}

static void bench_append(void)
{
    static const size_t sizes[] = {2000, 6000, 20000};
    char *body = malloc(20000);
    for (size_t i = 0; i < 20000; i++)
        body[i] = (char)(i * 2654435761u >> 13);
    printf("%ld documents in batches of %ld\n", options.documents, options.batch);
    printf("bytes   raw/s    spool/s  of raw  with ids/s  of raw  raw us cpu  spool us cpu  with "
           "ids us cpu\n");
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        double n = (double)options.documents;
        struct result raw = {0}, plain = {0}, ids = {0};
        for (int round = 0; round < 3; round++) { /* in turns: the disk has its moods */
            struct result results[] = {run_raw(sizes[i] + 160),
                                       run_spool(body, sizes[i], true, false),
                                       run_spool(body, sizes[i], true, true)};
            struct result *best[] = {&raw, &plain, &ids};
            for (int k = 0; k < 3; k++)
                if (round == 0 || results[k].seconds < best[k]->seconds)
                    *best[k] = results[k];
        }
        printf("%5zu %8.0f %9.0f %6.0f%% %10.0f %7.0f%% %9.1f %12.1f %14.1f\n", sizes[i],
               n / raw.seconds, n / plain.seconds, 100 * raw.seconds / plain.seconds,
               n / ids.seconds, 100 * raw.seconds / ids.seconds, 1e6 * raw.processor / n,
               1e6 * plain.processor / n, 1e6 * ids.processor / n);
    }
    free(body);
}

static long resident_kib(void)
{
    long kib = 0;
    char line[128];
    FILE *f = fopen("/proc/self/status", "r");
    while (f && fgets(line, sizeof line, f))
        if (sscanf(line, "VmRSS: %ld", &kib) == 1)
            break;
    if (f)
        fclose(f);
    return kib;
}

static void bench_backlog(long backlog, bool ids)
{
    char folder[600], *body = calloc(1, 6000);
    struct buffer fields = {0}, bytes = {0};
    snprintf(folder, sizeof folder, "%s/bench-spool.d", options.folder);
    struct spool *s = open_spool(folder, ids);
    for (long n = 0; n < backlog; n++)
        append(s, NULL, n, body, 6000, &fields);
    s = spool_close(s);
    double start = now();
    s = open_spool(folder, ids);
    double opened = now() - start;
    double raw = run_raw(6160).seconds; /* just before, on the same disk */
    struct jobs *jobs = start_jobs(s);
    start = now();
    double used = processor();
    uint64_t read_to = 0, seq, count;
    for (long n = 0; n < options.documents; n++) {
        append(s, jobs, backlog + n, body, 6000, &fields);
        if (n % options.batch != options.batch - 1)
            continue;
        int r = spool_sync(s);
        for (long k = 0; r >= 0 && k < options.batch && (r = spool_next(s, read_to, &seq)) == 0;
             k++) {
            struct spool_entry entry;
            r = spool_read(s, seq, &bytes, &entry);
            read_to = seq;
        }
        if (r >= 0)
            r = spool_commit(s, 1, read_to, &count);
        if (r < 0)
            fail("drain", r);
        tend(jobs);
    }
    double seconds = now() - start;
    used = processor() - used;
    printf("%9ld %4s %10.1f %22.0f %6.0f%% %7.1f %14.1f\n", backlog, ids ? "yes" : "no",
           1000 * opened, (double)options.documents / seconds, 100 * raw / seconds,
           1e6 * used / (double)options.documents, (double)resident_kib() / 1024);
    jobs_free(jobs);
    spool_close(s);
    buffer_free(&fields);
    buffer_free(&bytes);
    free(body);
    nftw(folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

static struct feeder_ids *open_ids(const char *folder)
{
    struct feeder_ids *ids;
    unsigned damaged;
    int r = feeder_ids_open(folder, (int64_t)24 * 3600 * 1000000, &damaged, &ids);
    if (r < 0 || damaged)
        fail("open ids", r);
    return ids;
}

static struct feeder_key key_of(long n, struct buffer *fields)
{
    struct feeder_key key;
    char id[32];
    snprintf(id, sizeof id, "page-%ld", n);
    buffer_clear(fields);
    fields_put_string(fields, FIELD_FEEDER, "bench");
    fields_put_string(fields, FIELD_FEEDER_ID, id);
    if (!feeder_key(fields->data, fields->size, &key))
        fail("key", 1);
    return key;
}

/* As the spool does for documents with new ids: look, add, and a checkpoint now and then. */
static void add_ids(struct feeder_ids *ids, long from, long to, struct buffer *fields)
{
    const int64_t at = 1800000000000000;
    uint64_t seq;
    for (long n = from; n < to; n++) {
        struct feeder_key key = key_of(n, fields);
        int r = feeder_ids_find(ids, &key, at, &seq);
        if (r != FEEDER_IDS_UNKNOWN)
            fail("find", r);
        r = feeder_ids_add(ids, &key, (uint64_t)n + 1, at);
        if (r == 0 && feeder_ids_due(ids)) {
            r = feeder_ids_begin(ids, (uint64_t)n + 1, at);
            if (r == 0)
                r = feeder_ids_run(ids);
            if (r == 0)
                feeder_ids_end(ids);
        }
        if (r < 0)
            fail("add", r);
    }
}

static void bench_ids(long known)
{
    char folder[600];
    struct buffer fields = {0};
    uint64_t seq;
    snprintf(folder, sizeof folder, "%s/bench-ids.d", options.folder);
    struct feeder_ids *ids = open_ids(folder);
    add_ids(ids, 0, known, &fields);
    feeder_ids_close(ids);
    long kept =
        known / 16384 * 16384; /* the others are left to segments, of which there are none */
    double start = processor();
    ids = open_ids(folder);
    double opened = processor() - start;
    start = processor();
    add_ids(ids, kept, kept + options.documents, &fields);
    double added = processor() - start;
    start = processor();
    for (long n = 0; n < options.documents && kept; n++) {
        struct feeder_key key = key_of(n * 7919 % kept, &fields);
        int r = feeder_ids_find(ids, &key, 1800000000000000, &seq);
        if (r != FEEDER_IDS_OK)
            fail("find", r);
    }
    double repeated = processor() - start;
    printf("%9ld %15.1f %17.2f %18.2f %14.1f\n", known, 1000 * opened,
           1e6 * added / (double)options.documents, 1e6 * repeated / (double)options.documents,
           (double)resident_kib() / 1024);
    feeder_ids_close(ids);
    buffer_free(&fields);
    nftw(folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

static void each_number(const char *list, void (*function)(long))
{
    for (const char *at = list; *at;) {
        char *end;
        function(strtol(at, &end, 10));
        at = *end ? end + 1 : end;
    }
}

static void bench_backlogs(long backlog)
{
    bench_backlog(backlog, false);
    bench_backlog(backlog, true);
}

int main(int argc, char **argv)
{
    setvbuf(stdout, NULL, _IOLBF, 0);
    for (int i = 1; i < argc; i++) {
        const char *value = i + 1 < argc ? argv[i + 1] : "";
        if (!strcmp(argv[i], "--documents"))
            options.documents = atol(value), i++;
        else if (!strcmp(argv[i], "--batch"))
            options.batch = atol(value), i++;
        else if (!strcmp(argv[i], "--backlog"))
            options.backlogs = value, i++;
        else if (!strcmp(argv[i], "--ids"))
            options.ids = value, i++;
        else
            snprintf(options.folder, sizeof options.folder, "%s", argv[i]);
    }
    if (options.documents < 1 || options.batch < 1) {
        fprintf(stderr, "usage: bench-spool [FOLDER] [--documents N] [--batch N] "
                        "[--backlog N[,N...]] [--ids N[,N...]]\n");
        return 2;
    }
    if (options.ids) {
        printf("ids known  start-up ms cpu  new one, us cpu  known one, us cpu   resident MiB\n");
        each_number(options.ids, bench_ids);
        return 0;
    }
    bench_append();
    printf("\n  backlog  ids   start ms   append, read, commit/s  of raw  us cpu   resident MiB\n");
    each_number(options.backlogs, bench_backlogs);
    return 0;
}

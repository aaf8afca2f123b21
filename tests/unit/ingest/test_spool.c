/* The spool: what was synced is there again, whatever happens to the files. */
#include "tests/unit/unit.h"

#include "ingest/progress.h"
#include "ingest/segment.h"
#include "ingest/spool.h"
#include "libcommon/fields.h"
#include "tests/unit/ingest/folder.h"

#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <sys/wait.h>

enum { SMALL_SEGMENT = 64 * 1024 };

struct fixture {
    char folder[64], spool[96];
    struct spool_settings settings;
    struct spool *s;
    struct spool_report report;
};

static void start(struct fixture *f)
{
    *f = (struct fixture){0};
    folder_make(f->folder);
    sprintf(f->spool, "%s/spool", f->folder);
    f->settings = spool_defaults;
    f->settings.folder = f->spool;
    f->settings.segment_bytes = SMALL_SEGMENT;
    f->settings.reserve_bytes = 0;
    f->settings.feeder_ids_us = 0;
}

static void reopen(struct fixture *f)
{
    f->s = spool_close(f->s);
    assert_int_equal(spool_open(&f->settings, &f->report, &f->s), SPOOL_OK);
}

static void stop(struct fixture *f)
{
    spool_close(f->s);
    folder_remove(f->folder);
}

/* A body that tells its number. */
static size_t body_of(int n, size_t size, char *out)
{
    for (size_t i = 0; i < size; i++)
        out[i] = (char)(n * 31 + (int)i * 7);
    return size;
}

static int append_sized(struct spool *s, int n, size_t size, uint64_t *ret_seq)
{
    char *body = malloc(size + 1), id[32];
    struct buffer fields = {0};
    sprintf(id, "id-%d", n);
    fields_put_string(&fields, FIELD_FEEDER_ID, id);
    body_of(n, size, body);
    struct spool_document d = {.document = fields.data,
                               .document_size = fields.size,
                               .body = body,
                               .body_size = size,
                               .accepted_at = 1000000 + n};
    int r = spool_append(s, &d, ret_seq);
    buffer_free(&fields);
    free(body);
    return r;
}

static uint64_t append(struct spool *s, int n)
{
    uint64_t seq = 0;
    assert_int_equal(append_sized(s, n, (size_t)(n * 37) % 3000, &seq), SPOOL_OK);
    return seq;
}

/* Reads a document and says which it is; -1: damaged, -2: absent. */
static int which(struct spool *s, uint64_t seq)
{
    struct buffer bytes = {0};
    struct spool_entry e;
    struct field_value id;
    int n, r = spool_read(s, seq, &bytes, &e);
    if (r == SPOOL_DAMAGED || r == SPOOL_ABSENT) {
        buffer_free(&bytes);
        return r == SPOOL_DAMAGED ? -1 : -2;
    }
    assert_int_equal(r, 0);
    assert_int_equal(e.seq, seq);
    assert_int_equal(fields_find(e.document, e.document_size, FIELD_FEEDER_ID, &id), 1);
    char text[32] = "";
    memcpy(text, id.data, id.size < sizeof text ? id.size : sizeof text - 1);
    assert_int_equal(sscanf(text, "id-%d", &n), 1);
    assert_int_equal(e.accepted_at, 1000000 + n);
    char *body = malloc(e.body_size + 1);
    body_of(n, e.body_size, body);
    assert_memory_equal(body, e.body_size ? e.body : "", e.body_size);
    free(body);
    buffer_free(&bytes);
    return n;
}

static void commit(struct spool *s, uint64_t first, uint64_t last)
{
    uint64_t count;
    assert_int_equal(spool_commit(s, first, last, &count), 0);
}

/* Everything in order; how many documents that were. Commits them. */
static int drain(struct spool *s)
{
    uint64_t seq = 0;
    int n = 0;
    while (spool_next(s, seq, &seq) == 0) {
        which(s, seq);
        commit(s, seq, seq);
        n++;
    }
    return n;
}

static int count_files(struct fixture *f, const char *prefix, char *ret_last)
{
    DIR *dir = opendir(f->spool);
    int n = 0;
    char last[256] = "";
    for (struct dirent *e; (e = readdir(dir));)
        if (!strncmp(e->d_name, prefix, strlen(prefix))) {
            n++;
            if (strcmp(e->d_name, last) > 0)
                snprintf(last, sizeof last, "%.200s", e->d_name);
        }
    closedir(dir);
    if (ret_last)
        sprintf(ret_last, "%s/%s", f->spool, last);
    return n;
}

/* Leaves the files as a process that was killed would. */
static void crash(struct fixture *f)
{
    char command[400];
    sprintf(command, "cp -r %s %s.copy", f->spool, f->spool);
    assert_int_equal(system(command), 0);
    f->s = spool_close(f->s);
    sprintf(command, "rm -r %s && mv %s.copy %s", f->spool, f->spool, f->spool);
    assert_int_equal(system(command), 0);
}

static void test_round(void **state)
{
    (void)state;
    struct fixture f;
    start(&f);
    reopen(&f);
    assert_true(f.report.created);
    enum { COUNT = 500 };
    uint64_t seqs[COUNT], seq;
    assert_int_equal(spool_next(f.s, 0, &seq), SPOOL_NOTHING);
    for (int n = 0; n < COUNT; n++) {
        seqs[n] = append(f.s, n);
        assert_int_equal(which(f.s, seqs[n]), -2); /* not on disk yet */
        if (n % 7 == 0)
            assert_int_equal(spool_sync(f.s), 0);
    }
    assert_int_equal(spool_sync(f.s), 0);
    assert_int_equal(spool_durable(f.s), seqs[COUNT - 1]);
    for (int pass = 0; pass < 3; pass++) {
        for (int n = 0; n < COUNT; n++)
            assert_int_equal(which(f.s, seqs[n]), n);
        struct spool_status st;
        spool_status(f.s, &st);
        assert_int_equal(st.accepted, COUNT);
        assert_int_equal(st.documents, COUNT);
        assert_int_equal(st.oldest_at, 1000000);
        assert_true(st.segments > 3);
        reopen(&f);
        assert_false(f.report.unclean);
        assert_false(f.report.created);
    }
    assert_int_equal(append(f.s, COUNT), seqs[COUNT - 1] + 1); /* no number is left out */
    assert_int_equal(spool_sync(f.s), 0);
    assert_int_equal(drain(f.s), COUNT + 1);
    assert_int_equal(spool_tend(f.s), 0);
    assert_int_equal(count_files(&f, "segment-", NULL), 1);
    reopen(&f);
    assert_int_equal(drain(f.s), 0);
    stop(&f);
}

static void test_commits_survive(void **state)
{
    (void)state;
    struct fixture f;
    start(&f);
    reopen(&f);
    enum { COUNT = 300 };
    uint64_t count, seq = 0;
    for (int n = 1; n <= COUNT; n++)
        append(f.s, n);
    assert_int_equal(spool_sync(f.s), 0);
    for (uint64_t n = 1; n <= COUNT; n++)
        if (n % 3 == 0) {
            assert_int_equal(spool_commit(f.s, n, n, &count), 0);
            assert_int_equal(count, 1);
        }
    assert_int_equal(spool_commit(f.s, 1, 10, &count), 0);
    assert_int_equal(count, 7);
    assert_int_equal(spool_commit(f.s, 1, 10, &count), 0);
    assert_int_equal(count, 0);
    assert_int_equal(spool_commit(f.s, COUNT + 1, UINT64_MAX, &count), 0);
    assert_int_equal(count, 0);
    assert_int_equal(spool_commit(f.s, 20, 11, &count), 0);
    assert_int_equal(count, 0);
    spool_note(f.s, 100, 42);
    spool_note(f.s, 99, 17); /* committed: no note */
    assert_int_equal(spool_tend(f.s), 0);
    struct spool_status before, after;
    spool_status(f.s, &before);
    crash(&f);
    reopen(&f);
    assert_true(f.report.unclean);
    spool_status(f.s, &after);
    assert_int_equal(after.floor, 11);
    assert_int_equal(after.documents, before.documents);
    assert_int_equal(after.accepted, COUNT);
    assert_int_equal(after.committed, before.committed);
    assert_int_equal(spool_note_of(f.s, 100), 42);
    assert_int_equal(spool_note_of(f.s, 99), 0);
    int n = 0;
    while (spool_next(f.s, seq, &seq) == 0) {
        assert_true(seq > 10 && seq % 3 != 0);
        assert_int_equal(which(f.s, seq), (int)seq);
        n++;
    }
    assert_int_equal(n, after.documents);
    /* after a crash numbers are left out, never used again; nothing is lost over the gap */
    seq = append(f.s, 7);
    assert_true(seq > COUNT + 1);
    assert_int_equal(spool_sync(f.s), 0);
    assert_int_equal(drain(f.s), n + 1);
    spool_status(f.s, &after);
    assert_int_equal(after.documents, 0);
    assert_int_equal(after.floor, after.next);
    reopen(&f);
    spool_status(f.s, &after);
    assert_int_equal(after.accepted, COUNT + 1);
    assert_int_equal(after.committed, COUNT + 1);
    stop(&f);
}

/* What is in the spool after opening it with its last segment file changed: numbers and bodies must
 * be right. */
static void check_after_damage(struct fixture *f, int whole, uint64_t last)
{
    struct spool_status st;
    reopen(f);
    for (int n = 1; n <= whole; n++)
        assert_int_equal(which(f->s, (uint64_t)n), n);
    spool_status(f->s, &st);
    assert_true(st.next > last); /* a number that was said is never used again */
    uint64_t seq = append(f->s, 99);
    assert_true(seq > last);
    assert_int_equal(spool_sync(f->s), 0);
    assert_int_equal(which(f->s, seq), 99);
}

static void test_each_cut_and_flip(void **state)
{
    (void)state;
    struct fixture f;
    start(&f);
    reopen(&f);
    enum { COUNT = 4 };
    size_t sizes[COUNT + 1] = {0, 100, 0, 777, 150};
    uint64_t seq;
    for (int n = 1; n <= COUNT; n++) {
        assert_int_equal(append_sized(f.s, n, sizes[n], &seq), 0);
        assert_int_equal(spool_sync(f.s), 0);
    }
    crash(&f);
    char path[512], command[400];
    assert_int_equal(count_files(&f, "segment-", path), 1);
    sprintf(command, "rm -rf %s.kept && cp -r %s %s.kept", f.spool, f.spool, f.spool);
    assert_int_equal(system(command), 0);
    size_t size;
    char *data = file_read(path, &size);
    size_t end = size;
    while (end && !data[end - 1])
        end--;
    size_t last = segment_entry_size(0, 150);
    size_t from =
        end - last + 8; /* a little before the last entry's head, whatever the padding is */
    char kept_path[512];
    sprintf(kept_path, "%s", path);
    for (size_t at = from; at < end; at++)
        for (int way = 0; way < 2; way++) {
            f.s = spool_close(f.s);
            folder_remove(f.spool);
            mkdir(f.spool, 0755);
            char source[512], target[512];
            size_t progress_size;
            sprintf(source, "%s.kept/progress", f.spool);
            sprintf(target, "%s/progress", f.spool);
            char *progress = file_read(source, &progress_size);
            file_write(target, progress, progress_size);
            free(progress);
            char old = data[at];
            data[at] = (char)~old;
            file_write(kept_path, data, way == 0 ? at : size);
            data[at] = old;
            check_after_damage(&f, COUNT - 1, COUNT);
        }
    free(data);
    stop(&f);
}

static void test_damage_in_the_middle(void **state)
{
    (void)state;
    struct fixture f;
    start(&f);
    reopen(&f);
    enum { COUNT = 200 };
    for (int n = 1; n <= COUNT; n++)
        append(f.s, n);
    assert_int_equal(spool_sync(f.s), 0);
    f.s = spool_close(f.s);
    /* a byte in the first segment's entries: that entry alone is lost, and said to be */
    char path[512];
    sprintf(path, "%s/segment-%020d", f.spool, 1);
    size_t size;
    char *data = file_read(path, &size);
    for (int way = 0; way < 3; way++) {
        size_t at = way == 0 ? 20000 : way == 1 ? size - 10 /* footer */ : 9 /* head */;
        data[at] ^= 0x55;
        file_write(path, data, size);
        reopen(&f);
        int damaged = 0;
        for (int n = 1; n <= COUNT; n++) {
            int w = which(f.s, (uint64_t)n);
            assert_true(w == n || w == -1);
            damaged += w == -1;
        }
        assert_int_equal(damaged, 1 - (way > 0));
        if (way == 0)
            data[at] ^= 0x55;
        f.s = spool_close(f.s);
    }
    assert_int_equal(count_files(&f, "damaged", NULL), 1);
    /* head, its copy and footer: nothing in the file can be read; every number of it is said to be
     * lost */
    data[4096 + 9] ^= 0x55;
    file_write(path, data, size);
    reopen(&f);
    int damaged = 0;
    for (int n = 1; n <= COUNT; n++)
        damaged += which(f.s, (uint64_t)n) == -1;
    assert_true(damaged > 10 && damaged < COUNT / 2);
    f.s = spool_close(f.s);
    /* the same for a file that is gone */
    unlink(path);
    reopen(&f);
    struct spool_status st;
    spool_status(f.s, &st);
    assert_int_equal(f.report.damaged, damaged);
    assert_int_equal(st.documents, COUNT);
    int again = 0;
    for (int n = 1; n <= COUNT; n++)
        again += which(f.s, (uint64_t)n) == -1;
    assert_int_equal(again, damaged);
    assert_int_equal(drain(f.s), COUNT);
    spool_status(f.s, &st);
    assert_int_equal(st.documents, 0);
    free(data);
    stop(&f);
}

static void test_middle_segment_gone(void **state)
{
    (void)state;
    struct fixture f;
    start(&f);
    reopen(&f);
    enum { COUNT = 300 };
    for (int n = 1; n <= COUNT; n++)
        append(f.s, n);
    assert_int_equal(spool_sync(f.s), 0);
    f.s = spool_close(f.s);
    char path[512], command[600];
    sprintf(command, "ls %s/segment-* | sed -n 2p", f.spool);
    FILE *p = popen(command, "r");
    assert_int_equal(fscanf(p, "%511s", path), 1);
    pclose(p);
    assert_int_equal(unlink(path), 0);
    reopen(&f);
    assert_int_equal(drain(f.s), COUNT);
    struct spool_status st;
    spool_status(f.s, &st);
    assert_int_equal(st.documents, 0);
    assert_true(st.damaged > 10);
    stop(&f);
}

/* With the last segment gone or unreadable, numbers go on where none was ever used. */
static void test_last_segment_gone(void **state)
{
    (void)state;
    for (int way = 0; way < 4; way++) {
        struct fixture f;
        start(&f);
        reopen(&f);
        enum { COUNT = 100 };
        for (int n = 1; n <= COUNT; n++)
            append(f.s, n);
        assert_int_equal(spool_sync(f.s), 0);
        if (way & 1) {
            assert_int_equal(spool_tend(f.s), 0);
            append(f.s, COUNT + 1);
            assert_int_equal(spool_sync(f.s), 0);
            crash(&f);
        } else {
            f.s = spool_close(f.s);
        }
        char path[512];
        assert_true(count_files(&f, "segment-", path) > 1);
        if (way & 2) {
            size_t size;
            char *data = file_read(path, &size);
            memset(data, 'z', size);
            file_write(path, data, size);
            free(data);
        } else {
            unlink(path);
        }
        reopen(&f);
        struct spool_status st;
        spool_status(f.s, &st);
        assert_true(st.next > COUNT + (way & 1u));
        assert_int_equal(st.documents, COUNT);
        append(f.s, 5);
        assert_int_equal(spool_sync(f.s), 0);
        assert_int_equal(drain(f.s), COUNT + 1);
        spool_status(f.s, &st);
        assert_int_equal(st.documents, 0);
        stop(&f);
    }
}

static void test_progress_lost(void **state)
{
    (void)state;
    for (int way = 0; way < 3; way++) {
        struct fixture f;
        start(&f);
        reopen(&f);
        struct spool_status before, after;
        enum { COUNT = 300 };
        for (int n = 1; n <= COUNT; n++) {
            append(f.s, n);
            if (n == COUNT / 2) {
                assert_int_equal(spool_sync(f.s), 0);
                commit(f.s, 1, COUNT / 3);
            }
        }
        assert_int_equal(spool_sync(f.s), 0);
        spool_status(f.s, &before);
        if (way == 1)
            f.s = spool_close(f.s);
        else
            crash(&f);
        char path[512];
        sprintf(path, "%s/progress", f.spool);
        if (way == 0)
            unlink(path);
        else if (way == 1)
            file_write(path, "", 0);
        else {
            size_t size;
            char *data = file_read(path, &size);
            data[100] ^= 1;
            data[PROGRESS_SLOT_SIZE + 100] ^= 1;
            file_write(path, data, size);
            free(data);
        }
        reopen(&f);
        assert_true(f.report.progress_lost);
        spool_status(f.s, &after);
        assert_int_equal(after.spool, before.spool);
        assert_int_equal(after.accepted, COUNT);
        assert_int_equal(after.floor, COUNT / 3 + 1); /* the entries know it */
        assert_true(after.next > before.next);
        for (int n = COUNT / 3 + 1; n <= COUNT; n++)
            assert_int_equal(which(f.s, (uint64_t)n), n);
        assert_int_equal(drain(f.s), COUNT - COUNT / 3);
        stop(&f);
    }
}

static void test_full(void **state)
{
    (void)state;
    struct fixture f;
    start(&f);
    f.settings.max_bytes = 1 << 20;
    reopen(&f);
    uint64_t seq = 0;
    int n = 0, r;
    while ((r = append_sized(f.s, n, 5000, &seq)) == 0) {
        n++;
        assert_int_equal(spool_sync(f.s), 0);
    }
    assert_int_equal(r, SPOOL_FULL);
    assert_true(n > 150 && n < 210);
    struct spool_status st;
    spool_status(f.s, &st);
    assert_true(st.full && st.bytes <= 1 << 20);
    commit(f.s, 1, seq / 2);
    assert_int_equal(spool_tend(f.s), 0);
    spool_status(f.s, &st);
    assert_false(st.full); /* there is room again, though nobody has asked for it */
    assert_int_equal(append_sized(f.s, n, 5000, &seq), 0);
    assert_int_equal(spool_sync(f.s), 0);
    commit(f.s, 1, seq);
    assert_int_equal(append_sized(f.s, n, 3 << 20, &seq), 0); /* alone, it is taken */
    assert_int_equal(append_sized(f.s, n, 10, &seq), SPOOL_FULL);
    assert_int_equal(spool_sync(f.s), 0);
    assert_int_equal(which(f.s, seq), n);
    reopen(&f);
    assert_int_equal(drain(f.s), 1);
    stop(&f);
}

static void test_reserve(void **state)
{
    (void)state;
    struct fixture f;
    uint64_t seq;
    start(&f);
    f.settings.reserve_bytes = (uint64_t)1 << 60;
    reopen(&f);
    assert_int_equal(append_sized(f.s, 1, 10, &seq), SPOOL_FULL);
    stop(&f);
}

static void test_lock(void **state)
{
    (void)state;
    struct fixture f;
    start(&f);
    reopen(&f);
    pid_t child = fork();
    if (child == 0) {
        struct spool *other;
        struct spool_report report;
        _exit(spool_open(&f.settings, &report, &other));
    }
    int status;
    waitpid(child, &status, 0);
    assert_int_equal(WEXITSTATUS(status), SPOOL_LOCKED);
    assert_int_equal(append(f.s, 1), 1);
    stop(&f);
}

static void test_jobs(void **state)
{
    (void)state;
    struct fixture f;
    start(&f);
    reopen(&f);
    struct spool_job *sync, *tend, *other;
    assert_int_equal(spool_job_begin(f.s, SPOOL_SYNC, &sync), SPOOL_NOTHING);
    assert_int_equal(spool_job_begin(f.s, SPOOL_TEND, &tend), SPOOL_NOTHING);
    for (int n = 1; n <= 100; n++)
        append(f.s, n);
    assert_int_equal(spool_job_begin(f.s, SPOOL_SYNC, &sync), 0);
    assert_int_equal(spool_job_begin(f.s, SPOOL_SYNC, &other), SPOOL_BUSY);
    for (int n = 101; n <= 200; n++)
        append(f.s, n);
    spool_job_run(sync);
    assert_int_equal(spool_durable(f.s), 0);
    assert_int_equal(spool_job_end(&sync), 0);
    assert_null(sync);
    assert_int_equal(spool_durable(f.s), 100);
    assert_int_equal(which(f.s, 100), 100);
    assert_int_equal(which(f.s, 101), -2);
    commit(f.s, 1, 100);
    assert_int_equal(spool_job_begin(f.s, SPOOL_SYNC, &sync), 0);
    int r = spool_job_begin(f.s, SPOOL_TEND, &tend);
    if (r == 0) {
        append(f.s, 201);
        spool_job_run(tend);
        assert_int_equal(spool_job_end(&tend), 0);
    }
    spool_job_run(sync);
    assert_int_equal(spool_job_end(&sync), 0);
    assert_int_equal(which(f.s, 200), 200);
    stop(&f);
}

/* A document far behind holds the floor; what follows goes on up to the span. */
static void test_span(void **state)
{
    (void)state;
    struct fixture f;
    start(&f);
    f.settings.segment_bytes = 1 << 20;
    reopen(&f);
    uint64_t seq;
    for (int n = 1; n <= MESSAGE_SPAN + 100; n++) {
        assert_int_equal(append_sized(f.s, n, 10, &seq), 0);
        if (n % 1000 == 0) {
            assert_int_equal(spool_sync(f.s), 0);
            assert_int_equal(spool_tend(f.s), 0);
        }
    }
    assert_int_equal(spool_sync(f.s), 0);
    commit(f.s, 2, UINT64_MAX);
    struct spool_status st;
    spool_status(f.s, &st);
    assert_int_equal(st.documents, 1 + 100);
    assert_int_equal(spool_next(f.s, 1, &seq), SPOOL_NOTHING);
    reopen(&f);
    assert_int_equal(spool_next(f.s, 1, &seq), SPOOL_NOTHING);
    assert_int_equal(spool_next(f.s, 0, &seq), 0);
    commit(f.s, 1, 1);
    assert_int_equal(spool_next(f.s, 1, &seq), 0);
    assert_int_equal(seq, MESSAGE_SPAN + 1);
    assert_int_equal(drain(f.s), 100);
    stop(&f);
}

static int append_id(struct spool *s, const char *feeder, const char *id, int64_t at, uint64_t *seq)
{
    struct buffer fields = {0};
    fields_put_string(&fields, FIELD_FEEDER, feeder);
    fields_put_string(&fields, FIELD_FEEDER_ID, id);
    struct spool_document d = {
        .document = fields.data, .document_size = fields.size, .accepted_at = at};
    int r = spool_append(s, &d, seq);
    buffer_free(&fields);
    return r;
}

static void test_feeder_ids(void **state)
{
    (void)state;
    struct fixture f;
    start(&f);
    f.settings.feeder_ids_us = (int64_t)3600 * 1000000;
    reopen(&f);
    enum { COUNT = 3000 };
    int64_t now = (int64_t)1700000000 * 1000000;
    uint64_t seq, first[COUNT];
    char id[32];
    for (int n = 0; n < COUNT; n++) {
        sprintf(id, "page-%d", n);
        assert_int_equal(append_id(f.s, "a", id, now, &first[n]), 0);
        assert_int_equal(append_id(f.s, "a", id, now, &seq), SPOOL_REPEATED);
        assert_int_equal(seq, first[n]);
        if (n % 100 == 99)
            assert_int_equal(spool_sync(f.s), 0);
        if (n % 1000 == 999) {
            commit(f.s, 1, UINT64_MAX);
            assert_int_equal(spool_tend(f.s), 0);
        }
    }
    assert_int_equal(append_id(f.s, "b", "page-5", now, &seq), 0);
    assert_int_equal(spool_sync(f.s), 0);
    assert_int_equal(append_id(f.s, "b", "lost", now, &seq), 0); /* no sync */
    for (int pass = 0; pass < 4; pass++) {
        if (pass & 1)
            crash(&f);
        reopen(&f);
        for (int n = 0; n < COUNT; n++) {
            sprintf(id, "page-%d", n);
            assert_int_equal(append_id(f.s, "a", id, now, &seq), SPOOL_REPEATED);
            assert_int_equal(seq, first[n]);
        }
        assert_int_equal(append_id(f.s, "b", "page-5", now, &seq), SPOOL_REPEATED);
        struct spool_status st;
        spool_status(f.s, &st);
        assert_true(st.accepted >= COUNT + 1 && st.accepted <= COUNT + 2);
    }
    assert_true(count_files(&f, "segment-", NULL) <= 3); /* removal, and yet the ids are known */
    assert_int_equal(append_id(f.s, "a", "page-7", now + (int64_t)3601 * 1000000, &seq), 0);
    stop(&f);
}

/* A segment whose ids are not on disk yet stays, and numbers are reserved while they are written.
 */
static void test_checkpoint(void **state)
{
    (void)state;
    struct fixture f;
    start(&f);
    f.settings.feeder_ids_us = (int64_t)3600 * 1000000;
    reopen(&f);
    struct spool_job *ids, *tend, *other;
    int64_t now = (int64_t)1700000000 * 1000000;
    uint64_t seq;
    char id[32];
    assert_int_equal(spool_job_begin(f.s, SPOOL_IDS, &ids), SPOOL_NOTHING);
    int n = 0, files = 0;
    for (; files < 3; n++) { /* two sealed segments and one that is written to */
        sprintf(id, "page-%d", n);
        assert_int_equal(append_id(f.s, "a", id, now, &seq), 0);
        assert_int_equal(spool_sync(f.s), 0);
        files = count_files(&f, "segment-", NULL);
    }
    commit(f.s, 1, UINT64_MAX);
    assert_int_equal(spool_job_begin(f.s, SPOOL_IDS, &ids), 0);
    assert_int_equal(spool_job_begin(f.s, SPOOL_IDS, &other), SPOOL_BUSY);
    assert_int_equal(append_id(f.s, "a", "meanwhile", now, &seq), 0);
    assert_int_equal(append_id(f.s, "a", "page-0", now, &seq), SPOOL_REPEATED);
    if (spool_job_begin(f.s, SPOOL_TEND, &tend) == 0) {
        spool_job_run(tend);
        assert_int_equal(spool_job_end(&tend), 0);
    }
    assert_int_equal(count_files(&f, "segment-", NULL), 3); /* nothing went */
    spool_job_run(ids);
    assert_int_equal(spool_job_end(&ids), 0);
    assert_int_equal(spool_job_begin(f.s, SPOOL_TEND, &tend), 0);
    spool_job_run(tend);
    assert_int_equal(spool_job_end(&tend), 0);
    assert_true(count_files(&f, "segment-", NULL) < 3);
    for (int pass = 0; pass < 2; pass++) {
        for (int i = 0; i < n; i++) {
            sprintf(id, "page-%d", i);
            assert_int_equal(append_id(f.s, "a", id, now, &seq), SPOOL_REPEATED);
        }
        crash(&f);
        reopen(&f);
    }
    stop(&f);
}

static int append_anonymous(struct spool *s, uint64_t *seq)
{
    struct spool_document d = {.body = "x", .body_size = 1, .accepted_at = 1};
    return spool_append(s, &d, seq);
}

static void test_limits(void **state)
{
    (void)state;
    struct fixture f;
    start(&f);
    f.settings.pending_bytes = 10000;
    reopen(&f);
    uint64_t seq;
    struct spool_document huge = {.body = "", .body_size = SEGMENT_ENTRY_MAX + 1};
    assert_int_equal(spool_append(f.s, &huge, &seq), -EMSGSIZE);
    assert_int_equal(append_sized(f.s, 1, 20000, &seq), 0);
    assert_int_equal(append_sized(f.s, 1, 1, &seq), SPOOL_BUSY);
    assert_int_equal(spool_sync(f.s), 0);
    for (int i = 0; i < 2 * PROGRESS_RESERVE; i++) {
        int r = append_anonymous(f.s, &seq);
        if (r == SPOOL_BUSY) {
            assert_int_equal(spool_sync(f.s), 0);
            assert_int_equal(spool_tend(f.s), 0);
            r = append_anonymous(f.s, &seq);
        }
        assert_int_equal(r, 0);
    }
    assert_int_equal(append_sized(f.s, 2, 300000, &seq), SPOOL_BUSY);
    assert_int_equal(spool_sync(f.s), 0);
    assert_int_equal(append_sized(f.s, 2, 300000, &seq), 0); /* larger than a segment */
    assert_int_equal(spool_sync(f.s), 0);
    assert_int_equal(which(f.s, seq), 2);
    reopen(&f);
    assert_int_equal(which(f.s, seq), 2);
    stop(&f);
}

/* A model beside the spool: random appends, syncs, commits, crashes and closings. */
static void test_random(void **state)
{
    (void)state;
    struct fixture f;
    start(&f);
    f.settings.feeder_ids_us = 0;
    reopen(&f);
    enum { MOST = 4000 };
    static struct {
        uint64_t seq;
        bool synced, committed;
    } model[MOST];
    int count = 0;
    unsigned random = 12345;
    for (int step = 0; step < 6000; step++) {
        random = random * 1103515245 + 12345;
        unsigned dice = random >> 16 & 0x3ff;
        if (dice < 600 && count < MOST) {
            model[count].seq = append(f.s, count);
            for (int n = count - 1; n >= 0 && n > count - 3; n--)
                assert_true(model[count].seq > model[n].seq);
            count++;
        } else if (dice < 700) {
            assert_int_equal(spool_sync(f.s), 0);
            for (int n = count - 1; n >= 0 && !model[n].synced; n--)
                model[n].synced = true;
        } else if (dice < 1000 && count) {
            int n = (int)(random >> 8) % count;
            if (n < 0)
                n += count;
            if (dice & 1)
                for (n = 0; n < count - 1 && model[n].committed; n++)
                    ;
            uint64_t done;
            struct spool_status st;
            spool_status(f.s, &st);
            if (model[n].seq >= st.floor + MESSAGE_SPAN)
                continue; /* not sent yet, so nobody commits it */
            assert_int_equal(spool_commit(f.s, model[n].seq, model[n].seq, &done), 0);
            assert_int_equal(done, model[n].synced && !model[n].committed);
            model[n].committed |= model[n].synced;
            if (dice & 2)
                assert_int_equal(spool_tend(f.s), 0);
        } else if (dice < 1006) {
            bool killed = dice & 1;
            if (killed) {
                /* commits that are not in the progress file yet are forgotten: not those of the
                 * model */
                assert_int_equal(spool_tend(f.s), 0);
                crash(&f);
            }
            reopen(&f);
            for (int n = count - 1; n >= 0 && !model[n].synced; n--) {
                if (killed)
                    count--;
                else
                    model[n].synced = true;
            }
        }
        if (step % 500 == 0)
            for (int n = 0; n < count; n++)
                assert_int_equal(which(f.s, model[n].seq),
                                 model[n].synced && !model[n].committed ? n : -2);
    }
    int left = 0;
    assert_int_equal(spool_sync(f.s), 0);
    for (int n = 0; n < count; n++)
        left += !model[n].committed;
    assert_int_equal(drain(f.s), left);
    struct spool_status st;
    spool_status(f.s, &st);
    assert_int_equal(st.documents, 0);
    assert_int_equal(st.accepted, count);
    stop(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_round),
        cmocka_unit_test(test_commits_survive),
        cmocka_unit_test(test_each_cut_and_flip),
        cmocka_unit_test(test_damage_in_the_middle),
        cmocka_unit_test(test_middle_segment_gone),
        cmocka_unit_test(test_last_segment_gone),
        cmocka_unit_test(test_progress_lost),
        cmocka_unit_test(test_full),
        cmocka_unit_test(test_reserve),
        cmocka_unit_test(test_lock),
        cmocka_unit_test(test_jobs),
        cmocka_unit_test(test_span),
        cmocka_unit_test(test_feeder_ids),
        cmocka_unit_test(test_checkpoint),
        cmocka_unit_test(test_limits),
        cmocka_unit_test(test_random),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

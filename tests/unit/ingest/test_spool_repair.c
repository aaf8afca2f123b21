/* Survey and repair: for each kind of damage, what is planned, and that nothing readable is lost by
 * doing it. */
#include "tests/unit/unit.h"

#include "ingest/spool.h"
#include "ingest/spool_repair.h"
#include "ingest/spool_survey.h"
#include "tests/unit/ingest/folder.h"

#include <errno.h>
#include <inttypes.h>

enum { COUNT = 200, COMMITTED = 20, BODY = 2000 };

struct fixture {
    char folder[64];
    struct spool_settings settings;
    uint64_t firsts[8]; /* of the segments */
    size_t segments;
};

static void fill(struct fixture *f, bool clean)
{
    *f = (struct fixture){0};
    folder_make(f->folder);
    f->settings = spool_defaults;
    f->settings.folder = f->folder;
    f->settings.segment_bytes = 128 * 1024;
    f->settings.reserve_bytes = 0;
    f->settings.feeder_ids_us = 0;
    struct spool *s;
    struct spool_report report;
    uint64_t seq, done;
    static char body[BODY];
    assert_int_equal(spool_open(&f->settings, &report, &s), 0);
    for (int n = 1; n <= COUNT; n++) {
        memset(body, n, sizeof body);
        struct spool_document d = {.body = body, .body_size = sizeof body, .accepted_at = n};
        assert_int_equal(spool_append(s, &d, &seq), 0);
    }
    assert_int_equal(spool_sync(s), 0);
    assert_int_equal(spool_commit(s, 1, COMMITTED, &done), 0);
    assert_int_equal(spool_commit(s, 50, 50, &done), 0);
    assert_int_equal(spool_tend(s), 0);
    if (!clean) { /* a copy is what a killed process leaves */
        char command[300];
        sprintf(command, "cp -r %s %s.copy", f->folder, f->folder);
        assert_int_equal(system(command), 0);
        spool_close(s);
        sprintf(command, "rm -r %s && mv %s.copy %s", f->folder, f->folder, f->folder);
        assert_int_equal(system(command), 0);
    } else {
        spool_close(s);
    }
    struct survey *v;
    assert_int_equal(survey_open(f->folder, true, &v), 0);
    f->segments = v->count;
    for (size_t i = 0; i < v->count; i++)
        f->firsts[i] = v->segments[i].first;
    survey_free(v);
    assert_true(f->segments >= 3);
}

static void path_of(struct fixture *f, size_t segment, char out[128])
{
    sprintf(out, "%s/segment-%020" PRIu64, f->folder, f->firsts[segment]);
}

/* Turns bytes over; from the end where offset is negative. */
static void spoil(const char *path, long offset, size_t count)
{
    size_t size;
    char *data = file_read(path, &size);
    size_t at = offset < 0 ? size - (size_t)-offset : (size_t)offset;
    for (size_t i = 0; i < count && at + i < size; i++)
        data[at + i] = (char)~data[at + i];
    file_write(path, data, size);
    free(data);
}

/* Surveys and repairs; the steps that were planned, as names parted by blanks. */
static void mend(struct fixture *f, char *ret_plan, struct survey *ret_totals)
{
    struct survey *v;
    struct repair_step *steps;
    size_t count;
    assert_int_equal(survey_open(f->folder, true, &v), 0);
    assert_int_equal(repair_plan(v, &steps, &count), 0);
    *ret_plan = 0;
    for (size_t i = 0; i < count; i++)
        sprintf(ret_plan + strlen(ret_plan), "%s%s", i ? " " : "", repair_name(steps[i].action));
    *ret_totals = *v;
    assert_int_equal(repair_act(v, steps, count), 0);
    free(steps);
    survey_free(v);
}

/* Opens it and counts: every document that was not committed is read whole, or said to be damaged.
 */
static int count_damaged(struct fixture *f)
{
    struct spool *s;
    struct spool_report report;
    struct buffer bytes = {0};
    assert_int_equal(spool_open(&f->settings, &report, &s), 0);
    uint64_t seq = 0, done;
    int damaged = 0, seen = 0;
    while (spool_next(s, seq, &seq) == 0) {
        struct spool_entry e;
        int r = spool_read(s, seq, &bytes, &e);
        assert_true(seq > COMMITTED && seq != 50 && seq <= COUNT);
        if (r == SPOOL_DAMAGED) {
            damaged++;
        } else {
            assert_int_equal(r, 0);
            assert_int_equal(e.body_size, BODY);
            assert_int_equal(*(const unsigned char *)e.body, seq);
        }
        seen++;
        assert_int_equal(spool_commit(s, seq, seq, &done), 0);
    }
    assert_int_equal(seen, COUNT - COMMITTED - 1);
    buffer_free(&bytes);
    spool_close(s);
    return damaged;
}

static void test_whole(void **state)
{
    (void)state;
    for (int clean = 0; clean < 2; clean++) {
        struct fixture f;
        struct survey v;
        char plan[400];
        fill(&f, clean);
        mend(&f, plan, &v);
        assert_string_equal(plan, clean ? "" : "recover");
        assert_int_equal(v.progress.floor, COMMITTED + 1);
        assert_int_equal(v.last, COUNT);
        assert_int_equal(count_damaged(&f), 0);
        folder_remove(f.folder);
    }
}

static void test_head_and_footer(void **state)
{
    (void)state;
    struct fixture f;
    struct survey v;
    char plan[400], path[128];
    fill(&f, true);
    path_of(&f, 1, path);
    spoil(path, 20, 1);
    mend(&f, plan, &v);
    assert_string_equal(plan, ""); /* the copy is good */
    spoil(path, 4096 + 20, 1);
    mend(&f, plan, &v);
    assert_string_equal(plan, "rebuild");
    mend(&f, plan, &v);
    assert_string_equal(plan, "");
    path_of(&f, 0, path);
    spoil(path, -30, 1);
    mend(&f, plan, &v);
    assert_string_equal(plan, "rebuild");
    mend(&f, plan, &v);
    assert_string_equal(plan, "");
    assert_int_equal(count_damaged(&f), 0);
    folder_remove(f.folder);
}

static void test_unreadable_and_foreign(void **state)
{
    (void)state;
    struct fixture f, other;
    struct survey v;
    char plan[400], path[128], other_path[128], command[400];
    fill(&f, true);
    fill(&other, true);
    path_of(&f, 1, path);
    path_of(&other, 1, other_path);
    sprintf(command, "cp %s %s", other_path, path);
    assert_int_equal(system(command), 0);
    mend(&f, plan, &v);
    assert_string_equal(plan, "move-aside");
    mend(&f, plan, &v);
    assert_string_equal(plan, "");
    int damaged = count_damaged(&f);
    assert_true(damaged >= 55 && damaged <= 65);
    folder_remove(f.folder);
    folder_remove(other.folder);
}

static void test_progress_lost(void **state)
{
    (void)state;
    struct fixture f;
    struct survey v;
    char plan[400], path[128];
    fill(&f, true);
    sprintf(path, "%s/progress", f.folder);
    file_write(path, "nonsense", 8);
    mend(&f, plan, &v);
    assert_string_equal(plan, "write-progress recover");
    assert_int_equal(v.progress.floor, 1); /* no entry was written after the commits */
    struct spool *s;
    struct spool_report report;
    struct spool_status st;
    assert_int_equal(spool_open(&f.settings, &report, &s), 0);
    assert_false(report.progress_lost);
    spool_status(s, &st);
    assert_int_equal(st.documents, COUNT);
    assert_true(st.next > COUNT + 1);
    spool_close(s);
    folder_remove(f.folder);
}

static void test_refuses(void **state)
{
    (void)state;
    struct fixture f;
    struct survey *v;
    struct spool *s;
    struct spool_report report;
    fill(&f, true);
    assert_int_equal(survey_open("/nowhere", true, &v), -ENOENT);
    char empty[64];
    folder_make(empty);
    assert_int_equal(survey_open(empty, true, &v), -ENOENT);
    folder_remove(empty);
    assert_int_equal(spool_open(&f.settings, &report, &s), 0);
    assert_int_equal(survey_open(f.folder, true, &v), SPOOL_LOCKED);
    spool_close(s);
    folder_remove(f.folder);
    for (int i = 0; i < REPAIR_END; i++)
        assert_true(repair_name(i) && repair_meaning(i));
    assert_null(repair_name(REPAIR_END));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_whole),
        cmocka_unit_test(test_head_and_footer),
        cmocka_unit_test(test_unreadable_and_foreign),
        cmocka_unit_test(test_progress_lost),
        cmocka_unit_test(test_refuses),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

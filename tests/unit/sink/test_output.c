/* The output store: every document once, whatever was left behind, and commits only for what is on disk. */
#include "tests/unit/unit.h"
#include "tests/unit/sink/output_folder.h"

#include "sink/file_name.h"
#include "sink/manifest.h"
#include "sink/folder.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static struct found found; /* large */
static unsigned char committed[TEST_SEQS];

static struct output *open_output(const struct output_settings *s)
{
    struct output *o = NULL;
    assert_int_equal(output_open(s, &o), 0);
    return o;
}

static void close_output(struct output *o)
{
    int error;
    output_close(o, 10000, &error);
    assert_int_equal(error, 0);
}

/* Appends [first, last] in a child that then dies as kill -9 does, after a sync when synced. */
static void write_and_die(const struct output_settings *s, uint64_t first, uint64_t last, int64_t time, bool synced)
{
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        struct output *o = NULL;
        if (output_open(s, &o) < 0)
            _exit(1);
        for (uint64_t seq = first; seq <= last; seq++)
            if (append_line(o, OUTPUT_RECORD, TEST_SPOOL, seq, 0, time, 200) != OUTPUT_WRITTEN)
                _exit(2);
        if (synced && output_flush(o) < 0)
            _exit(3);
        kill(getpid(), SIGKILL);
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status));
}

static void assert_once_each(const struct output_folder *f, uint64_t first, uint64_t last)
{
    read_output(f, TEST_SPOOL, &found);
    for (uint64_t seq = 0; seq < TEST_SEQS; seq++)
        assert_int_equal(found.count[seq], seq >= first && seq <= last);
}

static void writes_commits_and_finishes(void **state)
{
    (void)state;
    struct output_folder f;
    output_folder_make(&f);
    struct output_settings s = output_folder_settings(&f);
    struct output *o = open_output(&s);
    memset(committed, 0, sizeof committed);
    for (uint64_t seq = 0; seq < 500; seq++)
        assert_int_equal(append_line(o, seq % 10 ? OUTPUT_RECORD : OUTPUT_REJECT, TEST_SPOOL, seq, 0,
                                     TEST_DAY + (int64_t)(seq % 3) * DAY_US, 300),
                         OUTPUT_WRITTEN);
    assert_int_equal(take_commits(o, TEST_SPOOL, committed), 500);
    assert_int_equal(append_line(o, OUTPUT_RECORD, TEST_SPOOL, 500, 3, TEST_DAY, 100), OUTPUT_WRITTEN);
    struct pollfd event = {.fd = output_fd(o), .events = POLLIN};
    assert_int_equal(poll(&event, 1, 5000), 1);
    struct output_commit commit;
    assert_int_equal(output_committed(o, &commit), 1);
    assert_true(commit.count == 1 && commit.ranges[0].first == 500 && commit.spool == TEST_SPOOL);
    read_output(&f, TEST_SPOOL, &found);
    assert_int_equal(found.open, 6); /* three days, two trees */
    struct output_counts counts;
    output_counts(o, &counts);
    assert_int_equal(counts.records, 451);
    assert_int_equal(counts.rejects, 50);
    close_output(o);
    assert_once_each(&f, 0, 500);
    assert_int_equal(found.open, 0);
    assert_int_equal(found.plain, 6);
    assert_int_equal(found.other, 6); /* manifests */
    output_folder_remove(&f);
}

static void repeats_are_reported_and_not_written(void **state)
{
    (void)state;
    struct output_folder f;
    output_folder_make(&f);
    struct output_settings s = output_folder_settings(&f);
    struct output *o = open_output(&s);
    for (int round = 0; round < 3; round++) {
        for (uint64_t seq = 100; seq < 200; seq++)
            assert_int_equal(append_line(o, OUTPUT_RECORD, TEST_SPOOL, seq, 100, TEST_DAY, 100),
                             round ? OUTPUT_ALREADY : OUTPUT_WRITTEN);
        if (round == 1)
            assert_int_equal(append_line(o, OUTPUT_REJECT, TEST_SPOOL, 150, 100, TEST_DAY, 100), OUTPUT_ALREADY);
        memset(committed, 0, sizeof committed);
        take_commits(o, TEST_SPOOL, committed);
        for (uint64_t seq = 100; seq < 200; seq++)
            assert_int_equal(committed[seq], 1);
    }
    /* settled by the floor: reported too */
    assert_int_equal(append_line(o, OUTPUT_RECORD, TEST_SPOOL, 5, 100, TEST_DAY, 100), OUTPUT_ALREADY);
    assert_int_equal(take_commits(o, TEST_SPOOL, NULL), 1);
    assert_int_equal(append_line(o, OUTPUT_RECORD, TEST_SPOOL, 100 + MESSAGE_SPAN, 100, TEST_DAY, 100), OUTPUT_BEYOND);
    assert_int_equal(output_look(o, TEST_SPOOL, 200, 100, TEST_DAY), OUTPUT_WRITTEN);
    assert_int_equal(output_settle(o, TEST_SPOOL, 200, 100, TEST_DAY), OUTPUT_WRITTEN);
    assert_int_equal(append_line(o, OUTPUT_RECORD, TEST_SPOOL, 200, 100, TEST_DAY, 100), OUTPUT_ALREADY);
    assert_true(take_commits(o, TEST_SPOOL, NULL) >= 1);
    close_output(o);
    assert_once_each(&f, 100, 199);
    output_folder_remove(&f);
}

static void a_new_spool_is_not_mistaken_for_an_old_one(void **state)
{
    (void)state;
    struct output_folder f;
    output_folder_make(&f);
    struct output_settings s = output_folder_settings(&f);
    for (int round = 0; round < 2; round++) { /* twelve spools: more than are known at a time */
        struct output *o = open_output(&s);
        for (uint64_t seq = 0; seq < 20; seq++)
            for (uint64_t spool = 1; spool <= 12; spool++)
                assert_int_equal(append_line(o, OUTPUT_RECORD, spool, seq, 0, TEST_DAY, 100),
                                 round ? OUTPUT_ALREADY : OUTPUT_WRITTEN);
        close_output(o);
    }
    for (uint64_t spool = 1; spool <= 12; spool++) {
        read_output(&f, spool, &found);
        for (uint64_t seq = 0; seq < 20; seq++)
            assert_int_equal(found.count[seq], 1);
    }
    output_folder_remove(&f);
}

/* The file as a crash left it, cut at each byte of its last two lines. */
static void any_cut_of_the_last_lines_is_mended(void **state)
{
    (void)state;
    struct output_folder f;
    char path[512];
    struct stat st;
    output_folder_make(&f);
    struct output_settings s = output_folder_settings(&f);
    write_and_die(&s, 0, 9, TEST_DAY, true);
    find_file(&f, ".ndjson.open", path);
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(run_shell("cp -a '%s' '%s.copy'", f.records, f.dir), 0);
    for (off_t size = st.st_size; size >= st.st_size - 400; size -= size % 200 > 2 && size % 200 < 198 ? 7 : 1) {
        char notice[NOTICE_SIZE];
        assert_int_equal(run_shell("rm -rf '%s' && cp -a '%s.copy' '%s'", f.records, f.dir, f.records), 0);
        assert_int_equal(truncate(path, size), 0);
        struct output *o = open_output(&s);
        memset(committed, 0, sizeof committed);
        uint64_t whole = (uint64_t)size / 200;
        for (uint64_t seq = 0; seq < 12; seq++)
            assert_int_equal(append_line(o, OUTPUT_RECORD, TEST_SPOOL, seq, 0, TEST_DAY, 200),
                             seq < whole ? OUTPUT_ALREADY : OUTPUT_WRITTEN);
        assert_int_equal(output_notice(o, notice), 1);
        assert_true(!!strstr(notice, "torn=0") == (size % 200 == 0));
        assert_int_equal(take_commits(o, TEST_SPOOL, committed), 12);
        close_output(o);
        assert_once_each(&f, 0, 11);
    }
    output_folder_remove(&f);
}

static void holes_left_by_a_power_cut_are_cut_and_kept_aside(void **state)
{
    (void)state;
    struct output_folder f;
    char path[512];
    output_folder_make(&f);
    struct output_settings s = output_folder_settings(&f);
    write_and_die(&s, 0, 99, TEST_DAY, true);
    find_file(&f, ".ndjson.open", path);
    int fd = open(path, O_WRONLY);
    assert_true(fd >= 0);
    char zeros[512] = {0};
    assert_int_equal(pwrite(fd, zeros, sizeof zeros, 70 * 200 + 11), (ssize_t)sizeof zeros);
    close(fd);
    struct output *o = open_output(&s);
    for (uint64_t seq = 0; seq < 100; seq++)
        assert_int_equal(append_line(o, OUTPUT_RECORD, TEST_SPOOL, seq, 0, TEST_DAY, 200),
                         seq < 70 ? OUTPUT_ALREADY : OUTPUT_WRITTEN);
    close_output(o);
    assert_once_each(&f, 0, 99);
    find_file(&f, ".cut", path);
    struct stat st;
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_size, 30 * 200);
    output_folder_remove(&f);
}

static void an_empty_or_torn_only_file_disappears(void **state)
{
    (void)state;
    struct output_folder f;
    char path[512];
    output_folder_make(&f);
    struct output_settings s = output_folder_settings(&f);
    for (int size = 0; size < 200; size += 199) {
        write_and_die(&s, 0, 0, TEST_DAY, true);
        find_file(&f, ".ndjson.open", path);
        assert_int_equal(truncate(path, size), 0);
        struct output *o = open_output(&s);
        assert_int_equal(append_line(o, OUTPUT_RECORD, TEST_SPOOL, 0, 0, TEST_DAY, 200), OUTPUT_WRITTEN);
        close_output(o);
        assert_once_each(&f, 0, 0);
        assert_int_equal(run_shell("rm -rf '%s'", f.records), 0);
    }
    output_folder_remove(&f);
}

static void a_process_that_dies_before_the_sync_repeats_nothing(void **state)
{
    (void)state;
    struct output_folder f;
    output_folder_make(&f);
    struct output_settings s = output_folder_settings(&f);
    s.sync_documents = 7;
    uint64_t next = 0;
    for (int round = 0; round < 5; round++) { /* each dies in the middle of its work and the next starts over */
        write_and_die(&s, next, next + 40, TEST_DAY + round % 2 * DAY_US, false);
        struct output *o = open_output(&s);
        for (uint64_t seq = next; seq <= next + 40; seq++)
            assert_true(append_line(o, OUTPUT_RECORD, TEST_SPOOL, seq, 0, TEST_DAY + round % 2 * DAY_US, 200) >= 0);
        assert_true(take_commits(o, TEST_SPOOL, NULL) >= 41);
        close_output(o);
        next += 41;
    }
    assert_once_each(&f, 0, next - 1);
    output_folder_remove(&f);
}

static void files_turn_over_by_size_and_by_age(void **state)
{
    (void)state;
    struct output_folder f;
    output_folder_make(&f);
    struct output_settings s = output_folder_settings(&f);
    s.rotate_bytes = 2000;
    struct output *o = open_output(&s);
    for (uint64_t seq = 0; seq < 50; seq++) {
        assert_int_equal(append_line(o, OUTPUT_RECORD, TEST_SPOOL, seq, 0, TEST_DAY, 500), OUTPUT_WRITTEN);
        assert_int_equal(output_flush(o), 0);
    }
    close_output(o);
    assert_once_each(&f, 0, 49);
    assert_int_equal(found.plain, 13);
    s.rotate_bytes = 1 << 20;
    s.rotate_ms = 50;
    o = open_output(&s);
    assert_int_equal(append_line(o, OUTPUT_RECORD, TEST_SPOOL, 50, 0, TEST_DAY, 500), OUTPUT_WRITTEN);
    assert_int_equal(output_flush(o), 0);
    struct output_counts counts = {0};
    for (int i = 0; i < 1000 && !counts.finished; i++) {
        usleep(20000); /* the files are not looked at before: they are being renamed */
        output_counts(o, &counts);
    }
    assert_int_equal(output_flush(o), 0);
    read_output(&f, TEST_SPOOL, &found);
    assert_int_equal(found.open, 0);
    assert_int_equal(found.plain, 14);
    close_output(o);
    output_folder_remove(&f);
}

static void many_days_at_once_keep_few_files_open(void **state)
{
    (void)state;
    struct output_folder f;
    output_folder_make(&f);
    struct output_settings s = output_folder_settings(&f);
    struct output *o = open_output(&s);
    for (uint64_t seq = 0; seq < 200; seq++) /* the clock jumps all over the month */
        assert_int_equal(append_line(o, OUTPUT_RECORD, TEST_SPOOL, seq, 0,
                                     TEST_DAY + (int64_t)(seq * 7 % 30) * DAY_US, 100),
                         OUTPUT_WRITTEN);
    assert_int_equal(output_flush(o), 0);
    read_output(&f, TEST_SPOOL, &found);
    assert_true(found.open <= 8);
    close_output(o);
    o = open_output(&s);
    for (uint64_t seq = 0; seq < 200; seq++)
        assert_int_equal(append_line(o, OUTPUT_RECORD, TEST_SPOOL, seq, 0,
                                     TEST_DAY + (int64_t)(seq * 7 % 30) * DAY_US, 100),
                         OUTPUT_ALREADY);
    close_output(o);
    assert_once_each(&f, 0, 199);
    output_folder_remove(&f);
}

static void compressed_files_are_read_back_and_listed(void **state)
{
    (void)state;
    struct output_folder f;
    output_folder_make(&f);
    struct output_settings s = output_folder_settings(&f);
    s.compress = true;
    s.rotate_bytes = 200 * 1000;
    struct output *o = open_output(&s);
    for (uint64_t seq = 0; seq < 3000; seq++) {
        assert_int_equal(append_line(o, OUTPUT_RECORD, TEST_SPOOL, seq ^ 5, seq < 2000 ? 0 : 1000, TEST_DAY, 400),
                         OUTPUT_WRITTEN);
        if (seq % 100 == 0)
            assert_int_equal(output_flush(o), 0);
    }
    close_output(o);
    assert_once_each(&f, 0, 2999);
    assert_int_equal(found.plain + found.open, 0);
    assert_true(found.compressed >= 3);
    /* every tool reads them */
    assert_int_equal(run_shell("cat '%s'/dt=*/*.zst | zstd -dcq | wc -l | grep -qx 3000", f.records), 0);
    o = open_output(&s);
    for (uint64_t seq = 0; seq < 3010; seq++)
        assert_int_equal(append_line(o, OUTPUT_RECORD, TEST_SPOOL, seq, 1500, TEST_DAY, 400),
                         seq < 3000 ? OUTPUT_ALREADY : OUTPUT_WRITTEN);
    close_output(o);
    assert_once_each(&f, 0, 3009);
    char path[256];
    struct manifest manifest;
    size_t line;
    int folder;
    snprintf(path, sizeof path, "%s/dt=2026-01-18", f.records);
    assert_int_equal(folder_open(AT_FDCWD, path, &folder), 0);
    assert_int_equal(manifest_read(folder, &manifest, &line), 0);
    assert_int_equal(manifest.count, found.compressed);
    uint64_t records = 0;
    for (size_t i = 0; i < manifest.count; i++) {
        struct file_summary now;
        assert_int_equal(file_summary_read(folder, manifest.rows[i].file, &now), 0);
        assert_string_equal(now.sha256, manifest.rows[i].summary.sha256);
        assert_true(now.bytes == manifest.rows[i].summary.bytes && now.foreign == 0);
        records += manifest.rows[i].summary.records;
    }
    assert_int_equal(records, 3010);
    manifest_free(&manifest);
    close(folder);
    output_folder_remove(&f);
}

static void what_a_dead_process_left_unfinished_is_finished(void **state)
{
    (void)state;
    struct output_folder f;
    char path[512], plain[600];
    output_folder_make(&f);
    struct output_settings s = output_folder_settings(&f);
    s.compress = true;
    struct output *o = open_output(&s);
    for (uint64_t seq = 0; seq < 100; seq++)
        assert_int_equal(append_line(o, OUTPUT_RECORD, TEST_SPOOL, seq, 0, TEST_DAY, 400), OUTPUT_WRITTEN);
    close_output(o);
    find_file(&f, ".ndjson.zst", path);
    snprintf(plain, sizeof plain, "%.*s", (int)strlen(path) - 4, path);
    static const char *const crashes[] = {
        "zstd -dq '%1$s' -o '%2$s'",                                /* plain not yet removed */
        "zstd -dq '%1$s' -o '%2$s' && mv '%1$s' '%1$s.tmp'",        /* not yet renamed */
        "mv '%1$s' '%1$s.tmp'",                                     /* a power cut kept the removal alone */
        "zstd -dq --rm '%1$s' -o '%2$s' && head -c 99 '%2$s' >'%1$s.tmp'", /* half compressed */
        "rm $(dirname '%1$s')/manifest.ndjson",                     /* not yet listed */
        "echo '{\"file' >$(dirname '%1$s')/manifest.ndjson",        /* and a damaged list */
    };
    for (size_t i = 0; i < sizeof crashes / sizeof *crashes; i++) {
        char command[2048], notice[NOTICE_SIZE];
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
        snprintf(command, sizeof command, crashes[i], path, plain);
#pragma GCC diagnostic pop
        assert_int_equal(system(command), 0);
        o = open_output(&s);
        for (uint64_t seq = 0; seq < 100; seq++)
            assert_int_equal(append_line(o, OUTPUT_RECORD, TEST_SPOOL, seq, 0, TEST_DAY, 400), OUTPUT_ALREADY);
        while (output_notice(o, notice))
            if (!strstr(notice, "unreadable manifest"))
                fail_msg("%s", notice);
        close_output(o);
        assert_once_each(&f, 0, 99);
        assert_int_equal(found.compressed, 1);
        assert_int_equal(found.plain, 0);
        assert_int_equal(run_shell("ls $(dirname '%s') | grep -q tmp", path) != 0, 1);
        assert_int_equal(run_shell("grep -q '\"records\":100,' $(dirname '%s')/manifest.ndjson", path), 0);
    }
    output_folder_remove(&f);
}

static void reading_back_is_bounded_by_the_window(void **state)
{
    (void)state;
    struct output_folder f;
    output_folder_make(&f);
    struct output_settings s = output_folder_settings(&f);
    struct output *o = open_output(&s);
    uint64_t last = TEST_SEQS - 1;
    for (uint64_t seq = 0; seq <= last; seq++)
        assert_int_equal(append_line(o, OUTPUT_RECORD, TEST_SPOOL, seq, seq > 100 ? seq - 100 : 0, TEST_DAY, 150),
                         OUTPUT_WRITTEN);
    close_output(o);
    /* damage far below the window, that only a reader of everything would see */
    char path[512];
    find_file(&f, "39999.ndjson", path);
    int fd = open(path, O_WRONLY);
    assert_true(fd >= 0);
    assert_int_equal(pwrite(fd, "{\"schema\":\"khabar/1\",\"id\":\"abcdef0123456789-39999\"", 51, 150), 51);
    close(fd);
    o = open_output(&s);
    assert_int_equal(append_line(o, OUTPUT_RECORD, TEST_SPOOL, last - 10, last - 100, TEST_DAY, 150), OUTPUT_ALREADY);
    assert_int_equal(append_line(o, OUTPUT_RECORD, TEST_SPOOL, last + 1, last - 100, TEST_DAY, 150), OUTPUT_WRITTEN);
    close_output(o);
    output_folder_remove(&f);
}

static void a_second_output_is_refused(void **state)
{
    (void)state;
    struct output_folder f;
    output_folder_make(&f);
    struct output_settings s = output_folder_settings(&f);
    struct output *o = open_output(&s), *second = NULL;
    assert_int_equal(output_open(&s, &second), -EBUSY);
    struct output_settings other = s;
    char elsewhere[128];
    snprintf(elsewhere, sizeof elsewhere, "%s/other", f.dir);
    other.records_dir = elsewhere; /* the rejects are enough */
    assert_int_equal(output_open(&other, &second), -EBUSY);
    other.rejects_dir = elsewhere;
    assert_int_equal(output_open(&other, &second), -EINVAL);
    other = s;
    other.lane = "../x";
    assert_int_equal(output_open(&other, &second), -EINVAL);
    close_output(o);
    o = open_output(&s);
    close_output(o);
    output_folder_remove(&f);
}

/* Records get no room, as when the disk is nearly full; rejects do. */
static void records_leave_room_to_rejects(void **state)
{
    (void)state;
    struct output_folder f;
    output_folder_make(&f);
    struct output_settings s = output_folder_settings(&f);
    s.reserve_bytes = (uint64_t)1 << 60;
    s.sync_ms = 10000;
    s.sync_documents = 1000;
    struct output *o = open_output(&s);
    assert_int_equal(append_line(o, OUTPUT_RECORD, TEST_SPOOL, 0, 0, TEST_DAY, 100), OUTPUT_WRITTEN);
    assert_int_equal(append_line(o, OUTPUT_REJECT, TEST_SPOOL, 1, 0, TEST_DAY, 100), OUTPUT_WRITTEN);
    assert_int_equal(output_flush(o), -ENOSPC);
    struct output_commit commit;
    assert_int_equal(output_committed(o, &commit), 1); /* the reject */
    assert_true(commit.count == 1 && commit.ranges[0].first == 1);
    assert_int_equal(output_committed(o, &commit), -ENOSPC);
    assert_int_equal(append_line(o, OUTPUT_RECORD, TEST_SPOOL, 2, 0, TEST_DAY, 100), -ENOSPC);
    assert_non_null(strstr(output_failure(o), "No space left"));
    int error;
    output_close(o, 1000, &error);
    assert_int_equal(error, -ENOSPC);
    s.reserve_bytes = 0;
    o = open_output(&s);
    assert_int_equal(append_line(o, OUTPUT_RECORD, TEST_SPOOL, 0, 0, TEST_DAY, 100), OUTPUT_WRITTEN);
    assert_int_equal(append_line(o, OUTPUT_REJECT, TEST_SPOOL, 1, 0, TEST_DAY, 100), OUTPUT_ALREADY);
    close_output(o);
    assert_once_each(&f, 0, 1);
    output_folder_remove(&f);
}

/* A real failing write: the limit on file sizes stands in for a full disk and leaves a torn line. */
static void a_failed_write_ends_it_and_the_next_start_goes_on(void **state)
{
    (void)state;
    struct output_folder f;
    output_folder_make(&f);
    struct output_settings s = output_folder_settings(&f);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        struct output *o = NULL;
        struct output_commit commit;
        signal(SIGXFSZ, SIG_IGN);
        if (output_open(&s, &o) < 0)
            _exit(1);
        for (uint64_t seq = 0; seq < 10; seq++)
            append_line(o, OUTPUT_RECORD, TEST_SPOOL, seq, 0, TEST_DAY, 200);
        if (output_flush(o) < 0 || output_committed(o, &commit) != 1)
            _exit(2);
        struct rlimit limit = {2100, 2100}; /* ten lines and a half */
        if (setrlimit(RLIMIT_FSIZE, &limit) < 0)
            _exit(3);
        for (uint64_t seq = 10; seq < 20; seq++)
            append_line(o, OUTPUT_RECORD, TEST_SPOOL, seq, 0, TEST_DAY, 200);
        if (output_flush(o) != -EFBIG || output_committed(o, &commit) != -EFBIG || !*output_failure(o))
            _exit(4);
        output_close(o, 0, NULL);
        _exit(0);
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    struct output *o = open_output(&s);
    for (uint64_t seq = 0; seq < 20; seq++)
        assert_int_equal(append_line(o, OUTPUT_RECORD, TEST_SPOOL, seq, 0, TEST_DAY, 200),
                         seq < 10 ? OUTPUT_ALREADY : OUTPUT_WRITTEN);
    close_output(o);
    assert_once_each(&f, 0, 19);
    output_folder_remove(&f);
}

static void lines_larger_than_a_group_pass(void **state)
{
    (void)state;
    struct output_folder f;
    output_folder_make(&f);
    struct output_settings s = output_folder_settings(&f);
    s.compress = true;
    struct output *o = open_output(&s);
    for (uint64_t seq = 0; seq < 4; seq++)
        assert_int_equal(append_line(o, OUTPUT_RECORD, TEST_SPOOL, seq, 0, TEST_DAY, seq % 2 ? 100 : 20 << 20),
                         OUTPUT_WRITTEN);
    assert_int_equal(take_commits(o, TEST_SPOOL, NULL), 4);
    close_output(o);
    assert_once_each(&f, 0, 3);
    output_folder_remove(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(writes_commits_and_finishes),
        cmocka_unit_test(repeats_are_reported_and_not_written),
        cmocka_unit_test(a_new_spool_is_not_mistaken_for_an_old_one),
        cmocka_unit_test(any_cut_of_the_last_lines_is_mended),
        cmocka_unit_test(holes_left_by_a_power_cut_are_cut_and_kept_aside),
        cmocka_unit_test(an_empty_or_torn_only_file_disappears),
        cmocka_unit_test(a_process_that_dies_before_the_sync_repeats_nothing),
        cmocka_unit_test(files_turn_over_by_size_and_by_age),
        cmocka_unit_test(many_days_at_once_keep_few_files_open),
        cmocka_unit_test(compressed_files_are_read_back_and_listed),
        cmocka_unit_test(what_a_dead_process_left_unfinished_is_finished),
        cmocka_unit_test(reading_back_is_bounded_by_the_window),
        cmocka_unit_test(a_second_output_is_refused),
        cmocka_unit_test(records_leave_room_to_rejects),
        cmocka_unit_test(a_failed_write_ends_it_and_the_next_start_goes_on),
        cmocka_unit_test(lines_larger_than_a_group_pass),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

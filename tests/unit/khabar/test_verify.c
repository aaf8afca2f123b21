/* khabar verify: what it says of an output that is whole, changed, cut, or lacks a file. */
#include "tests/unit/unit.h"
#include "tests/unit/sink/output_folder.h"

#include "khabar/command.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Its exit status; what it prints goes to ret, so that it does not mix with the test's own lines. */
static int verify(const char *dir, char ret[4096])
{
    char path[] = "/tmp/khabar-verify-XXXXXX", argument[256];
    int to = mkstemp(path), kept = dup(1);
    assert_true(to >= 0 && kept >= 0);
    snprintf(argument, sizeof argument, "%s", dir);
    char *arguments[] = {argument, NULL};
    struct invocation invocation = {.arguments = arguments, .argument_count = 1};
    fflush(stdout);
    dup2(to, 1);
    int status = command_verify.run(&invocation);
    fflush(stdout);
    dup2(kept, 1);
    ssize_t got = pread(to, ret, 4095, 0);
    assert_true(got >= 0);
    ret[got] = '\0';
    close(to);
    close(kept);
    unlink(path);
    return status;
}

static void write_output(const struct output_folder *f, bool compress)
{
    struct output_settings s = output_folder_settings(f);
    struct output *o = NULL;
    s.compress = compress;
    assert_int_equal(output_open(&s, &o), 0);
    for (uint64_t seq = 0; seq < 300; seq++)
        assert_int_equal(append_line(o, seq % 9 ? OUTPUT_RECORD : OUTPUT_REJECT, TEST_SPOOL, seq, 0,
                                     TEST_DAY + (int64_t)(seq % 2) * DAY_US, 300),
                         OUTPUT_WRITTEN);
    output_close(o, 10000, NULL);
}

static void tells_what_is_wrong(void **state)
{
    (void)state;
    static const struct {
        const char *damage; /* a shell command in the folder of a day */
        const char *said;
    } rows[] = {
        {"true", " 0 problems"},
        {"f=$(ls main*); dd if=/dev/zero of=$f bs=1 count=1 seek=100 conv=notrunc status=none", "SHA-256"},
        {"f=$(ls main*); tail -c 9 $f >>$f", "bytes is"},
        {"f=$(ls main*); truncate -s -5 $f", "can't be read through: damaged"},
        {"rm main*", "not in the folder"},
        {"rm manifest.ndjson", "is not in the manifest"},
        {"echo x >>manifest.ndjson", "manifest.ndjson: can't be read, line 2"},
        {"touch main-00000000000000ab-00000000000000000001.ndjson.open", "1 still open: 0 problems"},
    };
    for (size_t i = 0; i < 2 * sizeof rows / sizeof *rows; i++) {
        struct output_folder f;
        char said[4096], day[128];
        output_folder_make(&f);
        write_output(&f, i % 2);
        snprintf(day, sizeof day, "%s/dt=2026-01-18", f.records);
        assert_int_equal(run_shell("cd '%s' && { %s; }", day, rows[i / 2].damage), 0);
        bool good = strstr(rows[i / 2].said, " 0 problems") != NULL;
        const char *const folders[] = {f.dir, f.records, day};
        for (size_t j = 0; j < 3; j++) {
            assert_int_equal(verify(folders[j], said), good ? COMMAND_DONE : COMMAND_PARTLY);
            if (!strstr(said, rows[i / 2].said) && !strstr(said, "damaged"))
                fail_msg("%s: %s", rows[i / 2].damage, said);
        }
        assert_int_equal(verify(f.rejects, said), COMMAND_DONE);
        output_folder_remove(&f);
    }
}

static void a_running_sink_is_left_to_finish(void **state)
{
    (void)state;
    struct output_folder f;
    char said[4096];
    output_folder_make(&f);
    write_output(&f, false);
    assert_int_equal(run_shell("rm '%s'/dt=*/manifest.ndjson", f.records), 0);
    struct output_settings s = output_folder_settings(&f);
    struct output *o = NULL;
    assert_int_equal(output_open(&s, &o), 0);
    assert_int_equal(verify(f.dir, said), COMMAND_DONE);
    output_close(o, 10000, NULL);
    assert_int_equal(verify(f.dir, said), COMMAND_DONE); /* and now they are listed again */
    output_folder_remove(&f);
    assert_int_equal(verify(f.dir, said), COMMAND_FAULT);
    assert_int_equal(verify("/", said), COMMAND_FAULT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tells_what_is_wrong),
        cmocka_unit_test(a_running_sink_is_left_to_finish),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

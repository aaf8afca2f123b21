/* The output store killed, or failing, at each of its fault points, alone and twice in a row: every document once.
 * Built with the option faults only. */
#include "tests/unit/unit.h"
#include "tests/unit/sink/output_folder.h"

#include "libcommon/fault.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { DOCUMENTS = 300 };
static struct found found;

/* In a process of its own, so that each has faults of its own: writes what is not committed yet. */
static int write_all(const struct output_folder *f, const char *faults)
{
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        struct output_settings s = output_folder_settings(f);
        struct output *o = NULL;
        int error = 0;
        if (faults)
            setenv("KHABAR_FAULT", faults, 1);
        s.compress = true;
        s.rotate_bytes = 10000;
        s.sync_documents = 32;
        if (output_open(&s, &o) < 0)
            _exit(1);
        for (uint64_t seq = 0; seq < DOCUMENTS; seq++) {
            if (append_line(o, seq % 7 ? OUTPUT_RECORD : OUTPUT_REJECT, TEST_SPOOL, seq, 0,
                            TEST_DAY + (int64_t)(seq % 2) * DAY_US, 250) < 0)
                _exit(2);
            if (seq % 50 == 0 && output_flush(o) < 0)
                _exit(3);
        }
        if (take_commits(o, TEST_SPOOL, NULL) < 0)
            _exit(4);
        output_close(o, 10000, &error);
        _exit(error ? 5 : 0);
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    return status;
}

static void each_point_costs_nothing(void **state)
{
    (void)state;
    static const char *const actions[] = {"die", "eio", "enospc"};
    for (int point = FAULT_SINK_APPEND; point <= FAULT_REJECT_WRITTEN; point++) {
        if (point == FAULT_SINK_COMMIT || point == FAULT_SINK_COMMITTED)
            continue; /* the daemon's own */
        for (size_t action = 0; action < 3; action++) {
            for (int twice = 0; twice < 2; twice++) {
                struct output_folder f;
                char faults[96];
                output_folder_make(&f);
                for (int at = 1; at <= 1 + twice; at++) {
                    snprintf(faults, sizeof faults, "%s:%s@%d*1", fault_name(point), actions[action], at * 2);
                    int status = write_all(&f, faults);
                    if (action == 0 && !(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL) && at == 1)
                        fail_msg("%s did not strike: %d", faults, status);
                }
                int status = write_all(&f, NULL);
                if (status)
                    fail_msg("after %s the next start failed: %d", faults, status);
                read_output(&f, TEST_SPOOL, &found);
                for (uint64_t seq = 0; seq < DOCUMENTS; seq++)
                    if (found.count[seq] != 1)
                        fail_msg("after %s document %d is there %d times", faults, (int)seq, found.count[seq]);
                assert_int_equal(found.open, 0);
                assert_int_equal(found.plain, 0);
                output_folder_remove(&f);
            }
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_point_costs_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

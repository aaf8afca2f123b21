/* Fault points: each acts as the environment asks, and not before. */
#include "tests/unit/unit.h"

#ifndef KHABAR_FAULTS
#define KHABAR_FAULTS 1
#include "libcommon/fault.c" /* not in a library of a release build */
#else
#include "libcommon/fault.h"
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#endif

#include <sys/wait.h>

/* Runs act in a process of its own, where the environment is read afresh. */
static int run(const char *asked, const char *folder, int (*act)(void))
{
    pid_t child = fork();
    if (child == 0) {
        setenv("KHABAR_FAULT", asked, 1);
        folder ? setenv("KHABAR_FAULT_DIR", folder, 1) : unsetenv("KHABAR_FAULT_DIR");
        freopen("/dev/null", "w", stderr);
        _exit(act());
    }
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    return WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
}

static int third_is_eio(void)
{
    for (int i = 1; i <= 5; i++)
        if (fault(FAULT_SPOOL_SYNC) != (i >= 3 ? -EIO : 0))
            return 1;
    return fault(FAULT_SPOOL_WRITE) != 0;
}

static int only_two(void)
{
    int n = 0;
    for (int i = 0; i < 9; i++)
        n += fault(FAULT_PROGRESS_WRITE) == -ENOSPC;
    return n;
}

static int pass_once(void)
{
    return fault(FAULT_SEGMENT_SEAL) != 0;
}

static void test_acts(void **state)
{
    (void)state;
    assert_int_equal(run("spool-sync:eio@3", NULL, third_is_eio), 0);
    assert_int_equal(run("progress-write:enospc*2,spool-sync:eio", NULL, only_two), 2);
    assert_int_equal(run("segment-seal:die", NULL, pass_once), -SIGKILL);
    assert_int_equal(run("segment-seal:die@2", NULL, pass_once), 0);
    assert_int_equal(run("", NULL, pass_once), 0);
}

static void test_counts_over_processes(void **state)
{
    (void)state;
    char folder[] = "/tmp/khabar-fault-XXXXXX", path[128];
    assert_non_null(mkdtemp(folder));
    assert_int_equal(run("segment-seal:die*2", folder, pass_once), -SIGKILL);
    assert_int_equal(run("segment-seal:die*2", folder, pass_once), -SIGKILL);
    assert_int_equal(run("segment-seal:die*2", folder, pass_once), 0);
    snprintf(path, sizeof path, "%s/segment-seal", folder);
    unlink(path);
    rmdir(folder);
}

static int only_the_marked(void)
{
    setenv("KHABAR_FAULT_MARK", "poison", 1);
    int sum = fault_document(FAULT_PARSE_WORK, "a good one", 10) != 0;
    sum += fault_document(FAULT_PARSE_WORK, "poison", 5) != 0;
    sum += fault_document(FAULT_CLASSIFY_WORK, "poison", 6) != 0;
    return sum ? 1 : -fault_document(FAULT_PARSE_WORK, "some poison here", 16);
}

static int without_a_mark(void)
{
    return fault_document(FAULT_PARSE_WORK, "poison", 6);
}

static void test_documents(void **state)
{
    (void)state;
    assert_int_equal(run("parse-work:ebadmsg", NULL, only_the_marked), EBADMSG);
    assert_int_equal(run("parse-work:die", NULL, only_the_marked), -SIGKILL);
    assert_int_equal(run("parse-work:die", NULL, without_a_mark), 2);
    assert_int_equal(run("sink-work:die", NULL, without_a_mark), 0);
}

static void test_refuses(void **state)
{
    (void)state;
    static const char *const bad[] = {"spool", "no-such:die", "spool-sync:", "spool-sync:diet",
                                      "spool-sync:die@0", "spool-sync:die@", "spool-sync:die@1x"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_int_equal(run(bad[i], NULL, pass_once), 2);
}

static void test_names(void **state)
{
    (void)state;
    for (int i = 0; i < FAULT_POINTS; i++) {
        assert_non_null(fault_name(i));
        for (int j = 0; j < i; j++)
            assert_string_not_equal(fault_name(i), fault_name(j));
    }
    assert_null(fault_name(FAULT_POINTS));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_acts),
        cmocka_unit_test(test_counts_over_processes),
        cmocka_unit_test(test_documents),
        cmocka_unit_test(test_refuses),
        cmocka_unit_test(test_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Log lines: one line an event whatever is in it, levels, what is held back. */
#include "tests/unit/unit.h"
#include "libcommon/log.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char text[65536];

/* Runs write() with stderr in a file; text is what came. */
static void capture(void (*write_lines)(void))
{
    char file[] = "/tmp/khabar-log-XXXXXX";
    int fd = mkstemp(file), kept = dup(STDERR_FILENO);
    assert_true(fd >= 0 && kept >= 0);
    dup2(fd, STDERR_FILENO);
    write_lines();
    dup2(kept, STDERR_FILENO);
    close(kept);
    ssize_t n = pread(fd, text, sizeof text - 1, 0);
    assert_true(n >= 0);
    text[n] = '\0';
    close(fd);
    unlink(file);
}

static size_t lines(void)
{
    size_t n = 0;
    for (const char *p = text; *p; p++)
        n += *p == '\n';
    return n;
}

static void three_levels(void)
{
    log_open("khabar-test", "lane1", LOG_LEVEL_INFO);
    log_err("fact id=%d", 7);
    log_info("other");
    log_debug("unseen");
}

static void lines_name_program_lane_and_level(void **state)
{
    (void)state;
    unsetenv("JOURNAL_STREAM");
    capture(three_levels);
    assert_int_equal(lines(), 2);
    assert_non_null(strstr(text, "Z khabar-test lane=lane1 err: fact id=7\n"));
    assert_non_null(strstr(text, "info: other\n"));
    setenv("JOURNAL_STREAM", "1:2", 1);
    capture(three_levels);
    assert_memory_equal(text, "<3>lane=lane1 fact id=7\n<6>lane=lane1 other\n", strlen(text));
    unsetenv("JOURNAL_STREAM");
}

static void hostile_text(void)
{
    static char longer[9000];
    memset(longer, 'x', sizeof longer - 1);
    log_open("khabar-test", "lane1", LOG_LEVEL_INFO);
    log_err("a\nb\r\x1b[31mc\x7f");
    log_err("%s", longer);
}

static void hostile_text_stays_one_line(void **state)
{
    (void)state;
    capture(hostile_text);
    assert_int_equal(lines(), 2);
    assert_non_null(strstr(text, "a b  [31mc \n"));
    assert_true(strlen(text) < 2300);
}

static void repeated(void)
{
    struct log_limit limit = {0};
    for (int i = 0; i < 1000; i++)
        if (log_allowed(&limit, 5, "the same"))
            log_warning("again");
    limit.window_start -= 120000; /* two minutes go by */
    if (log_allowed(&limit, 5, "the same"))
        log_warning("again");
}

static void what_repeats_is_held_back_and_counted(void **state)
{
    (void)state;
    capture(repeated);
    assert_int_equal(lines(), 7);
    assert_non_null(strstr(text, "held back 995 lines like these: the same\n"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_name_program_lane_and_level),
        cmocka_unit_test(hostile_text_stays_one_line),
        cmocka_unit_test(what_repeats_is_held_back_and_counted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

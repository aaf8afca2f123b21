/* Log lines: one line an event whatever is in it, levels, fields, what is held back. */
#include "tests/unit/unit.h"
#include "libcommon/clock.h"
#include "libcommon/log.h"
#include "libcommon/log_message.h"
#include "libcommon/fields.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char text[65536];

/* Runs write_lines() with stderr in a file; text is what came. */
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

static void every_row_is_whole(void **state)
{
    (void)state;
    for (size_t i = 1; i < EVENT_END; i++) {
        const struct log_row *row = &log_rows[i];
        assert_int_equal(strspn(row->name, "abcdefghijklmnopqrstuvwxyz-"), strlen(row->name));
        assert_int_equal(strspn(row->message_id, "0123456789abcdef"), 32);
        assert_int_equal(strlen(row->message_id), 32);
        assert_int_equal(row->meaning[strlen(row->meaning) - 1], '.');
        for (size_t j = 1; j < i; j++) {
            assert_string_not_equal(row->name, log_rows[j].name);
            assert_string_not_equal(row->message_id, log_rows[j].message_id);
        }
    }
}

static void some_levels(void)
{
    log_open("test", "lane1", LOG_LEVEL_INFO);
    log_err("fact id=%d", 7);
    log_info("other");
    log_event(EVENT_SENT, NULL, "unseen");
    log_set_level(LOG_LEVEL_DEBUG);
    log_event(EVENT_SENT, NULL, "seen");
    log_set_level(LOG_LEVEL_ERR);
    log_event(EVENT_STARTED, NULL, "unseen too");
}

static void lines_are_logfmt(void **state)
{
    (void)state;
    unsetenv("JOURNAL_STREAM");
    capture(some_levels);
    assert_int_equal(lines(), 3);
    assert_memory_equal(text, "time=2", 6);
    assert_non_null(
        strstr(text, "Z level=err program=khabar-test lane=lane1 text=\"fact id=7\"\n"));
    assert_non_null(strstr(text, " level=info program=khabar-test lane=lane1 text=other\n"));
    assert_non_null(
        strstr(text, " level=debug program=khabar-test lane=lane1 event=sent text=seen\n"));
}

static void about_a_document(void)
{
    struct buffer document = {0};
    fields_put_string(&document, FIELD_SOURCE, "e.iq\nx=\"1\"");
    struct message m = {.spool = 0xabc, .seq = 12, .attempt = 3};
    m.sections[SECTION_DOCUMENT] = (struct message_part){document.data, document.size};
    log_open("test", "lane1", LOG_LEVEL_INFO);
    log_message(EVENT_REJECT, &m, "no-article", "bytes=%d", 5);
    log_message(EVENT_NOT_WRITTEN, &m, NULL, ": %s", "cause");
    buffer_free(&document);
}

static void an_event_carries_what_it_is_about(void **state)
{
    (void)state;
    capture(about_a_document);
    assert_int_equal(lines(), 2);
    assert_non_null(strstr(text, " level=info program=khabar-test lane=lane1 event=reject "
                                 "id=0000000000000abc-12 source=\"e.iq x=\\\"1\\\"\" attempt=3 "
                                 "reason=no-article text=\"bytes=5\"\n"));
    assert_non_null(strstr(text, " attempt=3 text=cause\n"));
}

static void hostile_text(void)
{
    static char longer[9000], quotes[9000];
    memset(longer, 'x', sizeof longer - 1);
    memset(quotes, '"', sizeof quotes - 1);
    log_open("test", "lane1", LOG_LEVEL_INFO);
    log_err("a\nb\r\x1b[31mc\x7f");
    log_err("%s", longer);
    log_err("%s.", quotes);
    const struct log_about about = {
        .id = quotes, .source = longer, .source_size = sizeof longer, .reason = longer};
    log_event(EVENT_REJECT, &about, "%s", quotes);
}

static void hostile_text_stays_one_line(void **state)
{
    (void)state;
    capture(hostile_text);
    assert_int_equal(lines(), 4);
    assert_non_null(strstr(text, "text=\"a b  [31mc \"\n"));
    assert_true(strlen(text) < 4 * 4700);
}

static void repeated(void)
{
    log_open("test", "lane1", LOG_LEVEL_INFO);
    for (int i = 0; i < 1000; i++)
        log_warning("again %d", i);
    for (int i = 0; i < 30; i++)
        log_event(EVENT_REFUSED, NULL, "number %d", i);
    log_info("another kind");
    log_sum_up(clock_monotonic_ms()); /* not yet */
}

static void much_later(void)
{
    log_sum_up(clock_monotonic_ms() + LOG_WINDOW_MS);
    log_sum_up(clock_monotonic_ms() + LOG_WINDOW_MS);
    log_warning("again %d", 0);
}

static void what_repeats_is_summed_up(void **state)
{
    (void)state;
    log_sum_up(INT64_MAX);
    capture(repeated);
    assert_int_equal(lines(), 2 * LOG_BURST + 1);
    assert_non_null(strstr(text, "text=\"another kind\"\n"));
    capture(much_later); /* once each, and the kind is told again afterwards */
    assert_int_equal(lines(), 3);
    assert_non_null(strstr(text, "event=held-back text=\"lines=980: the last was: again 999\"\n"));
    assert_non_null(
        strstr(text, "event=held-back text=\"lines=10: the last was: refused number 29\"\n"));
    assert_non_null(strstr(text, "text=\"again 0\"\n"));
}

static void to_the_journal(void)
{
    struct stat file;
    char stream[64];
    assert_int_equal(fstat(STDERR_FILENO, &file), 0);
    snprintf(stream, sizeof stream, "%llu:%llu", (unsigned long long)file.st_dev,
             (unsigned long long)file.st_ino);
    setenv("JOURNAL_STREAM", stream, 1);
    log_open("test", "lane1", LOG_LEVEL_INFO);
    log_err("fact");
}

static void not_to_the_journal(void)
{
    setenv("JOURNAL_STREAM", "1:2", 1); /* inherited; stderr is another */
    log_open("test", "lane1", LOG_LEVEL_INFO);
    log_err("fact");
}

static void only_the_journals_stderr_is_taken_for_it(void **state)
{
    (void)state;
    capture(not_to_the_journal);
    assert_int_equal(strncmp(text, "time=", 5), 0);
    capture(to_the_journal); /* where there is no journal the line is there all the same */
    assert_true(!*text || strcmp(text, "<3>fact\n") == 0);
    unsetenv("JOURNAL_STREAM");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_row_is_whole),
        cmocka_unit_test(lines_are_logfmt),
        cmocka_unit_test(an_event_carries_what_it_is_about),
        cmocka_unit_test(hostile_text_stays_one_line),
        cmocka_unit_test(what_repeats_is_summed_up),
        cmocka_unit_test(only_the_journals_stderr_is_taken_for_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Clock texts: written, read back, refused. */
#include "tests/unit/unit.h"
#include "libcommon/clock.h"

#include <errno.h>
#include <string.h>

static void writes_and_reads_rfc_3339(void **state)
{
    (void)state;
    char text[CLOCK_TEXT_SIZE];
    for (int64_t us = -62167219200000000; us <= 253402300799999000; us += 7777777777777000) {
        size_t size = clock_format(us, text);
        int64_t back;
        assert_int_equal(clock_read(text, size, &back), 0);
        assert_true(back == us);
    }
    clock_format(1768711740000000, text);
    assert_string_equal(text, "2026-01-18T04:49:00.000Z");
    clock_format(INT64_MIN, text);
    assert_string_equal(text, "0000-01-01T00:00:00.000Z");
    clock_format(INT64_MAX, text);
    assert_string_equal(text, "9999-12-31T23:59:59.999Z");
    int64_t us;
    assert_int_equal(clock_read("2026-01-18T07:49:00+03:00", 25, &us), 0);
    assert_true(us == 1768711740000000);
    assert_int_equal(clock_read("2024-02-29T00:00:00Z", 20, &us), 0);
}

static void refuses_what_is_no_time(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "", "2026-01-18", "2026-01-18T07:49:00", "2026-13-18T07:49:00Z", "2026-02-30T07:49:00Z",
        "2025-02-29T07:49:00Z", "1900-02-29T07:49:00Z", "2026-01-18T24:00:00Z",
        "2026-01-18T07:49:00+3:00", "2026-01-18T07:49:00.Z", "2026-01-18T07:49:00.12",
        "2026-01-18T07:49:00Zx", "x026-01-18T07:49:00Z"};
    int64_t us;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_int_equal(clock_read(bad[i], strlen(bad[i]), &us), -EINVAL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(writes_and_reads_rfc_3339),
        cmocka_unit_test(refuses_what_is_no_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

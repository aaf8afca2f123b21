/* Names of output files and days: round trip, what is refused. */
#include "tests/unit/unit.h"
#include "sink/file_name.h"

#include <string.h>

static void names_read_back(void **state)
{
    (void)state;
    static const char *const lanes[] = {"main", "a-b.c_d", "x-0000000000000001-00000000000000000002", "L"};
    for (size_t l = 0; l < sizeof lanes / sizeof *lanes; l++) {
        for (int s = FILE_OPEN; s <= FILE_COMPRESSING; s++) {
            struct file_name name = {.spool = 0xfedcba9876543210, .first = UINT64_MAX, .state = (enum file_state)s}, back;
            char text[FILE_NAME_SIZE];
            strcpy(name.lane, lanes[l]);
            name.highest = s == FILE_OPEN ? 0 : 7;
            file_name_format(&name, text);
            assert_int_equal(file_name_read(text, &back), 1);
            assert_string_equal(back.lane, name.lane);
            assert_true(back.spool == name.spool && back.first == name.first && back.highest == name.highest &&
                        back.state == name.state);
        }
    }
    struct file_name name = {.lane = "main", .spool = 0xab, .first = 1, .highest = 99, .state = FILE_COMPRESSED};
    char text[FILE_NAME_SIZE];
    file_name_format(&name, text);
    assert_string_equal(text, "main-00000000000000ab-00000000000000000001-00000000000000000099.ndjson.zst");
}

static void other_names_are_refused(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "", ".ndjson", "main.ndjson", "manifest.ndjson",
        "main-00000000000000ab-00000000000000000001.ndjson",
        "main-00000000000000ab-00000000000000000001.ndjson.open.cut",
        "main-00000000000000AB-00000000000000000001.ndjson.open",
        "-00000000000000ab-00000000000000000001.ndjson.open",
        ".x-00000000000000ab-00000000000000000001.ndjson.open",
        "main-00000000000000ab-99999999999999999999.ndjson.open",
        "main-00000000000000ab-0000000000000000001.ndjson.open",
        "a b-00000000000000ab-00000000000000000001.ndjson.open",
    };
    struct file_name name;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_int_equal(file_name_read(bad[i], &name), 0);
    assert_false(file_lane_valid(""));
    assert_false(file_lane_valid("../x"));
    assert_true(file_lane_valid("lane-1"));
}

static void days_are_utc(void **state)
{
    (void)state;
    char day[FILE_DAY_SIZE];
    file_day_format(1768694400000000, day);
    assert_string_equal(day, "dt=2026-01-18");
    file_day_format(1768694399999999, day);
    assert_string_equal(day, "dt=2026-01-17");
    file_day_format(-1, day);
    assert_string_equal(day, "dt=1969-12-31");
    file_day_format(INT64_MAX, day);
    assert_true(file_day_valid(day));
    assert_false(file_day_valid("dt=2026-01-1"));
    assert_false(file_day_valid("dt=2026-01-18 "));
    assert_false(file_day_valid("open"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_read_back),
        cmocka_unit_test(other_names_are_refused),
        cmocka_unit_test(days_are_utc),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Growable bytes: growth, numbers, formats, a remembered failure. */
#include "tests/unit/unit.h"
#include "libcommon/buffer.h"

#include <string.h>

static void grows_and_keeps_what_was_written(void **state)
{
    (void)state;
    struct buffer b = {0};
    for (int i = 0; i < 10000; i++)
        buffer_append(&b, "0123456789", 10);
    assert_int_equal(b.size, 100000);
    for (size_t i = 0; i < b.size; i++)
        assert_int_equal(b.data[i], '0' + (int)(i % 10));
    buffer_free(&b);
    assert_null(b.data);
}

static void writes_numbers_and_formats(void **state)
{
    (void)state;
    struct buffer b = {0};
    buffer_append_unsigned(&b, 0);
    buffer_append_char(&b, ' ');
    buffer_append_unsigned(&b, UINT64_MAX);
    buffer_append_format(&b, " %s=%d", "x", -7);
    buffer_append_char(&b, '\0');
    assert_string_equal(b.data, "0 18446744073709551615 x=-7");
    buffer_free(&b);
}

static void remembers_a_failure_until_cleared(void **state)
{
    (void)state;
    struct buffer b = {0};
    buffer_append_string(&b, "kept");
    buffer_reserve(&b, SIZE_MAX - 10);
    assert_true(b.failed);
    buffer_append_string(&b, "not written");
    assert_int_equal(b.size, 4);
    buffer_clear(&b);
    buffer_append_string(&b, "again");
    assert_false(b.failed);
    assert_memory_equal(b.data, "again", 5);
    buffer_free(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(grows_and_keeps_what_was_written),
        cmocka_unit_test(writes_numbers_and_formats),
        cmocka_unit_test(remembers_a_failure_until_cleared),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

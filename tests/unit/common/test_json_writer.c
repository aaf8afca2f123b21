/* JSON writing: what it writes, jansson reads back; commas, escapes, numbers, times, base64. */
#include "tests/unit/unit.h"
#include "libcommon/json_writer.h"

#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static json_t *parse(const struct buffer *b)
{
    assert_false(b->failed);
    json_error_t error;
    json_t *json = json_loadb(b->data, b->size, JSON_DECODE_ANY | JSON_ALLOW_NUL, &error);
    if (!json)
        print_message("%s: %.*s\n", error.text, (int)b->size, b->data);
    assert_non_null(json);
    return json;
}

static void assert_written(struct buffer *b, const char *expected)
{
    assert_false(b->failed);
    buffer_append_char(b, '\0');
    assert_string_equal(b->data, expected);
    buffer_free(b);
}

static void commas_stand_between_values_only(void **state)
{
    (void)state;
    struct buffer b = {0};
    buffer_append_string(&b, "1\n");
    json_open_object(&b);
    json_put_key(&b, "a");
    json_open_array(&b);
    json_put_string(&b, "[");
    json_put_string(&b, "{");
    json_open_object(&b);
    json_close_object(&b);
    json_open_array(&b);
    json_close_array(&b);
    json_put_integer(&b, -1);
    json_put_flag(&b, true);
    json_close_array(&b);
    json_put_key(&b, "b");
    json_put_string(&b, ":");
    json_put_key(&b, "c");
    json_put_unsigned(&b, 0);
    json_close_object(&b);
    assert_written(&b, "1\n{\"a\":[\"[\",\"{\",{},[],-1,true],\"b\":\":\",\"c\":0}");
}

static void every_byte_at_every_place_survives(void **state)
{
    (void)state;
    char text[40];
    for (int c = 0; c < 128; c++) {
        for (size_t at = 0; at < 20; at++) {
            struct buffer b = {0};
            memset(text, 'x', 20);
            text[at] = (char)c;
            text[19 - at] = (char)c;
            json_put_text(&b, text, 20);
            json_t *json = parse(&b);
            assert_int_equal(json_string_length(json), 20);
            assert_memory_equal(json_string_value(json), text, 20);
            json_decref(json);
            for (size_t i = 0; i < b.size; i++)
                assert_true((unsigned char)b.data[i] >= 0x20);
            buffer_free(&b);
        }
    }
}

static void text_beyond_ascii_stays_as_it_is(void **state)
{
    (void)state;
    struct buffer b = {0};
    /* U+007F DELETE needs no escape, U+2028 LINE SEPARATOR, U+0085 NEXT LINE get one, U+200F and U+00AB do not */
    json_put_string(&b, "بغداد \"٦\"\n\xe2\x80\xa8\x7f 😀\\");
    assert_written(&b, "\"بغداد \\\"٦\\\"\\n\\u2028\x7f 😀\\\\\"");
    json_put_string(&b, "\xe2\x80\x8f\xc2\xab\xe2\x80\xa9\xc2\x85");
    assert_written(&b, "\"\xe2\x80\x8f\xc2\xab\\u2029\\u0085\"");
    json_quote(&b);
    json_put_piece(&b, "a\"", 2);
    json_put_piece(&b, "\x01", 1);
    json_unquote(&b);
    assert_written(&b, "\"a\\\"\\u0001\"");
}

static void reals_read_back_as_they_were(void **state)
{
    (void)state;
    const double fixed[] = {0, 1, -1, 0.5, 0.1, 0.87, 33.3152, -44.366101, 1e-7, 123456.654321, 1e15, 1e300,
                            5e-324, 1.7976931348623157e308, 0.1 + 0.2, 1.0 / 3, 2.5e-5, 9007199254740993.0};
    for (size_t i = 0; i < sizeof fixed / sizeof *fixed; i++) {
        struct buffer b = {0};
        json_put_real(&b, fixed[i]);
        buffer_append_char(&b, '\0');
        assert_true(strtod(b.data, NULL) == fixed[i]);
        buffer_free(&b);
    }
    uint64_t bits = 88172645463325252u;
    for (int i = 0; i < 20000; i++) {
        bits ^= bits << 13, bits ^= bits >> 7, bits ^= bits << 17;
        double value;
        memcpy(&value, &bits, 8);
        if (!isfinite(value) || i % 2)
            value = (double)(bits % 2000001) / 1e6 - 1; /* the fast way */
        struct buffer b = {0};
        json_put_real(&b, value);
        buffer_append_char(&b, '\0');
        assert_true(strtod(b.data, NULL) == value);
        buffer_free(&b);
    }
    struct buffer b = {0};
    json_put_real(&b, 0.87);
    assert_written(&b, "0.87");
    json_put_real(&b, 44.0);
    assert_written(&b, "44");
    json_put_real(&b, -0.000001);
    assert_written(&b, "-0.000001");
    json_put_real(&b, INFINITY);
    assert_written(&b, "null");
}

static void times_are_rfc_3339(void **state)
{
    (void)state;
    struct buffer b = {0};
    json_put_time(&b, 1768712940000000);
    assert_written(&b, "\"2026-01-18T05:09:00Z\"");
    json_put_time(&b, 1768712940000001);
    assert_written(&b, "\"2026-01-18T05:09:00.000001Z\"");
    json_put_time(&b, -1);
    assert_written(&b, "\"1969-12-31T23:59:59.999999Z\"");
    json_put_time(&b, INT64_MIN);
    assert_written(&b, "\"0000-01-01T00:00:00Z\"");
    json_put_time(&b, INT64_MAX);
    assert_written(&b, "\"9999-12-31T23:59:59.999999Z\"");
    for (int64_t day = -719528; day < 2932896; day += 97) { /* the whole range, every year */
        time_t seconds = day * 86400 + 3723;
        struct tm tm;
        char expected[40];
        gmtime_r(&seconds, &tm);
        snprintf(expected, sizeof expected, "\"%04d-%02d-%02dT01:02:03Z\"", tm.tm_year + 1900, tm.tm_mon + 1,
                 tm.tm_mday);
        json_put_time(&b, (int64_t)seconds * 1000000);
        assert_written(&b, expected);
    }
}

static void integers_are_whole(void **state)
{
    (void)state;
    struct buffer b = {0};
    json_open_array(&b);
    json_put_integer(&b, INT64_MIN);
    json_put_integer(&b, INT64_MAX);
    json_put_unsigned(&b, UINT64_MAX);
    json_close_array(&b);
    assert_written(&b, "[-9223372036854775808,9223372036854775807,18446744073709551615]");
}

static void bytes_are_base64(void **state)
{
    (void)state;
    const struct {
        const char *bytes, *expected;
    } rows[] = {{"", "\"\""}, {"f", "\"Zg==\""}, {"fo", "\"Zm8=\""}, {"foo", "\"Zm9v\""}, {"foobar", "\"Zm9vYmFy\""}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct buffer b = {0};
        json_put_base64(&b, rows[i].bytes, strlen(rows[i].bytes));
        assert_written(&b, rows[i].expected);
    }
    size_t size = (7 << 20) + 1; /* more than one step */
    char *zeros = calloc(1, size);
    assert_non_null(zeros);
    struct buffer b = {0};
    json_put_base64(&b, zeros, size);
    assert_int_equal(b.size, (size + 2) / 3 * 4 + 2);
    for (size_t i = 1; i < b.size - 3; i++)
        assert_true(b.data[i] == 'A');
    buffer_free(&b);
    free(zeros);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(commas_stand_between_values_only),
        cmocka_unit_test(every_byte_at_every_place_survives),
        cmocka_unit_test(text_beyond_ascii_stays_as_it_is),
        cmocka_unit_test(reals_read_back_as_they_were),
        cmocka_unit_test(times_are_rfc_3339),
        cmocka_unit_test(integers_are_whole),
        cmocka_unit_test(bytes_are_base64),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

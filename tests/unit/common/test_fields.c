/* Fields: round trip, nesting, every cut and every flipped byte, the table of names. */
#include "tests/unit/unit.h"
#include "libcommon/fields.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static void write_sample(struct buffer *b)
{
    fields_put_string(b, FIELD_TITLE, "عنوان");
    fields_put_string(b, FIELD_KICKER, "");
    fields_put_string(b, FIELD_SECTION, NULL);
    fields_put_integer(b, FIELD_SEQ, -5);
    size_t list = fields_open(b, FIELD_QUOTES, FIELD_LIST);
    for (int i = 0; i < 3; i++) {
        size_t object = fields_open(b, FIELD_NONE, FIELD_OBJECT);
        fields_put_integer(b, FIELD_START, i);
        fields_put_real(b, FIELD_CONFIDENCE, 0.5 * i);
        fields_put_flag(b, FIELD_SCENE, i == 1);
        fields_close(b, object);
    }
    fields_close(b, list);
    fields_put_time(b, FIELD_RECEIVED_AT, 1768712940000000);
}

static void reads_back_what_was_written(void **state)
{
    (void)state;
    struct buffer b = {0};
    write_sample(&b);
    struct field_value value;
    assert_int_equal(fields_find(b.data, b.size, FIELD_TITLE, &value), 1);
    assert_int_equal(value.size, strlen("عنوان"));
    assert_int_equal(fields_find(b.data, b.size, FIELD_KICKER, &value), 0);
    assert_int_equal(fields_find(b.data, b.size, FIELD_SECTION, &value), 0);
    assert_int_equal(fields_find(b.data, b.size, FIELD_SEQ, &value), 1);
    assert_int_equal(value.integer, -5);
    assert_int_equal(fields_find(b.data, b.size, FIELD_RECEIVED_AT, &value), 1);
    assert_true(value.integer == 1768712940000000);
    assert_int_equal(fields_find(b.data, b.size, FIELD_QUOTES, &value), 1);
    struct fields_cursor list = fields_inside(&value);
    struct field_value object;
    int count = 0;
    while (fields_next(&list, &object) > 0) {
        struct field_value inner;
        assert_int_equal(object.type, FIELD_OBJECT);
        assert_int_equal(fields_find(object.data, object.size, FIELD_CONFIDENCE, &inner), 1);
        assert_true(inner.real == 0.5 * count);
        assert_int_equal(fields_find(object.data, object.size, FIELD_SCENE, &inner), 1);
        assert_int_equal(inner.integer, count == 1);
        count++;
    }
    assert_int_equal(count, 3);
    assert_int_equal(fields_check(b.data, b.size), 0);
    buffer_free(&b);
}

static void survives_every_cut_and_flip(void **state)
{
    (void)state;
    struct buffer b = {0};
    write_sample(&b);
    int refused = 0;
    for (size_t size = 0; size < b.size; size++) {
        char *copy = malloc(size + 1); /* exact size, so that ASan sees an overread */
        assert_non_null(copy);
        memcpy(copy, b.data, size);
        copy = realloc(copy, size ? size : 1);
        refused += fields_check(copy, size) == -EBADMSG;
        free(copy);
    }
    assert_true(refused > (int)b.size / 2);
    for (size_t at = 0; at < b.size; at++) {
        char *copy = malloc(b.size);
        assert_non_null(copy);
        memcpy(copy, b.data, b.size);
        copy[at] ^= (char)0xff;
        int r = fields_check(copy, b.size);
        assert_true(r == 0 || r == -EBADMSG);
        free(copy);
    }
    buffer_free(&b);
}

static void refuses_deep_nesting(void **state)
{
    (void)state;
    struct buffer b = {0};
    size_t marks[64];
    for (int i = 0; i < 64; i++)
        marks[i] = fields_open(&b, FIELD_QUOTES, FIELD_LIST);
    for (int i = 63; i >= 0; i--)
        fields_close(&b, marks[i]);
    assert_int_equal(fields_check(b.data, b.size), -EBADMSG);
    buffer_free(&b);
}

static void every_row_of_the_table_is_whole(void **state)
{
    (void)state;
    int named = 0;
    for (int f = 0; f < FIELD_END_OF_NAMES; f++) {
        if (!field_name(f))
            continue;
        named++;
        assert_non_null(field_meaning(f));
        assert_true(field_type(f) >= FIELD_TEXT && field_type(f) <= FIELD_LIST);
    }
    assert_true(named > 70);
    assert_null(field_name(FIELD_NONE));
    assert_null(field_name(FIELD_END_OF_NAMES));
    assert_int_equal(field_type(9999), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_back_what_was_written),
        cmocka_unit_test(survives_every_cut_and_flip),
        cmocka_unit_test(refuses_deep_nesting),
        cmocka_unit_test(every_row_of_the_table_is_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

#include "tests/unit/unit.h"

#include "classify/model.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char path[] = "/tmp/khabar-model-XXXXXX";

static int make_path(void **state)
{
    (void)state;
    int fd = mkstemp(path);
    return fd < 0 ? -1 : close(fd);
}

static int remove_path(void **state)
{
    (void)state;
    return unlink(path);
}

static void write_model(void)
{
    static const char words[] = "abc", numbers[100] = {1, 2, 3};
    const struct model_part parts[] = {{7, words, 3}, {9, numbers, 100}};
    assert_int_equal(model_write(path, MODEL_TOPIC, 3, parts, 2), 0);
}

static void test_what_is_written_is_read(void **state)
{
    (void)state;
    struct model *m;
    size_t size;
    write_model();
    assert_int_equal(model_open(path, MODEL_TOPIC, 3, &m), 0);
    const char *words = model_section(m, 7, &size);
    assert_int_equal(size, 3);
    assert_memory_equal(words, "abc", 3);
    const char *numbers = model_section_of(m, 9, 100);
    assert_non_null(numbers);
    assert_int_equal((uintptr_t)numbers % 64, 0);
    assert_int_equal(numbers[2], 3);
    assert_null(model_section_of(m, 9, 99));
    assert_null(model_section(m, 8, &size));
    model_close(m);
}

static void test_other_kind_or_version_is_refused(void **state)
{
    (void)state;
    struct model *m;
    write_model();
    assert_int_equal(model_open(path, MODEL_EVENT, 3, &m), -EBADMSG);
    assert_int_equal(model_open(path, MODEL_TOPIC, 4, &m), -EBADMSG);
    assert_int_equal(model_open("/nonexistent/model", MODEL_TOPIC, 3, &m), -ENOENT);
}

static void test_every_damaged_byte_is_seen(void **state)
{
    (void)state;
    write_model();
    FILE *f = fopen(path, "r+b");
    assert_non_null(f);
    char data[512];
    size_t size = fread(data, 1, sizeof data, f);
    assert_true(size > 200 && size < sizeof data);
    struct model *m;
    for (size_t i = 0; i < size; i++) {
        if (i >= 40 && i < 64)
            continue; /* zeros of the header, which mean nothing yet */
        fseek(f, (long)i, SEEK_SET);
        fputc(data[i] ^ 0x40, f);
        fflush(f);
        assert_int_equal(model_open(path, MODEL_TOPIC, 3, &m), -EBADMSG);
        fseek(f, (long)i, SEEK_SET);
        fputc(data[i], f);
        fflush(f);
    }
    fclose(f);
    for (size_t cut = 0; cut < size; cut++) {
        assert_int_equal(truncate(path, (off_t)(size - 1 - cut)), 0);
        assert_int_equal(model_open(path, MODEL_TOPIC, 3, &m), -EBADMSG);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_is_written_is_read),
        cmocka_unit_test(test_other_kind_or_version_is_refused),
        cmocka_unit_test(test_every_damaged_byte_is_seen),
    };
    return cmocka_run_group_tests(tests, make_path, remove_path);
}

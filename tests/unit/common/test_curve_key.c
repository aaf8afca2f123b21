/* CURVE keys: lists with comments and names; what is no key is named with
 * its line. */
#include "tests/unit/unit.h"
#include "libcommon/curve_key.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zmq.h>

static const char first[] = "rq:rM>}U?@Lns47E1%kR.o@n%FcmmsL/@{H8]yf7";
static const char second[] = "0#000000000000000000000000000000000000#0";

static void write_to(char *path, const char *text)
{
    strcpy(path, "/tmp/khabar-test-XXXXXX");
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
    close(fd);
}

static void lists_have_comments_and_names(void **state)
{
    (void)state;
    char path[40], text[400], why[SECRET_WHY_SIZE];
    unsigned char bytes[CURVE_KEY_BYTES];
    struct curve_list list;
    snprintf(text, sizeof text, "# who may feed\n\n  %s  a scraper\n%s\n#%s\n", first, second,
             first);
    write_to(path, text);
    assert_int_equal(curve_list_read(path, &list, why), 0);
    assert_int_equal(list.count, 2);
    assert_non_null(zmq_z85_decode(bytes, first));
    assert_true(curve_list_has(&list, bytes));
    assert_non_null(zmq_z85_decode(bytes, second));
    assert_true(curve_list_has(&list, bytes));
    bytes[31] ^= 1;
    assert_false(curve_list_has(&list, bytes));
    curve_list_free(&list);
    assert_false(curve_list_has(&list, bytes));
    unlink(path);
}

static void what_is_no_key_is_named_with_its_line(void **state)
{
    (void)state;
    static const char *const bad[] = {"short\n",
                                      "# fine\nrq:rM>}U?@Lns47E1%kR.o@n%FcmmsL/@{H8]yf\n",
                                      "\"q:rM>}U?@Lns47E1%kR.o@n%FcmmsL/@{H8]yf7\n"};
    char path[40], why[SECRET_WHY_SIZE];
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct curve_list list;
        write_to(path, bad[i]);
        assert_int_equal(curve_list_read(path, &list, why), -EINVAL);
        assert_non_null(strstr(why, i == 1 ? "line 2: no public key" : "line 1: no public key"));
        assert_null(list.keys);
        unlink(path);
    }
}

static void keys_are_read_from_text_and_files(void **state)
{
    (void)state;
    char path[40], text[100], why[SECRET_WHY_SIZE], key[CURVE_KEY_SIZE];
    assert_int_equal(curve_public_read(first, key, why), 0);
    assert_string_equal(key, first);
    snprintf(text, sizeof text, "%s\n", first);
    write_to(path, text);
    assert_int_equal(curve_public_read(path, key, why), 0);
    assert_string_equal(key, first);
    assert_int_equal(curve_secret_read(path, key, why), 0);
    assert_string_equal(key, first);
    assert_int_equal(chmod(path, 0644), 0);
    assert_int_equal(curve_secret_read(path, key, why), -EACCES);
    assert_null(strstr(why, "rq:rM")); /* a secret is not told */
    unlink(path);
    assert_int_equal(curve_public_read(path, key, why), -ENOENT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lists_have_comments_and_names),
        cmocka_unit_test(what_is_no_key_is_named_with_its_line),
        cmocka_unit_test(keys_are_read_from_text_and_files),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

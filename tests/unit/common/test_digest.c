/* The digest: the examples of FIPS 180. */
#include "tests/unit/unit.h"
#include "libcommon/digest.h"

static void is_that_of_the_standard(void **state)
{
    (void)state;
    char text[DIGEST_TEXT_SIZE];
    assert_int_equal(digest_text("abc", 3, text), 0);
    assert_string_equal(text, "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    assert_int_equal(digest_text(NULL, 0, text), 0);
    assert_string_equal(text, "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(is_that_of_the_standard)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}

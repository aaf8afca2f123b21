/* CRC32C: the values of RFC 3720, and both ways the same. */
#include "tests/unit/unit.h"

#include "ingest/checksum.h"

#include <string.h>

static void test_known(void **state)
{
    (void)state;
    unsigned char data[32];
    memset(data, 0, 32);
    assert_int_equal(checksum(0, data, 32), 0x8a9136aa);
    memset(data, 0xff, 32);
    assert_int_equal(checksum(0, data, 32), 0x62a8ab43);
    for (int i = 0; i < 32; i++)
        data[i] = (unsigned char)i;
    assert_int_equal(checksum(0, data, 32), 0x46dd794e);
    assert_int_equal(checksum(0, "123456789", 9), 0xe3069283);
}

static void test_same(void **state)
{
    (void)state;
    unsigned char data[100];
    for (unsigned i = 0; i < sizeof data; i++)
        data[i] = (unsigned char)(i * 37 + 11);
    for (size_t from = 0; from < 9; from++)
        for (size_t size = 0; size < sizeof data - from; size++) {
            uint32_t whole = checksum(7, data + from, size);
            assert_int_equal(whole, checksum_portable(7, data + from, size));
            assert_int_equal(whole, checksum(checksum(7, data + from, size / 3),
                                             data + from + size / 3, size - size / 3));
        }
}

/* Long enough for the ways that work on several places at once. */
static void test_long(void **state)
{
    (void)state;
    static unsigned char data[20000];
    for (unsigned i = 0; i < sizeof data; i++)
        data[i] = (unsigned char)(i * 2654435761u >> 13);
    for (size_t size = 1500; size < sizeof data - 9; size += size / 7)
        for (size_t from = 0; from < 9; from++)
            assert_int_equal(checksum(7, data + from, size),
                             checksum_portable(7, data + from, size));
    uint32_t whole = checksum(0, data, 10000);
    for (size_t at = 0; at < 10000; at += 13) { /* each bit counts */
        data[at] ^= 4;
        assert_int_not_equal(checksum(0, data, 10000), whole);
        data[at] ^= 4;
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_known),
        cmocka_unit_test(test_same),
        cmocka_unit_test(test_long),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

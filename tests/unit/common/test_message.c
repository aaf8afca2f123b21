/* Frames: round trip, every cut, every flipped byte, ids, tables. */
#include "tests/unit/unit.h"
#include "libcommon/fields.h"
#include "libcommon/message.h"
#include "libcommon/reject.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static struct message sample(void)
{
    struct message m = {
        .kind = MESSAGE_DOCUMENT,
        .stage = STAGE_INGEST,
        .spool = 0x0123456789abcdef,
        .seq = 42,
        .floor = 40,
        .attempt = 1,
        .accepted_at = 1768712940000000,
    };
    m.sections[SECTION_DOCUMENT] = (struct message_part){"fields", 6};
    m.sections[SECTION_BODY] = (struct message_part){"body", 4};
    return m;
}

static void reads_back_what_was_written(void **state)
{
    (void)state;
    struct message in = sample(), out;
    in.sections[SECTION_LABELS] = (struct message_part){"", 0};
    struct buffer b = {0};
    message_write(&in, &b);
    assert_int_equal(message_read(b.data, b.size, &out), 0);
    assert_int_equal(out.kind, MESSAGE_DOCUMENT);
    assert_true(out.spool == in.spool && out.seq == 42 && out.floor == 40 && out.attempt == 1);
    assert_true(out.accepted_at == in.accepted_at);
    assert_int_equal(out.sections[SECTION_BODY].size, 4);
    assert_memory_equal(out.sections[SECTION_BODY].data, "body", 4);
    assert_null(out.sections[SECTION_ARTICLE].data);
    assert_non_null(out.sections[SECTION_LABELS].data);
    buffer_free(&b);
}

static void refuses_every_cut_and_survives_every_flip(void **state)
{
    (void)state;
    struct message in = sample(), out;
    struct buffer b = {0};
    message_write(&in, &b);
    for (size_t size = 0; size < b.size; size++) {
        char *copy = malloc(size ? size : 1);
        assert_non_null(copy);
        memcpy(copy, b.data, size);
        assert_int_equal(message_read(copy, size, &out), -EBADMSG);
        free(copy);
    }
    for (size_t at = 0; at < b.size; at++)
        for (int bit = 0; bit < 8; bit++) {
            b.data[at] ^= (char)(1 << bit);
            int r = message_read(b.data, b.size, &out);
            assert_true(r == 0 || r == -EBADMSG || r == -EPROTO);
            if (r == 0)
                for (int i = 0; i < MESSAGE_SECTIONS; i++) {
                    const char *data = out.sections[i].data;
                    assert_true(!data || (data > b.data &&
                                          data + out.sections[i].size <= b.data + b.size));
                }
            b.data[at] ^= (char)(1 << bit);
        }
    b.data[4] = MESSAGE_VERSION + 1;
    assert_int_equal(message_read(b.data, b.size, &out), -EPROTO);
    assert_int_equal(message_read(b.data, (size_t)MESSAGE_MAX + 1, &out), -EMSGSIZE);
    buffer_free(&b);
}

static void asks_of_each_kind_what_it_must_carry(void **state)
{
    (void)state;
    for (int kind = 0; kind < 8; kind++) {
        struct message m = {.kind = kind, .stage = STAGE_SINK}, out;
        struct buffer b = {0};
        message_write(&m, &b);
        assert_int_equal(message_read(b.data, b.size, &out), kind == MESSAGE_PROBE ? 0 : -EBADMSG);
        buffer_clear(&b);
        m.sections[SECTION_LABELS] = (struct message_part){"", 0};
        message_write(&m, &b);
        assert_int_equal(message_read(b.data, b.size, &out), -EBADMSG);
        buffer_free(&b);
    }
    struct message_range ranges[2] = {{1, 5}, {7, 7}};
    struct message m = {.kind = MESSAGE_COMMIT, .stage = STAGE_SINK}, out;
    struct buffer b = {0};
    m.sections[SECTION_RANGES] = (struct message_part){ranges, sizeof ranges};
    message_write(&m, &b);
    assert_int_equal(message_read(b.data, b.size, &out), 0);
    buffer_clear(&b);
    m.sections[SECTION_RANGES].size -= 1;
    message_write(&m, &b);
    assert_int_equal(message_read(b.data, b.size, &out), -EBADMSG);
    buffer_free(&b);
}

static void ids_are_written_and_read(void **state)
{
    (void)state;
    char id[MESSAGE_ID_SIZE];
    uint64_t spool, seq;
    message_id(0xfeed, UINT64_MAX, id);
    assert_string_equal(id, "000000000000feed-18446744073709551615");
    assert_int_equal(message_id_read(id, strlen(id), &spool, &seq), 0);
    assert_true(spool == 0xfeed && seq == UINT64_MAX);
    static const char *const bad[] = {"", "000000000000feed-", "000000000000feed-1x",
                                      "000000000000FEED-1", "000000000000feed-18446744073709551616",
                                      "000000000000feed 1"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_int_equal(message_id_read(bad[i], strlen(bad[i]), &spool, &seq), -EINVAL);
}

static void every_reason_has_a_name_and_a_meaning(void **state)
{
    (void)state;
    for (int reason = REJECT_EMPTY; reason < REJECT_END; reason++) {
        assert_non_null(reject_name(reason));
        assert_non_null(reject_meaning(reason));
        struct buffer b = {0};
        struct field_value value;
        reject_write(reason, NULL, STAGE_PARSE, 2, &b);
        assert_int_equal(fields_find(b.data, b.size, FIELD_REJECT, &value), 1);
        assert_memory_equal(value.data, reject_name(reason), value.size);
        assert_int_equal(fields_find(b.data, b.size, FIELD_DETAIL, &value), 0);
        buffer_free(&b);
    }
    assert_null(reject_name(0));
    assert_null(reject_name(REJECT_END));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_back_what_was_written),
        cmocka_unit_test(refuses_every_cut_and_survives_every_flip),
        cmocka_unit_test(asks_of_each_kind_what_it_must_carry),
        cmocka_unit_test(ids_are_written_and_read),
        cmocka_unit_test(every_reason_has_a_name_and_a_meaning),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Which sequence numbers are written: states, the moving floor, beside a plain model. */
#include "tests/unit/unit.h"
#include "sink/written.h"

#include <string.h>

static void states_follow_each_other(void **state)
{
    (void)state;
    static struct written w = {.floor = 10};
    assert_int_equal(written_look(&w, 9), WRITTEN_SETTLED);
    assert_int_equal(written_look(&w, 10), WRITTEN_NOT);
    assert_int_equal(written_look(&w, 10 + MESSAGE_SPAN - 1), WRITTEN_NOT);
    assert_int_equal(written_look(&w, 10 + MESSAGE_SPAN), WRITTEN_BEYOND);
    assert_int_equal(written_look(&w, UINT64_MAX), WRITTEN_BEYOND);
    written_mark_pending(&w, 12);
    assert_int_equal(written_look(&w, 12), WRITTEN_PENDING);
    written_mark_synced(&w, 12);
    assert_int_equal(written_look(&w, 12), WRITTEN_SYNCED);
    written_mark_synced(&w, 10 + MESSAGE_SPAN); /* passed over: it would stand in another's place */
    assert_int_equal(written_look(&w, 10), WRITTEN_NOT);
    written_advance(&w, 5);
    assert_int_equal(w.floor, 10);
    written_advance(&w, 13);
    assert_int_equal(written_look(&w, 12), WRITTEN_SETTLED);
    assert_int_equal(written_look(&w, 12 + MESSAGE_SPAN), WRITTEN_NOT);
    written_mark_synced(&w, 13);
    written_advance(&w, 13 + 3 * MESSAGE_SPAN);
    assert_int_equal(written_look(&w, 13 + 3 * MESSAGE_SPAN), WRITTEN_NOT);
}

static void agrees_with_a_plain_model(void **state)
{
    (void)state;
    static struct written w;
    static unsigned char model[8 * MESSAGE_SPAN]; /* 0 not, 1 pending, 2 synced */
    memset(&w, 0, sizeof w);
    memset(model, 0, sizeof model);
    uint64_t random = 88172645463325252u, floor = 0;
    for (int i = 0; i < 300000; i++) {
        random ^= random << 13, random ^= random >> 7, random ^= random << 17;
        if (random % 16 == 0 && floor < 6 * MESSAGE_SPAN) {
            floor += random / 16 % 64 == 0 ? random / 1024 % (2 * MESSAGE_SPAN) : random / 1024 % 40;
            written_advance(&w, floor);
        }
        uint64_t seq = floor + random / 2048 % MESSAGE_SPAN;
        if (seq >= sizeof model)
            continue;
        enum written_state expected = model[seq] == 2   ? WRITTEN_SYNCED
                                      : model[seq] == 1 ? WRITTEN_PENDING
                                                        : WRITTEN_NOT;
        assert_int_equal(written_look(&w, seq), expected);
        if (random >> 60 & 1) {
            written_mark_pending(&w, seq);
            model[seq] = model[seq] ? model[seq] : 1;
        } else {
            written_mark_synced(&w, seq);
            model[seq] = 2;
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(states_follow_each_other),
        cmocka_unit_test(agrees_with_a_plain_model),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

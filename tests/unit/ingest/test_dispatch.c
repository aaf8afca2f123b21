/* Dispatch against a lane that is played here: stages that die, hang and lose messages. */
#include "tests/unit/unit.h"
#include "ingest/dispatch.h"
#include "libcommon/message.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { RESEND = 1000, ATTEMPTS = 3 };
#define PROBE (1ULL << 63) /* with its number, in the place of a sequence number */
static const struct dispatch_limits limits = {64, 64000, RESEND, ATTEMPTS};

/* A lane of one queue: what is sent waits there, and is committed `latency` sends later. */
struct lane {
    struct dispatch *d;
    uint64_t total, poison, silent; /* poison kills a stage; silent is swallowed */
    bool committed[20000], rejected[20000];
    uint64_t queue[20000];
    bool reject[20000];
    size_t head, tail;
    int64_t now;
    unsigned deaths, sends, held_most;
};

static void die(struct lane *l)
{
    l->deaths++;
    l->head = l->tail; /* everything in the lane is lost */
    dispatch_hello(l->d, 1, l->now);
}

static bool send_one(struct lane *l)
{
    uint64_t seq;
    uint32_t attempt;
    if (dispatch_probe(l->d, &seq)) {
        dispatch_probe_sent(l->d, l->now);
        l->reject[l->tail] = false;
        l->queue[l->tail++] = PROBE | seq;
        l->sends++;
        return true;
    }
    int what = dispatch_next(l->d, &seq, &attempt);
    if (what == DISPATCH_NOTHING || !dispatch_fits(l->d, 1000))
        return false;
    dispatch_sent(l->d, seq, 1000, l->now);
    assert_true(l->tail < 20000);
    l->reject[l->tail] = what == DISPATCH_REJECT;
    l->queue[l->tail++] = seq;
    l->sends++;
    if (dispatch_in_flight(l->d) > l->held_most)
        l->held_most = (unsigned)dispatch_in_flight(l->d);
    return true;
}

static void take_one(struct lane *l)
{
    if (l->head == l->tail)
        return;
    uint64_t seq = l->queue[l->head];
    bool reject = l->reject[l->head++];
    if (seq & PROBE) {
        dispatch_probe_back(l->d, seq & ~PROBE, l->now);
        return;
    }
    if (!reject && l->poison && seq == l->poison) {
        die(l);
        return;
    }
    if (!reject && l->silent && seq == l->silent)
        return;
    if (reject)
        l->rejected[seq] = true;
    l->committed[seq] = true;
    dispatch_commit(l->d, seq, seq, l->now);
}

static struct lane *lane_new(uint64_t total)
{
    struct lane *l = calloc(1, sizeof *l);
    assert_non_null(l);
    assert_int_equal(dispatch_new(&limits, 0, &l->d), 0);
    l->total = total;
    l->now = 1;
    dispatch_extend(l->d, total);
    return l;
}

static void run(struct lane *l, unsigned rounds)
{
    for (unsigned i = 0; i < rounds && dispatch_floor(l->d) < l->total; i++) {
        while (send_one(l))
            ;
        take_one(l);
        l->now += 5;
        dispatch_tick(l->d, l->now);
    }
}

static void check_all_settled(struct lane *l, uint64_t guilty)
{
    assert_int_equal(dispatch_floor(l->d), l->total);
    assert_int_equal(dispatch_in_flight(l->d), 0);
    assert_int_equal(dispatch_in_flight_bytes(l->d), 0);
    assert_int_equal(dispatch_suspects(l->d), 0);
    for (uint64_t seq = 0; seq < l->total; seq++) {
        assert_true(l->committed[seq]);
        assert_int_equal(l->rejected[seq], guilty && seq == guilty);
    }
    dispatch_free(l->d);
    free(l);
}

static void sends_in_order_within_the_window(void **state)
{
    (void)state;
    struct lane *l = lane_new(1000);
    for (uint64_t i = 0; i < 64; i++)
        assert_true(send_one(l));
    assert_false(send_one(l));
    for (uint64_t i = 0; i < 64; i++)
        assert_int_equal(l->queue[i], i);
    run(l, 5000);
    assert_int_equal(l->held_most, 64);
    assert_int_equal(l->sends, 1000);
    check_all_settled(l, 0);
}

static void a_large_document_waits_for_room_and_gets_it(void **state)
{
    (void)state;
    struct dispatch *d;
    assert_int_equal(dispatch_new(&limits, 5, &d), 0);
    dispatch_extend(d, 10);
    uint64_t seq;
    uint32_t attempt;
    assert_true(dispatch_fits(d, 1000000));
    assert_int_equal(dispatch_next(d, &seq, &attempt), DISPATCH_SEND);
    assert_true(seq == 5 && attempt == 1);
    dispatch_sent(d, 5, 1000, 1);
    assert_false(dispatch_fits(d, 64000));
    assert_true(dispatch_fits(d, 63000));
    dispatch_commit(d, 0, 5, 2);
    assert_true(dispatch_fits(d, 1000000));
    dispatch_free(d);
}

static void never_sends_beyond_the_span(void **state)
{
    (void)state;
    struct dispatch_limits wide = {8192, 1 << 30, RESEND, ATTEMPTS};
    struct dispatch *d;
    assert_int_equal(dispatch_new(&wide, 0, &d), 0);
    dispatch_extend(d, 100000);
    uint64_t seq, highest = 0;
    uint32_t attempt;
    while (dispatch_next(d, &seq, &attempt) == DISPATCH_SEND) {
        dispatch_sent(d, seq, 10, 1);
        highest = seq;
        if (seq) /* number 0 is never committed */
            dispatch_commit(d, seq, seq, 1);
    }
    assert_int_equal(highest, MESSAGE_SPAN - 1);
    dispatch_commit(d, 0, 0, 2);
    assert_int_equal(dispatch_next(d, &seq, &attempt), DISPATCH_SEND);
    assert_int_equal(seq, MESSAGE_SPAN);
    dispatch_free(d);
}

static void poison_is_cornered_and_takes_no_innocent(void **state)
{
    (void)state;
    for (uint64_t guilty = 1; guilty < 300; guilty += 13) {
        struct lane *l = lane_new(300);
        l->poison = guilty;
        run(l, 20000);
        assert_true(l->deaths <= 1 + 7 + 2 * ATTEMPTS);
        check_all_settled(l, guilty);
    }
}

static void a_stage_that_is_long_away_does_not_hide_the_poison(void **state)
{
    (void)state;
    struct lane *l = lane_new(300);
    l->poison = 200;
    for (int i = 0; i < 20000 && dispatch_floor(l->d) < l->total; i++) {
        unsigned deaths = l->deaths;
        run(l, 1);
        for (int away = 0; deaths != l->deaths && away < 10; away++) { /* what is sent now waits for it */
            l->now += RESEND;
            dispatch_tick(l->d, l->now);
            while (send_one(l))
                ;
        }
    }
    assert_true(l->deaths <= 1 + 7 + 2 * ATTEMPTS);
    check_all_settled(l, 200);
}

static void deaths_without_a_guilty_document_reject_nothing(void **state)
{
    (void)state;
    srand(7);
    struct lane *l = lane_new(2000);
    while (dispatch_floor(l->d) < l->total && l->deaths < 150) {
        run(l, 1 + (unsigned)rand() % 40);
        die(l);
    }
    run(l, 20000);
    check_all_settled(l, 0);
}

static void a_swallowed_document_is_sent_again_and_given_up(void **state)
{
    (void)state;
    struct lane *l = lane_new(3000);
    l->silent = 100;
    run(l, 20000);
    assert_int_equal(l->deaths, 0);
    check_all_settled(l, 100);
}

static void a_document_that_nothing_overtakes_is_given_up_too(void **state)
{
    (void)state;
    static const uint64_t silent[] = {1, 40, 99};
    for (size_t i = 0; i < sizeof silent / sizeof *silent; i++) {
        struct lane *l = lane_new(100);
        l->silent = silent[i];
        run(l, 20000);
        assert_int_equal(l->deaths, 0);
        check_all_settled(l, silent[i]);
    }
}

static void a_swallowed_document_does_not_hold_up_a_fast_lane(void **state)
{
    (void)state;
    enum { TOTAL = MESSAGE_SPAN + 1000 }; /* all that may be sent goes through within the resend time */
    struct lane *l = lane_new(TOTAL);
    l->silent = 1;
    for (int64_t ms = 0; ms < 60 * RESEND && dispatch_floor(l->d) < TOTAL; ms++) {
        for (int i = 0; i < 100; i++) {
            while (send_one(l))
                ;
            take_one(l);
        }
        l->now++;
        dispatch_tick(l->d, l->now);
    }
    check_all_settled(l, 1);
}

static void a_lane_that_stands_still_is_not_flooded(void **state)
{
    (void)state;
    struct lane *l = lane_new(1000);
    while (send_one(l))
        ;
    unsigned before = l->sends;
    for (int i = 0; i < 600; i++) { /* ten minutes */
        l->now += 1000;
        dispatch_tick(l->d, l->now);
        while (send_one(l))
            ;
    }
    assert_true(l->sends - before <= 30);
    run(l, 20000);
    check_all_settled(l, 0);
}

static void a_clean_restart_sends_again_and_suspects_nobody(void **state)
{
    (void)state;
    struct lane *l = lane_new(200);
    while (send_one(l))
        ;
    l->head = l->tail;
    assert_int_equal(dispatch_hello(l->d, 0, l->now), 64);
    assert_int_equal(dispatch_suspects(l->d), 0);
    run(l, 5000);
    check_all_settled(l, 0);
}

/* A lane of several workers: documents overtake each other, messages get lost, stages die, one
 * document kills and one is swallowed each time. Every document is committed, the guilty as
 * rejects, and nobody else. */
static void play_disorder(unsigned seed)
{
    enum { TOTAL = 5000, KILLER = 700, SWALLOWED = 1000 };
    struct lane *l = lane_new(TOTAL);
    srand(seed);
    int steps = 0;
    while (dispatch_floor(l->d) < TOTAL && steps++ < 400000) {
        while (send_one(l))
            ;
        if (l->tail > 19000) { /* room for more */
            memmove(l->queue, l->queue + l->head, (l->tail - l->head) * sizeof *l->queue);
            memmove(l->reject, l->reject + l->head, (l->tail - l->head) * sizeof *l->reject);
            l->tail -= l->head;
            l->head = 0;
        }
        size_t waiting = l->tail - l->head;
        if (waiting) { /* any of the first eight is taken next */
            size_t other = l->head + (size_t)rand() % (waiting < 8 ? waiting : 8);
            uint64_t seq = l->queue[other];
            bool reject = l->reject[other];
            l->queue[other] = l->queue[l->head];
            l->reject[other] = l->reject[l->head];
            l->queue[l->head] = seq;
            l->reject[l->head] = reject;
            l->poison = KILLER;
            l->silent = SWALLOWED;
            if (rand() % 50 == 0)
                l->head++; /* lost on the way */
            else if (rand() % 2000 == 0)
                die(l);
            else
                take_one(l);
        }
        l->now += 20;
        dispatch_tick(l->d, l->now);
        assert_true(dispatch_in_flight(l->d) <= 64);
    }
    assert_int_equal(dispatch_floor(l->d), TOTAL);
    assert_int_equal(dispatch_suspects(l->d), 0);
    for (uint64_t seq = 0; seq < TOTAL; seq++) {
        assert_true(l->committed[seq]);
        assert_int_equal(l->rejected[seq], seq == KILLER || seq == SWALLOWED);
    }
    dispatch_free(l->d);
    free(l);
}

static void disorder_loses_nothing_and_rejects_no_innocent(void **state)
{
    (void)state;
    for (unsigned seed = 1; seed <= 20; seed++)
        play_disorder(seed);
}

static void restored(void *user, uint64_t seq, uint32_t attempts)
{
    uint32_t *all = user;
    all[seq] = attempts;
}

static void attempts_and_commits_survive_a_restart(void **state)
{
    (void)state;
    struct dispatch *d;
    assert_int_equal(dispatch_new(&limits, 10, &d), 0);
    dispatch_restore_committed(d, 12);
    dispatch_restore_attempts(d, 11, ATTEMPTS);
    dispatch_extend(d, 20);
    uint64_t seq;
    uint32_t attempt;
    assert_int_equal(dispatch_next(d, &seq, &attempt), DISPATCH_SEND);
    assert_int_equal(seq, 10);
    dispatch_sent(d, seq, 10, 1);
    assert_int_equal(dispatch_next(d, &seq, &attempt), DISPATCH_REJECT);
    assert_int_equal(seq, 11);
    dispatch_sent(d, seq, 10, 1);
    assert_int_equal(dispatch_next(d, &seq, &attempt), DISPATCH_SEND);
    assert_int_equal(seq, 13);
    uint32_t all[32] = {0};
    dispatch_attempts(d, restored, all, NULL);
    assert_int_equal(all[11], ATTEMPTS);
    dispatch_commit(d, 0, 12, 2);
    assert_int_equal(dispatch_floor(d), 13);
    dispatch_free(d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sends_in_order_within_the_window),
        cmocka_unit_test(a_large_document_waits_for_room_and_gets_it),
        cmocka_unit_test(never_sends_beyond_the_span),
        cmocka_unit_test(poison_is_cornered_and_takes_no_innocent),
        cmocka_unit_test(a_stage_that_is_long_away_does_not_hide_the_poison),
        cmocka_unit_test(deaths_without_a_guilty_document_reject_nothing),
        cmocka_unit_test(a_swallowed_document_is_sent_again_and_given_up),
        cmocka_unit_test(a_document_that_nothing_overtakes_is_given_up_too),
        cmocka_unit_test(a_swallowed_document_does_not_hold_up_a_fast_lane),
        cmocka_unit_test(a_lane_that_stands_still_is_not_flooded),
        cmocka_unit_test(a_clean_restart_sends_again_and_suspects_nobody),
        cmocka_unit_test(disorder_loses_nothing_and_rejects_no_innocent),
        cmocka_unit_test(attempts_and_commits_survive_a_restart),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

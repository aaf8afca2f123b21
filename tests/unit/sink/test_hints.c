/* The keys of the index: nothing is lost while the table grows, over reopening and kills; damage; what is to be filled. */
#include "tests/unit/unit.h"
#include "tests/unit/sink/output_folder.h"

#include "sink/folder.h"
#include "sink/hints.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { IDENTITY = 77, BANDS = HINTS_KEYS - 3 };
static const struct hints_articles NONE;

/* 44 bits, the rest of the band's number on top, as minhash_keys() makes them. */
static uint64_t key_of(uint64_t number, unsigned key)
{
    uint64_t x = number * 0x9e3779b97f4a7c15u + key;
    x ^= x >> 29, x *= 0xbf58476d1ce4e5b9u;
    return (uint64_t)key << 40 | x >> 24;
}

static struct hints *open_table(const struct output_folder *f, struct hints_articles articles)
{
    struct hints *h = NULL;
    int folder = open(f->dir, O_RDONLY | O_DIRECTORY);
    assert_true(folder >= 0);
    assert_int_equal(hints_open(folder, IDENTITY, &articles, &h), 0);
    close(folder);
    return h;
}

static int add(struct hints *h, uint64_t number)
{
    int r = 0;
    for (unsigned key = 0; key < HINTS_KEYS && r == 0; key++)
        r = hints_add(h, key_of(number, key), key >= BANDS, number);
    return r;
}

static bool is_found(struct hints *h, uint64_t number, unsigned key)
{
    uint64_t numbers[64];
    size_t count = 0;
    assert_int_equal(hints_find(h, key_of(number, key), key >= BANDS, numbers, 64, &count), 0);
    for (size_t i = 0; i < count; i++)
        if (numbers[i] == number)
            return true;
    return false;
}

/* Keys from one to the other number that are not found. */
static unsigned count_missing(struct hints *h, uint64_t first, uint64_t last)
{
    unsigned missing = 0;
    for (uint64_t number = first; number <= last; number++)
        for (unsigned key = 0; key < HINTS_KEYS; key++)
            missing += !is_found(h, number, key);
    return missing;
}

static off_t size_of_table(const struct output_folder *f)
{
    char path[128];
    struct stat st;
    snprintf(path, sizeof path, "%s/hints", f->dir);
    assert_int_equal(stat(path, &st), 0);
    return st.st_size;
}

static void everything_is_found_while_the_table_grows(void **state)
{
    (void)state;
    enum { COUNT = 40000 }; /* from 4,096 to 63,000 buckets: four rounds of splits, the last not complete */
    struct output_folder f;
    output_folder_make(&f);
    struct hints *h = open_table(&f, NONE);
    off_t before = size_of_table(&f);
    unsigned strangers = 0;
    for (uint64_t number = 1; number <= COUNT; number++) {
        assert_int_equal(add(h, number), 0);
        assert_true(is_found(h, number, number % HINTS_KEYS));
        strangers += is_found(h, number + COUNT, 3);
        if (number % 9000 == 0) {
            hints_close(h);
            h = open_table(&f, (struct hints_articles){.lowest = 1, .highest = number});
            assert_int_equal(hints_gap(h).below, 0);
        }
    }
    assert_true(size_of_table(&f) > 14 * before);
    /* full buckets lose their oldest: rare, for there is twice the room */
    assert_true(count_missing(h, 1, COUNT) < COUNT * HINTS_KEYS / 1000);
    assert_int_equal(count_missing(h, COUNT - 500, COUNT), 0);
    assert_int_equal(strangers, 0);
    hints_close(h);
    output_folder_remove(&f);
}

static void what_is_there_is_not_added_again(void **state)
{
    (void)state;
    struct output_folder f;
    output_folder_make(&f);
    struct hints *h = open_table(&f, NONE);
    uint64_t numbers[64];
    for (int round = 0; round < 100; round++)
        assert_int_equal(add(h, 5), 0);
    for (unsigned key = 0; key < HINTS_KEYS; key++) {
        size_t count = 0;
        assert_int_equal(hints_find(h, key_of(5, key), key >= BANDS, numbers, 64, &count), 0);
        assert_int_equal(count, 1);
    }
    hints_close(h);
    output_folder_remove(&f);
}

static void the_oldest_under_one_key_give_way(void **state)
{
    (void)state;
    struct output_folder f;
    output_folder_make(&f);
    struct hints *h = open_table(&f, NONE);
    uint64_t numbers[2 * HINTS_ROOM];
    size_t count = 0;
    for (uint64_t number = 1; number <= 100; number++)
        assert_int_equal(hints_add(h, 42, false, number), 0);
    assert_int_equal(hints_add(h, 42, false, 3), 0); /* older than all that are there */
    assert_int_equal(hints_find(h, 42, false, numbers, 2 * HINTS_ROOM, &count), 0);
    assert_int_equal(count, HINTS_ROOM);
    for (size_t i = 0; i < count; i++)
        assert_true(numbers[i] > 100 - HINTS_ROOM);
    hints_close(h);
    output_folder_remove(&f);
}

/* Articles come and go in the same number: the table stays as large as it is. */
static void the_table_stops_growing_when_articles_expire(void **state)
{
    (void)state;
    struct output_folder f;
    output_folder_make(&f);
    struct hints *h = open_table(&f, NONE);
    off_t size = 0;
    for (uint64_t number = 1; number <= 20000; number++) {
        assert_int_equal(add(h, number), 0);
        if (number > 4000)
            hints_forget(h, number - 4000);
        if (number == 5000)
            size = size_of_table(&f);
    }
    assert_int_equal(size_of_table(&f), size);
    assert_true(count_missing(h, 16001, 20000) < 4000 * HINTS_KEYS / 1000);
    hints_close(h);
    output_folder_remove(&f);
}

static void a_killed_process_leaves_what_it_added(void **state)
{
    (void)state;
    enum { ROUNDS = 8, EACH = 1500 };
    struct output_folder f;
    output_folder_make(&f);
    for (uint64_t round = 0; round < ROUNDS; round++) {
        int pipe_fds[2];
        assert_int_equal(pipe(pipe_fds), 0);
        pid_t child = fork();
        assert_true(child >= 0);
        if (child == 0) {
            struct hints *h = open_table(&f, (struct hints_articles){.lowest = 1, .highest = round * EACH});
            for (uint64_t i = 1; i <= EACH; i++) {
                uint64_t number = round * EACH + i;
                if (add(h, number) < 0)
                    _exit(1);
                if (write(pipe_fds[1], &number, sizeof number) != sizeof number)
                    _exit(2);
            }
            pause();
        }
        uint64_t number = 0;
        close(pipe_fds[1]);
        while (number % EACH < EACH / 2 + round * 37) /* in the middle of what comes next */
            assert_int_equal(read(pipe_fds[0], &number, sizeof number), sizeof number);
        assert_int_equal(kill(child, SIGKILL), 0);
        assert_int_equal(waitpid(child, NULL, 0), child);
        close(pipe_fds[0]);
        struct hints *h = open_table(&f, (struct hints_articles){.lowest = 1, .highest = number});
        assert_int_equal(hints_gap(h).below, 0);
        assert_int_equal(count_missing(h, round * EACH + 1, number), 0);
        hints_close(h);
    }
    output_folder_remove(&f);
}

static void a_table_that_is_none_of_this_index_is_made_anew(void **state)
{
    (void)state;
    static const char *const damages[] = {
        "rm hints",
        "truncate -s 0 hints",
        "truncate -s 9000 hints",
        "dd if=/dev/zero of=hints bs=64 count=1 conv=notrunc status=none",
        "printf x | dd of=hints bs=1 seek=16 conv=notrunc status=none", /* identity */
        "rm hints && touch hints-00000000000000000001 hints-00000000000000000500", /* an earlier version */
    };
    for (size_t i = 0; i < sizeof damages / sizeof *damages; i++) {
        struct output_folder f;
        output_folder_make(&f);
        struct hints *h = open_table(&f, NONE);
        assert_int_equal(hints_gap(h).below, 0);
        assert_int_equal(add(h, 1), 0);
        hints_close(h);
        assert_int_equal(run_shell("cd '%s' && %s", f.dir, damages[i]), 0);
        h = open_table(&f, (struct hints_articles){.lowest = 1, .highest = 30000, .newest = DAY_US});
        assert_false(is_found(h, 1, 0));
        assert_int_equal(hints_gap(h).below, 30001);
        assert_true(hints_gap(h).since < 0);
        assert_true(size_of_table(&f) > 30000 * HINTS_KEYS * 8); /* room at once */
        assert_int_equal(hints_set_gap(h, (struct hints_gap){.below = 500, .since = 1000}), 0);
        hints_close(h);
        h = open_table(&f, (struct hints_articles){.lowest = 1, .highest = 30000, .newest = DAY_US});
        assert_int_equal(hints_gap(h).below, 500);
        assert_int_equal(hints_gap(h).since, 1000);
        hints_close(h);
        assert_int_not_equal(run_shell("ls '%s' | grep -q hints-", f.dir), 0);
        output_folder_remove(&f);
    }
}

/* As it is found when the machine went down: not closed, and by another start of it. */
static void after_a_power_cut_what_came_lately_is_to_be_added_again(void **state)
{
    (void)state;
    struct output_folder f;
    output_folder_make(&f);
    struct hints *h = open_table(&f, NONE);
    assert_int_equal(add(h, 1), 0);
    assert_int_equal(run_shell("cp '%s/hints' '%s/open'", f.dir, f.dir), 0);
    hints_close(h);
    assert_int_equal(run_shell("cd '%s' && mv open hints && LC_ALL=C sed -i "
                               "'s/[0-9a-f]\\{8\\}-[0-9a-f]\\{4\\}-/00000000-0000-/' hints",
                               f.dir), 0);
    h = open_table(&f, (struct hints_articles){.lowest = 1, .highest = 9, .newest = DAY_US});
    assert_true(is_found(h, 1, 0));
    assert_int_equal(hints_gap(h).below, 10);
    assert_true(hints_gap(h).since < DAY_US - 60000000 && hints_gap(h).since > DAY_US - 3600000000);
    hints_close(h);
    output_folder_remove(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(everything_is_found_while_the_table_grows),
        cmocka_unit_test(what_is_there_is_not_added_again),
        cmocka_unit_test(the_oldest_under_one_key_give_way),
        cmocka_unit_test(the_table_stops_growing_when_articles_expire),
        cmocka_unit_test(a_killed_process_leaves_what_it_added),
        cmocka_unit_test(a_table_that_is_none_of_this_index_is_made_anew),
        cmocka_unit_test(after_a_power_cut_what_came_lately_is_to_be_added_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* A sorted file of ids and its filter: every key is found, strangers are not. */
#include "tests/unit/unit.h"

#include "ingest/feeder_run.h"
#include "tests/unit/ingest/folder.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

static uint64_t mix(uint64_t x)
{
    x ^= x >> 31, x *= 0x9e3779b97f4a7c15u, x ^= x >> 29, x *= 0xbf58476d1ce4e5b9u;
    return x ^ x >> 32;
}

static struct feeder_key hash_of(uint64_t n)
{
    struct feeder_key key;
    uint64_t halves[2] = {mix(2 * n + 1), mix(2 * n + 2)};
    memcpy(&key, halves, sizeof key);
    return key;
}

static void a_filter_forgets_nothing(void **state)
{
    (void)state;
    static const struct {
        uint64_t keys;
        size_t most;
        double false_rate; /* at most */
    } rows[] = {
        {1,      1 << 20,   0.001},
        {100,    1 << 20,   0.02 },
        {200000, 1 << 20,   0.01 }, /* 12 bits a key */
        {200000, 200 << 10, 0.05 }, /* 8 */
        {200000, 110 << 10, 0.2  }, /* 4.5 */
        {200000, 90 << 10,  1    }, /* none is made */
        {0,      1 << 20,   1    },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct feeder_filter filter;
        uint64_t strangers = 0, asked = 100000;
        assert_int_equal(feeder_filter_make(rows[i].keys, rows[i].most, &filter), 0);
        assert_true(feeder_filter_bytes(&filter) <= rows[i].most);
        for (uint64_t n = 0; n < rows[i].keys; n++) {
            struct feeder_key key = hash_of(n);
            feeder_filter_add(&filter, &key);
        }
        for (uint64_t n = 0; n < rows[i].keys; n++) {
            struct feeder_key key = hash_of(n);
            assert_true(feeder_filter_may_hold(&filter, &key));
        }
        for (uint64_t n = 0; n < asked; n++) {
            struct feeder_key key = hash_of(1000000 + n);
            strangers += feeder_filter_may_hold(&filter, &key);
        }
        assert_true((double)strangers <= rows[i].false_rate * (double)asked);
        assert_true((strangers == asked) == (feeder_filter_bytes(&filter) == 0));
        feeder_filter_free(&filter);
    }
}

static int compare_keys(const void *a, const void *b)
{
    return memcmp(a, b, sizeof(struct feeder_key));
}

/* How keys lie: as hashes do, or as nobody's hashes do. */
static struct feeder_key key_of(uint64_t n, int way)
{
    struct feeder_key key = hash_of(n);
    if (way == 1) /* all alike but for the end */
        memset(key.bytes, 0xff, 10);
    if (way == 2) /* ever denser towards zero */
        memset(key.bytes, 0, n % 12);
    return key;
}

static int rename_run(int folder, uint32_t from, uint32_t to)
{
    char names[2][FEEDER_RUN_NAME_SIZE];
    feeder_run_name(from, names[0]);
    feeder_run_name(to, names[1]);
    return renameat(folder, names[0], folder, names[1]);
}

static void all_rows_are_found(void **state)
{
    (void)state;
    static const uint64_t counts[] = {0, 1, 127, 128, 129, 2048, 5000, 60000};
    char path[64];
    folder_make(path);
    int folder = open(path, O_RDONLY | O_DIRECTORY);
    for (int way = 0; way < 3; way++)
        for (size_t c = 0; c < sizeof counts / sizeof *counts; c++) {
            uint64_t count = counts[c];
            struct feeder_run_writer writer;
            struct feeder_run run, again;
            struct feeder_row *rows = calloc(count + 1, sizeof *rows), found;
            for (uint64_t n = 0; n < count; n++)
                rows[n] =
                    (struct feeder_row){.key = key_of(n, way), .seq = n + 1, .accepted_at = 5};
            qsort(rows, count, sizeof *rows, compare_keys);
            assert_int_equal(feeder_run_begin(folder, count, way == 1 ? 0 : 1 << 20, &writer), 0);
            for (uint64_t n = 0; n < count; n++)
                assert_int_equal(feeder_run_put(&writer, &rows[n]), 0);
            struct feeder_run_state says = {
                .number = 7, .joined = 3, .start = 1, .last = 9, .watermark = count + 1};
            assert_int_equal(feeder_run_finish(&writer, &says, &run), 0);
            feeder_run_abandon(&writer);
            assert_int_equal(feeder_run_open(folder, 7, 1 << 20, &again), 0);
            assert_memory_equal(&run.state, &again.state, sizeof run.state);
            assert_int_equal(run.state.rows, count);
            for (uint64_t n = 0; n < count + 1000; n++) {
                struct feeder_key key = key_of(n, way);
                int wanted = n < count ? FEEDER_IDS_OK : FEEDER_IDS_UNKNOWN;
                assert_int_equal(feeder_run_find(&run, &key, &found), wanted);
                assert_int_equal(feeder_run_find(&again, &key, &found), wanted);
                assert_true(n >= count || found.seq == n + 1);
            }
            struct feeder_run_reader reader = {.run = &again};
            const struct feeder_row *row;
            for (uint64_t n = 0; n < count; n++) {
                assert_int_equal(feeder_run_read(&reader, &row), FEEDER_IDS_OK);
                assert_memory_equal(row, &rows[n], sizeof *row);
            }
            assert_int_equal(feeder_run_read(&reader, &row), FEEDER_IDS_UNKNOWN);
            buffer_free(&reader.rows);
            feeder_run_close(&run);
            feeder_run_close(&again);
            free(rows);
        }
    struct feeder_run none;
    assert_int_equal(feeder_run_open(folder, 8, 1 << 20, &none), -ENOENT);
    assert_int_equal(rename_run(folder, 7, 8), 0);
    assert_int_equal(feeder_run_open(folder, 8, 1 << 20, &none), -EBADMSG); /* another's name */
    close(folder);
    folder_remove(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_filter_forgets_nothing),
        cmocka_unit_test(all_rows_are_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Ids of feeders: found again, in memory and from files, until they expire. */
#include "tests/unit/unit.h"

#include "ingest/feeder_ids.h"
#include "libcommon/fields.h"
#include "tests/unit/ingest/folder.h"

static const int64_t hour = (int64_t)3600 * 1000000;

static struct feeder_key key_of(const char *feeder, const char *id)
{
    struct buffer b = {0};
    struct feeder_key key;
    fields_put_string(&b, FIELD_FEEDER, feeder);
    fields_put_string(&b, FIELD_FEEDER_ID, id);
    assert_true(feeder_key(b.data, b.size, &key));
    buffer_free(&b);
    return key;
}

static struct feeder_key numbered(int i)
{
    char id[32];
    sprintf(id, "id-%d", i);
    return key_of("feeder", id);
}

static void checkpoint(struct feeder_ids *ids, uint64_t durable, int64_t now)
{
    assert_int_equal(feeder_ids_begin(ids, durable, now), 0);
    assert_int_equal(feeder_ids_run(ids), 0);
    feeder_ids_end(ids);
    assert_int_equal(feeder_ids_watermark(ids), durable + 1);
}

static void test_key(void **state)
{
    (void)state;
    struct feeder_key a = key_of("a", "bc"), b = key_of("ab", "c"), c = key_of("a", "bc");
    assert_memory_not_equal(&a, &b, sizeof a);
    assert_memory_equal(&a, &c, sizeof a);
    struct buffer none = {0};
    fields_put_string(&none, FIELD_FEEDER, "a");
    assert_false(feeder_key(none.data, none.size, &a));
    assert_false(feeder_key(NULL, 0, &a));
    buffer_free(&none);
}

static void test_find(void **state)
{
    (void)state;
    char folder[64];
    folder_make(folder);
    struct feeder_ids *ids;
    unsigned damaged;
    uint64_t seq = 0;
    int64_t now = 1000 * hour;
    enum { COUNT = 5000 };
    assert_int_equal(feeder_ids_open(folder, 24 * hour, &damaged, &ids), 0);
    assert_int_equal(feeder_ids_watermark(ids), 0);
    for (int i = 1; i <= COUNT; i++) {
        struct feeder_key key = numbered(i);
        assert_int_equal(feeder_ids_find(ids, &key, now, &seq), FEEDER_IDS_UNKNOWN);
        assert_int_equal(feeder_ids_add(ids, &key, (uint64_t)i, now), 0);
        assert_int_equal(feeder_ids_find(ids, &key, now, &seq), FEEDER_IDS_OK);
        assert_int_equal(seq, i);
    }
    checkpoint(ids, COUNT - 10, now); /* the last ten are not on disk yet */
    for (int i = 1; i <= COUNT; i++) {
        struct feeder_key key = numbered(i);
        assert_int_equal(feeder_ids_find(ids, &key, now, &seq), FEEDER_IDS_OK);
        assert_int_equal(seq, i);
    }
    feeder_ids_close(ids);
    assert_int_equal(feeder_ids_open(folder, 24 * hour, &damaged, &ids), 0);
    assert_int_equal(damaged, 0);
    assert_int_equal(feeder_ids_watermark(ids), COUNT - 9);
    for (int i = 1; i <= COUNT; i++) {
        struct feeder_key key = numbered(i);
        assert_int_equal(feeder_ids_find(ids, &key, now, &seq),
                         i <= COUNT - 10 ? FEEDER_IDS_OK : FEEDER_IDS_UNKNOWN);
    }
    feeder_ids_close(ids);
    folder_remove(folder);
}

static int count_files(const char *folder)
{
    char command[128];
    sprintf(command, "ls %s | grep -vc lock", folder);
    FILE *f = popen(command, "r");
    int n = 0;
    assert_int_equal(fscanf(f, "%d", &n), 1);
    pclose(f);
    return n;
}

static void test_expiry(void **state)
{
    (void)state;
    char folder[64];
    folder_make(folder);
    struct feeder_ids *ids;
    unsigned damaged;
    uint64_t seq;
    int64_t now = 1000 * hour;
    assert_int_equal(feeder_ids_open(folder, 24 * hour, &damaged, &ids), 0);
    for (int i = 1; i <= 100; i++, now += hour) {
        struct feeder_key key = numbered(i), old = numbered(i - 23), older = numbered(i - 25);
        assert_int_equal(feeder_ids_add(ids, &key, (uint64_t)i, now), 0);
        checkpoint(ids, (uint64_t)i, now);
        if (i > 25) {
            assert_int_equal(feeder_ids_find(ids, &old, now, &seq), FEEDER_IDS_OK);
            assert_int_equal(feeder_ids_find(ids, &older, now, &seq), FEEDER_IDS_UNKNOWN);
        }
        assert_true(count_files(folder) <= 4);
        if (i % 40 == 0) {
            feeder_ids_close(ids);
            assert_int_equal(feeder_ids_open(folder, 24 * hour, &damaged, &ids), 0);
        }
    }
    /* accepted again after it expired: the new number counts */
    struct feeder_key again = numbered(3);
    assert_int_equal(feeder_ids_add(ids, &again, 201, now), 0);
    checkpoint(ids, 201, now);
    assert_int_equal(feeder_ids_find(ids, &again, now, &seq), FEEDER_IDS_OK);
    assert_int_equal(seq, 201);
    /* a clock that jumps a day ahead and back loses nothing that is younger than the time kept */
    now += 12 * hour;
    struct feeder_key ahead = numbered(300);
    assert_int_equal(feeder_ids_add(ids, &ahead, 202, now), 0);
    checkpoint(ids, 202, now);
    now -= 12 * hour;
    assert_int_equal(feeder_ids_find(ids, &ahead, now, &seq), FEEDER_IDS_OK);
    assert_int_equal(feeder_ids_find(ids, &again, now, &seq), FEEDER_IDS_OK);
    /* a clock that was years ahead leaves nothing behind */
    checkpoint(ids, 203, now + 24 * 365 * hour);
    for (int i = 0; i < 60; i++)
        checkpoint(ids, 204 + (uint64_t)i, now + i * hour);
    assert_true(count_files(folder) <= 5);
    feeder_ids_close(ids);
    folder_remove(folder);
}

static void test_damaged_file(void **state)
{
    (void)state;
    char folder[64], path[128];
    folder_make(folder);
    struct feeder_ids *ids;
    unsigned damaged;
    uint64_t seq;
    int64_t now = 1000 * hour;
    struct feeder_key key = numbered(1);
    assert_int_equal(feeder_ids_open(folder, 24 * hour, &damaged, &ids), 0);
    assert_int_equal(feeder_ids_add(ids, &key, 1, now), 0);
    checkpoint(ids, 1, now);
    feeder_ids_close(ids);
    sprintf(path, "%s/ids-0000000001", folder);
    size_t size;
    char *data = file_read(path, &size);
    for (int way = 0; way < 3; way++) {
        size_t cut = way == 0 ? 100 : way == 1 ? 8192 : size;
        if (way == 2)
            memset(data, 'x', size);
        file_write(path, data, cut);
        assert_int_equal(feeder_ids_open(folder, 24 * hour, &damaged, &ids), 0);
        assert_int_equal(damaged, 1);
        assert_int_equal(feeder_ids_watermark(ids), 0);
        assert_int_equal(feeder_ids_find(ids, &key, now, &seq), FEEDER_IDS_UNKNOWN);
        feeder_ids_close(ids);
    }
    free(data);
    folder_remove(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_key),
        cmocka_unit_test(test_find),
        cmocka_unit_test(test_expiry),
        cmocka_unit_test(test_damaged_file),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

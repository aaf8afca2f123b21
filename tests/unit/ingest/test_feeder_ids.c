/* Ids of feeders: found again, in memory and from files, until they expire. */
#include "tests/unit/unit.h"

#include "ingest/feeder_ids.h"
#include "libcommon/fields.h"
#include "tests/unit/ingest/folder.h"

#include <lmdb.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

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
    sprintf(command, "ls %s | wc -l", folder);
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
        assert_true(count_files(folder) <= 12); /* three times, a few runs each */
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
    assert_true(count_files(folder) <= 12);
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
    sprintf(path, "%s/ids-0000000001.run", folder);
    size_t size;
    char *data = file_read(path, &size);
    for (size_t way = 0; way < size + 4; way++) { /* each byte, then cuts */
        static const size_t cuts[] = {0, 63, 64, 95};
        size_t cut = way < size ? size : cuts[way - size];
        if (way < size)
            data[way] ^= 0x10;
        file_write(path, data, cut);
        if (way < size)
            data[way] ^= 0x10;
        assert_int_equal(feeder_ids_open(folder, 24 * hour, &damaged, &ids), 0);
        assert_int_equal(damaged, 1);
        assert_int_equal(feeder_ids_watermark(ids), 0);
        assert_int_equal(feeder_ids_find(ids, &key, now, &seq), FEEDER_IDS_UNKNOWN);
        feeder_ids_close(ids);
    }
    free(data);
    folder_remove(folder);
}

/* Many checkpoints make few files, and whatever is killed between two of them, what the watermark
 * says is known. */
static void test_kills(void **state)
{
    (void)state;
    enum { ROUNDS = 25, EACH = 700, CHECKPOINT = 60 };
    char folder[64];
    folder_make(folder);
    int64_t now = 1000 * hour;
    uint64_t seq;
    unsigned damaged;
    int known = 0;
    for (int round = 0; round < ROUNDS; round++) {
        int fds[2];
        assert_int_equal(pipe(fds), 0);
        pid_t child = fork();
        assert_true(child >= 0);
        if (child == 0) {
            struct feeder_ids *ids;
            if (feeder_ids_open(folder, 24 * hour, &damaged, &ids) < 0 || damaged)
                _exit(1);
            for (int i = known + 1; i <= known + EACH; i++) {
                struct feeder_key key = numbered(i);
                if (feeder_ids_add(ids, &key, (uint64_t)i, now) < 0)
                    _exit(2);
                if (i % CHECKPOINT == 0) {
                    checkpoint(ids, (uint64_t)i, now);
                    if (write(fds[1], &i, sizeof i) != sizeof i)
                        _exit(3);
                }
            }
            pause();
        }
        close(fds[1]);
        int told = 0;
        for (int n = 0; n <= round % 10; n++) /* then in the middle of what comes next */
            assert_int_equal(read(fds[0], &told, sizeof told), sizeof told);
        assert_int_equal(kill(child, SIGKILL), 0);
        assert_int_equal(waitpid(child, NULL, 0), child);
        close(fds[0]);
        struct feeder_ids *ids;
        assert_int_equal(feeder_ids_open(folder, 24 * hour, &damaged, &ids), 0);
        assert_int_equal(damaged, 0);
        known = (int)feeder_ids_watermark(ids) - 1;
        assert_true(known >= told);
        for (int i = 1; i <= known + 50; i++) {
            struct feeder_key key = numbered(i);
            assert_int_equal(feeder_ids_find(ids, &key, now, &seq),
                             i <= known ? FEEDER_IDS_OK : FEEDER_IDS_UNKNOWN);
            assert_true(i > known || seq == (uint64_t)i);
        }
        feeder_ids_close(ids);
        assert_true(count_files(folder) <= 12);
    }
    folder_remove(folder);
}

/* A process that died after it joined runs, before it deleted them. */
static void test_joined_twice(void **state)
{
    (void)state;
    char folder[64], command[256];
    folder_make(folder);
    struct feeder_ids *ids;
    unsigned damaged;
    uint64_t seq;
    int64_t now = 1000 * hour;
    struct feeder_key a = numbered(1), b = numbered(2);
    assert_int_equal(feeder_ids_open(folder, 24 * hour, &damaged, &ids), 0);
    assert_int_equal(feeder_ids_add(ids, &a, 1, now), 0);
    checkpoint(ids, 1, now);
    sprintf(command, "cd %s && ln ids-0000000001.run kept", folder);
    assert_int_equal(system(command), 0);
    assert_int_equal(feeder_ids_add(ids, &a, 2, now), 0);
    assert_int_equal(feeder_ids_add(ids, &b, 3, now), 0);
    checkpoint(ids, 3, now);
    feeder_ids_close(ids);
    assert_int_equal(count_files(folder), 2);
    sprintf(command, "cd %s && mv kept ids-0000000001.run && echo x >unfinished", folder);
    assert_int_equal(system(command), 0);
    assert_int_equal(feeder_ids_open(folder, 24 * hour, &damaged, &ids), 0);
    assert_int_equal(damaged, 0);
    assert_int_equal(feeder_ids_find(ids, &a, now, &seq), FEEDER_IDS_OK);
    assert_int_equal(seq, 2);
    assert_int_equal(feeder_ids_find(ids, &b, now, &seq), FEEDER_IDS_OK);
    feeder_ids_close(ids);
    assert_int_equal(count_files(folder), 2);
    folder_remove(folder);
}

static void put(MDB_txn *txn, MDB_dbi table, const void *key, size_t key_size, const void *value,
                size_t size)
{
    MDB_val k = {key_size, (void *)(uintptr_t)key}, v = {size, (void *)(uintptr_t)value};
    assert_int_equal(mdb_put(txn, table, &k, &v, 0), 0);
}

/* As versions before runs wrote it. */
static void write_old_file(const char *folder, int number, int first, int last, int64_t now)
{
    char path[128];
    MDB_env *env;
    MDB_txn *txn;
    MDB_dbi table;
    sprintf(path, "%s/ids-%010d", folder, number);
    assert_int_equal(mdb_env_create(&env), 0);
    assert_int_equal(mdb_env_set_mapsize(env, 16 << 20), 0);
    assert_int_equal(mdb_env_open(env, path, MDB_NOSUBDIR, 0640), 0);
    assert_int_equal(mdb_txn_begin(env, NULL, 0, &txn), 0);
    assert_int_equal(mdb_dbi_open(txn, NULL, 0, &table), 0);
    for (int i = first; i <= last; i++) {
        struct feeder_key key = numbered(i);
        uint64_t found[2] = {(uint64_t)i, (uint64_t)now};
        put(txn, table, &key, sizeof key, found, sizeof found);
    }
    uint64_t says[3] = {(uint64_t)now, (uint64_t)now, (uint64_t)last + 1};
    put(txn, table, "state", 6, says, sizeof says);
    assert_int_equal(mdb_txn_commit(txn), 0);
    mdb_env_close(env);
}

static void test_upgrade(void **state)
{
    (void)state;
    char folder[64], path[128];
    folder_make(folder);
    struct feeder_ids *ids;
    unsigned damaged;
    uint64_t seq;
    int64_t now = 1000 * hour;
    write_old_file(folder, 4, 1, 3000, now - 13 * hour);
    write_old_file(folder, 5, 3001, 4000, now - hour);
    sprintf(path, "%s/ids-0000000003", folder);
    file_write(path, "nonsense", 8);
    sprintf(path, "%s/ids-0000000006", folder);
    file_write(path, "", 0); /* made, and nothing written when the process died */
    for (int round = 0; round < 2; round++) {
        assert_int_equal(feeder_ids_open(folder, 24 * hour, &damaged, &ids), 0);
        assert_int_equal(damaged, round == 0);
        assert_int_equal(feeder_ids_watermark(ids), 4001);
        for (int i = 1; i <= 5000; i++) {
            struct feeder_key key = numbered(i);
            assert_int_equal(feeder_ids_find(ids, &key, now, &seq),
                             i <= 4000 ? FEEDER_IDS_OK : FEEDER_IDS_UNKNOWN);
            assert_true(i > 4000 || seq == (uint64_t)i);
        }
        feeder_ids_close(ids);
        assert_int_equal(count_files(folder), 3); /* two runs, what is damaged */
    }
    folder_remove(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_key),     cmocka_unit_test(test_find),
        cmocka_unit_test(test_expiry),  cmocka_unit_test(test_damaged_file),
        cmocka_unit_test(test_kills),   cmocka_unit_test(test_joined_twice),
        cmocka_unit_test(test_upgrade),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

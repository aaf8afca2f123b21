/* The progress file: any one slot may be lost. */
#include "tests/unit/unit.h"

#include "ingest/progress.h"
#include "tests/unit/ingest/folder.h"

static int open_file(const char *folder, char *path)
{
    sprintf(path, "%s/progress", folder);
    int fd = open(path, O_RDWR | O_CREAT, 0644);
    assert_true(fd >= 0);
    return fd;
}

static void test_round(void **state)
{
    (void)state;
    char folder[64], path[128];
    folder_make(folder);
    int fd = open_file(folder, path);
    struct progress p, q;
    assert_int_equal(progress_read(fd, &q), PROGRESS_EMPTY);
    p = (struct progress){
        .spool = 7, .floor = 10, .durable = 20, .reserved = 30, .accepted = 5, .clean = true};
    p.states[12] = PROGRESS_COMMITTED;
    p.states[MESSAGE_SPAN - 1] = 3;
    assert_int_equal(progress_write(fd, &p), 0);
    p.floor = 11;
    assert_int_equal(progress_write(fd, &p), 0);
    assert_int_equal(progress_read(fd, &q), PROGRESS_OK);
    assert_memory_equal(&p, &q, sizeof p);
    assert_int_equal(q.writes, 2);

    /* each byte of the later slot flipped: the earlier counts, with numbers to spare */
    size_t size;
    char *data = file_read(path, &size);
    assert_int_equal(size, PROGRESS_FILE_SIZE);
    for (size_t i = 0; i < PROGRESS_SLOT_SIZE; i += i < 80 ? 1 : 997) {
        char old = data[i];
        data[i] = (char)~old;
        file_write(path, data, size);
        assert_int_equal(progress_read(fd, &q), PROGRESS_OK);
        assert_int_equal(q.floor, 10);
        assert_int_equal(q.reserved, 30 + PROGRESS_RESERVE);
        assert_false(q.clean);
        data[i] = old;
    }
    /* both */
    data[8] ^= 1;
    data[PROGRESS_SLOT_SIZE + 8] ^= 1;
    file_write(path, data, size);
    assert_int_equal(progress_read(fd, &q), PROGRESS_LOST);
    /* cut anywhere */
    data[8] ^= 1;
    data[PROGRESS_SLOT_SIZE + 8] ^= 1;
    for (size_t cut = 0; cut < size; cut += 499) {
        file_write(path, data, cut);
        int r = progress_read(fd, &q);
        assert_int_equal(r, cut == 0                   ? PROGRESS_EMPTY
                            : cut < PROGRESS_SLOT_SIZE ? PROGRESS_LOST
                                                       : PROGRESS_OK);
    }
    /* and written again after a cut */
    file_write(path, data, 100);
    p.writes = 2;
    assert_int_equal(progress_write(fd, &p), 0);
    assert_int_equal(progress_write(fd, &p), 0);
    assert_int_equal(progress_read(fd, &q), PROGRESS_OK);
    assert_int_equal(q.writes, 4);
    free(data);
    close(fd);
    folder_remove(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_round),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

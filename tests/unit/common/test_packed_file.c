/* Packed files, read whole and by lines: every packing, pipes, damage in the middle, lines of any
 * length. */
#include "tests/unit/unit.h"
#include "libcommon/line_reader.h"
#include "libcommon/packed_file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

static int file_of(const void *data, size_t size)
{
    char name[] = "/tmp/khabar-test-XXXXXX";
    int fd = mkstemp(name);
    assert_true(fd >= 0);
    unlink(name);
    assert_true(write(fd, data, size) == (ssize_t)size);
    assert_true(lseek(fd, 0, SEEK_SET) == 0);
    return fd;
}

/* Appends a gzip member of the text. */
static size_t member(const char *text, char *out, size_t room)
{
    z_stream z = {0};
    assert_int_equal(deflateInit2(&z, 6, Z_DEFLATED, 31, 8, Z_DEFAULT_STRATEGY), Z_OK);
    z.next_in = (Bytef *)(uintptr_t)text;
    z.avail_in = (unsigned)strlen(text);
    z.next_out = (Bytef *)out;
    z.avail_out = (unsigned)room;
    assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
    size_t size = z.total_out;
    deflateEnd(&z);
    return size;
}

static void expect_all(int fd, const char *name, const char *text)
{
    struct packed_file *f;
    char got[1000];
    size_t size = 0, n;
    assert_int_equal(packed_file_new(fd, name, &f), 0);
    do {
        assert_int_equal(packed_file_read(f, got + size, 7, &n), PACKED_OK);
        size += n;
    } while (n);
    assert_int_equal(size, strlen(text));
    assert_memory_equal(got, text, size);
    assert_null(packed_file_free(f));
    close(fd);
}

static void unpacks_what_it_recognises(void **state)
{
    (void)state;
    static const char brotli[] = {(char)0x8f, 0x02, (char)0x80, 'k', 'h', 'a', 'b', 'a', 'r', 0x03};
    char packed[500];
    size_t size = member("one and ", packed, sizeof packed);
    size += member("two", packed + size, sizeof packed - size);
    expect_all(file_of(packed, size), "a.gz", "one and two");
    expect_all(file_of(packed, size), NULL, "one and two");
    expect_all(file_of("plain", 5), "a.gz", "plain");
    expect_all(file_of("", 0), "a.gz", "");
    expect_all(file_of(brotli, sizeof brotli), "a.html.br", "khabar");
}

static void tells_a_cut_and_goes_on_at_the_next_member(void **state)
{
    (void)state;
    char packed[500], got[100];
    size_t n, first = member("the first of three", packed, sizeof packed);
    size_t second = member("the second of three, spoilt", packed + first, sizeof packed - first);
    memset(packed + first + 12, 0xff, 8);
    size_t size = first + second +
                  member("the third", packed + first + second, sizeof packed - first - second);
    int fd = file_of(packed, size);
    struct packed_file *f;
    assert_int_equal(packed_file_new(fd, NULL, &f), 0);
    size_t total = 0;
    int r;
    while ((r = packed_file_read(f, got + total, sizeof got - total, &n)) == PACKED_OK && n)
        total += n;
    assert_int_equal(r, PACKED_DAMAGED);
    assert_memory_equal(got, "the first of three", 18);
    assert_int_equal(packed_file_resume(f), 1);
    assert_int_equal(packed_file_read(f, got, sizeof got, &n), PACKED_OK);
    assert_int_equal(n, 9);
    assert_memory_equal(got, "the third", 9);
    packed_file_free(f);
    close(fd);

    fd = file_of(packed, first - 4);
    assert_int_equal(packed_file_new(fd, NULL, &f), 0);
    while ((r = packed_file_read(f, got, sizeof got, &n)) == PACKED_OK && n)
        ;
    assert_int_equal(r, PACKED_DAMAGED);
    assert_int_equal(packed_file_resume(f), 0);
    packed_file_free(f);
    close(fd);
}

static void a_bomb_is_told(void **state)
{
    (void)state;
    char name[] = "/tmp/khabar-test-XXXXXX";
    int fd = mkstemp(name), r;
    unlink(name);
    gzFile gz = gzdopen(dup(fd), "wb9");
    static char zeros[1 << 20];
    for (int i = 0; i < 200; i++)
        assert_int_equal(gzwrite(gz, zeros, sizeof zeros), sizeof zeros);
    gzclose(gz);
    lseek(fd, 0, SEEK_SET);
    struct packed_file *f;
    size_t n, total = 0;
    assert_int_equal(packed_file_new(fd, NULL, &f), 0);
    while ((r = packed_file_read(f, zeros, sizeof zeros, &n)) == PACKED_OK && n)
        total += n;
    assert_int_equal(r, PACKED_BOMB);
    assert_true(total < 100 << 20);
    packed_file_free(f);
    close(fd);
}

static void a_pipe_gives_what_it_has(void **state)
{
    (void)state;
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(write(ends[1], "first\nsec", 9), 9);
    struct packed_file *f;
    struct line_reader lines = {0};
    const char *line;
    size_t size;
    assert_int_equal(packed_file_new(ends[0], NULL, &f), 0);
    lines.file = f;
    assert_int_equal(line_reader_next(&lines, 100, &line, &size),
                     LINE_OK); /* would hang if it waited for more */
    assert_int_equal(size, 5);
    assert_int_equal(write(ends[1], "ond", 3), 3);
    close(ends[1]);
    assert_int_equal(line_reader_next(&lines, 100, &line, &size), LINE_OK);
    assert_int_equal(size, 6);
    assert_memory_equal(line, "second", 6);
    assert_int_equal(line_reader_next(&lines, 100, &line, &size), LINE_END);
    line_reader_free(&lines);
    packed_file_free(f);
    close(ends[0]);
}

static void lines_of_any_length(void **state)
{
    (void)state;
    enum { LONG_SIZE = 300000 };
    static char data[LONG_SIZE + 100];
    size_t at = (size_t)sprintf(data, "a\n\nbc\r\n");
    memset(data + at, 'x', LONG_SIZE);
    at += LONG_SIZE;
    at += (size_t)sprintf(data + at, "\nlast");
    int fd = file_of(data, at);
    struct packed_file *f;
    struct line_reader lines = {0};
    const char *line;
    size_t size;
    static const size_t sizes[] = {1, 0, 3, 1001, 4};
    assert_int_equal(packed_file_new(fd, NULL, &f), 0);
    lines.file = f;
    for (size_t i = 0; i < 5; i++) {
        assert_int_equal(line_reader_next(&lines, 1000, &line, &size), LINE_OK);
        assert_int_equal(size, sizes[i]);
    }
    assert_memory_equal(line, "last", 4);
    assert_int_equal(line_reader_next(&lines, 1000, &line, &size), LINE_END);
    line_reader_free(&lines);
    packed_file_free(f);
    close(fd);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(unpacks_what_it_recognises),
        cmocka_unit_test(tells_a_cut_and_goes_on_at_the_next_member),
        cmocka_unit_test(a_bomb_is_told),
        cmocka_unit_test(a_pipe_gives_what_it_has),
        cmocka_unit_test(lines_of_any_length),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

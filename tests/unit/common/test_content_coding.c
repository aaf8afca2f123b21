/* Content codings: what each tool packs is unpacked, whole and byte by byte; bombs, cuts and noise
 * are told. */
#include "tests/unit/unit.h"
#include "libcommon/content_coding.h"

#include <stdlib.h>
#include <string.h>
#include <zlib.h>
#include <zstd.h>

enum { TEXT_SIZE = 300000 };

static char text[TEXT_SIZE];

static const struct content_limits wide = {TEXT_SIZE * 10, CONTENT_RATIO};

static int make_text(void **state)
{
    (void)state;
    unsigned chance = 1;
    for (size_t i = 0; i < TEXT_SIZE; i++) {
        chance = chance * 1103515245 + 12345;
        text[i] = (char)('a' + (chance >> 16) % 20);
    }
    return 0;
}

/* wbits as zlib has it: 31 gzip, 15 deflate, -15 the bare form. */
static size_t pack_zlib(int wbits, const char *data, size_t size, char *out, size_t room)
{
    z_stream z = {0};
    assert_int_equal(deflateInit2(&z, 6, Z_DEFLATED, wbits, 8, Z_DEFAULT_STRATEGY), Z_OK);
    z.next_in = (Bytef *)(uintptr_t)data;
    z.avail_in = (unsigned)size;
    z.next_out = (Bytef *)out;
    z.avail_out = (unsigned)room;
    assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
    size_t packed = z.total_out;
    deflateEnd(&z);
    return packed;
}

static void expect_text(const char *codings, const char *packed, size_t size)
{
    struct buffer out = {0};
    buffer_append_string(&out, "before");
    assert_int_equal(content_decode(codings, packed, size, &wide, &out), CODING_OK);
    assert_int_equal(out.size, 6 + TEXT_SIZE);
    assert_memory_equal(out.data + 6, text, TEXT_SIZE);
    buffer_free(&out);
}

static void undoes_gzip_and_both_forms_of_deflate(void **state)
{
    (void)state;
    static char packed[TEXT_SIZE * 2];
    size_t size = pack_zlib(31, text, TEXT_SIZE, packed, sizeof packed);
    expect_text("gzip", packed, size);
    expect_text("X-GZip", packed, size);
    expect_text(" identity , gzip", packed, size);
    expect_text("deflate", packed, pack_zlib(15, text, TEXT_SIZE, packed, sizeof packed));
    expect_text("deflate", packed, pack_zlib(-15, text, TEXT_SIZE, packed, sizeof packed));
    expect_text("identity", text, TEXT_SIZE);
    expect_text("", text, TEXT_SIZE);
}

static void undoes_members_and_frames_in_a_row(void **state)
{
    (void)state;
    static char packed[TEXT_SIZE * 2];
    size_t half = TEXT_SIZE / 2;
    size_t size = pack_zlib(31, text, half, packed, sizeof packed);
    size += pack_zlib(31, text + half, TEXT_SIZE - half, packed + size, sizeof packed - size);
    expect_text("gzip", packed, size);
    size = ZSTD_compress(packed, sizeof packed, text, half, 3);
    size += ZSTD_compress(packed + size, sizeof packed - size, text + half, TEXT_SIZE - half, 3);
    expect_text("zstd", packed, size);
}

static void undoes_codings_over_codings(void **state)
{
    (void)state;
    static char once[TEXT_SIZE * 2], twice[TEXT_SIZE * 2];
    size_t size = pack_zlib(31, text, TEXT_SIZE, once, sizeof once);
    size = ZSTD_compress(twice, sizeof twice, once, size, 3);
    expect_text("gzip, zstd", twice, size);
    struct buffer out = {0};
    assert_int_equal(content_decode("gzip,gzip,gzip,gzip", twice, size, &wide, &out),
                     CODING_UNKNOWN);
    assert_int_equal(content_decode("compress", twice, size, &wide, &out), CODING_UNKNOWN);
    assert_int_equal(out.size, 0);
    buffer_free(&out);
}

static void undoes_brotli(void **state)
{
    (void)state;
    /* printf khabar | brotli */
    static const char packed[] = {(char)0x8f, 0x02, (char)0x80, 'k', 'h', 'a', 'b', 'a', 'r', 0x03};
    struct buffer out = {0};
    assert_int_equal(content_decode("br", packed, sizeof packed, &wide, &out), CODING_OK);
    assert_int_equal(out.size, 6);
    assert_memory_equal(out.data, "khabar", 6);
    buffer_clear(&out);
    assert_int_equal(content_decode("br", packed, sizeof packed - 2, &wide, &out), CODING_DAMAGED);
    assert_int_equal(out.size, 0);
    buffer_free(&out);
}

static void tells_damage_and_cuts(void **state)
{
    (void)state;
    static char packed[TEXT_SIZE * 2];
    struct buffer out = {0};
    size_t size = pack_zlib(31, text, TEXT_SIZE, packed, sizeof packed);
    for (size_t cut = 0; cut < size; cut += 997)
        assert_int_equal(content_decode("gzip", packed, cut ? cut : 1, &wide, &out),
                         CODING_DAMAGED);
    packed[size / 2] ^= 0x55;
    assert_int_equal(content_decode("gzip", packed, size, &wide, &out), CODING_DAMAGED);
    size = pack_zlib(15, text, TEXT_SIZE, packed, sizeof packed);
    packed[size] = 'x'; /* something follows */
    assert_int_equal(content_decode("deflate", packed, size + 1, &wide, &out), CODING_DAMAGED);
    assert_int_equal(content_decode("zstd", text, TEXT_SIZE, &wide, &out), CODING_DAMAGED);
    assert_int_equal(out.size, 0);
    buffer_free(&out);
}

static void stops_bombs(void **state)
{
    (void)state;
    static char packed[1 << 20];
    size_t size = 64 << 20;
    char *zeros = calloc(1, size);
    struct buffer out = {0};
    size_t small = pack_zlib(31, zeros, size, packed, sizeof packed);
    struct content_limits by_size = {1 << 20, 100000}, by_ratio = {1 << 30, 100};
    assert_int_equal(content_decode("gzip", packed, small, &by_size, &out), CODING_TOO_LARGE);
    assert_true(out.capacity < 4 << 20);
    assert_int_equal(content_decode("gzip", packed, small, &by_ratio, &out), CODING_TOO_LARGE);
    assert_true(out.capacity < 16 << 20);
    assert_int_equal(content_decode("identity", zeros, size, &by_size, &out), CODING_TOO_LARGE);
    free(zeros);
    buffer_free(&out);
}

static void gives_the_same_byte_by_byte(void **state)
{
    (void)state;
    static char packed[TEXT_SIZE * 2];
    size_t size = pack_zlib(31, text, 5000, packed, sizeof packed), total = 0;
    struct content_decoder *d;
    assert_int_equal(content_decoder_new(CODING_GZIP, &d), 0);
    for (size_t i = 0; i < size; i++) {
        const char *in = packed + i;
        size_t left = 1, got;
        char out[16];
        do {
            assert_int_equal(content_decoder_run(d, &in, &left, out, sizeof out, &got), CODING_OK);
            assert_memory_equal(out, text + total, got);
            total += got;
        } while (got);
        assert_int_equal(left, 0);
    }
    assert_int_equal(total, 5000);
    assert_true(content_decoder_complete(d));
    assert_null(content_decoder_free(d));
}

static void every_coding_has_a_name(void **state)
{
    (void)state;
    for (int i = 0; i < CODINGS; i++) {
        const char *name = content_coding_name(i);
        enum content_coding coding;
        assert_int_equal(content_coding_from_name(name, strlen(name), &coding), CODING_OK);
        assert_int_equal(coding, i);
    }
    assert_null(content_coding_name(CODINGS));
    assert_int_equal(content_coding_of_bytes("\x28\xb5\x2f\xfd", 4), CODING_ZSTD);
    assert_int_equal(content_coding_of_bytes("\x1f\x8b", 2), CODING_IDENTITY);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(undoes_gzip_and_both_forms_of_deflate),
        cmocka_unit_test(undoes_members_and_frames_in_a_row),
        cmocka_unit_test(undoes_codings_over_codings),
        cmocka_unit_test(undoes_brotli),
        cmocka_unit_test(tells_damage_and_cuts),
        cmocka_unit_test(stops_bombs),
        cmocka_unit_test(gives_the_same_byte_by_byte),
        cmocka_unit_test(every_coding_has_a_name),
    };
    return cmocka_run_group_tests(tests, make_text, NULL);
}

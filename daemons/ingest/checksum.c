/* CRC32C, by instruction or by table. */
#include "ingest/checksum.h"

#include <string.h>
#ifdef __x86_64__
#include <immintrin.h>
#endif

/* One byte at a time with a table of 16: small rather than fast, for processors without the
 * instruction. */
uint32_t checksum_portable(uint32_t crc, const void *data, size_t size)
{
    static const uint32_t nibbles[16] = {
        0x00000000, 0x105ec76f, 0x20bd8ede, 0x30e349b1, 0x417b1dbc, 0x5125dad3,
        0x61c69362, 0x7198540d, 0x82f63b78, 0x92a8fc17, 0xa24bb5a6, 0xb21572c9,
        0xc38d26c4, 0xd3d3e1ab, 0xe330a81a, 0xf36e6f75,
    };
    const unsigned char *at = data;
    crc = ~crc;
    while (size--) {
        crc ^= *at++;
        crc = crc >> 4 ^ nibbles[crc & 15];
        crc = crc >> 4 ^ nibbles[crc & 15];
    }
    return ~crc;
}

#ifdef __x86_64__
static inline uint64_t word_at(const unsigned char *at)
{
    uint64_t word;
    memcpy(&word, at, sizeof word);
    return word;
}

__attribute__((target("sse4.2"))) static uint32_t checksum_sse(uint32_t crc, const void *data,
                                                               size_t size)
{
    const unsigned char *at = data;
    uint64_t sum = (uint32_t)~crc;
    for (; size >= 8; size -= 8, at += 8)
        sum = _mm_crc32_u64(sum, word_at(at));
    while (size--)
        sum = _mm_crc32_u8((uint32_t)sum, *at++);
    return ~(uint32_t)sum;
}

enum { LANE = 512, BLOCK = 3 * LANE + 8 };

/* A sum as it is behind so many bits more: its product with x to that power, less the 33 that the
 * instruction adds, modulo the polynomial; bit-reflected. */
static const uint64_t behind_two_lanes = 0xfe314258; /* x^(8 (2 LANE + 8) - 33) */
static const uint64_t behind_one_lane = 0xbd6f81f8;  /* x^(8 (LANE + 8) - 33) */

/* Each instruction waits for the one before it, for three times as long as it takes: so three sums
 * go side by side, and are joined by a multiplication without carry (Gopal and others, Intel 2011).
 */
__attribute__((target("sse4.2,pclmul"))) static uint32_t
checksum_lanes(uint32_t crc, const void *data, size_t size)
{
    const unsigned char *at = data;
    for (; size >= BLOCK; size -= BLOCK, at += BLOCK) {
        uint64_t first = (uint32_t)~crc, second = 0, third = 0;
        for (const unsigned char *end = at + LANE; at < end; at += 8) {
            first = _mm_crc32_u64(first, word_at(at));
            second = _mm_crc32_u64(second, word_at(at + LANE));
            third = _mm_crc32_u64(third, word_at(at + 2 * LANE));
        }
        at -= LANE;
        __m128i joined =
            _mm_xor_si128(_mm_clmulepi64_si128(_mm_cvtsi64_si128((int64_t)first),
                                               _mm_cvtsi64_si128((int64_t)behind_two_lanes), 0),
                          _mm_clmulepi64_si128(_mm_cvtsi64_si128((int64_t)second),
                                               _mm_cvtsi64_si128((int64_t)behind_one_lane), 0));
        crc = ~(uint32_t)_mm_crc32_u64(third, word_at(at + 3 * LANE) ^
                                                  (uint64_t)_mm_cvtsi128_si64(joined));
    }
    return checksum_sse(crc, at, size);
}
#endif

uint32_t checksum(uint32_t crc, const void *data, size_t size)
{
#ifdef __x86_64__
    if (__builtin_cpu_supports("sse4.2"))
        return size >= BLOCK && __builtin_cpu_supports("pclmul") ? checksum_lanes(crc, data, size)
                                                                 : checksum_sse(crc, data, size);
#endif
    return checksum_portable(crc, data, size);
}

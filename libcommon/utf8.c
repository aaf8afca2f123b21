/* UTF-8 as bytes. */
#include "libcommon/utf8.h"

#include <string.h>
#ifdef __SSE2__
#include <emmintrin.h>

/* Where a run of well-formed sequences of one and two bytes ends; may stop early, never inside a
 * sequence. */
static size_t skip_short(const unsigned char *p, size_t at, size_t size)
{
    while (size - at >= 16) {
        __m128i v = _mm_loadu_si128((const __m128i *)(p + at));
        __m128i tail = _mm_cmplt_epi8(v, _mm_set1_epi8((char)0xc0));
        __m128i lead = _mm_and_si128(_mm_cmpgt_epi8(v, _mm_set1_epi8((char)0xc1)),
                                     _mm_cmplt_epi8(v, _mm_set1_epi8((char)0xe0)));
        unsigned negative = (unsigned)_mm_movemask_epi8(v),
                 tails = (unsigned)_mm_movemask_epi8(tail),
                 leads = (unsigned)_mm_movemask_epi8(lead);
        unsigned bad = ((leads << 1 & 0xffff) ^ tails) | (negative & ~leads & ~tails);
        unsigned cut = leads >> 15; /* the last lead's tail is in the next block */
        if (bad) {
            unsigned good = (unsigned)__builtin_ctz(bad);
            return at + good - (good && leads >> (good - 1) & 1);
        }
        at += 16 - cut;
    }
    return at;
}
#else
static size_t skip_short(const unsigned char *p, size_t at, size_t size)
{
    (void)p;
    (void)size;
    return at;
}
#endif

size_t utf8_valid_prefix(const char *text, size_t size)
{
    const unsigned char *p = (const unsigned char *)text;
    size_t at = 0;
    unsigned unaided = 0;
    while (at < size) {
        if (unaided++ % 8 == 0) {
            at = skip_short(p, at, size);
            if (at == size)
                break;
        }
        if (size - at >= 8) { /* eight ASCII bytes at a time */
            uint64_t word;
            memcpy(&word, p + at, 8);
            if (!(word & 0x8080808080808080u)) {
                at += 8;
                continue;
            }
        }
        unsigned char c = p[at];
        if (c < 0x80) {
            at++;
            continue;
        }
        size_t more;
        unsigned char low = 0x80, high = 0xbf; /* range of the second byte */
        if (c >= 0xc2 && c <= 0xdf) {
            more = 1;
        } else if (c >= 0xe0 && c <= 0xef) {
            more = 2;
            if (c == 0xe0)
                low = 0xa0;
            if (c == 0xed)
                high = 0x9f;
        } else if (c >= 0xf0 && c <= 0xf4) {
            more = 3;
            if (c == 0xf0)
                low = 0x90;
            if (c == 0xf4)
                high = 0x8f;
        } else {
            return at;
        }
        if (size - at <= more || p[at + 1] < low || p[at + 1] > high)
            return at;
        for (size_t i = 2; i <= more; i++)
            if ((p[at + i] & 0xc0) != 0x80)
                return at;
        at += more + 1;
    }
    return at;
}

bool utf8_valid(const char *text, size_t size)
{
    return utf8_valid_prefix(text, size) == size;
}

/* Eight bytes at a time: each byte of sum counts those of its place that begin a character. */
size_t utf8_count(const char *text, size_t size)
{
    const uint64_t ones = 0x0101010101010101u;
    size_t count = 0, i = 0;
    while (size - i >= 8) {
        uint64_t sum = 0, word;
        for (unsigned rounds = 0; rounds < 255 && size - i >= 8; rounds++, i += 8) {
            memcpy(&word, text + i, 8);
            sum += (~(word >> 7) | word >> 6) & ones;
        }
        uint64_t pairs = (sum & 0x00ff00ff00ff00ffu) + (sum >> 8 & 0x00ff00ff00ff00ffu);
        count += pairs * 0x0001000100010001u >> 48;
    }
    for (; i < size; i++)
        count += ((unsigned char)text[i] & 0xc0) != 0x80;
    return count;
}

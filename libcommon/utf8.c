/* UTF-8 as bytes. */
#include "libcommon/utf8.h"

#include <string.h>

size_t utf8_valid_prefix(const char *text, size_t size)
{
    const unsigned char *p = (const unsigned char *)text;
    size_t at = 0;
    while (at < size) {
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

size_t utf8_count(const char *text, size_t size)
{
    size_t count = 0;
    for (size_t i = 0; i < size; i++)
        count += ((unsigned char)text[i] & 0xc0) != 0x80;
    return count;
}

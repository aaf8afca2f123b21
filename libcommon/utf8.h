/* UTF-8 as bytes: validation, stepping and counting; Unicode 15, section 3.9, table 3-7. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Whether the bytes are well-formed UTF-8. */
bool utf8_valid(const char *text, size_t size);

/* Number of bytes, from the start, that are well-formed. */
size_t utf8_valid_prefix(const char *text, size_t size);

/* Number of code points in well-formed text. */
size_t utf8_count(const char *text, size_t size);

/* The code point at *at of well-formed text, and *at moved behind it; *at < size must hold. */
static inline uint32_t utf8_next(const char *text, size_t *at)
{
    const unsigned char *p = (const unsigned char *)text + *at;
    if (p[0] < 0x80) {
        *at += 1;
        return p[0];
    }
    if (p[0] < 0xe0) {
        *at += 2;
        return (uint32_t)(p[0] & 0x1f) << 6 | (p[1] & 0x3f);
    }
    if (p[0] < 0xf0) {
        *at += 3;
        return (uint32_t)(p[0] & 0x0f) << 12 | (uint32_t)(p[1] & 0x3f) << 6 | (p[2] & 0x3f);
    }
    *at += 4;
    return (uint32_t)(p[0] & 0x07) << 18 | (uint32_t)(p[1] & 0x3f) << 12 |
           (uint32_t)(p[2] & 0x3f) << 6 | (p[3] & 0x3f);
}

/* The last code point of well-formed text; size > 0 must hold. */
static inline uint32_t utf8_last(const char *text, size_t size)
{
    size_t at = size - 1;
    while (at && ((unsigned char)text[at] & 0xc0) == 0x80)
        at--;
    return utf8_next(text, &at);
}

/* Writes a code point (a Unicode scalar value) to out, which has room for 4 bytes; returns its
 * size. */
static inline size_t utf8_put(uint32_t c, char *out)
{
    if (c < 0x80) {
        out[0] = (char)c;
        return 1;
    }
    if (c < 0x800) {
        out[0] = (char)(0xc0 | c >> 6);
        out[1] = (char)(0x80 | (c & 0x3f));
        return 2;
    }
    if (c < 0x10000) {
        out[0] = (char)(0xe0 | c >> 12);
        out[1] = (char)(0x80 | (c >> 6 & 0x3f));
        out[2] = (char)(0x80 | (c & 0x3f));
        return 3;
    }
    out[0] = (char)(0xf0 | c >> 18);
    out[1] = (char)(0x80 | (c >> 12 & 0x3f));
    out[2] = (char)(0x80 | (c >> 6 & 0x3f));
    out[3] = (char)(0x80 | (c & 0x3f));
    return 4;
}

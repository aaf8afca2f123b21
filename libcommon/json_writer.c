/* JSON straight into a buffer. */
#include "libcommon/json_writer.h"

#include <math.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void comma(struct buffer *b)
{
    if (!b->size)
        return;
    switch (b->data[b->size - 1]) {
    case '{':
    case '[':
    case ':':
    case '\n':
        return;
    default: /* no value ends in one of these: strings end in a quotation mark */
        buffer_append_char(b, ',');
    }
}

void json_open_object(struct buffer *b)
{
    comma(b);
    buffer_append_char(b, '{');
}

void json_close_object(struct buffer *b)
{
    buffer_append_char(b, '}');
}

void json_open_array(struct buffer *b)
{
    comma(b);
    buffer_append_char(b, '[');
}

void json_close_array(struct buffer *b)
{
    buffer_append_char(b, ']');
}

void json_put_key(struct buffer *b, const char *key)
{
    size_t size = strlen(key);
    comma(b);
    buffer_reserve(b, size + 3);
    buffer_append_char(b, '"');
    buffer_append(b, key, size);
    buffer_append(b, "\":", 2);
}

/* Lead bytes of U+0085 NEXT LINE, U+2028 LINE SEPARATOR and U+2029 PARAGRAPH SEPARATOR, which may
 * stand in JSON, but which some readers of lines take for the end of one. */
enum { LEAD_2 = 0xc2, LEAD_3 = 0xe2 };

/* Number of bytes, from the start, that stand in a JSON string as they are. */
static size_t plain_prefix(const char *text, size_t size)
{
    const uint64_t ones = 0x0101010101010101u, tops = 0x8080808080808080u;
    size_t at = 0;
    for (; size - at >= 8; at += 8) {
        uint64_t word;
        memcpy(&word, text + at, 8);
        uint64_t quote = word ^ (ones * '"'), backslash = word ^ (ones * '\\');
        uint64_t two = word ^ (ones * LEAD_2), three = word ^ (ones * LEAD_3);
        /* a top bit is set for each byte below 0x20 or equal to one of the four */
        uint64_t special = ((word - ones * 0x20) & ~word) | ((quote - ones) & ~quote) |
                           ((backslash - ones) & ~backslash) | ((two - ones) & ~two) |
                           ((three - ones) & ~three);
        if (special & tops)
            break;
    }
    for (; at < size; at++) {
        unsigned char c = (unsigned char)text[at];
        if (c < 0x20 || c == '"' || c == '\\' || c == LEAD_2 || c == LEAD_3)
            break;
    }
    return at;
}

/* Writes what stands at text, a code point that may need an escape; returns its size. */
static size_t escape(struct buffer *b, const char *text, size_t size)
{
    static const char digits[] = "0123456789abcdef";
    static const char brief[128] = {['"'] = '"',  ['\\'] = '\\', ['\b'] = 'b', ['\f'] = 'f',
                                    ['\n'] = 'n', ['\r'] = 'r',  ['\t'] = 't'};
    unsigned char c = (unsigned char)text[0];
    if (c == LEAD_2 || c == LEAD_3) {
        if (size >= 2 && !memcmp(text, "\xc2\x85", 2)) {
            buffer_append(b, "\\u0085", 6);
            return 2;
        }
        if (size >= 3 && (!memcmp(text, "\xe2\x80\xa8", 3) || !memcmp(text, "\xe2\x80\xa9", 3))) {
            buffer_append(b, text[2] == '\xa8' ? "\\u2028" : "\\u2029", 6);
            return 3;
        }
        buffer_append_char(b, text[0]);
    } else if (brief[c]) {
        char out[2] = {'\\', brief[c]};
        buffer_append(b, out, sizeof out);
    } else {
        char out[6] = {'\\', 'u', '0', '0', digits[c >> 4], digits[c & 15]};
        buffer_append(b, out, sizeof out);
    }
    return 1;
}

void json_quote(struct buffer *b)
{
    comma(b);
    buffer_append_char(b, '"');
}

void json_put_piece(struct buffer *b, const char *text, size_t size)
{
    size_t at = 0;
    buffer_reserve(b, size + 2);
    while (at < size) {
        size_t plain = plain_prefix(text + at, size - at);
        buffer_append(b, text + at, plain);
        at += plain;
        if (at < size)
            at += escape(b, text + at, size - at);
    }
}

void json_unquote(struct buffer *b)
{
    buffer_append_char(b, '"');
}

void json_put_text(struct buffer *b, const char *text, size_t size)
{
    json_quote(b);
    json_put_piece(b, text, size);
    json_unquote(b);
}

void json_put_string(struct buffer *b, const char *string)
{
    json_put_text(b, string, strlen(string));
}

void json_put_unsigned(struct buffer *b, uint64_t value)
{
    comma(b);
    buffer_append_unsigned(b, value);
}

void json_put_integer(struct buffer *b, int64_t value)
{
    comma(b);
    if (value < 0)
        buffer_append_char(b, '-');
    buffer_append_unsigned(b, value < 0 ? -(uint64_t)value : (uint64_t)value);
}

void json_put_real(struct buffer *b, double value)
{
    comma(b);
    if (!isfinite(value)) {
        buffer_append(b, "null", 4);
        return;
    }
    /* Most values here have at most six decimals. When the integer divided by a million gives the
     * value back, the decimal does too, because both are rounded correctly from the same quotient.
     */
    double millionths = round(fabs(value) * 1e6);
    if (millionths < 9007199254740992.0 && millionths / 1e6 == fabs(value)) {
        uint64_t whole = (uint64_t)millionths / 1000000, part = (uint64_t)millionths % 1000000;
        if (value < 0)
            buffer_append_char(b, '-');
        buffer_append_unsigned(b, whole);
        if (part) {
            char digits[7] = ".";
            size_t size = 7;
            for (size_t i = 6; i > 0; i--, part /= 10)
                digits[i] = (char)('0' + part % 10);
            while (digits[size - 1] == '0')
                size--;
            buffer_append(b, digits, size);
        }
        return;
    }
    char text[40];
    int size = 0;
    for (int digits = 15; digits <= 17; digits++) {
        size = snprintf(text, sizeof text, "%.*g", digits, value);
        if (strtod(text, NULL) == value)
            break;
    }
    for (int i = 0; i < size; i++) /* the locale may have another decimal point */
        if (!strchr("0123456789+-e", text[i]))
            text[i] = '.';
    buffer_append(b, text, (size_t)size);
}

void json_put_flag(struct buffer *b, bool value)
{
    comma(b);
    buffer_append_string(b, value ? "true" : "false");
}

static char *put_digits(char *at, unsigned value, int count)
{
    for (int i = count - 1; i >= 0; i--, value /= 10)
        at[i] = (char)('0' + value % 10);
    return at + count;
}

void json_put_time(struct buffer *b, int64_t microseconds)
{
    const int64_t first = -62167219200000000, last = 253402300799999999; /* years 0 to 9999 */
    int64_t time = microseconds < first ? first : microseconds > last ? last : microseconds;
    int64_t since_zero = time - first;
    unsigned fraction = (unsigned)(since_zero % 1000000);
    unsigned second = (unsigned)(since_zero / 1000000 % 86400);
    /* days since 1 March of the year -400, so that a leap day is the last of its year; eras are 400
     * years */
    int64_t days = since_zero / 86400000000 - 60 + 146097;
    unsigned era = (unsigned)(days / 146097), of_era = (unsigned)(days % 146097);
    unsigned year = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    unsigned of_year = of_era - (365 * year + year / 4 - year / 100);
    unsigned month = (5 * of_year + 2) / 153; /* from March */
    unsigned day = of_year - (153 * month + 2) / 5 + 1;
    month = month < 10 ? month + 3 : month - 9;
    year = year + era * 400 + (month <= 2) - 400;
    char text[32] = "\"", *at = text + 1;
    at = put_digits(at, year, 4);
    *at++ = '-';
    at = put_digits(at, month, 2);
    *at++ = '-';
    at = put_digits(at, day, 2);
    *at++ = 'T';
    at = put_digits(at, second / 3600, 2);
    *at++ = ':';
    at = put_digits(at, second / 60 % 60, 2);
    *at++ = ':';
    at = put_digits(at, second % 60, 2);
    if (fraction) {
        *at++ = '.';
        at = put_digits(at, fraction, 6);
    }
    *at++ = 'Z';
    *at++ = '"';
    comma(b);
    buffer_append(b, text, (size_t)(at - text));
}

void json_put_base64(struct buffer *b, const void *data, size_t size)
{
    const size_t step = 3 << 20; /* EVP_EncodeBlock() counts in int */
    json_quote(b);
    buffer_reserve(b, size / 3 * 4 + 8);
    for (size_t at = 0; at < size && !b->failed; at += step) {
        size_t piece = size - at < step ? size - at : step;
        buffer_reserve(b, piece / 3 * 4 + 5); /* it writes a NUL behind */
        if (b->failed)
            return;
        b->size += (size_t)EVP_EncodeBlock((unsigned char *)b->data + b->size,
                                           (const unsigned char *)data + at, (int)piece);
    }
    json_unquote(b);
}

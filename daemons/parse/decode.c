/* From the bytes of a document to clean text. */
#include "parse/decode.h"

#include "libcommon/text.h"
#include "libcommon/utf8.h"
#include "parse/encoding.h"
#include "parse/prescan.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <unicode/ucnv.h>
#include <unicode/ucsdet.h>

enum { DETECT_BYTES = 64 * 1024, MOJIBAKE_MIN = 4 };

static void warn(struct decoded *d, enum warning warning)
{
    for (size_t i = 0; i < d->warning_count; i++)
        if (d->warnings[i] == warning)
            return;
    d->warnings[d->warning_count++] = warning;
}

/* Converts to UTF-8 in the arena; broken sequences become U+FFFD and are counted. 0; -EINVAL: no
 * such encoding. */
static int convert(struct arena *arena, const char *converter, const char *bytes, size_t size,
                   const char **ret, size_t *ret_size, size_t *ret_broken)
{
    UErrorCode status = U_ZERO_ERROR;
    UConverter *from = ucnv_open(converter, &status);
    if (U_FAILURE(status))
        return -EINVAL;
    if (size > INT32_MAX / 8) {
        ucnv_close(from);
        return -ENOMEM;
    }
    size_t room = size * 3 + 16;
    char *out = arena_alloc(arena, room);
    int32_t n =
        out ? ucnv_toAlgorithmic(UCNV_UTF8, from, out, (int32_t)room, bytes, (int32_t)size, &status)
            : 0;
    ucnv_close(from);
    if (!out || U_FAILURE(status))
        return out && status != U_BUFFER_OVERFLOW_ERROR ? -EINVAL : -ENOMEM;
    *ret_broken = 0;
    for (int32_t i = 0; i + 2 < n; i++)
        *ret_broken += memcmp(out + i, "\xef\xbf\xbd", 3) == 0;
    *ret = out;
    *ret_size = (size_t)n;
    return 0;
}

/* Broken UTF-8 line by line: a line that is valid stays; another is read as windows-1256 when that
 * gives Arabic letters, else its broken bytes become U+FFFD. */
static int repair_utf8(struct arena *arena, const char *bytes, size_t size, const char **ret,
                       size_t *ret_size)
{
    char *out = arena_alloc(arena, size * 3 + 16);
    size_t used = 0;
    if (!out)
        return -ENOMEM;
    for (size_t at = 0; at < size;) {
        size_t good = utf8_valid_prefix(bytes + at, size - at);
        memcpy(out + used, bytes + at, good);
        used += good;
        at += good;
        if (at == size)
            break;
        const char *end = memchr(bytes + at, '\n', size - at);
        size_t rest = end ? (size_t)(end - (bytes + at)) : size - at, high = 0, valid_high = 0;
        for (size_t i = 0; i < rest; i++)
            high += (unsigned char)bytes[at + i] >= 0x80;
        for (size_t i = 0; i < rest;) {
            size_t run = utf8_valid_prefix(bytes + at + i, rest - i);
            for (size_t j = 0; j < run; j++)
                valid_high += (unsigned char)bytes[at + i + j] >= 0x80;
            i += run + 1;
        }
        if (high >= 8 && valid_high * 4 < high) { /* a line in another encoding */
            const char *line;
            size_t line_size, broken;
            int e = convert(arena, "windows-1256", bytes + at, rest, &line, &line_size, &broken);
            if (e == -ENOMEM)
                return e;
            if (!e) {
                memcpy(out + used, line, line_size);
                used += line_size;
                at += rest;
                continue;
            }
        }
        memcpy(out + used, "\xef\xbf\xbd", 3);
        used += 3;
        for (at++; at < size && ((unsigned char)bytes[at] & 0xc0) == 0x80; at++)
            ; /* one U+FFFD for what was one character */
    }
    *ret = out;
    *ret_size = used;
    return 0;
}

/* Binary: control bytes that no text has, in number. */
static bool is_binary(const char *bytes, size_t size)
{
    const uint64_t ones = 0x0101010101010101u;
    size_t looked = size < DETECT_BYTES ? size : DETECT_BYTES, bad = 0;
    for (size_t i = 0; i < looked; i++) {
        uint64_t word = 0;
        for (; looked - i >= 8; i += 8) { /* to the next eight with a byte below 0x20 */
            memcpy(&word, bytes + i, 8);
            if ((word - 0x20 * ones) & ~word & 0x80 * ones)
                break;
        }
        if (i == looked)
            break;
        unsigned char c = (unsigned char)bytes[i];
        bad += c < 0x20 && c != '\n' && c != '\r' && c != '\t' && c != '\f' && c != 0x1b;
    }
    return bad * 50 > looked &&
           (bad >= 4 || bad * 2 > looked); /* 2 %, and more than a stray byte */
}

static const struct encoding *named(const char *name)
{
    return encoding_of_label(name, strlen(name));
}

static const struct encoding *byte_order_mark(const char *bytes, size_t size, size_t *ret_skip)
{
    *ret_skip = 0;
    if (size >= 3 && memcmp(bytes, "\xef\xbb\xbf", 3) == 0) {
        *ret_skip = 3;
        return named("UTF-8");
    }
    if (size >= 2 && (memcmp(bytes, "\xff\xfe", 2) == 0 || memcmp(bytes, "\xfe\xff", 2) == 0)) {
        *ret_skip = 2;
        return named(bytes[0] == '\xff' ? "UTF-16LE" : "UTF-16BE");
    }
    return NULL;
}

/* UTF-16 without a mark shows as NULs at every other place. */
static const struct encoding *bare_utf16(const char *bytes, size_t size)
{
    size_t looked = size < 512 ? size & ~(size_t)1 : 512, zero[2] = {0}, arabic[2] = {0};
    if (!memchr(bytes, '\0', looked))
        return NULL;
    for (size_t i = 0; i < looked; i++) {
        zero[i & 1] += bytes[i] == 0;
        arabic[i & 1] += bytes[i] == 6;
    }
    for (int odd = 0; odd < 2 && looked >= 16; odd++)
        if ((zero[odd] + arabic[odd]) * 10 > looked / 2 * 8 && zero[odd] &&
            zero[!odd] * 20 < looked)
            return named(odd ? "UTF-16LE" : "UTF-16BE");
    return NULL;
}

/* What ICU takes the bytes for, the likeliest that a document may be in (it also knows EBCDIC);
 * NULL: nothing. */
static const struct encoding *detect(const char *bytes, size_t size)
{
    UErrorCode status = U_ZERO_ERROR;
    UCharsetDetector *detector = ucsdet_open(&status);
    ucsdet_setText(detector, bytes, (int32_t)(size < DETECT_BYTES ? size : DETECT_BYTES), &status);
    int32_t count = 0;
    const UCharsetMatch **matches = ucsdet_detectAll(detector, &count, &status);
    const struct encoding *found = NULL;
    for (int32_t i = 0; U_SUCCESS(status) && i < count && !found; i++) {
        const char *name = ucsdet_getName(matches[i], &status);
        if (U_SUCCESS(status) && name)
            found = named(strcmp(name, "ISO-8859-6") == 0 ? "windows-1256" : name);
    }
    ucsdet_close(detector);
    return found;
}

/* --- mojibake: UTF-8 that was read as a single-byte encoding and written as UTF-8 again
 * ----------------- */

/* Arabic in UTF-8 is bytes D8 to DB and 80 to BF in turn: read as windows-1252 these are U+00D8 to
 * U+00DB, read as windows-1256 they are U+0637 to U+063A, each followed by a character of 80 to BF.
 */
static bool looks_doubled(const char *text, size_t size, uint32_t low, uint32_t high)
{
    enum { ENOUGH = 32 }; /* leads that settle that a text is what it seems */
    size_t leads = 0, letters = 0, followed = 0;
    bool lead = false;
    if (!memchr(text, 0xc0 | (int)(low >> 6), size))
        return false;
    for (size_t at = 0; at < size;) {
        if (leads == ENOUGH && followed * 2 < leads)
            return false;
        uint32_t c = utf8_next(text, &at);
        if (lead && (c < 0x620 || c > 0x64a || (low == 0x637 && c == 0x637)))
            followed++;
        lead = c >= low && c <= high;
        leads += lead;
        letters += c >= 0xc0 || (c | 0x20) - 'a' < 26;
    }
    return leads >= MOJIBAKE_MIN && leads * 3 > letters && followed * 10 > leads * 9;
}

static int undouble(struct arena *arena, const char *charset, const char *text, size_t size,
                    const char **ret, size_t *ret_size)
{
    UErrorCode status = U_ZERO_ERROR;
    UConverter *to = ucnv_open(charset, &status);
    char *out = arena_alloc(arena, size + 16);
    if (!out || U_FAILURE(status)) {
        if (U_SUCCESS(status))
            ucnv_close(to);
        return -ENOMEM;
    }
    int32_t n =
        ucnv_fromAlgorithmic(to, UCNV_UTF8, out, (int32_t)size + 16, text, (int32_t)size, &status);
    ucnv_close(to);
    size_t good = U_SUCCESS(status) ? utf8_valid_prefix(out, (size_t)n) : 0;
    if (good * 100 < (size_t)(n > 0 ? n : 1) * 98)
        return -EINVAL;
    if (good < (size_t)n)
        return repair_utf8(arena, out, (size_t)n, ret, ret_size);
    *ret = out;
    *ret_size = (size_t)n;
    return 0;
}

static int undo_mojibake(struct arena *arena, struct decoded *d)
{
    static const struct {
        const char *charset;
        uint32_t low, high;
    } kinds[] = {
        {"windows-1252", 0xd8,  0xdb },
        {"windows-1256", 0x637, 0x63a}
    };
    for (size_t i = 0; i < 2; i++) {
        if (!looks_doubled(d->text, d->size, kinds[i].low, kinds[i].high))
            continue;
        int e = undouble(arena, kinds[i].charset, d->text, d->size, &d->text, &d->size);
        if (e == -ENOMEM)
            return e;
        if (!e)
            warn(d, WARNING_MOJIBAKE);
        return 0;
    }
    return 0;
}

static bool blank(const char *text, size_t size)
{
    for (size_t i = 0; i < size; i++)
        if ((unsigned char)text[i] > ' ')
            return false;
    return true;
}

/* Reads the bytes as an encoding, of which no more than a part in `tolerance` may be broken.
 * DECODED; DECODE_NOT_TEXT: they are not in it; -ENOMEM. */
static int read_as(struct arena *arena, const struct encoding *encoding, const char *bytes,
                   size_t size, size_t tolerance, struct decoded *d)
{
    const char *text;
    size_t text_size, broken;
    int e = convert(arena, encoding->converter, bytes, size, &text, &text_size, &broken);
    if (e == -ENOMEM)
        return e;
    if (e || broken * tolerance > size ||
        (encoding_is_utf16(encoding) && is_binary(text, text_size)))
        return DECODE_NOT_TEXT;
    d->text = text;
    d->size = text_size;
    snprintf(d->charset, sizeof d->charset, "%s", encoding->name);
    return DECODED;
}

/* Whether the bytes are rather broken UTF-8 than another encoding. */
static bool mostly_utf8(const char *bytes, size_t size)
{
    size_t valid = 0, high = 0;
    for (size_t i = 0; i < size;) {
        size_t run = utf8_valid_prefix(bytes + i, size - i);
        for (size_t j = 0; j < run; j++)
            valid += (unsigned char)bytes[i + j] >= 0x80;
        high += run < size - i;
        i += run + 1;
    }
    return valid >= high * 2;
}

/* Settles the encoding and makes d->text UTF-8. */
static int settle(struct arena *arena, const char *bytes, size_t size, const char *content_type,
                  bool html, struct decoded *d)
{
    size_t skip;
    const struct encoding *sure = byte_order_mark(bytes, size, &skip);
    if (!sure)
        sure = bare_utf16(bytes, size);
    bytes += skip;
    size -= skip;
    bool binary = is_binary(bytes, size); /* as the bytes of UTF-16 may be, but of no other */
    if ((!sure || encoding_is_utf8(sure)) && !binary && utf8_valid(bytes, size)) {
        snprintf(d->charset, sizeof d->charset, "UTF-8");
        d->text = bytes;
        d->size = size;
        return DECODED;
    }
    const struct encoding *declared[] = {
        sure, content_type ? prescan_content_type(content_type, strlen(content_type)) : NULL,
        html ? prescan_page(bytes, size) : NULL};
    for (size_t i = 0; i < sizeof declared / sizeof *declared; i++) {
        if (!declared[i] || (binary && !encoding_is_utf16(declared[i])))
            continue;
        if (encoding_is_utf8(declared[i]))
            break; /* but it is not valid: below */
        int r = read_as(arena, declared[i], bytes, size, 100, d);
        if (r != DECODE_NOT_TEXT)
            return r;
        warn(d, WARNING_WRONG_CHARSET);
    }
    if (binary)
        return DECODE_NOT_TEXT;
    const struct encoding *guess = mostly_utf8(bytes, size) ? NULL : detect(bytes, size);
    if (guess && !encoding_is_utf8(guess)) {
        int r = read_as(arena, guess, bytes, size, 20, d);
        if (r == DECODED)
            warn(d, WARNING_GUESSED_CHARSET);
        if (r != DECODE_NOT_TEXT)
            return r;
    }
    warn(d, WARNING_REPAIRED_UTF8);
    snprintf(d->charset, sizeof d->charset, "UTF-8");
    return repair_utf8(arena, bytes, size, &d->text, &d->size);
}

int decode_document(struct arena *arena, const void *bytes, size_t size, const char *content_type,
                    bool html, struct decoded *ret)
{
    *ret = (struct decoded){0};
    if (blank(bytes, size) && !memchr(bytes ? bytes : "", '\0', size))
        return DECODE_EMPTY;
    int r = settle(arena, bytes, size, content_type, html, ret);
    if (r != DECODED)
        return r;
    r = undo_mojibake(arena, ret);
    unsigned changes = 0;
    if (!r)
        r = text_clean(arena, ret->text, ret->size, &ret->text, &ret->size, &changes);
    if (r < 0)
        return r;
    if (changes & TEXT_CONTROLS)
        warn(ret, WARNING_CONTROL_CHARACTERS);
    return blank(ret->text, ret->size) ? DECODE_EMPTY : DECODED;
}

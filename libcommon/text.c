/* Text hygiene. */
#include "libcommon/text.h"

#include "libcommon/utf8.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <unicode/unorm2.h>
#include <unicode/ustring.h>

enum fate { KEEP, DROP, CONTROL, SPACE, LINE, FORM, ISOLATE, JOINER };

static enum fate fate_of(uint32_t c)
{
    if (c < 0x20)
        return c == '\n' || c == '\t' ? KEEP : c == '\r' ? LINE : CONTROL;
    if (c < 0x7f)
        return KEEP;
    if (c < 0xa0)
        return c == 0x85 ? LINE : CONTROL;
    if (c == 0xa0)
        return SPACE;
    if (c == 0xad || c == 0x61c || c == 0xfeff)
        return DROP;
    if (c < 0x1680)
        return KEEP;
    if (c == 0x1680 || (c >= 0x2000 && c <= 0x200a) || c == 0x202f || c == 0x205f || c == 0x3000)
        return SPACE;
    if (c == 0x200c)
        return JOINER;
    if (c == 0x200b || (c >= 0x200d && c <= 0x200f) || (c >= 0x202a && c <= 0x202e) ||
        (c >= 0x2060 && c <= 0x2064))
        return DROP;
    if (c >= 0x2066 && c <= 0x2069)
        return ISOLATE;
    if (c == 0x2028 || c == 0x2029)
        return LINE;
    if ((c >= 0xfb50 && c <= 0xfdfb && c != 0xfd3e && c != 0xfd3f) || (c >= 0xfe70 && c <= 0xfefc))
        return FORM;
    if ((c & 0xfffe) == 0xfffe || (c >= 0xfdd0 && c <= 0xfdef))
        return DROP;
    return KEEP;
}

/* Whether a text has nothing to clean and is NFC for sure: plain ASCII, and Arabic letters that compose with nothing. */
static bool plainly_clean(const char *in, size_t size)
{
    for (size_t at = 0; at < size;) {
        unsigned char b = (unsigned char)in[at];
        if (b < 0x80) {
            if ((b < 0x20 && b != '\n' && b != '\t') || b == 0x7f)
                return false;
            at++;
            continue;
        }
        uint32_t c = utf8_next(in, &at);
        bool arabic = (c >= 0x60c && c <= 0x652) || (c >= 0x660 && c <= 0x6d3) || (c >= 0x6f0 && c <= 0x6ff);
        bool mark = c == 0x61c || (c >= 0x64b && c <= 0x652); /* marks may stand in the wrong order */
        bool other = c == 0xab || c == 0xbb || (c >= 0xc0 && c <= 0xff) || (c >= 0x2013 && c <= 0x2026);
        if (!(arabic && !mark) && !other)
            return false;
    }
    return true;
}

static bool arabic_letter(uint32_t c)
{
    return (c >= 0x620 && c <= 0x6ff) || (c >= 0x750 && c <= 0x77f);
}

/* Isolates of a line are kept only when each is closed within it. */
static bool isolates_balanced(const char *line, size_t size)
{
    int depth = 0;
    for (size_t at = 0; at < size && depth >= 0;) {
        uint32_t c = utf8_next(line, &at);
        if (c == '\n' || c == '\r')
            break;
        depth += c >= 0x2066 && c <= 0x2068;
        depth -= c == 0x2069;
    }
    return depth == 0;
}

static size_t put_form(const UNormalizer2 *nfkc, uint32_t c, char *out)
{
    UErrorCode status = U_ZERO_ERROR;
    UChar letters[32];
    int32_t n = unorm2_getDecomposition(nfkc, (UChar32)c, letters, 32, &status);
    int32_t bytes = 0;
    if (U_FAILURE(status) || n <= 0)
        return utf8_put(c, out);
    u_strToUTF8(out, 64, &bytes, letters, n, &status);
    return U_FAILURE(status) ? utf8_put(c, out) : (size_t)bytes;
}

/* First pass: everything but normalisation. out has room for what a form may grow to. */
static size_t sweep(const UNormalizer2 *nfkc, const char *in, size_t size, char *out, struct text_notes *notes)
{
    size_t used = 0;
    uint32_t before = 0;
    bool balanced = isolates_balanced(in, size);
    for (size_t at = 0; at < size;) {
        size_t start = at;
        uint32_t c = utf8_next(in, &at);
        switch (fate_of(c)) {
        case KEEP:
            memcpy(out + used, in + start, at - start);
            used += at - start;
            break;
        case CONTROL:
            notes->controls = true;
            continue;
        case DROP:
            continue;
        case SPACE:
            out[used++] = ' ';
            break;
        case LINE:
            if (c == '\r' && at < size && in[at] == '\n')
                continue;
            out[used++] = '\n';
            c = '\n';
            break;
        case FORM:
            used += put_form(nfkc, c, out + used);
            break;
        case ISOLATE:
            if (balanced)
                used += utf8_put(c, out + used);
            continue;
        case JOINER: {
            size_t next = at;
            if (arabic_letter(before) && at < size && arabic_letter(utf8_next(in, &next)))
                used += utf8_put(c, out + used);
            continue;
        }
        }
        before = c;
        if (c == '\n')
            balanced = isolates_balanced(in + at, size - at);
    }
    return used;
}

static int normalise(struct arena *arena, char **text, size_t *size)
{
    UErrorCode status = U_ZERO_ERROR;
    const UNormalizer2 *nfc = unorm2_getNFCInstance(&status);
    if (U_FAILURE(status) || *size > INT32_MAX / 4)
        return -ENOMEM;
    UChar *wide = arena_alloc(arena, (*size + 1) * sizeof *wide);
    int32_t length = 0;
    if (!wide)
        return -ENOMEM;
    u_strFromUTF8(wide, (int32_t)*size + 1, &length, *text, (int32_t)*size, &status);
    if (U_FAILURE(status))
        return -EINVAL;
    if (unorm2_quickCheck(nfc, wide, length, &status) == UNORM_YES)
        return 0;
    int32_t room = length * 3 + 16;
    UChar *composed = arena_alloc(arena, (size_t)room * sizeof *composed);
    if (!composed)
        return -ENOMEM;
    int32_t n = unorm2_normalize(nfc, wide, length, composed, room, &status);
    char *out = U_SUCCESS(status) ? arena_alloc(arena, (size_t)n * 3 + 1) : NULL;
    if (!out)
        return -ENOMEM;
    int32_t bytes = 0;
    u_strToUTF8(out, n * 3 + 1, &bytes, composed, n, &status);
    if (U_FAILURE(status))
        return -EINVAL;
    *text = out;
    *size = (size_t)bytes;
    return 0;
}

int text_clean(struct arena *arena, const char *in, size_t size, const char **ret, size_t *ret_size,
               struct text_notes *ret_notes)
{
    *ret_notes = (struct text_notes){0};
    if (plainly_clean(in, size)) {
        *ret = in;
        *ret_size = size;
        return 0;
    }
    UErrorCode status = U_ZERO_ERROR;
    const UNormalizer2 *nfkc = unorm2_getNFKCInstance(&status);
    if (U_FAILURE(status))
        return -ENOMEM;
    size_t forms = 0; /* a ligature of three bytes grows to at most 33 (U+FDFA) */
    for (size_t at = 0; at < size; at++)
        forms += (unsigned char)in[at] == 0xef;
    char *swept = arena_alloc(arena, size + forms * 64 + 64);
    if (!swept)
        return -ENOMEM;
    size_t swept_size = sweep(nfkc, in, size, swept, ret_notes);
    int e = normalise(arena, &swept, &swept_size);
    if (e < 0)
        return e;
    *ret = swept;
    *ret_size = swept_size;
    return 0;
}

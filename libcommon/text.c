/* Text made clean for records: a fast look that nearly all text passes, and line by line repair of
 * the rest. */
#include "libcommon/text.h"

#include "libcommon/utf8.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif
#include <unicode/uchar.h>
#include <unicode/unorm2.h>
#include <unicode/ustring.h>

enum {
    MAX_ISOLATES = 60, /* open in one line; UAX #9 stops at 125 levels */
    MAX_MARKS = 32,    /* between two letters */
};

enum char_class { PLAIN, MARK, ODD };

enum { CLASS_TABLE = 0x780 };

/* ODD has to be looked at; MARK is in NFC unless marks follow each other in the wrong order. */
static const uint8_t classes[CLASS_TABLE] = {
    [0x00 ... 0x08] = ODD,
    [0x0b ... 0x1f] = ODD,
    [0x7f ... 0xa0] = ODD,
    [0xad] = ODD,
    [0x300 ... 0x36f] = ODD,
    [0x374] = ODD,
    [0x37e] = ODD,
    [0x387] = ODD,
    [0x483 ... 0x487] = MARK,
    [0x591 ... 0x5bd] = MARK,
    [0x5bf] = MARK,
    [0x5c1 ... 0x5c2] = MARK,
    [0x5c4 ... 0x5c5] = MARK,
    [0x5c7] = MARK,
    [0x610 ... 0x61a] = MARK,
    [0x61c] = ODD,
    [0x64b ... 0x652] = MARK,
    [0x653 ... 0x655] = ODD,
    [0x656 ... 0x65f] = MARK,
    [0x670] = MARK,
    [0x6d6 ... 0x6dc] = MARK,
    [0x6df ... 0x6e4] = MARK,
    [0x6e7 ... 0x6e8] = MARK,
    [0x6ea ... 0x6ed] = MARK,
    [0x711] = MARK,
    [0x730 ... 0x74a] = MARK,
};

static bool is_form(uint32_t c)
{
    if (c == 0xfd3e || c == 0xfd3f || (c >= 0xfdfa && c <= 0xfdff))
        return false;
    return (c >= 0xfb50 && c <= 0xfdff) || (c >= 0xfe70 && c <= 0xfefc);
}

static bool is_space(uint32_t c)
{
    return c == 0xa0 || c == 0x1680 || (c >= 0x2000 && c <= 0x200a) || c == 0x202f || c == 0x205f ||
           c == 0x3000;
}

static bool is_line_end(uint32_t c)
{
    return (c >= 0x0a && c <= 0x0d) || c == 0x85 || c == 0x2028 || c == 0x2029;
}

static bool is_dropped(uint32_t c)
{
    return (c < 0x20 && c != '\t' && !is_line_end(c)) || (c >= 0x7f && c < 0xa0 && c != 0x85) ||
           c == 0xad || c == 0x180e || c == 0x200b || (c >= 0x2060 && c <= 0x2064) ||
           (c >= 0x206a && c <= 0x206f) || c == 0xfeff || (c >= 0xfff9 && c <= 0xfffc) ||
           (c >= 0xfdd0 && c <= 0xfdef) || (c & 0xfffe) == 0xfffe || c == 0xe0001;
}

static bool is_bidi(uint32_t c)
{
    return c == 0x61c || c == 0x200e || c == 0x200f || (c >= 0x202a && c <= 0x202e) ||
           (c >= 0x2066 && c <= 0x2069);
}

/* Whether ICU says that a code point may stand in NFC, whatever stands around it. */
static bool composed(uint32_t c)
{
    return u_getIntPropertyValue((UChar32)c, UCHAR_NFC_QUICK_CHECK) == UNORM_YES &&
           u_getCombiningClass((UChar32)c) == 0;
}

/* A code point behind the table of classes that cleaning leaves as it is. */
static bool plain_rare(uint32_t c)
{
    if ((c >= 0x2010 && c <= 0x2027) || (c >= 0x2030 && c <= 0x205e))
        return true; /* dashes, quotation marks, ellipsis */
    return !is_dropped(c) && !is_space(c) && !is_line_end(c) && !is_bidi(c) && !is_form(c) &&
           c != 0x200c && c != 0x200d && composed(c);
}

/* Combining class; those of the Arabic vowel signs in sequence, U+064B to U+0652. */
static unsigned mark_order(uint32_t c)
{
    return c >= 0x64b && c <= 0x652 ? 27 + c - 0x64b : u_getCombiningClass((UChar32)c);
}

#ifdef __SSE2__
/* Bytes of v from low to high, both within 0x80 to 0xff or both below. */
static inline __m128i between(__m128i v, int low, int high)
{
    return _mm_and_si128(_mm_cmpgt_epi8(v, _mm_set1_epi8((char)(low - 1))),
                         _mm_cmplt_epi8(v, _mm_set1_epi8((char)(high + 1))));
}

static inline __m128i equals(__m128i v, int byte)
{
    return _mm_cmpeq_epi8(v, _mm_set1_epi8((char)byte));
}

/* Where a run of ASCII, Cyrillic and Arabic letters ends; may stop early, never late. */
static size_t skip_plain(const unsigned char *p, size_t at, size_t size)
{
    while (size - at >= 17) {
        __m128i v = _mm_loadu_si128((const __m128i *)(p + at));
        __m128i next = _mm_loadu_si128((const __m128i *)(p + at + 1));
        __m128i ascii = _mm_or_si128(between(v, 0x20, 0x7e), equals(v, '\n'));
        __m128i lead = _mm_or_si128(between(v, 0xd0, 0xd1), between(v, 0xd8, 0xdb));
        __m128i tail = _mm_cmplt_epi8(v, _mm_set1_epi8((char)0xc0));
        __m128i marks = _mm_or_si128(between(next, 0x8b, 0x9f), equals(next, 0xb0));
        __m128i odd =
            _mm_or_si128(_mm_or_si128(_mm_and_si128(equals(v, 0xd8), between(next, 0x90, 0x9c)),
                                      _mm_and_si128(equals(v, 0xd9), marks)),
                         _mm_and_si128(equals(v, 0xdb), between(next, 0x96, 0xad)));
        __m128i plain = _mm_andnot_si128(odd, _mm_or_si128(_mm_or_si128(ascii, lead), tail));
        unsigned bits = (unsigned)_mm_movemask_epi8(plain);
        if (bits != 0xffff)
            return at + (unsigned)__builtin_ctz(~bits);
        at += 16;
    }
    while (at < size && (p[at] & 0xc0) == 0x80) /* to the next character */
        at++;
    return at;
}
#else
static size_t skip_plain(const unsigned char *p, size_t at, size_t size)
{
    (void)p;
    (void)size;
    return at;
}
#endif

size_t text_clean_prefix(const char *text, size_t size)
{
    const unsigned char *p = (const unsigned char *)text;
    size_t at = 0, unaided = 0; /* characters looked at since skip_plain() */
    unsigned order = 0;         /* of the mark just before; 0: none */
    while (at < size) {
        if (!order && unaided++ % 8 == 0) {
            at = skip_plain(p, at, size);
            if (at == size)
                break;
        }
        size_t next = at;
        enum char_class class;
        uint32_t c = 0;
        if (p[at] < 0x80) {
            class = classes[p[at]];
            next = at + 1;
        } else if (p[at] < 0xe0) {
            c = (uint32_t)(p[at] & 0x1f) << 6 | (p[at + 1] & 0x3f);
            class = c < CLASS_TABLE ? classes[c] : composed(c) ? PLAIN : ODD;
            next = at + 2;
        } else {
            c = utf8_next(text, &next);
            class = plain_rare(c) ? PLAIN : ODD;
        }
        if (class == PLAIN) {
            order = 0;
        } else if (class == ODD) {
            return at;
        } else {
            unsigned own = mark_order(c);
            if (own && own < order)
                return at;
            order = own;
        }
        at = next;
    }
    return at;
}

/* What is being written. */
struct writer {
    struct arena *arena;
    char *out;
    size_t size, capacity, line; /* line: where the current line starts in out */
    uint32_t last;               /* code point written last in this line, 0: none */
    unsigned isolates;           /* open in this line */
    unsigned order;              /* combining class of last */
    unsigned changes;
    bool compose; /* the line may not be in NFC */
    bool failed;
};

static void reserve(struct writer *w, size_t more)
{
    if (w->size + more <= w->capacity)
        return;
    size_t capacity = w->capacity;
    char *out = arena_grow(w->arena, w->out, 1, w->size + more, &capacity);
    if (!out) {
        w->failed = true;
        w->size = w->line = 0;
        return;
    }
    w->out = out;
    w->capacity = capacity;
}

static void put(struct writer *w, uint32_t c)
{
    reserve(w, 4);
    if (w->failed)
        return;
    w->size += utf8_put(c, w->out + w->size);
    w->last = c;
    if (c < 0x300 || (c < CLASS_TABLE && classes[c] == PLAIN)) {
        w->order = 0;
    } else if (c < CLASS_TABLE && classes[c] == MARK) {
        unsigned own = mark_order(c);
        w->compose |= own && own < w->order;
        w->order = own;
    } else {
        w->compose |= !composed(c);
        w->order = u_getCombiningClass((UChar32)c);
    }
}

static int joining_type(uint32_t c)
{
    return u_getIntPropertyValue((UChar32)c, UCHAR_JOINING_TYPE);
}

/* Whether what was written last, marks left out, joins to a letter on its left. */
static bool joins_left(const struct writer *w)
{
    size_t at = w->size;
    for (unsigned steps = 0; at > w->line && steps < MAX_MARKS; steps++) {
        do
            at--;
        while (at > w->line && ((unsigned char)w->out[at] & 0xc0) == 0x80);
        size_t next = at;
        int type = joining_type(utf8_next(w->out, &next));
        if (type != U_JT_TRANSPARENT)
            return type == U_JT_DUAL_JOINING || type == U_JT_LEFT_JOINING;
    }
    return false;
}

/* Whether what comes, marks left out, joins to a letter on its right. */
static bool joins_right(const char *text, size_t at, size_t size)
{
    for (unsigned steps = 0; at < size && steps < MAX_MARKS; steps++) {
        uint32_t c = utf8_next(text, &at);
        int type = is_form(c) ? U_JT_DUAL_JOINING : joining_type(c);
        if (type != U_JT_TRANSPARENT)
            return type == U_JT_DUAL_JOINING || type == U_JT_RIGHT_JOINING;
    }
    return false;
}

/* UAX #31, A1 and A2: behind a virama, or between letters that would join. */
static bool zwnj_matters(const struct writer *w, const char *text, size_t at, size_t size)
{
    if (!w->last || w->last == 0x200c)
        return false;
    return u_getCombiningClass((UChar32)w->last) == 9 ||
           (joins_left(w) && joins_right(text, at, size));
}

static bool zwj_matters(const struct writer *w)
{
    return w->last && w->last != 0x200c && w->last != 0x200d &&
           (u_isalpha((UChar32)w->last) || u_getCombiningClass((UChar32)w->last) ||
            u_hasBinaryProperty((UChar32)w->last, UCHAR_EXTENDED_PICTOGRAPHIC) ||
            u_hasBinaryProperty((UChar32)w->last, UCHAR_EMOJI_MODIFIER) || w->last == 0xfe0f);
}

static void put_form(struct writer *w, uint32_t c)
{
    UErrorCode status = U_ZERO_ERROR;
    const UNormalizer2 *nfkc = unorm2_getNFKCInstance(&status);
    UChar letters[32];
    int32_t count =
        U_SUCCESS(status) ? unorm2_getDecomposition(nfkc, (UChar32)c, letters, 32, &status) : -1;
    if (U_FAILURE(status) || count < 1 || count > 32) {
        put(w, c);
        return;
    }
    for (int32_t i = letters[0] == ' ' && count > 1; i < count; i++) /* marks come on a space */
        put(w, letters[i]);
    w->changes |= TEXT_FORMS;
    w->compose = true;
}

static void put_bidi(struct writer *w, uint32_t c)
{
    if (c == 0x2069) { /* PDI */
        if (w->isolates) {
            w->isolates--;
            put(w, c);
            return;
        }
    } else if (c >= 0x2066 && c <= 0x2068) { /* LRI, RLI, FSI */
        if (w->isolates < MAX_ISOLATES) {
            w->isolates++;
            put(w, c);
            return;
        }
    } else if (!(c >= 0x202a && c <= 0x202e) && c != w->last) { /* LRM, RLM, ALM */
        put(w, c);
        return;
    }
    w->changes |= TEXT_BIDI;
}

/* Brings the current line to NFC. */
static void compose_line(struct writer *w)
{
    UErrorCode status = U_ZERO_ERROR;
    const UNormalizer2 *nfc = unorm2_getNFCInstance(&status);
    size_t size = w->size - w->line;
    if (size > INT32_MAX / 4) {
        w->failed = true;
        return;
    }
    UChar *before = malloc((size + 1) * sizeof *before),
          *after = malloc((3 * size + 1) * sizeof *after);
    if (!before || !after) {
        w->failed = true;
        goto out;
    }
    int32_t length = 0, composed_length = 0, bytes = 0;
    u_strFromUTF8(before, (int32_t)size + 1, &length, w->out + w->line, (int32_t)size, &status);
    composed_length =
        unorm2_normalize(nfc, before, length, after, (int32_t)(3 * size + 1), &status);
    if (U_FAILURE(status)) {
        w->failed = true;
        goto out;
    }
    if (composed_length == length && memcmp(before, after, (size_t)length * sizeof *before) == 0)
        goto out;
    size_t most = (size_t)composed_length * 3;
    w->size = w->line;
    reserve(w, most + 1);
    if (w->failed)
        goto out;
    u_strToUTF8(w->out + w->line, (int32_t)most + 1, &bytes, after, composed_length, &status);
    w->size = w->line + (size_t)bytes;
    w->changes |= TEXT_COMPOSED;
    w->failed |= U_FAILURE(status);
out:
    free(before);
    free(after);
}

/* Closes what is open in the line, then ends it with a line feed unless the text ends. */
static void end_line(struct writer *w, bool feed)
{
    if (w->isolates)
        w->changes |= TEXT_BIDI;
    for (; w->isolates; w->isolates--)
        put(w, 0x2069);
    if (w->compose && !w->failed)
        compose_line(w);
    if (feed)
        put(w, '\n');
    w->line = w->size;
    w->last = 0;
    w->order = 0;
    w->compose = false;
}

static void clean_char(struct writer *w, uint32_t c, const char *text, size_t *at, size_t size)
{
    if (is_line_end(c)) {
        if (c == '\r' && *at < size && text[*at] == '\n')
            ++*at;
        if (c != '\n')
            w->changes |= TEXT_SPACES;
        end_line(w, true);
    } else if (is_space(c)) {
        w->changes |= TEXT_SPACES;
        put(w, ' ');
    } else if (is_dropped(c)) {
        w->changes |= c < 0xa0 ? TEXT_CONTROLS : TEXT_INVISIBLE;
    } else if (is_bidi(c)) {
        put_bidi(w, c);
    } else if (c == 0x200c || c == 0x200d) {
        if (c == 0x200c ? zwnj_matters(w, text, *at, size) : zwj_matters(w))
            put(w, c);
        else
            w->changes |= TEXT_INVISIBLE;
    } else if (is_form(c)) {
        put_form(w, c);
    } else {
        put(w, c);
    }
}

int text_clean(struct arena *arena, const char *text, size_t size, const char **ret,
               size_t *ret_size, unsigned *ret_changes)
{
    size_t at = text_clean_prefix(text, size);
    if (ret_changes)
        *ret_changes = 0;
    if (at == size) {
        *ret = text;
        *ret_size = size;
        return 0;
    }
    while (at && text[at - 1] != '\n') /* marks compose with what stands before them */
        at--;
    struct writer w = {.arena = arena};
    reserve(&w, size + size / 16 + 64);
    if (w.failed)
        return -ENOMEM;
    memcpy(w.out, text, at);
    w.size = w.line = at;
    while (at < size && !w.failed) {
        uint32_t c = utf8_next(text, &at);
        if (c < CLASS_TABLE && classes[c] == PLAIN && c != '\n')
            put(&w, c);
        else
            clean_char(&w, c, text, &at, size);
    }
    end_line(&w, false);
    reserve(&w, 1);
    if (w.failed)
        return -ENOMEM;
    w.out[w.size] = '\0';
    *ret = w.out;
    *ret_size = w.size;
    if (ret_changes)
        *ret_changes = w.changes;
    return 0;
}

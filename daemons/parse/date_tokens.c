/* Text cut into what dates are made of. */
#include "parse/date_tokens.h"

#include "libcommon/text.h"
#include "libcommon/utf8.h"

#include <string.h>

enum { WORD_BYTES = 40 }; /* normalised; a longer word is no word of dates */

static bool ascii_letter(unsigned char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static int digit(uint32_t c)
{
    if (c - '0' < 10)
        return (int)(c - '0');
    if (c - 0x660 < 10) /* ARABIC-INDIC */
        return (int)(c - 0x660);
    if (c - 0x6f0 < 10) /* EXTENDED ARABIC-INDIC */
        return (int)(c - 0x6f0);
    return -1;
}

static bool letter(uint32_t c)
{
    if (c < 0x80)
        return (c | 0x20) - 'a' < 26;
    if (c >= 0x600 && c < 0x700)
        return (c >= 0x620 && c < 0x660) || (c >= 0x66e && c <= 0x6d3) ||
               (c >= 0x6d5 && c <= 0x6dc) || (c >= 0x6df && c < 0x6f0) || c >= 0x6fa;
    return (c >= 0xc0 && c < 0x600 && c != 0xd7 && c != 0xf7) || c == 0x200c || c == 0x200d ||
           (c >= 0x700 && c < 0x2000) || (c >= 0x3040 && c < 0xd800) || c >= 0x20000;
}

static bool invisible(uint32_t c)
{
    return c == 0x200e || c == 0x200f || c == 0x61c || (c >= 0x202a && c <= 0x202e) ||
           (c >= 0x2066 && c <= 0x2069);
}

static bool blank(uint32_t c)
{
    return c == ' ' || c == '\t' || c == 0xa0 || c == 0x202f || (c >= 0x2000 && c <= 0x200a);
}

void date_tokens_begin(struct date_tokens *t, const char *text, size_t size, size_t at)
{
    t->text = text;
    t->size = size;
    t->next = at;
    t->count = 0;
}

static size_t cut_number(const struct date_tokens *t, size_t at, struct date_token *token)
{
    unsigned digits = 0;
    int64_t value = 0;
    while (at < t->size) {
        size_t next = at;
        int d = digit(utf8_next(t->text, &next));
        if (d < 0)
            break;
        if (++digits <= 18)
            value = value * 10 + d;
        at = next;
    }
    token->kind = TOKEN_NUMBER;
    token->digits = digits > 18 ? 255 : (uint8_t)digits;
    token->value = digits > 18 ? -1 : value;
    return at;
}

struct folded {
    char bytes[DATE_WORD_SIZE + 8];
    size_t size;
};

/* Folds the letters from at, behind what f has; returns where they end. A word too long leaves
 * f->size at 0. */
static size_t fold_word(const struct date_tokens *t, size_t at, struct folded *f)
{
    bool fits = true;
    size_t before = f->size;
    while (at < t->size) {
        size_t next = at;
        uint32_t c = utf8_next(t->text, &next);
        if (!letter(c))
            break;
        at = next;
        c = text_fold_char(c);
        if (!c)
            continue;
        if (f->size >= before + WORD_BYTES || f->size >= DATE_WORD_SIZE)
            fits = false;
        else
            f->size += utf8_put(c, f->bytes + f->size);
    }
    if (!fits)
        f->size = 0;
    return at;
}

/* Tries to lengthen what is in f by the words that follow; returns the end of the longest entry
 * found. */
static size_t lengthen(const struct date_tokens *t, size_t at, struct folded *f,
                       const struct date_word **ret)
{
    size_t best = at;
    for (unsigned words = 0; words < 3; words++) {
        size_t next = at;
        while (next < t->size && (blank((unsigned char)t->text[next]) ||
                                  (next == at && t->text[next] && strchr("-.'", t->text[next]))))
            next++;
        if (next == at || next == t->size || f->size + 1 >= DATE_WORD_SIZE)
            break;
        f->bytes[f->size++] = ' ';
        size_t before = f->size;
        at = fold_word(t, next, f);
        if (f->size <= before)
            break;
        bool head;
        const struct date_word *found = date_word_find(f->bytes, f->size, &head);
        if (found) {
            *ret = found;
            best = at;
        }
        if (!head)
            break;
    }
    return best;
}

/* The entry for the folded letters from cut on; *end moves behind the words that it takes. */
static const struct date_word *try_entry(const struct date_tokens *t, const struct folded *f,
                                         size_t cut, size_t *end)
{
    bool head;
    const struct date_word *found = date_word_find(f->bytes + cut, f->size - cut, &head);
    if (head) {
        struct folded longer;
        longer.size = f->size - cut;
        memcpy(longer.bytes, f->bytes + cut, longer.size);
        *end = lengthen(t, *end, &longer, &found);
    }
    return found;
}

static bool begins_with(const struct folded *f, size_t at, const char *letters)
{
    size_t size = strlen(letters);
    return f->size > at + size && memcmp(f->bytes + at, letters, size) == 0;
}

/* The entry for a word, with what is written before it taken off: wa fa, bi li ka, al. */
static const struct date_word *find_entry(const struct date_tokens *t, const struct folded *f,
                                          size_t *end, struct date_token *token, size_t *ret_cut)
{
    static const char *const conjunctions[] = {"و", "ف"}, *const prepositions[] = {"ب", "ل", "ك"};
    const struct date_word *found = try_entry(t, f, 0, end);
    *ret_cut = 0;
    if (found || f->size < 6 || (unsigned char)f->bytes[0] < 0xd8)
        return found;
    for (unsigned way = 1; way < 8 && !found; way++) { /* bits: conjunction, preposition, article */
        size_t cut = 0;
        char clitic = 0;
        if (way & 1) {
            int which = begins_with(f, 0, conjunctions[0])   ? 0
                        : begins_with(f, 0, conjunctions[1]) ? 1
                                                             : -1;
            if (which < 0)
                continue;
            cut += 2;
            clitic = "wf"[which];
        }
        bool lam = false;
        if (way & 2) {
            int which = -1;
            for (int i = 0; i < 3; i++)
                which = begins_with(f, cut, prepositions[i]) ? i : which;
            if (which < 0)
                continue;
            cut += 2;
            clitic = "blk"[which];
            lam = which == 1;
        }
        size_t visible = cut;
        if (way & 4) {
            if (lam && begins_with(f, cut, "ل"))
                cut += 2;
            else if (begins_with(f, cut, "ال"))
                cut += 4;
            else
                continue;
        }
        if (f->size - cut < 4)
            continue;
        found = try_entry(t, f, cut, end);
        if (found) {
            token->article = way & 4;
            token->clitic = clitic;
            *ret_cut = visible;
        }
    }
    size_t size = f->size;
    if (!found && size > 6 &&
        memcmp(f->bytes + size - 2, "ي", 2) == 0) { /* the ezafe of Kurdish and Persian */
        bool head;
        const struct date_word *stem = date_word_find(f->bytes, size - 2, &head);
        if (stem &&
            (stem->kind == WORD_MONTH || stem->kind == WORD_PERSIAN || stem->kind == WORD_WEEKDAY))
            found = stem;
    }
    return found;
}

/* Moves over as many letters of the text as cut bytes of the folded word stand for. */
static size_t skip_folded(const struct date_tokens *t, size_t at, size_t cut)
{
    while (cut) {
        uint32_t c = text_fold_char(utf8_next(t->text, &at));
        cut -= !c ? 0 : c < 0x80 ? 1 : c < 0x800 ? 2 : 3;
    }
    return at;
}

static size_t cut_word(const struct date_tokens *t, size_t at, struct date_token *token)
{
    struct folded f;
    f.size = 0;
    size_t start = at, cut = 0;
    at = fold_word(t, at, &f);
    token->kind = TOKEN_WORD;
    token->word = f.size ? find_entry(t, &f, &at, token, &cut) : NULL;
    if (token->word) {
        token->article |= strncmp(token->word->spelling, "ال", 4) == 0;
        token->start = (uint32_t)skip_folded(t, start, cut);
    }
    return at;
}

void date_tokens_more(struct date_tokens *t)
{
    struct date_token *token = &t->items[t->count++];
    *token = (struct date_token){
        .kind = TOKEN_END, .start = (uint32_t)t->next, .end = (uint32_t)t->next};
    size_t at = t->next;
    while (at < t->size && t->count < DATE_TOKENS) {
        size_t next = at;
        uint32_t c = utf8_next(t->text, &next);
        if (blank(c) || invisible(c)) {
            token->space |= blank(c);
            at = next;
            continue;
        }
        token->start = (uint32_t)at;
        if (digit(c) >= 0) {
            at = cut_number(t, at, token);
        } else if (letter(c)) {
            at = cut_word(t, at, token);
        } else {
            token->kind = TOKEN_SIGN;
            token->value = c;
            at = next;
        }
        token->end = (uint32_t)at;
        break;
    }
    t->next = at;
}

size_t date_skip(const char *text, size_t size, size_t at)
{
    size_t start = at;
    while (at < size) {
        unsigned char c = (unsigned char)text[at];
        if (c < 0x80    ? !ascii_letter(c)
            : c == 0xd8 ? (unsigned char)text[at + 1] < 0xa0
                        : c == 0xc2 || c == 0xe2)
            break; /* ASCII but letters, signs from U+0600 on, Latin-1 and general punctuation */
        if ((c == 0xd9 && (unsigned char)text[at + 1] - 0xa0u < 14) ||
            (c == 0xdb && (unsigned char)text[at + 1] - 0xb0u < 10))
            break; /* digits */
        at += c < 0x80 ? 1 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;
    }
    if (at == start)
        utf8_next(text, &at);
    return at;
}

/* The first letters of a word in normalised form, as many as are asked for. */
struct peek {
    const char *text;
    size_t size, at;
    uint32_t c[8]; /* 0 behind the end of the word */
    unsigned count;
};

static void peek_letters(struct peek *p, unsigned wanted)
{
    while (p->count < wanted) {
        uint32_t point = 0;
        if (p->at < p->size) {
            point = utf8_next(p->text, &p->at);
            if (!letter(point)) {
                p->at = p->size; /* nothing more */
                point = 0;
            } else if (!(point = text_fold_char(point))) {
                continue;
            }
        }
        p->c[p->count++] = point;
    }
}

/* Whether a word may begin a date, looked at letter by letter, with and without what may be written
 * before it. */
static bool may_begin(const char *text, size_t size, size_t at)
{
    struct peek p;
    p.text = text;
    p.size = size;
    p.at = at;
    p.count = 0;
    const uint32_t *c = p.c;
    peek_letters(&p, 3);
    if (date_word_may_begin(c[0], c[1], c[2]))
        return true;
    if (c[0] != 0x627 && c[0] != 0x648 && c[0] != 0x641 && c[0] != 0x628 && c[0] != 0x644 &&
        c[0] != 0x643)
        return false; /* ALEF, WAW, FEH, BEH, LAM, KAF */
    if (c[0] == 0x627 && c[1] != 0x644)
        return false;
    peek_letters(&p, 8);
    unsigned from = 0;
    if (c[0] == 0x648 || c[0] == 0x641) { /* WAW, FEH */
        from = 1;
        if (date_word_may_begin(c[1], c[2], c[3]))
            return true;
    }
    for (unsigned step = 0; step < 2; step++) {
        if (c[from] == 0x627 && c[from + 1] == 0x644) /* ALEF LAM */
            return date_word_may_begin(c[from + 2], c[from + 3], c[from + 4]);
        if (step || (c[from] != 0x628 && c[from] != 0x644 && c[from] != 0x643)) /* BEH, LAM, KAF */
            return false;
        from++;
        if (date_word_may_begin(c[from], c[from + 1], c[from + 2]))
            return true;
        if (c[from - 1] == 0x644 && c[from] == 0x644 &&
            date_word_may_begin(c[from + 1], c[from + 2], c[from + 3]))
            return true;
    }
    return false;
}

size_t date_candidate(const char *text, size_t size, size_t at)
{
    while (at < size) {
        unsigned char c = (unsigned char)text[at];
        if (c < 0x80) {
            if (!ascii_letter(c)) {
                if (c >= '0' && c <= '9')
                    return at;
                at++;
                continue;
            }
        } else {
            size_t next = at;
            uint32_t point = utf8_next(text, &next);
            if (digit(point) >= 0)
                return at;
            if (!letter(point)) {
                at = next;
                continue;
            }
        }
        if (may_begin(text, size, at))
            return at;
        at = date_skip(text, size, at);
    }
    return size;
}

const struct date_word *date_word_before(const char *text, size_t at, size_t *ret_start)
{
    size_t end = at, start;
    *ret_start = at;
    while (end && (text[end - 1] == ' ' || text[end - 1] == '\t'))
        end--;
    start = end;
    for (unsigned letters = 0; start && letters < WORD_BYTES; letters++) {
        size_t from = start;
        do
            from--;
        while (from && ((unsigned char)text[from] & 0xc0) == 0x80);
        size_t next = from;
        if (!letter(utf8_next(text, &next)))
            break;
        start = from;
    }
    *ret_start = start;
    if (start == end)
        return NULL;
    struct date_tokens t;
    date_tokens_begin(&t, text, end, start);
    const struct date_token *token = date_token(&t, 0);
    return token->kind == TOKEN_WORD && token->end == end ? token->word : NULL;
}

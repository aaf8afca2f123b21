/* Text cut into what dates are made of. */
#include "parse/date_tokens.h"

#include "libcommon/text.h"
#include "libcommon/utf8.h"

#include <string.h>

enum {
    WORD_LETTERS = 40, /* normalised; a longer word is no word of dates */
    LETTERS_ROOM = 64,
    CUT_LETTERS = 4, /* at most cut off before a word: one, one, two */
    CUTS = 8,
};

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

/* A word in normalised letters, and the hash of what is left of it from each of the first on. */
struct letters {
    uint32_t c[LETTERS_ROOM];
    unsigned count; /* more than WORD_LETTERS: too long for a word of dates */
    uint32_t hashes[CUT_LETTERS + 1];
};

/* A character of three or four bytes in normalised form, 0 when it is no letter. Out of the way of
 * the usual ones. */
static __attribute__((noinline)) uint32_t rare_letter(const unsigned char *p, size_t *ret_bytes)
{
    *ret_bytes = 0;
    uint32_t c = utf8_next((const char *)p, ret_bytes),
             folded = date_letter(c) ? text_fold_char(c) : 0;
    return folded || !date_letter(c) ? folded : DATE_DROPPED;
}

/* The word at a byte; returns where it ends. */
static size_t fold_letters(const char *text, size_t size, size_t at, struct letters *w)
{
    const unsigned char *p = (const unsigned char *)text + at,
                        *end = (const unsigned char *)text + size;
    unsigned count = 0;
    while (p < end) {
        size_t bytes = 2;
        uint32_t c;
        if ((*p & 0xe0) == 0xc0) {
            c = date_letters[(*p & 0x1f) << 6 | (p[1] & 0x3f)];
        } else if (*p < 0x80) {
            c = date_letters[*p];
            bytes = 1;
        } else {
            size_t taken; /* not bytes itself, whose address would keep it in memory */
            c = rare_letter(p, &taken);
            bytes = taken;
        }
        if (!c)
            break;
        w->c[count % LETTERS_ROOM] = c;
        count += c > DATE_DROPPED;
        p += bytes;
    }
    at = (size_t)(p - (const unsigned char *)text);
    w->count = count;
    if (count > WORD_LETTERS)
        return at;
    uint32_t hash = DATE_LETTERS_SEED;
    for (; count > CUT_LETTERS + 1; count--)
        hash = date_letters_hash(hash, w->c[count - 1]);
    for (; count > 0; count--)
        w->hashes[count - 1] = hash = date_letters_hash(hash, w->c[count - 1]);
    return at;
}

/* What may be cut off before a word: wa fa, bi li ka, al. */
struct cut {
    uint8_t letters, visible; /* all of it; without the article */
    bool article;
    char clitic; /* 0: none */
};

struct cuts {
    struct cut items[CUTS];
    unsigned count;
};

static void add_cut(struct cuts *cuts, const struct letters *w, unsigned letters, unsigned visible,
                    char clitic)
{
    if (letters + 2 <= w->count)
        cuts->items[cuts->count++] =
            (struct cut){(uint8_t)letters, (uint8_t)visible, letters > visible, clitic};
}

/* Cuts of a preposition and the article from a letter on, behind a conjunction or none. */
static void cut_from(struct cuts *cuts, const struct letters *w, unsigned at, char clitic)
{
    const uint32_t *c = w->c + at;
    if (c[0] == 0x627) { /* ALEF */
        if (c[1] == 0x644)
            add_cut(cuts, w, at + 2, at, clitic);
        return;
    }
    if (c[0] != 0x628 && c[0] != 0x644 && c[0] != 0x643) /* BEH, LAM, KAF */
        return;
    clitic = c[0] == 0x628 ? 'b' : c[0] == 0x644 ? 'l' : 'k';
    add_cut(cuts, w, at + 1, at + 1, clitic);
    if (c[0] == 0x644 && c[1] == 0x644)
        add_cut(cuts, w, at + 2, at + 1, clitic); /* li-l- */
    else if (c[1] == 0x627 && c[2] == 0x644)
        add_cut(cuts, w, at + 3, at + 1, clitic);
}

/* All cuts that leave two letters, the one that cuts nothing first. */
static void find_cuts(const struct letters *w, struct cuts *cuts)
{
    cuts->items[0] = (struct cut){0};
    cuts->count = w->count && w->count <= WORD_LETTERS;
    if (w->count < 3 || !cuts->count)
        return;
    if (w->c[0] == 0x648 || w->c[0] == 0x641) { /* WAW, FEH */
        char clitic = w->c[0] == 0x648 ? 'w' : 'f';
        add_cut(cuts, w, 1, 1, clitic);
        cut_from(cuts, w, 1, clitic);
    } else {
        cut_from(cuts, w, 0, 0);
    }
}

struct folded {
    char bytes[DATE_WORD_SIZE + 8];
    size_t size;
};

static void write_letters(const struct letters *w, unsigned from, struct folded *f)
{
    for (unsigned i = from; i < w->count && f->size < DATE_WORD_SIZE; i++)
        f->size += utf8_put(w->c[i], f->bytes + f->size);
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
        struct letters w;
        at = fold_letters(t->text, t->size, next, &w);
        if (!w.count || w.count > WORD_LETTERS)
            break;
        write_letters(&w, 0, f);
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

/* The entry for the letters from cut on; *end moves behind the words that it takes. */
static const struct date_word *try_entry(const struct date_tokens *t, const struct letters *w,
                                         unsigned cut, size_t *end)
{
    struct folded f = {.size = 0};
    bool head;
    write_letters(w, cut, &f);
    const struct date_word *found = date_word_find(f.bytes, f.size, &head);
    if (head)
        *end = lengthen(t, *end, &f, &found);
    if (!found && !cut && w->count > 3 && w->c[w->count - 1] == 0x64a) {
        const struct date_word *stem = date_word_find(f.bytes, f.size - 2, &head);
        if (stem &&
            (stem->kind == WORD_MONTH || stem->kind == WORD_PERSIAN || stem->kind == WORD_WEEKDAY))
            found = stem; /* with the ezafe of Kurdish and Persian */
    }
    return found;
}

/* Moves over as many letters of the text as were cut off its normalised word. */
static size_t skip_folded(const struct date_tokens *t, size_t at, unsigned cut)
{
    while (cut)
        cut -= text_fold_char(utf8_next(t->text, &at)) != 0;
    return at;
}

static size_t cut_word(const struct date_tokens *t, size_t at, struct date_token *token)
{
    struct letters w;
    struct cuts cuts;
    size_t start = at;
    at = fold_letters(t->text, t->size, at, &w);
    token->kind = TOKEN_WORD;
    token->word = NULL;
    find_cuts(&w, &cuts);
    for (unsigned i = 0; i < cuts.count && !token->word; i++) {
        const struct cut *cut = &cuts.items[i];
        if (!date_word_may_be(w.hashes[cut->letters]))
            continue;
        token->word = try_entry(t, &w, cut->letters, &at);
        if (!token->word)
            continue;
        token->article = cut->article || strncmp(token->word->spelling, "ال", 4) == 0;
        token->clitic = cut->clitic;
        token->start = (uint32_t)skip_folded(t, start, cut->visible);
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
        } else if (date_letter(c)) {
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
        size_t next = at;
        if (!date_letter(utf8_next(text, &next)))
            break;
        at = next;
    }
    if (at == start)
        utf8_next(text, &at);
    return at;
}

static bool may_begin(const struct letters *w)
{
    struct cuts cuts;
    if (!w->count || w->count > WORD_LETTERS)
        return false;
    if (date_word_may_begin(w->hashes[0]))
        return true;
    find_cuts(w, &cuts);
    for (unsigned i = 1; i < cuts.count; i++)
        if (date_word_may_begin(w->hashes[cuts.items[i].letters]))
            return true;
    return false;
}

size_t date_candidate(const char *text, size_t size, size_t at)
{
    while (at < size) {
        unsigned char c = (unsigned char)text[at];
        if (c < 0x80 && !ascii_letter(c)) {
            if (c >= '0' && c <= '9')
                return at;
            at++;
            continue;
        }
        size_t next = at;
        uint32_t point = utf8_next(text, &next);
        if (digit(point) >= 0)
            return at;
        if (date_letter(point)) {
            struct letters w;
            next = fold_letters(text, size, at, &w);
            if (may_begin(&w))
                return at;
        }
        at = next;
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
    for (unsigned letters = 0; start && letters < WORD_LETTERS; letters++) {
        size_t from = start;
        do
            from--;
        while (from && ((unsigned char)text[from] & 0xc0) == 0x80);
        size_t next = from;
        if (!date_letter(utf8_next(text, &next)))
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

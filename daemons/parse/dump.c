/* A text dump -> lines: what innerText, lynx, w3m, html2text or get_text wrote, freed of their
 * marks and joined. */
#include "parse/lines.h"

#include "libcommon/text.h"
#include "libcommon/utf8.h"

#include <errno.h>
#include <libxml/HTMLparser.h>
#include <stdlib.h>
#include <string.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

enum {
    MARKS_MIN = 4,   /* link marks or underscores that make a habit */
    WRAP_LEAST = 50, /* columns that a tool breaks lines at */
    WRAP_MOST = 140,
    WRAP_NEAR = 12, /* columns before the one that lines are broken at, that most of them reach */
    WRAP_SLACK = 8, /* columns that may stay free before a word that would have fit */
    RAW_LINES_MAX = 200000,
    ADDRESS_MOST = 2000,  /* bytes of an address, or of the words of a link */
    LOOKS_PER_BYTE = 20,  /* that much of a text may be looked ahead at */
    HEADS_MOST = 8,       /* lines that may head the list of addresses */
    BRACKETS_MOST = 1200, /* bytes of the words for a picture */
    LINK_MOST = 160, /* bytes that a link is taken to have at most where its end is not written */
    FRAGMENT_LEAST = 48, /* code points of text that fragments of links are joined to */
};

/* A line as it stands in the dump. */
struct raw {
    const char *text; /* trimmed */
    size_t length;
    uint32_t width; /* code points of text */
    uint16_t indent, blank_before;
    bool space_before, space_after;
};

struct dump {
    struct arena *arena;
    struct raw *raws;
    size_t count;
    uint32_t wrap;       /* columns; 0: lines are not broken */
    bool numbered_links; /* lynx: [12]text, and a list of the addresses at the end */
    bool markdown;       /* [text](address), # heading */
    bool underscores;    /* words_of_links are_joined */
    bool brackets;       /* w3m, html2text: [words that stand for a picture] */
    bool indented;       /* lynx: paragraphs are indented, headings are not */
    size_t looks;        /* bytes that may still be looked ahead at for ends of links */
    bool truncated;      /* there were more lines than are read */
    size_t end;          /* where the list of addresses begins, or count */
    struct span *links;  /* by number; text NULL: not known */
    size_t link_count;
};

static bool digit(char c)
{
    return c >= '0' && c <= '9';
}

/* --- lines as they stand --------------------------------------------------------- */

static struct raw cut_line(const char *line, size_t size)
{
    struct raw raw = {.text = line, .length = size};
    while (raw.length && (*raw.text == ' ' || *raw.text == '\t')) {
        raw.indent += raw.indent < UINT16_MAX - 8 ? (*raw.text == '\t' ? 8 : 1) : 0;
        raw.text++;
        raw.length--;
    }
    raw.space_before = raw.indent > 0;
    while (raw.length && strchr(" \t", raw.text[raw.length - 1])) {
        raw.length--;
        raw.space_after = true;
    }
    raw.width = (uint32_t)utf8_count(raw.text, raw.length);
    return raw;
}

/* A line drawn across the page, or a form field: signs only, of one or two kinds. */
static bool is_rule(const struct raw *raw)
{
    for (size_t i = 0; i < raw->length; i++)
        if (!strchr("-=_*#~+. []", raw->text[i]))
            return raw->length >= 6 && memcmp(raw->text, "IFRAME", 6) == 0;
    return raw->length >= 3 || !strchr("-=*", raw->text[0]);
}

static int cut_lines(struct dump *d, const char *text, size_t size)
{
    size_t capacity = 1, blank = 0;
    for (const char *p = text;
         capacity < RAW_LINES_MAX && (p = memchr(p, '\n', size - (size_t)(p - text))); p++)
        capacity++;
    d->raws = arena_alloc(d->arena, capacity * sizeof *d->raws);
    if (!d->raws)
        return -ENOMEM;
    size_t at = 0;
    while (at < size && d->count < capacity) {
        const char *end = memchr(text + at, '\n', size - at);
        size_t length = end ? (size_t)(end - (text + at)) : size - at;
        struct raw raw = cut_line(text + at, length);
        at += length + 1;
        if (!raw.length || is_rule(&raw)) {
            blank++;
            continue;
        }
        raw.blank_before = (uint16_t)(blank < UINT16_MAX ? blank : UINT16_MAX);
        blank = 0;
        d->raws[d->count++] = raw;
    }
    d->truncated = at < size;
    d->end = d->count;
    return 0;
}

/* --- which tool's habits they show ----------------------------------------------- */

/* [12] or (12) of lynx at p: its length and number; 0: none. */
static size_t link_mark(const char *p, size_t left, unsigned *ret)
{
    size_t i = 1;
    unsigned number = 0;
    if (left < 3 || p[0] != '[' || !digit(p[1]))
        return 0;
    while (i < left && digit(p[i]) && i < 7)
        number = number * 10 + (unsigned)(p[i++] - '0');
    if (i >= left || p[i] != ']')
        return 0;
    *ret = number;
    return i + 1;
}

static bool is_word(const struct raw *raw, const char *word)
{
    size_t length = strlen(word);
    return raw->length == length && memcmp(raw->text, word, length) == 0;
}

/* "  12. http://…" of the list of addresses: number and address. */
static bool read_reference(const struct raw *raw, unsigned *ret_number, struct span *ret)
{
    size_t i = 0;
    unsigned number = 0;
    bool bracket = raw->text[0] == '[';
    i += bracket;
    size_t first = i;
    while (i < raw->length && digit(raw->text[i]) && i < 8)
        number = number * 10 + (unsigned)(raw->text[i++] - '0');
    if (i == first || i + 2 >= raw->length || raw->text[i] != (bracket ? ']' : '.') ||
        raw->text[i + 1] != ' ')
        return false;
    i += 2;
    struct span url = {raw->text + i, raw->length - i};
    for (size_t k = 0; k < url.length && k < 24; k++)
        if (url.text[k] == ':' || url.text[k] == '/') {
            *ret_number = number;
            *ret = url;
            return memchr(url.text, ' ', url.length) == NULL || k < 12;
        }
    return false;
}

/* The list of addresses at the end of the dump, by lynx ("References") or w3m ("References:"). */
static int find_references(struct dump *d)
{
    enum { NUMBERS_MAX = 20000 };
    size_t heads = 0;
    for (size_t i = d->count; i-- > 0 && heads < HEADS_MOST;) {
        if (!is_word(&d->raws[i], "References") && !is_word(&d->raws[i], "References:"))
            continue;
        heads++;
        unsigned number, highest = 0;
        size_t found = 0;
        struct span url;
        for (size_t k = i + 1; k < d->count; k++)
            if (read_reference(&d->raws[k], &number, &url) && number < NUMBERS_MAX) {
                found++;
                highest = number > highest ? number : highest;
            }
        if (found * 2 < d->count - i - 1 || !found)
            continue;
        d->links = arena_zalloc(d->arena, (highest + 1) * sizeof *d->links);
        if (!d->links)
            return -ENOMEM;
        d->link_count = highest + 1;
        for (size_t k = i + 1; k < d->count; k++)
            if (read_reference(&d->raws[k], &number, &url) && number < NUMBERS_MAX)
                d->links[number] = url;
        d->end = i;
        d->numbered_links = true;
        return 0;
    }
    return 0;
}

/* [some words], not a numbered link: its length; 0: none. */
static size_t bracketed(const char *p, const char *end)
{
    size_t left = (size_t)(end - p) < BRACKETS_MOST ? (size_t)(end - p) : BRACKETS_MOST;
    unsigned number;
    const char *close = left && *p == '[' ? memchr(p, ']', left) : NULL;
    if (!close || link_mark(p, left, &number) || memchr(p + 1, '[', (size_t)(close - p - 1)))
        return 0;
    return (size_t)(close + 1 - p);
}

static void find_marks(struct dump *d)
{
    size_t links = 0, markdown = 0, underscores = 0, flush = 0, indented = 0, brackets = 0;
    for (size_t i = 0; i < d->end; i++) {
        const struct raw *raw = &d->raws[i];
        flush += raw->indent == 0;
        indented += raw->indent == 3;
        const char *p = raw->text, *end = p + raw->length;
        brackets += bracketed(p, end) > 0 || (*p == '[' && !memchr(p, ']', raw->length));
        markdown += raw->length > 2 && p[0] == '#' && (p[1] == ' ' || p[1] == '#');
        while (p < end && (p = memchr(p, '[', (size_t)(end - p)))) {
            unsigned number;
            links += link_mark(p, (size_t)(end - p), &number) > 0;
            p++;
        }
        for (p = raw->text; p < end && (p = memchr(p, ']', (size_t)(end - p))); p++)
            markdown += p + 1 < end && p[1] == '(';
        for (p = raw->text; p < end && (p = memchr(p, '_', (size_t)(end - p))); p++)
            underscores += p > raw->text && p + 1 < end && p[-1] != '_' && p[1] != '_' &&
                           p[-1] != ' ' && p[1] != ' ';
    }
    d->numbered_links |= links >= MARKS_MIN;
    d->markdown = markdown >= MARKS_MIN;
    d->underscores = underscores >= MARKS_MIN && !d->numbered_links && !d->markdown;
    d->indented = d->numbered_links && indented > flush;
    d->brackets = brackets >= MARKS_MIN && !d->numbered_links && !d->markdown;
}

static bool closes_sentence(const struct raw *raw)
{
    switch (utf8_last(raw->text, raw->length)) {
    case '.':
    case '!':
    case '?':
    case ':':
    case '"':
    case 0x61f:  /* ARABIC QUESTION MARK */
    case 0x6d4:  /* ARABIC FULL STOP */
    case 0x2026: /* HORIZONTAL ELLIPSIS */
    case 0x201d: /* RIGHT DOUBLE QUOTATION MARK */
    case 0xbb:   /* RIGHT-POINTING DOUBLE ANGLE QUOTATION MARK */
        return true;
    }
    return false;
}

/* The column at which the tool broke lines: hardly any line is longer, many come near it, and most
 * of those end within a sentence; paragraphs of about one length do not. */
static void find_wrap(struct dump *d)
{
    uint32_t histogram[WRAP_MOST + 2] = {0}, closed[WRAP_MOST + 2] = {0}, lines = 0, longer = 0;
    for (size_t i = 0; i < d->end; i++) {
        uint32_t width = d->raws[i].width;
        histogram[width <= WRAP_MOST ? width : WRAP_MOST + 1]++;
        if (width > WRAP_LEAST - WRAP_NEAR && width <= WRAP_MOST)
            closed[width] += closes_sentence(&d->raws[i]);
        lines += width > 30;
    }
    longer = histogram[WRAP_MOST + 1];
    for (uint32_t column = WRAP_MOST; column >= WRAP_LEAST; column--) {
        uint32_t near = 0, whole = 0;
        if (longer * 20 > lines)
            return;
        for (uint32_t w = column; w > column - WRAP_NEAR; w--) {
            near += histogram[w];
            whole += closed[w];
        }
        if (histogram[column] && near >= 5 && near * 5 >= lines && whole * 3 <= near * 2) {
            d->wrap = column;
            return;
        }
        longer += histogram[column];
    }
}

/* --- joining --------------------------------------------------------------------- */

static bool begins_a_mark(char c)
{
    static const bool first[256] = {['*'] = true, ['+'] = true, ['-'] = true,  ['o'] = true,
                                    ['#'] = true, ['@'] = true, [0xc2] = true, [0xe2] = true};
    return first[(unsigned char)c];
}

static bool bullet(const struct raw *raw, size_t *ret_size)
{
    static const char *const bullets[] = {"* ", "+ ", "- ", "• ", "○ ", "■ ", "◦ ", "▪ ",
                                          "● ", "· ", "□ ", "☆ ", "o ", "# ", "@ "};
    for (size_t i = 0; i < sizeof bullets / sizeof *bullets && begins_a_mark(raw->text[0]); i++) {
        size_t length = strlen(bullets[i]);
        if (raw->length > length && memcmp(raw->text, bullets[i], length) == 0) {
            *ret_size = length;
            return true;
        }
    }
    return false;
}

static uint32_t first_word_width(const struct raw *raw)
{
    uint32_t width = 0;
    for (size_t i = 0; i < raw->length && raw->text[i] != ' '; i++)
        width += ((unsigned char)raw->text[i] & 0xc0) != 0x80;
    return width;
}

static bool opens_with_mark(const struct raw *raw)
{
    size_t at = 0;
    switch (utf8_next(raw->text, &at)) {
    case '.':
        return raw->length == 1 || raw->text[1] == ' ';
    case ',':
    case ';':
    case ':':
    case ')':
    case '!':
    case '?':
    case 0x60c:  /* ARABIC COMMA */
    case 0x61b:  /* ARABIC SEMICOLON */
    case 0x61f:  /* ARABIC QUESTION MARK */
    case 0xbb:   /* RIGHT-POINTING DOUBLE ANGLE QUOTATION MARK */
    case 0x201d: /* RIGHT DOUBLE QUOTATION MARK */
        return true;
    case 0x2019: /* RIGHT SINGLE QUOTATION MARK, of the English genitive */
        return at < raw->length && raw->text[at] == 's';
    }
    return false;
}

/* A hyphen that a tool broke a line behind. */
static bool broken_word(const struct raw *raw)
{
    return raw->length > 2 && raw->text[raw->length - 1] == '-' &&
           raw->text[raw->length - 2] != ' ' && raw->text[raw->length - 2] != '-';
}

static bool lower_case(const struct raw *raw)
{
    return raw->text[0] >= 'a' && raw->text[0] <= 'z';
}

/* Stars and a space, as html2text begins a heading with; how many stars, 0: none. */
static size_t opening_stars(const struct raw *raw)
{
    size_t stars = 0;
    while (stars < raw->length && raw->text[stars] == '*')
        stars++;
    return stars >= 2 && stars < raw->length && raw->text[stars] == ' ' ? stars : 0;
}

static bool closes_with_stars(const struct raw *raw)
{
    size_t at = raw->length;
    while (at && raw->text[at - 1] == '*')
        at--;
    return at && raw->length - at >= 2 && raw->text[at - 1] == ' ';
}

/* Whether b goes on where a, of a paragraph of that many code points so far, was cut. */
static bool goes_on(const struct dump *d, const struct raw *a, const struct raw *b, uint32_t so_far)
{
    size_t size;
    if (b->blank_before || opening_stars(b) || closes_with_stars(a))
        return false;
    if (d->wrap) {
        if (bullet(b, &size) && (b->text[0] != 'o' || b->indent > a->indent))
            return false;
        if (d->indented && (a->indent == 0) != (b->indent == 0))
            return false;
        uint32_t room = d->wrap, beside = a->width + 1 + first_word_width(b);
        bool column = a->indent == b->indent && a->indent < room / 2 && !d->indented;
        return beside + (column ? a->indent : 0) + WRAP_SLACK > room;
    }
    const struct raw *c = b + 1 < d->raws + d->end && !b[1].blank_before ? b + 1 : NULL;
    if (opens_with_mark(b))
        return so_far >= FRAGMENT_LEAST / 2;
    if (closes_sentence(a) || so_far < 3)
        return false;
    if (lower_case(b) && (a->space_after || b->space_before || so_far >= FRAGMENT_LEAST))
        return true;
    if (b->space_before && b->indent == 1)
        return so_far >= FRAGMENT_LEAST / 2;
    bool between =
        a->space_after && c && ((c->space_before && c->indent == 1) || opens_with_mark(c));
    return (between && so_far >= FRAGMENT_LEAST / 2) || (a->space_after && a->width > 80);
}

/* --- cleaning of one line -------------------------------------------------------- */

struct cleaner {
    struct dump *d;
    char *out; /* where the clean text goes */
    size_t size;
    size_t link_bytes; /* of out that are inside links */
    size_t link_best;  /* bytes of the longest link, for url */
    unsigned marks;    /* links met */
    size_t mark_at;    /* where the last numbered link began in out */
    unsigned number;   /* of the last numbered link */
    struct span url;
};

static void put(struct cleaner *c, const char *p, size_t size)
{
    memcpy(c->out + c->size, p, size);
    c->size += size;
}

static void link_done(struct cleaner *c, size_t from, struct span url)
{
    size_t bytes = c->size - from;
    c->link_bytes += bytes;
    c->marks++;
    if (bytes > c->link_best) {
        c->link_best = bytes;
        c->url = url;
    }
}

static void close_numbered(struct cleaner *c)
{
    if (c->mark_at == SIZE_MAX)
        return;
    struct span url = {0};
    if (c->number < c->d->link_count)
        url = c->d->links[c->number];
    size_t before = c->link_bytes;
    link_done(c, c->mark_at, url);
    if (c->marks == 1 && c->mark_at > 0)
        c->link_bytes =
            before; /* where a link ends is not written: count it only when it is the line */
    c->mark_at = SIZE_MAX;
}

static bool picture(const char *p, size_t size)
{
    static const char *const ends[] = {".png", ".jpg", ".jpeg", ".gif", ".svg", ".webp"};
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        size_t length = strlen(ends[i]);
        if (size >= length && memcmp(p + size - length, ends[i], length) == 0)
            return true;
    }
    return size >= 4 && memchr(p, ' ', size) == NULL &&
           (memcmp(p, "http", 4) == 0 || memcmp(p, "data", 4) == 0 || p[0] == '/');
}

/* [name.jpg] of lynx and html2text, [INLINE]: returns its length, 0 for none. */
static size_t picture_mark(const char *p, size_t left)
{
    const char *end = memchr(p, ']', left < 400 ? left : 400);
    if (*p != '[' || !end || memchr(p + 1, '[', (size_t)(end - p - 1)))
        return 0;
    size_t inside = (size_t)(end - p - 1);
    bool name = picture(p + 1, inside) || (inside == 6 && memcmp(p + 1, "INLINE", 6) == 0) ||
                (inside == 5 && memcmp(p + 1, "EMBED", 5) == 0) || inside == 0;
    return name ? inside + 2 : 0;
}

/* The ')' that closes an address of markdown; NULL: none near. */
static const char *address_end(const char *p, const char *end)
{
    int depth = 0;
    const char *most = end - p > ADDRESS_MOST ? p + ADDRESS_MOST : end;
    for (; p < most; p++) {
        depth += *p == '(';
        if (*p == ')' && depth-- == 0)
            return p;
    }
    return NULL;
}

static void look_ahead(struct dump *d, size_t bytes)
{
    d->looks -= bytes < d->looks ? bytes : d->looks;
}

static size_t clean_markdown(struct cleaner *c, const char *p, const char *end, int depth);

/* [text](address "title") or ![alt](address): returns the length taken, 0 for none. */
static size_t markdown_link(struct cleaner *c, const char *p, const char *end, int depth)
{
    bool image = *p == '!';
    const char *open = p + image, *close = open + 1;
    int nested = 0;
    if (open >= end || *open != '[' || depth > 2 || !c->d->looks)
        return 0;
    const char *most = end - open > ADDRESS_MOST ? open + ADDRESS_MOST : end;
    for (; close < most; close++) {
        nested += *close == '[';
        if (*close == ']' && nested-- == 0)
            break;
    }
    look_ahead(c->d, (size_t)(close - open));
    if (close >= most || close + 1 >= end || close[1] != '(')
        return 0;
    const char *last = address_end(close + 2, end);
    look_ahead(c->d, last ? (size_t)(last - close) : ADDRESS_MOST);
    if (!last)
        return 0;
    if (!image) {
        const char *space = memchr(close + 2, ' ', (size_t)(last - close - 2));
        struct span url = {close + 2, (size_t)((space ? space : last) - close - 2)};
        size_t from = c->size;
        for (const char *q = open + 1; q < close;)
            q += clean_markdown(c, q, close, depth + 1);
        if (c->size > from)
            link_done(c, from, url);
    }
    return (size_t)(last + 1 - p);
}

/* One step of markdown: a link, an emphasis mark, an escape or a byte. */
static size_t clean_markdown(struct cleaner *c, const char *p, const char *end, int depth)
{
    size_t taken;
    if ((*p == '[' || (*p == '!' && p + 1 < end && p[1] == '[')) &&
        (taken = markdown_link(c, p, end, depth)))
        return taken;
    if (end - p >= 2 && p[0] == '*' && p[1] == '*')
        return 2;
    if (*p == '\\' && end - p >= 2 && strchr("\\`*_{}[]()#+-.!|>", p[1])) {
        put(c, p + 1, 1);
        return 2;
    }
    if (*p == '_' || *p == '*') {
        bool before = p == end || c->size == 0 || c->out[c->size - 1] == ' ';
        bool after = end - p < 2 || p[1] == ' ' || strchr(".,:;!?)\"", p[1]);
        if (before || after)
            return 1;
    }
    put(c, p, 1);
    return 1;
}

/* A character written as &name; or &#number;, once or twice over ("&amp;#39;"): puts it, or a space
 * for one that clean text has not; returns the length taken, 0 for none. */
static size_t reference(struct cleaner *c, const char *p, const char *end)
{
    enum { NAME_MOST = 10 };
    char name[NAME_MOST + 1], out[4];
    size_t at = 1, length = 0;
    while ((size_t)(end - p) - at >= 4 && memcmp(p + at, "amp;", 4) == 0 && at < 12)
        at += 4;
    while (length < NAME_MOST && p + at + length < end && p[at + length] != ';')
        name[length] = p[at + length], length++;
    name[length] = '\0';
    bool closed = length && p + at + length < end && p[at + length] == ';';
    const htmlEntityDesc *known =
        closed && *name != '#' ? htmlEntityLookup((const xmlChar *)name) : NULL;
    unsigned long value = known ? known->value : 0;
    if (closed && *name == '#')
        value = name[1] == 'x' || name[1] == 'X' ? strtoul(name + 2, NULL, 16)
                                                 : strtoul(name + 1, NULL, 10);
    if (!value || value > 0x10ffff || (value >= 0xd800 && value < 0xe000)) {
        if (at > 1)
            put(c, "&", 1); /* &amp; alone */
        return at > 1 ? at : 0;
    }
    size_t bytes = utf8_put((uint32_t)value, out);
    if (value < 0x20 || text_clean_prefix(out, bytes) != bytes)
        put(c, " ", 1);
    else
        put(c, out, bytes);
    return at + length + 1;
}

static size_t clean_step(struct cleaner *c, const char *p, const char *end)
{
    const struct dump *d = c->d;
    unsigned number;
    size_t taken;
    if (*p == '[' && (taken = picture_mark(p, (size_t)(end - p))))
        return taken;
    if (*p == '&' && (taken = reference(c, p, end)))
        return taken;
    if (d->brackets && *p == '[' && c->size == 0 && (taken = bracketed(p, end)) &&
        (p + taken == end || p[taken] == ' '))
        return taken;
    if (d->numbered_links && *p == '[' && (taken = link_mark(p, (size_t)(end - p), &number))) {
        close_numbered(c);
        c->number = number;
        c->mark_at = c->size;
        return taken;
    }
    if (d->numbered_links && *p == '(' && end - p >= 8 && memcmp(p, "(BUTTON)", 8) == 0)
        return 8;
    if (d->markdown)
        return clean_markdown(c, p, end, 0);
    if (*p == '_' && end - p >= 3 && p[1] == '_' && p[2] == '_') { /* a form field */
        for (taken = 3; p + taken < end && p[taken] == '_';)
            taken++;
        return taken;
    }
    if (d->underscores && *p == '_') {
        put(c, " ", 1);
        return 1;
    }
    if ((unsigned char)p[0] == 0xe2 && end - p >= 3 &&
        ((unsigned char)p[1] == 0x94 || (unsigned char)p[1] == 0x95)) {
        put(c, " ", 1); /* box drawing */
        return 3;
    }
    put(c, p, 1);
    return 1;
}

/* Trims and makes every run of spaces one; a TAB stays one when cells stand around it. */
static struct span tidy(char *text, size_t size)
{
    size_t out = 0;
    for (size_t i = 0; i < size; i++) {
        bool space = text[i] == ' ' || text[i] == '\t';
        if (space && (!out || text[out - 1] == ' '))
            continue;
        text[out++] = space ? ' ' : text[i];
    }
    while (out && text[out - 1] == ' ')
        out--;
    return (struct span){text, out};
}

/* What a line, whose last piece is given too, begins with that says its form; returns the bytes
 * taken. */
static size_t read_form(const struct dump *d, const struct raw *raw, const struct raw *last,
                        struct line *line)
{
    size_t size = 0, level = 0;
    while (level < raw->length && raw->text[level] == '#')
        level++;
    if (level && level <= 6 && level < raw->length && raw->text[level] == ' ' &&
        (d->markdown || level > 1)) {
        line->form = LINE_HEADING;
        line->level = (uint8_t)level;
        return level + 1;
    }
    size_t stars = opening_stars(raw);
    if (stars && closes_with_stars(last)) {
        line->form = LINE_HEADING; /* html2text: six for h1, down to two */
        line->level = (uint8_t)(stars <= 6 ? 7 - stars : 1);
        return stars;
    }
    if (raw->text[0] == '>' && raw->length > 2 && raw->text[1] == ' ') {
        line->form = LINE_QUOTATION;
        return 2;
    }
    if (bullet(raw, &size)) {
        line->form = LINE_LIST_ITEM;
        line->level = 1;
        return size;
    }
    if (d->indented && raw->indent == 0) {
        line->form = LINE_HEADING;
        line->level = 2;
    }
    return 0;
}

/* How much of a line words_joined_by_underscores are, per cent. */
static size_t share_of_joined(const char *text, size_t size)
{
    size_t inside = 0, word = 0;
    bool joined = false;
    for (size_t i = 0; i <= size; i++) {
        if (i < size && text[i] != ' ') {
            joined |= text[i] == '_' && word > 0;
            word++;
            continue;
        }
        inside += joined ? word : 0;
        word = 0;
        joined = false;
    }
    return size ? inside * 100 / size : 0;
}

static int add_line(struct dump *d, size_t first, size_t count, struct lines *ret)
{
    struct line form = {0};
    const struct raw *raws = d->raws + first;
    size_t skip = read_form(d, raws, &raws[count - 1], &form), total = 0;
    for (size_t i = 0; i < count; i++)
        total += raws[i].length + 1;
    char *joined = arena_alloc(d->arena, total), *out = arena_alloc(d->arena, total);
    if (!joined || !out)
        return -ENOMEM;
    size_t size = 0;
    for (size_t i = 0; i < count; i++) {
        const struct raw *raw = &raws[i];
        size_t from = i ? 0 : skip;
        bool glued = i && !raws[i - 1].space_after && !raw->space_before &&
                     (d->wrap ? broken_word(&raws[i - 1]) : opens_with_mark(raw));
        if (i && !glued)
            joined[size++] = ' ';
        memcpy(joined + size, raw->text + from, raw->length - from);
        size += raw->length - from;
    }
    if (form.form == LINE_HEADING)
        while (size &&
               (joined[size - 1] == '*' || joined[size - 1] == '#' || joined[size - 1] == ' '))
            size--;
    struct cleaner c = {.d = d, .out = out, .mark_at = SIZE_MAX};
    for (const char *p = joined, *end = joined + size; p < end;)
        p += clean_step(&c, p, end);
    close_numbered(&c);
    struct span text = tidy(out, c.size);
    if (!text.length)
        return 0;
    struct line *line = lines_add(ret, d->arena, text);
    if (!line)
        return -ENOMEM;
    line->form = form.form;
    line->level = form.level;
    line->blank_before = raws->blank_before;
    if (d->underscores) {
        line->link_share = (int8_t)share_of_joined(joined, size);
    } else if (d->numbered_links || d->markdown) {
        size_t most = d->numbered_links ? c.marks * LINK_MOST : c.size;
        size_t share = (c.link_bytes < most ? c.link_bytes : most) * 100 / (c.size ? c.size : 1);
        line->link_share = (int8_t)(share > 100 ? 100 : share);
        if (share >= 50)
            line->url = c.url;
    }
    return 0;
}

/* Whether a line has a TAB, a bracket, an ampersand, the first byte of a drawn box, or two spaces
 * in a row. */
static bool has_odd_bytes(const char *p, size_t size)
{
    size_t i = 0;
#ifdef __SSE2__
    const __m128i space = _mm_set1_epi8(' ');
    for (; size - i >= 17; i += 16) {
        __m128i v = _mm_loadu_si128((const __m128i *)(p + i)),
                next = _mm_loadu_si128((const __m128i *)(p + i + 1));
        __m128i odd = _mm_or_si128(_mm_cmpeq_epi8(v, _mm_set1_epi8('\t')),
                                   _mm_cmpeq_epi8(v, _mm_set1_epi8('[')));
        odd = _mm_or_si128(odd, _mm_or_si128(_mm_cmpeq_epi8(v, _mm_set1_epi8((char)0xe2)),
                                             _mm_cmpeq_epi8(v, _mm_set1_epi8('&'))));
        odd =
            _mm_or_si128(odd, _mm_and_si128(_mm_cmpeq_epi8(v, space), _mm_cmpeq_epi8(next, space)));
        if (_mm_movemask_epi8(odd))
            return true;
    }
#endif
    for (; i < size; i++)
        if (p[i] == '\t' || p[i] == '[' || p[i] == '&' || p[i] == (char)0xe2 ||
            (p[i] == ' ' && i + 1 < size && p[i + 1] == ' '))
            return true;
    return false;
}

/* A plain line needs no cleaning: its text can stay where it is. */
static bool clean_already(const struct dump *d, const struct raw *raw)
{
    size_t size;
    return !d->numbered_links && !d->markdown && !d->underscores && !bullet(raw, &size) &&
           !strchr("#*>", raw->text[0]) && !has_odd_bytes(raw->text, raw->length);
}

static int add_lines(struct dump *d, struct lines *ret)
{
    for (size_t i = 0; i < d->end;) {
        size_t next = i + 1;
        uint32_t so_far = d->raws[i].width;
        while (next < d->end && goes_on(d, &d->raws[next - 1], &d->raws[next], so_far))
            so_far += d->raws[next++].width;
        if (next == i + 1 && clean_already(d, &d->raws[i])) {
            const struct raw *raw = &d->raws[i];
            struct line *line =
                lines_add_counted(ret, d->arena, (struct span){raw->text, raw->length}, raw->width);
            if (!line)
                return -ENOMEM;
            line->blank_before = d->raws[i].blank_before;
        } else {
            int r = add_line(d, i, next - i, ret);
            if (r < 0)
                return r;
        }
        i = next;
    }
    return 0;
}

int dump_read(const struct page_source *source, const struct dates_context *context,
              struct arena *arena, const char *text, size_t size, struct lines *ret)
{
    (void)source;
    (void)context;
    struct dump d = {.arena = arena,
                     .looks = LOOKS_PER_BYTE * size + LOOKS_PER_BYTE * ADDRESS_MOST};
    *ret = (struct lines){.claims.paywall = -1};
    int r = cut_lines(&d, text, size);
    if (r == 0)
        r = find_references(&d);
    if (r < 0)
        return r;
    ret->truncated = d.truncated;
    find_marks(&d);
    find_wrap(&d);
    return add_lines(&d, ret);
}

/* What a line shows alone. */
#include "parse/line_look.h"

#include "libcommon/utf8.h"
#include "parse/asides.h"
#include "parse/dates.h"
#include "parse/furniture.h"

#include <errno.h>
#include <string.h>

/* Points of a line. */
enum {
    SHORT_LINE = 40,   /* code points */
    MOST_POINTS = 150, /* of one line */
    COST_ITEM = 4,
    COST_LINK = 30,
    COST_DATE = 12,
    COST_RELATED = 60,
    CLOCK_WORDS = 4,
};

bool line_ends_with(struct span s, const char *mark)
{
    size_t n = strlen(mark);
    return s.length >= n && memcmp(s.text + s.length - n, mark, n) == 0;
}

static bool is_closer(uint32_t c)
{
    return c == '"' || c == ')' || c == ']' || c == '\'' || c == 0xbb || c == 0x201c ||
           c == 0x201d || c == 0x2019;
}

bool line_ends_sentence(struct span s)
{
    bool quoted = false;
    uint32_t c = utf8_last(s.text, s.length);
    while (is_closer(c) && s.length > 3) {
        s.length -= c < 0x80 ? 1 : c < 0x800 ? 2 : 3;
        c = utf8_last(s.text, s.length);
        quoted = true;
    }
    switch (c) {
    case '.':
    case '!':
    case '?':
    case ':':
    case ';':
    case 0x61b:  /* ARABIC SEMICOLON */
    case 0x61f:  /* ARABIC QUESTION MARK */
    case 0x6d4:  /* ARABIC FULL STOP */
    case 0x2026: /* HORIZONTAL ELLIPSIS */
    case 0x3002: /* IDEOGRAPHIC FULL STOP */
    case 0xff01: /* FULLWIDTH EXCLAMATION MARK */
    case 0xff1f: /* FULLWIDTH QUESTION MARK */
        return true;
    }
    return quoted && s.length > 120;
}

static bool has_copyright(struct span s)
{
    const char *p = s.text, *end = s.text + s.length;
    while (p < end && (p = memchr(p, 0xc2, (size_t)(end - p))) && p + 1 < end && p[1] != (char)0xa9)
        p++;
    return p && p + 1 < end; /* U+00A9 COPYRIGHT SIGN */
}

bool line_has_inner_marks(struct span s)
{
    for (size_t i = 0; i + 1 < s.length; i++) {
        unsigned char c = (unsigned char)s.text[i];
        if ((c == ',' || c == ';' || c == '.') && s.text[i + 1] == ' ')
            return true;
        if (c == 0xd8 &&
            ((unsigned char)s.text[i + 1] == 0x8c || (unsigned char)s.text[i + 1] == 0x9b))
            return true; /* ARABIC COMMA, ARABIC SEMICOLON */
    }
    return false;
}

/* Something that a date could be read from: a digit of any block, or few words ("an hour ago"). */
static bool may_be_date(const struct line *l)
{
    if (l->characters > LOOK_DATE_MOST || l->words > 20)
        return false;
    if (l->words <= 6)
        return true;
    for (size_t i = 0; i < l->text.length; i++) {
        unsigned char c = (unsigned char)l->text.text[i];
        if (c >= '0' && c <= '9')
            return true;
        if (i + 1 < l->text.length && (c == 0xd9 || c == 0xdb)) {
            unsigned char next = (unsigned char)l->text.text[i + 1];
            if ((c == 0xd9 && next >= 0xa0 && next <= 0xa9) ||
                (c == 0xdb && next >= 0xb0 && next <= 0xb9))
                return true;
        }
    }
    return false;
}

/* Four digits in a row, of any block, as a year has. */
bool line_has_year(struct span s)
{
    unsigned run = 0;
    for (size_t i = 0; i < s.length; i++) {
        unsigned char c = (unsigned char)s.text[i],
                      next = i + 1 < s.length ? (unsigned char)s.text[i + 1] : 0;
        bool arabic = (c == 0xd9 && next >= 0xa0 && next <= 0xa9) ||
                      (c == 0xdb && next >= 0xb0 && next <= 0xb9);
        i += arabic;
        run = arabic || (c >= '0' && c <= '9') ? run + 1 : 0;
        if (run == 4)
            return true;
    }
    return false;
}

bool line_site_furniture(const struct site *site, struct span s)
{
    for (size_t i = 0; site && i < site->furniture.count; i++) {
        const char *words = site->furniture.items[i];
        size_t n = strlen(words);
        if (s.length >= n && memcmp(s.text, words, n) == 0 &&
            (s.length == n || strchr(":|", s.text[n]) ||
             (s.text[n] == ' ' && s.length > n + 1 && strchr(":|", s.text[n + 1]))))
            return true;
    }
    return false;
}

static int points(const struct line *l, const struct line_look *k)
{
    int c = (int)l->characters;
    if (l->text.length > 2 * l->characters + l->characters / 4)
        c = c * 5 / 2; /* a script whose characters stand for syllables or words */
    if (k->furniture & FURNITURE_END || (k->head & FURNITURE_END && c < 200))
        return -COST_END;
    if (k->furniture & FURNITURE_RELATED)
        return -COST_RELATED;
    if (k->furniture)
        return -COST_PLAIN;
    if (k->dated)
        return -COST_DATE;
    if (k->head & FURNITURE_RELATED && c < LOOK_LONG)
        return -COST_SHORT;
    bool prose = c >= LOOK_PROSE && k->ends && (k->inner || c >= 2 * LOOK_LONG);
    if (l->link_share > 60 && !prose && (c < 2 * LOOK_LONG || l->link_share > 85))
        return -COST_LINK;
    if (l->form == LINE_HEADING)
        return -3;
    if (c >= LOOK_LONG || (c >= LOOK_PROSE && k->ends))
        return c / 4 < MOST_POINTS ? c / 4 : MOST_POINTS;
    if (c >= LOOK_PROSE)
        return k->inner ? c / 8 : -2;
    if (k->ends && (c >= SHORT_LINE || l->words >= 6))
        return c / 5;
    if (k->ends && l->words >= 3)
        return 0;
    if (l->form == LINE_LIST_ITEM || l->form == LINE_QUOTATION)
        return -COST_ITEM;
    return -COST_SHORT;
}

/* What looks like prose and stands beside the article. */
static unsigned look_aside(const struct line *l)
{
    if (aside_is_caption(l->text))
        return FURNITURE_CAPTION;
    return aside_is_pitch(l->text) ? FURNITURE_PLAIN : FURNITURE_NONE;
}

int lines_look(const struct page_source *source, const struct dates_context *context,
               struct arena *arena, struct lines *lines, struct line_look **ret)
{
    size_t count = lines->count;
    struct line_look *looks = arena_zalloc(arena, (count + 1) * sizeof *looks);
    if (!looks)
        return -ENOMEM;
    for (size_t i = 0; i < count; i++) {
        struct line *l = &lines->items[i];
        struct line_look *k = &looks[i];
        struct furniture_look words = {0};
        if (l->characters < 2 * LOOK_LONG)
            furniture_look(l->text.text, l->text.length, &words);
        k->furniture = words.line;
        if (!k->furniture && line_site_furniture(source->site, l->text))
            k->furniture = FURNITURE_PLAIN;
        else
            k->head = words.head;
        k->rest = (uint16_t)words.rest;
        if (l->datetime.precision != MOMENT_NONE && l->words <= 20) {
            k->dated = true;
        } else if (may_be_date(l) &&
                   dates_read_line(context, l->text.text, l->text.length, &l->datetime)) {
            k->dated =
                l->datetime.precision >= MOMENT_DAY && l->datetime.precision <= MOMENT_SECOND;
            if (!k->dated)
                l->datetime = (struct moment){0};
        } else if (l->words <= CLOCK_WORDS &&
                   dates_read_clock(context, l->text.text, l->text.length, &l->datetime)) {
            k->clock = true;
        }
        k->ends = line_ends_sentence(l->text);
        k->inner = l->characters >= LOOK_PROSE && l->characters < 2 * LOOK_LONG &&
                   line_has_inner_marks(l->text);
        if (!k->furniture && l->characters < 2 * LOOK_LONG && has_copyright(l->text))
            k->furniture =
                l->words <= 6 || !line_has_year(l->text) ? FURNITURE_CAPTION : FURNITURE_END;
        k->points = (int16_t)points(l, k);
        if (k->points > 0 || (!k->furniture && l->link_share > 60))
            k->furniture = look_aside(l);
        if (k->furniture)
            k->points = (int16_t)points(l, k);
    }
    *ret = looks;
    return 0;
}

/* The part that each line plays on its page, settled from lines alone. */
#include "parse/roles.h"

#include "libcommon/site.h"
#include "libcommon/text.h"
#include "libcommon/utf8.h"
#include "parse/asides.h"
#include "parse/date_words.h"
#include "parse/dates.h"
#include "parse/entries.h"
#include "parse/furniture.h"
#include "parse/line_words.h"

#include <errno.h>
#include <string.h>

/* Points: what the body is made of gains, what stands around it costs. */
enum {
    LONG_LINE = 160, /* code points that only prose has */
    PROSE_LINE = 80,
    SHORT_LINE = 40,
    MOST_POINTS = 150, /* of one line */
    COST_SHORT = 12,   /* a few words without an end mark */
    COST_ITEM = 4,
    COST_LINK = 30,
    COST_DATE = 12,
    COST_PLAIN = 10, /* furniture */
    COST_RELATED = 60,
    COST_END = 250,
    LEAST_POINTS = 18,   /* of a body */
    DATE_LINE_MAX = 140, /* code points */
    CLOCK_WORDS = 4,
    HEAD_LINES = 80,    /* looked at above the body */
    RELATED_INSIDE = 8, /* lines of a list of related stories inside an article */
    FIRST_SHARE = 3,    /* a stretch with a third of the points of the longest may be the article */
    OPENING_GAP = 60,   /* points that lines between title and body may cost */
    REPEATS_LOOK = 200,
    REPEAT_LEAST = 40,  /* code points */
    BODY_LEAST = 400,   /* code points of an article that comments follow */
    NOTES_LOOK = 4,     /* sentences at the end of a body that may be about its author */
    BODY_SAMPLE = 4000, /* bytes of the body whose words a title is compared with */
};

/* What a line shows alone. */
struct look {
    unsigned furniture; /* flags of the whole line */
    unsigned head;      /* flags of what it begins with, when a rest follows */
    uint16_t rest;      /* byte that the rest begins at */
    int16_t points;
    bool ends;  /* as a sentence does */
    bool inner; /* marks of prose inside: commas, stops */
    bool dated;
    bool clock;   /* nothing but a time of day */
    bool repeats; /* stands elsewhere on the page too: no sentence of the body, but maybe the title
                   */
};

struct view {
    const struct page_source *source;
    const struct dates_context *context;
    struct arena *arena;
    struct lines *lines;
    struct look *looks;
    size_t first, last; /* the body; last is behind it */
    size_t title;       /* count: none */
};

static struct line *line_at(const struct view *v, size_t i)
{
    return &v->lines->items[i];
}

/* --- what a line shows alone ----------------------------------------------------- */

static bool ends_with(struct span s, const char *mark)
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
    if (l->characters > DATE_LINE_MAX || l->words > 20)
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
static bool has_year(struct span s)
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

static bool site_furniture(const struct site *site, struct span s)
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

static int points(const struct line *l, const struct look *k)
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
    if (k->head & FURNITURE_RELATED && c < LONG_LINE)
        return -COST_SHORT;
    if (l->link_share > 60 && c < 2 * LONG_LINE && !(c >= PROSE_LINE && k->ends && k->inner))
        return -COST_LINK;
    if (l->form == LINE_HEADING)
        return -3;
    if (c >= LONG_LINE || (c >= PROSE_LINE && k->ends))
        return c / 4 < MOST_POINTS ? c / 4 : MOST_POINTS;
    if (c >= PROSE_LINE)
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

static int look_at_lines(struct view *v)
{
    size_t count = v->lines->count;
    v->looks = arena_zalloc(v->arena, (count + 1) * sizeof *v->looks);
    if (!v->looks)
        return -ENOMEM;
    for (size_t i = 0; i < count; i++) {
        struct line *l = line_at(v, i);
        struct look *k = &v->looks[i];
        struct furniture_look words = {0};
        if (l->characters < 2 * LONG_LINE)
            furniture_look(l->text.text, l->text.length, &words);
        k->furniture = words.line;
        if (!k->furniture && site_furniture(v->source->site, l->text))
            k->furniture = FURNITURE_PLAIN;
        else
            k->head = words.head;
        k->rest = (uint16_t)words.rest;
        if (l->datetime.precision != MOMENT_NONE && l->words <= 20) {
            k->dated = true;
        } else if (may_be_date(l) &&
                   dates_read_line(v->context, l->text.text, l->text.length, &l->datetime)) {
            k->dated =
                l->datetime.precision >= MOMENT_DAY && l->datetime.precision <= MOMENT_SECOND;
            if (!k->dated)
                l->datetime = (struct moment){0};
        } else if (l->words <= CLOCK_WORDS &&
                   dates_read_clock(v->context, l->text.text, l->text.length, &l->datetime)) {
            k->clock = true;
        }
        k->ends = line_ends_sentence(l->text);
        k->inner = l->characters >= PROSE_LINE && l->characters < 2 * LONG_LINE &&
                   line_has_inner_marks(l->text);
        if (!k->furniture && l->characters < 2 * LONG_LINE && has_copyright(l->text))
            k->furniture = l->words <= 6 ? FURNITURE_CAPTION : FURNITURE_END;
        k->points = (int16_t)points(l, k);
        if (k->points > 0 || (!k->furniture && l->link_share > 60))
            k->furniture = look_aside(l);
        if (k->furniture)
            k->points = (int16_t)points(l, k);
    }
    return 0;
}

/* --- the body -------------------------------------------------------------------- */

static bool is_prose(const struct view *v, size_t i)
{
    return v->looks[i].points > 0;
}

/* Whether prose comes soon behind a heading of related stories: then it stands inside the article.
 */
static bool prose_follows(const struct view *v, size_t i)
{
    for (size_t k = i + 1; k < v->lines->count && k <= i + RELATED_INSIDE; k++) {
        if (v->looks[k].furniture & (FURNITURE_RELATED | FURNITURE_END))
            return false;
        if (v->looks[k].points >= PROSE_LINE / 4 && v->looks[k].ends)
            return true;
    }
    return false;
}

/* Whether no body reaches across line i. */
static bool is_barrier(const struct view *v, size_t i)
{
    const struct look *k = &v->looks[i];
    return k->points == -COST_END || (k->furniture & FURNITURE_RELATED && !prose_follows(v, i));
}

struct stretch {
    long points;
    size_t first, last;
};

/* The stretch with the most points from line *at to the next barrier; it begins and ends in prose.
 */
static struct stretch next_stretch(const struct view *v, size_t *at)
{
    struct stretch best = {0};
    long sum = 0;
    size_t start = *at, i = *at;
    for (; i < v->lines->count && !is_barrier(v, i); i++) {
        if (sum <= 0) {
            sum = 0;
            start = i;
        }
        sum += v->looks[i].points;
        if (sum > best.points && is_prose(v, i))
            best = (struct stretch){sum, start, i + 1};
    }
    *at = i + 1;
    return best;
}

/* The first stretch that is not small beside the longest: what follows an article may be longer
 * than it (comments, the openings of other stories). */
static bool find_body(struct view *v)
{
    struct stretch longest = {0}, best = {0};
    for (size_t at = 0; at < v->lines->count;) {
        struct stretch s = next_stretch(v, &at);
        if (s.points > longest.points)
            longest = s;
    }
    for (size_t at = 0; at < v->lines->count && !best.points;) {
        struct stretch s = next_stretch(v, &at);
        if (s.points * FIRST_SHARE >= longest.points)
            best = s;
    }
    v->first = best.first;
    v->last = best.last;
    return best.points >= LEAST_POINTS;
}

static void drop(struct view *v, size_t i, bool whether)
{
    if (!whether)
        return;
    v->looks[i].repeats = true;
    v->looks[i].points = -COST_PLAIN;
}

/* Notes on the author among the last sentences end the body, and so does a heading of one, unless
 * that would leave little. */
static void cut_notes(struct view *v)
{
    size_t seen = 0, last = v->last;
    for (size_t i = v->last; i-- > v->first && seen < NOTES_LOOK;) {
        const struct line *l = line_at(v, i);
        bool prose = is_prose(v, i);
        seen += prose;
        if (i <= v->first + 2)
            break;
        if (prose ? aside_is_author_note(l->text)
                  : !v->looks[i].ends && l->words <= 7 && aside_heads_note(l->text))
            last = i;
    }
    long whole = 0, left = 0;
    for (size_t i = v->first; i < v->last; i++) {
        long points = v->looks[i].points > 0 ? v->looks[i].points : 0;
        whole += points;
        left += i < last ? points : 0;
    }
    if (left * 2 < whole)
        return;
    v->last = last;
    while (v->last > v->first + 1 && !is_prose(v, v->last - 1))
        v->last--;
}

/* Sentences that stand twice close together, or more often anywhere, are words under pictures or
 * teasers; of others the first counts. Of a page with very many sentences only the first are
 * compared. */
static void drop_repeats(struct view *v)
{
    size_t places[REPEATS_LOOK], count = 0;
    for (size_t i = 0; i < v->lines->count && count < REPEATS_LOOK; i++)
        if (is_prose(v, i) && line_at(v, i)->characters >= REPEAT_LEAST)
            places[count++] = i;
    for (size_t a = 0; a < count; a++) {
        struct span s = line_at(v, places[a])->text;
        size_t met = 0, near = 0;
        for (size_t b = a + 1; b < count; b++) {
            struct span t = line_at(v, places[b])->text;
            if (t.length < s.length || memcmp(s.text, t.text, s.length) != 0 ||
                t.length > s.length + 60)
                continue;
            met++;
            near += places[b] - places[a] <= 4;
            drop(v, places[b], t.length == s.length || places[b] - places[a] <= 4);
        }
        drop(v, places[a], near || met >= 2);
    }
}

/* --- the title ------------------------------------------------------------------- */

enum { WORD_SLOTS = 2048, STEM_LETTERS = 4, STEM_ROOM = 12 };

/* Stems met in the body; 0: a free slot. */
struct stems {
    uint32_t slots[WORD_SLOTS];
    size_t count;
};

static bool stem_slot(struct stems *set, uint32_t hash, bool add)
{
    hash = hash ? hash : 1;
    size_t at = hash % WORD_SLOTS;
    for (size_t tried = 0; tried < WORD_SLOTS; tried++, at = (at + 1) % WORD_SLOTS) {
        if (set->slots[at] == hash)
            return true;
        if (!set->slots[at])
            break;
    }
    if (add && set->count < WORD_SLOTS / 2) {
        set->slots[at] = hash;
        set->count++;
    }
    return false;
}

/* A letter or digit of one or two bytes in normalised form; 0: something else. */
static inline uint32_t sign_of(uint32_t c)
{
    uint32_t folded = date_letters[c];
    if (folded || c < '0')
        return folded;
    folded = text_fold_char(c);
    return folded >= '0' && folded <= '9' ? folded : 0;
}

/* The next word of text from *at: a hash of its first letters without Arabic's prefixes; 0: no word
 * left. Short words, which are grammar mostly, are passed over. */
static uint32_t next_stem(struct span s, size_t *ret_at)
{
    for (size_t at = *ret_at; at < s.length; *ret_at = at) {
        uint32_t letters[STEM_ROOM];
        size_t count = 0, from = 0;
        while (at < s.length) {
            const unsigned char *p = (const unsigned char *)s.text + at;
            uint32_t c = 0;
            if ((*p & 0xe0) == 0xc0) {
                c = sign_of((*p & 0x1fu) << 6 | (p[1] & 0x3fu));
                at += 2;
            } else if (*p < 0x80) {
                c = sign_of(*p);
                at++;
            } else {
                at += *p < 0xf0 ? 3 : 4;
            }
            if (!c)
                break;
            if (count < STEM_ROOM)
                letters[count] = c;
            count += c != DATE_DROPPED;
        }
        if (count < 3)
            continue;
        if (count >= 5 && (letters[0] == 0x648 || letters[0] == 0x641 || letters[0] == 0x628 ||
                           letters[0] == 0x644 || letters[0] == 0x643))
            from = 1; /* WAW, FEH, BEH, LAM, KAF */
        if (count - from >= 5 && letters[from] == 0x627 && letters[from + 1] == 0x644)
            from += 2; /* ALEF LAM */
        else if (count - from >= 5 && from && letters[from] == 0x644)
            from++;
        uint32_t hash = 2166136261u;
        for (size_t i = from; i < count && i < from + STEM_LETTERS; i++)
            hash = (hash ^ letters[i]) * 16777619u;
        *ret_at = at;
        return hash ? hash : 1;
    }
    return 0;
}

static void add_stems(struct stems *set, struct span s, size_t most)
{
    size_t at = 0;
    s.length = s.length < most ? s.length : most;
    while (s.length && ((unsigned char)s.text[s.length - 1] & 0xc0) == 0x80 && most)
        s.length--; /* not inside a character */
    if (s.length && (unsigned char)s.text[s.length - 1] >= 0xc0)
        s.length--;
    for (uint32_t stem; (stem = next_stem(s, &at));)
        stem_slot(set, stem, true);
}

/* How many of the words of a line are in the set, per cent; -1: too few words to tell. */
static int share_of_stems(struct stems *set, struct span s)
{
    size_t at = 0;
    int words = 0, met = 0;
    for (uint32_t stem; words < 40 && (stem = next_stem(s, &at)); words++)
        met += stem_slot(set, stem, false);
    return words < 2 ? -1 : met * 100 / words;
}

/* The path of a URL as words: percent escapes decoded, what parts words made a space. */
static struct span url_words(struct view *v)
{
    const char *url = v->source->url, *path = url ? strstr(url, "://") : NULL;
    path = path ? strchr(path + 3, '/') : NULL;
    size_t size = path ? strcspn(path, "?#") : 0, used = 0;
    char *out = size && size < 4096 ? arena_alloc(v->arena, size + 1) : NULL;
    if (!out)
        return (struct span){0};
    for (size_t i = 0; i < size; i++) {
        int high = 0, low = 0;
        const char *hex = "0123456789abcdef";
        if (path[i] == '%' && i + 2 < size) {
            const char *h = strchr(hex, path[i + 1] | 0x20), *l = strchr(hex, path[i + 2] | 0x20);
            high = h && *h ? (int)(h - hex) : -1;
            low = l && *l ? (int)(l - hex) : -1;
        }
        if (path[i] == '%' && i + 2 < size && high >= 0 && low >= 0) {
            out[used++] = (char)(high << 4 | low);
            i += 2;
        } else {
            out[used++] = strchr("/-_.+", path[i]) ? ' ' : path[i];
        }
    }
    return utf8_valid(out, used) ? (struct span){out, used} : (struct span){0};
}

/* Whether long begins with the words of short_one and has something behind a bar or dash. */
static bool begins_with(struct span long_one, struct span short_one)
{
    if (long_one.length < short_one.length ||
        memcmp(long_one.text, short_one.text, short_one.length) != 0)
        return false;
    if (long_one.length == short_one.length)
        return true;
    const char *p = long_one.text + short_one.length;
    size_t left = long_one.length - short_one.length;
    return left > 2 && *p == ' ' && (strchr("|-:<>", p[1]) || (unsigned char)p[1] >= 0xc2);
}

static int count_repeats(const struct view *v, size_t i, size_t limit)
{
    int repeats = 0;
    struct span s = line_at(v, i)->text;
    for (size_t k = 0; k < limit; k++)
        repeats += k != i && begins_with(line_at(v, k)->text, s);
    return repeats;
}

static bool may_be_title(const struct view *v, size_t i)
{
    const struct line *l = line_at(v, i);
    const struct look *k = &v->looks[i];
    return !k->furniture && !k->dated &&
           !(k->head & (FURNITURE_RELATED | FURNITURE_END | FURNITURE_CAPTION)) && l->words >= 2 &&
           l->characters >= 8 && l->characters <= 260;
}

static int title_score(struct view *v, size_t i, struct stems *body, struct stems *url,
                       size_t passed)
{
    const struct line *l = line_at(v, i);
    int score = 0, shared = share_of_stems(body, l->text), named = share_of_stems(url, l->text);
    score += shared > 0 ? shared * 6 / 10 : shared == 0 ? -15 : 0;
    score += url->count >= 2 && named > 0 ? named * 4 / 10 : 0;
    score -= passed < 30 ? (int)passed : 30;
    if (i >= v->first)
        score -= 25;
    if (l->form == LINE_HEADING)
        score += l->level == 1 ? 25 : 10;
    if (l->link_share > 60 && l->form != LINE_HEADING)
        score -= 20;
    if (v->looks[i].ends && l->characters > 60 && !ends_with(l->text, "?") &&
        !ends_with(l->text, "؟") && !ends_with(l->text, "\"") && !ends_with(l->text, "»") &&
        !ends_with(l->text, "”"))
        score -= 25;
    if (l->words < 4)
        score -= 15;
    if (l->characters > 160)
        score -= 20;
    for (size_t k = i + 1; k < v->lines->count && k < i + 6; k++)
        if (v->looks[k].dated) {
            score += 10;
            break;
        }
    int repeats =
        count_repeats(v, i, v->first + 2 < v->lines->count ? v->first + 2 : v->lines->count);
    if (repeats > 0 && repeats <= 3)
        score += 20;
    return score;
}

static void find_title(struct view *v)
{
    struct stems body = {0}, url = {0};
    size_t bytes = 0, lowest = v->first > HEAD_LINES ? v->first - HEAD_LINES : 0, passed = 0;
    v->title = v->lines->count;
    for (size_t i = v->first; i < v->last && bytes < BODY_SAMPLE; i++)
        if (is_prose(v, i) && line_at(v, i)->characters >= PROSE_LINE) {
            add_stems(&body, line_at(v, i)->text, BODY_SAMPLE - bytes);
            bytes += line_at(v, i)->text.length;
        }
    if (!bytes)
        for (size_t i = v->first; i < v->last; i++)
            add_stems(&body, line_at(v, i)->text, BODY_SAMPLE);
    add_stems(&url, url_words(v), SIZE_MAX);
    size_t behind = v->first + 6 < v->last ? v->first + 6 : v->last;
    int best = 14;
    for (size_t i = behind; i-- > lowest;) {
        if (i < v->first)
            passed += !v->looks[i].furniture;
        if (!may_be_title(v, i) || (i >= v->first && (is_prose(v, i) || v->last - i < 3)))
            continue;
        int score = title_score(v, i, &body, &url, passed);
        if (score > best) {
            best = score;
            v->title = i;
        }
    }
    if (lowest > 0 &&
        best < 40) /* far above a long head: the line that begins the dump is often the title */
        for (size_t i = 0; i < 3 && i < lowest; i++) {
            int score = may_be_title(v, i) ? title_score(v, i, &body, &url, 30) : 0;
            if (score > best) {
                best = score;
                v->title = i;
            }
        }
}

/* --- roles ----------------------------------------------------------------------- */

static bool set_role(struct view *v, size_t i, enum line_role role)
{
    struct line *l = line_at(v, i);
    if (l->role == ROLE_UNKNOWN)
        l->role = (uint8_t)role;
    return l->role == role;
}

static bool is_headline(const struct view *v, size_t i)
{
    const struct line *l = line_at(v, i);
    const struct look *k = &v->looks[i];
    return !k->furniture && !k->dated && l->words >= 4 && l->words <= 40 && l->characters >= 20 &&
           l->characters <= 260;
}

/* "Published 18 January 10:05, updated 18 January 12:00": the date behind the words that tell of a
 * change. */
static void read_change(struct view *v, struct line *l)
{
    for (size_t at = 1; at + 4 < l->text.length; at++) {
        struct span rest = {l->text.text + at, l->text.length - at};
        if (strchr(" |-(", l->text.text[at - 1]) && !strchr(" |-(", *rest.text) &&
            line_says_updated(rest)) {
            if (!dates_read_line(v->context, rest.text, rest.length, &l->changed))
                l->changed = (struct moment){0};
            return;
        }
    }
}

static void set_date(struct view *v, size_t i)
{
    struct line *l = line_at(v, i);
    if (line_says_updated(l->text))
        set_role(v, i, ROLE_UPDATED);
    else if (set_role(v, i, ROLE_DATE))
        read_change(v, l);
}

/* Whether a line names the section: the site file knows it, or it is a usual name. */
static bool names_section(const struct view *v, size_t i)
{
    const struct line *l = line_at(v, i);
    if (l->words > 4)
        return false;
    return (v->source->site && site_topic(v->source->site, l->text.text, l->text.length)) ||
           (v->looks[i].furniture & FURNITURE_SECTION);
}

/* A short line near the title that holds a whole date among other things: who wrote it, where, the
 * number of comments. */
static bool date_among_others(struct view *v, size_t i)
{
    struct line *l = line_at(v, i);
    struct date_mention *mentions;
    size_t count;
    if (i == v->title || l->role != ROLE_UNKNOWN || l->words > 16 ||
        l->characters > DATE_LINE_MAX || (v->looks[i].ends && l->words > 10) ||
        !has_year(l->text) ||
        dates_find(v->context, v->arena, l->text.text, l->text.length, &mentions, &count) < 0)
        return false;
    for (size_t k = 0; k < count; k++) {
        const struct date_mention *m = &mentions[k];
        struct span words = {l->text.text + m->start, m->end - m->start};
        if (m->value.precision < MOMENT_DAY || m->value.precision > MOMENT_SECOND ||
            m->until.precision != MOMENT_NONE || !has_year(words))
            continue;
        l->datetime = m->value;
        v->looks[i].dated = true;
        set_date(v, i);
        return true;
    }
    return false;
}

/* Where no line is a date alone: between title and body, close above the title, close behind the
 * body. */
static void settle_hidden_date(struct view *v)
{
    size_t top = v->title < v->first ? v->title : v->first, count = v->lines->count;
    for (size_t i = top; i < v->first; i++)
        if (date_among_others(v, i))
            return;
    for (size_t i = top, passed = 0; i-- > 0 && passed < 4; passed++)
        if (date_among_others(v, i))
            return;
    for (size_t i = v->last; i < count && i < v->last + 3; i++)
        if (date_among_others(v, i))
            return;
}

/* A date between title and body, else close above the title, else close behind the body when no
 * list of leads begins. */
static void settle_dates(struct view *v)
{
    size_t count = v->lines->count, top = v->title < v->first ? v->title : v->first;
    bool found = false;
    for (size_t i = top; i < v->first; i++)
        if (v->looks[i].dated) {
            set_date(v, i);
            found |= line_at(v, i)->role == ROLE_DATE;
        }
    for (size_t i = top, passed = 0; i-- > 0 && !found && passed < 8; passed++)
        if (v->looks[i].dated) {
            set_date(v, i);
            found |= line_at(v, i)->role == ROLE_DATE;
        }
    for (size_t i = v->first; i < v->first + 3 && i < v->last && !found; i++)
        if (v->looks[i].dated) {
            set_date(v, i);
            found = true;
        }
    for (size_t i = v->last; i < count && i < v->last + 6 && !found; i++) {
        if (is_headline(v, i))
            break;
        if (v->looks[i].dated &&
            !(i + 1 < count && is_headline(v, i + 1) && i + 2 < count && v->looks[i + 2].dated)) {
            set_date(v, i);
            found = true;
        }
    }
    if (!found)
        settle_hidden_date(v);
}

/* The short line that names the section, nearest the title: below it, then above it. */
static void settle_section(struct view *v)
{
    size_t top = v->title < v->first ? v->title : v->first;
    for (size_t i = top; i < v->first; i++)
        if (names_section(v, i) && line_at(v, i)->role == ROLE_UNKNOWN &&
            set_role(v, i, ROLE_SECTION))
            return;
    if (v->title < v->first)
        for (size_t i = top + 1; i < v->first;
             i++) { /* alone between title and date, whatever its name */
            const struct line *l = line_at(v, i);
            bool by_date = i + 1 < v->first && v->looks[i + 1].dated;
            if (by_date && l->role == ROLE_UNKNOWN && l->words <= 3 && i == top + 1 &&
                !v->looks[i].furniture && !v->looks[i].head && !line_byline_prefix(l->text) &&
                !line_agency(l->text, v->source->site)) {
                set_role(v, i, ROLE_SECTION);
                return;
            }
        }
    for (size_t i = top, passed = 0; i-- > 0 && passed < 4; passed++)
        if (names_section(v, i) && line_at(v, i)->role == ROLE_UNKNOWN &&
            (i == 0 || line_at(v, i - 1)->role != ROLE_UNKNOWN || !names_section(v, i - 1)) &&
            set_role(v, i, ROLE_SECTION))
            return;
}

/* Prose between title and body belongs to the body when little else stands between; one line of it
 * is a summary. */
static void extend_body(struct view *v)
{
    size_t first = v->first, prose = 0;
    int cost = 0;
    for (size_t i = v->first; i-- > v->title + 1 && cost < OPENING_GAP && !is_barrier(v, i);) {
        if (is_prose(v, i)) {
            first = i;
            prose++;
        } else if (!v->looks[i].dated) {
            cost -= v->looks[i].points;
        }
    }
    if (prose > 1)
        v->first = first;
}

/* A short line close above the title that a colon or dots part from it, or that names a kind of
 * article. */
static void settle_kicker(struct view *v)
{
    static const char *const kinds[] = {"خاص",      "حصري",    "تقرير",    "تحقيق",
                                        "مقابلة",   "تحليل",   "رأي",      "Exclusive",
                                        "Analysis", "Opinion", "Interview"};
    if (!v->title || v->title >= v->lines->count)
        return;
    const struct line *l = line_at(v, v->title - 1);
    const struct look *k = &v->looks[v->title - 1];
    size_t size = l->text.length - ends_with(l->text, ":");
    bool kind = false;
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        kind |= size == strlen(kinds[i]) && memcmp(l->text.text, kinds[i], size) == 0;
    bool parted = ends_with(l->text, ":") || ends_with(l->text, "..") || ends_with(l->text, "…");
    if (l->role == ROLE_UNKNOWN && !k->dated && !k->head && l->words <= 8 && l->characters <= 60 &&
        (kind || (parted && !k->furniture && l->words >= 2)))
        set_role(v, v->title - 1, ROLE_KICKER);
}

static void settle_head(struct view *v)
{
    bool titled = v->title < v->lines->count;
    size_t tickers = 0;
    if (titled)
        set_role(v, v->title, ROLE_TITLE);
    settle_dates(v);
    settle_kicker(v);
    settle_section(v);
    for (size_t i = 0; i < v->first; i++) {
        const struct line *l = line_at(v, i);
        const struct look *k = &v->looks[i];
        size_t by = line_byline_prefix(l->text);
        bool near = titled && i + 8 > v->title;
        if (l->role != ROLE_UNKNOWN)
            continue;
        if (k->furniture)
            set_role(v, i, ROLE_FURNITURE);
        else if (near && i != v->title && by && l->words >= 2 && l->words <= 10 &&
                 by < l->text.length)
            set_role(v, i, ROLE_BYLINE);
        else if (near && i > v->title && l->words <= 6 && line_agency(l->text, v->source->site))
            set_role(v, i, ROLE_BYLINE);
        else if (titled && i > v->title && k->points > 0)
            set_role(v, i, ROLE_SUMMARY);
        else if (titled && i < v->title && !k->head && is_headline(v, i) && l->link_share < 90 &&
                 v->title - i <= 6 && tickers++ < 6)
            set_role(v, i, ROLE_TICKER);
        else
            set_role(v, i, ROLE_FURNITURE);
    }
}

/* Lines of the body that are not its own: furniture, and lists of other stories with what heads
 * them. */
static void settle_body(struct view *v)
{
    bool listing = false;
    for (size_t i = v->first; i < v->last; i++) {
        const struct line *l = line_at(v, i);
        const struct look *k = &v->looks[i];
        bool prose = k->points > 0 && (k->ends || l->characters >= LONG_LINE);
        if (l->role != ROLE_UNKNOWN)
            continue;
        if (k->furniture & (FURNITURE_RELATED | FURNITURE_END)) {
            listing = true;
            set_role(v, i, ROLE_FURNITURE);
        } else if (k->furniture || k->repeats) {
            set_role(v, i, ROLE_FURNITURE);
        } else if (k->dated && l->words <= 8) {
            set_role(v, i, listing ? ROLE_LEAD_DATE : ROLE_FURNITURE);
        } else if (k->head & FURNITURE_RELATED && !prose) {
            set_role(v, i, ROLE_LEAD);
        } else if (listing && !prose) {
            set_role(v, i, is_headline(v, i) ? ROLE_LEAD : ROLE_FURNITURE);
        } else if (l->link_share > 80 && l->form != LINE_HEADING && !prose) {
            set_role(v, i, is_headline(v, i) ? ROLE_LEAD : ROLE_FURNITURE);
        } else {
            listing = false;
            set_role(v, i, ROLE_BODY);
        }
    }
}

static void settle_tail(struct view *v)
{
    size_t count = v->lines->count;
    bool over = false;
    for (size_t i = v->last; i < count; i++) {
        const struct line *l = line_at(v, i);
        const struct look *k = &v->looks[i];
        over |= (k->furniture | k->head) & FURNITURE_END && i > v->last + 2;
        if (l->role != ROLE_UNKNOWN)
            continue;
        bool near_date =
            (i + 1 < count && v->looks[i + 1].dated) || (i > v->last && v->looks[i - 1].dated);
        if (k->dated)
            set_role(v, i, ROLE_LEAD_DATE);
        else if (!over && !k->head && is_headline(v, i) &&
                 (!k->ends || near_date || ends_with(l->text, "؟") || ends_with(l->text, "?") ||
                  ends_with(l->text, "\"") || ends_with(l->text, "»")))
            set_role(v, i, ROLE_LEAD);
        else if (k->head & FURNITURE_RELATED && l->text.length > k->rest + 20u)
            set_role(v, i, ROLE_LEAD);
        else
            set_role(v, i, ROLE_FURNITURE);
    }
}

/* The body ends above the comments, unless little of an article stands there. */
static void cut_comments(struct view *v, size_t opens)
{
    size_t characters = 0, last = v->first;
    for (size_t i = v->first; i < opens; i++)
        if (is_prose(v, i)) {
            characters += line_at(v, i)->characters;
            last = i + 1;
        }
    if (characters >= BODY_LEAST)
        v->last = last;
}

static int settle_entries(struct view *v)
{
    struct entry_look *looks = arena_zalloc(v->arena, (v->lines->count + 1) * sizeof *looks);
    if (!looks)
        return -ENOMEM;
    for (size_t i = v->first; i < v->last; i++) {
        bool timed = line_at(v, i)->datetime.precision >=
                     MOMENT_HOUR; /* not a day alone, as beside a teaser */
        looks[i].opens =
            v->looks[i].clock || (v->looks[i].dated && timed && line_at(v, i)->words <= 8);
        looks[i].prose = is_prose(v, i);
        looks[i].clock = v->looks[i].clock;
    }
    size_t first = v->first; /* a time above the first sentence opens its entry */
    if (first && first - 1 > v->title && v->looks[first - 1].clock) {
        first--;
        looks[first].opens = looks[first].clock = true;
    }
    size_t opens = v->last;
    if (entries_settle(v->lines, looks, first, v->last, v->source->url, &opens) == ENTRIES_COMMENTS)
        cut_comments(v, opens);
    return 0;
}

/* Where the reader told the body: its first and last line. */
static bool known_body(struct view *v)
{
    bool any = false;
    for (size_t i = 0; i < v->lines->count; i++)
        if (line_at(v, i)->role == ROLE_BODY) {
            v->first = any ? v->first : i;
            v->last = i + 1;
            any = true;
        }
    return any;
}

static size_t known_title(const struct view *v)
{
    for (size_t i = 0; i < v->lines->count; i++)
        if (line_at(v, i)->role == ROLE_TITLE)
            return i;
    return v->lines->count;
}

int roles_settle(const struct page_source *source, const struct dates_context *context,
                 struct arena *arena, struct lines *lines)
{
    struct view v = {.source = source, .context = context, .arena = arena, .lines = lines};
    int r = look_at_lines(&v);
    if (r < 0)
        return r;
    bool told = known_body(&v);
    if (!told)
        drop_repeats(&v);
    if (!told && (lines->roles_known || !find_body(&v)))
        return 0;
    if (!told)
        cut_notes(&v);
    v.title = known_title(&v);
    if (v.title == lines->count)
        find_title(&v);
    if (!told && v.title < lines->count && v.title >= v.first)
        v.first = v.title + 1;
    if (!told && v.title < v.first)
        extend_body(&v);
    if (!told && (r = settle_entries(&v)) < 0)
        return r;
    settle_head(&v);
    if (!told)
        settle_body(&v);
    else
        for (size_t i = v.first; i < v.last; i++)
            if (!set_role(&v, i, v.looks[i].dated ? ROLE_LEAD_DATE : ROLE_FURNITURE) &&
                line_at(&v, i)->role == ROLE_BODY && site_furniture(source->site, line_at(&v, i)->text))
                line_at(&v, i)->role = ROLE_FURNITURE; /* a reader knows boxes, not the site's words */
    settle_tail(&v);
    return 0;
}

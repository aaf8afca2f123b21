/* Quotations in the text of an article. */
#include "parse/quotes.h"

#include "libcommon/text.h"
#include "libcommon/utf8.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

enum {
    INTRODUCTION_WORDS = 24,
    BEHIND_WORDS = 12,
    SCARE_WORDS = 3,
    WORD_SIZE = 64,
    QUOTES_MAX = 2000,
    QUOTE_BYTES_MAX = 20000,
    MARKS_MOST = 20000, /* of one paragraph */
    BEHIND_MOST = 600,  /* bytes */
    SPEAKER_MOST = 400,
    INTRODUCTION_MOST = 800,
};

/* Words of speech in normalised form (libcommon/text.h), without a conjunction before them;
 * ascending by bytes. */
static const char *const verbs[] = {
    "according", "added",   "adding", "affirme", "ajoute",    "announced", "asked",  "belirtti",
    "declare",   "dedi",    "dit",    "ekledi",  "explique",  "indique",   "said",   "says",
    "souligne",  "soyledi", "stated", "told",    "vurguladi", "warned",    "wrote",  "اتم",
    "اتمت",      "اختتم",   "اردف",   "اردفت",   "استطرد",    "اشار",      "اشارت",  "اضاف",
    "اضافت",     "اعتبر",   "اعتبرت", "اعلن",    "اعلنت",     "افاد",      "افادت",  "افزود",
    "اكد",       "اكدت",    "اكدوا",  "اكمل",    "اكملت",     "اوضح",      "اوضحت",  "بين",
    "بينت",      "تابع",    "تابعت",  "تساءل",   "تقول",      "توكد",      "جاء",    "حذر",
    "حذرت",      "خاطب",    "ختم",    "دعا",     "دعت",       "ذكر",       "ذكرت",   "رات",
    "راي",       "رد",      "ردت",    "زعم",     "زعمت",      "شدد",       "شددت",   "صرح",
    "صرحت",      "طالب",    "طالبت",  "علق",     "علقت",      "غرد",       "قال",    "قالت",
    "قالوا",     "قايلا",   "قايله",  "كتب",     "كتبت",      "كرد",       "كشف",    "كشفت",
    "لافتا",     "لافته",   "لفت",    "لفتت",    "مبينا",     "متابعا",    "محذرا",  "مشددا",
    "مشدده",     "مشيرا",   "مشيره",  "مضيفا",   "مضيفه",     "معتبرا",    "معتبره", "معلنا",
    "موضحا",     "موضحه",   "موكدا",  "موكده",   "نفت",       "نفي",       "نقل",    "نقلت",
    "وتي",       "وصف",     "وصفت",   "يذكر",    "يشير",      "يضيف",      "يقول",   "يوكد",
    "گفت",       "گوتي"};

/* What stands between the introduction and the quotation; ascending by bytes. */
static const char *const particles[] = {"que",  "that",  "الي", "ان", "انه", "انها", "انهم", "بان",
                                        "بانه", "بانها", "علي", "عن", "في",  "فيه",  "كه"};

const char *quotes_word(bool particle, size_t i)
{
    if (particle)
        return i < sizeof particles / sizeof *particles ? particles[i] : NULL;
    return i < sizeof verbs / sizeof *verbs ? verbs[i] : NULL;
}

static int by_bytes(const void *word, const void *entry)
{
    return strcmp(word, *(const char *const *)entry);
}

#define LISTED(list, word)                                                                         \
    (bsearch(word, list, sizeof(list) / sizeof *(list), sizeof *(list), by_bytes) != NULL)

/* Terminated; 0: longer than any word of the lists. */
static size_t fold(const char *word, size_t size, char out[WORD_SIZE])
{
    size_t n = size < WORD_SIZE ? text_fold(word, size, out) : 0;
    out[n] = '\0';
    return n;
}

static bool is_verb(const char *word, size_t size)
{
    char folded[WORD_SIZE];
    size_t n = fold(word, size, folded);
    if (!n)
        return false;
    bool clitic = n > 4 && (memcmp(folded, "و", 2) == 0 || memcmp(folded, "ف", 2) == 0);
    return LISTED(verbs, folded) || (clitic && LISTED(verbs, folded + 2));
}

static bool is_particle(const char *word, size_t size)
{
    char folded[WORD_SIZE];
    size_t n = fold(word, size, folded);
    if (size == 6 && memcmp(word, "علي", 6) == 0)
        return false; /* written with YEH, the name Ali; the preposition has ALEF MAKSURA */
    return n && LISTED(particles, folded);
}

static bool word_char(uint32_t c)
{
    if (c < 0x80)
        return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') || c == '\'' ||
               c == '-';
    return c != 0xab && c != 0xbb && c != 0x60c && c != 0x61b && c != 0x61f &&
           !(c >= 0x2010 && c <= 0x205e) && c != 0x6d4;
}

struct words {
    struct span items[INTRODUCTION_WORDS];
    size_t count;
};

static bool sentence_end(uint32_t c)
{
    return c == '.' || c == '!' || c == '?' || c == 0x61f || c == 0x6d4 || c == '\n' || c == 0x2026;
}

/* The last words between start and end that belong to one sentence. */
static void last_words(const char *text, size_t start, size_t end, struct words *ret)
{
    ret->count = 0;
    for (size_t at = start; at < end;) {
        size_t from = at, next = at;
        uint32_t c = utf8_next(text, &next);
        if (!word_char(c)) {
            if (sentence_end(c))
                ret->count = 0;
            at = next;
            continue;
        }
        while (at < end && (next = at, c = utf8_next(text, &next), word_char(c)) && c != ' ')
            at = next;
        if (at == from) { /* a space */
            at = next;
            continue;
        }
        if (ret->count == INTRODUCTION_WORDS) {
            memmove(ret->items, ret->items + 1, sizeof *ret->items * (INTRODUCTION_WORDS - 1));
            ret->count--;
        }
        ret->items[ret->count++] = (struct span){text + from, at - from};
    }
}

static struct span from_to(struct span first, struct span last)
{
    return (struct span){first.text, (size_t)(last.text + last.length - first.text)};
}

/* The speaker ends where a comma ends it. */
static struct span cut_at_comma(struct span s)
{
    for (size_t at = 0; at < s.length;) {
        size_t start = at;
        uint32_t c = utf8_next(s.text, &at);
        if (c == ',' || c == 0x60c || c == ':' || c == ';' || c == 0x61b) {
            s.length = start;
            break;
        }
    }
    while (s.length && s.text[s.length - 1] == ' ')
        s.length--;
    return s;
}

/* With the bracket that closes one inside it. */
static struct span closed(struct span s)
{
    const char *open = memchr(s.text, '(', s.length);
    if (open && !memchr(open, ')', (size_t)(s.text + s.length - open)) && s.text[s.length] == ')')
        s.length++;
    return s;
}

/* "The mayor said:", "vazir goft:": where the language has the verb behind who speaks. */
static struct span speaker_before(const struct words *w, size_t verb)
{
    static const char *const behind[] = {"added",   "ajoute", "announced", "asked", "belirtti",
                                         "declare", "dedi",   "dit",       "said",  "says",
                                         "stated",  "told",   "warned",    "wrote", "افزود",
                                         "كرد",     "وتي",    "گفت",       "گوتي"};
    enum { MOST = 8 };
    char folded[WORD_SIZE];
    size_t first = verb > MOST ? verb - MOST : 0;
    if (verb == first || !fold(w->items[verb].text, w->items[verb].length, folded) ||
        !LISTED(behind, folded))
        return (struct span){0};
    for (size_t i = first; i < verb; i++) { /* from the last comma on */
        const char *end = w->items[i].text + w->items[i].length;
        bool comma = *end == ',' || memcmp(end, "،", 2) == 0 || memcmp(end, "؛", 2) == 0;
        bool and = w->items[i].length == 3 && memcmp(w->items[i].text, "and", 3) == 0;
        first = comma || and? i + 1 : first;
    }
    return first < verb ? from_to(w->items[first], w->items[verb - 1]) : (struct span){0};
}

static void introduce(const struct words *w, struct quote *q)
{
    size_t end = w->count, verb = w->count;
    while (end && is_particle(w->items[end - 1].text, w->items[end - 1].length))
        end--;
    for (size_t i = 0; i < end; i++)
        if (is_verb(w->items[i].text, w->items[i].length))
            verb = i;
    if (verb >= end)
        return;
    q->verb = w->items[verb];
    q->introduction = closed(from_to(w->items[verb], w->items[end - 1]));
    if (verb + 1 < end)
        q->speaker = cut_at_comma(closed(from_to(w->items[verb + 1], w->items[end - 1])));
    else
        q->speaker = speaker_before(w, verb);
    if (verb + 1 == end && q->speaker.length)
        q->introduction = from_to(q->speaker, w->items[verb]);
}

/* "…", said so-and-so. */
static void introduce_behind(const char *text, size_t start, size_t size, struct quote *q)
{
    size_t end = start, words = 0;
    for (size_t at = start; at < size && words < BEHIND_WORDS && at - start < BEHIND_MOST;) {
        size_t next = at;
        uint32_t c = utf8_next(text, &next);
        if (sentence_end(c))
            break;
        words += c == ' ';
        at = end = next;
    }
    struct words w;
    last_words(text, start, end, &w);
    for (size_t i = 0; i < w.count && i < 2; i++) {
        if (!is_verb(w.items[i].text, w.items[i].length))
            continue;
        q->verb = w.items[i];
        if (i + 1 < w.count) {
            struct span rest = from_to(w.items[i + 1], w.items[w.count - 1]);
            q->speaker = cut_at_comma(rest);
        }
        struct span last = q->speaker.length ? q->speaker : q->verb;
        q->introduction = from_to(q->verb, last);
        return;
    }
}

/* Kinds of marks: what opens and what closes a quotation. */
enum mark_kind {
    MARK_NONE,
    MARK_STRAIGHT,
    MARK_ANGLE,
    MARK_HIGH,
    MARK_LOW,
    MARK_ANGLE_END,
    MARK_HIGH_END,
    MARK_LINE_END
};

static enum mark_kind kind_of(uint32_t c)
{
    switch (c) {
    case '"':
        return MARK_STRAIGHT;
    case 0xab: /* LEFT-POINTING DOUBLE ANGLE QUOTATION MARK */
        return MARK_ANGLE;
    case 0xbb: /* RIGHT-POINTING DOUBLE ANGLE QUOTATION MARK */
        return MARK_ANGLE_END;
    case 0x201c: /* LEFT DOUBLE QUOTATION MARK */
        return MARK_HIGH;
    case 0x201d: /* RIGHT DOUBLE QUOTATION MARK */
        return MARK_HIGH_END;
    case 0x201e: /* DOUBLE LOW-9 QUOTATION MARK */
        return MARK_LOW;
    case '\n':
        return MARK_LINE_END;
    }
    return MARK_NONE;
}

/* A mark of a paragraph. */
struct mark {
    size_t at, next; /* its first byte, the byte behind it */
    size_t close;    /* of an opening mark: which mark closes it; 0: none */
    size_t below;    /* while it is open: the mark that was opened before it; SIZE_MAX: none */
    uint8_t kind;
};

struct marks {
    struct arena *arena;
    struct mark *items;
    size_t count, capacity;
    size_t top;                     /* opened last; SIZE_MAX: none */
    size_t open[MARK_LINE_END + 1]; /* how many are open, by kind */
};

/* The kinds that a mark may close, up to two; MARK_NONE: it closes none. */
static void closes(enum mark_kind kind, enum mark_kind ret[2])
{
    static const uint8_t table[MARK_LINE_END + 1][2] = {
        [MARK_STRAIGHT] = {MARK_STRAIGHT, MARK_HIGH},
        [MARK_HIGH] = {MARK_LOW     },
        [MARK_ANGLE_END] = {MARK_ANGLE            },
        [MARK_HIGH_END] = {MARK_HIGH,             MARK_LOW         },
    };
    ret[0] = table[kind][0];
    ret[1] = table[kind][1];
}

/* Closes the nearest mark that the last one may close, and forgets what was opened inside it.
 * False: there is none. */
static bool close_mark(struct marks *m)
{
    size_t last = m->count - 1;
    enum mark_kind of[2];
    closes(m->items[last].kind, of);
    if (!(of[0] && m->open[of[0]]) && !(of[1] && m->open[of[1]]))
        return false;
    for (bool found = false; !found; m->top = m->items[m->top].below) {
        struct mark *opened = &m->items[m->top];
        found = opened->kind == of[0] || (of[1] && opened->kind == of[1]);
        m->open[opened->kind]--;
        if (found)
            opened->close = last;
    }
    return true;
}

static size_t next_mark(const char *text, size_t size, size_t at);

/* Collects the marks from at to the end of the paragraph and tells which close which; *ret_end:
 * behind the paragraph. */
static int read_marks(struct marks *m, const char *text, size_t size, size_t at, size_t *ret_end)
{
    m->count = 0;
    m->top = SIZE_MAX;
    memset(m->open, 0, sizeof m->open);
    while ((at = next_mark(text, size, at)) < size) {
        size_t start = at;
        enum mark_kind kind = kind_of(utf8_next(text, &at));
        if (kind == MARK_LINE_END)
            break;
        if (kind == MARK_NONE || m->count == MARKS_MOST)
            continue;
        struct mark *items =
            arena_grow(m->arena, m->items, sizeof *items, m->count + 1, &m->capacity);
        if (!items)
            return -ENOMEM;
        m->items = items;
        items[m->count++] =
            (struct mark){.at = start, .next = at, .below = m->top, .kind = (uint8_t)kind};
        if (close_mark(m) || kind == MARK_ANGLE_END || kind == MARK_HIGH_END)
            continue;
        m->top = m->count - 1;
        m->open[kind]++;
    }
    *ret_end = at;
    return 0;
}

/* The next byte from at that may begin a mark of quotation or ends a line; size when there is none.
 */
static size_t next_mark(const char *text, size_t size, size_t at)
{
    static const bool marks[256] = {['\n'] = true, ['"'] = true, [0xc2] = true, [0xe2] = true};
#ifdef __SSE2__
    for (; size - at >= 16; at += 16) {
        __m128i v = _mm_loadu_si128((const __m128i *)(text + at));
        __m128i ascii = _mm_or_si128(_mm_cmpeq_epi8(v, _mm_set1_epi8('\n')),
                                     _mm_cmpeq_epi8(v, _mm_set1_epi8('"')));
        __m128i leads = _mm_or_si128(_mm_cmpeq_epi8(v, _mm_set1_epi8((char)0xc2)),
                                     _mm_cmpeq_epi8(v, _mm_set1_epi8((char)0xe2)));
        unsigned found = (unsigned)_mm_movemask_epi8(_mm_or_si128(ascii, leads));
        if (found)
            return at + (unsigned)__builtin_ctz(found);
    }
#endif
    while (at < size && !marks[(unsigned char)text[at]])
        at++;
    return at;
}

static size_t count_words(const char *text, size_t size)
{
    size_t words = size > 0;
    for (size_t i = 0; i < size; i++)
        words += text[i] == ' ';
    return words;
}

static bool feminine_verb(struct span verb)
{
    return verb.length > 2 && memcmp(verb.text + verb.length - 2, "ت", 2) == 0;
}

static bool feminine_noun(struct span speaker)
{
    const char *space = memchr(speaker.text, ' ', speaker.length);
    size_t first = space ? (size_t)(space - speaker.text) : speaker.length;
    return first > 2 && memcmp(speaker.text + first - 2, "ة", 2) == 0;
}

struct speakers {
    struct span any, feminine, masculine;
};

/* A verb alone goes on with who spoke last, agreeing in gender where Arabic shows it. */
static void settle_speaker(struct speakers *last, struct quote *q)
{
    if (q->speaker.length) {
        last->any = q->speaker;
        if (feminine_noun(q->speaker) || feminine_verb(q->verb))
            last->feminine = q->speaker;
        else
            last->masculine = q->speaker;
    } else if (q->verb.length) {
        struct span agreeing = feminine_verb(q->verb) ? last->feminine : last->masculine;
        q->speaker = agreeing.length ? agreeing : last->any;
    }
}

/* The quotation between two marks, with the words that introduce it from the end of the one before.
 */
static struct quote read_quote(const char *text, size_t size, size_t sentence,
                               const struct mark *open, const struct mark *close)
{
    struct quote q = {.start = open->next, .end = close->at};
    struct words words;
    last_words(text, sentence, open->at, &words);
    introduce(&words, &q);
    if (!q.verb.length)
        introduce_behind(text, close->next, size, &q);
    if (q.speaker.length > SPEAKER_MOST)
        q.speaker = (struct span){0};
    if (q.introduction.length > INTRODUCTION_MOST)
        q.introduction = q.verb;
    return q;
}

int quotes_find(struct arena *arena, struct article *article)
{
    const char *text = article->text.text;
    size_t size = article->text.length, count = 0, capacity = 0, end;
    struct quote *quotes = NULL;
    struct speakers last = {0};
    struct marks marks = {.arena = arena};
    for (size_t at = 0; at < size && count < QUOTES_MAX; at = end) {
        size_t sentence = at;
        int r = read_marks(&marks, text, size, at, &end);
        if (r < 0)
            return r;
        for (size_t i = 0; i < marks.count && count < QUOTES_MAX; i++) {
            const struct mark *open = &marks.items[i], *close = &marks.items[open->close];
            if (!open->close || close->at == open->next || close->at - open->next > QUOTE_BYTES_MAX)
                continue;
            struct quote q = read_quote(text, size, sentence, open, close);
            sentence = close->next;
            i = open->close;
            if (!q.verb.length && count_words(text + q.start, q.end - q.start) <= SCARE_WORDS * 2)
                continue;
            settle_speaker(&last, &q);
            quotes = arena_grow(arena, quotes, sizeof *quotes, count + 1, &capacity);
            if (!quotes)
                return -ENOMEM;
            quotes[count++] = q;
        }
    }
    article->quotes = quotes;
    article->quote_count = count;
    return 0;
}

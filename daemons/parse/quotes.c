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
    QUOTE_BYTES_MAX = 20000
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
    q->introduction = from_to(w->items[verb], w->items[end - 1]);
    if (verb + 1 < end)
        q->speaker = cut_at_comma(from_to(w->items[verb + 1], w->items[end - 1]));
}

/* "…", said so-and-so. */
static void introduce_behind(const char *text, size_t start, size_t size, struct quote *q)
{
    size_t end = start, words = 0;
    for (size_t at = start; at < size && words < BEHIND_WORDS;) {
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

static uint32_t closing(uint32_t open)
{
    switch (open) {
    case '"':
        return '"';
    case 0xab:
        return 0xbb;
    case 0x201c:
    case 0x201e:
        return 0x201d;
    }
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

/* Where the quotation that opens at `at` closes: in its paragraph, or at its end when the mark is
 * missing. Nested marks of the same kind are counted. 0: it does not close and more paragraphs
 * follow without sense. */
static size_t find_close(const char *text, size_t size, size_t at, uint32_t open, size_t *ret_next)
{
    uint32_t close = closing(open);
    int depth = 1;
    while ((at = next_mark(text, size, at)) < size) {
        size_t start = at;
        uint32_t c = utf8_next(text, &at);
        if (c == '\n')
            return 0;
        if (c == open && open != close)
            depth++;
        else if ((c == close || (open == 0x201e && c == 0x201c) || (open == 0x201c && c == '"')) &&
                 --depth == 0) {
            *ret_next = at;
            return start;
        }
    }
    return 0;
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

int quotes_find(struct arena *arena, struct article *article)
{
    const char *text = article->text.text;
    size_t size = article->text.length, count = 0, capacity = 0, sentence = 0;
    struct quote *quotes = NULL;
    struct speakers last = {0};
    for (size_t at = 0; (at = next_mark(text, size, at)) < size && count < QUOTES_MAX;) {
        size_t mark = at;
        uint32_t c = utf8_next(text, &at);
        if (c == '\n')
            sentence = at;
        if (!closing(c))
            continue;
        size_t next, close = find_close(text, size, at, c, &next);
        if (!close || close == at || close - at > QUOTE_BYTES_MAX)
            continue;
        struct quote q = {.start = at, .end = close};
        struct words words;
        last_words(text, sentence, mark, &words);
        introduce(&words, &q);
        if (!q.verb.length)
            introduce_behind(text, next, size, &q);
        at = sentence = next;
        if (!q.verb.length && count_words(text + q.start, q.end - q.start) <= SCARE_WORDS * 2)
            continue;
        settle_speaker(&last, &q);
        quotes = arena_grow(arena, quotes, sizeof *quotes, count + 1, &capacity);
        if (!quotes)
            return -ENOMEM;
        quotes[count++] = q;
    }
    article->quotes = quotes;
    article->quote_count = count;
    return 0;
}

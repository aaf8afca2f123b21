/* Language identification: from letters to n-grams to a language. */
#include "classify/language.h"

#include "classify/language_kurmanji.h"
#include "classify/language_latin.h"
#include "classify/model.h"
#include "libcommon/utf8.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const float SURE_LINE = 0.8f; /* to say that a line is in another language than its text */
static const float SURE_DARI = 0.9f; /* `fa` is right for Dari too, `fa-AF` is wrong for Iran's Persian */

/* Of each line the first bytes are looked at, of the first line more: a language shows early. */
enum { GRAMS_PER_LETTER = 3, BATCH = 192, FIRST_BYTES = 512, LINE_BYTES = 128, SHORT_LINE = 12 };

static const char *const tags[LANGUAGE_COUNT] = {
    [LANGUAGE_OTHER] = "und",
    [LANGUAGE_ARABIC] = "ar",
    [LANGUAGE_PERSIAN] = "fa",
    [LANGUAGE_DARI] = "fa-AF",
    [LANGUAGE_URDU] = "ur",
    [LANGUAGE_SORANI] = "ckb",
    [LANGUAGE_KURMANJI] = "kmr",
    [LANGUAGE_PASHTO] = "ps",
    [LANGUAGE_UYGHUR] = "ug",
    [LANGUAGE_SINDHI] = "sd",
    [LANGUAGE_AZERBAIJANI] = "azb",
    [LANGUAGE_TURKISH] = "tr",
    [LANGUAGE_ENGLISH] = "en",
    [LANGUAGE_FRENCH] = "fr",
};

static const char *const scripts[SCRIPT_COUNT] = {NULL, "Arab", "Latn", "Zyyy"};

const char *language_tag(enum language language)
{
    return (unsigned)language < LANGUAGE_COUNT ? tags[language] : NULL;
}

const char *script_code(enum script script)
{
    return (unsigned)script < SCRIPT_COUNT ? scripts[script] : NULL;
}

struct language_model {
    struct model *file;
    const int8_t (*weights)[LANGUAGE_LANES];
    const struct language_scale *scale;
};

int language_model_open(const char *path, struct language_model **ret)
{
    struct language_model *m = calloc(1, sizeof *m);
    if (!m)
        return -ENOMEM;
    int r = model_open(path, MODEL_LANGUAGE, LANGUAGE_MODEL_VERSION, &m->file);
    if (r == 0) {
        m->weights = model_section_of(m->file, LANGUAGE_SECTION_WEIGHTS,
                                      LANGUAGE_BUCKETS * sizeof *m->weights);
        m->scale = model_section_of(m->file, LANGUAGE_SECTION_SCALE, sizeof *m->scale);
        r = m->weights && m->scale ? 0 : -EBADMSG;
    }
    if (r < 0) {
        language_model_close(m);
        return r;
    }
    *ret = m;
    return 0;
}

struct language_model *language_model_close(struct language_model *m)
{
    if (m)
        model_close(m->file);
    free(m);
    return NULL;
}

/* Symbols of the n-grams: 0 parts words; letters of U+06xx are their low byte, which for letters is 0x20 and more. */
enum { SYMBOL_BREAK, SYMBOL_JOINER, SYMBOL_FOREIGN, SYMBOL_SKIP };

static uint8_t symbol_of_arabic(uint32_t c) /* U+0600 to U+06FF */
{
    if (c == 0x640 || (c >= 0x64b && c <= 0x652) || (c >= 0x610 && c <= 0x61a) || c == 0x670)
        return SYMBOL_SKIP;
    if (c < 0x620 || (c >= 0x660 && c <= 0x66d) || c == 0x6d4 || (c >= 0x6f0 && c <= 0x6f9))
        return SYMBOL_BREAK;
    return (uint8_t)c;
}

static uint8_t symbol_of_other(uint32_t c, size_t letters[SCRIPT_COUNT])
{
    if (c == 0x200c)
        return SYMBOL_JOINER;
    if (c - 0x200b < 5 || c == 0xfeff)
        return SYMBOL_SKIP;
    if (c - 0x750 < 0x30 || c - 0x8a0 < 0x40 || c - 0xfb50 < 0x2b0 || c - 0xfe70 < 0x8d) {
        letters[SCRIPT_ARABIC]++;
        return SYMBOL_FOREIGN;
    }
    if (c < 0xc0 || (c >= 0x2000 && c < 0x2c00) || (c >= 0x3000 && c < 0x3041) || c >= 0xfe00)
        return SYMBOL_BREAK;
    letters[c < 0x250 || (c >= 0x1e00 && c < 0x1f00) ? SCRIPT_LATIN : SCRIPT_OTHER]++;
    return SYMBOL_BREAK;
}

static uint8_t next_symbol(const char *text, size_t *at, size_t letters[SCRIPT_COUNT])
{
    unsigned char byte = (unsigned char)text[*at];
    if (byte < 0x80) {
        ++*at;
        letters[SCRIPT_LATIN] += (unsigned char)((byte | 0x20) - 'a') < 26;
        return SYMBOL_BREAK;
    }
    uint32_t c = utf8_next(text, at);
    if (c - 0x600 >= 0x100)
        return symbol_of_other(c, letters);
    uint8_t symbol = symbol_of_arabic(c);
    letters[SCRIPT_ARABIC] += symbol > SYMBOL_SKIP;
    return symbol;
}

static uint16_t bucket(uint32_t gram, uint32_t salt)
{
    return (uint16_t)((gram * 0x9e3779b1u ^ salt) * 0x85ebca6bu >> 17);
}

size_t language_read(struct language_view *view, const char *text, size_t size, uint16_t *out,
                     size_t room)
{
    size_t count = 0;
    uint32_t last = view->last;
    while (view->at < size && count + GRAMS_PER_LETTER <= room) {
        uint8_t symbol = next_symbol(text, &view->at, view->letters);
        if (symbol == SYMBOL_SKIP || (symbol == SYMBOL_BREAK && !(last & 0xff)))
            continue;
        last = last << 8 | symbol;
        out[count++] = bucket(last & 0xffff, 0x2000000);
        out[count++] = bucket(last & 0xffffff, 0x3000000);
        out[count++] = bucket(last, 0);
    }
    view->last = last;
    return count;
}

typedef int8_t lanes8 __attribute__((vector_size(LANGUAGE_LANES)));
typedef int16_t lanes16 __attribute__((vector_size(2 * LANGUAGE_LANES)));

/* What is known of a text so far. */
struct tally {
    int32_t sums[LANGUAGE_LANES];
    size_t grams;
    size_t letters[SCRIPT_COUNT];
};

static void tally_add(struct tally *t, const struct language_model *m, const uint16_t *grams,
                      size_t count)
{
    _Static_assert(BATCH * 128 < 32768, "sums of a batch fit 16 bits");
    lanes16 sum = {0};
    for (size_t i = 0; i < count; i++) {
        lanes8 row;
        memcpy(&row, m->weights[grams[i]], sizeof row);
        sum += __builtin_convertvector(row, lanes16);
    }
    for (int l = 0; l < LANGUAGE_LANES; l++)
        t->sums[l] += sum[l];
    t->grams += count;
}

static void tally_text(struct tally *t, const struct language_model *m, const char *text, size_t size)
{
    struct language_view view = {0};
    uint16_t grams[BATCH];
    while (view.at < size)
        tally_add(t, m, grams, language_read(&view, text, size, grams, BATCH));
    for (int s = 0; s < SCRIPT_COUNT; s++)
        t->letters[s] += view.letters[s];
}

static enum script main_script(const size_t letters[SCRIPT_COUNT])
{
    enum script best = SCRIPT_NONE;
    for (int s = SCRIPT_ARABIC; s < SCRIPT_COUNT; s++)
        if (letters[s] > letters[best] || (best == SCRIPT_NONE && letters[s]))
            best = s;
    return best;
}

static struct language_guess guess_arabic(const struct tally *t, const struct language_model *m)
{
    float p[LANGUAGE_LANES], sum = 0;
    float unit = m->scale->step / sqrtf((float)(t->grams ? t->grams : 1));
    int best = 0;
    for (int l = 0; l < LANGUAGE_LANES; l++) {
        p[l] = (float)t->sums[l] * unit + m->scale->bias[l];
        best = p[l] > p[best] ? l : best;
    }
    float highest = p[best];
    for (int l = 0; l < LANGUAGE_LANES; l++)
        sum += p[l] = expf(p[l] - highest);
    if (best == LANGUAGE_DARI && p[best] / sum < SURE_DARI)
        best = LANGUAGE_PERSIAN;
    if (best == LANGUAGE_PERSIAN)
        p[best] += p[LANGUAGE_DARI];
    return (struct language_guess){(enum language)best, SCRIPT_ARABIC, p[best] / sum};
}

static struct language_guess guess(const struct tally *t, const struct language_model *m,
                                   const char *text, size_t size)
{
    struct language_guess g = {.script = main_script(t->letters)};
    if (g.script == SCRIPT_ARABIC) {
        g = guess_arabic(t, m);
        if ((g.language == LANGUAGE_SORANI || g.language == LANGUAGE_OTHER) &&
            kurmanji_in_arabic(text, size, &g.confidence))
            g.language = LANGUAGE_KURMANJI;
    }
    if (g.script == SCRIPT_LATIN)
        g.language = language_of_latin(text, size, &g.confidence);
    return g;
}

struct language_guess language_identify(const struct language_model *m, const char *text, size_t size)
{
    struct tally t = {0};
    tally_text(&t, m, text, size);
    return guess(&t, m, text, size);
}

/* A prefix of whole code points of at most limit bytes. */
static size_t head(const char *text, size_t size, size_t limit)
{
    if (size <= limit)
        return size;
    while (limit && ((unsigned char)text[limit] & 0xc0) == 0x80)
        limit--;
    return limit;
}

size_t language_identify_lines(const struct language_model *m, const char *text, size_t size,
                               struct language_guess *ret_text, struct language_line *lines,
                               size_t room, bool *ret_differ)
{
    struct tally all = {0};
    size_t count = 0;
    for (size_t at = 0; at < size;) {
        const char *end = memchr(text + at, '\n', size - at);
        size_t length = end ? (size_t)(end - text) - at : size - at;
        struct tally t = {0};
        tally_text(&t, m, text + at, head(text + at, length, at ? LINE_BYTES : FIRST_BYTES));
        for (int l = 0; l < LANGUAGE_LANES; l++)
            all.sums[l] += t.sums[l];
        all.grams += t.grams;
        size_t letters = 0;
        for (int s = 0; s < SCRIPT_COUNT; s++) {
            all.letters[s] += t.letters[s];
            letters += t.letters[s];
        }
        struct language_guess g = guess(&t, m, text + at, length);
        if (letters < SHORT_LINE || g.confidence < SURE_LINE)
            g.language = LANGUAGE_COUNT; /* not told; the text's, once that is known */
        if (letters && count < room)
            lines[count++] = (struct language_line){g, at, at + length};
        at += length + 1;
    }
    *ret_text = guess(&all, m, text, size);
    *ret_differ = false;
    for (size_t i = 0; i < count; i++) {
        if (lines[i].guess.language == LANGUAGE_COUNT)
            lines[i].guess = *ret_text;
        *ret_differ |= lines[i].guess.language != ret_text->language;
    }
    return count;
}

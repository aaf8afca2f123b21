/* Tagging words with Viterbi's algorithm, and cutting the names out of the text. */
#include "classify/names.h"

#include "classify/model.h"
#include "classify/names_format.h"
#include "libcommon/utf8.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* One number a tag, in vectors of 16 bytes: every machine has those, while compilers take wider
 * ones apart, number by number, where the machine lacks them. */
typedef int8_t row __attribute__((vector_size(NAME_TAGS)));
typedef int8_t half_row __attribute__((vector_size(NAME_TAGS / 2)));
typedef int16_t half __attribute__((vector_size(NAME_TAGS)));
struct lanes {
    half low, high;
};

struct names_model {
    struct model *model;
    struct lexicon lexicon;
    const row (*weights)[NAME_OFFSETS];
    const row *rows;
    const int16_t *cuts;
    struct lanes moves[NAME_TAGS]; /* from a tag to each; FORBIDDEN where a name would go on that
                                      didn't begin */
};

struct names_scratch {
    struct lanes scores[NAME_WORDS];
    uint8_t back[NAME_WORDS][NAME_TAGS]; /* the tag before, on the best path into each */
    struct name_word words[NAME_WORDS];
    uint8_t tags[NAME_WORDS];
    struct name_mention mentions[NAMES_MAX];
};

enum {
    FORBIDDEN = -8000, /* far below what evidence adds up to, far above what 16 bits hold */
    FLOOR = -16000,    /* 16 bits hold what may be added to it or taken from it */
    BEAM =
        240, /* paths that are less likely than the best by exp(BEAM / NAMES_SCALE) are given up */
};

enum { TAG_OUTSIDE, TAG_COUNT = 1 + 2 * NAME_TYPES }; /* then begin and inside of each type */
_Static_assert((int)TAG_COUNT <= (int)NAME_TAGS, "tags fit into a row");

static int16_t get_lane(const struct lanes *l, unsigned tag)
{
    return tag < NAME_TAGS / 2 ? l->low[tag] : l->high[tag - NAME_TAGS / 2];
}

static void set_lane(struct lanes *l, unsigned tag, int16_t value)
{
    if (tag < NAME_TAGS / 2)
        l->low[tag] = value;
    else
        l->high[tag - NAME_TAGS / 2] = value;
}

static bool is_begin(unsigned tag)
{
    return tag & 1;
}

/* Every slot of the lexicon names a word or a cluster that there is, and a lookup ends at an empty
 * one. */
static int check(const struct lexicon *l)
{
    bool empty_known = false, empty_rare = false;
    for (size_t i = 0; i < NAME_KNOWN_SLOTS; i++) {
        empty_known |= !l->known[i];
        if (l->known[i] && ((l->known[i] >> 16) < 1 || (l->known[i] >> 16) > l->known_count))
            return -EBADMSG;
    }
    for (size_t i = 0; i < NAME_RARE_SLOTS; i++) {
        empty_rare |= !l->rare[i];
        if (l->rare[i] && ((l->rare[i] >> 19) < 1 || (l->rare[i] >> 19) > NAME_CLUSTERS))
            return -EBADMSG;
    }
    for (size_t i = 0; i < l->known_count; i++)
        if (l->clusters[i] >= NAME_CLUSTERS)
            return -EBADMSG;
    return empty_known && empty_rare ? 0 : -EBADMSG;
}

/* Outside and begin may follow anything, inside its own begin and inside; padding follows nothing.
 */
static void set_moves(struct names_model *m, const int16_t (*moves)[NAME_TAGS])
{
    for (unsigned from = 0; from < NAME_TAGS; from++)
        for (unsigned to = 0; to < NAME_TAGS; to++) {
            bool inside = to != TAG_OUTSIDE && !is_begin(to);
            bool allowed =
                from < TAG_COUNT && to < TAG_COUNT && (!inside || from == to || from + 1 == to);
            int move = moves[from][to];
            set_lane(&m->moves[from], to,
                     (int16_t)(!allowed       ? FORBIDDEN
                               : move > 1000  ? 1000
                               : move < -1000 ? -1000
                                              : move));
        }
}

static int map_sections(struct names_model *m)
{
    struct lexicon *l = &m->lexicon;
    size_t clusters = 0;
    l->known = model_section_of(m->model, NAMES_KNOWN, NAME_KNOWN_SLOTS * sizeof *l->known);
    l->rare = model_section_of(m->model, NAMES_RARE, NAME_RARE_SLOTS * sizeof *l->rare);
    l->groups = model_section_of(m->model, NAMES_GROUPS, NAME_CLUSTERS);
    l->clusters = model_section(m->model, NAMES_CLUSTERS_OF, &clusters);
    l->known_count = clusters / sizeof *l->clusters;
    m->weights = model_section_of(m->model, NAMES_WEIGHTS,
                                  (l->known_count + NAME_CLUSTERS) * sizeof *m->weights);
    m->rows = model_section_of(m->model, NAMES_ROWS, NAME_ROWS * sizeof *m->rows);
    const int16_t(*moves)[NAME_TAGS] =
        model_section_of(m->model, NAMES_MOVES, NAME_TAGS * sizeof *moves);
    m->cuts = model_section_of(m->model, NAMES_CUTS, NAME_CUT_ROWS * sizeof *m->cuts);
    if (!l->known || !l->rare || !l->groups || !l->clusters || !m->weights || !m->rows || !moves ||
        !m->cuts)
        return -EBADMSG;
    set_moves(m, moves);
    return check(l);
}

int names_model_open(const char *path, struct names_model **ret)
{
    struct names_model *m = aligned_alloc(64, (sizeof *m + 63) / 64 * 64);
    if (!m)
        return -ENOMEM;
    memset(m, 0, sizeof *m);
    int r = model_open(path, MODEL_NAMES, NAMES_VERSION, &m->model);
    if (r == 0)
        r = map_sections(m);
    if (r < 0) {
        names_model_close(m);
        return r;
    }
    *ret = m;
    return 0;
}

struct names_model *names_model_close(struct names_model *m)
{
    if (m)
        model_close(m->model);
    free(m);
    return NULL;
}

int names_scratch_new(struct names_scratch **ret)
{
    *ret = aligned_alloc(64, (sizeof **ret + 63) / 64 * 64);
    if (!*ret)
        return -ENOMEM;
    memset(*ret, 0, sizeof **ret);
    return 0;
}

struct names_scratch *names_scratch_free(struct names_scratch *s)
{
    free(s);
    return NULL;
}

static void add_row(struct lanes *sum, const row *weights)
{
    half_row low, high;
    memcpy(&low, weights, sizeof low);
    memcpy(&high, (const char *)weights + sizeof low, sizeof high);
    sum->low += __builtin_convertvector(low, half);
    sum->high += __builtin_convertvector(high, half);
}

/* Rows that a word needs, on their way into the cache while the words before it are summed up: most
 * of the tagger's time is waiting for memory. */
struct needs {
    uint32_t rows[NAME_EVIDENCE];
    size_t count;
};

enum { AHEAD = 4 /* words */ };

static void gather_needs(const struct names_model *m, const struct name_word *words, size_t count,
                         size_t i, struct needs *ret)
{
    if (i >= count)
        return;
    if (words[i].weights >= 0) {
        __builtin_prefetch(&m->weights[words[i].weights][0]);
        __builtin_prefetch(&m->weights[words[i].weights][NAME_OFFSETS - 1]);
    }
    ret->count = name_evidence(words, count, i, ret->rows);
    for (size_t k = 0; k < ret->count; k++)
        __builtin_prefetch(&m->rows[ret->rows[k]]);
}

/* Scores of a word that is part of no name. */
static const struct lanes outside_only = {
    {0,         FORBIDDEN, FORBIDDEN, FORBIDDEN, FORBIDDEN, FORBIDDEN, FORBIDDEN, FORBIDDEN},
    {FORBIDDEN, FORBIDDEN, FORBIDDEN, FORBIDDEN, FORBIDDEN, FORBIDDEN, FORBIDDEN, FORBIDDEN}
};

static void score_words(const struct names_model *m, const struct name_word *words, size_t count,
                        const bool *prose, struct lanes *scores)
{
    struct needs needs[AHEAD];
    for (size_t i = 0; i < AHEAD; i++)
        gather_needs(m, words, count, i, &needs[i]);
    for (size_t i = 0; i < count; i++) {
        struct needs *here = &needs[i % AHEAD];
        struct lanes sum = {0};
        if (i && words[i - 1].weights >= 0)
            add_row(&sum, &m->weights[words[i - 1].weights][0]);
        if (words[i].weights >= 0)
            add_row(&sum, &m->weights[words[i].weights][1]);
        if (i + 1 < count && words[i + 1].weights >= 0)
            add_row(&sum, &m->weights[words[i + 1].weights][2]);
        for (size_t k = 0; k < here->count; k++)
            add_row(&sum, &m->rows[here->rows[k]]);
        scores[i] = !prose || prose[i] ? sum : outside_only;
        gather_needs(m, words, count, i + AHEAD, here);
    }
}
_Static_assert((NAME_EVIDENCE + NAME_OFFSETS) * 128 < 16000,
               "what a word gathers fits into 16 bits");

static const struct lanes inside_tags = {
    {0,  0, -1, 0, -1, 0, -1, 0},
    {-1, 0, -1, 0, -1, 0, 0,  0}
};

static half choose(half which, half yes, half no)
{
    return (yes & which) | (no & ~which);
}

static int16_t highest_lane(const struct lanes *l)
{
    half a = choose(l->low > l->high, l->low, l->high),
         b = __builtin_shufflevector(a, a, 4, 5, 6, 7, 0, 1, 2, 3);
    a = choose(a > b, a, b);
    b = __builtin_shufflevector(a, a, 2, 3, 0, 1, 6, 7, 4, 5);
    a = choose(a > b, a, b);
    return a[0] > a[1] ? a[0] : a[1];
}

/* The highest becomes 0. */
static void level(struct lanes *scores)
{
    int16_t highest = highest_lane(scores);
    scores->low = choose(scores->low > FLOOR, scores->low, (half){0} + FLOOR) - highest;
    scores->high = choose(scores->high > FLOOR, scores->high, (half){0} + FLOOR) - highest;
}

/* The tags that a path worth following ends in, a byte each. */
static void find_alive(const struct lanes *scores, uint64_t ret[2])
{
    half_row low = __builtin_convertvector(scores->low > -BEAM, half_row);
    half_row high = __builtin_convertvector(scores->high > -BEAM, half_row);
    memcpy(&ret[0], &low, sizeof low);
    memcpy(&ret[1], &high, sizeof high);
}

/* The best way into each tag of word i; scores become those of the best path so far, the highest of
 * them 0. */
static void extend_paths(const struct names_model *m, struct names_scratch *s, size_t i)
{
    struct lanes best = {{0}, {0}}, from = {{0}, {0}};
    uint64_t alive[2];
    best.low += INT16_MIN;
    best.high += INT16_MIN;
    find_alive(&s->scores[i - 1], alive);
    for (unsigned side = 0; side < 2; side++)
        for (; alive[side]; alive[side] &= ~((uint64_t)0xff << __builtin_ctzll(alive[side]))) {
            unsigned tag = side * NAME_TAGS / 2 + (unsigned)__builtin_ctzll(alive[side]) / 8;
            int16_t before = get_lane(&s->scores[i - 1], tag);
            half low = m->moves[tag].low + before, high = m->moves[tag].high + before;
            half better_low = low > best.low, better_high = high > best.high;
            best.low = choose(better_low, low, best.low);
            best.high = choose(better_high, high, best.high);
            from.low = choose(better_low, (half){0} + (int16_t)tag, from.low);
            from.high = choose(better_high, (half){0} + (int16_t)tag, from.high);
        }
    if (s->words[i].gap & GAP_LINE) {
        best.low += inside_tags.low & FORBIDDEN;
        best.high += inside_tags.high & FORBIDDEN;
    }
    s->scores[i].low += best.low;
    s->scores[i].high += best.high;
    level(&s->scores[i]);
    half_row low = __builtin_convertvector(from.low, half_row),
             high = __builtin_convertvector(from.high, half_row);
    memcpy(s->back[i], &low, sizeof low);
    memcpy(s->back[i] + sizeof low, &high, sizeof high);
}

static unsigned best_cut(const struct names_model *m, const struct gazetteer *g,
                         const struct tokens *t, const struct name_word *words, size_t word,
                         unsigned type)
{
    unsigned best = 0;
    int highest = INT32_MIN;
    for (unsigned cut = 0; cut <= 2; cut++) {
        uint32_t rows[NAME_CUT_EVIDENCE];
        size_t count = name_cut_evidence(&m->lexicon, g, t, words, word, type, cut, rows);
        int score = 0;
        for (size_t i = 0; i < count; i++)
            score += m->cuts[rows[i]];
        if (count && score > highest) {
            highest = score;
            best = cut;
        }
    }
    return best;
}

static void start_paths(struct names_scratch *s)
{
    struct lanes *first = &s->scores[0];
    first->low += inside_tags.low & FORBIDDEN;
    first->high += inside_tags.high & FORBIDDEN;
    for (unsigned tag = TAG_COUNT; tag < NAME_TAGS; tag++)
        set_lane(first, tag, FORBIDDEN);
    level(first);
}

/* The tags of the best path. */
static void follow_back(struct names_scratch *s, size_t count)
{
    unsigned tag = 0;
    for (unsigned k = 1; k < TAG_COUNT; k++)
        if (get_lane(&s->scores[count - 1], k) > get_lane(&s->scores[count - 1], tag))
            tag = k;
    for (size_t i = count; i-- > 0;) {
        s->tags[i] = (uint8_t)tag;
        tag = s->back[i][tag];
    }
}

/* The last word of the name that begins at first; people who are joined by "and" are several. */
static size_t last_word(const struct names_model *m, const struct names_scratch *s,
                        const struct tokens *t, size_t first, size_t count)
{
    size_t last = first;
    bool person = s->tags[first] == 1 + 2 * NAME_PERSON || s->tags[first] == 2 + 2 * NAME_PERSON;
    while (last + 1 < count && s->tags[last + 1] == s->tags[first] + is_begin(s->tags[first]) &&
           !(person && name_is_joined(&m->lexicon, t, last + 1)))
        last++;
    return last;
}

/* The names, from the tags. */
static size_t cut_out(const struct names_model *m, const struct gazetteer *g,
                      struct names_scratch *s, const struct tokens *t, size_t count)
{
    size_t found = 0;
    for (size_t i = 0; i < count && found < NAMES_MAX; i++) {
        if (s->tags[i] == TAG_OUTSIDE)
            continue;
        size_t last = last_word(m, s, t, i, count);
        unsigned type = (s->tags[i] - 1u) / 2;
        s->mentions[found++] =
            (struct name_mention){.first = (uint32_t)i,
                                  .last = (uint32_t)last,
                                  .type = (uint8_t)type,
                                  .cut = (uint8_t)best_cut(m, g, t, s->words, i, type)};
        i = last;
    }
    return found;
}

size_t names_find(const struct names_model *m, const struct gazetteer *g, struct names_scratch *s,
                  const struct tokens *t, const bool *prose, const struct name_mention **ret)
{
    size_t count = t->count < NAME_WORDS ? t->count : NAME_WORDS;
    *ret = s->mentions;
    if (!count)
        return 0;
    name_words_look(&m->lexicon, g, t, count, s->words);
    score_words(m, s->words, count, prose, s->scores);
    start_paths(s);
    for (size_t i = 1; i < count; i++)
        extend_paths(m, s, i);
    follow_back(s, count);
    return cut_out(m, g, s, t, count);
}

const struct name_word *names_words(const struct names_scratch *s)
{
    return s->words;
}

static const struct token_text *part_of(const struct tokens *t, size_t word)
{
    return &t->parts[word < t->parts[PART_TITLE].first + t->parts[PART_TITLE].count ? PART_TITLE
                                                                                    : PART_BODY];
}

/* Whether the name opens a quotation mark or bracket of that kind that it doesn't close. */
static bool left_open(const char *text, size_t start, size_t end, uint32_t *ret_close)
{
    static const uint32_t marks[][2] = {
        {'"',    '"'   },
        {'(',    ')'   },
        {0xab,   0xbb  },
        {0x201c, 0x201d}
    };
    for (size_t k = 0; k < sizeof marks / sizeof *marks; k++) {
        int open = 0;
        for (size_t at = start; at < end;) {
            uint32_t c = utf8_next(text, &at);
            if (c == marks[k][0] && c == marks[k][1])
                open = !open;
            else
                open += (c == marks[k][0]) - (c == marks[k][1]);
        }
        if (open > 0) {
            *ret_close = marks[k][1];
            return true;
        }
    }
    return false;
}

const char *name_text(const struct tokens *t, const struct name_mention *m, size_t *ret_size)
{
    const struct token_text *part = part_of(t, m->first);
    const struct token *first = &t->items[m->first], *last = &t->items[m->last];
    size_t start = first->start, word_end = first->start + first->length,
           end = last->start + last->length;
    for (unsigned letters = 0;
         start < word_end;) { /* prefixes, and the marks and joiners behind them */
        size_t next = start;
        bool letter = fold_code(utf8_next(part->text, &next)) >= FOLD_FIRST_LETTER;
        if (letter && letters == m->cut)
            break;
        letters += letter;
        start = next;
    }
    uint32_t close, c;
    bool marks = false; /* inside, as far as words tell */
    for (size_t i = m->first + 1u; i <= m->last; i++)
        marks |= t->items[i].gap & (GAP_QUOTE | GAP_OPEN | GAP_CLOSE);
    if (marks && left_open(part->text, start, end, &close) && end < part->size) {
        size_t next = end;
        c = utf8_next(part->text, &next);
        if (c == close)
            end = next;
    }
    *ret_size = end - start;
    return part->text + start;
}

/* Tagging words with Viterbi's algorithm, and cutting the names out of the text. */
#include "classify/names.h"

#include "classify/model.h"
#include "classify/names_format.h"
#include "libcommon/utf8.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct names_model {
    struct model *model;
    struct lexicon lexicon;
    const int8_t (*weights)[NAME_OFFSETS][NAME_TAGS];
    const int8_t (*rows)[NAME_TAGS];
    const int16_t (*moves)[NAME_TAGS];
    const int16_t *cuts;
};

struct names_scratch {
    struct name_word words[NAME_WORDS];
    int16_t scores[NAME_WORDS][NAME_TAGS];
    uint8_t back[NAME_WORDS][NAME_TAGS];
    struct name_mention mentions[NAMES_MAX];
};

enum { TAG_OUTSIDE, TAG_COUNT = 1 + 2 * NAME_TYPES }; /* then begin and inside of each type */
_Static_assert((int)TAG_COUNT <= (int)NAME_TAGS, "tags fit into a row");

static bool is_begin(unsigned tag)
{
    return tag & 1;
}

/* Every slot of the lexicon names a word or a cluster that there is, and a lookup ends at an empty one. */
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

static int map_sections(struct names_model *m)
{
    struct lexicon *l = &m->lexicon;
    size_t clusters = 0;
    l->known = model_section_of(m->model, NAMES_KNOWN, NAME_KNOWN_SLOTS * sizeof *l->known);
    l->rare = model_section_of(m->model, NAMES_RARE, NAME_RARE_SLOTS * sizeof *l->rare);
    l->groups = model_section_of(m->model, NAMES_GROUPS, NAME_CLUSTERS);
    l->clusters = model_section(m->model, NAMES_CLUSTERS_OF, &clusters);
    l->known_count = clusters / sizeof *l->clusters;
    m->weights = model_section_of(m->model, NAMES_WEIGHTS, (l->known_count + NAME_CLUSTERS) * sizeof *m->weights);
    m->rows = model_section_of(m->model, NAMES_ROWS, NAME_ROWS * sizeof *m->rows);
    m->moves = model_section_of(m->model, NAMES_MOVES, NAME_TAGS * sizeof *m->moves);
    m->cuts = model_section_of(m->model, NAMES_CUTS, NAME_CUT_ROWS * sizeof *m->cuts);
    if (!l->known || !l->rare || !l->groups || !l->clusters || !m->weights || !m->rows || !m->moves || !m->cuts)
        return -EBADMSG;
    return check(l);
}

int names_model_open(const char *path, struct names_model **ret)
{
    struct names_model *m = calloc(1, sizeof *m);
    if (!m)
        return -ENOMEM;
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
    *ret = malloc(sizeof **ret);
    return *ret ? 0 : -ENOMEM;
}

struct names_scratch *names_scratch_free(struct names_scratch *s)
{
    free(s);
    return NULL;
}

static void add_row(int16_t sum[NAME_TAGS], const int8_t row[NAME_TAGS])
{
    for (size_t t = 0; t < NAME_TAGS; t++)
        sum[t] = (int16_t)(sum[t] + row[t]);
}

static void score_words(const struct names_model *m, const struct name_word *words, size_t count,
                        int16_t (*scores)[NAME_TAGS])
{
    for (size_t i = 0; i < count; i++) {
        int16_t *sum = scores[i];
        memset(sum, 0, sizeof scores[i]);
        if (i && words[i - 1].weights >= 0)
            add_row(sum, m->weights[words[i - 1].weights][0]);
        if (words[i].weights >= 0)
            add_row(sum, m->weights[words[i].weights][1]);
        if (i + 1 < count && words[i + 1].weights >= 0)
            add_row(sum, m->weights[words[i + 1].weights][2]);
        uint32_t rows[NAME_EVIDENCE];
        size_t evidence = name_evidence(words, count, i, rows);
        for (size_t k = 0; k < evidence; k++)
            add_row(sum, m->rows[rows[k]]);
    }
}

/* The best way into each tag of word i; scores become those of the best path so far, the highest of them 0. */
static void extend_paths(const struct names_model *m, struct names_scratch *s, size_t i)
{
    const int16_t *before = s->scores[i - 1];
    bool broken = s->words[i].gap & GAP_LINE;
    int best_of_all = INT16_MIN;
    for (unsigned to = 0; to < TAG_COUNT; to++) {
        int best = -20000;
        unsigned from = 0;
        if (to == TAG_OUTSIDE || is_begin(to)) {
            for (unsigned f = 0; f < TAG_COUNT; f++)
                if (before[f] + m->moves[f][to] > best) {
                    best = before[f] + m->moves[f][to];
                    from = f;
                }
        } else if (!broken) { /* inside: from begin or inside of the same type */
            for (unsigned f = to - 1; f <= to; f++)
                if (before[f] + m->moves[f][to] > best) {
                    best = before[f] + m->moves[f][to];
                    from = f;
                }
        }
        int score = best + s->scores[i][to];
        s->scores[i][to] = (int16_t)(score < -20000 ? -20000 : score);
        s->back[i][to] = (uint8_t)from;
        if (s->scores[i][to] > best_of_all)
            best_of_all = s->scores[i][to];
    }
    for (unsigned t = 0; t < TAG_COUNT; t++) {
        int score = s->scores[i][t] - best_of_all;
        s->scores[i][t] = (int16_t)(score < -20000 ? -20000 : score);
    }
}

static unsigned best_cut(const struct names_model *m, const struct gazetteer *g, const struct tokens *t,
                         const struct name_word *words, size_t word, unsigned type)
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

size_t names_find(const struct names_model *m, const struct gazetteer *g, struct names_scratch *s,
                  const struct tokens *t, const struct name_mention **ret)
{
    size_t count = t->count < NAME_WORDS ? t->count : NAME_WORDS, found = 0;
    *ret = s->mentions;
    if (!count)
        return 0;
    name_words_look(&m->lexicon, g, t, count, s->words);
    score_words(m, s->words, count, s->scores);
    for (unsigned tag = 0; tag < TAG_COUNT; tag++)
        if (tag != TAG_OUTSIDE && !is_begin(tag))
            s->scores[0][tag] = -20000;
    for (size_t i = 1; i < count; i++)
        extend_paths(m, s, i);
    unsigned tag = 0;
    for (unsigned k = 1; k < TAG_COUNT; k++)
        if (s->scores[count - 1][k] > s->scores[count - 1][tag])
            tag = k;
    for (size_t i = count; i-- > 0;) { /* scores are done with: their first column takes the tags */
        s->scores[i][0] = (int16_t)tag;
        tag = i ? s->back[i][tag] : 0;
    }
    for (size_t i = 0; i < count && found < NAMES_MAX; i++) {
        unsigned begin = (unsigned)s->scores[i][0];
        if (!is_begin(begin))
            continue;
        size_t last = i;
        while (last + 1 < count && (unsigned)s->scores[last + 1][0] == begin + 1)
            last++;
        unsigned type = (begin - 1) / 2;
        s->mentions[found++] = (struct name_mention){
            .first = (uint32_t)i, .last = (uint32_t)last, .type = (uint8_t)type,
            .cut = (uint8_t)best_cut(m, g, t, s->words, i, type)};
    }
    return found;
}

static const struct token_text *part_of(const struct tokens *t, size_t word)
{
    return &t->parts[word < t->parts[PART_TITLE].first + t->parts[PART_TITLE].count ? PART_TITLE : PART_BODY];
}

/* Whether the name opens a quotation mark or bracket of that kind that it doesn't close. */
static bool left_open(const char *text, size_t start, size_t end, uint32_t *ret_close)
{
    static const uint32_t marks[][2] = {{'"', '"'}, {'(', ')'}, {0xab, 0xbb}, {0x201c, 0x201d}};
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
    size_t start = first->start, word_end = first->start + first->length, end = last->start + last->length;
    for (unsigned letters = 0; start < word_end;) { /* prefixes, and the marks and joiners behind them */
        size_t next = start;
        bool letter = fold_code(utf8_next(part->text, &next)) >= FOLD_FIRST_LETTER;
        if (letter && letters == m->cut)
            break;
        letters += letter;
        start = next;
    }
    uint32_t close, c;
    if (left_open(part->text, start, end, &close) && end < part->size) {
        size_t next = end;
        c = utf8_next(part->text, &next);
        if (c == close)
            end = next;
    }
    *ret_size = end - start;
    return part->text + start;
}

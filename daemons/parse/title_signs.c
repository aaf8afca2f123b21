/* Signs of the title: of its words, of its form, of its place. */
#include "parse/title_signs.h"

#include "parse/furniture.h"

#include <string.h>

enum {
    HEAD_LINES = 80,  /* looked at above the body */
    INSIDE_LINES = 6, /* and in it */
    TOP_LINES =
        3, /* of the page: far above a long head the line that begins the dump is often the title */
    BODY_SAMPLE = 4000, /* bytes of the body whose words a title is compared with */
    PASSED_MOST = 30,
    HEADINGS_MOST = 4,
    DATE_NEAR = 6, /* lines below the title */
    WHOLE = 100,
};

/* How many of the words of a line are in the set, per cent; -1: too few words to tell. */
static int share_of_stems(const struct stems *set, struct span s)
{
    size_t words, met = stems_met(set, s, &words);
    return words < 2 ? -1 : (int)(met * 100 / words);
}

static int count_repeats(const struct roles_view *v, size_t i, size_t limit)
{
    int repeats = 0;
    struct span s = roles_line(v, i)->text;
    for (size_t k = 0; k < limit; k++)
        repeats += k != i && roles_same_headline(roles_line(v, k)->text, s);
    return repeats;
}

/* A script whose characters stand for syllables or words, without spaces between words. */
static bool syllabic(const struct line *l)
{
    return l->text.length > 2 * l->characters + l->characters / 4;
}

static bool may_be_title(const struct roles_view *v, size_t i)
{
    const struct line *l = roles_line(v, i);
    const struct line_look *k = &v->looks[i];
    return !k->furniture && !k->dated &&
           !(k->head & (FURNITURE_RELATED | FURNITURE_END | FURNITURE_CAPTION)) &&
           (l->words >= 2 || syllabic(l)) && l->characters >= 8 && l->characters <= 260;
}

static bool is_question_or_quotation(struct span s)
{
    static const char *const ends[] = {"?", "؟", "\"", "»", "”"};
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++)
        if (line_ends_with(s, ends[i]))
            return true;
    return false;
}

static bool date_near(const struct roles_view *v, size_t i)
{
    for (size_t k = i + 1; k < v->lines->count && k < i + DATE_NEAR; k++)
        if (v->looks[k].dated)
            return true;
    return false;
}

static int16_t part(size_t value, size_t most)
{
    return (int16_t)((value < most ? value : most) * WHOLE / most);
}

/* What has been met between a line and the body. */
struct passed {
    size_t lines, headings;
};

static void read_signs(const struct roles_view *v, const struct stems *body, size_t i,
                       struct passed passed, int16_t *ret)
{
    const struct line *l = roles_line(v, i);
    const struct line_look *k = &v->looks[i];
    size_t limit = v->first + 2 < v->lines->count ? v->first + 2 : v->lines->count;
    int shared = share_of_stems(body, l->text),
        named = v->address.count < 2 ? -1 : share_of_stems(&v->address, l->text),
        repeats = count_repeats(v, i, limit);
    bool heading = l->form == LINE_HEADING, link = l->link_share > 60;
    const bool holds[TITLE_SIGNS_END] = {
        [TITLE_NO_ADDRESS] = named < 0,
        [TITLE_CLOSE] = passed.lines <= 1,
        [TITLE_INSIDE] = i >= v->first,
        [TITLE_HEADING_1] = heading && l->level == 1,
        [TITLE_HEADING_2] = heading && l->level == 2,
        [TITLE_HEADING_3] = heading && l->level > 2,
        [TITLE_ITEM] = l->form == LINE_LIST_ITEM,
        [TITLE_LINK] = link && !heading,
        [TITLE_LINKED_HEADING] = link && heading,
        [TITLE_SENTENCE] = k->ends && l->characters > 60 && !is_question_or_quotation(l->text),
        [TITLE_PROSE] = k->points > 0,
        [TITLE_WORDS_FEW] = l->words < 4 && !syllabic(l),
        [TITLE_WORDS_MANY] = l->words >= 6 || syllabic(l),
        [TITLE_SHORT] = l->characters < 20 && !syllabic(l),
        [TITLE_LONG] = l->characters > 160,
        [TITLE_DATE_NEAR] = date_near(v, i),
        [TITLE_REPEATED] = repeats > 0 && repeats <= 3,
        [TITLE_HINTS] = k->hints == 2 || k->hints == 3,
        [TITLE_HINTS_MORE] = k->hints > 3,
        [TITLE_BLANK] = l->blank_before > 0,
        [TITLE_TOP] = i < TOP_LINES,
        [TITLE_DIGIT] = *l->text.text >= '0' && *l->text.text <= '9',
    };
    for (size_t s = 0; s < TITLE_SIGNS_END; s++)
        ret[s] = holds[s] ? WHOLE : 0;
    ret[TITLE_SHARED] = (int16_t)(shared > 0 ? shared : 0);
    ret[TITLE_IN_ADDRESS] = (int16_t)(named > 0 ? named : 0);
    ret[TITLE_PASSED] = part(passed.lines, PASSED_MOST);
    ret[heading ? TITLE_HEADINGS_PASSED : TITLE_BELOW_HEADINGS] =
        part(passed.headings, HEADINGS_MOST);
}

static void sample_body(const struct roles_view *v, struct stems *ret)
{
    size_t bytes = 0;
    for (size_t i = v->first; i < v->last && bytes < BODY_SAMPLE; i++)
        if (roles_prose(v, i) && roles_line(v, i)->characters >= LOOK_PROSE) {
            stems_add(ret, roles_line(v, i)->text, BODY_SAMPLE - bytes);
            bytes += roles_line(v, i)->text.length;
        }
    for (size_t i = v->first; i < v->last && !bytes; i++)
        stems_add(ret, roles_line(v, i)->text, BODY_SAMPLE);
}

size_t title_candidates(const struct roles_view *v,
                        struct title_candidate ret[TITLE_CANDIDATES_MOST])
{
    struct stems body = {0};
    struct passed passed = {0};
    size_t count = 0, lowest = v->first > HEAD_LINES ? v->first - HEAD_LINES : 0,
           behind = v->first + INSIDE_LINES < v->last ? v->first + INSIDE_LINES : v->last;
    sample_body(v, &body);
    for (size_t i = behind; i-- > lowest;) {
        const struct line *l = roles_line(v, i);
        passed.lines += i < v->first && !v->looks[i].furniture;
        if (!may_be_title(v, i) || (i >= v->first && (roles_prose(v, i) || v->last - i < 3)))
            continue;
        ret[count].line = i;
        read_signs(v, &body, i, passed, ret[count++].signs);
        passed.headings += i < v->first && l->form == LINE_HEADING && l->link_share <= 60;
    }
    passed.lines = PASSED_MOST;
    for (size_t i = 0; i < TOP_LINES && i < lowest; i++)
        if (may_be_title(v, i)) {
            ret[count].line = i;
            read_signs(v, &body, i, passed, ret[count++].signs);
        }
    return count;
}

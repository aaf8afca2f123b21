/* Which line is the title: the one near the body that shares its words, by the looks of it and its
 * neighbours. */
#include "parse/roles_view.h"

#include "libcommon/utf8.h"
#include "parse/furniture.h"
#include "parse/stems.h"

#include <string.h>

enum {
    HEAD_LINES = 80,    /* looked at above the body */
    HINT_SCORE = 10,    /* points of a hint that the line is the headline */
    BODY_SAMPLE = 4000, /* bytes of the body whose words a title is compared with */
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

static int title_score(struct roles_view *v, size_t i, struct stems *body, size_t passed)
{
    const struct line *l = roles_line(v, i);
    int score = 0, shared = share_of_stems(body, l->text),
        named = share_of_stems(&v->address, l->text);
    score += shared > 0 ? shared * 6 / 10 : shared == 0 ? -15 : 0;
    score += v->address.count >= 2 && named > 0 ? named * 4 / 10 : 0;
    score -= passed < 30 ? (int)passed : 30;
    if (i >= v->first)
        score -= 25;
    if (l->form == LINE_HEADING)
        score += l->level == 1 ? 25 : 10;
    if (l->link_share > 60 && l->form != LINE_HEADING)
        score -= 20;
    if (v->looks[i].ends && l->characters > 60 && !line_ends_with(l->text, "?") &&
        !line_ends_with(l->text, "؟") && !line_ends_with(l->text, "\"") &&
        !line_ends_with(l->text, "»") && !line_ends_with(l->text, "”"))
        score -= 25;
    score += v->looks[i].hints * HINT_SCORE;
    if (l->words < 4 && !syllabic(l))
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

void roles_find_title(struct roles_view *v)
{
    struct stems body = {0};
    size_t bytes = 0, lowest = v->first > HEAD_LINES ? v->first - HEAD_LINES : 0, passed = 0;
    v->title = v->lines->count;
    for (size_t i = v->first; i < v->last && bytes < BODY_SAMPLE; i++)
        if (roles_prose(v, i) && roles_line(v, i)->characters >= LOOK_PROSE) {
            stems_add(&body, roles_line(v, i)->text, BODY_SAMPLE - bytes);
            bytes += roles_line(v, i)->text.length;
        }
    if (!bytes)
        for (size_t i = v->first; i < v->last; i++)
            stems_add(&body, roles_line(v, i)->text, BODY_SAMPLE);
    size_t behind = v->first + 6 < v->last ? v->first + 6 : v->last;
    int best = 14;
    for (size_t i = behind; i-- > lowest;) {
        if (i < v->first)
            passed += !v->looks[i].furniture;
        if (!may_be_title(v, i) || (i >= v->first && (roles_prose(v, i) || v->last - i < 3)))
            continue;
        int score = title_score(v, i, &body, passed);
        if (score > best) {
            best = score;
            v->title = i;
        }
    }
    if (lowest > 0 &&
        best < 40) /* far above a long head: the line that begins the dump is often the title */
        for (size_t i = 0; i < 3 && i < lowest; i++) {
            int score = may_be_title(v, i) ? title_score(v, i, &body, 30) : 0;
            if (score > best) {
                best = score;
                v->title = i;
            }
        }
}

/* Where the body of the article begins and ends among the lines of a page. */
#include "parse/roles_view.h"

#include "parse/asides.h"
#include "parse/entries.h"
#include "parse/furniture.h"

#include <errno.h>
#include <string.h>

enum {
    LEAST_POINTS = 18,  /* of a body */
    RELATED_INSIDE = 8, /* lines of a list of related stories inside an article */
    LIST_MOST = 12,     /* lines of a list inside an article */
    RELATED_MOST = 16,  /* and of a long one */
    FIRST_SHARE = 3,    /* a stretch with a third of the points of the longest may be the article */
    HINTS_LEAST = 2,    /* of a headline that a body may follow */
    HEADLINES_MOST = 16, /* that are tried */
    HEAD_GAP = 40,       /* lines from a headline to its body */
    HEADED_SHARE = 3, /* a headed stretch may be that much shorter, times its hints, than others */
    OPENING_GAP = 60, /* points that lines between title and body may cost */
    REPEATS_LOOK = 200,
    REPEAT_LEAST = 40, /* code points */
    BODY_LEAST = 400,  /* code points of an article that comments follow */
    NOTES_LOOK = 4,    /* sentences at the end of a body that may be about its author */
};

static bool is_sentence(const struct roles_view *v, size_t i)
{
    return i < v->lines->count && v->looks[i].points >= LOOK_PROSE / 4 && v->looks[i].ends;
}

/* Whether prose comes soon behind a heading of related stories: then it stands inside the article.
 * Behind more lines or another such heading it must be two sentences in a row: one is the opening
 * of a story. */
static bool prose_follows(const struct roles_view *v, size_t i)
{
    size_t near = i + RELATED_INSIDE;
    for (size_t k = i + 1; k < v->lines->count && k <= i + RELATED_MOST; k++) {
        if (v->looks[k].furniture & FURNITURE_END)
            return false;
        if (v->looks[k].furniture & FURNITURE_RELATED)
            near = 0;
        if (is_sentence(v, k) && (k <= near || is_sentence(v, k + 1)))
            return true;
    }
    return false;
}

/* Whether no body reaches across line i. */
static bool roles_barrier(const struct roles_view *v, size_t i)
{
    const struct line_look *k = &v->looks[i];
    return k->points == -COST_END || (k->furniture & FURNITURE_RELATED && !prose_follows(v, i));
}

struct stretch {
    long points;
    size_t first, last;
};

/* The next stretch from line *at: it begins and ends in prose, and what stands inside costs less
 * than it has. No points: a barrier or the end comes first. *at: where the next one may begin. */
static struct stretch next_stretch(const struct roles_view *v, size_t *at)
{
    struct stretch best = {0};
    long sum = 0;
    size_t start = *at, i = *at;
    for (; i < v->lines->count && !roles_barrier(v, i); i++) {
        if (sum <= 0) {
            if (best.points) {
                *at = i;
                return best;
            }
            sum = 0;
            start = i;
        }
        sum += v->looks[i].points;
        if (sum > best.points && roles_prose(v, i))
            best = (struct stretch){sum, start, i + 1};
    }
    *at = best.points ? i : i + 1;
    return best;
}

static bool not_small(struct stretch s, struct stretch beside, long share)
{
    return s.points >= LEAST_POINTS && s.points * share >= beside.points;
}

/* The longest stretch between line *at and the next barrier. */
static struct stretch longest_stretch(const struct roles_view *v, size_t *at)
{
    struct stretch longest = {0}, s;
    while (*at < v->lines->count && (s = next_stretch(v, at)).points)
        if (s.points > longest.points)
            longest = s;
    return longest;
}

/* The first stretch behind line i, not far away, that is not small beside the longest there. */
static struct stretch stretch_below(const struct roles_view *v, size_t i)
{
    struct stretch best = {0};
    for (size_t at = i + 1; at < v->lines->count && at < i + 1 + HEAD_GAP;) {
        struct stretch s = next_stretch(v, &at);
        if (s.first < i + 1 + HEAD_GAP && s.points >= LEAST_POINTS &&
            !not_small(best, s, FIRST_SHARE))
            best = s;
    }
    return best;
}

/* Whether most of a stretch stands before line i, which has one hint and is no heading: then it is
 * a line of the text. */
static bool late_in(const struct roles_view *v, struct stretch s, size_t i)
{
    long before = 0, behind = 0;
    if (v->looks[i].hints > HINTS_LEAST || roles_line(v, i)->form == LINE_HEADING)
        return false;
    for (size_t k = s.first; i > s.first && k < s.last; k++)
        if (roles_prose(v, k))
            *(k < i ? &before : &behind) += v->looks[k].points;
    return i < s.last && before > behind;
}

/* The first stretch below a headline of the page that is not small beside others that are; those
 * with more hints count for more. found: what is taken for the body without them. */
static struct stretch headed_stretch(const struct roles_view *v, struct stretch found,
                                     long *ret_weight)
{
    struct stretch best = {0};
    size_t tried = 0;
    *ret_weight = 0;
    for (size_t i = 0; i < v->lines->count && tried < HEADLINES_MOST; i++) {
        if (v->looks[i].hints < HINTS_LEAST)
            continue;
        tried++;
        if (late_in(v, found, i))
            continue;
        struct stretch s = stretch_below(v, i);
        if (*ret_weight * FIRST_SHARE < s.points * v->looks[i].hints) {
            *ret_weight = s.points * v->looks[i].hints;
            best = s;
        }
    }
    return best;
}

/* A stretch and those that go on behind a short list; what stands between is none of the body. */
static struct stretch with_next(struct roles_view *v, struct stretch body)
{
    for (size_t at = body.last; body.points && at < v->lines->count;) {
        struct stretch s = next_stretch(v, &at);
        if (s.points < LEAST_POINTS || s.first > body.last + LIST_MOST ||
            !is_sentence(v, s.first) || !is_sentence(v, s.first + 1))
            break;
        for (size_t i = body.last; i < s.first; i++)
            v->looks[i].between = true;
        body.last = s.last;
        body.points += s.points;
    }
    return body;
}

/* The first stretch that is not small beside the longest: what follows an article may be longer
 * than it (comments, the openings of other stories). One that a headline of the page heads may be
 * smaller. */
bool roles_find_body(struct roles_view *v)
{
    struct stretch longest = {0}, best = {0};
    for (size_t at = 0; at < v->lines->count;) {
        struct stretch s = longest_stretch(v, &at);
        if (s.points > longest.points)
            longest = s;
    }
    for (size_t at = 0; at < v->lines->count && !best.points;) {
        struct stretch s = longest_stretch(v, &at);
        if (s.points * FIRST_SHARE >= longest.points)
            best = s;
    }
    long weight;
    struct stretch headed = headed_stretch(v, best, &weight);
    if (weight * HEADED_SHARE >= longest.points)
        best = headed;
    best = with_next(v, best);
    v->first = best.first;
    v->last = best.last;
    return best.points >= LEAST_POINTS;
}

static void drop(struct roles_view *v, size_t i, bool whether)
{
    if (!whether)
        return;
    v->looks[i].repeats = true;
    v->looks[i].points = -COST_PLAIN;
}

/* Notes on the author among the last sentences end the body, and so does a heading of one, unless
 * that would leave little. */
void roles_cut_notes(struct roles_view *v)
{
    size_t seen = 0, last = v->last;
    for (size_t i = v->last; i-- > v->first && seen < NOTES_LOOK;) {
        const struct line *l = roles_line(v, i);
        bool prose = roles_prose(v, i);
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
    while (v->last > v->first + 1 && !roles_prose(v, v->last - 1))
        v->last--;
}

/* Sentences that stand twice close together, or more often anywhere, are words under pictures or
 * teasers; of others the first counts. Of a page with very many sentences only the first are
 * compared. */
void roles_drop_repeats(struct roles_view *v)
{
    size_t places[REPEATS_LOOK], count = 0;
    for (size_t i = 0; i < v->lines->count && count < REPEATS_LOOK; i++)
        if (roles_prose(v, i) && roles_line(v, i)->characters >= REPEAT_LEAST)
            places[count++] = i;
    for (size_t a = 0; a < count; a++) {
        struct span s = roles_line(v, places[a])->text;
        size_t met = 0, near = 0;
        for (size_t b = a + 1; b < count; b++) {
            struct span t = roles_line(v, places[b])->text;
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

/* Prose between title and body belongs to the body when little else stands between; one line of it
 * is a summary. */
void roles_extend_body(struct roles_view *v)
{
    size_t first = v->first, prose = 0;
    int cost = 0;
    for (size_t i = v->first; i-- > v->title + 1 && cost < OPENING_GAP && !roles_barrier(v, i);) {
        if (roles_prose(v, i)) {
            first = i;
            prose++;
        } else if (!v->looks[i].dated) {
            cost -= v->looks[i].points;
        }
    }
    if (prose > 1)
        v->first = first;
}

/* The body ends above the comments, unless little of an article stands there. */
static void cut_comments(struct roles_view *v, size_t opens)
{
    size_t characters = 0, last = v->first;
    for (size_t i = v->first; i < opens; i++)
        if (roles_prose(v, i)) {
            characters += roles_line(v, i)->characters;
            last = i + 1;
        }
    if (characters >= BODY_LEAST)
        v->last = last;
}

int roles_settle_entries(struct roles_view *v)
{
    struct entry_look *looks = arena_zalloc(v->arena, (v->lines->count + 1) * sizeof *looks);
    if (!looks)
        return -ENOMEM;
    for (size_t i = v->first; i < v->last; i++) {
        bool timed = roles_line(v, i)->datetime.precision >=
                     MOMENT_HOUR; /* not a day alone, as beside a teaser */
        looks[i].opens =
            v->looks[i].clock || (v->looks[i].dated && timed && roles_line(v, i)->words <= 8);
        looks[i].prose = roles_prose(v, i);
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

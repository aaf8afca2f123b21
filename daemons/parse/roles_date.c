/* Which lines say when the article was published or changed. */
#include "parse/roles_view.h"

#include "parse/dates.h"
#include "parse/line_words.h"

#include <string.h>

enum {
    ABOVE_LOOK = 8, /* lines */
    BODY_LOOK = 8,
    BEHIND_LOOK = 6,
    FAR_LOOK = 32,
};

/* "Published 18 January 10:05, updated 18 January 12:00": the date behind the words that tell of a
 * change. */
static void read_change(struct roles_view *v, struct line *l)
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

static void set_date(struct roles_view *v, size_t i)
{
    struct line *l = roles_line(v, i);
    if (line_says_updated(l->text))
        roles_set(v, i, ROLE_UPDATED);
    else if (roles_set(v, i, ROLE_DATE))
        read_change(v, l);
}

/* A short line near the title that holds a whole date among other things: who wrote it, where, the
 * number of comments. */
static bool date_among_others(struct roles_view *v, size_t i)
{
    struct line *l = roles_line(v, i);
    struct date_mention *mentions;
    size_t count;
    if (i == v->title || l->role != ROLE_UNKNOWN || l->words > 16 ||
        l->characters > LOOK_DATE_MOST || (v->looks[i].ends && l->words > 10) ||
        !line_has_year(l->text) ||
        dates_find(v->context, v->arena, l->text.text, l->text.length, &mentions, &count) < 0)
        return false;
    for (size_t k = 0; k < count; k++) {
        const struct date_mention *m = &mentions[k];
        struct span words = {l->text.text + m->start, m->end - m->start};
        if (m->value.precision < MOMENT_DAY || m->value.precision > MOMENT_SECOND ||
            m->until.precision != MOMENT_NONE || !line_has_year(words))
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
static bool date_among_near(struct roles_view *v)
{
    size_t top = v->title < v->first ? v->title : v->first, count = v->lines->count;
    for (size_t i = top; i < v->first; i++)
        if (date_among_others(v, i))
            return true;
    for (size_t i = top, passed = 0; i-- > 0 && passed < ABOVE_LOOK; passed++)
        if (date_among_others(v, i))
            return true;
    for (size_t i = v->first; i < v->last && i < v->first + BODY_LOOK / 2; i++)
        if (!roles_prose(v, i) && date_among_others(v, i))
            return true;
    for (size_t i = v->last; i < count && i < v->last + 3; i++)
        if (date_among_others(v, i))
            return true;
    return false;
}

/* The first line from `from` up that is a date, of `most` lines; false: none says when it was
 * published. */
static bool date_above(struct roles_view *v, size_t from, size_t most)
{
    for (size_t i = from, passed = 0; i-- > 0 && passed < most; passed++)
        if (v->looks[i].dated) {
            set_date(v, i);
            if (roles_line(v, i)->role == ROLE_DATE)
                return true;
        }
    return false;
}

static bool date_among_first(struct roles_view *v)
{
    for (size_t i = v->first; i < v->first + BODY_LOOK && i < v->last; i++)
        if (v->looks[i].dated) {
            set_date(v, i);
            return true;
        }
    return false;
}

static bool date_behind(struct roles_view *v)
{
    size_t count = v->lines->count;
    for (size_t i = v->last; i < count && i < v->last + BEHIND_LOOK && !roles_headline(v, i); i++)
        if (v->looks[i].dated && !(i + 1 < count && roles_headline(v, i + 1) && i + 2 < count &&
                                   v->looks[i + 2].dated)) {
            set_date(v, i);
            return true;
        }
    return false;
}

/* A date between title and body, else close above the title, else among the first lines of the
 * body, else close behind it when no list of leads begins, else farther above. */
void roles_settle_dates(struct roles_view *v)
{
    size_t top = v->title < v->first ? v->title : v->first;
    bool found = false;
    for (size_t i = top; i < v->first; i++)
        if (v->looks[i].dated) {
            set_date(v, i);
            found |= roles_line(v, i)->role == ROLE_DATE;
        }
    found = found || date_above(v, top, ABOVE_LOOK) || date_among_first(v) || date_behind(v) ||
            date_among_near(v);
    if (!found)
        date_above(v, top > ABOVE_LOOK ? top - ABOVE_LOOK : 0, FAR_LOOK);
}

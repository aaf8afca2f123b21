/* Days by weekday or by distance: Friday, the first Friday of July, Friday of next week, today,
 * yesterday. */
#include "parse/date_read.h"

static size_t skip_to_date(struct date_reader *r, size_t at, bool *ret_open)
{
    size_t start = at;
    *ret_open = is_sign(r, at, '(');
    if (*ret_open || is_comma(r, at) || is_dash(r, at) || is_sign(r, at, '/') ||
        (r->line && is_sign(r, at, '|')))
        at++;
    while (is_kind(r, at, WORD_OF) && at < start + 3)
        at++;
    return at - start;
}

/* A date behind a weekday or "today", which then only agrees with it. */
static size_t read_behind(struct date_reader *r, size_t at, struct moment *ret)
{
    bool open;
    size_t between = skip_to_date(r, at, &open), taken = date_read_named(r, at + between, ret);
    if (!taken)
        return 0;
    taken += between;
    return taken + (open && is_sign(r, at + taken, ')'));
}

/* The day of that weekday next to another: 0 in either direction, -1 at or before it, 1 behind it.
 */
static int64_t nearest(int64_t day, int weekday, int which)
{
    int64_t back = ((date_weekday(day) - weekday) % 7 + 7) % 7;
    if (which < 0)
        return day - back;
    if (which > 0)
        return day - back + 7;
    return back <= 3 ? day - back : day - back + 7;
}

static bool is_day_word(struct date_reader *r, size_t at)
{
    return is_kind(r, at, WORD_UNIT) && word_value(r, at, WORD_UNIT) == UNIT_DAY;
}

/* This Friday: the one of the week that the reference lies in, which begins on Monday. */
static size_t read_this_weekday(struct date_reader *r, size_t at, struct moment *ret)
{
    if (r->reference.precision < MOMENT_DAY || !is_kind(r, at, WORD_THIS) ||
        token_at(r, at)->article)
        return 0;
    size_t start = at++;
    at += is_day_word(r, at);
    if (!is_kind(r, at, WORD_WEEKDAY) || token_at(r, at)->word->weak)
        return 0;
    int64_t monday = nearest(date_day_number(&r->reference), 1, -1);
    *ret = date_from_day_number(monday + (word_value(r, at, WORD_WEEKDAY) + 6) % 7);
    return at + 1 - start;
}

/* Which month a numbered weekday is counted in; without a name that of the reference. */
static size_t read_counted_month(struct date_reader *r, size_t at, struct moment *ret)
{
    size_t start = at, taken = date_read_month_of(r, at, ret);
    if (taken)
        return taken;
    bool of = is_kind(r, at, WORD_FROM) || is_kind(r, at, WORD_OF), weak;
    int month, year;
    enum date_word_kind kind;
    at += of;
    if (of && is_kind(r, at, WORD_UNIT) && word_value(r, at, WORD_UNIT) == UNIT_MONTH)
        at++;
    taken = of ? date_read_months(r, at, &kind, &month, &weak) : 0;
    if (!taken || kind != WORD_MONTH)
        return 0;
    at += taken;
    taken = date_read_year(r, at, kind, &year);
    if (!taken && !date_settle_near(r, kind, month, 15, 0, ret))
        return 0;
    if (taken)
        *ret = (struct moment){.year = year, .month = month};
    return at + taken - start;
}

/* The nth of that weekday in a month, 0 for the last one. */
static bool settle_counted(struct moment month, int weekday, int n, struct moment *ret)
{
    struct moment first = {
        .year = month.year, .month = month.month, .day = 1, .precision = MOMENT_DAY};
    int64_t day = nearest(date_day_number(&first) - 1, weekday, 1) + 7 * (n ? n - 1 : 4);
    *ret = date_from_day_number(day);
    if (ret->month == month.month)
        return true;
    *ret = date_from_day_number(day - 7);
    return n == 0;
}

/* The first Sunday of July, the last Friday of this month; the second Sunday. */
static size_t read_counted_weekday(struct date_reader *r, size_t at, struct moment *ret)
{
    size_t start = at;
    int n = 0, weekday;
    if (r->line || r->reference.precision < MOMENT_DAY)
        return 0;
    bool front = !is_kind(r, at, WORD_WEEKDAY);
    if (front) {
        if (is_kind(r, at, WORD_ORDINAL) && !token_at(r, at)->article)
            n = word_value(r, at, WORD_ORDINAL);
        else if (!is_kind(r, at, WORD_PHASE) || word_value(r, at, WORD_PHASE) != PHASE_LAST)
            return 0;
        at++;
        at += is_day_word(r, at);
    }
    if (!is_kind(r, at, WORD_WEEKDAY))
        return 0;
    weekday = word_value(r, at++, WORD_WEEKDAY);
    if (!front) {
        if (!is_kind(r, at, WORD_ORDINAL) || !token_at(r, at)->article || token_at(r, at)->clitic)
            return 0;
        n = word_value(r, at++, WORD_ORDINAL);
    }
    struct moment month = r->reference;
    size_t taken = read_counted_month(r, at, &month);
    if (n > 5 || (front && !taken))
        return 0;
    struct moment named;
    if (!front && read_behind(r, start + 1, &named))
        return 0; /* Sunday the fifth of January */
    for (unsigned back = 0; !settle_counted(month, weekday, n, ret); back++) {
        if (taken || back == 3)
            return 0;
        month = date_shift(month, UNIT_MONTH, -1);
    }
    return at + taken - start;
}

static size_t read_weekday(struct date_reader *r, size_t at, struct moment *ret)
{
    if (!is_kind(r, at, WORD_WEEKDAY))
        return 0;
    int weekday = word_value(r, at, WORD_WEEKDAY), day;
    bool weak = token_at(r, at)->word->weak, words, known = r->reference.precision >= MOMENT_DAY;
    size_t start = at++, taken = read_behind(r, at, ret);
    if (is_sign(r, at, '.') && weak && !taken && (taken = read_behind(r, at + 1, ret)))
        at++;
    if (taken)
        return at + taken - start;
    if (weak || !known)
        return 0;
    int64_t today = date_day_number(&r->reference);
    bool in = is_kind(r, at, WORD_OF);
    taken = date_read_day_number(r, at + in, &day, &words); /* Friday 22, Friday the 22nd */
    if (taken && (!words || in) && !is_sign(r, at + in + taken, ':') &&
        token_at(r, at + in + taken)->kind != TOKEN_WORD) {
        for (int by = 0; by < 3; by++) {
            struct moment month = date_shift(r->reference, UNIT_MONTH, by == 2 ? 1 : -by);
            if (date_settle(WORD_MONTH, month.year, month.month, day, ret) &&
                date_weekday(date_day_number(ret)) == weekday)
                return at + in + taken - start;
        }
    }
    int64_t found;
    if (is_kind(r, at, WORD_LAST)) {
        found = nearest(today - 1, weekday, -1);
        at++;
    } else if (is_kind(r, at, WORD_NEXT)) {
        found = nearest(today, weekday, 1);
        at++;
    } else {
        found = nearest(today, weekday, -1);
    }
    *ret = date_from_day_number(found);
    return at - start;
}

static size_t read_shifted(struct date_reader *r, size_t at, struct moment *ret)
{
    if (!is_kind(r, at, WORD_DAY_SHIFT) || r->reference.precision < MOMENT_DAY)
        return 0;
    int by = word_value(r, at, WORD_DAY_SHIFT);
    const struct date_token *t = token_at(r, at);
    if (by == 0 && !r->line &&
        t->article) { /* al-yawm: today, or the day of something, or part of a name */
        size_t start;
        const struct date_word *before = date_word_before(r->tokens.text, t->start, &start);
        if ((t->clitic && t->clitic != 'w' && t->clitic != 'f') ||
            is_kind(r, at + 1, WORD_ONLY_BEHIND) || is_kind(r, at + 1, WORD_ORDINAL) ||
            (before && (before->kind == WORD_NAME_HEAD || before->kind == WORD_PHASE ||
                        (before->kind == WORD_OF && t->word->spelling[0] == (char)0xd8))))
            return 0;
    }
    size_t start = at++;
    int64_t day = date_day_number(&r->reference) + by;
    if (is_comma(r, at) && is_kind(r, at + 1, WORD_WEEKDAY) && r->line)
        at++;
    if (is_kind(r, at, WORD_WEEKDAY) && !token_at(r, at)->word->weak) {
        day = nearest(day, word_value(r, at, WORD_WEEKDAY), 0);
        at++;
    }
    size_t taken = is_comma(r, at) && !r->line ? 0 : read_behind(r, at, ret);
    if (taken)
        return at + taken - start;
    *ret = date_from_day_number(day);
    return at - start;
}

/* Next week on Friday; this week on Saturday; Friday of this week. */
static size_t read_week_and_day(struct date_reader *r, size_t at, struct moment *ret)
{
    size_t start = at;
    int weekday = -1, by = 0;
    if (r->reference.precision < MOMENT_DAY)
        return 0;
    if (is_kind(r, at, WORD_WEEKDAY) && is_kind(r, at + 1, WORD_FROM)) {
        weekday = word_value(r, at, WORD_WEEKDAY);
        at += 2;
    }
    bool front = is_kind(r, at, WORD_THIS);
    at += front;
    if (!is_kind(r, at, WORD_UNIT) || word_value(r, at, WORD_UNIT) != UNIT_WEEK)
        return 0;
    at++;
    if (is_kind(r, at, WORD_LAST) || is_kind(r, at, WORD_NEXT) ||
        (!front && is_kind(r, at, WORD_THIS))) {
        by = is_kind(r, at, WORD_LAST) ? -1 : is_kind(r, at, WORD_NEXT);
        at++;
    } else if (!front) {
        return 0;
    }
    if (weekday < 0) {
        at += is_day_word(r, at);
        if (!is_kind(r, at, WORD_WEEKDAY))
            return 0;
        weekday = word_value(r, at, WORD_WEEKDAY);
        at++;
    }
    int64_t monday = nearest(date_day_number(&r->reference), 1, -1) + 7 * by;
    *ret = date_from_day_number(monday + (weekday + 6) % 7);
    return at - start;
}

size_t date_read_by_week(struct date_reader *r, size_t at, struct moment *ret)
{
    static size_t (*const readers[])(struct date_reader *, size_t, struct moment *) = {
        read_week_and_day, read_this_weekday, read_shifted, read_counted_weekday, read_weekday};
    size_t taken = 0;
    for (size_t i = 0; i < sizeof readers / sizeof *readers && !taken; i++)
        taken = readers[i](r, at, ret);
    return taken;
}

/* "Between Wednesday and Friday" behind a week: days of that week. */
size_t date_read_days_of_week(struct date_reader *r, size_t at, struct date_reading *week)
{
    size_t start = at;
    bool between = is_kind(r, at, WORD_BETWEEN);
    if (!between && !is_kind(r, at, WORD_FROM))
        return 0;
    at++;
    at += is_day_word(r, at);
    if (!is_kind(r, at, WORD_WEEKDAY))
        return 0;
    int first = (word_value(r, at++, WORD_WEEKDAY) + 6) % 7;
    bool to = is_kind(r, at, WORD_TO);
    at += to;
    at += is_day_word(r, at);
    if (!is_kind(r, at, WORD_WEEKDAY) || (!to && (!between || token_at(r, at)->clitic != 'w')))
        return 0;
    int last = (word_value(r, at++, WORD_WEEKDAY) + 6) % 7;
    if (last <= first)
        return 0;
    int64_t monday = date_day_number(&week->value);
    week->value = date_from_day_number(monday + first);
    week->until = date_from_day_number(monday + last);
    return at - start;
}

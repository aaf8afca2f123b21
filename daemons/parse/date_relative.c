/* Distances from the reference: three hours ago, two days ago, in a week, now. */
#include "parse/date_read.h"

#include <string.h>

static struct moment shift_months(struct moment m, int64_t by)
{
    int64_t months = (int64_t)m.year * 12 + m.month - 1 + by;
    m.year = (int)(months / 12);
    m.month = (int)(months % 12) + 1;
    if (m.precision >= MOMENT_DAY)
        while (m.day > 28 && !moment_valid(&m))
            m.day--;
    return m;
}

struct moment date_shift(struct moment m, enum date_unit unit, int64_t by)
{
    static const int64_t seconds[] = {[UNIT_SECOND] = 1,
                                      [UNIT_MINUTE] = 60,
                                      [UNIT_HOUR] = 3600,
                                      [UNIT_DAY] = 86400,
                                      [UNIT_WEEK] = 604800};
    static const int months[] = {[UNIT_MONTH] = 1, [UNIT_QUARTER] = 3,  [UNIT_HALF] = 6,
                                 [UNIT_YEAR] = 12, [UNIT_DECADE] = 120, [UNIT_CENTURY] = 1200};
    if (unit >= UNIT_MONTH)
        return shift_months(m, by * months[unit]);
    struct moment moved = m;
    moved.precision = MOMENT_SECOND;
    moved =
        moment_from_unix(moment_to_unix(&moved) + by * seconds[unit] * 1000000, m.offset_minutes);
    moved.has_offset = m.has_offset;
    moved.precision = m.precision;
    return moved;
}

struct amount {
    int64_t months, seconds;
    enum date_unit smallest;
};

static bool add(struct amount *a, enum date_unit unit, int64_t count)
{
    static const int64_t seconds[] = {1, 60, 3600, 86400, 604800};
    if (count < 0 || count > 100000)
        return false;
    if (unit >= UNIT_MONTH)
        a->months += count * (unit == UNIT_MONTH     ? 1
                              : unit == UNIT_YEAR    ? 12
                              : unit == UNIT_DECADE  ? 120
                              : unit == UNIT_CENTURY ? 1200
                                                     : 3);
    else
        a->seconds += count * seconds[unit];
    if (unit < a->smallest)
        a->smallest = unit;
    return true;
}

/* One number and its unit, one unit in the dual, or one unit alone. */
static size_t read_one(struct date_reader *r, size_t at, struct amount *a)
{
    size_t start = at;
    int64_t count = 1;
    if (is_kind(r, at, WORD_DUAL)) {
        add(a, (enum date_unit)word_value(r, at, WORD_DUAL), 2);
        at++;
    } else {
        size_t taken = date_read_amount(r, at, &count);
        at += taken;
        enum date_word_kind kind = is_kind(r, at, WORD_UNITS) ? WORD_UNITS : WORD_UNIT;
        if (!is_kind(r, at, kind) || (kind == WORD_UNITS && !taken) ||
            (token_at(r, at)->article && !taken) || (taken && token_at(r, at)->clitic))
            return 0;
        if (!add(a, (enum date_unit)word_value(r, at, kind), count))
            return 0;
        at++;
        if (is_kind(r, at, WORD_COUNT) && word_value(r, at, WORD_COUNT) == 1 && !taken)
            at++; /* one month */
    }
    if (is_kind(r, at, WORD_FRACTION) && token_at(r, at)->clitic == 'w' &&
        a->smallest == UNIT_HOUR) {
        a->seconds += word_value(r, at, WORD_FRACTION) * 60;
        a->smallest = UNIT_MINUTE;
        at++;
    }
    return at - start;
}

static size_t read_amounts(struct date_reader *r, size_t at, struct amount *a)
{
    *a = (struct amount){.smallest = UNIT_CENTURY};
    size_t start = at, taken = read_one(r, at, a);
    for (unsigned more = 0; taken && more < 3; more++) {
        at += taken;
        size_t and = is_comma(r, at) || is_and(r, at);
        bool joined = and || token_at(r, at)->clitic == 'w';
        taken = joined ? read_one(r, at + and, a) : 0;
        taken += taken ? and : 0;
    }
    return at - start;
}

static bool apply(struct date_reader *r, const struct amount *a, int sign, struct moment *ret)
{
    struct moment m = date_shift(r->reference, UNIT_MONTH, sign * a->months);
    m = date_shift(m, UNIT_SECOND, sign * a->seconds);
    enum moment_precision precision = a->smallest == UNIT_SECOND   ? MOMENT_SECOND
                                      : a->smallest == UNIT_MINUTE ? MOMENT_MINUTE
                                      : a->smallest == UNIT_HOUR   ? MOMENT_HOUR
                                      : a->smallest <= UNIT_WEEK   ? MOMENT_DAY
                                      : a->smallest <= UNIT_HALF   ? MOMENT_MONTH
                                                                   : MOMENT_YEAR;
    m.precision = precision < r->reference.precision ? precision : r->reference.precision;
    if (m.precision < MOMENT_HOUR)
        m.has_offset = false;
    if (!moment_valid(&m))
        return false;
    *ret = m;
    return true;
}

size_t date_read_relative(struct date_reader *r, size_t at, struct date_reading *ret)
{
    if (r->reference.precision < MOMENT_DAY)
        return 0;
    size_t start = at;
    struct amount a;
    if (is_kind(r, at, WORD_NOW) && r->line) {
        ret->value = r->reference;
        return 1;
    }
    bool ago = is_kind(r, at, WORD_AGO), in = is_kind(r, at, WORD_IN);
    at += ago || in;
    size_t taken = read_amounts(r, at, &a);
    if (!taken)
        return 0;
    bool counted = taken > 1 || is_kind(r, at, WORD_DUAL);
    at += taken;
    if (!ago && !in) {
        if (is_kind(r, at, WORD_AGO_BEHIND) &&
            !(is_kind(r, at, WORD_AGO) &&
              (read_amounts(r, at + 1, &(struct amount){0}) || !r->line))) {
            ago = true;
        } else if (is_kind(r, at, WORD_IN_BEHIND)) {
            in = true;
        } else {
            return 0;
        }
        at++;
    } else if (is_kind(r, at, WORD_IN_BEHIND)) {
        at++;
    } else if (is_kind(r, at, WORD_FROM) ||
               (is_kind(r, at, WORD_OF) && !r->line && token_at(r, at)->word->spelling[0] > 0)) {
        return 0; /* two days before or after something else */
    }
    if (!counted && !r->line && (a.smallest == UNIT_DAY || a.smallest == UNIT_YEAR) &&
        token_at(r, at)->kind == TOKEN_NUMBER)
        return 0; /* since the year 2003 */
    if (!counted && in && !r->line)
        return 0;
    return apply(r, &a, ago ? -1 : 1, &ret->value) ? at - start : 0;
}

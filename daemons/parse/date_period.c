/* Months, years and other periods: by name, by number, beside the reference, from one day to
 * another. */
#include "parse/date_read.h"

static void set_year(struct date_reading *ret, int year)
{
    ret->value = (struct moment){.year = year, .precision = MOMENT_YEAR};
}

static void set_years(struct date_reading *ret, int first, int last)
{
    set_year(ret, first);
    ret->until = (struct moment){.year = last, .precision = MOMENT_YEAR};
}

static void set_months(struct date_reading *ret, int year, int month, int count)
{
    ret->value = (struct moment){.year = year, .month = month, .precision = MOMENT_MONTH};
    if (count > 1) {
        ret->until = date_shift(ret->value, UNIT_MONTH, count - 1);
        ret->until.precision = MOMENT_MONTH;
    }
}

static bool set_hijri_month(struct date_reading *ret, enum date_word_kind kind, int year, int month)
{
    struct moment first, next;
    if (!date_settle(kind, year, month, 1, &first) ||
        !date_settle(kind, month == 12 ? year + 1 : year, month == 12 ? 1 : month + 1, 1, &next))
        return false;
    ret->value = first;
    ret->until = date_from_day_number(date_day_number(&next) - 1);
    return true;
}

/* A Hijri month by the Gregorian year that it begins in. */
static bool set_hijri_month_in(struct date_reading *ret, enum date_word_kind kind, int gregorian,
                               int month)
{
    int guess = kind == WORD_PERSIAN ? gregorian - 621 : (int)((gregorian - 622) * 1.0307);
    for (int year = guess - 1; year <= guess + 2; year++) {
        struct moment first;
        if (date_settle(kind, year, month, 1, &first) && first.year == gregorian)
            return set_hijri_month(ret, kind, year, month);
    }
    return false;
}

static bool unit_is(struct date_reader *r, size_t at, enum date_unit unit)
{
    return is_kind(r, at, WORD_UNIT) && word_value(r, at, WORD_UNIT) == (int)unit;
}

static bool read_direction(struct date_reader *r, size_t at, int *ret)
{
    if (is_kind(r, at, WORD_LAST))
        *ret = -1;
    else if (is_kind(r, at, WORD_NEXT))
        *ret = 1;
    else if (is_kind(r, at, WORD_THIS))
        *ret = 0;
    else
        return false;
    return true;
}

static bool set_unit(struct date_reader *r, enum date_unit unit, int by, struct date_reading *ret)
{
    const struct moment *now = &r->reference;
    struct moment m = date_shift(*now, unit, by);
    int64_t monday;
    switch (unit) {
    case UNIT_WEEK:
        monday = date_day_number(&m) - (date_weekday(date_day_number(&m)) + 6) % 7;
        ret->value = date_from_day_number(monday);
        ret->until = date_from_day_number(monday + 6);
        return true;
    case UNIT_MONTH:
        set_months(ret, m.year, m.month, 1);
        return true;
    case UNIT_QUARTER:
        set_months(ret, m.year, (m.month - 1) / 3 * 3 + 1, 3);
        return true;
    case UNIT_YEAR:
        set_year(ret, m.year);
        return true;
    case UNIT_DECADE:
        set_years(ret, m.year / 10 * 10, m.year / 10 * 10 + 9);
        return true;
    case UNIT_CENTURY:
        set_years(ret, m.year / 100 * 100, m.year / 100 * 100 + 99);
        return true;
    default:
        return false;
    }
}

/* Last week, this month, the coming year; "this" and English and French "last", "next" stand in
 * front. */
static size_t read_unit(struct date_reader *r, size_t at, struct date_reading *ret)
{
    size_t start = at;
    int by = 0;
    if (r->reference.precision < MOMENT_DAY)
        return 0;
    bool front = read_direction(r, at, &by) && !token_at(r, at)->article;
    at += front;
    if (!is_kind(r, at, WORD_UNIT) || (front && !token_at(r, at)->article &&
                                       (unsigned char)token_at(r, at)->word->spelling[0] >= 0x80))
        return 0;
    enum date_unit unit = (enum date_unit)word_value(r, at, WORD_UNIT);
    bool article = token_at(r, at)->article ||
                   (unsigned char)token_at(r, at)->word->spelling[0] < 0x80 ||
                   token_at(r, at)->word->spelling[0] != (char)0xd8;
    at++;
    if (!front) {
        if (!article && !r->line && unit != UNIT_YEAR && unit != UNIT_WEEK)
            return 0;
        if (!read_direction(r, at, &by))
            return 0;
        at++;
    }
    if (!set_unit(r, unit, by, ret))
        return 0;
    at += unit == UNIT_WEEK ? date_read_days_of_week(r, at, ret) : 0;
    return at - start;
}

/* The last three years; the coming 3 days; the past two decades. */
size_t date_read_units(struct date_reader *r, size_t at, struct date_reading *ret)
{
    size_t start = at, taken = 0;
    int by = 2;
    int64_t count = 0;
    if (r->reference.precision < MOMENT_DAY)
        return 0;
    bool last = is_kind(r, at, WORD_PHASE) && word_value(r, at, WORD_PHASE) == PHASE_LAST;
    bool front = !last && read_direction(r, at, &by) && !token_at(r, at)->article;
    at += last || front;
    taken = date_read_amount(r, at, &count);
    at += taken;
    enum date_word_kind kind = is_kind(r, at, WORD_DUAL)    ? WORD_DUAL
                               : is_kind(r, at, WORD_UNITS) ? WORD_UNITS
                                                            : WORD_UNIT;
    if (!is_kind(r, at, kind) || (kind == WORD_UNIT && !taken))
        return 0;
    enum date_unit unit = (enum date_unit)word_value(r, at, kind);
    count = kind == WORD_DUAL ? 2 : count;
    at++;
    if (!taken && kind == WORD_UNITS) {
        taken = date_read_amount(r, at, &count);
        at += taken;
    }
    if (!last && !front) {
        if (!read_direction(r, at, &by) || by == 0)
            return 0;
        at++;
    }
    by = last ? -1 : by;
    if (count < 1 || count > 1000 || (by != 1 && by != -1) || unit > UNIT_DECADE)
        return 0;
    struct moment other = date_shift(r->reference, unit, by * count), now = r->reference;
    now.precision = other.precision =
        unit <= UNIT_HOUR && now.precision >= MOMENT_HOUR ? MOMENT_HOUR : MOMENT_DAY;
    now.has_offset &= now.precision >= MOMENT_HOUR;
    other.has_offset = now.has_offset;
    if (by > 0 && now.precision == MOMENT_DAY)
        now = date_shift(now, UNIT_DAY, 1); /* what comes begins tomorrow */
    ret->value = by < 0 ? other : now;
    ret->until = by < 0 ? now : other;
    return moment_valid(&other) ? at - start : 0;
}

/* The quarter, half, week or month by number, of a year or month. */
static size_t read_part_of(struct date_reader *r, size_t at, struct date_reading *ret)
{
    size_t start = at;
    if (!is_kind(r, at, WORD_UNIT) || !token_at(r, at)->article ||
        !is_kind(r, at + 1, WORD_ORDINAL))
        return 0;
    enum date_unit unit = (enum date_unit)word_value(r, at, WORD_UNIT);
    int n = word_value(r, at + 1, WORD_ORDINAL), year = 0, month = 0;
    at += 2;
    if (is_kind(r, at, WORD_FROM) || is_kind(r, at, WORD_OF))
        at++;
    struct date_reading whole = {0};
    size_t taken = date_read_year(r, at, WORD_MONTH, &year);
    if (!taken && unit != UNIT_WEEK)
        taken = read_unit(r, at, &whole);
    if (!taken && unit == UNIT_WEEK) {
        if (unit_is(r, at, UNIT_MONTH) && !token_at(r, at)->article)
            at++;
        taken = date_read_period(r, at, &whole);
    }
    if (!taken)
        return 0;
    year = year ? year : whole.value.year;
    month = whole.value.precision == MOMENT_MONTH ? whole.value.month : 1;
    if (unit == UNIT_QUARTER && n <= 4) {
        set_months(ret, year, 3 * n - 2, 3);
    } else if (unit == UNIT_HALF && n <= 2) {
        set_months(ret, year, 6 * n - 5, 6);
    } else if (unit == UNIT_WEEK && n <= 5) {
        struct moment first = {.year = year, .month = month, .day = 1, .precision = MOMENT_DAY};
        int64_t day = date_day_number(&first),
                monday = day + (8 - date_weekday(day)) % 7 + 7 * (n - 1);
        if (whole.value.precision != MOMENT_MONTH && monday > day + 3 + 7 * (n - 1))
            monday -= 7; /* ISO 8601: the first week of a year has most of its days in it */
        ret->value = date_from_day_number(monday);
        ret->until = date_from_day_number(monday + 6);
    } else {
        return 0;
    }
    return at + taken - start;
}

/* A month with its year, beside the reference, or alone when nothing else has its name. */
static size_t read_month(struct date_reader *r, size_t at, struct date_reading *ret)
{
    size_t start = at;
    enum date_word_kind kind;
    int month, year, which;
    bool weak, named = is_kind(r, at, WORD_UNIT) && unit_is(r, at, UNIT_MONTH) &&
                       !token_at(r, at)->article;
    at += named;
    bool this = !named && is_kind(r, at, WORD_THIS) && !token_at(r, at)->article;
    at += this;
    size_t taken = date_read_months(r, at, &kind, &month, &weak);
    if (!taken || (named && token_at(r, at)->clitic))
        return 0;
    size_t word_at = at;
    at += taken;
    taken = date_read_year(r, at, kind, &year);
    if (taken) {
        if (kind != WORD_MONTH)
            return set_hijri_month(ret, kind, year, month) ? at + taken - start : 0;
        set_months(ret, year, month, 1);
        return at + taken - start;
    }
    if (kind != WORD_MONTH && (taken = date_read_year(r, at, WORD_MONTH, &year)) &&
        year >= 1900) /* Ramadan 2018 */
        return set_hijri_month_in(ret, kind, year, month) ? at + taken - start : 0;
    if (r->reference.precision < MOMENT_DAY)
        return 0;
    bool directed = read_direction(r, at, &which) && token_at(r, at)->article;
    size_t before_at;
    const struct date_word *before =
        date_word_before(r->tokens.text, token_at(r, word_at)->start, &before_at);
    bool asked = named || this || directed ||
                 (before && (before->kind == WORD_OF || before->kind == WORD_PHASE) && !r->line);
    if (weak && !asked)
        return 0;
    if (weak && !named && !directed && kind != WORD_MONTH && month != 9)
        return 0; /* Safar, Rajab, Shaaban are names too */
    if (weak && (unsigned char)token_at(r, word_at)->word->spelling[0] < 0x80 && !directed)
        return 0;
    if (r->line && !asked)
        return 0;
    struct moment m;
    if (!date_settle_near(r, kind, month, kind == WORD_MONTH ? 15 : 1, directed ? which : 0, &m))
        return 0;
    at += directed;
    if (kind != WORD_MONTH) {
        struct moment next = date_from_day_number(date_day_number(&m) + 29), probe;
        ret->value = m;
        ret->until = date_from_day_number(date_day_number(&m) + 28);
        if (kind == WORD_HIJRI && date_settle(kind, 1, 1, 1, &probe))
            ret->until = next;
        return at - start;
    }
    if (directed && which && m.month == r->reference.month && m.year == r->reference.year)
        m.year += which;
    set_months(ret, m.year, m.month, 1);
    return at - start;
}

static bool counts_things(struct date_reader *r, size_t at)
{
    const struct date_token *t = token_at(r, at);
    if (t->kind == TOKEN_SIGN)
        return t->value == '%' || t->value == 0x66a || t->value == '$' || t->value == 0x20ac ||
               ((t->value == '.' || t->value == ',' || t->value == 0x66b) &&
                token_at(r, at + 1)->kind == TOKEN_NUMBER && !token_at(r, at + 1)->space);
    return t->kind == TOKEN_NUMBER || is_kind(r, at, WORD_UNIT) || is_kind(r, at, WORD_UNITS) ||
           is_kind(r, at, WORD_COUNT);
}

/* The year 2024; in 2024; 2014-2018. */
static size_t read_year_alone(struct date_reader *r, size_t at, struct date_reading *ret)
{
    size_t start = at;
    int year;
    const struct date_token *t = token_at(r, at);
    if (unit_is(r, at, UNIT_YEAR)) {
        size_t taken = date_read_year(r, at, WORD_MONTH, &year);
        if (!taken)
            return 0;
        at += taken;
        if (is_kind(r, at, WORD_ERA_HIJRI))
            return 0;
        set_year(ret, year);
        if ((is_dash(r, at) || is_sign(r, at, '/') || is_kind(r, at, WORD_TO)) &&
            is_number(r, at + 1, year + 1, 2100) && token_at(r, at + 1)->digits == 4) {
            set_years(ret, year, (int)token_at(r, at + 1)->value);
            at += 2;
        }
        return at - start;
    }
    if (!is_number(r, at, 1800, 2100) || t->digits != 4)
        return 0;
    year = (int)t->value;
    size_t before_at;
    const struct date_word *before = date_word_before(r->tokens.text, t->start, &before_at);
    bool between = before && (before->kind == WORD_BETWEEN || before->kind == WORD_FROM);
    bool range = (is_dash(r, at + 1) || is_sign(r, at + 1, '/') ||
                  (between && (is_kind(r, at + 1, WORD_TO) || is_and(r, at + 1)))) &&
                 is_number(r, at + 2, year + 1, 2100) && token_at(r, at + 2)->digits == 4 &&
                 !counts_things(r, at + 3) && !is_dash(r, at + 3);
    if (range && (between || token_at(r, at + 2)->value <= year + 30)) {
        set_years(ret, year, (int)token_at(r, at + 2)->value);
        return 3;
    }
    const struct date_token *next = token_at(r, at + 1);
    if (next->kind == TOKEN_SIGN && next->value == '/' && is_number(r, at + 2, 1, 12) &&
        !token_at(r, at + 2)->space && !r->line && !is_sign(r, at + 3, '/') &&
        (token_at(r, at + 2)->digits == 1 || token_at(r, at + 2)->value != (year + 1) % 100)) {
        set_months(ret, year, (int)token_at(r, at + 2)->value, 1);
        return 3;
    }
    bool asked = before && (before->kind == WORD_OF || before->kind == WORD_AGO ||
                            before->kind == WORD_PHASE || before->kind == WORD_TO ||
                            (before->kind == WORD_UNIT && before->value == UNIT_YEAR) ||
                            before->kind == WORD_SEASON);
    bool alone =
        next->kind == TOKEN_END || (next->kind == TOKEN_SIGN && !counts_things(r, at + 1) &&
                                    next->value != ':' && next->value != '/' && next->value != '-');
    if (r->line || !asked || year < 1900 || year > 2060 || counts_things(r, at + 1) ||
        (!alone && year % 100 == 0))
        return 0;
    if (!alone && next->kind == TOKEN_WORD && !next->word && !next->article && !next->space)
        return 0;
    set_year(ret, year);
    return 1;
}

/* 01/2026 */
static size_t read_month_number(struct date_reader *r, size_t at, struct date_reading *ret)
{
    const struct date_token *year = token_at(r, at + 2);
    if (r->line || !is_number(r, at, 1, 12) || !is_sign(r, at + 1, '/') ||
        !is_number(r, at + 2, 1950, 2100) || year->digits != 4 || year->space ||
        is_sign(r, at + 3, '/'))
        return 0;
    set_months(ret, (int)year->value, (int)token_at(r, at)->value, 1);
    return 3;
}

static size_t read_decade(struct date_reader *r, size_t at, struct date_reading *ret)
{
    if (!is_kind(r, at, WORD_DECADE))
        return 0;
    int decade = word_value(r, at, WORD_DECADE), century = 1900;
    size_t start = at++;
    bool century_named = unit_is(r, at, UNIT_CENTURY);
    if (!century_named && !token_at(r, start)->article && decade <= 40)
        return 0;
    if (century_named && r->reference.year) {
        at++;
        if (is_kind(r, at, WORD_LAST)) {
            century = r->reference.year / 100 * 100 - 100;
            at++;
        } else if (is_kind(r, at, WORD_THIS)) {
            century = r->reference.year / 100 * 100;
            at++;
        } else if (is_kind(r, at, WORD_ORDINAL)) {
            century = (word_value(r, at, WORD_ORDINAL) - 1) * 100;
            at++;
        }
    }
    set_years(ret, century + decade, century + decade + 9);
    return at - start;
}

static size_t read_season(struct date_reader *r, size_t at, struct date_reading *ret)
{
    size_t start = at;
    int year, which;
    bool this = is_kind(r, at, WORD_THIS) && !token_at(r, at)->article;
    at += this;
    if (!is_kind(r, at, WORD_SEASON))
        return 0;
    int month = word_value(r, at, WORD_SEASON);
    at++;
    size_t taken = date_read_year(r, at, WORD_MONTH, &year);
    if (!taken && r->reference.precision >= MOMENT_DAY &&
        (this || (read_direction(r, at, &which) && token_at(r, at)->article))) {
        struct moment m;
        if (this)
            year = r->reference.year;
        else if (date_settle_near(r, WORD_MONTH, month, 1, which, &m))
            year = m.year;
        else
            return 0;
        taken = !this;
    } else if (!taken) {
        return 0;
    }
    set_months(ret, year, month, 3);
    return at + taken - start;
}

/* From day to day of one month; between one day and another. */
static size_t read_range(struct date_reader *r, size_t at, struct date_reading *ret)
{
    int first, last;
    bool words;
    size_t start = at;
    bool from = is_kind(r, at, WORD_BETWEEN) || is_kind(r, at, WORD_FROM);
    size_t before_at;
    const struct date_word *before =
        from ? NULL : date_word_before(r->tokens.text, token_at(r, at)->start, &before_at);
    bool between = from ? is_kind(r, at, WORD_BETWEEN) : before && before->kind == WORD_BETWEEN;
    bool opened = from || (before && (before->kind == WORD_BETWEEN || before->kind == WORD_FROM));
    at += from;
    size_t taken = date_read_day_number(r, at, &first, &words);
    if (taken && !words) {
        size_t next = at + taken;
        bool and = is_and(r, next);
        if (is_dash(r, next) || is_kind(r, next, WORD_TO) || (between && and)) {
            struct date_reading end = {0};
            size_t more = date_read_day_number(r, next + 1, &last, &words)
                              ? date_read_day(r, next + 1, &end)
                              : 0;
            if (!more && opened && is_number(r, next + 1, 1, 31)) { /* from 4 to 22 this month */
                size_t month = next + 2 + is_kind(r, next + 2, WORD_OF);
                struct date_reading whole = {0};
                size_t taken_month = read_unit(r, month, &whole);
                if (taken_month && whole.value.precision == MOMENT_MONTH &&
                    date_settle(WORD_MONTH, whole.value.year, whole.value.month,
                                (int)token_at(r, next + 1)->value, &end.value))
                    more = month + taken_month - (next + 1);
            }
            if (more && end.value.precision == MOMENT_DAY && first < end.value.day &&
                date_settle(WORD_MONTH, end.value.year, end.value.month, first, &ret->value)) {
                ret->until = end.value;
                return next + 1 + more - start;
            }
        }
    }
    return 0;
}

size_t date_read_current(struct date_reader *r, size_t at, struct date_reading *ret)
{
    if (!token_at(r, at)->article || r->reference.precision < MOMENT_DAY)
        return 0;
    if (is_kind(r, at, WORD_SEASON)) {
        set_months(ret, r->reference.year, word_value(r, at, WORD_SEASON), 3);
        return 1;
    }
    return is_kind(r, at, WORD_UNIT) &&
           set_unit(r, (enum date_unit)word_value(r, at, WORD_UNIT), 0, ret);
}

/* The week of 16 September. */
static size_t read_week_of(struct date_reader *r, size_t at, struct date_reading *ret)
{
    struct moment day;
    if (!unit_is(r, at, UNIT_WEEK) || token_at(r, at)->article)
        return 0;
    size_t taken = date_read_named(r, at + 1, &day);
    if (!taken)
        return 0;
    int64_t monday = date_day_number(&day) - (date_weekday(date_day_number(&day)) + 6) % 7;
    ret->value = date_from_day_number(monday);
    ret->until = date_from_day_number(monday + 6);
    return taken + 1;
}

size_t date_read_period(struct date_reader *r, size_t at, struct date_reading *ret)
{
    static size_t (*const readers[])(struct date_reader *, size_t, struct date_reading *) = {
        read_range, read_part_of,    date_read_units,   read_month,  read_week_of,
        read_unit,  read_year_alone, read_month_number, read_decade, read_season};
    if (is_kind(r, at, WORD_PHASE))
        return date_read_phase(r, at, ret);
    for (size_t i = 0; i < sizeof readers / sizeof *readers; i++) {
        struct date_reading reading = {0};
        size_t taken = readers[i](r, at, &reading);
        if (taken) {
            *ret = reading;
            return taken;
        }
    }
    return 0;
}

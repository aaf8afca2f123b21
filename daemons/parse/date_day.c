/* Days by number or name: numeric dates, a day with its month. */
#include "parse/calendar.h"
#include "parse/date_read.h"

#include <stdlib.h>

bool date_settle(enum date_word_kind kind, int year, int month, int day, struct moment *ret)
{
    struct moment m = {.year = year, .month = month, .day = day, .precision = MOMENT_DAY};
    bool fits = kind == WORD_HIJRI     ? calendar_from_hijri(year, month, day, &m)
                : kind == WORD_PERSIAN ? calendar_from_persian(year, month, day, &m)
                                       : moment_valid(&m);
    if (fits)
        *ret = m;
    return fits;
}

/* The year of a calendar that the reference falls into, or the one before. */
static int reference_year(const struct date_reader *r, enum date_word_kind kind)
{
    if (kind == WORD_PERSIAN)
        return r->reference.year - 622;
    if (kind == WORD_HIJRI)
        return (int)((date_day_number(&r->reference) + 492148) / 354.367) +
               1; /* days since the Hijra */
    return r->reference.year;
}

bool date_settle_near(const struct date_reader *r, enum date_word_kind kind, int month, int day,
                      int which, struct moment *ret)
{
    if (r->reference.precision < MOMENT_DAY)
        return false;
    int64_t today = date_day_number(&r->reference), best = INT64_MAX;
    int year = reference_year(r, kind);
    for (int y = year - 2; y <= year + 2; y++) {
        struct moment m;
        if (!date_settle(kind, y, month, day, &m))
            continue;
        int64_t away = date_day_number(&m) - today;
        if ((which < 0 && away >= 0) || (which > 0 && away <= 0) || (r->line && away > 1))
            continue;
        if (llabs(away) < best) {
            best = llabs(away);
            *ret = m;
        }
    }
    return best != INT64_MAX;
}

size_t date_read_amount(struct date_reader *r, size_t at, int64_t *ret)
{
    const struct date_token *t = token_at(r, at);
    if (t->kind == TOKEN_NUMBER && t->digits <= 6) {
        *ret = t->value;
        return 1;
    }
    if (!is_kind(r, at, WORD_COUNT))
        return 0;
    size_t start = at;
    int64_t sum = 0;
    for (; is_kind(r, at, WORD_COUNT) && (at == start || token_at(r, at)->clitic == 'w') &&
           at < start + 5;
         at++)
        sum += word_value(r, at, WORD_COUNT);
    *ret = sum;
    return at - start;
}

size_t date_read_day_number(struct date_reader *r, size_t at, int *ret_day, bool *ret_words)
{
    size_t start = at;
    *ret_words = false;
    if (is_number(r, at, 1, 31) && token_at(r, at)->digits <= 2) {
        *ret_day = (int)token_at(r, at)->value;
        at++;
        if (is_kind(r, at, WORD_SUFFIX) && !token_at(r, at)->space)
            at++;
        return at - start;
    }
    *ret_words = true;
    if (is_kind(r, at, WORD_ORDINAL)) {
        *ret_day = word_value(r, at, WORD_ORDINAL);
        at++;
        if (*ret_day <= 9 && is_kind(r, at, WORD_COUNT) && token_at(r, at)->clitic == 'w' &&
            token_at(r, at)->article &&
            (word_value(r, at, WORD_COUNT) == 20 || word_value(r, at, WORD_COUNT) == 30)) {
            *ret_day += word_value(r, at, WORD_COUNT);
            at++;
        }
        return *ret_day <= 31 ? at - start : 0;
    }
    if (is_kind(r, at, WORD_COUNT) && token_at(r, at)->article &&
        (word_value(r, at, WORD_COUNT) == 20 || word_value(r, at, WORD_COUNT) == 30)) {
        *ret_day = word_value(r, at, WORD_COUNT);
        return 1;
    }
    return 0;
}

static bool is_month_word(struct date_reader *r, size_t at)
{
    return is_kind(r, at, WORD_MONTH) || is_kind(r, at, WORD_HIJRI) || is_kind(r, at, WORD_PERSIAN);
}

/* A month, maybe with its other name beside it: "kanun al-thani / January", "(January)". */
size_t date_read_months(struct date_reader *r, size_t at, enum date_word_kind *ret_kind,
                        int *ret_month, bool *ret_weak)
{
    size_t start = at;
    if (!is_month_word(r, at))
        return 0;
    const struct date_word *w = token_at(r, at)->word;
    *ret_kind = (enum date_word_kind)w->kind;
    *ret_month = w->value;
    *ret_weak = w->weak;
    at++;
    if (is_sign(r, at, '.') && !token_at(r, at)->space && (unsigned char)w->spelling[0] < 0x80 &&
        token_at(r, at - 1)->end - token_at(r, at - 1)->start <= 5)
        at++;
    bool open = is_sign(r, at, '('), sign = open || is_sign(r, at, '/') || is_dash(r, at);
    size_t next = at + sign;
    if (!is_kind(r, next, *ret_kind) || !is_month_word(r, next) ||
        token_at(r, next)->word->value != *ret_month || token_at(r, next)->clitic)
        return at - start;
    *ret_weak = false;
    at = next + 1;
    return at - start + (open && is_sign(r, at, ')'));
}

static bool is_year_word(struct date_reader *r, size_t at)
{
    return is_kind(r, at, WORD_UNIT) && word_value(r, at, WORD_UNIT) == UNIT_YEAR;
}

static size_t read_era(struct date_reader *r, size_t at, enum date_word_kind *ret)
{
    static const enum date_word_kind eras[][2] = {
        {WORD_ERA_HIJRI,  WORD_HIJRI  },
        {WORD_ERA_SOLAR,  WORD_PERSIAN},
        {WORD_ERA_COMMON, WORD_MONTH  }
    };
    for (size_t i = 0; i < 3; i++)
        if (is_kind(r, at, eras[i][0]) && !token_at(r, at)->clitic) {
            *ret = eras[i][1];
            return 1;
        }
    return 0;
}

size_t date_read_year(struct date_reader *r, size_t at, enum date_word_kind kind, int *ret_year)
{
    size_t start = at;
    bool apart = is_comma(r, at) || is_sign(r, at, '/') || is_dash(r, at) ||
                 (is_sign(r, at, '.') && !token_at(r, at)->space);
    at += apart;
    if (is_kind(r, at, WORD_FROM) || is_kind(r, at, WORD_OF))
        at++;
    bool named = is_year_word(r, at);
    at += named;
    const struct date_token *t = token_at(r, at);
    int low = kind == WORD_MONTH ? 1000 : 1300, high = kind == WORD_MONTH ? 2100 : 1500;
    int64_t value;
    size_t taken;
    bool apostrophe = is_sign(r, at, '\'') || is_sign(r, at, 0x2019);
    if (t->kind == TOKEN_NUMBER && (t->digits == 4 || (named && t->digits == 3)) &&
        t->value >= (named && kind == WORD_MONTH ? 100 : low) && t->value <= high) {
        if (apart && (is_sign(r, at + 1, ':')))
            return 0;
        value = t->value;
        at++;
    } else if (apostrophe && is_number(r, at + 1, 0, 99) && token_at(r, at + 1)->digits == 2) {
        value = 2000 + token_at(r, at + 1)->value;
        at += 2;
    } else if (t->kind == TOKEN_NUMBER && t->digits == 2 && r->line && kind == WORD_MONTH &&
               !is_sign(r, at + 1, ':')) {
        value = 2000 + t->value;
        at++;
    } else if (named &&
               (is_kind(r, at, WORD_LAST) || is_kind(r, at, WORD_NEXT) ||
                is_kind(r, at, WORD_THIS)) &&
               r->reference.year) {
        value = r->reference.year + (is_kind(r, at, WORD_NEXT)   ? 1
                                     : is_kind(r, at, WORD_LAST) ? -1
                                                                 : 0);
        at++;
        if (kind != WORD_MONTH)
            return 0;
    } else if ((taken = is_kind(r, at, WORD_COUNT) ? date_read_amount(r, at, &value) : 0) &&
               value >= (named ? 100 : 1000) && value <= high) {
        at += taken;
    } else {
        return 0;
    }
    *ret_year = (int)value;
    enum date_word_kind era;
    size_t more = read_era(r, at, &era);
    if (more && era == kind)
        at += more;
    return at - start;
}

/* --- numeric ------------------------------------------------------------------------------------
 */

static uint32_t separator(struct date_reader *r, size_t at)
{
    const struct date_token *t = token_at(r, at);
    if (t->kind != TOKEN_SIGN)
        return 0;
    if (t->value == '/' || t->value == '.' || t->value == 0x2044 || t->value == 0x60d)
        return (uint32_t)t->value;
    return is_dash(r, at) ? '-' : t->value == '\\' ? '\\' : 0;
}

static int full_year(const struct date_token *t)
{
    return t->digits == 2 ? (int)(t->value < 70 ? 2000 : 1900) + (int)t->value : (int)t->value;
}

/* The calendar of a year: what it says itself, or what brings it near the reference. */
static enum date_word_kind calendar_of(struct date_reader *r, int year, enum date_word_kind era)
{
    if (era)
        return era;
    if (year >= 1700)
        return WORD_MONTH;
    if (r->reference.year) {
        int hijri = abs(reference_year(r, WORD_HIJRI) - year),
            solar = abs(reference_year(r, WORD_PERSIAN) - year);
        return hijri <= solar ? WORD_HIJRI : WORD_PERSIAN;
    }
    const char *language = r->context->language;
    return (language[0] == 'f' && language[1] == 'a') ||
                   (language[0] == 'c' && language[1] == 'k') || year < 1420
               ? WORD_PERSIAN
               : WORD_HIJRI;
}

static bool in_future(const struct date_reader *r, const struct moment *m)
{
    return r->reference.year && date_day_number(m) > date_day_number(&r->reference) + 1;
}

/* Day and month of a date whose year is known, by the evidence: 1 to 12, the page's order, nothing
 * from the future. */
static bool settle_order(struct date_reader *r, enum date_word_kind kind, int year, int first,
                         int second, enum day_order order, struct moment *ret)
{
    struct moment day_first, month_first;
    bool by_day = date_settle(kind, year, second, first, &day_first),
         by_month = date_settle(kind, year, first, second, &month_first);
    if (!by_day && !by_month)
        return false;
    bool month = !by_day || (by_month && order == MONTH_FIRST);
    if (by_day && by_month && order == DAY_ORDER_UNKNOWN)
        month = r->line && in_future(r, &day_first) && !in_future(r, &month_first);
    *ret = month ? month_first : day_first;
    return true;
}

static size_t read_three_numbers(struct date_reader *r, size_t at, struct moment *ret)
{
    uint32_t sign = separator(r, at + 1);
    const struct date_token *a = token_at(r, at), *b = token_at(r, at + 2),
                            *c = token_at(r, at + 4);
    bool comma = sign && is_comma(r, at + 3) && c->digits == 4; /* 08/12, 2015 */
    if (!sign || (separator(r, at + 3) != sign && !comma) || a->kind != TOKEN_NUMBER ||
        b->kind != TOKEN_NUMBER || c->kind != TOKEN_NUMBER || b->digits > 2 || a->digits > 4 ||
        c->digits > 4 || b->space != token_at(r, at + 1)->space)
        return 0;
    if ((separator(r, at + 5) == sign || is_sign(r, at + 5, ':')) && !token_at(r, at + 5)->space &&
        token_at(r, at + 6)->kind == TOKEN_NUMBER && !token_at(r, at + 6)->space && sign != '/')
        return 0; /* more of them: an address, a telephone number */
    enum date_word_kind era = WORD_OTHER;
    size_t more = read_era(r, at + 5, &era);
    if (more && token_at(r, at + 5)->space && is_kind(r, at + 5, WORD_PART))
        more = 0, era = WORD_OTHER; /* the same letter says pm */
    enum day_order order = r->context->day_order;
    if (a->digits == 4 && c->digits <= 2) {
        int year = (int)a->value;
        if (year < 1300 || year > 2100)
            return 0;
        enum date_word_kind kind = calendar_of(r, year, era);
        return date_settle(kind, year, (int)b->value, (int)c->value, ret) ||
                       date_settle(kind, year, (int)c->value, (int)b->value, ret)
                   ? 5 + more
                   : 0;
    }
    if (a->digits > 2)
        return 0;
    if (c->digits == 4) {
        int year = (int)c->value;
        if (year < 1300 || year > 2100 || (year > 1500 && year < 1700))
            return 0;
        if (order == YEAR_FIRST)
            order = DAY_ORDER_UNKNOWN;
        if (comma && order == DAY_ORDER_UNKNOWN)
            order = MONTH_FIRST; /* so written where the month comes first */
        return settle_order(r, calendar_of(r, year, era), year, (int)a->value, (int)b->value, order,
                            ret)
                   ? 5 + more
                   : 0;
    }
    if (c->digits != 2 || a->digits != 2 || b->digits != 2 ||
        (sign == '.' && !r->line && a->value > 31))
        return 0;
    if (order == YEAR_FIRST || a->value > 31)
        return date_settle(WORD_MONTH, full_year(a), (int)b->value, (int)c->value, ret) ? 5 : 0;
    if (!settle_order(r, WORD_MONTH, full_year(c), (int)a->value, (int)b->value, order, ret))
        return 0;
    return sign == '-' && !r->line && is_sign(r, at - 1, '-') ? 0 : 5;
}

/* Whether two numbers with a stroke can be nothing but a day and a month: one above 12, and nothing
 * counted behind. */
static bool only_day_and_month(struct date_reader *r, size_t at, const struct date_token *a,
                               const struct date_token *b)
{
    const struct date_token *next = token_at(r, at + 3);
    bool round_the_clock = a->value == 24 && b->value == 7,
         alone = next->kind == TOKEN_END || next->kind == TOKEN_SIGN ||
                 is_kind(r, at + 3, WORD_LAST) || is_kind(r, at + 3, WORD_NEXT);
    return is_sign(r, at + 1, '/') && (a->value > 12) != (b->value > 12) && a->value <= 31 &&
           b->value <= 31 && !round_the_clock && alone && next->value != '%' &&
           next->value != 0x66a;
}

/* Two numbers are a day and a month behind a word that asks for a day, or when they can be nothing
 * else. */
static size_t read_two_numbers(struct date_reader *r, size_t at, struct moment *ret)
{
    uint32_t sign = separator(r, at + 1);
    const struct date_token *a = token_at(r, at), *b = token_at(r, at + 2);
    if ((sign != '/' && sign != '-') || a->kind != TOKEN_NUMBER || b->kind != TOKEN_NUMBER ||
        a->digits > 2 || b->digits > 2 || b->space || token_at(r, at + 1)->space ||
        (separator(r, at + 3) && !token_at(r, at + 3)->space &&
         token_at(r, at + 4)->kind == TOKEN_NUMBER))
        return 0;
    size_t start;
    const struct date_word *before = date_word_before(r->tokens.text, a->start, &start);
    bool asked = before && (before->kind == WORD_OF || before->kind == WORD_WEEKDAY ||
                            (before->kind == WORD_UNIT && before->value == UNIT_DAY));
    bool strong = before && (before->kind != WORD_OF ||
                             r->tokens.text[start] != (char)0xd9); /* not a bare "in" */
    bool settled = (a->value > 12) != (b->value > 12);
    if (only_day_and_month(r, at, a, b))
        asked = strong = true;
    if (!asked || (!strong && !settled && (sign == '-' || (a->digits < 2 && b->digits < 2))))
        return 0;
    int day = (int)a->value, month = (int)b->value;
    if (month > 12 || (r->context->day_order == MONTH_FIRST && day <= 12)) {
        day = (int)b->value;
        month = (int)a->value;
    }
    int which = is_kind(r, at + 3, WORD_LAST) ? -1 : is_kind(r, at + 3, WORD_NEXT);
    return day >= 1 && month >= 1 && date_settle_near(r, WORD_MONTH, month, day, which, ret)
               ? 3 + (which != 0)
               : 0;
}

/* --- with a month's name
 * ------------------------------------------------------------------------------ */

/* "of last month", "of the coming month". */
size_t date_read_month_of(struct date_reader *r, size_t at, struct moment *ret)
{
    size_t start = at;
    if (is_kind(r, at, WORD_FROM) || is_kind(r, at, WORD_OF))
        at++;
    bool front = is_kind(r, at, WORD_THIS);
    int by = 0;
    at += front;
    if (!is_kind(r, at, WORD_UNIT) || word_value(r, at, WORD_UNIT) != UNIT_MONTH ||
        r->reference.precision < MOMENT_DAY)
        return 0;
    at++;
    if (!front) {
        if (!is_kind(r, at, WORD_LAST) && !is_kind(r, at, WORD_NEXT) && !is_kind(r, at, WORD_THIS))
            return 0;
        by = is_kind(r, at, WORD_LAST) ? -1 : is_kind(r, at, WORD_NEXT);
        at++;
    }
    *ret = date_shift(r->reference, UNIT_MONTH, by);
    return at - start;
}

/* The other calendar's date behind the first: "18 January 2026, 29 Rajab 1447"; ignored. */
static size_t read_day_and_month(struct date_reader *r, size_t at, struct moment *ret)
{
    size_t start = at;
    int day, month, year;
    bool words, weak;
    enum date_word_kind kind;
    size_t taken = date_read_day_number(r, at, &day, &words);
    if (!taken)
        return 0;
    at += taken;
    bool of = is_kind(r, at, WORD_FROM) ||
              (is_kind(r, at, WORD_OF) && token_at(r, at)->word->spelling[0] > 0);
    struct moment month_of;
    taken = date_read_month_of(r, at, &month_of);
    if (taken)
        return date_settle(WORD_MONTH, month_of.year, month_of.month, day, ret) ? at + taken - start
                                                                                : 0;
    if (of || is_dash(r, at) || is_sign(r, at, '/') ||
        (is_sign(r, at, '.') && !token_at(r, at)->space) || (is_comma(r, at) && r->line))
        at++;
    if (is_kind(r, at, WORD_UNIT) && word_value(r, at, WORD_UNIT) == UNIT_MONTH)
        at++;
    taken = date_read_months(r, at, &kind, &month, &weak);
    if (!taken || (token_at(r, at)->clitic && token_at(r, at)->clitic != 'l') ||
        (words && !of && !is_kind(r, start, WORD_COUNT) && weak))
        return 0;
    at += taken;
    taken = date_read_year(r, at, kind, &year);
    if (taken)
        return date_settle(kind, year, month, day, ret) ? at + taken - start : 0;
    int which = is_kind(r, at, WORD_LAST) ? -1 : is_kind(r, at, WORD_NEXT);
    if (!date_settle_near(r, kind, month, day, which, ret))
        return 0;
    return at - start + (which || (is_kind(r, at, WORD_THIS) && token_at(r, at)->article));
}

static size_t read_month_and_day(struct date_reader *r, size_t at, struct moment *ret)
{
    size_t start = at;
    int day, month, year;
    bool words, weak;
    enum date_word_kind kind;
    size_t taken = date_read_months(r, at, &kind, &month, &weak);
    if (!taken)
        return 0;
    at += taken;
    if (is_kind(r, at, WORD_OF) && !weak && token_at(r, at)->word->spelling[0] > 0)
        at++;
    taken = date_read_day_number(r, at, &day, &words);
    if (!taken || is_sign(r, at + taken, ':') || (words && !token_at(r, at)->article))
        return 0;
    at += taken;
    taken = date_read_year(r, at, kind, &year);
    if (taken)
        return date_settle(kind, year, month, day, ret) ? at + taken - start : 0;
    if (weak && words)
        return 0;
    return date_settle_near(r, kind, month, day, 0, ret) ? at - start : 0;
}

size_t date_read_named(struct date_reader *r, size_t at, struct moment *ret)
{
    const struct date_token *t = token_at(r, at);
    size_t taken = 0;
    if (t->kind == TOKEN_NUMBER) {
        taken = read_three_numbers(r, at, ret);
        taken = taken ? taken : read_two_numbers(r, at, ret);
    }
    taken = taken ? taken : read_day_and_month(r, at, ret);
    return taken ? taken : read_month_and_day(r, at, ret);
}

size_t date_read_day(struct date_reader *r, size_t at, struct date_reading *ret)
{
    size_t start = at, taken = 0;
    struct moment m = {0};
    if (is_kind(r, at, WORD_UNIT) && word_value(r, at, WORD_UNIT) == UNIT_DAY &&
        token_at(r, at)->kind == TOKEN_WORD &&
        (is_kind(r, at + 1, WORD_WEEKDAY) || is_kind(r, at + 1, WORD_DAY_SHIFT) ||
         token_at(r, at + 1)->kind == TOKEN_NUMBER || is_kind(r, at + 1, WORD_ORDINAL) ||
         is_kind(r, at + 1, WORD_OF)))
        at++;
    bool day_word = at > start;
    if (day_word && is_kind(r, at, WORD_OF))
        at++;
    taken = date_read_by_week(r, at, &m);
    taken = taken ? taken : date_read_named(r, at, &m);
    int day;
    bool words;
    if (!taken && day_word && !r->line && is_number(r, at, 1, 31) &&
        (taken = date_read_day_number(r, at, &day, &words))) {
        const struct date_token *next = token_at(r, at + taken);
        bool alone = next->kind == TOKEN_END ||
                     (next->kind == TOKEN_SIGN && next->value != '%' && next->value != ':' &&
                      next->value != '/' && next->value != '-');
        if (!alone || r->reference.precision < MOMENT_DAY ||
            !date_settle(WORD_MONTH, r->reference.year, r->reference.month, day, &m))
            return 0;
    }
    if (!taken)
        return 0;
    ret->value = m;
    return at + taken - start;
}

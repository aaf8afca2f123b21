/* Parts of periods: the beginning of the year, the middle of next week, the end of May, the rest of
 * the month. */
#include "parse/date_read.h"

#include <string.h>

enum { MONTHS_OF_YEAR = 12, DAYS_OF_WEEK = 7 };

/* First and last twelfth of a year, or day of a week, that a phase takes. */
static const struct {
    int first_month, last_month, first_day, last_day;
} shares[] = {
    [PHASE_EARLY] = {1, 6,  0, 2},
      [PHASE_MIDDLE] = {4, 9,  1, 4},
      [PHASE_LATE] = {7, 12, 3, 6},
    [PHASE_END] = {7, 12, 3, 6},
      [PHASE_LAST] = {7, 12, 3, 6},
};

static void set_days(struct date_reading *ret, int64_t first, int64_t last)
{
    ret->value = date_from_day_number(first);
    ret->until = date_from_day_number(last);
}

static int64_t last_day_of(const struct date_reading *period)
{
    const struct moment *m = period->until.precision ? &period->until : &period->value;
    struct moment next = {.year = m->year + 1, .month = 1, .day = 1, .precision = MOMENT_DAY};
    if (m->precision >= MOMENT_DAY)
        return date_day_number(m);
    if (m->precision == MOMENT_MONTH && m->month < MONTHS_OF_YEAR) {
        next.year = m->year;
        next.month = m->month + 1;
    }
    return date_day_number(&next) - 1;
}

static int64_t first_day_of(const struct date_reading *period)
{
    struct moment m = period->value;
    m.month = m.precision >= MOMENT_MONTH ? m.month : 1;
    m.day = m.precision >= MOMENT_DAY ? m.day : 1;
    m.precision = MOMENT_DAY;
    return date_day_number(&m);
}

/* Friday and Saturday where most of the Arab countries rest; elsewhere Saturday and Sunday. */
static int64_t weekend_of(const struct date_reader *r, int64_t monday)
{
    static const char *const friday[] = {
        "Asia/Baghdad",   "Asia/Riyadh",    "Asia/Kuwait",     "Asia/Qatar",    "Asia/Bahrain",
        "Asia/Muscat",    "Asia/Aden",      "Asia/Amman",      "Asia/Damascus", "Africa/Cairo",
        "Africa/Tripoli", "Africa/Algiers", "Africa/Khartoum", "Asia/Gaza"};
    for (size_t i = 0; r->context->zone && i < sizeof friday / sizeof *friday; i++)
        if (strcmp(r->context->zone, friday[i]) == 0)
            return monday + 4;
    return monday + 5;
}

/* Cuts a period down to its phase; one that is no week, month or year stays whole. */
static void cut(const struct date_reader *r, enum date_phase phase, struct date_reading *period)
{
    int64_t first = first_day_of(period), last = last_day_of(period), length = last + 1 - first;
    if (phase == PHASE_REST) {
        int64_t today = date_day_number(&r->reference);
        if (r->reference.precision >= MOMENT_DAY && today > first && today <= last)
            set_days(period, today, last);
    } else if (length == DAYS_OF_WEEK && (phase == PHASE_END || phase == PHASE_WEEKEND)) {
        int64_t day = weekend_of(r, first);
        set_days(period, day, day + 1);
    } else if (phase == PHASE_WEEKEND) {
        return;
    } else if (length == DAYS_OF_WEEK) {
        set_days(period, first + shares[phase].first_day, first + shares[phase].last_day);
    } else if (length >= 28 && length <= 31) {
        int64_t middle = phase == PHASE_MIDDLE ? 10 : 0;
        set_days(period,
                 first + (middle                 ? middle
                          : phase == PHASE_EARLY ? 0
                                                 : 15),
                 middle                 ? first + 19
                 : phase == PHASE_EARLY ? first + 14
                                        : last);
    } else if (period->value.precision == MOMENT_YEAR && period->until.precision == MOMENT_NONE) {
        int year = period->value.year;
        period->value = (struct moment){
            .year = year, .month = shares[phase].first_month, .precision = MOMENT_MONTH};
        period->until = (struct moment){
            .year = year, .month = shares[phase].last_month, .precision = MOMENT_MONTH};
    }
}

size_t date_read_phase(struct date_reader *r, size_t at, struct date_reading *ret)
{
    size_t start = at++, units = date_read_units(r, start, ret);
    if (units || is_kind(r, at, WORD_PHASE))
        return units;
    enum date_phase phase = (enum date_phase)word_value(r, start, WORD_PHASE);
    bool of = is_kind(r, at, WORD_FROM) || is_kind(r, at, WORD_OF);
    at += of;
    if (!token_at(r, at)->word)
        return 0;
    struct date_reading inner = {0};
    size_t taken = date_read_period(r, at, &inner);
    if (!taken && !of && date_read_current(r, at, &inner))
        taken = 1; /* the end of the year, the middle of summer: of this one */
    if (!taken)
        return 0;
    cut(r, phase, &inner);
    *ret = inner;
    return at + taken - start;
}

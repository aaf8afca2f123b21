/* One date or time at one place of a text: which pattern fits, and a day joined with its time. */
#include "parse/date_read.h"

#include "parse/calendar.h"

#include <string.h>

int64_t date_day_number(const struct moment *m)
{
    struct moment day = *m;
    day.precision = day.precision > MOMENT_DAY ? MOMENT_DAY : day.precision;
    day.has_offset = false;
    return moment_to_unix(&day) / 86400000000;
}

struct moment date_from_day_number(int64_t day)
{
    struct moment m = moment_from_unix(day * 86400000000, 0);
    m.has_offset = false;
    m.precision = MOMENT_DAY;
    return m;
}

int date_weekday(int64_t day)
{
    return (int)(((day + 4) % 7 + 7) % 7);
}

void date_reader_begin(struct date_reader *r, const struct dates_context *context, bool line)
{
    r->context = context;
    r->line = line;
    r->reference = context->reference;
    if (r->reference.precision < MOMENT_DAY || r->reference.precision > MOMENT_SECOND ||
        !moment_valid(&r->reference)) {
        r->reference = (struct moment){0};
        return;
    }
    int minutes;
    struct moment *m = &r->reference;
    if (!context->zone || !m->has_offset || m->precision < MOMENT_HOUR ||
        calendar_offset(context->zone, m, &minutes) < 0 || minutes == m->offset_minutes)
        return;
    enum moment_precision precision = m->precision;
    *m = moment_from_unix(moment_to_unix(m), minutes);
    m->precision = precision;
}

static void join(struct moment *day, const struct moment *time)
{
    day->hour = time->hour;
    day->minute = time->minute;
    day->second = time->second;
    day->has_offset = time->has_offset;
    day->offset_minutes = time->offset_minutes;
    day->precision = time->precision;
}

/* What may stand between a day and its time. */
static size_t skip_between(struct date_reader *r, size_t at)
{
    size_t start = at;
    for (unsigned steps = 0; steps < 4; steps++) {
        const struct date_token *t = token_at(r, at);
        bool sign =
            is_comma(r, at) || is_dash(r, at) ||
            (r->line && (is_sign(r, at, '|') || is_sign(r, at, '/') || is_sign(r, at, '(') ||
                         is_sign(r, at, 0xb7) || is_sign(r, at, 0x2022) || is_sign(r, at, ')') ||
                         is_sign(r, at, ':') || is_sign(r, at, '.'))) ||
            (is_sign(r, at, '(') && steps == 0);
        bool t_of_iso = t->kind == TOKEN_WORD && !t->space && t->end - t->start == 1 &&
                        (r->tokens.text[t->start] | 0x20) == 't';
        if (!sign && !t_of_iso && !is_kind(r, at, WORD_OF) && !is_kind(r, at, WORD_FROM) &&
            !(r->line && (is_kind(r, at, WORD_FURNITURE) || is_kind(r, at, WORD_AT))))
            break;
        at++;
    }
    return at - start;
}

static bool starts_time(struct date_reader *r, size_t at)
{
    const struct date_token *t = token_at(r, at);
    return t->kind == TOKEN_NUMBER || is_kind(r, at, WORD_UNIT) || is_kind(r, at, WORD_AT) ||
           is_kind(r, at, WORD_ORDINAL) || is_kind(r, at, WORD_PART);
}

static void add_zone(struct date_reader *r, struct moment *m)
{
    if (m->precision >= MOMENT_HOUR && m->precision <= MOMENT_SECOND && !m->has_offset &&
        r->context->zone)
        dates_apply_zone(m, r->context->zone);
}

/* A time, then maybe its day. */
static size_t read_time_first(struct date_reader *r, size_t at, struct date_reading *ret)
{
    struct moment time = {0};
    size_t taken = date_read_time(r, at, &time);
    if (!taken)
        return 0;
    bool bare_hour =
        time.precision == MOMENT_HOUR && token_at(r, at)->kind == TOKEN_NUMBER && taken == 1;
    size_t next = at + taken, between = skip_between(r, next);
    struct date_reading day = {0};
    size_t more = date_read_day(r, next + between, &day);
    if (more && day.value.precision == MOMENT_DAY && day.until.precision == MOMENT_NONE) {
        join(&day.value, &time);
        *ret = day;
        size_t end = next + between + more;
        return end - at + (is_sign(r, end, ')') && is_sign(r, next, '('));
    }
    if (bare_hour)
        return 0;
    ret->value = time;
    if (r->reference.precision >= MOMENT_DAY && !r->line) {
        ret->value = r->reference;
        join(&ret->value, &time);
    } else {
        ret->value.precision = MOMENT_TIME_OF_DAY;
    }
    return taken;
}

/* A day, then maybe its time; "the morning of" may come first. */
static size_t read_day_first(struct date_reader *r, size_t at, struct date_reading *ret)
{
    enum date_part part;
    size_t start = at, early = date_read_part(r, at, &part);
    if (early &&
        (is_kind(r, at + early, WORD_DAY_SHIFT) || is_kind(r, at + early, WORD_WEEKDAY) ||
         (is_kind(r, at + early, WORD_UNIT) && word_value(r, at + early, WORD_UNIT) == UNIT_DAY)))
        at += early;
    struct date_reading day = {0};
    size_t taken = date_read_day(r, at, &day);
    if (!taken)
        return 0;
    at += taken;
    *ret = day;
    if (day.value.precision != MOMENT_DAY)
        return at - start;
    size_t between = skip_between(r, at);
    struct moment time = day.value;
    size_t more = starts_time(r, at + between) ? date_read_time(r, at + between, &time) : 0;
    if (more) {
        join(&ret->value, &time);
        at += between + more;
        if (is_sign(r, at, ')') && (is_sign(r, at - more - 1, '(') || between))
            at++;
    } else if (is_kind(r, at, WORD_PART) && !token_at(r, at)->clitic &&
               token_at(r, at)->article == false && !is_kind(r, at, WORD_ERA_COMMON)) {
        at++; /* yesterday evening */
    }
    return at - start;
}

/* Whether a word of a range ("from", "between") stands before a token. */
static const struct date_word *opened_by(struct date_reader *r, size_t at)
{
    size_t before_at;
    const struct date_word *w =
        date_word_before(r->tokens.text, token_at(r, at)->start, &before_at);
    if (w && w->kind == WORD_UNIT) /* from Friday, from the hour */
        w = date_word_before(r->tokens.text, before_at, &before_at);
    return w && (w->kind == WORD_FROM || w->kind == WORD_BETWEEN) ? w : NULL;
}

/* How many tokens say "to" between the two ends of a range. */
static size_t read_to(struct date_reader *r, size_t at, const struct date_word *opened)
{
    if (is_kind(r, at, WORD_TO))
        return 1;
    if (is_dash(r, at) && token_at(r, at)->space)
        return 1;
    if (opened && opened->kind == WORD_BETWEEN)
        return is_and(r, at);
    return 0;
}

/* The other end of a range of days or times whose first end is in *ret; returns the tokens it
 * takes. */
static size_t read_other_end(struct date_reader *r, size_t start, size_t at,
                             struct date_reading *ret)
{
    if (r->line || ret->until.precision != MOMENT_NONE || ret->value.precision < MOMENT_DAY)
        return 0;
    const struct date_word *opened = opened_by(r, start);
    size_t to = read_to(r, at, opened);
    struct date_reading end = {0};
    bool fused = !to && opened && opened->kind == WORD_BETWEEN && token_at(r, at)->clitic == 'w';
    if (!to && !fused)
        return 0;
    size_t taken = 0, next = at + to;
    bool timed = ret->value.precision >= MOMENT_HOUR;
    if (timed) {
        struct moment time = ret->value;
        taken = date_read_time(r, next, &time);
        if (!taken && is_kind(r, at, WORD_TO) && is_number(r, next, 1, 24) &&
            token_at(r, next + 1)->kind != TOKEN_WORD && !is_sign(r, next + 1, '%')) {
            time.hour = (int)token_at(r, next)->value % 24;
            time.minute = 0;
            time.precision = MOMENT_HOUR;
            taken = 1;
        }
        if (time.hour < ret->value.hour && time.hour < 12 && time.hour + 12 > ret->value.hour)
            time.hour += 12; /* from 1:30 pm to 4 */
        end.value = time;
        if (time.hour * 60 + time.minute <= ret->value.hour * 60 + ret->value.minute)
            return 0;
    } else {
        taken = date_read_day(r, next, &end);
        if (!taken || end.value.precision != MOMENT_DAY || end.until.precision != MOMENT_NONE)
            return 0;
        int64_t first = date_day_number(&ret->value), last = date_day_number(&end.value);
        bool weekday = is_kind(r, start, WORD_WEEKDAY) || is_kind(r, next, WORD_WEEKDAY) ||
                       is_kind(r, next + 1, WORD_WEEKDAY);
        if (last < first && weekday && last + 7 > first)
            end.value = date_from_day_number(last + 7);
        else if (last < first && is_kind(r, start, WORD_DAY_SHIFT) &&
                 token_at(r, next)->kind == TOKEN_NUMBER)
            end.value.year++; /* from today to a day that has no year */
        else if (last <= first)
            return 0;
    }
    ret->until = end.value;
    return taken ? to + taken : 0;
}

/* From 5 to 6 pm: the hour that has its half of the day from the other end. */
static size_t read_hours(struct date_reader *r, size_t at, struct date_reading *ret)
{
    size_t start = at;
    bool clock = is_kind(r, at, WORD_UNIT) && word_value(r, at, WORD_UNIT) == UNIT_HOUR;
    at += clock;
    const struct date_word *opened = opened_by(r, start);
    bool digits = is_number(r, at, 1, 12) && token_at(r, at)->digits <= 2,
         word = is_kind(r, at, WORD_ORDINAL) && token_at(r, at)->article;
    if (r->line || (!digits && !word) || r->reference.precision < MOMENT_DAY)
        return 0;
    int hour = digits ? (int)token_at(r, at)->value : word_value(r, at, WORD_ORDINAL);
    at++;
    bool dash = is_dash(r, at);
    size_t to = dash ? 1 : read_to(r, at, opened);
    if (!to || (!opened && !dash && !clock))
        return 0;
    struct moment last = {0};
    size_t taken = date_read_time(r, at + to, &last);
    if (!taken || hour > 12)
        return 0;
    enum date_part part;
    bool halved = false;
    for (size_t i = at + to; i < at + to + taken; i++)
        halved |= date_read_part(r, i, &part) > 0;
    if (!halved && !clock && !word)
        return 0;
    int first = hour % 12 + (last.hour >= 12 && hour % 12 + 12 < last.hour ? 12 : 0);
    if (first * 60 >= last.hour * 60 + last.minute)
        return 0;
    ret->value = r->reference;
    join(&ret->value, &(struct moment){.hour = first, .precision = MOMENT_HOUR});
    ret->until = r->reference;
    join(&ret->until, &last);
    return at + to + taken - start;
}

/* A look at two tokens that spares most places all the patterns. */
static bool may_be_date(struct date_reader *r, size_t at)
{
    const struct date_token *t = token_at(r, at);
    if (t->kind == TOKEN_NUMBER) {
        const struct date_token *next = token_at(r, at + 1);
        return t->digits == 4 || (t->digits <= 6 && (next->kind == TOKEN_WORD
                                                         ? next->word != NULL || is_and(r, at + 1)
                                                         : next->kind == TOKEN_SIGN));
    }
    if (!t->word)
        return false;
    switch (t->word->kind) {
    case WORD_MONTH:
    case WORD_HIJRI:
    case WORD_PERSIAN:
    case WORD_WEEKDAY:
    case WORD_DAY_SHIFT:
    case WORD_DECADE:
    case WORD_NOW:
    case WORD_DUAL:
        return true;
    case WORD_PART:
        return strchr(t->word->spelling, ' ') || token_at(r, at + 1)->word ||
               token_at(r, at + 1)->kind == TOKEN_NUMBER;
    case WORD_UNIT:
    case WORD_UNITS:
    case WORD_COUNT:
    case WORD_ORDINAL:
    case WORD_AGO:
    case WORD_IN:
    case WORD_LAST:
    case WORD_NEXT:
    case WORD_THIS:
    case WORD_PHASE:
    case WORD_SEASON:
    case WORD_BETWEEN:
    case WORD_FROM:
    case WORD_AT:
    case WORD_OF:
    case WORD_FRACTION:
        return token_at(r, at + 1)->word || token_at(r, at + 1)->kind == TOKEN_NUMBER;
    default:
        return false;
    }
}

size_t date_read(struct date_reader *r, size_t at, struct date_reading *ret)
{
    static size_t (*const readers[])(struct date_reader *, size_t, struct date_reading *) = {
        date_read_relative, read_hours, read_day_first, read_time_first, date_read_period};
    struct date_reading best = {0};
    size_t longest = 0;
    if (!may_be_date(r, at))
        return 0;
    for (size_t i = 0; i < sizeof readers / sizeof *readers; i++) {
        struct date_reading reading = {0};
        size_t taken = readers[i](r, at, &reading);
        if (taken > longest) {
            longest = taken;
            best = reading;
        }
        if (i == 0 && longest)
            break;
    }
    if (!longest || (best.value.precision != MOMENT_TIME_OF_DAY && !moment_valid(&best.value)))
        return 0;
    longest += read_other_end(r, at, at + longest, &best);
    add_zone(r, &best.value);
    if (best.until.precision >= MOMENT_HOUR)
        add_zone(r, &best.until);
    *ret = best;
    return longest;
}

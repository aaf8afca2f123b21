/* Times of day: the clock, its halves, the zone behind it. */
#include "parse/calendar.h"
#include "parse/date_read.h"

#include <string.h>

size_t date_read_part(struct date_reader *r, size_t at, enum date_part *ret)
{
    size_t start = at;
    if (is_kind(r, at, WORD_OF) && is_kind(r, at + 1, WORD_PART) && token_at(r, at + 1)->article)
        at++; /* in the morning */
    if (!is_kind(r, at, WORD_PART))
        return 0;
    *ret = (enum date_part)word_value(r, at, WORD_PART);
    at++;
    if (is_sign(r, at, '.') && !token_at(r, at)->space &&
        token_at(r, at - 1)->end - token_at(r, at - 1)->start <= 3)
        at++; /* a.m., or the letter with a full stop */
    return at - start;
}

static bool apply_part(struct moment *m, enum date_part part)
{
    switch (part) {
    case PART_AM:
        m->hour = m->hour == 12 ? 0 : m->hour;
        return m->hour < 12;
    case PART_PM:
        m->hour += m->hour < 12 ? 12 : 0;
        return true;
    case PART_NOON:
        m->hour += m->hour >= 1 && m->hour <= 8 ? 12 : 0;
        return true;
    case PART_NIGHT:
    case PART_MIDNIGHT:
        m->hour = m->hour == 12 ? 0 : m->hour >= 6 && m->hour < 12 ? m->hour + 12 : m->hour;
        return true;
    }
    return false;
}

static size_t read_offset(struct date_reader *r, size_t at, int *ret_minutes)
{
    int sign = is_sign(r, at, '+') ? 1 : is_dash(r, at) ? -1 : 0;
    const struct date_token *hours = token_at(r, at + 1);
    if (!sign || hours->kind != TOKEN_NUMBER || hours->space)
        return 0;
    if (hours->digits == 4 && hours->value <= 1459 && hours->value % 100 < 60) {
        *ret_minutes = sign * (int)(hours->value / 100 * 60 + hours->value % 100);
        return 2;
    }
    if (hours->digits > 2 || hours->value > 14)
        return 0;
    *ret_minutes = sign * (int)hours->value * 60;
    if (!is_sign(r, at + 2, ':') || !is_number(r, at + 3, 0, 59) ||
        token_at(r, at + 3)->digits != 2)
        return 2;
    *ret_minutes += sign * (int)token_at(r, at + 3)->value;
    return 4;
}

/* A zone, which a fixed offset settles now and a place later, when the day is known. */
static size_t read_zone(struct date_reader *r, size_t at, struct moment *m)
{
    size_t start = at;
    bool open = is_sign(r, at, '(');
    at += open;
    bool head = false;
    while (is_kind(r, at, WORD_ZONE_HEAD)) {
        head = true;
        at++;
    }
    int minutes = 0;
    size_t taken = head || open || !token_at(r, at)->space || token_at(r, at)->kind == TOKEN_SIGN
                       ? read_offset(r, at, &minutes)
                       : 0;
    if (is_kind(r, at, WORD_ZONE)) {
        const struct date_zone *zone = &date_zones[word_value(r, at, WORD_ZONE)];
        const struct date_token *t = token_at(r, at);
        if (!head && !open && (unsigned char)t->word->spelling[0] >= 0x80 && zone != date_zones)
            return 0; /* "at 7:30 Baghdad": a place, not a zone */
        minutes = zone->offset;
        at++;
        size_t more = read_offset(r, at, &minutes);
        if (!more && zone->id) {
            struct moment day = m->year ? *m : r->reference;
            if (day.precision >= MOMENT_DAY && calendar_offset(zone->id, &day, &minutes) < 0)
                minutes = zone->offset;
        }
        taken = 1 + more;
        at += more;
    } else if (taken) {
        at += taken;
    } else {
        return head && !open ? at - start : 0; /* "local time" */
    }
    m->has_offset = true;
    m->offset_minutes = minutes;
    if (is_kind(r, at, WORD_ZONE_HEAD) && !head)
        at++;
    return at - start + (open && is_sign(r, at, ')'));
}

static bool is_clock_word(struct date_reader *r, size_t at)
{
    return is_kind(r, at, WORD_UNIT) && word_value(r, at, WORD_UNIT) == UNIT_HOUR &&
           (token_at(r, at)->article || r->line ||
            strcmp(token_at(r, at)->word->spelling, "ساعة") != 0);
}

static bool adds(struct date_reader *r, size_t at)
{
    return token_at(r, at)->clitic == 'w';
}

/* What follows an hour: "and a half", "less a quarter", "and 20 minutes". */
static size_t read_minutes(struct date_reader *r, size_t at, struct moment *m)
{
    size_t start = at;
    bool less = is_kind(r, at, WORD_LESS), apart = false;
    at += less;
    if (!less && is_and(r, at) && is_number(r, at + 1, 1, 59)) {
        apart = true; /* wa, and then a number */
        at++;
    }
    int64_t minutes = 0;
    size_t taken = 0;
    if ((less || adds(r, at)) && is_kind(r, at, WORD_FRACTION)) {
        minutes = word_value(r, at, WORD_FRACTION);
        at++;
    } else if ((less || apart || adds(r, at)) && (taken = date_read_amount(r, at, &minutes)) &&
               minutes > 0 && minutes < 60) {
        at += taken;
        bool named = (is_kind(r, at, WORD_UNIT) && word_value(r, at, WORD_UNIT) == UNIT_MINUTE) ||
                     (is_kind(r, at, WORD_UNITS) && word_value(r, at, WORD_UNITS) == UNIT_MINUTE);
        enum date_part part;
        if (!named && !date_read_part(r, at, &part))
            return 0;
        at += named;
    } else {
        return 0;
    }
    if (less) {
        m->hour = (m->hour + 23) % 24;
        minutes = 60 - minutes;
    }
    m->minute = (int)minutes;
    m->precision = MOMENT_MINUTE;
    return at - start;
}

/* What parts hour and minutes at a token: 7:49, "at 7.49", 18 January 07.49 of a date line, 7h49.
 */
static bool parts_minutes(struct date_reader *r, size_t at, bool clock)
{
    const struct date_token *t = token_at(r, at), *minute = token_at(r, at + 1);
    if (t->kind == TOKEN_WORD)
        return !t->space && !minute->space && t->end - t->start == 1 &&
               (r->tokens.text[t->start] | 0x20) == 'h';
    bool dotted = r->line && at > 3 && token_at(r, at - 1)->digits == 2 && !minute->space &&
                  !is_sign(r, at + 2, '.');
    return is_sign(r, at, ':') || is_sign(r, at, 0x2236) ||
           ((clock || dotted) && (is_sign(r, at, '.') || is_sign(r, at, 0x66b)));
}

static size_t read_digits(struct date_reader *r, size_t at, bool clock, struct moment *m)
{
    if (!is_number(r, at, 0, 24) || token_at(r, at)->digits > 2)
        return 0;
    m->hour = (int)token_at(r, at)->value % 24;
    m->precision = MOMENT_HOUR;
    const struct date_token *minute = token_at(r, at + 2);
    if (!parts_minutes(r, at + 1, clock) || !is_number(r, at + 2, 0, 59) || minute->digits != 2 ||
        (minute->space && !clock && !r->line))
        return is_kind(r, at + 1, WORD_SUFFIX) ? 0 : 1;
    m->minute = (int)minute->value;
    m->precision = MOMENT_MINUTE;
    if (!is_sign(r, at + 3, ':') || !is_number(r, at + 4, 0, 60) ||
        token_at(r, at + 4)->digits != 2)
        return 3;
    m->second = token_at(r, at + 4)->value == 60 ? 59 : (int)token_at(r, at + 4)->value;
    m->precision = MOMENT_SECOND;
    bool fraction = (is_sign(r, at + 5, '.') || is_sign(r, at + 5, ',')) &&
                    token_at(r, at + 6)->kind == TOKEN_NUMBER && !token_at(r, at + 6)->space &&
                    !token_at(r, at + 5)->space;
    return fraction ? 7 : 5;
}

/* 1140 with a part of the day behind it, which no day follows: "killed 340 on the evening of
 * Friday". */
static size_t read_closed_digits(struct date_reader *r, size_t at, struct moment *m)
{
    const struct date_token *t = token_at(r, at);
    enum date_part part;
    size_t taken = t->kind == TOKEN_NUMBER && (t->digits == 3 || t->digits == 4)
                       ? date_read_part(r, at + 1, &part)
                       : 0;
    if (!taken || is_kind(r, at + 1, WORD_ERA_COMMON) || t->value > 1259 || t->value < 100 ||
        t->value % 100 > 59)
        return 0;
    const struct date_token *next = token_at(r, at + 1 + taken);
    if (next->kind != TOKEN_END && next->kind != TOKEN_SIGN)
        return 0;
    m->hour = (int)t->value / 100;
    m->minute = (int)t->value % 100;
    m->precision = MOMENT_MINUTE;
    return 1;
}

/* Three minutes to eight. */
static size_t read_minutes_to(struct date_reader *r, size_t at, struct moment *ret)
{
    int64_t minutes;
    size_t start = at, taken = date_read_amount(r, at, &minutes);
    struct moment hour = *ret;
    at += taken;
    bool named = (is_kind(r, at, WORD_UNIT) && word_value(r, at, WORD_UNIT) == UNIT_MINUTE) ||
                 (is_kind(r, at, WORD_UNITS) && word_value(r, at, WORD_UNITS) == UNIT_MINUTE);
    if (!taken || !named || minutes < 1 || minutes > 59 ||
        (!is_kind(r, at + 1, WORD_TO) && !is_kind(r, at + 1, WORD_AGO_BEHIND)))
        return 0;
    at += 2;
    if (!is_kind(r, at, WORD_ORDINAL) && !is_clock_word(r, at))
        return 0;
    taken = date_read_time(r, at, &hour);
    if (!taken && is_kind(r, at, WORD_ORDINAL) && token_at(r, at)->article &&
        word_value(r, at, WORD_ORDINAL) <= 12) {
        hour.hour = word_value(r, at, WORD_ORDINAL);
        hour.minute = hour.second = 0;
        taken = 1;
    }
    if (!taken || hour.minute)
        return 0;
    hour.hour = (hour.hour + 23) % 24;
    hour.minute = 60 - (int)minutes;
    hour.precision = MOMENT_MINUTE;
    *ret = hour;
    return at + taken - start;
}

/* Evening 7: an hour behind its part of the day, and nothing that could be counted. */
static bool closes_hour(struct date_reader *r, size_t at)
{
    const struct date_token *next = token_at(r, at + 1);
    return is_number(r, at, 1, 12) &&
           (next->kind == TOKEN_END ||
            (next->kind == TOKEN_SIGN && (next->value == '.' || is_comma(r, at + 1)) &&
             (token_at(r, at + 2)->kind != TOKEN_NUMBER || token_at(r, at + 2)->space)));
}

size_t date_read_time(struct date_reader *r, size_t at, struct moment *ret)
{
    size_t start = at;
    struct moment m = *ret;
    enum date_part part = PART_AM;
    m.hour = m.minute = m.second = 0;
    bool clock = false, words = false;
    size_t to = read_minutes_to(r, at, ret), early = date_read_part(r, at, &part);
    if (to)
        return to;
    if (early && is_kind(r, at, WORD_POINT) && !is_clock_word(r, at + early) &&
        token_at(r, at + early)->kind != TOKEN_NUMBER) {
        m.hour = word_value(r, at, WORD_POINT);
        m.precision = MOMENT_HOUR;
        *ret = m;
        return early;
    }
    at += early;
    while (is_clock_word(r, at) || is_kind(r, at, WORD_AT)) {
        clock |= is_clock_word(r, at);
        at++;
    }
    bool closed = early && closes_hour(r, at);
    size_t taken = read_digits(r, at, clock, &m);
    taken = taken ? taken : read_closed_digits(r, at, &m);
    if (!taken && is_kind(r, at, WORD_ORDINAL) && token_at(r, at)->article &&
        word_value(r, at, WORD_ORDINAL) <= 12) {
        m.hour = word_value(r, at, WORD_ORDINAL);
        m.precision = MOMENT_HOUR;
        words = true;
        taken = 1;
    }
    if (!taken)
        return 0;
    at += taken;
    bool minutes = m.precision == MOMENT_MINUTE;
    if (m.precision == MOMENT_HOUR) {
        taken = read_minutes(r, at, &m);
        minutes = taken > 0;
        enum date_part behind;
        if (minutes && !clock && !early && is_number(r, at - 1, 0, 24) &&
            !date_read_part(r, at + taken, &behind))
            return 0; /* between 17 and 23 minutes */
        at += taken;
    }
    enum date_part late_part;
    size_t late = date_read_part(r, at, &late_part);
    if (late && token_at(r, at)->clitic && !is_kind(r, at, WORD_OF))
        late = 0;
    if (late && m.precision == MOMENT_HOUR && !clock && !early && is_kind(r, at, WORD_ERA_COMMON) &&
        !r->line)
        late = 0; /* "7 m" may be metres */
    if (late)
        part = late_part;
    at += late;
    if (late && m.precision == MOMENT_HOUR && is_kind(r, at, WORD_FRACTION) && adds(r, at)) {
        m.minute = word_value(r, at++, WORD_FRACTION); /* 9 pm and three quarters */
        m.precision = MOMENT_MINUTE;
    }
    if (late && is_kind(r, at, WORD_PART) && word_value(r, at, WORD_PART) == PART_PM &&
        !token_at(r, at)->clitic && token_at(r, at)->article)
        at++;
    if (m.precision == MOMENT_HOUR && !late &&
        !(clock || closed || (early && token_at(r, start)->article)))
        return 0;
    if (words && !minutes && !clock && !late && !early)
        return 0;
    if ((early || late) && !apply_part(&m, part))
        return 0;
    at += read_zone(r, at, &m);
    *ret = m;
    return at - start;
}

/* Dates and times as news pages write them: patterns over the tokens of a text. */
#include "parse/dates.h"

#include "parse/calendar.h"
#include "parse/date_tokens.h"

#include <errno.h>
#include <string.h>

struct reading {
    const struct dates_context *context;
    const struct date_token *tokens;
    size_t count;
};

static const struct date_token *token(const struct reading *r, size_t at)
{
    static const struct date_token none = {.kind = TOKEN_SIGN, .value = -1};
    return at < r->count ? &r->tokens[at] : &none;
}

static bool is_sign(const struct reading *r, size_t at, int c)
{
    return token(r, at)->kind == TOKEN_SIGN && token(r, at)->value == c;
}

static bool is_word(const struct reading *r, size_t at, enum date_word_kind kind)
{
    return token(r, at)->kind == TOKEN_WORD && token(r, at)->word == kind;
}

static bool is_number(const struct reading *r, size_t at, int lowest, int highest)
{
    const struct date_token *t = token(r, at);
    return t->kind == TOKEN_NUMBER && t->value >= lowest && t->value <= highest;
}

static bool is_year(const struct reading *r, size_t at)
{
    return token(r, at)->digits == 4 && is_number(r, at, 1900, 2100);
}

static bool is_hijri_year(const struct reading *r, size_t at)
{
    return token(r, at)->digits == 4 && is_number(r, at, 1300, 1500);
}

static int separator(const struct reading *r, size_t at)
{
    const struct date_token *t = token(r, at);
    return t->kind == TOKEN_SIGN && t->value > 0 && t->value < 0x80 && strchr("-/.", t->value) ? t->value
           : t->kind == TOKEN_SIGN && (t->value == 0x2013 || t->value == 0x60d) ? '-' : 0;
}

static size_t skip_signs(const struct reading *r, size_t at, const char *signs)
{
    while (token(r, at)->kind == TOKEN_SIGN && token(r, at)->value > 0 &&
           ((token(r, at)->value < 0x80 && strchr(signs, token(r, at)->value)) ||
            token(r, at)->value == 0x60c /* ARABIC COMMA */))
        at++;
    return at;
}

/* --- months ----------------------------------------------------------------------------------- */

/* A month at a token: returns how many tokens it takes, 0 for none. */
static size_t read_month(const struct reading *r, size_t at, enum date_word_kind *ret_kind, int *ret_month)
{
    const struct date_token *t = token(r, at);
    if (t->kind != TOKEN_WORD)
        return 0;
    if (t->word == WORD_MONTH || t->word == WORD_HIJRI || t->word == WORD_PERSIAN) {
        *ret_kind = t->word;
        *ret_month = t->value;
        return 1;
    }
    if (t->word != WORD_PREFIX || !is_word(r, at + 1, WORD_ORDINAL))
        return 0;
    static const struct {
        uint8_t prefix, ordinal, kind, month;
    } pairs[] = {
        {PREFIX_KANUN, 1, WORD_MONTH, 12},  {PREFIX_KANUN, 2, WORD_MONTH, 1},
        {PREFIX_TISHRIN, 1, WORD_MONTH, 10}, {PREFIX_TISHRIN, 2, WORD_MONTH, 11},
        {PREFIX_RABI, 1, WORD_HIJRI, 3},    {PREFIX_RABI, 2, WORD_HIJRI, 4},
        {PREFIX_JUMADA, 1, WORD_HIJRI, 5},  {PREFIX_JUMADA, 2, WORD_HIJRI, 6},
        {PREFIX_DHU, 11, WORD_HIJRI, 11},   {PREFIX_DHU, 12, WORD_HIJRI, 12},
    };
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++)
        if (pairs[i].prefix == t->value && pairs[i].ordinal == token(r, at + 1)->value) {
            *ret_kind = pairs[i].kind;
            *ret_month = pairs[i].month;
            return 2;
        }
    return 0;
}

/* A month and its other name: "kanun al-thani / January", "(January)". */
static size_t read_months(const struct reading *r, size_t at, enum date_word_kind *ret_kind, int *ret_month)
{
    size_t taken = read_month(r, at, ret_kind, ret_month);
    if (!taken)
        return 0;
    bool open = is_sign(r, at + taken, '(');
    if (!open && !is_sign(r, at + taken, '/') && !is_sign(r, at + taken, '-'))
        return taken;
    enum date_word_kind kind;
    int month;
    size_t more = read_month(r, at + taken + 1, &kind, &month);
    if (!more || kind != *ret_kind || month != *ret_month)
        return taken;
    more += taken + 1;
    return more + (open && is_sign(r, at + more, ')'));
}

/* --- times ------------------------------------------------------------------------------------ */

static size_t read_offset(const struct reading *r, size_t at, struct moment *m)
{
    int sign = is_sign(r, at, '+') ? 1 : is_sign(r, at, '-') || is_sign(r, at, 0x2212) ? -1 : 0;
    if (!sign || token(r, at + 1)->kind != TOKEN_NUMBER || token(r, at + 1)->space)
        return 0;
    const struct date_token *hours = token(r, at + 1);
    int minutes = 0;
    size_t taken = 2;
    if (hours->digits == 4 && hours->value <= 1459) {
        minutes = hours->value / 100 * 60 + hours->value % 100;
    } else if (hours->digits <= 2 && hours->value <= 14) {
        minutes = hours->value * 60;
        if (is_sign(r, at + 2, ':') && is_number(r, at + 3, 0, 59) && token(r, at + 3)->digits == 2) {
            minutes += token(r, at + 3)->value;
            taken = 4;
        }
    } else {
        return 0;
    }
    m->has_offset = true;
    m->offset_minutes = sign * minutes;
    return taken;
}

static size_t read_zone(const struct reading *r, size_t at, struct moment *m)
{
    size_t start = at;
    at = skip_signs(r, at, "(");
    while (is_word(r, at, WORD_FURNITURE))
        at++;
    if (is_word(r, at, WORD_ZONE)) {
        m->has_offset = true;
        m->offset_minutes = token(r, at)->value;
        at++;
        at += read_offset(r, at, m);
        return at - start + is_sign(r, at, ')');
    }
    return 0;
}

static size_t read_half(const struct reading *r, size_t at, struct moment *m)
{
    if (!is_word(r, at, WORD_MORNING))
        return 0;
    int half = token(r, at)->value;
    if (half == 0 && m->hour == 12)
        m->hour = 0;
    else if ((half == 12 && m->hour < 12) || (half == 24 && m->hour >= 1 && m->hour <= 4))
        m->hour += 12;
    return 1;
}

/* 07:49, 7:49:03.5, with a half of the day and a zone behind it; "at the hour 7" with a half. */
static size_t read_time(const struct reading *r, size_t at, struct moment *m)
{
    size_t start = at;
    bool hour_word = is_word(r, at, WORD_HOUR);
    at += hour_word;
    if (!is_number(r, at, 0, 23) || token(r, at)->digits > 2)
        return 0;
    m->hour = token(r, at)->value;
    m->minute = m->second = 0;
    enum moment_precision precision = MOMENT_HOUR;
    bool colon = is_sign(r, at + 1, ':') || (hour_word && is_sign(r, at + 1, '.'));
    if (colon && is_number(r, at + 2, 0, 59) && token(r, at + 2)->digits == 2 && !token(r, at + 2)->space) {
        m->minute = token(r, at + 2)->value;
        precision = MOMENT_MINUTE;
        at += 3;
        if (is_sign(r, at, ':') && is_number(r, at + 1, 0, 60) && token(r, at + 1)->digits == 2) {
            m->second = token(r, at + 1)->value == 60 ? 59 : token(r, at + 1)->value;
            precision = MOMENT_SECOND;
            at += 2;
            if (is_sign(r, at, '.') && token(r, at + 1)->kind == TOKEN_NUMBER && !token(r, at + 1)->space)
                at += 2;
        }
    } else {
        at++;
    }
    size_t half = read_half(r, at, m);
    if (precision == MOMENT_HOUR && !half)
        return 0;
    at += half;
    if (is_word(r, at, WORD_ZONE) && token(r, at)->end - token(r, at)->start == 1 && !token(r, at)->space) {
        m->has_offset = true; /* the Z of ISO 8601 */
        m->offset_minutes = 0;
        at++;
    } else {
        size_t offset = read_offset(r, at, m);
        at += offset ? offset : read_zone(r, at, m);
    }
    m->precision = precision;
    return at - start;
}

/* --- dates ------------------------------------------------------------------------------------ */

static bool settle(struct moment *m, int year, int month, int day)
{
    struct moment date = *m;
    date.year = year;
    date.month = month;
    date.day = day;
    date.precision = MOMENT_DAY;
    if (!moment_valid(&date))
        return false;
    *m = date;
    return true;
}

static int whole_year(const struct date_token *t)
{
    return t->digits == 2 ? 2000 + t->value : t->value;
}

/* Three numbers parted by the same sign. */
static size_t read_numeric(const struct reading *r, size_t at, struct moment *m)
{
    int sign = separator(r, at + 1);
    const struct date_token *a = token(r, at), *b = token(r, at + 2), *c = token(r, at + 4);
    if (!sign || separator(r, at + 3) != sign || a->kind != TOKEN_NUMBER || b->kind != TOKEN_NUMBER ||
        c->kind != TOKEN_NUMBER || b->digits > 2 || b->space != token(r, at + 1)->space)
        return 0;
    if (is_year(r, at) && c->digits <= 2)
        return settle(m, a->value, b->value, c->value) || settle(m, a->value, c->value, b->value) ? 5 : 0;
    if (is_hijri_year(r, at) && c->digits <= 2)
        return calendar_from_hijri(a->value, b->value, c->value, m) ? 5 : 0;
    if (a->digits > 2 || (c->digits != 4 && (c->digits != 2 || sign == '.')))
        return 0;
    if (is_hijri_year(r, at + 4)) {
        if (!calendar_from_hijri(c->value, b->value, a->value, m))
            return 0;
        return 5;
    }
    if (c->digits == 4 && !is_year(r, at + 4))
        return 0;
    int year = whole_year(c);
    if (r->context->day_order == MONTH_FIRST)
        return settle(m, year, a->value, b->value) || settle(m, year, b->value, a->value) ? 5 : 0;
    return settle(m, year, b->value, a->value) || settle(m, year, a->value, b->value) ? 5 : 0;
}

/* The year behind a month: an own one, or the one nearest to the reference. */
static size_t read_year_behind(const struct reading *r, size_t at, enum date_word_kind kind, int *ret_year)
{
    size_t start = at;
    at = skip_signs(r, at, ",/-");
    while (is_word(r, at, WORD_YEAR) || (is_word(r, at, WORD_FURNITURE) && at == start))
        at++;
    bool hijri = kind == WORD_HIJRI || kind == WORD_PERSIAN;
    if (!(hijri ? is_hijri_year(r, at) : is_year(r, at)))
        return 0;
    *ret_year = token(r, at)->value;
    at++;
    if (is_word(r, at, WORD_ERA_HIJRI) || is_word(r, at, WORD_ERA_COMMON))
        at++;
    return at - start;
}

static bool settle_named(const struct reading *r, enum date_word_kind kind, int year, int month, int day,
                         struct moment *m)
{
    if (kind == WORD_HIJRI)
        return year && calendar_from_hijri(year, month, day, m);
    if (kind == WORD_PERSIAN)
        return year && calendar_from_persian(year, month, day, m);
    if (year)
        return settle(m, year, month, day);
    const struct moment *reference = &r->context->reference;
    if (reference->precision < MOMENT_DAY || !settle(m, reference->year, month, day))
        return false;
    int months = (m->month - reference->month);
    if (months > 6) /* "28 December" read in January was last year's */
        return settle(m, reference->year - 1, month, day);
    if (months < -6)
        return settle(m, reference->year + 1, month, day);
    return true;
}

/* Day and month by name, the year before or behind: "18 January 2026", "January 18, 2026", "18 January". */
static size_t read_named(const struct reading *r, size_t at, struct moment *m)
{
    enum date_word_kind kind;
    int month, year = 0, day = 0;
    size_t start = at, taken;
    if (is_number(r, at, 1, 31) && token(r, at)->digits <= 2) {
        size_t next = at + 1;
        if (is_word(r, next, WORD_FURNITURE) && !token(r, next)->space)
            next++; /* 18th, 1er */
        next = skip_signs(r, next, "-/.,");
        while (is_word(r, next, WORD_FURNITURE) || (is_word(r, next, WORD_UNIT) && next == at + 1))
            next++; /* "18 of January", "18 of the month of January" */
        taken = read_months(r, next, &kind, &month);
        if (!taken)
            return 0;
        day = token(r, at)->value;
        at = next + taken;
    } else {
        taken = read_months(r, at, &kind, &month);
        if (!taken || !is_number(r, at + taken, 1, 31) || token(r, at + taken)->digits > 2 ||
            is_sign(r, at + taken + 1, ':'))
            return 0;
        day = token(r, at + taken)->value;
        at += taken + 1;
        if (is_word(r, at, WORD_FURNITURE) && !token(r, at)->space)
            at++;
    }
    at += read_year_behind(r, at, kind, &year);
    return settle_named(r, kind, year, month, day, m) ? at - start : 0;
}

/* "January 2026" with month precision. */
static size_t read_month_and_year(const struct reading *r, size_t at, struct moment *m)
{
    enum date_word_kind kind;
    int month, year = 0;
    size_t taken = read_months(r, at, &kind, &month);
    if (!taken || kind != WORD_MONTH)
        return 0;
    size_t more = read_year_behind(r, at + taken, kind, &year);
    if (!more || !settle(m, year, month, 1))
        return 0;
    m->precision = MOMENT_MONTH;
    return taken + more;
}

static struct moment shifted(const struct moment *reference, int64_t seconds, enum moment_precision precision)
{
    struct moment m = moment_from_unix(moment_to_unix(reference) + seconds * 1000000,
                                       0);
    if (reference->has_offset)
        m = moment_from_unix(moment_to_unix(reference) + seconds * 1000000, reference->offset_minutes);
    m.has_offset = reference->has_offset;
    m.precision = precision;
    return m;
}

static int weekday_of(const struct moment *m)
{
    struct moment day = *m;
    day.precision = MOMENT_DAY;
    day.has_offset = false;
    int64_t days = moment_to_unix(&day) / 86400000000;
    return (int)(((days + 4) % 7 + 7) % 7);
}

/* "3 hours ago", "since 3 hours", "before two days". */
static size_t read_ago(const struct reading *r, size_t at, struct moment *m)
{
    if (r->context->reference.precision < MOMENT_DAY)
        return 0;
    static const int64_t seconds[] = {1, 60, 3600, 86400, 604800, 2629746, 31556952};
    size_t start = at;
    bool before = is_word(r, at, WORD_AGO) && token(r, at)->value == 0;
    at += before;
    int64_t count = 1;
    if (token(r, at)->kind == TOKEN_NUMBER) {
        if (!is_number(r, at, 0, 999))
            return 0;
        count = token(r, at)->value;
        at++;
    } else if (!before) {
        return 0;
    }
    bool dual = is_word(r, at, WORD_DUAL);
    if (!dual && !is_word(r, at, WORD_UNIT))
        return 0;
    int unit = token(r, at)->value;
    count = dual ? 2 : count;
    at++;
    if (!before) {
        if (!is_word(r, at, WORD_AGO) || token(r, at)->value == 0)
            return 0;
        at++;
    }
    enum moment_precision precision = unit <= UNIT_MINUTE ? MOMENT_MINUTE : unit == UNIT_HOUR ? MOMENT_HOUR :
                                      unit <= UNIT_WEEK ? MOMENT_DAY : unit == UNIT_MONTH ? MOMENT_MONTH : MOMENT_YEAR;
    if (precision > r->context->reference.precision)
        return 0;
    *m = shifted(&r->context->reference, -count * seconds[unit], precision);
    return at - start;
}

/* A weekday beside a day: tokens that only repeat what is known. */
static size_t skip_weekday(const struct reading *r, size_t at)
{
    size_t start = at;
    while (is_word(r, at, WORD_UNIT) && token(r, at)->value == UNIT_DAY && is_word(r, at + 1, WORD_WEEKDAY))
        at++;
    if (!is_word(r, at, WORD_WEEKDAY))
        return 0;
    at++;
    at = skip_signs(r, at, ",-|.");
    return at - start;
}

/* "today", "yesterday", "today, Sunday", "last Sunday"; needs a reference. */
static size_t read_relative_day(const struct reading *r, size_t at, struct moment *m)
{
    const struct moment *reference = &r->context->reference;
    if (reference->precision < MOMENT_DAY)
        return 0;
    size_t start = at;
    bool before_yesterday = is_word(r, at, WORD_ORDINAL) && is_word(r, at + 1, WORD_DAY_SHIFT) &&
                            token(r, at + 1)->value == -1;
    at += before_yesterday;
    if (is_word(r, at, WORD_DAY_SHIFT)) {
        int shift = token(r, at)->value - before_yesterday;
        at++;
        if (is_word(r, at, WORD_ORDINAL) && shift == -1) {
            shift--;
            at++;
        }
        if (is_word(r, at, WORD_WEEKDAY))
            at++;
        *m = shifted(reference, (int64_t)shift * 86400, MOMENT_DAY);
        return at - start;
    }
    if (is_word(r, at, WORD_UNIT) && token(r, at)->value == UNIT_DAY && is_word(r, at + 1, WORD_WEEKDAY))
        at++;
    if (!is_word(r, at, WORD_WEEKDAY) || token(r, at)->end - token(r, at)->start < 6)
        return 0;
    int distance = (token(r, at)->value - weekday_of(reference) + 7) % 7;
    at++;
    if (is_word(r, at, WORD_NEXT)) {
        distance = distance ? distance : 7;
        at++;
    } else {
        bool last = is_word(r, at, WORD_LAST);
        distance = distance ? distance - 7 : last ? -7 : 0;
        at += last;
    }
    *m = shifted(reference, (int64_t)distance * 86400, MOMENT_DAY);
    return at - start;
}

static size_t read_date(const struct reading *r, size_t at, struct moment *m)
{
    size_t weekday = skip_weekday(r, at);
    if (weekday) {
        while (is_word(r, at + weekday, WORD_FURNITURE))
            weekday++;
        size_t taken = read_numeric(r, at + weekday, m);
        taken = taken ? taken : read_named(r, at + weekday, m);
        if (taken)
            return weekday + taken;
    }
    size_t taken = read_numeric(r, at, m);
    taken = taken ? taken : read_named(r, at, m);
    taken = taken ? taken : read_month_and_year(r, at, m);
    taken = taken ? taken : read_ago(r, at, m);
    return taken ? taken : read_relative_day(r, at, m);
}

static void join(struct moment *date, const struct moment *time)
{
    date->hour = time->hour;
    date->minute = time->minute;
    date->second = time->second;
    if (time->has_offset) {
        date->has_offset = true;
        date->offset_minutes = time->offset_minutes;
    }
    date->precision = time->precision;
}

/* What may stand between a date and its time. */
static size_t skip_between(const struct reading *r, size_t at)
{
    size_t start = at;
    for (;;) {
        size_t next = skip_signs(r, at, "|-,/(");
        while (is_word(r, next, WORD_FURNITURE))
            next++;
        if (next == at || next - start > 4)
            return at - start;
        at = next;
    }
}

static bool same_zone_as_context(const struct reading *r, struct moment *m)
{
    if (m->precision >= MOMENT_HOUR && m->precision <= MOMENT_SECOND && !m->has_offset && r->context->zone)
        dates_apply_zone(m, r->context->zone);
    return true;
}

/* A date, a time, or both in either order. */
static size_t read_moment(const struct reading *r, size_t at, struct moment *ret)
{
    struct moment date = {0}, time = {0};
    size_t taken = read_time(r, at, &time);
    if (taken) {
        size_t between = skip_between(r, at + taken), more = read_date(r, at + taken + between, &date);
        if (more && date.precision == MOMENT_DAY) {
            join(&date, &time);
            *ret = date;
            same_zone_as_context(r, ret);
            return taken + between + more;
        }
        time.precision = MOMENT_TIME_OF_DAY;
        *ret = time;
        return taken;
    }
    taken = read_date(r, at, &date);
    if (!taken)
        return 0;
    if (date.precision == MOMENT_DAY) {
        size_t between = skip_between(r, at + taken), more = read_time(r, at + taken + between, &time);
        if (more) {
            join(&date, &time);
            taken += between + more;
        }
    }
    *ret = date;
    same_zone_as_context(r, ret);
    return taken;
}

/* --- what the header promises -------------------------------------------------------------------- */

static bool may_begin(const struct date_token *t)
{
    return t->kind == TOKEN_NUMBER || (t->kind == TOKEN_WORD && t->word);
}

int dates_find(const struct dates_context *context, struct arena *arena, const char *text, size_t size,
               struct date_mention **ret, size_t *ret_count)
{
    struct reading r = {.context = context};
    struct date_token *tokens;
    int e = date_tokens_cut(arena, text, size, &tokens, &r.count);
    if (e < 0)
        return e;
    r.tokens = tokens;
    struct date_mention *mentions = NULL;
    size_t count = 0, capacity = 0;
    for (size_t at = 0; at < r.count;) {
        struct moment m;
        size_t taken = may_begin(&tokens[at]) ? read_moment(&r, at, &m) : 0;
        if (!taken || (at && tokens[at - 1].kind == TOKEN_NUMBER && !tokens[at].space)) {
            at++;
            continue;
        }
        if (m.precision != MOMENT_TIME_OF_DAY) {
            mentions = arena_grow(arena, mentions, sizeof *mentions, count + 1, &capacity);
            if (!mentions)
                return -ENOMEM;
            mentions[count++] = (struct date_mention){
                .start = tokens[at].start, .end = tokens[at + taken - 1].end, .value = m};
        }
        at += taken;
    }
    *ret = mentions;
    *ret_count = count;
    return 0;
}

enum { LINE_MAX_BYTES = 300, LINE_TOKENS = 64, LINE_OTHERS = 2 };

int dates_read_line(const struct dates_context *context, const char *text, size_t size, struct moment *ret)
{
    if (size > LINE_MAX_BYTES)
        return 0;
    struct arena *arena;
    if (arena_new(256 * 1024, &arena) < 0)
        return 0;
    struct reading r = {.context = context};
    struct date_token *tokens = NULL;
    struct moment found = {0};
    unsigned others = 0;
    bool one = date_tokens_cut(arena, text, size, &tokens, &r.count) == 0 && r.count <= LINE_TOKENS;
    r.tokens = tokens;
    for (size_t at = 0; one && at < r.count;) {
        struct moment m;
        size_t taken = may_begin(&tokens[at]) ? read_moment(&r, at, &m) : 0;
        if (taken && m.precision != MOMENT_TIME_OF_DAY && found.precision == MOMENT_NONE) {
            found = m;
        } else if (!taken) {
            others += tokens[at].kind == TOKEN_NUMBER ||
                      (tokens[at].kind == TOKEN_WORD && tokens[at].word == WORD_OTHER);
            taken = 1;
        }
        one = others <= LINE_OTHERS;
        at += taken;
    }
    arena_free(arena);
    if (!one || found.precision == MOMENT_NONE)
        return 0;
    *ret = found;
    return 1;
}

int dates_read_machine(const char *text, size_t size, struct moment *ret)
{
    struct dates_context context = {.day_order = DAY_FIRST};
    bool digits = size >= 9 && size <= 13;
    int64_t number = 0;
    for (size_t i = 0; i < size && digits; i++) {
        digits = text[i] >= '0' && text[i] <= '9';
        number = number * 10 + (text[i] - '0');
    }
    if (digits) { /* Unix seconds or milliseconds */
        *ret = moment_from_unix(number * (size >= 12 ? 1000 : 1000000), 0);
        return 1;
    }
    struct moment m;
    if (!dates_read_line(&context, text, size, &m) || !moment_valid(&m))
        return 0;
    *ret = m;
    return 1;
}

enum day_order dates_order_evidence(const struct span *texts, size_t count)
{
    bool day_first = false, month_first = false;
    for (size_t i = 0; i < count; i++) {
        struct arena *arena;
        struct date_token *t = NULL;
        size_t n = 0;
        if (texts[i].length > LINE_MAX_BYTES || arena_new(256 * 1024, &arena) < 0)
            continue;
        if (date_tokens_cut(arena, texts[i].text, texts[i].length, &t, &n) == 0)
            for (size_t at = 0; at + 4 < n; at++) {
                bool three = t[at].digits && t[at].digits <= 2 && t[at + 2].digits &&
                             t[at + 2].digits <= 2 && t[at + 4].digits == 4 &&
                             t[at + 1].kind == TOKEN_SIGN && t[at + 1].value == t[at + 3].value;
                day_first |= three && t[at].value > 12 && t[at].value <= 31 && t[at + 2].value <= 12;
                month_first |= three && t[at + 2].value > 12 && t[at + 2].value <= 31 && t[at].value <= 12;
            }
        arena_free(arena);
    }
    return day_first == month_first ? DAY_ORDER_UNKNOWN : day_first ? DAY_FIRST : MONTH_FIRST;
}

static int url_number(const char *url, size_t size, size_t *at, size_t digits)
{
    if (size - *at < digits)
        return -1;
    int value = 0;
    for (size_t i = 0; i < digits; i++) {
        char c = url[*at + i];
        if (c < '0' || c > '9')
            return -1;
        value = value * 10 + (c - '0');
    }
    *at += digits;
    return value;
}

static bool url_digit(const char *url, size_t size, size_t at)
{
    return at < size && url[at] >= '0' && url[at] <= '9';
}

int dates_read_url(const char *url, size_t size, struct moment *ret)
{
    for (size_t i = 0; i + 8 <= size; i++) {
        if (i && url_digit(url, size, i - 1))
            continue;
        size_t at = i;
        int year = url_number(url, size, &at, 4);
        if (year < 1995 || year > 2100)
            continue;
        char sign = at < size && strchr("/-_", url[at]) ? url[at] : '\0';
        at += sign != '\0';
        size_t digits = sign && !url_digit(url, size, at + 1) ? 1 : 2;
        int month = url_number(url, size, &at, digits);
        if (month < 0 || (sign && (at >= size || url[at] != sign)))
            continue;
        at += sign != '\0';
        digits = sign && !url_digit(url, size, at + 1) ? 1 : 2;
        int day = url_number(url, size, &at, digits);
        struct moment m = {0};
        if (day < 0 || url_digit(url, size, at) || !settle(&m, year, month, day))
            continue;
        *ret = m;
        return 1;
    }
    return 0;
}

int dates_apply_zone(struct moment *m, const char *zone)
{
    int minutes;
    int e = calendar_offset(zone, m, &minutes);
    if (e < 0)
        return e;
    m->has_offset = true;
    m->offset_minutes = minutes;
    return 0;
}

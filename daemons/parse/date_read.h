/* One date or time at one place of a text: the patterns that people write, and what they mean
 * beside a reference. */
#pragma once

#include "parse/date_tokens.h"
#include "parse/dates.h"

struct date_reader {
    const struct dates_context *context;
    struct moment reference; /* as the clocks of the context's zone show it; precision MOMENT_NONE:
                                not known */
    bool line; /* the text is a date line: less evidence will do, and nothing lies in the future */
    struct date_tokens tokens;
};

struct date_reading {
    struct moment value;
    struct moment until; /* last of a period, at its precision; else MOMENT_NONE */
};

/* Sets what does not change from place to place. */
void date_reader_begin(struct date_reader *r, const struct dates_context *context, bool line);

/* The date, the time or both, in either order, that begin at a token; returns how many tokens they
 * take, 0 for none. */
size_t date_read(struct date_reader *r, size_t at, struct date_reading *ret);

/* The parts, for each other. */
size_t date_read_day(struct date_reader *r, size_t at, struct date_reading *ret); /* date_day.c */
size_t date_read_named(struct date_reader *r, size_t at,
                       struct moment *ret); /* by number or month */
size_t date_read_month_of(struct date_reader *r, size_t at,
                          struct moment *ret); /* "of last month" */
size_t date_read_by_week(struct date_reader *r, size_t at,
                         struct moment *ret); /* date_weekday.c: by weekday or distance */
size_t date_read_days_of_week(struct date_reader *r, size_t at,
                              struct date_reading *week); /* narrows a week */
size_t date_read_relative(struct date_reader *r, size_t at,
                          struct date_reading *ret); /* date_relative.c */
size_t date_read_period(struct date_reader *r, size_t at,
                        struct date_reading *ret); /* date_period.c */
size_t date_read_phase(struct date_reader *r, size_t at,
                       struct date_reading *ret); /* date_phase.c: part of a period */
size_t date_read_current(struct date_reader *r, size_t at,
                         struct date_reading *ret); /* "the year": the present one */
size_t date_read_units(struct date_reader *r, size_t at,
                       struct date_reading *ret); /* the last three years */
size_t date_read_time(struct date_reader *r, size_t at,
                      struct moment *ret); /* date_time.c: time and zone */
size_t date_read_part(struct date_reader *r, size_t at, enum date_part *ret);
size_t date_read_amount(struct date_reader *r, size_t at, int64_t *ret); /* digits or words */
size_t date_read_months(struct date_reader *r, size_t at, enum date_word_kind *ret_kind,
                        int *ret_month, bool *ret_weak);
size_t date_read_year(struct date_reader *r, size_t at, enum date_word_kind kind, int *ret_year);
size_t date_read_day_number(struct date_reader *r, size_t at, int *ret_day, bool *ret_words);

/* Days since 1970, and back with day precision and no zone. */
int64_t date_day_number(const struct moment *m);
struct moment date_from_day_number(int64_t day);
int date_weekday(int64_t day); /* 0 Sunday */

/* day precision by the calendar of the month's kind. False: there is no such day. */
bool date_settle(enum date_word_kind kind, int year, int month, int day, struct moment *ret);

/* year 0: the year that brings the day nearest to the reference; which: -1 last, 1 next, 0 nearest.
 * False: no reference. */
bool date_settle_near(const struct date_reader *r, enum date_word_kind kind, int month, int day,
                      int which, struct moment *ret);

struct moment date_shift(struct moment m, enum date_unit unit, int64_t by);

static inline const struct date_token *token_at(struct date_reader *r, size_t at)
{
    return date_token(&r->tokens, at);
}

static inline bool is_kind(struct date_reader *r, size_t at, enum date_word_kind kind)
{
    const struct date_word *w = token_at(r, at)->word;
    return w && (w->kind == kind || (w->other == kind && kind));
}

static inline int word_value(struct date_reader *r, size_t at, enum date_word_kind kind)
{
    const struct date_word *w = token_at(r, at)->word;
    return w->kind == kind ? w->value : w->other_value;
}

static inline bool is_sign(struct date_reader *r, size_t at, uint32_t c)
{
    return token_at(r, at)->kind == TOKEN_SIGN && token_at(r, at)->value == c;
}

/* Wa, "and", as a word of its own. */
static inline bool is_and(struct date_reader *r, size_t at)
{
    const struct date_token *t = token_at(r, at);
    return t->kind == TOKEN_WORD && !t->word && t->end - t->start == 2 &&
           r->tokens.text[t->start] == (char)0xd9 &&
           r->tokens.text[t->start + 1] == (char)0x88; /* U+0648 WAW */
}

static inline bool is_comma(struct date_reader *r, size_t at)
{
    return is_sign(r, at, ',') || is_sign(r, at, 0x60c /* ARABIC COMMA */);
}

static inline bool is_dash(struct date_reader *r, size_t at)
{
    return is_sign(r, at, '-') || is_sign(r, at, 0x2013) || is_sign(r, at, 0x2014) ||
           is_sign(r, at, 0x2212) || is_sign(r, at, 0x2010) || is_sign(r, at, 0x2011);
}

static inline bool is_number(struct date_reader *r, size_t at, int64_t lowest, int64_t highest)
{
    const struct date_token *t = token_at(r, at);
    return t->kind == TOKEN_NUMBER && t->digits <= 18 && t->value >= lowest && t->value <= highest;
}

/* Dates and times as news pages write them: lines, running text, what machines write, URLs. */
#include "parse/dates.h"

#include "parse/calendar.h"
#include "parse/date_read.h"

#include <errno.h>
#include <string.h>

static bool is_alphanumeric(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

int dates_find(const struct dates_context *context, struct arena *arena, const char *text,
               size_t size, struct date_mention **ret, size_t *ret_count)
{
    struct date_reader r;
    struct date_mention *mentions = NULL;
    size_t count = 0, capacity = 0;
    *ret = NULL;
    *ret_count = 0;
    date_reader_begin(&r, context, false);
    for (size_t at = 0; (at = date_candidate(text, size, at)) < size;) {
        bool glued = at && is_alphanumeric(text[at - 1]);
        date_tokens_begin(&r.tokens, text, size, at);
        struct date_reading reading = {0};
        size_t taken = glued ? 0 : date_read(&r, 0, &reading);
        size_t before_at;
        const struct date_word *before = taken ? date_word_before(text, at, &before_at) : NULL;
        if (taken && before && before->kind == WORD_NAME_HEAD &&
            reading.value.precision < MOMENT_HOUR && reading.value.precision != MOMENT_YEAR) {
            at = token_at(&r, taken - 1)->end; /* a city, a bridge of that name */
            continue;
        }
        if (taken && at && token_at(&r, 0)->kind == TOKEN_NUMBER && strchr("-/.:+#", text[at - 1]))
            taken = 0; /* the tail of a longer number */
        if (!taken) {
            if (token_at(&r, 0)->kind == TOKEN_NUMBER) /* and what hangs on it */
                for (at = token_at(&r, 0)->end; at + 1 < size && strchr("-/.:", text[at]) &&
                                                text[at + 1] >= '0' && text[at + 1] <= '9';)
                    at = date_skip(text, size, at + 1) > at + 1 ? date_skip(text, size, at + 1)
                                                                : at + 2;
            else
                at = date_skip(text, size, at);
            continue;
        }
        mentions = arena_grow(arena, mentions, sizeof *mentions, count + 1, &capacity);
        if (!mentions)
            return -ENOMEM;
        mentions[count++] = (struct date_mention){.start = token_at(&r, 0)->start,
                                                  .end = token_at(&r, taken - 1)->end,
                                                  .value = reading.value,
                                                  .until = reading.until};
        at = mentions[count - 1].end;
    }
    *ret = mentions;
    *ret_count = count;
    return 0;
}

enum { LINE_MAX_BYTES = 300, LINE_OTHERS = 2 };

static bool is_furniture(struct date_reader *r, size_t at)
{
    static const enum date_word_kind kinds[] = {
        WORD_FURNITURE, WORD_UPDATED,    WORD_OF,        WORD_AT,      WORD_FROM,  WORD_ZONE_HEAD,
        WORD_ZONE,      WORD_ERA_COMMON, WORD_ERA_HIJRI, WORD_WEEKDAY, WORD_PHASE, WORD_UNIT};
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (is_kind(r, at, kinds[i]))
            return true;
    return false;
}

int dates_read_line(const struct dates_context *context, const char *text, size_t size,
                    struct moment *ret)
{
    if (size > LINE_MAX_BYTES)
        return 0;
    struct date_reader r;
    struct moment found = {0};
    unsigned others = 0;
    date_reader_begin(&r, context, true);
    date_tokens_begin(&r.tokens, text, size, 0);
    for (size_t at = 0; token_at(&r, at)->kind != TOKEN_END;) {
        const struct date_token *t = token_at(&r, at);
        struct date_reading reading = {0};
        size_t taken = t->kind == TOKEN_NUMBER || (t->kind == TOKEN_WORD && t->word)
                           ? date_read(&r, at, &reading)
                           : 0;
        if (taken && found.precision == MOMENT_NONE && reading.value.precision >= MOMENT_DAY &&
            reading.value.precision != MOMENT_TIME_OF_DAY) {
            found = reading.value;
        } else if (taken && reading.value.precision == MOMENT_TIME_OF_DAY &&
                   found.precision == MOMENT_DAY) {
            found.hour = reading.value.hour; /* apart from its day */
            found.minute = reading.value.minute;
            found.precision = MOMENT_MINUTE;
            if (context->zone)
                dates_apply_zone(&found, context->zone);
        } else if (!taken) {
            others += t->kind == TOKEN_NUMBER || (t->kind == TOKEN_WORD && !is_furniture(&r, at));
            taken = 1;
        }
        if (others > LINE_OTHERS || at >= DATE_TOKENS - 2)
            return 0;
        at += taken;
    }
    if (found.precision == MOMENT_NONE)
        return 0;
    *ret = found;
    return 1;
}

int dates_read_clock(const struct dates_context *context, const char *text, size_t size,
                     struct moment *ret)
{
    enum { CLOCK_MAX_BYTES = 60 };
    if (size > CLOCK_MAX_BYTES)
        return 0;
    struct date_reader r;
    struct moment m = {0};
    date_reader_begin(&r, context, true);
    date_tokens_begin(&r.tokens, text, size, 0);
    size_t taken = date_read_time(&r, 0, &m);
    if (!taken || m.precision < MOMENT_MINUTE || m.precision > MOMENT_SECOND)
        return 0;
    for (size_t at = taken; token_at(&r, at)->kind != TOKEN_END; at++)
        if (token_at(&r, at)->kind != TOKEN_SIGN && !is_kind(&r, at, WORD_ZONE_HEAD) &&
            !is_kind(&r, at, WORD_ZONE))
            return 0;
    m.precision = MOMENT_TIME_OF_DAY;
    *ret = m;
    return 1;
}

static bool settle_day(struct moment *m, int year, int month, int day)
{
    return date_settle(WORD_MONTH, year, month, day, m);
}

enum { ASCTIME_BYTES = 48 };

/* "Fri Feb 18 10:27:24 2022", as asctime() of C and date(1) write: the same with the year before the
 * time; 0: another form. */
static size_t year_before_time(const char *text, size_t size, char out[ASCTIME_BYTES])
{
    size_t colon = 0, time, year = size - 4;
    if (size < 12 || size + 2 > ASCTIME_BYTES || text[year - 1] != ' ')
        return 0;
    for (size_t i = year; i < size; i++)
        if (text[i] < '0' || text[i] > '9')
            return 0;
    while (colon < year && text[colon] != ':')
        colon++;
    for (time = colon; time && text[time - 1] != ' '; time--)
        ;
    if (colon == year || !time)
        return 0;
    memcpy(out, text, time);
    memcpy(out + time, text + year, 4);
    out[time + 4] = ' ';
    memcpy(out + time + 5, text + time, year - 1 - time);
    return size;
}

int dates_read_machine(const char *text, size_t size, struct moment *ret)
{
    while (size && (text[size - 1] == ' ' || text[size - 1] == '\n'))
        size--;
    for (; size && (*text == ' ' || *text == '\n'); text++)
        size--;
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
    struct dates_context context = {.day_order = DAY_FIRST};
    struct moment m;
    char turned[ASCTIME_BYTES];
    size_t turned_size = year_before_time(text, size, turned);
    if (turned_size) {
        text = turned;
        size = turned_size;
    }
    if (!dates_read_line(&context, text, size, &m) || !moment_valid(&m))
        return 0;
    *ret = m;
    return 1;
}

/* A digit of any block at a byte of well-formed text: its value, and *bytes it takes; -1: none. */
static int digit_at(const char *text, size_t size, size_t at, size_t *bytes)
{
    unsigned char c = at < size ? (unsigned char)text[at] : 0;
    *bytes = 1;
    if (c >= '0' && c <= '9')
        return c - '0';
    unsigned char next = at + 1 < size ? (unsigned char)text[at + 1] : 0;
    *bytes = 2;
    if (c == 0xd9 && next >= 0xa0 && next <= 0xa9) /* ARABIC-INDIC */
        return next - 0xa0;
    if (c == 0xdb && next >= 0xb0 && next <= 0xb9) /* EXTENDED ARABIC-INDIC */
        return next - 0xb0;
    return -1;
}

/* A number at *at: its value and digits; *at moves behind it. */
static unsigned number_at(const char *text, size_t size, size_t *at, int *ret_value)
{
    unsigned digits = 0;
    size_t bytes;
    int d;
    for (*ret_value = 0; digits < 6 && (d = digit_at(text, size, *at, &bytes)) >= 0; digits++) {
        *ret_value = *ret_value * 10 + d;
        *at += bytes;
    }
    return digits;
}

static bool parts_numbers(char c)
{
    return c == '/' || c == '-' || c == '.';
}

/* Two numbers of up to two digits and a year, parted by one sign; *at moves to where to look next.
 */
static bool numeric_date(const char *text, size_t size, size_t *at, int parts[3])
{
    size_t end = *at, bytes;
    unsigned digits = number_at(text, size, &end, &parts[0]);
    char sign = end < size ? text[end] : 0;
    for (*at = end;
         *at < size && (parts_numbers(text[*at]) || digit_at(text, size, *at, &bytes) >= 0);)
        *at += parts_numbers(text[*at]) ? 1 : bytes; /* all that hangs together */
    if (digits > 2 || !parts_numbers(sign))
        return false;
    end++;
    digits = number_at(text, size, &end, &parts[1]);
    if (!digits || digits > 2 || end >= size || text[end] != sign)
        return false;
    end++;
    return number_at(text, size, &end, &parts[2]) == 4 && *at - end <= 1; /* a stop */
}

static bool has_parted_numbers(struct span text)
{
    return memchr(text.text, '/', text.length) || memchr(text.text, '-', text.length) ||
           memchr(text.text, '.', text.length);
}

enum day_order dates_order_evidence(const struct span *texts, size_t count,
                                    const struct moment *known)
{
    bool day_first = false, month_first = false;
    for (size_t i = 0; i < count; i++) {
        const char *text = texts[i].text;
        size_t size = has_parted_numbers(texts[i]) ? texts[i].length : 0, bytes;
        for (size_t at = 0; at < size;) {
            int p[3];
            if (digit_at(text, size, at, &bytes) < 0) {
                at++;
                continue;
            }
            if (!numeric_date(text, size, &at, p))
                continue;
            bool same =
                known && known->precision >= MOMENT_DAY && known->year == p[2] && p[0] != p[1];
            day_first |= (p[0] > 12 && p[0] <= 31 && p[1] <= 12) ||
                         (same && p[0] == known->day && p[1] == known->month);
            month_first |= (p[1] > 12 && p[1] <= 31 && p[0] <= 12) ||
                           (same && p[1] == known->day && p[0] == known->month);
        }
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

/* 18-1-2026 at a byte: the day first, unless only the month can be. */
static bool url_day_first(const char *url, size_t size, size_t at, struct moment *ret)
{
    size_t digits = url_digit(url, size, at + 1) ? 2 : 1;
    int first = url_number(url, size, &at, digits), second, year;
    if (first < 0 || at >= size || !strchr("-_", url[at]))
        return false;
    char sign = url[at++];
    digits = url_digit(url, size, at + 1) ? 2 : 1;
    second = url_number(url, size, &at, digits);
    if (second < 0 || at >= size || url[at++] != sign)
        return false;
    year = url_number(url, size, &at, 4);
    return year >= 1995 && year <= 2100 && !url_digit(url, size, at) &&
           (second > 12 ? settle_day(ret, year, first, second)
                        : settle_day(ret, year, second, first));
}

int dates_read_url(const char *url, size_t size, struct moment *ret)
{
    for (size_t i = 0; i + 8 <= size; i++) {
        if (i && url_digit(url, size, i - 1))
            continue;
        size_t at = i;
        struct moment turned = {0};
        int year = url_number(url, size, &at, 4);
        if (url_day_first(url, size, i, &turned)) {
            *ret = turned;
            return 1;
        }
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
        if (day < 0 || url_digit(url, size, at) || !settle_day(&m, year, month, day))
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

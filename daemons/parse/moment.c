/* A point in time as people write it. */
#include "parse/moment.h"

static char *put_number(char *out, unsigned digits, int value)
{
    for (unsigned i = digits; i-- > 0; value /= 10)
        out[i] = (char)('0' + value % 10);
    return out + digits;
}

static char *put_time(char *out, const struct moment *m)
{
    *out++ = 'T';
    out = put_number(out, 2, m->hour);
    *out++ = ':';
    out = put_number(out, 2, m->precision == MOMENT_HOUR ? 0 : m->minute);
    if (m->precision == MOMENT_TIME_OF_DAY)
        return out;
    *out++ = ':';
    out = put_number(out, 2, m->precision == MOMENT_SECOND ? m->second : 0);
    if (!m->has_offset)
        return out;
    int offset = m->offset_minutes, absolute = offset < 0 ? -offset : offset;
    *out++ = offset < 0 ? '-' : '+';
    out = put_number(out, 2, absolute / 60);
    *out++ = ':';
    return put_number(out, 2, absolute % 60);
}

size_t moment_format(const struct moment *m, char out[MOMENT_TEXT_SIZE])
{
    char *p = out;
    if (m->precision >= MOMENT_YEAR && m->precision <= MOMENT_SECOND)
        p = put_number(p, 4, m->year);
    if (m->precision >= MOMENT_MONTH && m->precision <= MOMENT_SECOND) {
        *p++ = '-';
        p = put_number(p, 2, m->month);
    }
    if (m->precision >= MOMENT_DAY && m->precision <= MOMENT_SECOND) {
        *p++ = '-';
        p = put_number(p, 2, m->day);
    }
    if (m->precision >= MOMENT_HOUR)
        p = put_time(p, m);
    *p = '\0';
    return (size_t)(p - out);
}

const char *moment_precision_name(enum moment_precision precision)
{
    static const char *const names[] = {
        [MOMENT_YEAR] = "year", [MOMENT_MONTH] = "month",   [MOMENT_DAY] = "day",
        [MOMENT_HOUR] = "hour", [MOMENT_MINUTE] = "minute", [MOMENT_SECOND] = "second",
    };
    return (unsigned)precision < sizeof names / sizeof *names ? names[precision] : NULL;
}

/* Days since 1970, after Howard Hinnant's "chrono-Compatible Low-Level Date Algorithms". */
static int64_t days_from_civil(int64_t y, int m, int d)
{
    y -= m <= 2;
    int64_t era = (y >= 0 ? y : y - 399) / 400, yoe = y - era * 400;
    int64_t doy = (153 * (m > 2 ? m - 3 : m + 9) + 2) / 5 + d - 1;
    return era * 146097 + yoe * 365 + yoe / 4 - yoe / 100 + doy - 719468;
}

int64_t moment_to_unix(const struct moment *m)
{
    bool month = m->precision >= MOMENT_MONTH, day = m->precision >= MOMENT_DAY;
    bool hour = m->precision >= MOMENT_HOUR, minute = m->precision >= MOMENT_MINUTE;
    int64_t days = days_from_civil(m->year, month ? m->month : 1, day ? m->day : 1);
    int64_t minutes = days * 1440 + (hour ? m->hour * 60 : 0) + (minute ? m->minute : 0) -
                      (m->has_offset ? m->offset_minutes : 0);
    return (minutes * 60 + (m->precision == MOMENT_SECOND ? m->second : 0)) * 1000000;
}

struct moment moment_from_unix(int64_t microseconds, int offset_minutes)
{
    int64_t seconds = microseconds / 1000000 - (microseconds % 1000000 < 0) + offset_minutes * 60;
    int64_t days = seconds / 86400 - (seconds % 86400 < 0), rest = seconds - days * 86400;
    int64_t z = days + 719468, era = (z >= 0 ? z : z - 146096) / 146097, doe = z - era * 146097;
    int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
    int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100), mp = (5 * doy + 2) / 153;
    int month = (int)(mp < 10 ? mp + 3 : mp - 9);
    return (struct moment){
        .year = (int)(yoe + era * 400 + (month <= 2)),
        .month = month,
        .day = (int)(doy - (153 * mp + 2) / 5 + 1),
        .hour = (int)(rest / 3600),
        .minute = (int)(rest / 60 % 60),
        .second = (int)(rest % 60),
        .offset_minutes = offset_minutes,
        .has_offset = true,
        .precision = MOMENT_SECOND,
    };
}

int moment_compare(const struct moment *a, const struct moment *b)
{
    struct moment x = *a, y = *b;
    enum moment_precision coarser = x.precision < y.precision ? x.precision : y.precision;
    x.precision = y.precision = coarser;
    if (coarser <= MOMENT_DAY || !x.has_offset || !y.has_offset)
        x.has_offset = y.has_offset = false;
    int64_t s = moment_to_unix(&x), t = moment_to_unix(&y);
    return s < t ? -1 : s > t;
}

bool moment_valid(const struct moment *m)
{
    static const int lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    if (m->hour < 0 || m->hour > 23 || m->minute < 0 || m->minute > 59 || m->second < 0 ||
        m->second > 59)
        return false;
    if (m->precision == MOMENT_TIME_OF_DAY)
        return true;
    if (m->year < 1 || m->year > 9999)
        return false;
    if (m->precision == MOMENT_YEAR)
        return true;
    if (m->month < 1 || m->month > 12)
        return false;
    if (m->precision == MOMENT_MONTH)
        return true;
    bool leap = m->year % 4 == 0 && (m->year % 100 != 0 || m->year % 400 == 0);
    return m->day >= 1 && m->day <= lengths[m->month - 1] + (m->month == 2 && leap);
}

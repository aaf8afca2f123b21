/* The two clocks. */
#include "libcommon/clock.h"

#include <errno.h>
#include <stdio.h>
#include <time.h>

static int64_t now_us(clockid_t id)
{
    struct timespec t;
    clock_gettime(id, &t);
    return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

int64_t clock_unix_us(void)
{
    return now_us(CLOCK_REALTIME);
}

int64_t clock_monotonic_us(void)
{
    return now_us(CLOCK_MONOTONIC);
}

int64_t clock_monotonic_ms(void)
{
    return now_us(CLOCK_MONOTONIC) / 1000;
}

/* Days since 1970 of a proleptic Gregorian date, after Howard Hinnant's "chrono-Compatible
 * Low-Level Date Algorithms". */
static int64_t days_from_civil(int64_t y, unsigned m, unsigned d)
{
    y -= m <= 2;
    int64_t era = (y >= 0 ? y : y - 399) / 400;
    unsigned yoe = (unsigned)(y - era * 400);
    unsigned doy = (153 * (m > 2 ? m - 3 : m + 9) + 2) / 5 + d - 1;
    unsigned doe = yoe * 365 + yoe / 4 - yoe / 100 + doy;
    return era * 146097 + (int64_t)doe - 719468;
}

size_t clock_format(int64_t unix_us, char out[CLOCK_TEXT_SIZE])
{
    const int64_t lowest = -62167219200000000, highest = 253402300799999999;
    if (unix_us < lowest)
        unix_us = lowest;
    if (unix_us > highest)
        unix_us = highest;
    int64_t seconds = unix_us / 1000000, us = unix_us % 1000000;
    if (us < 0) {
        us += 1000000;
        seconds--;
    }
    int64_t days = seconds / 86400, rest = seconds % 86400;
    if (rest < 0) {
        rest += 86400;
        days--;
    }
    int64_t z = days + 719468, era = (z >= 0 ? z : z - 146096) / 146097;
    unsigned doe = (unsigned)(z - era * 146097);
    unsigned yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
    unsigned doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    unsigned mp = (5 * doy + 2) / 153, day = doy - (153 * mp + 2) / 5 + 1;
    unsigned month = mp < 10 ? mp + 3 : mp - 9;
    int64_t year = (int64_t)yoe + era * 400 + (month <= 2);
    int size =
        snprintf(out, CLOCK_TEXT_SIZE, "%04d-%02u-%02uT%02d:%02d:%02d.%03dZ", (int)year, month, day,
                 (int)(rest / 3600), (int)(rest / 60 % 60), (int)(rest % 60), (int)(us / 1000));
    return (size_t)size;
}

static int number(const char *text, size_t digits)
{
    int value = 0;
    for (size_t i = 0; i < digits; i++) {
        if (text[i] < '0' || text[i] > '9')
            return -1;
        value = value * 10 + (text[i] - '0');
    }
    return value;
}

int clock_read(const char *text, size_t size, int64_t *ret_unix_us)
{
    if (size < 20 || text[4] != '-' || text[7] != '-' ||
        (text[10] != 'T' && text[10] != 't' && text[10] != ' ') || text[13] != ':' ||
        text[16] != ':')
        return -EINVAL;
    int year = number(text, 4), month = number(text + 5, 2), day = number(text + 8, 2);
    int hour = number(text + 11, 2), minute = number(text + 14, 2), second = number(text + 17, 2);
    static const int lengths[] = {31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    if (year < 0 || month < 1 || month > 12 || day < 1 || day > lengths[month - 1] || hour < 0 ||
        hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 60)
        return -EINVAL;
    if (month == 2 && day == 29 && (year % 4 || (year % 100 == 0 && year % 400)))
        return -EINVAL;
    size_t at = 19;
    int64_t us = 0, unit = 100000;
    if (text[at] == '.') {
        size_t first = ++at;
        for (; at < size && text[at] >= '0' && text[at] <= '9'; at++, unit /= 10)
            us += (text[at] - '0') * unit;
        if (at == first || at == size)
            return -EINVAL;
    }
    int offset = 0;
    if (text[at] == '+' || text[at] == '-') {
        if (size - at != 6 || text[at + 3] != ':')
            return -EINVAL;
        int hours = number(text + at + 1, 2), minutes = number(text + at + 4, 2);
        if (hours < 0 || hours > 23 || minutes < 0 || minutes > 59)
            return -EINVAL;
        offset = (text[at] == '-' ? -1 : 1) * (hours * 60 + minutes);
    } else if ((text[at] != 'Z' && text[at] != 'z') || size - at != 1) {
        return -EINVAL;
    }
    int64_t days = days_from_civil(year, (unsigned)month, (unsigned)day);
    *ret_unix_us =
        ((days * 24 + hour) * 60 + minute - offset) * 60000000 + (int64_t)second * 1000000 + us;
    return 0;
}

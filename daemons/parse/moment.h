/* A point in time as people write it: as much of it as they said, with or without a zone. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum moment_precision {
    MOMENT_NONE, /* nothing is known */
    MOMENT_YEAR,
    MOMENT_MONTH,
    MOMENT_DAY,
    MOMENT_HOUR,
    MOMENT_MINUTE,
    MOMENT_SECOND,
    MOMENT_TIME_OF_DAY, /* hour and minute without a day: "مساء الساعة 7" with no reference to place
                           it */
};

struct moment {
    int year;                 /* proleptic Gregorian */
    int month, day;           /* from 1 */
    int hour, minute, second; /* wall clock of the zone; 0 to 23, 0 to 59, 0 to 59 */
    int offset_minutes;       /* east of UTC; meaningful when has_offset */
    bool has_offset;          /* a zone is known, said by the page or by its context */
    enum moment_precision precision;
};

enum { MOMENT_TEXT_SIZE = 40 };

/* RFC 3339, cut to the precision: 2026-01-18T07:49:00+03:00, 2026-01-18T07:49:00, 2026-01-18,
 * 2026-01, 2026. With a time of day, seconds are always written; the offset only when it is known.
 * A time of day alone is T07:49. All fields must be in range (moment_valid()). Returns the length.
 */
size_t moment_format(const struct moment *m, char out[MOMENT_TEXT_SIZE]);

/* The name in records: year, month, day, hour, minute, second; NULL for the others. */
const char *moment_precision_name(enum moment_precision precision);

/* Microseconds since 1970 UTC of its first instant; an unknown zone counts as UTC. */
int64_t moment_to_unix(const struct moment *m);

/* The moment of microseconds since 1970 as seen at that offset, precision MOMENT_SECOND. */
struct moment moment_from_unix(int64_t microseconds, int offset_minutes);

/* <0, 0, >0 as a is before, at, after b; fields beyond the coarser precision are not looked at. */
int moment_compare(const struct moment *a, const struct moment *b);

bool moment_valid(const struct moment *m); /* fields in range, day fits the month */

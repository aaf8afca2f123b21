/* The two clocks: what time it is, and how much time has passed. */
#pragma once

#include <stddef.h>
#include <stdint.h>

int64_t clock_unix_us(void);      /* microseconds since 1970 UTC; may jump */
int64_t clock_monotonic_ms(void); /* milliseconds; never jumps, for every time limit */
int64_t clock_monotonic_us(void);

enum { CLOCK_TEXT_SIZE = 32 };

/* RFC 3339 in UTC with milliseconds, 2026-01-18T04:49:00.000Z, terminated; years outside 0 to 9999
 * are written as the nearest bound. Returns its length. */
size_t clock_format(int64_t unix_us, char out[CLOCK_TEXT_SIZE]);

/* Reads RFC 3339 with an offset; 0, or -EINVAL. */
int clock_read(const char *text, size_t size, int64_t *ret_unix_us);

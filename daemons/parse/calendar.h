/* What ICU knows of calendars and time zones, in our terms. */
#pragma once

#include "parse/moment.h"

#include <stdbool.h>
#include <stddef.h>

/* Day precision from a Hijri date by the Umm al-Qura calendar of Saudi Arabia, or from a Solar
 * Hijri date; other members of *ret stay. False: there is no such day. */
bool calendar_from_hijri(int year, int month, int day, struct moment *ret);
bool calendar_from_persian(int year, int month, int day, struct moment *ret);

/* Minutes east of UTC in an IANA time zone when its clocks show m. 0; -EINVAL: no such zone. */
int calendar_offset(const char *zone, const struct moment *m, int *ret_minutes);

/* The same, without the short cut for zones whose clocks stand still. */
int calendar_offset_by_icu(const char *zone, const struct moment *m, int *ret_minutes);

/* The one time zone of a country of the region, by its ISO 3166-1 code in either case, which is
 * also the end of its host names; NULL: another country, or no country. */
const char *calendar_zone_of(const char *country, size_t size);

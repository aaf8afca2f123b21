/* Dates and times as news pages write them: read one from a line, find all in running text.
 *
 * Reads all three digit blocks (U+0030, U+0660, U+06F0), mixed within a number too; month names of
 * the Levant and Iraq, of Egypt and the Gulf, of the Maghreb, Hijri (Umm al-Qura), Persian (Solar
 * Hijri), Sorani, Turkish, English and French; weekdays; parts of the day; relative forms; ISO
 * 8601, RFC 822, Unix time. */
#pragma once

#include "libcommon/arena.h"
#include "parse/article.h"
#include "parse/moment.h"

#include <stdbool.h>
#include <stddef.h>

enum day_order { DAY_ORDER_UNKNOWN, DAY_FIRST, MONTH_FIRST, YEAR_FIRST };

/* What is known beside the words; zero is "nothing". */
struct dates_context {
    struct moment reference;  /* what relative forms count from: time fetched, or of publication */
    const char *zone;         /* IANA time zone of the site, e.g. Asia/Baghdad; NULL: not known */
    enum day_order day_order; /* settled by other dates on the page, the URL, or the site file */
    char language[4];         /* ISO 639 of the page if known, "" if not; breaks ties only */
};

/* Reads text that is a date line: nothing but one date or time, with at most a few words of
 * furniture around it (published, updated, a weekday, separators). 1 and *ret; 0: it is not one.
 * Never fails otherwise. */
int dates_read_line(const struct dates_context *context, const char *text, size_t size,
                    struct moment *ret);

/* Reads text that is nothing but a time of day, maybe with its zone: precision MOMENT_TIME_OF_DAY.
 * 1 and *ret; 0: it is not. */
int dates_read_clock(const struct dates_context *context, const char *text, size_t size,
                     struct moment *ret);

/* Reads a value meant for machines: ISO 8601, RFC 822/2822, RFC 850, Unix seconds or milliseconds.
 * 1, or 0. */
int dates_read_machine(const char *text, size_t size, struct moment *ret);

/* Finds every date or time named in running text. *ret lives in the arena, ordered, not
 * overlapping. 0 or -ENOMEM (arena used up). */
int dates_find(const struct dates_context *context, struct arena *arena, const char *text,
               size_t size, struct date_mention **ret, size_t *ret_count);

/* The order of day and month that the numeric dates in these texts show: a number above 12 settles
 * it, so does a date that is known to be on the page (of its URL, say; NULL: none) when it stands
 * there in one order only. DAY_ORDER_UNKNOWN when nothing does or they contradict each other. */
enum day_order dates_order_evidence(const struct span *texts, size_t count,
                                    const struct moment *known);

/* The date in the path of a URL (/2026/01/18/, 20260118, 18-1-2026): 1 and *ret with day precision;
 * 0: none. */
int dates_read_url(const char *url, size_t size, struct moment *ret);

/* Gives m the offset that the zone has at that time; 0, or -EINVAL when the zone is not known. */
int dates_apply_zone(struct moment *m, const char *zone);

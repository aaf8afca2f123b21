/* Entries of a live blog: times that part the body of a page into entries, each with its own text.
 */
#pragma once

#include "parse/lines.h"

/* What is told of the lines of a body by who looked at them. */
struct entry_look {
    bool opens; /* nothing but a time, or a date and a time */
    bool clock; /* no date */
    bool prose;
};

enum { ENTRIES_NONE, ENTRIES_LIVE, ENTRIES_COMMENTS };

/* What lines first to last (not included) are when several times stand among them, each with prose
 * behind it: a live blog where words on the page or its address (NULL: not known) say so, or many
 * times of day stand without a date; then the lines that open an entry get ROLE_ENTRY. Else
 * comments. *ret_first: the first such line. */
int entries_settle(struct lines *lines, const struct entry_look *looks, size_t first, size_t last,
                   const char *url, size_t *ret_first);

/* The time of an entry: a time of day is one of that day, with its offset or that of the zone
 * (IANA; NULL: not known); MOMENT_NONE when the day is not known. */
struct moment entries_time(const struct moment *time, const struct moment *day, const char *zone);

/* The body lines from first to last (not included) but for one (lines->count: none), an empty line
 * between them, in memory of the arena. 0; -ENOMEM. */
int entries_text(struct arena *arena, const struct lines *lines, size_t first, size_t last,
                 size_t but, struct span *ret);

/* The body lines from first to last (not included) but for one (last: none), an empty line between
 * them, in memory of the arena. 0; -ENOMEM. */
int entries_text(struct arena *arena, const struct lines *lines, size_t first, size_t last,
                 size_t but, struct span *ret);

/* ROLE_ENTRY lines and the body lines behind them -> article->entries; times without a day take
 * that of article->published, times without a zone the one given (IANA; NULL: not known). 0;
 * -ENOMEM. */
int entries_read(struct arena *arena, const struct lines *lines, const char *zone,
                 struct article *article);

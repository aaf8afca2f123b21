/* Words that stand around an article on any news site and are never part of it: share bars, labels,
 * headings of lists. */
#pragma once

#include <stddef.h>

/* What a phrase is; several may hold ("photo" is a label and opens a caption). */
enum furniture {
    FURNITURE_NONE = 0,
    FURNITURE_PLAIN = 1 << 0, /* share, print, advertisement, navigation, counters */
    FURNITURE_RELATED =
        1 << 1,              /* heads a list of other stories, or stands before the title of one */
    FURNITURE_END = 1 << 2,  /* what follows is no article: comments, copyright, footer */
    FURNITURE_TAGS = 1 << 3, /* heads the tags */
    FURNITURE_CAPTION = 1 << 4, /* stands before or after the words under a picture */
    FURNITURE_BYLINE = 1 << 5,  /* stands before who wrote it */
    FURNITURE_SECTION = 1 << 6, /* a usual name of a section */
};

enum { FURNITURE_TEXT_MAX = 160 }; /* bytes; nothing longer is furniture */

struct furniture_look {
    unsigned line; /* what the whole line is, whatever its case, numbers, marks and spaces ("12
                      Comments", "» اقرأ أيضاً:") */
    unsigned head; /* else what it begins with: a phrase and a colon, a bar or a dash behind it
                    * ("Read more: …"), or at least two words that head a list ("More from …") or
                    * end the page */
    size_t rest;   /* where the rest begins behind a head */
};

/* Flags of enum furniture for a line; one without letters is FURNITURE_PLAIN. Arabic, Sorani,
 * Persian, Turkish, English and French. */
void furniture_look(const char *text, size_t size, struct furniture_look *ret);

/* The rows, for the test that walks them; NULL behind the last. */
const char *furniture_row(size_t i);

/* Words that dates are made of, in the languages of news pages of the region: one table, looked up by normalised form. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum date_word_kind {
    WORD_OTHER,
    WORD_MONTH,      /* value 1 to 12, Gregorian */
    WORD_HIJRI,      /* value 1 to 12, Hijri month */
    WORD_PERSIAN,    /* value 1 to 12, Solar Hijri month */
    WORD_PREFIX,     /* first word of a month of two words: value is the group */
    WORD_ORDINAL,    /* first, second, last: value 1, 2 */
    WORD_WEEKDAY,    /* value 0 Sunday to 6 Saturday */
    WORD_MORNING,    /* value: 0 am, 12 pm, 24 noon */
    WORD_DAY_SHIFT,  /* today 0, yesterday -1, tomorrow 1 */
    WORD_AGO,        /* since, ago, before: relative to the past */
    WORD_UNIT,       /* value: enum date_unit; dual: 2 of them in one word */
    WORD_DUAL,
    WORD_LAST,       /* past */
    WORD_NEXT,       /* coming */
    WORD_ZONE,       /* value: minutes east of UTC */
    WORD_ERA_HIJRI,  /* the mark of a Hijri year */
    WORD_ERA_COMMON, /* the mark of a Gregorian year */
    WORD_YEAR,       /* the word year before a number */
    WORD_HOUR,       /* "at the hour" */
    WORD_FURNITURE,  /* stands in date lines beside the date */
};

enum date_unit { UNIT_SECOND, UNIT_MINUTE, UNIT_HOUR, UNIT_DAY, UNIT_WEEK, UNIT_MONTH, UNIT_YEAR };

/* First words of months of two words: kanun, tishrin, rabi, jumada, dhu. */
enum date_prefix { PREFIX_KANUN, PREFIX_TISHRIN, PREFIX_RABI, PREFIX_JUMADA, PREFIX_DHU };

enum { DATE_WORD_SIZE = 40 };

/* Writes the normalised form of a word, terminated: hamza carriers and alif maqsura and teh marbuta made plain, Persian
 * kaf and yeh made Arabic, diacritics and U+0640 TATWEEL dropped, Latin in lower case without accents. Returns its
 * length; 0 when it is longer than any word of the table. */
size_t date_word_fold(const char *word, size_t size, char out[DATE_WORD_SIZE]);

/* What a normalised word means; WORD_OTHER when nothing. A conjunction or preposition written with the word (و ف ب ل ك) is
 * tried without, *ret_clitic then tells its bytes. */
enum date_word_kind date_word_find(const char *folded, size_t size, int *ret_value, size_t *ret_clitic);

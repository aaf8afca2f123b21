/* Words that dates are made of, in the languages of news pages of the region: one table, looked up
 * by normalised form. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum date_word_kind {
    WORD_OTHER,
    WORD_MONTH,     /* value 1 to 12, Gregorian */
    WORD_HIJRI,     /* value 1 to 12, Hijri month */
    WORD_PERSIAN,   /* value 1 to 12, Solar Hijri month */
    WORD_WEEKDAY,   /* value 0 Sunday to 6 Saturday */
    WORD_DAY_SHIFT, /* today 0, yesterday -1, tomorrow 1 */
    WORD_NOW,
    WORD_PART,        /* part of the day: enum date_part */
    WORD_POINT,       /* a part of the day that is a time by itself: its hour */
    WORD_UNIT,        /* enum date_unit */
    WORD_UNITS,       /* enum date_unit in the plural */
    WORD_DUAL,        /* two of a unit in one word */
    WORD_COUNT,       /* a number in words */
    WORD_ORDINAL,     /* first, second, ...: value */
    WORD_FRACTION,    /* half, quarter, third of an hour: minutes */
    WORD_LESS,        /* "less", before a fraction */
    WORD_AGO,         /* before an amount: the past */
    WORD_AGO_BEHIND,  /* behind an amount: the past */
    WORD_IN,          /* before an amount: what comes */
    WORD_IN_BEHIND,   /* behind an amount: what comes */
    WORD_LAST,        /* past */
    WORD_NEXT,        /* coming */
    WORD_THIS,        /* current */
    WORD_ONLY_BEHIND, /* adjectives that make of "the day" another day than today */
    WORD_PHASE,       /* beginning, middle, end of a period: enum date_phase */
    WORD_DECADE,      /* twenties 20 to nineties 90 */
    WORD_SEASON,      /* value: its first month */
    WORD_ZONE,        /* value: row of the table of zones */
    WORD_ZONE_HEAD,   /* "by the time of" */
    WORD_ERA_HIJRI,   /* the mark of a Hijri year */
    WORD_ERA_SOLAR,   /* the mark of a Solar Hijri year */
    WORD_ERA_COMMON,  /* the mark of a Gregorian year */
    WORD_OF,          /* of, in, on: may stand inside a date */
    WORD_AT,          /* before a time of day */
    WORD_TO,          /* to, until */
    WORD_BETWEEN,
    WORD_FROM,      /* from, of */
    WORD_SUFFIX,    /* written behind a number: th, er, and the like */
    WORD_FURNITURE, /* stands in date lines beside the date */
    WORD_UPDATED,   /* the same, and says that the date is of a change */
    WORD_NAME_HEAD, /* city, bridge, revolution: the date behind it is a name */
};

enum date_unit {
    UNIT_SECOND,
    UNIT_MINUTE,
    UNIT_HOUR,
    UNIT_DAY,
    UNIT_WEEK,
    UNIT_MONTH,
    UNIT_QUARTER,
    UNIT_HALF,
    UNIT_YEAR,
    UNIT_DECADE,
    UNIT_CENTURY
};

enum date_phase {
    PHASE_EARLY,
    PHASE_MIDDLE,
    PHASE_LATE,
    PHASE_END,
    PHASE_LAST,
    PHASE_REST,
    PHASE_WEEKEND
};

enum date_part { PART_AM, PART_NOON, PART_PM, PART_NIGHT, PART_MIDNIGHT };

struct date_word {
    const char *spelling; /* as written; several words parted by a space are one entry */
    uint8_t kind;         /* enum date_word_kind */
    int16_t value;
    uint8_t other; /* what else it may be: enum date_word_kind, or WORD_OTHER */
    int16_t other_value;
    bool weak; /* also a common word of another meaning: needs a number beside it */
};

extern const struct date_word date_words[];
extern const size_t date_word_count;

/* Zones by name: a place or an abbreviation. */
struct date_zone {
    const char *id; /* IANA; NULL: a fixed offset */
    int offset;     /* minutes east of UTC */
};
extern const struct date_zone date_zones[];

enum { DATE_WORD_SIZE = 64 };

/* The entry of a normalised word (libcommon/text.h), NULL when there is none. *ret_head: longer
 * entries begin with it. */
const struct date_word *date_word_find(const char *folded, size_t size, bool *ret_head);

/* Whether a word may be the first of an entry, or of one that begins dates, by the hash of its
 * normalised letters; now and then yes without a reason. */
bool date_word_may_be(uint32_t letters_hash);
bool date_word_may_begin(uint32_t letters_hash);

/* Both hashes, for the program that makes the index. */
static inline uint32_t date_word_hash(const char *folded, size_t size)
{
    uint32_t h = 2166136261u; /* FNV-1a */
    for (size_t i = 0; i < size; i++)
        h = (h ^ (unsigned char)folded[i]) * 16777619u;
    return h ^ h >> 15;
}

/* Whether a code point may stand in a word, digits left out; joiners and marks may. */
static inline bool date_letter(uint32_t c)
{
    if (c < 0x80)
        return (c | 0x20) - 'a' < 26;
    if (c >= 0x600 && c < 0x700)
        return (c >= 0x620 && c < 0x660) || (c >= 0x66e && c <= 0x6d3) ||
               (c >= 0x6d5 && c <= 0x6dc) || (c >= 0x6df && c < 0x6f0) || c >= 0x6fa;
    return (c >= 0xc0 && c < 0x600 && c != 0xd7 && c != 0xf7) || c == 0x200c || c == 0x200d ||
           (c >= 0x700 && c < 0x2000) || (c >= 0x3040 && c < 0xd800) || c >= 0x20000;
}

/* Letters in normalised form, by code point, for those that take two bytes at most: 0 is no letter,
 * DATE_DROPPED one that the normalised form has not. */
enum { DATE_LETTERS = 0x800, DATE_DROPPED = 1 };
extern const uint16_t date_letters[DATE_LETTERS];

/* Letters are taken from the last to the first: what is left of a word without its first letters
 * has been hashed on the way. */
static inline uint32_t date_letters_hash(uint32_t hash, uint32_t letter)
{
    return (hash ^ letter) * 0x9e3779b1u ^ hash >> 15;
}

enum { DATE_LETTERS_SEED = 0x6b686272, DATE_HASH_BITS = 1 << 16 };

static inline uint32_t date_hash_bit(uint32_t letters_hash)
{
    return letters_hash >> 16;
}

/* Names of places and what they may stand for: a mapped table over folded words. */
#pragma once

#include "classify/tokens.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The order is part of the model's version. */
enum place_kind {
    PLACE_COUNTRY,
    PLACE_REGION,   /* first level below: governorate, province, state */
    PLACE_DISTRICT, /* below a region */
    PLACE_CITY,
    PLACE_TOWN,
    PLACE_VILLAGE,
    PLACE_AREA, /* with no government of its own, or with one that is disputed */
    PLACE_SEA,  /* seas, straits and gulfs */
    PLACE_RIVER,
    PLACE_BASE,
    PLACE_AIRPORT,
    PLACE_CROSSING,
    PLACE_PORT,
    PLACE_FIELD, /* of oil or gas */
    PLACE_SHRINE,
    PLACE_CAMP,
    PLACE_PRISON,
    PLACE_SITE,
    PLACE_KINDS
};

const char *place_kind_name(enum place_kind kind); /* NULL beyond PLACE_KINDS */
int place_kind_from_name(const char *name);        /* -1 when there is none of that name */

/* Where a place comes from, and what its number is a number of; configs/models/README.md says more.
 */
enum place_source {
    SOURCE_ISO,
    SOURCE_GEONAMES,
    SOURCE_WOF,
    SOURCE_DR5HN_STATE,
    SOURCE_DR5HN_CITY,
    SOURCE_KHABAR,
    SOURCES
};

struct place {
    uint32_t number;     /* in its source; 0 for a country */
    uint32_t population; /* 0: not known */
    float lat, lon;      /* degrees, WGS 84; NAN: an area without a point */
    char country[2];     /* ISO 3166-1 alpha-2; zeros: none, or several */
    uint8_t kind, source;
    uint8_t strength; /* how surely its name, met in a text, means the place: 0 not at all, up to
                         PLACE_STRENGTHS - 1 */
    uint8_t flags;
    uint8_t spare[2];
};

enum { PLACE_STRENGTHS = 4 };
enum { PLACE_IS_CAPITAL = 1 << 0, PLACE_IS_LEARNT = 1 << 1 };
enum { PLACE_ID_ROOM = 24 };

/* "iso:IQ", "geonames:98182", "wof:85672447", …; terminated. */
void place_id(const struct place *p, char out[PLACE_ID_ROOM]);

struct gazetteer;

enum { GAZETTEER_VERSION = 1, GAZETTEER_WORDS = 8 /* a name has at most */ };

/* Maps the file; errors as model_open(). Free *ret with gazetteer_close(). */
int gazetteer_open(const char *path, struct gazetteer **ret);
struct gazetteer *gazetteer_close(struct gazetteer *g); /* NULL is fine; always returns NULL */

struct gazetteer_match {
    size_t words;
    const uint32_t *places; /* what the name may mean, likeliest first; for gazetteer_place() */
    size_t count;
};

/* The longest name that starts at the word first, without the cut letters in front of it
 * (word_cuts() in classify/clitics.h), and ends before the word end. False: none. */
bool gazetteer_find(const struct gazetteer *g, const struct tokens *t, size_t first, size_t end,
                    unsigned cut, struct gazetteer_match *ret);

/* The same for a name on its own, by the hash of its first word and gazetteer_chain() with each
 * further one; its words are not counted. */
bool gazetteer_find_key(const struct gazetteer *g, uint64_t key, struct gazetteer_match *ret);

/* A word in front of a name that says what kind of place it is: "province", "city", … */
struct place_head {
    const char *word;
    int kind;            /* PLACE_…; -1: a place, of no certain kind */
    const char *country; /* that alone uses the word; NULL: several do */
};

/* Of a word with its prefixes or without; NULL: it is none. */
const struct place_head *gazetteer_head(const struct gazetteer *g, const struct tokens *t,
                                        size_t word);

const struct place *gazetteer_place(const struct gazetteer *g, uint32_t place);

/* The country that an adjective of nationality belongs to, whatever its ending and article; NULL:
 * it is none. */
const char *gazetteer_nationality(const struct gazetteer *g, const uint8_t *letters, size_t count);

/* From names in the text to who, what and where: variants of a name joined, places settled, the
 * scene chosen. */
#pragma once

#include "classify/gazetteer.h"
#include "classify/names.h"
#include "libcommon/buffer.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { ENTITIES_MAX = 256, ENTITY_OFFSETS = 32 };

/* Somebody or something that an article names, once or more. */
struct entity {
    const char *name; /* as in the text, borrowed from it */
    size_t size;
    enum name_type type;
    uint32_t mentions;
    uint32_t offsets[ENTITY_OFFSETS]; /* first ones, in code points of the body; those of the title
                                         have none */
    uint8_t offset_count;
    bool scene;         /* of a place: where the main event happens */
    bool located;       /* place is the one that is meant */
    struct place place; /* of a place that isn't located, only its country counts */
    /* for the steps inside */
    uint64_t key;   /* the gazetteer's, of its words */
    uint32_t first; /* word */
    bool in_title;
    float share; /* of a place: how much of the article is about its country, 0 to 1 */
};

struct entities {
    struct entity items[ENTITIES_MAX]; /* as first named */
    uint16_t order[ENTITIES_MAX]; /* people, organisations and places, most mentioned first within
                                     each type */
    size_t count;
    uint16_t entity_of[NAMES_MAX]; /* of each mention that was given: its place in items;
                                      ENTITIES_MAX: none */
};

struct scene_model;

/* Groups the mentions, which are in the order of the text. Texts are those of t. scene: NULL: no
 * place is marked. */
void entities_find(const struct gazetteer *g, const struct scene_model *scene,
                   const struct tokens *t, const struct name_word *words,
                   const struct name_mention *mentions, size_t count, struct entities *ret);

/* Writes places, people and organisations as fields of LABELS; empty lists are left out. */
void entities_put(const struct entities *all, struct buffer *labels);

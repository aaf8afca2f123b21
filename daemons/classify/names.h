/* People, organisations and places named in an article. */
#pragma once

#include "classify/tokens.h"

enum name_type {
    NAME_PERSON,
    NAME_ORGANISATION,
    NAME_GPE,  /* places with a government: countries, regions, cities */
    NAME_LOC,  /* other places: seas, mountains, parts of the world */
    NAME_FAC,  /* what people built: airports, bridges, squares */
    NAME_NORP, /* nations, religious and political groups */
    NAME_TYPES
};

static inline bool name_type_is_place(enum name_type type)
{
    return type == NAME_GPE || type == NAME_LOC || type == NAME_FAC;
}

/* Where the main event of an article happens: one of the places that it names, or none.
 *
 * A linear model over what speaks for each place: its kind, where and how often it is named, the
 * words and prefixes in front of it, the other places of its country; and over what speaks for none
 * of them. */
#pragma once

#include "classify/places.h"

struct scene_model;

enum {
    SCENE_VERSION = 1,
    SCENE_WEIGHTS = 1, /* section: int16 [SCENE_ROWS] */
    SCENE_ROWS = 1 << 15,
    SCENE_OF_WORDS =
        1 << 12, /* from here on rows speak of words: so many that they would drown the others */
    SCENE_EVIDENCE = 80, /* rows that speak of one place at most */
    SCENE_PLACES = 32,   /* that are considered, the first ones */
};

/* Maps the file; errors as model_open(). Free *ret with scene_model_close(). */
int scene_model_open(const char *path, struct scene_model **ret);
struct scene_model *
scene_model_close(struct scene_model *m); /* NULL is fine; always returns NULL */

/* An article, its names, and what they are names of. */
struct scene_view {
    const struct tokens *tokens;
    const struct name_word *words; /* of the tagger, as many as it looked at */
    const struct name_mention *mentions;
    size_t count;
    const struct entities *entities;
};

/* The entities that are places, in the order in which they are named; returns how many, at most
 * SCENE_PLACES. */
size_t scene_candidates(const struct scene_view *v, uint16_t ret[SCENE_PLACES]);

/* Rows that speak of the candidate at that place in the list, or of none where it is count; returns
 * how many. */
size_t scene_evidence(const struct scene_view *v, const uint16_t *candidates, size_t count,
                      size_t candidate, uint16_t ret_rows[SCENE_EVIDENCE]);

/* The entity that is the scene; -1: none. */
int scene_choose(const struct scene_model *m, const struct scene_view *v);

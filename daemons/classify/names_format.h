/* The mapped form of the names model, for the step that reads it and the program that builds it. */
#pragma once

#include "classify/name_features.h"

enum { NAMES_KNOWN = 1, NAMES_RARE, NAMES_GROUPS, NAMES_CLUSTERS_OF, NAMES_WEIGHTS, NAMES_ROWS, NAMES_MOVES, NAMES_CUTS };

/* Weights are int8, NAMES_SCALE to the unit. NAMES_WEIGHTS: for each known word, then each cluster, NAME_OFFSETS rows of
 * NAME_TAGS: what the word says of the word behind it, of itself, of the word before it. NAMES_MOVES: i16, from
 * tag to tag. NAMES_CUTS: i16, by name_cut_evidence(). */
enum { NAMES_SCALE = 16 };

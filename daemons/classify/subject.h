/* A small network over the words of an article, which tells its topic, or the event that it
 * reports.
 *
 * Each stem and each frequent pair of stems has a vector; headline, first paragraph and the rest
 * are each the scaled sum of their vectors; a hidden layer joins the three, and a softmax over it
 * gives the shares. Made for Arabic; of other languages it knows no words. */
#pragma once

#include "classify/event.h"
#include "classify/model.h"
#include "classify/subject_features.h"
#include "classify/topic.h"

enum {
    SUBJECT_VERSION = 1,
    SUBJECT_SIZE = 64, /* of a vector */
    SUBJECT_INPUTS = SUBJECT_FIELDS * SUBJECT_SIZE,
    SUBJECT_HIDDEN = 96,
    SUBJECT_NO_TOPIC = TOPIC_COUNT, /* a page that is no story */
    SUBJECT_OUTPUTS = TOPIC_COUNT + 1,
    SUBJECT_SLOTS = 1 << 16,
    SUBJECT_MOST_ROWS = SUBJECT_SLOTS * 3 / 4,
};
_Static_assert((int)EVENT_COUNT <= (int)SUBJECT_OUTPUTS, "events fit");

/* The mapped form, for the step that reads it and the program that builds it. */
enum {
    SUBJECT_SECTION_SLOTS = 1, /* uint32_t[SUBJECT_SLOTS]: which row a key has */
    SUBJECT_SECTION_ROWS,      /* int8_t[rows][SUBJECT_SIZE] */
    SUBJECT_SECTION_MASS, /* float[rows]: what a row adds to the square of the length of its field
                           */
    SUBJECT_SECTION_NET,  /* struct subject_net */
};

/* Layers lie input by input. */
struct subject_net {
    float step; /* a weight of 1 in a row */
    float hidden[SUBJECT_INPUTS][SUBJECT_HIDDEN], hidden_bias[SUBJECT_HIDDEN];
    float output[SUBJECT_HIDDEN][SUBJECT_OUTPUTS], output_bias[SUBJECT_OUTPUTS];
    float sharpness[2];  /* of articles, of headlines alone: makes the shares calibrated */
    float section;       /* how many times likelier the topic is that the site's section names */
    float section_alone; /* how often it is the topic */
};

/* A slot is the row counted from 1 under a tag of 16 bits; 0 is empty. */
static inline uint32_t subject_slot(uint64_t hash)
{
    return (uint32_t)(hash >> 20) & (SUBJECT_SLOTS - 1);
}

static inline uint32_t subject_tag(uint64_t hash)
{
    return (uint32_t)(hash >> 48) << 16;
}

struct subject_model;

/* Maps the file; kind is MODEL_TOPIC or MODEL_EVENT; errors as model_open(). Free *ret with
 * subject_model_close(). */
int subject_model_open(const char *path, enum model_kind kind, struct subject_model **ret);
struct subject_model *
subject_model_close(struct subject_model *m); /* NULL is fine; always returns NULL */

/* The share of each topic, then of SUBJECT_NO_TOPIC; or of each event; they sum to 1. Returns how
 * many of the keys the model knows: with none, the shares say nothing. */
size_t subject_tell(const struct subject_model *m, const struct subject_key *keys, size_t count,
                    float ret[SUBJECT_OUTPUTS]);

/* Takes the topic that the site's section names for evidence: its share grows, the others shrink.
 */
void subject_weigh_section(const struct subject_model *m, int topic, float shares[SUBJECT_OUTPUTS]);

/* The shares where nothing but the section is known; topic -1: all are 0. */
void subject_of_section(const struct subject_model *m, int topic, float shares[SUBJECT_OUTPUTS]);

/* The topic of an article, or the event that it reports, told by a linear model over its keys.
 *
 * Each key that the model knows has a row of weights, one for each topic or event. The rows of a
 * space are summed up, each key once, and divided by the length of the space; a softmax over the
 * sum of all spaces gives the shares. Made for Arabic; of other languages it knows no words. */
#pragma once

#include "classify/event.h"
#include "classify/model.h"
#include "classify/subject_features.h"
#include "classify/topic.h"

enum {
    SUBJECT_VERSION = 2,
    SUBJECT_NO_TOPIC = TOPIC_COUNT, /* a page that is no story */
    SUBJECT_OUTPUTS = TOPIC_COUNT + 1,
    SUBJECT_SLOTS = 1 << 17,
    SUBJECT_MOST_ROWS = SUBJECT_SLOTS * 3 / 4,
};
_Static_assert((int)EVENT_COUNT <= (int)SUBJECT_OUTPUTS, "events fit");

/* The mapped form, for the step that reads it and the program that builds it. */
enum {
    SUBJECT_SECTION_SLOTS = 1, /* uint32_t[SUBJECT_SLOTS]: which row a key has */
    SUBJECT_SECTION_ROWS,      /* struct subject_row[rows] */
    SUBJECT_SECTION_SUM,       /* struct subject_sum */
};

struct subject_row {
    int8_t weights[SUBJECT_OUTPUTS];
    uint8_t
        scale; /* in sixteenths; the square of the length of a space is the sum of its squares */
    uint8_t reserved; /* 0 */
};

struct subject_sum {
    float step;                     /* a weight of 1 in a row */
    float weight[SUBJECT_SPACES];   /* of a space in the sum */
    float bias[2][SUBJECT_OUTPUTS]; /* of articles, of headlines alone */
    float sharpness[2];             /* likewise: makes the shares calibrated */
    float section;       /* how many times likelier the topic is that the site's section names */
    float section_alone; /* how often it is the topic */
    float least;         /* an answer with a smaller share is more often wrong than right */
};

enum { SUBJECT_SCALE = 16 }; /* a scale of 1 in a row */

/* A slot is the row counted from 1 under a tag of 15 bits; 0 is empty. */
enum { SUBJECT_SLOT_ROW = SUBJECT_SLOTS - 1 };

static inline uint32_t subject_slot(uint64_t hash)
{
    return (uint32_t)(hash >> 20) & (SUBJECT_SLOTS - 1);
}

static inline uint32_t subject_tag(uint64_t hash)
{
    return (uint32_t)(hash >> 32) & ~(uint32_t)SUBJECT_SLOT_ROW;
}

struct subject_model;

/* Maps the file; kind is MODEL_TOPIC or MODEL_EVENT; errors as model_open(). Free *ret with
 * subject_model_close(). */
int subject_model_open(const char *path, enum model_kind kind, struct subject_model **ret);
struct subject_model *
subject_model_close(struct subject_model *m); /* NULL is fine; always returns NULL */

/* The share of each topic, then of SUBJECT_NO_TOPIC; or of each event; they sum to 1. Returns how
 * many different keys the model knows: with none, the shares say nothing. */
size_t subject_tell(const struct subject_model *m, const struct subject_key *keys, size_t count,
                    float ret[SUBJECT_OUTPUTS]);

/* The share from which on an answer is more often right than wrong, as seen on rows held out. */
float subject_least(const struct subject_model *m);

/* Takes the topic that the site's section names for evidence: its share grows, the others shrink.
 */
void subject_weigh_section(const struct subject_model *m, int topic, float shares[SUBJECT_OUTPUTS]);

/* The shares where nothing but the section is known; topic -1: all are 0. */
void subject_of_section(const struct subject_model *m, int topic, float shares[SUBJECT_OUTPUTS]);

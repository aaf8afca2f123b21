/* What an article is about: IPTC Media Topics, top level,
 * https://cv.iptc.org/newscodes/mediatopic/. */
#pragma once

#include "libcommon/buffer.h"

#include <stddef.h>
#include <stdint.h>

/* In the order of their codes; the order is part of the model's version. */
enum topic {
    TOPIC_CULTURE,
    TOPIC_CRIME,
    TOPIC_DISASTER,
    TOPIC_ECONOMY,
    TOPIC_EDUCATION,
    TOPIC_ENVIRONMENT,
    TOPIC_HEALTH,
    TOPIC_HUMAN_INTEREST,
    TOPIC_LABOUR,
    TOPIC_LIFESTYLE,
    TOPIC_POLITICS,
    TOPIC_RELIGION,
    TOPIC_SCIENCE,
    TOPIC_SOCIETY,
    TOPIC_SPORT,
    TOPIC_CONFLICT,
    TOPIC_WEATHER,
    TOPIC_COUNT
};

struct topic_name {
    const char *code, *english, *arabic; /* names: IPTC, CC BY 4.0 */
};

/* NULL beyond TOPIC_COUNT. */
const struct topic_name *topic_name(enum topic topic);

/* The topic with that code, "medtop:04000000"; -1 when it is not of the top level. */
int topic_from_code(const char *code);

/* The topic that the name of a site's section says, in Arabic or English; -1: it says none. */
int topic_of_section(const char *section, size_t size);

/* Writes FIELD_TOPICS: those with a share of TOPIC_LEAST or more, best first; nothing when no topic
 * has it, or when shares[TOPIC_COUNT], that there is no topic, is the largest. At most most of
 * them. */
#define TOPIC_LEAST 0.1f
void topics_put(const float shares[TOPIC_COUNT + 1], size_t most, struct buffer *out);

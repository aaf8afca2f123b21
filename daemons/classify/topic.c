/* Topics: the codes, and what an article says of them. */
#include "classify/topic.h"

#include "classify/fold.h"
#include "libcommon/fields.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

static const struct topic_name names[TOPIC_COUNT] = {
    {"medtop:01000000", "arts, culture, entertainment and media",    "فنون، ثقافة وترفيه"},
    {"medtop:02000000", "crime, law and justice",                    "جريمة، قانون وقضاء"},
    {"medtop:03000000", "disaster, accident and emergency incident", "كوارث وحوادث"           },
    {"medtop:04000000", "economy, business and finance",             "اقتصاد، اعمال ومال"},
    {"medtop:05000000", "education",                                 "تربية"                        },
    {"medtop:06000000", "environment",                               "بيئة"                          },
    {"medtop:07000000", "health",                                    "صحة"                            },
    {"medtop:08000000", "human interest",                            "قضية انسانية"           },
    {"medtop:09000000", "labor",                                     "عمل"                            },
    {"medtop:10000000", "lifestyle and leisure",                     "حياة يومية وترفيه"  },
    {"medtop:11000000", "politics",                                  "سياسة"                        },
    {"medtop:12000000", "religion and belief",                       "ديانة ومعتقدات"       },
    {"medtop:13000000", "science and technology",                    "علوم وتكنولوجيا"     },
    {"medtop:14000000", "society",                                   "قضايا اجتماعية"       },
    {"medtop:15000000", "sport",                                     "رياضة"                        },
    {"medtop:16000000", "conflict, war and peace",                   "نزاعات، حرب وسلام"  },
    {"medtop:17000000", "weather",                                   "طقس"                            },
};

const struct topic_name *topic_name(enum topic topic)
{
    return (unsigned)topic < TOPIC_COUNT ? &names[topic] : NULL;
}

int topic_from_code(const char *code)
{
    for (int t = 0; t < TOPIC_COUNT; t++)
        if (!strcmp(names[t].code, code))
            return t;
    return -1;
}

/* Words that sections are named with, as tokens fold them: without article and hamza. */
static const struct {
    const char *word;
    enum topic topic;
} section_words[] = {
    {"ثقافه",         TOPIC_CULTURE    },
    {"فن",               TOPIC_CULTURE    },
    {"فنون",           TOPIC_CULTURE    },
    {"مشاهير",       TOPIC_CULTURE    },
    {"culture",            TOPIC_CULTURE    },
    {"arts",               TOPIC_CULTURE    },
    {"entertainment",      TOPIC_CULTURE    },
    {"جريمه",         TOPIC_CRIME      },
    {"قضاء",           TOPIC_CRIME      },
    {"crime",              TOPIC_CRIME      },
    {"حوادث",         TOPIC_DISASTER   },
    {"كوارث",         TOPIC_DISASTER   },
    {"اقتصاد",       TOPIC_ECONOMY    },
    {"اقتصاديه",   TOPIC_ECONOMY    },
    {"مال",             TOPIC_ECONOMY    },
    {"اعمال",         TOPIC_ECONOMY    },
    {"اسواق",         TOPIC_ECONOMY    },
    {"نفط",             TOPIC_ECONOMY    },
    {"economy",            TOPIC_ECONOMY    },
    {"business",           TOPIC_ECONOMY    },
    {"تعليم",         TOPIC_EDUCATION  },
    {"education",          TOPIC_EDUCATION  },
    {"بيئه",           TOPIC_ENVIRONMENT},
    {"مناخ",           TOPIC_ENVIRONMENT},
    {"environment",        TOPIC_ENVIRONMENT},
    {"صحه",             TOPIC_HEALTH     },
    {"طب",               TOPIC_HEALTH     },
    {"health",             TOPIC_HEALTH     },
    {"سياسه",         TOPIC_POLITICS   },
    {"سياسي",         TOPIC_POLITICS   },
    {"سياسيه",       TOPIC_POLITICS   },
    {"politics",           TOPIC_POLITICS   },
    {"دين",             TOPIC_RELIGION   },
    {"religion",           TOPIC_RELIGION   },
    {"علوم",           TOPIC_SCIENCE    },
    {"تكنولوجيا", TOPIC_SCIENCE    },
    {"تقنيه",         TOPIC_SCIENCE    },
    {"science",            TOPIC_SCIENCE    },
    {"technology",         TOPIC_SCIENCE    },
    {"مجتمع",         TOPIC_SOCIETY    },
    {"society",            TOPIC_SOCIETY    },
    {"رياضه",         TOPIC_SPORT      },
    {"رياضي",         TOPIC_SPORT      },
    {"sport",              TOPIC_SPORT      },
    {"sports",             TOPIC_SPORT      },
    {"امن",             TOPIC_CONFLICT   },
    {"امني",           TOPIC_CONFLICT   },
    {"امنيه",         TOPIC_CONFLICT   },
    {"عسكري",         TOPIC_CONFLICT   },
    {"security",           TOPIC_CONFLICT   },
    {"طقس",             TOPIC_WEATHER    },
    {"weather",            TOPIC_WEATHER    },
};

static bool same_word(const char *word, const uint8_t *letters, size_t count)
{
    uint8_t folded[32];
    size_t size = fold_text(word, strlen(word), folded, sizeof folded);
    if (size == count && !memcmp(folded, letters, size))
        return true;
    return count == size + 2 && letters[0] == FOLD_ALEF && letters[1] == FOLD_LAM &&
           !memcmp(folded, letters + 2, size);
}

static int topic_of_word(const uint8_t *letters, size_t count)
{
    for (size_t i = 0; i < sizeof section_words / sizeof *section_words; i++)
        if (same_word(section_words[i].word, letters, count))
            return section_words[i].topic;
    return -1;
}

int topic_of_section(const char *section, size_t size)
{
    uint8_t letters[128];
    size_t count = fold_text(section, size, letters, sizeof letters), at = 0;
    int found = -1;
    while (at < count && found < 0) {
        const uint8_t *end = memchr(letters + at, 0, count - at);
        size_t length = end ? (size_t)(end - letters) - at : count - at;
        found = topic_of_word(letters + at, length);
        at += length + 1;
    }
    return found;
}

static void put_topic(enum topic topic, float share, struct buffer *out)
{
    size_t object = fields_open(out, FIELD_NONE, FIELD_OBJECT);
    fields_put_string(out, FIELD_CODE, names[topic].code);
    fields_put_string(out, FIELD_NAME, names[topic].english);
    fields_put_string(out, FIELD_NAME_AR, names[topic].arabic);
    fields_put_real(out, FIELD_CONFIDENCE, round((double)share * 1000) / 1000);
    fields_close(out, object);
}

/* The largest share that is not yet said; -1: none of TOPIC_LEAST is left. */
static int next_best(const float *shares, const bool *done)
{
    int best = -1;
    for (int t = 0; t < TOPIC_COUNT; t++)
        if (!done[t] && shares[t] >= TOPIC_LEAST && (best < 0 || shares[t] > shares[best]))
            best = t;
    return best;
}

void topics_put(const float shares[TOPIC_COUNT + 1], size_t most, struct buffer *out)
{
    bool done[TOPIC_COUNT] = {false};
    int best = next_best(shares, done);
    if (best < 0 || shares[TOPIC_COUNT] > shares[best])
        return;
    size_t list = fields_open(out, FIELD_TOPICS, FIELD_LIST);
    for (size_t i = 0; i < most && best >= 0; i++, best = next_best(shares, done)) {
        done[best] = true;
        put_topic((enum topic)best, shares[best], out);
    }
    fields_close(out, list);
}

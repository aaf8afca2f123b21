/* People, organisations and places named in an article: a linear-chain tagger over its words. */
#pragma once

#include "classify/gazetteer.h"
#include "classify/tokens.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The order is part of the model's version. */
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

struct names_model;

enum { NAMES_VERSION = 2 };

/* Maps the file; errors as model_open(). Free *ret with names_model_close(). */
int names_model_open(const char *path, struct names_model **ret);
struct names_model *
names_model_close(struct names_model *m); /* NULL is fine; always returns NULL */

/* Memory of one thread. */
struct names_scratch;
int names_scratch_new(struct names_scratch **ret); /* -ENOMEM */
struct names_scratch *names_scratch_free(struct names_scratch *s);

/* A name in the text. */
struct name_mention {
    uint32_t first, last; /* words, counted over the whole article */
    uint8_t type;         /* enum name_type */
    uint8_t cut; /* letters of the first word that are prefixes: و ف ب ل ك, not the article */
};

enum { NAMES_MAX = 1024 };

/* Finds the names among the first NAME_WORDS words, in order, at most NAMES_MAX. prose says of each
 * of those words whether it may be part of one (prose_mark()); NULL: all may. *ret is the scratch's
 * until the next call. */
size_t names_find(const struct names_model *m, const struct gazetteer *g, struct names_scratch *s,
                  const struct tokens *t, const bool *prose, const struct name_mention **ret);

/* What it saw of each of those words; the scratch's until the next call. */
struct name_word;
const struct name_word *names_words(const struct names_scratch *s);

/* The text of a mention, without its prefixes, with a quotation mark or bracket that it opens
 * closed. */
const char *name_text(const struct tokens *t, const struct name_mention *m, size_t *ret_size);

/* The language and script that a text is written in.
 *
 * Arabic script: a linear model over pairs, triples and quadruples of letters, which tells the
 * languages that share the script apart. Latin script: the small words and letters that languages
 * have for themselves (language_latin.c). */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The order is part of the model's version. LANGUAGE_OTHER is `und`: none of these, or nothing to
 * tell by. */
enum language {
    LANGUAGE_OTHER,
    LANGUAGE_ARABIC, /* all its dialects too */
    LANGUAGE_PERSIAN,
    LANGUAGE_DARI,
    LANGUAGE_URDU,
    LANGUAGE_SORANI,
    LANGUAGE_KURMANJI,
    LANGUAGE_PASHTO,
    LANGUAGE_UYGHUR,
    LANGUAGE_SINDHI,
    LANGUAGE_AZERBAIJANI, /* South Azerbaijani */
    LANGUAGE_TURKISH,
    LANGUAGE_ENGLISH,
    LANGUAGE_FRENCH,
    LANGUAGE_COUNT
};

enum script { SCRIPT_NONE, SCRIPT_ARABIC, SCRIPT_LATIN, SCRIPT_OTHER, SCRIPT_COUNT };

struct language_guess {
    enum language language;
    enum script script; /* of most letters */
    float confidence;   /* 0 to 1 */
};

const char *language_tag(enum language language); /* BCP 47; NULL beyond LANGUAGE_COUNT */
const char *script_code(enum script script);      /* ISO 15924; NULL for SCRIPT_NONE */

enum {
    LANGUAGE_MODEL_VERSION = 1,
    LANGUAGE_LANES = 16, /* languages of the model, padded; in the order of enum language */
    LANGUAGE_BUCKETS = 1 << 15,
    /* sections */
    LANGUAGE_SECTION_WEIGHTS = 1, /* int8 [LANGUAGE_BUCKETS][LANGUAGE_LANES] */
    LANGUAGE_SECTION_SCALE,       /* struct language_scale */
};

struct language_scale {
    float step;                 /* a weight of 1 */
    float bias[LANGUAGE_LANES]; /* of each language; very low for those that the model does not know
                                 */
};

struct language_model;

/* Free *ret with language_model_close(). Errors as model_open(). */
int language_model_open(const char *path, struct language_model **ret);
struct language_model *language_model_close(struct language_model *m);

/* The language of one run of text: a headline, a paragraph. Well-formed UTF-8. */
struct language_guess language_identify(const struct language_model *m, const char *text,
                                        size_t size);

struct language_line {
    struct language_guess guess;
    size_t start, end; /* bytes of the text, without the line feed */
};

/* The language of a text of several lines, and of each line that has a letter, in order, at most
 * room of them; lines too short to tell count as the text's. *ret_differ: not all are the same.
 * Returns the number of lines told. */
size_t language_identify_lines(const struct language_model *m, const char *text, size_t size,
                               struct language_guess *ret_text, struct language_line *lines,
                               size_t room, bool *ret_differ);

/* What the model sees of a text; for its training. */
struct language_view {
    size_t at;                    /* how far it was read */
    size_t letters[SCRIPT_COUNT]; /* so far */
    uint32_t last;                /* the last four symbols, one byte each */
};

/* Reads on until the end of the text or until room is used up; out gets the buckets of the n-grams
 * of Arabic letters. Returns how many. Start with a view of zeros; done when view->at == size. */
size_t language_read(struct language_view *view, const char *text, size_t size, uint16_t *out,
                     size_t room);

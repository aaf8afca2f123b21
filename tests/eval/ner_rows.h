/* Rows of the sets for names: articles with the names that annotators marked, found again among the
 * words. */
#pragma once

#include "classify/names.h"
#include "classify/tokens.h"

#include <stddef.h>
#include <stdint.h>

struct ner_name {
    enum name_type type;
    const char *surface; /* as annotated, its prefixes cut */
    char country[3];     /* of a place; empty: none */
    int32_t first, last; /* words, counted over the whole article; -1: not found */
    uint8_t cut;         /* letters of the first word that are no part of it */
};

struct ner_row {
    const char *id;
    char *title, *body; /* owned, NUL-terminated; body may be empty */
    struct tokens tokens;
    struct ner_name *names;
    size_t count;
    const char *scene; /* surface of a place; "": none */
};

struct ner_rows {
    struct ner_row *items;
    size_t count;
};

/* Rows of ner/khabar_train.tsv or khabar_dev.tsv. */
struct ner_rows ner_rows_read(const char *data_dir, const char *name);

/* Rows that are held out of a training, for choices to be made by: each every-th, from first on. */
struct ner_hold_out {
    size_t every, first; /* every: 0: none */
};

/* KHABAR_HELD_OUT=N[:FIRST] of the environment. */
struct ner_hold_out ner_hold_out_wanted(void);
bool ner_is_held_out(struct ner_hold_out h, size_t row);

/* Rows of khabar_train.tsv that are not judged on (ner_dev_holds()), without those held out. */
struct ner_rows ner_training_rows(const char *data_dir, struct ner_hold_out held_out);

/* What annotators marked, as mentions; returns how many. */
size_t ner_row_mentions(const struct ner_row *row, struct name_mention ret[NAMES_MAX]);

/* The mention that has the surface of the scene; -1: none. */
int ner_row_scene(const struct ner_row *row, const struct name_mention *mentions, size_t count);

/* Sentences of ner/train.txt, val.txt or test.txt (Wojood), outermost names of the six types, the
 * words joined by spaces into bodies. OCC, EVENT and other types do not count, what is nested in
 * them does. */
struct ner_rows ner_wojood_read(const char *data_dir, const char *name);

/* Whether a text is one that khabar_dev.tsv holds (by id, or by the letters of its title); for
 * every training. */
struct ner_dev;
struct ner_dev *ner_dev_read(const char *data_dir);
bool ner_dev_holds(const struct ner_dev *dev, const char *id, const char *title);

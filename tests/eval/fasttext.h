/* fastText beside ours: Debian's program, taught and asked with the same rows. */
#pragma once

#include "tests/eval/corpus.h"

/* A text and its class. */
struct fasttext_row {
    const char *title, *text; /* text: "" for a headline alone */
    int class;
};

/* Teaches it in a temporary folder. Returns NULL when it isn't installed. */
struct fasttext *fasttext_learn(const struct fasttext_row *rows, size_t count);

/* Writes its answer for each row; -1 where it has none. Returns the CPU seconds that its program
 * took, loading the model included. */
double fasttext_ask(const struct fasttext *f, const struct fasttext_row *rows, size_t count,
                    int *answers);

struct fasttext *
fasttext_free(struct fasttext *f); /* removes the folder; NULL is fine; returns NULL */

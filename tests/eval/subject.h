/* How well topics or events are told, ours and fastText's, over the sets that models are judged on.
 */
#pragma once

#include "classify/subject.h"
#include "tests/eval/corpus.h"

struct subject_task {
    const char *name; /* also of the model: NAME.model */
    enum model_kind kind;
    int (*truth)(const struct sample *s);  /* a class, or -1: the row is not counted */
    int (*second)(const struct sample *s); /* -1: none */
    const char *(*class_name)(int class);
};

/* The whole program: its arguments are DATA_DIR and, if wanted, MODELS_DIR. */
int subject_evaluate(const struct subject_task *task, int argc, char **argv);

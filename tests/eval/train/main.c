/* train WHAT DATA_DIR OUT_DIR: rebuilds a model from the data folder. */
#include "tests/eval/train/train.h"

#include <stdio.h>
#include <string.h>

static const struct {
    const char *name;
    int (*train)(const char *data_dir, const char *out_dir);
} trainings[] = {
    {"language",  train_language },
    {"gazetteer", train_gazetteer},
    {"names",     train_names    },
    {"scene",     train_scene    },
    {"topic",     train_topic    },
    {"event",     train_event    },
};

int main(int argc, char **argv)
{
    for (size_t i = 0; argc == 4 && i < sizeof trainings / sizeof *trainings; i++) {
        if (strcmp(argv[1], trainings[i].name))
            continue;
        int r = trainings[i].train(argv[2], argv[3]);
        if (r < 0)
            fprintf(stderr, "%s: cannot write the model: %s\n", argv[1], strerror(-r));
        return r < 0;
    }
    fprintf(stderr, "usage: train WHAT DATA_DIR OUT_DIR, WHAT one of:");
    for (size_t i = 0; i < sizeof trainings / sizeof *trainings; i++)
        fprintf(stderr, " %s", trainings[i].name);
    fputc('\n', stderr);
    return 2;
}

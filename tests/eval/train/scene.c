/* Training of the choice of the scene: a softmax over the places of an article and "none of them".
 */
#include "tests/eval/train/train.h"

#include "classify/model.h"
#include "classify/scene.h"
#include "tests/eval/corpus.h"
#include "tests/eval/ner_rows.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { EPOCHS = 30, UNIT = 256 /* of the weights as integers */ };
static const double RATE = 0.1, DECAY = 1;

/* One article: rows that speak of each choice, and the right one. */
struct example {
    uint16_t (*rows)[SCENE_EVIDENCE];
    size_t *row_counts, count, right;
};

static void *need(void *p)
{
    if (!p)
        corpus_fail("out of memory");
    return p;
}

struct tools {
    struct gazetteer *gazetteer;
    struct names_model *names; /* for what it sees of words, not for the names that it finds */
    struct names_scratch *scratch;
};

/* False: the scene that annotators chose is not among the places. */
static bool make_example(const struct tools *tools, const struct ner_row *row, struct example *ret)
{
    static struct name_mention mentions[NAMES_MAX];
    static struct entities entities;
    size_t count = ner_row_mentions(row, mentions);
    const struct name_mention *found;
    names_find(tools->names, tools->gazetteer, tools->scratch, &row->tokens, NULL, &found);
    entities_find(tools->gazetteer, NULL, &row->tokens, NULL, mentions, count, &entities);
    const struct scene_view view = {&row->tokens, names_words(tools->scratch), mentions, count,
                                    &entities};
    uint16_t candidates[SCENE_PLACES];
    size_t places = scene_candidates(&view, candidates);
    int scene = ner_row_scene(row, mentions, count);
    *ret = (struct example){.count = places + 1, .right = *row->scene ? SIZE_MAX : places};
    for (size_t i = 0; i < places && scene >= 0; i++)
        if (candidates[i] == entities.entity_of[scene])
            ret->right = i;
    if (!places || ret->right == SIZE_MAX)
        return false;
    ret->rows = need(calloc(ret->count, sizeof *ret->rows));
    ret->row_counts = need(calloc(ret->count, sizeof *ret->row_counts));
    for (size_t i = 0; i < ret->count; i++)
        ret->row_counts[i] = scene_evidence(&view, candidates, places, i, ret->rows[i]);
    return true;
}

/* One step of AdaGrad on the likelihood of the right choice. */
static void step(const struct example *e, double *weights, double *squares)
{
    double p[SCENE_PLACES + 1], sum = 0, highest = -INFINITY;
    for (size_t i = 0; i < e->count; i++) {
        p[i] = 0;
        for (size_t k = 0; k < e->row_counts[i]; k++)
            p[i] += weights[e->rows[i][k]];
        highest = fmax(highest, p[i]);
    }
    for (size_t i = 0; i < e->count; i++)
        sum += p[i] = exp(p[i] - highest);
    for (size_t i = 0; i < e->count; i++) {
        double gradient = (i == e->right) - p[i] / sum;
        for (size_t k = 0; k < e->row_counts[i]; k++) {
            uint16_t row = e->rows[i][k];
            double g = gradient - DECAY * weights[row];
            squares[row] += g * g;
            weights[row] += RATE * g / sqrt(squares[row] + 1e-6);
        }
    }
}

static void learn(const struct example *examples, size_t count, double *weights)
{
    double *squares = need(calloc(SCENE_ROWS, sizeof *squares)),
           *sums = need(calloc(SCENE_ROWS, sizeof *sums));
    uint64_t state = 1;
    for (int epoch = 0; epoch < EPOCHS; epoch++) {
        for (size_t i = 0; i < count; i++)
            step(&examples[corpus_random(&state) % count], weights, squares);
        for (size_t i = 0; i < SCENE_ROWS && epoch >= EPOCHS / 2; i++)
            sums[i] += weights[i];
    }
    for (size_t i = 0; i < SCENE_ROWS; i++)
        weights[i] = sums[i] / (EPOCHS - EPOCHS / 2);
    free(squares);
    free(sums);
}

static int train_rows(const struct tools *tools, const char *data_dir, struct ner_hold_out held_out,
                      const char *out_dir)
{
    struct ner_rows rows = ner_training_rows(data_dir, held_out);
    struct example *examples = need(calloc(rows.count + 1, sizeof *examples));
    size_t count = 0;
    for (size_t i = 0; i < rows.count; i++)
        count += make_example(tools, &rows.items[i], &examples[count]);
    double *weights = need(calloc(SCENE_ROWS, sizeof *weights));
    int16_t *out = need(calloc(SCENE_ROWS, sizeof *out));
    if (count)
        learn(examples, count, weights);
    for (size_t i = 0; i < SCENE_ROWS; i++)
        out[i] = (int16_t)lround(fmax(-INT16_MAX, fmin(INT16_MAX, weights[i] * UNIT)));
    printf("examples %zu\n", count);
    struct model_part part = {SCENE_WEIGHTS, out, SCENE_ROWS * sizeof *out};
    char path[4096];
    snprintf(path, sizeof path, "%s/scene.model", out_dir);
    return model_write(path, MODEL_SCENE, SCENE_VERSION, &part, 1);
}

/* KHABAR_HELD_OUT, KHABAR_HELD_OUT_DIR: as train_names(). */
int train_scene(const char *data_dir, const char *out_dir)
{
    struct tools tools = {0};
    char path[4096];
    snprintf(path, sizeof path, "%s/places.model", out_dir);
    int r = gazetteer_open(path, &tools.gazetteer);
    if (r == 0) {
        snprintf(path, sizeof path, "%s/names.model", out_dir);
        r = names_model_open(path, &tools.names);
    }
    if (r < 0)
        corpus_fail("%s: %s (train gazetteer and names first)", path, strerror(-r));
    r = names_scratch_new(&tools.scratch);
    if (r == 0)
        r = train_rows(&tools, data_dir, (struct ner_hold_out){0}, out_dir);
    struct ner_hold_out held_out = ner_hold_out_wanted();
    const char *dir = getenv("KHABAR_HELD_OUT_DIR");
    if (r == 0 && held_out.every && dir)
        r = train_rows(&tools, data_dir, held_out, dir);
    names_scratch_free(tools.scratch);
    names_model_close(tools.names);
    gazetteer_close(tools.gazetteer);
    return r;
}

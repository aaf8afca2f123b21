/* Judging the models of topics and events. */
#include "tests/eval/subject.h"

#include "classify/tokens.h"
#include "tests/eval/fasttext.h"
#include "tests/eval/judged.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct {
    const char *name;
    int set;
    bool headline;
    size_t least; /* confusions told */
} trials[] = {
    {"natural",          DEV_NATURAL,   false, 3 },
    {"natural_headline", DEV_NATURAL,   true,  4 },
    {"hard",             DEV_HARD,      false, 8 },
    {"hard_headline",    DEV_HARD,      true,  10},
    {"iraq_headline",    DEV_HEADLINES, true,  4 },
};

static void *need(void *p)
{
    if (!p)
        corpus_fail("out of memory");
    return p;
}

static int tell(const struct subject_model *m, const struct subject_task *task,
                const struct sample *s, bool headline, float *ret_confidence)
{
    static struct tokens t;
    static struct subject_key keys[SUBJECT_KEYS];
    float shares[SUBJECT_OUTPUTS];
    int best = 0, outputs = task->kind == MODEL_EVENT ? (int)EVENT_COUNT : (int)SUBJECT_OUTPUTS;
    tokens_clear(&t);
    if (tokens_add(&t, PART_TITLE, s->title, strlen(s->title)) ||
        (!headline && tokens_add(&t, PART_BODY, s->text, strlen(s->text))))
        corpus_fail("out of memory");
    subject_tell(m, keys, subject_keys(&t, keys), shares);
    for (int o = 1; o < outputs; o++)
        best = shares[o] > shares[best] ? o : best;
    *ret_confidence = shares[best];
    return best;
}

static size_t ask_ours(const struct subject_model *m, const struct subject_task *task,
                       const struct corpus *dev, bool headline, struct judged *out)
{
    size_t count = 0;
    for (size_t i = 0; i < dev->count; i++) {
        const struct sample *s = &dev->items[i];
        struct judged j = {.truth = task->truth(s), .second = task->second(s), .text = s->title};
        if (j.truth < 0)
            continue;
        j.answer = tell(m, task, s, headline, &j.confidence);
        out[count++] = j;
    }
    return count;
}

static size_t add_rows(const struct subject_task *task, const struct corpus *c, bool headline,
                       struct fasttext_row *out)
{
    size_t count = 0;
    for (size_t i = 0; i < c->count; i++)
        if (task->truth(&c->items[i]) >= 0)
            out[count++] = (struct fasttext_row){
                c->items[i].title, headline ? "" : c->items[i].text, task->truth(&c->items[i])};
    return count;
}

/* Taught with what ours has labels of: articles, their headlines, and the headlines of Iraq. */
static struct fasttext *teach_fasttext(const struct subject_task *task, const char *data_dir)
{
    struct corpus labelled = corpus_labelled(data_dir, "topics/train.tsv");
    struct corpus headlines = corpus_labelled(data_dir, "iraq_headlines/train.tsv");
    corpus_exclude_dev(data_dir, &labelled);
    corpus_exclude_dev(data_dir, &headlines);
    struct fasttext_row *rows =
        need(malloc((2 * labelled.count + headlines.count + 1) * sizeof *rows));
    size_t count = add_rows(task, &labelled, false, rows);
    count += add_rows(task, &labelled, true, rows + count);
    count += add_rows(task, &headlines, true, rows + count);
    struct fasttext *f = fasttext_learn(rows, count);
    free(rows);
    return f;
}

static void ask_fasttext(const struct fasttext *f, const struct subject_task *task,
                         const struct corpus *dev, bool headline, const char *name)
{
    struct fasttext_row *rows = need(malloc((dev->count + 1) * sizeof *rows));
    int *answers = need(malloc((dev->count + 1) * sizeof *answers));
    struct judged *list = need(malloc((dev->count + 1) * sizeof *list));
    size_t count = add_rows(task, dev, headline, rows);
    fasttext_ask(f, rows, count, answers);
    for (size_t i = 0; i < count; i++)
        list[i] = (struct judged){.truth = rows[i].class,
                                  .answer = answers[i] < 0 ? JUDGED_CLASSES - 1 : answers[i],
                                  .confidence = -1};
    judged_print(name, list, count);
    free(rows);
    free(answers);
    free(list);
}

int subject_evaluate(const struct subject_task *task, int argc, char **argv)
{
    if (argc < 2 || argc > 3)
        corpus_fail("usage: eval-%s DATA_DIR [MODELS_DIR]", task->name);
    char path[4096], name[64];
    struct subject_model *m;
    snprintf(path, sizeof path, "%s/%s.model", argc > 2 ? argv[2] : KHABAR_MODELS, task->name);
    int r = subject_model_open(path, task->kind, &m);
    if (r < 0)
        corpus_fail("%s: %s", path, strerror(-r));
    struct fasttext *f = teach_fasttext(task, argv[1]);
    for (size_t t = 0; t < sizeof trials / sizeof *trials; t++) {
        struct corpus dev = corpus_labelled(argv[1], corpus_dev_names[trials[t].set]);
        struct judged *list = need(malloc((dev.count + 1) * sizeof *list));
        size_t count = ask_ours(m, task, &dev, trials[t].headline, list);
        snprintf(name, sizeof name, "%s_%s", task->name, trials[t].name);
        judged_print(name, list, count);
        if (task->kind == MODEL_EVENT)
            judged_print_told(name, list, count, subject_least(m), EVENT_NONE);
        judged_print_wrong(name, list, count, trials[t].least, task->class_name);
        snprintf(name, sizeof name, "fasttext_%s_%s", task->name, trials[t].name);
        if (f)
            ask_fasttext(f, task, &dev, trials[t].headline, name);
        free(list);
    }
    if (!f)
        printf("# fastText is not installed\n");
    fasttext_free(f);
    subject_model_close(m);
    return 0;
}

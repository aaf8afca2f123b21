/* Training of the models of topics and events: vectors of words from all articles, several networks
 * from the labelled ones, then one network from the labels and from what those say of the rest. */
#include "tests/eval/train/train.h"

#include "classify/fingerprint.h"
#include "tests/eval/corpus.h"
#include "tests/eval/train/learner.h"
#include "tests/eval/train/subject_words.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

enum { FOLDS = 8, TEACHERS = 3, TEACHER_EPOCHS = 10, EPOCHS = 6, HEADLINE_TIMES = 3 };

static const float second_share = 0.15f; /* of the second topic in what is to be learnt */
static const float told_weight = 0.5f;   /* of an article that only the teachers have labelled */

/* A sample with its text; share: what it is said to be. */
struct pupil {
    const struct sample *sample;
    struct learner_text text;
    float share[SUBJECT_OUTPUTS];
    bool held_out;
};

struct class
{
    struct pupil *pupils;
    size_t count;
};

struct school {
    struct subject_words *words;
    struct class labelled, headlines, rest;
};

static void *need(void *p)
{
    if (!p)
        corpus_fail("out of memory");
    return p;
}

static struct minhash *signatures(const struct corpus *c)
{
    struct minhash *list = need(malloc((c->count + 1) * sizeof *list));
    struct tokens t = {0};
    struct fingerprint f;
    for (size_t i = 0; i < c->count; i++) {
        const struct sample *s = &c->items[i];
        tokens_clear(&t);
        if (tokens_add(&t, PART_TITLE, s->title, strlen(s->title)) ||
            tokens_add(&t, PART_BODY, s->text, strlen(s->text)))
            corpus_fail("out of memory");
        fingerprint_make(&t, &f);
        list[i] = f.minhash;
    }
    tokens_free(&t);
    return list;
}

/* Takes out what is nearly the same as an article that models are judged on; returns how many went.
 */
static size_t leave_out_near(const char *data_dir, struct corpus *c)
{
    struct minhash *mine = signatures(c);
    bool *near = need(calloc(c->count + 1, sizeof *near));
    for (int d = 0; d < DEV_COUNT; d++) {
        struct corpus dev = corpus_labelled(data_dir, corpus_dev_names[d]);
        struct minhash *theirs = signatures(&dev);
        for (size_t i = 0; i < c->count; i++)
            for (size_t k = 0; k < dev.count && !near[i]; k++)
                near[i] = minhash_similarity(&mine[i], &theirs[k]) >= MINHASH_NEAR;
        free(theirs);
        free(dev.items);
    }
    size_t kept = 0, count = c->count;
    for (size_t i = 0; i < count; i++)
        if (!near[i])
            c->items[kept++] = c->items[i];
    c->count = kept;
    free(mine);
    free(near);
    return count - kept;
}

static void leave_out_dev(const char *data_dir, struct corpus *c, const char *name)
{
    size_t same = corpus_exclude_dev(data_dir, c), near = leave_out_near(data_dir, c);
    printf("%s %zu, judged on and left out: %zu the same, %zu nearly\n", name, c->count, same,
           near);
    fflush(stdout);
}

/* Ends the process if anything that will be learnt from has an id or a headline of a dev file, as
 * the files say them. */
static void insist_on_no_dev(const char *data_dir, const struct class *class)
{
    for (int d = 0; d < DEV_COUNT; d++) {
        struct table dev = corpus_table(data_dir, corpus_dev_names[d], true);
        for (size_t i = 0; i < class->count; i++)
            for (size_t k = 0; k < dev.count; k++)
                if (!strcmp(class->pupils[i].sample->id, dev.rows[k][0]) ||
                    (dev.columns > 4 && !strcmp(class->pupils[i].sample->title, dev.rows[k][4])))
                    corpus_fail("%s of %s is about to be learnt from", dev.rows[k][0],
                                corpus_dev_names[d]);
    }
}

static void set_topic(struct pupil *p)
{
    const struct sample *s = p->sample;
    bool second = s->topic >= 0 && s->second_topic >= 0;
    p->share[s->topic >= 0 ? s->topic : (int)SUBJECT_NO_TOPIC] += second ? 1 - second_share : 1;
    if (second)
        p->share[s->second_topic] += second_share;
}

static void set_event(struct pupil *p)
{
    if (p->sample->event < 0)
        corpus_fail("%s has no event", p->sample->id);
    p->share[p->sample->event] = 1;
}

static struct class class_of(const struct school *school, const struct corpus *c,
                             const char *data_dir)
{
    struct class class = {need(calloc(c->count + 1, sizeof *class.pupils)), c->count};
    for (size_t i = 0; i < c->count; i++) {
        struct pupil *p = &class.pupils[i];
        p->sample = &c->items[i];
        p->text = subject_words_read(school->words, p->sample);
        p->held_out = XXH3_64bits(p->sample->id, strlen(p->sample->id)) % FOLDS == 0;
    }
    insist_on_no_dev(data_dir, &class);
    return class;
}

static int by_value(const void *a, const void *b)
{
    const uint64_t *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

/* The articles that are not among the labelled ones, nor have the text or headline of one. */
static struct corpus rest_of(const struct corpus *articles, const struct corpus *labelled)
{
    struct corpus rest = {need(malloc((articles->count + 1) * sizeof *rest.items)), 0};
    uint64_t *keys = need(malloc((2 * labelled->count + 1) * sizeof *keys));
    for (size_t i = 0; i < labelled->count; i++) {
        keys[2 * i] = labelled->items[i].text_hash;
        keys[2 * i + 1] = labelled->items[i].title_hash;
    }
    qsort(keys, 2 * labelled->count, sizeof *keys, by_value);
    for (size_t i = 0; i < articles->count; i++) {
        const struct sample *s = &articles->items[i];
        if (!bsearch(&s->text_hash, keys, 2 * labelled->count, sizeof *keys, by_value) &&
            !bsearch(&s->title_hash, keys, 2 * labelled->count, sizeof *keys, by_value))
            rest.items[rest.count++] = *s;
    }
    free(keys);
    return rest;
}

static struct school school_open(const char *data_dir)
{
    struct school school = {0};
    struct corpus articles = corpus_articles(data_dir);
    struct corpus labelled = corpus_labelled(data_dir, "topics/train.tsv");
    struct corpus headlines = corpus_labelled(data_dir, "iraq_headlines/train.tsv");
    leave_out_dev(data_dir, &articles, "articles");
    leave_out_dev(data_dir, &labelled, "labelled");
    leave_out_dev(data_dir, &headlines, "headlines");
    school.words = subject_words_learn(&articles);
    printf("stems %zu words_and_pairs %zu\n", school.words->stems->count,
           school.words->others->count);
    fflush(stdout);
    struct corpus rest = rest_of(&articles, &labelled);
    school.labelled = class_of(&school, &labelled, data_dir);
    school.headlines = class_of(&school, &headlines, data_dir);
    school.rest = class_of(&school, &rest, data_dir);
    printf("without_labels %zu\n", rest.count);
    return school;
}

static size_t add_lesson(struct lesson *out, const struct pupil *p, int fields, float weight)
{
    out->text = &p->text;
    out->fields = fields;
    out->weight = weight;
    memcpy(out->target, p->share, sizeof out->target);
    return 1;
}

/* Articles are learnt whole and as headlines. Returns the number of lessons; out has room for all.
 */
static size_t add_labelled(const struct school *school, bool hold_out, struct lesson *out)
{
    size_t count = 0;
    for (size_t i = 0; i < school->labelled.count; i++) {
        const struct pupil *p = &school->labelled.pupils[i];
        if (hold_out && p->held_out)
            continue;
        count += add_lesson(&out[count], p, SUBJECT_FIELDS, 1);
        count += add_lesson(&out[count], p, 1, 1);
    }
    for (size_t i = 0; i < school->headlines.count; i++)
        for (int k = 0; k < HEADLINE_TIMES; k++)
            if (!hold_out || !school->headlines.pupils[i].held_out)
                count += add_lesson(&out[count], &school->headlines.pupils[i], 1, 1);
    return count;
}

/* Several networks learn from the labels; what they say of whole articles becomes the share of the
 * rest. */
static void tell_rest(struct school *school, const struct lesson *lessons, size_t count,
                      int outputs)
{
    for (size_t i = 0; i < school->rest.count; i++)
        memset(school->rest.pupils[i].share, 0, sizeof school->rest.pupils[i].share);
    for (unsigned t = 0; t < TEACHERS; t++) {
        struct learner *teacher = learner_new(&school->words->rows, outputs, 7 + t);
        learner_train(teacher, lessons, count, TEACHER_EPOCHS);
        for (size_t i = 0; i < school->rest.count; i++) {
            struct pupil *p = &school->rest.pupils[i];
            float values[SUBJECT_OUTPUTS];
            learner_output(teacher, &p->text, SUBJECT_FIELDS, values);
            learner_softmax(values, outputs, 1);
            for (int o = 0; o < outputs; o++)
                p->share[o] += values[o] / TEACHERS;
        }
        learner_free(teacher);
    }
}

static struct learner *teach(struct school *school, bool hold_out, int outputs)
{
    size_t most = 2 * (school->labelled.count + school->rest.count) +
                  HEADLINE_TIMES * school->headlines.count;
    struct lesson *lessons = need(malloc((most + 1) * sizeof *lessons));
    size_t count = add_labelled(school, hold_out, lessons);
    tell_rest(school, lessons, count, outputs);
    for (size_t i = 0; i < school->rest.count; i++) {
        count += add_lesson(&lessons[count], &school->rest.pupils[i], SUBJECT_FIELDS, told_weight);
        count += add_lesson(&lessons[count], &school->rest.pupils[i], 1, told_weight);
    }
    struct learner *l = learner_new(&school->words->rows, outputs, 1);
    learner_train(l, lessons, count, EPOCHS);
    free(lessons);
    return l;
}

/* What a network says of those held out. */
struct exam {
    float (*values)[SUBJECT_OUTPUTS];
    int *truth, *section; /* section: the topic that it names, or -1 */
    size_t count;
};

static int best_of(const float *values, int outputs)
{
    int best = 0;
    for (int o = 1; o < outputs; o++)
        best = values[o] > values[best] ? o : best;
    return best;
}

static void examine(struct learner *l, const struct class *class, int fields, int outputs,
                    struct exam *e)
{
    for (size_t i = 0; i < class->count; i++) {
        const struct pupil *p = &class->pupils[i];
        if (!p->held_out)
            continue;
        learner_output(l, &p->text, fields, e->values[e->count]);
        e->section[e->count] = topic_of_section(p->sample->section, strlen(p->sample->section));
        e->truth[e->count++] = best_of(p->share, outputs);
    }
}

/* Minus the mean logarithm of the share that the truth gets. */
static double loss_at(const struct exam *e, int outputs, float sharpness)
{
    double loss = 0;
    for (size_t i = 0; i < e->count; i++) {
        float values[SUBJECT_OUTPUTS];
        memcpy(values, e->values[i], sizeof values);
        learner_softmax(values, outputs, sharpness);
        loss -= log((double)values[e->truth[i]] + 1e-9);
    }
    return loss / (double)e->count;
}

/* The sharpness at which those held out are told with the smallest loss. */
static float calibrate(const struct exam *e, int outputs)
{
    float best = 1;
    double least = loss_at(e, outputs, best);
    for (int step = 10; step <= 60; step++) {
        double loss = loss_at(e, outputs, (float)step / 30);
        if (loss < least) {
            least = loss;
            best = (float)step / 30;
        }
    }
    return best;
}

/* How much likelier a section makes its topic: with the smallest loss over those whose section
 * names one. */
static float weigh_section(const struct exam *e, int outputs, float sharpness)
{
    float best = 1;
    double least = 0;
    for (int step = 0; step <= 16; step++) {
        float factor = 1 + (float)step / 2;
        double loss = 0;
        for (size_t i = 0; i < e->count; i++) {
            float values[SUBJECT_OUTPUTS];
            if (e->section[i] < 0)
                continue;
            memcpy(values, e->values[i], sizeof values);
            learner_softmax(values, outputs, sharpness);
            float share = values[e->truth[i]], total = 1 + (factor - 1) * values[e->section[i]];
            share *= e->truth[i] == e->section[i] ? factor : 1;
            loss -= log((double)(share / total) + 1e-9);
        }
        if (step == 0 || loss < least) {
            least = loss;
            best = factor;
        }
    }
    return best;
}

/* How often the section names the topic, where it names one. */
static float trust_section(const struct exam *e)
{
    size_t named = 0, right = 0;
    for (size_t i = 0; i < e->count; i++) {
        named += e->section[i] >= 0;
        right += e->section[i] >= 0 && e->section[i] == e->truth[i];
    }
    return named ? (float)right / (float)named : 0;
}

static void report(const char *name, const struct exam *e, int outputs, float sharpness)
{
    size_t right = 0;
    for (size_t i = 0; i < e->count; i++)
        right += best_of(e->values[i], outputs) == e->truth[i];
    printf("%s held_out %zu accuracy %.4f sharpness %.3f\n", name, e->count,
           (double)right / (double)e->count, (double)sharpness);
    fflush(stdout);
}

/* Learns without those held out, to see how sure it may be, and what a section is worth. */
static void find_trust(struct school *school, int outputs, struct subject_net *ret)
{
    static const char *const names[] = {"articles", "headlines"};
    struct learner *l = teach(school, true, outputs);
    size_t most = school->labelled.count + school->headlines.count + 1;
    for (int headline = 0; headline < 2; headline++) {
        struct exam e = {need(malloc(most * sizeof *e.values)),
                         need(malloc(most * sizeof *e.truth)),
                         need(malloc(most * sizeof *e.section)), 0};
        examine(l, &school->labelled, headline ? 1 : SUBJECT_FIELDS, outputs, &e);
        if (headline)
            examine(l, &school->headlines, 1, outputs, &e);
        ret->sharpness[headline] = calibrate(&e, outputs);
        report(names[headline], &e, outputs, ret->sharpness[headline]);
        if (!headline) {
            ret->section = weigh_section(&e, outputs, ret->sharpness[headline]);
            ret->section_alone = trust_section(&e);
            printf("section %.2f alone %.3f\n", (double)ret->section, (double)ret->section_alone);
        }
        free(e.values);
        free(e.truth);
        free(e.section);
    }
    learner_free(l);
}

static int write_subject(const struct school *school, const struct subject_net *net,
                         const int8_t (*rows)[SUBJECT_SIZE], const float *mass,
                         enum model_kind kind, const char *path)
{
    static uint32_t slots[SUBJECT_SLOTS];
    size_t count = school->words->rows.count;
    subject_words_slots(school->words, slots);
    const struct model_part parts[] = {
        {SUBJECT_SECTION_SLOTS, slots, sizeof slots        },
        {SUBJECT_SECTION_ROWS,  rows,  count * sizeof *rows},
        {SUBJECT_SECTION_MASS,  mass,  count * sizeof *mass},
        {SUBJECT_SECTION_NET,   net,   sizeof *net         },
    };
    return model_write(path, kind, SUBJECT_VERSION, parts, sizeof parts / sizeof *parts);
}

static const struct subject_kind {
    const char *name;
    enum model_kind kind;
    int outputs;
    void (*set)(struct pupil *p);
} kinds[] = {
    {"topic", MODEL_TOPIC, SUBJECT_OUTPUTS, set_topic},
    {"event", MODEL_EVENT, EVENT_COUNT,     set_event},
};

static void set_class(struct class *class, void (*set)(struct pupil *p))
{
    for (size_t i = 0; i < class->count; i++) {
        memset(class->pupils[i].share, 0, sizeof class->pupils[i].share);
        set(&class->pupils[i]);
    }
}

static int train_kind(struct school *school, const struct subject_kind *kind, const char *out_dir)
{
    static struct subject_net net;
    char path[4096];
    size_t count = school->words->rows.count;
    int8_t(*rows)[SUBJECT_SIZE] = need(malloc(count * sizeof *rows));
    float *mass = need(malloc(count * sizeof *mass));
    printf("%s\n", kind->name);
    set_class(&school->labelled, kind->set);
    set_class(&school->headlines, kind->set);
    memset(&net, 0, sizeof net);
    find_trust(school, kind->outputs, &net);
    struct learner *l = teach(school, false, kind->outputs);
    learner_ship(l, rows, mass, &net);
    learner_free(l);
    snprintf(path, sizeof path, "%s/%s.model", out_dir, kind->name);
    int r = write_subject(school, &net, rows, mass, kind->kind, path);
    free(rows);
    free(mass);
    return r;
}

int train_subject(const char *data_dir, const char *out_dir)
{
    struct school school = school_open(data_dir);
    int r = 0;
    for (size_t k = 0; k < sizeof kinds / sizeof *kinds && r == 0; k++)
        r = train_kind(&school, &kinds[k], out_dir);
    subject_words_free(school.words);
    return r;
}

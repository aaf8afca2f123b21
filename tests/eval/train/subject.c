/* Training of the models of topics and events: what articles are is learnt from the labelled ones;
 * what a headline alone says, from theirs and from what the model of articles says of the rest. */
#include "tests/eval/train/train.h"

#include "classify/fingerprint.h"
#include "tests/eval/corpus.h"
#include "tests/eval/train/linear.h"
#include "tests/eval/train/subject_words.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

/* Chosen on rows held out. */
enum {
    FOLDS = 8,
    PART_EPOCHS = 12,
    SHARE_EPOCHS = 8,
    MOST_OF_ARTICLES = SUBJECT_MOST_ROWS * 5 / 8
};
static const float cost_of_headline = 3; /* of a labelled headline without an article */
static const float share_rate = 2;
static const float told_sharpness = 3;   /* of what the model of articles says */
static const float told_weight = 1;      /* of an article that nobody labelled */
static const float second_share = 0.15f; /* of the second topic in what is to be learnt */

/* A sample with its text, whole and as a headline; share: what it is said to be. */
struct pupil {
    const struct sample *sample;
    struct linear_text whole, alone;
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

/* A model of articles and one of headlines, and the rows that each keeps. */
struct graduate {
    struct linear *whole, *alone;
    bool *kept;
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

struct subject_kind {
    const char *name;
    enum model_kind kind;
    int outputs;
    float cost; /* of an error in articles */
    void (*set)(struct pupil *p);
};

static struct class class_of(const struct corpus *c, const char *data_dir)
{
    struct class class = {need(calloc(c->count + 1, sizeof *class.pupils)), c->count};
    for (size_t i = 0; i < c->count; i++) {
        struct pupil *p = &class.pupils[i];
        p->sample = &c->items[i];
        p->held_out = XXH3_64bits(p->sample->id, strlen(p->sample->id)) % FOLDS == 0;
    }
    insist_on_no_dev(data_dir, &class);
    return class;
}

static void count_words(struct subject_words *words, const struct class *class, bool articles)
{
    for (size_t i = 0; i < class->count; i++) {
        subject_words_count(words, class->pupils[i].sample, true);
        if (articles)
            subject_words_count(words, class->pupils[i].sample, false);
    }
}

static void read_words(const struct subject_words *words, struct class *class)
{
    for (size_t i = 0; i < class->count; i++) {
        struct pupil *p = &class->pupils[i];
        p->whole = subject_words_read(words, p->sample, false);
        p->alone = subject_words_read(words, p->sample, true);
    }
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
    struct corpus *rest = need(malloc(sizeof *rest));
    *rest = rest_of(&articles, &labelled);
    school.labelled = class_of(&labelled, data_dir);
    school.headlines = class_of(&headlines, data_dir);
    school.rest = class_of(rest, data_dir);
    school.words = subject_words_new();
    count_words(school.words, &school.labelled, true);
    count_words(school.words, &school.headlines, false);
    count_words(school.words, &school.rest, true);
    subject_words_finish(school.words);
    read_words(school.words, &school.labelled);
    read_words(school.words, &school.headlines);
    read_words(school.words, &school.rest);
    printf("without_labels %zu\nkeys %zu\n", rest->count, school.words->count);
    fflush(stdout);
    return school;
}

static void add_lesson(struct lesson *out, const struct linear_text *text, const struct pupil *p,
                       float weight)
{
    out->text = text;
    out->weight = weight;
    memcpy(out->target, p->share, sizeof out->target);
}

static size_t add_labelled(const struct class *class, bool hold_out, bool alone, float weight,
                           struct lesson *out)
{
    size_t count = 0;
    for (size_t i = 0; i < class->count; i++) {
        const struct pupil *p = &class->pupils[i];
        if (!hold_out || !p->held_out)
            add_lesson(&out[count++], alone ? &p->alone : &p->whole, p, weight);
    }
    return count;
}

/* What articles are, from the labelled ones. */
static struct linear *learn_whole(const struct school *school, const struct linear_words *words,
                                  bool hold_out, const struct subject_kind *kind)
{
    struct lesson *lessons = need(malloc((school->labelled.count + 1) * sizeof *lessons));
    size_t count = add_labelled(&school->labelled, hold_out, false, 1, lessons);
    struct linear *l = linear_new(words, kind->outputs);
    linear_part(l, lessons, count, kind->cost, PART_EPOCHS, 1);
    free(lessons);
    return l;
}

/* The shares of the rest become what the model of articles says. */
static void tell_rest(struct school *school, const struct linear *l, int outputs)
{
    for (size_t i = 0; i < school->rest.count; i++) {
        struct pupil *p = &school->rest.pupils[i];
        memset(p->share, 0, sizeof p->share);
        linear_output(l, &p->whole, p->share);
        linear_softmax(p->share, outputs, told_sharpness);
    }
}

/* What headlines say, from the labels and from the shares of the rest. */
static struct linear *learn_alone(const struct school *school, const struct linear_words *words,
                                  bool hold_out, const struct subject_kind *kind)
{
    size_t most = school->labelled.count + school->headlines.count + school->rest.count, count;
    struct lesson *lessons = need(malloc((most + 1) * sizeof *lessons));
    count = add_labelled(&school->labelled, hold_out, true, 1, lessons);
    count += add_labelled(&school->headlines, hold_out, true, cost_of_headline, lessons + count);
    count += add_labelled(&school->rest, false, true, told_weight, lessons + count);
    struct linear *l = linear_new(words, kind->outputs);
    linear_share(l, lessons, count, share_rate, SHARE_EPOCHS, 1);
    free(lessons);
    return l;
}

struct worth {
    float worth;
    uint32_t row;
};

static int by_worth(const void *a, const void *b)
{
    const struct worth *x = a, *y = b;
    if (x->worth != y->worth)
        return x->worth < y->worth ? 1 : -1;
    return (x->row > y->row) - (x->row < y->row);
}

/* Keeps the rows that say most in all texts together, of those that stand in headlines alone or
 * elsewhere. */
static void keep(const struct subject_words *words, const struct linear *l, bool alone, size_t most,
                 bool *kept)
{
    struct worth *order = need(malloc((words->count + 1) * sizeof *order));
    size_t count = 0;
    for (size_t r = 0; r < words->count; r++)
        if ((words->space[r] == SUBJECT_ALONE) == alone)
            order[count++] = (struct worth){linear_row(l, r) * (float)words->texts[r], (uint32_t)r};
    qsort(order, count, sizeof *order, by_worth);
    for (size_t i = 0; i < count && i < most; i++)
        kept[order[i].row] = true;
    free(order);
}

/* Learns with all rows, then anew with those worth keeping. */
static struct graduate teach(struct school *school, bool hold_out, const struct subject_kind *kind)
{
    struct linear_words words = subject_words_all(school->words);
    struct graduate g = {.kept = need(calloc(words.count + 1, sizeof *g.kept))};
    g.whole = learn_whole(school, &words, hold_out, kind);
    tell_rest(school, g.whole, kind->outputs);
    g.alone = learn_alone(school, &words, hold_out, kind);
    keep(school->words, g.whole, false, MOST_OF_ARTICLES, g.kept);
    keep(school->words, g.alone, true, SUBJECT_MOST_ROWS - MOST_OF_ARTICLES, g.kept);
    linear_free(g.whole);
    linear_free(g.alone);
    words.kept = g.kept;
    g.whole = learn_whole(school, &words, hold_out, kind);
    g.alone = learn_alone(school, &words, hold_out, kind);
    return g;
}

static void graduate_free(struct graduate *g)
{
    linear_free(g->whole);
    linear_free(g->alone);
    free(g->kept);
}

/* What a model says of those held out. */
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

static void examine(const struct linear *l, const struct class *class, bool alone, int outputs,
                    struct exam *e)
{
    for (size_t i = 0; i < class->count; i++) {
        const struct pupil *p = &class->pupils[i];
        if (!p->held_out)
            continue;
        linear_output(l, alone ? &p->alone : &p->whole, e->values[e->count]);
        e->section[e->count] = topic_of_section(p->sample->section, strlen(p->sample->section));
        e->truth[e->count++] = best_of(p->share, outputs);
    }
}

/* How far shares are from how often they are right, over ten bins of equal width. */
static double error_at(const struct exam *e, int outputs, float sharpness)
{
    enum { BINS = 10 };
    double sums[BINS] = {0}, error = 0;
    for (size_t i = 0; i < e->count; i++) {
        float values[SUBJECT_OUTPUTS];
        memcpy(values, e->values[i], sizeof values);
        linear_softmax(values, outputs, sharpness);
        int best = best_of(values, outputs), bin = (int)(values[best] * BINS);
        sums[bin < BINS ? bin : BINS - 1] += (double)values[best] - (best == e->truth[i]);
    }
    for (int b = 0; b < BINS; b++)
        error += fabs(sums[b]);
    return error / (double)e->count;
}

/* The sharpness at which those held out have the smallest calibration error. */
static float calibrate(const struct exam *e, int outputs)
{
    float best = 1;
    double least = error_at(e, outputs, best);
    for (int step = 5; step <= 80; step++) {
        double error = error_at(e, outputs, (float)step / 10);
        if (error < least) {
            least = error;
            best = (float)step / 10;
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
            linear_softmax(values, outputs, sharpness);
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

/* Where answers become more often right than wrong: the lowest share of which that holds; of 0, no
 * topic and no event, nothing is asked. */
static float find_least(const struct exam *e, int outputs, float sharpness)
{
    enum { STEPS = 20, WIDTH = 2 };
    size_t told[STEPS + 1] = {0}, right[STEPS + 1] = {0};
    for (size_t i = 0; i < e->count; i++) {
        float values[SUBJECT_OUTPUTS];
        memcpy(values, e->values[i], sizeof values);
        linear_softmax(values, outputs, sharpness);
        int best = best_of(values, outputs), step = (int)(values[best] * STEPS);
        told[step] += best != EVENT_NONE;
        right[step] += best != EVENT_NONE && best == e->truth[i];
    }
    for (int step = 0; step + WIDTH <= STEPS; step++)
        if (told[step] && 2 * (right[step] + right[step + 1]) >= told[step] + told[step + 1])
            return (float)step / STEPS;
    return 0;
}

static void report(const char *name, const struct exam *e, int outputs, float sharpness)
{
    size_t right = 0;
    for (size_t i = 0; i < e->count; i++)
        right += best_of(e->values[i], outputs) == e->truth[i];
    printf("%s held_out %zu accuracy %.4f sharpness %.1f calibration_error %.4f\n", name, e->count,
           (double)right / (double)e->count, (double)sharpness, error_at(e, outputs, sharpness));
    fflush(stdout);
}

static struct exam exam_new(size_t most)
{
    struct exam e = {need(calloc(most + 1, sizeof *e.values)),
                     need(malloc((most + 1) * sizeof *e.truth)),
                     need(malloc((most + 1) * sizeof *e.section)), 0};
    return e;
}

static void exam_free(struct exam *e)
{
    free(e->values);
    free(e->truth);
    free(e->section);
}

/* Learns without those held out, to see how sure it may be, and what a section is worth. */
static void find_trust(struct school *school, const struct subject_kind *kind,
                       struct subject_sum *ret)
{
    struct graduate g = teach(school, true, kind);
    size_t most = school->labelled.count + school->headlines.count;
    struct exam whole = exam_new(most), alone = exam_new(most);
    examine(g.whole, &school->labelled, false, kind->outputs, &whole);
    examine(g.alone, &school->labelled, true, kind->outputs, &alone);
    report("headlines", &alone, kind->outputs, 1);
    examine(g.alone, &school->headlines, true, kind->outputs, &alone);
    ret->sharpness[false] = calibrate(&whole, kind->outputs);
    ret->sharpness[true] = calibrate(&alone, kind->outputs);
    report("articles", &whole, kind->outputs, ret->sharpness[false]);
    report("headlines", &alone, kind->outputs, ret->sharpness[true]);
    ret->section = weigh_section(&whole, kind->outputs, ret->sharpness[false]);
    ret->section_alone = trust_section(&whole);
    ret->least = find_least(&whole, kind->outputs, ret->sharpness[false]);
    printf("section %.2f alone %.3f least %.2f\n", (double)ret->section, (double)ret->section_alone,
           (double)ret->least);
    exam_free(&whole);
    exam_free(&alone);
    graduate_free(&g);
}

/* What the rows kept say, in 8 bits, and how they are found. */
struct shipment {
    uint32_t slots[SUBJECT_SLOTS];
    struct subject_row rows[SUBJECT_MOST_ROWS];
    size_t count;
    struct subject_sum sum;
};

static void row_of(const struct graduate *g, const struct subject_words *words, size_t row,
                   float ret[LINEAR_ROW])
{
    linear_weights(words->space[row] == SUBJECT_ALONE ? g->alone : g->whole, row, ret);
}

/* The weight of 1 with which the largest but one in a thousand is 127. */
static float find_step(const struct graduate *g, const struct subject_words *words)
{
    struct worth *order = need(malloc((words->count + 1) * sizeof *order));
    size_t count = 0;
    for (size_t r = 0; r < words->count; r++) {
        float values[LINEAR_ROW], most = 0;
        if (!g->kept[r])
            continue;
        row_of(g, words, r, values);
        for (int o = 0; o < LINEAR_ROW; o++)
            most = fmaxf(most, fabsf(values[o]));
        order[count++] = (struct worth){most, (uint32_t)r};
    }
    qsort(order, count, sizeof *order, by_worth);
    float step = count ? order[count / 1000].worth / 127 : 1;
    free(order);
    return step > 0 ? step : 1;
}

static void ship_row(const struct graduate *g, const struct subject_words *words, size_t row,
                     struct shipment *s)
{
    float values[LINEAR_ROW];
    uint32_t at = subject_slot(words->hashes[row]);
    row_of(g, words, row, values);
    struct subject_row *out = &s->rows[s->count++];
    for (int o = 0; o < SUBJECT_OUTPUTS; o++)
        out->weights[o] = (int8_t)lrintf(fminf(fmaxf(values[o] / s->sum.step, -127), 127));
    out->scale = (uint8_t)(words->scale[row] * SUBJECT_SCALE);
    while (s->slots[at])
        at = (at + 1) & (SUBJECT_SLOTS - 1);
    s->slots[at] = subject_tag(words->hashes[row]) | (uint32_t)s->count;
}

static void ship(const struct graduate *g, const struct subject_words *words, struct shipment *s)
{
    struct linear_words all = subject_words_all(words);
    s->sum.step = find_step(g, words);
    memcpy(s->sum.weight, all.weight, sizeof s->sum.weight);
    linear_bias(g->whole, false, s->sum.bias[false]);
    linear_bias(g->alone, true, s->sum.bias[true]);
    for (size_t r = 0; r < words->count; r++)
        if (g->kept[r])
            ship_row(g, words, r, s);
}

static int write_shipment(const struct shipment *s, enum model_kind kind, const char *path)
{
    const struct model_part parts[] = {
        {SUBJECT_SECTION_SLOTS, s->slots, sizeof s->slots           },
        {SUBJECT_SECTION_ROWS,  s->rows,  s->count * sizeof *s->rows},
        {SUBJECT_SECTION_SUM,   &s->sum,  sizeof s->sum             },
    };
    return model_write(path, kind, SUBJECT_VERSION, parts, sizeof parts / sizeof *parts);
}

static void set_class(struct class *class, void (*set)(struct pupil *p))
{
    for (size_t i = 0; i < class->count; i++) {
        memset(class->pupils[i].share, 0, sizeof class->pupils[i].share);
        set(&class->pupils[i]);
    }
}

static int train_kind(struct school *school, const struct subject_kind *kind, const char *out_dir)
{
    char path[4096];
    struct shipment *s = need(calloc(1, sizeof *s));
    set_class(&school->labelled, kind->set);
    set_class(&school->headlines, kind->set);
    find_trust(school, kind, &s->sum);
    struct graduate g = teach(school, false, kind);
    ship(&g, school->words, s);
    graduate_free(&g);
    snprintf(path, sizeof path, "%s/%s.model", out_dir, kind->name);
    int r = write_shipment(s, kind->kind, path);
    free(s);
    return r;
}

static int train(const char *data_dir, const char *out_dir, const struct subject_kind *kind)
{
    struct school school = school_open(data_dir);
    int r = train_kind(&school, kind, out_dir);
    subject_words_free(school.words);
    return r;
}

int train_topic(const char *data_dir, const char *out_dir)
{
    static const struct subject_kind topic = {"topic", MODEL_TOPIC, SUBJECT_OUTPUTS, 1, set_topic};
    return train(data_dir, out_dir, &topic);
}

int train_event(const char *data_dir, const char *out_dir)
{
    static const struct subject_kind event = {"event", MODEL_EVENT, EVENT_COUNT, 2, set_event};
    return train(data_dir, out_dir, &event);
}

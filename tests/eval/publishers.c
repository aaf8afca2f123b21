/* eval-publishers DATA_DIR: how well what is learnt from four publishers' sections tells those of
 * the fifth.
 *
 * The model of articles, taught from nothing: keys from the articles of the others, labels from
 * their sections; what is left out is not read at all. fastText learns from the same rows. Takes
 * minutes. */
#include "tests/eval/corpus.h"
#include "tests/eval/fasttext.h"
#include "tests/eval/judged.h"
#include "tests/eval/train/linear.h"
#include "tests/eval/train/subject_words.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum section { CULTURE, ECONOMY, NEWS, SPORT, TECHNOLOGY, SECTIONS };
enum { EPOCHS = 8 };
static const float cost = 1; /* of an error */

static const struct {
    const char *name;
    enum section section;
} sections[] = {
    {"culture",           CULTURE   },
    {"economy",           ECONOMY   },
    {"internationalNews", NEWS      },
    {"middleEast",        NEWS      },
    {"sport",             SPORT     },
    {"technology",        TECHNOLOGY},
};

static const char *const publishers[] = {"alarabia", "BBC", "CNN", "france24", "skynews"};
enum { PUBLISHERS = sizeof publishers / sizeof *publishers };

static int section_of(const struct sample *s)
{
    for (size_t i = 0; i < sizeof sections / sizeof *sections; i++)
        if (!strcmp(sections[i].name, s->section))
            return (int)sections[i].section;
    return -1;
}

static bool is_publisher(const struct sample *s)
{
    for (size_t i = 0; i < PUBLISHERS; i++)
        if (!strcmp(publishers[i], s->source))
            return true;
    return false;
}

static void *need(void *p)
{
    if (!p)
        corpus_fail("out of memory");
    return p;
}

/* The articles of the publishers, with or without those of one, that have a section. */
static struct corpus choose(const struct corpus *all, const char *publisher, bool of_it)
{
    struct corpus c = {need(malloc((all->count + 1) * sizeof *c.items)), 0};
    for (size_t i = 0; i < all->count; i++)
        if (is_publisher(&all->items[i]) && section_of(&all->items[i]) >= 0 &&
            !strcmp(all->items[i].source, publisher) == of_it)
            c.items[c.count++] = all->items[i];
    return c;
}

static struct subject_words *words_of(const struct corpus *taught)
{
    struct subject_words *words = subject_words_new();
    for (size_t i = 0; i < taught->count; i++)
        subject_words_count(words, &taught->items[i], false);
    subject_words_finish(words);
    return words;
}

/* Rare sections weigh more, by the root of how rare they are: all count alike in macro-F1. */
static void weigh(const struct corpus *taught, struct lesson *lessons)
{
    size_t counts[SECTIONS] = {0};
    for (size_t i = 0; i < taught->count; i++)
        counts[section_of(&taught->items[i])]++;
    for (size_t i = 0; i < taught->count; i++) {
        size_t alike = counts[section_of(&taught->items[i])];
        lessons[i].weight = sqrtf((float)taught->count / SECTIONS / (float)alike);
    }
}

static struct linear *teach(const struct corpus *taught, const struct subject_words *words)
{
    struct linear_text *texts = need(malloc((taught->count + 1) * sizeof *texts));
    struct lesson *lessons = need(calloc(taught->count + 1, sizeof *lessons));
    struct linear_words all = subject_words_all(words);
    for (size_t i = 0; i < taught->count; i++) {
        texts[i] = subject_words_read(words, &taught->items[i], false);
        lessons[i] = (struct lesson){.text = &texts[i]};
        lessons[i].target[section_of(&taught->items[i])] = 1;
    }
    weigh(taught, lessons);
    struct linear *l = linear_new(&all, SECTIONS);
    linear_part(l, lessons, taught->count, cost, EPOCHS, 1);
    for (size_t i = 0; i < taught->count; i++)
        free(texts[i].rows);
    free(texts);
    free(lessons);
    return l;
}

static void ask_ours(const struct corpus *taught, const struct corpus *asked, struct judged *out)
{
    struct subject_words *words = words_of(taught);
    struct linear *l = teach(taught, words);
    for (size_t i = 0; i < asked->count; i++) {
        float values[SUBJECT_OUTPUTS];
        struct linear_text text = subject_words_read(words, &asked->items[i], false);
        linear_output(l, &text, values);
        free(text.rows);
        out[i] = (struct judged){.truth = section_of(&asked->items[i]), .confidence = -1};
        for (int s = 0; s < SECTIONS; s++)
            if (values[s] > values[out[i].answer])
                out[i].answer = s;
    }
    linear_free(l);
    subject_words_free(words);
}

static struct fasttext_row *rows_of(const struct corpus *c)
{
    struct fasttext_row *rows = need(malloc((c->count + 1) * sizeof *rows));
    for (size_t i = 0; i < c->count; i++)
        rows[i] =
            (struct fasttext_row){c->items[i].title, c->items[i].text, section_of(&c->items[i])};
    return rows;
}

/* false: it isn't installed */
static bool ask_fasttext(const struct corpus *taught, const struct corpus *asked,
                         struct judged *out)
{
    struct fasttext_row *rows = rows_of(taught);
    struct fasttext *f = fasttext_learn(rows, taught->count);
    free(rows);
    if (!f)
        return false;
    int *answers = need(malloc((asked->count + 1) * sizeof *answers));
    rows = rows_of(asked);
    fasttext_ask(f, rows, asked->count, answers);
    for (size_t i = 0; i < asked->count; i++)
        out[i] = (struct judged){.truth = rows[i].class,
                                 .answer = answers[i] < 0 ? JUDGED_CLASSES - 1 : answers[i],
                                 .confidence = -1};
    free(rows);
    free(answers);
    fasttext_free(f);
    return true;
}

struct mean {
    double accuracy, macro_f1;
    size_t count;
};

static void add(struct mean *m, const char *who, const char *publisher, const struct judged *list,
                size_t count)
{
    char name[64];
    snprintf(name, sizeof name, "%s_%s", who, publisher);
    judged_print(name, list, count);
    fflush(stdout);
    m->accuracy += judged_accuracy(list, count);
    m->macro_f1 += judged_macro_f1(list, count);
    m->count++;
}

static void print_mean(const char *who, const struct mean *m)
{
    if (m->count)
        printf("%s_mean_accuracy %.4f\n%s_mean_macro_f1 %.4f\n", who,
               m->accuracy / (double)m->count, who, m->macro_f1 / (double)m->count);
}

int main(int argc, char **argv)
{
    if (argc != 2)
        corpus_fail("usage: eval-publishers DATA_DIR");
    struct corpus all = corpus_articles(argv[1]);
    struct mean ours = {0}, fasttext = {0};
    for (size_t p = 0; p < PUBLISHERS; p++) {
        struct corpus taught = choose(&all, publishers[p], false);
        struct corpus asked = choose(&all, publishers[p], true);
        struct judged *list = need(malloc((asked.count + 1) * sizeof *list));
        ask_ours(&taught, &asked, list);
        add(&ours, "publishers", publishers[p], list, asked.count);
        if (ask_fasttext(&taught, &asked, list))
            add(&fasttext, "fasttext_publishers", publishers[p], list, asked.count);
        free(list);
        free(taught.items);
        free(asked.items);
    }
    print_mean("publishers", &ours);
    print_mean("fasttext_publishers", &fasttext);
    if (!fasttext.count)
        printf("# fastText is not installed\n");
    return 0;
}

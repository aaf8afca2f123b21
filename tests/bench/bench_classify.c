/* bench-classify DATA_DIR: CPU per article of 3 KB, of each step of classify and of all together,
 * and of fastText's predict.
 *
 * The articles are those of ANT with 2,500 to 3,500 bytes of text, each a different one, as a lane
 * sees them. fastText, where Debian's program is installed, learns from topics/train.tsv and
 * iraq_headlines/train.tsv and predicts the topics of the same articles, already tokenised; loading
 * its model is not counted. */
#include "classify/classify.h"
#include "classify/fingerprint.h"
#include "classify/language.h"
#include "classify/names.h"
#include "classify/places.h"
#include "classify/subject.h"
#include "classify/scene.h"
#include "classify/tokens.h"
#include "libcommon/fields.h"
#include "tests/bench/bench.h"
#include "tests/eval/corpus.h"
#include "tests/eval/fasttext.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum {
    ARTICLES = 2000,
    ROUNDS = 3,
    LEAST_BYTES = 2500,
    MOST_BYTES = 3500,
    LINES = 512,
    REPEATED = 5
};

enum step {
    STEP_TOKENS,
    STEP_LANGUAGE,
    STEP_SUBJECT,
    STEP_NAMES,
    STEP_PLACES,
    STEP_FINGERPRINT,
    STEPS
};

static const char *const step_names[STEPS] = {"tokens", "language", "topic_and_event",
                                              "names",  "places",   "fingerprint"};

struct tools {
    struct language_model *language;
    struct gazetteer *gazetteer;
    struct names_model *names;
    struct scene_model *scene;
    struct names_scratch *scratch;
    struct subject_model *topics, *events;
    struct tokens tokens;
};

static void open_tools(struct tools *t)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/language.model", KHABAR_MODELS);
    int r = language_model_open(path, &t->language);
    if (r == 0) {
        snprintf(path, sizeof path, "%s/places.model", KHABAR_MODELS);
        r = gazetteer_open(path, &t->gazetteer);
    }
    if (r == 0) {
        snprintf(path, sizeof path, "%s/names.model", KHABAR_MODELS);
        r = names_model_open(path, &t->names);
    }
    if (r == 0) {
        snprintf(path, sizeof path, "%s/scene.model", KHABAR_MODELS);
        r = scene_model_open(path, &t->scene);
    }
    if (r == 0) {
        snprintf(path, sizeof path, "%s/topic.model", KHABAR_MODELS);
        r = subject_model_open(path, MODEL_TOPIC, &t->topics);
    }
    if (r == 0) {
        snprintf(path, sizeof path, "%s/event.model", KHABAR_MODELS);
        r = subject_model_open(path, MODEL_EVENT, &t->events);
    }
    if (r == 0)
        r = names_scratch_new(&t->scratch);
    if (r < 0)
        corpus_fail("%s: %s", path, strerror(-r));
}

/* Articles of the wanted size, taken evenly from all; returns how many. */
static size_t choose_articles(const char *data_dir, struct sample *out)
{
    struct corpus all = corpus_articles(data_dir);
    size_t fit = 0, kept = 0, seen = 0;
    for (size_t i = 0; i < all.count; i++) {
        size_t size = strlen(all.items[i].text);
        if (size >= LEAST_BYTES && size <= MOST_BYTES)
            all.items[fit++] = all.items[i];
    }
    for (; seen < fit && kept < ARTICLES; seen++)
        if (seen * ARTICLES / fit >= kept)
            out[kept++] = all.items[seen];
    free(all.items);
    return kept;
}

/* One article through all steps; adds the seconds that each took. */
static void run_steps(struct tools *t, const struct sample *s, double took[STEPS])
{
    static struct entities entities;
    static struct language_line lines[LINES];
    static struct subject_key keys[SUBJECT_KEYS];
    float shares[SUBJECT_OUTPUTS];
    const struct name_mention *mentions;
    struct fingerprint fingerprint;
    struct language_guess guess;
    bool differ;
    double at[STEPS + 1];
    at[STEP_TOKENS] = bench_seconds();
    tokens_clear(&t->tokens);
    if (tokens_add(&t->tokens, PART_TITLE, s->title, strlen(s->title)) ||
        tokens_add(&t->tokens, PART_BODY, s->text, strlen(s->text)))
        corpus_fail("out of memory");
    at[STEP_LANGUAGE] = bench_seconds();
    language_identify_lines(t->language, s->text, strlen(s->text), &guess, lines, LINES, &differ);
    at[STEP_SUBJECT] = bench_seconds();
    size_t key_count = subject_keys(&t->tokens, keys);
    subject_tell(t->topics, keys, key_count, shares);
    subject_tell(t->events, keys, key_count, shares);
    at[STEP_NAMES] = bench_seconds();
    size_t count = names_find(t->names, t->gazetteer, t->scratch, &t->tokens, NULL, &mentions);
    at[STEP_PLACES] = bench_seconds();
    entities_find(t->gazetteer, t->scene, &t->tokens, names_words(t->scratch), mentions, count,
                  &entities);
    at[STEP_FINGERPRINT] = bench_seconds();
    fingerprint_make(&t->tokens, &fingerprint);
    at[STEPS] = bench_seconds();
    for (int step = 0; step < STEPS; step++)
        took[step] += at[step + 1] - at[step];
}

/* Seconds that an article takes from the sections of parse to those of classify, as the daemon does
 * it. */
static double run_whole(const struct sample *articles, size_t count)
{
    struct classifier *c;
    struct classify_scratch *scratch;
    struct buffer labels = {0}, *sections = calloc(count, sizeof *sections);
    const char *path = NULL;
    if (!sections || classifier_new(KHABAR_MODELS, &c, &path) < 0 ||
        classify_scratch_new(&scratch) < 0)
        corpus_fail("can't make a classifier: %s", path ? path : "out of memory");
    for (size_t i = 0; i < count; i++) {
        fields_put_string(&sections[i], FIELD_TITLE, articles[i].title);
        fields_put_string(&sections[i], FIELD_BODY_TEXT, articles[i].text);
    }
    double start = 0;
    for (int round = 0; round <= ROUNDS; round++) { /* the first only fills the caches */
        start = round == 1 ? bench_seconds() : start;
        for (size_t i = 0; i < count; i++) {
            buffer_clear(&labels);
            if (classify_article(c, scratch, NULL, 0, sections[i].data, sections[i].size, &labels) <
                0)
                corpus_fail("can't classify %s", articles[i].id);
        }
    }
    double took = (bench_seconds() - start) / ROUNDS / (double)count;
    for (size_t i = 0; i < count; i++)
        buffer_free(&sections[i]);
    free(sections);
    buffer_free(&labels);
    classify_scratch_free(scratch);
    classifier_free(c);
    return took;
}

/* Taught with the labelled articles and headlines. */
static struct fasttext *teach_fasttext(const char *data_dir)
{
    struct corpus articles = corpus_labelled(data_dir, "topics/train.tsv");
    struct corpus headlines = corpus_labelled(data_dir, "iraq_headlines/train.tsv");
    struct fasttext_row *rows = calloc(articles.count + headlines.count + 1, sizeof *rows);
    if (!rows)
        corpus_fail("out of memory");
    for (size_t i = 0; i < articles.count + headlines.count; i++) {
        const struct sample *s =
            i < articles.count ? &articles.items[i] : &headlines.items[i - articles.count];
        int topic = s->topic < 0 ? (int)SUBJECT_NO_TOPIC : s->topic;
        rows[i] = (struct fasttext_row){s->title, s->text, topic};
    }
    struct fasttext *f = fasttext_learn(rows, articles.count + headlines.count);
    free(rows);
    return f;
}

/* Seconds that fastText takes to predict an article; below 0 when it isn't installed. */
static double beside_fasttext(const char *data_dir, const struct sample *articles, size_t count)
{
    static struct fasttext_row rows[REPEATED * ARTICLES + 1];
    static int answers[REPEATED * ARTICLES + 1];
    struct fasttext *f = teach_fasttext(data_dir);
    if (!f)
        return -1;
    for (size_t i = 0; i <= REPEATED * count; i++)
        rows[i] = (struct fasttext_row){articles[i % count].title, articles[i % count].text, 0};
    double base = fasttext_ask(f, rows, 1, answers);
    double took = fasttext_ask(f, rows, REPEATED * count + 1, answers);
    fasttext_free(f);
    return (took - base) / (double)(REPEATED * count);
}

int main(int argc, char **argv)
{
    if (argc != 2)
        corpus_fail("usage: bench-classify DATA_DIR");
    static struct sample articles[ARTICLES];
    size_t count = choose_articles(argv[1], articles), bytes = 0;
    if (!count)
        corpus_fail("no article of that size");
    struct tools tools = {0};
    double took[STEPS] = {0};
    open_tools(&tools);
    for (int round = 0; round <= ROUNDS; round++) {
        if (round == 1)
            memset(took, 0, sizeof took);
        for (size_t i = 0; i < count; i++)
            run_steps(&tools, &articles[i], took);
    }
    for (size_t i = 0; i < count; i++)
        bytes += strlen(articles[i].title) + strlen(articles[i].text);
    printf("articles %zu\nbytes_per_article %zu\n", count, bytes / count);
    for (int step = 0; step < STEPS; step++)
        printf("%s_us %.2f\n", step_names[step], 1e6 * took[step] / ROUNDS / (double)count);
    double whole = run_whole(articles, count), fasttext = beside_fasttext(argv[1], articles, count);
    printf("together_us %.2f\n", 1e6 * whole);
    if (fasttext > 0)
        printf("fasttext_predict_us %.2f\ntogether_to_fasttext %.3f\n", 1e6 * fasttext,
               whole / fasttext);
    else
        printf("# fasttext is not installed\n");
    return 0;
}

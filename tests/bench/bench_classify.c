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

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

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

/* A line of words parted by spaces. */
static void write_words(FILE *f, const struct sample *s)
{
    struct tokens t = {0};
    if (tokens_add(&t, PART_TITLE, s->title, strlen(s->title)) ||
        tokens_add(&t, PART_BODY, s->text, strlen(s->text)))
        corpus_fail("out of memory");
    for (size_t i = 0; i < t.count; i++) {
        const char *text = t.parts[i < t.parts[PART_TITLE].count ? PART_TITLE : PART_BODY].text;
        fprintf(f, "%.*s ", (int)t.items[i].length, text + t.items[i].start);
    }
    fputc('\n', f);
    tokens_free(&t);
}

static void write_training(FILE *f, const char *data_dir)
{
    static const char *const sets[] = {"topics/train.tsv", "iraq_headlines/train.tsv"};
    for (size_t k = 0; k < sizeof sets / sizeof *sets; k++) {
        struct corpus rows = corpus_labelled(data_dir, sets[k]);
        for (size_t i = 0; i < rows.count; i++) {
            fprintf(f, "__label__%d ", rows.items[i].topic);
            write_words(f, &rows.items[i]);
        }
    }
}

static FILE *create(const char *dir, const char *name, char path[4096])
{
    snprintf(path, 4096, "%s/%s", dir, name);
    FILE *f = fopen(path, "we");
    if (!f)
        corpus_fail("%s: %s", path, strerror(errno));
    return f;
}

/* Runs a program without its output; returns the CPU seconds that it took, below 0 if it failed or
 * is not there. */
static double run_program(const char *const argv[])
{
    struct rusage usage;
    int status;
    pid_t pid = fork();
    if (pid == 0) {
        int null = open("/dev/null", O_WRONLY);
        dup2(null, STDOUT_FILENO);
        dup2(null, STDERR_FILENO);
        execvp(argv[0], (char *const *)(uintptr_t)argv);
        _exit(127);
    }
    if (pid < 0 || wait4(pid, &status, 0, &usage) < 0 || !WIFEXITED(status) || WEXITSTATUS(status))
        return -1;
    return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
           1e-6 * (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec);
}

/* Seconds that fastText takes to predict an article; below 0 when it isn't installed. */
static double run_fasttext(const char *dir, const char *data_dir, const struct sample *articles,
                           size_t count)
{
    char train[4096], one[4096], many[4096], model[4096], bin[4200];
    FILE *f = create(dir, "train", train);
    write_training(f, data_dir);
    fclose(f);
    f = create(dir, "one", one);
    write_words(f, &articles[0]);
    fclose(f);
    f = create(dir, "many", many);
    for (size_t i = 0; i <= REPEATED * count; i++)
        write_words(f, &articles[i % count]);
    fclose(f);
    snprintf(model, sizeof model, "%s/model", dir);
    snprintf(bin, sizeof bin, "%s.bin", model);
    double took = run_program((const char *[]){"fasttext", "supervised", "-input", train, "-output",
                                               model, "-wordNgrams", "2", "-bucket", "300000",
                                               "-epoch", "10", "-lr", "0.5", "-thread", "1", NULL});
    if (took < 0)
        return took;
    double base = run_program((const char *[]){"fasttext", "predict", bin, one, NULL});
    took = run_program((const char *[]){"fasttext", "predict", bin, many, NULL});
    return base < 0 || took < 0 ? -1 : (took - base) / (double)(REPEATED * count);
}

static double beside_fasttext(const char *data_dir, const struct sample *articles, size_t count)
{
    char dir[] = "/tmp/khabar-bench-XXXXXX", path[4096];
    static const char *const files[] = {"train", "one", "many", "model.bin", "model.vec"};
    if (!mkdtemp(dir))
        corpus_fail("%s: %s", dir, strerror(errno));
    double took = run_fasttext(dir, data_dir, articles, count);
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        snprintf(path, sizeof path, "%s/%s", dir, files[i]);
        unlink(path);
    }
    rmdir(dir);
    return took;
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

/* eval language DATA_DIR: languages told right, sentence by sentence, and how fast. */
#include "classify/language.h"
#include "tests/eval/corpus.h"
#include "tests/eval/languages.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

struct score {
    size_t right, all;
};

static const char *const targets[] = {"arb_Arab", "pes_Arab", "urd_Arab",
                                      "ckb_Arab", "pbt_Arab", "uig_Arab"};

static bool is_target(const char *code)
{
    for (size_t i = 0; i < sizeof targets / sizeof *targets; i++)
        if (!strcmp(targets[i], code))
            return true;
    return false;
}

static double seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static void print_share(const char *name, struct score s)
{
    printf("%s %.4f\n", name, s.all ? (double)s.right / (double)s.all : 0);
}

static void sentences(const struct language_model *m, const char *data_dir)
{
    struct table dev = corpus_table(data_dir, LANGUAGES_DEV, false);
    size_t confusion[LANGUAGE_COUNT][LANGUAGE_COUNT] = {{0}};
    struct score target = {0}, all = {0};
    for (size_t i = 0; i < dev.count; i++) {
        const char *code = dev.rows[i][0], *text = dev.rows[i][1];
        enum language truth = language_of_flores(code);
        struct language_guess g = language_identify(m, text, strlen(text));
        confusion[truth][g.language]++;
        all.all++;
        all.right += truth == g.language;
        if (is_target(code)) {
            target.all++;
            target.right += truth == g.language;
            if (truth != g.language)
                printf("# wrong %s as %s (%.2f): %s\n", code, language_tag(g.language),
                       g.confidence, text);
        }
    }
    print_share("language_sentences_six", target);
    print_share("language_sentences_all", all);
    for (int t = LANGUAGE_ARABIC; t < LANGUAGE_COUNT; t++) {
        struct score each = {confusion[t][t], 0};
        char name[64];
        snprintf(name, sizeof name, "language_sentences_%s", language_tag(t));
        for (int g = 0; g < LANGUAGE_COUNT; g++)
            each.all += confusion[t][g];
        if (each.all)
            print_share(name, each);
    }
    for (int t = 0; t < LANGUAGE_COUNT; t++)
        for (int g = 0; g < LANGUAGE_COUNT; g++)
            if (confusion[t][g])
                printf("confusion %s %s %zu\n", language_tag(t), language_tag(g), confusion[t][g]);
}

static void articles(const struct language_model *m, const char *data_dir)
{
    struct corpus c = corpus_articles(data_dir);
    enum { LINES = 512 };
    struct language_line lines[LINES];
    struct score whole = {0}, mixed = {0}, headline = {0};
    size_t bytes = 0;
    bool differ;
    struct language_guess g;
    double start = seconds();
    for (size_t i = 0; i < c.count; i++) {
        const struct sample *s = &c.items[i];
        size_t size = strlen(s->text);
        if (size < 200)
            continue;
        bytes += size;
        language_identify_lines(m, s->text, size, &g, lines, LINES, &differ);
        whole.all++;
        whole.right += g.language == LANGUAGE_ARABIC;
        mixed.all++;
        mixed.right += differ;
    }
    double spent = seconds() - start;
    for (size_t i = 0; i < c.count; i++) {
        g = language_identify(m, c.items[i].title, strlen(c.items[i].title));
        headline.all += g.script == SCRIPT_ARABIC;
        headline.right += g.script == SCRIPT_ARABIC && g.language == LANGUAGE_ARABIC;
    }
    print_share("language_articles", whole);
    print_share("language_articles_called_mixed", mixed);
    print_share("language_headlines", headline);
    printf("language_articles_mb_per_second %.0f\n", (double)bytes / spent / 1e6);
    bytes = 0;
    start = seconds();
    for (size_t i = 0; i < c.count; i++) {
        bytes += strlen(c.items[i].text);
        language_identify(m, c.items[i].text, strlen(c.items[i].text));
    }
    printf("language_every_byte_mb_per_second %.0f\n", (double)bytes / (seconds() - start) / 1e6);
}

/* CLD2 (libcld2, Debian's libcld2-0), a C++ library, by the names that its functions have in it. */
struct peer {
    int (*detect)(const char *text, int size, bool plain, bool *ret_reliable);
    const char *(*code)(int language);
};

static bool peer_open(struct peer *ret)
{
    void *library = dlopen("libcld2.so.0", RTLD_NOW);
    if (!library)
        return false;
    *(void **)&ret->detect = dlsym(library, "_ZN4CLD214DetectLanguageEPKcibPb");
    *(void **)&ret->code = dlsym(library, "_ZN4CLD212LanguageCodeENS_8LanguageE");
    return ret->detect && ret->code;
}

static bool peer_agrees(const char *code, enum language truth)
{
    return !strcmp(code, language_tag(truth)) ||
           (truth == LANGUAGE_SORANI && !strcmp(code, "ku")) ||
           (truth == LANGUAGE_DARI && !strcmp(code, "fa"));
}

/* The same sentences and articles through the peer. */
static void beside_peer(const char *data_dir)
{
    struct peer peer;
    bool reliable;
    if (!peer_open(&peer)) {
        printf("# libcld2 is not installed\n");
        return;
    }
    struct table dev = corpus_table(data_dir, LANGUAGES_DEV, false);
    struct score target = {0}, each[LANGUAGE_COUNT] = {{0}};
    for (size_t i = 0; i < dev.count; i++) {
        const char *code = dev.rows[i][0], *text = dev.rows[i][1];
        enum language truth = language_of_flores(code);
        bool right =
            peer_agrees(peer.code(peer.detect(text, (int)strlen(text), true, &reliable)), truth);
        each[truth].all++;
        each[truth].right += right;
        target.all += is_target(code);
        target.right += is_target(code) && right;
    }
    print_share("cld2_sentences_six", target);
    for (int l = LANGUAGE_ARABIC; l < LANGUAGE_COUNT; l++) {
        char name[64];
        snprintf(name, sizeof name, "cld2_sentences_%s", language_tag(l));
        if (each[l].all)
            print_share(name, each[l]);
    }
    struct corpus c = corpus_articles(data_dir);
    struct score articles = {0};
    size_t bytes = 0;
    double start = seconds();
    for (size_t i = 0; i < c.count; i += 10) { /* it is slow */
        size_t size = strlen(c.items[i].text);
        if (size < 200)
            continue;
        bytes += size;
        articles.all++;
        articles.right +=
            !strcmp(peer.code(peer.detect(c.items[i].text, (int)size, true, &reliable)), "ar");
    }
    print_share("cld2_articles", articles);
    printf("cld2_mb_per_second %.0f\n", (double)bytes / (seconds() - start) / 1e6);
}

int main(int argc, char **argv)
{
    if (argc < 2 || argc > 3)
        corpus_fail("usage: language DATA_DIR [MODELS_DIR]");
    char path[4096];
    struct language_model *m;
    snprintf(path, sizeof path, "%s/language.model", argc > 2 ? argv[2] : KHABAR_MODELS);
    int r = language_model_open(path, &m);
    if (r < 0)
        corpus_fail("%s: %s", path, strerror(-r));
    sentences(m, argv[1]);
    articles(m, argv[1]);
    beside_peer(argv[1]);
    language_model_close(m);
    return 0;
}

/* Running fastText: files for it, its programs, its answers. */
#include "tests/eval/fasttext.h"

#include "classify/tokens.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

struct fasttext {
    char dir[64];
};

static const char *const files[] = {"train", "ask", "answers", "model.bin", "model.vec"};

static void path_of(const struct fasttext *f, const char *name, char path[128])
{
    snprintf(path, 128, "%s/%s", f->dir, name);
}

static void write_words(FILE *out, struct tokens *t, const struct fasttext_row *row)
{
    tokens_clear(t);
    if (tokens_add(t, PART_TITLE, row->title, strlen(row->title)) ||
        tokens_add(t, PART_BODY, row->text, strlen(row->text)))
        corpus_fail("out of memory");
    for (size_t i = 0; i < t->count; i++) {
        const char *text = i < t->parts[PART_TITLE].count ? row->title : row->text;
        fprintf(out, " %.*s", (int)t->items[i].length, text + t->items[i].start);
    }
    fputc('\n', out);
}

static void write_rows(const struct fasttext *f, const char *name, const struct fasttext_row *rows,
                       size_t count)
{
    char path[128];
    struct tokens t = {0};
    path_of(f, name, path);
    FILE *out = fopen(path, "we");
    if (!out)
        corpus_fail("%s: %s", path, strerror(errno));
    for (size_t i = 0; i < count; i++) {
        fprintf(out, "__label__%d", rows[i].class);
        write_words(out, &t, &rows[i]);
    }
    if (fclose(out))
        corpus_fail("%s: %s", path, strerror(errno));
    tokens_free(&t);
}

/* Runs it with its standard output in a file; returns the CPU seconds that it took, below 0 if it
 * failed or is not there. */
static double run_program(const char *const argv[], const char *output)
{
    struct rusage usage;
    int status;
    pid_t pid = fork();
    if (pid == 0) {
        int out = open(output, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
        int null = open("/dev/null", O_WRONLY | O_CLOEXEC);
        if (out < 0 || null < 0 || dup2(out, STDOUT_FILENO) < 0 || dup2(null, STDERR_FILENO) < 0)
            _exit(126);
        execvp(argv[0], (char *const *)(uintptr_t)argv);
        _exit(127);
    }
    if (pid < 0 || wait4(pid, &status, 0, &usage) < 0 || !WIFEXITED(status) || WEXITSTATUS(status))
        return -1;
    return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
           1e-6 * (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec);
}

struct fasttext *fasttext_learn(const struct fasttext_row *rows, size_t count)
{
    struct fasttext *f = calloc(1, sizeof *f);
    char train[128], model[128], answers[128];
    if (!f)
        corpus_fail("out of memory");
    snprintf(f->dir, sizeof f->dir, "/tmp/khabar-eval-XXXXXX");
    if (!mkdtemp(f->dir))
        corpus_fail("%s: %s", f->dir, strerror(errno));
    path_of(f, "train", train);
    path_of(f, "model", model);
    path_of(f, "answers", answers);
    write_rows(f, "train", rows, count);
    const char *const argv[] = {"fasttext",    "supervised", "-input",  train,    "-output", model,
                                "-wordNgrams", "2",          "-bucket", "300000", "-epoch",  "15",
                                "-lr",         "0.5",        "-thread", "1",      NULL};
    return run_program(argv, answers) >= 0 ? f : fasttext_free(f);
}

double fasttext_ask(const struct fasttext *f, const struct fasttext_row *rows, size_t count,
                    int *answers)
{
    char model[128], ask[128], told[128];
    path_of(f, "model.bin", model);
    path_of(f, "ask", ask);
    path_of(f, "answers", told);
    write_rows(f, "ask", rows, count);
    const char *const argv[] = {"fasttext", "predict", model, ask, NULL};
    double took = run_program(argv, told);
    FILE *in = took >= 0 ? fopen(told, "re") : NULL;
    if (!in)
        corpus_fail("fastText can't predict");
    char line[64];
    for (size_t i = 0; i < count; i++)
        if (!fgets(line, sizeof line, in) || sscanf(line, "__label__%d", &answers[i]) != 1)
            answers[i] = -1;
    fclose(in);
    return took;
}

struct fasttext *fasttext_free(struct fasttext *f)
{
    char path[128];
    if (!f)
        return NULL;
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        path_of(f, files[i], path);
        unlink(path);
    }
    rmdir(f->dir);
    free(f);
    return NULL;
}

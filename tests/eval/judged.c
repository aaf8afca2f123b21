/* Counting right and wrong answers. */
#include "tests/eval/judged.h"

#include "tests/eval/corpus.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

enum { BINS = 10, WORST = 12 };

double judged_accuracy(const struct judged *list, size_t count)
{
    size_t right = 0;
    for (size_t i = 0; i < count; i++)
        right += list[i].truth == list[i].answer;
    return count ? (double)right / (double)count : 0;
}

double judged_macro_f1(const struct judged *list, size_t count)
{
    double right[JUDGED_CLASSES] = {0}, truth[JUDGED_CLASSES] = {0}, said[JUDGED_CLASSES] = {0};
    double sum = 0;
    int classes = 0;
    for (size_t i = 0; i < count; i++) {
        truth[list[i].truth]++;
        said[list[i].answer]++;
        right[list[i].truth] += list[i].truth == list[i].answer;
    }
    for (int c = 0; c < JUDGED_CLASSES; c++) {
        if (truth[c] == 0)
            continue;
        classes++;
        sum += 2 * right[c] / (truth[c] + said[c]);
    }
    return classes ? sum / classes : 0;
}

static double calibration_error(const struct judged *list, size_t count)
{
    double confidence[BINS] = {0}, right[BINS] = {0}, error = 0;
    for (size_t i = 0; i < count; i++) {
        int bin = (int)(list[i].confidence * BINS);
        bin = bin < BINS ? bin : BINS - 1;
        confidence[bin] += (double)list[i].confidence;
        right[bin] += list[i].truth == list[i].answer;
    }
    for (int b = 0; b < BINS; b++)
        error += fabs(confidence[b] - right[b]);
    return error / (double)count;
}

void judged_print(const char *name, const struct judged *list, size_t count)
{
    printf("%s_accuracy %.4f\n", name, judged_accuracy(list, count));
    printf("%s_macro_f1 %.4f\n", name, judged_macro_f1(list, count));
    if (count && list[0].confidence >= 0)
        printf("%s_ece %.4f\n", name, calibration_error(list, count));
}

void judged_print_told(const char *name, const struct judged *list, size_t count, float least,
                       int none)
{
    size_t told = 0, right = 0;
    for (size_t i = 0; i < count; i++) {
        bool is_told = list[i].answer != none && list[i].confidence >= least;
        told += is_told;
        right += is_told && list[i].answer == list[i].truth;
    }
    if (told)
        printf("%s_told %.4f\n%s_told_right %.4f\n", name, (double)told / (double)count, name,
               (double)right / (double)told);
}

static int by_confidence(const void *a, const void *b)
{
    const struct judged *x = a, *y = b;
    return (y->confidence > x->confidence) - (y->confidence < x->confidence);
}

void judged_print_wrong(const char *name, const struct judged *list, size_t count, size_t least,
                        const char *(*class_name)(int class))
{
    size_t taken[JUDGED_CLASSES][JUDGED_CLASSES] = {{0}}, wrong = 0, second = 0;
    struct judged *worst = malloc((count + 1) * sizeof *worst);
    if (!worst)
        corpus_fail("out of memory");
    for (size_t i = 0; i < count; i++) {
        taken[list[i].truth][list[i].answer]++;
        if (list[i].truth == list[i].answer)
            continue;
        worst[wrong++] = list[i];
        second += list[i].second == list[i].answer;
    }
    printf("# %s: %zu of %zu wrong, %zu of them with the second label\n", name, wrong, count,
           second);
    for (int t = 0; t < JUDGED_CLASSES; t++)
        for (int a = 0; a < JUDGED_CLASSES; a++)
            if (taken[t][a] >= least)
                printf("# %s confusion %s taken for %s %zu\n", name, class_name(t), class_name(a),
                       taken[t][a]);
    qsort(worst, wrong, sizeof *worst, by_confidence);
    for (size_t i = 0; i < wrong && i < WORST; i++)
        printf("# %s wrong %.2f %s taken for %s: %s\n", name, (double)worst[i].confidence,
               class_name(worst[i].truth), class_name(worst[i].answer), worst[i].text);
    free(worst);
}

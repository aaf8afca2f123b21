/* Answers of a classifier beside the truth: accuracy, macro-F1, calibration, confusion, worst
 * cases. */
#pragma once

#include <stddef.h>

enum { JUDGED_CLASSES = 32 };

struct judged {
    int truth, second; /* second: also right in part, -1: none */
    int answer;
    float confidence; /* of the answer, 0 to 1; below 0: not known */
    const char *text; /* for people */
};

double judged_accuracy(const struct judged *list, size_t count);
double judged_macro_f1(const struct judged *list, size_t count); /* over the classes that occur */

/* Prints "NAME_accuracy 0.9", "NAME_macro_f1", and where confidences are known "NAME_ece", the
 * expected calibration error over ten bins of equal width. */
void judged_print(const char *name, const struct judged *list, size_t count);

/* Prints "NAME_told", the part of the answers that have that confidence and are not none, and
 * "NAME_told_right", the part of these that is right. */
void judged_print_told(const char *name, const struct judged *list, size_t count, float least,
                       int none);

/* Prints as lines of # how often each class was taken for each other, at least least times, and the
 * wrong answers of the highest confidence. */
void judged_print_wrong(const char *name, const struct judged *list, size_t count, size_t least,
                        const char *(*class_name)(int class));

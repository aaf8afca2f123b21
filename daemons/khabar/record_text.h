/* A record or reject as a person reads it in a terminal. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/* Prints a line of output. Text stays in the order of its letters and on lines of its own, so that a terminal can set
 * it from right to left; control characters become U+FFFD. A line that is no JSON object is printed as it is. */
void record_text_print(FILE *out, const char *line, size_t size, bool colour);

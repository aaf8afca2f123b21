/* Each day's folder is put in order once by a process, before it writes there: see recovery.h. */
#pragma once

#include "sink/notices.h"

#include <pthread.h>
#include <stddef.h>
#include <stdint.h>

enum { TIDY_ROOTS = 2 };

struct tidy {
    pthread_mutex_t lock;
    int roots[TIDY_ROOTS];   /* borrowed */
    struct notices *notices; /* borrowed */
    uint32_t *done;          /* root and day */
    size_t count, capacity;
};

void tidy_init(struct tidy *t, const int roots[TIDY_ROOTS], struct notices *notices);
void tidy_destroy(struct tidy *t);

/* 0 when the folder of that day (file_name.h) is in order or does not exist; -errno. Any thread;
 * the second waits for the first. */
int tidy_day(struct tidy *t, unsigned root, const char *day);

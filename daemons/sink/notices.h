/* What the threads of the output have to say to people: kept until the one that writes the log
 * takes it. */
#pragma once

#include <pthread.h>
#include <stddef.h>
#include <stdint.h>

enum { NOTICE_SIZE = 512, NOTICES_KEPT = 16 };

struct notices {
    pthread_mutex_t lock;
    char texts[NOTICES_KEPT][NOTICE_SIZE];
    unsigned first, count;
    uint64_t lost; /* when nobody took them in time */
};

void notices_init(struct notices *n);
void notices_destroy(struct notices *n);

/* Any thread. */
void notices_add(struct notices *n, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* 1 and the oldest, which is forgotten; 0: there is none. Any thread. */
int notices_take(struct notices *n, char ret[NOTICE_SIZE]);

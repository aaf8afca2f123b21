/* What the threads of the output have to say to people. */
#include "sink/notices.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void notices_init(struct notices *n)
{
    memset(n, 0, sizeof *n);
    pthread_mutex_init(&n->lock, NULL);
}

void notices_destroy(struct notices *n)
{
    pthread_mutex_destroy(&n->lock);
}

void notices_add(struct notices *n, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    pthread_mutex_lock(&n->lock);
    if (n->count < NOTICES_KEPT)
        vsnprintf(n->texts[(n->first + n->count++) % NOTICES_KEPT], NOTICE_SIZE, format, arguments);
    else
        n->lost++;
    pthread_mutex_unlock(&n->lock);
    va_end(arguments);
}

int notices_take(struct notices *n, char ret[NOTICE_SIZE])
{
    int r = 0;
    pthread_mutex_lock(&n->lock);
    if (n->count) {
        memcpy(ret, n->texts[n->first], NOTICE_SIZE);
        n->first = (n->first + 1) % NOTICES_KEPT;
        n->count--;
        r = 1;
    } else if (n->lost) {
        snprintf(ret, NOTICE_SIZE, "notices lost=%llu", (unsigned long long)n->lost);
        n->lost = 0;
        r = 1;
    }
    pthread_mutex_unlock(&n->lock);
    return r;
}

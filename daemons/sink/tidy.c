/* Each day's folder is put in order once by a process. */
#include "sink/tidy.h"

#include "sink/folder.h"
#include "sink/recovery.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void tidy_init(struct tidy *t, const int roots[TIDY_ROOTS], struct notices *notices)
{
    memset(t, 0, sizeof *t);
    pthread_mutex_init(&t->lock, NULL);
    memcpy(t->roots, roots, sizeof t->roots);
    t->notices = notices;
}

void tidy_destroy(struct tidy *t)
{
    pthread_mutex_destroy(&t->lock);
    free(t->done);
}

/* dt=YYYY-MM-DD of a root in one number */
static uint32_t key_of(unsigned root, const char *day)
{
    uint32_t key = 0;
    for (; *day; day++)
        if (*day >= '0' && *day <= '9')
            key = key * 10 + (uint32_t)(*day - '0');
    return key * TIDY_ROOTS + root;
}

static bool is_done(const struct tidy *t, uint32_t key)
{
    for (size_t i = t->count; i > 0; i--)
        if (t->done[i - 1] == key)
            return true;
    return false;
}

static int note_done(struct tidy *t, uint32_t key)
{
    if (t->count == t->capacity) {
        size_t capacity = t->capacity ? t->capacity * 2 : 64;
        uint32_t *more = realloc(t->done, capacity * sizeof *more);
        if (!more)
            return -ENOMEM;
        t->done = more;
        t->capacity = capacity;
    }
    t->done[t->count++] = key;
    return 0;
}

static int put_in_order(struct tidy *t, unsigned root, const char *day)
{
    struct recovered count = {0};
    int folder, r = folder_open(t->roots[root], day, &folder);
    if (r < 0)
        return r == -ENOENT ? 0 : r;
    r = recovery_tidy(folder, &count);
    close(folder);
    if (count.files)
        notices_add(t->notices, "recovered folder=%s files=%llu torn=%llu cut_bytes=%llu", day,
                    (unsigned long long)count.files, (unsigned long long)count.torn_files,
                    (unsigned long long)count.torn_bytes);
    return r;
}

int tidy_day(struct tidy *t, unsigned root, const char *day)
{
    uint32_t key = key_of(root, day);
    int r = 0;
    pthread_mutex_lock(&t->lock);
    if (!is_done(t, key)) {
        r = put_in_order(t, root, day);
        if (r == 0)
            r = note_done(t, key);
    }
    pthread_mutex_unlock(&t->lock);
    return r;
}

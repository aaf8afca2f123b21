/* Keys of CURVE, written in Z85. */
#include "libcommon/curve_key.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zmq.h>

enum { LINE_SIZE = 1024, LIST_MAX = 100000 };

/* The key that text begins with; blanks before it are passed over. 0; -EINVAL. */
static int key_of(const char *text, size_t size, char ret[CURVE_KEY_SIZE],
                  unsigned char bytes[CURVE_KEY_BYTES])
{
    size_t at = 0, length = 0;
    while (at < size && strchr(" \t\r\n", text[at]))
        at++;
    while (at + length < size && !strchr(" \t\r\n", text[at + length]))
        length++;
    if (length != CURVE_KEY_SIZE - 1)
        return -EINVAL;
    memcpy(ret, text + at, length);
    ret[length] = '\0';
    return zmq_z85_decode(bytes, ret) ? 0 : -EINVAL;
}

int curve_secret_read(const char *where, char ret[CURVE_KEY_SIZE], char why[SECRET_WHY_SIZE])
{
    struct buffer text = {0};
    unsigned char bytes[CURVE_KEY_BYTES];
    int e = secret_read(where, &text, why);
    if (!e) {
        e = key_of(text.data ? text.data : "", text.size, ret, bytes);
        if (e)
            snprintf(why, SECRET_WHY_SIZE, "%.160s: no key as khabar keygen makes them", where);
    }
    if (text.data)
        explicit_bzero(text.data, text.size);
    explicit_bzero(bytes, sizeof bytes);
    buffer_free(&text);
    return e;
}

static int compare(const void *a, const void *b)
{
    return memcmp(a, b, CURVE_KEY_BYTES);
}

static int add(struct curve_list *list, size_t *capacity, const unsigned char key[CURVE_KEY_BYTES])
{
    if (list->count == LIST_MAX)
        return -EFBIG;
    if (list->count == *capacity) {
        size_t more = *capacity ? *capacity * 2 : 16;
        void *grown = realloc(list->keys, more * CURVE_KEY_BYTES);
        if (!grown)
            return -ENOMEM;
        list->keys = grown;
        *capacity = more;
    }
    memcpy(list->keys[list->count++], key, CURVE_KEY_BYTES);
    return 0;
}

int curve_list_read(const char *file, struct curve_list *ret, char why[SECRET_WHY_SIZE])
{
    char line[LINE_SIZE], key[CURVE_KEY_SIZE];
    unsigned char bytes[CURVE_KEY_BYTES];
    size_t capacity = 0, number = 0;
    *ret = (struct curve_list){0};
    FILE *f = fopen(file, "re");
    int e = f ? 0 : -errno;
    if (e)
        snprintf(why, SECRET_WHY_SIZE, "%.160s: %s", file, strerror(-e));
    while (!e && fgets(line, sizeof line, f)) {
        number++;
        size_t size = strcspn(line, "\n");
        size_t blank = strspn(line, " \t\r");
        if (blank >= size || line[blank] == '#') /* no key begins so: 84 * 85^4 is over 32 bits */
            continue;
        e = key_of(line, size, key, bytes);
        if (!e)
            e = add(ret, &capacity, bytes);
        if (e)
            snprintf(why, SECRET_WHY_SIZE, "%.160s: line %zu: %s", file, number,
                     e == -EINVAL ? "no public key" : strerror(-e));
    }
    if (!e && ferror(f)) {
        e = -EIO;
        snprintf(why, SECRET_WHY_SIZE, "%.160s: reading failed", file);
    }
    if (f)
        fclose(f);
    if (e)
        curve_list_free(ret);
    else if (ret->count)
        qsort(ret->keys, ret->count, CURVE_KEY_BYTES, compare);
    return e;
}

void curve_list_free(struct curve_list *list)
{
    free(list->keys);
    *list = (struct curve_list){0};
}

bool curve_list_has(const struct curve_list *list, const unsigned char key[CURVE_KEY_BYTES])
{
    return list->count && bsearch(key, list->keys, list->count, CURVE_KEY_BYTES, compare);
}

int curve_public_read(const char *key_or_file, char ret[CURVE_KEY_SIZE], char why[SECRET_WHY_SIZE])
{
    unsigned char bytes[CURVE_KEY_BYTES];
    if (!strchr(key_or_file, ' ') && key_of(key_or_file, strlen(key_or_file), ret, bytes) == 0)
        return 0;
    struct curve_list list;
    int e = curve_list_read(key_or_file, &list, why);
    if (e)
        return e;
    if (list.count != 1) {
        snprintf(why, SECRET_WHY_SIZE, "%.160s: one public key is needed, there are %zu",
                 key_or_file, list.count);
        e = -EINVAL;
    } else {
        zmq_z85_encode(ret, list.keys[0], CURVE_KEY_BYTES);
    }
    curve_list_free(&list);
    return e;
}

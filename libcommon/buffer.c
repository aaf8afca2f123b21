/* Growable run of bytes. */
#include "libcommon/buffer.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void buffer_reserve(struct buffer *b, size_t more)
{
    if (b->failed || more <= b->capacity - b->size)
        return;
    size_t capacity = b->capacity ? b->capacity : 256;
    while (capacity - b->size < more) {
        if (capacity > SIZE_MAX / 2) {
            b->failed = true;
            return;
        }
        capacity *= 2;
    }
    char *data = realloc(b->data, capacity);
    if (!data) {
        b->failed = true;
        return;
    }
    b->data = data;
    b->capacity = capacity;
}

void buffer_append(struct buffer *b, const void *data, size_t size)
{
    buffer_reserve(b, size);
    if (b->failed || !size)
        return;
    memcpy(b->data + b->size, data, size);
    b->size += size;
}

void buffer_append_string(struct buffer *b, const char *string)
{
    buffer_append(b, string, strlen(string));
}

void buffer_append_char(struct buffer *b, char c)
{
    buffer_append(b, &c, 1);
}

void buffer_append_unsigned(struct buffer *b, uint64_t value)
{
    char digits[20];
    size_t at = sizeof digits;
    do {
        digits[--at] = (char)('0' + value % 10);
        value /= 10;
    } while (value);
    buffer_append(b, digits + at, sizeof digits - at);
}

void buffer_append_format(struct buffer *b, const char *format, ...)
{
    va_list arguments, again;
    va_start(arguments, format);
    va_copy(again, arguments);
    int size = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    if (size >= 0) {
        buffer_reserve(b, (size_t)size + 1);
        if (!b->failed) {
            vsnprintf(b->data + b->size, (size_t)size + 1, format, again);
            b->size += (size_t)size;
        }
    } else {
        b->failed = true;
    }
    va_end(again);
}

void buffer_clear(struct buffer *b)
{
    b->size = 0;
    b->failed = false;
}

void buffer_free(struct buffer *b)
{
    free(b->data);
    *b = (struct buffer){0};
}

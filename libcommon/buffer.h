/* Growable run of bytes; out of memory is remembered, so that a writer checks once, at the end. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buffer {
    char *data; /* owned; NULL while empty; not terminated */
    size_t size, capacity;
    bool failed; /* an allocation failed: data is incomplete, further writes do nothing */
};

void buffer_reserve(struct buffer *b,
                    size_t more); /* room for more bytes without another allocation */
void buffer_append(struct buffer *b, const void *data, size_t size);
void buffer_append_string(struct buffer *b, const char *string);
void buffer_append_char(struct buffer *b, char c);
void buffer_append_unsigned(struct buffer *b, uint64_t value); /* decimal digits */
void buffer_append_format(struct buffer *b, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Sets size to 0 and forgets a failure; the memory stays for the next use. */
void buffer_clear(struct buffer *b);

/* Frees the memory; *b is then as good as new. */
void buffer_free(struct buffer *b);

/* JSON (RFC 8259) straight into a buffer, without a tree in between.
 *
 * No state beside the buffer: whether a comma is due shows from its last byte. Begin each text with
 * an empty buffer or behind a line feed. A failed allocation is remembered in the buffer
 * (buffer.h). */
#pragma once

#include "libcommon/buffer.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

void json_open_object(struct buffer *b);
void json_close_object(struct buffer *b);
void json_open_array(struct buffer *b);
void json_close_array(struct buffer *b);

/* A member's name: a literal that needs no escaping; its value must follow. */
void json_put_key(struct buffer *b, const char *key);

/* text: well-formed UTF-8, not checked here; stays UTF-8. Escaped are what RFC 8259 wants and
 * U+0085, U+2028, U+2029, which some readers take for the end of a line. */
void json_put_text(struct buffer *b, const char *text, size_t size);
void json_put_string(struct buffer *b, const char *string);
void json_put_integer(struct buffer *b, int64_t value);
void json_put_unsigned(struct buffer *b, uint64_t value);

/* The fewest digits that read back as the same binary64; null when the value is not finite. */
void json_put_real(struct buffer *b, double value);
void json_put_flag(struct buffer *b, bool value);

/* Microseconds since 1970 UTC as RFC 3339 with Z; a fraction only when there is one. Years 0 to
 * 9999. */
void json_put_time(struct buffer *b, int64_t microseconds);

/* The bytes in base64 (RFC 4648), as a string. */
void json_put_base64(struct buffer *b, const void *data, size_t size);

/* The same escaping without the quotation marks, to build a string of several pieces: json_quote(),
 * pieces, json_unquote(). */
void json_quote(struct buffer *b);
void json_put_piece(struct buffer *b, const char *text, size_t size);
void json_unquote(struct buffer *b);

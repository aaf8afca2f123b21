/* The encodings that a document may declare, by the labels of the Encoding standard
 * (encoding.spec.whatwg.org, "Names and labels").
 *
 * Left out on purpose: what that standard leaves out (UTF-7, UTF-32, EBCDIC: they read ASCII as
 * something else, which is how text is smuggled past others), what it maps to "replacement"
 * (ISO-2022-KR, HZ), x-user-defined, and ISO-8859-16, for which ICU has no converter. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct encoding {
    const char *name;      /* as records give it */
    const char *converter; /* ICU's name of what the standard means by it */
    const char *labels;    /* in lower case, parted by a space */
};

/* The encoding of a label in any case, white space around it left aside; NULL: none of the table.
 */
const struct encoding *encoding_of_label(const char *label, size_t size);

bool encoding_is_utf8(const struct encoding *encoding);
bool encoding_is_utf16(const struct encoding *encoding);

/* Row by row; NULL after the last. */
const struct encoding *encoding_at(size_t row);

/* From the bytes of a document to clean text: which encoding it is, and what was wrong with it.
 *
 * The encoding is settled in the order of the HTML standard (13.2.3): byte order mark, declaration
 * of the transport (charset in the content type), <meta> in the first 1024 bytes of HTML (parse/
 * prescan.h), detection by ICU. Only encodings of parse/encoding.h count; another declaration is
 * none. Valid UTF-8 without control bytes all over is never overruled: a wrong declaration is
 * common, valid UTF-8 by accident is not. Bytes with them are text only as UTF-16. */
#pragma once

#include "libcommon/arena.h"
#include "parse/warning.h"

#include <stdbool.h>
#include <stddef.h>

enum { DECODED, DECODE_EMPTY, DECODE_NOT_TEXT };

struct decoded {
    const char
        *text; /* UTF-8, NFC, clean (libcommon/text.h); in the document's bytes or in the arena */
    size_t size;
    char charset[32];                   /* IANA name of what the bytes were read as */
    enum warning warnings[WARNING_END]; /* each at most once */
    size_t warning_count;
};

/* content_type may be NULL; html: look for <meta>. DECODED; DECODE_EMPTY: no bytes, or nothing but
 * white space; DECODE_NOT_TEXT: NULs or other control bytes all over; -ENOMEM: the arena is used
 * up. */
int decode_document(struct arena *arena, const void *bytes, size_t size, const char *content_type,
                    bool html, struct decoded *ret);

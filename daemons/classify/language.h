/* The language and script that a text is written in. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The order is part of the model's version. LANGUAGE_OTHER is `und`: none of these, or nothing to tell by. */
enum language {
    LANGUAGE_OTHER,
    LANGUAGE_ARABIC, /* all its dialects too */
    LANGUAGE_PERSIAN,
    LANGUAGE_DARI,
    LANGUAGE_URDU,
    LANGUAGE_SORANI,
    LANGUAGE_KURMANJI,
    LANGUAGE_PASHTO,
    LANGUAGE_UYGHUR,
    LANGUAGE_SINDHI,
    LANGUAGE_AZERBAIJANI, /* South Azerbaijani */
    LANGUAGE_TURKISH,
    LANGUAGE_ENGLISH,
    LANGUAGE_FRENCH,
    LANGUAGE_COUNT
};

enum script { SCRIPT_NONE, SCRIPT_ARABIC, SCRIPT_LATIN, SCRIPT_OTHER, SCRIPT_COUNT };

struct language_guess {
    enum language language;
    enum script script; /* of most letters */
    float confidence;   /* 0 to 1 */
};

const char *language_tag(enum language language); /* BCP 47 */
const char *script_code(enum script script);      /* ISO 15924; NULL for SCRIPT_NONE */

/* The language of one run of text: a headline, a paragraph, an article. Well-formed UTF-8. */
struct language_guess language_identify(const char *text, size_t size);

/* What the parser need not see of a page: scripts, styles, drawings, comments and the attributes that
 * nobody here reads are left out, so that its work is small and bounded.
 *
 * Reads tags as the HTML Standard's tokenizer does (13.2.5), and nothing more: what is nested in what is the
 * parser's business. What comes out has at most HTML_DEPTH elements open at a time, no attribute twice, no
 * attribute longer than HTML_ATTRIBUTE_SIZE, no comment, no doctype, and is never longer than what went in plus
 * two bytes for every tag. Time is linear in the size of the page, whatever is in it. */
#pragma once

#include "libcommon/arena.h"
#include "parse/article.h"

#include <stddef.h>

enum {
    HTML_DEPTH = 480,
    HTML_ATTRIBUTE_SIZE = 8 * 1024,
    HTML_JSON_SCRIPTS = 24, /* further ones are not looked at */
};

struct html_stripped {
    char *text; /* in the arena, a NUL behind it */
    size_t size;
    struct span json[HTML_JSON_SCRIPTS]; /* bodies of <script type="application/ld+json">, borrowed from the page */
    size_t json_count;
};

/* 0 and *ret; -ENOMEM: the arena is used up. */
int html_strip(struct arena *arena, const char *page, size_t size, struct html_stripped *ret);

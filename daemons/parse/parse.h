/* The funnel of parse: a document in, the article's fields or the reason of a reject out; holds no
 * state that matters.
 *
 * A parser is made once per process, before its threads are started, and shared: its tables are
 * read-only. Each worker thread has a scratch of its own. */
#pragma once

#include "libcommon/buffer.h"
#include "libcommon/reject.h"

#include <stddef.h>

struct parser;
struct parse_scratch;

struct parse_limits {
    size_t memory;     /* bytes that one document may take while it is read; 0: 256 MiB */
    size_t characters; /* bytes of UTF-8 text that are read of one document; 0: 16 MiB */
};

enum { PARSE_ARTICLE, PARSE_REJECT };

/* What a reject says. */
struct parse_reject {
    enum reject_reason reason;
    char detail[160]; /* "" or more about the reason */
};

/* Reads the site files *.json of sites_dir (NULL: none). Free *ret with parser_free(). -EINVAL: a
 * site file is wrong; *problem (if not NULL) then has one line per mistake; -errno. */
int parser_new(const struct parse_limits *limits, const char *sites_dir, struct buffer *problem,
               struct parser **ret);
struct parser *parser_free(struct parser *parser); /* NULL is fine; always returns NULL */

int parse_scratch_new(const struct parser *parser, struct parse_scratch **ret); /* -ENOMEM */
struct parse_scratch *parse_scratch_free(struct parse_scratch *scratch);

/* Reads the fields (libcommon/fields.h) of the DOCUMENT section and the bytes of the document;
 * appends the fields of the ARTICLE section to *article. PARSE_ARTICLE; PARSE_REJECT and
 * *ret_reject: it can't become a record; -EBADMSG: document is no fields; -ENOMEM: the process has
 * no memory left. *article is untouched unless PARSE_ARTICLE is returned. */
int parse_document(const struct parser *parser, struct parse_scratch *scratch, const void *document,
                   size_t document_size, const void *body, size_t body_size, struct buffer *article,
                   struct parse_reject *ret_reject);

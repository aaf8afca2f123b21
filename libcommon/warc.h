/* Pages out of WARC files (ISO 28500, versions 1.0 and 1.1; plain, or gzip with one member a
 * record).
 *
 * Of the records, `response` (the page is the entity of the HTTP message: chunks joined, content
 * codings undone), `resource` and `conversion` (the block is the page) become documents when they
 * are text, HTML or XHTML; warcinfo, request, metadata, revisit and continuation are passed over.
 * Digests that a record gives (md5, sha1, sha256 in base32 or hex) are checked. A record that can't
 * be used is told, and reading goes on with the next. */
#pragma once

#include <stddef.h>
#include <stdint.h>

enum { WARC_DOCUMENT = 1, WARC_NO_PAGE, WARC_REFUSED, WARC_END };

enum { WARC_WHY_SIZE = 120, WARC_ID_SIZE = 256, WARC_URL_SIZE = 8193, WARC_TYPE_SIZE = 256 };

struct warc_document {
    char id[WARC_ID_SIZE];   /* WARC-Record-ID without its brackets; "" when it has none */
    char url[WARC_URL_SIZE]; /* WARC-Target-URI; "" when it has none */
    char
        content_type[WARC_TYPE_SIZE]; /* of the page, with its parameters; "" when it is not told */
    int64_t fetched_at;               /* WARC-Date, microseconds since 1970 UTC; 0: not told */
    const char *body;                 /* borrowed until the next call */
    size_t body_size;
    char why[WARC_WHY_SIZE]; /* of WARC_NO_PAGE and WARC_REFUSED */
};

struct warc;

/* Gives up to size bytes of the file, *ret_size 0 at its end. 0; 1: damaged here, resume() may find
 * a place to go on; -errno. */
struct warc_source {
    int (*read)(void *user, void *data, size_t size, size_t *ret_size);
    int (*resume)(void *user); /* 1: there is such a place; 0; -errno; NULL: never */
    void *user;
};

/* body_bytes: the largest page; larger ones are skipped. Free *ret with warc_free(). -ENOMEM. */
int warc_new(const struct warc_source *source, size_t body_bytes, struct warc **ret);
struct warc *warc_free(struct warc *w); /* NULL is fine; always returns NULL */

/* The next page. WARC_DOCUMENT; WARC_NO_PAGE: a record that holds none, as an image or a
 * redirection does; WARC_REFUSED: one that is damaged or too large; why says so in one line;
 * WARC_END; -ENOMEM; -errno of the source. */
int warc_next(struct warc *w, struct warc_document *ret);

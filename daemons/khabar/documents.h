/* The documents that a command line names: files, standard input, lines of NDJSON, records of WARC; one at a time, in order.
 * Files may be packed with gzip, zstd or brotli (libcommon/packed_file.h). */
#pragma once

#include "libcommon/ndjson_document.h"

#include <stdbool.h>
#include <stddef.h>

/* More than any lane takes (MESSAGE_MAX); a file or line beyond is given as a document with `why`. */
enum { DOCUMENTS_BYTES_MAX = 255 * 1024 * 1024 };

enum documents_input { INPUT_AUTO, INPUT_TEXT, INPUT_HTML, INPUT_NDJSON, INPUT_WARC };

/* 0 and *ret, or -EINVAL: no input has that name. NULL names INPUT_AUTO. */
int documents_input_from_name(const char *name, enum documents_input *ret);

/* What the command line says of every document that does not say it for itself; NULL: nothing. */
struct documents_options {
    enum documents_input input;
    const char *url, *site, *content_type;
};

/* One document with all that it needs; owned by who got it. */
struct input_document {
    struct ndjson_document given; /* id is never NULL */
    char *id;                     /* where the feeder gave none: name, line and a hash of the content */
    char *bytes;                  /* of the file, or of a line that can't be taken; else NULL */
    size_t size;
    char *url, *content_type;     /* of a WARC record; else NULL */
    char *why;                    /* not NULL: can't be taken, and why; given has nothing but the id */
};

struct documents;

/* names: files, "-" for standard input; count 0 means standard input. Borrowed until documents_free(). -ENOMEM. */
int documents_new(const struct documents_options *options, char **names, int count,
                  struct documents **ret);
struct documents *documents_free(struct documents *d); /* NULL is fine; always returns NULL */

/* 1 and *ret, freed with input_document_free(); 0: that was all; -ENOMEM. A file that can't be read or unpacked, and a record of
 * WARC that is damaged, is complained of and passed over; documents_unread() counts these. */
int documents_next(struct documents *d, struct input_document **ret);
size_t documents_unread(const struct documents *d);

/* Bytes of all files together, as they lie on disk; 0 when one of them has no size, as a pipe has none. */
uint64_t documents_total(const struct documents *d);
/* How many of these have been read. */
uint64_t documents_position(const struct documents *d);

struct input_document *input_document_free(struct input_document *document); /* as above */

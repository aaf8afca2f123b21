/* The documents of one file of the drop folder, one after another: a page, lines of NDJSON, or the
 * pages of a WARC file; packed or not (libcommon/packed_file.h). What it holds is told by its name,
 * page.html or lines.ndjson.gz. */
#pragma once

#include "libcommon/ndjson_document.h"

#include <stdbool.h>
#include <stddef.h>

struct drop_file;

enum {
    DROP_FILE_DOCUMENT = 1,
    DROP_FILE_REFUSED, /* one of several that can't be used; reading goes on */
    DROP_FILE_PASSED,  /* a record that holds no page; reading goes on */
    DROP_FILE_BAD,     /* the file can't be used from here on */
    DROP_FILE_END
};

enum { DROP_FILE_WHY_SIZE = 320 };

/* Takes fd. stamp: tells this file from a later one of its name; with the name and a number it is
 * the id of documents that have none. document_bytes: the largest that is of use. Free *ret with
 * drop_file_free(). DROP_FILE_BAD; 0; -errno. */
int drop_file_new(int fd, const char *name, const char *stamp, size_t document_bytes,
                  struct drop_file **ret);
struct drop_file *drop_file_free(struct drop_file *f); /* NULL is fine; always returns NULL */

bool drop_file_has_many(const struct drop_file *f); /* its documents are lines or records */

/* The next document, borrowed until the next call. On DROP_FILE_REFUSED and DROP_FILE_BAD why says
 * so in one line, with the number of the line or record. -ENOMEM; -errno. */
int drop_file_next(struct drop_file *f, const struct ndjson_document **ret,
                   char why[DROP_FILE_WHY_SIZE]);

unsigned long long
drop_file_number(const struct drop_file *f); /* of the line or record that was read last, from 1 */

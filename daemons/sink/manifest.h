/* What is finished in a day's folder: manifest.ndjson, one line a file, replaced as a whole.
 *
 *   {"file":"main-….ndjson.zst","records":12,"bytes":3456,"first_seq":1,"last_seq":40,"sha256":"<64
 * hex digits>"}
 *
 * bytes and sha256 are of the file as it lies there; first_seq and last_seq are the lowest and the
 * highest sequence number in it. */
#pragma once

#include "sink/file_name.h"

#include <stddef.h>
#include <stdint.h>

#define MANIFEST_NAME "manifest.ndjson"
enum { SHA256_TEXT_SIZE = 65 };

struct file_summary {
    uint64_t records, bytes, plain_bytes; /* plain_bytes: of the lines, uncompressed */
    uint64_t first_seq, last_seq;
    uint64_t foreign; /* lines that are not of the spool in the file's name */
    char sha256[SHA256_TEXT_SIZE];
};

/* Reads a finished file through. -EBADMSG: compressed data is damaged, or the last line has no end;
 * other -errno. */
int file_summary_read(int folder, const char *file, struct file_summary *ret);

struct manifest_row {
    char file[FILE_NAME_SIZE];
    struct file_summary summary; /* without plain_bytes and foreign */
};

struct manifest {
    struct manifest_row *rows;
    size_t count;
};

/* A missing manifest is an empty one. -EBADMSG: *ret_line (from 1) is not a row. Free *ret with
 * manifest_free(). */
int manifest_read(int folder, struct manifest *ret, size_t *ret_line);
void manifest_free(struct manifest *m);
const struct manifest_row *manifest_find(const struct manifest *m,
                                         const char *file); /* NULL: not there */

/* Puts a file into the manifest in the place of the row of the same file, plain or compressed; on
 * disk once this returns 0. A manifest that can't be read is put aside as manifest.ndjson.bad and
 * begun anew. */
int manifest_put(int folder, const char *file, const struct file_summary *summary);

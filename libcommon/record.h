/* The line that the sink writes for a document: a record in one of the formats, or a reject.
 *
 * Lines end in a line feed. Each begins with its id, so that a reader of the output learns spool
 * identity and sequence number from the first bytes; record_identity() reads them back from either
 * format. */
#pragma once

#include "libcommon/buffer.h"
#include "libcommon/fields.h"

#include <stdint.h>

#define RECORD_SCHEMA "khabar/1"

/* Fields one after the other (fields.h), borrowed; all zero: none. */
struct fields_run {
    const void *data;
    size_t size;
};

/* What a line is made of. Texts inside the runs are well-formed UTF-8. Where runs name the same
 * field, the first one counts, but warnings are those of all runs. FIELD_MINHASH is never written.
 */
struct record {
    uint64_t spool;   /* identity of the spool; 0: there is none, the id comes from FIELD_DIGEST */
    uint64_t seq;     /* with a spool only */
    const char *lane; /* NULL: left out */
    int64_t received_at; /* microseconds since 1970 UTC; 0: as the document's fields say */
    struct fields_run document, article, labels;
    struct fields_run
        seen; /* what the duplicate index says: duplicate_of, similarity, story, version, changed */
    struct fields_run reject; /* of a reject: reject, detail, stage, attempts */
    const void *body;         /* of a reject: the bytes handed in; NULL: not to be written */
    size_t body_size;
};

/* Append one line to *line. 0; -EBADMSG: a run is not fields, or has a field of another type than
 * the table says; -EINVAL: neither spool nor digest; -ENOMEM. What was appended is taken back
 * unless it is 0. */
int record_write_khabar(const struct record *record, struct buffer *line);
int record_write_ninjs(const struct record *record, struct buffer *line); /* IPTC ninjs 3.0 */

/* A document that gave no record; the same form whatever the format of records. Otherwise as above.
 */
int record_write_reject(const struct record *record, struct buffer *line);

struct format {
    const char *name; /* in the configuration: khabar, ninjs */
    int (*write)(const struct record *record, struct buffer *line);
};

/* NULL: no format has that name. */
const struct format *format_from_name(const char *name);
/* The i-th format, from 0; NULL behind the last. */
const struct format *format_at(size_t i);

enum {
    RECORD_HEAD = 96,    /* bytes of a line that record_identity() needs */
    RECORD_ID_SIZE = 48, /* of an id, NUL included */
};

/* The id: that of message_id(); or, without a spool, "sha256-" with the first 32 hex digits of the
 * digest. 0 or -EINVAL. */
int record_id(const struct record *record, char ret[RECORD_ID_SIZE]);

/* Spool and sequence number from the first bytes of a line, in any format. 1; 0: not a line of a
 * spool's document. */
int record_identity(const char *line, size_t size, uint64_t *ret_spool, uint64_t *ret_seq);

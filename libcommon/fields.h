/* Fields of a record, each named once here, and the compact form in which they travel in a section.
 *
 * A field is: u16 name (enum field), u8 type (enum field_type), u8 0, u32 length, then length
 * bytes; all little-endian, not aligned. TEXT: UTF-8, NFC. INTEGER and TIME: i64 (TIME is
 * microseconds since 1970, UTC). REAL: IEEE 754 binary64. FLAG: u8. OBJECT: fields inside. LIST:
 * fields of one type inside, whose names are ignored. A reader skips names that it does not know.
 * Order is kept, and is the order in the record. The names in JSON and the meaning of each field
 * stand in fields.c and docs/record.md. */
#pragma once

#include "libcommon/buffer.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum field_type {
    FIELD_TEXT = 1,
    FIELD_INTEGER,
    FIELD_REAL,
    FIELD_FLAG,
    FIELD_TIME,
    FIELD_OBJECT,
    FIELD_LIST,
};

/* The numbers are part of the message version; new names go at the end of their block. */
enum field {
    FIELD_NONE = 0,
    /* of the document */
    FIELD_SCHEMA = 1,
    FIELD_ID,
    FIELD_SEQ,
    FIELD_LANE,
    FIELD_FEEDER,
    FIELD_FEEDER_ID,
    FIELD_SOURCE,
    FIELD_URL,
    FIELD_CANONICAL_URL,
    FIELD_RECEIVED_AT,
    FIELD_FETCHED_AT,
    FIELD_CONTENT_TYPE,
    FIELD_CHARSET,
    FIELD_BYTES,
    FIELD_DIGEST,
    /* of the article */
    FIELD_TITLE = 32,
    FIELD_KICKER,
    FIELD_SECTION,
    FIELD_PUBLISHED_AT,
    FIELD_PUBLISHED_TEXT,
    FIELD_PUBLISHED_PRECISION,
    FIELD_UPDATED_AT,
    FIELD_BYLINE,
    FIELD_AGENCY,
    FIELD_DATELINE,
    FIELD_SUMMARY,
    FIELD_BODY_TEXT, /* "text": paragraphs parted by a blank line */
    FIELD_IMAGE,
    FIELD_QUOTES,
    FIELD_SPEAKER,
    FIELD_VERB,
    FIELD_DATES,
    FIELD_VALUE,
    FIELD_LEADS,
    FIELD_ROLE,
    FIELD_START, /* offsets count Unicode code points of "text" */
    FIELD_END,
    FIELD_TEXT_READ, /* "text" inside quotes and dates */
    FIELD_KEYWORDS,
    FIELD_ENTRIES, /* of a live blog */
    FIELD_PAYWALL,
    FIELD_SITE_NAME,
    FIELD_INTRODUCTION,
    FIELD_PARAGRAPHS,
    /* of the labels */
    FIELD_LANGUAGE = 96,
    FIELD_LANGUAGE_CONFIDENCE,
    FIELD_LANGUAGES, /* where paragraphs differ */
    FIELD_SCRIPT,
    FIELD_TOPICS,
    FIELD_CODE,
    FIELD_NAME,
    FIELD_NAME_AR,
    FIELD_CONFIDENCE,
    FIELD_EVENT,
    FIELD_EVENT_TYPE, /* "type" */
    FIELD_PLACES,
    FIELD_PLACE_ID, /* "id" */
    FIELD_KIND,
    FIELD_COUNTRY,
    FIELD_LAT,
    FIELD_LON,
    FIELD_MENTIONS,
    FIELD_OFFSETS,
    FIELD_SCENE,
    FIELD_PEOPLE,
    FIELD_ORGANISATIONS,
    FIELD_FINGERPRINT,
    FIELD_DUPLICATE_OF,
    FIELD_SIMILARITY,
    FIELD_STORY,
    FIELD_VERSION,
    FIELD_CHANGED,
    FIELD_MINHASH, /* travels to the sink, not part of the record */
    FIELD_WARNINGS,
    /* of a reject */
    FIELD_REJECT = 160, /* the reason's name, from libcommon/reject.h */
    FIELD_DETAIL,
    FIELD_STAGE,
    FIELD_ATTEMPTS,
    FIELD_BODY_BASE64,
    FIELD_END_OF_NAMES
};

/* The name in JSON; NULL for a number that names no field. */
const char *field_name(enum field field);
/* One line for people; NULL as above. */
const char *field_meaning(enum field field);
/* The type that it has in a record; 0 as above. */
enum field_type field_type(enum field field);

/* Writers; a failure is remembered in the buffer. Empty texts are left out: absent rather than
 * empty. */
void fields_put_text(struct buffer *b, enum field field, const char *text, size_t size);
void fields_put_string(struct buffer *b, enum field field,
                       const char *string); /* NULL is left out */
void fields_put_integer(struct buffer *b, enum field field, int64_t value);
void fields_put_real(struct buffer *b, enum field field, double value);
void fields_put_flag(struct buffer *b, enum field field, bool value);
void fields_put_time(struct buffer *b, enum field field, int64_t microseconds);
/* Opens an OBJECT or a LIST: what is put until fields_close() goes inside. Returns the mark to
 * close it with. */
size_t fields_open(struct buffer *b, enum field field, enum field_type type);
void fields_close(struct buffer *b, size_t mark);

/* One field as read; borrowed from the bytes read. */
struct field_value {
    enum field field;
    enum field_type type;
    const char *data; /* TEXT, OBJECT, LIST */
    size_t size;
    int64_t integer; /* INTEGER, TIME, FLAG */
    double real;
};

struct fields_cursor {
    const char *at, *end;
};

struct fields_cursor fields_read(const void *data, size_t size);
struct fields_cursor fields_inside(const struct field_value *object_or_list);

/* 1 and *ret: the next field; 0: no more; -EBADMSG: the bytes are not fields. */
int fields_next(struct fields_cursor *cursor, struct field_value *ret);

/* 1 and *ret: the first field of that name at this level; 0: none; -EBADMSG. */
int fields_find(const void *data, size_t size, enum field field, struct field_value *ret);

/* 0 when the bytes are fields all the way down, at most 8 levels, texts are UTF-8; else -EBADMSG.
 */
int fields_check(const void *data, size_t size);

/* One line of output in the format khabar/1: a record, or a reject. */
#include "libcommon/record.h"

#include "libcommon/json_writer.h"
#include "libcommon/message.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

enum { DIGEST_DIGITS = 32, MAX_DEPTH = 8 };

static const struct format formats[] = {
    {"khabar", record_write_khabar},
    {"ninjs",  record_write_ninjs },
};

const struct format *format_at(size_t i)
{
    return i < sizeof formats / sizeof *formats ? &formats[i] : NULL;
}

const struct format *format_from_name(const char *name)
{
    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++)
        if (!strcmp(formats[i].name, name))
            return &formats[i];
    return NULL;
}

static bool is_hex(const char *digits, size_t size)
{
    for (size_t i = 0; i < size; i++)
        if (!memchr("0123456789abcdef", digits[i], 16))
            return false;
    return true;
}

int record_id(const struct record *record, char ret[RECORD_ID_SIZE])
{
    if (record->spool) {
        message_id(record->spool, record->seq, ret);
        return 0;
    }
    static const char algorithm[] = "sha256:";
    const size_t skip = sizeof algorithm - 1;
    struct field_value digest;
    if (fields_find(record->document.data, record->document.size, FIELD_DIGEST, &digest) != 1 ||
        digest.type != FIELD_TEXT || digest.size < skip + DIGEST_DIGITS ||
        memcmp(digest.data, algorithm, skip) != 0 || !is_hex(digest.data + skip, DIGEST_DIGITS))
        return -EINVAL;
    snprintf(ret, RECORD_ID_SIZE, "sha256-%.*s", DIGEST_DIGITS, digest.data + skip);
    return 0;
}

int record_identity(const char *line, size_t size, uint64_t *ret_spool, uint64_t *ret_seq)
{
    static const char *const heads[] = {"{\"schema\":\"" RECORD_SCHEMA "\",\"id\":\"",
                                        "{\"uri\":\"urn:khabar:"};
    size_t at = 0;
    for (size_t i = 0; i < sizeof heads / sizeof *heads && !at; i++)
        if (size > strlen(heads[i]) && !memcmp(line, heads[i], strlen(heads[i])))
            at = strlen(heads[i]);
    const char *quote = at ? memchr(line + at, '"', size - at) : NULL;
    return quote &&
           message_id_read(line + at, (size_t)(quote - line) - at, ret_spool, ret_seq) == 0;
}

static int write_inside(struct buffer *line, const struct field_value *value, int depth);

/* key: NULL for an item of a list */
static int write_value(struct buffer *line, const char *key, const struct field_value *value,
                       int depth)
{
    if (value->type == FIELD_REAL && value->real - value->real != 0)
        return 0; /* JSON has no infinities; absent rather than null */
    if (key)
        json_put_key(line, key);
    switch (value->type) {
    case FIELD_TEXT:
        json_put_text(line, value->data, value->size);
        return 0;
    case FIELD_INTEGER:
        json_put_integer(line, value->integer);
        return 0;
    case FIELD_REAL:
        json_put_real(line, value->real);
        return 0;
    case FIELD_FLAG:
        json_put_flag(line, value->integer != 0);
        return 0;
    case FIELD_TIME:
        json_put_time(line, value->integer);
        return 0;
    case FIELD_OBJECT:
    case FIELD_LIST:
        return write_inside(line, value, depth);
    }
    return -EBADMSG;
}

static int write_field(struct buffer *line, const struct field_value *value, int depth)
{
    const char *name = field_name(value->field);
    if (!name || value->field == FIELD_MINHASH)
        return 0;
    if (value->type != field_type(value->field))
        return -EBADMSG;
    if (value->type == FIELD_LIST && !value->size)
        return 0; /* absent rather than empty */
    return write_value(line, name, value, depth);
}

static int write_inside(struct buffer *line, const struct field_value *value, int depth)
{
    if (depth >= MAX_DEPTH)
        return -EBADMSG;
    bool list = value->type == FIELD_LIST;
    struct fields_cursor cursor = fields_inside(value);
    struct field_value item;
    int r;
    if (list)
        json_open_array(line);
    else
        json_open_object(line);
    while ((r = fields_next(&cursor, &item)) > 0) {
        r = list ? write_value(line, NULL, &item, depth + 1) : write_field(line, &item, depth + 1);
        if (r < 0)
            return r;
    }
    if (list)
        json_close_array(line);
    else
        json_close_object(line);
    return r;
}

/* Which fields of the top level are written already. */
struct written {
    bool field[FIELD_END_OF_NAMES];
};

static int write_run(struct buffer *line, struct fields_run run, struct written *written)
{
    struct fields_cursor cursor = fields_read(run.data, run.size);
    struct field_value value;
    int r;
    while ((r = fields_next(&cursor, &value)) > 0) {
        if (!field_name(value.field) || written->field[value.field])
            continue;
        written->field[value.field] = true;
        r = write_field(line, &value, 1);
        if (r < 0)
            return r;
    }
    return r;
}

/* Several stages warn; their lists become one. The runs were read before, so they are fields. */
static int write_warnings(struct buffer *line, const struct fields_run *runs, size_t count)
{
    bool open = false;
    for (size_t i = 0; i < count; i++) {
        struct fields_cursor cursor = fields_read(runs[i].data, runs[i].size);
        struct field_value value, item;
        while (fields_next(&cursor, &value) > 0) {
            if (value.field != FIELD_WARNINGS)
                continue;
            if (value.type != FIELD_LIST)
                return -EBADMSG;
            struct fields_cursor items = fields_inside(&value);
            int r;
            while ((r = fields_next(&items, &item)) > 0) {
                if (item.type != FIELD_TEXT)
                    return -EBADMSG;
                if (!open) {
                    json_put_key(line, field_name(FIELD_WARNINGS));
                    json_open_array(line);
                    open = true;
                }
                json_put_text(line, item.data, item.size);
            }
            if (r < 0)
                return r;
        }
    }
    if (open)
        json_close_array(line);
    return 0;
}

static int write_line(const struct record *record, const struct fields_run *runs, size_t run_count,
                      struct buffer *line)
{
    char id[RECORD_ID_SIZE];
    int r = record_id(record, id);
    if (r < 0)
        return r;
    struct written written = {0};
    json_open_object(line);
    json_put_key(line, field_name(FIELD_SCHEMA));
    json_put_string(line, RECORD_SCHEMA);
    json_put_key(line, field_name(FIELD_ID));
    json_put_string(line, id);
    written.field[FIELD_SCHEMA] = written.field[FIELD_ID] = written.field[FIELD_SEQ] = true;
    written.field[FIELD_WARNINGS] = true;
    if (record->spool) {
        json_put_key(line, field_name(FIELD_SEQ));
        json_put_unsigned(line, record->seq);
    }
    if (record->lane) {
        json_put_key(line, field_name(FIELD_LANE));
        json_put_string(line, record->lane);
        written.field[FIELD_LANE] = true;
    }
    if (record->received_at) {
        json_put_key(line, field_name(FIELD_RECEIVED_AT));
        json_put_time(line, record->received_at);
        written.field[FIELD_RECEIVED_AT] = true;
    }
    for (size_t i = 0; i < run_count; i++) {
        r = write_run(line, runs[i], &written);
        if (r < 0)
            return r;
    }
    r = write_warnings(line, runs, run_count);
    if (r < 0)
        return r;
    if (record->body) {
        json_put_key(line, field_name(FIELD_BODY_BASE64));
        json_put_base64(line, record->body, record->body_size);
    }
    json_close_object(line);
    buffer_append_char(line, '\n');
    return 0;
}

static int finish(struct buffer *line, size_t start, int r)
{
    if (r == 0 && line->failed)
        r = -ENOMEM;
    if (r < 0)
        line->size = start;
    return r;
}

int record_write_khabar(const struct record *record, struct buffer *line)
{
    const struct fields_run runs[] = {record->document, record->article, record->labels,
                                      record->seen};
    struct record without_body = *record;
    without_body.body = NULL;
    size_t start = line->size;
    return finish(line, start, write_line(&without_body, runs, 4, line));
}

int record_write_reject(const struct record *record, struct buffer *line)
{
    const struct fields_run runs[] = {record->reject, record->document, record->article};
    size_t start = line->size;
    return finish(line, start, write_line(record, runs, 3, line));
}

/* What a feeder is told of a document, as a line of JSON. */
#include "ingest/answer_line.h"

#include "libcommon/json_writer.h"
#include "libcommon/utf8.h"

#include <string.h>

void answer_put_foreign(struct buffer *b, const char *text)
{
    size_t size = strlen(text);
    json_quote(b);
    for (size_t at = 0; at < size;) {
        size_t good = utf8_valid_prefix(text + at, size - at);
        json_put_piece(b, text + at, good);
        at += good;
        if (at < size) {
            json_put_piece(b, "\xef\xbf\xbd", 3);
            at++;
        }
    }
    json_unquote(b);
}

static void open_line(struct buffer *b, size_t number, const char *feeder_id, const char *outcome)
{
    json_open_object(b);
    if (number) {
        json_put_key(b, "number");
        json_put_unsigned(b, number);
    }
    if (feeder_id) {
        json_put_key(b, "feeder_id");
        answer_put_foreign(b, feeder_id);
    }
    json_put_key(b, "outcome");
    json_put_string(b, outcome);
}

static void close_line(struct buffer *b)
{
    json_close_object(b);
    buffer_append_char(b, '\n');
}

void answer_accepted(struct buffer *out, size_t number, const char *feeder_id,
                     const char id[MESSAGE_ID_SIZE])
{
    open_line(out, number, feeder_id, "accepted");
    json_put_key(out, "id");
    json_put_string(out, id);
    close_line(out);
}

void answer_refused(struct buffer *out, size_t number, const char *feeder_id, const char *why)
{
    open_line(out, number, feeder_id, "refused");
    json_put_key(out, "reason");
    answer_put_foreign(out, why);
    close_line(out);
}

void answer_busy(struct buffer *out, size_t number, int wait_ms)
{
    open_line(out, number, NULL, "busy");
    json_put_key(out, "retry_after_ms");
    json_put_integer(out, wait_ms);
    close_line(out);
}

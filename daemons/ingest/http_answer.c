/* What an upload over HTTP is answered. */
#include "ingest/http_answer.h"

#include "libcommon/json_writer.h"
#include "libcommon/utf8.h"

#include <string.h>

static const struct {
    unsigned status;
    const char *title;
} titles[] = {
    {400, "Bad Request"           },
    {401, "Unauthorized"          },
    {404, "Not Found"             },
    {405, "Method Not Allowed"    },
    {413, "Content Too Large"     },
    {415, "Unsupported Media Type"},
    {429, "Too Many Requests"     },
    {503, "Service Unavailable"   },
};

/* What others wrote: where it is no UTF-8, U+FFFD REPLACEMENT CHARACTER. */
static void put_foreign(struct buffer *b, const char *text)
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
        put_foreign(b, feeder_id);
    }
    json_put_key(b, "outcome");
    json_put_string(b, outcome);
}

static void close_line(struct buffer *b)
{
    json_close_object(b);
    buffer_append_char(b, '\n');
}

void http_answer_problem(struct http_answer *a, unsigned status, const char *detail)
{
    const char *title = "Error";
    for (size_t i = 0; i < sizeof titles / sizeof *titles; i++)
        if (titles[i].status == status)
            title = titles[i].title;
    buffer_clear(&a->text);
    a->status = status;
    a->type = "application/problem+json";
    json_open_object(&a->text);
    json_put_key(&a->text, "title");
    json_put_string(&a->text, title);
    json_put_key(&a->text, "status");
    json_put_unsigned(&a->text, status);
    json_put_key(&a->text, "detail");
    put_foreign(&a->text, detail);
    close_line(&a->text);
}

void http_answer_accepted(struct http_answer *a, size_t number, const char *feeder_id,
                          const char id[MESSAGE_ID_SIZE])
{
    open_line(&a->text, number, feeder_id, "accepted");
    json_put_key(&a->text, "id");
    json_put_string(&a->text, id);
    close_line(&a->text);
}

void http_answer_refused(struct http_answer *a, size_t number, const char *feeder_id,
                         const char *why)
{
    open_line(&a->text, number, feeder_id, "refused");
    json_put_key(&a->text, "reason");
    put_foreign(&a->text, why);
    close_line(&a->text);
}

void http_answer_busy(struct http_answer *a, size_t number, int wait_ms)
{
    open_line(&a->text, number, NULL, "busy");
    json_put_key(&a->text, "retry_after_ms");
    json_put_integer(&a->text, wait_ms);
    close_line(&a->text);
}

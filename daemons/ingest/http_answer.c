/* What an upload over HTTP is answered. */
#include "ingest/http_answer.h"

#include "ingest/answer_line.h"
#include "libcommon/json_writer.h"

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
    answer_put_foreign(&a->text, detail);
    json_close_object(&a->text);
    buffer_append_char(&a->text, '\n');
}

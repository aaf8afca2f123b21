/* An HTTP/1 response as crawlers keep it. */
#include "libcommon/http_message.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>
#include <strings.h>

enum { HEAD_MAX = 256 * 1024, CHUNK_LINE_MAX = 4096 };

/* The line at data without its end; *ret_next is behind it. NULL: no line ends here. */
static const char *line_end(const char *data, size_t size, const char **ret_next)
{
    const char *feed = memchr(data, '\n', size);
    if (!feed)
        return NULL;
    *ret_next = feed + 1;
    return feed > data && feed[-1] == '\r' ? feed - 1 : feed;
}

static int read_status(const char *line, size_t size)
{
    if (size < 12 || strncasecmp(line, "HTTP/", 5) != 0)
        return 0;
    const char *space = memchr(line, ' ', size);
    if (!space || line + size - space < 4)
        return 0;
    int status = 0;
    for (int i = 1; i <= 3; i++) {
        if (!isdigit((unsigned char)space[i]))
            return 0;
        status = status * 10 + (space[i] - '0');
    }
    return status;
}

static void copy_value(const char *value, size_t size, char out[HTTP_FIELD_SIZE])
{
    while (size && (*value == ' ' || *value == '\t')) {
        value++;
        size--;
    }
    while (size && (value[size - 1] == ' ' || value[size - 1] == '\t'))
        size--;
    if (size >= HTTP_FIELD_SIZE)
        size = HTTP_FIELD_SIZE - 1;
    memcpy(out, value, size);
    out[size] = '\0';
}

static int is_named(const char *line, size_t name_size, const char *name)
{
    return strlen(name) == name_size && strncasecmp(line, name, name_size) == 0;
}

static void read_field(const char *line, size_t size, struct http_message *ret)
{
    const char *colon = memchr(line, ':', size);
    if (!colon)
        return;
    size_t name_size = (size_t)(colon - line), value_size = size - name_size - 1;
    char value[HTTP_FIELD_SIZE];
    if (is_named(line, name_size, "content-type")) {
        copy_value(colon + 1, value_size, ret->content_type);
    } else if (is_named(line, name_size, "content-encoding")) {
        copy_value(colon + 1, value_size, ret->content_coding);
    } else if (is_named(line, name_size, "transfer-encoding")) {
        copy_value(colon + 1, value_size, value);
        size_t length = strlen(value);
        ret->chunked = length >= 7 && strcasecmp(value + length - 7, "chunked") == 0;
    }
}

int http_message_read(const char *data, size_t size, struct http_message *ret)
{
    const char *at = data, *limit = data + (size < HEAD_MAX ? size : HEAD_MAX), *next;
    memset(ret, 0, sizeof *ret);
    const char *end = line_end(at, (size_t)(limit - at), &next);
    ret->status = end ? read_status(at, (size_t)(end - at)) : 0;
    if (!ret->status)
        return HTTP_BAD;
    for (at = next; (end = line_end(at, (size_t)(limit - at), &next)); at = next) {
        if (end == at) {
            ret->body = next;
            ret->body_size = size - (size_t)(next - data);
            return HTTP_OK;
        }
        read_field(at, (size_t)(end - at), ret);
    }
    return HTTP_BAD;
}

/* The size at the head of a chunk; -1: no size. Extensions are passed over. */
static long long chunk_size(const char *line, size_t size)
{
    long long value = 0;
    size_t i = 0;
    for (; i < size && isxdigit((unsigned char)line[i]); i++) {
        int c = tolower((unsigned char)line[i]);
        if (value > (1LL << 40))
            return -1;
        value = value * 16 + (c <= '9' ? c - '0' : c - 'a' + 10);
    }
    return i && (i == size || strchr("; \t", line[i])) ? value : -1;
}

int http_chunks_join(const char *data, size_t size, struct buffer *out)
{
    size_t before = out->size, at = 0;
    for (;;) {
        const char *next;
        size_t window = size - at < CHUNK_LINE_MAX ? size - at : CHUNK_LINE_MAX;
        const char *end = line_end(data + at, window, &next);
        long long chunk = end ? chunk_size(data + at, (size_t)(end - data) - at) : -1;
        at = end ? (size_t)(next - data) : at;
        if (chunk == 0)
            return out->failed ? -ENOMEM : HTTP_OK; /* what follows are trailer fields */
        if (chunk < 0 || (unsigned long long)chunk > size - at)
            break;
        buffer_append(out, data + at, (size_t)chunk);
        at += (size_t)chunk;
        if (!line_end(data + at, size - at < 2 ? size - at : 2, &next))
            break;
        at = (size_t)(next - data);
    }
    out->size = before;
    return HTTP_BAD;
}

/* The documents of an upload. */
#include "ingest/upload.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { LINE_OVERHEAD = 64 * 1024 };

enum form { FORM_WHOLE, FORM_OBJECT, FORM_LINES };

static const struct {
    const char *type;
    enum form form;
} types[] = {
    {"text/html",             FORM_WHOLE },
    {"text/plain",            FORM_WHOLE },
    {"application/xhtml+xml", FORM_WHOLE },
    {"application/json",      FORM_OBJECT},
    {"application/x-ndjson",  FORM_LINES },
    {"application/ndjson",    FORM_LINES },
    {"application/jsonl",     FORM_LINES },
};

struct upload {
    enum form form;
    size_t longest; /* line */
    const char *body;
    size_t size, at, line;
    bool done;
    char *content_type, *location, *key, *site; /* NULL: not given */
    int64_t fetched_at;
    struct ndjson_document document;
};

static int bad(char why[UPLOAD_WHY_SIZE], const char *header, const char *what)
{
    snprintf(why, UPLOAD_WHY_SIZE, "%s: %s", header, what);
    return UPLOAD_MALFORMED;
}

static int find_form(const char *content_type, enum form *ret, char why[UPLOAD_WHY_SIZE])
{
    size_t length = content_type ? strcspn(content_type, "; \t") : 0;
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (strlen(types[i].type) == length &&
            strncasecmp(types[i].type, content_type, length) == 0) {
            *ret = types[i].form;
            return UPLOAD_OK;
        }
    snprintf(why, UPLOAD_WHY_SIZE,
             "Content-Type: %s is none of text/html, text/plain, "
             "application/xhtml+xml, application/json and application/x-ndjson",
             length ? "it" : "nothing");
    return UPLOAD_TYPE_UNKNOWN;
}

/* Copies the value of a header; a value in quotation marks is a string of RFC 8941. */
static int copy(const char *header, const char *value, size_t max, bool quoted, char **ret,
                char why[UPLOAD_WHY_SIZE])
{
    size_t size = value ? strlen(value) : 0, to = 0;
    if (!size)
        return UPLOAD_OK;
    quoted = quoted && size >= 2 && value[0] == '"' && value[size - 1] == '"';
    if (size > max + 2)
        return bad(why, header, "too long");
    char *out = malloc(size + 1);
    if (!out)
        return -ENOMEM;
    *ret = out;
    for (size_t i = quoted; i < size - quoted; i++) {
        unsigned char c = (unsigned char)value[i];
        if (quoted && c == '\\' && i + 1 < size - quoted)
            c = (unsigned char)value[++i];
        if (c < 0x20 || c == 0x7f)
            return bad(why, header, "has a control character");
        out[to++] = (char)c;
    }
    out[to] = '\0';
    return to > max ? bad(why, header, "too long") : UPLOAD_OK;
}

static int read_head(struct upload *u, const struct upload_head *h, char why[UPLOAD_WHY_SIZE])
{
    int r = find_form(h->content_type, &u->form, why);
    if (r == UPLOAD_OK && u->form == FORM_WHOLE)
        r = copy("Content-Type", h->content_type, NDJSON_CONTENT_TYPE_MAX, false, &u->content_type,
                 why);
    if (r == UPLOAD_OK)
        r = copy("Content-Location", h->location, NDJSON_URL_MAX, false, &u->location, why);
    if (r == UPLOAD_OK)
        r = copy("Idempotency-Key", h->key, NDJSON_ID_MAX, true, &u->key, why);
    if (r == UPLOAD_OK)
        r = copy("Khabar-Site", h->site, NDJSON_SITE_MAX, false, &u->site, why);
    if (r == UPLOAD_OK && h->fetched_at && *h->fetched_at &&
        ndjson_document_time(h->fetched_at, &u->fetched_at) != NDJSON_OK)
        r = bad(why, "Khabar-Fetched-At", "neither RFC 3339 nor seconds since 1970");
    return r;
}

int upload_new(const struct upload_head *head, size_t document_bytes, struct upload **ret,
               char why[UPLOAD_WHY_SIZE])
{
    struct upload *u = calloc(1, sizeof *u);
    if (!u)
        return -ENOMEM;
    u->longest = document_bytes * 2 + LINE_OVERHEAD;
    int r = read_head(u, head, why);
    if (r != UPLOAD_OK)
        upload_free(u);
    else
        *ret = u;
    return r;
}

struct upload *upload_free(struct upload *u)
{
    if (!u)
        return NULL;
    if (u->form != FORM_WHOLE)
        ndjson_document_free(&u->document);
    free(u->content_type);
    free(u->location);
    free(u->key);
    free(u->site);
    free(u);
    return NULL;
}

bool upload_many(const struct upload *u)
{
    return u->form == FORM_LINES;
}

void upload_body(struct upload *u, const char *body, size_t size)
{
    u->body = body ? body : "";
    u->size = size;
}

static int read_object(struct upload *u, const char *json, size_t size, char why[UPLOAD_WHY_SIZE])
{
    char reason[NDJSON_WHY_SIZE];
    if (size > u->longest) {
        snprintf(why, UPLOAD_WHY_SIZE, "too large: a JSON object of %zu bytes", size);
        return UPLOAD_NO_DOCUMENT;
    }
    int r = ndjson_document_read(json, size, true, &u->document, reason);
    if (r == NDJSON_BAD)
        snprintf(why, UPLOAD_WHY_SIZE, "%s", reason);
    return r < 0 ? r : r == NDJSON_OK ? UPLOAD_DOCUMENT : UPLOAD_NO_DOCUMENT;
}

static int next_whole(struct upload *u, char why[UPLOAD_WHY_SIZE])
{
    if (u->done)
        return UPLOAD_END;
    u->done = true;
    u->line = 1;
    int r = UPLOAD_DOCUMENT;
    if (u->form == FORM_OBJECT)
        r = read_object(u, u->body, u->size, why);
    else
        u->document = (struct ndjson_document){
            .content_type = u->content_type, .body = u->body, .body_size = u->size};
    if (r != UPLOAD_DOCUMENT)
        return r;
    struct ndjson_document *d = &u->document;
    d->id = d->id ? d->id : u->key;
    d->url = d->url ? d->url : u->location;
    d->site = d->site ? d->site : u->site;
    d->fetched_at = d->fetched_at ? d->fetched_at : u->fetched_at;
    return r;
}

static bool blank(const char *text, size_t size)
{
    for (size_t i = 0; i < size; i++)
        if (text[i] != ' ' && text[i] != '\t' && text[i] != '\r')
            return false;
    return true;
}

static int next_line(struct upload *u, char why[UPLOAD_WHY_SIZE])
{
    while (u->at < u->size) {
        const char *line = u->body + u->at;
        const char *feed = memchr(line, '\n', u->size - u->at);
        size_t size = feed ? (size_t)(feed - line) : u->size - u->at;
        u->at += size + (feed != NULL);
        u->line++;
        if (!blank(line, size))
            return read_object(u, line, size, why);
    }
    return UPLOAD_END;
}

int upload_next(struct upload *u, const struct ndjson_document **ret, size_t *ret_number,
                char why[UPLOAD_WHY_SIZE])
{
    if (u->form != FORM_WHOLE)
        ndjson_document_free(&u->document);
    int r = u->form == FORM_LINES ? next_line(u, why) : next_whole(u, why);
    *ret_number = u->line;
    if (r == UPLOAD_DOCUMENT)
        *ret = &u->document;
    return r;
}

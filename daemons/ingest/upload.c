/* The documents of an upload. */
#include "ingest/upload.h"

#include "libcommon/content_coding.h"
#include "libcommon/warc.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { LINE_OVERHEAD = 64 * 1024 };

enum form { FORM_WHOLE, FORM_OBJECT, FORM_LINES, FORM_WARC };

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
    {"application/warc",      FORM_WARC  },
};

struct upload {
    enum form form;
    size_t document_bytes, longest; /* longest: line */
    const char *body;
    size_t size, at, line;
    bool done;
    struct buffer decoded;
    struct warc *warc;
    struct warc_document page;
    char *coding, *content_type, *location, *key, *site; /* NULL: not given */
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
             "application/xhtml+xml, "
             "application/json, application/x-ndjson and application/warc",
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

static int unknown_coding(char why[UPLOAD_WHY_SIZE])
{
    snprintf(why, UPLOAD_WHY_SIZE, "Content-Encoding: at most %d of " UPLOAD_CODINGS, CODINGS_MAX);
    return UPLOAD_CODING_UNKNOWN;
}

/* A list of names, parted by commas; how many are too many is content_decode()'s to say. */
static int read_codings(struct upload *u, const char *list, char why[UPLOAD_WHY_SIZE])
{
    int r = copy("Content-Encoding", list, 100, false, &u->coding, why);
    for (const char *at = r == UPLOAD_OK ? u->coding : NULL; at && *at;) {
        enum content_coding coding;
        at += strspn(at, " \t,");
        size_t size = strcspn(at, " \t,");
        if (size && content_coding_from_name(at, size, &coding) != CODING_OK)
            return unknown_coding(why);
        at += size;
    }
    return r;
}

static int read_head(struct upload *u, const struct upload_head *h, char why[UPLOAD_WHY_SIZE])
{
    int r = find_form(h->content_type, &u->form, why);
    if (r == UPLOAD_OK && u->form == FORM_WHOLE)
        r = copy("Content-Type", h->content_type, NDJSON_CONTENT_TYPE_MAX, false, &u->content_type,
                 why);
    if (r == UPLOAD_OK)
        r = read_codings(u, h->content_coding, why);
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
    u->document_bytes = document_bytes;
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
    if (u->form == FORM_OBJECT || u->form == FORM_LINES)
        ndjson_document_free(&u->document);
    warc_free(u->warc);
    buffer_free(&u->decoded);
    free(u->coding);
    free(u->content_type);
    free(u->location);
    free(u->key);
    free(u->site);
    free(u);
    return NULL;
}

bool upload_many(const struct upload *u)
{
    return u->form == FORM_LINES || u->form == FORM_WARC;
}

/* Puts what is decoded in the place of the body. */
static int decode(struct upload *u, const char *codings, size_t most, char why[UPLOAD_WHY_SIZE])
{
    const struct content_limits limits = {.bytes = most, .ratio = CONTENT_RATIO};
    struct buffer decoded = {0};
    int r = content_decode(codings, u->body, u->size, &limits, &decoded);
    if (r != CODING_OK)
        buffer_free(&decoded);
    switch (r) {
    case CODING_OK:
        buffer_free(&u->decoded);
        u->decoded = decoded;
        u->body = decoded.data ? decoded.data : "";
        u->size = decoded.size;
        return UPLOAD_OK;
    case CODING_UNKNOWN:
        return unknown_coding(why);
    case CODING_DAMAGED:
        snprintf(why, UPLOAD_WHY_SIZE, "the body is damaged, or cut short: %s can't be undone",
                 codings);
        return UPLOAD_MALFORMED;
    case CODING_TOO_LARGE:
        snprintf(why, UPLOAD_WHY_SIZE,
                 "too large: more than %zu bytes, or %d times as many, when %s is undone", most,
                 CONTENT_RATIO, codings);
        return UPLOAD_TOO_LARGE;
    }
    return r;
}

static int read_body(void *user, void *data, size_t size, size_t *ret_size)
{
    struct upload *u = user;
    *ret_size = size < u->size - u->at ? size : u->size - u->at;
    memcpy(data, u->body + u->at, *ret_size);
    u->at += *ret_size;
    return 0;
}

int upload_body(struct upload *u, const char *body, size_t size, size_t most,
                char why[UPLOAD_WHY_SIZE])
{
    const struct warc_source source = {.read = read_body, .user = u};
    u->body = body ? body : "";
    u->size = size;
    int r = u->coding ? decode(u, u->coding, most, why) : UPLOAD_OK;
    if (r != UPLOAD_OK || u->form != FORM_WARC)
        return r;
    enum content_coding packed = content_coding_of_bytes(u->body, u->size);
    if (packed != CODING_IDENTITY)
        r = decode(u, content_coding_name(packed), most, why);
    return r == UPLOAD_OK ? warc_new(&source, u->document_bytes, &u->warc) : r;
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

static const char *given(const char *text)
{
    return *text ? text : NULL;
}

/* Records that hold no page, as images do, are passed over. */
static int next_record(struct upload *u, char why[UPLOAD_WHY_SIZE])
{
    const struct warc_document *page = &u->page;
    int r;
    do {
        r = warc_next(u->warc, &u->page);
        u->line++;
    } while (r == WARC_NO_PAGE);
    if (r < 0 || r == WARC_END)
        return r < 0 ? r : UPLOAD_END;
    if (r == WARC_REFUSED) {
        snprintf(why, UPLOAD_WHY_SIZE, "%s", page->why);
        return UPLOAD_NO_DOCUMENT;
    }
    u->document = (struct ndjson_document){.id = given(page->id),
                                           .url = given(page->url),
                                           .site = u->site,
                                           .content_type = given(page->content_type),
                                           .fetched_at = page->fetched_at,
                                           .body = page->body,
                                           .body_size = page->body_size};
    return UPLOAD_DOCUMENT;
}

int upload_next(struct upload *u, const struct ndjson_document **ret, size_t *ret_number,
                char why[UPLOAD_WHY_SIZE])
{
    if (u->form == FORM_OBJECT || u->form == FORM_LINES)
        ndjson_document_free(&u->document);
    int r = u->form == FORM_LINES  ? next_line(u, why)
            : u->form == FORM_WARC ? next_record(u, why)
                                   : next_whole(u, why);
    *ret_number = u->line;
    if (r == UPLOAD_DOCUMENT)
        *ret = &u->document;
    return r;
}

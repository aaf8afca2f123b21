/* Reads the JSON object that a feeder writes for a document. */
#include "libcommon/ndjson_document.h"

#include <errno.h>
#include <jansson.h>
#include <math.h>
#include <openssl/evp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* A document object is flat and has few keys; what exceeds these would only cost memory. */
enum { MAX_NESTING = 16, MAX_VALUES = 1000 };

struct owned {
    json_t *root;
    char *decoded, id[24], content_type[NDJSON_CONTENT_TYPE_MAX + 32];
};

__attribute__((format(printf, 2, 3))) static int bad(char why[NDJSON_WHY_SIZE], const char *format,
                                                     ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(why, NDJSON_WHY_SIZE, format, arguments);
    va_end(arguments);
    return NDJSON_BAD;
}

/* Whether the text nests and counts like a document: looked at before a tree is made of it. */
static bool modest(const char *json, size_t size)
{
    int depth = 0, values = 0;
    bool quoted = false;
    for (size_t i = 0; i < size; i++) {
        if (quoted) {
            if (json[i] == '\\')
                i++;
            else if (json[i] == '"')
                quoted = false;
            continue;
        }
        if (json[i] == '"')
            quoted = true;
        else if (json[i] == '{' || json[i] == '[')
            depth++;
        else if (json[i] == '}' || json[i] == ']')
            depth--;
        else if (json[i] == ',')
            values++;
        if (depth > MAX_NESTING || values > MAX_VALUES)
            return false;
    }
    return true;
}

static int read_text(json_t *root, const char *key, size_t max, const char **ret,
                     char why[NDJSON_WHY_SIZE])
{
    json_t *value = json_object_get(root, key);
    if (!value || json_is_null(value))
        return NDJSON_OK;
    if (!json_is_string(value))
        return bad(why, "%s is not a string", key);
    const char *text = json_string_value(value);
    size_t size = json_string_length(value);
    if (size > max)
        return bad(why, "%s has %zu bytes, at most %zu are allowed", key, size, max);
    for (size_t i = 0; i < size; i++)
        if ((unsigned char)text[i] < 0x20 || text[i] == 0x7f)
            return bad(why, "%s has a control character", key);
    *ret = size ? text : NULL;
    return NDJSON_OK;
}

static int read_id(json_t *root, struct owned *owned, const char **ret, char why[NDJSON_WHY_SIZE])
{
    json_t *value = json_object_get(root, "id");
    if (!json_is_integer(value))
        return read_text(root, "id", NDJSON_ID_MAX, ret, why);
    snprintf(owned->id, sizeof owned->id, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
    *ret = owned->id;
    return NDJSON_OK;
}

/* Reads as many digits as `count`; -1: they are not there. */
static int digits(const char **at, int count)
{
    int value = 0;
    for (int i = 0; i < count; i++) {
        unsigned digit = (unsigned)((*at)[i] - '0');
        if (digit > 9)
            return -1;
        value = value * 10 + (int)digit;
    }
    *at += count;
    return value;
}

static bool skip(const char **at, const char *one_of)
{
    if (!**at || !strchr(one_of, **at))
        return false;
    (*at)++;
    return true;
}

/* Z, +03:00, +0300, or nothing, to the end of the text. */
static bool read_offset(const char *at, int *ret_minutes)
{
    *ret_minutes = 0;
    if (!*at)
        return true;
    if (skip(&at, "Zz"))
        return !*at;
    int sign = *at == '-' ? -1 : 1;
    if (!skip(&at, "+-"))
        return false;
    int hours = digits(&at, 2);
    skip(&at, ":");
    int minutes = digits(&at, 2);
    if (hours < 0 || hours > 23 || minutes < 0 || minutes > 59)
        return false;
    *ret_minutes = sign * (hours * 60 + minutes);
    return !*at;
}

static bool read_rfc3339(const char *at, int64_t *ret)
{
    struct tm t = {0};
    int year = digits(&at, 4);
    if (year < 1970 || !skip(&at, "-") || (t.tm_mon = digits(&at, 2) - 1) < 0 || t.tm_mon > 11 ||
        !skip(&at, "-") || (t.tm_mday = digits(&at, 2)) < 1 || t.tm_mday > 31 ||
        !skip(&at, "Tt ") || (t.tm_hour = digits(&at, 2)) < 0 || t.tm_hour > 23 ||
        !skip(&at, ":") || (t.tm_min = digits(&at, 2)) < 0 || t.tm_min > 59 || !skip(&at, ":") ||
        (t.tm_sec = digits(&at, 2)) < 0 || t.tm_sec > 60)
        return false;
    int64_t fraction = 0;
    if (skip(&at, "."))
        for (int64_t unit = 100000; *at >= '0' && *at <= '9'; at++, unit /= 10)
            fraction += unit * (*at - '0');
    int offset;
    if (!read_offset(at, &offset))
        return false;
    t.tm_year = year - 1900;
    *ret = ((int64_t)timegm(&t) - offset * 60) * 1000000 + fraction;
    return true;
}

static int from_seconds(double seconds, int64_t *ret)
{
    if (!(seconds > 0 && seconds < 253402300800.0)) /* year 10000 */
        return NDJSON_BAD;
    *ret = (int64_t)llround(seconds * 1e6);
    return NDJSON_OK;
}

int ndjson_document_time(const char *text, int64_t *ret)
{
    size_t digits_count = strspn(text, "0123456789."), size = strlen(text);
    char *end;
    if (size && digits_count == size) { /* no sign, no exponent, no hexadecimal digits */
        double seconds = strtod(text, &end);
        return *end ? NDJSON_BAD : from_seconds(seconds, ret);
    }
    return read_rfc3339(text, ret) ? NDJSON_OK : NDJSON_BAD;
}

static int read_fetched_at(json_t *root, int64_t *ret, char why[NDJSON_WHY_SIZE])
{
    json_t *value = json_object_get(root, "fetched_at");
    if (!value || json_is_null(value))
        return NDJSON_OK;
    if (json_is_number(value)) {
        if (from_seconds(json_number_value(value), ret) != NDJSON_OK)
            return bad(why, "fetched_at is not in seconds since 1970");
        return NDJSON_OK;
    }
    if (!json_is_string(value) || !read_rfc3339(json_string_value(value), ret))
        return bad(why, "fetched_at is neither RFC 3339 nor seconds since 1970");
    return NDJSON_OK;
}

static int decode_base64(const char *text, size_t size, struct owned *owned,
                         struct ndjson_document *d, char why[NDJSON_WHY_SIZE])
{
    const char *pad = memchr(text, '=', size);
    size_t padding = pad ? size - (size_t)(pad - text) : 0;
    if (size % 4 || padding > 2 || size > INT32_MAX / 2 || (padding == 2 && text[size - 1] != '='))
        return bad(why, "body_base64 is not base64");
    owned->decoded = malloc(size / 4 * 3 + 1);
    if (!owned->decoded)
        return -ENOMEM;
    int decoded =
        EVP_DecodeBlock((unsigned char *)owned->decoded, (const unsigned char *)text, (int)size);
    if (decoded != (int)(size / 4 * 3))
        return bad(why, "body_base64 is not base64");
    d->body = owned->decoded;
    d->body_size = (size_t)decoded - padding;
    return NDJSON_OK;
}

/* text and html have been decoded by the feeder: what it was before says nothing of these bytes. */
static void name_as_utf8(const char *media_type, struct owned *owned, struct ndjson_document *d)
{
    const char *given = d->content_type ? d->content_type : media_type;
    int length = (int)strcspn(given, "; \t");
    snprintf(owned->content_type, sizeof owned->content_type, "%.*s; charset=utf-8", length, given);
    d->content_type = owned->content_type;
}

static int read_body(json_t *root, bool with_body, struct owned *owned, struct ndjson_document *d,
                     char why[NDJSON_WHY_SIZE])
{
    static const struct {
        const char *key, *media_type;
    } bodies[] = {
        {"text",        "text/plain"},
        {"html",        "text/html" },
        {"body_base64", NULL        }
    };
    const char *media_type = NULL;
    json_t *found = NULL;
    for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++) {
        json_t *value = json_object_get(root, bodies[i].key);
        if (!value || json_is_null(value))
            continue;
        if (!json_is_string(value))
            return bad(why, "%s is not a string", bodies[i].key);
        if (!with_body)
            return bad(why, "%s stands beside a body of its own", bodies[i].key);
        if (found)
            return bad(why, "more than one of text, html and body_base64");
        found = value;
        media_type = bodies[i].media_type;
    }
    if (!with_body)
        return NDJSON_OK;
    if (!found)
        return bad(why, "none of text, html and body_base64");
    if (!media_type)
        return decode_base64(json_string_value(found), json_string_length(found), owned, d, why);
    d->body = json_string_value(found);
    d->body_size = json_string_length(found);
    name_as_utf8(media_type, owned, d);
    return NDJSON_OK;
}

static int read_tree(const char *json, size_t size, json_t **ret, char why[NDJSON_WHY_SIZE])
{
    if (!modest(json, size))
        return bad(why, "JSON nests too deep or has too many values for a document");
    json_error_t error;
    json_t *root = json_loadb(json, size, JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, &error);
    if (!root && json_error_code(&error) == json_error_out_of_memory)
        return -ENOMEM;
    if (!root)
        return bad(why, "not JSON: %.80s (byte %d)", error.text, error.position);
    if (!json_is_object(root)) {
        json_decref(root);
        return bad(why, "not a JSON object");
    }
    *ret = root;
    return NDJSON_OK;
}

int ndjson_document_read(const char *json, size_t size, bool with_body, struct ndjson_document *ret,
                         char why[NDJSON_WHY_SIZE])
{
    struct owned *owned = calloc(1, sizeof *owned);
    if (!owned)
        return -ENOMEM;
    struct ndjson_document d = {.owned = owned};
    int r = read_tree(json, size, &owned->root, why);
    if (r == NDJSON_OK)
        r = read_id(owned->root, owned, &d.id, why);
    if (r == NDJSON_OK)
        r = read_text(owned->root, "url", NDJSON_URL_MAX, &d.url, why);
    if (r == NDJSON_OK)
        r = read_text(owned->root, "site", NDJSON_SITE_MAX, &d.site, why);
    if (r == NDJSON_OK)
        r = read_text(owned->root, "content_type", NDJSON_CONTENT_TYPE_MAX, &d.content_type, why);
    if (r == NDJSON_OK)
        r = read_fetched_at(owned->root, &d.fetched_at, why);
    if (r == NDJSON_OK)
        r = read_body(owned->root, with_body, owned, &d, why);
    if (r != NDJSON_OK) {
        ndjson_document_free(&d);
        return r;
    }
    *ret = d;
    return NDJSON_OK;
}

void ndjson_document_free(struct ndjson_document *d)
{
    struct owned *owned = d->owned;
    if (owned) {
        json_decref(owned->root);
        free(owned->decoded);
        free(owned);
    }
    *d = (struct ndjson_document){0};
}

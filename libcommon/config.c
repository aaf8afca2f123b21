/* Configuration read from JSON against a table of rows. */
#include "libcommon/config.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PATH_SIZE = 256 };

struct reading {
    const char *file;
    const char *json;
    size_t size;
    const struct config_row *rows;
    size_t count;
    char *values;
    char *error;
};

static int complain(const struct reading *r, const char *path, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static int complain(const struct reading *r, const char *path, const char *format, ...)
{
    int size = snprintf(r->error, CONFIG_ERROR_SIZE, "%s:%u: %s: ", r->file,
                        config_line(r->json, r->size, path), path);
    if (size > 0 && size < CONFIG_ERROR_SIZE) {
        va_list arguments;
        va_start(arguments, format);
        vsnprintf(r->error + size, CONFIG_ERROR_SIZE - (size_t)size, format, arguments);
        va_end(arguments);
    }
    return -EINVAL;
}

static void *place(void *values, const struct config_row *row)
{
    return (char *)values + row->offset;
}

static void free_value(const struct config_row *row, void *values)
{
    switch (row->type) {
    case CONFIG_STRING: {
        char **string = place(values, row);
        free(*string);
        *string = NULL;
        break;
    }
    case CONFIG_STRINGS: {
        struct config_strings *strings = place(values, row);
        for (size_t i = 0; i < strings->count; i++)
            free(strings->items[i]);
        free(strings->items);
        *strings = (struct config_strings){0};
        break;
    }
    case CONFIG_MAP: {
        struct config_map *map = place(values, row);
        for (size_t i = 0; i < map->count; i++) {
            free(map->items[i].key);
            free(map->items[i].value);
        }
        free(map->items);
        *map = (struct config_map){0};
        break;
    }
    case CONFIG_INTEGER:
        *(int64_t *)place(values, row) = 0;
        break;
    case CONFIG_FLAG:
        *(bool *)place(values, row) = false;
        break;
    case CONFIG_CHOICE:
        *(int *)place(values, row) = 0;
        break;
    }
}

void config_free(const struct config_row *rows, size_t count, void *values)
{
    for (size_t i = 0; i < count; i++)
        free_value(&rows[i], values);
}

int config_defaults(const struct config_row *rows, size_t count, void *values)
{
    for (size_t i = 0; i < count; i++) {
        void *at = place(values, &rows[i]);
        switch (rows[i].type) {
        case CONFIG_STRING:
            *(char **)at = strdup(rows[i].text ? rows[i].text : "");
            if (!*(char **)at)
                return -ENOMEM;
            break;
        case CONFIG_INTEGER:
            *(int64_t *)at = rows[i].number;
            break;
        case CONFIG_FLAG:
            *(bool *)at = rows[i].number;
            break;
        case CONFIG_CHOICE:
            *(int *)at = (int)rows[i].number;
            break;
        case CONFIG_STRINGS:
        case CONFIG_MAP:
            break;
        }
    }
    return 0;
}

static const char *found(const json_t *value, char text[64])
{
    switch (json_typeof(value)) {
    case JSON_OBJECT:
        return "an object";
    case JSON_ARRAY:
        return "an array";
    case JSON_STRING:
        snprintf(text, 64, "the string \"%.40s\"", json_string_value(value));
        return text;
    case JSON_INTEGER:
        snprintf(text, 64, "%lld", (long long)json_integer_value(value));
        return text;
    case JSON_REAL:
        snprintf(text, 64, "%g", json_real_value(value));
        return text;
    case JSON_TRUE:
        return "true";
    case JSON_FALSE:
        return "false";
    case JSON_NULL:
        return "null";
    }
    return "nothing";
}

static int read_string(const struct reading *r, const struct config_row *row, const char *path,
                       const json_t *value, char **ret)
{
    char text[64];
    if (!json_is_string(value))
        return complain(r, path, "found %s, allowed is a string", found(value, text));
    const char *string = json_string_value(value);
    int64_t length = (int64_t)json_string_length(value);
    bool sized = row->type == CONFIG_STRING;
    if (sized && (length < row->lowest || length > row->highest))
        return complain(r, path, "found %lld bytes, allowed are %lld to %lld", (long long)length,
                        (long long)row->lowest, (long long)row->highest);
    const char *allowed = row->check ? row->check(string) : NULL;
    if (allowed)
        return complain(r, path, "found \"%.60s\", allowed is %s", string, allowed);
    *ret = strdup(string);
    return *ret ? 0 : -ENOMEM;
}

static int read_choice(const struct reading *r, const struct config_row *row, const char *path,
                       const json_t *value, int *ret)
{
    for (int i = 0; json_is_string(value) && row->choices[i]; i++)
        if (strcmp(row->choices[i], json_string_value(value)) == 0) {
            *ret = i;
            return 0;
        }
    char allowed[160] = "", text[64];
    for (int i = 0; row->choices[i]; i++) {
        size_t used = strlen(allowed);
        snprintf(allowed + used, sizeof allowed - used, "%s\"%s\"", i ? ", " : "", row->choices[i]);
    }
    return complain(r, path, "found %s, allowed is one of %s", found(value, text), allowed);
}

static int check_count(const struct reading *r, const struct config_row *row, const char *path,
                       size_t count)
{
    if ((int64_t)count < row->lowest || (int64_t)count > row->highest)
        return complain(r, path, "found %zu entries, allowed are %lld to %lld", count,
                        (long long)row->lowest, (long long)row->highest);
    return 0;
}

static int read_strings(const struct reading *r, const struct config_row *row, const char *path,
                        const json_t *value, struct config_strings *ret)
{
    char text[64], item_path[PATH_SIZE + 32];
    if (!json_is_array(value))
        return complain(r, path, "found %s, allowed is an array of strings", found(value, text));
    size_t count = json_array_size(value);
    int error = check_count(r, row, path, count);
    if (error < 0)
        return error;
    ret->items = calloc(count ? count : 1, sizeof *ret->items);
    if (!ret->items)
        return -ENOMEM;
    for (size_t i = 0; i < count && !error; i++) {
        snprintf(item_path, sizeof item_path, "%s[%zu]", path, i);
        error = read_string(r, row, item_path, json_array_get(value, i), &ret->items[i]);
        ret->count += !error;
    }
    return error;
}

static int read_map(const struct reading *r, const struct config_row *row, const char *path,
                    json_t *value, struct config_map *ret)
{
    char text[64], item_path[PATH_SIZE + 128];
    if (!json_is_object(value))
        return complain(r, path, "found %s, allowed is an object of strings", found(value, text));
    int error = check_count(r, row, path, json_object_size(value));
    if (error < 0)
        return error;
    ret->items = calloc(json_object_size(value) + 1, sizeof *ret->items);
    if (!ret->items)
        return -ENOMEM;
    const char *key;
    json_t *item;
    json_object_foreach(value, key, item)
    {
        snprintf(item_path, sizeof item_path, "%s.%.100s", path, key);
        struct config_pair pair = {.key = strdup(key)};
        error = pair.key ? read_string(r, row, item_path, item, &pair.value) : -ENOMEM;
        if (error) {
            free(pair.key);
            return error;
        }
        ret->items[ret->count++] = pair;
    }
    return 0;
}

static int read_value(const struct reading *r, const struct config_row *row, json_t *value)
{
    char text[64];
    void *at = place(r->values, row);
    switch (row->type) {
    case CONFIG_INTEGER: {
        if (!json_is_integer(value) || json_integer_value(value) < row->lowest ||
            json_integer_value(value) > row->highest)
            return complain(r, row->path, "found %s, allowed are %lld to %lld", found(value, text),
                            (long long)row->lowest, (long long)row->highest);
        *(int64_t *)at = json_integer_value(value);
        return 0;
    }
    case CONFIG_FLAG:
        if (!json_is_boolean(value))
            return complain(r, row->path, "found %s, allowed are true and false",
                            found(value, text));
        *(bool *)at = json_is_true(value);
        return 0;
    case CONFIG_CHOICE:
        return read_choice(r, row, row->path, value, at);
    case CONFIG_STRING:
        free_value(row, r->values);
        return read_string(r, row, row->path, value, at);
    case CONFIG_STRINGS:
        free_value(row, r->values);
        return read_strings(r, row, row->path, value, at);
    case CONFIG_MAP:
        free_value(row, r->values);
        return read_map(r, row, row->path, value, at);
    }
    return -EINVAL;
}

/* The row at a path; *ret_inside tells whether rows lie below it. */
static const struct config_row *find_row(const struct reading *r, const char *path,
                                         bool *ret_inside)
{
    size_t length = strlen(path);
    *ret_inside = false;
    for (size_t i = 0; i < r->count; i++) {
        if (strcmp(r->rows[i].path, path) == 0)
            return &r->rows[i];
        if (strncmp(r->rows[i].path, path, length) == 0 && r->rows[i].path[length] == '.')
            *ret_inside = true;
    }
    return NULL;
}

/* The names that may stand where an unknown one was found. */
static void list_names(const struct reading *r, const char *above, char *out, size_t size)
{
    size_t prefix = strlen(above), used = 0;
    char last[PATH_SIZE] = "";
    *out = '\0';
    for (size_t i = 0; i < r->count; i++) {
        const char *path = r->rows[i].path;
        if (prefix && (strncmp(path, above, prefix) != 0 || path[prefix] != '.'))
            continue;
        const char *name = path + prefix + (prefix > 0);
        size_t length = strcspn(name, ".");
        if (length == strlen(last) && strncmp(last, name, length) == 0)
            continue;
        snprintf(last, sizeof last, "%.*s", (int)length, name);
        int more = snprintf(out + used, size - used, "%s%s", used ? ", " : "", last);
        if (more < 0 || (size_t)more >= size - used)
            return;
        used += (size_t)more;
    }
}

static int read_object(const struct reading *r, const char *above, json_t *object)
{
    const char *key;
    json_t *value;
    json_object_foreach(object, key, value)
    {
        char path[PATH_SIZE], names[256], text[64];
        bool inside;
        if (!*above && strcmp(key, "$schema") == 0)
            continue; /* what editors look at */
        snprintf(path, sizeof path, "%s%s%s", above, *above ? "." : "", key);
        const struct config_row *row = find_row(r, path, &inside);
        int error;
        if (row) {
            error = read_value(r, row, value);
        } else if (inside && json_is_object(value)) {
            error = read_object(r, path, value);
        } else if (inside) {
            error = complain(r, path, "found %s, allowed is an object", found(value, text));
        } else {
            list_names(r, above, names, sizeof names);
            error = complain(r, path, "unknown key, allowed are: %s", names);
        }
        if (error < 0)
            return error;
    }
    return 0;
}

static int read_file(const char *file, char **ret, size_t *ret_size)
{
    int fd = open(file, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return -errno;
    struct stat st;
    int error = fstat(fd, &st) < 0             ? -errno
                : !S_ISREG(st.st_mode)         ? -EINVAL
                : st.st_size > CONFIG_FILE_MAX ? -EFBIG
                                               : 0;
    char *text = error ? NULL : malloc((size_t)st.st_size + 1);
    size_t size = 0;
    while (!error && text && size < (size_t)st.st_size) {
        ssize_t n = read(fd, text + size, (size_t)st.st_size - size);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0) {
            error = n < 0 ? -errno : 0;
            break;
        }
        size += (size_t)n;
    }
    close(fd);
    if (!text && !error)
        error = -ENOMEM;
    if (error) {
        free(text);
        return error;
    }
    text[size] = '\0';
    *ret = text;
    *ret_size = size;
    return 0;
}

int config_read(const char *file, const struct config_row *rows, size_t count, void *values,
                char error[CONFIG_ERROR_SIZE])
{
    char *json = NULL;
    size_t size = 0;
    error[0] = '\0';
    int r = read_file(file, &json, &size);
    if (r < 0) {
        snprintf(error, CONFIG_ERROR_SIZE, "%s: %s", file, strerror(-r));
        return r;
    }
    json_error_t at;
    json_t *root = json_loadb(json, size, JSON_REJECT_DUPLICATES, &at);
    struct reading reading = {file, json, size, rows, count, values, error};
    char text[64];
    if (!root) {
        snprintf(error, CONFIG_ERROR_SIZE, "%s:%d:%d: not JSON: %s", file, at.line, at.column,
                 at.text);
        r = -EINVAL;
    } else if (!json_is_object(root)) {
        snprintf(error, CONFIG_ERROR_SIZE, "%s:1: found %s, allowed is an object", file,
                 found(root, text));
        r = -EINVAL;
    } else {
        r = read_object(&reading, "", root);
    }
    json_decref(root);
    free(json);
    return r;
}

static void write_string(struct buffer *out, const char *string)
{
    json_t *value = json_string(string);
    char *text = value ? json_dumps(value, JSON_ENCODE_ANY) : NULL;
    if (text)
        buffer_append_string(out, text);
    else
        out->failed = true;
    free(text);
    json_decref(value);
}

static void write_default(const struct config_row *row, struct buffer *out)
{
    switch (row->type) {
    case CONFIG_INTEGER:
        buffer_append_format(out, "%lld", (long long)row->number);
        break;
    case CONFIG_FLAG:
        buffer_append_string(out, row->number ? "true" : "false");
        break;
    case CONFIG_CHOICE:
        write_string(out, row->choices[row->number]);
        break;
    case CONFIG_STRING:
        write_string(out, row->text ? row->text : "");
        break;
    case CONFIG_STRINGS:
        buffer_append_string(out, "[]");
        break;
    case CONFIG_MAP:
        buffer_append_string(out, "{}");
        break;
    }
}

static void write_row_schema(const struct config_row *row, struct buffer *out)
{
    static const char *const types[] = {"string", "integer", "boolean",
                                        "string", "array",   "object"};
    buffer_append_format(out, "{\"type\": \"%s\", \"description\": ", types[row->type]);
    write_string(out, row->meaning);
    buffer_append_string(out, ", \"default\": ");
    write_default(row, out);
    if (row->type == CONFIG_INTEGER)
        buffer_append_format(out, ", \"minimum\": %lld, \"maximum\": %lld", (long long)row->lowest,
                             (long long)row->highest);
    if (row->type == CONFIG_STRING && row->lowest > 0)
        buffer_append_format(out, ", \"minLength\": %lld", (long long)row->lowest);
    if (row->type == CONFIG_STRINGS)
        buffer_append_string(out, ", \"items\": {\"type\": \"string\"}");
    if (row->type == CONFIG_MAP)
        buffer_append_string(out, ", \"additionalProperties\": {\"type\": \"string\"}");
    if (row->type == CONFIG_CHOICE) {
        buffer_append_string(out, ", \"enum\": [");
        for (int i = 0; row->choices[i]; i++) {
            buffer_append_string(out, i ? ", " : "");
            write_string(out, row->choices[i]);
        }
        buffer_append_string(out, "]");
    }
    buffer_append_string(out, "}");
}

/* Writes the rows below a prefix, in order; rows of one object stand side by side in the table. */
static size_t write_level(const struct config_row *rows, size_t count, size_t first, size_t prefix,
                          bool schema, int depth, struct buffer *out)
{
    size_t i = first;
    for (bool comma = false; i < count; comma = true) {
        if (prefix && strncmp(rows[i].path, rows[first].path, prefix) != 0)
            break;
        const char *name = rows[i].path + prefix;
        size_t length = strcspn(name, ".");
        buffer_append_format(out, "%s\n%*s\"%.*s\": ", comma ? "," : "", depth * 2, "", (int)length,
                             name);
        if (!name[length]) {
            if (schema)
                write_row_schema(&rows[i], out);
            else
                write_default(&rows[i], out);
            i++;
            continue;
        }
        buffer_append_string(out, schema
                                      ? "{\"type\": \"object\", \"additionalProperties\": false, "
                                        "\"properties\": {"
                                      : "{");
        i = write_level(rows, count, i, prefix + length + 1, schema, depth + 1, out);
        buffer_append_format(out, "\n%*s%s", depth * 2, "", schema ? "}}" : "}");
    }
    return i;
}

void config_write_defaults(const struct config_row *rows, size_t count, struct buffer *out)
{
    buffer_append_string(out, "{");
    write_level(rows, count, 0, 0, false, 1, out);
    buffer_append_string(out, "\n}\n");
}

void config_write_schema(const struct config_row *rows, size_t count, const char *title,
                         struct buffer *out)
{
    buffer_append_string(out,
                         "{\n  \"$schema\": \"https://json-schema.org/draft/2020-12/schema\",\n"
                         "  \"title\": ");
    write_string(out, title);
    buffer_append_string(out, ",\n  \"type\": \"object\",\n  \"additionalProperties\": false,\n"
                              "  \"properties\": {\n    \"$schema\": {\"type\": \"string\"},");
    write_level(rows, count, 0, 0, true, 2, out);
    buffer_append_string(out, "\n  }\n}\n");
}

/* --- where a path stands in the text ------------------------------------------------------- */

struct scan {
    const char *at, *end;
    unsigned line;
};

static void skip_space(struct scan *s)
{
    for (; s->at < s->end && strchr(" \t\r\n,:", *s->at); s->at++)
        s->line += *s->at == '\n';
}

/* The raw text of a string, without its quotes; escapes are not undone. */
static size_t skip_string(struct scan *s, const char **ret)
{
    *ret = ++s->at;
    while (s->at < s->end && *s->at != '"')
        s->at += *s->at == '\\' && s->end - s->at > 1 ? 2 : 1;
    size_t size = (size_t)(s->at - *ret);
    s->at += s->at < s->end;
    return size;
}

static void skip_value(struct scan *s)
{
    const char *ignored;
    int depth = 0;
    do {
        skip_space(s);
        if (s->at >= s->end)
            return;
        if (*s->at == '"') {
            skip_string(s, &ignored);
        } else if (strchr("{[", *s->at)) {
            depth++;
            s->at++;
        } else if (strchr("}]", *s->at)) {
            depth--;
            s->at++;
        } else {
            while (s->at < s->end && !strchr(" \t\r\n,:{}[]\"", *s->at))
                s->at++;
        }
    } while (depth > 0);
}

unsigned config_line(const char *json, size_t size, const char *path)
{
    struct scan s = {json, json + size, 1};
    skip_space(&s);
    while (*path && s.at < s.end) {
        if (*path == '[' && *s.at == '[') {
            unsigned long index = strtoul(path + 1, NULL, 10);
            path += strcspn(path, "]");
            path += *path == ']';
            s.at++;
            for (skip_space(&s); index && s.at < s.end && *s.at != ']'; index--) {
                skip_value(&s);
                skip_space(&s);
            }
        } else if (*s.at == '{') {
            bool matched = false;
            s.at++;
            for (skip_space(&s); !matched && s.at < s.end && *s.at == '"'; skip_space(&s)) {
                const char *key;
                size_t length = skip_string(&s, &key);
                matched = strncmp(path, key, length) == 0 &&
                          (!path[length] || strchr(".[", path[length]));
                if (matched)
                    path += length + (path[length] == '.');
                else
                    skip_value(&s);
            }
            if (!matched)
                return 1;
            skip_space(&s);
        } else {
            break;
        }
        if (*path == '.')
            path++;
    }
    return s.line;
}

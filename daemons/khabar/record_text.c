/* Prints a record for people. */
#include "khabar/record_text.h"

#include <jansson.h>
#include <string.h>

enum { LEADS_SHOWN = 3 };

static const char bold[] = "\x1b[1m", dim[] = "\x1b[2m", plain[] = "\x1b[0m";

/* Text from outside may hold what a terminal would obey: C0, DEL, and C1 (C2 80 to C2 9F in UTF-8). */
static void print_clean(FILE *out, const char *text, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        unsigned char c = (unsigned char)text[i];
        bool c1 = c == 0xc2 && i + 1 < size && (unsigned char)text[i + 1] < 0xa0;
        if (c1)
            i++;
        if (c1 || (c < 0x20 && c != '\n') || c == 0x7f)
            fputs("\xef\xbf\xbd", out); /* U+FFFD */
        else
            fputc(c, out);
    }
}

static void print_string(FILE *out, const char *before, const json_t *value, const char *after)
{
    if (!json_is_string(value))
        return;
    fputs(before, out);
    print_clean(out, json_string_value(value), json_string_length(value));
    fputs(after, out);
}

static const json_t *first_of(const json_t *record, const char *list, const char *key)
{
    return json_object_get(json_array_get(json_object_get(record, list), 0), key);
}

static void print_names(FILE *out, const json_t *record, const char *list, const char *key)
{
    const json_t *items = json_object_get(record, list);
    size_t count = json_array_size(items);
    for (size_t i = 0; i < count; i++) {
        const json_t *item = json_array_get(items, i);
        const json_t *name = json_is_string(item) ? item : json_object_get(item, key);
        if (i == 0 && json_is_string(name))
            fprintf(out, "%s: ", list);
        print_string(out, i ? " | " : "", name, i + 1 == count ? "\n" : "");
    }
}

static void print_leads(FILE *out, const json_t *record)
{
    const json_t *leads = json_object_get(record, "leads");
    size_t count = json_array_size(leads);
    for (size_t i = 0; i < count && i < LEADS_SHOWN; i++) {
        const json_t *lead = json_array_get(leads, i);
        print_string(out, "lead ", json_object_get(lead, "role"), " ");
        print_string(out, "", json_object_get(lead, "published_at"), "");
        print_string(out, "\n  ", json_object_get(lead, "title"), "\n");
    }
    if (count > LEADS_SHOWN)
        fprintf(out, "and %zu more leads\n", count - LEADS_SHOWN);
}

static void print_quotes(FILE *out, const json_t *record)
{
    const json_t *quotes = json_object_get(record, "quotes");
    size_t count = json_array_size(quotes);
    if (count)
        fprintf(out, "quotes: %zu\n", count);
}

static void print_head(FILE *out, const json_t *record, bool colour)
{
    fputs(colour ? dim : "", out);
    const json_t *seq = json_object_get(record, "seq");
    if (json_is_integer(seq))
        fprintf(out, "── %" JSON_INTEGER_FORMAT, json_integer_value(seq));
    else
        fputs("──", out);
    print_string(out, " ", json_object_get(record, "id"), "");
    print_string(out, " ", json_object_get(record, "uri"), "");
    print_string(out, " ", json_object_get(record, "source"), "");
    print_string(out, " ", json_object_get(record, "published_at"), "");
    print_string(out, " ", json_object_get(record, "contentCreated"), "");
    print_string(out, " ", json_object_get(record, "language"), "");
    fputs(colour ? plain : "", out);
    fputc('\n', out);
}

static void print_record(FILE *out, const json_t *record, bool colour)
{
    const json_t *title = json_object_get(record, "title"), *text = json_object_get(record, "text");
    print_head(out, record, colour);
    print_string(out, "", json_object_get(record, "url"), "\n");
    print_string(out, "", json_object_get(record, "kicker"), "\n");
    fputs(colour ? bold : "", out);
    print_string(out, "", title ? title : first_of(record, "headlines", "value"), "\n");
    fputs(colour ? plain : "", out);
    print_string(out, "", json_object_get(record, "section"), "\n");
    print_string(out, "\n", text ? text : first_of(record, "bodies", "value"), "\n\n");
    print_names(out, record, "topics", "name");
    print_string(out, "event: ", json_object_get(json_object_get(record, "event"), "type"), "\n");
    print_names(out, record, "places", "name");
    print_names(out, record, "people", "name");
    print_names(out, record, "organisations", "name");
    print_quotes(out, record);
    print_leads(out, record);
    print_string(out, "duplicate of ", json_object_get(record, "duplicate_of"), "\n");
    print_names(out, record, "warnings", "");
    fputc('\n', out);
}

static void print_reject(FILE *out, const json_t *reject, bool colour)
{
    print_head(out, reject, colour);
    print_string(out, "", json_object_get(reject, "url"), "\n");
    print_string(out, "feeder's id: ", json_object_get(reject, "feeder_id"), "\n");
    fputs(colour ? bold : "", out);
    print_string(out, "rejected: ", json_object_get(reject, "reject"), "\n");
    fputs(colour ? plain : "", out);
    print_string(out, "", json_object_get(reject, "detail"), "\n");
    print_string(out, "by: ", json_object_get(reject, "stage"), "\n");
    print_string(out, "received: ", json_object_get(reject, "received_at"), "\n");
    const json_t *bytes = json_object_get(reject, "bytes");
    if (json_is_integer(bytes))
        fprintf(out, "bytes: %" JSON_INTEGER_FORMAT "\n", json_integer_value(bytes));
    fputc('\n', out);
}

void record_text_print(FILE *out, const char *line, size_t size, bool colour)
{
    json_t *record = json_loadb(line, size, JSON_ALLOW_NUL, NULL);
    if (!json_is_object(record)) {
        print_clean(out, line, size);
        fputc('\n', out);
    } else if (json_object_get(record, "reject")) {
        print_reject(out, record, colour);
    } else {
        print_record(out, record, colour);
    }
    json_decref(record);
}

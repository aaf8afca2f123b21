/* Dates in scripts: members by their names, in JSON, in JSON inside strings, in assignments. */
#include "parse/html_script_dates.h"

#include "parse/html_json_ld.h"

#include <string.h>

enum { NAME_MOST = 40, VALUE_MOST = 64, VALUES_MOST = 200, LINK_MOST = 24 };

static bool is_name(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-';
}

/* Names that hold the word and are those of a date, in small letters without marks. */
static const char *const published[] = {
    "datepublished",       "publishedat",          "publishdate",          "publisheddate",
    "publicationdate",     "publishtime",          "publishedtime",        "datepublish",
    "publishedon",         "firstpublished",       "firstpublishedat",     "firstpublicationdate",
    "publisheddatetime",   "publicationtime",      "articlepublisheddate", "articlepublishdate",
    "originalpublishdate", "contentpublisheddate", "datepublishediso",     "publishedutc"};
static const char *const created[] = {"datecreated", "createdat", "createddate", "creationdate"};

static bool is_listed(const char *name, size_t size, const char *const *list, size_t count)
{
    char letters[NAME_MOST];
    size_t used = 0;
    if (size > NAME_MOST)
        return false;
    for (size_t i = 0; i < size; i++)
        if (name[i] != '_' && name[i] != '-')
            letters[used++] = name[i] >= 'A' && name[i] <= 'Z' ? (char)(name[i] | 0x20) : name[i];
    for (size_t i = 0; i < count; i++)
        if (strlen(list[i]) == used && memcmp(letters, list[i], used) == 0)
            return true;
    return false;
}

/* Behind spaces, quotes, backslashes and entities, which quotes inside strings and attributes are.
 */
static size_t behind_quotes(const char *text, size_t size, size_t at)
{
    size_t end = size - at < LINK_MOST ? size : at + LINK_MOST;
    while (at < end && memchr(" \t\r\n\\\"'&", text[at], 8)) {
        const char *entity = text[at] == '&' ? memchr(text + at, ';', end - at) : NULL;
        at = entity ? (size_t)(entity - text) + 1 : at + 1;
    }
    return at;
}

/* The value behind a name and a colon or equals sign; of length 0: none follows. */
static struct span value_behind(const char *text, size_t size, size_t at)
{
    at = behind_quotes(text, size, at);
    if (at == size || (text[at] != ':' && text[at] != '='))
        return (struct span){0};
    at = behind_quotes(text, size, at + 1);
    size_t end = at, most = size - at < VALUE_MOST ? size : at + VALUE_MOST;
    bool number = true; /* which a comma ends; a weekday has one inside */
    for (; end < most && !memchr("\"'\\&<>{}[]\n", text[end], 11); end++) {
        number &= text[end] >= '0' && text[end] <= '9';
        if (number && end + 1 < most && text[end + 1] == ',')
            return (struct span){text + at, end + 1 - at};
    }
    return (struct span){text + at, end - at};
}

static bool find(const struct dates_context *context, const char *text, size_t size,
                 const char *word, const char *const *list, size_t count, struct moment *ret,
                 struct span *ret_text)
{
    const char *found = text, *end = text + size;
    for (unsigned tried = 0;
         tried < VALUES_MOST && (found = memmem(found, (size_t)(end - found), word, strlen(word)));
         found++) {
        const char *from = found, *to = found;
        while (from > text && is_name(from[-1]) && found - from < NAME_MOST)
            from--;
        while (to < end && is_name(*to) && to - found < NAME_MOST)
            to++;
        if (!is_listed(from, (size_t)(to - from), list, count))
            continue;
        tried++;
        struct span value = value_behind(text, size, (size_t)(to - text));
        if (value.length && claims_read_date(context, value, ret)) {
            *ret_text = value;
            return true;
        }
    }
    return false;
}

bool html_script_date(const struct dates_context *context, const char *text, size_t size,
                      struct moment *ret, struct span *ret_text)
{
    return find(context, text, size, "ubli", published, sizeof published / sizeof *published, ret,
                ret_text) ||
           find(context, text, size, "reat", created, sizeof created / sizeof *created, ret,
                ret_text);
}

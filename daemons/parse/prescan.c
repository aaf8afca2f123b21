/* The encoding that a page or a content type declares, found as the HTML standard finds it. */
#include "parse/prescan.h"

#include <string.h>
#include <strings.h>

enum { PRESCAN_BYTES = 1024 };

struct scan {
    const char *at, *end;
};

struct attribute {
    const char *name, *value; /* as in the page: any case */
    size_t name_size, value_size;
};

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\f' || c == '\r';
}

static bool is_letter(char c)
{
    return (c | 0x20) >= 'a' && (c | 0x20) <= 'z';
}

static bool starts(const struct scan *s, const char *word)
{
    size_t size = strlen(word);
    return (size_t)(s->end - s->at) >= size && strncasecmp(s->at, word, size) == 0;
}

static bool is(const char *bytes, size_t size, const char *word)
{
    return size == strlen(word) && strncasecmp(bytes, word, size) == 0;
}

static void skip_spaces(struct scan *s)
{
    while (s->at < s->end && is_space(*s->at))
        s->at++;
}

/* Behind the first of some bytes; the end when there is none. */
static void skip_behind(struct scan *s, const char *bytes)
{
    const char *found = memmem(s->at, (size_t)(s->end - s->at), bytes, strlen(bytes));
    s->at = found ? found + strlen(bytes) : s->end;
}

/* --- attributes: "get an attribute" of the prescan */

static void read_value(struct scan *s, struct attribute *a)
{
    char quote = s->at < s->end && (*s->at == '"' || *s->at == '\'') ? *s->at : '\0';
    s->at += quote != '\0';
    a->value = s->at;
    while (s->at < s->end && (quote ? *s->at != quote : !is_space(*s->at) && *s->at != '>'))
        s->at++;
    a->value_size = (size_t)(s->at - a->value);
    if (s->at == s->end)
        a->value_size = 0; /* cut off: what it says is not known */
    else
        s->at += quote != '\0';
}

/* Whether there was one; where not, s->at is at the '>' or the end. */
static bool next_attribute(struct scan *s, struct attribute *ret)
{
    while (s->at < s->end && (is_space(*s->at) || *s->at == '/'))
        s->at++;
    if (s->at == s->end || *s->at == '>')
        return false;
    *ret = (struct attribute){.name = s->at, .value = ""};
    do /* an equals sign that comes first is of the name */
        s->at++;
    while (s->at < s->end && !is_space(*s->at) && !memchr("=/>", *s->at, 3));
    ret->name_size = (size_t)(s->at - ret->name);
    struct scan ahead = *s;
    skip_spaces(&ahead);
    if (ahead.at == ahead.end || *ahead.at != '=')
        return true;
    ahead.at++;
    skip_spaces(&ahead);
    *s = ahead;
    read_value(s, ret);
    return true;
}

/* --- <meta> */

/* "Extracting a character encoding from a meta element". */
const struct encoding *prescan_content_type(const char *value, size_t size)
{
    static const char key[] = "charset";
    struct scan s = {value, value + size};
    for (; s.at < s.end; s.at++) {
        if (!starts(&s, key))
            continue;
        struct scan label = {s.at + strlen(key), s.end};
        skip_spaces(&label);
        if (label.at == label.end || *label.at != '=')
            continue;
        label.at++;
        skip_spaces(&label);
        char quote =
            label.at < label.end && (*label.at == '"' || *label.at == '\'') ? *label.at : '\0';
        label.at += quote != '\0';
        const char *stop = label.at;
        while (stop < s.end && (quote ? *stop != quote : !is_space(*stop) && *stop != ';'))
            stop++;
        if (quote && stop == s.end)
            return NULL; /* a quote that is never closed */
        return encoding_of_label(label.at, (size_t)(stop - label.at));
    }
    return NULL;
}

/* Reads the attributes of a <meta>; what it declares. */
static const struct encoding *read_meta(struct scan *s)
{
    bool pragma = false, needs_pragma = false, seen[3] = {false};
    const struct encoding *found = NULL;
    static const char *const names[] = {"http-equiv", "content", "charset"};
    struct attribute a;
    while (next_attribute(s, &a)) {
        size_t which = 0;
        while (which < 3 && !is(a.name, a.name_size, names[which]))
            which++;
        if (which == 3 || seen[which])
            continue; /* the first of a name counts */
        seen[which] = true;
        if (which == 0) {
            pragma = is(a.value, a.value_size, "content-type");
        } else if (which == 2) {
            found = encoding_of_label(a.value, a.value_size);
            needs_pragma = false;
        } else if (!seen[2] && !found) {
            found = prescan_content_type(a.value, a.value_size);
            needs_pragma = found != NULL;
        }
    }
    return needs_pragma && !pragma ? NULL : found;
}

/* --- the page */

/* UTF-16 declared byte by byte is none. */
static const struct encoding *in_bytes(const struct encoding *found)
{
    return found && encoding_is_utf16(found) ? encoding_of_label("utf-8", 5) : found;
}

/* "Get an XML encoding": the fallback. */
static const struct encoding *xml_encoding(const char *bytes, size_t size)
{
    struct scan s = {bytes, bytes + size};
    const char *end = memchr(bytes, '>', size);
    if (!end || size < 5 || memcmp(bytes, "<?xml", 5) != 0)
        return NULL;
    s.end = end;
    skip_behind(&s, "encoding");
    skip_spaces(&s);
    if (s.at == s.end || *s.at++ != '=')
        return NULL;
    skip_spaces(&s);
    if (s.at == s.end || (*s.at != '"' && *s.at != '\''))
        return NULL;
    const char *stop = memchr(s.at + 1, *s.at, (size_t)(s.end - s.at - 1));
    return stop ? encoding_of_label(s.at + 1, (size_t)(stop - s.at - 1)) : NULL;
}

/* Over a tag: behind its name and its attributes. */
static void skip_tag(struct scan *s)
{
    struct attribute a;
    while (s->at < s->end && !is_space(*s->at) && *s->at != '>')
        s->at++;
    while (next_attribute(s, &a))
        ;
}

const struct encoding *prescan_page(const char *bytes, size_t size)
{
    struct scan s = {bytes, bytes + (size < PRESCAN_BYTES ? size : PRESCAN_BYTES)};
    while (s.at < s.end) {
        s.at = memchr(s.at, '<', (size_t)(s.end - s.at));
        if (!s.at)
            break;
        size_t left = (size_t)(s.end - s.at);
        if (starts(&s, "<!--")) {
            s.at += 2; /* the dashes that open may be those that close */
            skip_behind(&s, "-->");
        } else if (starts(&s, "<meta") && left > 5 && (is_space(s.at[5]) || s.at[5] == '/')) {
            s.at += 5;
            const struct encoding *found = in_bytes(read_meta(&s));
            if (found)
                return found;
        } else if (left > 1 &&
                   (is_letter(s.at[1]) || (left > 2 && s.at[1] == '/' && is_letter(s.at[2])))) {
            skip_tag(&s);
        } else if (left > 1 && memchr("!/?", s.at[1], 3)) {
            skip_behind(&s, ">");
        } else {
            s.at++;
        }
    }
    return in_bytes(xml_encoding(bytes, size < PRESCAN_BYTES ? size : PRESCAN_BYTES));
}

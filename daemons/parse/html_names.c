/* Names of HTML elements and attributes, looked up by first letter. */
#include "parse/html_names.h"

#include <string.h>

struct name {
    const char *text;
    uint8_t size;
};

static const struct name tag_names[] = {
    [TAG_OTHER] = {"other", 5},
#define X(id, name, traits) [TAG_##id] = {name, sizeof name - 1},
    HTML_TAGS(X)
#undef X
};

const uint8_t html_traits[TAG_COUNT] = {
#define X(id, name, traits) [TAG_##id] = traits,
    HTML_TAGS(X)
#undef X
};

static const struct name attribute_names[] = {
#define X(id, name) [ATTRIBUTE_##id] = {name, sizeof name - 1},
    HTML_ATTRIBUTES(X)
#undef X
};

/* First row of each letter; a letter without rows has the first row of the next letter that has some. */
static const uint8_t first_tag[27] = {
    TAG_A,    TAG_B,      TAG_CANVAS, TAG_DATALIST, TAG_EM,     TAG_FIELDSET, TAG_H1,
    TAG_H1,   TAG_I,      TAG_LABEL,  TAG_LABEL,    TAG_LABEL,  TAG_MAIN,     TAG_NAV,
    TAG_OBJECT, TAG_P,    TAG_Q,      TAG_S,        TAG_S,      TAG_TABLE,    TAG_U,
    TAG_VIDEO, TAG_WBR,   TAG_XMP,    TAG_TEXT,     TAG_TEXT,   TAG_TEXT,
};
static const uint8_t first_attribute[27] = {
    ATTRIBUTE_ARIA_HIDDEN, ATTRIBUTE_CLASS,    ATTRIBUTE_CLASS,    ATTRIBUTE_DATA_COMPONENT,
    ATTRIBUTE_HIDDEN,      ATTRIBUTE_HIDDEN,   ATTRIBUTE_HIDDEN,   ATTRIBUTE_HIDDEN,
    ATTRIBUTE_ID,          ATTRIBUTE_LANG,     ATTRIBUTE_LANG,     ATTRIBUTE_LANG,
    ATTRIBUTE_NAME,        ATTRIBUTE_NAME,     ATTRIBUTE_PROPERTY, ATTRIBUTE_PROPERTY,
    ATTRIBUTE_REL,         ATTRIBUTE_REL,      ATTRIBUTE_SRC,      ATTRIBUTE_TITLE,
    ATTRIBUTE_COUNT,       ATTRIBUTE_COUNT,    ATTRIBUTE_COUNT,    ATTRIBUTE_COUNT,
    ATTRIBUTE_COUNT,       ATTRIBUTE_COUNT,    ATTRIBUTE_COUNT,
};

static bool same_letters(const char *text, const struct name *name)
{
    for (size_t i = 0; i < name->size; i++) {
        char c = text[i];
        if (c >= 'A' && c <= 'Z')
            c = (char)(c | 0x20);
        if (c != name->text[i])
            return false;
    }
    return true;
}

/* 0: none */
static unsigned find(const struct name *names, const uint8_t *first, const char *text, size_t size)
{
    unsigned letter = (unsigned)((size ? text[0] : 0) | 0x20) - 'a';
    if (letter > 25)
        return 0;
    for (unsigned row = first[letter]; row < first[letter + 1]; row++)
        if (names[row].size == size && same_letters(text, &names[row]))
            return row;
    return 0;
}

enum html_tag html_tag_of(const char *name, size_t size)
{
    return (enum html_tag)find(tag_names, first_tag, name, size);
}

const char *html_tag_name(enum html_tag tag)
{
    return tag < TAG_TEXT ? tag_names[tag].text : NULL;
}

enum html_attribute_name html_attribute_of(const char *name, size_t size)
{
    return (enum html_attribute_name)find(attribute_names, first_attribute, name, size);
}

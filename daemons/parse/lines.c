/* Lines of a page: appended, counted, named. */
#include "parse/lines.h"

#include "libcommon/utf8.h"

#include <string.h>

/* Spaces and tabs, eight bytes at a time: a byte is one when nothing is left of it but bits that
 * both have. */
static uint32_t count_spaces(struct span text)
{
    const uint64_t ones = 0x0101010101010101u, low = 0x7f7f7f7f7f7f7f7fu;
    uint32_t count = 0;
    size_t i = 0;
    for (; text.length - i >= 8; i += 8) {
        uint64_t word;
        memcpy(&word, text.text + i, 8);
        uint64_t space = word ^ ' ' * ones, tab = word ^ '\t' * ones;
        space = ~(((space & low) + low) | space | low); /* 0x80 where a byte is zero */
        tab = ~(((tab & low) + low) | tab | low);
        count += (uint32_t)(((space | tab) >> 7) * ones >> 56);
    }
    for (; i < text.length; i++)
        count += text.text[i] == ' ' || text.text[i] == '\t';
    return count;
}

struct line *lines_add(struct lines *lines, struct arena *arena, struct span text)
{
    return lines_add_counted(lines, arena, text, (uint32_t)utf8_count(text.text, text.length));
}

struct line *lines_add_counted(struct lines *lines, struct arena *arena, struct span text,
                               uint32_t characters)
{
    struct line *items =
        arena_grow(arena, lines->items, sizeof *items, lines->count + 1, &lines->capacity);
    if (!items)
        return NULL;
    lines->items = items;
    struct line *line = &items[lines->count++];
    *line = (struct line){.text = text, .link_share = LINK_SHARE_UNKNOWN, .weight = WEIGHT_UNKNOWN};
    line->characters = characters;
    line->words = 1 + count_spaces(text);
    return line;
}

const char *line_role_name(enum line_role role)
{
    static const char *const names[ROLE_END] = {
        [ROLE_UNKNOWN] = "unknown", [ROLE_TICKER] = "ticker",   [ROLE_KICKER] = "kicker",
        [ROLE_TITLE] = "title",     [ROLE_SECTION] = "section", [ROLE_DATE] = "date",
        [ROLE_UPDATED] = "updated", [ROLE_BYLINE] = "byline",   [ROLE_SUMMARY] = "summary",
        [ROLE_BODY] = "body",       [ROLE_LEAD] = "lead",       [ROLE_LEAD_DATE] = "lead-date",
        [ROLE_TAGS] = "tags",       [ROLE_ENTRY] = "entry",     [ROLE_FURNITURE] = "furniture",
        [ROLE_CAPTION] = "caption",
    };
    return (unsigned)role < ROLE_END ? names[role] : NULL;
}

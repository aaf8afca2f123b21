/* Lines of a page: appended, counted, named. */
#include "parse/lines.h"

struct line *lines_add(struct lines *lines, struct arena *arena, struct span text)
{
    struct line *items =
        arena_grow(arena, lines->items, sizeof *items, lines->count + 1, &lines->capacity);
    if (!items)
        return NULL;
    lines->items = items;
    struct line *line = &items[lines->count++];
    *line = (struct line){.text = text, .link_share = LINK_SHARE_UNKNOWN, .weight = WEIGHT_UNKNOWN};
    bool inside = false;
    for (size_t i = 0; i < text.length; i++) {
        unsigned char c = (unsigned char)text.text[i];
        bool space = c == ' ' || c == '\t';
        line->characters += (c & 0xc0) != 0x80;
        line->words += !space && !inside;
        inside = !space;
    }
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
    };
    return (unsigned)role < ROLE_END ? names[role] : NULL;
}

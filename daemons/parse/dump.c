/* Reads a text dump: lines, and what their form tells. */
#include "parse/lines.h"

#include "libcommon/utf8.h"

#include <errno.h>
#include <string.h>

enum { LINES_MAX = 100000 };

static bool space_at(const char *text, size_t size, size_t at, size_t *ret_next)
{
    *ret_next = at + 1;
    if (text[at] == ' ' || text[at] == '\t' || text[at] == '\r')
        return true;
    if (size - at >= 3 && (memcmp(text + at, "\xe2\x80\x8e", 3) == 0 || memcmp(text + at, "\xe2\x80\x8f", 3) == 0)) {
        *ret_next = at + 3; /* U+200E and U+200F at the ends of a line show nothing */
        return true;
    }
    return false;
}

static struct span trimmed(const char *text, size_t size)
{
    size_t start = 0, next, end;
    while (start < size && space_at(text, size, start, &next))
        start = next;
    end = size;
    while (end > start) {
        if (strchr(" \t\r", text[end - 1]))
            end--;
        else if (end - start >= 3 && space_at(text, end, end - 3, &next) && next == end)
            end -= 3;
        else
            break;
    }
    return (struct span){text + start, end - start};
}

/* Runs of spaces become one; most lines have none and stay where they are. -ENOMEM. */
static int squeeze(struct arena *arena, struct span *line)
{
    size_t doubled = 0;
    for (size_t i = 1; i < line->length; i++)
        doubled += (line->text[i] == ' ' || line->text[i] == '\t') && (line->text[i - 1] == ' ' || line->text[i - 1] == '\t');
    if (!doubled && !memchr(line->text, '\t', line->length))
        return 0;
    char *copy = arena_alloc(arena, line->length);
    if (!copy)
        return -ENOMEM;
    size_t used = 0;
    for (size_t i = 0; i < line->length; i++) {
        bool space = line->text[i] == ' ' || line->text[i] == '\t';
        if (!space || copy[used - 1] != ' ')
            copy[used++] = space ? ' ' : line->text[i];
    }
    *line = (struct span){copy, used};
    return 0;
}

/* A bullet at the start of a line, as lynx, w3m and browsers write it: its bytes with the space behind. */
static size_t bullet(struct span line)
{
    static const char *const signs[] = {"* ", "- ", "+ ", "o ", "• ", "◦ ", "▪ ", "● ", "– "};
    for (size_t i = 0; i < sizeof signs / sizeof *signs; i++) {
        size_t n = strlen(signs[i]);
        if (line.length > n && memcmp(line.text, signs[i], n) == 0)
            return n;
    }
    return 0;
}

int dump_read(const struct page_source *source, const struct dates_context *context, struct arena *arena,
              const char *text, size_t size, struct lines *ret)
{
    (void)source;
    (void)context;
    *ret = (struct lines){.claims = {.paywall = -1}};
    uint16_t blank = 0;
    for (size_t at = 0; at < size && ret->count < LINES_MAX;) {
        const char *end = memchr(text + at, '\n', size - at);
        size_t length = end ? (size_t)(end - (text + at)) : size - at;
        struct span line = trimmed(text + at, length);
        at += length + (end != NULL);
        if (!line.length) {
            blank += blank < UINT16_MAX;
            continue;
        }
        size_t sign = bullet(line);
        line = trimmed(line.text + sign, line.length - sign);
        if (!line.length)
            continue;
        if (squeeze(arena, &line) < 0)
            return -ENOMEM;
        struct line *l = lines_add(ret, arena, line);
        if (!l)
            return -ENOMEM;
        l->blank_before = blank;
        if (sign) {
            l->form = LINE_LIST_ITEM;
            l->level = 1;
        }
        blank = 0;
    }
    return 0;
}

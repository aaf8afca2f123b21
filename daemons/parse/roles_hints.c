/* Which lines the page itself says are its headline, before anything is known of the body: the
 * words of its address, the line that the dump begins with, the form. */
#include "parse/roles_view.h"

#include "libcommon/utf8.h"
#include "parse/furniture.h"

#include <string.h>

enum {
    HEADLINE_LEAST = 12, /* code points */
    HEADLINE_MOST = 260,
};

/* The part of a path that names the article: the one with the most words. Moves *path there;
 * returns its bytes. */
static size_t slug(const char **path)
{
    size_t most = 0, length = 0;
    for (const char *p = *path; *p == '/';) {
        size_t size = strcspn(p + 1, "/?#"), marks = 0;
        for (size_t i = 1; i <= size; i++)
            marks += strchr("-_.+", p[i]) != NULL;
        if (marks >= most) {
            most = marks;
            length = size;
            *path = p + 1;
        }
        p += 1 + size;
    }
    return length;
}

/* The name of the article in a URL as words: percent escapes decoded, what parts words made a
 * space. */
static struct span url_words(struct roles_view *v)
{
    const char *url = v->source->url, *path = url ? strstr(url, "://") : NULL;
    path = path ? strchr(path + 3, '/') : NULL;
    size_t size = path ? slug(&path) : 0, used = 0;
    char *out = size && size < 4096 ? arena_alloc(v->arena, size + 1) : NULL;
    if (!out)
        return (struct span){0};
    for (size_t i = 0; i < size; i++) {
        int high = 0, low = 0;
        const char *hex = "0123456789abcdef";
        if (path[i] == '%' && i + 2 < size) {
            const char *h = strchr(hex, path[i + 1] | 0x20), *l = strchr(hex, path[i + 2] | 0x20);
            high = h && *h ? (int)(h - hex) : -1;
            low = l && *l ? (int)(l - hex) : -1;
        }
        if (path[i] == '%' && i + 2 < size && high >= 0 && low >= 0) {
            out[used++] = (char)(high << 4 | low);
            i += 2;
        } else {
            out[used++] = strchr("/-_.+", path[i]) ? ' ' : path[i];
        }
    }
    return utf8_valid(out, used) ? (struct span){out, used} : (struct span){0};
}

bool roles_same_headline(struct span long_one, struct span short_one)
{
    if (long_one.length < short_one.length ||
        memcmp(long_one.text, short_one.text, short_one.length) != 0)
        return false;
    if (long_one.length == short_one.length)
        return true;
    const char *p = long_one.text + short_one.length;
    size_t left = long_one.length - short_one.length;
    return left > 2 && *p == ' ' && (strchr("|-:<>", p[1]) || (unsigned char)p[1] >= 0xc2);
}

/* How much of the line is in the address and of the address in the line: 0, 2 or 3 hints. */
static unsigned in_address(const struct roles_view *v, const struct line *l)
{
    size_t words, met = stems_met(&v->address, l->text, &words);
    if (met < 3)
        return 0;
    size_t of_line = met * 100 / (words + 1), of_address = met * 100 / v->address.count;
    if (of_address >= 75 && of_line >= 50)
        return 3;
    return (of_address >= 60 && of_line >= 30) || (met >= 4 && of_line >= 60 && of_address >= 40)
               ? 2
               : 0;
}

/* What says that line i is the headline of the page. */
static unsigned hints_of(struct roles_view *v, size_t i)
{
    const struct line *l = roles_line(v, i);
    const struct line_look *k = &v->looks[i];
    unsigned hints = 0;
    if (k->furniture || k->dated || l->words < 3 || l->characters < HEADLINE_LEAST ||
        l->characters > HEADLINE_MOST || (k->points > 0 && line_ends_with(l->text, ".")) ||
        (l->link_share > 60 && l->form != LINE_HEADING))
        return 0;
    if (v->address.count >= 3)
        hints += in_address(v, l);
    if (i && roles_same_headline(roles_line(v, 0)->text, l->text)) {
        hints += 2;
        v->looks[0].hints = 0; /* that of the document: the article's own follows */
    }
    if (l->form == LINE_HEADING && l->level == 1 && l->words >= 4)
        hints += 2;
    return hints;
}

void roles_find_hints(struct roles_view *v)
{
    stems_add(&v->address, url_words(v), SIZE_MAX);
    for (size_t i = 0; i < v->lines->count; i++)
        v->looks[i].hints = (uint8_t)hints_of(v, i);
}

/* Lines of tags -> keywords. */
#include "parse/keywords.h"

#include "libcommon/utf8.h"
#include "parse/furniture.h"

#include <errno.h>
#include <string.h>

enum { KEYWORDS_MOST = 40, TAG_BYTES = 100, TAG_WORDS = 5 };

/* U+060C ARABIC COMMA, U+061B ARABIC SEMICOLON, U+2022 BULLET, U+00B7 MIDDLE DOT and their like. */
static bool parts_tags(uint32_t c)
{
    return c == ',' || c == ';' || c == '|' || c == '#' || c == 0x60c || c == 0x61b ||
           c == 0x2022 || c == 0xb7;
}

static struct span trimmed(struct span s)
{
    while (s.length && strchr(" .:*-", *s.text))
        s = (struct span){s.text + 1, s.length - 1};
    while (s.length && strchr(" .*-", s.text[s.length - 1]))
        s.length--;
    return s;
}

static bool is_tag(struct span s)
{
    size_t words = s.length > 0;
    for (size_t i = 0; i < s.length; i++)
        words += s.text[i] == ' ';
    return s.length > 1 && s.length <= TAG_BYTES && words <= TAG_WORDS;
}

size_t keywords_in(struct span tags, struct span *ret, size_t most)
{
    size_t count = 0, from = 0;
    for (size_t at = 0, before = 0; count < most; before = at) {
        uint32_t c = at < tags.length ? utf8_next(tags.text, &at) : ',';
        if (!parts_tags(c))
            continue;
        struct span tag = trimmed((struct span){tags.text + from, before - from});
        if (is_tag(tag))
            ret[count++] = tag;
        from = at;
        if (before >= tags.length)
            break;
    }
    return count;
}

static bool has(const struct article *a, struct span tag)
{
    for (size_t i = 0; i < a->keyword_count; i++)
        if (a->keywords[i].length == tag.length &&
            memcmp(a->keywords[i].text, tag.text, tag.length) == 0)
            return true;
    return false;
}

int keywords_read(struct arena *arena, const struct lines *lines, struct article *article)
{
    for (size_t i = 0; i < lines->count; i++) {
        struct span text = lines->items[i].text, found[KEYWORDS_MOST];
        struct furniture_look look;
        if (lines->items[i].role != ROLE_TAGS)
            continue;
        furniture_look(text.text, text.length, &look);
        if (look.line & FURNITURE_TAGS)
            continue; /* the heading alone */
        if (look.head & FURNITURE_TAGS)
            text = (struct span){text.text + look.rest, text.length - look.rest};
        size_t count = keywords_in(text, found, KEYWORDS_MOST);
        if (count && !article->keywords)
            article->keywords = arena_alloc(arena, KEYWORDS_MOST * sizeof *article->keywords);
        if (count && !article->keywords)
            return -ENOMEM;
        for (size_t k = 0; k < count && article->keyword_count < KEYWORDS_MOST; k++)
            if (!has(article, found[k]))
                article->keywords[article->keyword_count++] = found[k];
    }
    return 0;
}

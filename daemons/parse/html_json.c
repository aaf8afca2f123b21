/* JSON of pages, forgiving and bounded. */
#include "parse/html_json.h"

#include "libcommon/text.h"
#include "libcommon/utf8.h"

#include <errno.h>
#include <string.h>
#include <strings.h>

struct reader {
    struct arena *arena;
    const char *at, *end;
    struct json_node *nodes;
    size_t capacity;
    uint32_t count;
    bool failed; /* the arena is used up */
};

/* 0: no more are read */
static uint32_t add_node(struct reader *r, enum json_kind kind)
{
    if (r->count == JSON_NODES || r->failed)
        return 0;
    struct json_node *nodes =
        arena_grow(r->arena, r->nodes, sizeof *nodes, r->count + 1, &r->capacity);
    if (!nodes) {
        r->failed = true;
        return 0;
    }
    r->nodes = nodes;
    nodes[r->count] = (struct json_node){.kind = (uint8_t)kind};
    return r->count++;
}

static bool begins(const struct reader *r, const char *text)
{
    size_t n = strlen(text);
    return (size_t)(r->end - r->at) >= n && memcmp(r->at, text, n) == 0;
}

static void skip_behind(struct reader *r, const char *text)
{
    const char *found = memmem(r->at, (size_t)(r->end - r->at), text, strlen(text));
    r->at = found ? found + strlen(text) : r->end;
}

/* White space, comments and the wrappings of scripts. */
static void skip_space(struct reader *r)
{
    for (;;) {
        if (r->at < r->end && (unsigned char)*r->at <= ' ')
            r->at++;
        else if (begins(r, "/*"))
            skip_behind(r, "*/");
        else if (begins(r, "//"))
            skip_behind(r, "\n");
        else if (begins(r, "<!--"))
            r->at += 4;
        else if (begins(r, "-->"))
            r->at += 3;
        else
            return;
    }
}

/* Four digits; 0: there are none. */
static int hex(const char *digits, const char *end, uint32_t *ret)
{
    static const char order[] = "0123456789abcdef";
    uint32_t c = 0;
    if (end - digits < 4)
        return 0;
    for (int i = 0; i < 4; i++) {
        const char *digit = memchr(order, digits[i] | 0x20, 16);
        if (!digit)
            return 0;
        c = c << 4 | (uint32_t)(digit - order);
    }
    *ret = c;
    return 1;
}

/* \u and what follows; r->at is behind the u. */
static size_t unescape_unicode(struct reader *r, char *out)
{
    uint32_t c = 0, low = 0;
    if (!hex(r->at, r->end, &c))
        return 0;
    r->at += 4;
    if (c >= 0xd800 && c < 0xdc00 && begins(r, "\\u") && hex(r->at + 2, r->end, &low) &&
        low >= 0xdc00 && low < 0xe000) {
        r->at += 6;
        c = 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
    }
    return c == 0 || (c >= 0xd800 && c < 0xe000) ? 0 : utf8_put(c, out);
}

static size_t unescape(struct reader *r, char *out)
{
    char c = *r->at++;
    switch (c) {
    case 'u':
        return unescape_unicode(r, out);
    case 'n':
    case 'r':
    case 't':
    case 'b':
    case 'f':
        *out = c == 'n' ? '\n' : ' ';
        return 1;
    default:
        *out = c;
        return 1;
    }
}

/* A quotation mark ends the string only where JSON goes on behind it: many pages forget to escape
 * those inside. */
static bool ends_string(const struct reader *r)
{
    const char *p = r->at + 1;
    bool line_ended = false;
    while (p < r->end && (unsigned char)*p <= ' ')
        line_ended |= *p++ == '\n';
    return p == r->end || (*p && strchr(",:}]", *p)) || (line_ended && *p == '"');
}

static const struct {
    const char *name;
    const char *text;
} entities[] = {
    {"&amp;",    "&"  },
    {"&quot;",   "\"" },
    {"&#34;",    "\"" },
    {"&#39;",    "'"  },
    {"&#039;",   "'"  },
    {"&apos;",   "'"  },
    {"&lt;",     "<"  },
    {"&gt;",     ">"  },
    {"&nbsp;",   " "  },
    {"&#160;",   " "  },
    {"&#8217;",  "’"},
    {"&#8216;",  "‘"},
    {"&#8220;",  "“"},
    {"&#8221;",  "”"},
    {"&#8211;",  "–"},
    {"&#8212;",  "—"},
    {"&#8230;",  "…"},
    {"&hellip;", "…"},
    {"&rsquo;",  "’"},
    {"&lsquo;",  "‘"},
    {"&ldquo;",  "“"},
    {"&rdquo;",  "”"},
    {"&ndash;",  "–"},
    {"&mdash;",  "—"},
    {"&laquo;",  "«" },
    {"&raquo;",  "»" },
    {"&#38;",    "&"  },
    {"&#038;",   "&"  },
};

/* In place; never longer. Tags go too: headlines have <em>. */
static size_t without_markup(char *text, size_t size)
{
    size_t used = 0;
    for (size_t i = 0; i < size;) {
        bool done = false;
        if (text[i] == '&')
            for (size_t k = 0; k < sizeof entities / sizeof *entities && !done; k++) {
                size_t n = strlen(entities[k].name), m = strlen(entities[k].text);
                if (size - i < n || memcmp(text + i, entities[k].name, n) != 0)
                    continue;
                memcpy(text + used, entities[k].text, m);
                used += m;
                i += n;
                done = true;
            }
        if (!done && text[i] == '<' && i + 1 < size &&
            (text[i + 1] == '/' || ((text[i + 1] | 0x20) >= 'a' && (text[i + 1] | 0x20) <= 'z'))) {
            const char *close = memchr(text + i, '>', size - i < 256 ? size - i : 256);
            if (close) {
                i = (size_t)(close - text) + 1;
                done = true;
            }
        }
        if (!done)
            text[used++] = text[i++];
    }
    return used;
}

static struct span cleaned(struct reader *r, char *text, size_t size)
{
    const char *clean = text;
    size_t length = without_markup(text, size);
    length = utf8_valid_prefix(text, length);
    if (text_clean(r->arena, text, length, &clean, &length, NULL) < 0)
        r->failed = true;
    while (length && (unsigned char)*clean <= ' ') {
        clean++;
        length--;
    }
    while (length && (unsigned char)clean[length - 1] <= ' ')
        length--;
    return (struct span){clean, length};
}

/* r->at is at the quotation mark. */
static struct span read_string(struct reader *r)
{
    char quote = *r->at++;
    const char *start = r->at;
    bool plain = true;
    while (r->at < r->end && (*r->at != quote || !ends_string(r))) {
        plain &= *r->at != '\\' && *r->at != '&' && *r->at != '<';
        r->at += *r->at == '\\' && r->end - r->at > 1 ? 2 : 1;
    }
    const char *close = r->at;
    if (plain && utf8_valid(start, (size_t)(close - start)) && (size_t)(close - start) < 64 &&
        text_clean_prefix(start, (size_t)(close - start)) == (size_t)(close - start)) {
        r->at += r->at < r->end;
        return (struct span){start, (size_t)(close - start)};
    }
    char *out = arena_alloc(r->arena, (size_t)(close - start) + 4);
    size_t used = 0;
    if (!out) {
        r->failed = true;
        return (struct span){0};
    }
    struct reader inside = {.arena = r->arena, .at = start, .end = close};
    while (inside.at < close) {
        if (*inside.at != '\\') {
            out[used++] = *inside.at++;
        } else {
            inside.at++;
            used += inside.at < close ? unescape(&inside, out + used) : 0;
        }
    }
    r->at += r->at < r->end;
    return cleaned(r, out, used);
}

/* Anything else up to what ends a value. */
static struct span read_word(struct reader *r)
{
    const char *start = r->at;
    while (r->at < r->end && (unsigned char)*r->at > ' ' && !strchr(",:{}[]\"", *r->at))
        r->at++;
    if (r->at == start)
        r->at++;
    return (struct span){start, (size_t)(r->at - start)};
}

/* Adds node as the last child of the array or object. */
static void append(struct reader *r, uint32_t parent, uint32_t *last, uint32_t node)
{
    if (*last)
        r->nodes[*last].next = node;
    else
        r->nodes[parent].first = node;
    *last = node;
}

/* One open object or array. */
struct level {
    uint32_t node, last;
    struct span key; /* read, its value not yet */
    bool has_key;
};

static void put_value(struct reader *r, struct level *l, enum json_kind kind, struct span value)
{
    uint32_t node = add_node(r, kind);
    if (!node)
        return;
    r->nodes[node].value = value;
    r->nodes[node].key = l->key;
    append(r, l->node, &l->last, node);
    l->has_key = false;
    l->key = (struct span){0};
}

/* A string or word: a name when it is one of an object's and a colon follows, else a value. */
static void put_scalar(struct reader *r, struct level *l, enum json_kind kind, struct span value)
{
    skip_space(r);
    if (r->nodes[l->node].kind == JSON_OBJECT && !l->has_key && r->at < r->end && *r->at == ':') {
        r->at++;
        l->key = value;
        l->has_key = true;
        return;
    }
    put_value(r, l, kind, value);
}

int html_json_read(struct arena *arena, struct span text, struct json_tree *ret)
{
    struct reader r = {.arena = arena, .at = text.text, .end = text.text + text.length};
    struct level levels[JSON_DEPTH] = {0};
    size_t depth = 0, too_deep = 0;
    add_node(&r, JSON_ARRAY);
    while (!r.failed && r.count < JSON_NODES) {
        skip_space(&r);
        if (r.at >= r.end)
            break;
        char c = *r.at;
        struct level *l = &levels[depth];
        if (too_deep) {
            if (c == '"')
                read_string(&r);
            else
                r.at++;
            too_deep += (c == '{' || c == '[') - (c == '}' || c == ']');
        } else if (c == '{' || c == '[') {
            r.at++;
            if (depth + 1 == JSON_DEPTH) {
                too_deep = 1;
                continue;
            }
            put_value(&r, l, c == '{' ? JSON_OBJECT : JSON_ARRAY, (struct span){0});
            levels[++depth] = (struct level){.node = l->last};
        } else if (c == '}' || c == ']') {
            r.at++;
            depth -= depth > 0;
        } else if (c == ',' || c == ':' || c == ';') {
            r.at++;
        } else if (c == '"') {
            struct span s = read_string(&r);
            put_scalar(&r, l, JSON_STRING, s);
        } else {
            struct span s = read_word(&r);
            put_scalar(&r, l, JSON_OTHER, s);
        }
    }
    if (r.failed)
        return -ENOMEM;
    *ret = (struct json_tree){r.nodes, r.count};
    return 0;
}

uint32_t json_member(const struct json_tree *tree, uint32_t object, const char *name)
{
    size_t n = strlen(name);
    if (tree->nodes[object].kind != JSON_OBJECT)
        return 0;
    for (uint32_t i = tree->nodes[object].first; i; i = tree->nodes[i].next)
        if (tree->nodes[i].key.length == n && strncasecmp(tree->nodes[i].key.text, name, n) == 0)
            return i;
    return 0;
}

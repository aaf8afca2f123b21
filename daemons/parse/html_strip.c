/* Leaves out of a page what the parser need not see, and keeps what it does see bounded. */
#include "parse/html_strip.h"

#include "parse/html_names.h"

#include <errno.h>
#include <string.h>
#include <strings.h>

struct stripper {
    struct arena *arena;
    struct html_stripped *out;
    const char *at, *end;
    size_t capacity;
    bool failed; /* the arena is used up */
    uint8_t stack[HTML_DEPTH];
    size_t depth;
    uint32_t open[TAG_COUNT], dropped[TAG_COUNT]; /* on the stack; too deep for it */
    bool unclosed[TAG_COUNT]; /* a raw element whose end tag was looked for in vain */
    bool seen[TAG_COUNT];     /* of HTML_ONCE */
};

static void emit(struct stripper *s, const char *text, size_t size)
{
    struct html_stripped *out = s->out;
    if (s->capacity - out->size <= size) {
        char *grown = s->failed
                          ? NULL
                          : arena_grow(s->arena, out->text, 1, out->size + size + 1, &s->capacity);
        if (!grown) {
            s->failed = true;
            return;
        }
        out->text = grown;
    }
    memcpy(out->text + out->size, text, size);
    out->size += size;
}

static void emit_tag_name(struct stripper *s, const char *open, enum html_tag tag)
{
    const char *name = html_tag_name(tag);
    emit(s, open, strlen(open));
    emit(s, name, strlen(name));
}

static bool is_letter(char c)
{
    return ((c | 0x20) >= 'a' && (c | 0x20) <= 'z');
}

static bool is_space(char c)
{
    return c == ' ' || c == '\n' || c == '\t' || c == '\r' || c == '\f';
}

/* Moves behind the next string that begins with '<' or '-', or to the end of the page. */
static void skip_behind(struct stripper *s, const char *string)
{
    size_t length = strlen(string);
    const char *found = memmem(s->at, (size_t)(s->end - s->at), string, length);
    s->at = found ? found + length : s->end;
}

/* Comments end at "-->", "--!>" and, when empty, at ">" (13.2.5.42 and on). */
static void skip_comment(struct stripper *s)
{
    s->at += 4; /* "<!--" */
    if (s->at < s->end && *s->at == '>') {
        s->at++;
        return;
    }
    while (s->at < s->end) {
        const char *dashes = memmem(s->at, (size_t)(s->end - s->at), "--", 2);
        if (!dashes)
            break;
        s->at = dashes + 2;
        while (s->at < s->end && *s->at == '-')
            s->at++;
        if (s->at < s->end && *s->at == '!')
            s->at++;
        if (s->at < s->end && *s->at == '>') {
            s->at++;
            return;
        }
    }
    s->at = s->end;
}

struct attribute {
    enum html_attribute_name name;
    const char *value;
    size_t size;
};

/* Reads one attribute of the tag at s->at. false: the tag is over, s->at is behind its '>'. */
static bool read_attribute(struct stripper *s, struct attribute *ret)
{
    const char *at = s->at, *end = s->end;
    while (at < end && (is_space(*at) || *at == '/'))
        at++;
    if (at == end || *at == '>') {
        s->at = at < end ? at + 1 : end;
        return false;
    }
    const char *name = at++;
    while (at < end && !is_space(*at) && *at != '/' && *at != '>' && *at != '=')
        at++;
    *ret = (struct attribute){.name = html_attribute_of(name, (size_t)(at - name))};
    while (at < end && is_space(*at))
        at++;
    if (at < end && *at == '=') {
        at++;
        while (at < end && is_space(*at))
            at++;
        if (at < end && (*at == '"' || *at == '\'')) {
            char quote = *at++;
            const char *close = memchr(at, quote, (size_t)(end - at));
            ret->value = at;
            ret->size = (size_t)((close ? close : end) - at);
            at = close ? close + 1 : end;
        } else {
            ret->value = at;
            while (at < end && !is_space(*at) && *at != '>')
                at++;
            ret->size = (size_t)(at - ret->value);
        }
    }
    s->at = at;
    return true;
}

/* Whether anybody could want the value. */
static bool attribute_matters(const struct attribute *a)
{
    if (a->name == ATTRIBUTE_NONE || a->size > HTML_ATTRIBUTE_SIZE)
        return false;
    if (a->name == ATTRIBUTE_STYLE)
        return a->size && (memmem(a->value, a->size, "none", 4) || memmem(a->value, a->size, "hidden", 6));
    if (a->name == ATTRIBUTE_SRC || a->name == ATTRIBUTE_DATA_SRC)
        return a->size < 5 || strncasecmp(a->value, "data:", 5) != 0;
    return true;
}

static const char *const written_names[ATTRIBUTE_COUNT] = {
#define X(id, name) [ATTRIBUTE_##id] = " " name "=",
    HTML_ATTRIBUTES(X)
#undef X
};

static void emit_attribute(struct stripper *s, const struct attribute *a)
{
    const char *name = written_names[a->name];
    const char *quote = a->size && memchr(a->value, '"', a->size) ? "'" : "\"";
    if (*quote == '\'' && memchr(a->value, '\'', a->size))
        return; /* only an unquoted value can hold both */
    emit(s, name, strlen(name));
    emit(s, quote, 1);
    emit(s, a->value ? a->value : "", a->size);
    emit(s, quote, 1);
}

/* libxml2's rule: a misplaced end tag closes nothing that ranks higher. */
static unsigned rank(enum html_tag tag)
{
    switch (tag) {
    case TAG_DIV:
        return 150;
    case TAG_TD:
    case TAG_TH:
        return 160;
    case TAG_TR:
        return 170;
    case TAG_THEAD:
    case TAG_TBODY:
    case TAG_TFOOT:
        return 180;
    case TAG_TABLE:
        return 190;
    case TAG_HEAD:
    case TAG_BODY:
        return 200;
    case TAG_HTML:
        return 220;
    default:
        return 100;
    }
}

static void close_top(struct stripper *s)
{
    s->open[s->stack[--s->depth]]--;
}

/* Whether the end tag is for the parser to see. */
static bool close_tag(struct stripper *s, enum html_tag tag)
{
    if (html_tag_is(tag, HTML_VOID) || html_tag_is(tag, HTML_ONCE))
        return tag == TAG_HEAD;
    if (s->dropped[tag]) {
        s->dropped[tag]--;
        return false;
    }
    if (!s->open[tag])
        return false;
    size_t i = s->depth;
    while (s->stack[--i] != tag)
        if (rank(s->stack[i]) > rank(tag))
            return false;
    while (s->depth > i)
        close_top(s);
    return true;
}

/* Whether the start tag is for the parser to see. */
static bool open_tag(struct stripper *s, enum html_tag tag)
{
    if (html_tag_is(tag, HTML_ONCE)) {
        bool first = !s->seen[tag];
        s->seen[tag] = true;
        return first;
    }
    if (html_tag_is(tag, HTML_VOID))
        return true;
    if (html_tag_is(tag, HTML_IMPLIED) && s->depth && s->stack[s->depth - 1] == tag) {
        emit_tag_name(s, "</", tag);
        emit(s, ">", 1);
        return true;
    }
    if (s->depth == HTML_DEPTH) {
        s->dropped[tag]++;
        return false;
    }
    s->stack[s->depth++] = (uint8_t)tag;
    s->open[tag]++;
    return true;
}

/* The content of a raw element, s->at behind its start tag; s->at is then behind its end tag. */
static struct span raw_content(struct stripper *s, enum html_tag tag)
{
    const char *name = html_tag_name(tag), *from = s->at;
    size_t length = strlen(name);
    if (s->unclosed[tag])
        return (struct span){0};
    while (s->at < s->end) {
        const char *found = memmem(s->at, (size_t)(s->end - s->at), "</", 2);
        if (!found || (size_t)(s->end - found) < length + 2)
            break;
        s->at = found + 2;
        if (strncasecmp(s->at, name, length) == 0 &&
            !is_letter(s->end - s->at > (ptrdiff_t)length ? s->at[length] : ' ')) {
            struct span content = {from, (size_t)(found - from)};
            s->at += length;
            skip_behind(s, ">");
            return content;
        }
    }
    s->unclosed[tag] = true;
    /* without its end tag a script takes the rest of the page with it; nothing else may */
    s->at = tag == TAG_SCRIPT || tag == TAG_STYLE ? s->end : from;
    return (struct span){0};
}

static void start_tag(struct stripper *s, const char *name, size_t size)
{
    enum html_tag tag = html_tag_of(name, size);
    bool raw = html_tag_is(tag, HTML_RAW), json = false, kept = !raw && open_tag(s, tag);
    uint32_t seen = 0;
    if (kept)
        emit_tag_name(s, "<", tag);
    struct attribute a;
    while (read_attribute(s, &a)) {
        if (raw && a.name == ATTRIBUTE_TYPE && a.size >= 7 && memmem(a.value, a.size, "ld+json", 7))
            json = true;
        if (kept && attribute_matters(&a) && !(seen >> a.name & 1)) {
            seen |= UINT32_C(1) << a.name;
            emit_attribute(s, &a);
        }
    }
    if (kept)
        emit(s, ">", 1);
    if (!raw)
        return;
    struct span content = raw_content(s, tag);
    if (tag == TAG_SCRIPT && json && content.length && s->out->json_count < HTML_JSON_SCRIPTS)
        s->out->json[s->out->json_count++] = content;
}

static void end_tag(struct stripper *s, const char *name, size_t size)
{
    enum html_tag tag = html_tag_of(name, size);
    struct attribute ignored;
    while (read_attribute(s, &ignored))
        ;
    if (close_tag(s, tag)) {
        emit_tag_name(s, "</", tag);
        emit(s, ">", 1);
    }
}

/* s->at is at a '<'. */
static void markup(struct stripper *s)
{
    size_t left = (size_t)(s->end - s->at);
    bool closing = left > 1 && s->at[1] == '/';
    const char *name = s->at + 1 + closing;
    if (left > 3 && memcmp(s->at, "<!--", 4) == 0) {
        skip_comment(s);
    } else if (left > 1 && (s->at[1] == '!' || s->at[1] == '?' ||
                            (closing && (left < 3 || !is_letter(*name))))) {
        skip_behind(s, ">"); /* doctype, instruction, bogus comment */
    } else if (name < s->end && is_letter(*name)) {
        const char *after = name;
        while (after < s->end && !is_space(*after) && *after != '/' && *after != '>')
            after++;
        s->at = after;
        if (closing)
            end_tag(s, name, (size_t)(after - name));
        else
            start_tag(s, name, (size_t)(after - name));
    } else { /* a bare '<'; libxml2 takes "<_" and "<:" for tags */
        emit(s, "< ", left > 1 && (s->at[1] == '_' || s->at[1] == ':') ? 2 : 1);
        s->at++;
    }
}

int html_strip(struct arena *arena, const char *page, size_t size, struct html_stripped *ret)
{
    struct html_stripped out = {0};
    struct stripper s = {.arena = arena, .out = &out, .at = page, .end = page + size};
    out.text = arena_grow(arena, NULL, 1, size + 256, &s.capacity);
    if (!out.text)
        return -ENOMEM;
    while (s.at < s.end && !s.failed) {
        const char *next = memchr(s.at, '<', (size_t)(s.end - s.at));
        if (!next)
            next = s.end;
        emit(&s, s.at, (size_t)(next - s.at));
        s.at = next;
        if (s.at < s.end)
            markup(&s);
    }
    if (s.failed)
        return -ENOMEM;
    for (char *nul = out.text; (nul = memchr(nul, 0, out.size - (size_t)(nul - out.text)));)
        *nul = ' ';
    out.text[out.size] = 0;
    *ret = out;
    return 0;
}

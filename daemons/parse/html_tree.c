/* The tree of a page from libxml2's events. */
#include "parse/html_tree.h"

#include "parse/html_strip.h"

#include <errno.h>
#include <libxml/HTMLparser.h>
#include <libxml/parserInternals.h>
#include <string.h>

/* libxml2 may have more elements open than html_strip() let through: those that it implies. */
enum { DEPTH = 4 * HTML_DEPTH };

struct builder {
    htmlParserCtxtPtr parser;
    struct arena *arena;
    struct html_tree *tree;
    size_t node_capacity, attribute_capacity;
    char *text, *values;
    size_t text_capacity, value_size, value_capacity;
    uint32_t open[DEPTH];
    uint32_t depth;
    unsigned hidden, preformatted; /* how many such elements are open */
    bool noscript;                 /* what <noscript> holds is shown */
    bool space;                    /* the text ends with white space */
    bool failed;
};

static void stop(struct builder *b, bool failed)
{
    b->failed |= failed;
    b->tree->cut = true;
    xmlStopParser(b->parser);
}

static struct html_node *add_node(struct builder *b, enum html_tag tag)
{
    struct html_tree *tree = b->tree;
    if (tree->cut)
        return NULL;
    struct html_node *nodes = tree->nodes;
    if (tree->node_count < HTML_NODES)
        nodes = arena_grow(b->arena, nodes, sizeof *nodes, tree->node_count + 1, &b->node_capacity);
    if (tree->node_count == HTML_NODES || !nodes) {
        stop(b, !nodes);
        return NULL;
    }
    tree->nodes = nodes;
    struct html_node *node = &nodes[tree->node_count++];
    *node = (struct html_node){
        .tag = (uint8_t)tag,
        .depth = (uint16_t)b->depth,
        .parent = b->depth ? b->open[b->depth - 1] : 0,
        .attributes = tree->attribute_count,
        .text = (uint32_t)tree->text_size,
        .text_end = (uint32_t)tree->text_size,
    };
    return node;
}

/* A value with its line feeds and runs of spaces as they are. */
static void add_attribute(struct builder *b, struct html_node *node, const char *name,
                          const char *value)
{
    enum html_attribute_name known = html_attribute_of(name, strlen(name));
    size_t size = value ? strlen(value) : 0;
    if (known == ATTRIBUTE_NONE || size > b->value_capacity - b->value_size)
        return;
    struct html_attribute *all = arena_grow(b->arena, b->tree->attributes, sizeof *all,
                                            b->tree->attribute_count + 1, &b->attribute_capacity);
    if (!all) {
        stop(b, true);
        return;
    }
    char *copy = b->values + b->value_size;
    if (size)
        memcpy(copy, value, size);
    b->value_size += size;
    b->tree->attributes = all;
    all[b->tree->attribute_count++] = (struct html_attribute){
        .name = (uint8_t)known, .value = {copy, size}
    };
    node->attribute_count++;
}

static bool hides(const struct builder *b, enum html_tag tag)
{
    return html_tag_is(tag, HTML_HIDDEN) && !(tag == TAG_NOSCRIPT && b->noscript);
}

static void start_element(void *context, const xmlChar *name, const xmlChar **attributes)
{
    struct builder *b = context;
    enum html_tag tag = html_tag_of((const char *)name, strlen((const char *)name));
    if (b->depth == DEPTH) {
        stop(b, false);
        return;
    }
    struct html_node *node = add_node(b, tag);
    if (!node)
        return;
    for (size_t i = 0; attributes && attributes[i]; i += 2)
        add_attribute(b, node, (const char *)attributes[i], (const char *)attributes[i + 1]);
    b->open[b->depth++] = b->tree->node_count - 1;
    b->hidden += hides(b, tag);
    b->preformatted += tag == TAG_PRE;
}

static void close_node(struct builder *b)
{
    struct html_node *node = &b->tree->nodes[b->open[--b->depth]];
    node->end = b->tree->node_count;
    node->text_end = (uint32_t)b->tree->text_size;
    b->hidden -= hides(b, (enum html_tag)node->tag);
    b->preformatted -= node->tag == TAG_PRE;
}

/* Events come in pairs; the name is looked at only to be safe when libxml2 leaves one out. */
static void end_element(void *context, const xmlChar *name)
{
    struct builder *b = context;
    enum html_tag tag = html_tag_of((const char *)name, strlen((const char *)name));
    uint32_t depth = b->depth;
    while (depth > 1 && b->tree->nodes[b->open[depth - 1]].tag != tag)
        depth--;
    while (depth > 1 && b->depth >= depth)
        close_node(b);
}

static bool is_space(unsigned char c)
{
    return c == ' ' || c == '\n' || c == '\t' || c == '\r' || c == '\f';
}

/* Copies text with its white space collapsed; returns how much was written. */
static size_t collapse(struct builder *b, const unsigned char *in, size_t size, char *out)
{
    char *start = out;
    bool space = b->space;
    for (size_t i = 0; i < size; i++) {
        unsigned char c = in[i];
        if (c == 0xc2 && i + 1 < size && in[i + 1] == 0xa0) {
            i++;
            c = ' ';
        }
        if (!is_space(c)) {
            *out++ = (char)c;
            space = false;
        } else if (c == '\n' && b->preformatted) {
            *out++ = '\n';
            space = true;
        } else if (!space) {
            *out++ = ' ';
            space = true;
        }
    }
    b->space = space;
    return (size_t)(out - start);
}

static void characters(void *context, const xmlChar *text, int length)
{
    struct builder *b = context;
    struct html_tree *tree = b->tree;
    if (b->hidden || tree->cut || length <= 0)
        return;
    if ((size_t)length > b->text_capacity - tree->text_size) {
        stop(b, false);
        return;
    }
    struct html_node *last = &tree->nodes[tree->node_count - 1];
    bool follows = last->tag == TAG_TEXT && last->parent == b->open[b->depth - 1];
    size_t written = collapse(b, text, (size_t)length, b->text + tree->text_size);
    if (!written)
        return;
    if (!follows) {
        last = add_node(b, TAG_TEXT);
        if (!last)
            return;
        last->end = tree->node_count;
    }
    tree->text_size += written;
    last->text_end = (uint32_t)tree->text_size;
}

static void quiet(void *context, const char *format, ...)
{
    (void)context;
    (void)format;
}

static int parse(struct builder *b, const char *stripped, size_t size)
{
    htmlSAXHandler handler = {
        .startElement = start_element,
        .endElement = end_element,
        .characters = characters,
        .cdataBlock = characters,
        .ignorableWhitespace = characters,
        .error = quiet,
        .warning = quiet,
    };
    htmlParserCtxtPtr parser = htmlCreateMemoryParserCtxt(stripped, (int)size);
    if (!parser)
        return -ENOMEM;
    htmlSAXHandlerPtr own = parser->sax;
    b->parser = parser;
    parser->sax = &handler;
    parser->userData = b;
    parser->recovery = 1;
    parser->options |= HTML_PARSE_NONET | HTML_PARSE_NOERROR | HTML_PARSE_NOWARNING;
    xmlSwitchEncoding(parser, XML_CHAR_ENCODING_UTF8);
    htmlParseDocument(parser);
    parser->sax = own;
    if (parser->myDoc)
        xmlFreeDoc(parser->myDoc);
    htmlFreeParserCtxt(parser);
    return 0;
}

int html_tree_build(struct arena *arena, const char *stripped, size_t size, bool noscript,
                    struct html_tree *ret)
{
    struct html_tree tree = {0};
    struct builder b = {.arena = arena, .tree = &tree, .noscript = noscript, .space = true};
    if (size > INT32_MAX / 2)
        return -ENOMEM;
    /* no entity is longer as text than as written, and no value longer than the page */
    b.text_capacity = b.value_capacity = size;
    b.text = arena_alloc(arena, size + 1);
    b.values = arena_alloc(arena, size + 1);
    tree.nodes = arena_grow(arena, NULL, sizeof *tree.nodes, size / 32 + 64, &b.node_capacity);
    tree.attributes =
        arena_grow(arena, NULL, sizeof *tree.attributes, size / 64 + 64, &b.attribute_capacity);
    if (!b.text || !b.values || !tree.nodes || !tree.attributes)
        return -ENOMEM;
    tree.text = b.text;
    add_node(&b, TAG_OTHER);
    b.open[b.depth++] = 0;
    int r = size ? parse(&b, stripped, size) : 0;
    while (b.depth)
        close_node(&b);
    if (r < 0 || b.failed)
        return -ENOMEM;
    *ret = tree;
    return 0;
}

bool html_has(const struct html_tree *tree, uint32_t node, enum html_attribute_name name)
{
    const struct html_node *n = &tree->nodes[node];
    for (unsigned i = 0; i < n->attribute_count; i++)
        if (tree->attributes[n->attributes + i].name == name)
            return true;
    return false;
}

struct span html_value(const struct html_tree *tree, uint32_t node, enum html_attribute_name name)
{
    const struct html_node *n = &tree->nodes[node];
    for (unsigned i = 0; i < n->attribute_count; i++)
        if (tree->attributes[n->attributes + i].name == name)
            return tree->attributes[n->attributes + i].value;
    return (struct span){0};
}

struct span html_text(const struct html_tree *tree, uint32_t node)
{
    const struct html_node *n = &tree->nodes[node];
    uint32_t from = n->text, to = n->text_end;
    while (from < to && is_space((unsigned char)tree->text[from]))
        from++;
    while (to > from && is_space((unsigned char)tree->text[to - 1]))
        to--;
    return (struct span){tree->text + from, to - from};
}

uint32_t html_next(const struct html_tree *tree, uint32_t from, uint32_t end, enum html_tag tag)
{
    while (from < end && tree->nodes[from].tag != tag)
        from++;
    return from;
}

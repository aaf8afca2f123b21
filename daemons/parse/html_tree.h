/* The tree of a page, compact: nodes in the order of the page, all text in one run.
 *
 * Built from libxml2's events. White space is collapsed to single
 * spaces as a browser does (not in <pre>, where line feeds stay); U+00A0 counts as a space. Text
 * inside elements that are never read with the page (HTML_HIDDEN) is left out. */
#pragma once

#include "libcommon/arena.h"
#include "parse/article.h"
#include "parse/html_names.h"

#include <stddef.h>
#include <stdint.h>

enum { HTML_NODES = 1 << 20 }; /* what comes behind is not read */

struct html_attribute {
    uint8_t name;      /* enum html_attribute_name */
    struct span value; /* entities resolved */
};

struct html_node {
    uint8_t tag; /* enum html_tag */
    uint8_t attribute_count;
    uint16_t depth;      /* 0: the root */
    uint32_t attributes; /* index of the first */
    uint32_t parent;     /* the root is its own parent */
    uint32_t end; /* index behind its last descendant; its first child, if any, is the next node */
    uint32_t text, text_end; /* its text, that of its descendants with it */
};

struct html_tree {
    const char *text;
    size_t text_size;
    struct html_node *nodes; /* nodes[0] is a root above all others */
    uint32_t node_count;
    struct html_attribute *attributes;
    uint32_t attribute_count;
    bool cut; /* a bound was met: the end of the page is missing */
};

/* stripped: what html_strip() made, with a NUL behind it; noscript: what <noscript> holds is shown, as to a reader without
 * scripts. 0 and *ret, in the arena; -ENOMEM: the
 * arena or the memory is used up. */
int html_tree_build(struct arena *arena, const char *stripped, size_t size, bool noscript,
                    struct html_tree *ret);

/* The value, with length 0 when the node has no such attribute. */
struct span html_value(const struct html_tree *tree, uint32_t node, enum html_attribute_name name);
bool html_has(const struct html_tree *tree, uint32_t node, enum html_attribute_name name);

/* All text of a node, trimmed. */
struct span html_text(const struct html_tree *tree, uint32_t node);

/* The first node of that tag from node `from` up to, not with, `end`; `end` if there is none. */
uint32_t html_next(const struct html_tree *tree, uint32_t from, uint32_t end, enum html_tag tag);

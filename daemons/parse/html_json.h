/* JSON as pages embed it, read for what can be had: raw line feeds in strings, commas too many or
 * too few, comments, entities and an early end are no reason to stop.
 *
 * Bounded: nesting deeper than JSON_DEPTH and values behind the first JSON_NODES are not read. Time
 * is linear in the size. Strings come out as clean text (libcommon/text.h) with their escapes and
 * the usual entities undone. */
#pragma once

#include "libcommon/arena.h"
#include "parse/article.h"

#include <stdbool.h>
#include <stdint.h>

enum { JSON_DEPTH = 32, JSON_NODES = 20000 };

enum json_kind {
    JSON_STRING,
    JSON_OTHER,
    JSON_OBJECT,
    JSON_ARRAY
}; /* other: numbers, true, false, null, as written */

struct json_node {
    uint8_t kind;
    struct span key;   /* of a member of an object */
    struct span value; /* of strings and others */
    uint32_t next;     /* the next in the same object or array; 0: none */
    uint32_t first;    /* of an object or array; 0: empty */
};

struct json_tree {
    struct json_node *nodes; /* nodes[0] is an array of what stands at the top */
    uint32_t count;
};

/* 0 and *ret, in the arena; -ENOMEM. */
int html_json_read(struct arena *arena, struct span text, struct json_tree *ret);

/* The member of an object by its name in any case of ASCII; 0: none. */
uint32_t json_member(const struct json_tree *tree, uint32_t object, const char *name);

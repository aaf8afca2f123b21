/* JSON of pages: a tree whose links lead on and whose strings are clean. */
#include "libcommon/arena.h"
#include "libcommon/utf8.h"
#include "parse/html_json.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *arena;
    struct json_tree tree;
    FUZZ_MUST(arena_new(64 << 20, &arena) == 0);
    int e = html_json_read(arena, (struct span){(const char *)data, size}, &tree);
    FUZZ_MUST(e == 0 && tree.count <= JSON_NODES);
    for (uint32_t i = 0; i < tree.count; i++) {
        const struct json_node *n = &tree.nodes[i];
        FUZZ_MUST(n->next == 0 || (n->next > i && n->next < tree.count));
        FUZZ_MUST(n->first == 0 || (n->first > i && n->first < tree.count));
        if (n->kind == JSON_STRING && n->value.length)
            FUZZ_MUST(utf8_valid(n->value.text, n->value.length));
        json_member(&tree, i, "headline");
    }
    arena_free(arena);
    return 0;
}

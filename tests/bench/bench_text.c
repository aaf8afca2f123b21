/* bench-text [FILE]: what cleaning and folding cost per byte, on one text (default: the sample page). */
#include "libcommon/arena.h"
#include "libcommon/text.h"
#include "libcommon/utf8.h"
#include "tests/bench/bench.h"

#include <stdio.h>
#include <stdlib.h>

int main(int argc, char **argv)
{
    struct bench_text text = bench_read(argc > 1 ? argv[1] : KHABAR_SOURCE "/tests/fixtures/sample/article.txt");
    struct arena *arena = NULL;
    char *out = malloc(text.size + 1);
    if (!out || arena_new(256 << 20, &arena) < 0)
        return 1;
    size_t sink = 0;
    BENCH("utf8_valid", text.size, sink += utf8_valid(text.data, text.size));
    BENCH("text_clean_prefix", text.size, sink += text_clean_prefix(text.data, text.size));
    const char *clean;
    size_t size;
    BENCH("text_clean", text.size, {
        text_clean(arena, text.data, text.size, &clean, &size, NULL);
        sink += size;
        arena_reset(arena);
    });
    text.data[text.size - 1] = '\x01'; /* the slow way: only the last line needs it, all is copied */
    text.data[0] = '\x01';
    BENCH("text_clean, repairing", text.size, {
        text_clean(arena, text.data, text.size, &clean, &size, NULL);
        sink += size;
        arena_reset(arena);
    });
    text.data[0] = text.data[text.size - 1] = ' ';
    BENCH("text_fold", text.size, sink += text_fold(text.data, text.size, out));
    arena_free(arena);
    free(out);
    free(text.data);
    return sink == 0;
}

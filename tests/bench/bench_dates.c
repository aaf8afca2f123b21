/* bench-dates [FILE]: dates in running text and in date lines (default: the sample page). */
#include "parse/dates.h"
#include "tests/bench/bench.h"

#include <string.h>

int main(int argc, char **argv)
{
    struct bench_text text = bench_read(argc > 1 ? argv[1] : KHABAR_SOURCE "/tests/fixtures/sample/article.txt");
    struct arena *arena = NULL;
    if (arena_new(64 << 20, &arena) < 0)
        return 1;
    struct dates_context context = {.day_order = DAY_FIRST, .zone = "Asia/Baghdad"};
    context.reference = moment_from_unix(1768711740000000, 180);
    struct date_mention *mentions;
    size_t count = 0, total = 0;
    BENCH("dates_find", text.size, {
        dates_find(&context, arena, text.data, text.size, &mentions, &count);
        total += count;
        arena_reset(arena);
    });
    printf("%zu mentions\n", count);
    static const char *const lines[] = {"2026-01-18 | 07:49", "الأحد 18 كانون الثاني 2026 - 07:49", "منذ 3 ساعات", "29 رجب 1447 هـ",
                                        "أعلنت اللجنة العسكرية العليا لانهاء مهمة التحالف", "2026-01-18T07:49:00Z", "18 يناير 2026 - 05:12 بتوقيت القاهرة"};
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        struct moment m;
        BENCH(lines[i], strlen(lines[i]), total += (size_t)dates_read_line(&context, lines[i], strlen(lines[i]), &m));
    }
    arena_free(arena);
    free(text.data);
    return total == 0;
}

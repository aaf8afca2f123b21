/* Dates: any well-formed text, as running text, as a line, as what a machine wrote, as a URL. */
#include "libcommon/utf8.h"
#include "parse/dates.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const struct moment *m)
{
    char text[MOMENT_TEXT_SIZE];
    if (!moment_valid(m) || moment_format(m, text) >= MOMENT_TEXT_SIZE)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    size = utf8_valid_prefix((const char *)data, size);
    char *text = malloc(size + 1); /* its end is where a reader must not pass */
    struct arena *arena;
    if (!text || arena_new(16 << 20, &arena) < 0)
        abort();
    memcpy(text, data, size);
    struct dates_context context = {.zone = "Asia/Baghdad", .reference = moment_from_unix(1768711740000000, 0)};
    if (size && (text[0] & 1))
        context = (struct dates_context){0};
    struct date_mention *mentions;
    size_t count, end = 0;
    if (dates_find(&context, arena, text, size, &mentions, &count) == 0)
        for (size_t i = 0; i < count; i++) {
            if (mentions[i].start < end || mentions[i].end <= mentions[i].start || mentions[i].end > size)
                abort();
            end = mentions[i].end;
            check(&mentions[i].value);
            if (mentions[i].until.precision != MOMENT_NONE)
                check(&mentions[i].until);
        }
    struct moment m;
    if (dates_read_line(&context, text, size, &m))
        check(&m);
    if (dates_read_machine(text, size, &m))
        check(&m);
    if (dates_read_url(text, size, &m))
        check(&m);
    struct span span = {text, size};
    dates_order_evidence(&span, 1, size & 1 ? &context.reference : NULL);
    arena_free(arena);
    free(text);
    return 0;
}

/* Settings read again while a daemon runs. */
#include "libcommon/reload.h"

#include <assert.h>
#include <string.h>

/* Parts of the settings that are not named after the one daemon that reads them. */
static const struct {
    const char *part;
    enum message_stage stage; /* 0: all of them */
} parts[] = {
    {"lane",     0           },
    {"log",      0           },
    {"limits",   0           },
    {"window",   STAGE_INGEST},
    {"spool",    STAGE_INGEST},
    {"dispatch", STAGE_INGEST},
    {"monitor",  STAGE_INGEST},
};

bool settings_concern(enum message_stage stage, const char *path)
{
    size_t size = strcspn(path, ".");
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        if (strlen(parts[i].part) == size && memcmp(parts[i].part, path, size) == 0)
            return !parts[i].stage || parts[i].stage == stage;
    const char *name = message_stage_name(stage);
    return strlen(name) == size && memcmp(name, path, size) == 0;
}

static bool same_strings(const struct config_strings *a, const struct config_strings *b)
{
    bool same = a->count == b->count;
    for (size_t i = 0; same && i < a->count; i++)
        same = strcmp(a->items[i], b->items[i]) == 0;
    return same;
}

static bool same_map(const struct config_map *a, const struct config_map *b)
{
    bool same = a->count == b->count;
    for (size_t i = 0; same && i < a->count; i++)
        same = strcmp(a->items[i].key, b->items[i].key) == 0 &&
               strcmp(a->items[i].value, b->items[i].value) == 0;
    return same;
}

static bool same(const struct config_row *row, const void *a, const void *b)
{
    switch (row->type) {
    case CONFIG_STRING:
        return strcmp(*(char *const *)a, *(char *const *)b) == 0;
    case CONFIG_INTEGER:
        return *(const int64_t *)a == *(const int64_t *)b;
    case CONFIG_FLAG:
        return *(const bool *)a == *(const bool *)b;
    case CONFIG_CHOICE:
        return *(const int *)a == *(const int *)b;
    case CONFIG_STRINGS:
        return same_strings(a, b);
    case CONFIG_MAP:
        return same_map(a, b);
    }
    return true;
}

/* Only numbers are live: nobody holds a pointer into what changes. */
static void copy(const struct config_row *row, void *to, const void *from)
{
    switch (row->type) {
    case CONFIG_INTEGER:
        *(int64_t *)to = *(const int64_t *)from;
        break;
    case CONFIG_FLAG:
        *(bool *)to = *(const bool *)from;
        break;
    case CONFIG_CHOICE:
        *(int *)to = *(const int *)from;
        break;
    default:
        assert(!"a live setting is a number");
    }
}

static void name(struct buffer *out, const char *path)
{
    if (out->size)
        buffer_append_char(out, ' ');
    buffer_append_string(out, path);
}

void settings_replace(struct settings *in_force, const struct settings *fresh,
                      enum message_stage stage, struct buffer *changed, struct buffer *waiting)
{
    for (size_t i = 0; i < settings_row_count; i++) {
        const struct config_row *row = &settings_rows[i];
        char *to = (char *)in_force + row->offset;
        const char *from = (const char *)fresh + row->offset;
        if (same(row, to, from))
            continue;
        if (row->live)
            copy(row, to, from);
        if (settings_concern(stage, row->path))
            name(row->live ? changed : waiting, row->path);
    }
}

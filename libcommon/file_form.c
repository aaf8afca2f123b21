/* What the name of a file says of what is in it. */
#include "libcommon/file_form.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <strings.h>

static const struct {
    const char *ending;
    enum file_form form;
    const char *content_type;
} endings[] = {
    {".ndjson", FILE_LINES, NULL                   },
    {".jsonl",  FILE_LINES, NULL                   },
    {".warc",   FILE_WARC,  NULL                   },
    {".html",   FILE_HTML,  "text/html"            },
    {".htm",    FILE_HTML,  "text/html"            },
    {".xhtml",  FILE_HTML,  "application/xhtml+xml"},
    {".txt",    FILE_TEXT,  "text/plain"           },
};

static bool ends_with(const char *name, size_t size, const char *ending)
{
    size_t length = strlen(ending);
    return size > length && strncasecmp(name + size - length, ending, length) == 0;
}

/* The length of a name without the ending that says how it is packed. */
static size_t unpacked_length(const char *name)
{
    static const char *const packed[] = {".gz", ".zst", ".br"};
    size_t size = strlen(name);
    for (size_t i = 0; i < sizeof packed / sizeof *packed; i++)
        if (ends_with(name, size, packed[i]))
            return size - strlen(packed[i]);
    return size;
}

enum file_form file_form_of(const char *name, const char **ret_content_type)
{
    size_t size = unpacked_length(name), i = 0, count = sizeof endings / sizeof *endings;
    while (i < count && !ends_with(name, size, endings[i].ending))
        i++;
    if (ret_content_type)
        *ret_content_type = i < count ? endings[i].content_type : NULL;
    return i < count ? endings[i].form : FILE_UNTOLD;
}

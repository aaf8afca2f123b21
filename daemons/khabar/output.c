/* Reads lines of a lane's output. */
#include "khabar/output.h"

#include "libcommon/buffer.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zstd.h>

enum { CHUNK = 256 * 1024 };

struct reader {
    output_line *each;
    void *context;
    struct buffer rest; /* of a line that has not ended yet */
};

static int take(struct reader *r, const char *data, size_t size)
{
    const char *end = data + size, *at = data, *feed;
    while ((feed = memchr(at, '\n', (size_t)(end - at)))) {
        int result;
        if (r->rest.size) {
            buffer_append(&r->rest, at, (size_t)(feed - at));
            if (r->rest.failed)
                return -ENOMEM;
            result = r->each(r->context, r->rest.data, r->rest.size);
            buffer_clear(&r->rest);
        } else {
            result = r->each(r->context, at, (size_t)(feed - at));
        }
        if (result)
            return result;
        at = feed + 1;
    }
    buffer_append(&r->rest, at, (size_t)(end - at));
    return r->rest.failed ? -ENOMEM : 0;
}

static int read_plain(struct reader *r, int fd)
{
    char *chunk = malloc(CHUNK);
    int result = chunk ? 0 : -ENOMEM;
    ssize_t size;
    while (result == 0 && (size = read(fd, chunk, CHUNK)) != 0)
        result = size < 0 ? -errno : take(r, chunk, (size_t)size);
    free(chunk);
    return result;
}

static int read_compressed(struct reader *r, int fd)
{
    char *in = malloc(CHUNK), *out = malloc(CHUNK);
    ZSTD_DStream *stream = ZSTD_createDStream();
    int result = in && out && stream ? 0 : -ENOMEM;
    ssize_t size;
    while (result == 0 && (size = read(fd, in, CHUNK)) != 0) {
        if (size < 0)
            result = -errno;
        ZSTD_inBuffer from = {in, size < 0 ? 0 : (size_t)size, 0};
        ZSTD_outBuffer to = {out, CHUNK, CHUNK};
        /* a full buffer may hide more output than the input that is left tells of */
        while (result == 0 && (from.pos < from.size || to.pos == to.size)) {
            bool drained = from.pos == from.size;
            to.pos = 0;
            size_t code = ZSTD_decompressStream(stream, &to, &from);
            result = ZSTD_isError(code) ? -EBADMSG : take(r, out, to.pos);
            if (drained && !to.pos)
                break;
        }
    }
    ZSTD_freeDStream(stream);
    free(in);
    free(out);
    return result;
}

static bool ends_with(const char *name, const char *ending)
{
    size_t size = strlen(name), length = strlen(ending);
    return size > length && !strcmp(name + size - length, ending);
}

static int is_day(const struct dirent *entry)
{
    return strncmp(entry->d_name, "dt=", 3) == 0 && strlen(entry->d_name) < OUTPUT_DAY_SIZE;
}

static int is_output(const struct dirent *entry)
{
    const char *name = entry->d_name;
    return strcmp(name, "manifest.ndjson") != 0 &&
           (ends_with(name, ".ndjson") || ends_with(name, ".ndjson.open") || ends_with(name, ".ndjson.zst"));
}

/* Whether the plain file of a compressed one is still there: the same lines twice. */
static bool has_plain(int day, const char *name)
{
    char plain[NAME_MAX + 1];
    snprintf(plain, sizeof plain, "%.*s", (int)(strlen(name) - strlen(".zst")), name);
    return faccessat(day, plain, F_OK, 0) == 0;
}

static int read_file(struct reader *r, int day, const char *name)
{
    bool compressed = ends_with(name, ".zst");
    if (compressed && has_plain(day, name))
        return 0;
    int fd = openat(day, name, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return errno == ENOENT ? 0 : -errno; /* it was renamed since the folder was read */
    int result = compressed ? read_compressed(r, fd) : read_plain(r, fd);
    buffer_clear(&r->rest);
    close(fd);
    return result;
}

static void free_list(struct dirent **list, int count)
{
    for (int i = 0; i < count; i++)
        free(list[i]);
    free(list);
}

static int read_day(struct reader *r, int root, const char *name)
{
    struct dirent **files;
    int day = openat(root, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int count = day < 0 ? -1 : scandirat(root, name, &files, is_output, alphasort);
    int result = count < 0 ? -errno : 0;
    for (int i = 0; i < count && result == 0; i++)
        result = read_file(r, day, files[i]->d_name);
    if (count >= 0)
        free_list(files, count);
    if (day >= 0)
        close(day);
    return result;
}

int output_read(const char *folder, const char *from, output_line *each, void *context)
{
    struct reader r = {.each = each, .context = context};
    struct dirent **days;
    int root = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int count = root < 0 ? -1 : scandir(folder, &days, is_day, alphasort);
    int result = count < 0 ? -errno : 0;
    for (int i = 0; i < count && result == 0; i++)
        if (!from || strcmp(days[i]->d_name, from) >= 0)
            result = read_day(&r, root, days[i]->d_name);
    if (count >= 0)
        free_list(days, count);
    if (root >= 0)
        close(root);
    buffer_free(&r.rest);
    return result;
}

int output_newest_day(const char *folder, char ret[OUTPUT_DAY_SIZE])
{
    struct dirent **days;
    int count = scandir(folder, &days, is_day, alphasort);
    if (count < 0)
        return -errno;
    if (count)
        snprintf(ret, OUTPUT_DAY_SIZE, "%.*s", OUTPUT_DAY_SIZE - 1, days[count - 1]->d_name);
    free_list(days, count);
    return count > 0;
}

/* Weights on disk: the container that every model of classify lies in. */
#include "classify/model.h"

#include "libcommon/buffer.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "weights are mapped as they lie on disk");

enum { CONTAINER_VERSION = 1, ALIGNMENT = 64, MAX_SECTIONS = 64 };

static const char magic[8] = {'k', 'h', 'a', 'b', 'a', 'r', 'M', 'L'};

struct header {
    char magic[8];
    uint32_t container_version, kind, version, section_count;
    uint64_t size, checksum;
    uint8_t zeros[24];
};
_Static_assert(sizeof(struct header) == ALIGNMENT, "the table of sections follows at 64");

struct section {
    uint32_t name, zero;
    uint64_t offset, size;
};

struct model {
    const uint8_t *data;
    size_t size;
};

static bool sections_fit(const uint8_t *data, size_t size, uint32_t count)
{
    const struct section *s = (const void *)(data + sizeof(struct header));
    if (count > MAX_SECTIONS || size - sizeof(struct header) < count * sizeof *s)
        return false;
    for (uint32_t i = 0; i < count; i++)
        if (s[i].offset % ALIGNMENT || s[i].offset > size || s[i].size > size - s[i].offset)
            return false;
    return true;
}

static bool trusted(const uint8_t *data, size_t size, enum model_kind kind, uint32_t version)
{
    const struct header *h = (const void *)data;
    return size >= sizeof *h && !memcmp(h->magic, magic, sizeof magic) &&
           h->container_version == CONTAINER_VERSION && h->kind == (uint32_t)kind &&
           h->version == version && h->size == size && sections_fit(data, size, h->section_count) &&
           h->checksum == XXH3_64bits(data + sizeof *h, size - sizeof *h);
}

static int map(int fd, struct model *m)
{
    struct stat st;
    if (fstat(fd, &st) < 0)
        return -errno;
    if (!S_ISREG(st.st_mode) || st.st_size < (off_t)sizeof(struct header))
        return -EBADMSG;
    m->size = (size_t)st.st_size;
    void *data = mmap(NULL, m->size, PROT_READ, MAP_SHARED, fd, 0);
    if (data == MAP_FAILED)
        return -errno;
    m->data = data;
    return 0;
}

int model_open(const char *path, enum model_kind kind, uint32_t version, struct model **ret)
{
    struct model *m = calloc(1, sizeof *m);
    if (!m)
        return -ENOMEM;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    int r = fd < 0 ? -errno : map(fd, m);
    if (fd >= 0)
        close(fd);
    if (r == 0 && !trusted(m->data, m->size, kind, version))
        r = -EBADMSG;
    if (r < 0) {
        model_close(m);
        return r;
    }
    *ret = m;
    return 0;
}

struct model *model_close(struct model *m)
{
    if (m && m->data)
        munmap((void *)(uintptr_t)m->data, m->size);
    free(m);
    return NULL;
}

const void *model_section(const struct model *m, uint32_t name, size_t *ret_size)
{
    const struct header *h = (const void *)m->data;
    const struct section *s = (const void *)(m->data + sizeof *h);
    for (uint32_t i = 0; i < h->section_count; i++)
        if (s[i].name == name) {
            *ret_size = s[i].size;
            return m->data + s[i].offset;
        }
    *ret_size = 0;
    return NULL;
}

const void *model_section_of(const struct model *m, uint32_t name, size_t size)
{
    size_t found;
    const void *data = model_section(m, name, &found);
    return found == size ? data : NULL;
}

static void pad(struct buffer *b)
{
    static const char zeros[ALIGNMENT];
    buffer_append(b, zeros, (ALIGNMENT - b->size % ALIGNMENT) % ALIGNMENT);
}

static void lay_out(struct buffer *b, enum model_kind kind, uint32_t version,
                    const struct model_part *parts, size_t count)
{
    struct header h = {.container_version = CONTAINER_VERSION, .kind = (uint32_t)kind,
                       .version = version, .section_count = (uint32_t)count};
    memcpy(h.magic, magic, sizeof magic);
    buffer_append(b, &h, sizeof h);
    size_t offset = sizeof h + count * sizeof(struct section);
    for (size_t i = 0; i < count; i++) {
        offset = (offset + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
        struct section s = {.name = parts[i].name, .offset = offset, .size = parts[i].size};
        buffer_append(b, &s, sizeof s);
        offset += parts[i].size;
    }
    for (size_t i = 0; i < count; i++) {
        pad(b);
        buffer_append(b, parts[i].data, parts[i].size);
    }
    if (b->failed)
        return;
    struct header *written = (void *)b->data;
    written->size = b->size;
    written->checksum = XXH3_64bits(b->data + sizeof h, b->size - sizeof h);
}

static int write_file(const char *path, const char *data, size_t size)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    if (fd < 0)
        return -errno;
    int r = 0;
    while (size && r == 0) {
        ssize_t n = write(fd, data, size);
        if (n < 0 && errno != EINTR)
            r = -errno;
        if (n > 0) {
            data += n;
            size -= (size_t)n;
        }
    }
    if (close(fd) < 0 && r == 0)
        r = -errno;
    return r;
}

int model_write(const char *path, enum model_kind kind, uint32_t version,
                const struct model_part *parts, size_t count)
{
    if (count > MAX_SECTIONS)
        return -EINVAL;
    struct buffer b = {0};
    char *temporary = NULL;
    lay_out(&b, kind, version, parts, count);
    int r = b.failed || asprintf(&temporary, "%s.new", path) < 0 ? -ENOMEM : 0;
    if (r == 0)
        r = write_file(temporary, b.data, b.size);
    if (r == 0 && rename(temporary, path) < 0)
        r = -errno;
    if (r < 0 && temporary)
        unlink(temporary);
    free(temporary);
    buffer_free(&b);
    return r;
}

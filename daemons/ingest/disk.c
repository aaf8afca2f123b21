/* Reads and writes of files that are whole or fail. */
#include "ingest/disk.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int disk_read_at(int fd, void *data, size_t size, uint64_t offset)
{
    char *at = data;
    while (size) {
        ssize_t n = pread(fd, at, size, (off_t)offset);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return -errno;
        if (n == 0)
            return -ENODATA;
        at += n;
        offset += (uint64_t)n;
        size -= (size_t)n;
    }
    return 0;
}

int disk_write_at(int fd, const void *data, size_t size, uint64_t offset)
{
    const char *at = data;
    while (size) {
        ssize_t n = pwrite(fd, at, size, (off_t)offset);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return -errno;
        if (n == 0)
            return -EIO;
        at += n;
        offset += (uint64_t)n;
        size -= (size_t)n;
    }
    return 0;
}

int disk_salvage_at(int fd, void *data, size_t size, uint64_t offset)
{
    enum { PIECE = 4096 };
    int r = disk_read_at(fd, data, size, offset);
    if (r != -EIO)
        return r;
    for (size_t at = 0; at < size; at += PIECE) {
        size_t piece = size - at < PIECE ? size - at : PIECE;
        r = disk_read_at(fd, (char *)data + at, piece, offset + at);
        if (r == -EIO)
            memset((char *)data + at, 0, piece);
        else if (r < 0)
            return r;
    }
    return 0;
}

int disk_sync(int fd)
{
    return fdatasync(fd) < 0 ? -errno : 0;
}

int disk_sync_folder(int folder_fd)
{
    return fsync(folder_fd) < 0 ? -errno : 0;
}

int disk_open(int folder_fd, const char *file, int flags, unsigned mode)
{
    int fd = openat(folder_fd, file, flags | O_CLOEXEC, mode);
    return fd < 0 ? -errno : fd;
}

int disk_size(int fd, uint64_t *ret)
{
    struct stat st;
    if (fstat(fd, &st) < 0)
        return -errno;
    *ret = (uint64_t)st.st_size;
    return 0;
}

void disk_close(int *fd)
{
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

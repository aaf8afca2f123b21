/* Folders whose entries outlive a power cut. */
#include "sink/folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define LOCK_NAME ".lock"

int folder_open(int parent, const char *path, int *ret)
{
    int fd = openat(parent, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return -errno;
    *ret = fd;
    return 0;
}

int folder_sync(int folder)
{
    return fsync(folder) < 0 ? -errno : 0;
}

int folder_make(int parent, const char *path, int *ret)
{
    char part[PATH_MAX];
    size_t size = strlen(path);
    if (size >= sizeof part)
        return -ENAMETOOLONG;
    int r = folder_open(parent, path, ret);
    if (r != -ENOENT)
        return r;
    /* the last slash that is not at the end parts the name from what it stands in */
    while (size > 1 && path[size - 1] == '/')
        size--;
    size_t slash = size;
    while (slash > 0 && path[slash - 1] != '/')
        slash--;
    int above = -1;
    if (slash > 1) {
        memcpy(part, path, slash - 1);
        part[slash - 1] = '\0';
        r = folder_make(parent, part, &above);
    } else {
        r = folder_open(parent, slash ? "/" : ".", &above);
    }
    if (r < 0)
        return r;
    memcpy(part, path + slash, size - slash);
    part[size - slash] = '\0';
    if (mkdirat(above, part, 0777) < 0 && errno != EEXIST)
        r = -errno;
    if (r == 0)
        r = folder_sync(above);
    if (r == 0)
        r = folder_open(above, part, ret);
    close(above);
    return r;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

int folder_list(int folder, struct folder_names *ret)
{
    struct folder_names names = {0};
    size_t capacity = 0;
    int fd =
        openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC); /* with a position of its own */
    if (fd < 0)
        return -errno;
    DIR *dir = fdopendir(fd);
    if (!dir) {
        int r = -errno;
        close(fd);
        return r;
    }
    struct dirent *entry;
    int r = 0;
    while (errno = 0, (entry = readdir(dir))) {
        if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, ".."))
            continue;
        if (names.count == capacity) {
            capacity = capacity ? capacity * 2 : 64;
            char **more = realloc(names.names, capacity * sizeof *more);
            if (!more) {
                r = -ENOMEM;
                break;
            }
            names.names = more;
        }
        names.names[names.count] = strdup(entry->d_name);
        if (!names.names[names.count]) {
            r = -ENOMEM;
            break;
        }
        names.count++;
    }
    if (r == 0 && errno)
        r = -errno;
    closedir(dir);
    if (r < 0) {
        folder_names_free(&names);
        return r;
    }
    if (names.count)
        qsort(names.names, names.count, sizeof *names.names, by_name);
    *ret = names;
    return 0;
}

void folder_names_free(struct folder_names *names)
{
    for (size_t i = 0; i < names->count; i++)
        free(names->names[i]);
    free(names->names);
    *names = (struct folder_names){0};
}

int folder_lock(int folder, int *ret)
{
    int fd = openat(folder, LOCK_NAME, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
    if (fd < 0)
        return -errno;
    if (flock(fd, LOCK_EX | LOCK_NB) < 0) {
        int r = errno == EWOULDBLOCK ? -EBUSY : -errno;
        close(fd);
        return r;
    }
    *ret = fd;
    return 0;
}

bool folder_locked(int folder)
{
    int fd = openat(folder, LOCK_NAME, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return false;
    bool locked = flock(fd, LOCK_SH | LOCK_NB) < 0 && errno == EWOULDBLOCK;
    close(fd);
    return locked;
}

int file_write_all(int fd, const void *data, size_t size)
{
    const char *at = data;
    while (size) {
        ssize_t written = write(fd, at, size);
        if (written < 0) {
            if (errno == EINTR)
                continue;
            return -errno;
        }
        if (written == 0)
            return -EIO;
        at += written;
        size -= (size_t)written;
    }
    return 0;
}

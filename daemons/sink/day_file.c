/* One output file while it is written. */
#include "sink/day_file.h"

#include "libcommon/fault.h"
#include "sink/folder.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

int day_file_create(int root, const char *day, const char *lane, uint64_t spool, uint64_t first,
                    int64_t now_ms, struct day_file *ret)
{
    struct day_file f = {.fd = -1, .created_ms = now_ms};
    char text[FILE_NAME_SIZE];
    int r = folder_make(root, day, &f.folder);
    if (r < 0)
        return r;
    snprintf(f.name.lane, sizeof f.name.lane, "%s", lane);
    f.name.spool = spool;
    f.name.first = f.name.highest = first;
    f.name.state = FILE_OPEN;
    file_name_format(&f.name, text);
    f.fd = openat(f.folder, text, O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, 0666);
    if (f.fd < 0) {
        r = -errno;
        close(f.folder);
        return r;
    }
    *ret = f;
    return 0;
}

int day_file_write(struct day_file *f, const void *lines, size_t size, uint64_t highest)
{
    int r = file_write_all(f->fd, lines, size);
    if (r < 0)
        return r;
    f->size += size;
    if (highest > f->name.highest)
        f->name.highest = highest;
    return 0;
}

int day_file_sync(struct day_file *f)
{
    if (f->synced != f->size && fdatasync(f->fd) < 0)
        return -errno;
    if (!f->entry_synced) {
        int r = folder_sync(f->folder);
        if (r < 0)
            return r;
        f->entry_synced = true;
    }
    f->synced = f->size;
    return 0;
}

int day_file_finish(struct day_file *f, char ret_name[FILE_NAME_SIZE])
{
    char open_name[FILE_NAME_SIZE];
    int r = day_file_sync(f);
    if (r < 0)
        return r;
    file_name_format(&f->name, open_name);
    f->name.state = FILE_FINISHED;
    file_name_format(&f->name, ret_name);
    r = fault(FAULT_SINK_ROTATE);
    if (r < 0)
        return r;
    /* a crash from here on leaves one of the two names, either with all its lines */
    if (renameat2(f->folder, open_name, f->folder, ret_name, RENAME_NOREPLACE) < 0)
        return -errno;
    r = fault(FAULT_SINK_ROTATED);
    if (r == 0)
        r = folder_sync(f->folder);
    if (r < 0)
        return r;
    close(f->fd);
    close(f->folder);
    f->fd = f->folder = -1;
    return 0;
}

void day_file_abandon(struct day_file *f)
{
    if (f->fd < 0)
        return;
    /* What the kernel could not write may still look whole in its cache. Nobody has been told of
     * it: without it, recovery has nothing to take for written. */
    if (ftruncate(f->fd, (off_t)f->synced) < 0)
        f->synced = 0;
    close(f->fd);
    close(f->folder);
    f->fd = f->folder = -1;
}

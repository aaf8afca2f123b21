/* What can't be read is not thrown away: copies of it go to the folder damaged/ of the spool. */
#include "ingest/disk.h"
#include "ingest/spool_state.h"
#include "libcommon/fault.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static const char folder_name[] = "damaged";

/* The folder, made if need be; its fd or -errno. */
static int open_folder(struct spool *s)
{
    if (mkdirat(s->folder_fd, folder_name, 0750) < 0 && errno != EEXIST)
        return -errno;
    int r = disk_sync_folder(s->folder_fd);
    return r < 0 ? r : disk_open(s->folder_fd, folder_name, O_RDONLY | O_DIRECTORY, 0);
}

static int copy_bytes(int from, int to, uint64_t offset, uint64_t size)
{
    enum { PIECE = 1 << 16 };
    char *piece = malloc(PIECE);
    if (!piece)
        return -ENOMEM;
    int r = 0;
    for (uint64_t at = 0; r == 0 && at < size; at += PIECE) {
        size_t count = size - at < PIECE ? (size_t)(size - at) : PIECE;
        r = disk_salvage_at(from, piece, count, offset + at);
        if (r == 0)
            r = disk_write_at(to, piece, count, at);
    }
    free(piece);
    return r == 0 ? disk_sync(to) : r;
}

int spool_keep_bytes(struct spool *s, int fd, uint64_t first, uint64_t offset, uint64_t size)
{
    if (size == 0)
        return 0;
    char segment[SPOOL_NAME_SIZE], name[SPOOL_NAME_SIZE + 48], unfinished[SPOOL_NAME_SIZE + 64];
    spool_segment_name(first, segment);
    snprintf(name, sizeof name, "%s-at-%" PRIu64 "-size-%" PRIu64, segment, offset, size);
    snprintf(unfinished, sizeof unfinished, "%s.unfinished", name);
    int r = fault(FAULT_RECOVERY_KEEP);
    _disk_close_ int folder = r == 0 ? open_folder(s) : -1;
    if (r < 0 || folder < 0)
        return r < 0 ? r : folder;
    if (faccessat(folder, name, F_OK, 0) == 0)
        return 0; /* kept before */
    _disk_close_ int copy = disk_open(folder, unfinished, O_WRONLY | O_CREAT | O_TRUNC, 0640);
    if (copy < 0)
        return copy;
    r = copy_bytes(fd, copy, offset, size);
    if (r == 0 && renameat(folder, unfinished, folder, name) < 0)
        r = -errno;
    if (r == 0)
        r = disk_sync_folder(folder);
    if (r == 0)
        s->kept_bytes += size;
    return r;
}

int spool_keep_file(struct spool *s, uint64_t first)
{
    char name[SPOOL_NAME_SIZE];
    struct stat st;
    spool_segment_name(first, name);
    int r = fault(FAULT_RECOVERY_KEEP);
    _disk_close_ int folder = r == 0 ? open_folder(s) : -1;
    if (r < 0 || folder < 0)
        return r < 0 ? r : folder;
    if (linkat(s->folder_fd, name, folder, name, 0) < 0)
        return errno == EEXIST ? 0 : -errno;
    r = disk_sync_folder(folder);
    if (r == 0 && fstatat(folder, name, &st, 0) == 0)
        s->kept_bytes += (uint64_t)st.st_size;
    return r;
}

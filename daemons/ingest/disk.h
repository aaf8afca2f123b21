/* Reads and writes of files that are whole or fail. */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* 0 with size bytes moved; -errno. Reading past the end of the file is -ENODATA. */
int disk_read_at(int fd, void *data, size_t size, uint64_t offset);
int disk_write_at(int fd, const void *data, size_t size, uint64_t offset);

/* Reads like disk_read_at(), but what the disk refuses becomes zeros. */
int disk_salvage_at(int fd, void *data, size_t size, uint64_t offset);

/* Data and size are on disk once these return 0; -errno. The second takes a folder: names in it are
 * on disk. */
int disk_sync(int fd);
int disk_sync_folder(int folder_fd);

/* Opens file in folder; the new fd or -errno. flags and mode as open(2); always close-on-exec. */
int disk_open(int folder_fd, const char *file, int flags, unsigned mode);

/* Size of an open file; -errno. */
int disk_size(int fd, uint64_t *ret);

/* Closes *fd unless it is negative and sets it to -1; a cleanup attribute for locals. */
void disk_close(int *fd);
#define _disk_close_ __attribute__((cleanup(disk_close)))

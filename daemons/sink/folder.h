/* Folders whose entries outlive a power cut: made, listed, synced. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/* Opens a folder below parent (AT_FDCWD: the current one), made with what is missing above it and
 * synced. Close *ret with close(). -errno. */
int folder_make(int parent, const char *path, int *ret);

/* Opens a folder that exists. -ENOENT and other -errno. */
int folder_open(int parent, const char *path, int *ret);

/* Entries made, renamed and removed so far are on disk once this returns 0. */
int folder_sync(int folder);

/* The names in a folder, without "." and "..", sorted; free with folder_names_free(). */
struct folder_names {
    char **names;
    size_t count;
};
int folder_list(int folder, struct folder_names *ret);
void folder_names_free(struct folder_names *names);

/* Takes the lock of a folder, until *ret is closed. -EBUSY: another process has it. */
int folder_lock(int folder, int *ret);

/* Whether some process has the lock now. */
bool folder_locked(int folder);

/* All the bytes are written, or -errno. */
int file_write_all(int fd, const void *data, size_t size);

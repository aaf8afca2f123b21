/* One output file while it is written: lines of one spool, accepted on one day. */
#pragma once

#include "sink/file_name.h"

#include <stdbool.h>
#include <stdint.h>

struct day_file {
    int folder, fd;        /* of the day; of the file */
    struct file_name name; /* highest: so far */
    uint64_t size, synced; /* bytes written; bytes that a sync has covered */
    int64_t created_ms;    /* monotonic */
    bool entry_synced;     /* the file's name is on disk */
};

/* Makes a file in the folder of the day, which is made and synced if need be. The name is on disk
 * with the first day_file_sync(). -EEXIST and other -errno. */
int day_file_create(int root, const char *day, const char *lane, uint64_t spool, uint64_t first,
                    int64_t now_ms, struct day_file *ret);

/* Appends whole lines, of which highest is the highest sequence number. After an error nothing but
 * day_file_abandon() may follow. */
int day_file_write(struct day_file *f, const void *lines, size_t size, uint64_t highest);

/* All that was written, and the file's name, are on disk once this returns 0. Errors as above. */
int day_file_sync(struct day_file *f);

/* Syncs, gives the file its finished name and closes it. *ret_name: that name. */
int day_file_finish(struct day_file *f, char ret_name[FILE_NAME_SIZE]);

/* After an error: cuts what no sync has covered, as well as it goes, and closes the file. It keeps
 * its open name. */
void day_file_abandon(struct day_file *f);

/* Reading back what a process before this one wrote: nothing is written twice, no torn line stays.
 *
 * A line counts as written when it is whole. Whether it had been synced is not known, so what stays
 * is synced here. All of it costs by the window (MESSAGE_SPAN) and by the last lines of a file, not
 * by the size of the output. */
#pragma once

#include "libcommon/message.h"

#include <stdbool.h>
#include <stdint.h>

struct recovered {
    uint64_t files, torn_files,
        torn_bytes; /* left open; with a torn end; bytes that were cut there */
};

/* Finishes the files of a day's folder that were left open, and settles what was left half
 * compressed: after it names end in .ndjson or .ndjson.zst, but for manifests. Adds to *count. To
 * be called before this process makes a file there. -errno. */
int recovery_tidy(int folder, struct recovered *count);

/* Calls found() with the sequence numbers >= floor of a spool that a day's folder has in finished
 * files (and in the open ones, if there are any), in no order. -errno; -EBADMSG: a file is damaged.
 */
int recovery_read_back(int folder, uint64_t spool, uint64_t floor,
                       void (*found)(void *context, uint64_t seq), void *context);

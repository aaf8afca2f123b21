/* Files of ids of feeders as earlier versions wrote them: LMDB, ids-NUMBER. */
#pragma once

#include "ingest/feeder_run.h"

/* Numbers of the old files in the folder, at most room: how many; -errno. */
int feeder_upgrade_list(const char *folder, uint32_t *numbers, unsigned room);

/* Writes what the old file holds as a run of the same number, open in *ret, and removes the old
 * file. -ENODATA: nothing was ever written to it, and it was removed. -EBADMSG: it can't be read.
 * -errno. */
int feeder_upgrade(const char *path, int folder, uint32_t number, size_t filter_bytes,
                   struct feeder_run *ret);

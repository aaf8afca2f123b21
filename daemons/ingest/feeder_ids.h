/* Which ids of feeders were accepted, and under which number, for a configured time.
 *
 * Ids that came lately are in memory and are found again in the segments after a crash; a
 * checkpoint brings those that are on disk in the spool into a sorted file, a run, and joins it
 * with others of the same half of the configured time; runs are deleted whole when they have
 * expired. Almost all that is asked for is new, and a filter in memory says so for each run. The
 * watermark says up to which number the runs know everything: recovery replays from there, and a
 * segment is not removed before the watermark has passed it.
 *
 * Memory: the ids of a checkpoint and 8 MiB of filters, twice while runs are joined; with more ids
 * than they are good for more look-ups read a file. Threads: one thread owns the object; only
 * feeder_ids_run() may be called by another, between begin and end. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct feeder_ids;

enum { FEEDER_IDS_OK, FEEDER_IDS_UNKNOWN };

struct feeder_key {
    uint8_t bytes[16]; /* of SHA-256 over feeder and id */
};

/* True and the key of a document (its fields, as in libcommon/fields.h) with a feeder's id; false
 * if it has none. */
bool feeder_key(const void *document, size_t size, struct feeder_key *ret);

/* folder: made if missing. keep_us: how long an id is known. Files that can't be read are renamed
 * to "….damaged" and counted in *ret_damaged. Close *ret with feeder_ids_close(). -errno. */
int feeder_ids_open(const char *folder, int64_t keep_us, unsigned *ret_damaged,
                    struct feeder_ids **ret);

/* Everything accepted under a lower number is in the files. */
uint64_t feeder_ids_watermark(const struct feeder_ids *ids);

/* FEEDER_IDS_OK and the number; FEEDER_IDS_UNKNOWN; -errno. */
int feeder_ids_find(struct feeder_ids *ids, const struct feeder_key *key, int64_t now_us,
                    uint64_t *ret_seq);

/* In memory until the next checkpoint. -ENOMEM. */
int feeder_ids_add(struct feeder_ids *ids, const struct feeder_key *key, uint64_t seq,
                   int64_t accepted_at);

/* True when so many are in memory that a checkpoint should follow. */
bool feeder_ids_due(const struct feeder_ids *ids);

/* A checkpoint of everything with a number up to durable. begin may delete files; run writes,
 * syncs and deletes what was joined; end takes note. A negative return of any ends the object's
 * use. */
int feeder_ids_begin(struct feeder_ids *ids, uint64_t durable, int64_t now_us);
int feeder_ids_run(struct feeder_ids *ids);
void feeder_ids_end(struct feeder_ids *ids);

/* NULL is fine; always returns NULL. What no checkpoint took is left to the segments. */
struct feeder_ids *feeder_ids_close(struct feeder_ids *ids);

/* The output of a lane: two trees of files, records and rejects, in which every document is written
 * once.
 *
 * A line is appended, synced together with others, and only then reported as committed. Two threads
 * of its own do the slow work: one writes, syncs and turns files over, one compresses and keeps
 * manifests (finish.h). All functions are for one thread, the caller's. File names and folders:
 * file_name.h.
 *
 *   caller   output_append() ... poll output_fd() ... output_committed() -> commit to ingest
 *   writer   waits until sync_documents, sync_bytes or sync_ms; write, fdatasync, fsync of folders
 *
 * A failed write or sync is said once, after what could still be committed; then nothing is done
 * any more, and the process has to end. The files themselves are the only memory: see recovery.h.
 */
#pragma once

#include "libcommon/message.h"
#include "sink/notices.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct output;

enum output_kind { OUTPUT_RECORD, OUTPUT_REJECT, OUTPUT_KINDS };

enum output_answer {
    OUTPUT_WRITTEN = 0, /* taken; will be reported once it is on disk */
    OUTPUT_ALREADY =
        1, /* was written before; is reported again, at once or with the sync that it waits for */
    OUTPUT_BEYOND = 2, /* further ahead of the floor than the dialogue allows: not written */
};

struct output_settings {
    const char *records_dir, *rejects_dir; /* two folders, made if need be */
    const char *lane;                      /* file_lane_valid() */
    uint64_t rotate_bytes;                 /* a file is finished at this size */
    int64_t rotate_ms;                     /* and at this age */
    bool compress;
    uint64_t reserve_bytes; /* room on the disk that records leave to rejects */
    uint64_t sync_documents, sync_bytes;
    int64_t sync_ms;
};

/* Strings are copied. -EBUSY: another process has the folder; -EINVAL: a lane's name that files
 * can't have, or one folder for both; other -errno. Close *ret with output_close(). */
int output_open(const struct output_settings *settings, struct output **ret);

/* What output_append() would answer: OUTPUT_WRITTEN when it would write. floor: of the message.
 * accepted_at, in microseconds since 1970, chooses the day and must be the same each time a
 * document comes. -errno: reading back failed. OUTPUT_ALREADY is reported again for commit. */
int output_look(struct output *o, uint64_t spool, uint64_t seq, uint64_t floor,
                int64_t accepted_at);

/* Writes a line, which ends in a line feed, and is copied. Waits while more than a group is under
 * way. -errno: this or an earlier write failed. */
int output_append(struct output *o, enum output_kind kind, uint64_t spool, uint64_t seq,
                  uint64_t floor, int64_t accepted_at, const void *line, size_t size);

/* The document is done with, without a line: reported as committed. */
int output_settle(struct output *o, uint64_t spool, uint64_t seq, uint64_t floor,
                  int64_t accepted_at);

/* Readable when output_committed() has something. */
int output_fd(const struct output *o);

struct output_commit {
    uint64_t spool;
    const struct message_range *ranges; /* ascending; borrowed until the next call */
    size_t count;                       /* at most MESSAGE_RANGES_MAX */
};

/* 1 and *ret: what is on disk since the last call, for one spool; 0: nothing more; -errno: a write
 * or sync failed, and all that was on disk before has been reported. */
int output_committed(struct output *o, struct output_commit *ret);

/* Returns when all that was appended is on disk. -errno. */
int output_flush(struct output *o);

/* What went wrong, with the file's name; "" when nothing did. */
const char *output_failure(const struct output *o);

/* 1 and one line for the log: what was recovered or could not be finished; 0: nothing more. */
int output_notice(struct output *o, char ret[NOTICE_SIZE]);

struct output_counts {
    uint64_t records, rejects, bytes; /* on disk since the start */
    uint64_t repeated;                /* OUTPUT_ALREADY */
    uint64_t syncs, finished;         /* groups; files */
};
void output_counts(struct output *o, struct output_counts *ret);

/* Syncs, finishes every file, waits for compression (at most wait_ms) and lets the folders go. NULL
 * is fine; *ret_error (NULL: not wanted): 0 or the -errno of a failed write. What was not taken
 * with output_committed() is lost, which costs a repeat. Always returns NULL. */
struct output *output_close(struct output *o, int64_t wait_ms, int *ret_error);

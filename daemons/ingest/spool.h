/* Durable queue of documents on disk: what is accepted and not yet committed. One process opens a
 * folder at a time.
 *
 * A document gets its number from spool_append() and is on disk once a sync that began later has
 * ended; only then may anyone be told, and only then spool_next() and spool_read() know it. Many
 * documents share a sync. A commit forgets a document: first in memory, then in the progress file,
 * then, when everything in a segment is committed, by removing the segment. What a crash forgets of
 * the commits is only sent again. Numbers are never used twice under one identity; after a process
 * that did not end in order some are left out.
 *
 * Threads: one thread owns a spool. Its slow work is done in jobs of three kinds, of which one each
 * may be under way: spool_job_begin() and spool_job_end() belong to the owner, spool_job_run()
 * between them may run in any thread, while the owner goes on appending, reading and committing.
 * spool_sync() and spool_tend() do whole jobs at once.
 *
 * Faults: a failed write or sync is returned once; from then on every call but spool_status() and
 * spool_close() returns -ESHUTDOWN, and the process ends: what the kernel did with the data is not
 * known, and trying again would hide it.
 *
 * The bytes on disk are described in docs/spool-format.md. */
#pragma once

#include "libcommon/buffer.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct spool;
struct spool_job;

struct spool_settings {
    const char *folder; /* made if missing; copied */
    uint64_t
        max_bytes; /* of all segments; a document is always taken when nothing else is spooled */
    uint64_t segment_bytes; /* a larger document gets a segment of its own; at most an eighth of
                               max_bytes is used */
    uint64_t reserve_bytes; /* of the file system, left free for progress, feeder ids and rejects */
    uint64_t pending_bytes; /* appended and not yet synced, and as much again while a sync runs */
    int64_t feeder_ids_us;  /* how long a feeder's id is known, in microseconds; 0: not at all */
};

static const struct spool_settings spool_defaults = {
    .max_bytes = (uint64_t)16 << 30,
    .segment_bytes = 64 << 20,
    .reserve_bytes = 256 << 20,
    .pending_bytes = 4 << 20,
    .feeder_ids_us = (int64_t)24 * 3600 * 1000000,
};

struct spool_document {
    const void *document; /* fields, as in libcommon/fields.h; borrowed */
    size_t document_size;
    const void *body; /* borrowed */
    size_t body_size;
    int64_t accepted_at; /* microseconds since 1970 UTC */
    uint32_t attempt;    /* attempts made before; 0 for what is new */
};

struct spool_entry {
    uint64_t seq;
    int64_t accepted_at;
    uint32_t attempt;
    const void *document; /* borrowed from the buffer that was read into */
    size_t document_size;
    const void *body;
    size_t body_size;
};

/* What opening found; everything in it is worth a line in the log. */
struct spool_report {
    bool created;         /* the spool is new */
    bool unclean;         /* the last process did not end in order */
    bool progress_lost;   /* neither slot could be read: what sink has is sent again */
    uint64_t damaged;     /* documents that were accepted and can't be read: spool_read() says
                             SPOOL_DAMAGED */
    uint64_t kept_bytes;  /* unreadable, now in the folder damaged/ */
    uint64_t replayed;    /* feeder ids read back from segments */
    unsigned ids_damaged; /* files of feeder ids that could not be read, kept aside */
};

struct spool_status {
    uint64_t spool;                            /* identity */
    uint64_t floor;                            /* lowest number not committed */
    uint64_t next;                             /* that the next document gets */
    uint64_t durable;                          /* last number on disk; below the first: none */
    uint64_t accepted;                         /* documents, ever */
    uint64_t committed;                        /* documents, ever */
    uint64_t documents;                        /* accepted and not committed */
    uint64_t bytes;                            /* of all segments */
    uint64_t pending_documents, pending_bytes; /* appended, no sync begun */
    uint64_t segments;
    uint64_t damaged;    /* documents found unreadable since the start */
    uint64_t kept_bytes; /* put into damaged/ since the start */
    int64_t oldest_at;   /* when the oldest uncommitted document was accepted; 0: none */
    bool full;  /* an append was refused for want of room a moment ago, and none was made */
    int failed; /* -errno of the fault that ended the spool's use, or 0 */
};

enum {
    SPOOL_OK,
    SPOOL_FULL, /* no room: feeders wait until commits have made some */
    SPOOL_BUSY, /* too much is waiting for a sync (or, rarely, for spool_tend()): try after the next
                 */
    SPOOL_REPEATED, /* the feeder's id is known */
    SPOOL_DAMAGED,  /* the entry can't be read */
    SPOOL_ABSENT,   /* no such document, or it is committed, or not on disk yet */
    SPOOL_NOTHING,  /* nothing to do, or nothing there */
    SPOOL_LOCKED,   /* another process has the folder open */
};

/* Close *ret with spool_close(). SPOOL_LOCKED; -EBADMSG: damaged beyond what can be mended without
 * a person (khabar spool check); other -errno. */
int spool_open(const struct spool_settings *settings, struct spool_report *ret_report,
               struct spool **ret);

/* Copies the document. SPOOL_FULL; SPOOL_BUSY; SPOOL_REPEATED: *ret_seq is the earlier number, and
 * it may be said to be accepted once that is durable; -EMSGSIZE: larger than any entry; other
 * -errno. */
int spool_append(struct spool *s, const struct spool_document *document, uint64_t *ret_seq);

enum spool_job_kind {
    SPOOL_SYNC, /* what was appended goes to disk */
    SPOOL_TEND, /* progress, removal of segments; to be tried after commits and from time to time */
    SPOOL_IDS,  /* a checkpoint of feeder ids, which segments wait for; likewise */
    SPOOL_JOBS
};

/* SPOOL_NOTHING: not needed now; SPOOL_BUSY: one of this kind is under way. */
int spool_job_begin(struct spool *s, enum spool_job_kind kind, struct spool_job **ret);
void spool_job_run(struct spool_job *job);
/* Takes the job. 0: done; -errno: the process should end. */
int spool_job_end(struct spool_job **job);

int spool_sync(struct spool *s); /* everything appended so far is on disk once this returns 0 */
int spool_tend(
    struct spool *s); /* commits and notes are on disk, and what is not needed any more is gone */

/* Everything up to this number is on disk. */
uint64_t spool_durable(const struct spool *s);

/* The lowest document above after that is on disk, not committed and below floor + MESSAGE_SPAN.
 * SPOOL_NOTHING; -errno. */
int spool_next(struct spool *s, uint64_t after, uint64_t *ret_seq);

/* Reads into bytes, whose contents are replaced; *ret borrows from it. SPOOL_ABSENT; SPOOL_DAMAGED:
 * a copy of what is there was put into damaged/, and *ret has it as body, if there is anything, and
 * nothing else; other -errno. */
int spool_read(struct spool *s, uint64_t seq, struct buffer *bytes, struct spool_entry *ret);

/* Forgets the documents from first to last, both included; numbers that are not in the spool, or
 * are not on disk yet, are passed over. *ret_count: how many it were. */
int spool_commit(struct spool *s, uint64_t first, uint64_t last, uint64_t *ret_count);

/* A note of 0 to 254 that stays with an uncommitted document below floor + MESSAGE_SPAN, also over
 * a restart once spool_tend() has been done. New documents have 0. */
void spool_note(struct spool *s, uint64_t seq, uint8_t note);
uint8_t spool_note_of(const struct spool *s, uint64_t seq);

void spool_status(struct spool *s, struct spool_status *ret);

/* Syncs what is pending and notes that the process ended in order, unless it failed before. No job
 * may be under way. NULL is fine; always returns NULL. */
struct spool *spool_close(struct spool *s);

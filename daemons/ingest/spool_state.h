/* What an open spool holds in memory; for the files spool*.c only. */
#pragma once

#include "ingest/feeder_ids.h"
#include "ingest/progress.h"
#include "ingest/segment.h"
#include "ingest/spool.h"

#include <stdio.h>

enum {
    SPOOL_NAME_SIZE = 32,
    SPOOL_LOADED_MAX = 32,    /* segments whose index is in memory */
    SPOOL_TEND_MS = 200,      /* commits wait so long for a write of the progress file */
    SPOOL_FULL_MS = 10000,    /* who was refused has tried again by then */
    SPOOL_LOST_MAX = 1 << 24, /* numbers of missing segments that are made up for */
    SPOOL_SEGMENT_MIN = 64 * 1024,
};

/* One file. */
struct spool_segment {
    uint64_t first;
    uint64_t bytes;    /* that entries take, and the footer */
    uint64_t capacity; /* of the file, while it is written to */
    struct segment_head head;
    struct segment_index index;
    bool loaded;      /* head and index are there */
    bool sealed;      /* on disk for certain, with everything before it */
    bool missing;     /* there is no file: its numbers are lost */
    int fd;           /* for reading; -1 while not loaded */
    uint64_t used_at; /* for choosing which to unload */
};

/* A run of bytes on their way to one file. */
struct spool_piece {
    struct spool_segment *segment;
    int fd; /* for writing */
    uint64_t offset;
    size_t from, size; /* in the batch */
    bool created;      /* the file is new: its name has to be synced */
    bool seal;         /* nothing follows: cut to size, sync, close */
};

struct spool_batch {
    struct buffer bytes;
    struct spool_piece *pieces; /* owned */
    size_t count, capacity;
    uint64_t last; /* number */
    uint64_t documents;
};

struct spool_job {
    struct spool *spool;
    enum spool_job_kind kind;
    bool busy;
    int result;
    /* SPOOL_SYNC */
    struct spool_batch batch;
    /* SPOOL_TEND */
    struct progress progress;
    struct spool_segment **remove; /* owned, with what is in it */
    size_t remove_count;
};

struct spool {
    struct spool_settings settings;
    char *folder; /* owned */
    int folder_fd, lock_fd, progress_fd;
    int failed;
    struct progress progress; /* floor and states are the live ones; the rest as last written */
    struct spool_segment **segments; /* ascending */
    size_t segments_count, segments_capacity;
    struct spool_segment
        *active;            /* the last, while it is written to; NULL: the next append makes one */
    int active_fd;          /* for writing */
    uint64_t active_synced; /* bytes of it that are on disk */
    bool preallocates;      /* the file system gives room in advance */
    uint64_t next, follows, durable;
    uint64_t accepted, committed, bytes, damaged, kept_bytes;
    uint64_t uses; /* clock of used_at */
    struct spool_batch batch;
    struct spool_job jobs[SPOOL_JOBS];
    struct feeder_ids *ids; /* NULL: not wanted */
    bool dirty, urgent; /* commits or notes are not in the progress file; and should be at once */
    int64_t full_until; /* monotonic ms: an append was refused for want of room; 0: none was */
    int64_t tended_at;  /* monotonic, milliseconds */
    struct buffer scratch;
};

/* spool.c */
int spool_fail(struct spool *s, int r); /* notes the fault; returns r */

/* spool_segments.c: the list of segments, and how numbers are found in it */
void spool_segment_name(uint64_t first, char out[SPOOL_NAME_SIZE]);
int spool_segment_new(uint64_t first, struct spool_segment **ret);
struct spool_segment *spool_segment_free(struct spool_segment *segment); /* NULL is fine */
int spool_segments_add(
    struct spool *s,
    struct spool_segment *segment); /* takes it, behind the others, if 0 is returned */
/* Position of the segment whose numbers begin at or before seq; -1: none. */
long spool_segments_find(const struct spool *s, uint64_t seq);
/* Opens the file and reads the index, by scanning if need be. */
int spool_segment_load(struct spool *s, size_t at);
/* Numbers up to last that the segment does not hold are lost. -EBADMSG: too many to be true;
 * -ENOMEM. */
int spool_segment_extend(struct spool_segment *segment, uint64_t last);
/* Number behind the last that the segment holds; it is loaded. */
uint64_t spool_segment_end(const struct spool_segment *segment);
/* Moves floor over everything that is committed or was never used. */
int spool_settle_floor(struct spool *s);
uint8_t *spool_state_of(struct spool *s, uint64_t seq);

/* spool_keep.c: what can't be read goes to damaged/ */
int spool_keep_bytes(struct spool *s, int fd, uint64_t first, uint64_t offset, uint64_t size);
int spool_keep_file(struct spool *s, uint64_t first);

/* spool_open.c: a new file for the next number, with room for need bytes of entries. SPOOL_FULL;
 * -errno. */
int spool_segment_create(struct spool *s, uint64_t need, struct spool_segment **ret, int *ret_fd);

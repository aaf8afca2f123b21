/* The thread that writes and syncs: lines go in, and come out as marks once they are on disk.
 *
 * Group sync: lines gather in memory while the group before them is being written; one write and
 * one sync a file serve all of them. At most two groups exist at a time, so memory is bounded by
 * WRITER_GROUP_MAX and two lines. Files belong to this thread alone; it finishes them by size, age
 * and at the end. */
#pragma once

#include "sink/finish.h"
#include "sink/output.h"

enum {
    WRITER_GROUP_MAX = 16 * 1024 * 1024, /* bytes; less than recovery.c's TORN_TAIL */
    WRITER_FILES = 8,                    /* open at a time; the one written longest ago gives way */
};

struct writer;

struct writer_settings {
    int roots[OUTPUT_KINDS]; /* borrowed */
    const char *lane;        /* borrowed */
    uint64_t rotate_bytes;
    int64_t rotate_ms;
    uint64_t reserve_bytes;
    uint64_t sync_documents, sync_bytes;
    int64_t sync_ms;
    struct finisher *finisher; /* borrowed; is told of each finished file */
};

struct writer_mark {
    uint64_t spool, seq;
};

int writer_start(const struct writer_settings *settings, struct writer **ret); /* -errno */

/* Copies the line. Waits while the gathering group is full. -errno: a write failed. */
int writer_append(struct writer *w, enum output_kind kind, const char *day, struct writer_mark mark,
                  const void *line, size_t size);

/* Puts a mark among those that are on disk. */
int writer_report(struct writer *w, uint64_t spool, uint64_t seq);

/* Exchanges *marks (NULL or from an earlier call, freed by the caller in the end) for those that
 * are on disk since the last call. 0; -errno: a write failed, and no marks are left. */
int writer_take(struct writer *w, struct writer_mark **marks, size_t *ret_count);

int writer_flush(struct writer *w); /* as output_flush() */
int writer_error(struct writer *w); /* 0 or the -errno of a failed write */
int writer_fd(const struct writer *w);
const char *writer_failure(struct writer *w);

struct writer_counts {
    uint64_t lines[OUTPUT_KINDS], bytes, groups, finished;
};
void writer_counts(struct writer *w, struct writer_counts *ret);

/* Syncs and finishes all files, ends the thread. NULL is fine; always returns NULL. */
struct writer *writer_stop(struct writer *w, int *ret_error);

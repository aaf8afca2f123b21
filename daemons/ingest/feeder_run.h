/* A file of ids of feeders, sorted by key, that never changes once it has its name.
 *
 * A head of 64 bytes, then rows of 32 (struct feeder_row). The keys are hashes, so that where one
 * lies can be told from its value, to some rows: a look-up reads a few KiB. The file is written
 * under another name, synced, and renamed. */
#pragma once

#include "ingest/feeder_filter.h"
#include "ingest/feeder_table.h"
#include "libcommon/buffer.h"

enum { FEEDER_RUN_NAME_SIZE = 32 };

struct feeder_run_state {
    uint32_t number;     /* the file is ids-NUMBER.run; newer ones have higher numbers */
    uint32_t joined;     /* runs from this number on are in it; its own: none but itself */
    int64_t start, last; /* when its time began, which is kept apart from other times; latest
                            acceptance in it; microseconds since 1970 UTC */
    uint64_t watermark;  /* everything accepted under a lower number is in it or in older runs */
    uint64_t rows;
};

struct feeder_run {
    struct feeder_run_state state;
    int fd; /* -1: none */
    struct feeder_filter filter;
};

void feeder_run_name(uint32_t number, char out[FEEDER_RUN_NAME_SIZE]);

/* Reads the whole file once, checks it, and makes its filter in at most so many bytes. -EBADMSG: it
 * is none, or damaged; -errno. Close *ret with feeder_run_close(). */
int feeder_run_open(int folder, uint32_t number, size_t filter_bytes, struct feeder_run *ret);

/* FEEDER_IDS_OK and the row; FEEDER_IDS_UNKNOWN; -errno. */
int feeder_run_find(const struct feeder_run *run, const struct feeder_key *key,
                    struct feeder_row *ret);

void feeder_run_close(struct feeder_run *run);

/* Reads rows in their order; borrows the run. Zero it, set run; free rows at the end. */
struct feeder_run_reader {
    const struct feeder_run *run;
    uint64_t at;
    struct buffer rows; /* those read ahead */
    size_t next;
};

/* FEEDER_IDS_OK and the next row, borrowed until the next call; FEEDER_IDS_UNKNOWN: that was the
 * last; -errno. */
int feeder_run_read(struct feeder_run_reader *reader, const struct feeder_row **ret);

struct feeder_run_writer {
    int folder, fd;
    struct buffer rows; /* not yet written */
    uint64_t count;
    uint32_t checksum;
    struct feeder_filter filter;
};

/* rows: at most so many will come. -errno. End with feeder_run_finish() or feeder_run_abandon(). */
int feeder_run_begin(int folder, uint64_t rows, size_t filter_bytes, struct feeder_run_writer *ret);

/* In the order of keys, each once. */
int feeder_run_put(struct feeder_run_writer *writer, const struct feeder_row *row);

/* The file is on disk with its name, and open, once this returns 0; rows of the state is set here.
 * -errno: the writer is to be abandoned. */
int feeder_run_finish(struct feeder_run_writer *writer, const struct feeder_run_state *state,
                      struct feeder_run *ret);

/* Fine after feeder_run_finish(). */
void feeder_run_abandon(struct feeder_run_writer *writer);

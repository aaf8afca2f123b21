/* Names in the output: folders of a day, files by their state.
 *
 *   dt=2026-01-18/                                        UTC day of acceptance
 *     main-<spool>-<first>.ndjson.open                    being written
 *     main-<spool>-<first>-<highest>.ndjson               finished
 *     main-<spool>-<first>-<highest>.ndjson.zst           finished and compressed
 *     main-<spool>-<first>-<highest>.ndjson.zst.tmp       being compressed
 *     manifest.ndjson                                     what is finished (manifest.h)
 *
 * main is the lane, <spool> the identity of the spool in 16 hex digits, <first> the sequence number
 * of the first line and <highest> the highest of all, in 20 digits each, so that names sort. Where
 * a file stands both plain and compressed, the two are the same, and the plain one is about to go.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    FILE_NAME_SIZE = 256,
    FILE_LANE_MAX = 64, /* bytes of a lane's name */
    FILE_DAY_SIZE = 16, /* of dt=YYYY-MM-DD */
};

enum file_state { FILE_OPEN, FILE_FINISHED, FILE_COMPRESSED, FILE_COMPRESSING };

struct file_name {
    char lane[FILE_LANE_MAX + 1];
    uint64_t spool, first, highest; /* highest: not of FILE_OPEN */
    enum file_state state;
};

void file_name_format(const struct file_name *name, char ret[FILE_NAME_SIZE]);

/* 1 and *ret; 0: not the name of an output file. */
int file_name_read(const char *text, struct file_name *ret);

/* Whether a lane may be called so: letters, digits, '-', '_', '.', not beginning with '.'. */
bool file_lane_valid(const char *lane);

/* The folder of a time, microseconds since 1970 UTC. */
void file_day_format(int64_t time, char ret[FILE_DAY_SIZE]);
bool file_day_valid(const char *name);

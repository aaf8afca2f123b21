/* A folder for the output of a test, and the checker that reads what is really there. */
#pragma once

#include "sink/output.h"

#include <stdint.h>

enum { TEST_SEQS = 40000 };
static const int64_t TEST_DAY = 1768694400000000; /* 2026-01-18T00:00:00Z, microseconds */
static const int64_t DAY_US = 86400000000;
static const uint64_t TEST_SPOOL = 0xabcdef0123456789;

struct output_folder {
    char dir[64], records[96], rejects[96];
};

void output_folder_make(struct output_folder *f);
void output_folder_remove(struct output_folder *f);

/* Settings for this folder: syncs at once, no compression, files are not turned over. */
struct output_settings output_folder_settings(const struct output_folder *f);

/* Appends a line of about size bytes. */
int append_line(struct output *o, enum output_kind kind, uint64_t spool, uint64_t seq, uint64_t floor, int64_t time,
                size_t size);

/* Syncs, and marks what is reported as committed in seqs (of one spool); returns how many that were, or -errno. */
int take_commits(struct output *o, uint64_t spool, unsigned char *seqs);

struct found {
    unsigned char count[TEST_SEQS]; /* lines of the spool with this number */
    unsigned lines, open, plain, compressed, other; /* lines; files by name */
};

/* Reads every file of both trees. A line that is not whole fails the test; a file that stands plain beside its
 * compressed form is read once. */
void read_output(const struct output_folder *f, uint64_t spool, struct found *ret);

/* Path of the only file whose name ends so; fails the test when there is none or more. */
void find_file(const struct output_folder *f, const char *ending, char ret[512]);

int run_shell(const char *format, ...) __attribute__((format(printf, 1, 2)));

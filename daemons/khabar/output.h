/* Lines of a lane's output, records or rejects, from the files as they lie in dt=YYYY-MM-DD/ folders. */
#pragma once

#include <stddef.h>

/* Called for each whole line, without its line feed: 0 to go on, 1 to stop, -errno to fail. */
typedef int output_line(void *context, const char *line, size_t size);

/* Reads files of all states (open, finished, compressed), oldest first; a torn last line is passed over. from: folders
 * before this one ("dt=2026-01-18") are left out; NULL: none. 0; 1: stopped; -ENOENT: no such folder; -errno; -EBADMSG:
 * a compressed file is damaged. */
int output_read(const char *folder, const char *from, output_line *each, void *context);

/* The newest day folder: 1 and its name; 0: there is none; -errno. */
enum { OUTPUT_DAY_SIZE = 16 };
int output_newest_day(const char *folder, char ret[OUTPUT_DAY_SIZE]);

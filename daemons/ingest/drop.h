/* The way in through a folder: files that scrapers put there.
 *
 * A file counts once nobody has it open for writing, which a read lease tells (fcntl(2)); where
 * leases are not to be had, once it was left alone for two seconds. Names that begin with '.' or
 * end in .tmp or .part are left alone. What a file holds is told by its name (ingest/drop_file.h).
 * When all of a file is durable it moves to the done folder or is deleted; a page that is refused,
 * and a file that can't be read to its end, moves to refused/ in the done folder. What was taken of
 * a file just before a crash is known by name, time, size and number, and is not accepted again.
 */
#pragma once

#include "ingest/intake.h"
#include "libcommon/runner.h"

struct drop;

/* Makes the folders, watches with inotify. Free *ret with drop_free(). -errno, logged. */
int drop_new(struct runner *r, struct intake *intake, struct drop **ret);
struct drop *drop_free(struct drop *d); /* NULL is fine; always returns NULL */

/* Takes some files; puts away those that have become durable. Returns ms until it wants to be
 * called again, or -errno. */
int drop_tick(struct drop *d, int64_t now_ms);

void drop_stop(struct drop *d);            /* takes nothing more */
size_t drop_pending(const struct drop *d); /* files that wait to be put away */

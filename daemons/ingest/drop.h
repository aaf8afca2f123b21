/* The way in through a folder: files that scrapers put there.
 *
 * A file counts once nobody has it open for writing, which a read lease tells (fcntl(2)); where
 * leases are not to be had, once it was left alone for two seconds. Names that begin with '.' or
 * end in .tmp or .part are left alone. .ndjson and .jsonl hold one document a line
 * (libcommon/ndjson_document.h); any other file is one document: .html and .htm as text/html, .txt
 * as text/plain. When all of a file is durable it moves to the done folder or is deleted; a file
 * that is refused as a whole moves to refused/ in the done folder. A file that was taken just
 * before a crash is known by name, time and size, and is not accepted again. */
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

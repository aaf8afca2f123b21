/* What comes after a file is finished, away from the records' way: compression, the day's manifest.
 *
 * A thread of its own. At its start it also goes through the days, the newest first, and does what
 * a process before this one left undone, and again when something failed: after a while, and before
 * it ends. It may die anywhere: each step leaves files that the next start can go on from. */
#pragma once

#include "sink/notices.h"
#include "sink/tidy.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

struct finisher;

struct finish_settings {
    int roots[TIDY_ROOTS]; /* borrowed */
    bool compress;
    uint64_t reserve_bytes;  /* room on the disk that is left alone */
    struct tidy *tidy;       /* borrowed */
    struct notices *notices; /* borrowed; what fails is said there, each time */
};

int finisher_start(const struct finish_settings *settings, struct finisher **ret); /* -errno */

/* A finished file in the folder of a day. Copies both. Any thread. -ENOMEM. */
int finisher_add(struct finisher *f, unsigned root, const char *day, const char *file);

/* Waits until what was added is done, but breaks compression off after wait_ms; ends the thread.
 * NULL is fine; always returns NULL. */
struct finisher *finisher_stop(struct finisher *f, int64_t wait_ms);

/* One file: what the thread does with each. -errno; -ECANCELED: stop was set. */
int finish_file(const struct finish_settings *settings, unsigned root, const char *day,
                const char *file, const atomic_bool *stop);

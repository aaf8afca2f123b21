/* The slow work of the spool, each kind in a thread of its own; the owner of the spool begins and
 * ends it. */
#pragma once

#include "ingest/spool.h"

struct jobs;

/* *ret_fd becomes readable when a job has been run. Free *ret with jobs_free(). -errno. */
int jobs_new(struct spool *spool, struct jobs **ret, int *ret_fd);

/* Begins a job unless one of its kind is under way. 1: under way now; 0: nothing to do, or one is;
 * -errno. */
int jobs_begin(struct jobs *j, enum spool_job_kind kind);

/* Begins what is due of the upkeep, likewise: SPOOL_TEND and SPOOL_IDS. */
int jobs_tend(struct jobs *j);

/* Ends the jobs that have been run; call when the fd is readable. 0; -errno: the process should
 * end. */
int jobs_collect(struct jobs *j);

/* Waits for what is under way; *j is gone. NULL is fine; always returns NULL. */
struct jobs *jobs_free(struct jobs *j);

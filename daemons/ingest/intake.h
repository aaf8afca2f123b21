/* The one funnel that every way in leads to: limits, fields, number, spool.
 *
 * A document that was taken is not accepted yet: it is when intake_durable() has reached its
 * number. */
#pragma once

#include "ingest/jobs.h"
#include "ingest/spool.h"
#include "libcommon/ndjson_document.h"
#include "libcommon/settings.h"

#include <stdint.h>

struct intake;

enum { INTAKE_TAKEN, INTAKE_BUSY, INTAKE_REFUSED };

enum { INTAKE_WHY_SIZE = 160 };

/* Borrows all three. Free *ret with intake_free(). -ENOMEM. */
int intake_new(const struct settings *settings, struct spool *spool, struct jobs *jobs,
               struct intake **ret);
struct intake *intake_free(struct intake *in); /* NULL is fine; always returns NULL */

/* Hands in a document. feeder: the way in, e.g. "drop"; document->id makes repeats safe. The body
 * is that of the document, or body if that is not NULL. INTAKE_TAKEN and its number, an earlier one
 * for a repeat; INTAKE_BUSY: try again after *ret_wait_ms; INTAKE_REFUSED: why says so in one line;
 * -errno: the process should end. */
int intake_take(struct intake *in, const char *feeder, const struct ndjson_document *document,
                const void *body, size_t body_size, uint64_t *ret_seq, int *ret_wait_ms,
                char why[INTAKE_WHY_SIZE]);

/* Begins a sync when enough has come together or has waited long enough. Returns ms until it wants
 * to be called again, or -errno. */
int intake_tick(struct intake *in, int64_t now_ms);

uint64_t intake_durable(const struct intake *in);
uint64_t intake_spool(const struct intake *in); /* identity, for ids */

/* Counts a refusal that the way in found by itself. feeder: as with intake_take(). */
void intake_refused(const char *feeder);

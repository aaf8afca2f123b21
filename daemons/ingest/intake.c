/* The one funnel that every way in leads to. */
#include "ingest/intake.h"

#include "libcommon/buffer.h"
#include "libcommon/clock.h"
#include "libcommon/digest.h"
#include "libcommon/fields.h"
#include "libcommon/log.h"
#include "libcommon/message.h"
#include "libcommon/metrics.h"
#include "libcommon/utf8.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { WAIT_FULL_MS = 1000, WAIT_SYNC_MS = 20, IDLE_MS = 1000 };

struct intake {
    const struct settings *settings;
    struct spool *spool;
    struct jobs *jobs;
    struct buffer fields;
    uint64_t identity;
    int64_t waiting_since; /* monotonic ms of the oldest document that no sync serves; 0: none */
    int64_t waiting_documents, waiting_bytes;
};

int intake_new(const struct settings *settings, struct spool *spool, struct jobs *jobs,
               struct intake **ret)
{
    struct intake *in = calloc(1, sizeof *in);
    if (!in)
        return -ENOMEM;
    struct spool_status status;
    spool_status(spool, &status);
    in->settings = settings;
    in->spool = spool;
    in->jobs = jobs;
    in->identity = status.spool;
    *ret = in;
    return 0;
}

struct intake *intake_free(struct intake *in)
{
    if (!in)
        return NULL;
    buffer_free(&in->fields);
    free(in);
    return NULL;
}

uint64_t intake_durable(const struct intake *in)
{
    return spool_durable(in->spool);
}

uint64_t intake_spool(const struct intake *in)
{
    return in->identity;
}

void intake_refused(const char *feeder)
{
    metric_add_for(METRIC_REFUSED, metric_way(feeder), 1);
}

static int refuse(const char *feeder, char why[INTAKE_WHY_SIZE], const char *text)
{
    snprintf(why, INTAKE_WHY_SIZE, "%s", text);
    intake_refused(feeder);
    return INTAKE_REFUSED;
}

static bool is_text(const char *text)
{
    return !text || utf8_valid(text, strlen(text));
}

static void write_fields(struct buffer *out, const char *lane, const char *feeder,
                         const struct ndjson_document *d, size_t body_size, const char *digest,
                         int64_t now)
{
    fields_put_string(out, FIELD_LANE, lane);
    fields_put_string(out, FIELD_FEEDER, feeder);
    fields_put_string(out, FIELD_FEEDER_ID, d->id);
    fields_put_string(out, FIELD_SOURCE, d->site);
    fields_put_string(out, FIELD_URL, d->url);
    fields_put_time(out, FIELD_RECEIVED_AT, now);
    if (d->fetched_at)
        fields_put_time(out, FIELD_FETCHED_AT, d->fetched_at);
    fields_put_string(out, FIELD_CONTENT_TYPE, d->content_type);
    fields_put_integer(out, FIELD_BYTES, (int64_t)body_size);
    fields_put_string(out, FIELD_DIGEST, digest);
}

static void count_accepted(struct intake *in, const char *feeder, const struct ndjson_document *d,
                           size_t body_size, uint64_t seq)
{
    size_t source_size = d->site ? strlen(d->site) : 0;
    metric_add_for(METRIC_ACCEPTED, metric_way(feeder), 1);
    metric_add(METRIC_ACCEPTED_BYTES, body_size);
    metric_source(METRIC_SOURCE_ACCEPTED, d->site, source_size, 1);
    if (!log_wanted(LOG_LEVEL_DEBUG))
        return;
    char id[MESSAGE_ID_SIZE];
    message_id(in->identity, seq, id);
    const struct log_about about = {.id = id, .source = d->site, .source_size = source_size};
    log_event(EVENT_ACCEPTED, &about, "way=%s bytes=%zu", feeder, body_size);
}

int intake_take(struct intake *in, const char *feeder, const struct ndjson_document *d,
                const void *body, size_t body_size, uint64_t *ret_seq, int *ret_wait_ms,
                char why[INTAKE_WHY_SIZE])
{
    if (!body) {
        body = d->body;
        body_size = d->body_size;
    }
    if ((int64_t)body_size > in->settings->document_bytes) {
        char text[INTAKE_WHY_SIZE];
        snprintf(text, sizeof text, "too large: %zu bytes, allowed are %lld", body_size,
                 (long long)in->settings->document_bytes);
        return refuse(feeder, why, text);
    }
    if (!body_size)
        return refuse(feeder, why, "empty: the document has no bytes");
    if (!is_text(d->id) || !is_text(d->url) || !is_text(d->site) || !is_text(d->content_type))
        return refuse(feeder, why, "id, url, site or content_type is no UTF-8");
    int64_t now = clock_unix_us();
    char digest[DIGEST_TEXT_SIZE];
    if (digest_text(body, body_size, digest) < 0)
        return -ENOMEM;
    buffer_clear(&in->fields);
    write_fields(&in->fields, in->settings->lane.name, feeder, d, body_size, digest, now);
    if (in->fields.failed)
        return -ENOMEM;
    struct spool_document document = {.document = in->fields.data,
                                      .document_size = in->fields.size,
                                      .body = body,
                                      .body_size = body_size,
                                      .accepted_at = now};
    int r = spool_append(in->spool, &document, ret_seq);
    switch (r) {
    case SPOOL_OK:
        count_accepted(in, feeder, d, body_size, *ret_seq);
        in->waiting_documents++;
        in->waiting_bytes += (int64_t)body_size;
        if (!in->waiting_since)
            in->waiting_since = clock_monotonic_ms();
        return INTAKE_TAKEN;
    case SPOOL_REPEATED:
        metric_add_for(METRIC_REPEATED, metric_way(feeder), 1);
        return INTAKE_TAKEN;
    case SPOOL_FULL:
    case SPOOL_BUSY:
        metric_add_for(METRIC_BUSY, metric_way(feeder), 1);
        *ret_wait_ms = r == SPOOL_FULL ? WAIT_FULL_MS : WAIT_SYNC_MS;
        return INTAKE_BUSY;
    case -EMSGSIZE:
        return refuse(feeder, why, "too large: the spool has no room for an entry of this size");
    default:
        return r < 0 ? r : -EPROTO;
    }
}

int intake_tick(struct intake *in, int64_t now_ms)
{
    if (!in->waiting_since)
        return IDLE_MS;
    const struct settings *s = in->settings;
    int64_t left = in->waiting_since + s->spool.sync_ms - now_ms;
    if (left > 0 && in->waiting_documents < s->spool.sync_documents &&
        in->waiting_bytes < s->spool.sync_bytes)
        return (int)left;
    int r = jobs_begin(in->jobs, SPOOL_SYNC);
    if (r < 0)
        return r;
    if (r) {
        in->waiting_since = 0;
        in->waiting_documents = in->waiting_bytes = 0;
    }
    return IDLE_MS; /* the end of the sync under way wakes the loop */
}

/* khabar-sink: writes one record or reject per document, then says that it is on disk. */
#include "libcommon/buffer.h"
#include "libcommon/clock.h"
#include "libcommon/fault.h"
#include "libcommon/log_message.h"
#include "libcommon/metrics.h"
#include "libcommon/record.h"
#include "libcommon/reject.h"
#include "libcommon/runner.h"
#include "sink/output.h"
#include "sink/leads.h"
#include "sink/seen.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <zmq.h>

enum {
    BATCH = 256,
    TICK_MS = 500,
    CLOSE_MS = 4000
}; /* less than khabar run and systemd wait before they kill */

struct sink {
    struct runner *runner;
    struct output *output;
    struct seen *seen; /* NULL: duplicates are kept without a word */
    const struct format *format;
    void *input, *feedback;
    struct buffer line, frame, answer, article;
    uint64_t commits;
};

static struct fields_run run_of(const struct message *m, enum message_section section)
{
    return (struct fields_run){m->sections[section].data, m->sections[section].size};
}

static struct record record_of(const struct message *m)
{
    return (struct record){
        .spool = m->spool,
        .seq = m->seq,
        .received_at = m->accepted_at,
        .document = run_of(m, SECTION_DOCUMENT),
        .article = run_of(m, SECTION_ARTICLE),
        .labels = run_of(m, SECTION_LABELS),
        .reject = run_of(m, SECTION_REJECT),
        .body = m->sections[SECTION_BODY].data,
        .body_size = m->sections[SECTION_BODY].size,
    };
}

/* Was it seen before? Adds the answer to the record. Repeated documents get the answer that they
 * got before. 1: it is to be dropped; 0; -errno. */
static int look_back(struct sink *s, const struct message *m, struct record *record)
{
    struct seen_document document;
    struct seen_answer answer;
    if (!s->seen || m->kind == MESSAGE_REJECT)
        return 0;
    if (seen_document_read(record, m->floor, &document) < 0)
        return 0; /* the record's writer finds that too, and says so */
    int e = seen_look(s->seen, &document, clock_unix_us(), &answer);
    int matched = e < 0 ? 0 : leads_match(s->seen, &document, record, &s->article);
    if (matched < 0 && matched != -EBADMSG)
        e = matched;
    if (e < 0) {
        log_err("the index of what was seen failed: %s", strerror(-e));
        return e;
    }
    buffer_clear(&s->answer);
    seen_answer_write(&answer, &s->answer);
    if (s->answer.failed)
        return -ENOMEM;
    record->seen = (struct fields_run){s->answer.data, s->answer.size};
    if (matched > 0)
        record->article = (struct fields_run){s->article.data, s->article.size};
    if (answer.kind != SEEN_NEW)
        metric_add_for(METRIC_DUPLICATES, answer.kind - SEEN_EXACT + DUPLICATE_EXACT, 1);
    bool repeats = answer.kind == SEEN_EXACT || answer.kind == SEEN_NEAR;
    return repeats && runner_settings(s->runner)->sink.duplicates == DUPLICATES_DROP;
}

static int write_line(struct sink *s, const struct message *m, const struct record *record)
{
    buffer_clear(&s->line);
    return m->kind == MESSAGE_REJECT ? record_write_reject(record, &s->line)
                                     : s->format->write(record, &s->line);
}

/* What a stage sent that can't be written: nothing is committed, ingest sends it again and gives it
 * up in the end. */
static void leave(const struct message *m, const char *why)
{
    metric_add(METRIC_UNWRITTEN, 1);
    log_message(EVENT_NOT_WRITTEN, m, NULL, ": %s", why);
}

/* Counts a line by its source, a reject also by its reason. */
static void count_line(const struct message *m)
{
    log_message(EVENT_WRITTEN, m, NULL, "as=%s", m->kind == MESSAGE_REJECT ? "reject" : "record");
    struct field_value source = {0}, known = {0}, reason = {0};
    const struct message_part *document = &m->sections[SECTION_DOCUMENT],
                              *reject = &m->sections[SECTION_REJECT];
    fields_find(document->data, document->size, FIELD_SOURCE, &source);
    if (m->kind == MESSAGE_REJECT) {
        fields_find(reject->data, reject->size, FIELD_REJECT, &reason);
        metric_add_for(METRIC_REJECTS, reject_find(reason.data, reason.size), 1);
        metric_source(METRIC_SOURCE_REJECTS, source.data, source.size, 1);
        return;
    }
    const struct message_part *article = &m->sections[SECTION_ARTICLE];
    if (fields_find(article->data, article->size, FIELD_SOURCE, &known) > 0)
        source = known;
    metric_source(METRIC_SOURCE_RECORDS, source.data, source.size, 1);
    metric_source(METRIC_SOURCE_LAST, source.data, source.size, (uint64_t)clock_unix_us());
}

static int append(struct sink *s, const struct message *m, const struct record *record)
{
    const struct message_part *document = &m->sections[SECTION_DOCUMENT];
    int e = m->kind == MESSAGE_DOCUMENT
                ? fault_document(FAULT_SINK_WORK, document->data, document->size)
                : 0;
    if (!e)
        e = write_line(s, m, record);
    if (e < 0) {
        leave(m, strerror(-e));
        return OUTPUT_WRITTEN;
    }
    e = output_append(s->output, m->kind == MESSAGE_REJECT ? OUTPUT_REJECT : OUTPUT_RECORD,
                      m->spool, m->seq, m->floor, m->accepted_at, s->line.data, s->line.size);
    if (e == OUTPUT_WRITTEN)
        count_line(m);
    return e;
}

static int take_document(struct sink *s, const struct message *m)
{
    struct record record = record_of(m);
    int drop = look_back(s, m, &record);
    if (drop < 0)
        return drop;
    int r = output_look(s->output, m->spool, m->seq, m->floor, m->accepted_at);
    if (r == OUTPUT_WRITTEN && drop) {
        metric_add(METRIC_DUPLICATES_DROPPED, 1);
        r = output_settle(s->output, m->spool, m->seq, m->floor, m->accepted_at);
    } else if (r == OUTPUT_WRITTEN) {
        r = append(s, m, &record);
    }
    if (r == OUTPUT_ALREADY)
        metric_add(METRIC_WRITTEN_BEFORE, 1);
    if (r == OUTPUT_BEYOND)
        leave(m, "further ahead of the floor than is allowed");
    return r < 0 ? r : 0;
}

static int take_counted(struct sink *s, const struct message *m, size_t size)
{
    int64_t begun = clock_monotonic_us();
    metric_add(METRIC_RECEIVED, 1);
    metric_add(METRIC_RECEIVED_BYTES, size);
    metric_observe(METRIC_DELIVERY, clock_unix_us() - m->accepted_at);
    int e = take_document(s, m);
    metric_observe(METRIC_WORK, clock_monotonic_us() - begun);
    return e;
}

/* A commit that ingest does not get costs a repeat, which is answered with the same commit. */
static int send_commit(struct sink *s, const struct output_commit *commit)
{
    struct message m = {.kind = MESSAGE_COMMIT, .stage = STAGE_SINK, .spool = commit->spool};
    m.sections[SECTION_RANGES] =
        (struct message_part){commit->ranges, commit->count * sizeof *commit->ranges};
    buffer_clear(&s->frame);
    message_write(&m, &s->frame);
    if (s->frame.failed)
        return -ENOMEM;
    int e = fault(FAULT_SINK_COMMIT);
    if (e < 0)
        return e;
    if (zmq_send(s->feedback, s->frame.data, s->frame.size, ZMQ_DONTWAIT) < 0 &&
        zmq_errno() != EAGAIN)
        return -zmq_errno();
    s->commits++;
    return fault(FAULT_SINK_COMMITTED);
}

static int synced(void *user)
{
    struct sink *s = user;
    struct output_commit commit;
    char notice[NOTICE_SIZE];
    int r, e = 0;
    bool indexed = !s->seen;
    while (output_notice(s->output, notice) > 0)
        log_info("%s", notice);
    while (!e && (r = output_committed(s->output, &commit)) > 0) {
        if (!indexed) /* what ingest forgets must not be missing there */
            e = seen_commit(s->seen);
        indexed = true;
        if (!e)
            e = send_commit(s, &commit);
    }
    if (e < 0) {
        log_err("commit failed: %s", strerror(-e));
        return e;
    }
    if (r < 0)
        log_err("output failed: %s", output_failure(s->output));
    return r;
}

/* What came before it is committed before it goes back. */
static int take_probe(struct sink *s, zmq_msg_t *msg)
{
    int e = output_flush(s->output);
    if (!e)
        e = synced(s);
    if (!e && zmq_msg_send(msg, s->feedback, ZMQ_DONTWAIT) < 0 && zmq_errno() != EAGAIN)
        e = -zmq_errno();
    return e;
}

static int receive(void *user)
{
    struct sink *s = user;
    int e = 0;
    for (int i = 0; i < BATCH && !e; i++) {
        zmq_msg_t msg;
        struct message m;
        zmq_msg_init(&msg);
        if (zmq_msg_recv(&msg, s->input, ZMQ_DONTWAIT) < 0) {
            e = zmq_errno() == EAGAIN || zmq_errno() == EINTR ? 0 : -zmq_errno();
            zmq_msg_close(&msg);
            return e;
        }
        int bad = zmq_msg_more(&msg) ? -EBADMSG
                                     : message_read(zmq_msg_data(&msg), zmq_msg_size(&msg), &m);
        if (!bad && (m.kind == MESSAGE_DOCUMENT || m.kind == MESSAGE_REJECT))
            e = take_counted(s, &m, zmq_msg_size(&msg));
        else if (!bad && m.kind == MESSAGE_PROBE)
            e = take_probe(s, &msg);
        else
            runner_bad_frame(bad ? bad : -EBADMSG, zmq_msg_size(&msg));
        zmq_msg_close(&msg);
    }
    if (e < 0)
        synced(s); /* what is on disk is committed, and what failed is named */
    return e;
}

static int sink_tick(void *state, int64_t now_ms)
{
    (void)now_ms;
    int e = synced(state);
    return e < 0 ? e : TICK_MS;
}

static int sink_drain(void *state)
{
    struct sink *s = state;
    int events = 0;
    size_t size = sizeof events;
    int e = receive(s);
    if (!e && zmq_getsockopt(s->input, ZMQ_EVENTS, &events, &size) == 0 && (events & ZMQ_POLLIN))
        return 1;
    if (!e)
        e = output_flush(s->output);
    return e < 0 ? e : synced(s);
}

static void sink_status(void *state, struct buffer *out)
{
    struct sink *s = state;
    const struct settings *settings = runner_settings(s->runner);
    struct output_counts c;
    output_counts(s->output, &c);
    metric_set(METRIC_RECORDS, c.records);
    metric_set(METRIC_WRITTEN_BYTES, c.bytes);
    metric_set(METRIC_OUTPUT_FILES, c.finished);
    metric_room(METRIC_OUTPUT_FREE, settings->sink.records_dir,
                (uint64_t)settings->sink.reserve_bytes);
    buffer_append_format(
        out,
        "\"received\":%llu,\"sent\":%llu,\"records\":%llu,\"rejected\":%llu,\"bytes\":%llu,"
        "\"repeated\":%llu,\"unwritten\":%llu,\"syncs\":%llu,\"files\":%llu,\"commits\":%llu,"
        "\"exact_duplicates\":%llu,\"near_duplicates\":%llu,\"new_versions\":%llu,\"dropped\":%llu",
        (unsigned long long)metric_value(METRIC_RECEIVED),
        (unsigned long long)(c.records + c.rejects), (unsigned long long)c.records,
        (unsigned long long)c.rejects, (unsigned long long)c.bytes,
        (unsigned long long)metric_value(METRIC_WRITTEN_BEFORE),
        (unsigned long long)metric_value(METRIC_UNWRITTEN), (unsigned long long)c.syncs,
        (unsigned long long)c.finished, (unsigned long long)s->commits,
        (unsigned long long)metric_value_for(METRIC_DUPLICATES, DUPLICATE_EXACT),
        (unsigned long long)metric_value_for(METRIC_DUPLICATES, DUPLICATE_NEAR),
        (unsigned long long)metric_value_for(METRIC_DUPLICATES, DUPLICATE_VERSION),
        (unsigned long long)metric_value(METRIC_DUPLICATES_DROPPED));
}

static void sink_stop(void *state)
{
    struct sink *s = state;
    int e = 0;
    s->output = output_close(s->output, CLOSE_MS, &e);
    if (e < 0)
        log_err("closing the output: %s", strerror(-e));
    s->seen = seen_close(s->seen);
    buffer_free(&s->line);
    buffer_free(&s->frame);
    buffer_free(&s->answer);
    buffer_free(&s->article);
    free(s);
}

static int open_output(struct sink *s)
{
    const struct settings *settings = runner_settings(s->runner);
    const struct output_settings o = {
        .records_dir = settings->sink.records_dir,
        .rejects_dir = settings->sink.rejects_dir,
        .lane = settings->lane.name,
        .rotate_bytes = (uint64_t)settings->sink.rotate_bytes,
        .rotate_ms = settings->sink.rotate_seconds * 1000,
        .compress = settings->sink.compress,
        .reserve_bytes = (uint64_t)settings->sink.reserve_bytes,
        .sync_documents = (uint64_t)settings->sink.sync_documents,
        .sync_bytes = (uint64_t)settings->sink.sync_bytes,
        .sync_ms = settings->sink.sync_ms,
    };
    int e = output_open(&o, &s->output);
    if (e == -EBUSY)
        log_err("another process writes to %s", o.records_dir);
    else if (e < 0)
        log_err("can't open the output %s: %s", o.records_dir, strerror(-e));
    return e;
}

static int open_index(struct sink *s)
{
    const struct settings *settings = runner_settings(s->runner);
    bool anew = false;
    if (settings->sink.duplicates == DUPLICATES_KEEP)
        return 0;
    int e = seen_open(settings->sink.index_dir, settings->sink.remember_days * 86400 * 1000000,
                      settings->sink.duplicates == DUPLICATES_DROP, &s->seen, &anew);
    if (e < 0)
        log_err("can't open the index %s: %s", settings->sink.index_dir, strerror(-e));
    if (anew)
        log_warning("the index in %s could not be used and was put aside",
                    settings->sink.index_dir);
    return e;
}

static int sink_start(struct runner *r, void **ret_state)
{
    struct sink *s = calloc(1, sizeof *s);
    if (!s)
        return -ENOMEM;
    *ret_state = s;
    s->runner = r;
    s->format = format_at((size_t)runner_settings(r)->sink.format);
    int e = open_output(s);
    if (!e)
        e = open_index(s);
    if (!e)
        e = runner_connect(r, ZMQ_PUSH, "ingest", &s->feedback);
    if (!e)
        e = runner_bind(r, ZMQ_PULL, "sink", NULL, &s->input);
    if (e < 0)
        return e;
    if (runner_watch(r, s->input, -1, ZMQ_POLLIN, receive, s) < 0 ||
        runner_watch(r, NULL, output_fd(s->output), ZMQ_POLLIN, synced, s) < 0)
        return -ENOSPC;
    return runner_hello(r, s->feedback);
}

static const struct daemon sink_daemon = {
    .stage = STAGE_SINK,
    .summary = "Writes one record or reject per document, then says that it is on disk.",
    .start = sink_start,
    .tick = sink_tick,
    .drain = sink_drain,
    .status = sink_status,
    .stop = sink_stop,
};

int main(int argc, char **argv)
{
    return runner_main(&sink_daemon, argc, argv);
}

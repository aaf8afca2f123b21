/* khabar process: documents to records on the spot, with the code of the daemons and none of them running. */
#include "classify/classify.h"
#include "khabar/command.h"
#include "khabar/documents.h"
#include "khabar/lane.h"
#include "libcommon/clock.h"
#include "libcommon/digest.h"
#include "libcommon/record.h"
#include "libcommon/reject.h"
#include "parse/parse.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { CONFIG, SITES, MODELS, INPUT, FORMAT, JOBS, URL, SITE, CONTENT_TYPE };

static const struct command_option options[] = {
    [CONFIG] = {"config", "FILE", "take limits, site files and models from a lane's configuration"},
    [SITES] = {"sites", "DIR", "folder of the site files (default: those that come with khabar)"},
    [MODELS] = {"models", "DIR", "folder of the models (default: those that come with khabar)"},
    [INPUT] = {"input", "FORM", "text, html, ndjson, warc or auto (by name and content)"},
    [FORMAT] = {"format", "NAME", "form of the records: khabar (default) or ninjs"},
    [JOBS] = {"jobs", "N", "threads (default: one a processor)"},
    [URL] = {"url", "URL", "address of documents that do not say theirs"},
    [SITE] = {"site", "NAME", "site of documents that do not say theirs"},
    [CONTENT_TYPE] = {"content-type", "TYPE", "media type of the files"},
    {0},
};

enum { SLOTS_PER_JOB = 4, JOBS_MAX = 256 };

/* A document's place in the order of the output. */
struct slot {
    struct input_document *document;
    struct buffer line;
    bool done, reject;
};

/* All threads share one: the slots are a ring, filled by one thread, worked on by many, and written in order by
 * whichever finds the oldest one done. */
struct process {
    const struct format *format;
    int64_t document_bytes;
    struct parse_limits limits;
    struct parser *parser;
    struct classifier *classifier;
    pthread_mutex_t lock;
    pthread_cond_t filled, freed;
    struct slot *slots;
    size_t slot_count;
    uint64_t read, taken, written; /* documents so far; slots are these modulo slot_count */
    uint64_t rejects;
    bool all_read, writing;
    int failed; /* -errno: everything ends */
};

/* One thread's own. */
struct worker {
    struct process *process;
    struct parse_scratch *parse;
    struct classify_scratch *classify;
    struct buffer document, article, labels, reject;
    struct buffer told; /* the article with topics in its leads */
};

/* --- one document --------------------------------------------------------------------------- */

static int write_document(struct buffer *out, const struct ndjson_document *given, const void *bytes,
                          size_t size)
{
    char digest[DIGEST_TEXT_SIZE];
    if (digest_text(bytes, size, digest) < 0)
        return -ENOMEM;
    buffer_clear(out);
    fields_put_string(out, FIELD_FEEDER_ID, given->id);
    fields_put_string(out, FIELD_SOURCE, given->site);
    fields_put_string(out, FIELD_URL, given->url);
    fields_put_time(out, FIELD_RECEIVED_AT, clock_unix_us());
    if (given->fetched_at)
        fields_put_time(out, FIELD_FETCHED_AT, given->fetched_at);
    fields_put_string(out, FIELD_CONTENT_TYPE, given->content_type);
    fields_put_integer(out, FIELD_BYTES, (int64_t)size);
    fields_put_string(out, FIELD_DIGEST, digest);
    return out->failed ? -ENOMEM : 0;
}

/* 1: the reject is written; -errno. */
static int reject(struct worker *w, enum reject_reason reason, const char *detail,
                  enum message_stage stage)
{
    buffer_clear(&w->reject);
    reject_write(reason, detail, stage, 1, &w->reject);
    return w->reject.failed ? -ENOMEM : 1;
}

/* 0: article and labels are written; 1: the reject is; -errno. */
static int parse_and_classify(struct worker *w, const struct input_document *in)
{
    const struct process *p = w->process;
    if (in->why)
        return reject(w, REJECT_NOT_JSON, in->why, STAGE_INGEST);
    if (in->given.body_size > (size_t)p->document_bytes) {
        char detail[80];
        snprintf(detail, sizeof detail, "%zu bytes, allowed are %lld", in->given.body_size,
                 (long long)p->document_bytes);
        return reject(w, REJECT_TOO_LARGE, detail, STAGE_INGEST);
    }
    if (!in->given.body_size)
        return reject(w, REJECT_EMPTY, NULL, STAGE_INGEST);
    struct parse_reject why = {0};
    buffer_clear(&w->article);
    buffer_clear(&w->labels);
    int r = parse_document(p->parser, w->parse, w->document.data, w->document.size, in->given.body,
                           in->given.body_size, &w->article, &why);
    if (r == PARSE_REJECT)
        return reject(w, why.reason, *why.detail ? why.detail : NULL, STAGE_PARSE);
    if (r < 0)
        return r;
    r = classify_article(p->classifier, w->classify, w->document.data, w->document.size,
                         w->article.data, w->article.size, &w->labels);
    if (r < 0)
        return r;
    return classify_leads(p->classifier, w->classify, w->article.data, w->article.size, &w->told);
}

static int work_on(struct worker *w, struct slot *slot)
{
    const struct input_document *in = slot->document;
    const void *bytes = in->why ? in->bytes : in->given.body;
    int r = write_document(&w->document, &in->given, bytes, in->why ? in->size : in->given.body_size);
    if (r == 0)
        r = parse_and_classify(w, in);
    if (r < 0)
        return r;
    struct record record = {.document = {w->document.data, w->document.size}};
    slot->reject = r == 1;
    buffer_clear(&slot->line);
    if (slot->reject) {
        record.reject = (struct fields_run){w->reject.data, w->reject.size};
        return record_write_reject(&record, &slot->line);
    }
    record.article = (struct fields_run){w->told.data, w->told.size};
    record.labels = (struct fields_run){w->labels.data, w->labels.size};
    return w->process->format->write(&record, &slot->line);
}

/* --- the threads ---------------------------------------------------------------------------- */

static void fail(struct process *p, int error)
{
    if (!p->failed)
        p->failed = error;
    pthread_cond_broadcast(&p->filled);
    pthread_cond_broadcast(&p->freed);
}

/* Writes the lines that are done, in order. Called and returns with the lock held. */
static void write_done(struct process *p)
{
    if (p->writing)
        return; /* another thread is at it, and looks again */
    p->writing = true;
    while (p->written < p->taken && !p->failed) {
        struct slot *slot = &p->slots[p->written % p->slot_count];
        if (!slot->done)
            break;
        pthread_mutex_unlock(&p->lock);
        bool good = fwrite(slot->line.data, 1, slot->line.size, stdout) == slot->line.size;
        pthread_mutex_lock(&p->lock);
        p->rejects += slot->reject;
        slot->done = false;
        p->written++;
        pthread_cond_signal(&p->freed);
        if (!good)
            fail(p, -EPIPE);
    }
    if (p->written == p->read && fflush(stdout) != 0) /* a reader at the other end of a pipe sees all there is */
        fail(p, -EPIPE);
    p->writing = false;
}

static void *work(void *argument)
{
    struct worker *w = argument;
    struct process *p = w->process;
    pthread_mutex_lock(&p->lock);
    for (;;) {
        while (p->taken == p->read && !p->all_read && !p->failed)
            pthread_cond_wait(&p->filled, &p->lock);
        if (p->failed || p->taken == p->read)
            break;
        struct slot *slot = &p->slots[p->taken++ % p->slot_count];
        pthread_mutex_unlock(&p->lock);
        int r = work_on(w, slot);
        slot->document = input_document_free(slot->document);
        pthread_mutex_lock(&p->lock);
        slot->done = true;
        if (r < 0)
            fail(p, r);
        write_done(p);
    }
    pthread_mutex_unlock(&p->lock);
    return NULL;
}

static void read_all(struct process *p, struct documents *documents)
{
    struct input_document *document;
    int r;
    while ((r = documents_next(documents, &document)) > 0) {
        pthread_mutex_lock(&p->lock);
        while (p->read - p->written == p->slot_count && !p->failed)
            pthread_cond_wait(&p->freed, &p->lock);
        bool failed = p->failed;
        if (!failed) {
            p->slots[p->read++ % p->slot_count].document = document;
            pthread_cond_signal(&p->filled);
        }
        pthread_mutex_unlock(&p->lock);
        if (failed) {
            input_document_free(document);
            break;
        }
    }
    pthread_mutex_lock(&p->lock);
    p->all_read = true;
    if (r < 0)
        fail(p, r);
    pthread_cond_broadcast(&p->filled);
    pthread_mutex_unlock(&p->lock);
}

static void close_worker(struct worker *w)
{
    parse_scratch_free(w->parse);
    classify_scratch_free(w->classify);
    buffer_free(&w->document);
    buffer_free(&w->article);
    buffer_free(&w->labels);
    buffer_free(&w->told);
    buffer_free(&w->reject);
}

/* Runs as many threads as can be had of those asked for. 0 or -errno. */
static int run_threads(struct process *p, struct documents *documents, size_t jobs)
{
    struct worker workers[JOBS_MAX] = {0};
    pthread_t threads[JOBS_MAX];
    size_t started = 0;
    int r = 0;
    for (; started < jobs && r == 0; started += r == 0) {
        struct worker *w = &workers[started];
        w->process = p;
        r = parse_scratch_new(p->parser, &w->parse);
        if (r == 0)
            r = classify_scratch_new(&w->classify);
        if (r == 0)
            r = -pthread_create(&threads[started], NULL, work, w);
        if (r < 0)
            close_worker(w);
    }
    if (started)
        read_all(p, documents);
    for (size_t i = 0; i < started; i++) {
        pthread_join(threads[i], NULL);
        close_worker(&workers[i]);
    }
    return started ? p->failed : r;
}

static int process_documents(struct process *p, const struct documents_options *how,
                             const struct invocation *invocation, size_t jobs)
{
    struct documents *documents = NULL;
    p->slot_count = jobs * SLOTS_PER_JOB;
    p->slots = calloc(p->slot_count, sizeof *p->slots);
    int r = p->slots ? documents_new(how, invocation->arguments, invocation->argument_count, &documents)
                     : -ENOMEM;
    if (r == 0)
        r = run_threads(p, documents, jobs);
    size_t unread = r == 0 ? documents_unread(documents) : 0;
    for (size_t i = 0; p->slots && i < p->slot_count; i++) {
        input_document_free(p->slots[i].document);
        buffer_free(&p->slots[i].line);
    }
    free(p->slots);
    documents_free(documents);
    if (r < 0) {
        command_complain("processing stopped: %s", strerror(-r));
        return COMMAND_FAULT;
    }
    return p->rejects || unread ? COMMAND_PARTLY : COMMAND_DONE;
}

/* --- beginning ------------------------------------------------------------------------------ */

static int open_models(struct process *p, const char *sites, const char *models)
{
    struct buffer problem = {0};
    const char *path = NULL;
    int r = parser_new(&p->limits, sites, &problem, &p->parser);
    if (r < 0) {
        command_complain("%s: %.*s", sites, problem.size ? (int)problem.size : (int)strlen(strerror(-r)),
                         problem.size ? problem.data : strerror(-r));
    } else if ((r = classifier_new(models, &p->classifier, &path)) < 0) {
        command_complain("%s%s%s: %s", models, path ? ": " : "", path ? path : "",
                         r == -EBADMSG ? "not a model of this version" : strerror(-r));
    }
    buffer_free(&problem);
    return r;
}

static int run(const struct invocation *invocation)
{
    const char *const *values = invocation->values;
    struct process p = {.format = format_from_name(values[FORMAT] ? values[FORMAT] : "khabar"),
                        .lock = PTHREAD_MUTEX_INITIALIZER,
                        .filled = PTHREAD_COND_INITIALIZER,
                        .freed = PTHREAD_COND_INITIALIZER};
    struct documents_options how = {
        .url = values[URL], .site = values[SITE], .content_type = values[CONTENT_TYPE]};
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    long jobs = processors < 1 ? 1 : processors > JOBS_MAX ? JOBS_MAX : processors;
    if (!p.format || documents_input_from_name(values[INPUT], &how.input) < 0) {
        command_complain(p.format ? "--input %s: text, html, ndjson, warc or auto is needed"
                                  : "--format %s: khabar or ninjs is needed",
                         values[p.format ? INPUT : FORMAT]);
        return COMMAND_USAGE;
    }
    if (values[JOBS] && command_number("jobs", values[JOBS], 1, JOBS_MAX, &jobs) < 0)
        return COMMAND_USAGE;
    struct settings settings;
    char error[CONFIG_ERROR_SIZE];
    if (settings_read(values[CONFIG], NULL, &settings, error) < 0 &&
        (values[CONFIG] || !values[SITES] || !values[MODELS])) {
        command_complain("%s", error);
        settings_free(&settings);
        return COMMAND_USAGE;
    }
    p.document_bytes = settings.document_bytes;
    p.limits.memory = (size_t)settings.parse.document_memory_bytes;
    int status = COMMAND_FAULT;
    if (open_models(&p, values[SITES] ? values[SITES] : settings.parse.sites_dir,
                    values[MODELS] ? values[MODELS] : settings.classify.models_dir) == 0)
        status = process_documents(&p, &how, invocation, (size_t)jobs);
    parser_free(p.parser);
    classifier_free(p.classifier);
    settings_free(&settings);
    return status;
}

const struct command command_process = {
    "process", "[FILE…|-]",
    "Turns documents into records without daemons, one a line, in order; succeeds if none was rejected.",
    options, run};

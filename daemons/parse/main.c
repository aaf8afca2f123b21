/* khabar-parse: finds the article in each page. */
#include "libcommon/buffer.h"
#include "libcommon/runner.h"
#include "libcommon/stage.h"
#include "parse/parse.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct parse_daemon {
    struct parser *parser;
    struct stage_pool *pool;
};

struct parse_thread {
    const struct parser *parser;
    struct parse_scratch *scratch;
    struct buffer article;
};

static void thread_close(void *thread)
{
    struct parse_thread *t = thread;
    t->scratch = parse_scratch_free(t->scratch);
    buffer_free(&t->article);
    free(t);
}

static int thread_open(void *shared, void **ret)
{
    struct parse_thread *t = calloc(1, sizeof *t);
    if (!t)
        return -ENOMEM;
    t->parser = shared;
    int e = parse_scratch_new(t->parser, &t->scratch);
    if (e < 0) {
        free(t);
        return e;
    }
    *ret = t;
    return 0;
}

static int handle(void *thread, struct stage_work *work)
{
    struct parse_thread *t = thread;
    struct message *m = work->m;
    const struct message_part *document = &m->sections[SECTION_DOCUMENT],
                              *body = &m->sections[SECTION_BODY];
    struct parse_reject reject = {0};
    buffer_clear(&t->article);
    int r = parse_document(t->parser, t->scratch, document->data, document->size, body->data,
                           body->size, &t->article, &reject);
    if (r == PARSE_REJECT) {
        work->reason = reject.reason;
        snprintf(work->detail, sizeof work->detail, "%s", reject.detail);
        return STAGE_REJECT;
    }
    if (r < 0)
        return r;
    m->sections[SECTION_BODY] = (struct message_part){0};
    m->sections[SECTION_ARTICLE] = (struct message_part){t->article.data, t->article.size};
    return STAGE_DONE;
}

static int open_parser(const struct settings *s, struct parser **ret)
{
    struct parse_limits limits = {.memory = (size_t)s->parse.document_memory_bytes};
    struct buffer problem = {0};
    int e = parser_new(&limits, s->parse.sites_dir, &problem, ret);
    if (e < 0 && problem.size)
        log_err("site files: %.*s", (int)problem.size, problem.data);
    else if (e < 0)
        log_err("can't read the site files in %s: %s", s->parse.sites_dir, strerror(-e));
    buffer_free(&problem);
    return e;
}

static int parse_check(const struct settings *s)
{
    struct parser *parser = NULL;
    int e = open_parser(s, &parser);
    parser_free(parser);
    return e;
}

static int parse_start(struct runner *r, void **ret_state)
{
    struct parse_daemon *d = calloc(1, sizeof *d);
    if (!d)
        return -ENOMEM;
    *ret_state = d;
    const struct settings *s = runner_settings(r);
    int e = open_parser(s, &d->parser);
    if (e < 0)
        return e;
    const struct stage stage = {
        .stage = STAGE_PARSE,
        .input = "parse",
        .output = "classify",
        .threads = s->parse.threads,
        .document_seconds = &s->parse.document_seconds,
        .shared = d->parser,
        .thread_open = thread_open,
        .thread_close = thread_close,
        .handle = handle,
    };
    return stage_open(r, &stage, &d->pool);
}

static int parse_tick(void *state, int64_t now_ms)
{
    return stage_tick(((struct parse_daemon *)state)->pool, now_ms);
}

static int parse_drain(void *state)
{
    return stage_drain(((struct parse_daemon *)state)->pool);
}

static void parse_status(void *state, struct buffer *out)
{
    stage_status(((struct parse_daemon *)state)->pool, out);
}

static void parse_stop(void *state)
{
    struct parse_daemon *d = state;
    d->pool = stage_close(d->pool);
    d->parser = parser_free(d->parser);
    free(d);
}

static const struct daemon parse_daemon = {
    .stage = STAGE_PARSE,
    .summary = "Finds the article in each page.",
    .check = parse_check,
    .start = parse_start,
    .tick = parse_tick,
    .drain = parse_drain,
    .status = parse_status,
    .stop = parse_stop,
};

int main(int argc, char **argv)
{
    return runner_main(&parse_daemon, argc, argv);
}

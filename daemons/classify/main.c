/* khabar-classify: says what each article is about. */
#include "classify/classify.h"
#include "libcommon/buffer.h"
#include "libcommon/runner.h"
#include "libcommon/stage.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct classify_daemon {
    struct classifier *classifier;
    struct stage_pool *pool;
};

struct classify_thread {
    const struct classifier *classifier;
    struct classify_scratch *scratch;
    struct buffer labels, article;
};

static void thread_close(void *thread)
{
    struct classify_thread *t = thread;
    t->scratch = classify_scratch_free(t->scratch);
    buffer_free(&t->labels);
    buffer_free(&t->article);
    free(t);
}

static int thread_open(void *shared, void **ret)
{
    struct classify_thread *t = calloc(1, sizeof *t);
    if (!t)
        return -ENOMEM;
    t->classifier = shared;
    int e = classify_scratch_new(&t->scratch);
    if (e < 0) {
        free(t);
        return e;
    }
    *ret = t;
    return 0;
}

static int handle(void *thread, struct stage_work *work)
{
    struct classify_thread *t = thread;
    struct message *m = work->m;
    const struct message_part *document = &m->sections[SECTION_DOCUMENT],
                              *article = &m->sections[SECTION_ARTICLE];
    buffer_clear(&t->labels);
    int r = classify_article(t->classifier, t->scratch, document->data, document->size,
                             article->data, article->size, &t->labels);
    if (r < 0)
        return r;
    r = classify_leads(t->classifier, t->scratch, article->data, article->size, &t->article);
    if (r < 0)
        return r;
    m->sections[SECTION_ARTICLE] = (struct message_part){t->article.data, t->article.size};
    m->sections[SECTION_LABELS] = (struct message_part){t->labels.data, t->labels.size};
    return STAGE_DONE;
}

static int open_classifier(const struct settings *s, struct classifier **ret)
{
    const char *path = NULL;
    int e = classifier_new(s->classify.models_dir, ret, &path);
    if (e < 0)
        log_err("can't use the model %s: %s", path ? path : s->classify.models_dir,
                e == -EBADMSG ? "damaged, or not a model of this version" : strerror(-e));
    return e;
}

static int classify_check(const struct settings *s)
{
    struct classifier *classifier = NULL;
    int e = open_classifier(s, &classifier);
    classifier_free(classifier);
    return e;
}

static int classify_start(struct runner *r, void **ret_state)
{
    struct classify_daemon *d = calloc(1, sizeof *d);
    if (!d)
        return -ENOMEM;
    *ret_state = d;
    const struct settings *s = runner_settings(r);
    int e = open_classifier(s, &d->classifier);
    if (e < 0)
        return e;
    const struct stage stage = {
        .stage = STAGE_CLASSIFY,
        .input = "classify",
        .output = "sink",
        .threads = s->classify.threads,
        .document_seconds = &s->classify.document_seconds,
        .shared = d->classifier,
        .thread_open = thread_open,
        .thread_close = thread_close,
        .handle = handle,
    };
    return stage_open(r, &stage, &d->pool);
}

static int classify_tick(void *state, int64_t now_ms)
{
    return stage_tick(((struct classify_daemon *)state)->pool, now_ms);
}

static int classify_drain(void *state)
{
    return stage_drain(((struct classify_daemon *)state)->pool);
}

static void classify_status(void *state, struct buffer *out)
{
    stage_status(((struct classify_daemon *)state)->pool, out);
}

static void classify_stop(void *state)
{
    struct classify_daemon *d = state;
    d->pool = stage_close(d->pool);
    d->classifier = classifier_free(d->classifier);
    free(d);
}

static const struct daemon classify_daemon = {
    .stage = STAGE_CLASSIFY,
    .summary = "Says what each article is about.",
    .check = classify_check,
    .start = classify_start,
    .tick = classify_tick,
    .drain = classify_drain,
    .status = classify_status,
    .stop = classify_stop,
};

int main(int argc, char **argv)
{
    return runner_main(&classify_daemon, argc, argv);
}

/* The slow work of the spool, each kind in a thread of its own. */
#include "ingest/jobs.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

struct job_thread {
    struct jobs *jobs;
    pthread_t thread;
    bool started;
    struct spool_job *waiting, *done; /* guarded by the lock */
    bool under_way;                   /* the owner's */
};

struct jobs {
    struct spool *spool;
    struct job_thread threads[SPOOL_JOBS];
    pthread_mutex_t lock;
    pthread_cond_t filled;
    bool stopping;
    int fd;
};

static void *thread_main(void *argument)
{
    struct job_thread *t = argument;
    struct jobs *j = t->jobs;
    pthread_mutex_lock(&j->lock);
    for (;;) {
        while (!t->waiting && !j->stopping)
            pthread_cond_wait(&j->filled, &j->lock);
        if (!t->waiting)
            break;
        struct spool_job *job = t->waiting;
        t->waiting = NULL;
        pthread_mutex_unlock(&j->lock);
        spool_job_run(job);
        pthread_mutex_lock(&j->lock);
        t->done = job;
        uint64_t one = 1;
        ssize_t n = write(j->fd, &one,
                          sizeof one); /* an eventfd takes this unless it is about to overflow */
        (void)n;
    }
    pthread_mutex_unlock(&j->lock);
    return NULL;
}

int jobs_new(struct spool *spool, struct jobs **ret, int *ret_fd)
{
    struct jobs *j = calloc(1, sizeof *j);
    if (!j)
        return -ENOMEM;
    j->spool = spool;
    pthread_mutex_init(&j->lock, NULL);
    pthread_cond_init(&j->filled, NULL);
    j->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    int e = j->fd < 0 ? -errno : 0;
    for (int kind = 0; kind < SPOOL_JOBS && !e; kind++) {
        j->threads[kind].jobs = j;
        e = -pthread_create(&j->threads[kind].thread, NULL, thread_main, &j->threads[kind]);
        j->threads[kind].started = !e;
    }
    if (e) {
        jobs_free(j);
        return e;
    }
    *ret = j;
    *ret_fd = j->fd;
    return 0;
}

int jobs_begin(struct jobs *j, enum spool_job_kind kind)
{
    struct job_thread *t = &j->threads[kind];
    struct spool_job *job;
    if (t->under_way)
        return 0;
    int r = spool_job_begin(j->spool, kind, &job);
    if (r == SPOOL_NOTHING || r == SPOOL_BUSY)
        return 0;
    if (r < 0)
        return r;
    t->under_way = true;
    pthread_mutex_lock(&j->lock);
    t->waiting = job;
    pthread_cond_broadcast(&j->filled);
    pthread_mutex_unlock(&j->lock);
    return 1;
}

int jobs_tend(struct jobs *j)
{
    int r = jobs_begin(j, SPOOL_TEND);
    return r < 0 ? r : jobs_begin(j, SPOOL_IDS);
}

int jobs_collect(struct jobs *j)
{
    uint64_t count;
    if (read(j->fd, &count, sizeof count) < 0 && errno != EAGAIN)
        return -errno;
    int e = 0;
    for (int kind = 0; kind < SPOOL_JOBS; kind++) {
        struct job_thread *t = &j->threads[kind];
        pthread_mutex_lock(&j->lock);
        struct spool_job *job = t->done;
        t->done = NULL;
        pthread_mutex_unlock(&j->lock);
        if (!job)
            continue;
        t->under_way = false;
        int r = spool_job_end(&job);
        e = e ? e : r;
    }
    return e;
}

struct jobs *jobs_free(struct jobs *j)
{
    if (!j)
        return NULL;
    pthread_mutex_lock(&j->lock);
    j->stopping = true;
    pthread_cond_broadcast(&j->filled);
    pthread_mutex_unlock(&j->lock);
    for (int kind = 0; kind < SPOOL_JOBS; kind++)
        if (j->threads[kind].started)
            pthread_join(j->threads[kind].thread, NULL);
    for (int kind = 0; kind < SPOOL_JOBS; kind++)
        if (j->threads[kind].done)
            spool_job_end(&j->threads[kind].done); /* a fault is the spool's to remember */
    if (j->fd >= 0)
        close(j->fd);
    pthread_cond_destroy(&j->filled);
    pthread_mutex_destroy(&j->lock);
    free(j);
    return NULL;
}

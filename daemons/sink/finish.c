/* What comes after a file is finished. */
#include "sink/finish.h"

#include "libcommon/clock.h"
#include "libcommon/fault.h"
#include "sink/file_name.h"
#include "sink/folder.h"
#include "sink/manifest.h"
#include "sink/seekable.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <time.h>
#include <unistd.h>

enum { LEVEL = 3, NICENESS = 10, TRY_AGAIN_MS = 60000 };

struct job {
    struct job *next;
    unsigned root;
    char day[FILE_DAY_SIZE], file[FILE_NAME_SIZE];
};

struct finisher {
    struct finish_settings settings;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    struct job *first, **last;
    bool stopping, ended;
    bool undone;          /* of the thread alone, as the next: something failed */
    int64_t try_again_ms; /* monotonic */
    atomic_bool stop;     /* breaks compression off */
};

static bool exists(int folder, const char *name)
{
    return faccessat(folder, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

static int check_room(const struct finish_settings *s, int folder, int plain)
{
    struct statvfs disk;
    struct stat st;
    if (fstatvfs(folder, &disk) < 0 || fstat(plain, &st) < 0)
        return -errno;
    /* at worst nothing gets smaller */
    return (uint64_t)disk.f_bavail * disk.f_frsize < s->reserve_bytes + (uint64_t)st.st_size
               ? -ENOSPC
               : 0;
}

/* plain to temporary, synced and read back */
static int compress_to(const struct finish_settings *s, int folder, const char *plain,
                       const char *temporary, const atomic_bool *stop)
{
    struct file_summary summary;
    uint64_t bytes = 0, lines = 0;
    int r = 0, out = -1, in = openat(folder, plain, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (in < 0)
        return -errno;
    r = check_room(s, folder, in);
    if (r < 0)
        goto out;
    out = openat(folder, temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (out < 0) {
        r = -errno;
        goto out;
    }
    r = seekable_write(in, out, LEVEL, stop, &bytes, &lines);
    if (r == 0 && fsync(out) < 0)
        r = -errno;
    if (r == 0)
        r = folder_sync(folder); /* the name too: recovery relies on it (settle_compressing()) */
    if (r == 0)
        r = file_summary_read(folder, temporary, &summary);
    if (r == 0 && (summary.plain_bytes != bytes || summary.records != lines))
        r = -EBADMSG;
    if (r < 0)
        unlinkat(folder, temporary, 0);
out:
    if (out >= 0)
        close(out);
    close(in);
    return r;
}

static int compress(const struct finish_settings *s, int folder, struct file_name name,
                    const atomic_bool *stop)
{
    char plain[FILE_NAME_SIZE], temporary[FILE_NAME_SIZE], compressed[FILE_NAME_SIZE];
    name.state = FILE_FINISHED;
    file_name_format(&name, plain);
    name.state = FILE_COMPRESSING;
    file_name_format(&name, temporary);
    name.state = FILE_COMPRESSED;
    file_name_format(&name, compressed);
    int r = exists(folder, compressed) ? 0 : compress_to(s, folder, plain, temporary, stop);
    if (r < 0)
        return r;
    r = fault(FAULT_SINK_COMPRESS);
    if (r < 0)
        return r;
    /* Both steps at once, so that a reader hardly ever sees a record twice. A crash between them
     * leaves both files, and the plain one goes at the next start; a power cut may keep the second
     * step alone, which recovery mends. */
    if (!exists(folder, compressed) && renameat(folder, temporary, folder, compressed) < 0)
        return -errno;
    if (unlinkat(folder, plain, 0) < 0 && errno != ENOENT)
        return -errno;
    return folder_sync(folder);
}

static int list(int folder, struct file_name name, enum file_state state)
{
    struct file_summary summary;
    char text[FILE_NAME_SIZE];
    name.state = state;
    file_name_format(&name, text);
    int r = file_summary_read(folder, text, &summary);
    return r < 0 ? r : manifest_put(folder, text, &summary);
}

int finish_file(const struct finish_settings *s, unsigned root, const char *day, const char *file,
                const atomic_bool *stop)
{
    struct file_name name;
    char plain[FILE_NAME_SIZE], compressed[FILE_NAME_SIZE];
    int folder, r = file_name_read(file, &name) == 1 ? 0 : -EINVAL;
    if (r == 0)
        r = folder_open(s->roots[root], day, &folder);
    if (r < 0)
        return r;
    name.state = FILE_FINISHED;
    file_name_format(&name, plain);
    name.state = FILE_COMPRESSED;
    file_name_format(&name, compressed);
    if (!exists(folder, plain)) {
        r = list(folder, name, FILE_COMPRESSED);
    } else if (!s->compress && !exists(folder, compressed)) {
        r = list(folder, name, FILE_FINISHED);
    } else {
        r = compress(s, folder, name, stop);
        int listed = list(folder, name, r < 0 ? FILE_FINISHED : FILE_COMPRESSED);
        r = r < 0 ? r : listed;
    }
    close(folder);
    return r;
}

/* What failed is tried again after a while, and before the end. */
static void left_undone(struct finisher *f)
{
    f->undone = true;
    f->try_again_ms = clock_monotonic_ms() + TRY_AGAIN_MS;
}

static void finish_or_say(struct finisher *f, unsigned root, const char *day, const char *file)
{
    int r = finish_file(&f->settings, root, day, file, &f->stop);
    if (r >= 0 || r == -ECANCELED)
        return;
    notices_add(f->settings.notices, "left unfinished file=%s/%s cause=%s", day, file,
                strerror(-r));
    left_undone(f);
}

/* Does what a day has left undone: files that no manifest names, or that are to be compressed. */
static int go_through_day(struct finisher *f, unsigned root, const char *day)
{
    struct folder_names names = {0};
    struct manifest manifest = {0};
    size_t line;
    int folder, r = tidy_day(f->settings.tidy, root, day);
    if (r == 0)
        r = folder_open(f->settings.roots[root], day, &folder);
    if (r < 0)
        return r;
    r = folder_list(folder, &names);
    if (r == 0 && manifest_read(folder, &manifest, &line) < 0)
        notices_add(f->settings.notices, "unreadable manifest=%s/%s line=%zu", day, MANIFEST_NAME,
                    line);
    for (size_t i = 0; i < names.count && r == 0 && !atomic_load(&f->stop); i++) {
        struct file_name name;
        char compressed[FILE_NAME_SIZE];
        if (file_name_read(names.names[i], &name) != 1 || name.state == FILE_OPEN ||
            name.state == FILE_COMPRESSING)
            continue;
        bool done = manifest_find(&manifest, names.names[i]) != NULL;
        if (done && name.state == FILE_FINISHED) {
            name.state = FILE_COMPRESSED;
            file_name_format(&name, compressed);
            done = !f->settings.compress && !exists(folder, compressed);
        }
        if (!done)
            finish_or_say(f, root, day, names.names[i]);
    }
    manifest_free(&manifest);
    folder_names_free(&names);
    close(folder);
    return r;
}

static void go_through_root(struct finisher *f, unsigned root)
{
    struct folder_names days = {0};
    int r = folder_list(f->settings.roots[root], &days);
    if (r < 0)
        notices_add(f->settings.notices, "unreadable folder cause=%s", strerror(-r));
    if (r < 0)
        left_undone(f);
    for (size_t i = days.count; i > 0 && !atomic_load(&f->stop); i--) {
        if (!file_day_valid(days.names[i - 1]))
            continue;
        r = go_through_day(f, root, days.names[i - 1]);
        if (r >= 0)
            continue;
        notices_add(f->settings.notices, "left unfinished folder=%s cause=%s", days.names[i - 1],
                    strerror(-r));
        left_undone(f);
    }
    folder_names_free(&days);
}

static void go_through_all(struct finisher *f)
{
    f->undone = false;
    for (unsigned root = 0; root < TIDY_ROOTS; root++)
        go_through_root(f, root);
}

/* A file to finish. NULL: what was left undone is to be tried again, or the end has come. */
static struct job *next_job(struct finisher *f)
{
    while (!f->first && !f->stopping) {
        int64_t at = f->try_again_ms;
        struct timespec deadline = {.tv_sec = at / 1000, .tv_nsec = at % 1000 * 1000000};
        if (!f->undone)
            pthread_cond_wait(&f->changed, &f->lock);
        else if (pthread_cond_timedwait(&f->changed, &f->lock, &deadline) == ETIMEDOUT)
            break;
    }
    struct job *job = f->first;
    if (job)
        f->first = job->next;
    if (!f->first)
        f->last = &f->first;
    return job;
}

static void *run(void *context)
{
    struct finisher *f = context;
    setpriority(PRIO_PROCESS, (id_t)gettid(), NICENESS); /* on Linux: of this thread alone */
    go_through_all(f);
    bool end = false;
    pthread_mutex_lock(&f->lock);
    while (!end) {
        struct job *job = next_job(f);
        end = !job && f->stopping;
        pthread_mutex_unlock(&f->lock);
        if (job && !atomic_load(&f->stop)) /* else it is left to the next start */
            finish_or_say(f, job->root, job->day, job->file);
        else if (!job && f->undone)
            go_through_all(f);
        free(job);
        pthread_mutex_lock(&f->lock);
    }
    f->ended = true;
    pthread_cond_broadcast(&f->changed);
    pthread_mutex_unlock(&f->lock);
    return NULL;
}

int finisher_start(const struct finish_settings *settings, struct finisher **ret)
{
    struct finisher *f = calloc(1, sizeof *f);
    pthread_condattr_t monotonic;
    if (!f)
        return -ENOMEM;
    f->settings = *settings;
    f->last = &f->first;
    pthread_mutex_init(&f->lock, NULL);
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&f->changed, &monotonic);
    pthread_condattr_destroy(&monotonic);
    int r = pthread_create(&f->thread, NULL, run, f);
    if (r) {
        pthread_cond_destroy(&f->changed);
        pthread_mutex_destroy(&f->lock);
        free(f);
        return -r;
    }
    *ret = f;
    return 0;
}

int finisher_add(struct finisher *f, unsigned root, const char *day, const char *file)
{
    struct job *job = calloc(1, sizeof *job);
    if (!job)
        return -ENOMEM;
    job->root = root;
    snprintf(job->day, sizeof job->day, "%s", day);
    snprintf(job->file, sizeof job->file, "%s", file);
    pthread_mutex_lock(&f->lock);
    *f->last = job;
    f->last = &job->next;
    pthread_cond_broadcast(&f->changed);
    pthread_mutex_unlock(&f->lock);
    return 0;
}

struct finisher *finisher_stop(struct finisher *f, int64_t wait_ms)
{
    if (!f)
        return NULL;
    int64_t until = clock_monotonic_us() + wait_ms * 1000;
    struct timespec deadline = {.tv_sec = until / 1000000, .tv_nsec = until % 1000000 * 1000};
    pthread_mutex_lock(&f->lock);
    f->stopping = true;
    pthread_cond_broadcast(&f->changed);
    while (!f->ended && pthread_cond_timedwait(&f->changed, &f->lock, &deadline) != ETIMEDOUT)
        ;
    atomic_store(&f->stop, true);
    pthread_mutex_unlock(&f->lock);
    pthread_join(f->thread, NULL);
    pthread_cond_destroy(&f->changed);
    pthread_mutex_destroy(&f->lock);
    free(f);
    return NULL;
}

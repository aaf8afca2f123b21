/* Faults on request, for test builds. */
#include "libcommon/fault.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *const names[FAULT_POINTS] = {
    [FAULT_SPOOL_APPEND] = "spool-append",
    [FAULT_SPOOL_WRITE] = "spool-write",
    [FAULT_SPOOL_SYNC] = "spool-sync",
    [FAULT_SPOOL_SYNCED] = "spool-synced",
    [FAULT_SEGMENT_CREATE] = "segment-create",
    [FAULT_SEGMENT_CREATED] = "segment-created",
    [FAULT_SEGMENT_SEAL] = "segment-seal",
    [FAULT_SEGMENT_SEALED] = "segment-sealed",
    [FAULT_SEGMENT_REMOVE] = "segment-remove",
    [FAULT_SEGMENT_REMOVED] = "segment-removed",
    [FAULT_PROGRESS_WRITE] = "progress-write",
    [FAULT_PROGRESS_SYNC] = "progress-sync",
    [FAULT_PROGRESS_SYNCED] = "progress-synced",
    [FAULT_IDS_WRITE] = "ids-write",
    [FAULT_IDS_JOIN] = "ids-join",
    [FAULT_IDS_WRITTEN] = "ids-written",
    [FAULT_RECOVERY_KEEP] = "recovery-keep",
    [FAULT_RECOVERY_SEAL] = "recovery-seal",
    [FAULT_RECOVERY_DONE] = "recovery-done",
    [FAULT_INTAKE_ANSWER] = "intake-answer",
    [FAULT_INTAKE_ANSWERED] = "intake-answered",
    [FAULT_DISPATCH_SEND] = "dispatch-send",
    [FAULT_DISPATCH_SENT] = "dispatch-sent",
    [FAULT_DISPATCH_COMMIT] = "dispatch-commit",
    [FAULT_SINK_APPEND] = "sink-append",
    [FAULT_SINK_APPENDED] = "sink-appended",
    [FAULT_SINK_SYNC] = "sink-sync",
    [FAULT_SINK_SYNCED] = "sink-synced",
    [FAULT_SINK_COMMIT] = "sink-commit",
    [FAULT_SINK_COMMITTED] = "sink-committed",
    [FAULT_SINK_ROTATE] = "sink-rotate",
    [FAULT_SINK_ROTATED] = "sink-rotated",
    [FAULT_SINK_COMPRESS] = "sink-compress",
    [FAULT_SINK_MANIFEST] = "sink-manifest",
    [FAULT_REJECT_WRITE] = "reject-write",
    [FAULT_REJECT_WRITTEN] = "reject-written",
    [FAULT_PARSE_WORK] = "parse-work",
    [FAULT_CLASSIFY_WORK] = "classify-work",
    [FAULT_SINK_WORK] = "sink-work",
};

enum action { NOTHING, DIE, HANG, FAIL };

static const struct {
    const char *name;
    enum action action;
    int error;
} actions[] = {
    {"die",     DIE,  0      },
    {"hang",    HANG, 0      },
    {"eio",     FAIL, EIO    },
    {"enospc",  FAIL, ENOSPC },
    {"ebadmsg", FAIL, EBADMSG},
};

/* What the environment asked for; written once, before the first use. */
static struct plan {
    enum action action;
    int error;
    long from, strikes;
    atomic_long passed, struck;
} plans[FAULT_POINTS];

static pthread_once_t once = PTHREAD_ONCE_INIT;

const char *fault_name(enum fault_point point)
{
    return (unsigned)point < FAULT_POINTS ? names[point] : NULL;
}

static void refuse(const char *what)
{
    fprintf(stderr, "KHABAR_FAULT: %s: not understood\n", what);
    _exit(2);
}

static long read_number(const char **at, char mark, long otherwise, const char *item)
{
    if (**at != mark)
        return otherwise;
    char *end;
    errno = 0;
    long value = strtol(*at + 1, &end, 10);
    if (errno || end == *at + 1 || value < 1)
        refuse(item);
    *at = end;
    return value;
}

static void plan_item(const char *item)
{
    size_t name = strcspn(item, ":");
    struct plan *plan = NULL;
    for (int i = 0; i < FAULT_POINTS; i++)
        if (strlen(names[i]) == name && !memcmp(names[i], item, name))
            plan = &plans[i];
    if (!plan || item[name] != ':')
        refuse(item);
    const char *at = item + name + 1;
    size_t action = strcspn(at, "@*");
    for (size_t i = 0; i < sizeof actions / sizeof *actions; i++)
        if (strlen(actions[i].name) == action && !memcmp(actions[i].name, at, action)) {
            plan->action = actions[i].action;
            plan->error = actions[i].error;
        }
    if (plan->action == NOTHING)
        refuse(item);
    at += action;
    plan->from = read_number(&at, '@', 1, item);
    plan->strikes = read_number(&at, '*', plan->action == FAIL ? LONG_MAX : 1, item);
    if (*at)
        refuse(item);
}

static void read_environment(void)
{
    const char *asked = getenv("KHABAR_FAULT");
    char *copy = asked ? strdup(asked) : NULL;
    if (!copy)
        return;
    char *rest;
    for (char *item = strtok_r(copy, ",", &rest); item; item = strtok_r(NULL, ",", &rest))
        plan_item(item);
    free(copy);
}

/* How many strikes there have been, this one included. */
static long count_strike(struct plan *plan, enum fault_point point)
{
    const char *folder = getenv("KHABAR_FAULT_DIR");
    if (!folder)
        return atomic_fetch_add(&plan->struck, 1) + 1;
    char path[PATH_MAX];
    struct stat st;
    snprintf(path, sizeof path, "%s/%s", folder, names[point]);
    int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
    if (fd < 0 || write(fd, "x", 1) != 1 || fstat(fd, &st) < 0)
        refuse(path);
    close(fd);
    return st.st_size;
}

int fault(enum fault_point point)
{
    pthread_once(&once, read_environment);
    struct plan *plan = &plans[point];
    if (plan->action == NOTHING || atomic_fetch_add(&plan->passed, 1) + 1 < plan->from ||
        count_strike(plan, point) > plan->strikes)
        return 0;
    switch (plan->action) {
    case DIE:
        kill(getpid(), SIGKILL);
        __attribute__((fallthrough));
    case HANG:
        for (;;)
            pause();
    case FAIL:
        return -plan->error;
    case NOTHING:
        break;
    }
    return 0;
}

int fault_document(enum fault_point point, const void *section, size_t size)
{
    pthread_once(&once, read_environment);
    if (plans[point].action == NOTHING)
        return 0;
    const char *mark = getenv("KHABAR_FAULT_MARK");
    if (!mark || !*mark)
        refuse(names[point]);
    return memmem(section, size, mark, strlen(mark)) ? fault(point) : 0;
}

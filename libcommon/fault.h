/* Places in the code where a test build dies, hangs or fails when it is asked to; nothing in a
 * release build.
 *
 * Option `faults` of meson compiles them in (KHABAR_FAULTS). The environment then chooses:
 *
 *   KHABAR_FAULT="NAME:ACTION[@N][*K],..."   at the N-th passage of NAME (default 1) and every
 * later one
 *
 * ACTION is die (SIGKILL to itself), hang (the thread waits for ever), or eio, enospc, ebadmsg: the
 * call returns that errno, negative, as if the system had said it. K bounds how often the fault
 * strikes (default: die and hang once, errors always). With KHABAR_FAULT_DIR=DIR strikes are
 * counted in DIR/NAME, a byte each, over all processes that share DIR: a daemon started again goes
 * on living after K deaths. At the points of a document, whose names end in -work, only documents
 * count whose DOCUMENT section holds the text of KHABAR_FAULT_MARK: so one among many is poison. An
 * unknown name or action ends the process with a message: a test that tests nothing must not pass.
 */
#pragma once

#include <stddef.h>

enum fault_point {
    FAULT_SPOOL_APPEND,    /* in spool_append(), before the document is taken */
    FAULT_SPOOL_WRITE,     /* before a batch is written to its segment */
    FAULT_SPOOL_SYNC,      /* written, before the sync */
    FAULT_SPOOL_SYNCED,    /* after the sync, before anyone knows */
    FAULT_SEGMENT_CREATE,  /* before a new segment is made */
    FAULT_SEGMENT_CREATED, /* made, its head not written */
    FAULT_SEGMENT_SEAL,    /* footer written, before its sync */
    FAULT_SEGMENT_SEALED,  /* footer synced, the next segment not written */
    FAULT_SEGMENT_REMOVE,  /* before a segment is removed */
    FAULT_SEGMENT_REMOVED, /* after it */
    FAULT_PROGRESS_WRITE,  /* before a slot is written */
    FAULT_PROGRESS_SYNC,   /* slot written, before the sync */
    FAULT_PROGRESS_SYNCED, /* after the sync */
    FAULT_IDS_WRITE,       /* before the index of feeder ids is brought up to date */
    FAULT_IDS_JOIN,        /* a run is there, and those that it is made of too */
    FAULT_IDS_WRITTEN,     /* after it */
    FAULT_RECOVERY_KEEP,   /* before what can't be read is kept aside */
    FAULT_RECOVERY_SEAL,   /* before the last segment of a process that died is sealed */
    FAULT_RECOVERY_DONE,   /* spool open, nothing accepted yet */
    FAULT_INTAKE_ANSWER,   /* durable, before the feeder is told */
    FAULT_INTAKE_ANSWERED, /* after it */
    FAULT_DISPATCH_SEND,   /* before a document is sent into the lane */
    FAULT_DISPATCH_SENT,   /* after it */
    FAULT_DISPATCH_COMMIT, /* commit received, nothing done with it */
    FAULT_SINK_APPEND,     /* before a record is written */
    FAULT_SINK_APPENDED,   /* after it */
    FAULT_SINK_SYNC,       /* before a group of records is synced */
    FAULT_SINK_SYNCED,     /* after it */
    FAULT_SINK_COMMIT,     /* before the commit is sent */
    FAULT_SINK_COMMITTED,  /* after it */
    FAULT_SINK_ROTATE,     /* before a finished file gets its name */
    FAULT_SINK_ROTATED,    /* after it */
    FAULT_SINK_COMPRESS,   /* compressed, the plain file still there */
    FAULT_SINK_MANIFEST,   /* before a manifest gets its name */
    FAULT_REJECT_WRITE,    /* before a reject is written */
    FAULT_REJECT_WRITTEN,  /* after it */
    FAULT_PARSE_WORK, /* a document is about to be parsed; ebadmsg: what comes out is cut short */
    FAULT_CLASSIFY_WORK, /* likewise for classify */
    FAULT_SINK_WORK,     /* likewise for sink; any error: it is left unwritten */
    FAULT_POINTS
};

#ifdef KHABAR_FAULTS
/* 0, or the -errno that the environment asks for. Any thread. */
int fault(enum fault_point point);
/* Likewise for the points of a document: its DOCUMENT section. */
int fault_document(enum fault_point point, const void *section, size_t size);
/* NULL for a number that names nothing. */
const char *fault_name(enum fault_point point);
#else
static inline int fault(enum fault_point point)
{
    (void)point;
    return 0;
}
static inline int fault_document(enum fault_point point, const void *section, size_t size)
{
    (void)point, (void)section, (void)size;
    return 0;
}
#endif

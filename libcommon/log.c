/* One line an event: native fields in systemd's journal, logfmt on stderr elsewhere. */
#define SD_JOURNAL_SUPPRESS_LOCATION
#include "libcommon/log.h"

#include "libcommon/clock.h"
#include "libcommon/metrics.h"

#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <systemd/sd-journal.h>
#include <unistd.h>

enum { TEXT_SIZE = 2048, LINE_SIZE = 2 * TEXT_SIZE + 512, KINDS = 64, KEPT = 400, FIELDS_MAX = 12 };

const char *const log_level_names[] = {"err", "warning", "info", "debug", NULL};
static const int priorities[] = {3, 4, 6, 7}; /* syslog's */

/* clang-format off */
const struct log_row log_rows[EVENT_END] = {
    [EVENT_NONE] = {"", LOG_LEVEL_INFO, NULL, ""},
    [EVENT_STARTED] = {"started", LOG_LEVEL_INFO, "8b1a1f0f4dc54243b5d6d98cc03f9145",
        "The daemon has recovered what it had and works. After an unclean end its predecessor was killed or crashed; "
        "what it held is sent again, nothing is lost."},
    [EVENT_STOPPING] = {"stopping", LOG_LEVEL_INFO, "b41345e716eb4072b77b3d8e24d718c6",
        "The daemon was told to end: it finishes what it holds, for at most limits.drain_seconds."},
    [EVENT_STOPPED] = {"stopped", LOG_LEVEL_INFO, "cbc1e89ce13644fcb6098c468ca542c0",
        "The daemon ended in order."},
    [EVENT_FAILED] = {"failed", LOG_LEVEL_ERR, "574fcfdc8d024baa8445f6c5afbe1153",
        "The daemon ends over a fault that it can't mend; the line before says which. The service manager starts it "
        "again. When it says that no space is left on the device, make room: nothing that was accepted is lost."},
    [EVENT_RELOADED] = {"reloaded", LOG_LEVEL_INFO, "7f3db659669a421dbc32856bd41c4b54",
        "The settings were read again. What can change at once is in force; what can't is named and waits for the "
        "next start."},
    [EVENT_NOT_RELOADED] = {"not-reloaded", LOG_LEVEL_ERR, "c7a4a59ef8f046778e2cba24ada3d612",
        "The settings could not be read again, and those from before stay in force. Mend the file (khabar check says "
        "what is wrong) and reload."},
    [EVENT_HELLO] = {"hello", LOG_LEVEL_INFO, "ea89d2ed28934042b49bf162b8cb4c9c",
        "Another daemon of the lane has started. What was in flight is sent again. After an unclean end these "
        "documents are suspects until they come home."},
    [EVENT_RESEND] = {"resend", LOG_LEVEL_INFO, "70ebc6ef072546dda7687f16aa3541e3",
        "Documents that others have overtaken, or that nothing was heard of, are sent again."},
    [EVENT_REFUSED] = {"refused", LOG_LEVEL_WARNING, "0eacfc0abbe94d2d82fece5245bb2418",
        "A document was not accepted; whoever handed it in was told the same reason and keeps it."},
    [EVENT_REJECT] = {"reject", LOG_LEVEL_INFO, "97e63c65f43b4f0fa4a26de936e0dfe3",
        "A document can't become a record. Its bytes and the reason are in rejects/: khabar rejects shows them and "
        "feeds them again. Many of one source at once mean that its pages have changed."},
    [EVENT_GAVE_UP] = {"gave-up", LOG_LEVEL_WARNING, "c03dad1e45c747238a6cd2d877406a00",
        "A stage died or lost this document at each attempt; it becomes a reject. Please report the document and "
        "the stage's last lines: no input should kill a stage."},
    [EVENT_LOST] = {"lost", LOG_LEVEL_WARNING, "05cd2b29a4684ffbba534e38a3d9a2d1",
        "A stage could not work on a document, for want of memory or the like, and let it fall; ingest sends it again."},
    [EVENT_HUNG] = {"hung", LOG_LEVEL_ERR, "d60db32847ec4819aff321e980dc5da4",
        "A document took longer than document_seconds, and the stage ends, as a thread can't be stopped. The document "
        "is sent again; when it hangs each time it becomes a reject."},
    [EVENT_NOT_WRITTEN] = {"not-written", LOG_LEVEL_WARNING, "bc9a1c5c262e491c9eaceff23c36f990",
        "What a stage sent can't be written as a record. It is not committed, and ingest sends it again."},
    [EVENT_BAD_FRAME] = {"bad-frame", LOG_LEVEL_WARNING, "3ef87f072b9740f5a0333c103d9efe2c",
        "A message between daemons could not be read and was dropped. After an upgrade: restart the daemons that are "
        "still of the old version. Else something that is no daemon of khabar writes to the lane's sockets."},
    [EVENT_SPOOL_DAMAGED] = {"spool-damaged", LOG_LEVEL_ERR, "af319154a8fb456aab38a1aed65e5b56",
        "Bytes of the spool can't be read; they are kept in its folder damaged/. Look after the disk; khabar spool "
        "check tells more."},
    [EVENT_HELD_BACK] = {"held-back", LOG_LEVEL_WARNING, "ddba4c76888e46638734cb004bbd8a74",
        "Lines of one kind came so often that most were only counted. This line tells how many, and the last."},
    [EVENT_ACCEPTED] = {"accepted", LOG_LEVEL_DEBUG, "d606414e64864ab9a67544af22263bff",
        "A document was taken into the spool; its feeder is told so once it is synced."},
    [EVENT_SENT] = {"sent", LOG_LEVEL_DEBUG, "ad907b5edb74437594a92bc046afe71b",
        "ingest has sent a document into the lane."},
    [EVENT_WORKED] = {"worked", LOG_LEVEL_DEBUG, "fbbfd3caee0c458392b9af928b9ff676",
        "A stage has done its work on a document and passed it on."},
    [EVENT_WRITTEN] = {"written", LOG_LEVEL_DEBUG, "89afc4fdc4ae477f8644ca00bc8f2c00",
        "sink has taken a document's line to be written; it is committed once it is synced."},
};
/* clang-format on */

/* Lines of one kind in a minute. */
struct kind {
    const void *key; /* the row, or the format; NULL: free */
    int64_t since;
    unsigned written, held;
    char last[KEPT];
};

static struct {
    char program[64], stage[64], lane[64];
    _Atomic int level;
    bool journal;
    pthread_mutex_t lock; /* guards the kinds */
    struct kind kinds[KINDS];
} log_state = {.program = "khabar", .level = LOG_LEVEL_INFO, .lock = PTHREAD_MUTEX_INITIALIZER};

/* What is said: the text as people read it, and its parts. */
struct line {
    enum log_level level;
    const struct log_row *row;
    struct log_about about;
    char text[TEXT_SIZE]; /* all of it */
    size_t tail;          /* where what follows the event's name and fields begins */
};

static bool is_journal(void)
{
    struct stat file;
    unsigned long long device, inode;
    const char *stream = getenv("JOURNAL_STREAM");
    return stream && sscanf(stream, "%llu:%llu", &device, &inode) == 2 &&
           fstat(STDERR_FILENO, &file) == 0 && file.st_dev == device && file.st_ino == inode;
}

void log_open(const char *stage, const char *lane, enum log_level level)
{
    snprintf(log_state.stage, sizeof log_state.stage, "%s", stage);
    snprintf(log_state.program, sizeof log_state.program, "khabar-%.50s", stage);
    snprintf(log_state.lane, sizeof log_state.lane, "%s", lane);
    log_state.level = level;
    log_state.journal = is_journal();
}

void log_set_level(enum log_level level)
{
    log_state.level = level;
}

bool log_wanted(enum log_level level)
{
    return (int)level <= log_state.level;
}

const char *log_level_name(enum log_level level)
{
    return (unsigned)level < LOG_LEVEL_END ? log_level_names[level] : NULL;
}

/* --- the text --- */

/* A line stays a line, a terminal unharmed. */
static void clean(char *text)
{
    for (; *text; text++)
        if ((unsigned char)*text < 0x20 || *text == 0x7f)
            *text = ' ';
}

__attribute__((format(printf, 2, 3))) static void append(struct line *l, const char *format, ...)
{
    size_t size = strlen(l->text);
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(l->text + size, sizeof l->text - size, format, arguments);
    va_end(arguments);
}

static void write_about(struct line *l)
{
    const struct log_about *a = &l->about;
    if (a->id)
        append(l, " id=%s", a->id);
    if (a->source_size)
        append(l, " source=%.*s", (int)(a->source_size < 200 ? a->source_size : 200), a->source);
    if (a->attempt)
        append(l, " attempt=%u", a->attempt);
    if (a->reason)
        append(l, " reason=%s", a->reason);
}

/* --- where it goes --- */

static void write_stderr(const char *line, size_t size)
{
    ssize_t written = write(STDERR_FILENO, line, size); /* one call: lines of threads don't mix */
    (void)written;                                      /* nowhere left to say so */
}

/* key=value; in quotes where it has to be. */
static size_t put_pair(char *out, size_t size, size_t room, const char *key, const char *value,
                       size_t value_size)
{
    bool quote = !value_size;
    for (size_t i = 0; i < value_size && !quote; i++)
        quote = value[i] == ' ' || value[i] == '"' || value[i] == '=' || value[i] == '\\';
    size_t key_size = strlen(key);
    if (size + key_size + 2 * value_size + 5 > room)
        return size;
    if (size)
        out[size++] = ' ';
    memcpy(out + size, key, key_size);
    size += key_size;
    out[size++] = '=';
    if (quote)
        out[size++] = '"';
    for (size_t i = 0; i < value_size; i++) {
        bool control = (unsigned char)value[i] < 0x20 || value[i] == 0x7f;
        if (value[i] == '"' || value[i] == '\\')
            out[size++] = '\\';
        out[size++] = control ? ' ' : value[i];
    }
    if (quote)
        out[size++] = '"';
    return size;
}

static size_t put(char *out, size_t size, const char *key, const char *value)
{
    return value ? put_pair(out, size, LINE_SIZE - 1, key, value, strlen(value)) : size;
}

static void to_stderr(const struct line *l)
{
    char out[LINE_SIZE], time[CLOCK_TEXT_SIZE], attempt[16] = "";
    size_t size = 0;
    const char *tail = l->text + l->tail;
    tail += strspn(tail, ": ");
    clock_format(clock_unix_us(), time);
    snprintf(attempt, sizeof attempt, "%u", l->about.attempt);
    size = put(out, size, "time", time);
    size = put(out, size, "level", log_level_names[l->level]);
    size = put(out, size, "program", log_state.program);
    size = put(out, size, "lane", log_state.lane);
    size = put(out, size, "event", l->row->message_id ? l->row->name : NULL);
    size = put(out, size, "id", l->about.id);
    if (l->about.source_size)
        size = put_pair(out, size, LINE_SIZE - 1, "source", l->about.source,
                        l->about.source_size < 200 ? l->about.source_size : 200);
    size = put(out, size, "attempt", l->about.attempt ? attempt : NULL);
    size = put(out, size, "reason", l->about.reason);
    size = put(out, size, "text", *tail ? tail : NULL);
    out[size++] = '\n';
    write_stderr(out, size);
}

struct fields {
    struct iovec parts[FIELDS_MAX];
    char bytes[LINE_SIZE];
    size_t count, size;
};

static void add_field(struct fields *f, const char *name, const char *value, size_t size)
{
    size_t name_size = strlen(name);
    if (f->count == FIELDS_MAX || f->size + name_size + 1 + size > sizeof f->bytes)
        return;
    char *at = f->bytes + f->size;
    memcpy(at, name, name_size);
    at[name_size] = '=';
    memcpy(at + name_size + 1, value, size);
    f->parts[f->count++] = (struct iovec){at, name_size + 1 + size};
    f->size += name_size + 1 + size;
}

static void add_text(struct fields *f, const char *name, const char *value)
{
    if (value)
        add_field(f, name, value, strlen(value));
}

static int to_journal(const struct line *l)
{
    struct fields f = {.count = 0, .size = 0};
    char priority[8], attempt[16];
    snprintf(priority, sizeof priority, "%d", priorities[l->level]);
    snprintf(attempt, sizeof attempt, "%u", l->about.attempt);
    add_text(&f, "PRIORITY", priority);
    add_text(&f, "SYSLOG_IDENTIFIER", log_state.program);
    add_text(&f, "LANE", log_state.lane);
    add_text(&f, "STAGE", log_state.stage);
    add_text(&f, "MESSAGE_ID", l->row->message_id);
    add_text(&f, "DOC_ID", l->about.id);
    if (l->about.source_size)
        add_field(&f, "SOURCE", l->about.source,
                  l->about.source_size < 200 ? l->about.source_size : 200);
    add_text(&f, "ATTEMPT", l->about.attempt ? attempt : NULL);
    add_text(&f, "REASON", l->about.reason);
    add_text(&f, "MESSAGE", l->text);
    return sd_journal_sendv(f.parts, (int)f.count);
}

static void emit(const struct line *l)
{
    if (!log_state.journal) {
        to_stderr(l);
        return;
    }
    if (to_journal(l) >= 0)
        return;
    char out[LINE_SIZE]; /* the journal reads stderr too */
    int size = snprintf(out, sizeof out, "<%d>%s\n", priorities[l->level], l->text);
    write_stderr(out, size < (int)sizeof out ? (size_t)size : sizeof out - 1);
}

/* --- what repeats --- */

static void tell_held(unsigned held, const char *last)
{
    struct line l = {.level = LOG_LEVEL_WARNING, .row = &log_rows[EVENT_HELD_BACK]};
    append(&l, "%s", l.row->name);
    l.tail = strlen(l.text);
    append(&l, " lines=%u: the last was: %s", held, last);
    emit(&l);
}

/* The entry of a key, made where there is none; NULL when all are taken. Holds the lock. */
static struct kind *find_kind(const void *key)
{
    struct kind *free_kind = NULL;
    for (struct kind *k = log_state.kinds; k < log_state.kinds + KINDS; k++) {
        if (k->key == key)
            return k;
        if (!k->key && !free_kind)
            free_kind = k;
    }
    if (free_kind)
        *free_kind = (struct kind){.key = key, .since = clock_monotonic_ms()};
    return free_kind;
}

/* Whether a line may be written now; else it is counted. */
static bool admit(const struct line *l, const void *key)
{
    if (l->level == LOG_LEVEL_DEBUG)
        return true;
    pthread_mutex_lock(&log_state.lock);
    struct kind *k = find_kind(key);
    bool may = !k || k->written < LOG_BURST;
    if (k && may)
        k->written++;
    if (k && !may) {
        k->held++;
        snprintf(k->last, sizeof k->last, "%s", l->text);
    }
    pthread_mutex_unlock(&log_state.lock);
    return may;
}

void log_sum_up(int64_t now_ms)
{
    for (size_t i = 0; i < KINDS; i++) {
        struct kind over = {0};
        struct kind *k = &log_state.kinds[i];
        pthread_mutex_lock(&log_state.lock);
        if (k->key && now_ms - LOG_WINDOW_MS >= k->since) {
            over = *k;
            *k = (struct kind){0};
        }
        pthread_mutex_unlock(&log_state.lock);
        if (over.held)
            tell_held(over.held, over.last);
    }
}

/* --- the two ways in --- */

__attribute__((format(printf, 3, 0))) static void say(struct line *l, const void *key,
                                                      const char *format, va_list arguments)
{
    char tail[TEXT_SIZE];
    metric_add_for(METRIC_LOG_LINES, l->level, 1);
    vsnprintf(tail, sizeof tail, format, arguments);
    l->tail = strlen(l->text);
    append(l, "%s%s", l->tail && *tail && *tail != ':' ? " " : "", tail);
    clean(l->text);
    if (admit(l, key))
        emit(l);
}

void log_write(enum log_level level, const char *format, ...)
{
    if (!log_wanted(level))
        return;
    struct line l = {.level = level, .row = &log_rows[EVENT_NONE]};
    va_list arguments;
    va_start(arguments, format);
    say(&l, format, format, arguments);
    va_end(arguments);
}

void log_event(enum log_event event, const struct log_about *about, const char *format, ...)
{
    const struct log_row *row = &log_rows[event];
    if (!log_wanted(row->level))
        return;
    struct line l = {.level = row->level, .row = row};
    if (about)
        l.about = *about;
    append(&l, "%s", row->name);
    write_about(&l);
    va_list arguments;
    va_start(arguments, format);
    say(&l, row, format, arguments);
    va_end(arguments);
}

/* One line an event: native fields in systemd's journal, logfmt on stderr elsewhere; text of
 * articles stays out of it.
 *
 * Written by runners and mains, not by helpers: they return. Events that people look for by kind
 * have a row in a table, which gives them a level, a message id and an explanation; others are a
 * level and a text. What repeats is summed up: after LOG_BURST lines of one kind (of one row, or of
 * one format) in a minute the rest are counted, and one line tells how many there were and the last
 * of them. Debug lines are written all. Safe from every thread once log_open() returned. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum log_level { LOG_LEVEL_ERR, LOG_LEVEL_WARNING, LOG_LEVEL_INFO, LOG_LEVEL_DEBUG, LOG_LEVEL_END };

enum log_event {
    EVENT_NONE, /* a level and a text */
    EVENT_STARTED,
    EVENT_STOPPING,
    EVENT_STOPPED,
    EVENT_FAILED,
    EVENT_RELOADED,
    EVENT_NOT_RELOADED,
    EVENT_HELLO,
    EVENT_RESEND,
    EVENT_REFUSED,
    EVENT_REJECT,
    EVENT_GAVE_UP,
    EVENT_LOST,
    EVENT_HUNG,
    EVENT_NOT_WRITTEN,
    EVENT_BAD_FRAME,
    EVENT_SPOOL_DAMAGED,
    EVENT_HELD_BACK,
    EVENT_ACCEPTED,
    EVENT_SENT,
    EVENT_WORKED,
    EVENT_WRITTEN,
    EVENT_END
};

struct log_row {
    const char *name; /* the line begins with it */
    enum log_level level;
    const char *message_id; /* 128 bits, 32 hex digits; journalctl MESSAGE_ID=… */
    const char *meaning;    /* what it is, and what to do about it */
};
extern const struct log_row log_rows[EVENT_END];

enum { LOG_BURST = 20, LOG_WINDOW_MS = 60000 };

/* Sets the names that every line carries, and what is written: everything up to level. Call once,
 * before the threads. stage: "parse"; program and lane as well are copied, cut at 63 bytes. When
 * stderr is the journal's (JOURNAL_STREAM), lines go there with their fields. */
void log_open(const char *stage, const char *lane, enum log_level level);
void log_set_level(enum log_level level); /* any time */
bool log_wanted(enum log_level level);    /* whether lines of that level are written */

const char *log_level_name(enum log_level level); /* NULL for no level */
extern const char *const log_level_names[];       /* NULL at the end, in order */

#define log_err(...) log_write(LOG_LEVEL_ERR, __VA_ARGS__)
#define log_warning(...) log_write(LOG_LEVEL_WARNING, __VA_ARGS__)
#define log_info(...) log_write(LOG_LEVEL_INFO, __VA_ARGS__)

/* format is a literal: it tells kinds apart. */
void log_write(enum log_level level, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* What an event is about; what is NULL or 0 is left out. */
struct log_about {
    const char *id;     /* of the document */
    const char *source; /* not terminated */
    size_t source_size;
    const char *reason;
    uint32_t attempt;
};

/* The text follows the event's name and what it is about; one that begins with ':' is a cause. May
 * be empty. about: NULL is fine. */
void log_event(enum log_event event, const struct log_about *about, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Tells what was held back in windows that are over; now_ms: monotonic. Call once a second, and
 * with INT64_MAX at the end. */
void log_sum_up(int64_t now_ms);

/* One line an event on stderr, in logfmt: fact first, cause last; text of articles stays out of it.
 *
 * Written by runners and mains, not by helpers: they return. Safe from every thread once log_open()
 * returned. */
#pragma once

#include <stdint.h>

enum log_level { LOG_LEVEL_ERR, LOG_LEVEL_WARNING, LOG_LEVEL_INFO, LOG_LEVEL_DEBUG, LOG_LEVEL_END };

/* Sets the names that every line begins with, and what is written: everything up to level. Call
 * once, before the threads. Under systemd (JOURNAL_STREAM) lines carry a priority and no time. Both
 * strings are copied, cut at 63 bytes. */
void log_open(const char *program, const char *lane, enum log_level level);

const char *log_level_name(enum log_level level); /* NULL for no level */
extern const char *const log_level_names[];       /* NULL at the end, in order */

#define log_err(...) log_write(LOG_LEVEL_ERR, __VA_ARGS__)
#define log_warning(...) log_write(LOG_LEVEL_WARNING, __VA_ARGS__)
#define log_info(...) log_write(LOG_LEVEL_INFO, __VA_ARGS__)
#define log_debug(...) log_write(LOG_LEVEL_DEBUG, __VA_ARGS__)

void log_write(enum log_level level, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* What a hostile page could repeat: at most `burst` lines in a minute, then one that counts the
 * rest. Zero it first; one thread at a time. */
struct log_limit {
    int64_t window_start; /* monotonic ms */
    unsigned written, held_back;
};

/* Whether a line may be written now; writes how many were held back when a new minute begins. */
int log_allowed(struct log_limit *limit, unsigned burst, const char *what);

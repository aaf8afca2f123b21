/* One line an event on stderr, in logfmt. */
#include "libcommon/log.h"

#include "libcommon/clock.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { LINE_MAX_BYTES = 2048, WINDOW_MS = 60000 };

const char *const log_level_names[] = {"err", "warning", "info", "debug", NULL};
static const int priorities[] = {3, 4, 6, 7}; /* syslog's */

static struct {
    char program[64], lane[64];
    enum log_level level;
    int journal;
} settings = {.program = "khabar", .level = LOG_LEVEL_INFO};

void log_open(const char *program, const char *lane, enum log_level level)
{
    snprintf(settings.program, sizeof settings.program, "%s", program);
    snprintf(settings.lane, sizeof settings.lane, "%s", lane);
    settings.level = level;
    settings.journal = getenv("JOURNAL_STREAM") != NULL;
}

const char *log_level_name(enum log_level level)
{
    return (unsigned)level < LOG_LEVEL_END ? log_level_names[level] : NULL;
}

void log_write(enum log_level level, const char *format, ...)
{
    if (level > settings.level)
        return;
    char line[LINE_MAX_BYTES], time[CLOCK_TEXT_SIZE];
    int size;
    if (settings.journal) {
        size = snprintf(line, sizeof line, "<%d>lane=%s ", priorities[level], settings.lane);
    } else {
        clock_format(clock_unix_us(), time);
        size = snprintf(line, sizeof line, "%s %s lane=%s %s: ", time, settings.program,
                        settings.lane, log_level_names[level]);
    }
    va_list arguments;
    va_start(arguments, format);
    int more = vsnprintf(line + size, sizeof line - (size_t)size - 1, format, arguments);
    va_end(arguments);
    if (more < 0)
        return;
    int room = (int)sizeof line - size - 2;
    size += more > room ? room : more;
    for (int i = 0; i < size; i++) /* a line stays a line, a terminal unharmed */
        if ((unsigned char)line[i] < 0x20 || line[i] == 0x7f)
            line[i] = ' ';
    line[size++] = '\n';
    ssize_t written =
        write(STDERR_FILENO, line, (size_t)size); /* one call: lines of threads don't mix */
    (void)written;                                /* nowhere left to say so */
}

int log_allowed(struct log_limit *limit, unsigned burst, const char *what)
{
    int64_t now = clock_monotonic_ms();
    if (!limit->window_start || now - limit->window_start >= WINDOW_MS) {
        if (limit->held_back)
            log_warning("held back %u lines like these: %s", limit->held_back, what);
        *limit = (struct log_limit){.window_start = now ? now : 1};
    }
    if (limit->written < burst) {
        limit->written++;
        return 1;
    }
    limit->held_back++;
    return 0;
}

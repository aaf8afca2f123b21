/* What the command's parts share: each subcommand is a row of the table in main.c and a file of its own. */
#pragma once

#include <stddef.h>

enum { COMMAND_OPTIONS_MAX = 24 };

/* Exit statuses of every subcommand. */
enum {
    COMMAND_DONE = 0,
    COMMAND_PARTLY = 1, /* it ran, but something was refused, rejected, or found to be wrong */
    COMMAND_USAGE = 2,
    COMMAND_FAULT = 3,  /* it could not run: a file, a socket, the memory */
};

struct command_option {
    const char *name;     /* without the dashes */
    const char *argument; /* what the value is called; NULL: it takes none */
    const char *meaning;  /* one line */
};

/* The command line as read by the options of the subcommand. */
struct invocation {
    const char *values[COMMAND_OPTIONS_MAX]; /* by row of the options; NULL: not given; "" without argument */
    char **arguments;                        /* what follows the options; NULL-terminated */
    int argument_count;
};

struct command {
    const char *name, *arguments, *summary;
    const struct command_option *options;           /* ends with a row of zeroes; at most COMMAND_OPTIONS_MAX */
    int (*run)(const struct invocation *invocation); /* returns the exit status */
};

extern const struct command command_process, command_run, command_feed, command_tail, command_status, command_rejects,
    command_check, command_spool, command_verify, command_keygen;

/* "khabar: ", the message, a line feed, on stderr. */
void command_complain(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* A whole number between min and max: 0 and *ret; else complains of the option and returns -EINVAL. */
int command_number(const char *option, const char *text, long min, long max, long *ret);

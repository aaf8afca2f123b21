/* What the command's parts share: complaints and numbers. */
#include "khabar/command.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

void command_complain(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    flockfile(stderr);
    fputs("khabar: ", stderr);
    vfprintf(stderr, format, arguments);
    fputc('\n', stderr);
    funlockfile(stderr);
    va_end(arguments);
}

int command_number(const char *option, const char *text, long min, long max, long *ret)
{
    char *end;
    errno = 0;
    long value = strtol(text, &end, 10);
    if (errno || end == text || *end || value < min || value > max) {
        command_complain("--%s %s: a whole number from %ld to %ld is needed", option, text, min, max);
        return -EINVAL;
    }
    *ret = value;
    return 0;
}

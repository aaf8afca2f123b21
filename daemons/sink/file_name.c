/* Names in the output. */
#include "sink/file_name.h"

#include "libcommon/clock.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { SPOOL_DIGITS = 16, SEQ_DIGITS = 20 };

static const char *const endings[] = {
    [FILE_OPEN] = ".ndjson.open",
    [FILE_FINISHED] = ".ndjson",
    [FILE_COMPRESSED] = ".ndjson.zst",
    [FILE_COMPRESSING] = ".ndjson.zst.tmp",
};

void file_name_format(const struct file_name *name, char ret[FILE_NAME_SIZE])
{
    int at = snprintf(ret, FILE_NAME_SIZE, "%.*s-%016" PRIx64 "-%020" PRIu64, FILE_LANE_MAX,
                      name->lane, name->spool, name->first);
    if (name->state != FILE_OPEN)
        at += snprintf(ret + at, (size_t)(FILE_NAME_SIZE - at), "-%020" PRIu64, name->highest);
    snprintf(ret + at, (size_t)(FILE_NAME_SIZE - at), "%s", endings[name->state]);
}

/* Takes "-" and exactly count digits off the end of text[0..*size). */
static bool take_number(const char *text, size_t *size, size_t count, unsigned base, uint64_t *ret)
{
    static const char digits[] = "0123456789abcdef";
    uint64_t value = 0;
    if (*size < count + 1 || text[*size - count - 1] != '-')
        return false;
    for (size_t i = *size - count; i < *size; i++) {
        const char *digit = memchr(digits, text[i], base);
        if (!digit || __builtin_mul_overflow(value, base, &value) ||
            __builtin_add_overflow(value, (uint64_t)(digit - digits), &value))
            return false;
    }
    *size -= count + 1;
    *ret = value;
    return true;
}

int file_name_read(const char *text, struct file_name *ret)
{
    struct file_name name = {0};
    size_t size = strlen(text);
    bool found = false;
    for (size_t i = 0; i < sizeof endings / sizeof *endings && !found; i++) {
        size_t ending = strlen(endings[i]);
        found = size > ending && !strcmp(text + size - ending, endings[i]);
        if (found) {
            name.state = (enum file_state)i;
            size -= ending;
        }
    }
    if (!found ||
        (name.state != FILE_OPEN && !take_number(text, &size, SEQ_DIGITS, 10, &name.highest)) ||
        !take_number(text, &size, SEQ_DIGITS, 10, &name.first) ||
        !take_number(text, &size, SPOOL_DIGITS, 16, &name.spool) || !size || size > FILE_LANE_MAX)
        return 0;
    memcpy(name.lane, text, size);
    if (!file_lane_valid(name.lane))
        return 0;
    *ret = name;
    return 1;
}

bool file_lane_valid(const char *lane)
{
    static const char allowed[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.";
    size_t size = strlen(lane);
    return size && size <= FILE_LANE_MAX && lane[0] != '.' && strspn(lane, allowed) == size;
}

void file_day_format(int64_t time, char ret[FILE_DAY_SIZE])
{
    char text[CLOCK_TEXT_SIZE];
    clock_format(time, text);
    snprintf(ret, FILE_DAY_SIZE, "dt=%.10s", text);
}

bool file_day_valid(const char *name)
{
    static const char form[] = "dt=0000-00-00";
    if (strlen(name) != sizeof form - 1)
        return false;
    for (size_t i = 0; form[i]; i++)
        if (form[i] == '0' ? name[i] < '0' || name[i] > '9' : name[i] != form[i])
            return false;
    return true;
}

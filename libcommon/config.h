/* Configuration read from JSON against a table of rows: unknown keys, wrong types and values out of
 * range are errors that name file, line, JSON path, what was found and what is allowed.
 *
 * A row describes one setting: where it stands in the JSON ("window.documents"), where it goes in
 * the caller's struct, its type, bounds and default. The JSON Schema for editors and the file with
 * all defaults are written from the same rows. */
#pragma once

#include "libcommon/buffer.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum config_type {
    CONFIG_STRING,  /* char *, owned by the struct */
    CONFIG_INTEGER, /* int64_t */
    CONFIG_FLAG,    /* bool */
    CONFIG_CHOICE,  /* int: index into choices */
    CONFIG_STRINGS, /* struct config_strings: an array of strings */
    CONFIG_MAP,     /* struct config_map: an object whose values are strings */
};

struct config_strings {
    char **items;
    size_t count;
};

struct config_map {
    struct config_pair {
        char *key, *value;
    } * items;
    size_t count;
};

struct config_row {
    const char *path;
    enum config_type type;
    size_t offset; /* in the struct */
    int64_t lowest,
        highest; /* INTEGER: bounds; STRING, STRINGS, MAP: bounds of the length in bytes or count */
    int64_t number;             /* default of INTEGER, FLAG, CHOICE */
    const char *text;           /* default of STRING; NULL with STRINGS and MAP: empty */
    const char *const *choices; /* CHOICE: NULL at the end */
    const char *meaning;        /* one line for people */
    /* NULL, or says what is allowed when a string (each string, each value of a map) is not: NULL
     * when it is */
    const char *(*check)(const char *value);
    bool live; /* a change takes effect without a new start */
};

enum { CONFIG_ERROR_SIZE = 512, CONFIG_FILE_MAX = 4 * 1024 * 1024 };

/* Puts the defaults into values (all zero before). 0; -ENOMEM. */
int config_defaults(const struct config_row *rows, size_t count, void *values);

/* Reads a file over what is in values. 0; -EINVAL: the text says what is wrong; -ENOMEM; another
 * -errno of reading the file, the text says so too. error is terminated and empty when all is well.
 */
int config_read(const char *file, const struct config_row *rows, size_t count, void *values,
                char error[CONFIG_ERROR_SIZE]);

/* Frees the strings in values and zeroes what the rows describe. */
void config_free(const struct config_row *rows, size_t count, void *values);

/* Writes all defaults as JSON, ending in a line feed. */
void config_write_defaults(const struct config_row *rows, size_t count, struct buffer *out);

/* Writes a JSON Schema (2020-12) with that title. */
void config_write_schema(const struct config_row *rows, size_t count, const char *title,
                         struct buffer *out);

/* The line, from 1, on which the value at a path stands in JSON text that is well-formed; keys are
 * parted by '.', array items are [n]. 1 when it is not found. */
unsigned config_line(const char *json, size_t size, const char *path);

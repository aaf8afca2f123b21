/* What may be odd about a document that became a record all the same: the names in `warnings`, one
 * table. */
#pragma once

enum warning {
    WARNING_REPAIRED_UTF8,
    WARNING_GUESSED_CHARSET,
    WARNING_WRONG_CHARSET,
    WARNING_MOJIBAKE,
    WARNING_CONTROL_CHARACTERS,
    WARNING_TRUNCATED,
    WARNING_END
};

const char *warning_name(enum warning warning); /* static; NULL for a number that names nothing */
const char *warning_meaning(enum warning warning); /* likewise; one line for people */

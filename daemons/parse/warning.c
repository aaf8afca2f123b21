/* What may be odd about a document: one table. */
#include "parse/warning.h"

#include <stddef.h>

static const struct {
    const char *name, *meaning;
} table[WARNING_END] = {
    [WARNING_REPAIRED_UTF8] = {"repaired-utf8",
                               "bytes that are no UTF-8 were replaced by U+FFFD or read "
                               "as a single-byte encoding"                                             },
    [WARNING_GUESSED_CHARSET] = {"guessed-charset",
                               "the encoding was not declared and was guessed"                         },
    [WARNING_WRONG_CHARSET] = {"wrong-charset",      "the declared encoding did not fit the bytes"     },
    [WARNING_MOJIBAKE] = {"mojibake",
                               "UTF-8 that had been read as windows-1252 or windows-1256 was put right"},
    [WARNING_CONTROL_CHARACTERS] = {"control-characters", "control characters were dropped"                 },
    [WARNING_TRUNCATED] = {"truncated",          "the document had more lines than are read"       },
};

const char *warning_name(enum warning warning)
{
    return (unsigned)warning < WARNING_END ? table[warning].name : NULL;
}

const char *warning_meaning(enum warning warning)
{
    return (unsigned)warning < WARNING_END ? table[warning].meaning : NULL;
}

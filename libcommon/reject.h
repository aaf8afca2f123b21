/* Why a document can't become a record: the reasons, one table. */
#pragma once

#include "libcommon/buffer.h"
#include "libcommon/message.h"

enum reject_reason {
    REJECT_EMPTY = 1,
    REJECT_NOT_TEXT,
    REJECT_BAD_ENCODING,
    REJECT_CONTENT_TYPE,
    REJECT_NO_ARTICLE,
    REJECT_TOO_COMPLEX,
    REJECT_TOO_LARGE,
    REJECT_GAVE_UP,
    REJECT_NOT_JSON,
    REJECT_END
};

/* The name in logs, metrics and rejects, e.g. "no-article"; NULL for a number that names no reason.
 */
const char *reject_name(enum reject_reason reason);
/* The reason of that name; 0: there is none. */
enum reject_reason reject_find(const char *name, size_t size);
/* One line for people; NULL as above. */
const char *reject_meaning(enum reject_reason reason);

/* Writes the fields of a REJECT section; detail may be NULL. */
void reject_write(enum reject_reason reason, const char *detail, enum message_stage stage,
                  uint32_t attempts, struct buffer *out);

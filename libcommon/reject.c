/* Why a document can't become a record: the reasons, one table. */
#include "libcommon/reject.h"

#include "libcommon/fields.h"

#include <string.h>

static const struct {
    const char *name, *meaning;
} table[REJECT_END] = {
    [REJECT_EMPTY] = {"empty",        "the document has no bytes, or none but white space"     },
    [REJECT_NOT_TEXT] = {"not-text",     "the bytes are no text in any encoding that is known"    },
    [REJECT_BAD_ENCODING] = {"bad-encoding",
                      "the text is too broken in its encoding to be repaired"                  },
    [REJECT_CONTENT_TYPE] = {"content-type", "there is no reader for this media type"                 },
    [REJECT_NO_ARTICLE] = {"no-article",   "no article was found in the page"                       },
    [REJECT_TOO_COMPLEX] = {"too-complex",
                      "reading the page would take more memory than is allowed"                },
    [REJECT_TOO_LARGE] = {"too-large",    "the document, or its record, is larger than is allowed" },
    [REJECT_GAVE_UP] = {"gave-up",      "a stage died, hung or lost the document at each attempt"},
    [REJECT_NOT_JSON] = {"not-json",     "the line is no document in the JSON form of feeders"    },
};

const char *reject_name(enum reject_reason reason)
{
    return (unsigned)reason < REJECT_END ? table[reason].name : NULL;
}

enum reject_reason reject_find(const char *name, size_t size)
{
    enum reject_reason reason = REJECT_EMPTY;
    while (reason < REJECT_END &&
           (strlen(table[reason].name) != size || memcmp(table[reason].name, name, size) != 0))
        reason++;
    return reason < REJECT_END ? reason : 0;
}

const char *reject_meaning(enum reject_reason reason)
{
    return (unsigned)reason < REJECT_END ? table[reason].meaning : NULL;
}

void reject_write(enum reject_reason reason, const char *detail, enum message_stage stage,
                  uint32_t attempts, struct buffer *out)
{
    fields_put_string(out, FIELD_REJECT, reject_name(reason));
    fields_put_string(out, FIELD_DETAIL, detail);
    fields_put_string(out, FIELD_STAGE, message_stage_name(stage));
    fields_put_integer(out, FIELD_ATTEMPTS, attempts);
}

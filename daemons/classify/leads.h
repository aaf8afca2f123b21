/* Topics of the leads: headlines on the page that belong to other stories. */
#pragma once

#include "classify/language.h"
#include "classify/subject.h"
#include "libcommon/buffer.h"

enum {
    LEADS_TOLD = 64, /* of an article that get a topic, the first ones */
    LEAD_TOPICS = 2, /* of a lead, at most */
};

struct leads_tools {
    const struct language_model *language;
    const struct subject_model *topics;
    struct tokens *tokens;    /* scratch */
    struct subject_key *keys; /* scratch, SUBJECT_KEYS of them */
};

/* Reads the fields of an article and writes them to *out, with topics in those leads that are
 * Arabic. 0; -EBADMSG, -ENOMEM. */
int leads_tell(const struct leads_tools *tools, const void *article, size_t size,
               struct buffer *out);

/* The leads of an article, each with the record of the article that it belongs to, where that was
 * seen. */
#pragma once

#include "libcommon/buffer.h"
#include "libcommon/record.h"
#include "sink/seen.h"

enum { LEADS_MATCHED = 64 /* of an article that are looked up, the first ones */ };

/* Looks the leads of a record up; the document itself was looked up before. 1: some were seen, and
 * *article gets the fields of the article with id and story in those leads; 0: none; -errno,
 * -ENOMEM. */
int leads_match(struct seen *seen, const struct seen_document *document,
                const struct record *record, struct buffer *article);

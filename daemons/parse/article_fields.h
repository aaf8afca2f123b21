/* The article as the fields of its section. */
#pragma once

#include "libcommon/buffer.h"
#include "parse/article.h"

/* Appends the fields; a failure is remembered in out. Offsets become code points of the article's
 * text. Leads, quotes, dates and keywords beyond a bound are left out: a record stays of the size
 * of its page. */
void article_fields_write(const struct article *article, struct buffer *out);

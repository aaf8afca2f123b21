/* What classify says of an article: article in, LABELS section out; holds no state that matters.
 *
 * A classifier is made once per process and shared: the models are read-only and memory-mapped. Each worker
 * thread has a scratch of its own. */
#pragma once

#include "libcommon/buffer.h"

#include <stddef.h>

struct classifier;
struct classify_scratch;

/* Maps the models found in models_dir. Free *ret with classifier_free(). -ENOENT: a model is missing, -EBADMSG: a
 * checksum or version is wrong (*ret_path, static storage of the classifier module, names the file). */
int classifier_new(const char *models_dir, struct classifier **ret, const char **ret_path);
struct classifier *classifier_free(struct classifier *c); /* NULL is fine; always returns NULL */

int classify_scratch_new(struct classify_scratch **ret); /* -ENOMEM */
struct classify_scratch *classify_scratch_free(struct classify_scratch *s);

/* Reads the fields (libcommon/fields.h) of the DOCUMENT and ARTICLE sections, writes those of LABELS to *labels.
 * 0; -EBADMSG: the fields are not as they must be; -ENOMEM. */
int classify_article(const struct classifier *c, struct classify_scratch *scratch, const void *document,
                     size_t document_size, const void *article, size_t article_size,
                     struct buffer *labels);

/* Reads the fields of the ARTICLE section; *ret_article gets them with topics in the leads, to stand in their place. 0 or
 * errors as above. */
int classify_leads(const struct classifier *c, struct classify_scratch *scratch, const void *article,
                   size_t article_size, struct buffer *ret_article);

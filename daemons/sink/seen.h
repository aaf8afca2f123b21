/* Whether an article was seen before: the same text, the same page with another text, or nearly the
 * same text.
 *
 * An index that the sink owns, articles in LMDB and their keys in hints.h; one thread at a time.
 * Every answer is kept until its document is settled, so a document that comes again after a crash
 * gets the answer that it got before, and never matches itself. What was looked up is on disk after
 * seen_commit(): call it before documents are reported as committed, and look repeated documents up
 * as well, and nothing that ingest has forgotten is missing from the index, whatever was killed.
 * The work for a document does not grow with the index: near-duplicates are found by keys
 * (libcommon/minhash.h), a bounded number of candidates is compared, and a few of the oldest
 * articles are forgotten each time. */
#pragma once

#include "libcommon/buffer.h"
#include "libcommon/minhash.h"
#include "libcommon/record.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct seen;

enum seen_kind {
    SEEN_NEW,
    SEEN_EXACT,   /* the same text */
    SEEN_NEAR,    /* MINHASH_NEAR or more of it */
    SEEN_VERSION, /* the same page, another text */
    SEEN_KINDS
};

struct seen_document {
    uint64_t spool, seq, floor;
    const char *url; /* that the page gives for itself, or its address; NULL: not known */
    size_t url_size;
    const char *title; /* NULL: not known */
    size_t title_size;
    bool has_text;                 /* else it is new and nothing of it is kept */
    uint8_t fingerprint[16];       /* of the text */
    const struct minhash *minhash; /* NULL: none */
};

struct seen_answer {
    enum seen_kind kind;
    uint64_t of_spool, of_seq; /* of SEEN_EXACT and SEEN_NEAR: what it repeats; of SEEN_VERSION: the
                                  last version */
    uint64_t story_spool,
        story_seq;     /* the first of all copies and versions; itself when SEEN_NEW */
    uint32_t version;  /* of the page, from 1; 0: it has no address */
    double similarity; /* to the other, 0 to 1 */
};

/* Opens the index in a folder, which is made if need be. remember: microseconds that an article is
 * remembered. drop: what repeats another is dropped, so that nothing may repeat it in turn.
 * *ret_anew: the index that was there can't be used and was put aside. -errno. Close *ret with
 * seen_close(). */
int seen_open(const char *dir, int64_t remember, bool drop, struct seen **ret, bool *ret_anew);

/* now: microseconds since 1970. 0; -errno: the index can't go on. */
int seen_look(struct seen *s, const struct seen_document *document, int64_t now,
              struct seen_answer *ret);

/* A headline on a page that belongs to another article. */
struct seen_lead {
    const char *url; /* that it links; NULL: none, and the headline decides */
    size_t url_size;
    const char *title;
    size_t title_size;
};

/* The newest article that a lead of the document is of. 1: ret_spool, ret_seq and the story's; 0:
 * none was seen; -errno. To be asked after the document itself was looked up; changes nothing. */
int seen_find_lead(struct seen *s, const struct seen_document *document,
                   const struct seen_lead *lead, struct seen_answer *ret);

/* What was looked up so far is on disk once this returns 0. */
int seen_commit(struct seen *s);

/* Articles that are remembered. */
uint64_t seen_count(struct seen *s);

/* Commits. NULL is fine; always returns NULL. */
struct seen *seen_close(struct seen *s);

/* A document as the fields of a record tell of it; borrows from them. 0 or -EBADMSG. */
int seen_document_read(const struct record *record, uint64_t floor, struct seen_document *ret);

/* The answer as fields of a record: duplicate_of, similarity, story, version, changed. */
void seen_answer_write(const struct seen_answer *answer, struct buffer *fields);

const char *seen_kind_name(enum seen_kind kind); /* NULL for a number that names none */

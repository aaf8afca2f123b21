/* The rows of the index of what was seen, in LMDB: articles by number, answers by document.
 *
 * A transaction is begun when a row is asked for; what was changed is on disk after
 * seen_store_commit(). A crash of the machine may cost the last transactions, never the index. */
#pragma once

#include "sink/seen.h"

enum { SEEN_STORE_OK, SEEN_STORE_NONE };

struct seen_store;

/* An article, under a number that grows with each. */
struct seen_article {
    int64_t time;
    uint64_t spool, seq, story_spool, story_seq;
    uint8_t url[16], fingerprint[16], title[16]; /* hashes */
    uint32_t version;
    uint8_t has_url, has_minhash, has_title;
    uint8_t copy; /* its text is that of another, by which it is found */
    struct minhash minhash;
};

struct seen_store_edges {
    uint64_t lowest, highest; /* numbers of articles; 0: there are none */
    int64_t newest;           /* time of the highest */
};

/* *ret_anew: what was there can't be used and was put aside. -errno. Close *ret with
 * seen_store_close(). */
int seen_store_open(const char *dir, int folder, struct seen_store **ret, bool *ret_anew);

/* Of this index, since it was begun. */
uint64_t seen_store_identity(const struct seen_store *s);

/* SEEN_STORE_OK and the row; SEEN_STORE_NONE; -errno. */
int seen_store_article(struct seen_store *s, uint64_t number, struct seen_article *ret);
int seen_store_answer(struct seen_store *s, uint64_t spool, uint64_t seq, struct seen_answer *ret);

/* 0; -errno. */
int seen_store_add_article(struct seen_store *s, const struct seen_article *row,
                           uint64_t *ret_number);
int seen_store_add_answer(struct seen_store *s, uint64_t spool, uint64_t seq, int64_t now,
                          const struct seen_answer *answer);
int seen_store_edges(struct seen_store *s, struct seen_store_edges *ret);
int seen_store_count(struct seen_store *s, uint64_t *ret);

/* Deletes a few articles from before a time. *ret_lowest: number of the first one left; 0: none. */
int seen_store_forget_articles(struct seen_store *s, int64_t before, uint64_t *ret_lowest);

/* Deletes a few answers that nobody will ask for again: of settled documents, below the floor of
 * their spool, or of spools that are no more. */
int seen_store_forget_answers(struct seen_store *s, uint64_t spool, uint64_t floor, int64_t now);

/* What was changed is on disk once this returns 0. */
int seen_store_commit(struct seen_store *s);

/* Changes since the last commit did not happen. */
void seen_store_abandon(struct seen_store *s);

/* Commits. NULL is fine; always returns NULL. */
struct seen_store *seen_store_close(struct seen_store *s);

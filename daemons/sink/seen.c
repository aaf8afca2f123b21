/* Whether an article was seen before. */
#include "sink/seen.h"

#include "sink/folder.h"
#include "sink/seen_find.h"
#include "sink/seen_store.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#define XXH_INLINE_ALL
#include <xxhash.h>

enum {
    LOOKS_A_COMMIT = 256, /* bounds the memory of a transaction */
    TITLE_LEAST =
        24, /* bytes of a headline that stands for one article; shorter ones are anybody's */
};

struct seen {
    struct seen_store *store;
    struct seen_finder *finder;
    int64_t remember;
    bool drop;
    unsigned looks;
};

int seen_open(const char *dir, int64_t remember, bool drop, struct seen **ret, bool *ret_anew)
{
    struct seen *s = calloc(1, sizeof *s);
    int folder = -1, r = s ? folder_make(AT_FDCWD, dir, &folder) : -ENOMEM;
    *ret_anew = false;
    if (r == 0)
        r = seen_store_open(dir, folder, &s->store, ret_anew);
    if (r == 0)
        r = seen_finder_open(folder, s->store, &s->finder);
    if (folder >= 0)
        close(folder);
    if (r < 0) {
        seen_close(s);
        return r;
    }
    s->remember = remember;
    s->drop = drop;
    *ret = s;
    return 0;
}

int seen_commit(struct seen *s)
{
    s->looks = 0;
    return seen_store_commit(s->store);
}

static void hash_text(const char *text, size_t size, uint8_t ret[16])
{
    XXH128_canonical_t hash;
    XXH128_canonicalFromHash(&hash, XXH3_128bits(text, size));
    memcpy(ret, hash.digest, 16);
}

static int add(struct seen *s, const struct seen_article *row)
{
    uint64_t number;
    int r = seen_store_add_article(s->store, row, &number);
    return r < 0 ? r : seen_find_add(s->finder, row, number);
}

static void answer_from(const struct seen_article *row, enum seen_kind kind, double similarity,
                        uint32_t version, struct seen_answer *ret)
{
    *ret = (struct seen_answer){.kind = kind,
                                .of_spool = row->spool,
                                .of_seq = row->seq,
                                .story_spool = row->story_spool,
                                .story_seq = row->story_seq,
                                .version = version,
                                .similarity = similarity};
}

static void make_row(const struct seen_document *d, int64_t now, struct seen_article *row)
{
    *row = (struct seen_article){.time = now, .spool = d->spool, .seq = d->seq};
    memcpy(row->fingerprint, d->fingerprint, sizeof row->fingerprint);
    if (d->minhash) {
        row->minhash = *d->minhash;
        row->has_minhash = 1;
    }
    if (d->url && d->url_size) {
        hash_text(d->url, d->url_size, row->url);
        row->has_url = 1;
    }
    if (d->title && d->title_size >= TITLE_LEAST) {
        hash_text(d->title, d->title_size, row->title);
        row->has_title = 1;
    }
}

/* The answer for a text that is there already; a page that shows it for the first time is
 * remembered as such, so that its next text is known as a version, unless the record is dropped. */
static int answer_exact(struct seen *s, const struct seen_document *d, struct seen_article *row,
                        const struct seen_article *other, uint32_t version, bool new_page,
                        struct seen_answer *ret)
{
    /* its answer was settled and forgotten */
    bool itself = other->spool == d->spool && other->seq == d->seq;
    answer_from(other, itself ? SEEN_NEW : SEEN_EXACT, itself ? 0 : 1,
                itself ? other->version : version, ret);
    if (itself || !new_page || s->drop)
        return 0;
    row->story_spool = ret->story_spool;
    row->story_seq = ret->story_seq;
    row->version = version;
    row->copy = 1;
    return add(s, row);
}

/* The answer for a document that was not asked for before, which it then becomes part of. */
static int answer(struct seen *s, const struct seen_document *d, int64_t now,
                  struct seen_answer *ret)
{
    struct seen_article row, other = {0}, page = {0};
    double similarity = 0;
    make_row(d, now, &row);
    int known = row.has_url ? seen_find_page(s->finder, &row, &page) : SEEN_STORE_NONE;
    if (known < 0)
        return known;
    uint32_t version = !row.has_url ? 0 : known == SEEN_STORE_OK ? page.version : 1;
    int r = seen_find_text(s->finder, &row, &other);
    if (r < 0)
        return r;
    if (r == SEEN_STORE_OK)
        return answer_exact(s, d, &row, &other, version, row.has_url && known != SEEN_STORE_OK,
                            ret);
    if (known == SEEN_STORE_OK) {
        similarity =
            d->minhash && page.has_minhash ? minhash_similarity(d->minhash, &page.minhash) : 0;
        answer_from(&page, SEEN_VERSION, similarity, page.version + 1, ret);
    } else {
        r = seen_find_near(s->finder, &row, &other, &similarity);
        if (r < 0)
            return r;
        if (similarity >= MINHASH_NEAR)
            answer_from(&other, SEEN_NEAR, similarity, version, ret);
        else
            *ret = (struct seen_answer){
                .kind = SEEN_NEW, .story_spool = d->spool, .story_seq = d->seq, .version = version};
    }
    if (ret->kind == SEEN_NEAR && s->drop)
        return 0;
    row.story_spool = ret->story_spool;
    row.story_seq = ret->story_seq;
    row.version = ret->version;
    return add(s, &row);
}

static int look(struct seen *s, const struct seen_document *d, int64_t now, struct seen_answer *ret)
{
    uint64_t lowest = 0;
    int r = seen_store_answer(s->store, d->spool, d->seq, ret);
    if (r != SEEN_STORE_NONE)
        return r;
    r = answer(s, d, now, ret);
    if (r == 0)
        r = seen_store_add_answer(s->store, d->spool, d->seq, now, ret);
    if (r == 0)
        r = seen_store_forget_answers(s->store, d->spool, d->floor, now);
    if (r == 0)
        r = seen_store_forget_articles(s->store, now - s->remember, &lowest);
    if (r == 0 && lowest)
        seen_find_forget(s->finder, lowest);
    return r == 0 ? seen_find_fill(s->finder) : r;
}

int seen_look(struct seen *s, const struct seen_document *d, int64_t now, struct seen_answer *ret)
{
    if (!d->has_text) {
        *ret = (struct seen_answer){.kind = SEEN_NEW, .story_spool = d->spool, .story_seq = d->seq};
        return 0;
    }
    int r = look(s, d, now, ret);
    if (r < 0) { /* what the transaction held is asked for again */
        seen_store_abandon(s->store);
        return r;
    }
    return ++s->looks >= LOOKS_A_COMMIT ? seen_commit(s) : 0;
}

int seen_find_lead(struct seen *s, const struct seen_document *document,
                   const struct seen_lead *lead, struct seen_answer *ret)
{
    struct seen_article row = {0}, found;
    bool by_url = lead->url && lead->url_size;
    if (by_url) {
        hash_text(lead->url, lead->url_size, row.url);
        row.has_url = 1;
    } else if (lead->title && lead->title_size >= TITLE_LEAST) {
        hash_text(lead->title, lead->title_size, row.title);
        row.has_title = 1;
    } else {
        return 0;
    }
    int r =
        by_url ? seen_find_page(s->finder, &row, &found) : seen_find_title(s->finder, &row, &found);
    if (r < 0)
        return r;
    if (r == SEEN_STORE_NONE || (found.spool == document->spool && found.seq == document->seq))
        return 0;
    answer_from(&found, SEEN_VERSION, 0, found.version, ret);
    return 1;
}

uint64_t seen_count(struct seen *s)
{
    uint64_t count;
    return seen_store_count(s->store, &count) < 0 ? 0 : count;
}

struct seen *seen_close(struct seen *s)
{
    if (!s)
        return NULL;
    seen_finder_close(s->finder);
    seen_store_close(s->store);
    free(s);
    return NULL;
}

const char *seen_kind_name(enum seen_kind kind)
{
    static const char *const names[SEEN_KINDS] = {"new", "exact", "near", "version"};
    return (unsigned)kind < SEEN_KINDS ? names[kind] : NULL;
}

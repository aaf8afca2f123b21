/* Pages out of WARC files. */
#include "libcommon/warc.h"

#include "libcommon/buffer.h"
#include "libcommon/clock.h"
#include "libcommon/content_coding.h"
#include "libcommon/http_message.h"
#include "libcommon/warc_digest.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum {
    READ_SIZE = 64 * 1024,
    HEAD_MAX = 64 * 1024,       /* of a record */
    HTTP_HEAD_MAX = 256 * 1024, /* beside the page in a block */
    DIGEST_SIZE = 200,
    VALUE_SIZE = 64,
};

/* Return codes of the steps below, beside WARC_* and -errno. */
enum { GO_ON = 0 };

struct record {
    char type[VALUE_SIZE], block_digest[DIGEST_SIZE], payload_digest[DIGEST_SIZE];
    char block_type[WARC_TYPE_SIZE];
    unsigned long long length;
    bool has_length;
};

struct warc {
    struct warc_source source;
    size_t body_bytes;
    struct buffer input; /* what was read and not used starts at `used` */
    size_t used;
    struct buffer joined,
        page; /* the entity with its chunks joined; the page with its codings undone */
    struct record record;
    bool end, lost; /* lost: the next record has to be looked for */
};

int warc_new(const struct warc_source *source, size_t body_bytes, struct warc **ret)
{
    struct warc *w = calloc(1, sizeof *w);
    if (!w)
        return -ENOMEM;
    w->source = *source;
    w->body_bytes = body_bytes;
    *ret = w;
    return 0;
}

struct warc *warc_free(struct warc *w)
{
    if (!w)
        return NULL;
    buffer_free(&w->input);
    buffer_free(&w->joined);
    buffer_free(&w->page);
    free(w);
    return NULL;
}

static int refuse(struct warc_document *ret, const char *why)
{
    snprintf(ret->why, sizeof ret->why, "%s", why);
    return WARC_REFUSED;
}

static int no_page(struct warc_document *ret)
{
    refuse(ret, "neither text nor HTML");
    return WARC_NO_PAGE;
}

/* --- input --- */

static const char *unused(const struct warc *w)
{
    return w->input.data ? w->input.data + w->used : "";
}

static size_t unused_size(const struct warc *w)
{
    return w->input.size - w->used;
}

/* Reads one piece more. GO_ON, also at the end, which w->end tells; 1: damaged; -errno. */
static int read_piece(struct warc *w)
{
    if (w->used) {
        memmove(w->input.data, w->input.data + w->used, unused_size(w));
        w->input.size -= w->used;
        w->used = 0;
    }
    buffer_reserve(&w->input, READ_SIZE);
    if (w->input.failed)
        return -ENOMEM;
    size_t got = 0;
    int r = w->source.read(w->source.user, w->input.data + w->input.size, READ_SIZE, &got);
    w->input.size += got;
    w->end = r == 0 && got == 0;
    return r;
}

/* After damage: what is held belongs to a record that is lost. */
static int damaged(struct warc *w, struct warc_document *ret)
{
    int r = w->source.resume ? w->source.resume(w->source.user) : 0;
    if (r < 0)
        return r;
    buffer_clear(&w->input);
    w->used = 0;
    w->lost = true;
    w->end = r == 0;
    return refuse(ret, r ? "damaged: can't be unpacked, the next member is tried"
                         : "damaged: can't be unpacked, the rest of the file is lost");
}

/* Until so much is there. GO_ON; WARC_REFUSED: damaged, or the end came first; -errno. */
static int want(struct warc *w, size_t size, struct warc_document *ret)
{
    while (unused_size(w) < size) {
        int r = w->end ? 0 : read_piece(w);
        if (r > 0)
            return damaged(w, ret);
        if (r < 0)
            return r;
        if (w->end) {
            w->used = w->input.size;
            return refuse(ret, "cut short: the file ends within a record");
        }
    }
    return GO_ON;
}

/* Passes over a block without holding it. Returns as want(). */
static int pass(struct warc *w, unsigned long long size, struct warc_document *ret)
{
    while (size) {
        int r = want(w, 1, ret);
        if (r)
            return r;
        size_t now = unused_size(w) < size ? unused_size(w) : (size_t)size;
        w->used += now;
        size -= now;
    }
    return GO_ON;
}

/* --- the head of a record --- */

/* To where a line begins with "WARC/1."; used where the next record is not where it should be.
 * GO_ON; WARC_END; WARC_REFUSED; -errno. */
static int find_record(struct warc *w, struct warc_document *ret)
{
    static const char mark[] = "WARC/1.";
    const size_t size = sizeof mark - 1;
    for (;;) {
        const char *data = unused(w), *found = memmem(data, unused_size(w), mark, size);
        if (found && (found == data || found[-1] == '\n')) {
            w->used += (size_t)(found - data);
            w->lost = false;
            return GO_ON;
        }
        if (found)
            w->used += (size_t)(found - data) + 1;
        else if (unused_size(w) > size) /* a line feed before the mark is kept */
            w->used += unused_size(w) - size;
        if (found)
            continue;
        if (w->end)
            return WARC_END;
        int r = read_piece(w);
        if (r)
            return r > 0 ? damaged(w, ret) : r;
    }
}

/* Past the blank lines between records. GO_ON: a record begins; WARC_END; WARC_REFUSED; -errno. */
static int find_head(struct warc *w, struct warc_document *ret)
{
    if (w->lost)
        return find_record(w, ret);
    for (;;) {
        while (unused_size(w) && (*unused(w) == '\r' || *unused(w) == '\n'))
            w->used++;
        if (unused_size(w) >= 7) {
            if (memcmp(unused(w), "WARC/1.", 7) == 0)
                return GO_ON;
            w->lost = true;
            return refuse(ret, "damaged: no record begins where one should");
        }
        if (w->end) {
            size_t left = unused_size(w);
            w->used = w->input.size;
            return left ? refuse(ret, "cut short: the file ends within a record") : WARC_END;
        }
        int r = read_piece(w);
        if (r)
            return r > 0 ? damaged(w, ret) : r;
    }
}

static void copy_text(const char *value, size_t size, char *out, size_t room)
{
    if (size >= 2 && value[0] == '<' && value[size - 1] == '>') { /* ids always, URLs by wget */
        value++;
        size -= 2;
    }
    if (size >= room || memchr(value, '\0', size)) /* half a URL is another URL */
        size = 0;
    memcpy(out, value, size);
    out[size] = '\0';
}

static void read_field(struct warc *w, const char *line, size_t size, struct warc_document *ret)
{
    struct record *r = &w->record;
    const struct {
        const char *name;
        char *out;
        size_t room;
    } texts[] = {
        {"WARC-Type",           r->type,           sizeof r->type          },
        {"WARC-Record-ID",      ret->id,           sizeof ret->id          },
        {"WARC-Target-URI",     ret->url,          sizeof ret->url         },
        {"WARC-Block-Digest",   r->block_digest,   sizeof r->block_digest  },
        {"WARC-Payload-Digest", r->payload_digest, sizeof r->payload_digest},
        {"Content-Type",        r->block_type,     sizeof r->block_type    },
    };
    const char *colon = memchr(line, ':', size);
    if (!colon)
        return;
    size_t name_size = (size_t)(colon - line);
    const char *value = colon + 1;
    size_t value_size = size - name_size - 1;
    while (value_size && (*value == ' ' || *value == '\t')) {
        value++;
        value_size--;
    }
    while (value_size && strchr(" \t\r", value[value_size - 1]))
        value_size--;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        if (strlen(texts[i].name) == name_size && strncasecmp(texts[i].name, line, name_size) == 0)
            copy_text(value, value_size, texts[i].out, texts[i].room);
    if (name_size == 9 && strncasecmp(line, "WARC-Date", 9) == 0 &&
        clock_read(value, value_size, &ret->fetched_at) < 0)
        ret->fetched_at = 0;
    if (name_size == 14 && strncasecmp(line, "Content-Length", 14) == 0 && value_size &&
        value_size < 19) {
        r->length = 0;
        r->has_length = true;
        for (size_t i = 0; i < value_size; i++) {
            r->has_length &= value[i] >= '0' && value[i] <= '9';
            r->length = r->length * 10 + (unsigned)(value[i] - '0');
        }
    }
}

/* The fields of a record up to the blank line. GO_ON; WARC_REFUSED; -errno. */
static int read_head(struct warc *w, struct warc_document *ret)
{
    size_t at = 0;
    w->record = (struct record){0};
    for (;;) {
        const char *feed;
        while (!(feed = memchr(unused(w) + at, '\n', unused_size(w) - at))) {
            if (unused_size(w) > HEAD_MAX) {
                w->used += 7; /* past this mark */
                w->lost = true;
                return refuse(ret, "damaged: the head of the record has no end");
            }
            int r = want(w, unused_size(w) + 1, ret);
            if (r)
                return r;
        }
        const char *line = unused(w) + at;
        size_t size = (size_t)(feed - line);
        at += size + 1;
        if (size == 0 || (size == 1 && *line == '\r'))
            break;
        read_field(w, line, size, ret);
    }
    w->used += at;
    if (w->record.has_length)
        return GO_ON;
    w->lost = true;
    return refuse(ret, "damaged: no Content-Length");
}

/* --- the page --- */

static bool is_page_type(const char *type)
{
    static const char *const pages[] = {"text/html", "text/plain", "application/xhtml+xml"};
    size_t size = strcspn(type, "; \t");
    if (!size)
        return true;
    for (size_t i = 0; i < sizeof pages / sizeof *pages; i++)
        if (strlen(pages[i]) == size && strncasecmp(pages[i], type, size) == 0)
            return true;
    return false;
}

/* Whether a digest is given and is another. 1; 0; -ENOMEM. */
static int differs(const char *label, const char *data, size_t size)
{
    int r = *label ? warc_digest_check(label, data, size) : WARC_DIGEST_UNKNOWN;
    return r < 0 ? r : r == WARC_DIGEST_OTHER;
}

/* Crawlers say Content-Encoding of bodies that they have undone already; these two have marks that
 * tell. */
static bool is_undone(const char *codings, const char *data, size_t size)
{
    enum content_coding coding;
    if (content_coding_from_name(codings, strlen(codings), &coding) != CODING_OK)
        return false;
    return (coding == CODING_GZIP || coding == CODING_ZSTD) &&
           content_coding_of_bytes(data, size) != coding;
}

static int undo_codings(struct warc *w, const struct http_message *m, const char *entity,
                        size_t size, struct warc_document *ret)
{
    struct content_limits limits = {w->body_bytes, CONTENT_RATIO};
    ret->body = entity;
    ret->body_size = size;
    if (!*m->content_coding || is_undone(m->content_coding, entity, size))
        return size > w->body_bytes ? refuse(ret, "too large") : WARC_DOCUMENT;
    buffer_clear(&w->page);
    int r = content_decode(m->content_coding, entity, size, &limits, &w->page);
    if (r < 0)
        return r;
    if (r != CODING_OK)
        return refuse(ret, r == CODING_UNKNOWN     ? "a Content-Encoding that is not known"
                           : r == CODING_TOO_LARGE ? "too large once unpacked"
                                                   : "damaged: the body can't be unpacked");
    ret->body = w->page.data ? w->page.data : "";
    ret->body_size = w->page.size;
    return WARC_DOCUMENT;
}

static int take_response(struct warc *w, const char *block, size_t size, bool block_checked,
                         struct warc_document *ret)
{
    struct http_message m;
    if (http_message_read(block, size, &m) != HTTP_OK)
        return refuse(ret, "damaged: no HTTP response");
    if (m.status != 200 && m.status != 203) {
        snprintf(ret->why, sizeof ret->why, "HTTP status %d", m.status);
        return WARC_NO_PAGE;
    }
    snprintf(ret->content_type, sizeof ret->content_type, "%s", m.content_type);
    if (!is_page_type(m.content_type))
        return no_page(ret);
    const char *entity = m.body;
    size_t entity_size = m.body_size;
    buffer_clear(&w->joined);
    if (m.chunked) { /* some crawlers join chunks and leave the field */
        int r = http_chunks_join(m.body, m.body_size, &w->joined);
        if (r < 0)
            return r;
        if (r == HTTP_OK) {
            entity = w->joined.data ? w->joined.data : "";
            entity_size = w->joined.size;
        }
    }
    int r = undo_codings(w, &m, entity, entity_size, ret);
    if (r != WARC_DOCUMENT || block_checked)
        return r;
    /* crawlers differ in what they call the payload: with or without chunks and codings */
    int other = differs(w->record.payload_digest, m.body, m.body_size);
    if (other > 0)
        other = differs(w->record.payload_digest, entity, entity_size);
    if (other > 0)
        other = differs(w->record.payload_digest, ret->body, ret->body_size);
    return other < 0 ? other
           : other   ? refuse(ret, "damaged: the payload has another digest")
                     : WARC_DOCUMENT;
}

static int take_block(struct warc *w, const char *block, size_t size, struct warc_document *ret)
{
    int other = differs(w->record.block_digest, block, size);
    if (other)
        return other < 0 ? other : refuse(ret, "damaged: the block has another digest");
    bool http = !*ret->url || strncasecmp(ret->url, "http", 4) == 0;
    if (!http && strncasecmp(ret->url, "ftp:", 4) != 0 && strncasecmp(ret->url, "file:", 5) != 0) {
        refuse(
            ret,
            "of no site: the URL is neither http, ftp nor file"); /* logs of the crawler itself */
        return WARC_NO_PAGE;
    }
    if (http && strcasecmp(w->record.type, "response") == 0)
        return take_response(w, block, size, *w->record.block_digest != '\0', ret);
    snprintf(ret->content_type, sizeof ret->content_type, "%s", w->record.block_type);
    if (!is_page_type(ret->content_type))
        return no_page(ret);
    ret->body = block;
    ret->body_size = size;
    return size > w->body_bytes ? refuse(ret, "too large") : WARC_DOCUMENT;
}

static bool is_wanted(const char *type)
{
    return strcasecmp(type, "response") == 0 || strcasecmp(type, "resource") == 0 ||
           strcasecmp(type, "conversion") == 0;
}

static int next_record(struct warc *w, struct warc_document *ret)
{
    int r = find_head(w, ret);
    if (!r)
        r = read_head(w, ret);
    if (r)
        return r;
    unsigned long long length = w->record.length;
    if (!is_wanted(w->record.type))
        return pass(w, length, ret);
    if (length > w->body_bytes + HTTP_HEAD_MAX) {
        r = pass(w, length, ret);
        return r ? r : refuse(ret, "too large");
    }
    r = want(w, (size_t)length, ret);
    if (r)
        return r;
    const char *block = unused(w);
    w->used += (size_t)length;
    return take_block(w, block, (size_t)length, ret);
}

int warc_next(struct warc *w, struct warc_document *ret)
{
    for (;;) {
        memset(ret, 0, sizeof *ret);
        int r = next_record(w, ret);
        if (r != GO_ON)
            return r;
    }
}

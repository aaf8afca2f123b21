/* What is finished in a day's folder. */
#include "sink/manifest.h"

#include "libcommon/buffer.h"
#include "libcommon/fault.h"
#include "libcommon/json_writer.h"
#include "libcommon/record.h"
#include "sink/folder.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <openssl/evp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zstd.h>

#define TEMPORARY_NAME MANIFEST_NAME ".tmp"
#define BAD_NAME MANIFEST_NAME ".bad"
enum { READ_SIZE = 128 * 1024, MANIFEST_MAX = 256 * 1024 * 1024 };

/* Lines as they come out of a file; only the head of each is kept. */
struct line_counter {
    struct file_summary *summary;
    uint64_t spool;
    char head[RECORD_HEAD];
    size_t head_size;
    bool inside; /* a line has begun */
};

static void count_line(struct line_counter *c)
{
    struct file_summary *s = c->summary;
    uint64_t spool, seq;
    if (record_identity(c->head, c->head_size, &spool, &seq) == 1 && spool == c->spool) {
        bool first = s->records == s->foreign;
        s->first_seq = first || seq < s->first_seq ? seq : s->first_seq;
        s->last_seq = first || seq > s->last_seq ? seq : s->last_seq;
    } else {
        s->foreign++;
    }
    s->records++;
    c->head_size = 0;
    c->inside = false;
}

static void count_lines(struct line_counter *c, const char *data, size_t size)
{
    c->summary->plain_bytes += size;
    for (const char *at = data, *end = data + size; at < end;) {
        const char *feed = memchr(at, '\n', (size_t)(end - at));
        size_t have = (size_t)((feed ? feed : end) - at);
        size_t room = sizeof c->head - c->head_size, more = have < room ? have : room;
        memcpy(c->head + c->head_size, at, more);
        c->head_size += more;
        c->inside = true;
        if (!feed)
            return;
        count_line(c);
        at = feed + 1;
    }
}

static int count_packed(struct line_counter *c, ZSTD_DCtx *zstd, const char *data, size_t size,
                        size_t *hint)
{
    static const size_t plain_size = READ_SIZE;
    ZSTD_inBuffer in = {data, size, 0};
    char *plain = malloc(plain_size);
    int r = plain ? 0 : -ENOMEM;
    while (r == 0 && in.pos < in.size) {
        ZSTD_outBuffer out = {plain, plain_size, 0};
        *hint = ZSTD_decompressStream(zstd, &out, &in);
        if (ZSTD_isError(*hint))
            r = -EBADMSG;
        else
            count_lines(c, plain, out.pos);
    }
    while (r == 0 && *hint) { /* what is left inside the decompressor */
        ZSTD_outBuffer out = {plain, plain_size, 0};
        *hint = ZSTD_decompressStream(zstd, &out, &in);
        if (ZSTD_isError(*hint))
            r = -EBADMSG;
        else if (!out.pos)
            break;
        else
            count_lines(c, plain, out.pos);
    }
    free(plain);
    return r;
}

static int read_through(int fd, EVP_MD_CTX *sha, ZSTD_DCtx *zstd, struct line_counter *c)
{
    char *data = malloc(READ_SIZE);
    size_t hint = 0; /* of zstd: 0 at the end of a frame */
    int r = data ? 0 : -ENOMEM;
    while (r == 0) {
        ssize_t got = read(fd, data, READ_SIZE);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            r = -errno;
        if (got <= 0)
            break;
        c->summary->bytes += (uint64_t)got;
        if (EVP_DigestUpdate(sha, data, (size_t)got) != 1)
            r = -EIO;
        else if (zstd)
            r = count_packed(c, zstd, data, (size_t)got, &hint);
        else
            count_lines(c, data, (size_t)got);
    }
    free(data);
    if (r == 0 && (hint || c->inside))
        r = -EBADMSG;
    return r;
}

int file_summary_read(int folder, const char *file, struct file_summary *ret)
{
    struct file_summary summary = {0};
    struct file_name name;
    if (file_name_read(file, &name) != 1)
        return -EINVAL;
    struct line_counter counter = {.summary = &summary, .spool = name.spool};
    int r = 0, fd = openat(folder, file, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0)
        return -errno;
    bool packed = name.state == FILE_COMPRESSED || name.state == FILE_COMPRESSING;
    EVP_MD_CTX *sha = EVP_MD_CTX_new();
    ZSTD_DCtx *zstd = packed ? ZSTD_createDCtx() : NULL;
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned size = 0;
    if (!sha || (packed && !zstd) || EVP_DigestInit_ex(sha, EVP_sha256(), NULL) != 1)
        r = -ENOMEM;
    if (r == 0)
        r = read_through(fd, sha, zstd, &counter);
    if (r == 0 && EVP_DigestFinal_ex(sha, digest, &size) != 1)
        r = -EIO;
    for (unsigned i = 0; i < size && i < 32; i++)
        snprintf(summary.sha256 + i * 2, 3, "%02x", digest[i]);
    ZSTD_freeDCtx(zstd);
    EVP_MD_CTX_free(sha);
    close(fd);
    if (r == 0)
        *ret = summary;
    return r;
}

static void write_row(struct buffer *b, const char *file, const struct file_summary *s)
{
    json_open_object(b);
    json_put_key(b, "file");
    json_put_string(b, file);
    json_put_key(b, "records");
    json_put_unsigned(b, s->records);
    json_put_key(b, "bytes");
    json_put_unsigned(b, s->bytes);
    json_put_key(b, "first_seq");
    json_put_unsigned(b, s->first_seq);
    json_put_key(b, "last_seq");
    json_put_unsigned(b, s->last_seq);
    json_put_key(b, "sha256");
    json_put_string(b, s->sha256);
    json_close_object(b);
    buffer_append_char(b, '\n');
}

static bool read_row(const char *line, size_t size, struct manifest_row *ret)
{
    struct manifest_row row = {0};
    const char *file, *sha256;
    json_int_t records, bytes, first, last;
    json_t *json = json_loadb(line, size, JSON_REJECT_DUPLICATES, NULL);
    bool good =
        json &&
        !json_unpack(json, "{s:s, s:I, s:I, s:I, s:I, s:s}", "file", &file, "records", &records,
                     "bytes", &bytes, "first_seq", &first, "last_seq", &last, "sha256", &sha256) &&
        strlen(file) < sizeof row.file && strlen(sha256) < sizeof row.summary.sha256 &&
        records >= 0 && bytes >= 0;
    if (good) {
        strcpy(row.file, file);
        strcpy(row.summary.sha256, sha256);
        row.summary.records = (uint64_t)records;
        row.summary.bytes = (uint64_t)bytes;
        row.summary.first_seq = (uint64_t)first;
        row.summary.last_seq = (uint64_t)last;
        *ret = row;
    }
    json_decref(json);
    return good;
}

/* A missing file is empty. */
static int read_text(int folder, struct buffer *text)
{
    int r = 0, fd = openat(folder, MANIFEST_NAME, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0)
        return errno == ENOENT ? 0 : -errno;
    while (r == 0) {
        buffer_reserve(text, READ_SIZE);
        if (text->failed || text->size > MANIFEST_MAX) {
            r = text->failed ? -ENOMEM : -EBADMSG;
            break;
        }
        ssize_t got = read(fd, text->data + text->size, READ_SIZE);
        if (got < 0 && errno != EINTR)
            r = -errno;
        if (got == 0)
            break;
        if (got > 0)
            text->size += (size_t)got;
    }
    close(fd);
    return r;
}

static int add_row(struct manifest *m, size_t *capacity, const struct manifest_row *row)
{
    if (m->count == *capacity) {
        *capacity = *capacity ? *capacity * 2 : 32;
        struct manifest_row *more = realloc(m->rows, *capacity * sizeof *more);
        if (!more)
            return -ENOMEM;
        m->rows = more;
    }
    m->rows[m->count++] = *row;
    return 0;
}

int manifest_read(int folder, struct manifest *ret, size_t *ret_line)
{
    struct manifest m = {0};
    struct buffer text = {0};
    size_t capacity = 0, size = 0;
    *ret_line = 0;
    int r = read_text(folder, &text);
    for (size_t at = 0; r == 0 && at < text.size; at += size + 1) {
        struct manifest_row row;
        const char *feed = memchr(text.data + at, '\n', text.size - at);
        ++*ret_line;
        size = feed ? (size_t)(feed - text.data) - at : 0;
        r = feed && read_row(text.data + at, size, &row) ? add_row(&m, &capacity, &row) : -EBADMSG;
    }
    buffer_free(&text);
    if (r < 0) {
        manifest_free(&m);
        return r;
    }
    *ret = m;
    return 0;
}

void manifest_free(struct manifest *m)
{
    free(m->rows);
    *m = (struct manifest){0};
}

const struct manifest_row *manifest_find(const struct manifest *m, const char *file)
{
    for (size_t i = 0; i < m->count; i++)
        if (!strcmp(m->rows[i].file, file))
            return &m->rows[i];
    return NULL;
}

/* Whether both are the same file, compressed or not. */
static bool same_file(const char *a, const char *b)
{
    struct file_name x, y;
    return file_name_read(a, &x) == 1 && file_name_read(b, &y) == 1 && !strcmp(x.lane, y.lane) &&
           x.spool == y.spool && x.first == y.first && x.highest == y.highest;
}

static int write_manifest(int folder, const struct buffer *text)
{
    int r, fd = openat(folder, TEMPORARY_NAME, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (fd < 0)
        return -errno;
    r = file_write_all(fd, text->data, text->size);
    if (r == 0 && fsync(fd) < 0)
        r = -errno;
    close(fd);
    if (r == 0)
        r = fault(FAULT_SINK_MANIFEST);
    if (r == 0 && renameat(folder, TEMPORARY_NAME, folder, MANIFEST_NAME) < 0)
        r = -errno;
    if (r < 0) {
        unlinkat(folder, TEMPORARY_NAME, 0);
        return r;
    }
    return folder_sync(folder);
}

int manifest_put(int folder, const char *file, const struct file_summary *summary)
{
    struct manifest m = {0};
    struct buffer text = {0};
    size_t line;
    int r = manifest_read(folder, &m, &line);
    if (r == -EBADMSG)
        r = renameat(folder, MANIFEST_NAME, folder, BAD_NAME) < 0 ? -errno : 0;
    if (r < 0)
        return r;
    for (size_t i = 0; i < m.count; i++)
        if (!same_file(m.rows[i].file, file))
            write_row(&text, m.rows[i].file, &m.rows[i].summary);
    write_row(&text, file, summary);
    r = text.failed ? -ENOMEM : write_manifest(folder, &text);
    buffer_free(&text);
    manifest_free(&m);
    return r;
}

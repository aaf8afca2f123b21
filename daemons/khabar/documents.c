/* Reads the documents that a command line names. */
#include "khabar/documents.h"

#include "khabar/command.h"
#include "libcommon/file_form.h"
#include "libcommon/line_reader.h"
#include "libcommon/packed_file.h"
#include "libcommon/utf8.h"
#include "libcommon/warc.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xxhash.h>

enum { NAME_SIZE = 400 };

/* Codes of the readers of one document, beside PACKED_DAMAGED, PACKED_BOMB and -errno. */
enum { READ_END = 0, READ_ONE = 1 };

struct documents {
    struct documents_options options;
    char **names;
    int count, at;             /* at: of the file that is open, or the next */
    int fd;                    /* -1: none is open */
    enum documents_input form; /* of the open file; INPUT_AUTO: one document of unknown type */
    struct packed_file *file;
    struct line_reader reader;
    struct warc *warc;         /* of a file that is one */
    size_t number;             /* of the last line or record read, from 1 */
    size_t unread;
    uint64_t passed; /* bytes of the files that are done */
};

static char only_standard_input[] = "-";
static char *no_names[] = {only_standard_input, NULL};

int documents_input_from_name(const char *name, enum documents_input *ret)
{
    static const char *const names[] = {"auto", "text", "html", "ndjson", "warc"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (!name || !strcmp(name, names[i])) {
            *ret = (enum documents_input)i;
            return 0;
        }
    return -EINVAL;
}

int documents_new(const struct documents_options *options, char **names, int count,
                  struct documents **ret)
{
    struct documents *d = calloc(1, sizeof *d);
    if (!d)
        return -ENOMEM;
    d->options = *options;
    d->names = count ? names : no_names;
    d->count = count ? count : 1;
    d->fd = -1;
    *ret = d;
    return 0;
}

static void close_file(struct documents *d)
{
    d->passed = documents_position(d);
    d->warc = warc_free(d->warc);
    line_reader_free(&d->reader);
    d->file = packed_file_free(d->file);
    if (d->fd > STDIN_FILENO)
        close(d->fd);
    d->fd = -1;
}

struct documents *documents_free(struct documents *d)
{
    if (!d)
        return NULL;
    close_file(d);
    free(d);
    return NULL;
}

size_t documents_unread(const struct documents *d)
{
    return d->unread;
}

uint64_t documents_total(const struct documents *d)
{
    uint64_t total = 0;
    struct stat status;
    for (int i = 0; i < d->count; i++) {
        bool found = strcmp(d->names[i], "-") ? stat(d->names[i], &status) == 0
                                              : fstat(STDIN_FILENO, &status) == 0;
        if (!found || !S_ISREG(status.st_mode))
            return 0;
        total += (uint64_t)status.st_size;
    }
    return total;
}

uint64_t documents_position(const struct documents *d)
{
    off_t at = d->fd < 0 ? 0 : lseek(d->fd, 0, SEEK_CUR);
    return d->passed + (at < 0 ? 0 : (uint64_t)at);
}

struct input_document *input_document_free(struct input_document *document)
{
    if (!document)
        return NULL;
    ndjson_document_free(&document->given);
    free(document->id);
    free(document->bytes);
    free(document->url);
    free(document->content_type);
    free(document->why);
    free(document);
    return NULL;
}

static enum documents_input input_of(const char *name)
{
    switch (file_form_of(name, NULL)) {
    case FILE_TEXT:
        return INPUT_TEXT;
    case FILE_HTML:
        return INPUT_HTML;
    case FILE_LINES:
        return INPUT_NDJSON;
    case FILE_WARC:
        return INPUT_WARC;
    default:
        return INPUT_AUTO;
    }
}

static void complain_of_file(struct documents *d, int code)
{
    command_complain("%s: %s", d->names[d->at],
                     code == PACKED_DAMAGED ? "damaged: can't be unpacked"
                     : code == PACKED_BOMB  ? "grows too much when it is unpacked"
                                            : strerror(-code));
    d->unread++;
}

static int read_warc(void *user, void *data, size_t size, size_t *ret_size)
{
    struct documents *d = user;
    return line_reader_read(&d->reader, data, size, ret_size);
}

static int resume_warc(void *user)
{
    struct documents *d = user;
    return packed_file_resume(d->file);
}

/* By what the stream begins with: a brace begins no page. PACKED_OK; PACKED_DAMAGED, PACKED_BOMB; -errno. */
static int guess_form(struct documents *d)
{
    static const char mark[] = "WARC/1.";
    const char *data;
    size_t size;
    int r = line_reader_peek(&d->reader, sizeof mark - 1, &data, &size);
    if (r == PACKED_OK && size && *data == '{')
        d->form = INPUT_NDJSON;
    else if (r == PACKED_OK && size >= sizeof mark - 1 && !memcmp(data, mark, sizeof mark - 1))
        d->form = INPUT_WARC;
    return r;
}

static int open_descriptor(struct documents *d, const char *name)
{
    struct stat status;
    d->fd = strcmp(name, "-") ? open(name, O_RDONLY | O_CLOEXEC) : STDIN_FILENO;
    if (d->fd < 0 || fstat(d->fd, &status) < 0)
        return -errno;
    return S_ISDIR(status.st_mode) ? -EISDIR : 0;
}

/* 1: open; 0: can't be read, complained of and passed over; -ENOMEM. */
static int open_next(struct documents *d)
{
    const char *name = d->names[d->at];
    int r = open_descriptor(d, name);
    if (!r)
        r = packed_file_new(d->fd, name, &d->file);
    d->reader.file = d->file;
    d->form = d->options.input;
    d->number = 0;
    if (d->form == INPUT_AUTO)
        d->form = input_of(name);
    if (!r && d->form == INPUT_AUTO)
        r = guess_form(d);
    if (!r && d->form == INPUT_WARC) {
        struct warc_source source = {.read = read_warc, .resume = resume_warc, .user = d};
        r = warc_new(&source, DOCUMENTS_BYTES_MAX, &d->warc);
    }
    if (!r)
        return 1;
    if (r != -ENOMEM) {
        complain_of_file(d, r);
        close_file(d);
        d->at++;
        return 0;
    }
    return r;
}

/* A file's name as an id may have it: UTF-8, no control characters, the end of it where it is long. */
static void write_name(const char *name, char out[NAME_SIZE])
{
    size_t size = strlen(name), to = 0;
    size_t at = size < NAME_SIZE ? 0 : size - NAME_SIZE + 1;
    while (at < size && ((unsigned char)name[at] & 0xc0) == 0x80)
        at++;
    while (at < size) {
        size_t good = utf8_valid_prefix(name + at, size - at);
        for (size_t i = 0; i < good; i++, at++)
            out[to++] = (unsigned char)name[at] < 0x20 || name[at] == 0x7f ? '?' : name[at];
        if (at < size) {
            out[to++] = '?';
            at++;
        }
    }
    out[to] = '\0';
}

/* The name of a document that has none: the hash keeps two contents of one file apart. */
static int name_document(const struct documents *d, struct input_document *document)
{
    unsigned long long hash = XXH3_64bits(document->bytes, document->size);
    char name[NAME_SIZE];
    write_name(d->names[d->at], name);
    int r = d->number ? asprintf(&document->id, "%s:%zu#%016llx", name, d->number, hash)
                      : asprintf(&document->id, "%s#%016llx", name, hash);
    if (r < 0) {
        document->id = NULL;
        return -ENOMEM;
    }
    return 0;
}

static int refuse(struct input_document *document, const char *why)
{
    ndjson_document_free(&document->given);
    document->given.id = document->id;
    document->why = strdup(why);
    return document->why ? 0 : -ENOMEM;
}

static int fill_from_line(const struct documents *d, struct input_document *document)
{
    char why[NDJSON_WHY_SIZE];
    int r = name_document(d, document);
    if (r < 0)
        return r;
    if (document->size > DOCUMENTS_BYTES_MAX)
        return refuse(document, "the line is too long");
    r = ndjson_document_read(document->bytes, document->size, true, &document->given, why);
    if (r == NDJSON_BAD)
        return refuse(document, why);
    if (r == NDJSON_OK) { /* given has copies of all it needs */
        free(document->bytes);
        document->bytes = NULL;
        document->size = 0;
    }
    return r;
}

static const char *content_type_of(const struct documents *d)
{
    if (d->options.input == INPUT_HTML)
        return "text/html";
    if (d->options.input == INPUT_TEXT)
        return "text/plain";
    const char *type;
    file_form_of(d->names[d->at], &type);
    return type;
}

static int fill_from_file(const struct documents *d, struct input_document *document)
{
    int r = name_document(d, document);
    if (r < 0)
        return r;
    if (document->size > DOCUMENTS_BYTES_MAX)
        return refuse(document, "the file is too large");
    document->given.content_type = content_type_of(d);
    document->given.body = document->bytes ? document->bytes : "";
    document->given.body_size = document->size;
    return 0;
}

static void add_options(const struct documents *d, struct input_document *document)
{
    struct ndjson_document *given = &document->given;
    if (!given->id)
        given->id = document->id;
    if (!given->url)
        given->url = d->options.url;
    if (!given->site)
        given->site = d->options.site;
    if (d->options.content_type && !document->why && d->form != INPUT_NDJSON)
        given->content_type = d->options.content_type;
}

static int keep(struct input_document *document, const char *data, size_t size)
{
    document->bytes = malloc(size ? size : 1);
    if (!document->bytes)
        return -ENOMEM;
    memcpy(document->bytes, data, size);
    document->size = size;
    return 0;
}

/* One byte more than is allowed shows that the file is too large. */
static int read_whole(struct documents *d, struct input_document *document)
{
    const char *data;
    size_t size;
    int r = line_reader_peek(&d->reader, (size_t)DOCUMENTS_BYTES_MAX + 1, &data, &size);
    if (!r)
        r = keep(document, data, size);
    if (!r)
        r = fill_from_file(d, document);
    return r ? r : READ_ONE;
}

/* The next line that is not blank. */
static int read_line(struct documents *d, struct input_document *document)
{
    const char *line;
    size_t size;
    do {
        int r = line_reader_next(&d->reader, DOCUMENTS_BYTES_MAX, &line, &size);
        if (r)
            return r == LINE_END ? READ_END : r;
        d->number++;
        while (size && size <= DOCUMENTS_BYTES_MAX && isspace((unsigned char)line[size - 1]))
            size--;
    } while (!size);
    if (size > DOCUMENTS_BYTES_MAX) {
        int r = name_document(d, document);
        r = r ? r : refuse(document, "the line is too long");
        return r ? r : READ_ONE;
    }
    int r = keep(document, line, size);
    if (!r)
        r = fill_from_line(d, document);
    return r < 0 ? r : READ_ONE;
}

static int fill_from_record(const struct documents *d, struct input_document *document, const struct warc_document *page)
{
    int r = keep(document, page->body, page->body_size);
    if (!r && *page->id)
        r = (document->id = strdup(page->id)) ? 0 : -ENOMEM;
    else if (!r)
        r = name_document(d, document);
    document->url = *page->url ? strdup(page->url) : NULL;
    document->content_type = *page->content_type ? strdup(page->content_type) : NULL;
    if (r || (*page->url && !document->url) || (*page->content_type && !document->content_type))
        return -ENOMEM;
    document->given.url = document->url;
    document->given.content_type = document->content_type;
    document->given.fetched_at = page->fetched_at;
    document->given.body = document->bytes;
    document->given.body_size = document->size;
    return 0;
}

/* The next record that holds a page. */
static int read_record(struct documents *d, struct input_document *document)
{
    struct warc_document *page = malloc(sizeof *page);
    int r = page ? WARC_NO_PAGE : -ENOMEM;
    while (r == WARC_NO_PAGE || r == WARC_REFUSED) {
        r = warc_next(d->warc, page);
        d->number++;
        if (r == WARC_REFUSED) {
            command_complain("%s: record %zu %s: %s", d->names[d->at], d->number, page->id, page->why);
            d->unread++;
        }
    }
    if (r == WARC_DOCUMENT)
        r = fill_from_record(d, document, page) < 0 ? -ENOMEM : READ_ONE;
    else if (r == WARC_END)
        r = READ_END;
    free(page);
    return r;
}

static int read_document(struct documents *d, struct input_document *document)
{
    if (d->form == INPUT_NDJSON)
        return read_line(d, document);
    return d->form == INPUT_WARC ? read_record(d, document) : read_whole(d, document);
}

int documents_next(struct documents *d, struct input_document **ret)
{
    while (d->at < d->count) {
        int r = d->fd < 0 ? open_next(d) : 1;
        if (r < 0)
            return r;
        if (!r)
            continue;
        struct input_document *document = calloc(1, sizeof *document);
        r = document ? read_document(d, document) : -ENOMEM;
        if (r == READ_ONE)
            add_options(d, document);
        else
            document = input_document_free(document);
        if (r == -ENOMEM)
            return r;
        if (r != READ_ONE && r != READ_END)
            complain_of_file(d, r);
        if (r != READ_ONE || (d->form != INPUT_NDJSON && d->form != INPUT_WARC)) {
            close_file(d);
            d->at++;
        }
        if (document) {
            *ret = document;
            return 1;
        }
    }
    return 0;
}

/* Reads the documents that a command line names. */
#include "khabar/documents.h"

#include "khabar/command.h"
#include "libcommon/utf8.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <xxhash.h>

enum { NAME_SIZE = 400 };

struct documents {
    struct documents_options options;
    char **names;
    int count, at;  /* at: of the file that is open, or the next */
    FILE *file;     /* NULL: none is open */
    bool lines;     /* the open file is NDJSON */
    size_t line;    /* number of the last line read, from 1 */
    size_t unread;
};

static char only_standard_input[] = "-";
static char *no_names[] = {only_standard_input, NULL};

int documents_input_from_name(const char *name, enum documents_input *ret)
{
    static const char *const names[] = {"auto", "text", "html", "ndjson"};
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
    *ret = d;
    return 0;
}

static void close_file(struct documents *d)
{
    if (d->file && d->file != stdin)
        fclose(d->file);
    d->file = NULL;
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

struct input_document *input_document_free(struct input_document *document)
{
    if (!document)
        return NULL;
    ndjson_document_free(&document->given);
    free(document->id);
    free(document->bytes);
    free(document->why);
    free(document);
    return NULL;
}

static const struct ending {
    const char *text;
    enum documents_input input;
    const char *content_type;
} endings[] = {
    {".ndjson", INPUT_NDJSON, NULL              },
    {".jsonl",  INPUT_NDJSON, NULL              },
    {".html",   INPUT_HTML,   "text/html"       },
    {".htm",    INPUT_HTML,   "text/html"       },
    {".xhtml",  INPUT_HTML,   "application/xhtml+xml"},
    {".txt",    INPUT_TEXT,   "text/plain"      },
};

static const struct ending *ending_of(const char *name)
{
    size_t size = strlen(name);
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
        size_t length = strlen(endings[i].text);
        if (size > length && !strcasecmp(name + size - length, endings[i].text))
            return &endings[i];
    }
    return NULL;
}

/* A stream that begins with a brace is taken for NDJSON; no page begins so. */
static bool begins_with_object(FILE *file)
{
    int c = getc(file);
    if (c != EOF)
        ungetc(c, file);
    return c == '{';
}

static int open_next(struct documents *d)
{
    const char *name = d->names[d->at];
    struct stat status;
    d->file = strcmp(name, "-") ? fopen(name, "re") : stdin;
    if (d->file && fstat(fileno(d->file), &status) == 0 && S_ISDIR(status.st_mode)) {
        close_file(d);
        errno = EISDIR;
    }
    if (!d->file) {
        command_complain("%s: %s", name, strerror(errno));
        d->unread++;
        d->at++;
        return 0;
    }
    const struct ending *ending = ending_of(name);
    enum documents_input input = d->options.input;
    if (input == INPUT_AUTO && ending)
        input = ending->input;
    d->lines = input == INPUT_NDJSON;
    if (input == INPUT_AUTO)
        d->lines = begins_with_object(d->file);
    d->line = 0;
    return 1;
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
    int r = d->lines ? asprintf(&document->id, "%s:%zu#%016llx", name, d->line, hash)
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
    const struct ending *ending = ending_of(d->names[d->at]);
    return ending ? ending->content_type : NULL;
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
    if (d->options.content_type && !document->why && !d->lines)
        given->content_type = d->options.content_type;
}

static int read_whole(FILE *file, struct input_document *document)
{
    size_t capacity = 0;
    for (;;) {
        if (capacity == document->size) {
            capacity = capacity ? capacity * 2 : 65536;
            char *grown = realloc(document->bytes, capacity);
            if (!grown)
                return -ENOMEM;
            document->bytes = grown;
        }
        size_t got = fread(document->bytes + document->size, 1, capacity - document->size, file);
        document->size += got;
        if (!got || document->size > DOCUMENTS_BYTES_MAX)
            return 0;
    }
}

/* 1: a line that is not blank, without its end; 0: no more. */
static int read_line(struct documents *d, struct input_document *document)
{
    size_t capacity = 0;
    for (;;) {
        ssize_t size = getline(&document->bytes, &capacity, d->file);
        if (size < 0)
            return errno == ENOMEM ? -ENOMEM : 0;
        d->line++;
        while (size && isspace((unsigned char)document->bytes[size - 1]))
            size--;
        document->size = (size_t)size;
        if (size)
            return 1;
    }
}

static int read_document(struct documents *d, struct input_document *document)
{
    int r;
    if (d->lines) {
        errno = 0;
        r = read_line(d, document);
        if (r <= 0)
            return r;
        r = fill_from_line(d, document);
    } else {
        r = read_whole(d->file, document);
        if (r == 0)
            r = fill_from_file(d, document);
    }
    if (r < 0)
        return r;
    add_options(d, document);
    return 1;
}

/* After a document: the file is done when it was read whole, or has no further line. */
static void finish_file(struct documents *d)
{
    if (ferror(d->file)) {
        command_complain("%s: reading failed", d->names[d->at]);
        d->unread++;
    }
    close_file(d);
    d->at++;
}

int documents_next(struct documents *d, struct input_document **ret)
{
    while (d->at < d->count) {
        if (!d->file && open_next(d) == 0)
            continue;
        struct input_document *document = calloc(1, sizeof *document);
        int r = document ? read_document(d, document) : -ENOMEM;
        bool failed = ferror(d->file);
        if (r <= 0 || (failed && !d->lines))
            document = input_document_free(document);
        if (r < 0)
            return r;
        if (!d->lines || r == 0)
            finish_file(d);
        if (document) {
            *ret = document;
            return 1;
        }
    }
    return 0;
}

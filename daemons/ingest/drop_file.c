/* The documents of one file of the drop folder. */
#include "ingest/drop_file.h"

#include "libcommon/file_form.h"
#include "libcommon/line_reader.h"
#include "libcommon/packed_file.h"
#include "libcommon/utf8.h"
#include "libcommon/warc.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    NAME_SIZE = 256,
    STAMP_SIZE = 64,
    SHOWN_SIZE = NAME_SIZE * 3,
    ID_SIZE = SHOWN_SIZE + STAMP_SIZE + 24,
    LINE_OVERHEAD = 64 * 1024
};

struct drop_file {
    char name[NAME_SIZE], stamp[STAMP_SIZE];
    char shown[SHOWN_SIZE]; /* the name as ids have it */
    int fd;
    enum file_form form;
    const char *content_type; /* of a page; NULL: unknown */
    size_t document_bytes;
    struct packed_file *packed;
    struct line_reader reader;
    struct warc *warc;
    unsigned long long number;
    bool done;                       /* the page was given */
    struct ndjson_document document; /* the last that was given */
    struct warc_document page;
    char id[ID_SIZE];
};

/* Ids are UTF-8. A name that is not (old archives have windows-1256) has its odd bytes, and its
 * percent signs, as %XX. */
static void show_name(struct drop_file *f)
{
    size_t size = strlen(f->name), used = 0;
    bool valid = utf8_valid(f->name, size);
    for (size_t at = 0, good = 0; at < size; at++) {
        if (at >= good)
            good = at + utf8_valid_prefix(f->name + at, size - at);
        if (at >= good || (!valid && f->name[at] == '%'))
            used += (size_t)sprintf(f->shown + used, "%%%02X", (unsigned char)f->name[at]);
        else
            f->shown[used++] = f->name[at];
    }
}

static int read_warc(void *user, void *data, size_t size, size_t *ret_size)
{
    struct drop_file *f = user;
    return packed_file_read(f->packed, data, size, ret_size);
}

static int resume_warc(void *user)
{
    struct drop_file *f = user;
    return packed_file_resume(f->packed);
}

int drop_file_new(int fd, const char *name, const char *stamp, size_t document_bytes,
                  struct drop_file **ret)
{
    struct drop_file *f = calloc(1, sizeof *f);
    if (!f) {
        close(fd);
        return -ENOMEM;
    }
    f->fd = fd;
    f->document_bytes = document_bytes;
    snprintf(f->name, sizeof f->name, "%s", name);
    snprintf(f->stamp, sizeof f->stamp, "%s", stamp);
    f->form = file_form_of(name, &f->content_type);
    show_name(f);
    int r = packed_file_new(fd, name, &f->packed);
    f->reader.file = f->packed;
    if (!r && f->form == FILE_WARC) {
        struct warc_source source = {.read = read_warc, .resume = resume_warc, .user = f};
        r = warc_new(&source, document_bytes, &f->warc);
    }
    if (r < 0) {
        drop_file_free(f);
        return r;
    }
    *ret = f;
    return 0;
}

struct drop_file *drop_file_free(struct drop_file *f)
{
    if (!f)
        return NULL;
    ndjson_document_free(&f->document);
    warc_free(f->warc);
    line_reader_free(&f->reader);
    packed_file_free(f->packed);
    close(f->fd);
    free(f);
    return NULL;
}

bool drop_file_has_many(const struct drop_file *f)
{
    return f->form == FILE_LINES || f->form == FILE_WARC;
}

unsigned long long drop_file_number(const struct drop_file *f)
{
    return f->number;
}

/* Where the document has no id of its own: the file, and the line or record. */
static void add_id(struct drop_file *f)
{
    if (f->document.id)
        return;
    if (!drop_file_has_many(f))
        snprintf(f->id, sizeof f->id, "%s@%s", f->shown, f->stamp);
    else
        snprintf(f->id, sizeof f->id, "%s@%s:%llu", f->shown, f->stamp, f->number);
    f->document.id = f->id;
}

static int bad(char why[DROP_FILE_WHY_SIZE], int code)
{
    snprintf(why, DROP_FILE_WHY_SIZE, "%s",
             code == PACKED_BOMB ? "grows too much when it is unpacked"
                                 : "damaged: can't be unpacked");
    return DROP_FILE_BAD;
}

/* One byte more than is allowed shows intake that the page is too large. */
static int next_page(struct drop_file *f, char why[DROP_FILE_WHY_SIZE])
{
    const char *data;
    size_t size;
    if (f->done)
        return DROP_FILE_END;
    int r = line_reader_peek(&f->reader, f->document_bytes + 1, &data, &size);
    if (r)
        return r < 0 ? r : bad(why, r);
    f->done = true;
    f->document =
        (struct ndjson_document){.content_type = f->content_type, .body = data, .body_size = size};
    return DROP_FILE_DOCUMENT;
}

static int next_line(struct drop_file *f, char why[DROP_FILE_WHY_SIZE])
{
    size_t longest = f->document_bytes * 2 + LINE_OVERHEAD, size;
    const char *line;
    do {
        int r = line_reader_next(&f->reader, longest, &line, &size);
        if (r)
            return r == LINE_END ? DROP_FILE_END : r < 0 ? r : bad(why, r);
        f->number++;
        while (size && size <= longest && isspace((unsigned char)line[size - 1]))
            size--;
    } while (!size);
    char reason[NDJSON_WHY_SIZE] = "the line is too long";
    int r =
        size > longest ? NDJSON_BAD : ndjson_document_read(line, size, true, &f->document, reason);
    if (r == NDJSON_BAD) {
        snprintf(why, DROP_FILE_WHY_SIZE, "line=%llu: %s", f->number, reason);
        return DROP_FILE_REFUSED;
    }
    return r < 0 ? r : DROP_FILE_DOCUMENT;
}

static int next_record(struct drop_file *f, char why[DROP_FILE_WHY_SIZE])
{
    int r = warc_next(f->warc, &f->page);
    f->number++;
    if (r < 0)
        return r;
    if (r == WARC_END || r == WARC_NO_PAGE)
        return r == WARC_END ? DROP_FILE_END : DROP_FILE_PASSED;
    if (r == WARC_REFUSED) {
        snprintf(why, DROP_FILE_WHY_SIZE, "record=%llu %s: %s", f->number, f->page.id, f->page.why);
        return DROP_FILE_REFUSED;
    }
    f->document = (struct ndjson_document){
        .id = *f->page.id ? f->page.id : NULL,
        .url = *f->page.url ? f->page.url : NULL,
        .content_type = *f->page.content_type ? f->page.content_type : NULL,
        .fetched_at = f->page.fetched_at,
        .body = f->page.body,
        .body_size = f->page.body_size,
    };
    return DROP_FILE_DOCUMENT;
}

int drop_file_next(struct drop_file *f, const struct ndjson_document **ret,
                   char why[DROP_FILE_WHY_SIZE])
{
    ndjson_document_free(&f->document);
    int r = f->form == FILE_LINES  ? next_line(f, why)
            : f->form == FILE_WARC ? next_record(f, why)
                                   : next_page(f, why);
    if (r == DROP_FILE_DOCUMENT) {
        add_id(f);
        *ret = &f->document;
    }
    return r;
}

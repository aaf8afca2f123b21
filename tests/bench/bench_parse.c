/* bench-parse [FILE|FOLDER…]: documents and MB per CPU second through the whole of parse, from
 * bytes to fields.
 *
 * A folder holds pages of HTML, packed by gzip or not, which are parsed beside libxml2 alone (parse
 * and free, nothing else) in turns; a file is a text dump (default: the sample page). */
#include "libcommon/fields.h"
#include "parse/parse.h"
#include "tests/bench/bench.h"

#include <dirent.h>
#include <libxml/HTMLparser.h>
#include <string.h>
#include <sys/stat.h>

struct runner {
    struct parser *parser;
    struct parse_scratch *scratch;
    struct buffer document, article;
};

static void open_runner(struct runner *r, const char *content_type)
{
    static const struct parse_limits limits = {0};
    *r = (struct runner){0};
    if (parser_new(&limits, KHABAR_SOURCE "/configs/sites", NULL, &r->parser) < 0 ||
        parse_scratch_new(r->parser, &r->scratch) < 0) {
        fprintf(stderr, "bench-parse: no parser\n");
        exit(2);
    }
    fields_put_string(&r->document, FIELD_CONTENT_TYPE, content_type);
    fields_put_time(&r->document, FIELD_FETCHED_AT, 1768711740000000);
}

static void close_runner(struct runner *r)
{
    parse_scratch_free(r->scratch);
    parser_free(r->parser);
    buffer_free(&r->document);
    buffer_free(&r->article);
}

static int parse_once(struct runner *r, const struct bench_text *text)
{
    struct parse_reject reject;
    buffer_clear(&r->article);
    return parse_document(r->parser, r->scratch, r->document.data, r->document.size, text->data,
                          text->size, &r->article, &reject);
}

static void bench_dump(const char *path)
{
    struct bench_text text = bench_read(path);
    struct runner r;
    const char *name = strrchr(path, '/');
    int result = 0;
    open_runner(&r, "text/plain; charset=utf-8");
    double start = bench_seconds(), took;
    size_t rounds = 0;
    do {
        for (unsigned i = 0; i < 100; i++)
            result |= parse_once(&r, &text);
        rounds += 100;
        took = bench_seconds() - start;
    } while (took < 1);
    printf("%s: %zu bytes, %s: %.0f dumps and %.1f MB per CPU second\n", name ? name + 1 : path,
           text.size, result == PARSE_ARTICLE ? "an article" : "no article", (double)rounds / took,
           (double)(rounds * text.size) / took / 1e6);
    close_runner(&r);
    free(text.data);
}

/* --- HTML ----------------------------------------------------------------------------- */

enum { PAGES_MAX = 5000, ROUNDS = 5 };

struct pages {
    struct bench_text *items;
    size_t count, bytes;
};

static struct bench_text read_page(const char *path)
{
    char command[4300];
    struct bench_text page = bench_read(path);
    if (page.size < 2 || memcmp(page.data, "\x1f\x8b", 2) != 0)
        return page;
    snprintf(command, sizeof command, "gzip -dc '%s'", path);
    FILE *unpacked = strchr(path, '\'') ? NULL : popen(command, "r");
    size_t capacity = 0;
    page.size = 0;
    while (unpacked && !feof(unpacked)) {
        if (capacity - page.size < 65536 && !(page.data = realloc(page.data, capacity += 1 << 20)))
            exit(2);
        page.size += fread(page.data + page.size, 1, capacity - page.size, unpacked);
    }
    if (!unpacked || pclose(unpacked) != 0) {
        fprintf(stderr, "bench-parse: %s: not unpacked\n", path);
        exit(2);
    }
    return page;
}

static struct pages read_pages(const char *folder)
{
    struct pages pages = {.items = calloc(PAGES_MAX, sizeof *pages.items)};
    DIR *dir = opendir(folder);
    if (!dir || !pages.items)
        exit(2);
    for (struct dirent *entry; (entry = readdir(dir)) && pages.count < PAGES_MAX;) {
        char path[4200];
        snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
        if (entry->d_name[0] == '.')
            continue;
        pages.items[pages.count] = read_page(path);
        pages.bytes += pages.items[pages.count++].size;
    }
    closedir(dir);
    return pages;
}

static void parse_alone(const struct bench_text *page)
{
    xmlFreeDoc(htmlReadMemory(page->data, (int)page->size, NULL, NULL,
                              HTML_PARSE_RECOVER | HTML_PARSE_NOERROR | HTML_PARSE_NOWARNING |
                                  HTML_PARSE_NONET));
}

static void bench_pages(const char *folder)
{
    struct pages pages = read_pages(folder);
    struct runner r;
    double alone = 0, whole = 0;
    size_t articles = 0;
    open_runner(&r, "text/html");
    for (int round = 0; round < ROUNDS; round++) {
        double start = bench_seconds();
        for (size_t i = 0; i < pages.count; i++)
            parse_alone(&pages.items[i]);
        alone += bench_seconds() - start;
        start = bench_seconds();
        for (size_t i = 0; i < pages.count; i++)
            articles += parse_once(&r, &pages.items[i]) == PARSE_ARTICLE;
        whole += bench_seconds() - start;
    }
    double n = (double)pages.count * ROUNDS, mb = (double)pages.bytes * ROUNDS / 1e6;
    printf("%zu pages, %zu articles: %.0f pages and %.1f MB per CPU second; libxml2 alone %.0f and "
           "%.1f: %.2f of its speed\n",
           pages.count, articles / ROUNDS, n / whole, mb / whole, n / alone, mb / alone,
           alone / whole);
    close_runner(&r);
    for (size_t i = 0; i < pages.count; i++)
        free(pages.items[i].data);
    free(pages.items);
}

int main(int argc, char **argv)
{
    if (argc < 2)
        bench_dump(KHABAR_SOURCE "/tests/fixtures/sample/article.txt");
    for (int i = 1; i < argc; i++) {
        struct stat st;
        if (stat(argv[i], &st) == 0 && S_ISDIR(st.st_mode))
            bench_pages(argv[i]);
        else
            bench_dump(argv[i]);
    }
    return 0;
}

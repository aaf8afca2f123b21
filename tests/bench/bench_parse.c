/* bench-parse [DUMP…]: documents and MB per CPU second through the whole of parse, from bytes to
 * fields (default: the sample page). */
#include "libcommon/fields.h"
#include "parse/parse.h"
#include "tests/bench/bench.h"

#include <string.h>

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

int main(int argc, char **argv)
{
    if (argc < 2)
        bench_dump(KHABAR_SOURCE "/tests/fixtures/sample/article.txt");
    for (int i = 1; i < argc; i++)
        bench_dump(argv[i]);
    return 0;
}

/* Any bytes through the whole of parse as a document of one type, with and without what a feeder
 * knows, as the first byte chooses. */
#pragma once

#include "libcommon/fields.h"
#include "libcommon/record.h"
#include "libcommon/utf8.h"
#include "parse/parse.h"
#include "tests/fuzz/fuzz.h"

#include <string.h>

static struct parser *parser;
static struct parse_scratch *scratch;

static void write_known(struct buffer *document, const char *type, unsigned how)
{
    fields_put_string(document, FIELD_CONTENT_TYPE, type);
    fields_put_string(document, FIELD_DIGEST,
                      "sha256:0000000000000000000000000000000000000000000000000000000000000000");
    if (how & 1)
        fields_put_string(document, FIELD_URL,
                          "https://news.example.iq/2026/01/18/%D8%AE%D8%A8%D8%B1-x.html");
    if (how & 2)
        fields_put_time(document, FIELD_FETCHED_AT, 1768711740000000);
}

/* Every text of an article is well-formed, and so is the record made of it. */
static void check_article(const struct buffer *document, const struct buffer *article)
{
    struct buffer line = {0};
    struct fields_cursor cursor = fields_read(article->data, article->size);
    struct field_value v;
    FUZZ_MUST(fields_check(article->data, article->size) == 0);
    while (fields_next(&cursor, &v) > 0)
        if (v.type == FIELD_TEXT)
            FUZZ_MUST(utf8_valid(v.data, v.size));
    struct record record = {
        .document = {document->data, document->size},
          .article = {article->data,  article->size }
    };
    FUZZ_MUST(record_write_khabar(&record, &line) == 0 && utf8_valid(line.data, line.size));
    buffer_free(&line);
}

static int fuzz_parse(const char *type, const uint8_t *data, size_t size)
{
    static const struct parse_limits limits = {.memory = 64 << 20};
    struct buffer document = {0}, article = {0};
    struct parse_reject reject;
    if (!parser)
        FUZZ_MUST(parser_new(&limits, NULL, NULL, &parser) == 0 &&
                  parse_scratch_new(parser, &scratch) == 0);
    if (!size)
        return 0;
    write_known(&document, type, data[0]);
    int r = parse_document(parser, scratch, document.data, document.size, data + 1, size - 1,
                           &article, &reject);
    FUZZ_MUST(r == PARSE_ARTICLE || r == PARSE_REJECT);
    if (r == PARSE_ARTICLE)
        check_article(&document, &article);
    buffer_free(&document);
    buffer_free(&article);
    return 0;
}

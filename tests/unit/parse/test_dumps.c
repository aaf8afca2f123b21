/* The funnel: every folder of tests/fixtures/dumps gives what its expected.json and body.txt say;
 * rejects, limits, cuts.
 *
 * A folder holds input.txt (or names another file in document.json), document.json with what a
 * feeder knows (url, site, content_type, fetched_at; all may be missing), body.txt with the text of
 * the article and expected.json with the fields that must come out as they stand there; those
 * listed under "absent" must not come out at all, and nothing else is looked at. {"reject": reason}
 * stands alone. */
#include "tests/unit/unit.h"
#include "libcommon/fields.h"
#include "libcommon/record.h"
#include "parse/parse.h"

#include <dirent.h>
#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct parser *with_sites, *without_sites;
static struct parse_scratch *scratch;

static void source_path(char out[4096], const char *name)
{
    snprintf(out, 4096, "%s/%s", getenv("KHABAR_SOURCE"), name);
}

static char *read_file(const char *path, size_t *ret_size)
{
    FILE *f = fopen(path, "rb");
    if (!f)
        return NULL;
    char *data = NULL;
    size_t size = 0, n;
    char chunk[65536];
    while ((n = fread(chunk, 1, sizeof chunk, f)) > 0) {
        data = realloc(data, size + n + 1);
        assert_non_null(data);
        memcpy(data + size, chunk, n);
        size += n;
    }
    fclose(f);
    if (!data)
        data = calloc(1, 1);
    data[size] = '\0';
    *ret_size = size;
    return data;
}

static void put(struct buffer *document, enum field field, const json_t *known, const char *key)
{
    fields_put_string(document, field, json_string_value(json_object_get(known, key)));
}

static void write_document(const json_t *known, struct buffer *document)
{
    put(document, FIELD_URL, known, "url");
    put(document, FIELD_SOURCE, known, "site");
    put(document, FIELD_CONTENT_TYPE, known, "content_type");
    fields_put_string(document, FIELD_DIGEST,
                      "sha256:0000000000000000000000000000000000000000000000000000000000000000");
    json_int_t fetched = json_integer_value(json_object_get(known, "fetched_at"));
    if (fetched)
        fields_put_time(document, FIELD_FETCHED_AT, fetched * 1000000);
}

/* The record of a document, or {"reject": reason}. */
static json_t *parse(const struct parser *parser, const json_t *known, const char *body,
                     size_t size)
{
    struct buffer document = {0}, article = {0}, line = {0};
    struct parse_reject reject = {0};
    write_document(known, &document);
    int r = parse_document(parser, scratch, document.data, document.size, body, size, &article,
                           &reject);
    json_t *result;
    if (r == PARSE_REJECT) {
        assert_int_equal(article.size, 0);
        result = json_pack("{s:s}", "reject", reject_name(reject.reason));
    } else {
        assert_int_equal(r, PARSE_ARTICLE);
        assert_int_equal(fields_check(article.data, article.size), 0);
        struct record record = {
            .document = {document.data, document.size},
              .article = {article.data,  article.size }
        };
        assert_int_equal(record_write_khabar(&record, &line), 0);
        result = json_loadb(line.data, line.size, 0, NULL);
    }
    assert_non_null(result);
    buffer_free(&document);
    buffer_free(&article);
    buffer_free(&line);
    return result;
}

static int differs(const char *name, const char *key, const json_t *wanted, const json_t *found)
{
    if (json_equal(wanted, found))
        return 0;
    char *w = json_dumps(wanted, JSON_ENCODE_ANY),
         *f = found ? json_dumps(found, JSON_ENCODE_ANY) : NULL;
    print_message("%s: %s:\n  wanted %s\n  found  %s\n", name, key, w, f ? f : "nothing");
    free(w);
    free(f);
    return 1;
}

/* Offsets count code points: what stands between them is the text of the quotation or date. */
static int check_offsets(const char *name, const json_t *record, const char *list)
{
    const char *text = json_string_value(json_object_get(record, "text"));
    size_t i;
    json_t *item;
    json_array_foreach(json_object_get(record, list), i, item)
    {
        size_t start = (size_t)json_integer_value(json_object_get(item, "start"));
        size_t end = (size_t)json_integer_value(json_object_get(item, "end"));
        size_t at = 0, count = 0, from = 0;
        for (; text[at] && count < end; at++) {
            if (count == start && ((unsigned char)text[at] & 0xc0) != 0x80)
                from = at;
            count += ((unsigned char)text[at + 1] & 0xc0) != 0x80;
        }
        const char *own = json_string_value(json_object_get(item, "text"));
        if (strlen(own) != at - from || memcmp(text + from, own, at - from) != 0) {
            print_message("%s: %s[%zu]: offsets do not fit the text\n", name, list, i);
            return 1;
        }
    }
    return 0;
}

static int compare_fields(const char *name, const json_t *expected, const json_t *record)
{
    int wrong = 0;
    const char *key;
    json_t *value;
    json_object_foreach((json_t *)expected, key, value)
    {
        if (strcmp(key, "absent") != 0) {
            wrong += differs(name, key, value, json_object_get(record, key));
            continue;
        }
        size_t i;
        json_t *field;
        json_array_foreach(value, i, field) if (json_object_get(record, json_string_value(field)))
        {
            char *f =
                json_dumps(json_object_get(record, json_string_value(field)), JSON_ENCODE_ANY);
            print_message("%s: %s must be absent, found %s\n", name, json_string_value(field), f);
            free(f);
            wrong++;
        }
    }
    return wrong + check_offsets(name, record, "quotes") + check_offsets(name, record, "dates");
}

static int check_folder(const char *name)
{
    char dir[1024], path[4096];
    size_t size, body_size = 0;
    snprintf(dir, sizeof dir, "tests/fixtures/dumps/%.200s", name);
    source_path(path, dir);
    char *end = path + strlen(path);
    strcpy(end, "/document.json");
    json_t *known = json_load_file(path, 0, NULL);
    strcpy(end, "/expected.json");
    json_error_t error;
    json_t *expected = json_load_file(path, 0, &error);
    if (!expected) {
        print_message("%s: expected.json: %s\n", name, error.text);
        return 1;
    }
    strcpy(end, "/body.txt");
    char *body = read_file(path, &body_size);
    const char *input = json_string_value(json_object_get(known, "input"));
    snprintf(end, 512, "/%.200s", input ? input : "input.txt");
    char *page = read_file(path, &size);
    assert_non_null(page);
    bool sites = json_object_get(known, "site") || json_object_get(known, "url");
    json_t *record = parse(sites ? with_sites : without_sites, known, page, size);
    int wrong = compare_fields(name, expected, record);
    while (body && body_size && body[body_size - 1] == '\n')
        body[--body_size] = '\0';
    const char *text = json_string_value(json_object_get(record, "text"));
    if (body && (!text || strcmp(body, text) != 0)) {
        print_message("%s: text:\n--- wanted\n%s\n--- found\n%s\n---\n", name, body,
                      text ? text : "nothing");
        wrong++;
    }
    json_decref(known);
    json_decref(expected);
    json_decref(record);
    free(body);
    free(page);
    return wrong;
}

static void every_fixture_comes_out_as_expected(void **state)
{
    (void)state;
    char path[4096];
    source_path(path, "tests/fixtures/dumps");
    struct dirent **entries;
    int count = scandir(path, &entries, NULL, alphasort), wrong = 0, folders = 0;
    assert_true(count > 2);
    for (int i = 0; i < count; i++) {
        if (entries[i]->d_name[0] != '.') {
            wrong += check_folder(entries[i]->d_name);
            folders++;
        }
        free(entries[i]);
    }
    free(entries);
    assert_true(folders > 0);
    assert_int_equal(wrong, 0);
}

static const char page[] =
    "Dam repaired before the rains\nSunday 18 January 2026\n\n"
    "The governor said on Sunday that the dam above the town had been repaired in time "
    "for the rains, and that the road was open again.\n";

static void expect_reject(const char *type, const char *body, size_t size, const char *reason)
{
    json_t *known = type ? json_pack("{s:s}", "content_type", type) : json_object();
    json_t *record = parse(without_sites, known, body, size);
    assert_string_equal(json_string_value(json_object_get(record, "reject")), reason);
    json_decref(known);
    json_decref(record);
}

static void what_is_no_article_is_rejected_with_its_reason(void **state)
{
    (void)state;
    static const char noughts[4096];
    expect_reject("text/plain", "", 0, "empty");
    expect_reject("text/plain", " \n\t\r\n ", 6, "empty");
    expect_reject(NULL, noughts, sizeof noughts, "not-text");
    expect_reject("image/png", page, sizeof page - 1, "content-type");
    expect_reject("text/plain", "Home\nNews\nSport\nContact us\n", 27, "no-article");
}

static void every_cut_of_a_page_is_survived(void **state)
{
    (void)state;
    char path[4096];
    size_t size;
    source_path(path, "tests/fixtures/sample/article.txt");
    char *sample = read_file(path, &size);
    json_t *known = json_object();
    for (size_t cut = 0; cut <= size; cut += 37) {
        char *copy = malloc(cut + 1); /* exact size, so that ASan sees an overread */
        assert_non_null(copy);
        memcpy(copy, sample, cut);
        copy = realloc(copy, cut ? cut : 1);
        json_decref(parse(without_sites, known, copy, cut));
        free(copy);
    }
    json_decref(known);
    free(sample);
}

static void too_little_memory_is_a_reject(void **state)
{
    (void)state;
    struct parse_limits limits = {.memory = 20000};
    struct parser *parser;
    struct parse_scratch *own;
    struct buffer article = {0};
    struct parse_reject reject = {0};
    assert_int_equal(parser_new(&limits, NULL, NULL, &parser), 0);
    assert_int_equal(parse_scratch_new(parser, &own), 0);
    char *lines = calloc(100000, 3);
    for (int i = 0; i < 100000; i++)
        memcpy(lines + 3 * i, "a.\n", 3);
    assert_int_equal(parse_document(parser, own, NULL, 0, lines, 300000, &article, &reject),
                     PARSE_REJECT);
    assert_int_equal(reject.reason, REJECT_TOO_COMPLEX);
    assert_int_equal(article.size, 0);
    free(lines);
    parse_scratch_free(own);
    parser_free(parser);
    assert_null(parse_scratch_free(NULL));
    assert_null(parser_free(NULL));
}

/* The page with empty lines and short ones behind it, as many lines as asked in all. */
static json_t *parse_long(size_t lines)
{
    size_t size = sizeof page - 1, more = lines - 4;
    char *text = malloc(size + 2 * more);
    assert_non_null(text);
    memcpy(text, page, size);
    for (size_t i = 0; i < more; i++)
        memcpy(text + size + 2 * i, "x\n", 2);
    json_t *known = json_object();
    json_t *record = parse(without_sites, known, text, size + 2 * more);
    json_decref(known);
    free(text);
    return record;
}

static void lines_that_are_not_read_are_told(void **state)
{
    (void)state;
    enum { LINES_READ = 200000 };
    json_t *record = parse_long(LINES_READ), *cut = parse_long(LINES_READ + 2);
    assert_string_equal(json_string_value(json_object_get(record, "title")),
                        "Dam repaired before the rains");
    assert_null(json_object_get(record, "warnings"));
    assert_string_equal(json_string_value(json_object_get(cut, "title")),
                        "Dam repaired before the rains");
    const json_t *warnings = json_object_get(cut, "warnings");
    assert_int_equal(json_array_size(warnings), 1);
    assert_string_equal(json_string_value(json_array_get(warnings, 0)), "truncated");
    json_decref(record);
    json_decref(cut);
}

static int set_up(void **state)
{
    (void)state;
    char path[4096];
    struct parse_limits limits = {0};
    source_path(path, "configs/sites");
    return parser_new(&limits, path, NULL, &with_sites) ||
           parser_new(&limits, NULL, NULL, &without_sites) ||
           parse_scratch_new(with_sites, &scratch);
}

static int tear_down(void **state)
{
    (void)state;
    scratch = parse_scratch_free(scratch);
    with_sites = parser_free(with_sites);
    without_sites = parser_free(without_sites);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_fixture_comes_out_as_expected),
        cmocka_unit_test(what_is_no_article_is_rejected_with_its_reason),
        cmocka_unit_test(every_cut_of_a_page_is_survived),
        cmocka_unit_test(too_little_memory_is_a_reject),
        cmocka_unit_test(lines_that_are_not_read_are_told),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}

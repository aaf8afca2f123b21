/* The feeder's JSON: every key, every body, and what is refused with which words. */
#include "tests/unit/unit.h"
#include "libcommon/ndjson_document.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int read_string(const char *json, bool with_body, struct ndjson_document *d, char *why)
{
    size_t size = strlen(json);
    char *copy = malloc(size + 1); /* exact size, so that ASan sees an overread */
    assert_non_null(copy);
    memcpy(copy, json, size);
    copy = realloc(copy, size ? size : 1);
    int r = ndjson_document_read(copy, size, with_body, d, why);
    free(copy);
    return r;
}

static void reads_every_key(void **state)
{
    (void)state;
    struct ndjson_document d;
    char why[NDJSON_WHY_SIZE];
    assert_int_equal(read_string("{\"id\":\"a/1\",\"url\":\"https://e.org/1\",\"site\":\"e.org\","
                                 "\"content_type\":\"text/html; charset=windows-1256\","
                                 "\"fetched_at\":\"2026-01-18T07:49:00.250+03:00\",\"more\":[1],"
                                 "\"html\":\"<p>\\u062e\\u0628\\u0631\\u0000\"}",
                                 true, &d, why),
                     NDJSON_OK);
    assert_string_equal(d.id, "a/1");
    assert_string_equal(d.url, "https://e.org/1");
    assert_string_equal(d.site, "e.org");
    assert_string_equal(d.content_type, "text/html; charset=utf-8");
    assert_true(d.fetched_at == 1768711740250000);
    assert_int_equal(d.body_size, 3 + 6 + 1);
    assert_memory_equal(d.body, "<p>خبر", 10);
    ndjson_document_free(&d);
    assert_null(d.body);
    ndjson_document_free(&d);
}

static void reads_times_ids_and_bodies(void **state)
{
    (void)state;
    struct ndjson_document d;
    char why[NDJSON_WHY_SIZE];
    static const struct {
        const char *json;
        int64_t fetched_at;
    } times[] = {
        {"{\"text\":\"\",\"fetched_at\":1768711740.5}",                1768711740500000},
        {"{\"text\":\"\",\"fetched_at\":1768711740}",                  1768711740000000},
        {"{\"text\":\"\",\"fetched_at\":\"2026-01-18T04:49:00Z\"}",      1768711740000000},
        {"{\"text\":\"\",\"fetched_at\":\"2026-01-18 04:49:00\"}",       1768711740000000},
        {"{\"text\":\"\",\"fetched_at\":\"2026-01-18T07:49:00+0300\"}",  1768711740000000},
        {"{\"text\":\"\",\"fetched_at\":\"2026-01-17T23:49:00-05:00\"}", 1768711740000000},
        {"{\"text\":\"\",\"fetched_at\":null}",                        0               },
    };
    for (size_t i = 0; i < sizeof times / sizeof *times; i++) {
        assert_int_equal(read_string(times[i].json, true, &d, why), NDJSON_OK);
        assert_true(d.fetched_at == times[i].fetched_at);
        assert_int_equal(d.body_size, 0);
        assert_string_equal(d.content_type, "text/plain; charset=utf-8");
        ndjson_document_free(&d);
    }
    static const struct {
        const char *base64, *body;
    } bodies[] = {{"", ""}, {"TQ==", "M"}, {"TWE=", "Ma"}, {"TWFu", "Man"}};
    for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++) {
        char json[64];
        snprintf(json, sizeof json, "{\"id\":%zu,\"body_base64\":\"%s\"}", i, bodies[i].base64);
        assert_int_equal(read_string(json, true, &d, why), NDJSON_OK);
        assert_int_equal(d.body_size, strlen(bodies[i].body));
        assert_memory_equal(d.body, bodies[i].body, d.body_size);
        assert_int_equal(atoi(d.id), i);
        assert_null(d.content_type);
        ndjson_document_free(&d);
    }
    assert_int_equal(read_string("{\"site\":\"\"}", false, &d, why), NDJSON_OK);
    assert_null(d.site);
    assert_null(d.body);
    ndjson_document_free(&d);
}

static void says_what_it_refuses(void **state)
{
    (void)state;
    static const struct {
        const char *json, *word;
        bool metadata;
    } rows[] = {
        {"",                                           "not JSON"       },
        {"{\"text\":\"a\"",                            "not JSON"       },
        {"[1]",                                        "not a JSON object"},
        {"{\"text\":\"a\"} {}",                        "not JSON"       },
        {"{\"text\":\"a\",\"text\":\"b\"}",            "duplicate"      },
        {"{\"text\":\"\xff\"}",                        "not JSON"       },
        {"{}",                                         "none of text"   },
        {"{\"text\":1}",                               "text is not"    },
        {"{\"text\":\"a\",\"html\":\"b\"}",            "more than one"  },
        {"{\"id\":true,\"text\":\"a\"}",               "id is not"      },
        {"{\"id\":\"a\\nb\",\"text\":\"a\"}",          "control"        },
        {"{\"url\":\"a\\u0000b\",\"text\":\"a\"}",     "control"        },
        {"{\"body_base64\":\"TQ=\"}",                  "not base64"     },
        {"{\"body_base64\":\"T===\"}",                 "not base64"     },
        {"{\"body_base64\":\"TQ=a\"}",                 "not base64"     },
        {"{\"body_base64\":\"T!FuTQ==\"}",             "not base64"     },
        {"{\"text\":\"\",\"fetched_at\":\"gestern\"}", "fetched_at"     },
        {"{\"text\":\"\",\"fetched_at\":\"2026-01-18T04:49:00Y\"}", "fetched_at"},
        {"{\"text\":\"\",\"fetched_at\":-5}",          "fetched_at"     },
        {"{\"text\":\"\",\"fetched_at\":1e300}",       "fetched_at"     },
        {"{\"html\":\"a\"}",                           "beside",   true },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct ndjson_document d;
        char why[NDJSON_WHY_SIZE] = "";
        assert_int_equal(read_string(rows[i].json, !rows[i].metadata, &d, why), NDJSON_BAD);
        if (!strstr(why, rows[i].word))
            fail_msg("%s: %s", rows[i].json, why);
    }
}

static void bounds_what_it_takes(void **state)
{
    (void)state;
    struct ndjson_document d;
    char why[NDJSON_WHY_SIZE];
    enum { SIZE = 1 << 20 };
    char *json = malloc(SIZE);
    assert_non_null(json);
    memset(json, '[', SIZE);
    assert_int_equal(ndjson_document_read(json, SIZE, true, &d, why), NDJSON_BAD);
    assert_non_null(strstr(why, "deep"));
    size_t at = (size_t)snprintf(json, SIZE, "{\"text\":\"a\",\"x\":[0");
    while (at < SIZE - 10)
        at += (size_t)snprintf(json + at, SIZE - at, ",0");
    at += (size_t)snprintf(json + at, SIZE - at, "]}");
    assert_int_equal(ndjson_document_read(json, at, true, &d, why), NDJSON_BAD);
    assert_non_null(strstr(why, "many"));
    at = (size_t)snprintf(json, SIZE, "{\"text\":\"a\",\"id\":\"%0*d\"}", NDJSON_ID_MAX + 1, 0);
    assert_int_equal(ndjson_document_read(json, at, true, &d, why), NDJSON_BAD);
    assert_non_null(strstr(why, "at most 512"));
    at = (size_t)snprintf(json, SIZE, "{\"text\":\"[{,\\\"%0*d\"}", SIZE - 100, 0);
    assert_int_equal(ndjson_document_read(json, at, true, &d, why), NDJSON_OK);
    assert_int_equal(d.body_size, SIZE - 100 + 4);
    ndjson_document_free(&d);
    free(json);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_every_key),
        cmocka_unit_test(reads_times_ids_and_bodies),
        cmocka_unit_test(says_what_it_refuses),
        cmocka_unit_test(bounds_what_it_takes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Site files: the shipped ones are right; every kind of mistake is told with its place; look-up by
 * URL and name. */
#include "tests/unit/unit.h"
#include "libcommon/site.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct sites *shipped(void)
{
    char dir[4096];
    snprintf(dir, sizeof dir, "%s/configs/sites", getenv("KHABAR_SOURCE"));
    struct buffer problem = {0};
    struct sites *sites = NULL;
    int r = sites_read(dir, &problem, &sites);
    if (r)
        print_message("%.*s", (int)problem.size, problem.data);
    assert_int_equal(r, 0);
    buffer_free(&problem);
    return sites;
}

static void the_shipped_files_are_right(void **state)
{
    (void)state;
    struct sites *sites = shipped();
    assert_true(sites_count(sites) >= 15);
    for (size_t i = 0; i < sites_count(sites); i++) {
        const struct site *site = sites_at(sites, i);
        assert_true(*site->name && *site->time_zone && *site->language && *site->country);
        assert_ptr_equal(sites_find_name(sites, site->name, strlen(site->name)), site);
        assert_ptr_equal(sites_find_name(sites, site->hosts.items[0], strlen(site->hosts.items[0])),
                         site);
    }
    assert_null(sites_at(sites, sites_count(sites)));
    assert_null(sites_free(sites));
    assert_null(sites_free(NULL));
}

static void sites_are_found_by_url_and_name(void **state)
{
    (void)state;
    static const struct {
        const char *url, *name;
    } cases[] = {
        {"https://www.alsumaria.tv/news/security/1/x",   "Alsumaria" },
        {"HTTPS://user@WWW.AlSumaria.TV:443?x",          "Alsumaria" },
        {"alsumaria.tv",                                 "Alsumaria" },
        {"https://notalsumaria.tv/",                     NULL        },
        {"https://alsumaria.tv.example/",                NULL        },
        {"https://www.bbc.com/arabic/articles/c1",       "BBC Arabic"},
        {"https://www.bbc.com/arabic",                   "BBC Arabic"},
        {"https://www.bbc.com/arabica",                  NULL        },
        {"https://www.bbc.com/news/world",               NULL        },
        {"https://example.org/?u=https://alsumaria.tv/", NULL        },
        {"https://arabic.cnn.com/middle-east/article",   "CNN Arabic"},
        {"https://edition.cnn.com/",                     NULL        },
        {"",                                             NULL        },
        {"://",                                          NULL        },
        {"/",                                            NULL        },
    };
    struct sites *sites = shipped();
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct site *site = sites_find_url(sites, cases[i].url, strlen(cases[i].url));
        if (cases[i].name)
            assert_string_equal(site ? site->name : cases[i].url, cases[i].name);
        else
            assert_null(site);
    }
    const struct site *site = sites_find_name(sites, "aLSUMARIA", 9);
    assert_non_null(site);
    assert_string_equal(site_topic(site, "أمن", strlen("أمن")), "medtop:16000000");
    assert_null(site_topic(site, "أم", strlen("أم")));
    assert_null(sites_find_name(sites, "", 0));
    sites_free(sites);
}

static void no_folder_is_an_empty_table(void **state)
{
    (void)state;
    struct sites *sites;
    assert_int_equal(sites_read(NULL, NULL, &sites), 0);
    assert_int_equal(sites_count(sites), 0);
    assert_null(sites_find_url(sites, "https://alsumaria.tv/", 21));
    sites_free(sites);
    assert_int_equal(sites_read("/nonexistent/sites", NULL, &sites), -ENOENT);
}

static void write_file(const char *dir, const char *name, const char *text)
{
    char path[512];
    snprintf(path, sizeof path, "%s/%s", dir, name);
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    fputs(text, f);
    assert_int_equal(fclose(f), 0);
}

static void mistakes_are_told_with_their_place(void **state)
{
    (void)state;
    static const struct {
        const char *json, *told;
    } cases[] = {
        {"{\"name\": \"x\",\n \"hosts\": [\"x.iq\"],\n \"zone\": \"a\"}",                 ":3: zone: unknown key"                                                                },
        {"{\"name\": 7, \"hosts\": [\"x.iq\"]}",                                          ":1: name: found 7, allowed is a string"                                               },
        {"{\"name\": \"x\", \"hosts\": \"x.iq\"}",                                        "allowed is an array of strings"                                                       },
        {"{\"name\": \"x\", \"hosts\": [\"https://x.iq\"]}",                              "hosts[0]: found \"https://x.iq\""                                                     },
        {"{\"name\": \"x\", \"hosts\": [\"www.x.iq\"]}",                                  "hosts[0]"                                                                             },
        {"{\"name\": \"x\", \"hosts\": [\"x.iq/\"]}",                                     "hosts[0]"                                                                             },
        {"{\"name\": \"x\", \"hosts\": []}",                                              "hosts"                                                                                },
        {"{\"hosts\": [\"x.iq\"]}",                                                       "name: missing"                                                                        },
        {"{\"name\": \"x\", \"hosts\": [\"x.iq\"],\n\"time_zone\": \"Asia/Bagdad\"}",
         ":2: time_zone: found \"Asia/Bagdad\", allowed is an IANA time zone"                                                                                                    },
        {"{\"name\": \"x\", \"hosts\": [\"x.iq\"], \"country\": \"XX\"}",                 "country: found \"XX\""                                                                },
        {"{\"name\": \"x\", \"hosts\": [\"x.iq\"], \"language\": \"arabic language\"}",   "language"                                                                             },
        {"{\"name\": \"x\", \"hosts\": [\"x.iq\"],\n\"sections\": {\"a\": \"medtop:04000000\",\n"
         "\"b\": \"medtop:99000000\"}}",                                         ":3: sections.b: found \"medtop:99000000\", allowed is the code of an IPTC Media Topic"},
        {"{\"name\": \"x\", \"hosts\": [\"x.iq\"], \"hints\": {\"day_order\": \"dmy\"}}",
         "hints.day_order: found the string \"dmy\", allowed is one of \"unknown\""                                                                                              },
        {"{\"name\": \"x\", \"hosts\": [\"x.iq\"], \"hints\": {\"colour\": \"red\"}}",
         "hints.colour"                                                                                                                                                          },
        {"{\"name\": \"x\"",                                                              ":1"                                                                                   },
    };
    char dir[] = "/tmp/khabar-sites-XXXXXX", path[512];
    assert_non_null(mkdtemp(dir));
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        write_file(dir, "a.json", cases[i].json);
        struct buffer problem = {0};
        struct sites *sites;
        assert_int_equal(sites_read(dir, &problem, &sites), -EINVAL);
        buffer_append_char(&problem, '\0');
        if (!strstr(problem.data, cases[i].told) || !strstr(problem.data, "a.json"))
            fail_msg("told: %s wanted: %s", problem.data, cases[i].told);
        buffer_free(&problem);
    }
    write_file(dir, "a.json", "{\"name\": \"x\", \"hosts\": [\"x.iq\"]}");
    write_file(dir, "b.json", "{\"name\": \"y\", \"hosts\": [\"y.iq\", \"x.iq\"]}");
    struct buffer problem = {0};
    struct sites *sites;
    assert_int_equal(sites_read(dir, &problem, &sites), -EINVAL);
    buffer_append_char(&problem, '\0');
    assert_non_null(strstr(problem.data, "y: shares its name or a host with x"));
    buffer_free(&problem);
    for (int i = 0; i < 2; i++) {
        snprintf(path, sizeof path, "%s/%c.json", dir, 'a' + i);
        assert_int_equal(unlink(path), 0);
    }
    assert_int_equal(rmdir(dir), 0);
}

static void media_topics_are_known(void **state)
{
    (void)state;
    assert_true(media_topic_known("medtop:01000000"));
    assert_true(media_topic_known("medtop:20000002"));
    assert_false(media_topic_known("medtop:00000000"));
    assert_false(media_topic_known("medtop:1000000"));
    assert_false(media_topic_known("medtop:010000000"));
    assert_false(media_topic_known("01000000"));
    assert_false(media_topic_known(""));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_shipped_files_are_right),
        cmocka_unit_test(sites_are_found_by_url_and_name),
        cmocka_unit_test(no_folder_is_an_empty_table),
        cmocka_unit_test(mistakes_are_told_with_their_place),
        cmocka_unit_test(media_topics_are_known),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Leads of a record that point to articles seen before. */
#include "tests/unit/unit.h"
#include "tests/unit/sink/output_folder.h"

#include "libcommon/fields.h"
#include "sink/leads.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static const int64_t NOW = 1768712940000000, DAY = 86400000000;

static struct seen *index_of_three(const char *dir)
{
    struct seen *s = NULL;
    struct seen_answer answer;
    bool anew;
    char url[64], title[64];
    assert_int_equal(seen_open(dir, 30 * DAY, false, &s, &anew), 0);
    for (uint64_t i = 1; i <= 3; i++) {
        snprintf(url, sizeof url, "https://a.example/%u", (unsigned)i);
        snprintf(title, sizeof title, "a headline of some length, number %u", (unsigned)i);
        struct seen_document d = {.spool = 5,
                                  .seq = i,
                                  .url = url,
                                  .url_size = strlen(url),
                                  .title = title,
                                  .title_size = strlen(title),
                                  .has_text = true,
                                  .fingerprint = {(uint8_t)i}};
        assert_int_equal(seen_look(s, &d, NOW, &answer), 0);
    }
    return s;
}

static void put_lead(struct buffer *b, const char *title, const char *url)
{
    size_t object = fields_open(b, FIELD_NONE, FIELD_OBJECT);
    fields_put_string(b, FIELD_ROLE, "related");
    fields_put_string(b, FIELD_TITLE, title);
    fields_put_string(b, FIELD_URL, url);
    fields_close(b, object);
}

/* How often the text stands in the fields. */
static size_t occurrences(const struct buffer *b, const char *text)
{
    size_t count = 0, size = strlen(text);
    for (size_t at = 0; at + size <= b->size; at++)
        count += !memcmp(b->data + at, text, size);
    return count;
}

static int match(struct seen *s, const struct buffer *fields, struct buffer *out)
{
    struct seen_document d = {.spool = 5, .seq = 100};
    struct record record = {
        .spool = 5, .seq = 100, .article = {fields->data, fields->size}
    };
    return leads_match(s, &d, &record, out);
}

static void leads_get_id_and_story(void **state)
{
    (void)state;
    struct output_folder f;
    struct buffer article = {0}, out = {0};
    struct field_value leads, before, behind;
    output_folder_make(&f);
    struct seen *s = index_of_three(f.dir);
    fields_put_string(&article, FIELD_TITLE, "the article itself");
    size_t list = fields_open(&article, FIELD_LEADS, FIELD_LIST);
    put_lead(&article, "whatever", "https://a.example/2");
    put_lead(&article, "nobody has seen this headline", NULL);
    put_lead(&article, "a headline of some length, number 3", NULL);
    fields_close(&article, list);
    fields_put_string(&article, FIELD_BODY_TEXT, "its text");
    assert_int_equal(match(s, &article, &out), 1);
    assert_int_equal(fields_check(out.data, out.size), 0);
    assert_int_equal(fields_find(out.data, out.size, FIELD_TITLE, &before), 1);
    assert_int_equal(fields_find(out.data, out.size, FIELD_BODY_TEXT, &behind), 1);
    assert_memory_equal(behind.data, "its text", behind.size);
    assert_int_equal(fields_find(out.data, out.size, FIELD_LEADS, &leads), 1);
    struct fields_cursor cursor = fields_inside(&leads);
    struct field_value item, id, story;
    for (int i = 0; i < 3; i++) {
        assert_int_equal(fields_next(&cursor, &item), 1);
        assert_int_equal(fields_find(item.data, item.size, FIELD_ID, &id), i != 1);
        assert_int_equal(fields_find(item.data, item.size, FIELD_STORY, &story), i != 1);
    }
    assert_int_equal(fields_next(&cursor, &item), 0);
    assert_int_equal(occurrences(&out, "nobody has seen this headline"), 1);
    buffer_free(&article);
    buffer_free(&out);
    seen_close(s);
    output_folder_remove(&f);
}

static void nothing_seen_changes_nothing(void **state)
{
    (void)state;
    struct output_folder f;
    struct buffer article = {0}, out = {0};
    output_folder_make(&f);
    struct seen *s = index_of_three(f.dir);
    assert_int_equal(match(s, &article, &out), 0);
    fields_put_string(&article, FIELD_TITLE, "the article itself");
    assert_int_equal(match(s, &article, &out), 0);
    size_t list = fields_open(&article, FIELD_LEADS, FIELD_LIST);
    for (int i = 0; i < 3 * LEADS_MATCHED; i++)
        put_lead(&article, "nobody has seen this headline", i % 2 ? "https://b.example/" : NULL);
    put_lead(&article, "behind all that are looked up", "https://a.example/1");
    fields_close(&article, list);
    assert_int_equal(match(s, &article, &out), 0);
    buffer_free(&article);
    buffer_free(&out);
    seen_close(s);
    output_folder_remove(&f);
}

static void what_are_no_fields_is_refused(void **state)
{
    (void)state;
    struct output_folder f;
    struct buffer article = {0}, out = {0};
    output_folder_make(&f);
    struct seen *s = index_of_three(f.dir);
    size_t list = fields_open(&article, FIELD_LEADS, FIELD_LIST);
    put_lead(&article, "whatever", "https://a.example/2");
    fields_close(&article, list);
    size_t whole = article.size;
    for (size_t size = 1; size < whole; size++) {
        article.size = size;
        assert_int_equal(match(s, &article, &out), -EBADMSG);
    }
    article.size = whole;
    for (size_t at = 0; at < whole;
         at++) { /* a wrong byte anywhere: no more than a refusal or no match */
        uint8_t byte = (uint8_t)article.data[at];
        ((uint8_t *)article.data)[at] = (uint8_t)~byte;
        int r = match(s, &article, &out);
        assert_true(r == 0 || r == 1 || r == -EBADMSG);
        ((uint8_t *)article.data)[at] = byte;
    }
    assert_int_equal(match(s, &article, &out), 1);
    buffer_free(&article);
    buffer_free(&out);
    seen_close(s);
    output_folder_remove(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(leads_get_id_and_story),
        cmocka_unit_test(nothing_seen_changes_nothing),
        cmocka_unit_test(what_are_no_fields_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

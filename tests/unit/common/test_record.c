/* Records: the line in each format, its head, what is refused; the field table beside the JSON Schema. */
#include "tests/unit/unit.h"
#include "tests/unit/common/record_samples.h"

#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

static json_t *parse(const struct buffer *line)
{
    json_error_t error;
    json_t *json = json_loadb(line->data, line->size, JSON_REJECT_DUPLICATES, &error);
    if (!json)
        print_message("%s: %.*s\n", error.text, (int)line->size, line->data);
    assert_non_null(json);
    return json;
}

static const char *text(const json_t *object, const char *key)
{
    return json_string_value(json_object_get(object, key));
}

static void every_sample_is_one_line_of_json(void **state)
{
    (void)state;
    for (size_t f = 0; format_at(f); f++) {
        assert_ptr_equal(format_from_name(format_at(f)->name), format_at(f));
        for (int i = 0; i < RECORD_SAMPLES; i++) {
            struct record_sample sample;
            struct buffer line = {0};
            record_sample_make(i, &sample);
            assert_int_equal(format_at(f)->write(&sample.record, &line), 0);
            assert_ptr_equal(memchr(line.data, '\n', line.size), line.data + line.size - 1);
            json_decref(parse(&line));
            uint64_t spool, seq;
            size_t head = line.size < RECORD_HEAD ? line.size : RECORD_HEAD;
            assert_int_equal(record_identity(line.data, head, &spool, &seq), sample.record.spool != 0);
            if (sample.record.spool) {
                assert_true(spool == sample.record.spool);
                assert_true(seq == sample.record.seq);
            }
            buffer_free(&line);
            record_sample_free(&sample);
        }
    }
    assert_null(format_from_name("xml"));
}

static void a_record_has_what_the_runs_say(void **state)
{
    (void)state;
    struct record_sample sample;
    struct buffer line = {0};
    record_sample_make(0, &sample);
    assert_int_equal(record_write_khabar(&sample.record, &line), 0);
    const char head[] = "{\"schema\":\"khabar/1\",\"id\":\"00000000000000ab-42\",\"seq\":42,\"lane\":\"main\","
                        "\"received_at\":\"2026-01-18T05:09:01Z\",";
    assert_memory_equal(line.data, head, sizeof head - 1);
    json_t *json = parse(&line);
    assert_string_equal(text(json, "title"), "انفجار \"كبير\" في بغداد");
    assert_string_equal(text(json, "duplicate_of"), "00000000000000ab-7");
    assert_int_equal(json_array_size(json_object_get(json, "warnings")), 2);
    assert_int_equal(json_array_size(json_object_get(json, "leads")), 3);
    assert_null(json_object_get(json, "minhash"));
    json_t *place = json_array_get(json_object_get(json, "places"), 0);
    assert_true(json_real_value(json_object_get(place, "lat")) == 33.3152);
    assert_true(json_is_true(json_object_get(place, "scene")));
    json_decref(json);
    buffer_free(&line);
    record_sample_free(&sample);
}

static void a_reject_keeps_the_bytes(void **state)
{
    (void)state;
    struct record_sample sample;
    struct buffer line = {0};
    reject_sample_make(1, &sample);
    assert_int_equal(record_write_reject(&sample.record, &line), 0);
    json_t *json = parse(&line);
    assert_string_equal(text(json, "reject"), "gave-up");
    assert_string_equal(text(json, "stage"), "parse");
    assert_int_equal(json_integer_value(json_object_get(json, "attempts")), 3);
    assert_string_equal(text(json, "feeder_id"), "17/4");
    assert_string_equal(text(json, "body_base64"), "/wAB");
    json_decref(json);
    uint64_t spool, seq;
    assert_int_equal(record_identity(line.data, line.size, &spool, &seq), 1);
    assert_true(seq == 43);
    buffer_free(&line);
    record_sample_free(&sample);
}

static void the_id_without_a_spool_is_the_digest(void **state)
{
    (void)state;
    struct record_sample sample;
    struct buffer line = {0};
    record_sample_make(3, &sample);
    assert_int_equal(record_write_khabar(&sample.record, &line), 0);
    json_t *json = parse(&line);
    assert_string_equal(text(json, "id"), "sha256-9f86d081884c7d659a2feaa0c55ad015");
    assert_null(json_object_get(json, "seq"));
    json_decref(json);
    sample.record.document = (struct fields_run){0};
    size_t before = line.size;
    assert_int_equal(record_write_khabar(&sample.record, &line), -EINVAL);
    assert_int_equal(record_write_ninjs(&sample.record, &line), -EINVAL);
    assert_int_equal(line.size, before);
    buffer_free(&line);
    record_sample_free(&sample);
}

static void cut_and_flipped_runs_are_refused_or_json(void **state)
{
    (void)state;
    struct record_sample sample;
    record_sample_make(0, &sample);
    int refused = 0;
    for (size_t size = 0; size < sample.article.size; size++) {
        char *copy = malloc(size ? size : 1);
        assert_non_null(copy);
        memcpy(copy, sample.article.data, size);
        sample.record.article = (struct fields_run){copy, size};
        for (size_t f = 0; format_at(f); f++) {
            struct buffer line = {0};
            int r = format_at(f)->write(&sample.record, &line);
            assert_true(r == 0 || r == -EBADMSG);
            refused += r < 0;
            assert_true(r == 0 || line.size == 0);
            if (r == 0)
                json_decref(parse(&line));
            buffer_free(&line);
        }
        free(copy);
    }
    assert_true(refused > (int)sample.article.size);
    record_sample_free(&sample);
}

static void a_field_of_another_type_is_refused(void **state)
{
    (void)state;
    struct record_sample sample;
    struct buffer line = {0}, wrong = {0};
    record_sample_make(1, &sample);
    fields_put_integer(&wrong, FIELD_SUMMARY, 1);
    sample.record.labels = (struct fields_run){wrong.data, wrong.size};
    for (size_t f = 0; format_at(f); f++)
        assert_int_equal(format_at(f)->write(&sample.record, &line), -EBADMSG);
    buffer_free(&wrong);
    buffer_free(&line);
    record_sample_free(&sample);
}

static void identity_refuses_what_is_not_a_head(void **state)
{
    (void)state;
    const char *const bad[] = {
        "",
        "{",
        "{\"schema\":\"khabar/1\",\"id\":\"",
        "{\"schema\":\"khabar/1\",\"id\":\"00000000000000ab-",
        "{\"schema\":\"khabar/1\",\"id\":\"00000000000000ab-4",
        "{\"schema\":\"khabar/1\",\"id\":\"00000000000000ab-\"",
        "{\"schema\":\"khabar/1\",\"id\":\"00000000000000aB-4\"",
        "{\"schema\":\"khabar/1\",\"id\":\"00000000000000ab-99999999999999999999\"",
        "{\"schema\":\"khabar/2\",\"id\":\"00000000000000ab-4\"",
        "{\"uri\":\"urn:khabar:sha256-9f86d081884c7d659a2feaa0c55ad015\"",
    };
    uint64_t spool, seq;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_int_equal(record_identity(bad[i], strlen(bad[i]), &spool, &seq), 0);
}

/* Gathers every property in the schema, at any depth: name -> type. */
static void gather(const json_t *schema, json_t *types)
{
    const char *name;
    json_t *property;
    json_object_foreach(json_object_get(schema, "properties"), name, property)
    {
        if (!json_is_object(property))
            continue;
        json_t *known = json_object_get(types, name);
        if (!known) {
            known = json_array();
            json_object_set_new(types, name, known);
        }
        json_array_append(known, json_object_get(property, "type"));
        gather(property, types);
        gather(json_object_get(property, "items"), types);
    }
}

static void schema_and_field_table_name_the_same(void **state)
{
    (void)state;
    static const char *const names[] = {
        [FIELD_TEXT] = "string",  [FIELD_INTEGER] = "integer", [FIELD_REAL] = "number", [FIELD_FLAG] = "boolean",
        [FIELD_TIME] = "string", [FIELD_OBJECT] = "object",   [FIELD_LIST] = "array"};
    char path[4096];
    snprintf(path, sizeof path, "%s/configs/record.schema.json", getenv("KHABAR_SOURCE"));
    json_t *schema = json_load_file(path, JSON_REJECT_DUPLICATES, NULL), *types = json_object();
    assert_non_null(schema);
    gather(schema, types);
    for (int f = 0; f < FIELD_END_OF_NAMES; f++) {
        if (!field_name(f) || f == FIELD_MINHASH)
            continue;
        json_t *known = json_object_get(types, field_name(f)), *type;
        size_t i;
        bool found = false;
        json_array_foreach(known, i, type)
            found |= !strcmp(json_string_value(type), names[field_type(f)]);
        if (!found)
            print_message("the schema lacks %s\n", field_name(f));
        assert_true(found);
    }
    const char *name;
    json_t *known;
    json_object_foreach(types, name, known)
    {
        bool found = false;
        for (int f = 0; f < FIELD_END_OF_NAMES; f++)
            found |= field_name(f) && f != FIELD_MINHASH && !strcmp(field_name(f), name);
        if (!found)
            print_message("no field is called %s\n", name);
        assert_true(found);
    }
    json_decref(types);
    json_decref(schema);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_sample_is_one_line_of_json),
        cmocka_unit_test(a_record_has_what_the_runs_say),
        cmocka_unit_test(a_reject_keeps_the_bytes),
        cmocka_unit_test(the_id_without_a_spool_is_the_digest),
        cmocka_unit_test(cut_and_flipped_runs_are_refused_or_json),
        cmocka_unit_test(a_field_of_another_type_is_refused),
        cmocka_unit_test(identity_refuses_what_is_not_a_head),
        cmocka_unit_test(schema_and_field_table_name_the_same),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

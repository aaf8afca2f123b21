/* Settings: the shipped files agree with the table; every kind of mistake is named with its place. */
#include "tests/unit/unit.h"
#include "libcommon/settings.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int read_text(const char *json, struct settings *ret, char error[CONFIG_ERROR_SIZE])
{
    char file[] = "/tmp/khabar-settings-XXXXXX";
    int fd = mkstemp(file);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, json, strlen(json)), (ssize_t)strlen(json));
    close(fd);
    int r = settings_read(file, "/nowhere", ret, error);
    unlink(file);
    return r;
}

static void compare_with_file(const char *name, const struct buffer *text)
{
    char path[1024];
    snprintf(path, sizeof path, "%s/%s", getenv("KHABAR_SOURCE"), name);
    FILE *f = fopen(path, "r");
    assert_non_null(f);
    char *shipped = calloc(1, text->size + 2);
    assert_non_null(shipped);
    size_t size = fread(shipped, 1, text->size + 1, f);
    fclose(f);
    assert_int_equal(size, text->size);
    assert_memory_equal(shipped, text->data, size);
    free(shipped);
}

static void the_shipped_files_are_those_of_the_table(void **state)
{
    (void)state;
    struct buffer b = {0};
    config_write_defaults(settings_rows, settings_row_count, &b);
    compare_with_file("configs/khabar.json", &b);
    buffer_clear(&b);
    config_write_schema(settings_rows, settings_row_count, "A lane of khabar", &b);
    compare_with_file("configs/khabar.schema.json", &b);
    buffer_free(&b);
}

static void every_row_is_whole(void **state)
{
    (void)state;
    struct settings s;
    char error[CONFIG_ERROR_SIZE];
    assert_int_equal(settings_read(NULL, "/nowhere", &s, error), 0);
    for (size_t i = 0; i < settings_row_count; i++) {
        const struct config_row *row = &settings_rows[i];
        assert_non_null(row->meaning);
        if (row->type == CONFIG_INTEGER)
            assert_true(row->lowest <= row->number && row->number <= row->highest);
        for (size_t j = 0; j < i; j++) {
            assert_string_not_equal(row->path, settings_rows[j].path);
            assert_true(row->offset != settings_rows[j].offset);
        }
    }
    assert_string_equal(s.spool.dir, "/nowhere/spool");
    assert_int_equal(s.window.documents, 1024);
    settings_free(&s);
}

static void mistakes_are_named_with_their_place(void **state)
{
    (void)state;
    static const struct {
        const char *json, *said;
    } cases[] = {
        {"{\n \"window\": {\n  \"documents\": 0}}", ":3: window.documents: found 0, allowed are 1 to 8192"},
        {"{\"window\": {\"dokuments\": 1}}", ":1: window.dokuments: unknown key, allowed are: documents, bytes"},
        {"{\n\"windo\": {}}", ":2: windo: unknown key, allowed are: lane, log, limits, window, "},
        {"{\"window\": 5}", ": window: found 5, allowed is an object"},
        {"{\"log\":\n{\"level\": \"loud\"}}",
         ":2: log.level: found the string \"loud\", allowed is one of \"err\", \"warning\", \"info\", \"debug\""},
        {"{\"ingest\": {\"drop\": {\"enabled\": 1}}}", "found 1, allowed are true and false"},
        {"{\"lane\": {\"name\": \"A b\"}}", "lane.name: found \"A b\", allowed is a name of the letters"},
        {"{\"lane\": {\"name\": \"\"}}", "lane.name: found 0 bytes, allowed are 1 to 40"},
        {"{\"ingest\": {\"feed\": {\"endpoint\": \"udp://0.0.0.0:1\"}}}", "allowed is an ipc:// or tcp:// endpoint"},
        {"{\"ingest\": {\"feed\": {\"endpoint\": \"tcp://0.0.0.0:1\"}}}", "is beyond the loopback address, which needs"},
        {"{\"ingest\": {\"feed\": {\"endpoint\": \"tcp://127.0.0.1.example.org:1\"}}}", "is beyond the loopback address"},
        {"{\"ingest\": {\"feed\": {\"secret_key\": \"key\"}}}", "both are needed, or neither"},
        {"{\"window\": {\"bytes\": 1.5}}", "found 1.5"},
        {"{\"window\": {\"bytes\": null}}", "found null"},
        {"[1]", ":1: found an array, allowed is an object"},
        {"{", ":1:1: not JSON: "},
        {"{\"log\": {}, \"log\": {}}", "not JSON: duplicate"},
        {"{\"a\\nb\": 1}", "unknown key"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct settings s;
        char error[CONFIG_ERROR_SIZE];
        assert_int_equal(read_text(cases[i].json, &s, error), -EINVAL);
        if (!strstr(error, cases[i].said))
            fail_msg("case %zu: %s", i, error);
        settings_free(&s);
    }
}

static void a_file_is_laid_over_the_defaults(void **state)
{
    (void)state;
    struct settings s;
    char error[CONFIG_ERROR_SIZE];
    assert_int_equal(read_text("{\"$schema\": \"x\", \"spool\": {\"dir\": \"/a\"}, \"sink\": {\"format\": "
                               "\"ninjs\"}, \"ingest\": {\"drop\": {\"enabled\": false}}}",
                               &s, error),
                     0);
    assert_string_equal(s.spool.dir, "/a");
    assert_int_equal(s.sink.format, 1);
    assert_false(s.ingest.drop);
    assert_true(s.ingest.feed);
    char endpoint[SETTINGS_ENDPOINT_SIZE];
    assert_int_equal(settings_endpoint(&s, "parse", endpoint), 0);
    assert_string_equal(endpoint, "ipc:///nowhere/run/parse.sock");
    settings_free(&s);
    assert_int_equal(settings_read("/nonexistent/khabar.json", NULL, &s, error), -ENOENT);
    assert_non_null(strstr(error, "/nonexistent/khabar.json: No such file"));
    settings_free(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_shipped_files_are_those_of_the_table),
        cmocka_unit_test(every_row_is_whole),
        cmocka_unit_test(mistakes_are_named_with_their_place),
        cmocka_unit_test(a_file_is_laid_over_the_defaults),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

#include "tests/unit/unit.h"

#include "classify/event.h"
#include "classify/topic.h"

#include <string.h>

static void test_every_topic_has_code_and_names(void **state)
{
    (void)state;
    for (int t = 0; t < TOPIC_COUNT; t++) {
        const struct topic_name *name = topic_name(t);
        assert_non_null(name);
        assert_int_equal(topic_from_code(name->code), t);
        assert_true(strlen(name->english) > 0 && strlen(name->arabic) > 0);
    }
    assert_null(topic_name(TOPIC_COUNT));
    assert_int_equal(topic_from_code("medtop:20000002"), -1);
}

static void test_every_event_has_a_name(void **state)
{
    (void)state;
    for (int e = 0; e < EVENT_COUNT; e++)
        assert_int_equal(event_from_name(event_name(e)), e);
    assert_null(event_name(EVENT_COUNT));
    assert_int_equal(event_from_name("MAKE TEA"), -1);
}

static void test_sections_say_topics(void **state)
{
    (void)state;
    static const struct {
        const char *section;
        int topic;
    } cases[] = {
        {"رياضة", TOPIC_SPORT},        {"الرياضة", TOPIC_SPORT}, {"أخبار الاقتصاد", TOPIC_ECONOMY},
        {"فن و ثقافة", TOPIC_CULTURE}, {"Sport", TOPIC_SPORT},   {"أمن", TOPIC_CONFLICT},
        {"محليات", -1},                {"", -1},                 {"السياسة", TOPIC_POLITICS},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_int_equal(topic_of_section(cases[i].section, strlen(cases[i].section)),
                         cases[i].topic);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_topic_has_code_and_names),
        cmocka_unit_test(test_every_event_has_a_name),
        cmocka_unit_test(test_sections_say_topics),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

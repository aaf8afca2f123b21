#include "tests/unit/unit.h"

#include "classify/classify.h"
#include "libcommon/fields.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct bench {
    struct classifier *classifier;
    struct classify_scratch *scratch;
    struct buffer article, labels;
};

static int set_up(void **state)
{
    struct bench *b = calloc(1, sizeof *b);
    char models[1024];
    const char *bad = NULL;
    snprintf(models, sizeof models, "%s/configs/models", getenv("KHABAR_SOURCE"));
    if (classifier_new(models, &b->classifier, &bad) < 0 || classify_scratch_new(&b->scratch) < 0)
        return -1;
    *state = b;
    return 0;
}

static int tear_down(void **state)
{
    struct bench *b = *state;
    classifier_free(b->classifier);
    classify_scratch_free(b->scratch);
    buffer_free(&b->article);
    buffer_free(&b->labels);
    free(b);
    return 0;
}

static int classify(struct bench *b, const char *title, const char *section, const char *text)
{
    buffer_clear(&b->article);
    buffer_clear(&b->labels);
    fields_put_string(&b->article, FIELD_TITLE, title);
    fields_put_string(&b->article, FIELD_SECTION, section);
    fields_put_string(&b->article, FIELD_BODY_TEXT, text);
    return classify_article(b->classifier, b->scratch, NULL, 0, b->article.data, b->article.size,
                            &b->labels);
}

static void assert_text(const struct bench *b, enum field field, const char *expected)
{
    struct field_value value;
    assert_int_equal(fields_find(b->labels.data, b->labels.size, field, &value), 1);
    assert_int_equal(value.size, strlen(expected));
    assert_memory_equal(value.data, expected, value.size);
}

static void assert_first_topic(const struct bench *b, const char *code)
{
    struct field_value list, object, value;
    assert_int_equal(fields_find(b->labels.data, b->labels.size, FIELD_TOPICS, &list), 1);
    struct fields_cursor cursor = fields_inside(&list);
    assert_int_equal(fields_next(&cursor, &object), 1);
    assert_int_equal(fields_find(object.data, object.size, FIELD_CODE, &value), 1);
    assert_int_equal(value.size, strlen(code));
    assert_memory_equal(value.data, code, value.size);
}

static void test_an_article_gets_its_labels(void **state)
{
    struct bench *b = *state;
    assert_int_equal(classify(b, "فوز المنتخب العراقي على نظيره الأردني", "رياضة",
                              "حقق المنتخب العراقي لكرة القدم الفوز على المنتخب الأردني بهدفين "
                              "دون مقابل في المباراة التي جرت مساء اليوم ضمن التصفيات."),
                     0);
    assert_int_equal(fields_check(b->labels.data, b->labels.size), 0);
    assert_text(b, FIELD_LANGUAGE, "ar");
    assert_text(b, FIELD_SCRIPT, "Arab");
    assert_first_topic(b, "medtop:15000000");
}

/* What a run of paragraphs says: its tag, and where it is in the text. */
static void assert_run(const struct field_value *object, const char *tag, int start, int end)
{
    struct field_value value;
    assert_int_equal(fields_find(object->data, object->size, FIELD_LANGUAGE, &value), 1);
    assert_int_equal(value.size, strlen(tag));
    assert_memory_equal(value.data, tag, value.size);
    assert_int_equal(fields_find(object->data, object->size, FIELD_START, &value), 1);
    assert_int_equal(value.integer, start);
    assert_int_equal(fields_find(object->data, object->size, FIELD_END, &value), 1);
    assert_int_equal(value.integer, end);
}

static void test_paragraphs_of_another_language_are_marked(void **state)
{
    struct bench *b = *state;
    struct field_value list, object;
    assert_int_equal(
        classify(b, "خبر", "",
                 "قال رئيس الوزراء العراقي إن الحكومة ستعمل على حل الأزمة.\n\n"
                 "وأضاف أن البرلمان سيصوت على القانون الجديد يوم غد.\n\n"
                 "The prime minister said that the government would solve the crisis."),
        0);
    assert_int_equal(fields_check(b->labels.data, b->labels.size), 0);
    assert_text(b, FIELD_LANGUAGE, "ar");
    assert_int_equal(fields_find(b->labels.data, b->labels.size, FIELD_LANGUAGES, &list), 1);
    struct fields_cursor cursor = fields_inside(&list);
    assert_int_equal(fields_next(&cursor, &object), 1);
    assert_run(&object, "ar", 0, 108);
    assert_int_equal(fields_next(&cursor, &object), 1);
    assert_run(&object, "en", 110, 177);
    assert_int_equal(fields_next(&cursor, &object), 0);
}

static size_t count_in(const struct bench *b, enum field field)
{
    struct field_value list, object;
    size_t count = 0;
    if (fields_find(b->labels.data, b->labels.size, field, &list) != 1)
        return 0;
    struct fields_cursor cursor = fields_inside(&list);
    while (fields_next(&cursor, &object) == 1)
        count++;
    return count;
}

static void test_names_are_looked_for_in_arabic_alone(void **state)
{
    struct bench *b = *state;
    assert_int_equal(classify(b, "خبر", "",
                              "قال رئيس الوزراء العراقي إن الحكومة ستعمل على حل الأزمة في البصرة.\n"
                              "The Bank of England and BBC News said Boris Johnson went to Paris.\n"
                              "Reuters"),
                     0);
    assert_int_equal(count_in(b, FIELD_PLACES), 1);
    assert_int_equal(count_in(b, FIELD_PEOPLE), 0);
    assert_int_equal(
        classify(
            b, "رئیس جمهور ایران به تهران رفت", "",
            "رئیس جمهور ایران گفت که دولت روحانی برای گفتگو با آمریکا و انگلیس آماده است و محمد "
            "جواد ظریف وزیر امور خارجه هم این موضوع را تایید کرد."),
        0);
    assert_text(b, FIELD_LANGUAGE, "fa");
    assert_int_equal(count_in(b, FIELD_PLACES) + count_in(b, FIELD_PEOPLE) +
                         count_in(b, FIELD_ORGANISATIONS),
                     0);
}

static void test_nothing_to_say_of_nothing(void **state)
{
    struct bench *b = *state;
    assert_int_equal(classify(b, "", "", ""), 0);
    assert_int_equal(fields_check(b->labels.data, b->labels.size), 0);
    assert_text(b, FIELD_LANGUAGE, "und");
}

static void test_bytes_that_are_no_fields_are_refused(void **state)
{
    struct bench *b = *state;
    buffer_clear(&b->labels);
    assert_int_equal(classify_article(b->classifier, b->scratch, NULL, 0, "rubbish", 7, &b->labels),
                     -EBADMSG);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_an_article_gets_its_labels),
        cmocka_unit_test(test_paragraphs_of_another_language_are_marked),
        cmocka_unit_test(test_names_are_looked_for_in_arabic_alone),
        cmocka_unit_test(test_nothing_to_say_of_nothing),
        cmocka_unit_test(test_bytes_that_are_no_fields_are_refused),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}

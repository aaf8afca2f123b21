#include "tests/unit/unit.h"

#include "classify/names.h"
#include "classify/places.h"
#include "classify/scene.h"
#include "libcommon/fields.h"
#include "libcommon/utf8.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct bench {
    struct gazetteer *gazetteer;
    struct names_model *model;
    struct scene_model *scene;
    struct names_scratch *scratch;
    struct tokens tokens;
    struct entities entities;
};

static int set_up(void **state)
{
    struct bench *b = calloc(1, sizeof *b);
    char path[1024];
    snprintf(path, sizeof path, "%s/configs/models/places.model", getenv("KHABAR_SOURCE"));
    if (gazetteer_open(path, &b->gazetteer) < 0)
        return -1;
    snprintf(path, sizeof path, "%s/configs/models/names.model", getenv("KHABAR_SOURCE"));
    if (names_model_open(path, &b->model) < 0 || names_scratch_new(&b->scratch) < 0)
        return -1;
    snprintf(path, sizeof path, "%s/configs/models/scene.model", getenv("KHABAR_SOURCE"));
    if (scene_model_open(path, &b->scene) < 0)
        return -1;
    *state = b;
    return 0;
}

static int tear_down(void **state)
{
    struct bench *b = *state;
    gazetteer_close(b->gazetteer);
    names_model_close(b->model);
    scene_model_close(b->scene);
    names_scratch_free(b->scratch);
    tokens_free(&b->tokens);
    free(b);
    return 0;
}

static size_t read_names(struct bench *b, const char *title, const char *body)
{
    const struct name_mention *mentions;
    tokens_clear(&b->tokens);
    assert_int_equal(tokens_add(&b->tokens, PART_TITLE, title, strlen(title)), 0);
    assert_int_equal(tokens_add(&b->tokens, PART_BODY, body, strlen(body)), 0);
    size_t count = names_find(b->model, b->gazetteer, b->scratch, &b->tokens, NULL, &mentions);
    entities_find(b->gazetteer, b->scene, &b->tokens, names_words(b->scratch), mentions, count,
                  &b->entities);
    return count;
}

static const struct entity *find(const struct bench *b, enum name_type type, const char *name)
{
    for (size_t i = 0; i < b->entities.count; i++) {
        const struct entity *e = &b->entities.items[i];
        bool same_type =
            e->type == type || (name_type_is_place(e->type) && name_type_is_place(type));
        if (same_type && e->size == strlen(name) && !memcmp(e->name, name, e->size))
            return e;
    }
    return NULL;
}

static const char title[] = "الرئيس التركي يصل إلى البصرة";
static const char body[] =
    "وصل الرئيس التركي رجب طيب أردوغان إلى مدينة البصرة جنوبي العراق، وقال أردوغان في "
    "مؤتمر صحفي ببغداد إن وزارة النفط العراقية ستعلن النتائج.\nوأكد أردوغان أن الحكومة العراقية "
    "تعمل مع الأمم المتحدة والولايات المتحدة.";

static void test_people_places_and_organisations(void **state)
{
    struct bench *b = *state;
    assert_true(read_names(b, title, body) > 5);
    const struct entity *person = find(b, NAME_PERSON, "رجب طيب أردوغان");
    assert_non_null(person);
    assert_true(person->mentions >= 2); /* the last name alone counts too */
    assert_null(find(b, NAME_PERSON, "أردوغان"));
    assert_non_null(find(b, NAME_ORGANISATION, "الأمم المتحدة"));
    const struct entity *place = find(b, NAME_GPE, "العراق");
    assert_non_null(place);
    assert_true(place->located);
    assert_memory_equal(place->place.country, "IQ", 2);
    assert_int_equal(place->place.kind, PLACE_COUNTRY);
}

static void test_prefixes_are_cut(void **state)
{
    struct bench *b = *state;
    read_names(b, title, body);
    const struct entity *baghdad = find(b, NAME_GPE, "بغداد");
    assert_non_null(baghdad);
    assert_memory_equal(baghdad->place.country, "IQ", 2);
    const struct entity *states = find(b, NAME_GPE, "الولايات المتحدة");
    assert_non_null(states);
    assert_memory_equal(states->place.country, "US", 2);
}

static void test_offsets_count_code_points_of_the_body(void **state)
{
    struct bench *b = *state;
    read_names(b, title, body);
    for (size_t i = 0; i < b->entities.count; i++) {
        const struct entity *e = &b->entities.items[i];
        for (size_t k = 0; k < e->offset_count; k++) {
            size_t at = 0;
            for (uint32_t points = 0; points < e->offsets[k]; points++)
                utf8_next(body, &at);
            assert_true(at < sizeof body);
            assert_true(k == 0 || e->offsets[k] > e->offsets[k - 1]);
        }
    }
    const struct entity *baghdad = find(b, NAME_GPE, "بغداد");
    assert_non_null(baghdad);
    assert_int_equal(baghdad->offset_count, 1);
    size_t at = 0;
    for (uint32_t points = 0; points < baghdad->offsets[0]; points++)
        utf8_next(body, &at);
    assert_memory_equal(body + at, "بغداد", strlen("بغداد"));
}

static void test_people_joined_by_and_are_several(void **state)
{
    struct bench *b = *state;
    read_names(b, "", "بحث بوتين والسيسي العلاقات بين البلدين، والتقى وليد المعلم في موسكو.");
    assert_non_null(find(b, NAME_PERSON, "بوتين"));
    assert_non_null(find(b, NAME_PERSON, "السيسي"));
    assert_non_null(find(b, NAME_PERSON, "وليد المعلم")); /* this one begins with the letter */
}

static size_t count_scenes(const struct bench *b)
{
    size_t scenes = 0;
    for (size_t i = 0; i < b->entities.count; i++)
        scenes += b->entities.items[i].scene;
    return scenes;
}

static void test_the_scene_is_where_it_happens(void **state)
{
    struct bench *b = *state;
    read_names(
        b, "انفجار في الموصل",
        "قتل ثلاثة أشخاص في انفجار سيارة مفخخة في مدينة الموصل شمالي العراق، وفق مصدر أمني.");
    const struct entity *mosul = find(b, NAME_GPE, "الموصل");
    assert_non_null(mosul);
    assert_true(mosul->scene);
    assert_int_equal(count_scenes(b), 1);
    read_names(b, "كتب جديدة", "صدرت هذا العام كتب كثيرة عن تاريخ الفن.");
    assert_int_equal(count_scenes(b), 0);
}

static void test_more_places_than_are_considered(void **state)
{
    struct bench *b = *state;
    static const char *const cities[] = {
        "بغداد",   "دمشق",  "بيروت", "عمان",   "القاهرة", "تونس",    "الجزائر", "الرباط", "طرابلس",
        "الخرطوم", "صنعاء", "مسقط",  "أبوظبي", "الدوحة",  "المنامة", "الرياض",  "الكويت", "طهران",
        "أنقرة",   "باريس", "لندن",  "برلين",  "روما",    "مدريد",   "موسكو",   "بكين",   "طوكيو",
        "واشنطن",  "أثينا", "فيينا", "بروكسل", "جنيف",    "البصرة",  "الموصل",  "أربيل"};
    char text[2048] = "زار الوفد ";
    for (size_t i = 0; i < sizeof cities / sizeof *cities; i++) {
        strcat(text, i ? " و" : "");
        strcat(text, cities[i]);
    }
    read_names(b, "", text);
    size_t places = 0;
    for (size_t i = 0; i < b->entities.count; i++)
        places += name_type_is_place(b->entities.items[i].type);
    assert_true(places > 32);
    assert_true(count_scenes(b) <= 1);
}

static void test_fields_are_well_formed(void **state)
{
    struct bench *b = *state;
    struct buffer labels = {0};
    read_names(b, title, body);
    entities_put(&b->entities, &labels);
    assert_int_equal(fields_check(labels.data, labels.size), 0);
    struct field_value value;
    assert_int_equal(fields_find(labels.data, labels.size, FIELD_PLACES, &value), 1);
    assert_int_equal(fields_find(labels.data, labels.size, FIELD_ORGANISATIONS, &value), 1);
    assert_int_equal(fields_find(labels.data, labels.size, FIELD_PEOPLE, &value), 1);
    struct fields_cursor people = fields_inside(&value);
    struct field_value person, offsets;
    assert_int_equal(fields_next(&people, &person), 1);
    assert_int_equal(fields_find(person.data, person.size, FIELD_OFFSETS, &offsets), 1);
    buffer_clear(&labels);
    assert_int_equal(read_names(b, "", ""), 0);
    entities_put(&b->entities, &labels);
    assert_int_equal(labels.size, 0);
    buffer_free(&labels);
}

static void test_quotation_marks_are_closed(void **state)
{
    (void)state;
    static const char text[] = "تنظيم \"الدولة الإسلامية\" في";
    struct tokens t = {0};
    assert_int_equal(tokens_add(&t, PART_BODY, text, strlen(text)), 0);
    struct name_mention m = {.first = 0, .last = 2, .type = NAME_ORGANISATION};
    size_t size;
    const char *name = name_text(&t, &m, &size);
    assert_int_equal(size, strlen("تنظيم \"الدولة الإسلامية\""));
    assert_memory_equal(name, text, size);
    tokens_free(&t);
}

static void test_long_and_odd_texts(void **state)
{
    struct bench *b = *state;
    static const char *const words[] = {
        "بغداد ", "و", "محمد ", "a1", "لل", "\xf0\x9f\x98\x80 ", "بغداد\n", "\"(\" "};
    enum { SIZE = 8 * 1024 * 1024 };
    char *text = malloc(SIZE + 16);
    assert_non_null(text);
    for (size_t w = 0; w < sizeof words / sizeof *words; w++) {
        size_t length = strlen(words[w]), size = 0, limit = w == 0 ? SIZE : SIZE / 32;
        while (size + length <= limit) {
            memcpy(text + size, words[w], length);
            size += length;
        }
        text[size] = '\0';
        assert_true(read_names(b, words[w], text) <= NAMES_MAX);
        assert_true(b->entities.count <= ENTITIES_MAX);
    }
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_people_places_and_organisations, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_prefixes_are_cut, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_people_joined_by_and_are_several, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_the_scene_is_where_it_happens, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_more_places_than_are_considered, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_offsets_count_code_points_of_the_body, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_fields_are_well_formed, set_up, tear_down),
        cmocka_unit_test(test_quotation_marks_are_closed),
        cmocka_unit_test_setup_teardown(test_long_and_odd_texts, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

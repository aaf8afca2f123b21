#include "tests/unit/unit.h"

#include "classify/gazetteer.h"
#include "classify/gazetteer_format.h"
#include "classify/model.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <xxhash.h>

enum { SLOTS = 64 };

struct small {
    struct place places[3];
    uint32_t lists[8];
    uint64_t nodes[SLOTS], nations[SLOTS];
    uint8_t first[GAZETTEER_FIRST_BITS / 8];
};

static uint64_t hash_of(const char *word)
{
    uint8_t folded[64];
    return XXH3_64bits(folded, fold_text(word, strlen(word), folded, sizeof folded));
}

static void put_node(struct small *s, uint64_t key, uint32_t list, bool goes_on)
{
    size_t at = key & (SLOTS - 1);
    while (s->nodes[at])
        at = (at + 1) & (SLOTS - 1);
    s->nodes[at] = gazetteer_node(key, list, goes_on);
}

/* Basra (city, 1), Basra (region) under the same name, and Umm Qasr, a name of two words. */
static struct small *small_new(void)
{
    struct small *s = calloc(1, sizeof *s);
    s->places[0] = (struct place){
        .number = 99532, .country = "IQ", .kind = PLACE_CITY, .source = SOURCE_GEONAMES};
    s->places[1] = (struct place){
        .number = 85672453, .country = "IQ", .kind = PLACE_REGION, .source = SOURCE_WOF};
    s->places[2] =
        (struct place){.number = 125, .country = "IQ", .kind = PLACE_PORT, .source = SOURCE_KHABAR};
    uint32_t lists[] = {0, 2, 0, 1, 1, 2};
    memcpy(s->lists, lists, sizeof lists);
    put_node(s, hash_of("البصرة"), 1, false);
    uint64_t umm = hash_of("أم");
    put_node(s, umm, 0, true);
    put_node(s, gazetteer_chain(umm, hash_of("قصر")), 4, false);
    const char *const firsts[] = {"البصرة", "أم"};
    for (int i = 0; i < 2; i++) {
        uint32_t bit = gazetteer_first_bit(hash_of(firsts[i]));
        s->first[bit / 8] |= (uint8_t)(1 << bit % 8);
    }
    uint64_t nation = hash_of("عراقي");
    uint16_t code;
    memcpy(&code, "IQ", 2);
    s->nations[nation & (SLOTS - 1)] = nation >> 16 << 16 | code;
    return s;
}

static int open_small(const struct small *s, struct gazetteer **ret)
{
    char path[] = "/tmp/khabar-gazetteer-XXXXXX";
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    close(fd);
    struct model_part parts[] = {
        {GAZETTEER_PLACES,  s->places,  sizeof s->places    },
        {GAZETTEER_LISTS,   s->lists,   6 * sizeof *s->lists},
        {GAZETTEER_NODES,   s->nodes,   sizeof s->nodes     },
        {GAZETTEER_FIRST,   s->first,   sizeof s->first     },
        {GAZETTEER_NATIONS, s->nations, sizeof s->nations   },
    };
    assert_int_equal(model_write(path, MODEL_PLACES, GAZETTEER_VERSION, parts, 5), 0);
    int r = gazetteer_open(path, ret);
    unlink(path);
    return r;
}

static size_t words_found(const struct gazetteer *g, const char *text, unsigned cut,
                          const struct place **ret)
{
    struct tokens t = {0};
    struct gazetteer_match m = {0};
    assert_int_equal(tokens_add(&t, PART_BODY, text, strlen(text)), 0);
    bool found = gazetteer_find(g, &t, 0, t.count, cut, &m);
    *ret = found ? gazetteer_place(g, m.places[0]) : NULL;
    tokens_free(&t);
    return found ? m.words : 0;
}

static void test_names_are_found(void **state)
{
    (void)state;
    struct small *s = small_new();
    struct gazetteer *g = NULL;
    assert_int_equal(open_small(s, &g), 0);
    const struct place *p;
    assert_int_equal(words_found(g, "البصره قال", 0, &p), 1);
    assert_int_equal(p->kind, PLACE_CITY);
    assert_int_equal(words_found(g, "بالبصرة", 1, &p), 1);
    assert_int_equal(words_found(g, "وللبصرة", 2, &p), 1);
    assert_int_equal(words_found(g, "بالبصرة", 0, &p), 0);
    assert_int_equal(words_found(g, "أم قصر", 0, &p), 2);
    assert_int_equal(words_found(g, "أم_قصر", 0, &p), 2);
    assert_int_equal(words_found(g, "أم، قصر", 0, &p), 0);
    assert_int_equal(words_found(g, "أم", 0, &p), 0);
    struct gazetteer_match m;
    assert_true(gazetteer_find_key(g, gazetteer_chain(hash_of("ام"), hash_of("قصر")), &m));
    assert_false(gazetteer_find_key(g, hash_of("ام"), &m));
    assert_false(gazetteer_find_key(g, 0, &m));
    assert_true(gazetteer_find_key(g, hash_of("البصرة"), &m));
    assert_int_equal(m.count, 2);
    assert_int_equal(gazetteer_place(g, m.places[1])->kind, PLACE_REGION);
    g = gazetteer_close(g);
    free(s);
}

static int head_of(const struct gazetteer *g, const char *text)
{
    struct tokens t = {0};
    assert_int_equal(tokens_add(&t, PART_BODY, text, strlen(text)), 0);
    const struct place_head *head = gazetteer_head(g, &t, 0);
    tokens_free(&t);
    return head ? head->kind : -2;
}

static void test_words_that_say_the_kind(void **state)
{
    (void)state;
    struct small *s = small_new();
    struct gazetteer *g = NULL;
    assert_int_equal(open_small(s, &g), 0);
    assert_int_equal(head_of(g, "محافظة البصرة"), PLACE_REGION);
    assert_int_equal(head_of(g, "وبمحافظه البصرة"), PLACE_REGION);
    assert_int_equal(head_of(g, "بمدينة البصرة"), PLACE_CITY);
    assert_int_equal(head_of(g, "للعاصمة بغداد"), PLACE_CITY);
    assert_int_equal(head_of(g, "جزيرة قبرص"), -1);
    assert_int_equal(head_of(g, "البصرة"), -2);
    assert_int_equal(head_of(g, "ب"), -2);
    g = gazetteer_close(g);
    free(s);
}

static void test_nationalities(void **state)
{
    (void)state;
    struct small *s = small_new();
    struct gazetteer *g = NULL;
    assert_int_equal(open_small(s, &g), 0);
    static const char *const yes[] = {"عراقي",    "العراقية",  "العراقيين", "عراقيون",
                                      "عراقيتين", "العراقيات", "عراقياً"};
    static const char *const no[] = {"العراق", "عراق", "ي", "ية", "الية", "عراقيب"};
    uint8_t folded[64];
    for (size_t i = 0; i < sizeof yes / sizeof *yes; i++) {
        const char *country = gazetteer_nationality(
            g, folded, fold_text(yes[i], strlen(yes[i]), folded, sizeof folded));
        assert_non_null(country);
        assert_memory_equal(country, "IQ", 2);
    }
    for (size_t i = 0; i < sizeof no / sizeof *no; i++)
        assert_null(gazetteer_nationality(g, folded,
                                          fold_text(no[i], strlen(no[i]), folded, sizeof folded)));
    g = gazetteer_close(g);
    free(s);
}

static void test_indices_are_checked(void **state)
{
    (void)state;
    struct gazetteer *g = NULL;
    struct small *s = small_new();
    s->lists[5] = 3; /* there are three places */
    assert_int_equal(open_small(s, &g), -EBADMSG);
    s->lists[5] = 2;
    s->lists[4] = 2; /* longer than the table */
    assert_int_equal(open_small(s, &g), -EBADMSG);
    s->lists[4] = 1;
    s->places[1].kind = PLACE_KINDS;
    assert_int_equal(open_small(s, &g), -EBADMSG);
    s->places[1].kind = PLACE_CITY;
    assert_int_equal(open_small(s, &g), 0);
    g = gazetteer_close(g);
    for (size_t i = 0; i < SLOTS; i++) /* no lookup would end */
        s->nodes[i] = s->nodes[i] ? s->nodes[i] : gazetteer_node(~i, 0, false);
    assert_int_equal(open_small(s, &g), -EBADMSG);
    assert_null(g);
    free(s);
}

static void test_kinds_and_ids(void **state)
{
    (void)state;
    for (int kind = 0; kind < PLACE_KINDS; kind++) {
        assert_non_null(place_kind_name(kind));
        assert_int_equal(place_kind_from_name(place_kind_name(kind)), kind);
    }
    assert_null(place_kind_name(PLACE_KINDS));
    assert_int_equal(place_kind_from_name("planet"), -1);
    char id[PLACE_ID_ROOM];
    for (int source = 0; source < SOURCES; source++) {
        place_id(&(struct place){.source = (uint8_t)source, .number = UINT32_MAX, .country = "IQ"},
                 id);
        assert_non_null(strchr(id, ':'));
    }
    place_id(&(struct place){.source = SOURCE_ISO, .country = "IQ"}, id);
    assert_string_equal(id, "iso:IQ");
    place_id(&(struct place){.source = SOURCE_GEONAMES, .number = 98182}, id);
    assert_string_equal(id, "geonames:98182");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_names_are_found), cmocka_unit_test(test_words_that_say_the_kind),
        cmocka_unit_test(test_nationalities),   cmocka_unit_test(test_indices_are_checked),
        cmocka_unit_test(test_kinds_and_ids),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

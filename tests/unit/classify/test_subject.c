#include "tests/unit/unit.h"

#include "classify/fold.h"
#include "classify/leads.h"
#include "classify/stem.h"
#include "classify/subject.h"
#include "libcommon/fields.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void model_path(const char *name, char path[1024])
{
    snprintf(path, 1024, "%s/configs/models/%s", getenv("KHABAR_SOURCE"), name);
}

static void test_stems_lose_article_conjunction_and_endings(void **state)
{
    (void)state;
    static const struct {
        const char *word, *stem;
    } cases[] = {
        {"والعراقيين", "عراق"    },
        {"بالمدرسة",     "مدرس"    },
        {"للمعلمين",     "معلم"    },
        {"وزارات",         "زار"      },
        {"من",                 "من"        },
        {"ال",                 "ال"        },
        {"و",                   "و"          },
        {"كتبها",           "كتب"      },
        {"مال",               "مال"      },
        {"الآن",             "ان"        },
        {"انتخابات",     "انتخاب"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        uint8_t word[64], stem[64];
        size_t size = fold_text(cases[i].word, strlen(cases[i].word), word, sizeof word), left;
        size_t expected = fold_text(cases[i].stem, strlen(cases[i].stem), stem, sizeof stem);
        const uint8_t *letters = stem_light(word, size, &left);
        assert_int_equal(left, expected);
        assert_memory_equal(letters, stem, left);
    }
}

static size_t keys_of(struct tokens *t, const char *title, const char *text,
                      struct subject_key keys[SUBJECT_KEYS])
{
    tokens_clear(t);
    assert_int_equal(tokens_add(t, PART_TITLE, title, strlen(title)), 0);
    assert_int_equal(tokens_add(t, PART_BODY, text, strlen(text)), 0);
    return subject_keys(t, keys);
}

/* Counts the keys of each space. */
static void count_spaces(const struct subject_key *keys, size_t count, size_t ret[SUBJECT_SPACES])
{
    memset(ret, 0, SUBJECT_SPACES * sizeof *ret);
    for (size_t i = 0; i < count; i++)
        ret[keys[i].space]++;
}

static void test_keys_know_their_space(void **state)
{
    (void)state;
    static struct subject_key keys[SUBJECT_KEYS];
    struct tokens t = {0};
    size_t spaces[SUBJECT_SPACES];
    count_spaces(keys, keys_of(&t, "عنوان الخبر", "الفقرة الاولى هنا\n\nوهذه الثانية", keys),
                 spaces);
    assert_int_equal(spaces[SUBJECT_TITLE], 3 * 2); /* word, stem and pair of each */
    assert_int_equal(spaces[SUBJECT_LEAD], 3 * 3);
    assert_int_equal(spaces[SUBJECT_TEXT], 3 * 7);
    assert_int_equal(spaces[SUBJECT_LETTERS], 2 * 4 + 5 + 5 + 2); /* runs of 4 */
    assert_int_equal(spaces[SUBJECT_ALONE], 0);
    count_spaces(keys, keys_of(&t, "عنوان الخبر", "", keys), spaces);
    assert_int_equal(spaces[SUBJECT_ALONE], 3 * 2 + 2 * 4);
    assert_int_equal(spaces[SUBJECT_TITLE] + spaces[SUBJECT_TEXT] + spaces[SUBJECT_LETTERS], 0);
    tokens_free(&t);
}

static void test_pairs_end_with_the_line(void **state)
{
    (void)state;
    static struct subject_key one[SUBJECT_KEYS], other[SUBJECT_KEYS];
    struct tokens t = {0};
    size_t count = keys_of(&t, "", "اول\nثان", one), same = 0;
    assert_int_equal(keys_of(&t, "", "غير\nثان", other), count);
    /* The last word of a line tells nothing of the next: text keys of the second word are the same.
     */
    for (size_t i = 0; i < count; i++)
        for (size_t k = 0; k < count; k++)
            same += one[i].space == SUBJECT_TEXT && one[i].hash == other[k].hash;
    assert_int_equal(same, 3);
    tokens_free(&t);
}

static void test_long_articles_stay_within_bounds(void **state)
{
    (void)state;
    enum { LONG = 20000 };
    static struct subject_key keys[SUBJECT_KEYS];
    struct tokens t = {0};
    char *text = calloc(LONG, 4);
    assert_non_null(text);
    for (size_t i = 0; i < LONG; i++)
        memcpy(text + 3 * i, "م ", 3);
    size_t count = keys_of(&t, text, "", keys);
    assert_in_range(count, SUBJECT_WORDS, SUBJECT_KEYS);
    count = keys_of(&t, "", text, keys);
    assert_in_range(count, SUBJECT_WORDS, SUBJECT_KEYS);
    count = keys_of(&t, text, text, keys);
    assert_in_range(count, SUBJECT_WORDS, SUBJECT_KEYS);
    for (size_t i = 0; i < 3 * LONG; i++) /* words of 40 letters */
        memcpy(text + i, i % 84 >= 80 ? " " : i % 2 ? "\x85" : "\xd9", 1);
    count = keys_of(&t, text, text, keys);
    assert_in_range(count, SUBJECT_WORDS, SUBJECT_KEYS);
    tokens_free(&t);
    free(text);
}

static int best(const struct subject_model *m, const char *title, const char *text, int outputs)
{
    static struct subject_key keys[SUBJECT_KEYS];
    float shares[SUBJECT_OUTPUTS], sum = 0;
    struct tokens t = {0};
    int most = 0;
    size_t count = keys_of(&t, title, text, keys);
    assert_true(subject_tell(m, keys, count, shares) > 0);
    for (int o = 0; o < outputs; o++) {
        sum += shares[o];
        most = shares[o] > shares[most] ? o : most;
    }
    assert_true(sum > 0.999f && sum < 1.001f);
    tokens_free(&t);
    return most;
}

static void test_clear_headlines_are_told(void **state)
{
    (void)state;
    static const struct {
        const char *title;
        enum topic topic;
    } cases[] = {
        {"ريال مدريد يفوز على برشلونة بهدفين في الدوري الإسباني", TOPIC_SPORT   },
        {"أسعار النفط ترتفع وخام برنت يتجاوز 70 دولارا للبرميل",     TOPIC_ECONOMY },
        {"مقتل عشرات الجنود في معارك مع مسلحي داعش شمال سوريا",      TOPIC_CONFLICT},
        {"دراسة: دواء جديد يقلل خطر الإصابة بمرض السكري",                 TOPIC_HEALTH  },
        {"زلزال بقوة 7 درجات يضرب إندونيسيا ويخلف قتلى وجرحى",        TOPIC_DISASTER},
        {"البرلمان يصوت على منح الثقة للحكومة الجديدة",                   TOPIC_POLITICS},
    };
    char path[1024];
    struct subject_model *m;
    model_path("topic.model", path);
    assert_int_equal(subject_model_open(path, MODEL_TOPIC, &m), 0);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_int_equal(best(m, cases[i].title, "", SUBJECT_OUTPUTS), cases[i].topic);
    subject_model_close(m);
}

static void test_clear_events_are_told(void **state)
{
    (void)state;
    static const struct {
        const char *title;
        enum event event;
    } cases[] = {
        {"مقتل 20 شخصا في هجوم انتحاري استهدف مسجدا في كابول", EVENT_ASSAULT},
        {"الشرطة تعتقل ثلاثة مشتبه بهم في قضية فساد",               EVENT_COERCE },
        {"آلاف المتظاهرين يحتجون في شوارع العاصمة",                 EVENT_PROTEST},
        {"طرق بسيطة للحصول على بشرة نضرة",                                   EVENT_NONE   },
    };
    char path[1024];
    struct subject_model *m;
    model_path("event.model", path);
    assert_int_equal(subject_model_open(path, MODEL_EVENT, &m), 0);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_int_equal(best(m, cases[i].title, "", EVENT_COUNT), cases[i].event);
    subject_model_close(m);
}

static void test_words_of_other_languages_are_not_known(void **state)
{
    (void)state;
    static struct subject_key keys[SUBJECT_KEYS];
    float shares[SUBJECT_OUTPUTS];
    struct tokens t = {0};
    struct subject_model *m;
    char path[1024];
    model_path("topic.model", path);
    assert_int_equal(subject_model_open(path, MODEL_TOPIC, &m), 0);
    size_t count = keys_of(&t, "Правительство объявило", "", keys);
    assert_int_equal(subject_tell(m, keys, count, shares), 0);
    assert_int_equal(subject_tell(m, keys, 0, shares), 0);
    tokens_free(&t);
    subject_model_close(m);
}

static void test_a_section_is_evidence(void **state)
{
    (void)state;
    struct subject_model *m;
    char path[1024];
    model_path("topic.model", path);
    assert_int_equal(subject_model_open(path, MODEL_TOPIC, &m), 0);
    float shares[SUBJECT_OUTPUTS] = {
        [TOPIC_POLITICS] = 0.5f, [TOPIC_ECONOMY] = 0.3f, [TOPIC_CRIME] = 0.2f};
    subject_weigh_section(m, TOPIC_ECONOMY, shares);
    assert_true(shares[TOPIC_ECONOMY] > 0.3f && shares[TOPIC_POLITICS] < 0.5f);
    assert_true(shares[TOPIC_POLITICS] > shares[TOPIC_CRIME]);
    subject_of_section(m, TOPIC_SPORT, shares);
    assert_true(shares[TOPIC_SPORT] > 0.3f && shares[TOPIC_SPORT] < 1);
    subject_of_section(m, -1, shares);
    assert_true(shares[TOPIC_SPORT] == 0);
    subject_model_close(m);
}

/* The parts of a model, small enough to tell its answers by hand. */
struct written {
    uint32_t slots[SUBJECT_SLOTS];
    struct subject_row rows[2];
    struct subject_sum sum;
    size_t row_count;
};

static void write_parts(const struct written *w, const char *path)
{
    const struct model_part parts[] = {
        {SUBJECT_SECTION_SLOTS, w->slots, sizeof w->slots               },
        {SUBJECT_SECTION_ROWS,  w->rows,  w->row_count * sizeof *w->rows},
        {SUBJECT_SECTION_SUM,   &w->sum,  sizeof w->sum                 },
    };
    assert_int_equal(model_write(path, MODEL_TOPIC, SUBJECT_VERSION, parts, 3), 0);
}

/* A model with that slot. */
static int open_written(uint32_t slot, size_t rows, enum model_kind kind, const char *path)
{
    static struct written w;
    struct subject_model *m = NULL;
    w.slots[5] = slot;
    w.row_count = rows;
    write_parts(&w, path);
    int r = subject_model_open(path, kind, &m);
    subject_model_close(m);
    return r;
}

static void temporary(char path[])
{
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    close(fd);
}

static void test_models_that_lead_astray_are_refused(void **state)
{
    (void)state;
    char path[] = "/tmp/khabar-subject-XXXXXX";
    temporary(path);
    assert_int_equal(open_written(1, 1, MODEL_TOPIC, path), 0);
    assert_int_equal(open_written(2, 1, MODEL_TOPIC, path), -EBADMSG); /* a row that is not there */
    assert_int_equal(open_written(1, 1, MODEL_EVENT, path), -EBADMSG); /* another kind */
    unlink(path);
    struct subject_model *m;
    assert_int_equal(subject_model_open(path, MODEL_TOPIC, &m), -ENOENT);
}

static void add_slot(struct written *w, uint64_t hash, uint32_t row)
{
    w->slots[subject_slot(hash)] = subject_tag(hash) | (row + 1);
}

/* What two keys add up to, one of them written twice, and one that is not known. */
static void test_keys_count_once_and_by_the_length_of_their_space(void **state)
{
    (void)state;
    static struct written w = {.row_count = 2};
    static const struct subject_key keys[] = {
        {0x1111111122222222u, SUBJECT_TEXT},
        {0x3333333344444444u, SUBJECT_TEXT},
        {0x1111111122222222u, SUBJECT_TEXT},
        {0x5555555566666666u, SUBJECT_TEXT}
    };
    char path[] = "/tmp/khabar-subject-XXXXXX";
    struct subject_model *m;
    float shares[SUBJECT_OUTPUTS];
    w.rows[0].weights[TOPIC_SPORT] = 100;
    w.rows[0].scale = 3 * SUBJECT_SCALE;
    w.rows[1].weights[TOPIC_ECONOMY] = 50;
    w.rows[1].scale = 4 * SUBJECT_SCALE;
    w.sum.step = 0.01f;
    w.sum.weight[SUBJECT_TEXT] = 2;
    w.sum.bias[false][TOPIC_SPORT] = -0.1f;
    w.sum.sharpness[false] = 3;
    w.sum.least = 0.4f;
    add_slot(&w, keys[0].hash, 0);
    add_slot(&w, keys[1].hash, 1);
    temporary(path);
    write_parts(&w, path);
    assert_int_equal(subject_model_open(path, MODEL_TOPIC, &m), 0);
    assert_int_equal(subject_tell(m, keys, 4, shares), 2);
    /* 2 / 5 of 1, less 0.1; 2 / 5 of 0.5 */
    assert_true(fabsf(logf(shares[TOPIC_SPORT] / shares[TOPIC_WEATHER]) - 3 * 0.3f) < 1e-4f);
    assert_true(fabsf(logf(shares[TOPIC_ECONOMY] / shares[TOPIC_WEATHER]) - 3 * 0.2f) < 1e-4f);
    assert_true(subject_least(m) == 0.4f);
    subject_model_close(m);
    unlink(path);
}

static size_t topics_in(const struct buffer *b, float ret[TOPIC_COUNT])
{
    struct field_value list, object, confidence;
    if (fields_find(b->data, b->size, FIELD_TOPICS, &list) != 1)
        return 0;
    struct fields_cursor cursor = fields_inside(&list);
    size_t count = 0;
    while (fields_next(&cursor, &object) == 1) {
        assert_int_equal(fields_find(object.data, object.size, FIELD_CONFIDENCE, &confidence), 1);
        ret[count++] = (float)confidence.real;
    }
    return count;
}

static void test_topics_come_best_first(void **state)
{
    (void)state;
    struct buffer b = {0};
    float told[TOPIC_COUNT];
    float shares[TOPIC_COUNT + 1] = {
        [TOPIC_SPORT] = 0.3f, [TOPIC_WEATHER] = 0.5f, [TOPIC_LABOUR] = 0.05f};
    topics_put(shares, TOPIC_COUNT, &b);
    assert_int_equal(topics_in(&b, told), 2);
    assert_true(told[0] == 0.5f && told[1] == 0.3f);
    buffer_clear(&b);
    topics_put(shares, 1, &b);
    assert_int_equal(topics_in(&b, told), 1);
    buffer_clear(&b);
    shares[TOPIC_COUNT] = 0.6f;
    topics_put(shares, TOPIC_COUNT, &b);
    assert_int_equal(b.size, 0);
    buffer_free(&b);
}

static void test_no_event_is_no_field(void **state)
{
    (void)state;
    struct buffer b = {0};
    float shares[EVENT_COUNT] = {[EVENT_NONE] = 0.6f, [EVENT_AID] = 0.4f};
    event_put(shares, 0, &b);
    assert_int_equal(b.size, 0);
    shares[EVENT_AID] = 0.7f;
    event_put(shares, 0.8f, &b);
    assert_int_equal(b.size, 0); /* not sure enough */
    event_put(shares, 0.7f, &b);
    struct field_value event, type;
    assert_int_equal(fields_find(b.data, b.size, FIELD_EVENT, &event), 1);
    assert_int_equal(fields_find(event.data, event.size, FIELD_EVENT_TYPE, &type), 1);
    assert_memory_equal(type.data, "AID", 3);
    buffer_free(&b);
}

struct leads_bench {
    struct language_model *language;
    struct subject_model *topics;
    struct tokens tokens;
    struct subject_key keys[SUBJECT_KEYS];
    struct buffer article, told;
};

static int open_leads(void **state)
{
    static struct leads_bench b;
    memset(&b, 0, sizeof b);
    char path[1024];
    model_path("language.model", path);
    if (language_model_open(path, &b.language) < 0)
        return -1;
    model_path("topic.model", path);
    *state = &b;
    return subject_model_open(path, MODEL_TOPIC, &b.topics);
}

static int close_leads(void **state)
{
    struct leads_bench *b = *state;
    language_model_close(b->language);
    subject_model_close(b->topics);
    tokens_free(&b->tokens);
    buffer_free(&b->article);
    buffer_free(&b->told);
    return 0;
}

static int tell(struct leads_bench *b)
{
    const struct leads_tools tools = {b->language, b->topics, &b->tokens, b->keys};
    return leads_tell(&tools, b->article.data, b->article.size, &b->told);
}

static void put_lead(struct buffer *b, const char *title)
{
    size_t object = fields_open(b, FIELD_NONE, FIELD_OBJECT);
    fields_put_string(b, FIELD_ROLE, "ticker");
    fields_put_string(b, FIELD_TITLE, title);
    fields_close(b, object);
}

/* How many leads the told article has, and how many of them have topics. */
static size_t count_leads(const struct leads_bench *b, size_t *ret_told)
{
    struct field_value list, lead, topics;
    size_t count = 0;
    *ret_told = 0;
    assert_int_equal(fields_check(b->told.data, b->told.size), 0);
    assert_int_equal(fields_find(b->told.data, b->told.size, FIELD_LEADS, &list), 1);
    struct fields_cursor cursor = fields_inside(&list);
    for (; fields_next(&cursor, &lead) == 1; count++)
        *ret_told += fields_find(lead.data, lead.size, FIELD_TOPICS, &topics) == 1;
    return count;
}

static void test_leads_get_topics(void **state)
{
    struct leads_bench *b = *state;
    struct field_value title;
    size_t told;
    buffer_clear(&b->article);
    fields_put_string(&b->article, FIELD_TITLE, "خبر");
    size_t list = fields_open(&b->article, FIELD_LEADS, FIELD_LIST);
    put_lead(&b->article, "برشلونة يفوز على ريال مدريد في الدوري الإسباني");
    put_lead(&b->article, "Barcelona beat Real Madrid");
    put_lead(&b->article, "");
    fields_close(&b->article, list);
    fields_put_string(&b->article, FIELD_BODY_TEXT, "نص");
    assert_int_equal(tell(b), 0);
    assert_int_equal(count_leads(b, &told), 3);
    assert_int_equal(told, 1);
    assert_int_equal(fields_find(b->told.data, b->told.size, FIELD_BODY_TEXT, &title), 1);
    assert_int_equal(fields_find(b->told.data, b->told.size, FIELD_TITLE, &title), 1);
}

static void test_a_flood_of_leads_is_passed_on_but_not_told(void **state)
{
    struct leads_bench *b = *state;
    size_t told;
    buffer_clear(&b->article);
    size_t list = fields_open(&b->article, FIELD_LEADS, FIELD_LIST);
    for (int i = 0; i < 3 * LEADS_TOLD; i++)
        put_lead(&b->article, "برشلونة يفوز على ريال مدريد في الدوري الإسباني");
    fields_close(&b->article, list);
    assert_int_equal(tell(b), 0);
    assert_int_equal(count_leads(b, &told), 3 * LEADS_TOLD);
    assert_int_equal(told, LEADS_TOLD);
}

static void test_leads_that_are_no_leads_are_refused(void **state)
{
    struct leads_bench *b = *state;
    buffer_clear(&b->article);
    assert_int_equal(tell(b), 0);
    assert_int_equal(b->told.size, 0);
    size_t list = fields_open(&b->article, FIELD_LEADS, FIELD_LIST);
    fields_put_string(&b->article, FIELD_NONE, "no object");
    fields_close(&b->article, list);
    assert_int_equal(tell(b), -EBADMSG);
    buffer_clear(&b->article);
    buffer_append(&b->article, "rubbish", 7);
    assert_int_equal(tell(b), -EBADMSG);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_stems_lose_article_conjunction_and_endings),
        cmocka_unit_test(test_keys_know_their_space),
        cmocka_unit_test(test_pairs_end_with_the_line),
        cmocka_unit_test(test_long_articles_stay_within_bounds),
        cmocka_unit_test(test_clear_headlines_are_told),
        cmocka_unit_test(test_clear_events_are_told),
        cmocka_unit_test(test_words_of_other_languages_are_not_known),
        cmocka_unit_test(test_a_section_is_evidence),
        cmocka_unit_test(test_models_that_lead_astray_are_refused),
        cmocka_unit_test(test_keys_count_once_and_by_the_length_of_their_space),
        cmocka_unit_test(test_topics_come_best_first),
        cmocka_unit_test(test_no_event_is_no_field),
        cmocka_unit_test_setup_teardown(test_leads_get_topics, open_leads, close_leads),
        cmocka_unit_test_setup_teardown(test_a_flood_of_leads_is_passed_on_but_not_told, open_leads,
                                        close_leads),
        cmocka_unit_test_setup_teardown(test_leads_that_are_no_leads_are_refused, open_leads,
                                        close_leads),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

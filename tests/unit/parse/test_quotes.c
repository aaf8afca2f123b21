/* Quotations: the lists are in order and in normalised form; what is said, by whom, with which
 * word. */
#include "tests/unit/unit.h"
#include "libcommon/text.h"
#include "parse/quotes.h"

#include <string.h>

static void lists_are_folded_and_in_order(void **state)
{
    (void)state;
    for (int particle = 0; particle < 2; particle++) {
        size_t count = 0;
        for (const char *word; (word = quotes_word(particle, count)); count++) {
            char folded[64];
            assert_int_equal(text_fold(word, strlen(word), folded), strlen(word));
            assert_memory_equal(folded, word, strlen(word));
            if (count)
                assert_true(strcmp(quotes_word(particle, count - 1), word) < 0);
        }
        assert_true(count > 10);
    }
}

static void find(struct arena *arena, const char *text, struct article *a)
{
    *a = (struct article){
        .text = {text, strlen(text)}
    };
    assert_int_equal(quotes_find(arena, a), 0);
}

static void is(struct span found, const char *wanted)
{
    if (found.length != strlen(wanted) || memcmp(found.text, wanted, found.length) != 0)
        fail_msg("found '%.*s', not '%s'", (int)found.length, found.text, wanted);
}

static void names_speaker_and_verb(void **state)
{
    (void)state;
    static const struct {
        const char *text, *quote, *speaker, *verb;
    } rows[] = {
        {"وقال الوزير علي حسن، إن \"المشروع بدأ اليوم في ثلاث محافظات\".",
         "المشروع بدأ اليوم في ثلاث محافظات",   "الوزير علي حسن", "وقال"  },
        {"وأكدت الوزارة أن «العمل مستمر حتى نهاية العام الجاري».",
         "العمل مستمر حتى نهاية العام الجاري", "الوزارة",             "وأكدت"},
        {"“We will finish the road before winter comes”, said Omar Khan.",
         "We will finish the road before winter comes",                     "Omar Khan",                  "said"      },
        {"الشارع ازدحم. \"لم نر مثل هذا المطر منذ أعوام طويلة\"، يقول أبو محمد.",
         "لم نر مثل هذا المطر منذ أعوام طويلة", "أبو محمد",            "يقول"  },
    };
    struct arena *arena;
    assert_int_equal(arena_new(1 << 20, &arena), 0);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct article a;
        find(arena, rows[i].text, &a);
        assert_int_equal(a.quote_count, 1);
        is((struct span){a.text.text + a.quotes[0].start, a.quotes[0].end - a.quotes[0].start},
           rows[i].quote);
        is(a.quotes[0].speaker, rows[i].speaker);
        is(a.quotes[0].verb, rows[i].verb);
    }
    arena_free(arena);
}

static void few_words_in_marks_are_no_quotation(void **state)
{
    (void)state;
    static const char *const texts[] = {"أطلقت عليه اسم \"نبض\" في بغداد.",
                                        "فيلم «الطريق» يعرض اليوم.", "no marks at all",
                                        "a mark that \"does not close\nuntil the next line\" ends"};
    struct arena *arena;
    assert_int_equal(arena_new(1 << 20, &arena), 0);
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct article a;
        find(arena, texts[i], &a);
        assert_int_equal(a.quote_count, 0);
    }
    arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lists_are_folded_and_in_order),
        cmocka_unit_test(names_speaker_and_verb),
        cmocka_unit_test(few_words_in_marks_are_no_quotation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

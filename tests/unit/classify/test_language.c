#include "tests/unit/unit.h"

#include "classify/language.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct language_model *model;

static int set_up(void **state)
{
    (void)state;
    char path[1024];
    snprintf(path, sizeof path, "%s/configs/models/language.model", getenv("KHABAR_SOURCE"));
    return language_model_open(path, &model);
}

static int tear_down(void **state)
{
    (void)state;
    model = language_model_close(model);
    return 0;
}

static void test_every_language_and_script_has_a_tag(void **state)
{
    (void)state;
    for (int l = 0; l < LANGUAGE_COUNT; l++)
        assert_non_null(language_tag(l));
    assert_null(language_tag(LANGUAGE_COUNT));
    for (int s = SCRIPT_ARABIC; s < SCRIPT_COUNT; s++)
        assert_int_equal(strlen(script_code(s)), 4);
}

static void test_sentences(void **state)
{
    (void)state;
    static const struct {
        enum language language;
        const char *text;
    } cases[] = {
        {LANGUAGE_ARABIC, "أعلنت وزارة الصحة العراقية اليوم تسجيل حالات جديدة في بغداد"},
        {LANGUAGE_ARABIC, "احنا رايحين بكرة عالسوق وبدنا نشتري خضرا كتير"},
        {LANGUAGE_PERSIAN, "رئیس جمهور ایران امروز در تهران با وزیر خارجه عراق دیدار کرد"},
        {LANGUAGE_URDU, "وزیر اعظم نے کہا ہے کہ حکومت عوام کے مسائل حل کرے گی"},
        {LANGUAGE_SORANI, "سەرۆکی حکومەتی هەرێمی کوردستان لەگەڵ باڵیۆزی ئەمریکا کۆبووەوە"},
        {LANGUAGE_KURMANJI, "سەرۆکێ حکومەتا هەرێما کوردستانێ ل دهۆکێ دگەل بالیۆزێ ئەمریکا کۆمبوو کو ژ نوی"},
        {LANGUAGE_PASHTO, "د افغانستان د بهرنیو چارو وزارت وايي چې دا پرېکړه به ژر وشي"},
        {LANGUAGE_UYGHUR, "بۇ يىل ئۇيغۇر ئاپتونوم رايونىدا ھاۋا ناھايىتى ئىسسىق بولدى"},
        {LANGUAGE_SINDHI, "سنڌ حڪومت چيو آهي ته اسڪولن ۾ موڪلون ڏنيون وينديون"},
        {LANGUAGE_TURKISH, "Türkiye Cumhurbaşkanı bugün Ankara'da yaptığı açıklamada bir karar aldı"},
        {LANGUAGE_KURMANJI, "Serokê Herêma Kurdistanê li Hewlêrê bi balyozê Amerîkayê re civiya û ji bo aştiyê"},
        {LANGUAGE_ENGLISH, "The government said on Monday that it would not change the law"},
        {LANGUAGE_FRENCH, "Le président de la République a déclaré que les élections auront lieu en mai"},
        {LANGUAGE_OTHER, "Der Präsident hat am Montag gesagt, dass die Regierung das Gesetz nicht ändert"},
        {LANGUAGE_OTHER, "El presidente dijo que no va a cambiar la ley por las protestas"},
        {LANGUAGE_OTHER, "Президент заявил, что закон не будет изменён"},
        {LANGUAGE_OTHER, ""},
        {LANGUAGE_OTHER, "2026 - 18:30 !"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *text = cases[i].text;
        struct language_guess g = language_identify(model, text, strlen(text));
        assert_string_equal(language_tag(g.language), language_tag(cases[i].language));
        assert_true(g.confidence >= 0 && g.confidence <= 1);
    }
}

static void test_paragraphs_of_a_mixed_page(void **state)
{
    (void)state;
    const char *text =
        "أعلنت وزارة الخارجية العراقية اليوم عن زيارة مرتقبة للوفد الأمريكي إلى بغداد.\n\n"
        "وقالت في بيان إن الزيارة ستتناول العلاقات الثنائية بين البلدين.\n\n"
        "The ministry said in a statement that the visit will be about the relations of both.\n\n"
        "ختام";
    struct language_guess g;
    struct language_line lines[8];
    bool differ;
    assert_int_equal(language_identify_lines(model, text, strlen(text), &g, lines, 8, &differ), 4);
    assert_int_equal(g.language, LANGUAGE_ARABIC);
    assert_true(differ);
    assert_int_equal(lines[1].guess.language, LANGUAGE_ARABIC);
    assert_int_equal(lines[2].guess.language, LANGUAGE_ENGLISH);
    assert_int_equal(lines[3].guess.language, LANGUAGE_ARABIC);
    assert_int_equal(language_identify_lines(model, text, strlen(text), &g, lines, 2, &differ), 2);
    assert_false(differ);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_language_and_script_has_a_tag),
        cmocka_unit_test(test_sentences),
        cmocka_unit_test(test_paragraphs_of_a_mixed_page),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}

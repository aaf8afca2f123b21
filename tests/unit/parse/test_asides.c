/* Sentences beside an article: the lists are in normalised form; captions, pitches and notes are
 * told from prose. */
#include "tests/unit/unit.h"
#include "libcommon/text.h"
#include "parse/asides.h"

#include <string.h>

static void every_phrase_is_folded(void **state)
{
    (void)state;
    size_t count = 0;
    for (const char *phrase; (phrase = aside_phrase(count)); count++) {
        char folded[128];
        assert_true(*phrase && strlen(phrase) < sizeof folded);
        assert_int_equal(text_fold(phrase, strlen(phrase), folded), strlen(phrase));
        assert_memory_equal(folded, phrase, strlen(phrase));
    }
    assert_true(count > 80);
}

enum { PROSE, CAPTION, PITCH, NOTE, HEAD };

static void tells_them_from_prose(void **state)
{
    (void)state;
    static const struct {
        const char *line;
        int kind;
    } rows[] = {
        {"A soldier stands at the bridge of the old town. (AP Photo/Name Surname)",                                         CAPTION},
        {"FILE - The minister arrives in Baghdad on Sunday.",                                                               CAPTION},
        {"In this Jan. 4, 2026, file photo, boats pass the bridge.",                                                        CAPTION},
        {"The two ministers, left, and their guests shake hands in Basra on Monday.",                                       CAPTION},
        {"Smoke rises over the port. Getty Images",                                                                         CAPTION},
        {"جانب من الاجتماع في بغداد (رويترز)",                                                   CAPTION},
        {"صورة أرشيفية لمجلس النواب",                                                                 CAPTION},
        {"Sign up for our newsletter and get the news in your inbox.",                                                      PITCH  },
        {"By entering your email you agree to our Privacy Policy.",                                                         PITCH  },
        {"اشترك في النشرة البريدية ليصلك كل جديد.",                                         PITCH  },
        {"Sara Name is a reporter for the paper in Erbil.",                                                                 NOTE   },
        {"Reporting by A. Name; editing by B. Name",                                                                        NOTE   },
        {"About the Company",                                                                                               HEAD   },
        {"نبذة عن الكاتب",                                                                                      HEAD   },
        {"The minister said the road would open in May (Reuters reported earlier). Work goes on.",
         PROSE                                                                                                                     },
        {"The regulator fined the firm over cookies and a subscription that could not be ended.",
         PROSE                                                                                                                     },
        {"وقال الوزير إن الطريق سيفتح في أيار المقبل بحسب وكالة رويترز.", PROSE  },
        {"قال مسؤول إن العمل مستمر. (رويترز)",                                                    PROSE  },
        {"She is a doctor who left the city in 2014.",                                                                      PROSE  },
        {"",                                                                                                                PROSE  },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct span s = {rows[i].line, strlen(rows[i].line)};
        int kind = aside_is_caption(s)       ? CAPTION
                   : aside_is_pitch(s)       ? PITCH
                   : aside_is_author_note(s) ? NOTE
                   : aside_heads_note(s)     ? HEAD
                                             : PROSE;
        if (kind != rows[i].kind)
            fail_msg("%s: %d", rows[i].line, kind);
    }
}

/* Cut anywhere, at any length: nothing is read behind the end. */
static void any_length_will_do(void **state)
{
    (void)state;
    char line[1600];
    for (size_t size = 0; size < sizeof line; size += 7) {
        size_t used = 0;
        while (used + 2 <= size) {
            memcpy(line + used, "ص", 2);
            used += 2;
        }
        struct span s = {line, used};
        assert_false(aside_is_caption(s) || aside_is_pitch(s) || aside_is_author_note(s) ||
                     aside_heads_note(s));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_phrase_is_folded),
        cmocka_unit_test(tells_them_from_prose),
        cmocka_unit_test(any_length_will_do),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

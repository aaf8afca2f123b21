/* FLORES codes: varieties of Arabic are Arabic. */
#include "tests/eval/languages.h"

#include <string.h>

const char *const languages_training[] = {
    "langid/sib200_train.tsv",
    "langid/more_train.tsv",
    "langid/persoarabic_train.tsv",
    NULL,
};

static const struct {
    const char *code;
    enum language language;
} codes[] = {
    {"arb_Arab", LANGUAGE_ARABIC}, {"arz_Arab", LANGUAGE_ARABIC}, {"ary_Arab", LANGUAGE_ARABIC},
    {"ars_Arab", LANGUAGE_ARABIC}, {"apc_Arab", LANGUAGE_ARABIC}, {"ajp_Arab", LANGUAGE_ARABIC},
    {"aeb_Arab", LANGUAGE_ARABIC}, {"acq_Arab", LANGUAGE_ARABIC}, {"acm_Arab", LANGUAGE_ARABIC},
    {"pes_Arab", LANGUAGE_PERSIAN}, {"prs_Arab", LANGUAGE_DARI}, {"urd_Arab", LANGUAGE_URDU},
    {"ckb_Arab", LANGUAGE_SORANI}, {"pbt_Arab", LANGUAGE_PASHTO}, {"uig_Arab", LANGUAGE_UYGHUR},
    {"snd_Arab", LANGUAGE_SINDHI}, {"azb_Arab", LANGUAGE_AZERBAIJANI},
};

enum language language_of_flores(const char *code)
{
    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++)
        if (!strcmp(codes[i].code, code))
            return codes[i].language;
    return LANGUAGE_OTHER;
}

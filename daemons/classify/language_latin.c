/* Latin script: votes of small words and of letters, few languages, anything else is unknown. */
#include "classify/language_latin.h"

#include "libcommon/utf8.h"

#include <string.h>

enum { MAX_WORDS = 400, WORD_BYTES = 24 };

/* Who may claim a word or a letter; the last stands for all languages that we do not tell. */
enum {
    EN = 1 << 0,
    FR = 1 << 1,
    TR = 1 << 2,
    KU = 1 << 3,
    NO = 1 << 4,
    CLAIMANTS = 5,
};

static const enum language languages[CLAIMANTS] = {
    LANGUAGE_ENGLISH, LANGUAGE_FRENCH, LANGUAGE_TURKISH, LANGUAGE_KURMANJI, LANGUAGE_OTHER,
};

/* Sorted by bytes; lower case. Words of neighbours are there so that they are not taken for ours. */
static const struct {
    const char *word;
    uint8_t who;
} words[] = {
    /* clang-format off */
    {"about", EN}, {"after", EN}, {"against", EN}, {"akan", NO}, {"al", NO}, {"all", EN},
    {"als", NO}, {"also", EN}, {"an", EN | KU}, {"ancak", TR}, {"and", EN}, {"ao", NO},
    {"après", FR}, {"ardından", TR}, {"are", EN}, {"as", EN}, {"at", EN}, {"att", NO}, {"au", FR},
    {"auch", NO}, {"auf", NO}, {"aus", NO}, {"aux", FR}, {"av", NO}, {"avait", FR}, {"avec", FR},
    {"be", EN}, {"been", EN}, {"bei", NO}, {"ben", TR}, {"bi", KU}, {"bike", KU}, {"bilan", NO},
    {"bin", TR}, {"bir", TR}, {"biz", TR}, {"bo", KU}, {"bolan", NO}, {"bu", TR | NO},
    {"but", EN}, {"by", EN}, {"bû", KU}, {"bûn", KU}, {"can", EN}, {"ce", FR}, {"ces", FR},
    {"cette", FR}, {"che", NO}, {"com", NO}, {"comme", FR}, {"como", NO}, {"con", NO},
    {"contre", FR}, {"cu", NO}, {"d", FR}, {"da", TR | KU | NO}, {"daha", TR}, {"dalam", NO},
    {"dan", NO}, {"dans", FR}, {"dari", NO}, {"das", NO}, {"dass", NO}, {"dat", NO},
    {"de", FR | TR | KU | NO}, {"dedi", TR}, {"del", NO}, {"della", NO}, {"dem", NO}, {"den", NO},
    {"dengan", NO}, {"der", NO}, {"des", FR}, {"det", NO}, {"deux", FR}, {"değil", TR},
    {"di", KU | NO}, {"dibe", KU}, {"die", NO}, {"dike", KU}, {"dikin", KU}, {"din", NO},
    {"do", NO}, {"dont", FR}, {"dos", NO}, {"du", FR}, {"e", NO}, {"edildi", TR}, {"ee", NO},
    {"een", NO}, {"ein", NO}, {"eine", NO}, {"el", NO}, {"elle", FR}, {"en", FR | TR | NO},
    {"entre", FR}, {"er", NO}, {"es", NO}, {"est", FR}, {"et", FR}, {"etti", TR}, {"ettiği", TR},
    {"ev", KU}, {"ew", KU}, {"fait", FR}, {"foi", NO}, {"for", EN}, {"from", EN}, {"för", NO},
    {"für", NO}, {"gel", KU}, {"gibi", TR}, {"gli", NO}, {"göre", TR}, {"had", EN}, {"ham", NO},
    {"has", EN}, {"hat", KU | NO}, {"hatin", KU}, {"have", EN}, {"he", EN}, {"her", EN | TR | KU},
    {"het", NO}, {"heye", KU}, {"his", EN}, {"i", EN | NO}, {"iki", TR}, {"il", FR | NO},
    {"ile", TR}, {"ils", FR}, {"ilə", NO}, {"im", NO}, {"in", EN | KU}, {"ini", NO}, {"into", EN},
    {"is", EN | NO}, {"ise", TR}, {"ist", NO}, {"it", EN}, {"its", EN}, {"itu", NO}, {"iyo", NO},
    {"için", TR}, {"jest", NO}, {"ji", KU}, {"jî", KU}, {"ka", NO}, {"kadar", TR}, {"karşı", TR},
    {"ki", TR}, {"kir", KU}, {"ku", KU}, {"kurdistan", KU}, {"kurdistanê", KU}, {"kurdî", KU},
    {"l", FR}, {"la", FR | NO}, {"las", NO}, {"le", FR}, {"les", FR}, {"leur", FR}, {"li", KU},
    {"lo", NO}, {"lors", FR}, {"los", NO}, {"lê", KU}, {"mais", FR | NO}, {"me", KU}, {"med", NO},
    {"men", NO}, {"mi", TR}, {"mit", NO}, {"more", EN}, {"más", NO}, {"na", NO}, {"nach", NO},
    {"nav", KU}, {"ne", FR | TR | KU}, {"new", EN}, {"nicht", NO}, {"nie", NO}, {"niet", NO},
    {"nin", TR}, {"non", NO}, {"not", EN}, {"nous", FR}, {"nu", NO}, {"não", NO}, {"nın", TR},
    {"o", TR | NO}, {"och", NO}, {"of", EN}, {"olan", TR}, {"olarak", TR}, {"oldu", TR},
    {"olduğu", TR}, {"olduğunu", TR}, {"oleh", NO}, {"on", EN}, {"one", EN}, {"ont", FR},
    {"oo", NO}, {"op", NO}, {"or", EN}, {"os", NO}, {"our", EN}, {"out", EN}, {"over", EN},
    {"où", FR}, {"pada", NO}, {"par", FR}, {"para", NO}, {"pas", FR}, {"pe", NO}, {"per", NO},
    {"pero", NO}, {"piştî", KU}, {"plus", FR}, {"por", NO}, {"pour", FR}, {"på", NO},
    {"que", FR | NO}, {"qui", FR}, {"sa", FR}, {"said", EN}, {"sans", FR}, {"says", EN},
    {"se", FR | NO}, {"selon", FR}, {"ser", KU}, {"ses", FR}, {"she", EN}, {"si", NO},
    {"sie", NO}, {"się", NO}, {"som", NO}, {"son", FR}, {"sono", NO}, {"sonra", TR}, {"sont", FR},
    {"soo", NO}, {"su", NO}, {"sur", FR}, {"sus", NO}, {"são", NO}, {"tarafından", TR},
    {"te", NO}, {"than", EN}, {"that", EN}, {"the", EN}, {"their", EN}, {"there", EN},
    {"they", EN}, {"this", EN}, {"tidak", NO}, {"to", EN | NO}, {"türkiye", TR}, {"uchun", NO},
    {"uma", NO}, {"un", FR | TR | NO}, {"una", NO}, {"und", NO}, {"une", FR}, {"untuk", NO},
    {"up", EN}, {"uu", NO}, {"va", NO}, {"van", NO}, {"var", TR}, {"ve", TR}, {"von", NO},
    {"voor", NO}, {"vous", FR}, {"vê", KU}, {"və", NO}, {"w", NO}, {"wan", KU}, {"was", EN},
    {"waxaa", NO}, {"we", EN}, {"werden", NO}, {"were", EN | KU}, {"what", EN}, {"when", EN},
    {"which", EN}, {"who", EN}, {"will", EN}, {"wird", NO}, {"with", EN}, {"would", EN},
    {"wê", KU}, {"wî", KU}, {"xwe", KU}, {"y", NO}, {"ya", TR | KU}, {"yang", NO},
    {"yapılan", TR}, {"ye", KU}, {"yeni", TR}, {"you", EN}, {"yê", KU}, {"yên", KU}, {"z", NO},
    {"zijn", NO}, {"zu", NO}, {"à", FR}, {"är", NO}, {"çok", TR}, {"è", NO}, {"était", FR},
    {"été", FR}, {"ên", KU}, {"être", FR}, {"û", KU}, {"üçün", NO}, {"şu", TR}, {"și", NO},
    /* clang-format on */
};

static const struct {
    uint32_t letter;
    uint8_t who;
} letters[] = {
    {0xe0, FR | NO},           /* a with grave */
    {0xe2, FR | TR | NO},      /* a with circumflex */
    {0xe4, NO},                /* a with diaeresis */
    {0xe7, FR | TR | KU | NO}, /* c with cedilla */
    {0xe8, FR | NO},           /* e with grave */
    {0xe9, FR | NO},           /* e with acute */
    {0xea, FR | KU},           /* e with circumflex */
    {0xee, KU | FR},           /* i with circumflex */
    {0xf1, NO},                /* n with tilde */
    {0xf3, NO},                /* o with acute */
    {0xf4, FR},                /* o with circumflex */
    {0xf6, TR | NO},           /* o with diaeresis */
    {0xfb, KU},                /* u with circumflex */
    {0xfc, TR | NO},           /* u with diaeresis */
    {0xdf, NO},                /* sharp s */
    {0xe1, NO},                /* a with acute */
    {0xe3, NO},                /* a with tilde */
    {0xe5, NO},                /* a with ring */
    {0xed, NO},                /* i with acute */
    {0xfa, NO},                /* u with acute */
    {0x11f, TR},               /* g with breve */
    {0x130, TR},               /* I with dot above */
    {0x131, TR},               /* dotless i */
    {0x153, FR},               /* ligature oe */
    {0x15f, TR | KU},          /* s with cedilla */
    {0x259, NO},               /* schwa */
};

static uint8_t claim_of_word(const char *word, size_t size)
{
    size_t low = 0, high = sizeof words / sizeof *words;
    while (low < high) {
        size_t middle = (low + high) / 2;
        size_t length = strlen(words[middle].word);
        int order = memcmp(words[middle].word, word, size < length ? size : length);
        if (!order)
            order = (length > size) - (length < size);
        if (!order)
            return words[middle].who;
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return 0;
}

static uint8_t claim_of_letter(uint32_t c)
{
    for (size_t i = 0; i < sizeof letters / sizeof *letters; i++)
        if (letters[i].letter == c)
            return letters[i].who;
    return c > 0x17f && c < 0x250 ? NO : 0;
}

static void vote(float votes[CLAIMANTS], uint8_t who, float weight)
{
    if (!who)
        return;
    weight /= (float)__builtin_popcount(who);
    for (int c = 0; c < CLAIMANTS; c++)
        if (who >> c & 1)
            votes[c] += weight;
}

static uint32_t lower(uint32_t c)
{
    if ((c >= 'A' && c <= 'Z') || (c >= 0xc0 && c <= 0xde && c != 0xd7))
        return c + 0x20;
    return c == 0x11e || c == 0x15e || c == 0x152 || c == 0x18f ? (c == 0x18f ? 0x259 : c + 1) : c;
}

/* Reads the next word in lower case; 0 at the end of the text. Its letters vote. */
static size_t next_word(const char *text, size_t size, size_t *at, char word[WORD_BYTES],
                        float votes[CLAIMANTS])
{
    size_t length = 0;
    while (*at < size) {
        uint32_t c = lower(utf8_next(text, at));
        if ((c < 'a' || c > 'z') && (c < 0xdf || c >= 0x250)) {
            if (length)
                return length;
            continue;
        }
        if (c > 'z')
            vote(votes, claim_of_letter(c), 0.6f);
        if (length + 4 <= WORD_BYTES)
            length += utf8_put(c, word + length);
    }
    return length;
}

enum language language_of_latin(const char *text, size_t size, float *ret_confidence)
{
    float votes[CLAIMANTS] = {0}, all = 0.5f;
    char word[WORD_BYTES];
    size_t length, count = 0, at = 0;
    while (count < MAX_WORDS && (length = next_word(text, size, &at, word, votes))) {
        vote(votes, claim_of_word(word, length), 1);
        count++;
    }
    int best = 0;
    for (int c = 0; c < CLAIMANTS; c++) {
        all += votes[c];
        if (votes[c] > votes[best])
            best = c;
    }
    *ret_confidence = votes[best] / all;
    /* running text has a small word in every ten at least */
    if (votes[best] < 0.08f * (float)count || *ret_confidence < 0.45f)
        return LANGUAGE_OTHER;
    return languages[best];
}

/* Words that tell what a line of a page is for. */
#include "parse/line_words.h"

#include "libcommon/text.h"

#include <string.h>
#include <strings.h>

/* Beginnings of lines, normalised (libcommon/text.h); a line counts when nothing or little follows.
 */
static const char *const furniture[] = {
    "شارك",
    "شاركها",
    "مشاركه",
    "شارك المقال",
    "شارك الخبر",
    "طباعه",
    "اطبع",
    "انسخ الرابط",
    "نسخ الرابط",
    "تعليقات",
    "التعليقات",
    "اضف تعليق",
    "اترك تعليقا",
    "جميع الحقوق محفوظه",
    "حقوق النشر",
    "كل الحقوق محفوظه",
    "اعلان",
    "اعلانات",
    "تابعونا",
    "تابعنا",
    "اشترك",
    "الاشتراك",
    "النشره البريديه",
    "الرييسيه",
    "القايمه",
    "بحث",
    "تسجيل الدخول",
    "من نحن",
    "اتصل بنا",
    "سياسه الخصوصيه",
    "شروط الاستخدام",
    "حجم الخط",
    "استمع",
    "تحميل التطبيق",
    "حمل التطبيق",
    "المزيد",
    "facebook",
    "twitter",
    "whatsapp",
    "telegram",
    "share",
    "print",
    "email",
    "copy link",
    "advertisement",
    "comments",
    "leave a comment",
    "subscribe",
    "newsletter",
    "sign in",
    "log in",
    "menu",
    "search",
    "home",
    "about us",
    "contact us",
    "privacy policy",
    "terms of",
    "cookie",
    "all rights reserved",
    "copyright",
    "©",
    "skip to",
    "follow us",
    "partager",
    "imprimer",
    "publicite",
    "commentaires",
    "abonnez",
    "accueil",
    "tous droits",
    "paylas",
    "yazdir",
    "reklam",
    "yorumlar",
    "اشتراك گذاري",
    "چاپ",
    "نظرات",
    "هاوبهش",
    "بابهتي زياتر",
};

static const char *const related[] = {
    "اقرا ايضا",       "اقرا المزيد",   "اقرا كذلك",      "اقرووا ايضا",   "شاهد ايضا",
    "مواضيع ذات صله",  "اخبار ذات صله", "مقالات ذات صله", "ذات صله",       "مواضيع متعلقه",
    "اخبار متعلقه",    "قد يعجبك ايضا", "الاكثر قراءه",   "الاكثر مشاهده", "اخر الاخبار",
    "احدث الاخبار",    "المزيد من",     "لمزيد",          "طالع ايضا",     "read also",
    "read more",       "related",       "also read",      "most read",     "you may also like",
    "see also",        "more on this",  "lire aussi",     "a lire aussi",  "sur le meme sujet",
    "ilgili haberler", "مطالب مرتبط",   "بيشتر بخوانيد",
};

static const char *const bylines[] = {"بقلم",   "كتب",    "كتبت", "اعداد", "تقرير", "تحرير",
                                      "المحرر", "الكاتب", "by",   "par",   "yazan", "نويسنده"};

static const char *const updated[] = {"اخر تحديث",   "تحديث",      "محدث",         "تم التحديث",
                                      "حدث",         "updated",    "last updated", "last update",
                                      "modified",    "mis a jour", "modifie",      "guncelleme",
                                      "guncellendi", "به روز"};

static const struct {
    const char *word, *name;
} agencies[] = {
    {"رويترز",            "رويترز"         },
    {"واع",                  "واع"               },
    {"فرانس برس",       "فرانس برس"    },
    {"ا ف ب",                "فرانس برس"    },
    {"اف ب",                 "فرانس برس"    },
    {"الاناضول",        "الأناضول"     },
    {"اسوشيتد برس",   "أسوشيتد برس"},
    {"اسوشييتد برس", "أسوشيتد برس"},
    {"د ب ا",                "د ب أ"             },
    {"واس",                  "واس"               },
    {"وام",                  "وام"               },
    {"سانا",                "سانا"             },
    {"بترا",                "بترا"             },
    {"قنا",                  "قنا"               },
    {"كونا",                "كونا"             },
    {"وفا",                  "وفا"               },
    {"سبوتنيك",          "سبوتنيك"       },
    {"شينخوا",            "شينخوا"         },
    {"تاس",                  "تاس"               },
    {"ارنا",                "إرنا"             },
    {"reuters",                 "Reuters"              },
    {"afp",                     "AFP"                  },
    {"ap",                      "AP"                   },
    {"dpa",                     "dpa"                  },
    {"anadolu",                 "Anadolu"              },
    {"xinhua",                  "Xinhua"               },
};

enum { FOLDED_SIZE = 160, FURNITURE_EXTRA = 5, WORD_SIZE = 64 };

/* The words of a line in normalised form, parted by single spaces; ends[i] is where word i ends in
 * the line. */
static size_t fold_line(struct span line, char out[FOLDED_SIZE], size_t ends[16])
{
    size_t used = 0, words = 0;
    for (size_t at = 0; at < line.length && words < 16;) {
        size_t start = at;
        while (at < line.length && !strchr(" :|", line.text[at]))
            at++;
        char word[WORD_SIZE];
        size_t n = at > start && at - start < WORD_SIZE
                       ? text_fold(line.text + start, at - start, word)
                       : 0;
        if (n && used + n + 2 < FOLDED_SIZE) {
            if (used)
                out[used++] = ' ';
            memcpy(out + used, word, n);
            used += n;
            ends[words++] = at;
        } else if (at > start) {
            break;
        }
        while (at < line.length && strchr(" :|", line.text[at]))
            at++;
    }
    out[used] = '\0';
    return words;
}

static size_t count_words(const char *text)
{
    size_t words = *text != '\0';
    for (; *text; text++)
        words += *text == ' ';
    return words;
}

/* The number of words of the entry that a folded line begins with; 0. */
static size_t begins(const char *folded, const char *const *list, size_t count)
{
    size_t best = 0;
    for (size_t i = 0; i < count; i++) {
        size_t n = strlen(list[i]);
        if (strncmp(folded, list[i], n) == 0 && (!folded[n] || folded[n] == ' ')) {
            size_t words = count_words(list[i]);
            best = words > best ? words : best;
        }
    }
    return best;
}

#define BEGINS(folded, list) begins(folded, list, sizeof(list) / sizeof *(list))

bool line_is_furniture(struct span line, const struct site *site)
{
    char folded[FOLDED_SIZE];
    size_t ends[16], words = fold_line(line, folded, ends);
    for (size_t i = 0; site && i < site->furniture.count; i++) {
        size_t n = strlen(site->furniture.items[i]);
        if (n && line.length >= n && memcmp(line.text, site->furniture.items[i], n) == 0 &&
            line.length < n + 40)
            return true;
    }
    size_t matched = words && line.length < 200 ? BEGINS(folded, furniture) : 0;
    return matched && words <= matched + FURNITURE_EXTRA && (matched > 1 || words <= 3);
}

static size_t prefix(struct span line, const char *const *list, size_t count)
{
    char folded[FOLDED_SIZE];
    size_t ends[16], words = fold_line(line, folded, ends),
                     matched = words ? begins(folded, list, count) : 0;
    if (!matched)
        return 0;
    size_t at = ends[matched - 1];
    while (at < line.length && strchr(" :|-", line.text[at]))
        at++;
    return at;
}

size_t line_related_prefix(struct span line)
{
    return prefix(line, related, sizeof related / sizeof *related);
}

size_t line_byline_prefix(struct span line)
{
    size_t n = line.length < 120 ? prefix(line, bylines, sizeof bylines / sizeof *bylines) : 0;
    return n;
}

bool line_says_updated(struct span line)
{
    return prefix(line, updated, sizeof updated / sizeof *updated) > 0;
}

const char *line_agency(struct span words, const struct site *site)
{
    for (size_t i = 0; site && i < site->agencies.count; i++)
        if (memmem(words.text, words.length, site->agencies.items[i].key,
                   strlen(site->agencies.items[i].key)))
            return site->agencies.items[i].value;
    char folded[FOLDED_SIZE + 2] = " ";
    char clean[FOLDED_SIZE];
    size_t used = 0;
    for (size_t i = 0; i < words.length && used + 1 < sizeof clean; i++)
        clean[used++] = strchr("()/-.,[]\"", words.text[i]) ? ' ' : words.text[i];
    size_t ends[16];
    fold_line((struct span){clean, used}, folded + 1, ends);
    strcat(folded, " ");
    for (size_t i = 0; i < sizeof agencies / sizeof *agencies; i++) {
        const char *found = strstr(folded, agencies[i].word);
        if (found && found[-1] == ' ' && found[strlen(agencies[i].word)] == ' ')
            return agencies[i].name;
    }
    return NULL;
}

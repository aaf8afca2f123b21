/* Words that tell who wrote a line's article, that it was changed, and which agency it is from. */
#include "parse/line_words.h"

#include "libcommon/text.h"

#include <string.h>

/* Beginnings of lines and names of agencies, normalised (libcommon/text.h). */
static const char *const bylines[] = {"بقلم",   "كتب",    "كتبت", "اعداد", "تقرير", "تحرير",
                                      "المحرر", "الكاتب", "by",   "par",   "yazan", "نويسنده"};

static const char *const updated[] = {"اخر تحديث",   "تحديث",      "محدث",         "تم التحديث",
                                      "حدث",         "updated",    "last updated", "last update",
                                      "modified",    "mis a jour", "modifie",      "guncelleme",
                                      "guncellendi", "به روز"};

static const struct {
    const char *word, *name;
} agencies[] = {
    {"رويترز",                               "رويترز"         },
    {"واع",                                     "واع"               },
    {"فرانس برس",                          "فرانس برس"    },
    {"ا ف ب",                                   "فرانس برس"    },
    {"اف ب",                                    "فرانس برس"    },
    {"الاناضول",                           "الأناضول"     },
    {"اسوشيتد برس",                      "أسوشيتد برس"},
    {"اسوشييتد برس",                    "أسوشيتد برس"},
    {"د ب ا",                                   "د ب أ"             },
    {"واس",                                     "واس"               },
    {"وام",                                     "وام"               },
    {"سانا",                                   "سانا"             },
    {"بترا",                                   "بترا"             },
    {"قنا",                                     "قنا"               },
    {"كونا",                                   "كونا"             },
    {"وفا",                                     "وفا"               },
    {"سبوتنيك",                             "سبوتنيك"       },
    {"شينخوا",                               "شينخوا"         },
    {"تاس",                                     "تاس"               },
    {"ايرنا",                                 "ایرنا"           },
    {"ايسنا",                                 "ایسنا"           },
    {"تسنيم",                                 "تسنیم"           },
    {"وات",                                     "وات"               },
    {"واج",                                     "واج"               },
    {"وكاله الانباء العراقيه", "واع"               },
    {"وكاله الانباء السعوديه", "واس"               },
    {"الفرنسيه",                           "فرانس برس"    },
    {"ا ب",                                      "أسوشيتد برس"},
    {"نينا",                                   "نينا"             },
    {"ارنا",                                   "إرنا"             },
    {"reuters",                                    "Reuters"              },
    {"afp",                                        "AFP"                  },
    {"ap",                                         "AP"                   },
    {"dpa",                                        "dpa"                  },
    {"anadolu",                                    "Anadolu"              },
    {"xinhua",                                     "Xinhua"               },
};

enum { FOLDED_SIZE = 160, WORD_SIZE = 64, PREFIX_WORDS = 3 };

static bool parts_words(char c)
{
    return c == ' ' || c == ':' || c == '|';
}

/* The first words of a line in normalised form, parted by single spaces; ends[i] is where word i
 * ends in the line. */
static size_t fold_line(struct span line, size_t most, char out[FOLDED_SIZE], size_t ends[])
{
    size_t used = 0, words = 0;
    for (size_t at = 0; at < line.length && words < most;) {
        size_t start = at;
        while (at < line.length && !parts_words(line.text[at]))
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
        while (at < line.length && parts_words(line.text[at]))
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

/* Bytes of the longest entry that a line begins with, and of the marks behind it; 0: none. */
static size_t prefix(struct span line, const char *const *list, size_t count)
{
    char folded[FOLDED_SIZE];
    size_t ends[PREFIX_WORDS], words = fold_line(line, PREFIX_WORDS, folded, ends), matched = 0;
    for (size_t i = 0; words && i < count; i++) {
        if (list[i][0] != folded[0] || list[i][1] != folded[1])
            continue;
        size_t n = strlen(list[i]);
        if (strncmp(folded, list[i], n) == 0 && (!folded[n] || folded[n] == ' ')) {
            size_t of = count_words(list[i]);
            matched = of > matched ? of : matched;
        }
    }
    if (!matched)
        return 0;
    size_t at = ends[matched - 1];
    while (at < line.length && (parts_words(line.text[at]) || line.text[at] == '-'))
        at++;
    return at;
}

size_t line_byline_prefix(struct span line)
{
    return line.length < 120 ? prefix(line, bylines, sizeof bylines / sizeof *bylines) : 0;
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
    if (words.length >= sizeof clean) { /* cut between characters */
        words.length = sizeof clean - 1;
        while (words.length && ((unsigned char)words.text[words.length] & 0xc0) == 0x80)
            words.length--;
    }
    for (size_t i = 0; i < words.length; i++)
        clean[used++] = strchr("()/-.,[]\"", words.text[i]) ? ' ' : words.text[i];
    size_t ends[16];
    fold_line((struct span){clean, used}, 16, folded + 1, ends);
    strcat(folded, " ");
    for (size_t i = 0; i < sizeof agencies / sizeof *agencies; i++) {
        const char *found = strstr(folded, agencies[i].word);
        if (found && found[-1] == ' ' && found[strlen(agencies[i].word)] == ' ')
            return agencies[i].name;
    }
    return NULL;
}

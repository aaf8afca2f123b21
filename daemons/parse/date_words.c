/* Words that dates are made of. */
#include "parse/date_words.h"

#include "libcommon/utf8.h"

#include <string.h>

/* Normalised forms (date_word_fold); the test looks each of them up. */
static const struct {
    const char *word;
    uint8_t kind;
    int16_t value;
} table[] = {
    /* Egypt, the Gulf, Sudan */
    {"يناير", WORD_MONTH, 1}, {"فبراير", WORD_MONTH, 2}, {"مارس", WORD_MONTH, 3},
    {"ابريل", WORD_MONTH, 4}, {"مايو", WORD_MONTH, 5}, {"يونيو", WORD_MONTH, 6},
    {"يونيه", WORD_MONTH, 6}, {"يوليو", WORD_MONTH, 7}, {"يوليه", WORD_MONTH, 7},
    {"اغسطس", WORD_MONTH, 8}, {"سبتمبر", WORD_MONTH, 9}, {"اكتوبر", WORD_MONTH, 10},
    {"نوفمبر", WORD_MONTH, 11}, {"ديسمبر", WORD_MONTH, 12},
    /* Iraq and the Levant */
    {"شباط", WORD_MONTH, 2}, {"اذار", WORD_MONTH, 3}, {"نيسان", WORD_MONTH, 4},
    {"ايار", WORD_MONTH, 5}, {"حزيران", WORD_MONTH, 6}, {"تموز", WORD_MONTH, 7},
    {"اب", WORD_MONTH, 8}, {"ايلول", WORD_MONTH, 9},
    {"كانون", WORD_PREFIX, PREFIX_KANUN}, {"تشرين", WORD_PREFIX, PREFIX_TISHRIN},
    /* the Maghreb */
    {"جانفي", WORD_MONTH, 1}, {"فيفري", WORD_MONTH, 2}, {"افريل", WORD_MONTH, 4},
    {"ماي", WORD_MONTH, 5}, {"جوان", WORD_MONTH, 6}, {"جويليه", WORD_MONTH, 7},
    {"اوت", WORD_MONTH, 8}, {"غشت", WORD_MONTH, 8}, {"شتنبر", WORD_MONTH, 9},
    {"نونبر", WORD_MONTH, 11}, {"دجنبر", WORD_MONTH, 12}, {"يوليوز", WORD_MONTH, 7},
    {"ماج", WORD_MONTH, 5},
    /* Hijri */
    {"محرم", WORD_HIJRI, 1}, {"صفر", WORD_HIJRI, 2}, {"رجب", WORD_HIJRI, 7},
    {"شعبان", WORD_HIJRI, 8}, {"رمضان", WORD_HIJRI, 9}, {"شوال", WORD_HIJRI, 10},
    {"ربيع", WORD_PREFIX, PREFIX_RABI}, {"جمادي", WORD_PREFIX, PREFIX_JUMADA},
    {"جماد", WORD_PREFIX, PREFIX_JUMADA}, {"ذو", WORD_PREFIX, PREFIX_DHU},
    {"ذي", WORD_PREFIX, PREFIX_DHU},
    /* Solar Hijri */
    {"فروردين", WORD_PERSIAN, 1}, {"ارديبهشت", WORD_PERSIAN, 2}, {"خرداد", WORD_PERSIAN, 3},
    {"تير", WORD_PERSIAN, 4}, {"مرداد", WORD_PERSIAN, 5}, {"شهريور", WORD_PERSIAN, 6},
    {"مهر", WORD_PERSIAN, 7}, {"ابان", WORD_PERSIAN, 8}, {"اذر", WORD_PERSIAN, 9},
    {"دي", WORD_PERSIAN, 10}, {"بهمن", WORD_PERSIAN, 11}, {"اسفند", WORD_PERSIAN, 12},
    /* Persian and Sorani names of Gregorian months */
    {"ژانويه", WORD_MONTH, 1}, {"فوريه", WORD_MONTH, 2}, {"اوريل", WORD_MONTH, 4},
    {"ژوئن", WORD_MONTH, 6}, {"ژوئيه", WORD_MONTH, 7}, {"سپتامبر", WORD_MONTH, 9},
    {"اكتبر", WORD_MONTH, 10}, {"نوامبر", WORD_MONTH, 11}, {"دسامبر", WORD_MONTH, 12},
    {"شوبات", WORD_MONTH, 2}, {"ئازار", WORD_MONTH, 3}, {"ازار", WORD_MONTH, 3}, {"ئايار", WORD_MONTH, 5},
    {"حوزهيران", WORD_MONTH, 6}, {"تهمموز", WORD_MONTH, 7}, {"تهموز", WORD_MONTH, 7}, {"ئاب", WORD_MONTH, 8},
    {"ئهيلول", WORD_MONTH, 9}, {"اهيلول", WORD_MONTH, 9}, {"تشريني", WORD_PREFIX, PREFIX_TISHRIN},
    {"كانووني", WORD_PREFIX, PREFIX_KANUN}, {"كانوني", WORD_PREFIX, PREFIX_KANUN},
    /* English, French, Turkish, Kurmanji; accents dropped */
    {"january", WORD_MONTH, 1}, {"february", WORD_MONTH, 2}, {"march", WORD_MONTH, 3},
    {"april", WORD_MONTH, 4}, {"may", WORD_MONTH, 5}, {"june", WORD_MONTH, 6}, {"july", WORD_MONTH, 7},
    {"august", WORD_MONTH, 8}, {"september", WORD_MONTH, 9}, {"october", WORD_MONTH, 10},
    {"november", WORD_MONTH, 11}, {"december", WORD_MONTH, 12}, {"jan", WORD_MONTH, 1},
    {"feb", WORD_MONTH, 2}, {"mar", WORD_MONTH, 3}, {"apr", WORD_MONTH, 4}, {"jun", WORD_MONTH, 6},
    {"jul", WORD_MONTH, 7}, {"aug", WORD_MONTH, 8}, {"sep", WORD_MONTH, 9}, {"sept", WORD_MONTH, 9},
    {"oct", WORD_MONTH, 10}, {"nov", WORD_MONTH, 11}, {"dec", WORD_MONTH, 12},
    {"janvier", WORD_MONTH, 1}, {"fevrier", WORD_MONTH, 2}, {"mars", WORD_MONTH, 3},
    {"avril", WORD_MONTH, 4}, {"mai", WORD_MONTH, 5}, {"juin", WORD_MONTH, 6}, {"juillet", WORD_MONTH, 7},
    {"aout", WORD_MONTH, 8}, {"septembre", WORD_MONTH, 9}, {"octobre", WORD_MONTH, 10},
    {"novembre", WORD_MONTH, 11}, {"decembre", WORD_MONTH, 12}, {"ocak", WORD_MONTH, 1},
    {"subat", WORD_MONTH, 2}, {"mart", WORD_MONTH, 3}, {"nisan", WORD_MONTH, 4}, {"mayis", WORD_MONTH, 5},
    {"haziran", WORD_MONTH, 6}, {"temmuz", WORD_MONTH, 7}, {"agustos", WORD_MONTH, 8},
    {"eylul", WORD_MONTH, 9}, {"ekim", WORD_MONTH, 10}, {"kasim", WORD_MONTH, 11}, {"aralik", WORD_MONTH, 12},
    /* weekdays */
    {"الاحد", WORD_WEEKDAY, 0}, {"الاثنين", WORD_WEEKDAY, 1}, {"الثلاثاء", WORD_WEEKDAY, 2},
    {"الثلاثا", WORD_WEEKDAY, 2}, {"الاربعاء", WORD_WEEKDAY, 3}, {"الاربعا", WORD_WEEKDAY, 3},
    {"الخميس", WORD_WEEKDAY, 4}, {"الجمعه", WORD_WEEKDAY, 5}, {"السبت", WORD_WEEKDAY, 6},
    {"sunday", WORD_WEEKDAY, 0}, {"monday", WORD_WEEKDAY, 1}, {"tuesday", WORD_WEEKDAY, 2},
    {"wednesday", WORD_WEEKDAY, 3}, {"thursday", WORD_WEEKDAY, 4}, {"friday", WORD_WEEKDAY, 5},
    {"saturday", WORD_WEEKDAY, 6}, {"sun", WORD_WEEKDAY, 0}, {"mon", WORD_WEEKDAY, 1},
    {"tue", WORD_WEEKDAY, 2}, {"wed", WORD_WEEKDAY, 3}, {"thu", WORD_WEEKDAY, 4}, {"fri", WORD_WEEKDAY, 5},
    {"sat", WORD_WEEKDAY, 6}, {"dimanche", WORD_WEEKDAY, 0}, {"lundi", WORD_WEEKDAY, 1},
    {"mardi", WORD_WEEKDAY, 2}, {"mercredi", WORD_WEEKDAY, 3}, {"jeudi", WORD_WEEKDAY, 4},
    {"vendredi", WORD_WEEKDAY, 5}, {"samedi", WORD_WEEKDAY, 6}, {"pazar", WORD_WEEKDAY, 0},
    {"pazartesi", WORD_WEEKDAY, 1}, {"sali", WORD_WEEKDAY, 2}, {"carsamba", WORD_WEEKDAY, 3},
    {"persembe", WORD_WEEKDAY, 4}, {"cuma", WORD_WEEKDAY, 5}, {"cumartesi", WORD_WEEKDAY, 6},
    {"يكشنبه", WORD_WEEKDAY, 0}, {"دوشنبه", WORD_WEEKDAY, 1}, {"سهشنبه", WORD_WEEKDAY, 2},
    {"چهارشنبه", WORD_WEEKDAY, 3}, {"پنجشنبه", WORD_WEEKDAY, 4}, {"شنبه", WORD_WEEKDAY, 6},
    /* parts of the day */
    {"صباحا", WORD_MORNING, 0}, {"ص", WORD_MORNING, 0}, {"فجرا", WORD_MORNING, 0}, {"am", WORD_MORNING, 0},
    {"مساء", WORD_MORNING, 12}, {"م", WORD_MORNING, 12}, {"عصرا", WORD_MORNING, 12},
    {"ليلا", WORD_MORNING, 12}, {"pm", WORD_MORNING, 12}, {"ظهرا", WORD_MORNING, 24},
    /* days by their distance */
    {"اليوم", WORD_DAY_SHIFT, 0}, {"امس", WORD_DAY_SHIFT, -1}, {"الامس", WORD_DAY_SHIFT, -1},
    {"البارحه", WORD_DAY_SHIFT, -1}, {"غدا", WORD_DAY_SHIFT, 1}, {"الغد", WORD_DAY_SHIFT, 1},
    {"today", WORD_DAY_SHIFT, 0}, {"yesterday", WORD_DAY_SHIFT, -1}, {"tomorrow", WORD_DAY_SHIFT, 1},
    {"امروز", WORD_DAY_SHIFT, 0}, {"ديروز", WORD_DAY_SHIFT, -1}, {"فردا", WORD_DAY_SHIFT, 1},
    {"ئهمرو", WORD_DAY_SHIFT, 0}, {"دويني", WORD_DAY_SHIFT, -1}, {"bugun", WORD_DAY_SHIFT, 0},
    {"dun", WORD_DAY_SHIFT, -1}, {"hier", WORD_DAY_SHIFT, -1}, {"demain", WORD_DAY_SHIFT, 1},
    {"منذ", WORD_AGO, 0}, {"قبل", WORD_AGO, 0}, {"ago", WORD_AGO, 1}, {"once", WORD_AGO, 1},
    {"پيش", WORD_AGO, 1},
    {"ثانيه", WORD_UNIT, UNIT_SECOND}, {"ثواني", WORD_UNIT, UNIT_SECOND}, {"ثوان", WORD_UNIT, UNIT_SECOND},
    {"دقيقه", WORD_UNIT, UNIT_MINUTE}, {"دقايق", WORD_UNIT, UNIT_MINUTE}, {"دقائق", WORD_UNIT, UNIT_MINUTE},
    {"ساعه", WORD_UNIT, UNIT_HOUR}, {"ساعات", WORD_UNIT, UNIT_HOUR}, {"يوم", WORD_UNIT, UNIT_DAY},
    {"يوما", WORD_UNIT, UNIT_DAY}, {"ايام", WORD_UNIT, UNIT_DAY}, {"اسبوع", WORD_UNIT, UNIT_WEEK},
    {"اسابيع", WORD_UNIT, UNIT_WEEK}, {"شهر", WORD_UNIT, UNIT_MONTH}, {"شهرا", WORD_UNIT, UNIT_MONTH},
    {"اشهر", WORD_UNIT, UNIT_MONTH}, {"شهور", WORD_UNIT, UNIT_MONTH}, {"سنوات", WORD_UNIT, UNIT_YEAR},
    {"اعوام", WORD_UNIT, UNIT_YEAR}, {"دقيقتين", WORD_DUAL, UNIT_MINUTE}, {"ساعتين", WORD_DUAL, UNIT_HOUR},
    {"يومين", WORD_DUAL, UNIT_DAY}, {"اسبوعين", WORD_DUAL, UNIT_WEEK}, {"شهرين", WORD_DUAL, UNIT_MONTH},
    {"سنتين", WORD_DUAL, UNIT_YEAR}, {"عامين", WORD_DUAL, UNIT_YEAR},
    {"second", WORD_UNIT, UNIT_SECOND}, {"seconds", WORD_UNIT, UNIT_SECOND},
    {"minute", WORD_UNIT, UNIT_MINUTE}, {"minutes", WORD_UNIT, UNIT_MINUTE}, {"min", WORD_UNIT, UNIT_MINUTE},
    {"mins", WORD_UNIT, UNIT_MINUTE}, {"hour", WORD_UNIT, UNIT_HOUR}, {"hours", WORD_UNIT, UNIT_HOUR},
    {"day", WORD_UNIT, UNIT_DAY}, {"days", WORD_UNIT, UNIT_DAY}, {"week", WORD_UNIT, UNIT_WEEK},
    {"weeks", WORD_UNIT, UNIT_WEEK}, {"month", WORD_UNIT, UNIT_MONTH}, {"months", WORD_UNIT, UNIT_MONTH},
    {"years", WORD_UNIT, UNIT_YEAR}, {"dakika", WORD_UNIT, UNIT_MINUTE}, {"saat", WORD_UNIT, UNIT_HOUR},
    {"gun", WORD_UNIT, UNIT_DAY}, {"hafta", WORD_UNIT, UNIT_WEEK}, {"روز", WORD_UNIT, UNIT_DAY},
    {"ساعت", WORD_UNIT, UNIT_HOUR},
    {"الماضي", WORD_LAST, 0}, {"الماضيه", WORD_LAST, 0}, {"المنصرم", WORD_LAST, 0}, {"الفائت", WORD_LAST, 0},
    {"المقبل", WORD_NEXT, 0}, {"المقبله", WORD_NEXT, 0}, {"القادم", WORD_NEXT, 0}, {"القادمه", WORD_NEXT, 0},
    {"last", WORD_LAST, 0}, {"next", WORD_NEXT, 0},
    {"الاول", WORD_ORDINAL, 1}, {"الاولي", WORD_ORDINAL, 1}, {"اول", WORD_ORDINAL, 1},
    {"الثاني", WORD_ORDINAL, 2}, {"الثانيه", WORD_ORDINAL, 2}, {"ثاني", WORD_ORDINAL, 2},
    {"الاخر", WORD_ORDINAL, 2}, {"الاخره", WORD_ORDINAL, 2}, {"ثان", WORD_ORDINAL, 2},
    {"يهكهم", WORD_ORDINAL, 1}, {"دووهم", WORD_ORDINAL, 2},
    {"القعده", WORD_ORDINAL, 11}, {"الحجه", WORD_ORDINAL, 12},
    {"gmt", WORD_ZONE, 0}, {"utc", WORD_ZONE, 0}, {"غرينتش", WORD_ZONE, 0}, {"غرينيتش", WORD_ZONE, 0},
    {"جرينتش", WORD_ZONE, 0}, {"ksa", WORD_ZONE, 180}, {"تغ", WORD_ZONE, 0},
    {"ه", WORD_ERA_HIJRI, 0}, {"هـ", WORD_ERA_HIJRI, 0}, {"هجريا", WORD_ERA_HIJRI, 0}, {"هجري", WORD_ERA_HIJRI, 0},
    {"هجريه", WORD_ERA_HIJRI, 0}, {"ميلادي", WORD_ERA_COMMON, 0}, {"ميلاديه", WORD_ERA_COMMON, 0},
    {"عام", WORD_YEAR, 0}, {"العام", WORD_YEAR, 0}, {"سنه", WORD_YEAR, 0}, {"لسنه", WORD_YEAR, 0},
    {"لعام", WORD_YEAR, 0},
    {"الساعه", WORD_HOUR, 0},
    {"at", WORD_FURNITURE, 0}, {"on", WORD_FURNITURE, 0}, {"published", WORD_FURNITURE, 0},
    {"updated", WORD_FURNITURE, 0}, {"posted", WORD_FURNITURE, 0}, {"date", WORD_FURNITURE, 0},
    {"update", WORD_FURNITURE, 0}, {"le", WORD_FURNITURE, 0}, {"publie", WORD_FURNITURE, 0},
    {"mis", WORD_FURNITURE, 0}, {"jour", WORD_FURNITURE, 0}, {"a", WORD_FURNITURE, 0},
    {"of", WORD_FURNITURE, 0}, {"the", WORD_FURNITURE, 0}, {"first", WORD_FURNITURE, 0},
    {"th", WORD_FURNITURE, 0}, {"st", WORD_FURNITURE, 0}, {"nd", WORD_FURNITURE, 0}, {"rd", WORD_FURNITURE, 0},
    {"er", WORD_FURNITURE, 0}, {"t", WORD_FURNITURE, 0}, {"z", WORD_ZONE, 0}, {"time", WORD_FURNITURE, 0},
    {"نشر", WORD_FURNITURE, 0}, {"نشرت", WORD_FURNITURE, 0}, {"النشر", WORD_FURNITURE, 0},
    {"تاريخ", WORD_FURNITURE, 0}, {"التاريخ", WORD_FURNITURE, 0}, {"تحديث", WORD_FURNITURE, 0},
    {"التحديث", WORD_FURNITURE, 0}, {"اخر", WORD_FURNITURE, 0}, {"تم", WORD_FURNITURE, 0},
    {"في", WORD_FURNITURE, 0}, {"بتوقيت", WORD_FURNITURE, 0}, {"توقيت", WORD_FURNITURE, 0},
    {"الموافق", WORD_FURNITURE, 0}, {"محدث", WORD_FURNITURE, 0}, {"حدث", WORD_FURNITURE, 0}, {"شهر", WORD_FURNITURE, 0},
    {"وقت", WORD_FURNITURE, 0}, {"الوقت", WORD_FURNITURE, 0}, {"انشر", WORD_FURNITURE, 0},
    {"اضيف", WORD_FURNITURE, 0}, {"بغداد", WORD_FURNITURE, 0}, {"مكه", WORD_FURNITURE, 0},
    {"القاهره", WORD_FURNITURE, 0}, {"دمشق", WORD_FURNITURE, 0}, {"تاريخي", WORD_FURNITURE, 0},
    {"مشاهده", WORD_FURNITURE, 0},
};

enum { SLOTS = 1024 };

static uint32_t hash(const char *word, size_t size)
{
    uint32_t h = 2166136261u; /* FNV-1a */
    for (size_t i = 0; i < size; i++)
        h = (h ^ (unsigned char)word[i]) * 16777619u;
    return h;
}

static uint16_t slots[SLOTS]; /* row + 1; written once, before main() */

__attribute__((constructor)) static void fill_slots(void)
{
    for (size_t row = 0; row < sizeof table / sizeof *table; row++) {
        uint32_t at = hash(table[row].word, strlen(table[row].word)) % SLOTS;
        while (slots[at]) {
            if (strcmp(table[slots[at] - 1].word, table[row].word) == 0)
                break; /* the first row of a word counts */
            at = (at + 1) % SLOTS;
        }
        if (!slots[at])
            slots[at] = (uint16_t)(row + 1);
    }
}

_Static_assert(sizeof table / sizeof *table < SLOTS / 2, "the hash has room");

static enum date_word_kind find(const char *word, size_t size, int *ret_value)
{
    for (uint32_t at = hash(word, size) % SLOTS; slots[at]; at = (at + 1) % SLOTS) {
        const char *candidate = table[slots[at] - 1].word;
        if (strncmp(candidate, word, size) == 0 && !candidate[size]) {
            *ret_value = table[slots[at] - 1].value;
            return table[slots[at] - 1].kind;
        }
    }
    return WORD_OTHER;
}

enum date_word_kind date_word_find(const char *folded, size_t size, int *ret_value, size_t *ret_clitic)
{
    *ret_clitic = 0;
    enum date_word_kind kind = find(folded, size, ret_value);
    if (kind || size < 6)
        return kind;
    static const char *const clitics[] = {"و", "ف", "ب", "ل", "ك"};
    for (size_t i = 0; i < sizeof clitics / sizeof *clitics; i++) {
        if (memcmp(folded, clitics[i], 2) != 0)
            continue;
        kind = find(folded + 2, size - 2, ret_value);
        *ret_clitic = kind ? 2 : 0;
        return kind;
    }
    return WORD_OTHER;
}

static uint32_t fold(uint32_t c)
{
    static const struct {
        uint16_t from, to;
    } latin[] = {{0xe0, 'a'}, {0xe2, 'a'}, {0xe7, 'c'}, {0xe8, 'e'}, {0xe9, 'e'}, {0xea, 'e'},
                 {0xee, 'i'}, {0xf4, 'o'}, {0xf6, 'o'}, {0xfb, 'u'}, {0xfc, 'u'}, {0xc7, 'c'},
                 {0xdc, 'u'}, {0xd6, 'o'}, {0x11f, 'g'}, {0x131, 'i'}, {0x130, 'i'}, {0x15f, 's'},
                 {0x15e, 's'}, {0xc9, 'e'}};
    switch (c) {
    case 0x622: case 0x623: case 0x625: case 0x671:
        return 0x627; /* ALEF */
    case 0x629: case 0x6d5: case 0x6be: case 0x6c1:
        return 0x647; /* HEH */
    case 0x649: case 0x6cc: case 0x6ce:
        return 0x64a; /* YEH */
    case 0x6a9:
        return 0x643; /* KAF */
    case 0x6c6:
        return 0x648; /* WAW */
    case 0x695:
        return 0x631; /* REH */
    case 0x6b5:
        return 0x644; /* LAM */
    }
    if (c < 0x80)
        return c >= 'A' && c <= 'Z' ? c | 0x20 : c;
    for (size_t i = 0; c < 0x180 && i < sizeof latin / sizeof *latin; i++)
        if (latin[i].from == c)
            return latin[i].to;
    return c;
}

size_t date_word_fold(const char *word, size_t size, char out[DATE_WORD_SIZE])
{
    size_t at = 0, used = 0;
    while (at < size) {
        uint32_t c = utf8_next(word, &at);
        if (c == 0x640 || (c >= 0x64b && c <= 0x655) || c == 0x670 || c == 0x200c || c == 0x200d)
            continue;
        if (used + 5 > DATE_WORD_SIZE)
            return 0;
        used += utf8_put(fold(c), out + used);
    }
    out[used] = '\0';
    return used;
}

/* The words themselves, by language and use. */
#include "parse/date_words.h"

#define MONTH(n, spelling) {spelling, WORD_MONTH, n, 0, 0, false}
#define WEAK_MONTH(n, spelling) {spelling, WORD_MONTH, n, 0, 0, true}
#define HIJRI(n, spelling) {spelling, WORD_HIJRI, n, 0, 0, true}
#define PERSIAN(n, spelling) {spelling, WORD_PERSIAN, n, 0, 0, true}
#define DAY(n, spelling) {spelling, WORD_WEEKDAY, n, 0, 0, false}
#define WEAK_DAY(n, spelling) {spelling, WORD_WEEKDAY, n, 0, 0, true}
#define WORD(kind, n, spelling) {spelling, WORD_##kind, n, 0, 0, false}
#define BOTH(kind, n, kind2, n2, spelling) {spelling, WORD_##kind, n, WORD_##kind2, n2, false}

enum { UTC, BAGHDAD, RIYADH, GULF, CAIRO, BEIRUT, DAMASCUS, AMMAN, JERUSALEM, TUNIS, ALGIERS, CASABLANCA, TRIPOLI, KHARTOUM,
       TEHRAN, ISTANBUL, LONDON, PARIS, MOSCOW, NEW_YORK, EST, EDT, CET, CEST, EET, EEST, BST, PST, PDT };

const struct date_zone date_zones[] = {
    [UTC] = {NULL, 0}, [BAGHDAD] = {"Asia/Baghdad", 180}, [RIYADH] = {NULL, 180}, [GULF] = {NULL, 240},
    [CAIRO] = {"Africa/Cairo", 120}, [BEIRUT] = {"Asia/Beirut", 120}, [DAMASCUS] = {"Asia/Damascus", 180},
    [AMMAN] = {"Asia/Amman", 180}, [JERUSALEM] = {"Asia/Jerusalem", 120}, [TUNIS] = {"Africa/Tunis", 60},
    [ALGIERS] = {"Africa/Algiers", 60}, [CASABLANCA] = {"Africa/Casablanca", 60},
    [TRIPOLI] = {"Africa/Tripoli", 120}, [KHARTOUM] = {"Africa/Khartoum", 120},
    [TEHRAN] = {"Asia/Tehran", 210}, [ISTANBUL] = {"Europe/Istanbul", 180}, [LONDON] = {"Europe/London", 0},
    [PARIS] = {"Europe/Paris", 60}, [MOSCOW] = {"Europe/Moscow", 180},
    [NEW_YORK] = {"America/New_York", -300}, [EST] = {NULL, -300}, [EDT] = {NULL, -240},
    [CET] = {NULL, 60}, [CEST] = {NULL, 120}, [EET] = {NULL, 120}, [EEST] = {NULL, 180}, [BST] = {NULL, 60},
    [PST] = {NULL, -480}, [PDT] = {NULL, -420},
};

const struct date_word date_words[] = {
    /* Gregorian months: Egypt, the Gulf, Sudan */
    MONTH(1, "يناير"), MONTH(2, "فبراير"), WEAK_MONTH(3, "مارس"), MONTH(4, "أبريل"), MONTH(4, "إبريل"), MONTH(4, "نيسان"),
    MONTH(5, "مايو"), MONTH(6, "يونيو"), MONTH(6, "يونية"), MONTH(7, "يوليو"), MONTH(7, "يولية"),
    MONTH(8, "أغسطس"), MONTH(9, "سبتمبر"), MONTH(10, "أكتوبر"), MONTH(11, "نوفمبر"), MONTH(12, "ديسمبر"),
    MONTH(10, "اوكتوبر"), MONTH(11, "نوڤمبر"), MONTH(2, "فيبراير"),
    /* Iraq and the Levant */
    MONTH(1, "كانون الثاني"), MONTH(1, "كانون ثاني"), MONTH(1, "كانون الثانى"), MONTH(2, "شباط"), MONTH(3, "آذار"),
    MONTH(5, "أيار"), MONTH(6, "حزيران"), MONTH(7, "تموز"), WEAK_MONTH(8, "آب"), MONTH(9, "أيلول"),
    MONTH(10, "تشرين الأول"), MONTH(10, "تشرين أول"), MONTH(10, "تشرين اول"), MONTH(11, "تشرين الثاني"),
    MONTH(11, "تشرين ثاني"), MONTH(12, "كانون الأول"), MONTH(12, "كانون أول"),
    /* the Maghreb */
    MONTH(1, "جانفي"), MONTH(2, "فيفري"), MONTH(4, "أفريل"), WEAK_MONTH(5, "ماي"), MONTH(5, "ماية"),
    WEAK_MONTH(6, "جوان"), MONTH(7, "جويلية"), MONTH(7, "يوليوز"), MONTH(8, "أوت"), MONTH(8, "غشت"),
    MONTH(9, "شتنبر"), MONTH(11, "نونبر"), MONTH(12, "دجنبر"), MONTH(12, "دجمبر"),
    /* Libya, transliterated, and other spellings */
    WEAK_MONTH(1, "جنيوري"), WEAK_MONTH(7, "جولاي"), WEAK_MONTH(3, "مارش"),
    /* Hijri */
    HIJRI(1, "محرم"), HIJRI(1, "المحرم"), HIJRI(2, "صفر"), HIJRI(3, "ربيع الأول"), HIJRI(3, "ربيع أول"),
    HIJRI(4, "ربيع الثاني"), HIJRI(4, "ربيع الآخر"), HIJRI(4, "ربيع ثاني"), HIJRI(4, "ربيع آخر"), HIJRI(4, "ربيع الاخر"),
    HIJRI(5, "جمادى الأولى"), HIJRI(5, "جمادى الأول"), HIJRI(5, "جماد الأول"), HIJRI(5, "جمادي الأولى"), HIJRI(5, "جماد أول"),
    HIJRI(6, "جمادى الآخرة"), HIJRI(6, "جمادى الثانية"), HIJRI(6, "جمادى الثاني"), HIJRI(6, "جماد الآخر"),
    HIJRI(6, "جمادى الآخر"), HIJRI(6, "جماد الثاني"), HIJRI(6, "جماد الآخرة"),
    HIJRI(7, "رجب"), HIJRI(8, "شعبان"), HIJRI(9, "رمضان"), HIJRI(10, "شوال"),
    HIJRI(11, "ذو القعدة"), HIJRI(11, "ذي القعدة"), HIJRI(11, "ذي قعدة"), HIJRI(11, "ذوالقعدة"), HIJRI(11, "ذيالقعدة"), HIJRI(11, "ذا القعدة"),
    HIJRI(12, "ذو الحجة"), HIJRI(12, "ذي الحجة"), HIJRI(12, "ذي حجة"), HIJRI(12, "ذوالحجة"), HIJRI(12, "ذيالحجة"), HIJRI(12, "ذا الحجة"),
    HIJRI(9, "ramadan"), HIJRI(9, "ramazan"), HIJRI(1, "muharram"), HIJRI(7, "rajab"), HIJRI(10, "shawwal"),
    /* Solar Hijri */
    PERSIAN(1, "فروردین"), PERSIAN(2, "اردیبهشت"), PERSIAN(3, "خرداد"), PERSIAN(4, "تیر"), PERSIAN(5, "مرداد"),
    PERSIAN(6, "شهریور"), PERSIAN(7, "مهر"), PERSIAN(8, "آبان"), PERSIAN(9, "آذر"), PERSIAN(10, "دی"),
    PERSIAN(11, "بهمن"), PERSIAN(12, "اسفند"), PERSIAN(4, "تیرماه"), PERSIAN(7, "مهرماه"), PERSIAN(10, "دی‌ماه"),
    PERSIAN(10, "دیماه"), PERSIAN(12, "اسفندماه"), PERSIAN(11, "بهمن‌ماه"), PERSIAN(8, "آبان‌ماه"), PERSIAN(9, "آذرماه"),
    PERSIAN(5, "امرداد"),
    /* the same in Kurdish */
    PERSIAN(1, "خاکەلێوە"), PERSIAN(2, "گوڵان"), PERSIAN(3, "جۆزەردان"), PERSIAN(4, "پووشپەڕ"), PERSIAN(5, "گەلاوێژ"),
    PERSIAN(6, "خەرمانان"), PERSIAN(7, "ڕەزبەر"), PERSIAN(8, "گەڵاڕێزان"), PERSIAN(9, "سەرماوەز"), PERSIAN(10, "بەفرانبار"),
    PERSIAN(11, "ڕێبەندان"), PERSIAN(12, "ڕەشەمە"),
    /* Gregorian months in Persian */
    MONTH(1, "ژانویه"), MONTH(2, "فوریه"), MONTH(4, "آوریل"), WEAK_MONTH(5, "مه"), WEAK_MONTH(5, "می"), MONTH(6, "ژوئن"),
    MONTH(7, "ژوئیه"), MONTH(7, "جولای"), MONTH(7, "ژوییه"), MONTH(8, "آگوست"), MONTH(8, "اوت"), MONTH(9, "سپتامبر"),
    MONTH(10, "اکتبر"), MONTH(11, "نوامبر"), MONTH(12, "دسامبر"),
    /* in Sorani */
    MONTH(1, "کانوونی دووەم"), MONTH(1, "کانونی دووەم"), MONTH(1, "کانوونی دووه‌م"), MONTH(1, "کانوونی دووەمی"), MONTH(1, "کانونی دووەمی"),
    MONTH(2, "شوبات"), MONTH(2, "شوباتی"), MONTH(3, "ئازار"), MONTH(3, "ئازاری"), MONTH(3, "ئادار"), MONTH(4, "نیسانی"), MONTH(5, "ئایار"), MONTH(5, "ئایاری"),
    MONTH(6, "حوزەیران"), MONTH(6, "حوزەیرانی"), MONTH(6, "حزیرانی"), MONTH(7, "تەمموز"), MONTH(7, "تەممووز"), MONTH(7, "تەمموزی"), MONTH(7, "تەممووزی"), MONTH(7, "تەموز"),
    MONTH(8, "ئاب"), MONTH(8, "ئابی"), MONTH(8, "ئۆگۆست"), MONTH(9, "ئەیلوول"), MONTH(9, "ئەیلوولی"), MONTH(9, "ئەیلول"), MONTH(9, "ئەیلولی"),
    MONTH(10, "تشرینی یەکەم"), MONTH(10, "تشرینی یەکەمی"), MONTH(11, "تشرینی دووەم"), MONTH(11, "تشرینی دووەمی"),
    MONTH(12, "کانوونی یەکەم"), MONTH(12, "کانوونی یەکەمی"), MONTH(12, "کانونی یەکەم"), MONTH(12, "کانونی یەکەمی"),
    MONTH(1, "جەنیوەری"), MONTH(2, "فێبریوەری"),
    /* in English, French, Turkish, Kurmanji */
    MONTH(1, "january"), MONTH(2, "february"), WEAK_MONTH(3, "march"), MONTH(4, "april"), WEAK_MONTH(5, "may"), MONTH(6, "june"),
    MONTH(7, "july"), WEAK_MONTH(8, "august"), MONTH(9, "september"), MONTH(10, "october"), MONTH(11, "november"),
    MONTH(12, "december"), WEAK_MONTH(1, "jan"), WEAK_MONTH(2, "feb"), WEAK_MONTH(3, "mar"), WEAK_MONTH(4, "apr"), WEAK_MONTH(6, "jun"),
    WEAK_MONTH(7, "jul"), WEAK_MONTH(8, "aug"), WEAK_MONTH(9, "sep"), WEAK_MONTH(9, "sept"), WEAK_MONTH(10, "oct"),
    WEAK_MONTH(11, "nov"), WEAK_MONTH(12, "dec"), MONTH(1, "janvier"), MONTH(2, "février"), WEAK_MONTH(3, "mars"), MONTH(4, "avril"),
    WEAK_MONTH(5, "mai"), MONTH(6, "juin"), MONTH(7, "juillet"), MONTH(8, "août"), MONTH(9, "septembre"),
    MONTH(10, "octobre"), MONTH(11, "novembre"), MONTH(12, "décembre"), WEAK_MONTH(1, "janv"), WEAK_MONTH(2, "févr"),
    WEAK_MONTH(4, "avr"), WEAK_MONTH(7, "juil"), WEAK_MONTH(12, "déc"), WEAK_MONTH(1, "ocak"), MONTH(2, "şubat"), WEAK_MONTH(3, "mart"),
    MONTH(4, "nisan"), MONTH(5, "mayıs"), MONTH(6, "haziran"), MONTH(7, "temmuz"), MONTH(8, "ağustos"),
    MONTH(9, "eylül"), WEAK_MONTH(10, "ekim"), WEAK_MONTH(11, "kasım"), WEAK_MONTH(12, "aralık"),
    WEAK_MONTH(1, "çile"), MONTH(2, "sibat"), WEAK_MONTH(3, "adar"), WEAK_MONTH(5, "gulan"), MONTH(6, "hezîran"),
    MONTH(7, "tîrmeh"), MONTH(8, "tebax"), MONTH(9, "îlon"), MONTH(10, "cotmeh"), MONTH(11, "mijdar"),
    MONTH(12, "berfanbar"), MONTH(1, "rêbendan"), MONTH(3, "avdar"),
    /* weekdays */
    DAY(0, "الأحد"), DAY(1, "الاثنين"), DAY(1, "الإثنين"), DAY(2, "الثلاثاء"), DAY(2, "الثلاثا"), DAY(3, "الأربعاء"),
    DAY(3, "الأربعا"), DAY(4, "الخميس"), DAY(5, "الجمعة"), DAY(6, "السبت"), WEAK_DAY(5, "جمعة"), WEAK_DAY(0, "أحد"),
    WEAK_DAY(1, "اثنين"), WEAK_DAY(2, "ثلاثاء"), WEAK_DAY(3, "أربعاء"), WEAK_DAY(4, "خميس"), WEAK_DAY(6, "سبت"), DAY(1, "الأثنين"),
    DAY(0, "sunday"), DAY(1, "monday"), DAY(2, "tuesday"), DAY(3, "wednesday"), DAY(4, "thursday"), DAY(5, "friday"),
    DAY(6, "saturday"), WEAK_DAY(0, "sun"), WEAK_DAY(1, "mon"), WEAK_DAY(2, "tue"), WEAK_DAY(2, "tues"), WEAK_DAY(3, "wed"), WEAK_DAY(4, "thu"),
    WEAK_DAY(4, "thur"), WEAK_DAY(4, "thurs"), WEAK_DAY(5, "fri"), WEAK_DAY(6, "sat"), DAY(0, "dimanche"), DAY(1, "lundi"), DAY(2, "mardi"),
    DAY(3, "mercredi"), DAY(4, "jeudi"), DAY(5, "vendredi"), DAY(6, "samedi"), WEAK_DAY(0, "pazar"),
    DAY(1, "pazartesi"), WEAK_DAY(2, "salı"), DAY(3, "çarşamba"), DAY(4, "perşembe"), WEAK_DAY(5, "cuma"),
    DAY(6, "cumartesi"), DAY(0, "یکشنبه"), DAY(0, "یک شنبه"), DAY(1, "دوشنبه"), DAY(1, "دو شنبه"), DAY(2, "سه‌شنبه"), DAY(2, "سه شنبه"),
    DAY(3, "چهارشنبه"), DAY(3, "چهار شنبه"), DAY(4, "پنجشنبه"), DAY(4, "پنج شنبه"), DAY(5, "آدینه"), DAY(6, "شنبه"),
    DAY(0, "یەکشەممە"), DAY(1, "دووشەممە"), DAY(2, "سێشەممە"), DAY(3, "چوارشەممە"), DAY(4, "پێنجشەممە"),
    DAY(5, "هەینی"), DAY(6, "شەممە"), DAY(0, "یەک شەممە"), DAY(2, "سێ شەممە"), DAY(3, "چوار شەممە"),
    DAY(0, "یەکشەمە"), DAY(1, "دووشەمە"), DAY(2, "سێشەمە"), DAY(3, "چوارشەمە"), DAY(4, "پێنجشەمە"), DAY(6, "شەمە"),
    DAY(0, "yekşem"), DAY(1, "duşem"), DAY(2, "sêşem"), DAY(3, "çarşem"), DAY(4, "pêncşem"), WEAK_DAY(5, "în"),
    /* days by their distance */
    WORD(DAY_SHIFT, 0, "اليوم"), WORD(DAY_SHIFT, -1, "أمس"), WORD(DAY_SHIFT, -1, "الأمس"), WORD(DAY_SHIFT, -1, "البارحة"),
    WORD(DAY_SHIFT, -1, "يوم أمس"), WORD(DAY_SHIFT, 1, "يوم غد"), WORD(DAY_SHIFT, -2, "أول أمس"), WORD(DAY_SHIFT, -2, "أمس الأول"),
    WORD(DAY_SHIFT, -2, "أول من أمس"), WORD(DAY_SHIFT, -2, "أول البارحة"), WORD(DAY_SHIFT, -2, "قبل أمس"), WORD(DAY_SHIFT, 1, "غدا"), WORD(DAY_SHIFT, 1, "الغد"),
    WORD(DAY_SHIFT, 1, "غد"), WORD(DAY_SHIFT, 2, "بعد غد"), WORD(DAY_SHIFT, 2, "بعد الغد"), WORD(DAY_SHIFT, 0, "هذا اليوم"),
    WORD(DAY_SHIFT, 1, "اليوم التالي"), WORD(DAY_SHIFT, -1, "اليوم الماضي"), WORD(DAY_SHIFT, 0, "الليلة"), WORD(DAY_SHIFT, -1, "الليلة الماضية"),
    WORD(DAY_SHIFT, 0, "today"), WORD(DAY_SHIFT, -1, "yesterday"), WORD(DAY_SHIFT, 1, "tomorrow"), WORD(DAY_SHIFT, 0, "tonight"),
    WORD(DAY_SHIFT, 0, "امروز"), WORD(DAY_SHIFT, -1, "دیروز"), WORD(DAY_SHIFT, 1, "فردا"), WORD(DAY_SHIFT, -2, "پریروز"), WORD(DAY_SHIFT, -1, "دیشب"),
    WORD(DAY_SHIFT, 0, "ئەمڕۆ"), WORD(DAY_SHIFT, 0, "ئه‌مڕۆ"), WORD(DAY_SHIFT, -1, "دوێنێ"), WORD(DAY_SHIFT, 1, "سبەی"), WORD(DAY_SHIFT, 1, "بەیانی"), WORD(DAY_SHIFT, 1, "سبەینێ"),
    WORD(DAY_SHIFT, -2, "پێرێ"),
    WORD(DAY_SHIFT, 0, "bugün"), WORD(DAY_SHIFT, -1, "dün"), WORD(DAY_SHIFT, 1, "yarın"), WORD(DAY_SHIFT, 0, "aujourd hui"),
    WORD(DAY_SHIFT, -1, "hier"), WORD(DAY_SHIFT, 1, "demain"), WORD(DAY_SHIFT, 0, "îro"), WORD(DAY_SHIFT, -1, "duh"),
    WORD(NOW, 0, "الآن"), WORD(NOW, 0, "now"), WORD(NOW, 0, "just now"), WORD(NOW, 0, "şimdi"), WORD(NOW, 0, "للتو"), WORD(NOW, 0, "قبل قليل"), WORD(NOW, 0, "منذ قليل"),
    /* parts of the day */
    WORD(PART, PART_AM, "صباحا"), WORD(PART, PART_AM, "صباح"), WORD(PART, PART_AM, "الصباح"), WORD(PART, PART_AM, "ص"), WORD(PART, PART_AM, "فجرا"), WORD(PART, PART_AM, "فجر"),
    WORD(PART, PART_AM, "الفجر"), WORD(PART, PART_AM, "ضحى"), WORD(PART, PART_AM, "قبل الظهر"), WORD(PART, PART_AM, "am"), WORD(PART, PART_AM, "a m"),
    WORD(PART, PART_NOON, "ظهرا"), WORD(PART, PART_NOON, "ظهر"), WORD(PART, PART_NOON, "الظهر"), WORD(PART, PART_NOON, "الظهيرة"), WORD(PART, PART_PM, "بعد الظهر"),
    WORD(PART, PART_PM, "مساء"), WORD(PART, PART_PM, "المساء"), WORD(PART, PART_PM, "مسا"), WORD(PART, PART_PM, "عصرا"), WORD(PART, PART_PM, "عصر"), WORD(PART, PART_PM, "العصر"),
    BOTH(PART, PART_PM, ERA_COMMON, 0, "م"), WORD(PART, PART_PM, "pm"), WORD(PART, PART_PM, "p m"), WORD(PART, PART_PM, "عشية"), WORD(PART, PART_NIGHT, "ليلا"), WORD(PART, PART_NIGHT, "ليل"),
    WORD(PART, PART_NIGHT, "الليل"), WORD(PART, PART_NIGHT, "ليلة"), WORD(PART, PART_MIDNIGHT, "منتصف الليل"), WORD(PART, PART_NOON, "منتصف النهار"), WORD(PART, PART_AM, "بامداد"),
    WORD(PART, PART_AM, "صبح"), WORD(PART, PART_PM, "عصر"), WORD(PART, PART_NIGHT, "شب"), WORD(PART, PART_PM, "بعدازظهر"), WORD(PART, PART_PM, "بعد از ظهر"), WORD(PART, PART_AM, "قبل از ظهر"),
    WORD(PART, PART_AM, "بەیانی"), WORD(PART, PART_PM, "ئێوارە"), WORD(PART, PART_PM, "پاشنیوەڕۆ"), WORD(PART, PART_PM, "دوای نیوەڕۆ"), WORD(PART, PART_AM, "پێش نیوەڕۆ"), WORD(PART, PART_NIGHT, "شەو"),
    WORD(PART, PART_NOON, "نیوەڕۆ"), WORD(PART, PART_AM, "sabah"), WORD(PART, PART_PM, "akşam"), WORD(PART, PART_PM, "öğleden sonra"), WORD(PART, PART_AM, "du matin"),
    WORD(PART, PART_PM, "du soir"), WORD(PART, PART_AM, "morning"), WORD(PART, PART_PM, "evening"), WORD(PART, PART_PM, "afternoon"), WORD(PART, PART_MIDNIGHT, "midnight"), WORD(PART, PART_NOON, "noon"),
    /* units */
    BOTH(UNIT, UNIT_SECOND, ORDINAL, 2, "ثانية"), WORD(UNITS, UNIT_SECOND, "ثواني"), WORD(UNITS, UNIT_SECOND, "ثوان"), WORD(DUAL, UNIT_SECOND, "ثانيتين"),
    WORD(UNIT, UNIT_MINUTE, "دقيقة"), WORD(UNITS, UNIT_MINUTE, "دقائق"), WORD(UNITS, UNIT_MINUTE, "دقايق"), WORD(DUAL, UNIT_MINUTE, "دقيقتين"), WORD(UNIT, UNIT_MINUTE, "دقيقه"),
    WORD(UNIT, UNIT_HOUR, "ساعة"), WORD(UNITS, UNIT_HOUR, "ساعات"), WORD(DUAL, UNIT_HOUR, "ساعتين"), WORD(UNIT, UNIT_DAY, "يوم"), WORD(UNIT, UNIT_DAY, "يوما"), WORD(UNITS, UNIT_DAY, "أيام"),
    WORD(DUAL, UNIT_DAY, "يومين"), WORD(UNIT, UNIT_WEEK, "أسبوع"), WORD(UNIT, UNIT_WEEK, "أسبوعا"), WORD(UNITS, UNIT_WEEK, "أسابيع"), WORD(DUAL, UNIT_WEEK, "أسبوعين"), WORD(UNIT, UNIT_MONTH, "شهر"),
    WORD(UNIT, UNIT_MONTH, "شهرا"), WORD(UNITS, UNIT_MONTH, "أشهر"), WORD(UNITS, UNIT_MONTH, "شهور"), WORD(DUAL, UNIT_MONTH, "شهرين"), WORD(UNIT, UNIT_YEAR, "عام"), WORD(UNIT, UNIT_YEAR, "عامي"), WORD(UNIT, UNIT_YEAR, "عاما"),
    WORD(UNITS, UNIT_YEAR, "أعوام"), WORD(DUAL, UNIT_YEAR, "عامين"), WORD(UNIT, UNIT_YEAR, "سنة"), WORD(UNITS, UNIT_YEAR, "سنوات"), WORD(UNITS, UNIT_YEAR, "سنين"), WORD(DUAL, UNIT_YEAR, "سنتين"),
    WORD(UNIT, UNIT_DECADE, "عقد"), WORD(UNITS, UNIT_DECADE, "عقود"), WORD(DUAL, UNIT_DECADE, "عقدين"), WORD(UNIT, UNIT_CENTURY, "قرن"),
    WORD(UNIT, UNIT_SECOND, "second"), WORD(UNITS, UNIT_SECOND, "seconds"), WORD(UNIT, UNIT_MINUTE, "minute"), WORD(UNITS, UNIT_MINUTE, "minutes"), WORD(UNIT, UNIT_MINUTE, "min"),
    WORD(UNITS, UNIT_MINUTE, "mins"), WORD(UNIT, UNIT_HOUR, "hour"), WORD(UNITS, UNIT_HOUR, "hours"), WORD(UNITS, UNIT_HOUR, "hrs"), WORD(UNIT, UNIT_DAY, "day"), WORD(UNITS, UNIT_DAY, "days"), WORD(UNIT, UNIT_WEEK, "week"),
    WORD(UNITS, UNIT_WEEK, "weeks"), WORD(UNIT, UNIT_MONTH, "month"), WORD(UNITS, UNIT_MONTH, "months"), WORD(UNIT, UNIT_YEAR, "year"), WORD(UNITS, UNIT_YEAR, "years"), WORD(UNIT, UNIT_SECOND, "seconde"),
    WORD(UNITS, UNIT_SECOND, "secondes"), WORD(UNIT, UNIT_HOUR, "heure"), WORD(UNITS, UNIT_HOUR, "heures"), WORD(UNIT, UNIT_DAY, "jour"), WORD(UNITS, UNIT_DAY, "jours"), WORD(UNIT, UNIT_WEEK, "semaine"),
    WORD(UNITS, UNIT_WEEK, "semaines"), WORD(UNITS, UNIT_MONTH, "mois"), WORD(UNIT, UNIT_YEAR, "an"), WORD(UNITS, UNIT_YEAR, "ans"), WORD(UNIT, UNIT_SECOND, "saniye"), WORD(UNIT, UNIT_MINUTE, "dakika"),
    WORD(UNIT, UNIT_MINUTE, "dk"), WORD(UNIT, UNIT_HOUR, "saat"), WORD(UNIT, UNIT_DAY, "gün"), WORD(UNIT, UNIT_WEEK, "hafta"), WORD(UNIT, UNIT_MONTH, "ay"), WORD(UNIT, UNIT_YEAR, "yıl"), WORD(UNIT, UNIT_HOUR, "ساعت"),
    WORD(UNIT, UNIT_DAY, "روز"), WORD(UNIT, UNIT_WEEK, "هفته"), WORD(UNIT, UNIT_MONTH, "ماه"), WORD(UNIT, UNIT_YEAR, "سال"), WORD(UNIT, UNIT_MINUTE, "خولەک"), WORD(UNIT, UNIT_HOUR, "کاتژمێر"), WORD(UNIT, UNIT_HOUR, "سەعات"),
    WORD(UNIT, UNIT_DAY, "ڕۆژ"), WORD(UNIT, UNIT_WEEK, "هەفتە"), WORD(UNIT, UNIT_MONTH, "مانگ"), WORD(UNIT, UNIT_YEAR, "ساڵ"), WORD(UNIT, UNIT_YEAR, "ساڵی"), WORD(UNIT, UNIT_YEAR, "sal"),
    BOTH(FRACTION, 15, UNIT, UNIT_QUARTER, "ربع"), WORD(FRACTION, 15, "ربعا"), BOTH(FRACTION, 30, UNIT, UNIT_HALF, "نصف"), WORD(FRACTION, 20, "ثلث"), WORD(FRACTION, 20, "ثلثا"), WORD(LESS, 0, "إلا"),
    /* numbers in words */
    WORD(COUNT, 1, "واحد"), WORD(COUNT, 1, "واحدة"), WORD(COUNT, 2, "اثنان"), WORD(COUNT, 2, "اثنتين"), WORD(COUNT, 2, "اثنتان"), WORD(COUNT, 3, "ثلاثة"), WORD(COUNT, 3, "ثلاث"), WORD(COUNT, 4, "أربعة"), WORD(COUNT, 4, "أربع"),
    WORD(COUNT, 5, "خمسة"), WORD(COUNT, 5, "خمس"), WORD(COUNT, 6, "ستة"), WORD(COUNT, 6, "ست"), WORD(COUNT, 7, "سبعة"), WORD(COUNT, 7, "سبع"), WORD(COUNT, 8, "ثمانية"), WORD(COUNT, 8, "ثماني"), WORD(COUNT, 8, "ثمان"),
    WORD(COUNT, 9, "تسعة"), WORD(COUNT, 9, "تسع"), WORD(COUNT, 10, "عشرة"), WORD(COUNT, 10, "عشر"), WORD(COUNT, 11, "أحد عشر"), WORD(COUNT, 11, "إحدى عشرة"), WORD(COUNT, 12, "اثنا عشر"), WORD(COUNT, 12, "اثني عشر"),
    WORD(COUNT, 12, "اثنتي عشرة"), WORD(COUNT, 13, "ثلاثة عشر"), WORD(COUNT, 14, "أربعة عشر"), WORD(COUNT, 15, "خمسة عشر"), WORD(COUNT, 16, "ستة عشر"), WORD(COUNT, 17, "سبعة عشر"), WORD(COUNT, 18, "ثمانية عشر"),
    WORD(COUNT, 19, "تسعة عشر"), WORD(COUNT, 13, "ثلاث عشرة"), WORD(COUNT, 14, "أربع عشرة"), WORD(COUNT, 15, "خمس عشرة"), WORD(COUNT, 20, "عشرين"), WORD(COUNT, 20, "عشرون"), WORD(COUNT, 30, "ثلاثين"), WORD(COUNT, 30, "ثلاثون"),
    WORD(COUNT, 40, "أربعين"), WORD(COUNT, 40, "أربعون"), WORD(COUNT, 50, "خمسين"), WORD(COUNT, 50, "خمسون"), WORD(COUNT, 60, "ستين"), WORD(COUNT, 60, "ستون"), WORD(COUNT, 70, "سبعين"), WORD(COUNT, 70, "سبعون"),
    WORD(COUNT, 80, "ثمانين"), WORD(COUNT, 80, "ثمانون"), WORD(COUNT, 90, "تسعين"), WORD(COUNT, 90, "تسعون"), WORD(COUNT, 100, "مئة"), WORD(COUNT, 100, "مائة"), WORD(COUNT, 200, "مائتين"), WORD(COUNT, 200, "مئتين"),
    WORD(COUNT, 300, "ثلاثمائة"), WORD(COUNT, 400, "أربعمائة"), WORD(COUNT, 500, "خمسمائة"), WORD(COUNT, 600, "ستمائة"), WORD(COUNT, 700, "سبعمائة"), WORD(COUNT, 800, "ثمانمائة"), WORD(COUNT, 900, "تسعمائة"),
    WORD(COUNT, 900, "تسعمئة"), WORD(COUNT, 800, "ثمانمئة"), WORD(COUNT, 1000, "ألف"), WORD(COUNT, 2000, "ألفين"), WORD(COUNT, 2000, "ألفان"),
    WORD(COUNT, 1, "one"), WORD(COUNT, 2, "two"), WORD(COUNT, 3, "three"), WORD(COUNT, 4, "four"), WORD(COUNT, 5, "five"), WORD(COUNT, 6, "six"), WORD(COUNT, 7, "seven"), WORD(COUNT, 8, "eight"), WORD(COUNT, 9, "nine"), WORD(COUNT, 10, "ten"),
    WORD(COUNT, 1, "یک"), WORD(COUNT, 2, "دو"), WORD(COUNT, 3, "سه"), WORD(COUNT, 4, "چهار"), WORD(COUNT, 5, "پنج"), WORD(COUNT, 2, "دوو"), WORD(COUNT, 3, "سێ"), WORD(COUNT, 1, "یەک"),
    WORD(ORDINAL, 1, "أول"), WORD(ORDINAL, 1, "الأول"), WORD(ORDINAL, 1, "الأولى"), WORD(ORDINAL, 1, "أولى"), WORD(ORDINAL, 1, "الواحدة"), WORD(ORDINAL, 2, "ثاني"), WORD(ORDINAL, 3, "ثالث"), WORD(ORDINAL, 3, "ثالثة"), WORD(ORDINAL, 4, "رابع"),
    WORD(ORDINAL, 4, "رابعة"), WORD(ORDINAL, 5, "خامس"), WORD(ORDINAL, 5, "خامسة"), WORD(ORDINAL, 6, "سادس"), WORD(ORDINAL, 6, "سادسة"), WORD(ORDINAL, 7, "سابع"), WORD(ORDINAL, 7, "سابعة"), WORD(ORDINAL, 8, "ثامن"),
    WORD(ORDINAL, 8, "ثامنة"), WORD(ORDINAL, 9, "تاسع"), WORD(ORDINAL, 9, "تاسعة"), WORD(ORDINAL, 10, "عاشر"), WORD(ORDINAL, 10, "عاشرة"), WORD(ORDINAL, 1, "حادي"), WORD(ORDINAL, 1, "حادية"), WORD(ORDINAL, 11, "حادي عشر"),
    WORD(ORDINAL, 11, "حادية عشرة"), WORD(ORDINAL, 11, "حادية عشر"), WORD(ORDINAL, 12, "ثاني عشر"), WORD(ORDINAL, 12, "ثانية عشرة"), WORD(ORDINAL, 12, "ثانية عشر"), WORD(ORDINAL, 13, "ثالث عشر"), WORD(ORDINAL, 14, "رابع عشر"),
    WORD(ORDINAL, 15, "خامس عشر"), WORD(ORDINAL, 16, "سادس عشر"), WORD(ORDINAL, 17, "سابع عشر"), WORD(ORDINAL, 18, "ثامن عشر"), WORD(ORDINAL, 19, "تاسع عشر"), WORD(ORDINAL, 13, "ثالثة عشرة"), WORD(ORDINAL, 14, "رابعة عشرة"),
    WORD(ORDINAL, 1, "first"), WORD(ORDINAL, 2, "second day"), WORD(ORDINAL, 3, "third"),
    /* past and coming */
    WORD(AGO, 0, "منذ"), BOTH(AGO, 0, AGO_BEHIND, 0, "قبل"), WORD(AGO, 0, "il y a"), WORD(AGO, 0, "پێش"), WORD(AGO_BEHIND, 0, "ago"), WORD(AGO_BEHIND, 0, "önce"), WORD(AGO_BEHIND, 0, "پیش"), WORD(AGO_BEHIND, 0, "لەمەوبەر"),
    WORD(AGO_BEHIND, 0, "لەمەوپێش"), WORD(AGO_BEHIND, 0, "مضت"), WORD(IN, 0, "بعد"), WORD(IN_BEHIND, 0, "من الآن"), WORD(IN_BEHIND, 0, "from now"), WORD(IN_BEHIND, 0, "sonra"),
    WORD(LAST, 0, "الماضي"), WORD(LAST, 0, "الماضية"), WORD(LAST, 0, "الماضيين"), WORD(LAST, 0, "المنصرم"), WORD(LAST, 0, "المنصرمة"), WORD(LAST, 0, "الفائت"), WORD(LAST, 0, "الفائتة"), WORD(LAST, 0, "الأخيرة"), WORD(LAST, 0, "المنقضي"),
    WORD(NEXT, 0, "المقبل"), WORD(NEXT, 0, "المقبلة"), WORD(NEXT, 0, "المقبلين"), WORD(NEXT, 0, "القادم"), WORD(NEXT, 0, "القادمة"), WORD(NEXT, 0, "القادمين"), WORD(NEXT, 0, "الآتي"), WORD(NEXT, 0, "التالي"), WORD(NEXT, 0, "التالية"),
    WORD(THIS, 0, "الجاري"), WORD(THIS, 0, "الحالي"), WORD(THIS, 0, "الجارية"), WORD(THIS, 0, "الحالية"), WORD(THIS, 0, "هذا"), WORD(THIS, 0, "هذه"), WORD(LAST, 0, "last"), WORD(NEXT, 0, "next"), WORD(THIS, 0, "this"),
    WORD(LAST, 0, "گذشته"), WORD(NEXT, 0, "آینده"), WORD(LAST, 0, "ڕابردوو"), WORD(NEXT, 0, "داهاتوو"), WORD(LAST, 0, "geçen"), WORD(NEXT, 0, "gelecek"), WORD(LAST, 0, "dernier"), WORD(LAST, 0, "dernière"), WORD(NEXT, 0, "prochain"),
    WORD(NEXT, 0, "prochaine"), WORD(LAST, 0, "الماضى"),
    WORD(ONLY_BEHIND, 0, "الوطني"), WORD(ONLY_BEHIND, 0, "العالمي"), WORD(ONLY_BEHIND, 0, "الدولي"), WORD(ONLY_BEHIND, 0, "الواحد"), WORD(ONLY_BEHIND, 0, "نفسه"), WORD(ONLY_BEHIND, 0, "ذاته"), WORD(ONLY_BEHIND, 0, "السابق"),
    WORD(ONLY_BEHIND, 0, "الأخير"), WORD(ONLY_BEHIND, 0, "الدراسي"), WORD(ONLY_BEHIND, 0, "السابع للحرب"), WORD(ONLY_BEHIND, 0, "العربي"),
    WORD(PHASE, 0, "مطلع"), WORD(PHASE, 0, "أوائل"), WORD(PHASE, 0, "بداية"), WORD(PHASE, 0, "مستهل"), WORD(PHASE, 1, "منتصف"), WORD(PHASE, 1, "أواسط"), WORD(PHASE, 2, "أواخر"), WORD(PHASE, 2, "نهاية"), WORD(PHASE, 2, "ختام"),
    WORD(PHASE, 2, "آخر"), WORD(PHASE, 2, "عطلة نهاية"), WORD(PHASE, 2, "بقية"), WORD(PHASE, 2, "باقي"),
    WORD(DECADE, 20, "عشرينيات"), WORD(DECADE, 30, "ثلاثينيات"), WORD(DECADE, 40, "أربعينيات"), WORD(DECADE, 50, "خمسينيات"), WORD(DECADE, 60, "ستينيات"), WORD(DECADE, 70, "سبعينيات"), WORD(DECADE, 80, "ثمانينيات"),
    WORD(DECADE, 90, "تسعينيات"), WORD(DECADE, 90, "تسعينات"), WORD(DECADE, 80, "ثمانينات"), WORD(DECADE, 70, "سبعينات"), WORD(DECADE, 60, "ستينات"),
    WORD(SEASON, 6, "صيف"), WORD(SEASON, 12, "شتاء"), WORD(SEASON, 9, "خريف"), WORD(SEASON, 3, "ربيع"),
    /* zones */
    WORD(ZONE, UTC, "gmt"), WORD(ZONE, UTC, "utc"), WORD(ZONE, UTC, "غرينتش"), WORD(ZONE, UTC, "غرينيتش"), WORD(ZONE, UTC, "جرينتش"), WORD(ZONE, UTC, "جرينيتش"), WORD(ZONE, UTC, "غرنيتش"), WORD(ZONE, UTC, "ت غ"), WORD(ZONE, UTC, "تغ"), WORD(ZONE, UTC, "z"),
    WORD(ZONE, UTC, "العالمي الموحد"), WORD(ZONE, BAGHDAD, "بغداد"), WORD(ZONE, BAGHDAD, "العراق"), WORD(ZONE, BAGHDAD, "أربيل"), WORD(ZONE, RIYADH, "ksa"), WORD(ZONE, RIYADH, "مكة المكرمة"), WORD(ZONE, RIYADH, "مكة"), WORD(ZONE, RIYADH, "الرياض"),
    WORD(ZONE, RIYADH, "السعودية"), WORD(ZONE, RIYADH, "الدوحة"), WORD(ZONE, RIYADH, "الكويت"), WORD(ZONE, RIYADH, "صنعاء"), WORD(ZONE, RIYADH, "عدن"), WORD(ZONE, RIYADH, "المنامة"), WORD(ZONE, RIYADH, "ast"), WORD(ZONE, GULF, "أبوظبي"), WORD(ZONE, GULF, "أبو ظبي"),
    WORD(ZONE, GULF, "دبي"), WORD(ZONE, GULF, "الإمارات"), WORD(ZONE, GULF, "مسقط"), WORD(ZONE, GULF, "uae"), WORD(ZONE, GULF, "gst"), WORD(ZONE, CAIRO, "القاهرة"), WORD(ZONE, CAIRO, "مصر"), WORD(ZONE, CAIRO, "clt"), WORD(ZONE, BEIRUT, "بيروت"),
    WORD(ZONE, BEIRUT, "لبنان"), WORD(ZONE, DAMASCUS, "دمشق"), WORD(ZONE, DAMASCUS, "سوريا"), WORD(ZONE, AMMAN, "عمان"), WORD(ZONE, AMMAN, "الأردن"), WORD(ZONE, JERUSALEM, "القدس"), WORD(ZONE, TUNIS, "تونس"), WORD(ZONE, ALGIERS, "الجزائر"), WORD(ZONE, CASABLANCA, "المغرب"),
    WORD(ZONE, CASABLANCA, "الرباط"), WORD(ZONE, TRIPOLI, "ليبيا"), WORD(ZONE, TRIPOLI, "طرابلس"), WORD(ZONE, KHARTOUM, "الخرطوم"), WORD(ZONE, KHARTOUM, "السودان"), WORD(ZONE, TEHRAN, "طهران"), WORD(ZONE, TEHRAN, "إيران"), WORD(ZONE, ISTANBUL, "إسطنبول"), WORD(ZONE, ISTANBUL, "تركيا"), WORD(ZONE, ISTANBUL, "أنقرة"),
    WORD(ZONE, ISTANBUL, "tsi"), WORD(ZONE, LONDON, "لندن"), WORD(ZONE, PARIS, "باريس"), WORD(ZONE, MOSCOW, "موسكو"), WORD(ZONE, MOSCOW, "msk"), WORD(ZONE, NEW_YORK, "نيويورك"), WORD(ZONE, NEW_YORK, "واشنطن"), WORD(ZONE, EST, "est"), WORD(ZONE, EDT, "edt"),
    WORD(ZONE, NEW_YORK, "et"), WORD(ZONE, CET, "cet"), WORD(ZONE, CEST, "cest"), WORD(ZONE, EET, "eet"), WORD(ZONE, EEST, "eest"), WORD(ZONE, BST, "bst"), WORD(ZONE, PST, "pst"), WORD(ZONE, PDT, "pdt"), WORD(ZONE, PARIS, "heure de paris"),
    WORD(ZONE_HEAD, 0, "بتوقيت"), WORD(ZONE_HEAD, 0, "توقيت"), WORD(ZONE_HEAD, 0, "بالتوقيت"), WORD(ZONE_HEAD, 0, "التوقيت"), WORD(ZONE_HEAD, 0, "حسب"), WORD(ZONE_HEAD, 0, "المحلي"), WORD(ZONE_HEAD, 0, "به وقت"), WORD(ZONE_HEAD, 0, "بەکاتی"),
    /* eras */
    WORD(ERA_HIJRI, 0, "ه"), WORD(ERA_HIJRI, 0, "هـ"), WORD(ERA_HIJRI, 0, "هجريا"), WORD(ERA_HIJRI, 0, "هجري"), WORD(ERA_HIJRI, 0, "هجرية"), WORD(ERA_HIJRI, 0, "للهجرة"), WORD(ERA_HIJRI, 0, "ah"), WORD(ERA_COMMON, 0, "ميلادي"), WORD(ERA_COMMON, 0, "ميلادية"),
    WORD(ERA_COMMON, 0, "للميلاد"), WORD(ERA_COMMON, 0, "ميلاديا"), WORD(ERA_SOLAR, 0, "شمسی"), WORD(ERA_SOLAR, 0, "خورشیدی"), WORD(ERA_COMMON, 0, "زایینی"), WORD(ERA_COMMON, 0, "میلادی"),
    /* small words inside dates */
    WORD(OF, 0, "في"), WORD(OF, 0, "الموافق"), WORD(OF, 0, "الموافقة"), WORD(OF, 0, "المصادف"), WORD(OF, 0, "بتاريخ"), WORD(OF, 0, "of"), WORD(OF, 0, "the"), WORD(OF, 0, "on"), WORD(OF, 0, "le"), WORD(OF, 0, "de"), WORD(OF, 0, "du"), WORD(OF, 0, "در"), WORD(OF, 0, "لە"), WORD(OF, 0, "خلال"),
    WORD(OF, 0, "ماهی"), WORD(FROM, 0, "من"), WORD(FROM, 0, "from"), WORD(AT, 0, "at"), WORD(AT, 0, "à"), WORD(AT, 0, "a"), WORD(AT, 0, "عند"), WORD(AT, 0, "تمام"), WORD(AT, 0, "كاتژمێری"), WORD(AT, 0, "vers"), WORD(TO, 0, "إلى"), WORD(TO, 0, "الى"), WORD(TO, 0, "حتى"), WORD(TO, 0, "ولغاية"),
    WORD(TO, 0, "لغاية"), WORD(TO, 0, "to"), WORD(TO, 0, "until"), WORD(BETWEEN, 0, "بين"), WORD(BETWEEN, 0, "between"), WORD(SUFFIX, 0, "th"), WORD(SUFFIX, 0, "st"), WORD(SUFFIX, 0, "nd"), WORD(SUFFIX, 0, "rd"), WORD(SUFFIX, 0, "er"), WORD(SUFFIX, 0, "ی"),
    /* around the dates of a page */
    WORD(FURNITURE, 0, "published"), WORD(FURNITURE, 0, "posted"), WORD(FURNITURE, 0, "date"), WORD(FURNITURE, 0, "time"), WORD(FURNITURE, 0, "publié"), WORD(FURNITURE, 0, "publie"), WORD(FURNITURE, 0, "publish"), WORD(FURNITURE, 0, "created"),
    WORD(FURNITURE, 0, "yayınlanma"), WORD(FURNITURE, 0, "tarihi"), WORD(FURNITURE, 0, "giriş"), WORD(FURNITURE, 0, "نشر"), WORD(FURNITURE, 0, "نشرت"), WORD(FURNITURE, 0, "النشر"), WORD(FURNITURE, 0, "تاريخ"), WORD(FURNITURE, 0, "التاريخ"), WORD(FURNITURE, 0, "تم"),
    WORD(FURNITURE, 0, "وقت"), WORD(FURNITURE, 0, "الوقت"), WORD(FURNITURE, 0, "كتب"), WORD(FURNITURE, 0, "أضيف"), WORD(FURNITURE, 0, "أنشئ"), WORD(FURNITURE, 0, "منشور"), WORD(FURNITURE, 0, "انتشار"), WORD(FURNITURE, 0, "تاریخ انتشار"), WORD(FURNITURE, 0, "بڵاوکراوەتەوە"),
    WORD(FURNITURE, 0, "بڵاوکرایەوە"), WORD(FURNITURE, 0, "بەروار"), WORD(FURNITURE, 0, "ڕێکەوت"), WORD(FURNITURE, 0, "مشاهدة"), WORD(FURNITURE, 0, "القراءة"), WORD(FURNITURE, 0, "and"), WORD(FURNITURE, 0, "last modified"),
    WORD(UPDATED, 0, "updated"), WORD(UPDATED, 0, "update"), WORD(UPDATED, 0, "last updated"), WORD(UPDATED, 0, "modified"), WORD(UPDATED, 0, "آخر تحديث"), WORD(UPDATED, 0, "تحديث"), WORD(UPDATED, 0, "التحديث"), WORD(UPDATED, 0, "محدث"), WORD(UPDATED, 0, "حدث"), WORD(UPDATED, 0, "حدثت"), WORD(UPDATED, 0, "تعديل"),
    WORD(UPDATED, 0, "آخر تعديل"), WORD(UPDATED, 0, "mis à jour"), WORD(UPDATED, 0, "modifié"), WORD(UPDATED, 0, "güncelleme"), WORD(UPDATED, 0, "son güncelleme"),
    /* names that a date may be part of */
    WORD(NAME_HEAD, 0, "مدينة"), WORD(NAME_HEAD, 0, "جسر"), WORD(NAME_HEAD, 0, "شارع"), WORD(NAME_HEAD, 0, "ثورة"), WORD(NAME_HEAD, 0, "حي"), WORD(NAME_HEAD, 0, "ساحة"), WORD(NAME_HEAD, 0, "جامعة"), WORD(NAME_HEAD, 0, "حزب"), WORD(NAME_HEAD, 0, "حركة"), WORD(NAME_HEAD, 0, "صحيفة"), WORD(NAME_HEAD, 0, "قناة"),
    WORD(NAME_HEAD, 0, "موقع"), WORD(NAME_HEAD, 0, "المصري"), WORD(NAME_HEAD, 0, "روسيا"), WORD(NAME_HEAD, 0, "رأي"), WORD(NAME_HEAD, 0, "جريدة"), WORD(NAME_HEAD, 0, "وكالة"), WORD(NAME_HEAD, 0, "كتائب"), WORD(NAME_HEAD, 0, "ملعب"), WORD(NAME_HEAD, 0, "محور"), WORD(NAME_HEAD, 0, "انتفاضة"),
};

const size_t date_word_count = sizeof date_words / sizeof *date_words;

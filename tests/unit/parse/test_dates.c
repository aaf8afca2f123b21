/* Dates: lines, running text, machines, URLs. */
#include "tests/unit/unit.h"
#include "libcommon/text.h"
#include "parse/calendar.h"
#include "parse/date_words.h"
#include "parse/dates.h"

#include <stdio.h>

#include <string.h>

static struct dates_context baghdad(void)
{
    struct dates_context c = {.zone = "Asia/Baghdad", .day_order = DAY_FIRST};
    c.reference = (struct moment){.year = 2026,
                                  .month = 1,
                                  .day = 18,
                                  .hour = 12,
                                  .offset_minutes = 180,
                                  .has_offset = true,
                                  .precision = MOMENT_SECOND};
    return c;
}

struct row {
    const char *text, *value; /* NULL: no date line */
};

static void check_lines(const struct row *rows, size_t count)
{
    struct dates_context c = baghdad();
    for (size_t i = 0; i < count; i++) {
        struct moment m = {0};
        char text[MOMENT_TEXT_SIZE] = "";
        int r = dates_read_line(&c, rows[i].text, strlen(rows[i].text), &m);
        if (r)
            moment_format(&m, text);
        if (strcmp(text, rows[i].value ? rows[i].value : "") != 0)
            fail_msg("%s: found '%s', not '%s'", rows[i].text, text,
                     rows[i].value ? rows[i].value : "");
    }
}

static void reads_lines(void **state)
{
    (void)state;
    static const struct row rows[] = {
        {"18. Okt 2025",                                                                                                    "2025-10-18"               },
        {"3. Dez. 2025",                                                                                                    "2025-12-03"               },
        {"12. Mär 2025",                                                                                                   "2025-03-12"               },
        {"Veröffentlicht am 5. November 2025, 14:09",                                                                      "2025-11-05T14:09:00+03:00"},
        {"2026-01-18 | 07:49",                                                                                              "2026-01-18T07:49:00+03:00"},
        {"09:41 | 2026-01-18",                                                                                              "2026-01-18T09:41:00+03:00"},
        {"۲۷ أيلول ۲۰۲٤",                                                                                        "2024-09-27"               },
        {"٦ تشرين الثاني ۲۰۲٥",                                                                             "2025-11-06"               },
        {"18/1/2026",                                                                                                       "2026-01-18"               },
        {"الأحد 18 كانون الثاني 2026 - 07:49",                                                              "2026-01-18T07:49:00+03:00"},
        {"الأحد، 18 يناير/كانون الثاني 2026 الساعة 07:49 مساءً",                           "2026-01-18T19:49:00+03:00"},
        {"18 يناير 2026 - 05:12 بتوقيت غرينتش",                                                            "2026-01-18T05:12:00+00:00"},
        {"نشر في: 18 جانفي 2026",                                                                                 "2026-01-18"               },
        {"تاريخ النشر: 18.01.2026 | 07:49 GMT",                                                                   "2026-01-18T07:49:00+00:00"},
        {"آخر تحديث: الأحد 18 يناير 2026 10:05 ص",                                                       "2026-01-18T10:05:00+03:00"},
        {"29 رجب 1447 هـ",                                                                                             "2026-01-18"               },
        {"منذ 3 ساعات",                                                                                             "2026-01-18T09:00:00+03:00"},
        {"قبل يومين",                                                                                               "2026-01-16"               },
        {"منذ 5 دقائق",                                                                                             "2026-01-18T11:55:00+03:00"},
        {"أمس",                                                                                                          "2026-01-17"               },
        {"أول أمس",                                                                                                   "2026-01-16"               },
        {"Sunday, January 18, 2026 7:49 PM",                                                                                "2026-01-18T19:49:00+03:00"},
        {"Published 18th January 2026",                                                                                     "2026-01-18"               },
        {"18 janvier 2026 à 07:49",                                                                                        "2026-01-18T07:49:00+03:00"},
        {"Publié le : 1er février 2026",                                                                                  "2026-02-01"               },
        {"18 Ocak 2026 Pazar",                                                                                              "2026-01-18"               },
        {"28 دی 1404",                                                                                                    "2026-01-18"               },
        {"2026-01-18T07:49:00+03:00",                                                                                       "2026-01-18T07:49:00+03:00"},
        {"الأحد 18 كانون الثاني 2026 - 7:49 صباحا",                                                    "2026-01-18T07:49:00+03:00"},
        {"الأحد، ١٨ كانون الثاني/ يناير ٢٠٢٦ الساعة ٠٧:٤٩ م",                        "2026-01-18T19:49:00+03:00"},
        {"۱۸ كانون الثاني ٢٠٢6 | 12:15 ظهرا",                                                           "2026-01-18T12:15:00+03:00"},
        {"17 أوت 2025",                                                                                                  "2025-08-17"               },
        {"17 غشت 2025 - 12:30",                                                                                          "2025-08-17T12:30:00+03:00"},
        {"5 جويلية 2025",                                                                                             "2025-07-05"               },
        {"1 دجنبر 2025",                                                                                               "2025-12-01"               },
        {"12 جولاي 2025",                                                                                              "2025-07-12"               },
        {"الإثنين 19 رجب 1447ه",                                                                                 "2026-01-08"               },
        {"١ رمضان ١٤٤٦هـ",                                                                                      "2025-03-01"               },
        {"١٤٤٧/٧/٢٩ هـ",                                                                                           "2026-01-18"               },
        {"الأحد 29 رجب 1447هـ - 18 يناير 2026م",                                                            "2026-01-18"               },
        {"2026/1/18",                                                                                                       "2026-01-18"               },
        {"18-01-2026 07:49",                                                                                                "2026-01-18T07:49:00+03:00"},
        {"18.01.26",                                                                                                        "2026-01-18"               },
        {"01/18/2026",                                                                                                      "2026-01-18"               },
        {"٠٧:٤٩ - ٢٠٢٦/٠١/١٨",                                                                                  "2026-01-18T07:49:00+03:00"},
        {"منذ ساعة",                                                                                                 "2026-01-18T11:00:00+03:00"},
        {"منذ ساعتين",                                                                                             "2026-01-18T10:00:00+03:00"},
        {"قبل 3 أيام",                                                                                               "2026-01-15"               },
        {"منذ ٥ دقائق",                                                                                            "2026-01-18T11:55:00+03:00"},
        {"أمس الساعة 22:10",                                                                                       "2026-01-17T22:10:00+03:00"},
        {"اليوم، 10:05",                                                                                              "2026-01-18T10:05:00+03:00"},
        {"18 يناير 2026 - 10:05 بتوقيت مكة المكرمة",                                                   "2026-01-18T10:05:00+03:00"},
        {"18 يناير 2026 10:05 بتوقيت القاهرة",                                                            "2026-01-18T10:05:00+02:00"},
        {"18 يوليو 2025 10:05 بتوقيت بيروت",                                                                "2025-07-18T10:05:00+03:00"},
        {"18/01/2026 07:49 (GMT+3)",                                                                                        "2026-01-18T07:49:00+03:00"},
        {"18/01/2026 07:49 UTC",                                                                                            "2026-01-18T07:49:00+00:00"},
        {"كانون الثاني 2026",                                                                                    NULL                       },
        {"۲۸ دی ۱۴۰۴ - ۱۲:۳۰",                                                                                  "2026-01-18T12:30:00+03:00"},
        {"یکشنبه ۲۸ دی ۱۴۰۴",                                                                                 "2026-01-18"               },
        {"۱۴۰۴/۱۰/۲۸",                                                                                              "2026-01-18"               },
        {"تاریخ انتشار: ۲۸ دی ۱۴۰۴",                                                                     "2026-01-18"               },
        {"١٨ی کانوونی دووەمی ٢٠٢٦",                                                                     "2026-01-18"               },
        {"18 Ocak 2026, 07:49",                                                                                             "2026-01-18T07:49:00+03:00"},
        {"Güncelleme: 18 Ocak 2026 10:05",                                                                                 "2026-01-18T10:05:00+03:00"},
        {"Mis à jour le 18/01/2026 à 10h05",                                                                              "2026-01-18T10:05:00+03:00"},
        {"dimanche 18 janvier 2026 à 07:49",                                                                               "2026-01-18T07:49:00+03:00"},
        {"Jan 18, 2026, 7:49 AM",                                                                                           "2026-01-18T07:49:00+03:00"},
        {"Updated: 18 Jan 2026 7:49 p.m. EST",                                                                              "2026-01-18T19:49:00-05:00"},
        {"Sun 18 Jan 2026 07.49 GMT",                                                                                       "2026-01-18T07:49:00+00:00"},
        {"Sunday, 18-Jan-26 07:49:00 GMT",                                                                                  "2026-01-18T07:49:00+00:00"},
        {"il y a 3 heures",                                                                                                 "2026-01-18T09:00:00+03:00"},
        {"3 saat önce",                                                                                                    "2026-01-18T09:00:00+03:00"},
        {"۳ ساعت پیش",                                                                                              "2026-01-18T09:00:00+03:00"},
        {"2 hours ago",                                                                                                     "2026-01-18T10:00:00+03:00"},
        {"30/2/2026",                                                                                                       NULL                       },
        {"اعتقال 3 إرهابيين",                                                                                 NULL                       },
        {"عملية نوعية في بغداد يوم 18 كانون الثاني 2026 تكتب نهاية العصابة", NULL                       },
        {"أمن",                                                                                                          NULL                       },
        {"",                                                                                                                NULL                       },
    };
    check_lines(rows, sizeof rows / sizeof *rows);
}

static void finds_all_in_running_text(void **state)
{
    (void)state;
    static const char text[] =
        "أعلنت اليوم الأحد، تطبيقا لبيان ۲۷ أيلول ۲۰۲٤ وبيان ٦ تشرين الثاني ۲۰۲٥ عن 3 قواعد "
        "بنتيجة 3-2 وهاتف 0770-123-4567 وفي يناير 2025 بلغت 2024 وحدة";
    static const char *const values[] = {"2026-01-18", "2024-09-27", "2025-11-06", "2025-01"};
    static const char *const words[] = {"اليوم الأحد", "۲۷ أيلول ۲۰۲٤", "٦ تشرين الثاني ۲۰۲٥",
                                        "يناير 2025"};
    struct dates_context c = baghdad();
    struct arena *arena;
    assert_int_equal(arena_new(1 << 20, &arena), 0);
    struct date_mention *mentions;
    size_t count;
    assert_int_equal(dates_find(&c, arena, text, strlen(text), &mentions, &count), 0);
    assert_int_equal(count, 4);
    for (size_t i = 0; i < count; i++) {
        char value[MOMENT_TEXT_SIZE];
        moment_format(&mentions[i].value, value);
        assert_string_equal(value, values[i]);
        assert_int_equal(mentions[i].end - mentions[i].start, strlen(words[i]));
        assert_memory_equal(text + mentions[i].start, words[i], strlen(words[i]));
    }
    arena_free(arena);
}

static void every_digit_block_reads_the_same(void **state)
{
    (void)state;
    struct dates_context c = {.day_order = DAY_FIRST};
    static const char *const forms[] = {"18/01/2026", "١٨/٠١/٢٠٢٦", "۱۸/۰۱/۲۰۲۶", "1٨/۰1/20٢۶"};
    for (size_t i = 0; i < 4; i++) {
        struct moment m;
        assert_int_equal(dates_read_line(&c, forms[i], strlen(forms[i]), &m), 1);
        assert_true(m.year == 2026 && m.month == 1 && m.day == 18 && !m.has_offset);
    }
}

static void reads_machines_and_urls(void **state)
{
    (void)state;
    static const struct row rows[] = {
        {"2026-01-18T07:49:00Z",          "2026-01-18T07:49:00+00:00"},
        {"2026-01-18T07:49:00.123+0300",  "2026-01-18T07:49:00+03:00"},
        {"Sun, 18 Jan 2026 07:49:00 GMT", "2026-01-18T07:49:00+00:00"},
        {"1768711740",                    "2026-01-18T04:49:00+00:00"},
        {"1768711740000",                 "2026-01-18T04:49:00+00:00"},
        {"2026-01-18",                    "2026-01-18"               },
        {"Sun Jan 18 07:49:00 2026",      "2026-01-18T07:49:00"      },
        {"Sun Jan 18 07:49:00 GMT 2026",  "2026-01-18T07:49:00+00:00"},
        {"Jan 18 07:49 2026",             "2026-01-18T07:49:00"      },
        {": 2026",                        ""                         },
        {"aaaaaaaaaaa: 2026",             ""                         },
        {"2026-13-40",                    ""                         },
        {"n/a",                           ""                         },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct moment m = {0};
        char text[MOMENT_TEXT_SIZE] = "";
        if (dates_read_machine(rows[i].text, strlen(rows[i].text), &m))
            moment_format(&m, text);
        assert_string_equal(text, rows[i].value);
    }
    static const struct row urls[] = {
        {"https://example.net/2026/01/18/x",         "2026-01-18"},
        {"https://example.net/a-20260118.html",      "2026-01-18"},
        {"https://example.net/news/2026-1-8/x",      "2026-01-08"},
        {"https://example.net/news/29-10-2021",      "2021-10-29"},
        {"https://example.net/~2-1-2022-land",       "2022-01-02"},
        {"https://example.net/10-29-2021-land",      "2021-10-29"},
        {"https://example.net/32-10-2021",           ""          },
        {"https://example.net/news/555001/security", ""          },
        {"https://example.net/2026/13/18/x",         ""          },
        {"https://example.net/120260118",            ""          },
    };
    for (size_t i = 0; i < sizeof urls / sizeof *urls; i++) {
        struct moment m = {0};
        char text[MOMENT_TEXT_SIZE] = "";
        if (dates_read_url(urls[i].text, strlen(urls[i].text), &m))
            moment_format(&m, text);
        assert_string_equal(text, urls[i].value);
    }
}

static void moments_go_to_unix_time_and_back(void **state)
{
    (void)state;
    for (int64_t us = -6000000000000000; us < 6000000000000000; us += 123456789000000) {
        struct moment m = moment_from_unix(us, 180);
        assert_true(moment_valid(&m));
        assert_true(moment_to_unix(&m) == us / 1000000 * 1000000 - (us % 1000000 < 0) * 1000000);
    }
    struct moment m = {.year = 2026, .month = 7, .day = 1, .precision = MOMENT_DAY};
    assert_int_equal(dates_apply_zone(&m, "Europe/Paris"), 0);
    assert_int_equal(m.offset_minutes, 120);
}

static void evidence_settles_day_and_month(void **state)
{
    (void)state;
    static const struct {
        const char *first, *second, *url;
        enum day_order order;
    } rows[] = {
        {"03/04/2026",                        "",                               NULL,                               DAY_ORDER_UNKNOWN},
        {"03/04/2026",                        "18/04/2026",                     NULL,                               DAY_FIRST        },
        {"03/04/2026",                        "نشر في ١٨-٠٤-٢٠٢٦", NULL,                               DAY_FIRST        },
        {"03.04.2026",                        "4.18.2026 7:49",                 NULL,                               MONTH_FIRST      },
        {"18/04/2026",                        "04/18/2026",                     NULL,                               DAY_ORDER_UNKNOWN},
        {"03/04/2026",                        "",                               "https://example.net/2026/04/03/x", DAY_FIRST        },
        {"03/04/2026",                        "",                               "https://example.net/2026/03/04/x", MONTH_FIRST      },
        {"03/04/2026",                        "",                               "https://example.net/2025/03/04/x", DAY_ORDER_UNKNOWN},
        {"04/04/2026",                        "",                               "https://example.net/2026/04/04/x", DAY_ORDER_UNKNOWN},
        {"(18/04/2026). 7:49",                "",                               NULL,                               DAY_FIRST        },
        {"192.18.12.2026 and 0770/18/4-2026", "2026/18/04",                     NULL,                               DAY_ORDER_UNKNOWN},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct span texts[] = {
            {rows[i].first,  strlen(rows[i].first) },
            {rows[i].second, strlen(rows[i].second)}
        };
        struct moment known = {0};
        if (rows[i].url)
            assert_int_equal(dates_read_url(rows[i].url, strlen(rows[i].url), &known), 1);
        enum day_order found = dates_order_evidence(texts, 2, &known);
        if (found != rows[i].order)
            fail_msg("%s, %s: %d", rows[i].first, rows[i].second, found);
    }
}

/* Every country of the table has a zone that ICU knows. */
static void countries_have_zones(void **state)
{
    (void)state;
    assert_string_equal(calendar_zone_of("IQ", 2), "Asia/Baghdad");
    assert_string_equal(calendar_zone_of("eg", 2), "Africa/Cairo");
    assert_null(calendar_zone_of("US", 2));
    assert_null(calendar_zone_of("net", 3));
    for (char a = 'a'; a <= 'z'; a++)
        for (char b = 'a'; b <= 'z'; b++) {
            const char *zone = calendar_zone_of((char[]){a, b}, 2);
            int minutes;
            struct moment m = {.year = 2026, .month = 7, .day = 1, .precision = MOMENT_DAY};
            if (zone)
                assert_int_equal(calendar_offset_by_icu(zone, &m, &minutes), 0);
        }
}

static void short_cuts_agree_with_icu(void **state)
{
    (void)state;
    static const char *const zones[] = {"Asia/Baghdad",
                                        "Asia/Riyadh",
                                        "Asia/Dubai",
                                        "Asia/Qatar",
                                        "Asia/Kuwait",
                                        "Asia/Bahrain",
                                        "Asia/Muscat",
                                        "Asia/Aden",
                                        "Africa/Tunis",
                                        "Africa/Algiers",
                                        "Africa/Tripoli",
                                        "Africa/Khartoum",
                                        "Africa/Mogadishu",
                                        "Europe/Istanbul",
                                        "Europe/Moscow",
                                        "Asia/Damascus",
                                        "Asia/Amman",
                                        "Asia/Tehran",
                                        "UTC",
                                        "Etc/UTC"};
    for (size_t i = 0; i < sizeof zones / sizeof *zones; i++)
        for (int year = 1990; year < 2030; year++)
            for (int month = 1; month <= 12; month++) {
                struct moment m = {
                    .year = year, .month = month, .day = 15, .precision = MOMENT_DAY};
                int quick, slow;
                assert_int_equal(calendar_offset(zones[i], &m, &quick), 0);
                assert_int_equal(calendar_offset_by_icu(zones[i], &m, &slow), 0);
                if (quick != slow)
                    fail_msg("%s %d-%02d: %d, ICU says %d", zones[i], year, month, quick, slow);
            }
}

static const struct date_word *row_of(const char *spelling)
{
    char folded[128];
    bool head;
    return date_word_find(folded, text_fold(spelling, strlen(spelling), folded), &head);
}

/* Every month of the table, with a day and a year, in every digit block. */
static void reads_every_month_by_every_name(void **state)
{
    (void)state;
    static const char *const digits[] = {"0123456789", "٠١٢٣٤٥٦٧٨٩", "۰۱۲۳۴۵۶۷۸۹"};
    struct dates_context c = {0};
    unsigned read = 0;
    for (size_t i = 0; i < date_word_count; i++) {
        const struct date_word *w = &date_words[i];
        if ((w->kind != WORD_MONTH && w->kind != WORD_HIJRI && w->kind != WORD_PERSIAN) ||
            row_of(w->spelling)->kind != w->kind)
            continue;
        for (size_t block = 0; block < 3; block++) {
            const char *plain = w->kind == WORD_HIJRI     ? "1447"
                                : w->kind == WORD_PERSIAN ? "1404"
                                                          : "2026";
            char year[16] = "", day[8] = "", line[256];
            size_t width = block ? 2 : 1;
            for (const char *p = plain; *p; p++)
                strncat(year, digits[block] + (size_t)(*p - '0') * width, width);
            strncat(day, digits[block] + 7 * width, width);
            snprintf(line, sizeof line, "%s %s %s", day, w->spelling, year);
            struct moment m, expected = {.year = 2026, .month = w->value, .day = 7};
            if (w->kind == WORD_HIJRI)
                assert_true(calendar_from_hijri(1447, w->value, 7, &expected));
            if (w->kind == WORD_PERSIAN)
                assert_true(calendar_from_persian(1404, w->value, 7, &expected));
            if (!dates_read_line(&c, line, strlen(line), &m))
                fail_msg("not read: %s", line);
            if (m.year != expected.year || m.month != expected.month || m.day != expected.day)
                fail_msg("%s read as %d-%d-%d", line, m.year, m.month, m.day);
            read++;
        }
    }
    assert_true(read > 500);
}

static void finds_in_running_text(void **state)
{
    (void)state;
    static const struct row rows[] = {
        {"وقال إن 15 شخصا قتلوا يوم الاثنين الماضي", "2026-01-12"                                         },
        {"مساء أمس السبت",                                              "2026-01-17"                                         },
        {"في 12 مارس/آذار 2018 أعلن",                                 "2018-03-12"                                         },
        {"خلال شهر رمضان 2018",                                         "2018-05-16/2018-06-14"                              },
        {"في عام 2003 سقط",                                                 "2003"                                               },
        {"منذ عام 2014",                                                      "2014"                                               },
        {"العام الماضي",                                                 "2025"                                               },
        {"الشهر المقبل",                                                 "2026-02"                                            },
        {"قبل ثلاثة أيام",                                              "2026-01-15"                                         },
        {"فاز بنتيجة 3-2 و 4-1",                                          ""                                                   },
        {"بلغ 2024 دينارا",                                                ""                                                   },
        {"اليوم العالمي للمرأة",                                  ""                                                   },
        {"صحيفة اليوم السابع",                                      ""                                                   },
        {"مدينة 6 أكتوبر",                                               ""                                                   },
        {"هاتف 07701234567 و 0770-123-4567",                                   ""                                                   },
        {"بسعر 1500 دولار و 12.5 بالمئة",                           ""                                                   },
        {"192.168.10.12",                                                           ""                                                   },
        {"نحو 2000 مقاتل في 2000 قرية",                               ""                                                   },
        {"رجب طيب أردوغان ومحمد شعبان",                      ""                                                   },
        {"يمارس عمله في مارس",                                       "2026-03"                                            },
        {"كما في 14 تموز 1958، و25 يناير 2011",                     "1958-07-14 2011-01-25"                              },
        {"بين عامي 2014 و2017",                                             "2014"                                               },
        {"بقية الشهر",                                                     "2026-01-18/2026-01-31"                              },
        {"أواخر العام الماضي",                                      "2025-07/2025-12"                                    },
        {"في وقت لاحق من هذا الشهر",                             "2026-01-16/2026-01-31"                              },
        {"منتصف يناير 2025",                                              "2025-01-11/2025-01-20"                              },
        {"بداية الأسبوع المقبل",                                  "2026-01-19/2026-01-21"                              },
        {"عطلة نهاية الأسبوع الماضي",                         "2026-01-09/2026-01-10"                              },
        {"الأسبوع المقبل بين الأربعاء والجمعة",      "2026-01-21/2026-01-23"                              },
        {"في أول جمعة من يوليو 2025",                               "2025-07-04"                                         },
        {"كل آخر يوم أحد من شهر فبراير 2025",                 "2025-02-23"                                         },
        {"يوم الأحد الثاني",                                          "2026-01-11"                                         },
        {"الأحد الخامس من يناير 2025",                            "2025-01-05"                                         },
        {"خلال الأيام القليلة الماضية",                     "2026-01-15/2026-01-18"                              },
        {"في الأيام الثلاثة المقبلة",                         "2026-01-19/2026-01-21"                              },
        {"من اليوم حتى 22 كانون الثاني",                       "2026-01-18/2026-01-22"                              },
        {"من اليوم الأحد إلى يوم الأربعاء",               "2026-01-18/2026-01-21"                              },
        {"موعد 22/04 المقبل",                                             "2026-04-22"                                         },
        {"مفتوح 24/7 بنسبة 14/2%",                                        ""                                                   },
        {"بين 17 و23 دقيقة",                                               ""                                                   },
        {"بين 5 و6 مساء",                                                   "2026-01-18T17:00:00+03:00/2026-01-18T18:00:00+03:00"},
        {"قتل 340 مساء الجمعة",                                        "2026-01-16"                                         },
        {"عند 1140 صباحا.",                                                 "2026-01-18T11:40:00+03:00"                          },
        {"الأسبوع الأول من عام 2015",                              "2014-12-29/2015-01-04"                              },
        {"on 5 March 2020 and in May",                                              "2020-03-05"                                         },
    };
    struct dates_context c = baghdad();
    struct arena *arena;
    assert_int_equal(arena_new(1 << 20, &arena), 0);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct date_mention *mentions;
        size_t count;
        char all[512] = "";
        assert_int_equal(
            dates_find(&c, arena, rows[i].text, strlen(rows[i].text), &mentions, &count), 0);
        for (size_t j = 0; j < count; j++) {
            char value[MOMENT_TEXT_SIZE], until[MOMENT_TEXT_SIZE];
            moment_format(&mentions[j].value, value);
            moment_format(&mentions[j].until, until);
            snprintf(all + strlen(all), sizeof all - strlen(all), "%s%s%s%s", j ? " " : "", value,
                     *until ? "/" : "", until);
        }
        if (strcmp(all, rows[i].value) != 0)
            fail_msg("%s: found '%s', not '%s'", rows[i].text, all, rows[i].value);
    }
    arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(evidence_settles_day_and_month),
        cmocka_unit_test(countries_have_zones),
        cmocka_unit_test(short_cuts_agree_with_icu),
        cmocka_unit_test(reads_every_month_by_every_name),
        cmocka_unit_test(finds_in_running_text),
        cmocka_unit_test(reads_lines),
        cmocka_unit_test(finds_all_in_running_text),
        cmocka_unit_test(every_digit_block_reads_the_same),
        cmocka_unit_test(reads_machines_and_urls),
        cmocka_unit_test(moments_go_to_unix_time_and_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

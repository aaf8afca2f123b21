/* Dates: lines, running text, machines, URLs. */
#include "tests/unit/unit.h"
#include "parse/dates.h"

#include <string.h>

static struct dates_context baghdad(void)
{
    struct dates_context c = {.zone = "Asia/Baghdad", .day_order = DAY_FIRST};
    c.reference = (struct moment){.year = 2026, .month = 1, .day = 18, .hour = 12, .offset_minutes = 180,
                                  .has_offset = true, .precision = MOMENT_SECOND};
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
            fail_msg("%s: found '%s', not '%s'", rows[i].text, text, rows[i].value);
    }
}

static void reads_lines(void **state)
{
    (void)state;
    static const struct row rows[] = {
        {"2026-01-18 | 07:49", "2026-01-18T07:49:00+03:00"},
        {"09:41 | 2026-01-18", "2026-01-18T09:41:00+03:00"},
        {"۲۷ أيلول ۲۰۲٤", "2024-09-27"},
        {"٦ تشرين الثاني ۲۰۲٥", "2025-11-06"},
        {"18/1/2026", "2026-01-18"},
        {"الأحد 18 كانون الثاني 2026 - 07:49", "2026-01-18T07:49:00+03:00"},
        {"الأحد، 18 يناير/كانون الثاني 2026 الساعة 07:49 مساءً", "2026-01-18T19:49:00+03:00"},
        {"18 يناير 2026 - 05:12 بتوقيت غرينتش", "2026-01-18T05:12:00+00:00"},
        {"نشر في: 18 جانفي 2026", "2026-01-18"},
        {"تاريخ النشر: 18.01.2026 | 07:49 GMT", "2026-01-18T07:49:00+00:00"},
        {"آخر تحديث: الأحد 18 يناير 2026 10:05 ص", "2026-01-18T10:05:00+03:00"},
        {"29 رجب 1447 هـ", "2026-01-18"},
        {"منذ 3 ساعات", "2026-01-18T09:00:00+03:00"},
        {"قبل يومين", "2026-01-16"},
        {"منذ 5 دقائق", "2026-01-18T11:55:00+03:00"},
        {"أمس", "2026-01-17"},
        {"أول أمس", "2026-01-16"},
        {"Sunday, January 18, 2026 7:49 PM", "2026-01-18T19:49:00+03:00"},
        {"Published 18th January 2026", "2026-01-18"},
        {"18 janvier 2026 à 07:49", "2026-01-18T07:49:00+03:00"},
        {"Publié le : 1er février 2026", "2026-02-01"},
        {"18 Ocak 2026 Pazar", "2026-01-18"},
        {"28 دی 1404", "2026-01-18"},
        {"2026-01-18T07:49:00+03:00", "2026-01-18T07:49:00+03:00"},
        {"2 hours ago", "2026-01-18T10:00:00+03:00"},
        {"30/2/2026", NULL},
        {"اعتقال 3 إرهابيين", NULL},
        {"عملية نوعية في بغداد يوم 18 كانون الثاني 2026 تكتب نهاية العصابة", NULL},
        {"أمن", NULL},
        {"", NULL},
    };
    check_lines(rows, sizeof rows / sizeof *rows);
}

static void finds_all_in_running_text(void **state)
{
    (void)state;
    static const char text[] = "أعلنت اليوم الأحد، تطبيقا لبيان ۲۷ أيلول ۲۰۲٤ وبيان ٦ تشرين الثاني ۲۰۲٥ عن 3 قواعد "
                               "بنتيجة 3-2 وهاتف 0770-123-4567 وفي يناير 2025 بلغت 2024 وحدة";
    static const char *const values[] = {"2026-01-18", "2024-09-27", "2025-11-06", "2025-01"};
    static const char *const words[] = {"اليوم الأحد", "۲۷ أيلول ۲۰۲٤", "٦ تشرين الثاني ۲۰۲٥", "يناير 2025"};
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
        {"2026-01-18T07:49:00Z", "2026-01-18T07:49:00+00:00"},
        {"2026-01-18T07:49:00.123+0300", "2026-01-18T07:49:00+03:00"},
        {"Sun, 18 Jan 2026 07:49:00 GMT", "2026-01-18T07:49:00+00:00"},
        {"1768711740", "2026-01-18T04:49:00+00:00"},
        {"1768711740000", "2026-01-18T04:49:00+00:00"},
        {"2026-01-18", "2026-01-18"},
        {"2026-13-40", ""},
        {"n/a", ""},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct moment m = {0};
        char text[MOMENT_TEXT_SIZE] = "";
        if (dates_read_machine(rows[i].text, strlen(rows[i].text), &m))
            moment_format(&m, text);
        assert_string_equal(text, rows[i].value);
    }
    static const struct row urls[] = {
        {"https://example.net/2026/01/18/x", "2026-01-18"}, {"https://example.net/a-20260118.html", "2026-01-18"},
        {"https://example.net/news/2026-1-8/x", "2026-01-08"}, {"https://example.net/news/555001/security", ""},
        {"https://example.net/2026/13/18/x", ""}, {"https://example.net/120260118", ""},
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
    struct span texts[] = {{"03/04/2026", 10}, {"18/04/2026", 10}};
    assert_int_equal(dates_order_evidence(texts, 1), DAY_ORDER_UNKNOWN);
    assert_int_equal(dates_order_evidence(texts, 2), DAY_FIRST);
    struct moment m = {.year = 2026, .month = 7, .day = 1, .precision = MOMENT_DAY};
    assert_int_equal(dates_apply_zone(&m, "Europe/Paris"), 0);
    assert_int_equal(m.offset_minutes, 120);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_lines),
        cmocka_unit_test(finds_all_in_running_text),
        cmocka_unit_test(every_digit_block_reads_the_same),
        cmocka_unit_test(reads_machines_and_urls),
        cmocka_unit_test(moments_go_to_unix_time_and_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Decoding: declared, undeclared and broken encodings, mojibake, what is no text, hygiene. */
#include "tests/unit/unit.h"
#include "libcommon/utf8.h"
#include "parse/decode.h"
#include "parse/prescan.h"

#include <string.h>
#include <unicode/ucnv.h>

static const char arabic[] =
    "العراق يعلن إخلاء كافة القواعد العسكرية والمقرات القيادية من المستشارين";
/* the same in windows-1256 */
static const char cp1256[] =
    "\xc7\xe1\xda\xd1\xc7\xde \xed\xda\xe1\xe4 \xc5\xce\xe1\xc7\xc1 \xdf\xc7\xdd\xc9 "
    "\xc7\xe1\xde\xe6\xc7\xda\xcf \xc7\xe1\xda\xd3\xdf\xd1\xed\xc9 "
    "\xe6\xc7\xe1\xe3\xde\xd1\xc7\xca \xc7\xe1\xde\xed\xc7\xcf\xed\xc9 \xe3\xe4 "
    "\xc7\xe1\xe3\xd3\xca\xd4\xc7\xd1\xed\xe4";

static int decode(struct arena *arena, const char *bytes, size_t size, const char *type,
                  struct decoded *d)
{
    return decode_document(arena, bytes, size, type, type && strstr(type, "html"), d);
}

static bool warned(const struct decoded *d, enum warning warning)
{
    for (size_t i = 0; i < d->warning_count; i++)
        if (d->warnings[i] == warning)
            return true;
    return false;
}

static void check(const char *bytes, size_t size, const char *type, const char *text,
                  const char *charset)
{
    struct arena *arena;
    struct decoded d;
    assert_int_equal(arena_new(1 << 22, &arena), 0);
    assert_int_equal(decode(arena, bytes, size, type, &d), DECODED);
    if (d.size != strlen(text) || memcmp(d.text, text, d.size) != 0)
        fail_msg("found '%.*s', not '%s'", (int)d.size, d.text, text);
    assert_string_equal(d.charset, charset);
    arena_free(arena);
}

static void reads_what_is_declared(void **state)
{
    (void)state;
    check(arabic, strlen(arabic), NULL, arabic, "UTF-8");
    check(arabic, strlen(arabic), "text/plain; charset=windows-1256", arabic, "UTF-8");
    check(cp1256, strlen(cp1256), "text/plain; charset=windows-1256", arabic, "windows-1256");
    check("\xef\xbb\xbf"
          "a",
          4, NULL, "a", "UTF-8");
    check("\xff\xfe"
          "a\0\x28\x06",
          6, NULL, "aب", "UTF-16LE");
    check("\xfe\xff\x06\x28\0a", 6, NULL, "بa", "UTF-16BE");
    check("\x28\x06 \0\x28\x06\x28\x06 \0\x28\x06 \0\x28\x06", 16, NULL, "ب بب ب ب", "UTF-16LE");
    check("\xc7\xe4\xd9\xd1\xc7\xe2", 6, "text/plain; charset=ISO-8859-6", "العراق", "ISO-8859-6");
    check("caf\xe9", 4, "text/plain; charset=iso-8859-1", "café", "windows-1252");
    char page[512] = "<meta charset=\"windows-1256\">";
    strcat(page, cp1256);
    char text[512] = "<meta charset=\"windows-1256\">";
    strcat(text, arabic);
    check(page, strlen(page), "text/html", text, "windows-1256");
    /* what the transport declares comes before <meta> */
    check("<meta charset=\"windows-1256\">\xc7\xe4\xd9\xd1\xc7\xe2", 35,
          "text/html; charset=ISO-8859-6", "<meta charset=\"windows-1256\">العراق", "ISO-8859-6");
}

static void reads_no_utf16_where_meta_is_in_bytes(void **state)
{
    (void)state;
    /* windows-1256 in pairs of which none is broken UTF-16 */
    static const char page[] = "<meta charset=\"utf-16\">"
                               "\xc7\xe1\xc8\xd1\xe1\xe3\xc7\xe4 \xed\xd2\xe6\xd1 "
                               "\xc7\xe1\xd3\xe1\xed\xe3\xc7\xe4\xed\xc9 "
                               "\xc7\xe1\xc8\xd1\xe1\xe3\xc7\xe4 \xed\xd2\xe6\xd1 "
                               "\xc7\xe1\xd3\xe1\xed\xe3\xc7\xe4\xed\xc9";
    check(page, sizeof page - 1, "text/html",
          "<meta charset=\"utf-16\">البرلمان يزور السليمانية البرلمان يزور السليمانية",
          "windows-1256");
}

static void the_declaration_of_utf16_counts_before_control_bytes(void **state)
{
    (void)state;
    /* words of U+0627 to U+064A parted by U+060C: every other byte is 06, none is NUL */
    check("\x28\x06\x0c\x06\x28\x06\x28\x06\x0c\x06\x28\x06", 12, "text/plain; charset=utf-16",
          "ب،بب،ب", "UTF-16LE");
    check("\x06\x28\x06\x0c\x06\x28\x06\x28\x06\x0c\x06\x28", 12,
          "text/plain; charset=\"UTF-16BE\"", "ب،بب،ب", "UTF-16BE");
    struct arena *arena;
    struct decoded d;
    assert_int_equal(arena_new(1 << 20, &arena), 0);
    static const char bytes[] = "\x28\x06\x0c\x06\x28\x06\x28\x06\x0c\x06\x28\x06";
    assert_int_equal(decode(arena, bytes, 12, NULL, &d), DECODE_NOT_TEXT);
    /* no other declaration makes text of such bytes, and this one not of control characters */
    assert_int_equal(decode(arena, bytes, 12, "text/plain; charset=windows-1256", &d),
                     DECODE_NOT_TEXT);
    static const char controls[] = "\1\0\2\0\3\0\4\0\5\0\6\0\7\0\1\0\2\0\3\0";
    assert_int_equal(decode(arena, controls, 20, "text/plain; charset=utf-16le", &d),
                     DECODE_NOT_TEXT);
    arena_free(arena);
}

static void only_labels_of_the_standard_count(void **state)
{
    (void)state;
    static const char *const none[] = {"utf-7",       "UTF-32",        "utf-32le",
                                       "ibm420",      "cp037",         "ebcdic-cp-ar1",
                                       "iso-2022-kr", "hz-gb-2312",    "unicode-1-1-utf-7",
                                       "scsu",        "bocu-1",        "",
                                       " ",           "windows-1256x", "windows"};
    for (size_t i = 0; i < sizeof none / sizeof *none; i++)
        if (encoding_of_label(none[i], strlen(none[i])))
            fail_msg("'%s' is taken", none[i]);
    assert_string_equal(encoding_of_label(" Latin1\n", 8)->name, "windows-1252");
    assert_string_equal(encoding_of_label("ASMO-708", 8)->name, "ISO-8859-6");
    const struct encoding *e;
    for (size_t row = 0; (e = encoding_at(row)); row++) { /* ICU has each, and each names itself */
        UErrorCode status = U_ZERO_ERROR;
        UConverter *converter = ucnv_open(e->converter, &status);
        if (U_FAILURE(status))
            fail_msg("no converter %s", e->converter);
        ucnv_close(converter);
        assert_ptr_equal(encoding_of_label(e->name, strlen(e->name)), e);
        for (const char *label = e->labels; *label;) {
            size_t size = strcspn(label, " ");
            assert_ptr_equal(encoding_of_label(label, size), e);
            label += size + (label[size] == ' ');
        }
    }
    /* undeclared: these stay ASCII, and are not read as EBCDIC */
    check("+BicGJw-", 8, "text/plain; charset=utf-7", "+BicGJw-", "UTF-8");
    struct arena *arena;
    struct decoded d;
    assert_int_equal(arena_new(1 << 20, &arena), 0);
    assert_int_equal(decode(arena, cp1256, strlen(cp1256), "text/plain; charset=ibm420", &d),
                     DECODED);
    assert_string_equal(d.charset, "windows-1256");
    assert_true(warned(&d, WARNING_GUESSED_CHARSET) && !warned(&d, WARNING_WRONG_CHARSET));
    arena_free(arena);
}

static void finds_the_meta_that_the_standard_finds(void **state)
{
    (void)state;
    static const struct {
        const char *page, *name;
    } rows[] = {
        {"<meta charset=windows-1256>",                                              "windows-1256"},
        {"<META/CharSet = 'cp1256' >",                                               "windows-1256"},
        {"<html><head a='<meta charset=big5>'><meta charset=windows-1256>",          "windows-1256"},
        {"<!-- <meta charset=big5> --><meta charset=windows-1256>",                  "windows-1256"},
        {"<!--><meta charset=windows-1256>",                                         "windows-1256"},
        {"<!-- <meta charset=big5>",                                                 NULL          },
        {"<meta http-equiv=Content-Type content='text/html; charset=windows-1256'>",
         "windows-1256"                                                                            },
        {"<meta content=\"text/html;charset='arabic'\" http-equiv=content-type>",    "ISO-8859-6"  },
        {"<meta content='text/html; charset=windows-1256'>",                         NULL          },
        {"<meta name=description content='charset=windows-1256'>",                   NULL          },
        {"<meta http-equiv=refresh content='1; charset=windows-1256'>",              NULL          },
        {"<meta name=x content='charset=big5' charset=windows-1256>",                "windows-1256"},
        {"<meta charset=big5 charset=windows-1256>",                                 "Big5"        },
        {"<meta charset=utf-7><meta charset=windows-1256>",                          "windows-1256"},
        {"<metadata charset=big5>",                                                  NULL          },
        {"<p>charset=windows-1256</p>",                                              NULL          },
        {"<script src=x charset=windows-1256></script>",                             NULL          },
        {"<a title=\"a > b\" charset=big5><meta charset=windows-1256>",              "windows-1256"},
        {"</p charset=big5><! charset=big5><?x charset=big5><meta charset=cp1256>",  "windows-1256"},
        {"< meta charset=big5>",                                                     NULL          },
        {"<meta charset=utf-16>",                                                    "UTF-8"       },
        {"<meta charset='windows-1256",                                              NULL          },
        {"<meta charset=windows-12",                                                 NULL          },
        {"<?xml version='1.0' encoding='windows-1256'?><html>",                      "windows-1256"},
        {"<?xml version='1.0' encoding='big5'?><meta charset=windows-1256>",         "windows-1256"},
        {"<?xml version='1.0'?><p encoding='big5'>",                                 NULL          },
        {"<",                                                                        NULL          },
        {"<meta",                                                                    NULL          },
        {"<meta charset",                                                            NULL          },
        {"<meta charset=",                                                           NULL          },
        {"<meta =charset=big5>",                                                     NULL          },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct encoding *found = prescan_page(rows[i].page, strlen(rows[i].page));
        if (!found != !rows[i].name || (found && strcmp(found->name, rows[i].name) != 0))
            fail_msg("%s: %s", rows[i].page, found ? found->name : "none");
    }
    char far[1100];
    static const char meta[] = "<meta charset=windows-1256>";
    memset(far, ' ', sizeof far);
    memcpy(far + 1024 - strlen(meta), meta, strlen(meta));
    assert_non_null(prescan_page(far, sizeof far));
    memset(far, ' ', sizeof far);
    memcpy(far + 1024 - strlen(meta) + 2, meta, strlen(meta));
    assert_null(prescan_page(far, sizeof far));
    static const char nul[] = "<meta charset=big\0005>";
    assert_null(prescan_page(nul, sizeof nul - 1));
}

static void reads_the_charset_of_a_content_type(void **state)
{
    (void)state;
    static const struct {
        const char *value, *name;
    } rows[] = {
        {"text/html; charset=windows-1256",         "windows-1256"},
        {"text/html;CHARSET=\"windows-1256\"; x=y", "windows-1256"},
        {"text/html; charset = 'cp1256'",           "windows-1256"},
        {"text/html; charset=cp1256;boundary=x",    "windows-1256"},
        {"text/html; charset; charset=cp1256",      "windows-1256"},
        {"text/html; charset=\"cp1256",             NULL          },
        {"text/html; charset=",                     NULL          },
        {"text/html; charset",                      NULL          },
        {"",                                        NULL          },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct encoding *found = prescan_content_type(rows[i].value, strlen(rows[i].value));
        if (!found != !rows[i].name || (found && strcmp(found->name, rows[i].name) != 0))
            fail_msg("%s: %s", rows[i].value, found ? found->name : "none");
    }
}

static void guesses_and_repairs(void **state)
{
    (void)state;
    struct arena *arena;
    struct decoded d;
    assert_int_equal(arena_new(1 << 22, &arena), 0);
    assert_int_equal(decode(arena, cp1256, strlen(cp1256), NULL, &d), DECODED);
    assert_int_equal(d.size, strlen(arabic));
    assert_memory_equal(d.text, arabic, d.size);
    assert_true(warned(&d, WARNING_GUESSED_CHARSET));

    char broken[512];
    strcpy(broken, arabic);
    strcat(broken, "\xff\n");
    strcat(broken, arabic);
    assert_int_equal(decode(arena, broken, strlen(broken), NULL, &d), DECODED);
    assert_true(warned(&d, WARNING_REPAIRED_UTF8));
    assert_true(utf8_valid(d.text, d.size));
    assert_non_null(memmem(d.text, d.size, "\xef\xbf\xbd\n", 4));

    strcpy(broken, arabic); /* one line of another encoding in the middle */
    strcat(broken, "\n");
    strcat(broken, cp1256);
    strcat(broken, "\n");
    strcat(broken, arabic);
    strcat(broken, arabic);
    assert_int_equal(decode(arena, broken, strlen(broken), NULL, &d), DECODED);
    assert_true(warned(&d, WARNING_REPAIRED_UTF8));
    assert_non_null(
        memmem(d.text + strlen(arabic), d.size - strlen(arabic), arabic, strlen(arabic)));
    arena_free(arena);
}

static void undoes_mojibake(void **state)
{
    (void)state;
    static const char word[] = "أعلنت اللجنة";
    char as1252[128] = "", as1256[] = "ط£ط¹ظ„ظ†طھ ط§ظ„ظ„ط¬ظ†ط©";
    size_t used = 0;
    for (const char *p = word; *p;
         p++) { /* bytes read as windows-1252; those here are all of Latin-1 but a few */
        static const struct {
            unsigned char byte;
            uint16_t c;
        } special[] = {
            {0x84, 0x201e},
            {0x86, 0x2020}
        };
        uint32_t c = (unsigned char)*p;
        for (size_t i = 0; i < 2; i++)
            c = c == special[i].byte ? special[i].c : c;
        used += utf8_put(c, as1252 + used);
    }
    struct arena *arena;
    struct decoded d;
    assert_int_equal(arena_new(1 << 20, &arena), 0);
    const char *const doubled[] = {as1252, as1256};
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(decode(arena, doubled[i], strlen(doubled[i]), NULL, &d), DECODED);
        assert_true(warned(&d, WARNING_MOJIBAKE));
        assert_int_equal(d.size, strlen(word));
        assert_memory_equal(d.text, word, d.size);
    }
    assert_int_equal(decode(arena, "طائرة في ظل طقس", strlen("طائرة في ظل طقس"), NULL, &d),
                     DECODED);
    assert_int_equal(d.warning_count, 0);
    arena_free(arena);
}

static void refuses_what_is_no_text(void **state)
{
    (void)state;
    struct arena *arena;
    struct decoded d;
    static const char zeros[4096];
    assert_int_equal(arena_new(1 << 20, &arena), 0);
    assert_int_equal(decode(arena, "", 0, NULL, &d), DECODE_EMPTY);
    assert_int_equal(decode(arena, " \r\n\t ", 5, NULL, &d), DECODE_EMPTY);
    assert_int_equal(decode(arena, "\xef\xbb\xbf", 3, NULL, &d), DECODE_EMPTY);
    assert_int_equal(decode(arena, zeros, sizeof zeros, NULL, &d), DECODE_NOT_TEXT);
    assert_int_equal(decode(arena, "\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\1\0\0", 21, NULL, &d),
                     DECODE_NOT_TEXT);
    arena_free(arena);
}

static void cleans(void **state)
{
    (void)state;
    static const char *const pairs[][2] = {
        {"a\r\nb\rc\xe2\x80\xa8"
         "d",                                           "a\nb\nc\nd"                     },
        {"ا\xc2\xa0ب\xe2\x80\x8f\xe2\x80\x8fج\xe2\x80\xaeد", "ا ب\xe2\x80\x8fجد"          },
        {"می\xe2\x80\x8cخواهم \xe2\x80\x8cx",             "می\xe2\x80\x8cخواهم x"   },
        {"\xef\xbb\xb9 \xef\xb7\xb2",                            "لإ الله"                  },
        {"e\xcc\x81",                                            "é"                             },
        {"\xe2\x81\xa7"
         "x\xe2\x81\xa9 \xe2\x81\xa7y",                 "\xe2\x81\xa7"
         "x\xe2\x81\xa9 \xe2\x81\xa7y\xe2\x81\xa9"},
        {"\xe2\x81\xa7"
         "x\xe2\x81\xa9 y",                             "\xe2\x81\xa7"
         "x\xe2\x81\xa9 y"                                    },
        {"كـــتاب مُحَمَّد",                      "كـــتاب مُحَمَّد"},
        {"a\x01"
         "b",                                           "ab"                             },
    };
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++)
        check(pairs[i][0], strlen(pairs[i][0]), NULL, pairs[i][1], "UTF-8");
}

static void every_warning_has_a_name(void **state)
{
    (void)state;
    for (int i = 0; i < WARNING_END; i++)
        assert_true(warning_name(i) && warning_meaning(i));
    assert_null(warning_name(WARNING_END));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_what_is_declared),
        cmocka_unit_test(reads_no_utf16_where_meta_is_in_bytes),
        cmocka_unit_test(the_declaration_of_utf16_counts_before_control_bytes),
        cmocka_unit_test(only_labels_of_the_standard_count),
        cmocka_unit_test(finds_the_meta_that_the_standard_finds),
        cmocka_unit_test(reads_the_charset_of_a_content_type),
        cmocka_unit_test(guesses_and_repairs),
        cmocka_unit_test(undoes_mojibake),
        cmocka_unit_test(refuses_what_is_no_text),
        cmocka_unit_test(cleans),
        cmocka_unit_test(every_warning_has_a_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

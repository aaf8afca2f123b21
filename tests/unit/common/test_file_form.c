/* Names of files: every ending, packed or not, in any case, and names that say nothing. */
#include "tests/unit/unit.h"
#include "libcommon/file_form.h"

static void names_say_what_is_in_files(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        enum file_form form;
        const char *type;
    } cases[] = {
        {"a.html",           FILE_HTML,   "text/html"            },
        {"A.HTM.GZ",         FILE_HTML,   "text/html"            },
        {"a.xhtml.br",       FILE_HTML,   "application/xhtml+xml"},
        {"b.txt.zst",        FILE_TEXT,   "text/plain"           },
        {"c.ndjson",         FILE_LINES,  NULL                   },
        {"c.jsonl.gz",       FILE_LINES,  NULL                   },
        {"crawl.warc.gz",    FILE_WARC,   NULL                   },
        {"folder.html/page", FILE_UNTOLD, NULL                   },
        {"a.html.gz.gz",     FILE_UNTOLD, NULL                   },
        {".html",            FILE_UNTOLD, NULL                   },
        {"gz",               FILE_UNTOLD, NULL                   },
        {"",                 FILE_UNTOLD, NULL                   },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *type = "unset";
        assert_int_equal(file_form_of(cases[i].name, &type), cases[i].form);
        if (cases[i].type)
            assert_string_equal(type, cases[i].type);
        else
            assert_null(type);
        assert_int_equal(file_form_of(cases[i].name, NULL), cases[i].form);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(names_say_what_is_in_files)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}

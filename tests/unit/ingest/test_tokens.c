/* Tokens: which secrets are read, which headers let in. */
#include "ingest/tokens.h"

#include "tests/unit/unit.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[] = "/tmp/khabar-tokens-XXXXXX";

static int make_folder(void **state)
{
    (void)state;
    return mkdtemp(folder) ? 0 : -1;
}

static int remove_folder(void **state)
{
    char path[64];
    (void)state;
    snprintf(path, sizeof path, "%s/tokens", folder);
    unlink(path);
    return rmdir(folder);
}

static int read_text(const char *text, mode_t mode, struct tokens **ret, char why[SECRET_WHY_SIZE])
{
    char path[64];
    snprintf(path, sizeof path, "%s/tokens", folder);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_int_equal(fwrite(text, 1, strlen(text), file), strlen(text));
    assert_int_equal(fclose(file), 0);
    assert_int_equal(chmod(path, mode), 0);
    return tokens_read(path, ret, why);
}

static void a_file_is_judged(void **state)
{
    static const struct {
        const char *text;
        mode_t mode;
        int expected;
        const char *why;
    } rows[] = {
        {"abcdefghijklmnop\n",          0600, 0,       ""        },
        {"abcdefghijklmnop",            0400, 0,       ""        },
        {"#\n\nabcdefghijklmnop==\r\n", 0600, 0,       ""        },
        {"abcdefghijklmnop\n",          0640, -EACCES, "mode 640"},
        {"abcdefghijklmnop\n",          0604, -EACCES, "mode 604"},
        {"abcdefghijklmno\n",           0600, -EINVAL, "line 1"  },
        {"# x\nabcdefghijklmnop x\n",   0600, -EINVAL, "line 2"  },
        {"abcdefgh=ijklmnop\n",         0600, -EINVAL, "line 1"  },
        {"",                            0600, -EINVAL, "no token"},
        {"#abcdefghijklmnop\n",         0600, -EINVAL, "no token"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct tokens *t = NULL;
        char why[SECRET_WHY_SIZE];
        assert_int_equal(read_text(rows[i].text, rows[i].mode, &t, why), rows[i].expected);
        assert_non_null(strstr(why, rows[i].why));
        assert_null(strstr(why, "abcdefgh")); /* a secret is told to nobody */
        tokens_free(t);
    }
}

static void credentials_come_from_the_service_manager(void **state)
{
    struct tokens *t = NULL;
    char why[SECRET_WHY_SIZE];
    (void)state;
    assert_int_equal(read_text("abcdefghijklmnop\n", 0644, &t, why), -EACCES);
    unsetenv("CREDENTIALS_DIRECTORY");
    assert_int_equal(tokens_read("credential:tokens", &t, why), -ENOENT);
    setenv("CREDENTIALS_DIRECTORY", folder, 1);
    assert_int_equal(tokens_read("credential:../tokens", &t, why), -EINVAL);
    assert_int_equal(tokens_read("credential:", &t, why), -EINVAL);
    assert_int_equal(tokens_read("credential:none", &t, why), -ENOENT);
    assert_int_equal(tokens_read("credential:tokens", &t, why), 0);
    tokens_free(t);
}

static void headers_let_in(void **state)
{
    static const struct {
        const char *header;
        bool allowed;
    } rows[] = {
        {"Bearer abcdefghijklmnop",   true },
        {"bearer  zyxwvutsrqponmlk ", true },
        {"Bearer abcdefghijklmnoq",   false},
        {"Bearer abcdefghijklmnop1",  false},
        {"Bearer abcdefghijklmno",    false},
        {"Bearer",                    false},
        {"Bearer ",                   false},
        {"Basic abcdefghijklmnop",    false},
        {"abcdefghijklmnop",          false},
        {"",                          false},
        {NULL,                        false},
    };
    struct tokens *t = NULL;
    char why[SECRET_WHY_SIZE];
    (void)state;
    assert_int_equal(read_text("abcdefghijklmnop\nzyxwvutsrqponmlk\n", 0600, &t, why), 0);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_int_equal(tokens_allow(t, rows[i].header), rows[i].allowed);
    tokens_free(t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_file_is_judged),
        cmocka_unit_test(credentials_come_from_the_service_manager),
        cmocka_unit_test(headers_let_in),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}

/* Keys of CURVE (ZeroMQ RFC 26), written in Z85 (ZeroMQ RFC 32), as `khabar keygen` makes them. */
#pragma once

#include "libcommon/secret.h"

#include <stdbool.h>
#include <stddef.h>

enum { CURVE_KEY_SIZE = 40 + 1, CURVE_KEY_BYTES = 32 };

/* A secret key, alone in what secret_read() reads from where. 0; -EINVAL: no key; errors of
 * secret_read(). why says in one line what is wrong. */
int curve_secret_read(const char *where, char ret[CURVE_KEY_SIZE], char why[SECRET_WHY_SIZE]);

/* A public key: the key itself, or a file with that one key. Errors as above. */
int curve_public_read(const char *key_or_file, char ret[CURVE_KEY_SIZE], char why[SECRET_WHY_SIZE]);

/* A list of public keys: one a line, what follows on its line is a name for people; a line that
 * begins with '#' and is no key is a comment. */
struct curve_list {
    unsigned char (*keys)[CURVE_KEY_BYTES]; /* in ascending order */
    size_t count;
};

/* Free with curve_list_free(). -EINVAL: a line is no key; -EFBIG; -ENOMEM; -errno. */
int curve_list_read(const char *file, struct curve_list *ret, char why[SECRET_WHY_SIZE]);
void curve_list_free(struct curve_list *list); /* *list is then as good as new */
bool curve_list_has(const struct curve_list *list, const unsigned char key[CURVE_KEY_BYTES]);

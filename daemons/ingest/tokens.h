/* Bearer tokens (RFC 6750) that let feeders in.
 *
 * The secret has one token a line, at least 16 bytes of what RFC 6750 allows; empty lines and those
 * that begin with '#' are passed over. */
#pragma once

#include "libcommon/secret.h"

#include <stdbool.h>

enum { TOKENS_MAX = 1024, TOKEN_BYTES_MIN = 16 };

struct tokens;

/* where: as secret_read() has it. Free *ret with tokens_free(). -errno; why says what is wrong. */
int tokens_read(const char *where, struct tokens **ret, char why[SECRET_WHY_SIZE]);
struct tokens *tokens_free(struct tokens *t); /* NULL is fine; always returns NULL */

/* Whether the value of an Authorization header holds one of them. The time it takes depends on the
 * header's length alone. NULL: there was none. */
bool tokens_allow(const struct tokens *t, const char *authorization);

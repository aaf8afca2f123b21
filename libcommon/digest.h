/* The digest of what was handed in, as records name it. */
#pragma once

#include <stddef.h>

enum { DIGEST_TEXT_SIZE = 7 + 64 + 1 };

/* "sha256:" and the SHA-256 (FIPS 180-4) of the bytes in hex, terminated. 0; -ENOMEM. */
int digest_text(const void *data, size_t size, char out[DIGEST_TEXT_SIZE]);

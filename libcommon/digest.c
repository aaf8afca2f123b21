/* The digest of what was handed in. */
#include "libcommon/digest.h"

#include <errno.h>
#include <openssl/evp.h>
#include <string.h>

int digest_text(const void *data, size_t size, char out[DIGEST_TEXT_SIZE])
{
    static const char digits[] = "0123456789abcdef";
    unsigned char hash[32];
    if (!EVP_Digest(size ? data : "", size, hash, NULL, EVP_sha256(), NULL))
        return -ENOMEM;
    char *at = memcpy(out, "sha256:", 7);
    at += 7;
    for (size_t i = 0; i < sizeof hash; i++) {
        *at++ = digits[hash[i] >> 4];
        *at++ = digits[hash[i] & 15];
    }
    *at = '\0';
    return 0;
}

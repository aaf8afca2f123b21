/* Digests as WARC labels them. */
#include "libcommon/warc_digest.h"

#include <errno.h>
#include <openssl/evp.h>
#include <string.h>
#include <strings.h>

enum { BASE32_SIZE = (EVP_MAX_MD_SIZE * 8 + 4) / 5 + 1, HEX_SIZE = EVP_MAX_MD_SIZE * 2 + 1 };

static const EVP_MD *algorithm_of(const char *name, size_t size)
{
    static const struct {
        const char *name;
        const EVP_MD *(*get)(void);
    } known[] = {
        {"md5",     EVP_md5   },
        {"sha1",    EVP_sha1  },
        {"sha-1",   EVP_sha1  },
        {"sha256",  EVP_sha256},
        {"sha-256", EVP_sha256},
        {"sha512",  EVP_sha512},
        {"sha-512", EVP_sha512},
    };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (strlen(known[i].name) == size && strncasecmp(known[i].name, name, size) == 0)
            return known[i].get();
    return NULL;
}

static void write_hex(const unsigned char *hash, size_t size, char out[HEX_SIZE])
{
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < size; i++) {
        *out++ = digits[hash[i] >> 4];
        *out++ = digits[hash[i] & 15];
    }
    *out = '\0';
}

static void write_base32(const unsigned char *hash, size_t size, char out[BASE32_SIZE])
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    unsigned held = 0, bits = 0;
    for (size_t i = 0; i < size; i++) {
        held = held << 8 | hash[i];
        for (bits += 8; bits >= 5; bits -= 5)
            *out++ = digits[held >> (bits - 5) & 31];
        held &= (1u << bits) - 1;
    }
    if (bits)
        *out++ = digits[held << (5 - bits) & 31];
    *out = '\0';
}

int warc_digest_check(const char *label, const void *data, size_t size)
{
    const char *value = strchr(label, ':');
    const EVP_MD *algorithm = value ? algorithm_of(label, (size_t)(value - label)) : NULL;
    if (!algorithm)
        return WARC_DIGEST_UNKNOWN;
    value++;
    size_t length = strcspn(value, "= \t");
    unsigned char hash[EVP_MAX_MD_SIZE];
    unsigned hash_size = 0;
    if (!EVP_Digest(size ? data : "", size, hash, &hash_size, algorithm, NULL))
        return -ENOMEM;
    char hex[HEX_SIZE], base32[BASE32_SIZE];
    write_hex(hash, hash_size, hex);
    write_base32(hash, hash_size, base32);
    if ((strlen(hex) == length && strncasecmp(hex, value, length) == 0) ||
        (strlen(base32) == length && strncasecmp(base32, value, length) == 0))
        return WARC_DIGEST_SAME;
    return WARC_DIGEST_OTHER;
}

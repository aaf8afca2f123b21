/* Bearer tokens that let feeders in. */
#include "ingest/tokens.h"

#include <errno.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { HASH_SIZE = 32 };

/* Only hashes are kept: comparing them takes the same time whatever a token is. */
struct tokens {
    size_t count;
    unsigned char hashes[TOKENS_MAX][HASH_SIZE];
};

static bool is_token(const char *text, size_t size)
{
    static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                  "-._~+/";
    size_t length = 0;
    while (length < size && text[length] && strchr(allowed, text[length]))
        length++;
    while (length && length < size && text[length] == '=')
        length++;
    return length == size && size >= TOKEN_BYTES_MIN;
}

static int hash(const void *data, size_t size, unsigned char out[HASH_SIZE])
{
    return EVP_Digest(data, size, out, NULL, EVP_sha256(), NULL) ? 0 : -ENOMEM;
}

static int read_lines(struct tokens *t, const char *where, const char *text, size_t size,
                      char why[SECRET_WHY_SIZE])
{
    unsigned line = 0;
    for (const char *at = text, *end = text + size; at < end;) {
        const char *feed = memchr(at, '\n', (size_t)(end - at));
        size_t length = (size_t)((feed ? feed : end) - at);
        line++;
        if (length && at[length - 1] == '\r')
            length--;
        if (length && *at != '#') {
            if (!is_token(at, length) || t->count == TOKENS_MAX) {
                snprintf(why, SECRET_WHY_SIZE, "%.150s: line %u: %s", where, line,
                         t->count == TOKENS_MAX
                             ? "too many tokens"
                             : "no token of 16 or more letters, digits and -._~+/");
                return -EINVAL;
            }
            int e = hash(at, length, t->hashes[t->count++]);
            if (e < 0)
                return e;
        }
        at = feed ? feed + 1 : end;
    }
    if (t->count)
        return 0;
    snprintf(why, SECRET_WHY_SIZE, "%.160s: there is no token in it", where);
    return -EINVAL;
}

int tokens_read(const char *where, struct tokens **ret, char why[SECRET_WHY_SIZE])
{
    struct buffer text = {0};
    struct tokens *t = calloc(1, sizeof *t);
    if (!t)
        return -ENOMEM;
    int e = secret_read(where, &text, why);
    if (!e)
        e = read_lines(t, where, text.data, text.size, why);
    if (text.data)
        explicit_bzero(text.data, text.size);
    buffer_free(&text);
    if (e < 0)
        t = tokens_free(t);
    else
        *ret = t;
    return e;
}

struct tokens *tokens_free(struct tokens *t)
{
    free(t);
    return NULL;
}

bool tokens_allow(const struct tokens *t, const char *authorization)
{
    static const char scheme[] = "Bearer ";
    unsigned char given[HASH_SIZE];
    if (!authorization || strncasecmp(authorization, scheme, sizeof scheme - 1) != 0)
        return false;
    const char *token = authorization + sizeof scheme - 1;
    token += strspn(token, " ");
    size_t size = strlen(token);
    while (size && token[size - 1] == ' ')
        size--;
    if (hash(token, size, given) < 0)
        return false;
    bool found = false;
    for (size_t i = 0; i < t->count; i++) /* all of them, found or not */
        found |= CRYPTO_memcmp(given, t->hashes[i], HASH_SIZE) == 0;
    return found;
}

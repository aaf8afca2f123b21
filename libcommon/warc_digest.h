/* Digests as WARC labels them: "sha1:B2LTWWPUOYAH7UIPQ7ZUPQ4VMBSVC36A", algorithm and value in
 * base32 (RFC 4648) or hex. */
#pragma once

#include <stddef.h>

enum { WARC_DIGEST_SAME, WARC_DIGEST_OTHER, WARC_DIGEST_UNKNOWN };

/* Whether label is the digest of the bytes. WARC_DIGEST_UNKNOWN: an algorithm that is not md5,
 * sha1, sha256 or sha512; -ENOMEM. */
int warc_digest_check(const char *label, const void *data, size_t size);

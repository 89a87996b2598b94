/* SHA-2 (FIPS 180-4) and BLAKE2b (RFC 7693) over bytes and streams; OpenSSL's, which uses the CPU's
 * instructions. SHA-1 is there because SPDX 2.3 asks for it: nothing may ever be believed because
 * of it. */
#pragma once

#include "base/bytes.h"
#include "base/error.h"
#include "base/source.h"

#define SHA256_LEN 32
#define SHA256_HEX_LEN 64

struct sha256 {
    uint8_t bytes[SHA256_LEN];
};

enum digest_algorithm {
    DIGEST_SHA256,
    DIGEST_SHA384,
    DIGEST_SHA512,
    DIGEST_BLAKE2B_512,
    DIGEST_SHA1
};
#define DIGEST_MAX_LEN 64

/* A running digest; heap. */
struct digest;

struct digest *digest_new(enum digest_algorithm algorithm);
void digest_update(struct digest *digest, struct bytes bytes);
/* Writes the digest (32, 48, 64 or 20 bytes) to RET, which is ready for another message afterwards.
 */
void digest_finish(struct digest *digest, uint8_t *ret);
/* A copy of the state so far: for many messages with a common start. */
struct digest *digest_copy(const struct digest *digest);
void digest_free(struct digest **digest);

struct sha256 sha256_of(struct bytes bytes);
static inline struct bytes sha256_view(const struct sha256 *digest)
{
    return bytes_from(digest->bytes, SHA256_LEN);
}
static inline bool sha256_equal(const struct sha256 *a, const struct sha256 *b)
{
    return bytes_equal(sha256_view(a), sha256_view(b));
}

/* SHA-256 of all of SOURCE, read once in pieces. */
CHECKED bool sha256_source(const struct source *source, struct sha256 *ret, struct error *err);

/* Lower-case hexadecimal, NUL-terminated. */
void sha256_hex(const struct sha256 *digest, char ret[SHA256_HEX_LEN + 1]);
/* Exactly 64 lower-case digits. */
CHECKED bool sha256_from_hex(struct bytes text, struct sha256 *ret);

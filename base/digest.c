// SPDX-License-Identifier: Apache-2.0
#include "base/digest.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/encode.h"
#include "base/libcrypto.h"

/* Fetched once for the whole process: libcrypto else looks each up again for every digest. */
static const EVP_MD *fetched[5];
static pthread_once_t fetch_once = PTHREAD_ONCE_INIT;

static void fetch_all(void)
{
    static const char *const names[] = {
        [DIGEST_SHA256] = "SHA256", [DIGEST_SHA384] = "SHA384",
        [DIGEST_SHA512] = "SHA512", [DIGEST_BLAKE2B_512] = "BLAKE2B-512",
        [DIGEST_SHA1] = "SHA1",
    };
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        fetched[i] = libcrypto()->EVP_MD_fetch(NULL, names[i], NULL);
    }
}

static const EVP_MD *algorithm_of(enum digest_algorithm algorithm)
{
    if (pthread_once(&fetch_once, fetch_all) != 0 || fetched[algorithm] == NULL) {
        bug("libcrypto offers no SHA-2 or no BLAKE2b");
    }
    return fetched[algorithm];
}

struct digest {
    EVP_MD_CTX *context;
    const EVP_MD *algorithm;
};

static struct digest *wrap(EVP_MD_CTX *context, const EVP_MD *algorithm)
{
    struct digest *digest = calloc(1, sizeof(*digest));
    if (digest == NULL || context == NULL) {
        bug("out of memory for a digest");
    }
    digest->context = context;
    digest->algorithm = algorithm;
    return digest;
}

static void start(struct digest *digest)
{
    if (libcrypto()->EVP_DigestInit_ex(digest->context, digest->algorithm, NULL) != 1) {
        bug("libcrypto offers no SHA-2 or no BLAKE2b");
    }
}

struct digest *digest_new(enum digest_algorithm algorithm)
{
    struct digest *digest = wrap(libcrypto()->EVP_MD_CTX_new(), algorithm_of(algorithm));
    start(digest);
    return digest;
}

void digest_update(struct digest *digest, struct bytes bytes)
{
    if (libcrypto()->EVP_DigestUpdate(digest->context, bytes.data, bytes.len) != 1) {
        bug("a digest failed");
    }
}

void digest_finish(struct digest *digest, uint8_t *ret)
{
    if (libcrypto()->EVP_DigestFinal_ex(digest->context, ret, NULL) != 1) {
        bug("a digest failed");
    }
    start(digest);
}

struct digest *digest_copy(const struct digest *digest)
{
    struct digest *copy = wrap(libcrypto()->EVP_MD_CTX_new(), digest->algorithm);
    if (libcrypto()->EVP_MD_CTX_copy_ex(copy->context, digest->context) != 1) {
        bug("a digest failed");
    }
    return copy;
}

void digest_free(struct digest **digest)
{
    if (*digest != NULL) {
        libcrypto()->EVP_MD_CTX_free((*digest)->context);
        free(*digest);
        *digest = NULL;
    }
}

struct sha256 sha256_of(struct bytes bytes)
{
    struct sha256 result;
    if (libcrypto()->EVP_Digest(bytes.data, bytes.len, result.bytes, NULL,
                                algorithm_of(DIGEST_SHA256), NULL) != 1) {
        bug("a digest failed");
    }
    return result;
}

#define PIECE 262144

bool sha256_source(const struct source *source, struct sha256 *ret, struct error *err)
{
    AUTO(digest) struct digest *digest = digest_new(DIGEST_SHA256);
    AUTO_FREE uint8_t *piece = malloc(PIECE);
    if (piece == NULL) {
        bug("out of memory for %d bytes", PIECE);
    }
    for (uint64_t at = 0; at < source->size;) {
        uint64_t left = source->size - at;
        size_t len = left < PIECE ? (size_t)left : PIECE;
        if (!source_read(source, at, piece, len, err)) {
            return false;
        }
        digest_update(digest, bytes_from(piece, len));
        at += len;
    }
    digest_finish(digest, ret->bytes);
    return true;
}

void sha256_hex(const struct sha256 *digest, char ret[SHA256_HEX_LEN + 1])
{
    encode_hex(sha256_view(digest), ret);
}

bool sha256_from_hex(struct bytes text, struct sha256 *ret)
{
    struct sha256 digest;
    if (text.len != SHA256_HEX_LEN || !decode_hex(text, digest.bytes)) {
        return false;
    }
    *ret = digest;
    return true;
}

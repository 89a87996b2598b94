/* libcrypto, loaded when it is first needed: its relocations cost more than all else that a start
 * of the program does, and most runs of `inspect` and every usage error need none of it.
 *
 * Called as libcrypto()->EVP_DigestUpdate(...); a function that is missing here is added to the
 * list with one line. A process that gives up opening files (base/confine.h) and wants digests
 * afterwards asks for one before it does. */
#pragma once

#include <openssl/evp.h>

#define LIBCRYPTO_FUNCTIONS(X)                                                                     \
    X(EVP_Digest)                                                                                  \
    X(EVP_DigestFinal_ex)                                                                          \
    X(EVP_DigestInit_ex)                                                                           \
    X(EVP_DigestUpdate)                                                                            \
    X(EVP_MD_CTX_copy_ex)                                                                          \
    X(EVP_MD_CTX_free)                                                                             \
    X(EVP_MD_CTX_new)                                                                              \
    X(EVP_MD_fetch)

#define LIBCRYPTO_MEMBER(name) __typeof__(name) *name;
struct libcrypto {
    LIBCRYPTO_FUNCTIONS(LIBCRYPTO_MEMBER)
};

/* The library; aborts if it is not there or not the one that this program was compiled for. */
const struct libcrypto *libcrypto(void) __attribute__((returns_nonnull));

/* libsodium, loaded when it is first needed (base/library.h).
 *
 * Called as libsodium()->crypto_sign_detached(...); a function that is missing here is added to the
 * list with one line. */
#pragma once

#include <sodium.h>

#define LIBSODIUM_FUNCTIONS(X)                                                                     \
    X(crypto_core_ed25519_is_valid_point)                                                          \
    X(crypto_generichash_final)                                                                    \
    X(crypto_generichash_init)                                                                     \
    X(crypto_generichash_update)                                                                   \
    X(crypto_hash_sha512)                                                                          \
    X(crypto_pwhash_scryptsalsa208sha256)                                                          \
    X(crypto_pwhash_scryptsalsa208sha256_ll)                                                       \
    X(crypto_secretbox_easy)                                                                       \
    X(crypto_secretbox_open_easy)                                                                  \
    X(crypto_sign_detached)                                                                        \
    X(crypto_sign_seed_keypair)                                                                    \
    X(crypto_sign_verify_detached)                                                                 \
    X(randombytes_buf)                                                                             \
    X(randombytes_random)                                                                          \
    X(sodium_free)                                                                                 \
    X(sodium_init)                                                                                 \
    X(sodium_is_zero)                                                                              \
    X(sodium_malloc)                                                                               \
    X(sodium_memcmp)

#define LIBSODIUM_MEMBER(name) __typeof__(name) *name;
struct libsodium {
    LIBSODIUM_FUNCTIONS(LIBSODIUM_MEMBER)
};

/* The library, initialised; aborts if it is not there. */
const struct libsodium *libsodium(void) __attribute__((returns_nonnull));

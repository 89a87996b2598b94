/* libcrypto, loaded when it is first needed: its relocations cost more than all else that a start
 * of the program does, and most runs of `inspect` and every usage error need none of it.
 *
 * Called as libcrypto()->EVP_DigestUpdate(...); a function that is missing here is added to the
 * list with one line. A process that gives up opening files (base/confine.h) and wants digests
 * afterwards asks for one before it does. */
#pragma once

#include <openssl/evp.h>
#include <openssl/pkcs12.h>
#include <openssl/x509.h>

#define LIBCRYPTO_FUNCTIONS(X)                                                                     \
    X(ASN1_INTEGER_get_uint64)                                                                     \
    X(ASN1_TYPE_unpack_sequence)                                                                   \
    X(ASN1_item_free)                                                                              \
    X(CRYPTO_free)                                                                                 \
    X(EVP_Digest)                                                                                  \
    X(EVP_DigestFinal_ex)                                                                          \
    X(EVP_DigestInit_ex)                                                                           \
    X(EVP_DigestUpdate)                                                                            \
    X(EVP_MD_CTX_copy_ex)                                                                          \
    X(EVP_MD_CTX_free)                                                                             \
    X(EVP_MD_CTX_new)                                                                              \
    X(EVP_MD_fetch)                                                                                \
    X(EVP_PKEY_free)                                                                               \
    X(EVP_PKEY_get0_type_name)                                                                     \
    X(EVP_aes_256_cbc)                                                                             \
    X(OBJ_obj2nid)                                                                                 \
    X(PBE2PARAM_it)                                                                                \
    X(PBKDF2PARAM_it)                                                                              \
    X(PKCS5_pbe2_set_scrypt)                                                                       \
    X(PKCS8_PRIV_KEY_INFO_free)                                                                    \
    X(PKCS8_decrypt)                                                                               \
    X(PKCS8_set0_pbe)                                                                              \
    X(SCRYPT_PARAMS_it)                                                                            \
    X(X509_ALGOR_free)                                                                             \
    X(X509_SIG_free)                                                                               \
    X(X509_SIG_get0)                                                                               \
    X(d2i_AutoPrivateKey)                                                                          \
    X(d2i_PKCS8_PRIV_KEY_INFO)                                                                     \
    X(d2i_PUBKEY)                                                                                  \
    X(d2i_X509_SIG)                                                                                \
    X(i2d_PKCS8_PRIV_KEY_INFO)                                                                     \
    X(i2d_X509_SIG)

#define LIBCRYPTO_MEMBER(name) __typeof__(name) *name;
struct libcrypto {
    LIBCRYPTO_FUNCTIONS(LIBCRYPTO_MEMBER)
};

/* The library; aborts if it is not there or not the one that this program was compiled for. */
const struct libcrypto *libcrypto(void) __attribute__((returns_nonnull));

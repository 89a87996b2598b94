/* One Ed25519 key, whatever file it came from: the public half, the secret half, and its names.
 *
 * A key goes by several names. OpenSSH's fingerprint is "SHA256:" and the unpadded base64 of
 * SHA-256 over its key blob; it is also the only key id that DSSE verifiers accept. minisign and
 * signify print an 8-byte key number, which their key files state; a key from elsewhere gets one
 * made of the key itself, so that it is the same in every run. cosign's hint is the SHA-256 of the
 * SPKI. None of these names is ever trusted: what counts are the 32 bytes. */
#pragma once

#include "base/arena.h"
#include "base/digest.h"
#include "base/ed25519.h"
#include "base/encode.h"
#include "base/error.h"
#include "signer/secret.h"

#define KEY_SEED_LEN 32
#define KEY_NUMBER_LEN 8
/* "SHA256:" and 43 characters, without the NUL. */
#define KEY_FINGERPRINT_LEN 50
#define KEY_SPKI_LEN 44
/* s("ssh-ed25519") || s(key) */
#define KEY_SSH_BLOB_LEN 51

struct public_key {
    struct ed25519_public point;
    uint8_t number[KEY_NUMBER_LEN]; /* as minisign and signify write it: little-endian */
    bool number_stated;             /* else it is made of the key */
    const char *comment;            /* OpenSSH's, mostly a mail address; else empty, never NULL */
};

/* A public key out of 32 bytes, checked for the prime-order subgroup; its number is derived, its
 * comment empty. */
CHECKED bool public_key_import(struct bytes raw, struct public_key *ret, struct error *err);

static inline bool public_key_equal(const struct ed25519_public *a, const struct ed25519_public *b)
{
    return memcmp(a->bytes, b->bytes, ED25519_PUBLIC_LEN) == 0;
}

/* OpenSSH's fingerprint, NUL-terminated. */
void key_fingerprint(const struct ed25519_public *key, char ret[KEY_FINGERPRINT_LEN + 1]);
/* The number as minisign prints it: 16 upper-case digits, most significant first. */
void key_number_text(const uint8_t number[KEY_NUMBER_LEN], char ret[2 * KEY_NUMBER_LEN + 1]);
/* SubjectPublicKeyInfo in DER (RFC 8410). */
void key_spki(const struct ed25519_public *key, uint8_t ret[KEY_SPKI_LEN]);
/* base64(SHA-256(SPKI)): the hint of sigstore bundles. */
void key_hint(const struct ed25519_public *key, char ret[BASE64_LEN(SHA256_LEN) + 1]);
/* OpenSSH's public key blob. */
void key_ssh_blob(const struct ed25519_public *key, uint8_t ret[KEY_SSH_BLOB_LEN]);

/* The secret half, in guarded memory or in an ssh-agent; heap. */
struct signing_key;

/* A new key of the system's randomness. */
struct signing_key *signing_key_new(void) __attribute__((returns_nonnull));
/* The key of SEED (32 bytes). NUMBER may be NULL: derived. PUBLIC (32 bytes, or empty) is what the
 * file says the public key is: ERROR_MISMATCH if it is another one, because signing with a foreign
 * public key gives the secret one away. */
CHECKED bool signing_key_import(struct bytes seed, struct bytes public, const uint8_t *number,
                                struct signing_key **ret, struct error *err);
/* A key that AGENT_FD (a connection to an ssh-agent, owned by the key from here on) holds. */
struct signing_key *signing_key_in_agent(int agent_fd, const struct public_key *public)
    __attribute__((returns_nonnull));
/* Wipes it; accepts a pointer to NULL. */
void signing_key_free(struct signing_key **key);

const struct public_key *signing_key_public(const struct signing_key *key);
/* The 32 bytes of seed, for writing key files; empty if an agent keeps them. */
struct bytes signing_key_seed(const struct signing_key *key);

/* Pure Ed25519 over MESSAGE, and verifies the result before handing it out. MESSAGE is read several
 * times, so nobody else may be able to write to it: whoever changes it in between gets the key. It
 * must be bytes of our own memory, never a mapped file. */
CHECKED bool signing_key_sign(const struct signing_key *key, struct bytes message,
                              uint8_t ret[ED25519_SIGNATURE_LEN], struct error *err);

/* The public keys that a user trusts, each with its owner and the time it is good for.
 *
 * Files of every format are read: PEM, OpenSSH public keys and allowed_signers, minisign and
 * signify. A signature is only ever checked against these keys; keys and key ids inside a
 * signature are hints at most. Two entries with the same 32 bytes are one key. */
#pragma once

#include <time.h>

#include "signer/key.h"

struct trusted_key {
    struct public_key public;
    const char *owner;      /* principals, comment or file name; never NULL */
    const char *namespaces; /* allowed_signers' list; NULL: any */
    time_t from, until;     /* good at from <= now < until; 0: no such bound */
    bool revoked;
};

struct trust {
    struct arena *arena;
    struct trusted_key *keys;
    size_t count, capacity;
    /* Keys of other algorithms in allowed_signers files, passed over: what to tell of them. */
    const char **passed_over;
    size_t passed_over_count, passed_over_capacity;
};

/* What is kept lives in ARENA. */
struct trust trust_empty(struct arena *arena);

/* Adds the key or keys of the file at PATH. */
CHECKED bool trust_add_file(struct trust *trust, const char *path, struct error *err);
/* Adds the key or keys that are all of TEXT; NAME is the owner where TEXT tells none. */
CHECKED bool trust_add_text(struct trust *trust, struct bytes text, const char *name,
                            struct error *err);
/* Adds KEY itself. ERROR_LIMIT past LIMIT_TRUSTED_KEYS. */
CHECKED bool trust_add_key(struct trust *trust, const struct trusted_key *key, struct error *err);
/* The keys in the file at PATH are trusted no longer, whichever file says otherwise. To be called
 * after all keys were added. */
CHECKED bool trust_revoke_file(struct trust *trust, const char *path, struct error *err);

/* The entry of KEY; NULL if it is not among them. */
const struct trusted_key *trust_find(const struct trust *trust, const struct ed25519_public *key);

enum key_standing { KEY_NOT_TRUSTED, KEY_GOOD, KEY_REVOKED, KEY_NOT_YET, KEY_EXPIRED };

/* Whether KEY counts at NOW. */
enum key_standing trusted_key_standing(const struct trusted_key *key, time_t now);

/* Signed notes, and the tree heads that a checksum database signs with them.
 *
 * Formats: c2sp.org/signed-note, golang.org/x/mod/sumdb/note; the head's text is
 * golang.org/x/mod/sumdb/tlog's "go.sum database tree". A note that is not exactly of this form
 * proves nothing, so every refusal is ERROR_UNTRUSTED. */
#pragma once

#include "base/arena.h"
#include "base/digest.h"
#include "base/ed25519.h"
#include "base/error.h"

#define NOTE_KEY_HASH_LEN 4

/* Whoever signs: a name, the key, and the key's short hash as it stands in signatures. */
struct note_key {
    const char *name;
    uint8_t hash[NOTE_KEY_HASH_LEN];
    struct ed25519_public key;
};

/* Parses "NAME+HASH+BASE64" and checks that the hash is the key's own. The name lives in ARENA.
 * ERROR_USAGE: such text comes from the user. */
CHECKED bool note_key_parse(const char *text, struct arena *arena, struct note_key *ret,
                            struct error *err);

/* Checks that MESSAGE is a note signed by KEY; signatures of others are passed over. RET_TEXT is
 * what was signed, its final newline included, a view into MESSAGE. */
CHECKED bool note_open(struct bytes message, const struct note_key *key, struct bytes *ret_text,
                       struct error *err);

/* The state of a database at one moment: how many records, and the root of their Merkle tree. */
struct signed_head {
    uint64_t size;
    struct sha256 root;
    struct bytes note; /* the signed message */
};

/* Opens MESSAGE, which must be a head signed by KEY. The note is a view into MESSAGE. */
CHECKED bool signed_head_open(struct bytes message, const struct note_key *key,
                              struct signed_head *ret, struct error *err);

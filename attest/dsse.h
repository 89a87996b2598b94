/* DSSE envelopes: bytes with a type, and signatures over both.
 *
 * Specification: secure-systems-lab/dsse, protocol.md and envelope.md, version 1.0.0. A signature
 * is checked over the bytes as they were received, before anything in them is looked at. Key ids
 * are hints by others and never consulted; ours is OpenSSH's fingerprint, the only one besides none
 * that cosign and slsa-verifier accept. */
#pragma once

#include "base/arena.h"
#include "base/buffer.h"
#include "signer/key.h"

struct envelope_signature {
    const char *keyid; /* "" if there is none */
    struct bytes bytes;
};

struct envelope {
    const char *payload_type;
    struct bytes payload;
    struct envelope_signature *signatures;
    size_t count;
};

/* What is signed: "DSSEv1 LEN TYPE LEN PAYLOAD". */
struct bytes dsse_pae(const char *payload_type, struct bytes payload, struct arena *arena);

/* Reads the envelope that is all of TEXT, bare or inside a sigstore bundle. Base64 is of either
 * alphabet (not both in one text), padded, without white space or left-over bits. ERROR_FORMAT says
 * what is wrong; ERROR_UNSUPPORTED: well-formed JSON, but no envelope. */
CHECKED bool envelope_read(struct bytes text, struct arena *arena, struct envelope *ret,
                           struct error *err);

/* True if one of the signatures is KEY's. */
CHECKED bool envelope_is_signed_by(const struct envelope *envelope,
                                   const struct ed25519_public *key, struct arena *arena);

/* An envelope around PAYLOAD (a view), signed by KEY. */
CHECKED bool envelope_sign(const char *payload_type, struct bytes payload,
                           const struct signing_key *key, struct arena *arena, struct envelope *ret,
                           struct error *err);

/* On one line, with its end. */
void envelope_put(const struct envelope *envelope, struct buffer *out);
/* As a sigstore bundle (v0.3) for verifiers that have KEY. */
void envelope_put_bundle(const struct envelope *envelope, const struct ed25519_public *key,
                         struct buffer *out);

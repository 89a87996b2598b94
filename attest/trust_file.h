/* A trust file: whom to trust, signed by k of n people who may change that (docs/trust.md,
 * docs/schema/trust.json).
 *
 * An envelope (dsse.h) around strict JSON that names its own roots: the keys that sign trust files,
 * and how many of them are needed. Whoever accepted one accepts the next only if it is signed by
 * enough roots of both: the old ones say who comes after them, the new ones that they have their
 * keys. That is how TUF rotates its root (TUF 1.0, 5.3), of which this is one file. */
#pragma once

#include "attest/dsse.h"
#include "attest/policy.h"

#define TRUST_PAYLOAD_TYPE "application/vnd.reproof.trust+json"

struct trust_file {
    const char *name;
    uint64_t serial;
    time_t expires;
    size_t threshold;
    struct parties roots, signers, rebuilders;
    const bool *root_signed; /* for each of the roots' keys; NULL: it was read without signatures */
    struct bytes payload;    /* the JSON */
    struct sha256 digest;    /* of the payload: what people compare by another way */
};

/* True if TEXT looks like one, signed or damaged. */
CHECKED bool trust_file_is(struct bytes text);

/* Reads the JSON alone, as it is before anybody signed. */
CHECKED bool trust_file_parse(struct bytes payload, struct arena *arena, struct trust_file *ret,
                              struct error *err);

/* Reads TEXT as what follows EARLIER (NULL: nothing was accepted before). ERROR_MISMATCH: too few
 * roots signed, of the earlier or of its own; it has expired at NOW; it is older than EARLIER, or
 * of another name. */
CHECKED bool trust_file_read(struct bytes text, const struct trust_file *earlier, time_t now,
                             struct arena *arena, struct trust_file *ret, struct error *err);
/* Reads TEXT and believes it: what was accepted once, or is to be shown to somebody who decides. */
CHECKED bool trust_file_open(struct bytes text, struct arena *arena, struct trust_file *ret,
                             struct error *err);

/* TEXT (an envelope, or the JSON alone) with the signature of KEY added. ERROR_MISMATCH if KEY is
 * none of its roots, unless FOREIGN: a root of the file that it follows on. */
CHECKED bool trust_file_sign(struct bytes text, const struct signing_key *key, bool foreign,
                             struct arena *arena, struct buffer *out, struct error *err);

/* What was accepted under NAME, in the state directory STATE; *RET_FOUND false if nothing. */
CHECKED bool trust_file_load(const char *state, const char *name, struct arena *arena,
                             struct trust_file *ret, bool *ret_found, struct error *err);
/* Keeps TEXT, which trust_file_read accepted as FILE. */
CHECKED bool trust_file_keep(const char *state, const struct trust_file *file, struct bytes text,
                             struct error *err);

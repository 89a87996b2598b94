/* Attestations as they were found: each envelope of a file of evidence, brought as far as it can be
 * believed.
 *
 * The order of checks is that of the in-toto attestation framework (docs/validation.md, and
 * protocol.md of DSSE): the signature over the bytes as they were received, before anything in them
 * is looked at; then the type of the payload, the statement, its predicate. Whatever fails one of
 * these counts for nothing, and neither helps nor stops what stands beside it. */
#pragma once

#include "attest/claim.h"
#include "signer/trust.h"

/* The namespace that an allowed_signers entry has to have, if it has a list of them. */
#define ATTESTATION_NAMESPACE "attestation"

/* The zero value counts for nothing. */
enum attestation_standing {
    ATTESTATION_UNKNOWN,  /* by nobody who is trusted: nothing else in it was looked at */
    ATTESTATION_UNUSABLE, /* malformed, or of a kind that is not read */
    ATTESTATION_BARRED,   /* by a trusted key that is revoked, or out of its time */
    ATTESTATION_GOOD,
};

enum attestation_kind {
    ATTESTATION_OTHER, /* provenance, and what others invent: no vote */
    ATTESTATION_VERDICT,
    ATTESTATION_SUMMARY,
    ATTESTATION_SBOM,
};

struct attestation {
    const char *place; /* "evidence/tool.intoto.jsonl, line 2" */
    bool bound;        /* as attestation_reading has it */
    enum attestation_standing standing;
    struct error reason;           /* unless good */
    const struct trusted_key *key; /* good or barred: whose it is */
    enum attestation_kind kind;    /* good: what it is */
    struct sha256 *subjects;       /* good: the digests of what it is about */
    size_t subject_count;
    struct claim claim; /* of a verdict or a summary */
    bool names_subject; /* of an SBOM: the document in it is of the file that it is about */
};

struct attestations {
    struct attestation *items;
    size_t count, capacity;
};

struct attestation_reading {
    const struct trust *trust;
    time_t now;
    struct arena *arena; /* of what is found */
    bool bound;          /* where it lies says that it is meant for the file at hand */
    size_t checks;       /* signatures tried so far */
};

/* Adds what is in TEXT, which came from PATH: one envelope (bare or in a sigstore bundle), or one a
 * line. An envelope that several trusted keys signed is added once for each of them. ERROR_LIMIT:
 * there is more in it than is ever looked at. */
CHECKED bool attestations_read(struct attestation_reading *reading, struct bytes text,
                               const char *path, struct attestations *ret, struct error *err);

/* True if one of its subjects has DIGEST. */
CHECKED bool attestation_is_about(const struct attestation *attestation,
                                  const struct sha256 *digest);

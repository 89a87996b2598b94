/* A directory of evidence: what proves the verdicts on some files, written so that anybody can
 * check it offline, with this program or with others'. For a file F:
 *
 *   F.intoto.jsonl            all envelopes, one a line
 *   F.KIND.sigstore.json      each as a sigstore bundle, for cosign (verdict, provenance, vsa ...)
 *   F.vsa.json                the summary alone, for slsa-verifier
 *   F.recipe.json             how to rebuild it
 *   F.spdx.json               its SBOM
 *   F.sig, F.minisig ...      detached signatures; only of what was accepted
 *
 * and index.json (by digest), README.md. What is in the directory for other files stays. */
#pragma once

#include "attest/predicate.h"
#include "base/source.h"
#include "signer/key.h"

struct evidence_request {
    const struct record *record;
    const struct signing_key *key;        /* signs files */
    const struct signing_key *attest_key; /* signs statements; may be the same */
    const char *rebuilder;                /* URI; NULL: made of attest_key */
    uint64_t time;                        /* Unix */
    const struct vsa_platform *platforms; /* whose provenance was verified, our own included */
    size_t platform_count;
};

struct evidence_artifact {
    const struct record_subject *subject;
    const struct source *content; /* to be signed; NULL: not at hand */
    struct bytes spdx;            /* an SPDX document in JSON; empty: none */
};

/* Writes the evidence of COUNT artifacts into DIR, index.json last. ERROR_MISMATCH: a content or an
 * SBOM is of something else than the record says. */
CHECKED bool evidence_write(const struct evidence_request *request,
                            const struct evidence_artifact *artifacts, size_t count, int dir,
                            struct error *err);

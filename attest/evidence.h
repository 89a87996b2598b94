/* A directory of evidence: what proves the verdicts on some files, written so that anybody can
 * check it offline, with this program or with others'. For a file F:
 *
 *   F.intoto.jsonl            all envelopes, one a line
 *   F.KIND.sigstore.json      each as a sigstore bundle, for cosign (verdict, provenance, vsa ...;
 *                             "predicate": of others)
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
    const char *other_type;       /* of what others state of it; NULL: nothing */
    struct bytes other;           /* their predicate, checked (predicate.h) */
};

/* A directory being written. Files lie there under names of no meaning until evidence_commit gives
 * them theirs: a refusal leaves nothing behind. However many artifacts there are, the evidence of
 * one is in memory at a time. */
struct evidence_writer;

/* DIR stays the caller's, and REQUEST with all it points to, until evidence_free. */
struct evidence_writer *evidence_new(const struct evidence_request *request, int dir);
/* Adds the evidence of COUNT artifacts that RECORD is of. ERROR_MISMATCH: a content or an SBOM is
 * of something else than the record says. */
CHECKED bool evidence_add(struct evidence_writer *writer, const struct record *record,
                          const struct evidence_artifact *artifacts, size_t count,
                          struct error *err);
/* Another file of the same directory. */
CHECKED bool evidence_add_file(struct evidence_writer *writer, const char *name,
                               struct bytes content, struct error *err);
/* Names all, index.json last. */
CHECKED bool evidence_commit(struct evidence_writer *writer, struct error *err);
/* Removes what was not committed. */
void evidence_free(struct evidence_writer **writer);

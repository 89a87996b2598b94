/* What is said of a rebuilt file, each in the words of one predicate type:
 *
 * - SLSA provenance v1 (slsa.dev/provenance/v1) of our own rebuild: docs/build-type.md;
 * - our own verdict, with all its assumptions, negative ones included: docs/verdict.md;
 * - SLSA's verification summary (slsa.dev/verification_summary/v1), for tools that only want yes or
 *   no: docs/trust.md;
 * - an SPDX document.
 *
 * Each writes a whole in-toto statement; equal inputs give equal bytes. */
#pragma once

#include "attest/record.h"
#include "attest/statement.h"
#include "base/ed25519.h"

struct predicate_context {
    const struct record *record;
    const struct record_subject *subject;
    const char *rebuilder; /* URI of who speaks */
    const char *time;      /* RFC 3339 */
};

/* Provenance of the rebuild: its subject is our own file. Only where there is a rebuild. */
void provenance_write(const struct predicate_context *context, struct buffer *out);

void verdict_write(const struct predicate_context *context, struct buffer *out);

/* Two forms: SLSA's own words; and words that slsa-verifier reads (it refuses a VSA whose levels
 * name anything of SLSA's but plain build levels). */
enum vsa_form { VSA_STRICT, VSA_COMPATIBLE };

/* One build platform whose provenance for the very same digest was verified. */
struct vsa_platform {
    struct ed25519_public key;
    const char *operator;
};

struct vsa_request {
    enum vsa_form form;
    const struct vsa_platform *platforms;
    size_t platform_count;
    const struct sha256 *inputs; /* digests of the envelopes that it stands on */
    size_t input_count;
};

/* Whether there is anything to summarise: PASSED for what was accepted, FAILED for what is
 * different. What is neither proven nor refuted has no summary. */
CHECKED bool vsa_applies(const struct record_subject *subject);
/* SLSA_BUILD_REPRODUCED may be said only of an artifact with provenance of two or more build
 * platforms that are operated independently (SLSA 1.2, verified properties): distinct keys and
 * distinct operators. */
CHECKED bool vsa_is_reproduced(const struct vsa_platform *platforms, size_t count);
void vsa_write(const struct predicate_context *context, const struct vsa_request *request,
               struct buffer *out);

/* The statement about the SPDX document TEXT. ERROR_MISMATCH if no SHA-256 in it is the subject's:
 * it is the SBOM of something else. */
CHECKED bool spdx_write(const struct predicate_context *context, struct bytes text,
                        struct buffer *out, struct error *err);
/* Refuses a TYPE that is no absolute URI or one that reproof itself makes statements of
 * (ERROR_USAGE), and a TEXT that is no JSON object. */
CHECKED bool other_predicate_check(const char *type, struct bytes text, struct error *err);
/* The statement of TYPE with the predicate TEXT, both as other_predicate_check let them pass. */
void other_predicate_write(const struct predicate_context *context, const char *type,
                           struct bytes text, struct buffer *out);

/* Whether the document ROOT names a file or package that has DIGEST. */
CHECKED bool spdx_names(const struct cJSON *root, const struct sha256 *digest);

/* The URIs that statements go by: those of others, and our own (below the build option uri_base).
 */
#pragma once

/* in-toto attestation framework, spec/v1. */
#define STATEMENT_TYPE "https://in-toto.io/Statement/v1"
#define ENVELOPE_STATEMENT "application/vnd.in-toto+json"

#define PREDICATE_PROVENANCE "https://slsa.dev/provenance/v1"
#define PREDICATE_VSA "https://slsa.dev/verification_summary/v1"
/* SPDX 2.x; SPDX 3 has a type of its own. */
#define PREDICATE_SPDX2 "https://spdx.dev/Document"
#define PREDICATE_SPDX3 "https://spdx.dev/Document/v3"

/* docs/verdict.md, docs/build-type.md, docs/trust.md. */
#define PREDICATE_VERDICT URI_BASE "verdict/v1"
#define BUILD_TYPE URI_BASE "go-rebuild/v1"
#define POLICY_REBUILT URI_BASE "rebuilt/v1"

/* What a rebuilder claims of one file, read out of a statement that was verified: our own verdict
 * (docs/verdict.md), or SLSA's verification summary.
 *
 * A claim binds digest, platform, module and version together. Where a statement says one of them
 * twice and differently, it is worth nothing whoever signed it: `conflict` shows both. */
#pragma once

#include "attest/statement.h"
#include "verifier/report/result.h"

struct names {
    const char **items;
    size_t count;
};

CHECKED bool names_have(const struct names *names, const char *name);

struct claim {
    enum verdict verdict;
    bool accepted; /* by the rebuilder's own rules */
    struct sha256 artifact;
    const char *name, *module, *version, *platform; /* "" where the statement has none */
    bool has_container; /* the file came in a package with the digest `container` */
    struct sha256 container;
    struct names assumptions, removed;
    uint64_t issued;      /* Unix */
    const char *conflict; /* NULL: it agrees with itself */
};

/* Texts are copied into ARENA. ERROR_FORMAT: malformed; ERROR_UNSUPPORTED: well formed, but not
 * about one file that has a SHA-256. */
CHECKED bool claim_read_verdict(const struct statement *statement, struct arena *arena,
                                struct claim *ret, struct error *err);
/* A summary that says FAILED is a claim that the file is different; one that says PASSED proves
 * nothing by itself, and reads as unproven. */
CHECKED bool claim_read_summary(const struct statement *statement, struct arena *arena,
                                struct claim *ret, struct error *err);

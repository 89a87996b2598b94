/* What tests of attestations share: the record of a rebuild of a file in memory. */
#pragma once

#include "attest/record.h"
#include "tests/unit/signer/signer_fixture.h"

/* What a test may want otherwise. All zero: v1.0.0 of example.com/tool, reproduced, accepted. */
struct fixture_rebuild {
    const char *content;  /* NULL: "artifact" */
    enum verdict verdict; /* VERDICT_UNPROVEN counts as reproduced unless `unproven` */
    bool unproven, not_accepted;
    const char *platform_goos; /* NULL: linux */
    const char *version;       /* NULL: v1.0.0 */
    const char *assumption;    /* NULL: vcs-echoed */
    const char *ldflag;        /* NULL: -w */
};

/* The `reproof/rebuild/v1` document of it, in ARENA. */
struct bytes fixture_record_text(const struct fixture_rebuild *wanted, struct arena *arena);
/* The same, read. */
void fixture_record(const struct fixture_rebuild *wanted, struct arena *arena, struct record *ret);

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
    const char *removed;       /* of an equivalent one; NULL: nothing */
};

/* The `reproof/rebuild/v1` document of it, in ARENA. */
struct bytes fixture_record_text(const struct fixture_rebuild *wanted, struct arena *arena);
/* The same, read. */
void fixture_record(const struct fixture_rebuild *wanted, struct arena *arena, struct record *ret);

/* The line of evidence in which the key NUMBER (fixture_key) says at TIME what WANTED is. */
struct bytes fixture_verdict(const struct fixture_rebuild *wanted, uint8_t number, const char *time,
                             struct arena *arena);
/* PAYLOAD in an envelope of TYPE by the key NUMBER, as a line. */
struct bytes fixture_envelope(struct bytes payload, const char *type, uint8_t number,
                              struct arena *arena);
/* The statement itself, to be changed by a test. */
const char *fixture_verdict_payload(const struct fixture_rebuild *wanted, const char *time,
                                    struct arena *arena);
/* TEXT with the one place of FROM replaced by TO. */
const char *fixture_replace(const char *text, const char *from, const char *to,
                            struct arena *arena);

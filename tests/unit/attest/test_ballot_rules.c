// SPDX-License-Identifier: Apache-2.0
/* Votes count only if they meet the rules of the policy: times, sources, platforms, weaknesses,
 * findings. */
#include "attest/predicate.h"
#include "tests/unit/attest/ballot_box.h"

static void bars_keys_out_of_their_time(void **state)
{
    struct box *box = *state;
    struct trusted_key *key = &box->policy.rebuilders.trust.keys[0];
    box_vote(box, &box_reproduced, 1, JANUARY);
    key->revoked = true;
    box_expect_not_counted(box, "revoked");
    key->revoked = false;
    key->until = NOW;
    box_expect_not_counted(box, "valid until 1772323200, the clock says 1772323200");
    key->until = 0;
    key->from = NOW + 1;
    box_expect_not_counted(box, "valid from 1772323201");
    key->from = 0;
    key->namespaces = "file";
    box_expect_not_counted(box, "not trusted to attest");
    key->namespaces = "file,attestation";
    assert_int_equal(box_count(box), 1);
}

/* A revoked key's "different" counts no more than its "reproduced". */
static void lets_no_revoked_key_refute(void **state)
{
    struct box *box = *state;
    box->policy.rebuilders.trust.keys[1].revoked = true;
    box_vote(box, &box_reproduced, 1, JANUARY);
    box_vote(box, &box_different, 2, FEBRUARY);
    assert_int_equal(box_count(box), 1);
    assert_null(box->ballot.against);
}

static void refuses_the_future(void **state)
{
    struct box *box = *state;
    box_vote(box, &box_reproduced, 1, "2026-03-01T00:05:01Z");
    box_expect_not_counted(box, "from the future");
    buffer_clear(&box->lines);
    box_vote(box, &box_reproduced, 1, "2026-03-01T00:05:00Z");
    assert_int_equal(box_count(box), 1);
}

static void wants_the_source_expected(void **state)
{
    static const struct {
        struct policy_source source;
        bool met;
    } rows[] = {
        {{"example.com/tool", NULL, NULL}, true},
        {{"example.com/tool", "v1.0.0", NULL}, true},
        {{"example.com/tool", NULL, "v1.0.0"}, true},
        {{"example.com/tool", NULL, "v0.9.0"}, true},
        {{"example.com/tool", NULL, "v1.0.1"}, false},
        {{"example.com/tool", NULL, "v1.10.0"}, false},
        {{"example.com/tool", "v1.0.1", NULL}, false},
        {{"example.com/tool", "v1.0", NULL}, false},
        {{"example.com/Tool", NULL, NULL}, false},
        {{"example.com", NULL, NULL}, false},
        {{"example.com/*", NULL, NULL}, false},
    };
    struct box *box = *state;
    box_vote(box, &box_reproduced, 1, JANUARY);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct policy_source source = rows[i].source;
        box->policy.sources = &source;
        box->policy.source_count = 1;
        if (box_count(box) != (rows[i].met ? 1U : 0U) ||
            box_rule(box, "source")->met != rows[i].met) {
            fail_msg("row %zu", i);
        }
        assert_null(box->ballot.against);
    }
    box->policy.source_count = 0;
}

static void wants_the_platform_expected(void **state)
{
    struct box *box = *state;
    const char *items[] = {"darwin/arm64", "linux/arm64"};
    box->policy.platforms = (struct names){items, 2};
    box_vote(box, &box_reproduced, 1, JANUARY);
    box_expect_not_counted(box, "platform: linux/amd64");
    items[1] = "linux/amd64";
    assert_int_equal(box_count(box), 1);
}

static void wants_weaknesses_accepted(void **state)
{
    struct box *box = *state;
    const char *items[] = {"local-source"};
    box_vote(box, &(struct fixture_rebuild){.assumption = "local-source"}, 1, JANUARY);
    box_expect_not_counted(box, "proof: reproduced, local-source");
    box->policy.accepted = (struct names){items, 1};
    assert_int_equal(box_count(box), 1);
    items[0] = "local-sourc";
    assert_int_equal(box_count(box), 0);
}

static void wants_equivalences_accepted(void **state)
{
    struct box *box = *state;
    const char *items[] = {"code-signature"};
    struct fixture_rebuild equivalent = {.verdict = VERDICT_EQUIVALENT,
                                         .removed = "code-signature"};
    box_vote(box, &equivalent, 1, JANUARY);
    box_expect_not_counted(box, "proof: equivalent, code-signature");
    box->policy.accepted = (struct names){items, 1};
    assert_int_equal(box_count(box), 1);
    /* Equal but for nothing is not equal. */
    buffer_clear(&box->lines);
    equivalent.removed = NULL;
    box_vote(box, &equivalent, 1, JANUARY);
    assert_int_equal(box_count(box), 0);
}

static void forbids_findings(void **state)
{
    struct box *box = *state;
    const char *items[] = {"vcs-echoed"};
    box_vote(box, &box_reproduced, 1, JANUARY);
    box->policy.forbidden = (struct names){items, 1};
    box_expect_not_counted(box, "forbidden: vcs-echoed");
    items[0] = "replaced-module";
    assert_int_equal(box_count(box), 1);
    assert_string_equal(box_rule(box, "forbidden")->actual, "none");
}

static void wants_evidence_that_is_young_enough(void **state)
{
    struct box *box = *state;
    box_vote(box, &box_reproduced, 1, JANUARY);
    box->policy.maximal_age = 58 * DAY;
    box_expect_not_counted(box, "age: 59 days");
    box->policy.maximal_age = 59 * DAY;
    assert_int_equal(box_count(box), 1);
}

static void counts_only_votes_that_meet_all_rules(void **state)
{
    struct box *box = *state;
    box->policy.rebuilder_threshold = 2;
    box_vote(box, &box_reproduced, 1, JANUARY);
    box_vote(box, &(struct fixture_rebuild){.assumption = "unsandboxed"}, 2, JANUARY);
    assert_int_equal(box_count(box), 1);
    assert_false(box_rule(box, "proof")->met);
    box_vote(box, &box_reproduced, 3, JANUARY);
    assert_int_equal(box_count(box), 2);
    assert_true(box_rule(box, "proof")->met);
}

static void notices_older_versions_under_a_policy(void **state)
{
    struct box *box = *state;
    char folder[64];
    scratch_make(folder);
    box->replays = true;
    box_vote(box, &(struct fixture_rebuild){.version = "v1.10.0", .content = "artifact"}, 1,
             JANUARY);
    assert_int_equal(box_count(box), 1);
    assert_true(seen_note(folder, true, box->ballot.votes[0].attestation, NULL));
    assert_true(seen_open(folder, &box->seen, NULL));
    buffer_clear(&box->lines);
    box_vote(box, &(struct fixture_rebuild){.version = "v1.9.0"}, 1, FEBRUARY);
    assert_int_equal(box_count(box), 1);
    box->seen.versions = true;
    box_expect_not_counted(box, "v1.10.0 of that key was accepted before");
    seen_close(&box->seen);
    scratch_remove(folder);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, box_make, box_drop)
static const struct CMUnitTest tests[] = {
    CASE(bars_keys_out_of_their_time),
    CASE(lets_no_revoked_key_refute),
    CASE(refuses_the_future),
    CASE(wants_the_source_expected),
    CASE(wants_the_platform_expected),
    CASE(wants_weaknesses_accepted),
    CASE(wants_equivalences_accepted),
    CASE(forbids_findings),
    CASE(wants_evidence_that_is_young_enough),
    CASE(counts_only_votes_that_meet_all_rules),
    CASE(notices_older_versions_under_a_policy),
};

UNIT_MAIN(tests)

// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/attest/ballot_box.h"

#include "attest/dsse.h"
#include "attest/predicate.h"

const struct fixture_rebuild box_reproduced = {0};
const struct fixture_rebuild box_different = {.verdict = VERDICT_DIFFERENT, .not_accepted = true};

void box_trust_key(struct box *box, uint8_t number, const char *operator)
{
    struct signing_key *key = fixture_key(number);
    struct trusted_key trusted = {.public = *signing_key_public(key), .owner = operator};
    assert_true(parties_add(&box->policy.rebuilders, &trusted, operator, NULL));
    signing_key_free(&key);
}

int box_make(void **state)
{
    struct box *box = calloc(1, sizeof(*box));
    box->policy.rebuilders.trust = trust_empty(&box->arena);
    box->policy.rebuilder_threshold = 1;
    box->seen = (struct seen){.dir = -1};
    box_trust_key(box, 1, "a");
    box_trust_key(box, 2, "b");
    box_trust_key(box, 3, "c");
    buffer_init(&box->lines, 1 << 22);
    *state = box;
    return 0;
}

int box_drop(void **state)
{
    struct box *box = *state;
    buffer_free(&box->lines);
    arena_free(&box->arena);
    free(box);
    return 0;
}

void box_vote(struct box *box, const struct fixture_rebuild *wanted, uint8_t number,
              const char *time)
{
    buffer_append(&box->lines, fixture_verdict(wanted, number, time, &box->arena));
}

void box_vote_changed(struct box *box, const char *from, const char *to)
{
    const char *text = fixture_verdict_payload(&(struct fixture_rebuild){0}, JANUARY, &box->arena);
    text = fixture_replace(text, from, to, &box->arena);
    buffer_append(&box->lines,
                  fixture_envelope(bytes_from_string(text), ENVELOPE_STATEMENT, 1, &box->arena));
}

size_t box_count(struct box *box)
{
    struct attestation_reading reading = {
        .trust = &box->policy.rebuilders.trust, .now = NOW, .arena = &box->arena, .bound = true};
    struct sha256 digest = sha256_of(BYTES("artifact"));
    struct error err;
    box->evidence = (struct attestations){0};
    if (!attestations_read(&reading, buffer_view(&box->lines), "e.jsonl", &box->evidence, &err) ||
        !ballot_count(&box->policy, &box->evidence, &digest, "tool",
                      box->replays ? &box->seen : NULL, NOW, &box->arena, &box->ballot, &err)) {
        fail_msg("%s", err.message);
    }
    return box->ballot.counted;
}

const struct ballot_rule *box_rule(const struct box *box, const char *name)
{
    for (size_t i = 0; i < box->ballot.rule_count; i++) {
        if (strcmp(box->ballot.rules[i].name, name) == 0) {
            return &box->ballot.rules[i];
        }
    }
    fail_msg("no rule %s", name);
    return NULL;
}

void box_expect_not_counted(struct box *box, const char *reason)
{
    assert_int_equal(box_count(box), 0);
    assert_null(box->ballot.against);
    assert_int_equal(box->ballot.count, 1);
    if (strstr(box->ballot.votes[0].reason, reason) == NULL) {
        fail_msg("%s", box->ballot.votes[0].reason);
    }
}

void box_expect_against(struct box *box, const char *part)
{
    box_count(box);
    assert_non_null(box->ballot.against);
    if (strstr(box->ballot.against, part) == NULL) {
        fail_msg("%s", box->ballot.against);
    }
}

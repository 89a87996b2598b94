// SPDX-License-Identifier: Apache-2.0
#include "attest/ballot.h"

#include "attest/dsse.h"
#include "attest/predicate.h"
#include "tests/unit/attest/attest_fixture.h"

#define JANUARY "2026-01-01T00:00:00Z"
#define FEBRUARY "2026-02-01T00:00:00Z"
#define NOW 1772323200 /* 2026-03-01 */
#define DAY 86400

/* Rebuilders a, b, c with the keys 1, 2, 3; one of them is enough. */
struct box {
    struct arena arena;
    struct policy policy;
    struct buffer lines;
    struct attestations evidence;
    struct ballot ballot;
    struct seen seen;
    bool replays; /* look at SEEN */
};

static void trust_key(struct box *box, uint8_t number, const char *operator)
{
    struct signing_key *key = fixture_key(number);
    struct trusted_key trusted = {.public = *signing_key_public(key), .owner = operator};
    assert_true(parties_add(&box->policy.rebuilders, &trusted, operator, NULL));
    signing_key_free(&key);
}

static int make(void **state)
{
    struct box *box = calloc(1, sizeof(*box));
    box->policy.rebuilders.trust = trust_empty(&box->arena);
    box->policy.rebuilder_threshold = 1;
    box->seen = (struct seen){.dir = -1};
    trust_key(box, 1, "a");
    trust_key(box, 2, "b");
    trust_key(box, 3, "c");
    buffer_init(&box->lines, 1 << 22);
    *state = box;
    return 0;
}

static int drop(void **state)
{
    struct box *box = *state;
    buffer_free(&box->lines);
    arena_free(&box->arena);
    free(box);
    return 0;
}

static void vote(struct box *box, const struct fixture_rebuild *wanted, uint8_t number,
                 const char *time)
{
    buffer_append(&box->lines, fixture_verdict(wanted, number, time, &box->arena));
}

/* The vote of A with FROM replaced by TO in its statement: what only A itself could do. */
static void vote_changed(struct box *box, const char *from, const char *to)
{
    const char *text = fixture_verdict_payload(&(struct fixture_rebuild){0}, JANUARY, &box->arena);
    text = fixture_replace(text, from, to, &box->arena);
    buffer_append(&box->lines,
                  fixture_envelope(bytes_from_string(text), ENVELOPE_STATEMENT, 1, &box->arena));
}

/* How many rebuilders are for the file "artifact". */
static size_t count(struct box *box)
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

static const struct ballot_rule *rule(const struct box *box, const char *name)
{
    for (size_t i = 0; i < box->ballot.rule_count; i++) {
        if (strcmp(box->ballot.rules[i].name, name) == 0) {
            return &box->ballot.rules[i];
        }
    }
    fail_msg("no rule %s", name);
    return NULL;
}

static void expect_not_counted(struct box *box, const char *reason)
{
    assert_int_equal(count(box), 0);
    assert_null(box->ballot.against);
    assert_int_equal(box->ballot.count, 1);
    if (strstr(box->ballot.votes[0].reason, reason) == NULL) {
        fail_msg("%s", box->ballot.votes[0].reason);
    }
}

static void expect_against(struct box *box, const char *part)
{
    count(box);
    assert_non_null(box->ballot.against);
    if (strstr(box->ballot.against, part) == NULL) {
        fail_msg("%s", box->ballot.against);
    }
}

static const struct fixture_rebuild reproduced = {0};
static const struct fixture_rebuild different = {.verdict = VERDICT_DIFFERENT,
                                                 .not_accepted = true};

static void counts_rebuilders_once_each(void **state)
{
    struct box *box = *state;
    assert_int_equal(count(box), 0);
    vote(box, &reproduced, 1, JANUARY);
    assert_int_equal(count(box), 1);
    vote(box, &reproduced, 1, FEBRUARY);
    vote(box, &reproduced, 1, FEBRUARY);
    assert_int_equal(count(box), 1);
    vote(box, &reproduced, 2, JANUARY);
    assert_int_equal(count(box), 2);
    assert_string_equal(box->ballot.for_names, "a, b");
}

static void counts_two_keys_of_one_operator_once(void **state)
{
    struct box *box = *state;
    trust_key(box, 4, "a");
    vote(box, &reproduced, 1, JANUARY);
    vote(box, &reproduced, 4, JANUARY);
    assert_int_equal(count(box), 1);
}

static void has_no_key_for_two_operators(void **state)
{
    struct box *box = *state;
    struct signing_key *key = fixture_key(1);
    struct trusted_key trusted = {.public = *signing_key_public(key), .owner = "d"};
    struct error err;
    assert_fails(parties_add(&box->policy.rebuilders, &trusted, "d", &err), &err, ERROR_FORMAT,
                 "a and d have the same key");
    signing_key_free(&key);
}

/* Two signatures of one key, under other key ids, and the id of another trusted key. */
static void counts_keys_not_key_ids(void **state)
{
    struct box *box = *state;
    struct arena *arena = &box->arena;
    const char *line = arena_text(arena, fixture_verdict(&reproduced, 1, JANUARY, arena));
    const char *sig = strstr(line, "{\"keyid\":\"SHA256:");
    assert_non_null(sig);
    const char *value = strstr(sig, "\"sig\":");
    const char *text = arena_printf(arena, "%.*s{\"keyid\":\"x\", %.*s, %s", (int)(sig - line),
                                    line, (int)(strchr(value, '}') - value + 1), value, sig);
    buffer_string(&box->lines, text);
    assert_int_equal(count(box), 1);
    assert_string_equal(box->ballot.for_names, "a");
}

static void counts_each_signer_of_an_envelope(void **state)
{
    struct box *box = *state;
    struct arena *arena = &box->arena;
    const char *one = arena_text(arena, fixture_verdict(&reproduced, 1, JANUARY, arena));
    const char *two = arena_text(arena, fixture_verdict(&reproduced, 2, JANUARY, arena));
    const char *other = strstr(two, "{\"keyid\"");
    buffer_string(&box->lines,
                  fixture_replace(one, "\"signatures\":[",
                                  arena_printf(arena, "\"signatures\":[%.*s, ",
                                               (int)(strchr(other, '}') - other + 1), other),
                                  arena));
    assert_int_equal(count(box), 2);
}

static void counts_nobody_unknown(void **state)
{
    struct box *box = *state;
    vote(box, &reproduced, 9, JANUARY);
    vote(box, &different, 9, JANUARY);
    assert_int_equal(count(box), 0);
    assert_null(box->ballot.against);
    assert_null(box->ballot.other);
}

static void names_who_contradicts(void **state)
{
    struct box *box = *state;
    vote(box, &reproduced, 1, JANUARY);
    vote(box, &different, 2, JANUARY);
    expect_against(box, "b says different");
}

static void counts_unproven_for_nothing(void **state)
{
    struct box *box = *state;
    vote(box, &(struct fixture_rebuild){.unproven = true, .not_accepted = true}, 1, JANUARY);
    expect_not_counted(box, "unproven");
}

static void takes_everybody_at_the_last_word(void **state)
{
    struct box *box = *state;
    vote(box, &different, 1, JANUARY);
    vote(box, &reproduced, 1, FEBRUARY);
    assert_int_equal(count(box), 1);
    assert_null(box->ballot.against);
    vote(box, &different, 1, "2026-02-02T00:00:00Z");
    expect_against(box, "a says different");
    assert_int_equal(box->ballot.counted, 0);
}

static void tells_evidence_of_another_file(void **state)
{
    struct box *box = *state;
    vote(box, &(struct fixture_rebuild){.content = "other"}, 1, JANUARY);
    assert_int_equal(count(box), 0);
    assert_non_null(box->ballot.other);
    vote(box, &reproduced, 2, JANUARY);
    assert_int_equal(count(box), 1);
    assert_null(box->ballot.other);
}

/* In the evidence of a whole release, a file of another name is simply not there. */
static void tells_no_file_from_a_release(void **state)
{
    struct box *box = *state;
    struct attestation_reading reading = {
        .trust = &box->policy.rebuilders.trust, .now = NOW, .arena = &box->arena, .bound = true};
    struct attestations evidence = {0};
    struct sha256 digest = sha256_of(BYTES("something else"));
    struct ballot ballot;
    vote(box, &reproduced, 1, JANUARY);
    assert_true(attestations_read(&reading, buffer_view(&box->lines), "e.jsonl", &evidence, NULL));
    assert_true(ballot_count(&box->policy, &evidence, &digest, "README", NULL, NOW, &box->arena,
                             &ballot, NULL));
    assert_non_null(ballot.other);
    vote(box, &(struct fixture_rebuild){.content = "another"}, 1, JANUARY);
    evidence = (struct attestations){0};
    assert_true(attestations_read(&reading, buffer_view(&box->lines), "e.jsonl", &evidence, NULL));
    assert_true(ballot_count(&box->policy, &evidence, &digest, "README", NULL, NOW, &box->arena,
                             &ballot, NULL));
    assert_null(ballot.other);
    assert_true(ballot_count(&box->policy, &evidence, &digest, "tool", NULL, NOW, &box->arena,
                             &ballot, NULL));
    assert_non_null(ballot.other);
}

/* The package around a file is not that file, nor is it a forgery of it. */
static void tells_evidence_of_what_is_inside(void **state)
{
    struct box *box = *state;
    struct sha256 digest = sha256_of(BYTES("artifact"));
    char hex[SHA256_HEX_LEN + 1];
    sha256_hex(&digest, hex);
    const char *text = fixture_verdict_payload(&(struct fixture_rebuild){.content = "member"},
                                               JANUARY, &box->arena);
    text = fixture_replace(text, "\"container\":null",
                           arena_printf(&box->arena,
                                        "\"container\":{\"name\":\"p.whl\",\"sha256\":\"%s\","
                                        "\"purl\":null}",
                                        hex),
                           &box->arena);
    buffer_append(&box->lines,
                  fixture_envelope(bytes_from_string(text), ENVELOPE_STATEMENT, 1, &box->arena));
    assert_int_equal(count(box), 0);
    assert_null(box->ballot.other);
    assert_non_null(box->ballot.inside);
    assert_string_equal(box->ballot.inside->claim.name, "tool");
}

/* A statement that says two things of one file: mixed, whoever signed it. */
static void refutes_what_contradicts_itself(void **state)
{
    static const struct {
        const char *from, *to, *part;
    } rows[] = {
        {"\"annotations\":{\"platform\":\"linux/amd64\"}",
         "\"annotations\":{\"platform\":\"darwin/arm64\"}", "darwin/arm64"},
        {"[{\"name\":\"tool\"", "[{\"name\":\"other\"", "other"},
        {"\"uri\":\"pkg:golang/example.com/tool@v1.0.0",
         "\"uri\":\"pkg:golang/example.com/tool@v2.0.0", "v2.0.0"},
        {"\"verdict\":\"reproduced\"", "\"verdict\":\"equivalent\"", "equivalent"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct box *box = *state;
        buffer_clear(&box->lines);
        vote_changed(box, rows[i].from, rows[i].to);
        box->ballot = (struct ballot){0};
        expect_against(box, rows[i].part);
    }
}

static void refutes_two_sources_of_the_same_bytes(void **state)
{
    struct box *box = *state;
    vote(box, &reproduced, 1, JANUARY);
    vote(box, &(struct fixture_rebuild){.version = "v1.0.1"}, 2, JANUARY);
    expect_against(box, "a says example.com/tool@v1.0.0 for linux/amd64, b says "
                        "example.com/tool@v1.0.1 for linux/amd64");
}

static void counts_nothing_malformed(void **state)
{
    static const struct {
        const char *from, *to;
    } rows[] = {
        {"\"verdict\":\"reproduced\"", "\"verdict\":\"splendid\""},
        {"\"verdict\":\"reproduced\"", "\"verdict\":\"reproduced\",\"verdict\":\"reproduced\""},
        {"\"issued\":\"2026", "\"issued\":\"26"},
        {"\"accepted\":true", "\"accepted\":1"},
        {"\"assumptions\":[", "\"assumptions\":[7, "},
        {"\"predicateType\"", "\"predicatetype\""},
        {"https://in-toto.io/Statement/v1", "https://in-toto.io/Statement/v7"},
        {"https://reproof.dev/verdict/v1", "https://reproof.dev/verdict/v2"},
        {"\"sha256\":", "\"sha512\":"},
        {"\"sha256\":", "\"SHA256\":"},
        {"{\"_type\"", "Verified OK {\"_type\""},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct box *box = *state;
        buffer_clear(&box->lines);
        vote_changed(box, rows[i].from, rows[i].to);
        if (count(box) != 0 || box->ballot.against != NULL || box->ballot.other != NULL) {
            fail_msg("%s", rows[i].to);
        }
        vote(box, &reproduced, 2, JANUARY);
        assert_int_equal(count(box), 1);
    }
}

static void counts_no_other_payload(void **state)
{
    struct box *box = *state;
    const char *text = fixture_verdict_payload(&reproduced, JANUARY, &box->arena);
    buffer_append(&box->lines,
                  fixture_envelope(bytes_from_string(text), "application/json", 1, &box->arena));
    assert_int_equal(count(box), 0);
    assert_int_equal(box->evidence.items[0].standing, ATTESTATION_UNUSABLE);
    assert_int_equal(box->evidence.items[0].reason.code, ERROR_UNSUPPORTED);
}

static void passes_over_lines_that_are_nothing(void **state)
{
    struct box *box = *state;
    buffer_string(&box->lines, "\n{}\nnonsense\n[1,2]\n");
    vote(box, &reproduced, 1, JANUARY);
    buffer_string(&box->lines, "{\"payload\":");
    assert_int_equal(count(box), 1);
}

static void bars_keys_out_of_their_time(void **state)
{
    struct box *box = *state;
    struct trusted_key *key = &box->policy.rebuilders.trust.keys[0];
    vote(box, &reproduced, 1, JANUARY);
    key->revoked = true;
    expect_not_counted(box, "revoked");
    key->revoked = false;
    key->until = NOW;
    expect_not_counted(box, "valid until 1772323200, the clock says 1772323200");
    key->until = 0;
    key->from = NOW + 1;
    expect_not_counted(box, "valid from 1772323201");
    key->from = 0;
    key->namespaces = "file";
    expect_not_counted(box, "not trusted to attest");
    key->namespaces = "file,attestation";
    assert_int_equal(count(box), 1);
}

/* A revoked key's "different" counts no more than its "reproduced". */
static void lets_no_revoked_key_refute(void **state)
{
    struct box *box = *state;
    box->policy.rebuilders.trust.keys[1].revoked = true;
    vote(box, &reproduced, 1, JANUARY);
    vote(box, &different, 2, FEBRUARY);
    assert_int_equal(count(box), 1);
    assert_null(box->ballot.against);
}

static void refuses_the_future(void **state)
{
    struct box *box = *state;
    vote(box, &reproduced, 1, "2026-03-01T00:05:01Z");
    expect_not_counted(box, "from the future");
    buffer_clear(&box->lines);
    vote(box, &reproduced, 1, "2026-03-01T00:05:00Z");
    assert_int_equal(count(box), 1);
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
    vote(box, &reproduced, 1, JANUARY);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct policy_source source = rows[i].source;
        box->policy.sources = &source;
        box->policy.source_count = 1;
        if (count(box) != (rows[i].met ? 1U : 0U) || rule(box, "source")->met != rows[i].met) {
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
    vote(box, &reproduced, 1, JANUARY);
    expect_not_counted(box, "platform: linux/amd64");
    items[1] = "linux/amd64";
    assert_int_equal(count(box), 1);
}

static void wants_weaknesses_accepted(void **state)
{
    struct box *box = *state;
    const char *items[] = {"local-source"};
    vote(box, &(struct fixture_rebuild){.assumption = "local-source"}, 1, JANUARY);
    expect_not_counted(box, "proof: reproduced, local-source");
    box->policy.accepted = (struct names){items, 1};
    assert_int_equal(count(box), 1);
    items[0] = "local-sourc";
    assert_int_equal(count(box), 0);
}

static void wants_equivalences_accepted(void **state)
{
    struct box *box = *state;
    const char *items[] = {"code-signature"};
    struct fixture_rebuild equivalent = {.verdict = VERDICT_EQUIVALENT,
                                         .removed = "code-signature"};
    vote(box, &equivalent, 1, JANUARY);
    expect_not_counted(box, "proof: equivalent, code-signature");
    box->policy.accepted = (struct names){items, 1};
    assert_int_equal(count(box), 1);
    /* Equal but for nothing is not equal. */
    buffer_clear(&box->lines);
    equivalent.removed = NULL;
    vote(box, &equivalent, 1, JANUARY);
    assert_int_equal(count(box), 0);
}

static void forbids_findings(void **state)
{
    struct box *box = *state;
    const char *items[] = {"vcs-echoed"};
    vote(box, &reproduced, 1, JANUARY);
    box->policy.forbidden = (struct names){items, 1};
    expect_not_counted(box, "forbidden: vcs-echoed");
    items[0] = "replaced-module";
    assert_int_equal(count(box), 1);
    assert_string_equal(rule(box, "forbidden")->actual, "none");
}

static void wants_evidence_that_is_young_enough(void **state)
{
    struct box *box = *state;
    vote(box, &reproduced, 1, JANUARY);
    box->policy.maximal_age = 58 * DAY;
    expect_not_counted(box, "age: 59 days");
    box->policy.maximal_age = 59 * DAY;
    assert_int_equal(count(box), 1);
}

static void counts_only_votes_that_meet_all_rules(void **state)
{
    struct box *box = *state;
    box->policy.rebuilder_threshold = 2;
    vote(box, &reproduced, 1, JANUARY);
    vote(box, &(struct fixture_rebuild){.assumption = "unsandboxed"}, 2, JANUARY);
    assert_int_equal(count(box), 1);
    assert_false(rule(box, "proof")->met);
    vote(box, &reproduced, 3, JANUARY);
    assert_int_equal(count(box), 2);
    assert_true(rule(box, "proof")->met);
}

static void notices_replays(void **state)
{
    struct box *box = *state;
    char folder[64];
    scratch_make(folder);
    box->replays = true;
    vote(box, &reproduced, 1, FEBRUARY);
    assert_int_equal(count(box), 1);
    assert_true(seen_note(folder, true, box->ballot.votes[0].attestation, NULL));
    assert_true(seen_open(folder, &box->seen, NULL));
    assert_int_equal(count(box), 1);
    buffer_clear(&box->lines);
    vote(box, &reproduced, 1, JANUARY);
    expect_not_counted(box, "a newer statement of that key was accepted before");
    /* What was noted stays, whatever older is noted after it. */
    assert_true(seen_note(folder, true, box->ballot.votes[0].attestation, NULL));
    expect_not_counted(box, "a newer statement of that key was accepted before");
    /* Another key's word was not heard yet. */
    vote(box, &reproduced, 2, JANUARY);
    assert_int_equal(count(box), 1);
    seen_close(&box->seen);
    scratch_remove(folder);
}

static void notices_older_versions_under_a_policy(void **state)
{
    struct box *box = *state;
    char folder[64];
    scratch_make(folder);
    box->replays = true;
    vote(box, &(struct fixture_rebuild){.version = "v1.10.0", .content = "artifact"}, 1, JANUARY);
    assert_int_equal(count(box), 1);
    assert_true(seen_note(folder, true, box->ballot.votes[0].attestation, NULL));
    assert_true(seen_open(folder, &box->seen, NULL));
    buffer_clear(&box->lines);
    vote(box, &(struct fixture_rebuild){.version = "v1.9.0"}, 1, FEBRUARY);
    assert_int_equal(count(box), 1);
    box->seen.versions = true;
    expect_not_counted(box, "v1.10.0 of that key was accepted before");
    seen_close(&box->seen);
    scratch_remove(folder);
}

static void lets_a_failed_summary_refute(void **state)
{
    struct box *box = *state;
    struct record record;
    struct buffer out;
    fixture_record(&different, &box->arena, &record);
    struct predicate_context context = {&record, &record.subjects[0], "https://example.com/r",
                                        JANUARY};
    buffer_init(&out, 1 << 20);
    vsa_write(&context, &(struct vsa_request){.form = VSA_COMPATIBLE}, &out);
    buffer_append(&box->lines,
                  fixture_envelope(buffer_view(&out), ENVELOPE_STATEMENT, 2, &box->arena));
    vote(box, &reproduced, 1, JANUARY);
    expect_against(box, "b says different");
    buffer_free(&out);
    record_free(&record);
}

static struct sbom_finding find_sbom(struct box *box, const char *of)
{
    struct record record;
    struct buffer out;
    struct sbom_finding finding;
    char hex[SHA256_HEX_LEN + 1];
    struct sha256 named = sha256_of(BYTES("artifact")), digest = named;
    fixture_record(&reproduced, &box->arena, &record);
    struct predicate_context context = {&record, &record.subjects[0], "https://example.com/r",
                                        JANUARY};
    sha256_hex(&named, hex);
    const char *text = arena_printf(
        &box->arena,
        "{\"spdxVersion\": \"SPDX-2.3\", \"packages\": [{\"checksums\": [{\"algorithm\": "
        "\"SHA256\", \"checksumValue\": \"%s\"}]}]}",
        hex);
    struct error err;
    buffer_init(&out, 1 << 20);
    if (!spdx_write(&context, bytes_from_string(text), &out, &err)) {
        fail_msg("%s", err.message);
    }
    sha256_hex(&(struct sha256){0}, hex);
    text = arena_string(&box->arena, buffer_cstring(&out));
    if (of != NULL) {
        text = fixture_replace(text, "\"checksumValue\": \"", of, &box->arena);
    }
    buffer_append(&box->lines,
                  fixture_envelope(bytes_from_string(text), ENVELOPE_STATEMENT, 1, &box->arena));
    count(box);
    ballot_find_sbom(&box->policy, &box->evidence, &digest, &box->arena, &finding);
    buffer_free(&out);
    record_free(&record);
    return finding;
}

static void finds_the_sbom_of_the_file(void **state)
{
    struct sbom_finding finding = find_sbom(*state, NULL);
    assert_non_null(finding.good);
    assert_null(finding.against);
}

static void refutes_the_sbom_of_another_file(void **state)
{
    struct sbom_finding finding = find_sbom(*state, "\"checksumValue\": \"00");
    assert_null(finding.good);
    assert_non_null(strstr(finding.against, "the SBOM that a attests is of another file"));
}

/* Whatever bit of the evidence is turned: the vote is not counted, or says exactly the same; and
 * never is it one for other bytes. */
static void believes_no_flipped_bit(void **state)
{
    struct box *box = *state;
    struct bytes line = fixture_verdict(&reproduced, 1, JANUARY, &box->arena);
    struct sha256 other = sha256_of(BYTES("other"));
    size_t refused = 0;
    uint8_t *changed = ARENA_ARRAY(&box->arena, line.len, uint8_t);
    for (size_t bit = 0; bit < 8 * line.len; bit += 3) {
        struct arena arena = {0};
        struct attestation_reading reading = {
            .trust = &box->policy.rebuilders.trust, .now = NOW, .arena = &arena, .bound = true};
        struct attestations evidence = {0};
        struct ballot ballot;
        struct sha256 digest = sha256_of(BYTES("artifact"));
        memcpy(changed, line.data, line.len);
        changed[bit / 8] ^= (uint8_t)(1 << bit % 8);
        assert_true(
            attestations_read(&reading, bytes_from(changed, line.len), "e.jsonl", &evidence, NULL));
        assert_true(ballot_count(&box->policy, &evidence, &other, "tool", NULL, NOW, &arena,
                                 &ballot, NULL));
        assert_int_equal(ballot.counted, 0);
        assert_true(ballot_count(&box->policy, &evidence, &digest, "tool", NULL, NOW, &arena,
                                 &ballot, NULL));
        refused += ballot.counted == 0 ? 1 : 0;
        if (ballot.counted > 0) {
            assert_string_equal(ballot.votes[0].attestation->claim.version, "v1.0.0");
        }
        arena_free(&arena);
    }
    assert_true(refused > line.len);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, make, drop)

static const struct CMUnitTest tests[] = {
    CASE(counts_rebuilders_once_each),
    CASE(counts_two_keys_of_one_operator_once),
    CASE(has_no_key_for_two_operators),
    CASE(counts_keys_not_key_ids),
    CASE(counts_each_signer_of_an_envelope),
    CASE(counts_nobody_unknown),
    CASE(names_who_contradicts),
    CASE(counts_unproven_for_nothing),
    CASE(takes_everybody_at_the_last_word),
    CASE(tells_evidence_of_another_file),
    CASE(tells_no_file_from_a_release),
    CASE(tells_evidence_of_what_is_inside),
    CASE(refutes_what_contradicts_itself),
    CASE(refutes_two_sources_of_the_same_bytes),
    CASE(counts_nothing_malformed),
    CASE(counts_no_other_payload),
    CASE(passes_over_lines_that_are_nothing),
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
    CASE(notices_replays),
    CASE(notices_older_versions_under_a_policy),
    CASE(lets_a_failed_summary_refute),
    CASE(finds_the_sbom_of_the_file),
    CASE(refutes_the_sbom_of_another_file),
    CASE(believes_no_flipped_bit),
};

UNIT_MAIN(tests)

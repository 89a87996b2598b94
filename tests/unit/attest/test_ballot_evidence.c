// SPDX-License-Identifier: Apache-2.0
/* Evidence of other files, that is malformed, or in which a bit was flipped, counts for nothing. */
#include "attest/dsse.h"
#include "attest/predicate.h"
#include "tests/unit/attest/ballot_box.h"

static void tells_evidence_of_another_file(void **state)
{
    struct box *box = *state;
    box_vote(box, &(struct fixture_rebuild){.content = "other"}, 1, JANUARY);
    assert_int_equal(box_count(box), 0);
    assert_non_null(box->ballot.other);
    box_vote(box, &box_reproduced, 2, JANUARY);
    assert_int_equal(box_count(box), 1);
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
    box_vote(box, &box_reproduced, 1, JANUARY);
    assert_true(attestations_read(&reading, buffer_view(&box->lines), "e.jsonl", &evidence, NULL));
    assert_true(ballot_count(&box->policy, &evidence, &digest, "README", NULL, NOW, &box->arena,
                             &ballot, NULL));
    assert_non_null(ballot.other);
    box_vote(box, &(struct fixture_rebuild){.content = "another"}, 1, JANUARY);
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
    assert_int_equal(box_count(box), 0);
    assert_null(box->ballot.other);
    assert_non_null(box->ballot.inside);
    assert_string_equal(box->ballot.inside->claim.name, "tool");
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
        box_vote_changed(box, rows[i].from, rows[i].to);
        if (box_count(box) != 0 || box->ballot.against != NULL || box->ballot.other != NULL) {
            fail_msg("%s", rows[i].to);
        }
        box_vote(box, &box_reproduced, 2, JANUARY);
        assert_int_equal(box_count(box), 1);
    }
}

static void counts_no_other_payload(void **state)
{
    struct box *box = *state;
    const char *text = fixture_verdict_payload(&box_reproduced, JANUARY, &box->arena);
    buffer_append(&box->lines,
                  fixture_envelope(bytes_from_string(text), "application/json", 1, &box->arena));
    assert_int_equal(box_count(box), 0);
    assert_int_equal(box->evidence.items[0].standing, ATTESTATION_UNUSABLE);
    assert_int_equal(box->evidence.items[0].reason.code, ERROR_UNSUPPORTED);
}

static void passes_over_lines_that_are_nothing(void **state)
{
    struct box *box = *state;
    buffer_string(&box->lines, "\n{}\nnonsense\n[1,2]\n");
    box_vote(box, &box_reproduced, 1, JANUARY);
    buffer_string(&box->lines, "{\"payload\":");
    assert_int_equal(box_count(box), 1);
}

static struct sbom_finding find_sbom(struct box *box, const char *of)
{
    struct record record;
    struct buffer out;
    struct sbom_finding finding;
    char hex[SHA256_HEX_LEN + 1];
    struct sha256 named = sha256_of(BYTES("artifact")), digest = named;
    fixture_record(&box_reproduced, &box->arena, &record);
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
    box_count(box);
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
    struct bytes line = fixture_verdict(&box_reproduced, 1, JANUARY, &box->arena);
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

#define CASE(name) cmocka_unit_test_setup_teardown(name, box_make, box_drop)
static const struct CMUnitTest tests[] = {
    CASE(tells_evidence_of_another_file),   CASE(tells_no_file_from_a_release),
    CASE(tells_evidence_of_what_is_inside), CASE(counts_nothing_malformed),
    CASE(counts_no_other_payload),          CASE(passes_over_lines_that_are_nothing),
    CASE(finds_the_sbom_of_the_file),       CASE(refutes_the_sbom_of_another_file),
    CASE(believes_no_flipped_bit),
};

UNIT_MAIN(tests)

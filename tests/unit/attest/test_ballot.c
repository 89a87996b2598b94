// SPDX-License-Identifier: Apache-2.0
/* Who is counted for a file, once each, and who is against it. */
#include "attest/dsse.h"
#include "attest/predicate.h"
#include "tests/unit/attest/ballot_box.h"

static void counts_rebuilders_once_each(void **state)
{
    struct box *box = *state;
    assert_int_equal(box_count(box), 0);
    box_vote(box, &box_reproduced, 1, JANUARY);
    assert_int_equal(box_count(box), 1);
    box_vote(box, &box_reproduced, 1, FEBRUARY);
    box_vote(box, &box_reproduced, 1, FEBRUARY);
    assert_int_equal(box_count(box), 1);
    box_vote(box, &box_reproduced, 2, JANUARY);
    assert_int_equal(box_count(box), 2);
    assert_string_equal(box->ballot.for_names, "a, b");
}

static void counts_two_keys_of_one_operator_once(void **state)
{
    struct box *box = *state;
    box_trust_key(box, 4, "a");
    box_vote(box, &box_reproduced, 1, JANUARY);
    box_vote(box, &box_reproduced, 4, JANUARY);
    assert_int_equal(box_count(box), 1);
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
    const char *line = arena_text(arena, fixture_verdict(&box_reproduced, 1, JANUARY, arena));
    const char *sig = strstr(line, "{\"keyid\":\"SHA256:");
    assert_non_null(sig);
    const char *value = strstr(sig, "\"sig\":");
    const char *text = arena_printf(arena, "%.*s{\"keyid\":\"x\", %.*s, %s", (int)(sig - line),
                                    line, (int)(strchr(value, '}') - value + 1), value, sig);
    buffer_string(&box->lines, text);
    assert_int_equal(box_count(box), 1);
    assert_string_equal(box->ballot.for_names, "a");
}

static void counts_each_signer_of_an_envelope(void **state)
{
    struct box *box = *state;
    struct arena *arena = &box->arena;
    const char *one = arena_text(arena, fixture_verdict(&box_reproduced, 1, JANUARY, arena));
    const char *two = arena_text(arena, fixture_verdict(&box_reproduced, 2, JANUARY, arena));
    const char *other = strstr(two, "{\"keyid\"");
    buffer_string(&box->lines,
                  fixture_replace(one, "\"signatures\":[",
                                  arena_printf(arena, "\"signatures\":[%.*s, ",
                                               (int)(strchr(other, '}') - other + 1), other),
                                  arena));
    assert_int_equal(box_count(box), 2);
}

static void counts_nobody_unknown(void **state)
{
    struct box *box = *state;
    box_vote(box, &box_reproduced, 9, JANUARY);
    box_vote(box, &box_different, 9, JANUARY);
    assert_int_equal(box_count(box), 0);
    assert_null(box->ballot.against);
    assert_null(box->ballot.other);
}

static void names_who_contradicts(void **state)
{
    struct box *box = *state;
    box_vote(box, &box_reproduced, 1, JANUARY);
    box_vote(box, &box_different, 2, JANUARY);
    box_expect_against(box, "b says different");
}

static void counts_unproven_for_nothing(void **state)
{
    struct box *box = *state;
    box_vote(box, &(struct fixture_rebuild){.unproven = true, .not_accepted = true}, 1, JANUARY);
    box_expect_not_counted(box, "unproven");
}

static void takes_everybody_at_the_last_word(void **state)
{
    struct box *box = *state;
    box_vote(box, &box_different, 1, JANUARY);
    box_vote(box, &box_reproduced, 1, FEBRUARY);
    assert_int_equal(box_count(box), 1);
    assert_null(box->ballot.against);
    box_vote(box, &box_different, 1, "2026-02-02T00:00:00Z");
    box_expect_against(box, "a says different");
    assert_int_equal(box->ballot.counted, 0);
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
        box_vote_changed(box, rows[i].from, rows[i].to);
        box->ballot = (struct ballot){0};
        box_expect_against(box, rows[i].part);
    }
}

static void refutes_two_sources_of_the_same_bytes(void **state)
{
    struct box *box = *state;
    box_vote(box, &box_reproduced, 1, JANUARY);
    box_vote(box, &(struct fixture_rebuild){.version = "v1.0.1"}, 2, JANUARY);
    box_expect_against(box, "a says example.com/tool@v1.0.0 for linux/amd64, b says "
                            "example.com/tool@v1.0.1 for linux/amd64");
}

static void notices_replays(void **state)
{
    struct box *box = *state;
    char folder[64];
    scratch_make(folder);
    box->replays = true;
    box_vote(box, &box_reproduced, 1, FEBRUARY);
    assert_int_equal(box_count(box), 1);
    assert_true(seen_note(folder, true, box->ballot.votes[0].attestation, NULL));
    assert_true(seen_open(folder, &box->seen, NULL));
    assert_int_equal(box_count(box), 1);
    buffer_clear(&box->lines);
    box_vote(box, &box_reproduced, 1, JANUARY);
    box_expect_not_counted(box, "a newer statement of that key was accepted before");
    /* What was noted stays, whatever older is noted after it. */
    assert_true(seen_note(folder, true, box->ballot.votes[0].attestation, NULL));
    box_expect_not_counted(box, "a newer statement of that key was accepted before");
    /* Another key's word was not heard yet. */
    box_vote(box, &box_reproduced, 2, JANUARY);
    assert_int_equal(box_count(box), 1);
    seen_close(&box->seen);
    scratch_remove(folder);
}

static void lets_a_failed_summary_refute(void **state)
{
    struct box *box = *state;
    struct record record;
    struct buffer out;
    fixture_record(&box_different, &box->arena, &record);
    struct predicate_context context = {&record, &record.subjects[0], "https://example.com/r",
                                        JANUARY};
    buffer_init(&out, 1 << 20);
    vsa_write(&context, &(struct vsa_request){.form = VSA_COMPATIBLE}, &out);
    buffer_append(&box->lines,
                  fixture_envelope(buffer_view(&out), ENVELOPE_STATEMENT, 2, &box->arena));
    box_vote(box, &box_reproduced, 1, JANUARY);
    box_expect_against(box, "b says different");
    buffer_free(&out);
    record_free(&record);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, box_make, box_drop)
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
    CASE(refutes_what_contradicts_itself),
    CASE(refutes_two_sources_of_the_same_bytes),
    CASE(lets_a_failed_summary_refute),
    CASE(notices_replays),
};

UNIT_MAIN(tests)

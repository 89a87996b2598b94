// SPDX-License-Identifier: Apache-2.0
#include "attest/predicate.h"
#include "attest/publication.h"
#include "tests/unit/attest/attest_fixture.h"

struct made {
    struct arena arena;
    struct record record;
    struct predicate_context context;
    struct buffer out;
    struct statement statement;
};

static void begin(struct made *made, const struct fixture_rebuild *wanted)
{
    *made = (struct made){0};
    fixture_record(wanted, &made->arena, &made->record);
    made->context =
        (struct predicate_context){&made->record, &made->record.subjects[0],
                                   "https://example.com/rebuilder", "2026-01-01T00:00:00Z"};
    buffer_init(&made->out, 1 << 20);
}

static const struct cJSON *parse(struct made *made, const char *type)
{
    struct error err;
    if (!statement_read(buffer_view(&made->out), &made->arena, &made->statement, &err)) {
        fail_msg("%s", err.message);
    }
    assert_string_equal(made->statement.predicate_type, type);
    return made->statement.predicate;
}

static void end(struct made *made)
{
    statement_free(&made->statement);
    record_free(&made->record);
    buffer_free(&made->out);
    arena_free(&made->arena);
}

static void verdict_says_all_of_it(void **state)
{
    static const char *const names[] = {
        "verdict",       "accepted",     "artifact",          "reason",           "removed",
        "assumptions",   "rebuilt",      "build_id",          "first_difference", "source",
        "toolchain",     "dependencies", "checksum_database", "claims",           "recipe",
        "recipe_digest", "inferred",     "sandbox",           "rebuilder",        "issued"};
    (void)state;
    struct made made;
    begin(&made, &(struct fixture_rebuild){0});
    verdict_write(&made.context, &made.out);
    const struct cJSON *predicate = parse(&made, "https://reproof.dev/verdict/v1");
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        if (json_member(predicate, names[i]) == NULL) {
            fail_msg("no %s", names[i]);
        }
    }
    assert_true(statement_is_about(&made.statement, &made.record.subjects[0].sha256));
    assert_string_equal(json_member_string(json_member(predicate, "artifact"), "platform"),
                        "linux/amd64");
    end(&made);
}

static void provenance_is_of_our_own_file(void **state)
{
    (void)state;
    struct made made;
    begin(&made, &(struct fixture_rebuild){.verdict = VERDICT_DIFFERENT, .not_accepted = true});
    provenance_write(&made.context, &made.out);
    const struct cJSON *predicate = parse(&made, PREDICATE_PROVENANCE);
    struct sha256 ours = sha256_of(BYTES("another"));
    assert_true(statement_is_about(&made.statement, &ours));
    assert_false(statement_is_about(&made.statement, &made.record.subjects[0].sha256));
    const struct cJSON *source =
        json_first(json_member(json_member(predicate, "buildDefinition"), "resolvedDependencies"));
    assert_string_equal(json_member_string(source, "uri"), "pkg:golang/example.com/tool@v1.0.0");
    assert_string_equal(json_member_string(json_member(source, "digest"), "dirHash"),
                        "6d79214163470acd0a6440a117c8584ba142f93d8df665192db42ff5b95d8ad2");
    assert_non_null(json_member_string(json_member(source, "digest"), "sha256"));
    end(&made);
}

static const char *first_level(struct made *made, enum vsa_form form,
                               const struct vsa_platform *platforms, size_t count)
{
    struct vsa_request request = {.form = form, .platforms = platforms, .platform_count = count};
    vsa_write(&made->context, &request, &made->out);
    const struct cJSON *predicate = parse(made, PREDICATE_VSA);
    return json_get_string(json_first(json_member(predicate, "verifiedLevels")));
}

static void says_slsa_reproduced_only_of_two_independent_platforms(void **state)
{
    static const struct vsa_platform all[] = {
        {{{1}}, "a"}, {{{2}}, "b"}, {{{1}}, "b"}, {{{2}}, "a"}};
    static const struct {
        size_t first, count;
        bool reproduced;
    } rows[] = {{0, 0, false}, {0, 1, false}, {0, 2, true}, {1, 2, false}, {2, 2, true}};
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct made made;
        begin(&made, &(struct fixture_rebuild){0});
        assert_int_equal(vsa_is_reproduced(all + rows[i].first, rows[i].count), rows[i].reproduced);
        assert_string_equal(first_level(&made, VSA_STRICT, all + rows[i].first, rows[i].count),
                            rows[i].reproduced ? "SLSA_BUILD_REPRODUCED"
                                               : "SLSA_BUILD_LEVEL_UNEVALUATED");
        end(&made);
    }
}

static void says_no_slsa_word_in_the_compatible_form(void **state)
{
    static const struct vsa_platform two[] = {{{{1}}, "a"}, {{{2}}, "b"}};
    (void)state;
    struct made made;
    begin(&made, &(struct fixture_rebuild){0});
    assert_string_equal(first_level(&made, VSA_COMPATIBLE, two, 2), "REPROOF_REBUILT_BIT_FOR_BIT");
    assert_string_equal(json_member_string(made.statement.predicate, "verificationResult"),
                        "PASSED");
    assert_null(strstr(buffer_cstring(&made.out), "SLSA_"));
    end(&made);
}

/* One platform, or an equivalence, is never SLSA's "reproduced", whoever vouches. */
static void says_equivalent_of_what_is_equivalent(void **state)
{
    static const struct vsa_platform two[] = {{{{1}}, "a"}, {{{2}}, "b"}};
    (void)state;
    struct made made;
    begin(&made, &(struct fixture_rebuild){.verdict = VERDICT_EQUIVALENT});
    first_level(&made, VSA_STRICT, two, 2);
    assert_null(strstr(buffer_cstring(&made.out), "SLSA_BUILD_REPRODUCED"));
    assert_null(strstr(buffer_cstring(&made.out), "BIT_FOR_BIT"));
    end(&made);
}

static void summary_of_a_difference_is_failed(void **state)
{
    (void)state;
    struct made made;
    begin(&made, &(struct fixture_rebuild){.verdict = VERDICT_DIFFERENT, .not_accepted = true});
    assert_true(vsa_applies(made.context.subject));
    assert_string_equal(first_level(&made, VSA_COMPATIBLE, NULL, 0), "FAILED");
    assert_string_equal(json_member_string(made.statement.predicate, "verificationResult"),
                        "FAILED");
    end(&made);
}

static void summarises_nothing_that_is_undecided(void **state)
{
    (void)state;
    struct made made;
    begin(&made, &(struct fixture_rebuild){.unproven = true, .not_accepted = true});
    assert_false(vsa_applies(made.context.subject));
    end(&made);
    begin(&made, &(struct fixture_rebuild){.not_accepted = true});
    assert_false(vsa_applies(made.context.subject));
    end(&made);
}

static void refuses_the_sbom_of_another_file(void **state)
{
    static const char format[] =
        "{\"spdxVersion\":\"SPDX-2.3\",\"files\":[{\"checksums\":[{\"algorithm\":\"SHA256\","
        "\"checksumValue\":\"%s\"}]}]}";
    (void)state;
    struct made made;
    struct error err;
    struct sha256 other = sha256_of(BYTES("other"));
    char hex[SHA256_HEX_LEN + 1];
    begin(&made, &(struct fixture_rebuild){0});
    sha256_hex(&other, hex);
    const char *text = arena_printf(&made.arena, format, hex);
    assert_fails(spdx_write(&made.context, bytes_from_string(text), &made.out, &err), &err,
                 ERROR_MISMATCH, "another file");
    assert_fails(spdx_write(&made.context, BYTES("{}"), &made.out, &err), &err, ERROR_UNSUPPORTED,
                 "SPDX");
    assert_int_equal(made.out.len, 0);
    sha256_hex(&made.record.subjects[0].sha256, hex);
    text = arena_printf(&made.arena, format, hex);
    assert_true(spdx_write(&made.context, bytes_from_string(text), &made.out, &err));
    parse(&made, PREDICATE_SPDX2);
    end(&made);
}

static void sees_secrets(void **state)
{
    static const struct {
        const char *name, *value;
        bool secret;
    } rows[] = {
        {"main.version", "v1.2.3", false},
        {"main.commit", "75f99ff3a3f0c75d21d918756fa38de8b5d3429e", false},
        {"main.date", "2026-01-01T00:00:00Z", false},
        {"main.url", "https://example.com/path@v1", false},
        {"main.pkg", "github.com/Example/Project/v2/internal", false},
        {"main.apiToken", "x", true},
        {"main.Password", "hunter2", true},
        {"main.token", "", false},
        {"main.a", "ghp_0123", true},
        {"main.a", "AKIAIOSFODNN7EXAMPLE", true},
        {"main.a", "https://user:pass@example.com/", true},
        {"main.a", "wJalrXUtnFEMIK7MDENGbPxRfiCYEXAMPLEKEY12", true},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        if ((publication_secret(rows[i].name, rows[i].value) != NULL) != rows[i].secret) {
            fail_msg("%s=%s", rows[i].name, rows[i].value);
        }
    }
}

static void lists_what_becomes_public(void **state)
{
    (void)state;
    struct made made;
    struct publication *items;
    size_t count;
    begin(&made, &(struct fixture_rebuild){.ldflag = "-X=main.token=abc"});
    publication_list(made.context.subject, &made.arena, &items, &count);
    assert_int_equal(count, 1);
    assert_string_equal(items[0].name, "main.token");
    assert_string_equal(items[0].value, "abc");
    assert_non_null(items[0].secret);
    end(&made);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(verdict_says_all_of_it),
    cmocka_unit_test(provenance_is_of_our_own_file),
    cmocka_unit_test(says_slsa_reproduced_only_of_two_independent_platforms),
    cmocka_unit_test(says_no_slsa_word_in_the_compatible_form),
    cmocka_unit_test(says_equivalent_of_what_is_equivalent),
    cmocka_unit_test(summary_of_a_difference_is_failed),
    cmocka_unit_test(summarises_nothing_that_is_undecided),
    cmocka_unit_test(refuses_the_sbom_of_another_file),
    cmocka_unit_test(sees_secrets),
    cmocka_unit_test(lists_what_becomes_public),
};

UNIT_MAIN(tests)

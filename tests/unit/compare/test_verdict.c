// SPDX-License-Identifier: Apache-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "verifier/pipeline_internal.h"

static const char *const parts[BUILD_ID_PARTS] = {"AAAAAAAAAAAAAAAAAAAA", "BBBBBBBBBBBBBBBBBBBB",
                                                  "CCCCCCCCCCCCCCCCCCCC", "DDDDDDDDDDDDDDDDDDDD"};

/* A run after its last comparison: one byte differs, nothing else, until a test says otherwise. */
struct made {
    struct rebuild_settings settings;
    struct inspection file, rebuild;
    struct build_setting build_settings[2];
    struct subject_result result;
    struct arena arena;
    struct subject_run run;
};

static void set_parts(struct traits *traits)
{
    for (size_t i = 0; i < BUILD_ID_PARTS; i++) {
        traits->parts[i] = parts[i];
    }
    traits->linker_hash = LINKER_HASH_MATCH;
}

static int make(void **state)
{
    struct made *made = calloc(1, sizeof(*made));
    set_parts(&made->file.traits);
    set_parts(&made->rebuild.traits);
    made->file.name = "artifact";
    made->build_settings[0] = (struct build_setting){"-trimpath", "true"};
    made->file.info.settings = made->build_settings;
    made->file.info.setting_count = 1;
    made->result.has_source = true;
    made->result.source.proof = FETCH_PROOF_RECORDED;
    made->result.difference_section = ".text";
    made->result.differing_bytes = 1;
    made->run = (struct subject_run){.settings = &made->settings,
                                     .file = &made->file,
                                     .rebuild = &made->rebuild,
                                     .arena = &made->arena,
                                     .result = &made->result,
                                     .rebuild_fd = -1};
    made->run.comparison.differing = 1;
    made->run.comparison.range_count = 1;
    *state = made;
    return 0;
}

static int drop(void **state)
{
    struct made *made = *state;
    arena_free(&made->arena);
    free(made);
    return 0;
}

static enum verdict judge(struct made *made)
{
    reach_verdict(&made->run);
    return made->result.verdict;
}

static void assume(struct made *made, const char *name)
{
    recipe_assume(&made->result.notes, &made->arena, name, "%s", "detail");
}

static void reproduces_equal_bytes(void **state)
{
    struct made *made = *state;
    made->run.comparison.equal = true;
    assert_int_equal(judge(made), VERDICT_REPRODUCED);
    assert_true(made->result.accepted);
}

static void does_not_accept_what_weakens_unless_named(void **state)
{
    struct made *made = *state;
    made->run.comparison.equal = true;
    assume(made, "local-source");
    assume(made, "unsandboxed");
    assert_int_equal(judge(made), VERDICT_REPRODUCED);
    assert_false(made->result.accepted);
    const char *one[] = {"local-source"};
    made->settings.accept = one;
    made->settings.accept_count = 1;
    assert_int_equal(judge(made), VERDICT_REPRODUCED);
    assert_false(made->result.accepted);
    const char *both[] = {"unsandboxed", "local-source"};
    made->settings.accept = both;
    made->settings.accept_count = 2;
    assert_int_equal(judge(made), VERDICT_REPRODUCED);
    assert_true(made->result.accepted);
}

/* Bytes taken from the artifact prove nothing: they are named, and have to be accepted. */
static void calls_equal_bytes_from_the_artifact_itself_equivalent(void **state)
{
    struct made *made = *state;
    struct byte_range range = {100, 20};
    const struct embedded_part part = {
        .path = "ui/x.js", .size = 20, .ranges = &range, .range_count = 1};
    const char *accept[] = {"embedded-from-artifact"};
    made->run.comparison.equal = true;
    made->result.embedded = &part;
    made->result.embedded_count = 1;
    assume(made, "embedded-from-artifact");
    assert_int_equal(judge(made), VERDICT_EQUIVALENT);
    assert_false(made->result.accepted);
    assert_int_equal(made->result.removed_count, 1);
    assert_string_equal(made->result.removed[0].name, "embedded-from-artifact");
    assert_int_equal(made->result.removed[0].range_count, 1);
    assert_int_equal(made->result.removed[0].ranges[0].offset, 100);
    made->settings.accept = accept;
    made->settings.accept_count = 1;
    made->result.removed_count = 0;
    assert_int_equal(judge(made), VERDICT_EQUIVALENT);
    assert_true(made->result.accepted);
}

static void refutes_a_change_after_the_link(void **state)
{
    struct made *made = *state;
    made->file.traits.linker_hash = LINKER_HASH_MISMATCH;
    assert_int_equal(judge(made), VERDICT_DIFFERENT);
    assert_string_equal(made->result.reason.code, "changed-after-link");
    assert_false(made->result.accepted);
}

static void refutes_other_content_from_the_same_inputs(void **state)
{
    struct made *made = *state;
    made->rebuild.traits.parts[3] = "EEEEEEEEEEEEEEEEEEEE";
    assert_int_equal(judge(made), VERDICT_DIFFERENT);
    assert_string_equal(made->result.reason.code, "content-differs");
}

static void calls_other_link_flags_alone_equivalent(void **state)
{
    struct made *made = *state;
    made->rebuild.traits.parts[0] = "EEEEEEEEEEEEEEEEEEEE";
    assert_int_equal(judge(made), VERDICT_EQUIVALENT);
    assert_string_equal(made->result.removed[0].name, "go-build-id");
    assert_false(made->result.accepted);
    const char *accept[] = {"go-build-id"};
    made->settings.accept = accept;
    made->settings.accept_count = 1;
    assert_int_equal(judge(made), VERDICT_EQUIVALENT);
    assert_true(made->result.accepted);
}

static void never_calls_a_changed_file_equivalent(void **state)
{
    struct made *made = *state;
    made->rebuild.traits.parts[0] = "EEEEEEEEEEEEEEEEEEEE";
    made->file.traits.linker_hash = LINKER_HASH_MISMATCH;
    assert_int_equal(judge(made), VERDICT_UNPROVEN);
    made->file.traits.linker_hash = LINKER_HASH_NONE;
    assert_int_equal(judge(made), VERDICT_UNPROVEN);
}

static void leaves_an_unknown_recipe_unproven(void **state)
{
    struct made *made = *state;
    made->rebuild.traits.parts[0] = "EEEEEEEEEEEEEEEEEEEE";
    made->rebuild.traits.parts[3] = "EEEEEEEEEEEEEEEEEEEE";
    assert_int_equal(judge(made), VERDICT_UNPROVEN);
    assert_string_equal(made->result.reason.code, "recipe-unknown");
}

static void refutes_where_the_whole_recipe_is_recorded(void **state)
{
    struct made *made = *state;
    made->rebuild.traits.parts[1] = "EEEEEEEEEEEEEEEEEEEE";
    made->build_settings[1] = (struct build_setting){"-ldflags", "-s -w"};
    made->file.info.setting_count = 2;
    assert_int_equal(judge(made), VERDICT_DIFFERENT);
    assume(made, "version-from-package");
    assert_int_equal(judge(made), VERDICT_UNPROVEN);
}

static void refutes_nothing_on_an_unproven_source(void **state)
{
    struct made *made = *state;
    made->rebuild.traits.parts[1] = "EEEEEEEEEEEEEEEEEEEE";
    made->build_settings[1] = (struct build_setting){"-ldflags", "-s -w"};
    made->file.info.setting_count = 2;
    made->result.source.proof = FETCH_PROOF_NONE;
    assert_int_equal(judge(made), VERDICT_UNPROVEN);
}

static void says_nothing_of_files_without_build_ids(void **state)
{
    struct made *made = *state;
    for (size_t i = 0; i < BUILD_ID_PARTS; i++) {
        made->file.traits.parts[i] = "";
        made->rebuild.traits.parts[i] = "";
    }
    made->file.traits.linker_hash = LINKER_HASH_NONE;
    assert_int_equal(judge(made), VERDICT_UNPROVEN);
}

static void proves_nothing_of_a_file_that_changed_meanwhile(void **state)
{
    struct made *made = *state;
    made->run.comparison.equal = true;
    made->run.comparison.artifact.bytes[0] = 1;
    assert_int_equal(judge(made), VERDICT_UNPROVEN);
    assert_false(made->result.accepted);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make, drop)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(reproduces_equal_bytes),
        TEST(does_not_accept_what_weakens_unless_named),
        TEST(calls_equal_bytes_from_the_artifact_itself_equivalent),
        TEST(refutes_a_change_after_the_link),
        TEST(refutes_other_content_from_the_same_inputs),
        TEST(calls_other_link_flags_alone_equivalent),
        TEST(never_calls_a_changed_file_equivalent),
        TEST(leaves_an_unknown_recipe_unproven),
        TEST(refutes_where_the_whole_recipe_is_recorded),
        TEST(refutes_nothing_on_an_unproven_source),
        TEST(says_nothing_of_files_without_build_ids),
        TEST(proves_nothing_of_a_file_that_changed_meanwhile),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}

// SPDX-License-Identifier: Apache-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/json_read.h"
#include "base/limits.h"
#include "verifier/report/result.h"

/* A subject as an esbuild might come out, for a test to change. */
struct made {
    struct inspection file;
    struct assumption assumptions[2];
    struct inference inferences[1];
    struct subject_result subject;
    struct rebuild_result result;
    struct buffer out;
};

static void set_parts(const char *parts[BUILD_ID_PARTS], const char *last)
{
    parts[0] = "AAAAAAAAAAAAAAAAAAAA";
    parts[1] = "BBBBBBBBBBBBBBBBBBBB";
    parts[2] = "CCCCCCCCCCCCCCCCCCCC";
    parts[3] = last;
}

static int make(void **state)
{
    struct made *made = calloc(1, sizeof(*made));
    made->file = (struct inspection){.name = "package/bin/esbuild",
                                     .has_digest = true,
                                     .size = 10203040,
                                     .goos = "linux",
                                     .goarch = "amd64",
                                     .variant = "GOAMD64=v1",
                                     .has_buildinfo = true};
    made->file.info.go_version = "go1.23.5";
    made->file.traits.linker_hash = LINKER_HASH_MATCH;
    set_parts(made->file.traits.parts, "DDDDDDDDDDDDDDDDDDDD");
    made->assumptions[0] = (struct assumption){"vcs-echoed", "revision e9174d67"};
    made->inferences[0] = (struct inference){"ldflags", "-s -w", "no symbol table"};
    made->subject = (struct subject_result){
        .name = "package/bin/esbuild",
        .container = 0,
        .file = &made->file,
        .notes = {.assumptions = made->assumptions,
                  .assumption_count = 1,
                  .inferences = made->inferences,
                  .inference_count = 1},
        .source_kind = "module-zip",
        .has_source = true,
        .source = {.id = {"github.com/evanw/esbuild", "v0.25.0"},
                   .h1 = "h1:x",
                   .proof = FETCH_PROOF_RECORDED},
        .sandbox_kind = "bubblewrap",
        .sandbox_version = "0.8.0",
        .vcs_claim = "unchecked",
        .difference_section = "",
    };
    set_parts(made->subject.rebuilt_parts, "DDDDDDDDDDDDDDDDDDDD");
    made->result = (struct rebuild_result){
        .tool_version = "0.0.0", .subjects = &made->subject, .subject_count = 1};
    buffer_init(&made->out, 1 << 20);
    *state = made;
    return 0;
}

static int drop(void **state)
{
    struct made *made = *state;
    buffer_free(&made->out);
    free(made);
    return 0;
}

/* The JSON as a document; the caller frees it. */
static struct json_document *render(struct made *made)
{
    struct json_document *document;
    struct error err;
    report_rebuild_json(&made->result, &made->out);
    assert_true(json_parse(buffer_view(&made->out), &document, &err));
    return document;
}

static const struct cJSON *subject_of(const struct json_document *document)
{
    return json_first(json_member(json_root(document), "subjects"));
}

static void tells_proven_and_unproven_members(void **state)
{
    struct made *made = *state;
    const char *unproven[] = {"package/install.js"};
    const struct proven_member proven[] = {{"package/LICENSE", "example.com/m@v1.0.0/LICENSE"}};
    const struct container_result container = {.name = "tool.tgz",
                                               .purl = "",
                                               .members = 3,
                                               .unproven = unproven,
                                               .unproven_count = 1,
                                               .proven = proven,
                                               .proven_count = 1};
    made->result.containers = &container;
    made->result.container_count = 1;
    struct json_document *document = render(made);
    const struct cJSON *told = json_first(json_member(json_root(document), "containers"));
    const struct cJSON *first = json_first(json_member(told, "unproven_members"));
    assert_string_equal(json_get_string(first), "package/install.js");
    first = json_first(json_member(told, "proven_members"));
    assert_string_equal(json_member_string(first, "name"), "package/LICENSE");
    assert_string_equal(json_member_string(first, "source"), "example.com/m@v1.0.0/LICENSE");
    json_document_free(&document);
    buffer_clear(&made->out);
    report_summary_text(&made->result, &made->out);
    const char *text = buffer_cstring(&made->out);
    assert_non_null(strstr(text, "1 of 3 members are copies of files of the proven source"));
    assert_non_null(strstr(text, "package/LICENSE  example.com/m@v1.0.0/LICENSE"));
    assert_non_null(strstr(text, "1 of 3 members are unproven"));
}

static void writes_what_the_contract_names(void **state)
{
    struct made *made = *state;
    struct json_document *document = render(made);
    static const char *const names[] = {"name",
                                        "container",
                                        "sha256",
                                        "size",
                                        "platform",
                                        "variant",
                                        "verdict",
                                        "reason",
                                        "removed",
                                        "assumptions",
                                        "rebuilt",
                                        "build_id",
                                        "first_difference",
                                        "source",
                                        "toolchain",
                                        "dependencies",
                                        "checksum_database",
                                        "claims",
                                        "recipe",
                                        "recipe_digest",
                                        "inferred",
                                        "tries",
                                        "cache",
                                        "sandbox",
                                        "seconds"};
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        if (json_member(subject_of(document), names[i]) == NULL) {
            fail_msg("no member %s", names[i]);
        }
    }
    assert_string_equal(json_member_string(json_root(document), "schema"), "reproof/rebuild/v1");
    assert_string_equal(json_member_string(subject_of(document), "platform"), "linux/amd64");
    json_document_free(&document);
}

static void log_of_a_failed_build_is_told_escaped(void **state)
{
    struct made *made = *state;
    made->subject.build_log = bytes_from_string("go: \x1b]0;x\a failed\n");
    struct json_document *document = render(made);
    assert_string_equal(json_member_string(subject_of(document), "build_log"),
                        "go: \x1b]0;x\a failed\n");
    json_document_free(&document);
    assert_int_equal(bytes_find(buffer_view(&made->out), 0, bytes_from_string("\x1b")), SIZE_MAX);
}

static void long_log_is_told_from_its_end(void **state)
{
    static char log[LIMIT_REPORT_LOG + 10];
    struct made *made = *state;
    memset(log, 'a', sizeof(log));
    log[sizeof(log) - 1] = 'z';
    made->subject.build_log = bytes_from(log, sizeof(log));
    struct json_document *document = render(made);
    const char *told = json_member_string(subject_of(document), "build_log");
    assert_int_equal(strlen(told), LIMIT_REPORT_LOG);
    assert_int_equal(told[LIMIT_REPORT_LOG - 1], 'z');
    json_document_free(&document);
}

static void log_of_a_good_build_is_not_told(void **state)
{
    struct made *made = *state;
    made->subject.build_log = bytes_from_string("x\n");
    made->subject.verdict = VERDICT_REPRODUCED;
    struct json_document *document = render(made);
    assert_null(json_member_string(subject_of(document), "build_log"));
    json_document_free(&document);
}

static void says_unproven_unless_told_otherwise(void **state)
{
    struct made *made = *state;
    struct json_document *document = render(made);
    assert_string_equal(json_member_string(subject_of(document), "verdict"), "unproven");
    json_document_free(&document);
    buffer_clear(&made->out);
    report_subject_text(&made->subject, false, &made->out);
    assert_non_null(strstr(buffer_cstring(&made->out), "UNPROVEN"));
    assert_null(strstr(buffer_cstring(&made->out), "REPRODUCED"));
}

static void names_the_source_in_the_verdict(void **state)
{
    struct made *made = *state;
    made->subject.verdict = VERDICT_REPRODUCED;
    made->subject.accepted = true;
    report_subject_text(&made->subject, false, &made->out);
    assert_non_null(
        strstr(buffer_cstring(&made->out), "REPRODUCED from github.com/evanw/esbuild@v0.25.0"));
    assert_null(strstr(buffer_cstring(&made->out), "not accepted"));
}

static void names_what_weakens_and_is_not_accepted(void **state)
{
    struct made *made = *state;
    made->subject.verdict = VERDICT_REPRODUCED;
    made->assumptions[1] = (struct assumption){"local-source", "built from a directory"};
    made->subject.notes.assumption_count = 2;
    report_subject_text(&made->subject, false, &made->out);
    const char *hit = strstr(buffer_cstring(&made->out), "not accepted");
    assert_non_null(hit);
    assert_non_null(strstr(hit, "local-source"));
    assert_null(strstr(hit, "vcs-echoed"));
}

static void lets_no_control_character_through(void **state)
{
    struct made *made = *state;
    made->subject.name = "bin/\033]52;c;x\a\r\nREPRODUCED";
    made->subject.reason = (struct reason){"recipe-unknown", "\033[2Jgone\x9b", "\xe2\x80\xae"};
    report_subject_text(&made->subject, false, &made->out);
    const char *text = buffer_cstring(&made->out);
    for (size_t i = 0; i < made->out.len; i++) {
        assert_true(text[i] == '\n' || (unsigned char)text[i] >= ' ');
        assert_int_not_equal((unsigned char)text[i], 0x9b);
    }
    assert_null(strstr(text, "\nREPRODUCED"));
    assert_null(strstr(text, "\xe2\x80\xae"));
    buffer_clear(&made->out);
    struct json_document *document = render(made);
    assert_string_equal(json_member_string(subject_of(document), "name"), made->subject.name);
    json_document_free(&document);
}

static void counts_verdicts_in_the_summary(void **state)
{
    struct made *made = *state;
    made->subject.verdict = VERDICT_DIFFERENT;
    struct json_document *document = render(made);
    uint64_t count;
    const struct cJSON *summary = json_member(json_root(document), "summary");
    assert_true(json_get_uint(json_member(summary, "different"), &count));
    assert_int_equal(count, 1);
    assert_true(json_get_uint(json_member(summary, "reproduced"), &count));
    assert_int_equal(count, 0);
    json_document_free(&document);
}

static void knows_which_assumptions_weaken(void **state)
{
    (void)state;
    static const char *const weak[] = {
        "dependencies-differ", "unrecorded-module",      "local-source",     "local-toolchain",
        "unsandboxed",         "embedded-from-artifact", "patched-toolchain"};
    static const char *const harmless[] = {"vcs-echoed",          "tags", "version-from-package",
                                           "link-flags-searched", "",     "no-earlier-tree-head"};
    for (size_t i = 0; i < ARRAY_LEN(weak); i++) {
        assert_true(assumption_weakens(weak[i]));
    }
    for (size_t i = 0; i < ARRAY_LEN(harmless); i++) {
        assert_false(assumption_weakens(harmless[i]));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(tells_proven_and_unproven_members, make, drop),
        cmocka_unit_test_setup_teardown(writes_what_the_contract_names, make, drop),
        cmocka_unit_test_setup_teardown(log_of_a_failed_build_is_told_escaped, make, drop),
        cmocka_unit_test_setup_teardown(long_log_is_told_from_its_end, make, drop),
        cmocka_unit_test_setup_teardown(log_of_a_good_build_is_not_told, make, drop),
        cmocka_unit_test_setup_teardown(says_unproven_unless_told_otherwise, make, drop),
        cmocka_unit_test_setup_teardown(names_the_source_in_the_verdict, make, drop),
        cmocka_unit_test_setup_teardown(names_what_weakens_and_is_not_accepted, make, drop),
        cmocka_unit_test_setup_teardown(lets_no_control_character_through, make, drop),
        cmocka_unit_test_setup_teardown(counts_verdicts_in_the_summary, make, drop),
        cmocka_unit_test(knows_which_assumptions_weaken),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}

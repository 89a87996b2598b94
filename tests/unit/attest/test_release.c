// SPDX-License-Identifier: Apache-2.0
#include "attest/release/manifest_version.h"
#include "attest/release/release_report.h"
#include "base/file.h"
#include "base/json_read.h"
#include "base/limits.h"
#include "tests/unit/unit.h"

#define HEAD                                                                                       \
    "\"schema\": \"reproof/manifest/v1\", \"name\": \"tool\", \"version\": \"1.0.0\", "            \
    "\"expect\": \"example.com/tool@v1.0.0\""
#define DIGEST "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define OTHER "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"

static struct arena arena;
static struct error err;

static int drop(void **state)
{
    (void)state;
    arena_free(&arena);
    return 0;
}

static bool parse(const char *text, struct manifest *ret)
{
    return manifest_parse(bytes_from_string(text), &arena, ret, &err);
}

static bool parse_pair(const char *text, struct manifest_pair *ret)
{
    return manifest_parse_pair(bytes_from_string(text), "p", &arena, ret, &err);
}

/* -- the manifest -- */

static void reads_a_manifest(void **state)
{
    (void)state;
    struct manifest manifest;
    assert_true(parse("{" HEAD ", \"toolchain\": {\"version\": \"go1.24.1\", \"h1\": \"h1:x=\"}, "
                      "\"accept\": [\"tags\"], \"environment\": {\"CGO_ENABLED\": \"0\"}, "
                      "\"members\": [\"README\", {\"name\": \"a\", \"sha256\": \"" DIGEST "\"}]}",
                      &manifest));
    assert_string_equal(manifest.expect, "example.com/tool@v1.0.0");
    assert_string_equal(manifest.toolchain, "go1.24.1");
    assert_string_equal(manifest.artifacts, ".");
    assert_int_equal(manifest.member_count, 2);
    assert_false(manifest.members[0].has_sha256);
    assert_true(manifest.members[1].has_sha256);
    assert_string_equal(manifest.environment[0].value, "0");
}

/* -- the version in names -- */

static struct manifest_pair pair_of(const char *artifact)
{
    return (struct manifest_pair){.name = artifact, .artifact = artifact};
}

static void the_version_in_names_is_a_variable(void **state)
{
    (void)state;
    struct manifest_pair pairs[] = {pair_of("tool_1.2.3_linux.tar.gz"), pair_of("tool-1.2.3.zip")};
    const char *others[] = {"tool_1.2.3_checksums.txt", "notes.txt"};
    struct manifest_member members[] = {{.name = "tool-1.2.3/man"}};
    struct manifest manifest = {.version = "v1.2.3",
                                .others = {others, 2},
                                .members = members,
                                .member_count = 1,
                                .pairs = pairs,
                                .pair_count = 2};
    manifest_generalise(&manifest, &arena);
    assert_string_equal(manifest.version, "1.2.3");
    assert_string_equal(pairs[0].name, "tool_linux.tar.gz");
    assert_string_equal(pairs[0].artifact, "tool_${version}_linux.tar.gz");
    assert_string_equal(pairs[1].name, "tool.zip");
    assert_string_equal(others[0], "tool_${version}_checksums.txt");
    assert_string_equal(others[1], "notes.txt");
    assert_string_equal(members[0].name, "tool-${version}/man");
    assert_string_equal(manifest_expand(pairs[0].artifact, "1.3.0", &arena),
                        "tool_1.3.0_linux.tar.gz");
    assert_string_equal(manifest_expand("${version}${version}${", "2", &arena), "22${");
}

static void a_version_that_no_name_has_stays(void **state)
{
    (void)state;
    struct manifest_pair pairs[] = {pair_of("tool-linux"), pair_of("tool-darwin")};
    struct manifest manifest = {.version = "v1.2.3", .pairs = pairs, .pair_count = 2};
    manifest_generalise(&manifest, &arena);
    assert_string_equal(manifest.version, "v1.2.3");
    assert_string_equal(pairs[0].artifact, "tool-linux");
    /* Nor are two pairs called alike. */
    pairs[0] = pair_of("tool-v1.2.3");
    pairs[1] = pair_of("tool");
    manifest_generalise(&manifest, &arena);
    assert_string_equal(pairs[0].artifact, "tool-${version}");
    assert_string_equal(pairs[0].name, "tool-v1.2.3");
}

static void refuses_what_is_no_manifest(void **state)
{
    static const struct {
        const char *text, *part;
    } rows[] = {
        {"", ""},
        {"[]", "schema"},
        {"{}", "schema"},
        {"{" HEAD "} x", ""},
        {"{" HEAD ", \"name\": \"b\"}", ""},
        {"{" HEAD ", \"Name\": \"b\"}", "not known"},
        {"{" HEAD ", \"unknown\": 1}", "not known"},
        {"{" HEAD ", \"tags\": 1}", "tags"},
        {"{" HEAD ", \"tags\": \"\"}", "tags"},
        {"{" HEAD ", \"tags\": \"a\\u001bb\"}", "control"},
        {"{" HEAD ", \"accept\": \"tags\"}", "accept"},
        {"{" HEAD ", \"accept\": [\"tags\", \"tags\"]}", "twice"},
        {"{" HEAD ", \"artifacts\": \"/etc\"}", "artifacts"},
        {"{" HEAD ", \"artifacts\": \"a/../..\"}", "artifacts"},
        {"{" HEAD ", \"pairs\": \"..\"}", "pairs"},
        {"{" HEAD ", \"toolchain\": {\"version\": \"latest\"}}", "pinned"},
        {"{" HEAD ", \"toolchain\": {\"version\": \"go1.x\"}}", "pinned"},
        {"{" HEAD ", \"toolchain\": {\"version\": \"go1.24\", \"h1\": \"x\"}}", "h1"},
        {"{" HEAD ", \"toolchain\": \"go1.24\"}", "toolchain"},
        {"{" HEAD ", \"members\": [{\"name\": \"a\", \"sha256\": \"abc\"}]}", "sha256"},
        {"{" HEAD ", \"members\": [{\"sha256\": \"" DIGEST "\"}]}", "name"},
        {"{" HEAD ", \"environment\": {\"A\": 1}}", "environment"},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct manifest manifest;
        if (parse(rows[i].text, &manifest)) {
            fail_msg("accepted %s", rows[i].text);
        }
        assert_int_equal(err.code, ERROR_FORMAT);
        assert_non_null(strstr(err.message, rows[i].part));
    }
}

static void refuses_versions_that_move(void **state)
{
    static const char *const versions[] = {"latest", "v1",    "^1.0.0", "v1.x",    "main",
                                           "v1.0",   "1.0.0", ">=v1",   "v1.0.0 ", ""};
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(versions); i++) {
        struct manifest manifest;
        assert_false(parse(
            arena_printf(&arena,
                         "{\"schema\": \"reproof/manifest/v1\", \"name\": \"x\", \"version\": "
                         "\"1\", \"expect\": \"example.com/x@%s\"}",
                         versions[i]),
            &manifest));
    }
    struct manifest manifest;
    assert_false(parse("{\"schema\": \"reproof/manifest/v1\", \"name\": \"x\", \"version\": "
                       "\"latest\", \"expect\": \"example.com/x@v1.0.0\"}",
                       &manifest));
    /* Without a version only where a working copy is the source. */
    assert_false(parse("{\"schema\": \"reproof/manifest/v1\", \"name\": \"x\", \"version\": "
                       "\"1\", \"expect\": \"example.com/x\"}",
                       &manifest));
    assert_true(parse("{\"schema\": \"reproof/manifest/v1\", \"name\": \"x\", \"version\": "
                      "\"1\", \"expect\": \"example.com/x\", \"source\": \".\"}",
                      &manifest));
}

static void refuses_what_is_no_pair(void **state)
{
    static const char *const texts[] = {
        "{}",
        "{\"artifact\": \"a\"}",
        "{\"artifact\": \"a\", \"platforms\": []}",
        "{\"artifact\": \"a\", \"platforms\": [\"linux\"]}",
        "{\"artifact\": \"a\", \"platforms\": [\"linux/amd64/v1\"]}",
        "{\"artifact\": \"a\", \"platforms\": [\"linux/amd64\", \"linux/amd64\"]}",
        "{\"artifact\": \"../a\", \"platforms\": [\"linux/amd64\"]}",
        "{\"artifact\": \"/a\", \"platforms\": [\"linux/amd64\"]}",
        "{\"artifact\": \"a//b\", \"platforms\": [\"linux/amd64\"]}",
        "{\"artifact\": \"a\", \"platforms\": [\"linux/amd64\"], \"required\": \"no\"}",
        "{\"artifact\": \"a\", \"platforms\": [\"linux/amd64\"], \"Required\": false}",
    };
    (void)state;
    struct manifest_pair pair;
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
        if (parse_pair(texts[i], &pair)) {
            fail_msg("accepted %s", texts[i]);
        }
    }
    assert_true(parse_pair("{\"artifact\": \"d/a\", \"platforms\": [\"linux/amd64\"]}", &pair));
    assert_true(pair.required);
}

static void refuses_two_artifacts_for_one_pair(void **state)
{
    static const char *const platform[] = {"linux/amd64"};
    struct manifest_pair pairs[2] = {
        {.name = "p",
         .artifact = "a",
         .platforms = {(const char **)(uintptr_t)platform, 1},
         .variant = "",
         .program = ""},
        {.name = "q",
         .artifact = "b",
         .platforms = {(const char **)(uintptr_t)platform, 1},
         .variant = "",
         .program = ""},
    };
    struct manifest manifest = {.pairs_folder = "pairs", .pairs = pairs, .pair_count = 2};
    (void)state;
    assert_fails(manifest_check(&manifest, &err), &err, ERROR_FORMAT, "same platform");
    pairs[1].program = "other";
    assert_true(manifest_check(&manifest, &err));
    pairs[1].artifact = "a";
    assert_fails(manifest_check(&manifest, &err), &err, ERROR_FORMAT, "one artifact");
    pairs[1].artifact = "d/a";
    assert_fails(manifest_check(&manifest, &err), &err, ERROR_FORMAT, "one name");
    pairs[1].artifact = "d/SHA256SUMS";
    assert_fails(manifest_check(&manifest, &err), &err, ERROR_FORMAT, "SHA256SUMS");
    manifest.pair_count = 0;
    assert_fails(manifest_check(&manifest, &err), &err, ERROR_FORMAT, "no pair");
}

/* -- what a pair comes to -- */

static struct manifest_pair the_pair = {
    .name = "p", .artifact = "tool", .variant = "", .program = "", .required = true};
static const char *the_platforms[] = {"linux/amd64"};
static struct manifest the_manifest = {.source = "",
                                       .name = "tool",
                                       .version = "1.0.0",
                                       .expect = "example.com/tool@v1.0.0",
                                       .toolchain = "",
                                       .toolchain_h1 = "",
                                       .artifacts = "dist",
                                       .pairs = &the_pair,
                                       .pair_count = 1};

struct told {
    const char *platform, *verdict, *accepted, *package, *toolchain, *exit, *containers, *digest;
};

/* Judges the file of a pair with what ROW tells in it. */
static enum pair_state judge(const struct told *row, struct pair_result *ret)
{
    the_pair.platforms = (struct text_list){the_platforms, 1};
    char hex[SHA256_HEX_LEN + 1];
    sha256_hex(&the_manifest.digest, hex);
    const char *text = arena_printf(
        &arena,
        "{\"schema\": \"reproof/pair/v1\", \"pair\": \"p\", \"manifest\": \"%s\", "
        "\"artifact\": {\"sha256\": \"" DIGEST "\", \"size\": 1}, \"exit\": %s, \"error\": null, "
        "\"result\": {\"subjects\": [{\"name\": \"tool\", \"sha256\": \"%s\", \"platform\": "
        "\"%s\", \"variant\": \"GOAMD64=v1\", \"verdict\": \"%s\", \"accepted\": %s, "
        "\"toolchain\": {\"version\": \"%s\", \"h1\": \"h1:x\"}, \"recipe\": {\"source\": "
        "{\"main_package\": \"%s\"}}}], \"containers\": [%s]}}",
        hex, row->exit, row->digest == NULL ? DIGEST : row->digest, row->platform, row->verdict,
        row->accepted, row->toolchain, row->package, row->containers);
    *ret = (struct pair_result){0};
    if (!pair_result_read(bytes_from_string(text), &the_manifest, &the_pair, &arena, ret, &err)) {
        return PAIR_UNUSABLE;
    }
    return ret->state;
}

static struct told good(void)
{
    return (struct told){"linux/amd64", "reproduced", "true", "example.com/tool",
                         "go1.24.1",    "0",          "",     NULL};
}

static void a_pair_holds_only_if_all_does(void **state)
{
    static const char *package[] = {"example.com/tool"};
    struct told row = good();
    struct pair_result result;
    (void)state;
    the_manifest.packages = (struct text_list){package, 1};
    the_manifest.toolchain = "go1.24.1";
    the_manifest.toolchain_h1 = "h1:x";
    assert_int_equal(judge(&row, &result), PAIR_HOLDS);
    const struct {
        size_t offset;
        const char *value;
        enum pair_state state;
    } rows[] = {
        {offsetof(struct told, platform), "linux/arm64", PAIR_REFUTED},
        {offsetof(struct told, verdict), "different", PAIR_REFUTED},
        {offsetof(struct told, verdict), "unproven", PAIR_UNDECIDED},
        {offsetof(struct told, verdict), "proven", PAIR_UNDECIDED},
        {offsetof(struct told, accepted), "false", PAIR_UNDECIDED},
        {offsetof(struct told, accepted), "\"true\"", PAIR_UNDECIDED},
        {offsetof(struct told, package), "example.com/other", PAIR_REFUTED},
        {offsetof(struct told, toolchain), "go1.24.2", PAIR_REFUTED},
        {offsetof(struct told, exit), "1", PAIR_REFUTED},
        {offsetof(struct told, exit), "2", PAIR_UNUSABLE},
        {offsetof(struct told, exit), "3", PAIR_UNDECIDED},
        {offsetof(struct told, exit), "4", PAIR_TAMPERED},
        {offsetof(struct told, exit), "70", PAIR_UNDECIDED},
        {offsetof(struct told, exit), "\"0\"", PAIR_UNDECIDED},
        {offsetof(struct told, digest), OTHER, PAIR_UNUSABLE},
        {offsetof(struct told, containers), "{\"sha256\": \"" OTHER "\"}", PAIR_UNUSABLE},
        {offsetof(struct told, containers),
         "{\"sha256\": \"" DIGEST "\", \"unproven_members\": [\"install.js\"]}", PAIR_UNDECIDED},
        {offsetof(struct told, containers),
         "{\"sha256\": \"" DIGEST "\", \"unproven_members\": []}", PAIR_HOLDS},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        row = good();
        *(const char **)(void *)((char *)&row + rows[i].offset) = rows[i].value;
        enum pair_state found = judge(&row, &result);
        if (found != rows[i].state) {
            fail_msg("%s: %s", rows[i].value, pair_state_name(found));
        }
    }
    /* The exit code makes it worse, the subject says why. */
    row = good();
    row.verdict = "unproven";
    row.exit = "4";
    assert_int_equal(judge(&row, &result), PAIR_TAMPERED);
    assert_string_equal(result.why, "tool: unproven");
    the_manifest.toolchain_h1 = "h1:y";
    row = good();
    assert_int_equal(judge(&row, &result), PAIR_TAMPERED);
    the_manifest.toolchain = the_manifest.toolchain_h1 = "";
    the_manifest.packages = (struct text_list){0};
}

/* A store that cannot be written, settings that make no sense: the artifact was not looked at. */
static void what_failed_before_the_artifact_was_read_refutes_nothing(void **state)
{
    struct pair_result result = {0};
    char hex[SHA256_HEX_LEN + 1];
    (void)state;
    static const struct {
        const char *exit, *error;
        enum pair_state state;
    } rows[] = {
        {"3", "{\"code\": \"io\", \"detail\": \"read-only\", \"cure\": \"\"}", PAIR_UNDECIDED},
        {"0", "{\"code\": \"io\", \"detail\": \"read-only\", \"cure\": \"\"}", PAIR_UNDECIDED},
        {"2", "{\"code\": \"usage\", \"detail\": \"a FIFO\", \"cure\": \"\"}", PAIR_UNUSABLE},
        {"0", "null", PAIR_REFUTED},
    };
    sha256_hex(&the_manifest.digest, hex);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        const char *text =
            arena_printf(&arena,
                         "{\"schema\": \"reproof/pair/v1\", \"pair\": \"p\", \"manifest\": \"%s\", "
                         "\"artifact\": null, \"exit\": %s, \"error\": %s, \"result\": null}",
                         hex, rows[i].exit, rows[i].error);
        assert_true(pair_result_read(bytes_from_string(text), &the_manifest, &the_pair, &arena,
                                     &result, &err));
        assert_string_equal(pair_state_name(result.state), pair_state_name(rows[i].state));
        assert_true(result.why[0] != '\0');
    }
}

static void what_another_manifest_or_pair_came_to_counts_for_nothing(void **state)
{
    struct told row = good();
    struct pair_result result;
    (void)state;
    struct sha256 kept = the_manifest.digest;
    assert_int_equal(judge(&row, &result), PAIR_HOLDS);
    struct pair_record record = {.manifest = &the_manifest, .pair = &the_pair, .exit = 0};
    struct buffer out;
    buffer_init(&out, MIB);
    pair_record_write(&record, &out);
    the_manifest.digest.bytes[0] ^= 1;
    assert_fails(
        pair_result_read(buffer_view(&out), &the_manifest, &the_pair, &arena, &result, &err), &err,
        ERROR_MISMATCH, "another manifest");
    the_manifest.digest = kept;
    the_pair.name = "q";
    assert_fails(
        pair_result_read(buffer_view(&out), &the_manifest, &the_pair, &arena, &result, &err), &err,
        ERROR_MISMATCH, "another pair");
    the_pair.name = "p";
    assert_true(
        pair_result_read(buffer_view(&out), &the_manifest, &the_pair, &arena, &result, &err));
    assert_int_equal(result.state, PAIR_REFUTED); /* there is no artifact, and it is required */
    buffer_free(&out);
}

/* -- reading again -- */

static bool gather(void *context, struct bytes piece, struct error *ignored)
{
    (void)ignored;
    buffer_append(context, piece);
    return true;
}

static bool read_text(void *context, const struct pair_result *result, struct arena *arena_,
                      struct bytes *ret, struct error *ignored)
{
    (void)result;
    (void)ignored;
    *ret = arena_bytes(arena_, buffer_view(context));
    return true;
}

static void a_record_that_changed_is_not_read_again(void **state)
{
    (void)state;
    struct buffer text;
    struct pair_record record = {
        .manifest = &the_manifest, .pair = &the_pair, .result = BYTES("{\"subjects\": []}")};
    struct pair_result result;
    buffer_init(&text, MIB);
    pair_record_write(&record, &text);
    assert_true(
        pair_result_read(buffer_view(&text), &the_manifest, &the_pair, &arena, &result, &err));
    assert_true(result.has_record && result.has_result);
    struct release release = {
        .manifest = &the_manifest, .results = &result, .read = read_text, .read_context = &text};
    assert_non_null(json_member(release_result(&release, 0), "subjects"));
    assert_true(release_ok(&release, &err));
    release_close(&release);
    buffer_string(&text, " "); /* as good JSON as before */
    assert_null(release_result(&release, 0));
    assert_fails(release_ok(&release, &err), &err, ERROR_UNTRUSTED, "changed since");
    struct buffer out;
    const struct release_sink sink = {gather, &out};
    buffer_init(&out, MIB);
    assert_false(release_write(&release, true, &sink, &err));
    assert_false(release_report(&release, RELEASE_HTML, &sink, &err));
    buffer_free(&out);
    buffer_free(&text);
    release_close(&release);
}

static bool refuse(void *context, struct bytes piece, struct error *why)
{
    (void)context;
    (void)piece;
    return error_set(why, ERROR_IO, "full");
}

static void a_sink_that_refuses_is_a_failure(void **state)
{
    (void)state;
    struct pair_result result = {.pair = &the_pair, .why = "", .cure = ""};
    struct release release = {.manifest = &the_manifest, .results = &result, .tool_version = "0"};
    const struct release_sink sink = {refuse, NULL};
    for (int format = RELEASE_TEXT; format <= RELEASE_HTML; format++) {
        assert_fails(release_report(&release, (enum release_format)format, &sink, &err), &err,
                     ERROR_IO, "full");
    }
}

/* -- what they come to together -- */

static void the_worst_pair_decides(void **state)
{
    static const struct {
        enum pair_state a, b;
        enum release_decision decision;
        int exit;
    } rows[] = {
        {PAIR_HOLDS, PAIR_HOLDS, RELEASE_YES, 0},
        {PAIR_HOLDS, PAIR_ABSENT, RELEASE_YES, 0},
        {PAIR_ABSENT, PAIR_ABSENT, RELEASE_NO, 2},
        {PAIR_HOLDS, PAIR_UNDECIDED, RELEASE_UNDECIDED, 3},
        {PAIR_UNDECIDED, PAIR_UNUSABLE, RELEASE_NO, 2},
        {PAIR_UNUSABLE, PAIR_REFUTED, RELEASE_NO, 1},
        {PAIR_UNDECIDED, PAIR_REFUTED, RELEASE_NO, 1},
        {PAIR_REFUTED, PAIR_TAMPERED, RELEASE_NO, 4},
    };
    static const char *stranger[] = {"x"};
    struct manifest manifest = {.pair_count = 2};
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct pair_result results[2] = {{.state = rows[i].a}, {.state = rows[i].b}};
        struct release release = {.manifest = &manifest, .results = results};
        assert_int_equal(release_decide(&release), rows[i].decision);
        assert_int_equal(release_exit(&release), rows[i].exit);
        struct pair_result turned[2] = {{.state = rows[i].b}, {.state = rows[i].a}};
        release.results = turned;
        assert_int_equal(release_exit(&release), rows[i].exit);
        release.strangers = stranger;
        release.stranger_count = 1;
        assert_int_equal(release_decide(&release), RELEASE_NO);
    }
    struct pair_result zero[2] = {{0}};
    struct release release = {.manifest = &manifest, .results = zero};
    assert_int_equal(release_decide(&release), RELEASE_UNDECIDED);
}

/* -- reports -- */

#define EVIL "<b>&\"'|`*[x](y)\x1b[31m"

static struct release hostile(struct pair_result *result)
{
    static const char *strangers[] = {EVIL};
    the_pair.platforms = (struct text_list){the_platforms, 1};
    *result =
        (struct pair_result){.pair = &the_pair, .state = PAIR_UNDECIDED, .why = EVIL, .cure = EVIL};
    return (struct release){.manifest = &the_manifest,
                            .results = result,
                            .strangers = strangers,
                            .stranger_count = 1,
                            .tool_version = "0"};
}

static void no_report_lets_text_become_markup(void **state)
{
    struct pair_result result;
    struct release release = hostile(&result);
    (void)state;
    for (int format = RELEASE_TEXT; format <= RELEASE_HTML; format++) {
        struct buffer out;
        const struct release_sink sink = {gather, &out};
        buffer_init(&out, MIB);
        assert_true(release_report(&release, (enum release_format)format, &sink, &err));
        const char *text = buffer_cstring(&out);
        assert_null(strchr(text, '\x1b'));
        if (format == RELEASE_MARKDOWN || format == RELEASE_JUNIT || format == RELEASE_HTML) {
            assert_null(strstr(text, "<b>"));
        }
        if (format == RELEASE_MARKDOWN) {
            assert_null(strstr(text, "[x]"));
            assert_null(strchr(text, '`'));
        }
        if (format == RELEASE_JSON || format == RELEASE_SARIF) {
            assert_true(json_check(buffer_view(&out), &err));
        }
        buffer_free(&out);
    }
}

static void reports_say_what_was_decided(void **state)
{
    static const char *const parts[] = {
        "NO  tool 1.0.0: 0 of 1",    "\"decision\": \"no\"",
        "## No: tool 1.0.0",         "failures=\"1\" errors=\"1\"",
        "\"ruleId\": \"undecided\"", "<span class=\"badge bad\">no</span>"};
    struct pair_result result;
    struct release release = hostile(&result);
    (void)state;
    for (int format = RELEASE_TEXT; format <= RELEASE_HTML; format++) {
        struct buffer out;
        const struct release_sink sink = {gather, &out};
        buffer_init(&out, MIB);
        assert_true(release_report(&release, (enum release_format)format, &sink, &err));
        assert_non_null(strstr(buffer_cstring(&out), parts[format]));
        buffer_free(&out);
    }
    enum release_format format;
    assert_true(release_format_of("a/b.sarif", &format, &err) && format == RELEASE_SARIF);
    assert_fails(release_format_of("a.pdf", &format, &err), &err, ERROR_USAGE, "format");
}

#define CASE(test) cmocka_unit_test_teardown(test, drop)
static const struct CMUnitTest tests[] = {
    CASE(reads_a_manifest),
    CASE(the_version_in_names_is_a_variable),
    CASE(a_version_that_no_name_has_stays),
    CASE(refuses_what_is_no_manifest),
    CASE(refuses_versions_that_move),
    CASE(refuses_what_is_no_pair),
    CASE(refuses_two_artifacts_for_one_pair),
    CASE(a_pair_holds_only_if_all_does),
    CASE(what_failed_before_the_artifact_was_read_refutes_nothing),
    CASE(what_another_manifest_or_pair_came_to_counts_for_nothing),
    CASE(a_record_that_changed_is_not_read_again),
    CASE(a_sink_that_refuses_is_a_failure),
    CASE(the_worst_pair_decides),
    CASE(no_report_lets_text_become_markup),
    CASE(reports_say_what_was_decided),
};

UNIT_MAIN(tests)

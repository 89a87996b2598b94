// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/target/target_fixture.h"

#define METADATA                                                                                   \
    "{\"project_name\": \"tool\", \"tag\": \"v1.2.3\", \"version\": \"1.2.3\", "                   \
    "\"commit\": \"abc\", \"date\": \"2026-01-01T00:00:00Z\"}"
#define LISTED_METADATA                                                                            \
    "{\"name\": \"metadata.json\", \"path\": \"dist/metadata.json\", \"type\": \"Metadata\"}"

static const char *hex_of(struct bytes content)
{
    char *hex = arena_alloc(&arena, SHA256_HEX_LEN + 1);
    struct sha256 digest = sha256_of(content);
    sha256_hex(&digest, hex);
    return hex;
}

/* A directory of a binary, an archive of it, and what lists them. MORE stands behind. */
static const char *dist_with(const char *more)
{
    struct bytes archive = load(archive_of("a.tar.gz", "tool", program()));
    put("dist/tool_linux_amd64_v1/tool", program());
    put("dist/tool_1.2.3_linux_amd64.tar.gz", archive);
    put("dist/metadata.json", BYTES(METADATA));
    put("dist/checksums.txt", bytes_from_string(arena_printf(
                                  &arena, "%s  tool_1.2.3_linux_amd64.tar.gz\n", hex_of(archive))));
    const char *text = arena_printf(
        &arena,
        "[" LISTED_METADATA ", {\"name\": \"tool\", \"path\": \"dist/tool_linux_amd64_v1/tool\", "
        "\"goos\": \"linux\", \"goarch\": \"amd64\", \"goamd64\": \"v1\", \"internal_type\": 4, "
        "\"type\": \"Binary\", \"extra\": {\"Binary\": \"tool\", \"Ext\": \"\"}}, "
        "{\"name\": \"tool_1.2.3_linux_amd64.tar.gz\", "
        "\"path\": \"dist/tool_1.2.3_linux_amd64.tar.gz\", \"goos\": \"linux\", "
        "\"goarch\": \"amd64\", \"type\": \"Archive\", \"extra\": {\"Checksum\": \"sha256:%s\"}}, "
        "{\"name\": \"checksums.txt\", \"path\": \"dist/checksums.txt\", \"type\": \"Checksum\", "
        "\"extra\": {}}%s]",
        hex_of(archive), more);
    put("dist/artifacts.json", bytes_from_string(text));
    return path_of("dist");
}

static const struct target_note *note_on(const char *name)
{
    for (size_t i = 0; i < target.note_count; i++) {
        if (strstr(target.notes[i].name, name) != NULL) {
            return &target.notes[i];
        }
    }
    return NULL;
}

static void a_dist_is_what_its_list_says(void **state)
{
    (void)state;
    const char *dist = dist_with("");
    assert_true(open_target(dist));
    assert_int_equal(target.subject_count, 2);
    assert_int_equal(target.refused_count, 0);
    assert_int_equal(target.note_count, 1);
    assert_non_null(strstr(note_on("metadata.json")->text, "tool 1.2.3 of commit abc"));
    /* Its version is a hint where the file has none. */
    assert_string_equal(target.subjects[0].package_name, "tool");
    assert_string_equal(target.subjects[0].package_version, "1.2.3");
    assert_string_equal(target.release, "1.2.3");
    /* The list stands for its directory, whatever that is called now. */
    assert_int_equal(rename(dist, path_of("release")), 0);
    assert_true(open_target(path_of("release/artifacts.json")));
    assert_int_equal(target.subject_count, 2);
    assert_int_equal(target.refused_count, 0);
}

static void what_archives_are_made_of_is_told_from_what_is_published(void **state)
{
    (void)state;
    const char *dist = dist_with("");
    assert_true(open_target(dist));
    for (size_t i = 0; i < target.subject_count; i++) {
        bool bare = target.subjects[i].container == TARGET_NO_CONTAINER;
        assert_int_equal(target.subjects[i].unpublished, bare);
    }
    target_free(&target);
    /* So is what the list of all does not name, but for archives. */
    put("dist/tool_darwin_arm64/tool", program());
    put("dist/forgotten.tar.gz", load(archive_of("f.tar.gz", "tool", program())));
    assert_true(open_target(dist));
    assert_int_equal(target.subject_count, 4);
    for (size_t i = 0; i < target.subject_count; i++) {
        bool bare = target.subjects[i].container == TARGET_NO_CONTAINER;
        assert_int_equal(target.subjects[i].unpublished, bare);
    }
    target_free(&target);
    remove(path_of("dist/tool_darwin_arm64/tool"));
    remove(path_of("dist/forgotten.tar.gz"));
    /* A list of checksums says otherwise. */
    put("dist/checksums.txt",
        bytes_from_string(arena_printf(&arena, "%s  tool\n", hex_of(program()))));
    assert_true(open_target(dist));
    assert_int_equal(target.subject_count, 2);
    for (size_t i = 0; i < target.subject_count; i++) {
        assert_false(target.subjects[i].unpublished);
    }
}

static void a_file_that_is_another_one_is_refused(void **state)
{
    (void)state;
    const char *dist = dist_with("");
    put("dist/tool_1.2.3_linux_amd64.tar.gz", load(archive_of("b.tar.gz", "other", program())));
    assert_true(open_target(dist));
    assert_int_equal(target.subject_count, 1);
    assert_int_equal(target.refused_count, 1);
    assert_int_equal(target.refused[0].error.code, ERROR_UNTRUSTED);
    assert_non_null(strstr(target.refused[0].name, "tar.gz"));
}

static void the_list_of_checksums_counts_too(void **state)
{
    (void)state;
    const char *dist = dist_with("");
    put("dist/checksums.txt",
        bytes_from_string(arena_printf(&arena, "%s  tool_1.2.3_linux_amd64.tar.gz\n%s  absent\n",
                                       hex_of(program()), hex_of(program()))));
    assert_true(open_target(dist));
    assert_int_equal(target.refused_count, 2);
    assert_non_null(strstr(target.refused[0].error.message, "dist/checksums.txt says"));
    assert_int_equal(target.refused[1].error.code, ERROR_ABSENT);
}

/* A program that is published as it is has the name of its list, and another path. */
static void a_checksum_is_found_by_the_artifacts_name(void **state)
{
    (void)state;
    const char *dist = dist_with(", {\"name\": \"tool_linux_amd64\", \"path\": "
                                 "\"dist/tool_linux_amd64_v1/tool\", \"type\": \"Binary\"}");
    put("dist/checksums.txt",
        bytes_from_string(arena_printf(&arena, "%s  tool_linux_amd64\n", hex_of(program()))));
    assert_true(open_target(dist));
    assert_int_equal(target.refused_count, 0);
    put("dist/checksums.txt",
        bytes_from_string(arena_printf(&arena, "%s  tool_linux_amd64\n", hex_of(BYTES("other")))));
    assert_true(open_target(dist));
    assert_int_equal(target.refused_count, 1);
    assert_string_equal(target.refused[0].name, path_of("dist/tool_linux_amd64_v1/tool"));
}

static void another_platform_than_the_list_says_is_refused(void **state)
{
    (void)state;
    static const char *const rows[] = {
        "\"goos\": \"darwin\", \"goarch\": \"amd64\"",
        "\"goos\": \"linux\", \"goarch\": \"arm64\"",
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        put("dist/other/tool", program());
        const char *dist =
            dist_with(arena_printf(&arena,
                                   ", {\"name\": \"tool\", \"path\": \"dist/other/tool\", %s, "
                                   "\"type\": \"Binary\"}",
                                   rows[i]));
        assert_true(open_target(dist));
        assert_int_equal(target.subject_count, 2);
        assert_int_equal(target.refused_count, 1);
        assert_int_equal(target.refused[0].error.code, ERROR_MISMATCH);
        assert_non_null(strstr(target.refused[0].error.message, "is for linux/amd64"));
    }
}

static void what_is_no_file_here_is_told(void **state)
{
    (void)state;
    put("dist/tool.snap", BYTES("hsqs"));
    put("dist/tool.new", program());
    put("dist/source.tar.gz", load(archive_of("s.tar.gz", "testdata/tool", program())));
    put("dist/empty.tar.gz", load(archive_of("e.tar.gz", "README", BYTES("text"))));
    const char *dist =
        dist_with(", {\"name\": \"x.example/tool:1\", \"path\": \"x.example/tool:1\", "
                  "\"type\": \"Published Docker Image\"}"
                  ", {\"name\": \"tool.snap\", \"path\": \"dist/tool.snap\", \"type\": \"Snap\"}"
                  ", {\"name\": \"tool.new\", \"path\": \"dist/tool.new\", \"type\": \"Novelty\"}"
                  ", {\"name\": \"source\", \"path\": \"dist/source.tar.gz\", \"type\": \"Source\"}"
                  ", {\"name\": \"empty\", \"path\": \"dist/empty.tar.gz\", \"type\": \"Archive\"}"
                  ", {\"name\": \"m\", \"path\": \"manifest.json\", \"type\": \"File\"}");
    assert_true(open_target(dist));
    /* The program of the unknown type is judged, that among the sources is not. */
    assert_int_equal(target.subject_count, 3);
    assert_int_equal(target.refused_count, 0);
    assert_non_null(strstr(note_on("x.example")->text, "registry"));
    assert_non_null(strstr(note_on("tool.snap")->text, "not taken apart"));
    assert_non_null(strstr(note_on("tool.new")->text, "Novelty"));
    assert_non_null(strstr(note_on("empty.tar.gz")->text, "no Go binary in it"));
    assert_non_null(strstr(note_on("manifest.json")->text, "outside"));
}

static void paths_that_lead_out_are_refused(void **state)
{
    (void)state;
    static const char *const paths[] = {"dist/../tool", "../tool", "/etc/dist/../../x",
                                        "/etc/passwd",  "tool",    "dist/./x",
                                        "dist//x",      "/dist/"};
    put("tool", program());
    for (size_t i = 0; i < ARRAY_LEN(paths); i++) {
        const char *dist = dist_with(arena_printf(
            &arena, ", {\"name\": \"x\", \"path\": \"%s\", \"type\": \"Binary\"}", paths[i]));
        assert_true(open_target(dist));
        assert_int_equal(target.subject_count, 2);
        assert_int_equal(target.refused_count, 1);
        assert_int_equal(target.refused[0].error.code, i < 3 ? ERROR_UNTRUSTED : ERROR_ABSENT);
    }
}

static void absolute_paths_are_those_of_the_machine_that_built(void **state)
{
    (void)state;
    put("dist/b_linux/tool", program());
    const char *dist = dist_with(", {\"name\": \"tool\", \"path\": "
                                 "\"/home/dist/u/dist/b_linux/tool\", \"goos\": \"linux\", "
                                 "\"goarch\": \"arm64\", \"type\": \"Binary\"}");
    assert_true(open_target(dist));
    assert_int_equal(target.subject_count, 2);
    assert_int_equal(target.refused_count, 1);
    assert_string_equal(target.refused[0].name, path_of("dist/b_linux/tool"));
    assert_int_equal(target.refused[0].error.code, ERROR_MISMATCH);
}

static void what_is_listed_and_not_there_is_refused(void **state)
{
    (void)state;
    put("tool", program());
    assert_int_equal(mkdir(path_of("dist"), 0700), 0);
    assert_int_equal(symlink("../tool", path_of("dist/link")), 0);
    const char *dist =
        dist_with(", {\"name\": \"link\", \"path\": \"dist/link\", \"type\": \"Binary\"}"
                  ", {\"name\": \"gone\", \"path\": \"dist/gone\", \"type\": \"Archive\"}");
    assert_true(open_target(dist));
    assert_int_equal(target.refused_count, 2);
    assert_int_equal(target.refused[0].error.code, ERROR_ABSENT);
    assert_int_equal(target.refused[1].error.code, ERROR_ABSENT);
}

static void a_program_that_is_not_listed_is_judged_and_told(void **state)
{
    (void)state;
    put("dist/extra", program());
    assert_true(open_target(dist_with("")));
    assert_int_equal(target.subject_count, 3);
    assert_non_null(strstr(note_on("dist/extra")->text, "no artifact"));
}

static void a_list_that_cannot_be_read_is_refused(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "",
        "{}",
        "[1]",
        "[{}]",
        "[{\"name\": \"x\", \"path\": \"dist/x\"}]",
        "[{\"name\": \"x\", \"path\": 1, \"type\": \"Binary\"}]",
        "[{\"name\": \"x\", \"path\": \"dist/x\", \"path\": \"dist/y\", \"type\": \"Binary\"}]",
        "[{\"name\": \"x\", \"path\": \"dist/x\", \"type\": 4}]",
        "[{\"name\": \"x\", \"path\": \"dist/x\", \"type\": \"Binary\", \"goos\": null}]",
        "[{\"name\": \"x\", \"path\": \"dist/x\", \"type\": \"Binary\", \"extra\": []}]",
        "[{\"name\": \"x\", \"path\": \"dist/x\", \"type\": \"Binary\", "
        "\"extra\": {\"Checksum\": \"sha256:00\"}}]",
        "[{\"name\": \"x\", \"path\": \"dist/x\", \"type\": \"Binary\"}",
    };
    const char *dist = dist_with("");
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
        put("dist/artifacts.json", bytes_from_string(texts[i]));
        assert_fails(open_target(dist), &err, ERROR_FORMAT, "dist/artifacts.json");
        assert_true(err.cure[0] != '\0');
        assert_fails(open_target(path_of("dist/artifacts.json")), &err, ERROR_FORMAT,
                     "dist/artifacts.json");
    }
    dist = dist_with("");
    put("dist/metadata.json", BYTES("{\"commit\": 1}"));
    assert_fails(open_target(dist), &err, ERROR_FORMAT, "dist/metadata.json");
}

static void another_tools_artifacts_json_is_none(void **state)
{
    (void)state;
    put("build/tool", program());
    put("build/artifacts.json", BYTES("{\"contracts\": {}}"));
    assert_true(open_target(path_of("build")));
    assert_int_equal(target.subject_count, 1);
    assert_non_null(strstr(note_on("artifacts.json")->text, "not GoReleaser's"));
}

static void a_list_without_end_is_refused(void **state)
{
    (void)state;
    struct buffer text;
    buffer_init(&text, 64 << 20);
    buffer_string(&text, "[");
    for (int i = 0; i <= 100000; i++) {
        buffer_printf(&text, "%s{\"name\": \"x\", \"path\": \"dist/x\", \"type\": \"Binary\"}",
                      i == 0 ? "" : ",");
    }
    buffer_string(&text, "]");
    put("dist/artifacts.json", arena_bytes(&arena, buffer_view(&text)));
    buffer_free(&text);
    assert_fails(open_target(path_of("dist")), &err, ERROR_LIMIT, "artifacts");
}

static const struct CMUnitTest tests[] = {
    TARGET_CASE(a_dist_is_what_its_list_says),
    TARGET_CASE(what_archives_are_made_of_is_told_from_what_is_published),
    TARGET_CASE(a_file_that_is_another_one_is_refused),
    TARGET_CASE(the_list_of_checksums_counts_too),
    TARGET_CASE(a_checksum_is_found_by_the_artifacts_name),
    TARGET_CASE(another_platform_than_the_list_says_is_refused),
    TARGET_CASE(what_is_no_file_here_is_told),
    TARGET_CASE(paths_that_lead_out_are_refused),
    TARGET_CASE(absolute_paths_are_those_of_the_machine_that_built),
    TARGET_CASE(what_is_listed_and_not_there_is_refused),
    TARGET_CASE(a_program_that_is_not_listed_is_judged_and_told),
    TARGET_CASE(a_list_that_cannot_be_read_is_refused),
    TARGET_CASE(another_tools_artifacts_json_is_none),
    TARGET_CASE(a_list_without_end_is_refused),
};

TARGET_MAIN(tests)

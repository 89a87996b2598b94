// SPDX-License-Identifier: Apache-2.0
#include "base/file.h"
#include "tests/unit/target/target_fixture.h"
#include "verifier/source_files.h"

static struct source_files files;

static int forget(void **state)
{
    files = (struct source_files){0};
    return target_make(state);
}

static struct subject_result result_from(const char *tree)
{
    return (struct subject_result){.accepted = true,
                                   .has_source = true,
                                   .source = {.id = {"example.com/m", "v1.0.0"}, .tree = tree}};
}

static const char *source_tree(void)
{
    put("tree/LICENSE", BYTES("licence\n"));
    put("tree/docs/README.md", BYTES("read me\n"));
    put("tree/main.go", BYTES("package main\n"));
    return path_of("tree");
}

static struct target_member member_of(const char *name, struct bytes content)
{
    return (struct target_member){name, true, sha256_of(content)};
}

static void a_copy_of_a_file_of_the_source_comes_from_there(void **state)
{
    (void)state;
    struct subject_result result = result_from(source_tree());
    source_files_add(&files, &result, 1, &arena);
    assert_int_equal(files.count, 3);
    struct target_member member = member_of("package/README", BYTES("read me\n"));
    const struct source_file *file = source_files_find(&files, &member);
    assert_non_null(file);
    assert_string_equal(file->path, "docs/README.md");
    assert_string_equal(file->source, "example.com/m@v1.0.0");
    /* The same tree counts once. */
    source_files_add(&files, &result, 1, &arena);
    assert_int_equal(files.count, 3);
}

static void what_is_not_equal_is_not_proven(void **state)
{
    (void)state;
    struct subject_result result = result_from(source_tree());
    source_files_add(&files, &result, 1, &arena);
    static const char *const texts[] = {"licence", "licence\n\n", "Licence\n", ""};
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
        struct target_member member = member_of("LICENSE", bytes_from_string(texts[i]));
        assert_null(source_files_find(&files, &member));
    }
    /* A link has no content, whatever its digest field holds. */
    struct target_member link = member_of("LICENSE", BYTES("licence\n"));
    link.regular = false;
    assert_null(source_files_find(&files, &link));
}

/* A working copy is no clean tree: links, version control, and the release itself lie in it. */
static void of_a_working_copy_the_artifacts_are_no_source(void **state)
{
    (void)state;
    struct subject_result result = result_from(source_tree());
    result.source_kind = "directory";
    result.source.id.version = "";
    put("tree/dist/notes.txt", BYTES("release\n"));
    put("tree/distant/notes.txt", BYTES("distant\n"));
    put("tree/.git/description", BYTES("git\n"));
    assert_int_equal(symlink("LICENSE", path_of("tree/COPYING")), 0);
    files.artifacts = path_of("tree/dist/");
    source_files_add(&files, &result, 1, &arena);
    struct target_member member = member_of("LICENSE", BYTES("licence\n"));
    assert_non_null(source_files_find(&files, &member));
    assert_string_equal(source_files_find(&files, &member)->source, "example.com/m");
    member = member_of("notes", BYTES("distant\n"));
    assert_non_null(source_files_find(&files, &member));
    member = member_of("notes", BYTES("release\n"));
    assert_null(source_files_find(&files, &member));
    member = member_of("description", BYTES("git\n"));
    assert_null(source_files_find(&files, &member));
}

static void only_a_source_that_was_proven_counts(void **state)
{
    (void)state;
    struct subject_result result = result_from(source_tree());
    result.accepted = false;
    source_files_add(&files, &result, 1, &arena);
    result = result_from(source_tree());
    result.has_source = false;
    source_files_add(&files, &result, 1, &arena);
    result = result_from(path_of("absent"));
    source_files_add(&files, &result, 1, &arena);
    result = result_from(NULL);
    source_files_add(&files, &result, 1, &arena);
    assert_int_equal(files.count, 0);
}

static void the_members_of_a_package_are_sorted(void **state)
{
    (void)state;
    struct subject_result result = result_from(source_tree());
    struct target_member others[] = {
        member_of("package/LICENSE", BYTES("licence\n")),
        member_of("package/install.js", BYTES("run()")),
        member_of("package/package.json", BYTES("{}")),
    };
    struct target_container container = {.others = others, .other_count = 3, .member_count = 4};
    struct container_result judged = {0};
    source_files_judge(&files, &container, &arena, &judged);
    assert_int_equal(judged.unproven_count, 3);
    source_files_add(&files, &result, 1, &arena);
    source_files_judge(&files, &container, &arena, &judged);
    assert_int_equal(judged.proven_count, 1);
    assert_string_equal(judged.proven[0].name, "package/LICENSE");
    assert_string_equal(judged.proven[0].source, "example.com/m@v1.0.0/LICENSE");
    assert_int_equal(judged.unproven_count, 2);
    assert_string_equal(judged.unproven[0], "package/install.js");
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, forget, target_drop)
static const struct CMUnitTest tests[] = {
    CASE(a_copy_of_a_file_of_the_source_comes_from_there),
    CASE(what_is_not_equal_is_not_proven),
    CASE(of_a_working_copy_the_artifacts_are_no_source),
    CASE(only_a_source_that_was_proven_counts),
    CASE(the_members_of_a_package_are_sorted),
};

TARGET_MAIN(tests)

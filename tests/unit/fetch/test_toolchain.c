// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "tests/unit/fetch/support.h"
#include "verifier/fetch/dirhash.h"
#include "verifier/fetch/toolchain.h"

static void names_releases_as_the_module_does(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"go1.2.2", "v0.0.1-go1.2.2.linux-amd64"},
        {"go1.16.3", "v0.0.1-go1.16.3.linux-amd64"},
        {"go1.20", "v0.0.1-go1.20.linux-amd64"},
        {"go1.20.14", "v0.0.1-go1.20.14.linux-amd64"},
        {"go1.21", "v0.0.1-go1.21.0.linux-amd64"},
        {"go1.21.0", "v0.0.1-go1.21.0.linux-amd64"},
        {"go1.26rc1", "v0.0.1-go1.26rc1.linux-amd64"},
        {"go1.21beta1", "v0.0.1-go1.21beta1.linux-amd64"},
        {"go1.27.1", "v0.0.1-go1.27.1.linux-amd64"},
    };
    struct arena arena = {0};
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        const char *version;
        struct error err;
        assert_true(
            toolchain_module_version(cases[i][0], "linux", "amd64", &arena, &version, &err));
        assert_string_equal(version, cases[i][1]);
    }
    arena_free(&arena);
}

static void refuses_what_is_no_release(void **state)
{
    (void)state;
    static const char *const bad[] = {"",
                                      "go",
                                      "1.23.5",
                                      "go1.23.5 ",
                                      "go1.23.5-custom",
                                      "devel go1.27-abc",
                                      "go1.23.5 X:nodwarf5",
                                      "go1.",
                                      "go1.2.",
                                      "go1.23.5.1",
                                      "go1.23rc",
                                      "go1.23.05",
                                      "go1.23rc1.2",
                                      "go-1.2",
                                      "go1.23.5/../x",
                                      "go1.23.5\n"};
    static const char *const bad_words[] = {"",     "Linux", "linux-",
                                            "../x", "l x",   "a234567890123456789"};
    struct arena arena = {0};
    const char *version;
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        struct error err = {0};
        assert_fails(toolchain_module_version(bad[i], "linux", "amd64", &arena, &version, &err),
                     &err, ERROR_UNSUPPORTED, "no release");
    }
    for (size_t i = 0; i < ARRAY_LEN(bad_words); i++) {
        struct error err = {0};
        assert_fails(
            toolchain_module_version("go1.23.5", bad_words[i], "amd64", &arena, &version, &err),
            &err, ERROR_UNSUPPORTED, "platform");
        assert_fails(
            toolchain_module_version("go1.23.5", "linux", bad_words[i], &arena, &version, &err),
            &err, ERROR_UNSUPPORTED, "platform");
    }
    arena_free(&arena);
}

static void make_file(int dir, const char *path, const char *content)
{
    struct error err;
    struct arena arena = {0};
    int fd;
    const char *slash = strrchr(path, '/');
    if (slash != NULL) {
        const char *above = arena_text(&arena, bytes_from(path, (size_t)(slash - path)));
        assert_true(directory_make(dir, above, 0755, NULL, &err));
    }
    assert_true(file_open_beneath(dir, path, O_WRONLY | O_CREAT | O_EXCL, 0444, &fd, &err));
    assert_true(file_write_all(fd, bytes_from_string(content), &err));
    close(fd);
    arena_free(&arena);
}

static void renames_go_mods_and_keeps_the_h1(void **state)
{
    (void)state;
    static const char *const paths[] = {"VERSION",
                                        "_go.mod",
                                        "bin/go",
                                        "bin/gofmt",
                                        "pkg/tool/linux_amd64/compile",
                                        "pkg/tool/linux_amd64/sub/no",
                                        "src/_go.mod",
                                        "src/cmd/_go.mod",
                                        "src/x_go.mod",
                                        "src/make.bash",
                                        "src/cmd/go.sum"};
    char path[64];
    char before[H1_LEN + 1];
    char after[H1_LEN + 1];
    struct arena arena = {0};
    struct file_tree tree;
    struct error err;
    int dir;
    scratch_make(path);
    assert_true(directory_open(path, &dir, &err));
    for (size_t i = 0; i < ARRAY_LEN(paths); i++) {
        make_file(dir, paths[i], paths[i]);
    }
    assert_true(file_tree_scan(dir, &arena, &tree, &err) && file_tree_hash(dir, &tree, 1, &err));
    assert_true(dirhash_tree(&tree, "p@v/", before, &err));
    assert_true(toolchain_finish(dir, &tree, &arena, &err));
    assert_true(dirhash_tree(&tree, "p@v/", after, &err));
    assert_string_equal(before, after);
    assert_true(file_tree_verify(dir, &tree, 1, &err));
    assert_non_null(file_tree_find(&tree, "go.mod"));
    assert_non_null(file_tree_find(&tree, "src/cmd/go.mod"));
    assert_null(file_tree_find(&tree, "src/_go.mod"));
    assert_int_equal(file_tree_find(&tree, "src/x_go.mod")->kind, FILE_KIND_PLAIN);
    assert_int_equal(file_tree_find(&tree, "bin/go")->mode, 0755);
    assert_int_equal(file_tree_find(&tree, "pkg/tool/linux_amd64/compile")->mode, 0755);
    assert_int_equal(file_tree_find(&tree, "pkg/tool/linux_amd64/sub/no")->mode, 0644);
    assert_int_equal(file_tree_find(&tree, "src/make.bash")->mode, 0644);
    assert_true(file_exists(dir, "src/go.mod") && !file_exists(dir, "src/_go.mod"));
    close(dir);
    arena_free(&arena);
    scratch_remove(path);
}

static void refuses_a_go_mod_beside_the_other(void **state)
{
    (void)state;
    char path[64];
    struct arena arena = {0};
    struct file_tree tree;
    struct error err;
    int dir;
    scratch_make(path);
    assert_true(directory_open(path, &dir, &err));
    make_file(dir, "go.mod", "a");
    make_file(dir, "_go.mod", "b");
    assert_true(file_tree_scan(dir, &arena, &tree, &err));
    assert_fails(toolchain_finish(dir, &tree, &arena, &err), &err, ERROR_UNTRUSTED, "beside");
    close(dir);
    arena_free(&arena);
    scratch_remove(path);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(names_releases_as_the_module_does),
    cmocka_unit_test(refuses_what_is_no_release),
    cmocka_unit_test(renames_go_mods_and_keeps_the_h1),
    cmocka_unit_test(refuses_a_go_mod_beside_the_other),
};

UNIT_MAIN(tests)

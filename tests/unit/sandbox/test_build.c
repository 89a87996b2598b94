// SPDX-License-Identifier: Apache-2.0
/* Builds in the box: by a hostile program in place of go, and by the real go of the host. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/file.h"
#include "base/limits.h"
#include "base/process.h"
#include "base/scanner.h"
#include "verifier/image/image.h"
#include "verifier/sandbox/build.h"
#include "verifier/sandbox/build_internal.h"

struct place {
    char top[64];
    int dir;
    struct workspace workspace;
    struct arena arena;
    const char *goroot; /* of the real go; NULL: none */
    const char *go_version;
};

static const char *beneath(struct place *place, const char *name)
{
    return arena_printf(&place->arena, "%s/%s", place->top, name);
}

static void write_text(struct place *place, const char *path, const char *text)
{
    struct error err;
    if (!build_write_file(place->dir, path, bytes_from_string(text), 0644, &err)) {
        fail_msg("%s", err.message);
    }
}

/* The distribution of the go on PATH, if it is one whole directory. */
static void find_go(struct place *place)
{
    struct error err;
    struct sandbox_result result;
    const char *go;
    struct stat info;
    if (!process_find("go", "golang-go", &place->arena, &go, &err)) {
        return;
    }
    const char *const argv[] = {go, "env", "GOROOT", "GOVERSION", NULL};
    const char *const environment[] = {"GOTOOLCHAIN=local", "HOME=/nonexistent", NULL};
    const struct sandbox_job job = {
        .kind = SANDBOX_NONE, .argv = argv, .environment = environment, .limits = {.seconds = 60}};
    struct bytes root;
    struct bytes version;
    if (!sandbox_run(&job, &place->arena, &result, &err) || result.status != 0 ||
        !scan_cut(scan_trimmed(result.log), '\n', &root, &version)) {
        return;
    }
    const char *path = arena_text(&place->arena, root);
    if (lstat(arena_printf(&place->arena, "%s/src", path), &info) == 0 && S_ISDIR(info.st_mode)) {
        place->goroot = path;
        place->go_version = arena_text(&place->arena, version);
    }
}

static int set_up(void **state)
{
    struct place *place = calloc(1, sizeof(*place));
    struct error err;
    snprintf(place->top, sizeof(place->top), "/tmp/build-test-XXXXXX");
    assert_non_null(mkdtemp(place->top));
    assert_true(directory_open(place->top, &place->dir, &err));
    assert_true(directory_make(place->dir, "work", 0711, &place->workspace.dir, &err));
    place->workspace.path = beneath(place, "work");
    find_go(place);
    *state = place;
    return 0;
}

static int tear_down(void **state)
{
    struct place *place = *state;
    struct error err;
    struct arena names_arena = {0};
    char **names;
    size_t left;
    AUTO_FD int parent = open("/tmp", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    assert_true(directory_list(place->workspace.dir, &names_arena, &names, &left, &err));
    assert_int_equal(left, 0); /* every box has removed itself */
    arena_free(&names_arena);
    assert_true(directory_remove(parent, strrchr(place->top, '/') + 1, &err));
    close(place->workspace.dir);
    close(place->dir);
    arena_free(&place->arena);
    free(place);
    return 0;
}

/* A toolchain whose go is the hostile program, which does ACT. */
static const char *hostile_toolchain(struct place *place, const char *act)
{
    struct error err;
    AUTO_FD int from = open(getenv("HOSTILE"), O_RDONLY | O_CLOEXEC);
    AUTO_FD int to = -1;
    assert_true(directory_make(place->dir, "toolchain/bin", 0755, NULL, &err));
    assert_true(directory_remove(place->dir, "toolchain/bin/go", &err));
    assert_true(directory_remove(place->dir, "toolchain/act", &err));
    assert_true(
        file_open_beneath(place->dir, "toolchain/bin/go", O_WRONLY | O_CREAT, 0755, &to, &err));
    assert_true(file_copy(from, to, &err));
    assert_int_equal(fchmod(to, 0755), 0);
    write_text(place, "toolchain/act", act);
    return beneath(place, "toolchain");
}

static struct recipe recipe_of(struct place *place, const char *version)
{
    struct recipe recipe = recipe_empty();
    recipe.source_kind = SOURCE_DIRECTORY;
    recipe.module = "example.org/hostile";
    recipe.main_package = "example.org/hostile";
    recipe.directory = beneath(place, "module");
    recipe.toolchain = version;
    recipe.goos = "linux";
    recipe.goarch = "amd64";
    recipe.trimpath = true;
    return recipe;
}

/* Opens a box for RECIPE, or fails. */
static struct build_box *open_box(struct place *place, const struct recipe *recipe,
                                  const char *toolchain, struct build_settings settings)
{
    struct build_box *box = NULL;
    struct error err = {0};
    struct fetched_toolchain fetched = {.version = recipe->toolchain,
                                        .module = {.tree = toolchain}};
    const struct build_inputs inputs = {.recipe = recipe, .toolchain = &fetched};
    if (!build_box_open(&inputs, &settings, &place->workspace, &box, &err)) {
        fail_msg("%s", err.message);
    }
    return box;
}

static struct build_output run_box(struct place *place, struct build_box *box)
{
    struct build_output output;
    struct error err = {0};
    if (!build_box_run(box, NULL, 0, &place->arena, &output, &err)) {
        fail_msg("%s", err.message);
    }
    return output;
}

static struct build_output build(struct place *place, const struct recipe *recipe,
                                 const char *toolchain, struct build_settings settings)
{
    struct build_box *box = open_box(place, recipe, toolchain, settings);
    struct build_output output = run_box(place, box);
    build_box_free(&box);
    return output;
}

static const struct build_settings quick = {.jobs = 2, .limits = {.seconds = 200}};

/* What came of a build in which go does ACT. */
static struct build_output hostile_build(struct place *place, const char *act)
{
    if (!file_exists(place->dir, "module/go.mod")) {
        write_text(place, "module/go.mod", "module example.org/hostile\n\ngo 1.20\n");
    }
    struct recipe recipe = recipe_of(place, "go1.23.5");
    return build(place, &recipe, hostile_toolchain(place, act), quick);
}

static bool log_says(const struct build_output *output, const char *text)
{
    return bytes_find(output->run.log, 0, bytes_from_string(text)) != SIZE_MAX;
}

static void hostile_output_is_refused(void **state)
{
    static const char *const rows[][2] = {
        {"symlink /out/artifact", "symbolic link"}, {"hard-link /out/artifact", "hard link"},
        {"directory /out/artifact", "directory"},   {"fifo /out/artifact", "no output"},
        {"sparse /out/artifact", "bytes"},          {"identity", "no output"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct build_output output = hostile_build(*state, rows[i][0]);
        assert_int_equal(output.fd, -1);
        assert_string_equal(output.failure, "build-failed");
        if (strstr(output.detail, rows[i][1]) == NULL) {
            fail_msg("%s: %s", rows[i][0], output.detail);
        }
    }
}

static void unreadable_output_is_refused(void **state)
{
    struct build_output output = hostile_build(*state, "unreadable /out/artifact");
    if (geteuid() == 0) {
        assert_true(output.fd >= 0); /* nothing is unreadable for root */
    } else {
        assert_string_equal(output.failure, "build-failed");
    }
    build_output_free(&output);
}

static void output_does_not_change_once_taken(void **state)
{
    struct build_output output = hostile_build(*state, "stay-behind /out/artifact");
    char before[4];
    char after[4];
    assert_true(output.fd >= 0);
    assert_int_equal(pread(output.fd, before, 4, 0), 4);
    usleep(50000);
    assert_int_equal(pread(output.fd, after, 4, 0), 4);
    assert_memory_equal(before, after, 4);
    build_output_free(&output);
    assert_int_equal(output.fd, -1);
}

static void build_sees_inputs_only(void **state)
{
    static const char *const rows[][2] = {
        {"list /", "entry src\n"},     {"list /", "entry go\n"},
        {"list /stub", "entry git\n"}, {"list /src", "entry go.mod\n"},
        {"environment", "GOENV=off"},  {"environment", "PATH=/stub\n"},
    };
    static const char *const writes[] = {"write /src/go.mod", "write /src/new", "write /go/act",
                                         "write /own/go.mod", "write /mod/x",   "write /stub/git",
                                         "write /new"};
    struct place *place = *state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct build_output output = hostile_build(place, rows[i][0]);
        assert_true(log_says(&output, rows[i][1]));
        assert_false(log_says(&output, place->top));
    }
    for (size_t i = 0; i < ARRAY_LEN(writes); i++) {
        struct build_output output = hostile_build(place, writes[i]);
        assert_true(output.run.log.len > 0);
        assert_false(log_says(&output, "WORKED"));
    }
}

static void limits_are_told(void **state)
{
    struct place *place = *state;
    write_text(place, "module/go.mod", "module example.org/hostile\n\ngo 1.20\n");
    struct recipe recipe = recipe_of(place, "go1.23.5");
    const struct build_settings settings = {.limits = {.seconds = 1, .disk_bytes = 32 * MIB}};
    struct build_output output = build(place, &recipe, hostile_toolchain(place, "sleep"), settings);
    assert_string_equal(output.failure, "limit");
    assert_non_null(strstr(output.detail, "longer than 1 s"));
    output = build(place, &recipe, hostile_toolchain(place, "fill-with-files /cache"),
                   (struct build_settings){.limits = {.seconds = 60, .disk_bytes = 32 * MIB}});
    assert_string_equal(output.failure, "limit");
    assert_non_null(strstr(output.detail, "32 MiB"));
}

/* Each box has a cache of its own, empty at first. */
static void cache_of_one_box_is_not_another_s(void **state)
{
    struct build_output output = hostile_build(*state, "write /cache/poison");
    assert_true(log_says(&output, "/cache/poison: WORKED"));
    output = hostile_build(*state, "read /cache/poison");
    assert_true(log_says(&output, "/cache/poison: ENOENT"));
}

/* bubblewrap GHSA-pxhw-h44j-8pfx, with what a module may bring along. */
static void links_in_the_source_reach_nothing(void **state)
{
    struct place *place = *state;
    struct error err;
    assert_true(directory_make(place->dir, "victim", 0777, NULL, &err));
    write_text(place, "module/go.mod", "module example.org/hostile\n\ngo 1.20\n");
    static const char *const names[] = {"go", "own", ".git", "mod", "cache", "out"};
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        AUTO_FD int module = -1;
        assert_true(directory_open_beneath(place->dir, "module", &module, &err));
        assert_int_equal(symlinkat(beneath(place, "victim"), module, names[i]), 0);
        assert_int_equal(
            symlinkat("../../../victim", module, arena_printf(&place->arena, "r%zu", i)), 0);
    }
    hostile_build(place, "write /src/r0/new");
    struct arena names_arena = {0};
    char **found;
    size_t count;
    AUTO_FD int victim = -1;
    assert_true(directory_open_beneath(place->dir, "victim", &victim, &err));
    assert_true(directory_list(victim, &names_arena, &found, &count, &err));
    arena_free(&names_arena);
    assert_int_equal(count, 0);
}

static bool real_go_or_skip(const struct place *place)
{
    if (place->goroot == NULL) {
        print_message("no go distribution in one directory on this host\n");
        return false;
    }
    return true;
}

static void write_program(struct place *place, const char *source)
{
    write_text(place, "module/go.mod", "module example.org/hostile\n\ngo 1.20\n");
    write_text(place, "module/main.go", source);
}

static struct sha256 digest_of(const struct build_output *output)
{
    struct source source;
    struct sha256 digest;
    struct error err;
    if (output->fd < 0) {
        fail_msg("%s: %s", output->failure, output->detail);
    }
    assert_true(source_from_fd(output->fd, &source, &err));
    assert_true(sha256_source(&source, &digest, &err));
    return digest;
}

static struct recipe stamped_recipe(struct place *place)
{
    struct recipe recipe = recipe_of(place, place->go_version);
    recipe.vcs.present = true;
    recipe.vcs.revision = "e9174d671b1882758cd32ac5e146200f5bee3e45";
    recipe.vcs.time = "2025-02-08T03:01:26Z";
    recipe.vcs.unix_time = 1738983686;
    return recipe;
}

static void same_bytes_in_the_box_and_without(void **state)
{
    struct place *place = *state;
    if (!real_go_or_skip(place)) {
        skip();
    }
    write_program(place, "package main\n\nvar x = \"a\"\n\nfunc main() { println(x) }\n");
    struct recipe recipe = stamped_recipe(place);
    struct build_box *box = open_box(place, &recipe, place->goroot, quick);
    struct error err;
    bool known = false;
    assert_true(build_box_knows_platform(box, &place->arena, &known, &err));
    assert_true(known);
    struct build_output output = run_box(place, box);
    struct sha256 boxed = digest_of(&output);
    build_output_free(&output);

    /* A relink with other flags, and one with the first flags again: from the same cache. */
    const char *const flags[] = {"-X", "main.x=b"};
    assert_true(build_box_run(box, flags, 2, &place->arena, &output, &err));
    struct sha256 other = digest_of(&output);
    assert_false(sha256_equal(&boxed, &other));
    build_output_free(&output);
    output = run_box(place, box);
    struct sha256 again = digest_of(&output);
    assert_true(sha256_equal(&boxed, &again));
    build_output_free(&output);
    build_box_free(&box);

    struct build_settings settings = quick;
    settings.kind = SANDBOX_NONE;
    output = build(place, &recipe, place->goroot, settings);
    struct sha256 unboxed = digest_of(&output);
    assert_true(sha256_equal(&boxed, &unboxed));
    build_output_free(&output);
}

static void untrimmed_build_has_the_recorded_paths(void **state)
{
    struct place *place = *state;
    if (!real_go_or_skip(place)) {
        skip();
    }
    write_program(place, "package main\n\nfunc main() { panic(1) }\n");
    struct recipe recipe = recipe_of(place, place->go_version);
    recipe.trimpath = false;
    recipe.goroot = "/opt/hostedtoolcache/go/1.2.3/x64";
    recipe.gopath = "/home/runner/go";
    recipe.source_root = "/home/runner/work/hostile/hostile";
    struct build_output output = build(place, &recipe, place->goroot, quick);
    struct source source;
    struct bytes content;
    struct error err;
    assert_true(output.fd >= 0);
    assert_true(source_from_fd(output.fd, &source, &err));
    assert_true(source_load(&source, 0, source.size, 64 * MIB, &place->arena, &content, &err));
    assert_true(
        bytes_find(content, 0, bytes_from_string("/home/runner/work/hostile/hostile/main.go")) !=
        SIZE_MAX);
    assert_true(bytes_find(content, 0,
                           bytes_from_string("/opt/hostedtoolcache/go/1.2.3/x64/src/runtime")) !=
                SIZE_MAX);
    build_output_free(&output);
    /* Only a box can have them. */
    struct build_box *box = NULL;
    struct fetched_toolchain toolchain = {.version = place->go_version,
                                          .module = {.tree = place->goroot}};
    const struct build_inputs inputs = {.recipe = &recipe, .toolchain = &toolchain};
    const struct build_settings settings = {.kind = SANDBOX_NONE};
    assert_false(build_box_open(&inputs, &settings, &place->workspace, &box, &err));
    assert_int_equal(err.code, ERROR_UNSUPPORTED);
    assert_null(box);
}

static void assembler_cannot_show_host_files(void **state)
{
    struct place *place = *state;
    if (!real_go_or_skip(place)) {
        skip();
    }
    write_text(place, "secret", "host secret\n");
    write_program(place, "package main\n\nfunc f()\nfunc main() { f() }\n");
    write_text(place, "module/f.s",
               arena_printf(&place->arena, "#include \"%s\"\n", beneath(place, "secret")));
    struct recipe recipe = recipe_of(place, place->go_version);
    struct build_output output = build(place, &recipe, place->goroot, quick);
    assert_string_equal(output.failure, "build-failed");
    assert_false(log_says(&output, "host secret"));
}

static void missing_things_are_named(void **state)
{
    struct place *place = *state;
    if (!real_go_or_skip(place)) {
        skip();
    }
    write_program(place, "package main\n\nimport _ \"example.com/absent/pkg\"\n\nfunc main() {}\n");
    struct recipe recipe = recipe_of(place, place->go_version);
    struct build_output output = build(place, &recipe, place->goroot, quick);
    assert_non_null(strstr(output.detail, "example.com/absent/pkg"));
    struct error err;
    assert_true(directory_remove(place->dir, "module/main.go", &err));
    write_text(place, "module/main.go",
               "package main\n\nimport _ \"embed\"\n\n//go:embed absent.txt\nvar s string\n\n"
               "func main() { println(s) }\n");
    output = build(place, &recipe, place->goroot, quick);
    assert_non_null(strstr(output.detail, "absent.txt: no matching files found"));
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
        CASE(hostile_output_is_refused),
        CASE(unreadable_output_is_refused),
        CASE(output_does_not_change_once_taken),
        CASE(build_sees_inputs_only),
        CASE(limits_are_told),
        CASE(cache_of_one_box_is_not_another_s),
        CASE(links_in_the_source_reach_nothing),
        CASE(same_bytes_in_the_box_and_without),
        CASE(untrimmed_build_has_the_recorded_paths),
        CASE(assembler_cannot_show_host_files),
        CASE(missing_things_are_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

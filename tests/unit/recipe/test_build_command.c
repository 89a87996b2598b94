// SPDX-License-Identifier: Apache-2.0
#include "base/buffer.h"
#include "tests/unit/recipe/sample.h"
#include "verifier/recipe/build_command.h"

static struct recipe shfmt(struct arena *arena)
{
    struct inspection *file = ARENA_NEW(arena, struct inspection);
    *file = sample_inspection(arena, "go1.27.1", SAMPLE_SHFMT);
    return sample_recipe(arena, file, NULL, NULL);
}

/* The list joined with newlines. */
static const char *lines(struct arena *arena, const char *const *list)
{
    const char *text = "";
    for (size_t i = 0; list[i] != NULL; i++) {
        text = arena_printf(arena, "%s%s\n", text, list[i]);
    }
    return text;
}

static const char *command(struct arena *arena, const struct recipe *recipe,
                           const char *const *ldflags, size_t count)
{
    struct build_layout layout;
    struct error err = {0};
    const char *const *argv = NULL;
    if (!build_layout_of(recipe, arena, &layout, &err) ||
        !build_command_argv(recipe, &layout, ldflags, count, arena, &argv, &err)) {
        fail_msg("%s", err.message);
    }
    return lines(arena, argv);
}

static void builds_a_working_copy(void **state)
{
    (void)state;
    struct arena arena = {0};
    struct recipe recipe = shfmt(&arena);
    static const char *const other[] = {"-w", "-s", "-X", "a.b=c d"};
    assert_string_equal(command(&arena, &recipe, NULL, 0),
                        "/go/bin/go\nbuild\n-mod=readonly\n-modfile=/own/go.mod\n-trimpath\n"
                        "-buildvcs=true\n-pgo=off\n-ldflags=-s -w\n-o\n/out/artifact\n--\n"
                        "./cmd/shfmt\n");
    assert_non_null(strstr(command(&arena, &recipe, other, 4), "\n-ldflags=-w -s -X 'a.b=c d'\n"));
    assert_null(strstr(command(&arena, &recipe, other, 0), "-ldflags"));
    recipe.main_package = recipe.module;
    assert_non_null(strstr(command(&arena, &recipe, NULL, 0), "--\n.\n"));
    arena_free(&arena);
}

static void builds_dependencies_and_the_toolchain(void **state)
{
    (void)state;
    struct arena arena = {0};
    struct recipe recipe = shfmt(&arena);
    recipe.vcs.present = false;
    recipe.source_kind = SOURCE_MODULE_DEPENDENCY;
    const char *text = command(&arena, &recipe, NULL, 0);
    assert_non_null(strstr(text, "-mod=readonly\n-trimpath\n-buildvcs=false\n"));
    assert_non_null(strstr(text, "--\nmvdan.cc/sh/v3/cmd/shfmt\n"));
    recipe.source_kind = SOURCE_TOOLCHAIN_MODULE;
    recipe.module = "golang.org/toolchain";
    recipe.version = "";
    recipe.main_package = "cmd/go";
    recipe.gcflags = "cmd/...=-dwarf=false";
    text = command(&arena, &recipe, NULL, 0);
    assert_null(strstr(text, "-mod"));
    assert_non_null(strstr(text, "-gcflags=cmd/...=-dwarf=false\n"));
    assert_non_null(strstr(text, "--\ncmd/go\n"));
    arena_free(&arena);
}

static void leaves_out_flags_before_their_time(void **state)
{
    (void)state;
    struct arena arena = {0};
    struct recipe recipe = shfmt(&arena);
    recipe.toolchain = "go1.17.13";
    recipe.environment_count = 0;
    recipe.vcs.present = false;
    recipe.pgo = "";
    const char *text = command(&arena, &recipe, NULL, 0);
    assert_null(strstr(text, "-buildvcs"));
    assert_null(strstr(text, "-pgo"));
    arena_free(&arena);
}

static void gives_a_closed_environment(void **state)
{
    (void)state;
    struct arena arena = {0};
    struct error err = {0};
    struct recipe recipe = shfmt(&arena);
    struct build_layout layout;
    const char *const *environment = NULL;
    assert_true(build_layout_of(&recipe, &arena, &layout, &err));
    assert_true(build_command_environment(&recipe, &layout, &arena, &environment, &err));
    assert_string_equal(
        lines(&arena, environment),
        "PATH=/stub\nHOME=/tmp\nTMPDIR=/tmp\nGOROOT=/go\nGOPATH=/gopath\nGOMODCACHE=/mod\n"
        "GOCACHE=/cache\nGOENV=off\nGOFLAGS=\nGOWORK=off\nGO111MODULE=on\nGOTOOLCHAIN=local\n"
        "GOPROXY=off\nGOSUMDB=off\nGOOS=linux\nGOARCH=amd64\nGOAMD64=v1\nCGO_ENABLED=0\n"
        "REPROOF_ANSWERS=/stub/answers\n");
    arena_free(&arena);
}

static void lays_out_untrimmed_builds_under_their_own_paths(void **state)
{
    (void)state;
    struct arena arena = {0};
    struct error err = {0};
    struct recipe recipe = shfmt(&arena);
    struct build_layout layout;
    recipe.trimpath = false;
    recipe.goroot = "/usr/local/go";
    recipe.gopath = "/go";
    recipe.source_root = "/go/src/app";
    assert_true(build_layout_of(&recipe, &arena, &layout, &err));
    assert_string_equal(layout.modcache, "/go/pkg/mod");
    assert_string_equal(layout.source, "/go/src/app");
    assert_string_equal(layout.dot_git, "/go/src/app/.git");
    assert_string_equal(layout.goroot, "/usr/local/go");
    assert_true(strncmp(layout.own, "/.reproof/", 10) == 0);
    static const char *const bad[] = {"/", "/proc/x", "/.reproof/own", "/a/../b", "C:\\x", "", "a"};
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        recipe.source_root = bad[i];
        assert_fails(build_layout_of(&recipe, &arena, &layout, &err), &err, ERROR_UNSUPPORTED,
                     "source_root");
    }
    arena_free(&arena);
}

static void tells_the_stub_git_its_answers(void **state)
{
    (void)state;
    struct arena arena = {0};
    struct error err = {0};
    struct recipe recipe = shfmt(&arena);
    struct build_layout layout;
    struct bytes answers;
    assert_true(build_layout_of(&recipe, &arena, &layout, &err));
    assert_true(build_stub_answers(&recipe, &layout, &arena, &answers, &err));
    assert_bytes(answers, BYTES("root /src\nrevision a3f0c75d21d918756fa38de8b5d3429efde7948b\n"
                                "time 1788706271\nmodified 0\ntag v3.14.1\nbase \ndevel 0\n"
                                "no-go-mod 0\n"));
    recipe.vcs.present = false;
    assert_true(build_stub_answers(&recipe, &layout, &arena, &answers, &err));
    assert_int_equal(answers.len, 0);
    assert_true(bytes_start_with(build_stub_git(), "\177ELF"));
    arena_free(&arena);
}

/* One field of a good recipe made bad. */
static void refuses_recipes_field_by_field(void **state)
{
    (void)state;
    static struct environment_entry loader[] = {{"LD_PRELOAD", "/x.so"}};
    static struct environment_entry goflags[] = {{"GOFLAGS", "-toolexec=x"}};
    static struct environment_entry variant[] = {{"GOARM", "7"}};
    static struct environment_entry cgo[] = {{"CGO_ENABLED", "yes"}};
    static struct environment_entry compiler[] = {{"CC", "/bin/sh"}};
    static const char *extld[] = {"-extld=/bin/sh"};
    static struct module outside[] = {{"../x", "v1.0.0", "", NULL}};
    static struct module flag[] = {{"-x.y/z", "v1.0.0", "", NULL}};
    static struct module branch[] = {{"x.y/z", "master", "", NULL}};
    static struct module sum[] = {{"x.y/z", "v1.0.0", "h1:short", NULL}};
#define BAD(field, value)                                                                          \
    {                                                                                              \
        bad[count] = good;                                                                         \
        bad[count].field = value;                                                                  \
        names[count++] = #field "=" #value;                                                        \
    }
#define BAD_ENVIRONMENT(value)                                                                     \
    {                                                                                              \
        BAD(environment, value)                                                                    \
        bad[count - 1].environment_count = 1;                                                      \
    }
#define BAD_DEPS(value)                                                                            \
    {                                                                                              \
        BAD(deps, value)                                                                           \
        bad[count - 1].dep_count = 1;                                                              \
    }
    struct arena arena = {0};
    struct error err = {0};
    struct recipe good = shfmt(&arena), bad[64];
    const char *names[64];
    size_t count = 0;
    assert_true(recipe_validate(&good, &err));
    BAD(toolchain, "go1.27.1/../x")
    BAD(toolchain, "")
    BAD(toolchain, "go1.15")
    BAD(module, "-x.y/sh")
    BAD(module, "nodot")
    BAD(module, "mvdan.cc/sh")
    BAD(version, "v2.0.0")
    BAD(version, "v3.0.0 -x")
    BAD(h1, "h1:AAAA")
    BAD(main_package, "mvdan.cc/sh/v3/../../x")
    BAD(main_package, "mvdan.cc/sh/v3x")
    BAD(main_package, "mvdan.cc/sh/v3/...")
    BAD(main_package, "mvdan.cc/sh/v3/a b")
    BAD(directory, "/x")
    BAD(goos, "linux -x")
    BAD(goos, "")
    BAD(goarch, "../x")
    BAD(buildmode, "plugin")
    BAD(buildmode, "exe -x")
    BAD(tags, "a b")
    BAD(tags, "a\nb")
    BAD(gcflags, "-o=/x")
    BAD(asmflags, "@x")
    BAD(pgo, "/x/cpu.pprof")
    BAD(ldflags_text, "-s")
    BAD(ldflags_text, "-toolexec=x")
    BAD(workspace, true)
    BAD(module_directory, "a")
    BAD(vendored, true)
    BAD(vcs.revision, "HEAD")
    BAD(vcs.time, "yesterday")
    BAD(vcs.unix_time, 1)
    BAD(vcs.tag, "v1.0.0\nbase x")
    BAD(vcs.tag, "v1.0.0+x")
    BAD(vcs.base, "v1.0.0")
    BAD(source_kind, SOURCE_MODULE_DEPENDENCY)
    BAD(source_kind, SOURCE_DIRECTORY)
    BAD(ldflags, extld)
    bad[count - 1].ldflag_count = 1;
    BAD_ENVIRONMENT(loader)
    BAD_ENVIRONMENT(goflags)
    BAD_ENVIRONMENT(variant)
    BAD_ENVIRONMENT(cgo)
    BAD_ENVIRONMENT(compiler)
    BAD_DEPS(outside)
    BAD_DEPS(flag)
    BAD_DEPS(branch)
    BAD_DEPS(sum)
    for (size_t i = 0; i < count; i++) {
        if (recipe_validate(&bad[i], &err)) {
            fail_msg("%s passes", names[i]);
        }
    }
    arena_free(&arena);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(refuses_recipes_field_by_field),
    cmocka_unit_test(builds_a_working_copy),
    cmocka_unit_test(builds_dependencies_and_the_toolchain),
    cmocka_unit_test(leaves_out_flags_before_their_time),
    cmocka_unit_test(gives_a_closed_environment),
    cmocka_unit_test(lays_out_untrimmed_builds_under_their_own_paths),
    cmocka_unit_test(tells_the_stub_git_its_answers),
};

UNIT_MAIN(tests)

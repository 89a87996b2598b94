// SPDX-License-Identifier: Apache-2.0
/* What no recipe is made of, the reason that is given, and the way out that is named. */
#include "tests/unit/recipe/sample.h"
#include "verifier/recipe/recipe.h"

static const struct {
    const char *what, *go, *text, *code, *detail;
} refused[] = {
    {"Microsoft's toolchain", "go1.26.4",
     "path\tgithub.com/microsoft/typescript-go/cmd/tsgo\n"
     "mod\tgithub.com/microsoft/typescript-go\tv0.0.0-20260707030041-9977d6d38fcc+dirty\t\n" TRIMMED
     "build\tmicrosoft_toolset_version=go1.26.4-1-microsoft\n",
     "toolchain-unavailable", "Microsoft"},
    {"Red Hat's toolchain", "go1.25.7 (Red Hat 1.25.7-1.el9)", ESBUILD TRIMMED,
     "toolchain-unavailable", "Red Hat"},
    {"a changed version", "go1.26.4-microsoft", ESBUILD TRIMMED, "toolchain-unavailable", "vendor"},
    {"an experiment built into the toolchain", "go1.22.1 X:rangefunc", ESBUILD TRIMMED,
     "toolchain-unavailable", "X:rangefunc"},
    {"an unreleased Go", "devel go1.24-abcdef", ESBUILD TRIMMED, "toolchain-unavailable",
     "unreleased"},
    {"an old Go", "go1.15.15", ESBUILD, "unsupported", "1.16"},
    {"no version of Go", "tinygo", ESBUILD, "toolchain-unavailable", "tinygo"},
    {"gccgo", "go1.18.1", ESBUILD "build\t-compiler=gccgo\n" PLATFORM, "unsupported", "gccgo"},
    {"a Go archive", "go1.24.8",
     "path\tgithub.com/google/go-jsonnet/c-bindings\n"
     "mod\tgithub.com/google/go-jsonnet\tv0.0.0-20260324155553-567b61ac4a6c\t\n"
     "build\t-buildmode=c-archive\nbuild\tCGO_ENABLED=1\n",
     "unsupported", "c-archive"},
    {"a plugin", "go1.24.8", ESBUILD "build\t-buildmode=plugin\n" TRIMMED, "unsupported", "plugin"},
    {"files named one by one", "go1.27.2", "path\tcommand-line-arguments\n" TRIMMED,
     "source-unavailable", "command line"},
    {"GOPATH mode", "go1.19.8", "path\tfilippo.io/age/cmd/age-keygen\n" PLATFORM,
     "source-unavailable", "GOPATH"},
    {"a module on no proxy", "go1.26.8", "path\tcaddy\nmod\tcaddy\t(devel)\t\n" TRIMMED STAMP,
     "source-unavailable", "caddy"},
    {"a vendored build", "go1.23.5",
     "path\texample.com/a\nmod\texample.com/a\tv1.0.0\t" SAMPLE_SUM
     "\ndep\tgolang.org/x/sys\tv0.1.0\t\n" TRIMMED,
     "recipe-unknown", "vendors"},
    {"a workspace", "go1.25.6", ESBUILD "dep\tgithub.com/cerbos/api\t(devel)\t\n" TRIMMED STAMP,
     "source-unavailable", "go.work"},
    {"a local replacement", "go1.23.5",
     ESBUILD "dep\tgolang.org/x/sys\tv0.1.0\t\n=>\t../sys\t(devel)\t\n" TRIMMED STAMP,
     "source-unavailable", "../sys"},
    {"the race detector", "go1.23.5", ESBUILD "build\t-race=true\n" TRIMMED STAMP,
     "c-toolchain-unavailable", "-race"},
    {"a test's coverage", "go1.23.5", ESBUILD "build\t-cover=true\n" TRIMMED STAMP, "unsupported",
     "-cover"},
    {"a program of an old toolchain", "go1.20.14", "path\tcmd/go\n" TRIMMED, "toolchain-file",
     "1.20"},
    {"a variant that Go does not know", "go1.23.5",
     ESBUILD "build\tGOARCH=arm\nbuild\tGOOS=linux\nbuild\tGOARM=8\n" STAMP, "unsupported",
     "GOARM=8"},
    {"a variant before its time", "go1.17.13",
     ESBUILD "build\tGOARCH=amd64\nbuild\tGOOS=linux\nbuild\tGOARM=7,softfloat\n" STAMP, NULL,
     NULL},
    {"another version control", "go1.23.5",
     ESBUILD TRIMMED "build\tvcs=hg\nbuild\tvcs.revision=00\nbuild\tvcs.time=x\n", "unsupported",
     "hg"},
    {"a revision that is none", "go1.23.5",
     ESBUILD TRIMMED "build\tvcs=git\nbuild\tvcs.revision=--exec=x\nbuild\tvcs.time=x\n",
     "unsupported", "--exec"},
    {"a time that is none", "go1.23.5",
     ESBUILD TRIMMED
     "build\tvcs=git\nbuild\tvcs.revision=e9174d671b1882758cd32ac5e146200f5bee3e45\n"
     "build\tvcs.time=2025-02-31T03:01:26Z\n",
     "unsupported", "2025-02-31"},
    {"a version before Go stamped any", "go1.23.5",
     "path\tgithub.com/evanw/esbuild/cmd/esbuild\nmod\tgithub.com/evanw/"
     "esbuild\tv0.25.0\t\n" TRIMMED STAMP,
     "recipe-unknown", "1.24"},
    {"a pseudo-version of another commit", "go1.25.0",
     "path\texample.com/a\nmod\texample.com/a\tv0.0.0-20250208030126-aaaaaaaaaaaa\t\n" TRIMMED
         STAMP,
     "recipe-unknown", "another revision"},
    {"+dirty without changes", "go1.25.0",
     "path\texample.com/a\nmod\texample.com/a\tv1.0.0+dirty\t\n" TRIMMED STAMP, "recipe-unknown",
     "vcs.modified=false"},
    {"a version without sum or stamp", "go1.25.0",
     "path\texample.com/a\nmod\texample.com/a\tv1.0.0\t\n" TRIMMED, "recipe-unknown",
     "without a vcs stamp"},
    {"a sum and a stamp", "go1.25.0",
     "path\texample.com/a\nmod\texample.com/a\tv1.0.0\t" SAMPLE_SUM "\n" TRIMMED STAMP,
     "recipe-unknown", "vcs stamp"},
    {"a path that leads out", "go1.25.0",
     "path\texample.com/a/../b\nmod\texample.com/a\tv1.0.0\t" SAMPLE_SUM "\n" TRIMMED,
     "unsupported", "package path"},
    {"a path that is a flag", "go1.25.0",
     "path\t-toolexec=x\nmod\texample.com/a\tv1.0.0\t" SAMPLE_SUM "\n" TRIMMED, "unsupported",
     "package path"},
    {"a path that is a pattern", "go1.25.0",
     "path\texample.com/a/...\nmod\texample.com/a\tv1.0.0\t" SAMPLE_SUM "\n" TRIMMED, "unsupported",
     "package path"},
    {"a package of another module", "go1.25.0",
     "path\texample.com/bc\nmod\texample.com/b\tv1.0.0\t" SAMPLE_SUM "\n" TRIMMED, "unsupported",
     "not of module"},
    {"a version that leads out", "go1.25.0",
     "path\texample.com/a\nmod\texample.com/a\tv1.0.0/../../x\t" SAMPLE_SUM "\n" TRIMMED,
     "unsupported", "version"},
    {"a dependency that leads out", "go1.25.0",
     "path\texample.com/a\nmod\texample.com/a\tv1.0.0\t" SAMPLE_SUM
     "\ndep\tx.y/../z\tv1.0.0\t" SAMPLE_SUM "\n" TRIMMED,
     "unsupported", "x.y/../z"},
    {"a recorded linker program", "go1.18.4",
     ESBUILD "build\t-ldflags=-extld=/bin/sh\n" PLATFORM STAMP, "unsupported", "-extld"},
    {"a recorded file of arguments", "go1.18.4",
     ESBUILD "build\t-ldflags=\"-s @args\"\n" PLATFORM STAMP, "unsupported", "@args"},
    {"an open quote", "go1.18.4", ESBUILD "build\t-ldflags=\"-X 'a.b=c\"\n" PLATFORM STAMP,
     "unsupported", "unterminated"},
    {"a compiler flag that writes", "go1.23.5",
     ESBUILD "build\t-gcflags=all=-cpuprofile=/x\n" TRIMMED STAMP, "unsupported", "-cpuprofile"},
    {"a profile from elsewhere", "go1.23.5",
     ESBUILD "build\t-pgo=/home/x/cpu.pprof\n" TRIMMED STAMP, "recipe-unknown", "cpu.pprof"},
    {"an environment that is a program", "go1.23.5",
     ESBUILD "build\tCGO_CFLAGS=@/etc/passwd\n" TRIMMED STAMP, "unsupported", "CGO_CFLAGS"},
};

static void refuses_what_cannot_be_rebuilt(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(refused); i++) {
        struct arena arena = {0};
        struct inspection file = sample_inspection(&arena, refused[i].go, refused[i].text);
        struct recipe recipe;
        struct recipe_notes notes;
        struct recipe_refusal refusal = {0};
        bool derived = recipe_derive(&file, NULL, &arena, &recipe, &notes, &refusal);
        if (refused[i].code == NULL) {
            assert_true(derived);
        } else if (derived || strcmp(refusal.code, refused[i].code) != 0 ||
                   strstr(refusal.detail, refused[i].detail) == NULL) {
            fail_msg("%s: %s %s", refused[i].what, derived ? "derived" : refusal.code,
                     derived ? "" : refusal.detail);
        }
        arena_free(&arena);
    }
}

static void refuses_by_traits(void **state)
{
    (void)state;
    static const struct {
        const char *goroot, *build_id, *compiler, *code;
        bool has_buildinfo, cgo;
    } rows[] = {
        {"/nix/store/abc-go-1.16.2/share/go", "x", NULL, "toolchain-unavailable", true, false},
        {"/usr/lib/go-1.19", "x", NULL, "toolchain-unavailable", true, false},
        {"GOROOT", "redacted", NULL, "toolchain-unavailable", false, false},
        {"", "redacted", NULL, "toolchain-unavailable", true, false},
        {"", "", "gccgo", "toolchain-unavailable", false, true},
        {"", "", "TinyGo 0.30.0", "toolchain-unavailable", false, false},
        {"", "x", NULL, "no-build-information", false, false},
        {"", "x", "GCC: (Debian 10.2.1-6) 10.2.1", "c-toolchain-unavailable", true, true},
        {"C:/Program Files/Go", "x", NULL, "unsupported", true, false},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct arena arena = {0};
        struct inspection file = sample_inspection(
            &arena, "go1.18.7", ESBUILD "build\tCGO_ENABLED=1\nbuild\tGOARCH=amd64\n" STAMP);
        struct recipe recipe;
        struct recipe_notes notes;
        struct recipe_refusal refusal = {0};
        const char *compilers[] = {rows[i].compiler};
        file.has_buildinfo = rows[i].has_buildinfo;
        file.traits.goroot = rows[i].goroot;
        file.traits.build_id = rows[i].build_id;
        file.traits.cgo = rows[i].cgo;
        file.traits.compilers = compilers;
        file.traits.compiler_count = rows[i].compiler != NULL;
        assert_false(recipe_derive(&file, NULL, &arena, &recipe, &notes, &refusal));
        assert_string_equal(refusal.code, rows[i].code);
        assert_true(rows[i].compiler == NULL || strstr(refusal.detail, rows[i].compiler) != NULL);
        arena_free(&arena);
    }
}

static void says_that_a_file_is_packed(void **state)
{
    (void)state;
    struct arena arena = {0};
    struct inspection file = sample_inspection(&arena, "", "");
    struct recipe recipe;
    struct recipe_notes notes;
    struct recipe_refusal refusal = {0};
    file.has_buildinfo = false;
    file.traits.packer = "UPX 5.02 (LZMA)";
    assert_false(recipe_derive(&file, NULL, &arena, &recipe, &notes, &refusal));
    assert_string_equal(refusal.code, "no-build-information");
    assert_non_null(strstr(refusal.detail, "UPX 5.02 (LZMA)"));
    assert_non_null(strstr(refusal.cure, "upx -d"));
    arena_free(&arena);
}

/* A source given would be refused as well: the cure must not send there. */
static void names_no_option_where_none_helps(void **state)
{
    (void)state;
    static const char *const infos[] = {"path\tfilippo.io/age/cmd/age-keygen\n" PLATFORM,
                                        "path\tcommand-line-arguments\n" TRIMMED};
    const struct recipe_hints hints = {.source_directory = "/src"};
    for (size_t i = 0; i < ARRAY_LEN(infos); i++) {
        struct arena arena = {0};
        struct inspection file = sample_inspection(&arena, "go1.19.8", infos[i]);
        struct recipe recipe;
        struct recipe_notes notes;
        struct recipe_refusal refusal = {0};
        assert_false(recipe_derive(&file, &hints, &arena, &recipe, &notes, &refusal));
        assert_non_null(strstr(refusal.cure, "no option helps"));
        arena_free(&arena);
    }
}

/* rules_go builds with an experiment, which a vendor's Go would show in the same place. */
static void names_bazel_before_a_vendor(void **state)
{
    (void)state;
    struct arena arena = {0};
    struct inspection file = sample_inspection(&arena, "go1.24.3 X:nocoverageredesign", ESBUILD);
    struct recipe recipe;
    struct recipe_notes notes;
    struct recipe_refusal refusal = {0};
    file.traits.build_id = "redacted";
    assert_false(recipe_derive(&file, NULL, &arena, &recipe, &notes, &refusal));
    assert_non_null(strstr(refusal.detail, "Bazel"));
    file.traits.build_id = "x";
    assert_false(recipe_derive(&file, NULL, &arena, &recipe, &notes, &refusal));
    assert_non_null(strstr(refusal.detail, "vendor"));
    arena_free(&arena);
}

static void refuses_a_megabyte_of_flags(void **state)
{
    (void)state;
    struct arena arena = {0};
    size_t room = 1U << 20;
    char *flags = arena_alloc(&arena, room + 1);
    memset(flags, 'a', room);
    memcpy(flags, "-X a.b=", 7);
    char *text = arena_printf(&arena, ESBUILD "build\t-ldflags=\"%s\"\n" PLATFORM STAMP, flags);
    struct inspection file = sample_inspection(&arena, "go1.18.4", text);
    struct recipe recipe;
    struct recipe_notes notes;
    struct recipe_refusal refusal = {0};
    assert_false(recipe_derive(&file, NULL, &arena, &recipe, &notes, &refusal));
    assert_string_equal(refusal.code, "limit");
    arena_free(&arena);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(refuses_what_cannot_be_rebuilt),
    cmocka_unit_test(refuses_by_traits),
    cmocka_unit_test(says_that_a_file_is_packed),
    cmocka_unit_test(names_no_option_where_none_helps),
    cmocka_unit_test(names_bazel_before_a_vendor),
    cmocka_unit_test(refuses_a_megabyte_of_flags),
};

UNIT_MAIN(tests)

// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/recipe/sample.h"
#include "verifier/recipe/recipe.h"

#define PLATFORM "build\tGOARCH=amd64\nbuild\tGOOS=linux\nbuild\tGOAMD64=v1\nbuild\tCGO_ENABLED=0\n"
#define TRIMMED "build\t-compiler=gc\nbuild\t-trimpath=true\n" PLATFORM
#define STAMP                                                                                      \
    "build\tvcs=git\nbuild\tvcs.revision=e9174d671b1882758cd32ac5e146200f5bee3e45\n"               \
    "build\tvcs.time=2025-02-08T03:01:26Z\nbuild\tvcs.modified=false\n"
#define ESBUILD                                                                                    \
    "path\tgithub.com/evanw/esbuild/cmd/esbuild\nmod\tgithub.com/evanw/esbuild\t(devel)\t\n"

static void a_file_without_header_has_a_patched_linker(void **state)
{
    (void)state;
    struct arena arena = {0};
    struct recipe_hints hints = {.package_version = "0.28.2"};
    struct recipe_notes notes;
    struct inspection file = sample_inspection(&arena, "go1.26.5", ESBUILD TRIMMED);
    file.has_buildinfo = false;
    file.headerless = true;
    file.traits.build_id = "";
    struct recipe recipe = sample_recipe(&arena, &file, &hints, &notes);
    assert_string_equal(recipe.toolchain, "go1.26.5");
    assert_string_equal(recipe.toolchain_patch, RECIPE_PATCH_NO_BUILDINFO);
    assert_string_equal(recipe.version, "v0.28.2");
    assert_non_null(sample_assumption(&notes, "patched-toolchain"));
    arena_free(&arena);
}

/* Values with symbols stand behind the flags of each order. */
static void takes_values_that_have_symbols(void **state)
{
    (void)state;
    struct arena arena = {0};
    struct recipe_hints hints = {.package_version = "0.25.0"};
    struct recipe_notes notes;
    struct planted_value values[] = {{"main.v", "0.25.0", 64}, {"", "noise", 80}};
    struct inspection file = sample_inspection(&arena, "go1.23.5", ESBUILD TRIMMED);
    file.traits.symbol_table = true;
    file.values = values;
    file.value_count = ARRAY_LEN(values);
    struct recipe recipe = sample_recipe(&arena, &file, &hints, &notes);
    assert_int_equal(recipe.ldflag_count, 3);
    assert_string_equal(recipe.ldflags[0], "-w");
    assert_string_equal(recipe.ldflags[2], "main.v=0.25.0");
    assert_string_equal(sample_assumption(&notes, "x-value-derived"),
                        "main.v=0.25.0, equal to the version without v");
    arena_free(&arena);
}

/* What may make another program of it than its source says stands before what cannot. */
static void puts_intentions_first(void **state)
{
    (void)state;
    static const struct {
        const char *definition, *words;
    } rows[] = {
        {"main.api=https://example.org/", "an address"},
        {"main.telemetry=True", "a switch"},
        {"main.update=off", "a switch"},
        {"main.office=offline", NULL},
        {"main.v=1.2.3", NULL},
        {"main.empty=", NULL},
    };
    struct arena arena = {0};
    struct recipe_notes notes = {0};
    struct recipe recipe = recipe_empty();
    const char *flags[2 * ARRAY_LEN(rows)];
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        flags[2 * i] = "-X";
        flags[2 * i + 1] = rows[ARRAY_LEN(rows) - 1 - i].definition;
    }
    recipe.ldflags = flags;
    recipe.ldflag_count = ARRAY_LEN(flags);
    recipe.trimpath = true;
    recipe.tags = "netgo,no_self_update";
    recipe_note_assumptions(&recipe, &arena, &notes);
    assert_int_equal(notes.assumption_count, ARRAY_LEN(rows) + 1);
    assert_string_equal(notes.assumptions[0].name, "tags");
    /* Those found first stand first; the flags above are in reverse. */
    for (size_t i = 0; i < 3; i++) {
        const char *detail = notes.assumptions[3 - i].detail;
        assert_memory_equal(detail, rows[i].definition, strlen(rows[i].definition));
        assert_non_null(strstr(detail, rows[i].words));
    }
    assert_int_equal(notes.intention_count, 4);
    recipe_retract(&notes, "tags", "tags");
    assert_int_equal(notes.intention_count, 3);
    assert_string_equal(notes.assumptions[0].name, "x-value-from-artifact");
    arena_free(&arena);
}

/* What no recipe is made of, and the reason that is given. */
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

static void takes_version_and_tag_from_the_mod_line(void **state)
{
    (void)state;
    static const struct {
        const char *mod, *modified, *version, *tag, *base;
        bool devel, no_go_mod;
    } rows[] = {
        {"v3.14.1", "false", "v3.14.1", "v3.14.1", "", false, false},
        {"v3.14.1+dirty", "true", "v3.14.1", "v3.14.1", "", false, false},
        {"v3.0.0-rc1", "false", "v3.0.0-rc1", "v3.0.0-rc1", "", false, false},
        {"v3.14.2-0.20260906145111-a3f0c75d21d9", "false", "v3.14.2-0.20260906145111-a3f0c75d21d9",
         "", "v3.14.1", false, false},
        {"v3.14.2-0.20260906145111-a3f0c75d21d9+dirty", "true",
         "v3.14.2-0.20260906145111-a3f0c75d21d9", "", "v3.14.1", false, false},
        {"v3.15.0-beta.1.0.20260906145111-a3f0c75d21d9", "false",
         "v3.15.0-beta.1.0.20260906145111-a3f0c75d21d9", "", "v3.15.0-beta.1", false, false},
        {"v3.0.0-20260906145111-a3f0c75d21d9", "false", "v3.0.0-20260906145111-a3f0c75d21d9", "",
         "", false, false},
        {"(devel)", "false", "", "", "", true, false},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct arena arena = {0};
        char *text = arena_printf(
            &arena,
            "path\tmvdan.cc/sh/v3/cmd/shfmt\nmod\tmvdan.cc/sh/v3\t%s\t\n" TRIMMED
            "build\tvcs=git\nbuild\tvcs.revision=a3f0c75d21d918756fa38de8b5d3429efde7948b\n"
            "build\tvcs.time=2026-09-06T14:51:11Z\nbuild\tvcs.modified=%s\n",
            rows[i].mod, rows[i].modified);
        struct inspection file = sample_inspection(&arena, "go1.27.1", text);
        struct recipe_notes notes;
        struct recipe recipe = sample_recipe(&arena, &file, NULL, &notes);
        assert_int_equal(recipe.source_kind, SOURCE_MODULE_ZIP);
        assert_string_equal(recipe.version, rows[i].version);
        assert_string_equal(recipe.vcs.tag, rows[i].tag);
        assert_string_equal(recipe.vcs.base, rows[i].base);
        assert_int_equal(recipe.vcs.devel, rows[i].devel);
        assert_int_equal(recipe.vcs.no_go_mod, rows[i].no_go_mod);
        assert_int_equal(recipe.vcs.unix_time, 1788706271);
        assert_non_null(sample_assumption(&notes, "vcs-echoed"));
        bool modified = sample_assumption(&notes, "vcs-modified") != NULL;
        assert_int_equal(modified, strcmp(rows[i].modified, "true") == 0);
        arena_free(&arena);
    }
}

/* The version of the repository that carries the module says nothing of the module's. */
static void a_foreign_repository_gives_no_version(void **state)
{
    (void)state;
    struct arena arena = {0};
    struct recipe_hints hints = {.package_version = "3.44.1"};
    struct recipe_notes notes;
    struct inspection file = sample_inspection(
        &arena, "go1.24.5",
        "path\tgithub.com/go-task/task/v3/cmd/task\n"
        "mod\tgithub.com/go-task/task/v3\tv0.0.0-20250208030126-e9174d671b18\t\n" TRIMMED STAMP);
    struct recipe recipe = sample_recipe(&arena, &file, &hints, &notes);
    assert_string_equal(recipe.version, "v3.44.1");
    assert_non_null(sample_assumption(&notes, "version-from-package"));
    assert_string_equal(recipe.vcs.base, "");
    assert_true(recipe.vcs.no_go_mod);
    arena_free(&arena);
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

/* What dep lines and texts of the file fit is asked when there is a network. */
static void leaves_a_version_that_nothing_states_open(void **state)
{
    (void)state;
    struct arena arena = {0};
    struct recipe_notes notes;
    struct inspection file = sample_inspection(&arena, "go1.16.3", ESBUILD);
    struct recipe recipe = sample_recipe(&arena, &file, NULL, &notes);
    assert_string_equal(recipe.version, "");
    assert_int_equal(recipe.source_kind, SOURCE_MODULE_ZIP);
    assert_int_equal(notes.assumption_count, 0);
    arena_free(&arena);
}

static void takes_incompatible_for_a_commit_without_go_mod(void **state)
{
    (void)state;
    struct arena arena = {0};
    struct inspection file =
        sample_inspection(&arena, "go1.25.0",
                          "path\tgithub.com/docker/cli/cmd/docker\n"
                          "mod\tgithub.com/docker/cli\tv28.0.1+incompatible\t\n" TRIMMED STAMP);
    struct recipe recipe = sample_recipe(&arena, &file, NULL, NULL);
    assert_true(recipe.vcs.no_go_mod);
    assert_string_equal(recipe.vcs.tag, "v28.0.1");
    assert_string_equal(recipe.version, "v28.0.1+incompatible");
    arena_free(&arena);
}

static void finds_a_version_around_the_file(void **state)
{
    (void)state;
    static const struct {
        const char *package, *source, *version;
        bool assumed;
    } rows[] = {
        {"0.25.0", "", "v0.25.0", true},
        {"v0.25.0", NULL, "v0.25.0", true},
        {"0.25.0.post1", NULL, "", false},
        {"0.25.0", "v0.24.0", "v0.24.0", false},
        {"4.2.0", NULL, "v4.2.0+incompatible", true},
        {NULL, NULL, "", false},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct arena arena = {0};
        struct recipe_hints hints = {.package_version = rows[i].package,
                                     .source_version = rows[i].source};
        struct inspection file = sample_inspection(&arena, "go1.23.5", ESBUILD TRIMMED STAMP);
        struct recipe_notes notes;
        struct recipe recipe = sample_recipe(&arena, &file, &hints, &notes);
        assert_string_equal(recipe.version, rows[i].version);
        assert_int_equal(sample_assumption(&notes, "version-from-package") != NULL,
                         rows[i].assumed);
        assert_false(recipe.vcs.devel);
        arena_free(&arena);
    }
}

static void takes_back_one_guess_and_nothing_else(void **state)
{
    (void)state;
    struct arena arena = {0};
    struct recipe_hints hints = {.package_version = "0.25.0"};
    struct inspection file = sample_inspection(&arena, "go1.23.5", ESBUILD TRIMMED STAMP);
    struct recipe_notes notes;
    (void)sample_recipe(&arena, &file, &hints, &notes);
    size_t assumed = notes.assumption_count;
    size_t inferred = notes.inference_count;
    assert_true(recipe_is_assumed(&notes, "version-from-package"));
    recipe_retract(&notes, "version-from-package", "version");
    assert_false(recipe_is_assumed(&notes, "version-from-package"));
    assert_true(recipe_is_assumed(&notes, "vcs-echoed"));
    assert_int_equal(notes.assumption_count, assumed - 1);
    assert_int_equal(notes.inference_count, inferred - 1);
    arena_free(&arena);
}

static void builds_what_has_a_sum_as_a_dependency(void **state)
{
    (void)state;
    struct arena arena = {0};
    struct inspection file = sample_inspection(
        &arena, "go1.22.1",
        "path\texample.com/a/cmd/x\nmod\texample.com/a\tv1.2.3\t" SAMPLE_SUM "\n" TRIMMED);
    struct recipe recipe = sample_recipe(&arena, &file, NULL, NULL);
    assert_int_equal(recipe.source_kind, SOURCE_MODULE_DEPENDENCY);
    assert_string_equal(recipe.version, "v1.2.3");
    assert_string_equal(recipe.h1, SAMPLE_SUM);
    assert_false(recipe.vcs.present);
    arena_free(&arena);
}

static void builds_programs_of_the_toolchain_from_it(void **state)
{
    (void)state;
    struct arena arena = {0};
    struct inspection file =
        sample_inspection(&arena, "go1.27.3",
                          "path\tcmd/go\nbuild\t-buildmode=exe\nbuild\t-compiler=gc\n"
                          "build\t-gcflags=cmd/...=-dwarf=false\nbuild\t-trimpath=true\n" PLATFORM);
    file.traits.symbol_table = true;
    struct recipe recipe = sample_recipe(&arena, &file, NULL, NULL);
    assert_int_equal(recipe.source_kind, SOURCE_TOOLCHAIN_MODULE);
    assert_string_equal(recipe.module, "golang.org/toolchain");
    assert_string_equal(recipe.gcflags, "cmd/...=-dwarf=false");
    assert_int_equal(recipe.ldflag_count, 1);
    assert_string_equal(recipe.ldflags[0], "-w");
    arena_free(&arena);
}

static void keeps_recorded_flags_as_they_are(void **state)
{
    (void)state;
    struct arena arena = {0};
    struct inspection file = sample_inspection(
        &arena, "go1.21.9",
        "path\tgithub.com/evilmartians/lefthook\nmod\tgithub.com/evilmartians/lefthook\t(devel)\t\n"
        "build\t-ldflags=\"-s -w -X "
        "github.com/evilmartians/lefthook/internal/"
        "version.commit=df82fd97056173d7da242585eda9630200ebddec -X 'a.b=c d'\"\n" PLATFORM
        "build\tvcs=git\nbuild\tvcs.revision=df82fd97056173d7da242585eda9630200ebddec\n"
        "build\tvcs.time=2024-04-10T12:49:03Z\nbuild\tvcs.modified=false\n");
    file.traits.trimpath = false;
    file.traits.goroot = "/opt/hostedtoolcache/go/1.21.9/x64";
    file.traits.gopath = "/home/runner/go";
    file.traits.source_root = "/home/runner/work/lefthook/lefthook";
    struct recipe_hints hints = {.package_version = "1.6.10"};
    struct recipe_notes notes;
    struct recipe recipe = sample_recipe(&arena, &file, &hints, &notes);
    assert_false(recipe.trimpath);
    assert_int_equal(recipe.ldflag_count, 6);
    assert_string_equal(recipe.ldflags[5], "a.b=c d");
    assert_int_equal(recipe.order_count, 0);
    assert_non_null(strstr(recipe.ldflags_text, "'a.b=c d'"));
    assert_string_equal(recipe.source_root, "/home/runner/work/lefthook/lefthook");
    assert_non_null(sample_assumption(&notes, "paths-recreated"));
    assert_non_null(strstr(sample_assumption(&notes, "x-value-derived"), "vcs.revision"));
    assert_string_equal(sample_assumption(&notes, "x-value-from-artifact"), "a.b=c d");
    arena_free(&arena);
}

static void assumes_what_others_decided(void **state)
{
    (void)state;
    struct arena arena = {0};
    struct recipe_hints hints = {.toolchain = "/opt/go", .source_directory = "/src/esbuild"};
    struct inspection file = sample_inspection(
        &arena, "go1.25.7 (Red Hat 1.25.7-1.el9)",
        ESBUILD "dep\tgolang.org/x/sys\tv0.1.0\t\n=>\tgithub.com/fork/sys\tv0.1.1\t" SAMPLE_SUM
                "\nbuild\t-tags=a,b\nbuild\tsomething.new=1\n" TRIMMED STAMP);
    struct recipe_notes notes;
    struct recipe recipe = sample_recipe(&arena, &file, &hints, &notes);
    assert_int_equal(recipe.source_kind, SOURCE_DIRECTORY);
    assert_string_equal(recipe.toolchain_directory, "/opt/go");
    assert_non_null(sample_assumption(&notes, "local-source"));
    assert_non_null(sample_assumption(&notes, "local-toolchain"));
    assert_string_equal(sample_assumption(&notes, "tags"), "a,b");
    assert_non_null(strstr(sample_assumption(&notes, "replaced-module"), "github.com/fork/sys"));
    bool told = false;
    for (size_t i = 0; i < notes.inference_count; i++) {
        told = told || strcmp(notes.inferences[i].value, "something.new=1") == 0;
    }
    assert_true(told);
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

static void chooses_the_version_nearest_in_time(void **state)
{
    (void)state;
    static const struct dated_version versions[] = {
        {"v0.24.2", "2024-12-20T23:00:00Z"}, {"v0.25.0", "2025-02-08T03:17:00Z"},
        {"v0.25.1", "2025-03-10T03:24:00Z"}, {"v0.26.0", "no time"},
        {"v2.0.0", "2025-02-08T03:01:26Z"},  {"../../x", "2025-02-08T03:01:26Z"},
    };
    struct recipe recipe = recipe_empty();
    size_t nearest = 99;
    recipe.module = "github.com/evanw/esbuild";
    recipe.vcs.present = true;
    recipe.vcs.unix_time = 1738983686;
    assert_true(recipe_nearest_version(&recipe, versions, ARRAY_LEN(versions), &nearest));
    assert_int_equal(nearest, 1);
    recipe.vcs.unix_time -= 5 * 86400;
    assert_false(recipe_nearest_version(&recipe, versions, ARRAY_LEN(versions), &nearest));
    assert_int_equal(nearest, 1);
    assert_true(recipe_version_fits("a.b/c/v2", "v2.1.0"));
    assert_false(recipe_version_fits("a.b/c/v2", "v3.1.0"));
    assert_false(recipe_version_fits("a.b/c", "v2.1.0"));
    assert_false(recipe_version_fits("a.b/c", "master"));
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(a_file_without_header_has_a_patched_linker),
    cmocka_unit_test(takes_values_that_have_symbols),
    cmocka_unit_test(puts_intentions_first),
    cmocka_unit_test(refuses_what_cannot_be_rebuilt),
    cmocka_unit_test(refuses_by_traits),
    cmocka_unit_test(refuses_a_megabyte_of_flags),
    cmocka_unit_test(takes_version_and_tag_from_the_mod_line),
    cmocka_unit_test(a_foreign_repository_gives_no_version),
    cmocka_unit_test(says_that_a_file_is_packed),
    cmocka_unit_test(names_no_option_where_none_helps),
    cmocka_unit_test(names_bazel_before_a_vendor),
    cmocka_unit_test(leaves_a_version_that_nothing_states_open),
    cmocka_unit_test(takes_incompatible_for_a_commit_without_go_mod),
    cmocka_unit_test(finds_a_version_around_the_file),
    cmocka_unit_test(takes_back_one_guess_and_nothing_else),
    cmocka_unit_test(builds_what_has_a_sum_as_a_dependency),
    cmocka_unit_test(builds_programs_of_the_toolchain_from_it),
    cmocka_unit_test(keeps_recorded_flags_as_they_are),
    cmocka_unit_test(assumes_what_others_decided),
    cmocka_unit_test(chooses_the_version_nearest_in_time),
};

UNIT_MAIN(tests)

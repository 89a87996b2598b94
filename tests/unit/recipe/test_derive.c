// SPDX-License-Identifier: Apache-2.0
/* What a recipe is made of. */
#include "tests/unit/recipe/sample.h"
#include "verifier/recipe/recipe.h"

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
    cmocka_unit_test(takes_version_and_tag_from_the_mod_line),
    cmocka_unit_test(a_foreign_repository_gives_no_version),
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

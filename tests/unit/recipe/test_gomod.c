// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/recipe/sample.h"
#include "verifier/recipe/gomod.h"

#define PRUNED                                                                                     \
    "module mvdan.cc/sh/v3\n\ngo 1.25.0\n\nrequire github.com/google/renameio/v2 v2.0.2\n"

static void reads_all_directives(void **state)
{
    (void)state;
    struct arena arena = {0};
    struct error err = {0};
    struct gomod gomod;
    assert_true(gomod_parse(
        BYTES("// comment\nmodule \"a.b/c\" // Deprecated: x\r\ngo 1.21.0\ntoolchain go1.22.1\n"
              "godebug (\n\tdefault=go1.21\n\tpanicnil=1 // why\n)\nignore ./node_modules\n"
              "require (\n\td.e/f v1.2.3 // indirect\n\n\tg.h/i v0.0.0-20200102030405-abcdefabcdef "
              "// indirect; x\n)\nrequire j.k/l v1.0.0\nexclude d.e/f v1.2.0\n"
              "replace (\n\td.e/f => ../f\n\tg.h/i v1.0.0 => m.n/o v1.1.0\n)\n"
              "retract [v1.0.0, v1.0.5]\nretract (\n\tv1.1.0 // bad\n)\ntool a.b/c/cmd/t\n"),
        &arena, &gomod, &err));
    assert_string_equal(gomod.module, "a.b/c");
    assert_string_equal(gomod.go, "1.21.0");
    assert_true(gomod_is_pruned(&gomod));
    assert_int_equal(gomod.godebug_count, 2);
    assert_string_equal(gomod.godebug[1], "panicnil=1");
    assert_string_equal(gomod.ignore[0], "./node_modules");
    assert_int_equal(gomod.require_count, 3);
    assert_true(gomod.requires[0].indirect && gomod.requires[1].indirect);
    assert_false(gomod.requires[2].indirect);
    assert_string_equal(gomod.requires[2].path, "j.k/l");
    assert_int_equal(gomod.exclude_count, 1);
    assert_int_equal(gomod.replace_count, 2);
    assert_string_equal(gomod.replaces[0].new_path, "../f");
    assert_string_equal(gomod.replaces[0].old_version, "");
    assert_string_equal(gomod.replaces[1].new_version, "v1.1.0");
    arena_free(&arena);
}

static void refuses_malformed_go_mod(void **state)
{
    (void)state;
    static const struct {
        const char *text, *part;
    } rows[] = {
        {"module a.b\nrequire (\n\tc.d v1.0.0\n", "not closed"},
        {"module a.b\nmodule c.d\n", "line 2"},
        {"module a.b\nrequire c.d\n", "line 2"},
        {"module a.b\nrequire c.d v1 v2\n", "line 2"},
        {"module a.b\nreplace c.d => \n", "line 2"},
        {"module a.b\nreplace c.d v1 v2 => e.f v1\n", "line 2"},
        {"module \"a.b\n", "line 1"},
        {"module \"a\\x41\"\n", "line 1"},
        {"go 1.21 x\n", "line 1"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct arena arena = {0};
        struct error err = {0};
        struct gomod gomod = {.module = "kept"};
        assert_fails(gomod_parse(bytes_from_string(rows[i].text), &arena, &gomod, &err), &err,
                     ERROR_FORMAT, rows[i].part);
        assert_string_equal(gomod.module, "kept");
        arena_free(&arena);
    }
    struct error err = {0};
    assert_fails(gomod_parse(BYTES("module a.b\0c\n"), NULL, NULL, &err), &err, ERROR_FORMAT,
                 "NUL");
}

static void refuses_endless_go_mod(void **state)
{
    (void)state;
    struct arena arena = {0};
    struct error err = {0};
    struct gomod gomod;
    size_t room = 300000;
    char *lines = arena_alloc(&arena, room);
    memset(lines, '\n', room);
    assert_fails(gomod_parse(bytes_from(lines, room), &arena, &gomod, &err), &err, ERROR_LIMIT,
                 "lines");
    memset(lines, 'x', room);
    assert_fails(gomod_parse(bytes_from(lines, room), &arena, &gomod, &err), &err, ERROR_FORMAT,
                 "too long");
    arena_free(&arena);
}

struct setting {
    struct arena arena;
    struct inspection file;
    struct recipe recipe;
    struct fetched_module deps[4];
    struct error err;
};

static void set_up(struct setting *setting, const char *go, const char *text)
{
    *setting = (struct setting){0};
    setting->file = sample_inspection(&setting->arena, go, text);
    struct recipe_hints hints = {.package_version = "1.0.0"};
    setting->recipe = sample_recipe(&setting->arena, &setting->file, &hints, NULL);
    for (size_t i = 0; i < setting->recipe.dep_count; i++) {
        const struct module *line = &setting->recipe.deps[i];
        line = line->replace != NULL ? line->replace : line;
        setting->deps[i] = (struct fetched_module){.id = {line->path, line->version},
                                                   .h1 = "h1:ZIP=",
                                                   .go_mod_h1 = "h1:MOD=",
                                                   .go_mod = BYTES("module x.y/z\n")};
    }
}

static bool write_files(struct setting *setting, struct bytes real,
                        const struct fetched_module *main, struct gomod_file **ret,
                        size_t *ret_count)
{
    return gomod_own_files(&setting->recipe, "/own", real, main, setting->deps,
                           setting->recipe.dep_count, &setting->arena, ret, ret_count,
                           &setting->err);
}

static void requires_exactly_the_dep_lines(void **state)
{
    (void)state;
    struct setting setting;
    struct gomod_file *files;
    size_t count;
    set_up(&setting, "go1.27.1", SAMPLE_SHFMT);
    assert_true(write_files(&setting,
                            BYTES("module mvdan.cc/sh/v3\ngo 1.25.0\ntoolchain go1.26.1\n"
                                  "godebug default=go1.24\nignore ./x\n"
                                  "require github.com/google/renameio/v2 v2.0.2\n"
                                  "require golang.org/x/tools v0.40.0 // indirect\n"
                                  "tool golang.org/x/tools/cmd/stringer\n"),
                            NULL, &files, &count));
    assert_int_equal(count, 2);
    assert_string_equal(files[0].path, "go.mod");
    assert_bytes(files[0].content,
                 BYTES("module mvdan.cc/sh/v3\ngo 1.25.0\ngodebug default=go1.24\n"
                       "ignore \"./x\"\n"
                       "require github.com/google/renameio/v2 v2.0.2\n"));
    assert_bytes(files[1].content, BYTES("github.com/google/renameio/v2 v2.0.2 h1:ZIP=\n"
                                         "github.com/google/renameio/v2 v2.0.2/go.mod h1:MOD=\n"));
    arena_free(&setting.arena);
}

#define OLD_MAIN                                                                                   \
    "path\texample.com/a\nmod\texample.com/a\t(devel)\t\n"                                         \
    "dep\tb.example/b\tv1.1.0\t" SAMPLE_SUM "\n"                                                   \
    "dep\tc.example/c\tv1.0.0\t\n=>\td.example/d\tv1.2.0\t" SAMPLE_SUM "\n"                        \
    "build\tGOARCH=amd64\nbuild\tGOOS=linux\n"

static void stubs_what_an_unpruned_graph_reaches(void **state)
{
    (void)state;
    struct setting setting;
    struct gomod_file *files;
    size_t count;
    set_up(&setting, "go1.18.4", OLD_MAIN);
    setting.deps[0].go_mod =
        BYTES("module b.example/b\nrequire (\n\tc.example/c v0.9.0\n\te.example/e "
              "v1.0.0\n\texample.com/a v0.1.0\n)\n");
    setting.deps[1].go_mod = BYTES("module d.example/d\nrequire e.example/e v1.1.0\n"
                                   "require b.example/b v1.1.0\n");
    assert_true(
        write_files(&setting, BYTES("module example.com/a\n\ngo 1.16\n"), NULL, &files, &count));
    assert_int_equal(count, 5);
    assert_bytes(files[0].content,
                 BYTES("module example.com/a\ngo 1.16\nrequire b.example/b v1.1.0\n"
                       "require c.example/c v1.0.0\n"
                       "replace c.example/c v1.0.0 => d.example/d v1.2.0\n"
                       "replace c.example/c v0.9.0 => /own/stub/0\n"
                       "replace e.example/e => /own/stub/1\n"
                       "replace example.com/a v0.1.0 => /own/stub/2\n"));
    assert_string_equal(files[3].path, "stub/1/go.mod");
    assert_bytes(files[3].content, BYTES("module e.example/e\n"));
    /* The right side of a replacement alone has sums. */
    assert_true(memmem(files[1].content.data, files[1].content.len, "c.example", 9) == NULL);
    assert_true(memmem(files[1].content.data, files[1].content.len, "d.example", 9) != NULL);
    arena_free(&setting.arena);
}

/* modules.txt has to agree with it: nothing more than the dep lines, and no sums are asked for. */
static void a_vendored_build_has_no_graph(void **state)
{
    (void)state;
    struct setting setting;
    struct gomod_file *files;
    size_t count;
    set_up(&setting, "go1.18.4",
           "path\texample.com/a\nmod\texample.com/a\t(devel)\t\n"
           "dep\tb.example/b\tv1.1.0\t\n"
           "dep\tc.example/c\tv1.0.0\t\n=>\td.example/d\tv1.2.0\t\n"
           "build\tGOARCH=amd64\nbuild\tGOOS=linux\n");
    assert_true(setting.recipe.vendored);
    assert_int_equal(setting.recipe.source_kind, SOURCE_MODULE_ZIP);
    setting.deps[0].go_mod = BYTES("module b.example/b\nrequire e.example/e v1.0.0\n");
    assert_true(
        write_files(&setting, BYTES("module example.com/a\n\ngo 1.16\n"), NULL, &files, &count));
    assert_int_equal(count, 2);
    assert_bytes(files[0].content,
                 BYTES("module example.com/a\ngo 1.16\nrequire b.example/b v1.1.0\n"
                       "require c.example/c v1.0.0\n"
                       "replace c.example/c v1.0.0 => d.example/d v1.2.0\n"));
    setting.recipe.source_kind = SOURCE_DIRECTORY;
    setting.recipe.directory = "/x";
    assert_true(
        write_files(&setting, BYTES("module example.com/a\n\ngo 1.16\n"), NULL, &files, &count));
    assert_int_equal(count, 0);
    arena_free(&setting.arena);
}

static void writes_a_workspace_of_the_dep_lines(void **state)
{
    (void)state;
    struct setting setting = {0};
    struct recipe_hints hints = {.source_directory = "/w"};
    setting.file = sample_inspection(&setting.arena, "go1.26.8",
                                     "path\texample.com/app\nmod\texample.com/app\t(devel)\t\n"
                                     "dep\tb.example/b\tv1.1.0\t" SAMPLE_SUM "\n"
                                     "dep\texample.com/lib\t(devel)\t\n"
                                     "build\t-trimpath=true\n"
                                     "build\tGOARCH=amd64\nbuild\tGOOS=linux\n");
    setting.recipe = sample_recipe(&setting.arena, &setting.file, &hints, NULL);
    assert_true(setting.recipe.workspace);
    assert_true(gowork_is_needed(&setting.recipe, "example.com/lib"));
    assert_false(gowork_is_needed(&setting.recipe, "b.example/b"));
    const struct gowork_module modules[] = {
        {"example.com/app", "cmd/app", BYTES("module example.com/app\ngo 1.21\ngodebug x=1\n")},
        {"example.com/lib", "", BYTES("module example.com/lib\nrequire x.example/y v1.0.0\n")},
    };
    const struct fetched_module deps[] = {
        {.id = {"b.example/b", "v1.1.0"},
         .h1 = "h1:ZIP=",
         .go_mod_h1 = "h1:MOD=",
         .go_mod = BYTES("module b.example/b\nrequire e.example/e v1.0.0\n"
                         "require example.com/lib v0.1.0\n")},
        {.id = {"example.com/lib", "(devel)"}},
    };
    struct gomod_file *root, *own;
    size_t root_count, own_count;
    assert_true(gowork_own_files(
        &setting.recipe, "/own", BYTES("go 1.22\ngodebug default=go1.20\nuse ./x\n"), modules, 2,
        deps, 2, &setting.arena, &root, &root_count, &own, &own_count, &setting.err));
    assert_int_equal(root_count, 4);
    assert_string_equal(root[0].path, "go.work");
    /* A stub for all versions would replace the module of the workspace itself. */
    assert_bytes(root[0].content,
                 BYTES("go 1.22\ngodebug default=go1.20\nuse \"./cmd/app\"\nuse \"./\"\n"
                       "replace e.example/e => /own/stub/0\n"
                       "replace example.com/lib v0.1.0 => /own/stub/1\n"));
    assert_string_equal(root[1].path, "go.work.sum");
    assert_bytes(root[1].content, BYTES("b.example/b v1.1.0 h1:ZIP=\n"
                                        "b.example/b v1.1.0/go.mod h1:MOD=\n"));
    assert_string_equal(root[2].path, "cmd/app/go.mod");
    assert_bytes(root[2].content,
                 BYTES("module example.com/app\ngo 1.21\nrequire b.example/b v1.1.0\n"));
    assert_string_equal(root[3].path, "go.mod");
    assert_bytes(root[3].content, BYTES("module example.com/lib\nrequire b.example/b v1.1.0\n"));
    assert_int_equal(own_count, 2);
    arena_free(&setting.arena);
}

static void takes_directories_of_a_workspace_only_beneath_it(void **state)
{
    (void)state;
    static const char *const rows[][2] = {
        {"./a/b", "a/b"},    {"a//b/", "a/b"}, {".", ""},      {"./", ""},     {"../a", NULL},
        {"a/../../b", NULL}, {"/a", NULL},     {"a\"b", NULL}, {"a b", "a b"}, {"..\\a", NULL},
    };
    struct arena arena = {0};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        const char *directory = "kept";
        bool taken = gowork_directory(rows[i][0], &arena, &directory);
        assert_int_equal(taken, rows[i][1] != NULL);
        assert_string_equal(directory, taken ? rows[i][1] : "kept");
    }
    arena_free(&arena);
}

static void makes_a_dummy_main_module(void **state)
{
    (void)state;
    struct setting setting;
    struct gomod_file *files;
    size_t count;
    set_up(&setting, "go1.22.1",
           "path\texample.com/a/cmd/x\nmod\texample.com/a\tv1.2.3\t" SAMPLE_SUM
           "\ndep\tb.example/b\tv1.1.0\t" SAMPLE_SUM "\nbuild\tGOARCH=amd64\nbuild\tGOOS=linux\n"
           "build\t-trimpath=true\n");
    struct fetched_module main = {.id = {"example.com/a", "v1.2.3"},
                                  .h1 = SAMPLE_SUM,
                                  .go_mod_h1 = "h1:MOD=",
                                  .go_mod = BYTES("module example.com/a\ngo 1.20\n")};
    assert_true(write_files(&setting, main.go_mod, &main, &files, &count));
    assert_bytes(files[0].content,
                 BYTES("module reproof.invalid/main\ngo 1.20\n"
                       "require example.com/a v1.2.3\nrequire b.example/b v1.1.0\n"));
    assert_true(memmem(files[1].content.data, files[1].content.len,
                       "example.com/a v1.2.3 " SAMPLE_SUM "\n", 60) != NULL);
    arena_free(&setting.arena);
}

static void refuses_inputs_that_do_not_fit(void **state)
{
    (void)state;
    struct setting setting;
    struct gomod_file *files = NULL;
    size_t count = 9;
    set_up(&setting, "go1.27.1", SAMPLE_SHFMT);
    assert_fails(
        write_files(&setting, BYTES("module evil.example/x\ngo 1.25\n"), NULL, &files, &count),
        &setting.err, ERROR_MISMATCH, "evil.example/x");
    assert_false(
        write_files(&setting, BYTES("module mvdan.cc/sh/v3\ngo 1.25;x\n"), NULL, &files, &count));
    assert_false(write_files(&setting, BYTES("module mvdan.cc/sh/v3\ngo 1.25\ngodebug `a=b)`\n"),
                             NULL, &files, &count));
    setting.deps[0].id.version = "v2.0.3";
    assert_fails(write_files(&setting, BYTES(PRUNED), NULL, &files, &count), &setting.err,
                 ERROR_MISMATCH, "v2.0.3");
    setting.deps[0].id.version = "v2.0.2";
    setting.deps[0].go_mod = BYTES("module x\nrequire a.b/../c v1.0.0\n");
    assert_fails(
        write_files(&setting, BYTES("module mvdan.cc/sh/v3\ngo 1.16\n"), NULL, &files, &count),
        &setting.err, ERROR_FORMAT, "a.b/../c");
    assert_int_equal(count, 9);
    arena_free(&setting.arena);
}

static struct gomod_comparison compare(struct setting *setting, struct bytes real)
{
    struct gomod_comparison comparison;
    if (!gomod_compare(&setting->recipe, real, setting->deps, setting->recipe.dep_count,
                       &setting->arena, &comparison, &setting->err)) {
        fail_msg("%s", setting->err.message);
    }
    return comparison;
}

static void sees_dependencies_that_the_source_does_not_select(void **state)
{
    (void)state;
    static const struct {
        const char *text, *detail; /* NULL: none */
    } rows[] = {
        {PRUNED, NULL},
        {PRUNED "require golang.org/x/tools v0.40.0 // indirect\n", NULL},
        {"module mvdan.cc/sh/v3\ngo 1.25\nrequire github.com/google/renameio/v2 v2.0.1\n",
         "v2.0.2 in the file, v2.0.1"},
        {"module mvdan.cc/sh/v3\ngo 1.25\nrequire github.com/google/renameio/v2 v2.0.3\n",
         "v2.0.3"},
        {"module mvdan.cc/sh/v3\ngo 1.25\n", "not required"},
        {PRUNED "replace github.com/google/renameio/v2 => github.com/fork/r/v2 v2.0.9\n", "fork"},
        {PRUNED "replace github.com/google/renameio/v2 v2.0.1 => github.com/fork/r/v2 v2.0.9\n",
         NULL},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct setting setting;
        set_up(&setting, "go1.27.1", SAMPLE_SHFMT);
        struct gomod_comparison got = compare(&setting, bytes_from_string(rows[i].text));
        assert_true(got.checked);
        assert_int_equal(got.differs, rows[i].detail != NULL);
        assert_true(rows[i].detail == NULL || strstr(got.detail, rows[i].detail) != NULL);
        arena_free(&setting.arena);
    }
}

static void says_what_an_unpruned_graph_does_not_tell(void **state)
{
    (void)state;
    struct setting setting;
    struct bytes real =
        BYTES("module example.com/a\ngo 1.16\nrequire (\n\tb.example/b v1.0.0\n"
              "\tc.example/c v1.0.0\n)\nreplace c.example/c => d.example/d v1.2.0\n");
    set_up(&setting, "go1.18.4", OLD_MAIN);
    setting.deps[1].go_mod = BYTES("module d.example/d\nrequire b.example/b v1.1.0\n");
    struct gomod_comparison got = compare(&setting, real);
    assert_true(got.checked && !got.differs);
    /* Something that was not read could ask for more. */
    setting.deps[1].go_mod = BYTES("module d.example/d\nrequire e.example/e v1.1.0\n");
    got = compare(&setting, real);
    assert_true(!got.checked && !got.differs);
    assert_non_null(strstr(got.detail, "not read"));
    setting.recipe.source_kind = SOURCE_DIRECTORY;
    assert_false(compare(&setting, bytes_from(NULL, 0)).checked);
    setting.recipe.source_kind = SOURCE_MODULE_ZIP;
    /* A line below what is required is wrong whatever the rest says. */
    setting.deps[1].go_mod = BYTES("module d.example/d\nrequire b.example/b v1.2.0\n"
                                   "require e.example/e v1.1.0\n");
    got = compare(&setting, real);
    assert_true(got.checked && got.differs);
    arena_free(&setting.arena);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(refuses_malformed_go_mod),
    cmocka_unit_test(refuses_endless_go_mod),
    cmocka_unit_test(refuses_inputs_that_do_not_fit),
    cmocka_unit_test(reads_all_directives),
    cmocka_unit_test(requires_exactly_the_dep_lines),
    cmocka_unit_test(stubs_what_an_unpruned_graph_reaches),
    cmocka_unit_test(a_vendored_build_has_no_graph),
    cmocka_unit_test(writes_a_workspace_of_the_dep_lines),
    cmocka_unit_test(takes_directories_of_a_workspace_only_beneath_it),
    cmocka_unit_test(makes_a_dummy_main_module),
    cmocka_unit_test(sees_dependencies_that_the_source_does_not_select),
    cmocka_unit_test(says_what_an_unpruned_graph_does_not_tell),
};

UNIT_MAIN(tests)

// SPDX-License-Identifier: Apache-2.0
#include "base/buffer.h"
#include "tests/unit/recipe/sample.h"

#define TEXT_ROOM (1U << 20)

static struct buffer written(const struct recipe *recipe)
{
    struct buffer text;
    buffer_init(&text, TEXT_ROOM);
    recipe_write_json(recipe, &text);
    assert_true(buffer_ok(&text));
    return text;
}

static void reads_what_it_writes(void **state)
{
    (void)state;
    static const char *const samples[] = {
        SAMPLE_SHFMT,
        "path\texample.com/a/cmd/x\nmod\texample.com/a\tv1.2.3\t" SAMPLE_SUM
        "\nbuild\tGOARCH=arm\nbuild\tGOOS=linux\nbuild\tGOARM=7\nbuild\t-trimpath=true\n"
        "build\t-tags=a,b\nbuild\t-buildmode=pie\n",
        "path\tcmd/go\nbuild\t-gcflags=cmd/...=-dwarf=false\nbuild\t-trimpath=true\n",
        "path\texample.com/a\nmod\texample.com/a\tv1.0.0\t" SAMPLE_SUM
        "\ndep\tb.example/b\tv1.1.0\t\n=>\tc.example/c\tv1.2.0\t" SAMPLE_SUM
        "\nbuild\t-trimpath=true\nbuild\t-pgo=default.pgo\n",
    };
    for (size_t i = 0; i < ARRAY_LEN(samples); i++) {
        struct arena arena = {0};
        struct error err = {0};
        struct inspection file = sample_inspection(&arena, "go1.27.1", samples[i]);
        struct recipe recipe = sample_recipe(&arena, &file, NULL, NULL), again;
        struct buffer first = written(&recipe);
        if (!recipe_read_json(buffer_view(&first), &arena, &again, &err)) {
            fail_msg("%s", err.message);
        }
        struct buffer second = written(&again);
        assert_bytes(buffer_view(&second), buffer_view(&first));
        assert_int_equal(again.vcs.unix_time, recipe.vcs.unix_time);
        buffer_free(&first);
        buffer_free(&second);
        arena_free(&arena);
    }
}

#define MINIMAL                                                                                    \
    "{\"schema\": \"reproof/recipe/v1\", \"source\": {\"kind\": \"module-zip\", \"module\": "      \
    "\"a.b/c\", \"version\": \"v1.0.0\", \"main_package\": \"a.b/c\"}, \"toolchain\": "            \
    "{\"version\": \"go1.23.5\"}, \"platform\": {\"goos\": \"linux\", \"goarch\": \"amd64\"}, "    \
    "\"flags\": {\"trimpath\": true}"

static bool reads(const char *text, struct error *err)
{
    struct arena arena = {0};
    struct recipe recipe;
    bool read = recipe_read_json(bytes_from_string(text), &arena, &recipe, err);
    arena_free(&arena);
    return read;
}

/* What would be written into the working copy. */
#define EMBEDDED(path)                                                                             \
    MINIMAL ", \"embedded_from_artifact\": [{\"path\": \"" path "\", \"size\": 1, \"sha256\": "    \
            "\"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\"}]}"

static void refuses_what_it_does_not_know(void **state)
{
    (void)state;
    static const struct {
        const char *text, *part;
    } rows[] = {
        {MINIMAL, "recipe"},
        {MINIMAL ", \"x\": 1}", "not known: x"},
        {"{\"schema\": \"reproof/recipe/v1\", \"source\": {\"kind\": \"module-zip\", \"module\": "
         "\"a.b/c\", \"version\": \"v1.0.0\", \"main_package\": \"a.b/c\"}, \"toolchain\": "
         "{\"version\": \"go1.23.5\", \"patch\": \"evil\"}, \"platform\": {\"goos\": \"linux\", "
         "\"goarch\": \"amd64\"}, \"flags\": {\"trimpath\": true}}",
         "patch"},
        {MINIMAL ", \"vcs\": {\"revision\": \"x\", \"evil\": 1}}", "not known: evil"},
        {MINIMAL ", \"vcs\": {\"time\": \"x\"}}", "no time"},
        {MINIMAL ", \"vcs\": []}", "no object"},
        {MINIMAL ", \"environment\": {\"LD_PRELOAD\": \"x\"}}", "LD_PRELOAD"},
        {MINIMAL ", \"environment\": {\"CGO_ENABLED\": 0}}", "no text"},
        {MINIMAL ", \"environment\": []}", "environment"},
        {MINIMAL ", \"dependencies\": [{\"path\": \"../x\", \"version\": \"v1.0.0\"}]}", "../x"},
        {MINIMAL ", \"dependencies\": [{\"path\": \"a.b/d\", \"version\": \"v1.0.0\", \"replace\": "
                 "{\"path\": \"a.b/e\", \"version\": \"v1.0.0\", \"replace\": {}}}]}",
         "itself replaced"},
        {MINIMAL ", \"dependencies\": {}}", "dependencies"},
        {MINIMAL ", \"flags\": {}}", "recipe"}, /* twice the same member */
        {MINIMAL ", \"embedded_from_artifact\": {}}", "embedded_from_artifact"},
        {MINIMAL ", \"embedded_from_artifact\": [{\"path\": \"a\"}]}", "size or digest"},
        {EMBEDDED("../x"), "../x"},
        {EMBEDDED("/x"), "/x"},
        {EMBEDDED("a/../x"), "a/../x"},
        {EMBEDDED(""), "embedded file"},
        {EMBEDDED("ui/x.go"), "ui/x.go"},
        {EMBEDDED("go.mod"), "go.mod"},
        {EMBEDDED(".git/config"), ".git/config"},
        {"[]", "no object"},
        {"{}", "schema"},
        {"{\"schema\": \"reproof/recipe/v2\"}", "schema"},
        {"{\"schema\": \"reproof/recipe/v1\"}", "source"},
        {"{\"schema\": \"reproof/recipe/v1\", \"source\": {\"kind\": \"git\"}}", "kind"},
        {"{\"schema\": \"reproof/recipe/v1\", \"source\": {\"kind\": \"module-zip\", "
         "\"vendored\": \"yes\"}}",
         "vendored"},
        {"{\"schema\": \"reproof/recipe/v1\", \"source\": {\"kind\": \"module-zip\"}, "
         "\"toolchain\": {}, \"platform\": {}, \"flags\": {\"ldflags\": \"-s\"}}",
         "ldflags"},
        {"{\"schema\": \"reproof/recipe/v1\", \"source\": {\"kind\": \"module-zip\"}, "
         "\"toolchain\": {}, \"platform\": {}, \"flags\": {\"ldflags_orders\": [[],[],[],[],[]]}}",
         "ldflags_orders"},
    };
    struct error err = {0};
    assert_true(reads(MINIMAL "}", &err));
    assert_true(reads(EMBEDDED("ui/dist/x.js"), &err));
    assert_true(reads(MINIMAL ", \"vcs\": null, \"paths\": null, \"dependencies\": []}", &err));
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        if (reads(rows[i].text, &err) || strstr(err.message, rows[i].part) == NULL) {
            fail_msg("row %zu: %s", i, err.message);
        }
    }
}

static void refuses_every_cut(void **state)
{
    (void)state;
    struct arena arena = {0};
    struct error err = {0};
    struct inspection file = sample_inspection(&arena, "go1.27.1", SAMPLE_SHFMT);
    struct recipe recipe = sample_recipe(&arena, &file, NULL, NULL), again;
    struct buffer text = written(&recipe);
    for (size_t len = 0; len + 2 < text.len; len++) {
        assert_false(recipe_read_json(bytes_from(text.data, len), &arena, &again, &err));
    }
    buffer_free(&text);
    arena_free(&arena);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(refuses_what_it_does_not_know),
    cmocka_unit_test(refuses_every_cut),
    cmocka_unit_test(reads_what_it_writes),
};

UNIT_MAIN(tests)

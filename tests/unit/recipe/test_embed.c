// SPDX-License-Identifier: Apache-2.0
/* go:embed lines and what their patterns take: as cmd/go has it. */
#include "tests/unit/unit.h"
#include "verifier/recipe/embed.h"

static struct arena arena;
static struct embed_directives directives;

static int make(void **state)
{
    (void)state;
    directives = (struct embed_directives){.arena = &arena};
    return 0;
}

static int drop(void **state)
{
    (void)state;
    arena_free(&arena);
    return 0;
}

static void add(const char *text)
{
    embed_directives_add(&directives, bytes_from_string(text));
}

static void reads_patterns_and_variable(void **state)
{
    (void)state;
    add("package a\n\nimport \"embed\"\n\n//go:embed a.txt b/*.js\n//go:embed \"with blank.txt\" "
        "`other blank`\n// A comment between.\nvar content embed.FS\n\nvar (\n\t//go:embed "
        "x\n\ttext string\n\t//go:embed y\n\traw []byte\n)\n");
    assert_int_equal(directives.count, 3);
    assert_string_equal(directives.items[0].variable, "content");
    assert_false(directives.items[0].is_text);
    assert_int_equal(directives.items[0].count, 4);
    assert_string_equal(directives.items[0].patterns[0], "a.txt");
    assert_string_equal(directives.items[0].patterns[1], "b/*.js");
    assert_string_equal(directives.items[0].patterns[2], "with blank.txt");
    assert_string_equal(directives.items[0].patterns[3], "other blank");
    assert_string_equal(directives.items[1].variable, "text");
    assert_true(directives.items[1].is_text);
    assert_true(directives.items[2].is_text);
}

static void takes_no_other_line_for_one(void **state)
{
    (void)state;
    add("package a\n\n// go:embed a\n//go:embedded a\n//go:embed\nvar a embed.FS\n");
    assert_int_equal(directives.count, 0);
    add("//go:embed a");
    assert_int_equal(directives.count, 0);
}

struct row {
    const char *pattern, *name;
    bool takes;
};

static const struct row rows[] = {
    {"a.txt", "a.txt", true},
    {"a.txt", "b.txt", false},
    {"a.txt", "a.txt.x", false},
    {"*.txt", "a.txt", true},
    {"*.txt", "x/a.txt", false},
    {"x/*.txt", "x/a.txt", true},
    {"x/*.txt", "x/y/a.txt", false},
    {"dist", "dist/a/b.js", true},
    {"dist", "distant/a", false},
    {"dist", "dist/.hidden", false},
    {"dist", "dist/_x/a", false},
    {"all:dist", "dist/.hidden", true},
    {"all:dist", "dist/_x/a", true},
    {"dist/*", "dist/.hidden", true},
    {"dist/*", "dist/a/b", true},
    {"dist/*", "dist/a/.b", false},
    {"dist/*", "dist/a/b/c", true},
    {"?.js", "a.js", true},
    {"?.js", "ab.js", false},
    {"[a-c].js", "b.js", true},
    {"[a-c].js", "d.js", false},
    {"[^a-c].js", "d.js", true},
    {"[^a-c].js", "b.js", false},
    {"a\\*b", "a*b", true},
    {"a\\*b", "axb", false},
    {"*a*b*", "xaybz", true},
    {"*a*b*", "xbya", false},
    {".", "x/y", true},
    {".", ".x", false},
    {"all:.", ".x", true},
    {"a/*/c", "a/b/c", true},
    {"a/*/c", "a/b/d/c", false},
    {"*", "a/b", true},
    {"", "a", false},
    {"[", "[", false},
    {"[]a]", "]", true},
    {"a/*/c", "a/b/c/d", true},
    {"*/b", "a/c", false},
};

static void matches_as_go_does(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        if (embed_pattern_takes(rows[i].pattern, rows[i].name) != rows[i].takes) {
            fail_msg("%s and %s", rows[i].pattern, rows[i].name);
        }
    }
}

static void a_variable_has_just_what_its_patterns_take(void **state)
{
    (void)state;
    uint64_t budget = 1000000;
    const char *both[] = {"a.txt", "dist/x"};
    const char *more[] = {"a.txt", "dist/x", "other"};
    add("//go:embed a.txt dist\nvar files embed.FS\n//go:embed a.txt\nvar text string\n");
    const struct embed_directive *files = &directives.items[0];
    assert_true(embed_directive_fits(files, both, 2, &budget));
    assert_false(embed_directive_fits(files, both, 1, &budget));
    assert_false(embed_directive_fits(files, both + 1, 1, &budget));
    assert_false(embed_directive_fits(files, more, 3, &budget));
    assert_false(embed_directive_fits(files, both, 0, &budget));
    assert_false(embed_directive_fits(&directives.items[1], both, 1, &budget));
    budget = 3;
    assert_false(embed_directive_fits(files, both, 2, &budget));
}

static void a_pattern_made_to_be_slow_is_not(void **state)
{
    (void)state;
    char pattern[2001];
    char name[4001];
    for (size_t i = 0; i < 2000; i += 2) {
        pattern[i] = '*';
        pattern[i + 1] = 'a';
    }
    pattern[2000] = '\0';
    memset(name, 'a', 4000);
    name[3999] = 'b';
    name[4000] = '\0';
    assert_false(embed_pattern_takes(pattern, name));
}

static void tells_data_from_source(void **state)
{
    (void)state;
    static const char *const data[] = {"dist/index.html", "go.txt", "a/b.gohtml", "x.go.tmpl",
                                       "dist/app.css"};
    static const char *const source[] = {
        "x.go",        "a/x.go",      "x.s",    "a/y.c",       "go.mod",  "a/go.mod",
        ".git/config", "a/.git/HEAD", "x.syso", "default.pgo", "go.work", "vendor/modules.txt",
        "a/.git"};
    for (size_t i = 0; i < ARRAY_LEN(data); i++) {
        assert_true(embed_path_is_data(data[i]));
    }
    for (size_t i = 0; i < ARRAY_LEN(source); i++) {
        if (embed_path_is_data(source[i])) {
            fail_msg("%s", source[i]);
        }
    }
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test_setup_teardown(reads_patterns_and_variable, make, drop),
    cmocka_unit_test_setup_teardown(takes_no_other_line_for_one, make, drop),
    cmocka_unit_test(matches_as_go_does),
    cmocka_unit_test_setup_teardown(a_variable_has_just_what_its_patterns_take, make, drop),
    cmocka_unit_test(a_pattern_made_to_be_slow_is_not),
    cmocka_unit_test(tells_data_from_source),
};

UNIT_MAIN(tests)

// SPDX-License-Identifier: Apache-2.0
/* The module text, by the rules of runtime/debug.ParseBuildInfo. */
#include <time.h>

#include "base/buffer.h"
#include "base/escape.h"
#include "tests/unit/unit.h"
#include "verifier/buildinfo/buildinfo.h"

static struct arena arena;
static struct buildinfo info;
static struct error err;

static int drop(void **state)
{
    (void)state;
    arena_free(&arena);
    return 0;
}

static bool parses(struct bytes text)
{
    /* An exact-size copy, so that a sanitizer sees a read past it. */
    uint8_t *copy = malloc(text.len + 1);
    assert_non_null(copy);
    memcpy(copy, text.data, text.len);
    bool ok = buildinfo_parse_modules(bytes_from(copy, text.len), &arena, &info, &err);
    free(copy);
    return ok;
}

static void reads_all_kinds_of_lines(void **state)
{
    (void)state;
    assert_true(parses(BYTES("path\texample.com/cmd\n"
                             "mod\texample.com\t(devel)\t\n"
                             "dep\tgolang.org/x/sys\tv0.1.0\th1:a=\n"
                             "dep\texample.org/b\tv2.0.0\n"
                             "=>\t../b\t\t\n"
                             "build\t-tags=a,b\n"
                             "build\tvcs.revision=0123\n"
                             "unknown\tline\n")));
    assert_string_equal(info.path, "example.com/cmd");
    assert_true(info.has_main);
    assert_string_equal(info.main.path, "example.com");
    assert_string_equal(info.main.version, "(devel)");
    assert_string_equal(info.main.sum, "");
    assert_int_equal(info.dep_count, 2);
    assert_string_equal(info.deps[0].sum, "h1:a=");
    assert_null(info.deps[0].replace);
    assert_string_equal(info.deps[1].replace->path, "../b");
    assert_int_equal(info.setting_count, 2);
    assert_string_equal(buildinfo_setting(&info, "-tags"), "a,b");
    assert_string_equal(buildinfo_setting(&info, "vcs.revision"), "0123");
    assert_null(buildinfo_setting(&info, "GOOS"));
}

static void an_empty_text_gives_empty_fields(void **state)
{
    (void)state;
    assert_true(parses(BYTES("")));
    assert_string_equal(info.path, "");
    assert_string_equal(info.main.path, "");
    assert_false(info.has_main);
    assert_int_equal(info.dep_count, 0);
}

static void keeps_the_version_that_was_there(void **state)
{
    (void)state;
    struct buildinfo given = {.go_version = "go1.2"};
    assert_true(buildinfo_parse_modules(BYTES("path\tx\n"), &arena, &given, &err));
    assert_string_equal(given.go_version, "go1.2");
    assert_string_equal(given.path, "x");
    assert_false(buildinfo_parse_modules(BYTES("path\ty\nmod\tx\n"), &arena, &given, &err));
    assert_string_equal(given.path, "x");
}

static void a_last_line_without_a_newline_is_not_read(void **state)
{
    (void)state;
    assert_true(parses(BYTES("path\ta\nmod\tx")));
    assert_string_equal(info.path, "a");
    assert_false(info.has_main);
}

static void the_main_module_can_be_replaced(void **state)
{
    (void)state;
    assert_true(parses(BYTES("mod\ta\tv1\t\npath\tx\nbuild\ta=b\n=>\tb\tv2\th1:\n")));
    assert_string_equal(info.main.replace->path, "b");
    assert_true(parses(BYTES("mod\ta\tv1\n=>\tb\tv2\th1:\nmod\tc\tv3\n")));
    assert_string_equal(info.main.path, "c");
    assert_null(info.main.replace);
}

struct refusal {
    const char *text, *message;
};

static void refuses_what_go_refuses(void **state)
{
    (void)state;
    static const struct refusal rows[] = {
        {"mod\tx\n", "line 1: 1 columns"},
        {"mod\t\n", "line 1: 1 columns"},
        {"path\ta\nmod\ta\tb\tc\td\n", "line 2: 4 columns"},
        {"dep\tx\n", "line 1: 1 columns"},
        {"dep\ta\tb\tc\td\te\n", "line 1: 5 columns"},
        {"mod\ta\tb\n=>\ta\tb\n", "line 2: 2 columns"},
        {"=>\ta\tb\tc\n", "without a module before it"},
        {"dep\ta\tb\n=>\ta\tb\tc\n=>\ta\tb\tc\n", "line 3: a replacement"},
        {"build\t\n", "empty build line"},
        {"build\tkey\n", "no '=' behind the key"},
        {"build\t=value\n", "no key before '='"},
        {"build\ta b=c\n", "the key needs quotes"},
        {"build\ta\tb=c\n", "the key needs quotes"},
        {"build\ta\"b=c\n", "the key needs quotes"},
        {"build\ta`b=c\n", "the key needs quotes"},
        {"build\ta\rb=c\n", "the key needs quotes"},
        {"build\ta=b c\n", "the value needs quotes"},
        {"build\ta=b\tc\n", "the value needs quotes"},
        {"build\ta=b\"\n", "the value needs quotes"},
        {"build\ta=b`\n", "the value needs quotes"},
        {"build\ta=b\r\n", "the value needs quotes"},
        {"build\ta=\"b\n", "the quoted value is no Go string"},
        {"build\ta=\"b\"c\n", "the quoted value is no Go string"},
        {"build\ta=\"\n", "the quoted value is no Go string"},
        {"build\ta=`b\n", "the quoted value is no Go string"},
        {"build\ta=`b`c\n", "the quoted value is no Go string"},
        {"build\ta=\"\\q\"\n", "the quoted value is no Go string"},
        {"build\ta=\"\\'\"\n", "the quoted value is no Go string"},
        {"build\ta=\"\\x4\"\n", "the quoted value is no Go string"},
        {"build\ta=\"\\xg0\"\n", "the quoted value is no Go string"},
        {"build\ta=\"\\400\"\n", "the quoted value is no Go string"},
        {"build\ta=\"\\38\"\n", "the quoted value is no Go string"},
        {"build\ta=\"\\ud800\"\n", "the quoted value is no Go string"},
        {"build\ta=\"\\U00110000\"\n", "the quoted value is no Go string"},
        {"build\ta=\"\\\n", "the quoted value is no Go string"},
        {"build\t\"a=b\n", "the quoted key is no Go string"},
        {"build\t\"a\"\n", "no '=' behind the quoted key"},
        {"build\t\"a\"b=c\n", "no '=' behind the quoted key"},
        {"build\t`a\n", "the quoted key is no Go string"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        if (parses(bytes_from_string(rows[i].text))) {
            fail_msg("row %zu was read", i);
        }
        if (strstr(err.message, rows[i].message) == NULL) {
            fail_msg("row %zu: %s", i, err.message);
        }
        assert_string_equal(error_code_name(err.code), "format");
    }
}

struct setting_row {
    const char *line, *key, *value;
};

static void unquotes_as_go_does(void **state)
{
    (void)state;
    static const struct setting_row rows[] = {
        {"a=", "a", ""},
        {"a=b=c", "a", "b=c"},
        {"-ldflags=\"-s -w -X 'a=b c'\"", "-ldflags", "-s -w -X 'a=b c'"},
        {"a=`b \\n\" c`", "a", "b \\n\" c"},
        {"a=`b\rc`", "a", "bc"},
        {"a=\"\\a\\b\\f\\n\\r\\t\\v\\\\\\\"\"", "a", "\a\b\f\n\r\t\v\\\""},
        {"a=\"\\x41\\101\\u0042\\U00000043\"", "a", "AABC"},
        {"a=\"\\u20ac\\U0001f600\\u00e9\"", "a", "\xe2\x82\xac\xf0\x9f\x98\x80\xc3\xa9"},
        {"a=\"\\xff\\377\"", "a", "\xff\xff"},
        {"a=\"\xc3\xa9\"", "a", "\xc3\xa9"},
        {"a=\"\xff\"", "a", "\xef\xbf\xbd"},
        {"a=\"\xc3\"", "a", "\xef\xbf\xbd"},
        {"a=\"\xff\\n\"", "a", "\xef\xbf\xbd\n"},
        {"a=`\xff`", "a", "\xff"},
        {"a=\xff", "a", "\xff"},
        {"a='b'", "a", "'b'"},
        {"\"a b\"=c", "a b", "c"},
        {"\"a=\\\"\"=c", "a=\"", "c"},
        {"``=c", "", "c"},
        {"\"\"=c", "", "c"},
        {"`a`=`b`", "a", "b"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        char line[256];
        snprintf(line, sizeof(line), "build\t%s\n", rows[i].line);
        if (!parses(bytes_from_string(line))) {
            fail_msg("row %zu: %s", i, err.message);
        }
        assert_string_equal(info.settings[0].key, rows[i].key);
        assert_string_equal(info.settings[0].value, rows[i].value);
    }
}

static void refuses_a_nul_in_what_is_kept(void **state)
{
    (void)state;
    assert_fails(parses(BYTES("path\ta\0b\n")), &err, ERROR_FORMAT, "NUL");
    assert_fails(parses(BYTES("mod\ta\0b\tv1\n")), &err, ERROR_FORMAT, "NUL");
    assert_fails(parses(BYTES("build\ta=\"\\x00\"\n")), &err, ERROR_FORMAT, "no Go string");
    assert_fails(parses(BYTES("build\ta=\"\\000\"\n")), &err, ERROR_FORMAT, "no Go string");
    assert_fails(parses(BYTES("build\ta=`\0`\n")), &err, ERROR_FORMAT, "NUL");
    assert_true(parses(BYTES("other\ta\0b\npath\tx\n")));
    assert_string_equal(info.path, "x");
}

/* What a hostile path looks like stays data: it comes out as it went in, and prints escaped. */
static void keeps_deceptive_texts_as_they_are(void **state)
{
    (void)state;
    static const char *const paths[] = {
        "\x1b[31mred",
        "\x1b]52;c;aGk=\x07",
        "a\rb",
        "\xe2\x80\xae"
        "evil",
        "zero\xe2\x80\x8bwidth",
        "bad\xff\xfeutf8",
        "a b",
        "-flag",
    };
    for (size_t i = 0; i < ARRAY_LEN(paths); i++) {
        char text[128];
        char shown[256];
        snprintf(text, sizeof(text), "path\t%s\nmod\t%s\t%s\t%s\n", paths[i], paths[i], paths[i],
                 paths[i]);
        assert_true(parses(bytes_from_string(text)));
        assert_string_equal(info.path, paths[i]);
        assert_string_equal(info.main.sum, paths[i]);
        escape_text(info.path, shown, sizeof(shown));
        for (const char *place = shown; *place != '\0'; place++) {
            assert_true(*place >= 0x20 && *place < 0x7f);
        }
    }
    /* A newline cannot be in a path: it ends the line. */
    assert_true(parses(BYTES("path\ta\nb\n")));
    assert_string_equal(info.path, "a");
}

static double seconds_for(size_t lines)
{
    struct buffer text;
    buffer_init(&text, 64U << 20);
    for (size_t i = 0; i < lines; i++) {
        buffer_printf(&text, "dep\texample.com/%06zu\tv1.0.0\th1:ab=\n", i);
    }
    assert_true(buffer_ok(&text));
    clock_t before = clock();
    assert_true(buildinfo_parse_modules(buffer_view(&text), &arena, &info, &err));
    double seconds = (double)(clock() - before) / CLOCKS_PER_SEC;
    assert_int_equal(info.dep_count, lines);
    assert_string_equal(info.deps[lines - 1].version, "v1.0.0");
    buffer_free(&text);
    return seconds;
}

static void reads_a_million_dependencies(void **state)
{
    (void)state;
    double seconds = seconds_for(1000000);
    printf("# a million dependencies: %.3f s\n", seconds);
}

static void refuses_more_dependencies_than_the_limit(void **state)
{
    (void)state;
    struct buffer text;
    buffer_init(&text, 64U << 20);
    for (size_t i = 0; i < 1000001; i++) {
        buffer_string(&text, "dep\ta\tb\n");
    }
    assert_fails(buildinfo_parse_modules(buffer_view(&text), &arena, &info, &err), &err,
                 ERROR_LIMIT, "more than 1000000 dependencies");
    buffer_clear(&text);
    for (size_t i = 0; i < 100001; i++) {
        buffer_string(&text, "build\ta=b\n");
    }
    assert_fails(buildinfo_parse_modules(buffer_view(&text), &arena, &info, &err), &err,
                 ERROR_LIMIT, "build settings");
    buffer_free(&text);
}

#define TEST(name) cmocka_unit_test_teardown(name, drop)

static const struct CMUnitTest tests[] = {
    TEST(reads_all_kinds_of_lines),
    TEST(an_empty_text_gives_empty_fields),
    TEST(keeps_the_version_that_was_there),
    TEST(a_last_line_without_a_newline_is_not_read),
    TEST(the_main_module_can_be_replaced),
    TEST(refuses_what_go_refuses),
    TEST(unquotes_as_go_does),
    TEST(refuses_a_nul_in_what_is_kept),
    TEST(keeps_deceptive_texts_as_they_are),
    TEST(reads_a_million_dependencies),
    TEST(refuses_more_dependencies_than_the_limit),
};

UNIT_MAIN(tests)

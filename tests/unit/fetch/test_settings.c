// SPDX-License-Identifier: Apache-2.0
#include "verifier/fetch/settings.h"

#include <sys/stat.h>
#include <unistd.h>

#include "tests/unit/unit.h"

static struct arena arena;

static int drop_arena(void **state)
{
    (void)state;
    arena_free(&arena);
    return 0;
}

static void an_env_file_is_read_as_go_reads_it(void **state)
{
    (void)state;
    static const struct {
        const char *text, *expected;
    } rows[] = {
        {"", ""},
        {"GOPROXY=https://a.test", "https://a.test"},
        {"GOPROXY=https://a.test\n", "https://a.test"},
        {"GOPROXY=first\nGOPROXY=second\n", "second"},
        {"GOPROXY=first\nGOPROXY=\n", ""},
        {"#GOPROXY=no\n", ""},
        {" GOPROXY=no\n", ""},
        {"goproxy=no\n", ""},
        {"GOPROXY\n", ""},
        {"GOPROXYX=no\nXGOPROXY=no\n", ""},
        {"GOPROXY = no\n", ""},
        {"GOPROXY=a=b=c\n", "a=b=c"},
        {"GOPROXY= spaces stay \n", " spaces stay "},
        {"=\n\n=x\nGOPROXY=last", "last"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        assert_string_equal(
            settings_env_file_value(bytes_from_string(rows[i].text), "GOPROXY", &arena),
            rows[i].expected);
    }
    assert_string_equal(settings_env_file_value(BYTES("GOPROXY=a\0b"), "GOPROXY", &arena), "a");
}

static void the_env_file_is_where_go_looks(void **state)
{
    (void)state;
    static const struct {
        const char *environment[4];
        const char *expected;
    } rows[] = {
        {{"HOME=/home/u", NULL}, "/home/u/.config/go/env"},
        {{"HOME=/home/u", "XDG_CONFIG_HOME=/c", NULL}, "/c/go/env"},
        {{"HOME=/home/u", "XDG_CONFIG_HOME=c", NULL}, ""},
        {{"HOME=/home/u", "XDG_CONFIG_HOME=", NULL}, "/home/u/.config/go/env"},
        {{"HOME=/home/u", "GOENV=/e", NULL}, "/e"},
        {{"HOME=/home/u", "GOENV=off", NULL}, ""},
        {{"HOME=/home/u", "GOENV=", NULL}, "/home/u/.config/go/env"},
        {{"HOME=", NULL}, ""},
        {{NULL}, ""},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        const char *path;
        struct error err;
        assert_true(settings_env_file(rows[i].environment, &arena, &path, &err));
        assert_string_equal(path, rows[i].expected);
    }
}

static void a_relative_env_file_is_refused(void **state)
{
    (void)state;
    const char *const environment[] = {"GOENV=env", NULL};
    const char *path = "unchanged";
    struct error err;
    assert_fails(settings_env_file(environment, &arena, &path, &err), &err, ERROR_USAGE, "GOENV");
    assert_string_equal(path, "unchanged");
}

struct home {
    char folder[64], file[96], entry[128];
};

static void home_make(struct home *home, const char *text)
{
    scratch_make(home->folder);
    snprintf(home->file, sizeof(home->file), "%s/env", home->folder);
    snprintf(home->entry, sizeof(home->entry), "GOENV=%s", home->file);
    FILE *file = fopen(home->file, "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

static void the_environment_wins_over_the_file(void **state)
{
    (void)state;
    struct home home;
    struct settings settings;
    struct error err;
    home_make(&home, "GOPROXY=https://file.test\nGOSUMDB=file\nGONOSUMDB=f.test\n");
    const char *const environment[] = {home.entry, "GOPROXY=https://env.test", "GOSUMDB=", NULL};
    assert_true(settings_load(environment, &arena, &settings, &err));
    assert_string_equal(settings.goproxy, "https://env.test");
    assert_string_equal(settings.goproxy_origin, "environment");
    assert_string_equal(settings.gosumdb, "file");
    assert_string_equal(settings.gonosumdb, "f.test");
    assert_string_equal(settings.gonoproxy, "");
    assert_string_equal(settings.goinsecure, "");

    const char *const file_alone[] = {home.entry, NULL};
    assert_true(settings_load(file_alone, &arena, &settings, &err));
    assert_string_equal(settings.goproxy, "https://file.test");
    assert_string_equal(settings.goproxy_origin, home.file);
    scratch_remove(home.folder);
}

static void private_is_the_default_of_two_others(void **state)
{
    (void)state;
    struct settings settings;
    struct error err;
    const char *const environment[] = {"GOENV=off", "GOPROXY=https://p.test", "GOPRIVATE=a.test",
                                       "GONOPROXY=none", NULL};
    assert_true(settings_load(environment, &arena, &settings, &err));
    assert_string_equal(settings.goprivate, "a.test");
    assert_string_equal(settings.gonosumdb, "a.test");
    assert_string_equal(settings.gonoproxy, "none");
}

static void asks_a_go_on_path_last(void **state)
{
    (void)state;
    char folder[64], path[96];
    struct settings settings;
    struct error err;
    scratch_make(folder);
    snprintf(path, sizeof(path), "%s/go", folder);
    FILE *file = fopen(path, "w");
    fputs("#!/bin/sh\n[ \"$*\" = 'env -json GOPROXY' ] && [ \"$GOTOOLCHAIN\" = local ] && [ -z "
          "\"$SECRET\" ] && echo '{\"GOPROXY\": \"https://go.test,direct\"}'\n",
          file);
    fclose(file);
    assert_int_equal(chmod(path, 0700), 0);
    /* process_find looks at the PATH of this process. */
    char *before = strdup(getenv("PATH"));
    setenv("PATH", folder, 1);
    setenv("SECRET", "1", 1);
    const char *const environment[] = {"GOENV=off", NULL};
    bool loaded = settings_load(environment, &arena, &settings, &err);
    setenv("PATH", before, 1);
    unsetenv("SECRET");
    free(before);
    scratch_remove(folder);
    if (!loaded) {
        fail_msg("%s", err.message);
    }
    assert_string_equal(settings.goproxy, "https://go.test,direct");
    assert_string_equal(settings.goproxy_origin, "go env");
}

static void an_env_file_that_cannot_be_read_is_an_error(void **state)
{
    (void)state;
    struct home home;
    struct settings settings;
    struct error err;
    home_make(&home, "");
    assert_int_equal(unlink(home.file), 0);
    assert_int_equal(mkfifo(home.file, 0600), 0);
    const char *const environment[] = {home.entry, "GOPROXY=https://p.test", NULL};
    assert_fails(settings_load(environment, &arena, &settings, &err), &err, ERROR_USAGE, "env");

    /* One that is not there is none. */
    assert_int_equal(unlink(home.file), 0);
    assert_true(settings_load(environment, &arena, &settings, &err));
    scratch_remove(home.folder);
}

static void gosumdb_is_taken_apart(void **state)
{
    (void)state;
    static const struct {
        const char *text, *name, *key, *url;
        bool off;
    } rows[] = {
        {"", "", "", "", false},
        {"off", "", "", "", true},
        {"sum.test", "sum.test", "", "", false},
        {"sum.test+01234567+AbC+/=", "sum.test", "sum.test+01234567+AbC+/=", "", false},
        {" sum.test+0+A\t https://other.test/x ", "sum.test", "sum.test+0+A",
         "https://other.test/x", false},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct settings settings = {.gosumdb = rows[i].text};
        struct sumdb_setting setting;
        struct error err;
        assert_true(settings_sumdb(&settings, &arena, &setting, &err));
        assert_string_equal(setting.name, rows[i].name);
        assert_string_equal(setting.key, rows[i].key);
        assert_string_equal(setting.url, rows[i].url);
        assert_int_equal(setting.off, rows[i].off);
    }
}

static void gosumdb_with_too_much_is_refused(void **state)
{
    (void)state;
    struct sumdb_setting setting;
    struct error err;
    struct settings settings = {.gosumdb = "a b c"};
    assert_fails(settings_sumdb(&settings, &arena, &setting, &err), &err, ERROR_USAGE, "GOSUMDB");
    settings.gosumdb = "+0+A";
    assert_fails(settings_sumdb(&settings, &arena, &setting, &err), &err, ERROR_USAGE, "GOSUMDB");
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test_teardown(an_env_file_is_read_as_go_reads_it, drop_arena),
    cmocka_unit_test_teardown(the_env_file_is_where_go_looks, drop_arena),
    cmocka_unit_test_teardown(a_relative_env_file_is_refused, drop_arena),
    cmocka_unit_test_teardown(the_environment_wins_over_the_file, drop_arena),
    cmocka_unit_test_teardown(private_is_the_default_of_two_others, drop_arena),
    cmocka_unit_test_teardown(asks_a_go_on_path_last, drop_arena),
    cmocka_unit_test_teardown(an_env_file_that_cannot_be_read_is_an_error, drop_arena),
    cmocka_unit_test_teardown(gosumdb_is_taken_apart, drop_arena),
    cmocka_unit_test_teardown(gosumdb_with_too_much_is_refused, drop_arena),
};
UNIT_MAIN(tests)

// SPDX-License-Identifier: Apache-2.0
#include "base/scanner.h"
#include "tests/unit/fetch/support.h"
#include "verifier/fetch/module_path.h"
#include "verifier/fetch/unicode.h"
#include "verifier/fetch/zip_rules.h"

#define PREFIX "example.com/m@v1.0.0/"

static bool check(struct bytes content, const char *prefix, struct error *err)
{
    struct arena arena = {0};
    struct zip_directory directory;
    struct source source = source_from_bytes(content);
    bool ok = zip_directory_read(&source, &ZIP_MODULE_LIMITS, &arena, &directory, err) &&
              zip_rules_check(&directory, prefix, &arena, err);
    arena_free(&arena);
    return ok;
}

static bool opens(struct bytes content)
{
    struct arena arena = {0};
    struct zip_directory directory;
    struct source source = source_from_bytes(content);
    bool ok = zip_directory_read(&source, &ZIP_MODULE_LIMITS, &arena, &directory, NULL);
    arena_free(&arena);
    return ok;
}

static void free_bytes(struct bytes content)
{
    void *data;
    memcpy(&data, &content.data, sizeof(data));
    free(data);
}

static const char *base_of(const char *path)
{
    return strrchr(path, '/') + 1;
}

static void judges_zips_made_by_hand(void **state)
{
    (void)state;
    char dir[64];
    struct arena arena = {0};
    size_t count;
    if (!support_has("python3")) {
        skip();
    }
    scratch_make(dir);
    support_make_zips(dir);
    char **paths = support_list(dir, ".zip", &arena, &count);
    assert_true(count > 130);
    for (size_t i = 0; i < count; i++) {
        struct bytes content = file_load(paths[i]);
        struct error err = {0};
        bool want = strncmp(base_of(paths[i]), "bad-", 4) != 0;
        if (check(content, PREFIX, &err) != want) {
            fail_telling("%s: %s", base_of(paths[i]), want ? err.message : "accepted");
        }
        assert_true(want || err.code == ERROR_FORMAT || err.code == ERROR_LIMIT ||
                    err.code == ERROR_UNTRUSTED || err.code == ERROR_UNSUPPORTED);
        free_bytes(content);
    }
    arena_free(&arena);
    scratch_remove(dir);
}

static void refuses_zips_cut_anywhere(void **state)
{
    (void)state;
    char dir[64];
    struct arena arena = {0};
    if (!support_has("python3")) {
        skip();
    }
    scratch_make(dir);
    support_make_zips(dir);
    struct bytes content = file_load(arena_printf(&arena, "%s/good-directories.zip", dir));
    for (size_t len = 0; len < content.len; len++) {
        uint8_t *cut = malloc(len + 1);
        memcpy(cut, content.data, len);
        assert_false(opens(bytes_from(cut, len)));
        free(cut);
    }
    free_bytes(content);
    arena_free(&arena);
    scratch_remove(dir);
}

/* The zips of golang.org/x/mod/zip's own tests. Where making a zip would have left files out
 * ("exclude", "go_mod_dir"), there is nothing to judge: reproof makes no zips. */
static void answers_as_the_go_module_tests_say(void **state)
{
    (void)state;
    static const char *const kinds[] = {"check_zip", "unzip", "create", "create_from_dir"};
    char corpus[4096];
    char dir[64];
    struct arena arena = {0};
    size_t refused = 0;
    if (!corpus_find("xmod-zip-txtar", corpus, sizeof(corpus)) || !support_has("python3")) {
        skip();
    }
    scratch_make(dir);
    const char *argv[128] = {"python3", support_source("make_zips.py", &arena), dir};
    size_t argc = 3;
    for (size_t k = 0; k < ARRAY_LEN(kinds); k++) {
        size_t count;
        char **paths =
            support_list(arena_printf(&arena, "%s/%s", corpus, kinds[k]), ".txt", &arena, &count);
        for (size_t i = 0; i < count; i++) {
            if (k < 2 ||
                (strstr(paths[i], "exclude") == NULL && strstr(paths[i], "_dir.") == NULL)) {
                argv[argc++] = paths[i];
            }
        }
    }
    assert_int_equal(support_run(argv, NULL), 0);
    size_t count;
    char **paths = support_list(dir, ".zip", &arena, &count);
    assert_int_equal(count, argc - 3);
    for (size_t i = 0; i < count; i++) {
        struct bytes content = file_load(paths[i]);
        struct bytes note =
            file_load(arena_printf(&arena, "%.*s.txt", (int)strlen(paths[i]) - 4, paths[i]));
        struct scanner scanner = scanner_over(note);
        struct bytes path, version;
        assert_true(scanner_line(&scanner, 4096, &path) && scanner_line(&scanner, 4096, &version));
        const char *p = arena_text(&arena, path);
        const char *v = arena_text(&arena, version);
        bool ok =
            module_check(p, v, NULL) && check(content, arena_printf(&arena, "%s@%s/", p, v), NULL);
        bool want = strncmp(base_of(paths[i]), "good-", 5) == 0;
        if (ok != want) {
            fail_telling("%s", base_of(paths[i]));
        }
        refused += !ok;
        free_bytes(content);
        free_bytes(note);
    }
    assert_true(refused >= 27);
    arena_free(&arena);
    scratch_remove(dir);
}

/* Whatever we take for a zip, Go does too. */
static void is_no_looser_than_go(const char *set, const char *folder, size_t least)
{
    char corpus[4096];
    char dir[64];
    struct arena arena = {0};
    size_t accepted = 0;
    size_t count;
    if (!corpus_find(set, corpus, sizeof(corpus)) || !support_has("go")) {
        skip();
    }
    scratch_make(dir);
    char **paths = support_list(arena_printf(&arena, "%s%s", corpus, folder), "", &arena, &count);
    const char *argv[1024] = {"go", "run", support_source("zip_opens.go", &arena)};
    for (size_t i = 0; i < count; i++) {
        argv[3 + i] = paths[i];
    }
    const char *listed = arena_printf(&arena, "%s/opened", dir);
    assert_int_equal(support_run(argv, listed), 0);
    struct bytes opened = file_load(listed);
    for (size_t i = 0; i < count; i++) {
        if (strcmp(base_of(paths[i]), "LICENSE") == 0) {
            continue;
        }
        struct bytes content = file_load(paths[i]);
        const char *line = arena_printf(&arena, "%s\n", paths[i]);
        if (opens(content)) {
            accepted++;
            if (bytes_find(opened, 0, bytes_from_string(line)) == SIZE_MAX) {
                fail_telling("Go refuses %s", paths[i]);
            }
        }
        free_bytes(content);
    }
    printf("# %s: %zu accepted\n", set, accepted);
    assert_true(accepted >= least);
    free_bytes(opened);
    arena_free(&arena);
    scratch_remove(dir);
}

static void is_no_looser_than_go_on_its_own_zips(void **state)
{
    (void)state;
    is_no_looser_than_go("go-archive-zip", "", 5);
}

static void is_no_looser_than_go_on_fuzzed_zips(void **state)
{
    (void)state;
    is_no_looser_than_go("go-fuzz-zip", "/corpus", 0);
}

static void knows_letters_and_folding_as_go_does(void **state)
{
    (void)state;
    char dir[64];
    struct arena arena = {0};
    if (!support_has("go")) {
        skip();
    }
    scratch_make(dir);
    const char *listed = arena_printf(&arena, "%s/unicode", dir);
    const char *argv[] = {"go", "run", support_source("unicode_tables.go", &arena), NULL};
    if (support_run(argv, listed) != 0) {
        printf("# skip: the go here does not run the program that lists its tables\n");
        arena_free(&arena);
        scratch_remove(dir);
        skip();
    }
    FILE *file = fopen(listed, "r");
    assert_non_null(file);
    unsigned next = 0;
    unsigned character, folded;
    char letter[8];
    char version[16];
    assert_int_equal(fscanf(file, "%15s", version), 1);
    if (strcmp(version, "15.0.0") != 0) {
        printf("# skip: the go here knows Unicode %s, our tables are of 15.0.0\n", version);
        fclose(file);
        arena_free(&arena);
        scratch_remove(dir);
        skip();
    }
    while (fscanf(file, "%x %7s %x", &character, letter, &folded) == 3) {
        for (; next < character; next++) {
            assert_false(unicode_is_letter(next));
            assert_int_equal(unicode_fold(next), next);
        }
        assert_int_equal(unicode_is_letter(character), strcmp(letter, "true") == 0);
        assert_int_equal(unicode_fold(character), folded);
        next = character + 1;
    }
    assert_true(next > 0x10000);
    fclose(file);
    arena_free(&arena);
    scratch_remove(dir);
}

static void refuses_names_that_lead_elsewhere(void **state)
{
    (void)state;
    static const char *const bad[] = {"",  "/",   "/a",   "..",   "../a", "a/..",  "a/../b",
                                      ".", "./a", "a//b", "a\\b", "a\nb", "a/./b", "//"};
    static const char *const good[] = {"a", "a/", "a/b", "...", "..a", "a..", ".a/b", "a b"};
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        struct error err = {0};
        if (zip_name_check(bytes_from_string(bad[i]), &err)) {
            fail_telling("accepted \"%s\"", bad[i]);
        }
        assert_int_equal(err.code, ERROR_UNTRUSTED);
    }
    for (size_t i = 0; i < ARRAY_LEN(good); i++) {
        if (!zip_name_check(bytes_from_string(good[i]), NULL)) {
            fail_telling("refused \"%s\"", good[i]);
        }
    }
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(refuses_names_that_lead_elsewhere),
    cmocka_unit_test(judges_zips_made_by_hand),
    cmocka_unit_test(refuses_zips_cut_anywhere),
    cmocka_unit_test(answers_as_the_go_module_tests_say),
    cmocka_unit_test(is_no_looser_than_go_on_its_own_zips),
    cmocka_unit_test(is_no_looser_than_go_on_fuzzed_zips),
    cmocka_unit_test(knows_letters_and_folding_as_go_does),
};

UNIT_MAIN(tests)

// SPDX-License-Identifier: Apache-2.0
#include "attest/sbom/purl.h"
#include "base/json_read.h"
#include "tests/unit/unit.h"

static void check_canonical(const char *text, const char *wanted)
{
    struct arena arena = {0};
    struct error err = {0};
    struct purl purl;
    const char *found;
    assert_true(purl_parse(text, &arena, &purl, &err));
    assert_true(purl_format(&purl, &arena, &found, &err));
    assert_string_equal(found, wanted);
    arena_free(&arena);
}

static void brings_into_canonical_form(void **state)
{
    (void)state;
    check_canonical("pkg:golang/github.com/evanw/esbuild@v0.25.0",
                    "pkg:golang/github.com/evanw/esbuild@v0.25.0");
    check_canonical("pkg:golang/example.com/a@v2.0.0%2Bincompatible",
                    "pkg:golang/example.com/a@v2.0.0%2Bincompatible");
    check_canonical("pkg:golang/example.com/a@v2.0.0+incompatible",
                    "pkg:golang/example.com/a@v2.0.0%2Bincompatible");
    check_canonical("pkg:GOLANG//github.com/Masterminds/Goutils/#./a/../b/",
                    "pkg:golang/github.com/masterminds/goutils#a/b");
    check_canonical("pkg:npm/%40esbuild/linux-x64@0.25.0", "pkg:npm/%40esbuild/linux-x64@0.25.0");
    check_canonical("pkg:generic/x?b=2&a=1&c=", "pkg:generic/x?a=1&b=2");
}

static void refuses_what_is_no_package_url(void **state)
{
    static const char *const bad[] = {
        "",          "pkg:",         "pkg:a",     "golang/a",        "pkg:/a",          "pkg:1a/b",
        "pkg:g:a/b", "pkg:maven/@1", "pkg:a/b?x", "pkg:a/b?a%20b=c", "pkg:a/b?a=1&A=2", "pkg%3Aa/b",
        "pkg:a//",
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        struct arena arena = {0};
        struct error err = {0};
        struct purl purl;
        if (purl_parse(bad[i], &arena, &purl, &err)) {
            fail_msg("\"%s\" was accepted", bad[i]);
        }
        assert_int_equal(err.code, ERROR_FORMAT);
        arena_free(&arena);
    }
}

static void names_modules_whatever_their_bytes(void **state)
{
    static const struct {
        const char *path, *version, *wanted;
    } rows[] = {
        {"github.com/evilmartians/lefthook/v2", "v2.1.9",
         "pkg:golang/github.com/evilmartians/lefthook/v2@v2.1.9"},
        {"stdlib", "1.23.5", "pkg:golang/stdlib@1.23.5"},
        {"a b/\xff@c%41", "(devel)", "pkg:golang/a%20b/%FF%40c%2541@%28devel%29"},
        {"", "", "pkg:golang/unnamed"},
        {"./local", "", "pkg:golang/./local"},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct arena arena = {0};
        assert_string_equal(purl_of_module(rows[i].path, rows[i].version, &arena), rows[i].wanted);
        arena_free(&arena);
    }
}

static bool names(const char *text, const char *path)
{
    struct arena arena = {0};
    struct error err = {0};
    struct purl purl;
    bool same = purl_parse(text, &arena, &purl, &err) && purl_is_module(&purl, path);
    arena_free(&arena);
    return same;
}

static void understands_how_others_name_modules(void **state)
{
    (void)state;
    assert_true(names("pkg:golang/github.com/evilmartians/lefthook@v2.2.2#v2",
                      "github.com/evilmartians/lefthook/v2"));
    assert_true(names("pkg:golang/github.com/evilmartians/lefthook/v2@v2.2.2",
                      "github.com/evilmartians/lefthook/v2"));
    assert_true(names("pkg:golang/std@go1.23.5", "stdlib"));
    assert_true(
        names("pkg:golang/github.com/Masterminds/goutils", "github.com/Masterminds/goutils"));
    assert_false(names("pkg:golang/github.com/a/b@v2.0.0#v1", "github.com/a/b/v1"));
    assert_false(names("pkg:npm/github.com/a/b", "github.com/a/b"));
    assert_false(names("pkg:golang/github.com/a/b#cmd", "github.com/a/b/cmd"));
}

/* The JSON of a component set as a purl; null is "". */
static const char *part(const struct cJSON *object, const char *key)
{
    const char *text = json_member_string(object, key);
    return text == NULL ? "" : text;
}

static void build_from(const struct cJSON *input, struct arena *arena, struct purl *ret)
{
    const struct cJSON *qualifiers = json_member(input, "qualifiers");
    *ret = (struct purl){part(input, "type"),
                         part(input, "namespace"),
                         part(input, "name"),
                         part(input, "version"),
                         part(input, "subpath"),
                         NULL,
                         0};
    ret->qualifiers = ARENA_ARRAY(arena, 8, struct purl_qualifier);
    for (const struct cJSON *one = json_first(qualifiers); one != NULL; one = json_next(one)) {
        ret->qualifiers[ret->qualifier_count++] =
            (struct purl_qualifier){json_key(one), json_get_string(one)};
    }
}

/* One case of the purl-spec's own tests. */
static void check_case(const struct cJSON *test)
{
    struct arena arena = {0};
    struct error err = {0};
    struct purl purl;
    const struct cJSON *input = json_member(test, "input");
    const struct cJSON *wanted = json_member(test, "expected_output");
    const char *text = json_get_string(input);
    const char *found = NULL;
    bool ok = true;
    bool must_fail = false;
    assert_true(json_get_bool(json_member(test, "expected_failure"), &must_fail));
    if (text != NULL) {
        ok = purl_parse(text, &arena, &purl, &err);
    } else {
        build_from(input, &arena, &purl);
    }
    ok = ok && purl_format(&purl, &arena, &found, &err);
    assert_int_equal(ok, !must_fail);
    if (ok && json_is_object(wanted)) {
        assert_string_equal(purl.type, part(wanted, "type"));
        assert_string_equal(purl.namespace, part(wanted, "namespace"));
        assert_string_equal(purl.name, part(wanted, "name"));
        assert_string_equal(purl.version, part(wanted, "version"));
        assert_string_equal(purl.subpath, part(wanted, "subpath"));
    } else if (ok) {
        assert_string_equal(found, json_get_string(wanted));
    }
    arena_free(&arena);
}

static void check_file(const char *folder, const char *name, size_t wanted)
{
    char path[4200];
    size_t count = 0;
    struct error err = {0};
    struct json_document *document;
    snprintf(path, sizeof(path), "%s/%s", folder, name);
    struct bytes text = file_load(path);
    assert_true(json_parse(text, &document, &err));
    const struct cJSON *tests = json_member(json_root(document), "tests");
    for (const struct cJSON *one = json_first(tests); one != NULL; one = json_next(one)) {
        check_case(one);
        count++;
    }
    assert_int_equal(count, wanted);
    json_document_free(&document);
    free((void *)(uintptr_t)text.data);
}

static void gives_what_the_specification_states(void **state)
{
    char folder[4096];
    (void)state;
    if (!corpus_find("purl-tests", folder, sizeof(folder))) {
        skip();
    }
    check_file(folder, "types/golang-test.json", 17);
    check_file(folder, "spec/specification-test.json", 18);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(brings_into_canonical_form),
        cmocka_unit_test(refuses_what_is_no_package_url),
        cmocka_unit_test(names_modules_whatever_their_bytes),
        cmocka_unit_test(understands_how_others_name_modules),
        cmocka_unit_test(gives_what_the_specification_states),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}

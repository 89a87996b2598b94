// SPDX-License-Identifier: Apache-2.0
#include "attest/sbom/sbom_check.h"
#include "attest/sbom/sbom_require.h"
#include "attest/sbom/sbom_write.h"
#include "base/json_read.h"
#include "base/limits.h"
#include "tests/unit/recipe/sample.h"

#define MAIN "path\texample.com/tool\nmod\texample.com/tool\tv1.2.3\t" SAMPLE_SUM "\n"
#define DEP(path, version) "dep\t" path "\t" version "\t" SAMPLE_SUM "\n"

struct fixture {
    struct arena arena;
    struct inspection file;
    struct file_digests digests;
    struct sbom_request request;
    struct sbom sbom;
};

static void build(struct fixture *f, const char *text)
{
    f->file = sample_inspection(&f->arena, "go1.23.5", text);
    f->request.name = "tool";
    f->request.file = &f->file;
    f->request.digests = &f->digests;
    sbom_build(&f->request, &f->arena, &f->sbom);
}

static struct bytes written(struct fixture *f, enum sbom_format format)
{
    struct error err = {0};
    struct buffer out;
    buffer_init(&out, 64 * MIB);
    assert_true(sbom_write(&f->sbom, format, &out, &err));
    struct bytes copy = arena_bytes(&f->arena, buffer_view(&out));
    if (!json_check(copy, &err)) {
        fail_msg("%s", err.message);
    }
    buffer_free(&out);
    return copy;
}

static bool holds(struct bytes text, const char *part)
{
    return bytes_find(text, 0, bytes_from_string(part)) != SIZE_MAX;
}

static const struct sbom_component *component(const struct fixture *f, const char *name)
{
    for (size_t i = 0; i < f->sbom.count; i++) {
        if (strcmp(f->sbom.components[i].name, name) == 0) {
            return &f->sbom.components[i];
        }
    }
    fail_msg("no component %s", name);
    return NULL;
}

static bool finds(const struct fixture *f, const char *code)
{
    for (size_t i = 0; i < f->sbom.finding_count; i++) {
        if (strcmp(f->sbom.findings[i].code, code) == 0) {
            return true;
        }
    }
    return false;
}

static void lists_all_that_the_linker_wrote_down(void **state)
{
    (void)state;
    struct fixture f = {0};
    build(&f, MAIN DEP("github.com/Owner/lib/v2", "v2.0.1"));
    assert_int_equal(f.sbom.count, 4);
    assert_string_equal(component(&f, "example.com/tool")->version, "v1.2.3");
    const struct sbom_component *dep = component(&f, "github.com/Owner/lib/v2");
    assert_string_equal(dep->purl, "pkg:golang/github.com/owner/lib/v2@v2.0.1");
    assert_string_equal(dep->h1, SAMPLE_SUM);
    assert_string_equal(dep->supplier, "Owner");
    assert_string_equal(dep->supplier_url, "https://github.com/Owner");
    assert_string_equal(component(&f, "stdlib")->cpe, "cpe:2.3:a:golang:go:1.23.5:*:*:*:*:*:*:*");
    assert_string_equal(component(&f, "toolchain")->version, "1.23.5");
    assert_int_equal(f.sbom.finding_count, 0);
    assert_int_equal(dep->standing, SBOM_CLAIMED);
    arena_free(&f.arena);
}

static void names_a_commit_as_go_does(void **state)
{
    (void)state;
    struct fixture f = {0};
    build(&f, "path\texample.com/tool/v3\nmod\texample.com/tool/v3\t(devel)\t\n"
              "build\tvcs.revision=a3f0c75d21d918756fa38de8b5d3429efde7948b\n"
              "build\tvcs.time=2026-09-06T14:51:11Z\nbuild\tvcs.modified=true\n");
    assert_string_equal(f.sbom.version, "v3.0.0-20260906145111-a3f0c75d21d9");
    assert_string_equal(f.sbom.created, "2026-09-06T14:51:11Z");
    assert_true(finds(&f, "vcs-modified"));
    arena_free(&f.arena);
}

static void takes_its_time_from_nothing_but_the_request(void **state)
{
    (void)state;
    struct fixture f = {0};
    build(&f, MAIN DEP("example.com/a", "v0.0.0-20240131235959-0123456789ab")
                  DEP("example.com/b", "v0.0.0-20230131235959-0123456789ab"));
    assert_string_equal(f.sbom.created, "2024-01-31T23:59:59Z");
    f.request.has_epoch = true;
    f.request.epoch = 1;
    sbom_build(&f.request, &f.arena, &f.sbom);
    assert_string_equal(f.sbom.created, "1970-01-01T00:00:01Z");
    f.request.epoch = UINT64_MAX;
    sbom_build(&f.request, &f.arena, &f.sbom);
    assert_string_equal(f.sbom.created, "9999-12-31T23:59:59Z");
    arena_free(&f.arena);
}

static void gives_the_same_bytes_twice_and_others_another_name(void **state)
{
    (void)state;
    for (int format = SBOM_SPDX_23; format <= SBOM_SPDX_30; format++) {
        struct fixture f = {0};
        struct fixture g = {0};
        build(&f, MAIN);
        build(&g, MAIN);
        struct bytes first = written(&f, (enum sbom_format)format);
        assert_bytes(written(&g, (enum sbom_format)format), first);
        g.sbom.components[0].standing = SBOM_RECORDED;
        struct bytes richer = written(&g, (enum sbom_format)format);
        size_t at = bytes_find(first, 0, bytes_from_string("/spdx/"));
        assert_true(at != SIZE_MAX && at + 42 < richer.len);
        assert_memory_not_equal(first.data + at, richer.data + at, 42);
        arena_free(&f.arena);
        arena_free(&g.arena);
    }
}

static void tells_replaced_modules(void **state)
{
    (void)state;
    struct fixture f = {0};
    build(&f, MAIN "dep\texample.com/old\tv1.0.0\n=>\texample.com/fork\tv1.0.1\t" SAMPLE_SUM "\n"
                   "dep\texample.com/local\tv1.0.0\n=>\t./local\t(devel)\t\n");
    assert_string_equal(component(&f, "example.com/fork")->replaces, "example.com/old@v1.0.0");
    assert_true(finds(&f, "replaced-module"));
    assert_true(finds(&f, "unpinned"));
    written(&f, SBOM_SPDX_23);
    written(&f, SBOM_SPDX_30);
    arena_free(&f.arena);
}

static void describes_a_file_that_says_nothing(void **state)
{
    (void)state;
    struct fixture f = {0};
    f.file = sample_inspection(&f.arena, "", MAIN);
    f.file.has_buildinfo = false;
    f.file.info = (struct buildinfo){.go_version = "", .path = ""};
    f.request = (struct sbom_request){.name = "", .file = &f.file, .digests = &f.digests};
    sbom_build(&f.request, &f.arena, &f.sbom);
    assert_int_equal(f.sbom.count, 0);
    assert_true(finds(&f, "no-build-information"));
    written(&f, SBOM_SPDX_23);
    written(&f, SBOM_SPDX_30);
    arena_free(&f.arena);
}

/* A document with NAME in every place where build information may have it. */
static void check_hostile(const char *name)
{
    struct fixture f = {0};
    build(&f, MAIN DEP("example.com/a", "v1.0.0"));
    f.file.info.deps[0].path = name;
    f.file.info.deps[0].version = name;
    f.file.info.deps[0].sum = name;
    f.file.info.main.path = name;
    f.request.name = name;
    sbom_build(&f.request, &f.arena, &f.sbom);
    struct bytes old = written(&f, SBOM_SPDX_23);
    struct bytes new = written(&f, SBOM_SPDX_30);
    assert_false(holds(old, "\x1b") || holds(new, "\x1b"));
    for (size_t k = 0; k < f.sbom.count; k++) {
        const char *id = f.sbom.components[k].id;
        assert_int_equal(strspn(id, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                    "0123456789.-"),
                         strlen(id));
    }
    arena_free(&f.arena);
}

/* Texts that hostile build information may hold in every place of a module line. */
static void stays_valid_whatever_the_names(void **state)
{
    static const char *const names[] = {
        "a\"b\\c",
        "\x1b]52;c;x\x07",
        "\xe2\x80\xae/evil",
        "\xff\xfe",
        "../../etc",
        "%00%",
        "a b/c@d",
        "-x",
        "pkg:golang/x@1",
        "SPDXRef-DOCUMENT",
        "#",
        "(devel)",
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        check_hostile(names[i]);
    }
}

static void stays_valid_with_naughty_strings(void **state)
{
    char folder[1024];
    char path[2048];
    char line[4096];
    size_t count = 0;
    (void)state;
    if (!corpus_find("naughty-strings", folder, sizeof(folder))) {
        skip();
    }
    snprintf(path, sizeof(path), "%s/blns.txt", folder);
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    while (fgets(line, sizeof(line), file) != NULL) {
        line[strcspn(line, "\n")] = '\0';
        check_hostile(line);
        count++;
    }
    fclose(file);
    assert_true(count >= 516);
}

static void holds_a_hundred_thousand_modules(void **state)
{
    (void)state;
    struct fixture f = {0};
    build(&f, MAIN DEP("example.com/a", "v1.0.0"));
    size_t count = 100000;
    struct module *deps = ARENA_ARRAY(&f.arena, count, struct module);
    for (size_t i = 0; i < count; i++) {
        deps[i] = f.file.info.deps[0];
    }
    f.file.info.deps = deps;
    f.file.info.dep_count = count;
    sbom_build(&f.request, &f.arena, &f.sbom);
    assert_int_equal(f.sbom.count, count + 3);
    struct error err = {0};
    struct buffer out;
    buffer_init(&out, 4096);
    assert_fails(sbom_write(&f.sbom, SBOM_SPDX_23, &out, &err), &err, ERROR_LIMIT, "more than");
    buffer_free(&out);
    arena_free(&f.arena);
}

static void requires_what_the_rules_ask_for(void **state)
{
    (void)state;
    struct fixture f = {0};
    struct error err = {0};
    build(&f, MAIN DEP("example.com/a", "v1.0.0"));
    assert_true(sbom_require(&f.sbom, SBOM_RULES_NTIA, SBOM_SPDX_23, &err));
    assert_fails(sbom_require(&f.sbom, SBOM_RULES_FSCT3, SBOM_SPDX_30, &err), &err, ERROR_ABSENT,
                 "concluded licence of tool");
    assert_fails(sbom_require(&f.sbom, SBOM_RULES_BSI, SBOM_SPDX_23, &err), &err, ERROR_ABSENT,
                 "spdx-2.3");
    f.sbom.licence = f.sbom.copyright = "MIT";
    for (size_t i = 0; i < f.sbom.count; i++) {
        f.sbom.components[i].licences.concluded = "MIT";
        f.sbom.components[i].licences.looked = true;
        f.sbom.components[i].has_zip = true;
    }
    assert_true(sbom_require(&f.sbom, SBOM_RULES_FSCT3, SBOM_SPDX_30, &err));
    assert_true(sbom_require(&f.sbom, SBOM_RULES_BSI, SBOM_SPDX_30, &err));
    f.sbom.components[1].version = "";
    assert_fails(sbom_require(&f.sbom, SBOM_RULES_NTIA, SBOM_SPDX_23, &err), &err, ERROR_ABSENT,
                 "version of example.com/a");
    f.sbom.components[1].version = "v1.0.0";
    f.sbom.components[1].supplier = "";
    assert_fails(sbom_require(&f.sbom, SBOM_RULES_NTIA, SBOM_SPDX_23, &err), &err, ERROR_ABSENT,
                 "supplier of example.com/a");
    f.sbom.components[1].supplier = "x";
    f.sbom.components[1].has_zip = false;
    assert_fails(sbom_require(&f.sbom, SBOM_RULES_BSI, SBOM_SPDX_30, &err), &err, ERROR_ABSENT,
                 "SHA-512 of example.com/a");
    arena_free(&f.arena);
}

static struct sbom_comparison compare(struct fixture *f, struct bytes text)
{
    struct error err = {0};
    struct sbom_document document;
    struct sbom_comparison comparison;
    if (!sbom_read(text, &f->arena, &document, &err)) {
        fail_msg("%s", err.message);
    }
    sbom_compare(&f->sbom, &document, &f->arena, &comparison);
    return comparison;
}

static bool differs(const struct sbom_comparison *comparison, enum sbom_difference_kind kind)
{
    for (size_t i = 0; i < comparison->count; i++) {
        if (comparison->differences[i].kind == kind) {
            return true;
        }
    }
    return false;
}

static void reads_its_own_documents(void **state)
{
    (void)state;
    for (int format = SBOM_SPDX_23; format <= SBOM_SPDX_30; format++) {
        struct fixture f = {0};
        build(&f, MAIN DEP("example.com/a", "v1.0.0"));
        struct bytes text = written(&f, (enum sbom_format)format);
        struct sbom_comparison same = compare(&f, text);
        assert_true(same.agrees && same.file_told && same.count == 0);
        f.sbom.components[1].version = "v1.0.1";
        struct sbom_comparison version = compare(&f, text);
        assert_true(!version.agrees && differs(&version, SBOM_WRONG_VERSION));
        f.sbom.components[1].version = "v1.0.0";
        f.sbom.components[1].h1 = "h1:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
        struct sbom_comparison hash = compare(&f, text);
        assert_true(!hash.agrees && differs(&hash, SBOM_WRONG_HASH));
        f.sbom.components[1].name = "example.com/b";
        f.sbom.components[1].required_as = "example.com/b";
        struct sbom_comparison other = compare(&f, text);
        assert_true(differs(&other, SBOM_MISSING) && differs(&other, SBOM_EXTRA));
        f.sbom.digests.sha256.bytes[0] ^= 1;
        struct sbom_comparison file = compare(&f, text);
        assert_true(differs(&file, SBOM_OTHER_FILE) && !file.file_told);
        arena_free(&f.arena);
    }
}

static void names_a_toolchain_of_this_machine_as_the_binary_does(void **state)
{
    (void)state;
    struct fixture f = {0};
    build(&f, MAIN);
    struct subject_result result = {
        .name = "tool", .file = &f.file, .has_toolchain = true, .toolchain.module.id = {"", ""}};
    f.request.result = &result;
    sbom_build(&f.request, &f.arena, &f.sbom);
    assert_string_equal(component(&f, "toolchain")->version, "1.23.5");
    struct sbom_comparison same = compare(&f, written(&f, SBOM_SPDX_23));
    assert_true(same.agrees && same.count == 0);
    arena_free(&f.arena);
}

/* As other tools write them: the major version as subpath, h1 as SHA-256, std with "go". */
static void understands_the_errors_of_others(void **state)
{
    (void)state;
    struct fixture f = {0};
    build(&f, MAIN DEP("example.com/a/v2", "v2.0.0"));
    struct sbom_comparison comparison = compare(
        &f, BYTES("{\"spdxVersion\": \"SPDX-2.3\", \"packages\": ["
                  "{\"name\": \"example.com/tool\", \"versionInfo\": \"v1.2.3\", \"externalRefs\": "
                  "[{\"referenceType\": \"purl\", \"referenceLocator\": "
                  "\"pkg:golang/example.com/tool@v1.2.3\"}]},"
                  "{\"name\": \"a\", \"versionInfo\": \"v2.0.0\", \"checksums\": [{\"algorithm\": "
                  "\"SHA256\", \"checksumValue\": "
                  "\"315f665325bdc0f8d6a82f1871b782dd4f496e6c8367ef5a34f3f48d329c66d5\"}],"
                  "\"externalRefs\": [{\"referenceType\": \"purl\", \"referenceLocator\": "
                  "\"pkg:golang/example.com/a@v2.0.0#v2\"}]},"
                  "{\"name\": \"std\", \"versionInfo\": \"go1.23.5\", \"externalRefs\": "
                  "[{\"referenceType\": \"purl\", \"referenceLocator\": "
                  "\"pkg:golang/std@go1.23.5\"}]}]}"));
    assert_true(comparison.agrees);
    assert_int_equal(comparison.count, 2);
    assert_true(differs(&comparison, SBOM_OLD_PURL));
    assert_true(differs(&comparison, SBOM_H1_AS_SHA256));
    arena_free(&f.arena);
}

/* As syft wrote them: all that follows the third part of a path as subpath. */
static void understands_modules_below_others(void **state)
{
    static const char *const names[] = {"example.com/a/b/c/d", "example.com/a/b"};
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        struct fixture f = {0};
        build(&f, MAIN DEP("example.com/a/b/c/d", "v0.72.0"));
        struct sbom_comparison comparison = compare(
            &f, bytes_from_string(arena_printf(
                    &f.arena,
                    "{\"spdxVersion\": \"SPDX-2.3\", \"packages\": ["
                    "{\"name\": \"example.com/tool\", \"versionInfo\": \"(devel)\", "
                    "\"externalRefs\": [{\"referenceType\": \"purl\", \"referenceLocator\": "
                    "\"pkg:golang/example.com/tool@(devel)\"}]},"
                    "{\"name\": \"%s\", \"versionInfo\": \"v0.72.0\", \"externalRefs\": "
                    "[{\"referenceType\": \"purl\", \"referenceLocator\": "
                    "\"pkg:golang/example.com/a/b@v0.72.0#c/d\"}]},"
                    "{\"name\": \"stdlib\", \"versionInfo\": \"1.23.5\", \"externalRefs\": "
                    "[{\"referenceType\": \"purl\", \"referenceLocator\": "
                    "\"pkg:golang/stdlib@1.23.5\"}]}]}",
                    names[i])));
        /* The name makes the difference: else it is a package of another module. */
        assert_int_equal(comparison.agrees, i == 0);
        assert_int_equal(differs(&comparison, SBOM_OLD_PURL), i == 0);
        assert_int_equal(differs(&comparison, SBOM_MISSING), i != 0);
        assert_false(differs(&comparison, SBOM_WRONG_VERSION));
        arena_free(&f.arena);
    }
}

static void refuses_what_is_no_spdx(void **state)
{
    static const struct {
        const char *text;
        enum error_code code;
    } rows[] = {
        {"", ERROR_FORMAT},
        {"[]", ERROR_FORMAT},
        {"{\"bomFormat\": \"CycloneDX\"}", ERROR_FORMAT},
        {"{\"spdxVersion\": \"SPDX-1.2\"}", ERROR_UNSUPPORTED},
        {"{\"spdxVersion\": \"SPDX-2.3\", \"spdxVersion\": \"SPDX-2.3\"}", ERROR_FORMAT},
        {"{\"@context\": \"x\", \"@graph\": []}", ERROR_UNSUPPORTED},
        {"{\"spdxVersion\": \"SPDX-2.3\"", ERROR_FORMAT},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct arena arena = {0};
        struct error err = {0};
        struct sbom_document document;
        assert_false(sbom_read(bytes_from_string(rows[i].text), &arena, &document, &err));
        assert_int_equal(err.code, rows[i].code);
        arena_free(&arena);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lists_all_that_the_linker_wrote_down),
        cmocka_unit_test(names_a_commit_as_go_does),
        cmocka_unit_test(takes_its_time_from_nothing_but_the_request),
        cmocka_unit_test(gives_the_same_bytes_twice_and_others_another_name),
        cmocka_unit_test(tells_replaced_modules),
        cmocka_unit_test(describes_a_file_that_says_nothing),
        cmocka_unit_test(stays_valid_whatever_the_names),
        cmocka_unit_test(stays_valid_with_naughty_strings),
        cmocka_unit_test(holds_a_hundred_thousand_modules),
        cmocka_unit_test(requires_what_the_rules_ask_for),
        cmocka_unit_test(reads_its_own_documents),
        cmocka_unit_test(names_a_toolchain_of_this_machine_as_the_binary_does),
        cmocka_unit_test(understands_the_errors_of_others),
        cmocka_unit_test(understands_modules_below_others),
        cmocka_unit_test(refuses_what_is_no_spdx),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}

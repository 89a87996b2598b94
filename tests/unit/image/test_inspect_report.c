// SPDX-License-Identifier: Apache-2.0
/* Inspections as text (a superset of `go version -m`) and as JSON. */
#include "base/json_read.h"
#include "tests/unit/unit.h"
#include "verifier/report/inspect_json.h"
#include "verifier/report/inspect_text.h"

static struct buffer out;
static struct error err;

static int make(void **state)
{
    (void)state;
    buffer_init(&out, 1U << 20);
    return 0;
}

static int drop(void **state)
{
    (void)state;
    buffer_free(&out);
    return 0;
}

static const struct module replacement = {.path = "../c", .version = "", .sum = ""};
static struct module deps[] = {
    {.path = "example.com/b", .version = "v1.2.3", .sum = "h1:b="},
    {.path = "example.com/c", .version = "v1", .sum = "", .replace = &replacement},
    {.path = "example.com/d", .version = "v1", .sum = "h1:d="},
};
static struct build_setting settings[] = {
    {"-ldflags", "-s -w"},
    {"CGO_CFLAGS", ""},
    {"a key", "x"},
    {"quotes", "say \"hi\"\\"},
    {"plain\\", "back\\slash"},
    {"tab", "a\tb\x01\x7f\xff"},
    {"escape", "\x1b[2J"},
    {"override", "a\xe2\x80\xae b"},
    {"-ldflags", "forged"},
};

static struct inspection sample(void)
{
    return (struct inspection){
        .name = "dir/tool",
        .size = 10,
        .format = IMAGE_ELF,
        .goos = "linux",
        .goarch = "amd64",
        .variant = "GOAMD64=v1",
        .has_buildinfo = true,
        .info = {.go_version = "go1.23.5",
                 .path = "example.com/a",
                 .has_main = true,
                 .main = {.path = "example.com/a", .version = "(devel)", .sum = ""},
                 .deps = deps,
                 .dep_count = ARRAY_LEN(deps),
                 .settings = settings,
                 .setting_count = ARRAY_LEN(settings)},
        .traits = {.build_id = "redacted",
                   .parts = {"", "", "", ""},
                   .interpreter = "",
                   .code_signature = "none",
                   .gnu_build_id = "",
                   .packer = "",
                   .goroot = "",
                   .gopath = "",
                   .source_root = "",
                   .pclntab_go = "1.20"},
    };
}

/* The lines above the traits are what `go version -m` of Go 1.27 prints for these values. */
static void prints_what_go_prints(void **state)
{
    (void)state;
    static const char wanted[] = "dir/tool: go1.23.5\n"
                                 "\tpath\texample.com/a\n"
                                 "\tmod\texample.com/a\t(devel)\t\n"
                                 "\tdep\texample.com/b\tv1.2.3\th1:b=\n"
                                 "\tdep\texample.com/c\tv1\n"
                                 "\t=>\t../c\t\t\n"
                                 "\t\n"
                                 "\tdep\texample.com/d\tv1\th1:d=\n"
                                 "\tbuild\t-ldflags=\"-s -w\"\n"
                                 "\tbuild\tCGO_CFLAGS=\n"
                                 "\tbuild\t\"a key\"=x\n"
                                 "\tbuild\tquotes=\"say \\\"hi\\\"\\\\\"\n"
                                 "\tbuild\tplain\\=back\\slash\n"
                                 "\tbuild\ttab=\"a\\tb\\x01\\x7f\\xff\"\n";
    struct inspection file = sample();
    inspect_text(&file, &out);
    assert_true(bytes_start_with(buffer_view(&out), wanted));
}

static void no_byte_disturbs_a_terminal(void **state)
{
    (void)state;
    static const char *const nasty[] = {
        "\x1b]52;c;YQ==\x07", "a\rb", "\xe2\x80\xae", "\xe2\x80\x8b", "\xff\xfe", "a\nb", "\x9b"};
    for (size_t i = 0; i < ARRAY_LEN(nasty); i++) {
        struct inspection file = sample();
        struct module dep = {.path = nasty[i], .version = nasty[i], .sum = nasty[i]};
        struct build_setting setting = {nasty[i], nasty[i]};
        file.name = file.info.go_version = file.info.path = nasty[i];
        file.info.deps = &dep;
        file.info.dep_count = 1;
        file.info.settings = &setting;
        file.info.setting_count = 1;
        file.goos = file.variant = file.traits.goroot = file.traits.build_id = nasty[i];
        buffer_clear(&out);
        inspect_text(&file, &out);
        struct bytes text = buffer_view(&out);
        assert_int_equal(bytes_find(text, 0, BYTES("\xe2\x80")), SIZE_MAX);
        size_t lines = 0;
        for (size_t k = 0; k < text.len; k++) {
            uint8_t c = text.data[k];
            lines += c == '\n';
            assert_true(c == '\n' || c == '\t' || (c >= ' ' && c < 0x7f));
        }
        assert_int_equal(lines, 18);
    }
}

static void leaves_out_what_is_not_known(void **state)
{
    (void)state;
    struct inspection file = sample();
    inspect_text(&file, &out);
    assert_null(strstr(buffer_cstring(&out), "sha256"));
    assert_null(strstr(buffer_cstring(&out), "linker_hash"));
    assert_null(strstr(buffer_cstring(&out), "trimpath="));
    file.has_digest = true;
    file.traits.path_known = true;
    file.traits.linker_hash = LINKER_HASH_MISMATCH;
    buffer_clear(&out);
    inspect_text(&file, &out);
    assert_non_null(strstr(buffer_cstring(&out), "\ttrait\tsha256=0000"));
    assert_non_null(strstr(buffer_cstring(&out), "\ttrait\tlinker_hash=mismatch\n"));
    assert_non_null(strstr(buffer_cstring(&out), "\ttrait\ttrimpath=false\n"));
}

static void writes_json_that_reads_back(void **state)
{
    (void)state;
    struct inspection file = sample();
    struct json_writer json;
    struct json_document *document;
    struct error why;
    error_set(&why, ERROR_FORMAT, "cut short");
    inspect_json_begin(&json, &out);
    inspect_json_file(&json, &file);
    inspect_json_file(&json, &file);
    inspect_json_errors(&json);
    inspect_json_error(&json, "other", &why);
    inspect_json_end(&json);
    /* Duplicate keys are refused by this reader, so the setting forged above must be gone. */
    assert_true(json_parse(buffer_view(&out), &document, &err));
    const struct cJSON *root = json_root(document);
    assert_string_equal(json_member_string(root, "schema"), "reproof/inspect/v1");
    const struct cJSON *first = json_first(json_member(root, "files"));
    assert_string_equal(json_member_string(first, "platform"), "linux/amd64");
    assert_string_equal(json_member_string(json_member(first, "settings"), "-ldflags"), "-s -w");
    const struct cJSON *traits = json_member(first, "traits");
    assert_null(json_first(json_member(traits, "build_id")));
    assert_string_equal(json_member_string(traits, "build_id_text"), "redacted");
    assert_null(json_member_string(traits, "linker_hash"));
    const struct cJSON *dep = json_next(json_first(json_member(first, "deps")));
    assert_string_equal(json_member_string(json_member(dep, "replace"), "path"), "../c");
    assert_string_equal(json_member_string(json_first(json_member(root, "errors")), "class"),
                        "format");
    json_document_free(&document);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, make, drop)

static const struct CMUnitTest tests[] = {
    CASE(prints_what_go_prints),
    CASE(no_byte_disturbs_a_terminal),
    CASE(leaves_out_what_is_not_known),
    CASE(writes_json_that_reads_back),
};

UNIT_MAIN(tests)

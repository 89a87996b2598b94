// SPDX-License-Identifier: Apache-2.0
/* The record that crosses from the confined process: whole, cut, with other lengths. */
#include "tests/unit/unit.h"
#include "verifier/inspect_record.h"

static struct arena arena;
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
    arena_free(&arena);
    return 0;
}

static const struct module replacement = {.path = "example.com/c", .version = "v2", .sum = "h1:c"};
static struct module deps[] = {
    {.path = "example.com/b", .version = "v1.2.3", .sum = "h1:b"},
    {.path = "example.com/c", .version = "v1", .sum = "", .replace = &replacement},
};
static struct build_setting settings[] = {{"-trimpath", "true"}, {"GOOS", "linux"}};
static const char *libraries[] = {"libc.so.6", "libpthread.so.0"};
static const char *compilers[] = {"GCC: (Debian 12.2.0-14) 12.2.0"};

static struct planted_value values[] = {{"main.version", "1.2", 4096}, {"", "x", 0}};

static struct inspection sample(void)
{
    return (struct inspection){
        .name = "arm64",
        .has_digest = true,
        .sha256 = {{1, 2, 3}},
        .size = 1ULL << 40,
        .format = IMAGE_MACHO,
        .slice_offset = 4096,
        .goos = "darwin",
        .goarch = "arm64",
        .variant = "GOARM64=v8.0",
        .has_buildinfo = true,
        .info = {.go_version = "go1.23.5",
                 .path = "example.com/a",
                 .has_main = true,
                 .main = {.path = "example.com/a", .version = "(devel)", .sum = ""},
                 .deps = deps,
                 .dep_count = ARRAY_LEN(deps),
                 .settings = settings,
                 .setting_count = ARRAY_LEN(settings)},
        .traits = {.linker_hash = LINKER_HASH_MISMATCH,
                   .build_id = "a/b/c/d",
                   .parts = {"a", "b", "c", "d"},
                   .symbol_table = true,
                   .trimpath = true,
                   .path_known = true,
                   .shared = true,
                   .interpreter = "/lib/ld.so",
                   .libraries = libraries,
                   .library_count = ARRAY_LEN(libraries),
                   .compilers = compilers,
                   .compiler_count = ARRAY_LEN(compilers),
                   .code_signature = "ad-hoc",
                   .gnu_build_id = "",
                   .packer = "",
                   .goroot = "/go",
                   .gopath = "/path",
                   .source_root = "/src",
                   .pclntab_go = "1.20"},
        .values = values,
        .value_count = ARRAY_LEN(values),
    };
}

static void encode_sample(size_t count)
{
    struct inspection files[2] = {sample(), sample()};
    files[1].traits.build_id = "";
    const struct inspect_record record = {.ok = true, .files = files, .file_count = count};
    inspect_record_encode(&record, &out);
    assert_true(buffer_ok(&out));
}

static bool decodes(struct bytes bytes, struct inspect_record *ret)
{
    return inspect_record_decode(bytes, &arena, ret, &err);
}

static void brings_every_field_across(void **state)
{
    (void)state;
    struct inspect_record record;
    encode_sample(2);
    assert_true(decodes(buffer_view(&out), &record));
    assert_true(record.ok);
    assert_int_equal(record.file_count, 2);
    const struct inspection *file = &record.files[0];
    assert_string_equal(file->name, "arm64");
    assert_true(file->has_digest && file->has_buildinfo);
    assert_int_equal(file->sha256.bytes[2], 3);
    assert_int_equal(file->size, 1ULL << 40);
    assert_int_equal(file->slice_offset, 4096);
    assert_int_equal(file->info.dep_count, 2);
    assert_null(file->info.deps[0].replace);
    assert_string_equal(file->info.deps[1].replace->sum, "h1:c");
    assert_string_equal(file->info.settings[1].value, "linux");
    assert_int_equal(file->traits.linker_hash, LINKER_HASH_MISMATCH);
    assert_true(file->traits.symbol_table && file->traits.trimpath && file->traits.shared);
    assert_false(file->traits.dwarf || file->traits.cgo);
    assert_string_equal(file->traits.libraries[1], "libpthread.so.0");
    assert_int_equal(file->value_count, 2);
    assert_string_equal(file->values[0].name, "main.version");
    assert_string_equal(file->values[1].text, "x");
    assert_int_equal(file->values[0].offset, 4096);
    assert_string_equal(record.files[1].traits.build_id, "");
    /* And nothing that is not told here: encoded again it is the same bytes. */
    struct buffer again;
    buffer_init(&again, 1U << 20);
    inspect_record_encode(&record, &again);
    assert_bytes(buffer_view(&again), buffer_view(&out));
    buffer_free(&again);
}

static void brings_an_error_across(void **state)
{
    (void)state;
    struct inspect_record record = {0};
    struct inspect_record got;
    error_set(&record.error, ERROR_LIMIT, "too large");
    error_cure(&record.error, "make it smaller");
    inspect_record_encode(&record, &out);
    assert_true(decodes(buffer_view(&out), &got));
    assert_false(got.ok);
    assert_int_equal(got.error.code, ERROR_LIMIT);
    assert_string_equal(got.error.message, "too large");
    assert_string_equal(got.error.cure, "make it smaller");
}

static void rejects_every_cut_and_what_follows(void **state)
{
    (void)state;
    struct inspect_record record;
    encode_sample(1);
    for (size_t len = 0; len < out.len; len++) {
        assert_fails(decodes(bytes_from(out.data, len), &record), &err, ERROR_FORMAT, "damaged");
    }
    buffer_byte(&out, 0);
    assert_fails(decodes(buffer_view(&out), &record), &err, ERROR_FORMAT, "damaged");
}

static void survives_every_byte_changed(void **state)
{
    (void)state;
    static const uint8_t changes[] = {0xff, 0x80, 0x01};
    struct inspect_record record;
    encode_sample(1);
    for (size_t i = 0; i < out.len * ARRAY_LEN(changes); i++) {
        uint8_t *byte = &out.data[i / ARRAY_LEN(changes)];
        *byte ^= changes[i % ARRAY_LEN(changes)];
        (void)!decodes(buffer_view(&out), &record);
        *byte ^= changes[i % ARRAY_LEN(changes)];
        arena_free(&arena);
    }
}

/* A compromised sender must neither make the parent allocate nor write to the terminal. */
static void rejects_counts_and_kinds_that_cannot_be(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        struct bytes bytes;
    } rows[] = {
        {"no files", {(const uint8_t *)"\1\0\0\0\0", 5}},
        {"four billion files", {(const uint8_t *)"\1\xff\xff\xff\xff", 5}},
        {"neither yes nor no", {(const uint8_t *)"\2\1\0\0\0", 5}},
        {"no error", {(const uint8_t *)"\0\0\0\0\0\0\0\0\0\0", 10}},
        {"an error that is none", {(const uint8_t *)"\0\x63\0\0\0\0\0\0\0\0", 10}},
        {"a text past the end", {(const uint8_t *)"\0\1\xff\xff\xff\x7f", 6}},
        {"a NUL in a text", {(const uint8_t *)"\0\1\2\0\0\0a\0\0\0\0\0", 12}},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct inspect_record record;
        assert_fails(decodes(rows[i].bytes, &record), &err, ERROR_FORMAT, "damaged");
    }
}

static void escapes_the_text_of_an_error(void **state)
{
    (void)state;
    struct inspect_record record;
    assert_true(decodes(BYTES("\0\1\4\0\0\0\x1b[2J\0\0\0\0"), &record));
    assert_string_equal(record.error.message, "\\x1b[2J");
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, make, drop)

static const struct CMUnitTest tests[] = {
    CASE(brings_every_field_across),
    CASE(brings_an_error_across),
    CASE(rejects_every_cut_and_what_follows),
    CASE(survives_every_byte_changed),
    CASE(rejects_counts_and_kinds_that_cannot_be),
    CASE(escapes_the_text_of_an_error),
};

UNIT_MAIN(tests)

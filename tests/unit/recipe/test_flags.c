// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/recipe/sample.h"
#include "verifier/recipe/flags.h"
#include "verifier/recipe/path_check.h"
#include "verifier/recipe/platform.h"
#include "verifier/recipe/timestamp.h"

static void splits_as_go_does(void **state)
{
    (void)state;
    static const struct {
        const char *text, *fields[5];
    } rows[] = {
        {"", {NULL}},
        {" \t\n\r", {NULL}},
        {"-s -w", {"-s", "-w"}},
        {"  -s\t-w\n", {"-s", "-w"}},
        {"-X 'a.b=c d'", {"-X", "a.b=c d"}},
        {"'-X=a.b=c d' \"it's\"", {"-X=a.b=c d", "it's"}},
        {"a'b c'd", {"a'b", "c'd"}},            /* quotes count at the start of a field only */
        {"'a''b'\"c\"d", {"a", "b", "c", "d"}}, /* and end it at once */
        {"''", {""}},
        {"a\\ b", {"a\\", "b"}},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct arena arena = {0};
        struct error err = {0};
        const char **fields;
        size_t count;
        assert_true(flags_split(bytes_from_string(rows[i].text), &arena, &fields, &count, &err));
        size_t expected = 0;
        while (expected < 5 && rows[i].fields[expected] != NULL) {
            expected++;
        }
        assert_int_equal(count, expected);
        for (size_t j = 0; j < count; j++) {
            assert_string_equal(fields[j], rows[i].fields[j]);
        }
        arena_free(&arena);
    }
}

static void refuses_open_quotes_and_sizes(void **state)
{
    (void)state;
    struct arena arena = {0};
    struct error err = {0};
    const char **fields = NULL;
    size_t count = 7;
    assert_fails(flags_split(BYTES("a 'b"), &arena, &fields, &count, &err), &err, ERROR_FORMAT,
                 "unterminated");
    assert_fails(flags_split(BYTES("a\0b"), &arena, &fields, &count, &err), &err, ERROR_FORMAT,
                 "NUL");
    size_t room = 1U << 20;
    char *big = arena_alloc(&arena, room);
    memset(big, 'x', room);
    assert_fails(flags_split(bytes_from(big, room), &arena, &fields, &count, &err), &err,
                 ERROR_LIMIT, "bytes");
    memset(big, ' ', room);
    for (size_t i = 0; i < 20000; i += 2) {
        big[i] = 'x';
    }
    assert_fails(flags_split(bytes_from(big, 20000), &arena, &fields, &count, &err), &err,
                 ERROR_LIMIT, "flags");
    assert_int_equal(count, 7);
    arena_free(&arena);
}

static void joins_what_splits_again(void **state)
{
    (void)state;
    static const char *const fields[] = {"-s", "", "a b", "it's", "say \"x\"", "-X", "a=b\tc"};
    struct arena arena = {0};
    struct error err = {0};
    const char *text, **again;
    size_t count;
    assert_true(flags_join(fields, ARRAY_LEN(fields), &arena, &text, &err));
    assert_true(flags_split(bytes_from_string(text), &arena, &again, &count, &err));
    assert_int_equal(count, ARRAY_LEN(fields));
    for (size_t i = 0; i < count; i++) {
        assert_string_equal(again[i], fields[i]);
    }
    const char *const both[] = {"it's \"x\""};
    assert_fails(flags_join(both, 1, &arena, &text, &err), &err, ERROR_FORMAT, "both kinds");
    arena_free(&arena);
}

static void keeps_go_from_seeing_a_pattern(void **state)
{
    (void)state;
    static const char *const quoted[] = {"-X=a.b=c d"}, *const plain[] = {"-s", "-w"};
    struct arena arena = {0};
    struct error err = {0};
    const char *text, *pattern, **flags;
    size_t count;
    assert_true(flags_join_ldflags(quoted, 1, &arena, &text, &err));
    assert_string_equal(text, "all='-X=a.b=c d'");
    assert_true(
        flags_split_pattern(bytes_from_string(text), &arena, &pattern, &flags, &count, &err));
    assert_string_equal(pattern, "all");
    assert_string_equal(flags[0], "-X=a.b=c d");
    assert_true(flags_join_ldflags(plain, 2, &arena, &text, &err));
    assert_string_equal(text, "-s -w");
    assert_false(flags_split_pattern(BYTES("no pattern"), &arena, &pattern, &flags, &count, &err));
    assert_false(flags_split_pattern(BYTES("=-s"), &arena, &pattern, &flags, &count, &err));
    assert_false(flags_split_pattern(BYTES("'a'=-s"), &arena, &pattern, &flags, &count, &err));
    arena_free(&arena);
}

static void knows_which_linker_flags_are_used(void **state)
{
    (void)state;
    static const char *const good[][3] = {
        {"-s", "-w", NULL},    {"--s", NULL},
        {"-X", "a.b=c", NULL}, {"-X=a.b=@x", NULL},
        {"-buildid=", NULL},   {"-B", "none", NULL},
        {"-w=false", NULL},    {"-extldflags", "-static", NULL},
    };
    static const char *const bad[][3] = {
        {"-extld=gcc", NULL},
        {"-extld", "gcc", NULL},
        {"-o", "/x", NULL},
        {"@file", NULL},
        {"-X", "@file", NULL},
        {"-X", NULL},
        {"-cpuprofile=/x", NULL},
        {"-importcfg", "x", NULL},
        {"-tmpdir=/x", NULL},
        {"s", NULL},
        {"-", NULL},
        {"--", NULL},
        {"-=x", NULL},
        {"-X", "a.b=\033]52", NULL},
        {"-toolexec=x", NULL},
        {"-L", "/x", NULL},
    };
    struct error err = {0};
    for (size_t i = 0; i < ARRAY_LEN(good) + ARRAY_LEN(bad); i++) {
        const char *const *flags = i < ARRAY_LEN(good) ? good[i] : bad[i - ARRAY_LEN(good)];
        size_t count = 0;
        while (flags[count] != NULL) {
            count++;
        }
        if (flags_check_linker(flags, count, &err) != (i < ARRAY_LEN(good))) {
            fail_msg("%s", flags[0]);
        }
    }
}

static void knows_which_compiler_flags_are_used(void **state)
{
    (void)state;
    struct error err = {0};
    assert_true(flags_check_compiler(BYTES("all=-N -l"), &err));
    assert_true(flags_check_compiler(BYTES("-l=4"), &err));
    assert_true(flags_check_compiler(BYTES("cmd/...=-dwarf=false"), &err));
    assert_true(flags_check_compiler(BYTES("all=-trimpath=/home/x"), &err));
    assert_false(flags_check_compiler(BYTES("-embedcfg=/x"), &err));
    assert_false(flags_check_compiler(BYTES("all=@x"), &err));
    assert_false(flags_check_compiler(BYTES("-bench /x"), &err));
    assert_false(flags_check_compiler(BYTES("a\033b=-N"), &err));
    assert_true(flags_check_assembler(BYTES("-trimpath=/x"), &err));
    assert_false(flags_check_assembler(BYTES("-o=/x"), &err));
}

static void reads_flags_off_the_file(void **state)
{
    (void)state;
    static const struct {
        bool symbols, dwarf, note, id;
        size_t count;
        const char *first;
    } rows[] = {
        {true, true, true, true, 1, ""},
        {true, false, true, true, 1, "-w"},
        {false, true, true, true, 1, "-s"},
        {false, false, true, true, 3, "-s -w"},
        {false, false, false, true, 3, "-s -w -B none"},
        {false, false, false, false, 1, "-s -w -buildid="},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct arena arena = {0};
        struct error err = {0};
        struct inspection file = sample_inspection(&arena, "go1.24.1", "path\ta.b/c\n");
        struct go_version go = {.minor = 24};
        struct flags_orders orders;
        const char *text;
        file.traits.symbol_table = rows[i].symbols;
        file.traits.dwarf = rows[i].dwarf;
        file.traits.host_build_id = rows[i].note;
        file.traits.build_id = rows[i].id ? "a/b/c/d" : "";
        flags_orders_from_traits(&file, &go, &arena, &orders);
        assert_int_equal(orders.count, rows[i].count);
        assert_true(flags_join(orders.orders[0], orders.counts[0], &arena, &text, &err));
        assert_string_equal(text, rows[i].first);
        arena_free(&arena);
    }
}

/* The note of a real program of Go 1.26.8, whose build ID's first three parts are these; Go before
 * 1.24 inverts all of the hash. */
static void tells_a_note_that_was_given_from_one_that_follows(void **state)
{
    (void)state;
    static const struct {
        const char *note;
        unsigned minor;
        bool id, external;
        const char *flags;
    } rows[] = {
        {"fa51127ab9cb273129728ded78adee4649a95e3b", 26, true, false, ""},
        {"fa51127ab9cb273129728ded78adee4649a95e3b", 26, true, true, ""},
        {"faaeed854634d8ced68d7212875211b9b656a1c4", 23, true, false, "-B gobuildid"},
        {"fa51127ab9cb273129728ded78adee4649a95e3c", 26, true, false,
         "-B 0xfa51127ab9cb273129728ded78adee4649a95e3c"},
        {"01", 23, true, false, "-B 0x01"},
        {"01", 26, true, true, ""},
        {"01", 26, false, false, "-buildid= -B 0x01"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct arena arena = {0};
        struct error err = {0};
        struct inspection file = sample_inspection(&arena, "go1.26.8", "path\ta.b/c\n");
        struct go_version go = {.minor = rows[i].minor};
        struct flags_orders orders;
        const char *text;
        file.traits.symbol_table = file.traits.dwarf = true;
        file.traits.gnu_build_id = rows[i].note;
        file.traits.external_link = rows[i].external;
        file.traits.build_id = rows[i].id ? "a/b/c/d" : "";
        file.traits.parts[0] = rows[i].id ? "NDnyszFegV69DGZrRazM" : "";
        file.traits.parts[1] = "tjcCAgIoL2QJfkL3FOmO";
        file.traits.parts[2] = "GHokcr_-bdPXivGsVtDr";
        flags_orders_from_traits(&file, &go, &arena, &orders);
        assert_true(flags_join(orders.orders[0], orders.counts[0], &arena, &text, &err));
        assert_string_equal(text, rows[i].flags);
        arena_free(&arena);
    }
}

static void knows_variants_by_version(void **state)
{
    (void)state;
    static const struct {
        const char *name, *value;
        unsigned since; /* 0: never */
    } rows[] = {
        {"GOAMD64", "v1", 18},
        {"GOAMD64", "v4", 18},
        {"GOAMD64", "v5", 0},
        {"GOAMD64", "v1,x", 0},
        {"GOARM", "5", 16},
        {"GOARM", "7", 16},
        {"GOARM", "8", 0},
        {"GOARM", "7,softfloat", 22},
        {"GOARM", "5,hardfloat", 22},
        {"GOARM", "7,softfloat,softfloat", 0},
        {"GOARM64", "v8.0", 23},
        {"GOARM64", "v8.9,lse,crypto", 23},
        {"GOARM64", "v9.5", 23},
        {"GOARM64", "v9.6", 0},
        {"GOARM64", "v8.0,neon", 0},
        {"GOARM64", "", 0},
        {"GO386", "sse2", 16},
        {"GO386", "387", 0},
        {"GOMIPS", "softfloat", 16},
        {"GOMIPS64", "hardfloat", 16},
        {"GOPPC64", "power9", 16},
        {"GOPPC64", "power10", 20},
        {"GOPPC64", "power11", 0},
        {"GORISCV64", "rva22u64", 23},
        {"GORISCV64", "rva23u64", 25},
        {"GOWASM", "", 16},
        {"GOWASM", "satconv,signext", 16},
        {"GOWASM", "threads", 0},
        {"GOLOONG64", "v1", 0},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        for (unsigned minor = GO_MINOR_OLDEST; minor <= GO_MINOR_NEWEST_TRIED; minor++) {
            struct go_version go = {.minor = minor};
            bool valid =
                platform_variant_is_valid(rows[i].name, bytes_from_string(rows[i].value), &go);
            if (valid != (rows[i].since != 0 && minor >= rows[i].since)) {
                fail_msg("%s=%s in 1.%u", rows[i].name, rows[i].value, minor);
            }
        }
    }
    struct go_version old = {.minor = 20}, new = {.minor = 21};
    assert_string_equal(platform_variant_default("linux", "arm", &old), "5");
    assert_string_equal(platform_variant_default("android", "arm", &old), "7");
    assert_string_equal(platform_variant_default("linux", "arm", &new), "7");
    assert_null(platform_variant_default("linux", "arm64", &new));
    assert_null(platform_variant_name("s390x", &new));
}

static void finds_platforms_in_the_toolchains_list(void **state)
{
    (void)state;
    struct error err = {0};
    bool listed = false;
    struct bytes list = BYTES("[{\"GOOS\":\"linux\",\"GOARCH\":\"amd64\",\"CgoSupported\":true},"
                              "{\"GOOS\":\"js\",\"GOARCH\":\"wasm\"}]\n");
    assert_true(platform_is_listed(list, "js", "wasm", &listed, &err) && listed);
    assert_true(platform_is_listed(list, "js", "amd64", &listed, &err) && !listed);
    assert_false(platform_is_listed(BYTES("{}"), "js", "wasm", &listed, &err));
    assert_false(platform_is_listed(BYTES("[{\"GOOS\":1}]"), "js", "wasm", &listed, &err));
    assert_false(platform_is_listed(BYTES("[{\"GOOS\":"), "js", "wasm", &listed, &err));
}

static void reads_versions_of_go(void **state)
{
    (void)state;
    struct go_version go;
    unsigned minor;
    assert_true(go_version_parse(BYTES("go1.23.5"), &go) && go.minor == 23 && go.patch == 5);
    assert_true(go_version_parse(BYTES("go1.20"), &go) && go.minor == 20 && go.patch == 0);
    assert_true(go_version_parse(BYTES("go1.21rc2"), &go) && go.pre_kind == 2);
    static const char *const bad[] = {
        "",        "1.23",    "go1",    "go1.",      "go1.023", "go2.1",        "go1.2.3.4",
        "go1.2rc", "go1.2-x", "go1.2 ", "go1.99999", "go1.2.x", "go1.23.5/../x"};
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        assert_false(go_version_parse(bytes_from_string(bad[i]), &go));
    }
    assert_true(go_language_parse(BYTES("1.21"), &minor) && minor == 21);
    assert_true(go_language_parse(BYTES("1.22rc1"), &minor) && minor == 22);
    assert_false(go_language_parse(BYTES("go1.21"), &minor));
}

static void reads_times(void **state)
{
    (void)state;
    uint64_t time;
    char compact[15];
    assert_true(timestamp_parse(BYTES("2025-02-08T03:01:26Z"), &time));
    assert_int_equal(time, 1738983686);
    timestamp_compact(time, compact);
    assert_string_equal(compact, "20250208030126");
    static const char *const bad[] = {"",
                                      "2025-02-08T03:01:26",
                                      "2025-02-08T03:01:26.5Z",
                                      "2025-02-08T03:01:26+01:00",
                                      "2025-02-30T03:01:26Z",
                                      "2025-13-08T03:01:26Z",
                                      "1969-02-08T03:01:26Z",
                                      "2025-02-08 03:01:26Z",
                                      "2025-02-08T24:01:26Z",
                                      "2025-02-08T03:01:26Zx"};
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        assert_false(timestamp_parse(bytes_from_string(bad[i]), &time));
    }
}

static void knows_usable_paths(void **state)
{
    (void)state;
    static const char *const good[] = {"/go", "/home/runner/work/a/a", "/opt/a b/c"};
    static const char *const bad[] = {
        "",       "/",     "go",     "/a/",  "/a//b", "/a/../b",       "/./a",
        "/dev/x", "/proc", "/sys/a", "/a:b", "/a\nb", "/.reproof/own", "C:/x"};
    for (size_t i = 0; i < ARRAY_LEN(good); i++) {
        assert_true(path_is_usable(good[i]));
    }
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        assert_false(path_is_usable(bad[i]));
    }
    assert_true(path_is_usable("/devel"));
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(refuses_open_quotes_and_sizes),
    cmocka_unit_test(splits_as_go_does),
    cmocka_unit_test(joins_what_splits_again),
    cmocka_unit_test(keeps_go_from_seeing_a_pattern),
    cmocka_unit_test(knows_which_linker_flags_are_used),
    cmocka_unit_test(knows_which_compiler_flags_are_used),
    cmocka_unit_test(reads_flags_off_the_file),
    cmocka_unit_test(tells_a_note_that_was_given_from_one_that_follows),
    cmocka_unit_test(knows_variants_by_version),
    cmocka_unit_test(finds_platforms_in_the_toolchains_list),
    cmocka_unit_test(reads_versions_of_go),
    cmocka_unit_test(reads_times),
    cmocka_unit_test(knows_usable_paths),
};

UNIT_MAIN(tests)

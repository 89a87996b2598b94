// SPDX-License-Identifier: Apache-2.0
/* A whole file inspected, and every byte of it spoiled. */
#include "tests/unit/image/go_maker.h"
#include "tests/unit/unit.h"
#include "verifier/inspect.h"

#define ID                                                                                         \
    "aaaaaaaaaaaaaaaaaaaa/bbbbbbbbbbbbbbbbbbbb/"                                                   \
    "cccccccccccccccccccc/dddddddddddddddddddd"
#define MODULES                                                                                    \
    "path\texample.com/a/cmd/a\nmod\texample.com/a\t(devel)\t\nbuild\tGOARCH=amd64\n"              \
    "build\tGOOS=linux\nbuild\tGOAMD64=v3\n"

static struct arena arena;
static struct buffer marked, table;
static struct inspection file;
static struct error err;

static int make(void **state)
{
    (void)state;
    buffer_init(&marked, 1U << 20);
    buffer_init(&table, 1U << 20);
    made_marked(&marked, BYTES(MODULES));
    return 0;
}

static int drop(void **state)
{
    (void)state;
    buffer_free(&marked);
    buffer_free(&table);
    arena_free(&arena);
    return 0;
}

/* A program whose files are FILES; main.main is in the second one. */
static struct made_program program_of(const char *const *files, size_t count)
{
    static const struct made_function functions[] = {{"runtime.main", 0, 3}, {"main.main", 1, 7}};
    const struct made_table wanted = {PCLNTAB_1_20, LITTLE_ENDIAN_ORDER, 8, files, count,
                                      functions,    ARRAY_LEN(functions)};
    buffer_clear(&table);
    made_pclntab(&table, &wanted);
    return (struct made_program){.version = "go1.23.5",
                                 .modules = buffer_view(&marked),
                                 .build_id = ID,
                                 .pclntab = buffer_view(&table)};
}

static bool inspects(const struct made *made)
{
    struct source source = made_source(made);
    return inspect_source(&source, INSPECT_DIGEST, &arena, &file, &err);
}

static void inspect_program(const struct made_program *program)
{
    struct made made = made_go_elf(program);
    made_seal(&made, ID, false);
    if (!inspects(&made)) {
        fail_msg("%s", err.message);
    }
    made_free(&made);
}

static void reads_a_trimmed_program(void **state)
{
    (void)state;
    static const char *const files[] = {"runtime/proc.go", "example.com/a/cmd/a/main.go"};
    struct made_program program = program_of(files, 2);
    inspect_program(&program);
    assert_true(file.has_digest && file.has_buildinfo);
    assert_int_equal(file.format, IMAGE_ELF);
    assert_string_equal(file.goos, "linux");
    assert_string_equal(file.goarch, "amd64");
    assert_string_equal(file.variant, "GOAMD64=v3");
    assert_string_equal(file.info.go_version, "go1.23.5");
    assert_string_equal(file.info.path, "example.com/a/cmd/a");
    const struct traits *traits = &file.traits;
    assert_int_equal(traits->linker_hash, LINKER_HASH_MATCH);
    assert_string_equal(traits->parts[0], "aaaaaaaaaaaaaaaaaaaa");
    assert_true(traits->path_known && traits->trimpath);
    assert_string_equal(traits->goroot, "");
    assert_string_equal(traits->source_root, "");
    assert_string_equal(traits->pclntab_go, "1.20");
    assert_false(traits->cgo || traits->external_link || traits->symbol_table || traits->dwarf);
    assert_string_equal(traits->code_signature, "none");
}

static void reads_the_roots_of_an_untrimmed_program(void **state)
{
    (void)state;
    static const struct {
        const char *files[3], *goroot, *gopath, *source_root;
    } rows[] = {
        {{"/opt/go/src/runtime/proc.go", "/home/u/w/cmd/a/main.go",
          "/home/u/go/pkg/mod/x.y/z@v1/a.go"},
         "/opt/go",
         "/home/u/go",
         "/home/u/w"},
        {{"C:/Go/src/runtime/proc.go", "D:/w/cmd/a/main.go", "C:/g/pkg/mod/x@v1/a.go"},
         "C:/Go",
         "C:/g",
         "D:/w"},
        {{"/opt/go/src/runtime/proc.go", "/home/u/other/main.go", "x"},
         "/opt/go",
         "",
         "/home/u/other"},
        {{"/opt/go/src/runtime/proc.go", "/home/u/wcmd/a/main.go", "x"},
         "/opt/go",
         "",
         "/home/u/wcmd/a"},
        {{"/g/pkg/mod/golang.org/toolchain@v0.0.1-go1.23.5.linux-amd64/src/runtime/proc.go",
          "/w/cmd/a/main.go", "x"},
         "/g/pkg/mod/golang.org/toolchain@v0.0.1-go1.23.5.linux-amd64",
         "/g",
         "/w"},
        {{"/opt/go/src/runtime/proc.go", "/w/main.go", "/opt/gopath/pkg/mod/x@v1/a.go"},
         "/opt/go",
         "/opt/gopath",
         "/w"},
        {{"GOROOT/src/runtime/proc.go", "external/a/main.go", "x"}, "GOROOT", "", ""},
        /* A toolchain built with -trimpath itself, the program without. */
        {{"runtime/proc.go", "/home/u/w/cmd/a/main.go", "x"}, "", "", "/home/u/w"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct made_program program = program_of(rows[i].files, 3);
        inspect_program(&program);
        assert_true(file.traits.path_known);
        assert_false(file.traits.trimpath);
        assert_string_equal(file.traits.goroot, rows[i].goroot);
        assert_string_equal(file.traits.gopath, rows[i].gopath);
        assert_string_equal(file.traits.source_root, rows[i].source_root);
    }
}

static void without_the_runtimes_file_paths_are_unknown(void **state)
{
    (void)state;
    static const char *const files[] = {"some/proc.go", "/home/u/w/cmd/a/main.go"};
    struct made_program program = program_of(files, 2);
    inspect_program(&program);
    assert_false(file.traits.path_known || file.traits.trimpath);
    assert_string_equal(file.traits.source_root, "");
}

static void cgo_shows_in_the_file_names(void **state)
{
    (void)state;
    static const struct {
        const char *files[3];
        bool cgo;
    } rows[] = {
        {{"runtime/proc.go", "a/main.go", "runtime/cgo/asm_amd64.s"}, true},
        {{"/go/src/runtime/proc.go", "/a/main.go", "/go/src/runtime/cgo/asm_amd64.s"}, true},
        {{"runtime/proc.go", "a/main.go", "runtime/cgocall.go"}, false},
        {{"runtime/proc.go", "a/main.go", "example.com/src/runtime/cgo/x.go"}, false},
        {{"runtime/proc.go", "a/main.go", "runtime/cgo/x/y.go"}, false},
        {{"GOROOT/src/runtime/proc.go", "a/main.go", "GOROOT/src/runtime/cgo/y.go"}, true},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct made_program program = program_of(rows[i].files, 3);
        inspect_program(&program);
        assert_int_equal(file.traits.cgo, rows[i].cgo);
    }
}

static void reads_what_a_c_linker_leaves(void **state)
{
    (void)state;
    static const char *const files[] = {"runtime/proc.go", "a/main.go", "runtime/cgo/a.s"};
    struct made_program program = program_of(files, 3);
    program.comment = BYTES("GCC: (Debian 12.2.0-14) 12.2.0\0\0GCC: (Debian 12.2.0-14) 12.2.0\0"
                            "clang version 14\0unfinished");
    program.c_library = program.symbols = program.host_id = true;
    inspect_program(&program);
    assert_true(file.traits.external_link && file.traits.symbol_table && file.traits.host_build_id);
    assert_int_equal(file.traits.compiler_count, 2);
    assert_string_equal(file.traits.compilers[0], "GCC: (Debian 12.2.0-14) 12.2.0");
    assert_string_equal(file.traits.compilers[1], "clang version 14");
}

/* esbuild from 0.27 on is linked so: no build information and no build ID. */
static void a_table_alone_makes_a_go_binary(void **state)
{
    (void)state;
    static const char *const files[] = {"runtime/proc.go", "a/main.go"};
    struct made_program program = program_of(files, 2);
    program.version = NULL;
    program.build_id = "";
    struct made made = made_go_elf(&program);
    assert_true(inspects(&made));
    assert_false(file.has_buildinfo);
    assert_true(file.traits.trimpath);
    assert_int_equal(file.traits.linker_hash, LINKER_HASH_NONE);
    made_free(&made);
}

/* Such a file still has its runtime.buildVersion, where the linker puts the values of -X. */
static void the_version_is_read_off_a_file_that_does_not_say_it(void **state)
{
    (void)state;
    static const char *const files[] = {"runtime/proc.go", "a/main.go"};
    const struct {
        struct bytes data;
        const char *version;
    } rows[] = {
        {BYTES("____go1.26.5\0___go1.19 in a block of texts"), "go1.26.5"},
        {BYTES("go1.27rc1\0______go1.27rc1\0______"), "go1.27rc1"},
        {BYTES("go1.26.5\0_______go1.26.6\0_______"), ""},
        {BYTES("_go1.26.5\0______________________"), ""},
        {BYTES("go1.26.5________________________"), ""},
        {BYTES("go1.x\0__go1.\0___go1.0\0________"), ""},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct made_program program = program_of(files, 2);
        program.version = NULL;
        program.build_id = "";
        program.rodata = rows[i].data;
        struct made made = made_go_elf(&program);
        assert_true(inspects(&made));
        assert_false(file.has_buildinfo);
        assert_string_equal(file.info.go_version, rows[i].version);
        made_free(&made);
    }
}

#define START "\x30\x77\xaf\x0c\x92\x74\x08\x02\x41\xe1\xc1\x07\xe6\xd6\x18\xe6"
#define END "\xf9\x32\x43\x31\x86\x18\x20\x72\x00\x82\x42\x10\x41\x16\xd8\xf2"
#define VERSION_TEXT "____go1.26.5\0___"
#define PLAIN_MODULES "path\ta.b/c\nmod\ta.b\tv1.0.0\t\nbuild\tGOARCH=amd64\n"

/* A linker that writes no header leaves the text that package main holds. */
static void reads_module_text_that_no_header_points_at(void **state)
{
    (void)state;
    static const char *const files[] = {"runtime/proc.go", "a/main.go"};
    const struct {
        struct bytes data;
        bool headerless;
    } rows[] = {
        {BYTES(VERSION_TEXT START PLAIN_MODULES END), true},
        {BYTES(VERSION_TEXT START PLAIN_MODULES "no end of it there"), false},
        {BYTES(VERSION_TEXT PLAIN_MODULES END), false},
        {BYTES(VERSION_TEXT START END), false},
        {BYTES(VERSION_TEXT START "path\ta.b/c\nmod\ta.b\n" END), false},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct made_program program = program_of(files, 2);
        program.version = NULL;
        program.modules = bytes_from(NULL, 0);
        program.build_id = "";
        program.rodata = rows[i].data;
        struct made made = made_go_elf(&program);
        assert_true(inspects(&made));
        assert_false(file.has_buildinfo);
        assert_int_equal(file.headerless, rows[i].headerless);
        assert_string_equal(file.info.path, rows[i].headerless ? "a.b/c" : "");
        assert_string_equal(file.info.go_version, "go1.26.5");
        made_free(&made);
    }
}

static void what_has_no_sign_of_go_is_none(void **state)
{
    (void)state;
    struct made files[] = {made_elf(LITTLE_ENDIAN_ORDER, 8, BYTES("0123456789abcdef")),
                           made_pe(8, BYTES("0123456789abcdef")),
                           made_macho(LITTLE_ENDIAN_ORDER, 8, BYTES("0123456789abcdef"))};
    for (size_t i = 0; i < ARRAY_LEN(files); i++) {
        assert_fails(inspects(&files[i]), &err, ERROR_UNSUPPORTED, "not a Go binary");
        made_free(&files[i]);
    }
    struct source text = source_from_bytes(BYTES("#!/bin/sh\nexit 0\n"));
    assert_fails(inspect_source(&text, INSPECT_DIGEST, &arena, &file, &err), &err,
                 ERROR_UNSUPPORTED, "");
    text = source_from_bytes(BYTES(""));
    assert_fails(inspect_source(&text, INSPECT_DIGEST, &arena, &file, &err), &err,
                 ERROR_UNSUPPORTED, "");
}

/* A wasm module with the given sections behind its header. */
static bool inspects_wasm(struct bytes sections)
{
    uint8_t module[256] = "\0asm\1\0\0\0";
    assert_true(sections.len <= sizeof(module) - 8);
    memcpy(module + 8, sections.data, sections.len);
    struct source source = source_from_bytes(bytes_from(module, 8 + sections.len));
    return inspect_source(&source, INSPECT_DIGEST, &arena, &file, &err);
}

static void names_other_compilers_of_wasm(void **state)
{
    (void)state;
    const struct {
        struct bytes sections;
        const char *compiler; /* NULL: no Go at all */
    } rows[] = {
        {BYTES("\0\x27\11producers\1\14processed-by\1\6TinyGo\0060.30.0"), "TinyGo 0.30.0"},
        {BYTES("\0\x20\11producers\1\14processed-by\1\6TinyGo"), "TinyGo"},
        {BYTES("\0\x21\11producers\1\14processed-by\1\6TinyGo\x7f"), "TinyGo"},
        {BYTES("\2\x15\1\3env\15runtime.ticks\0\0"), "TinyGo"},
        {BYTES("\2\x15\1\3env\15runtime.ticky\0\0"), NULL},
        {BYTES("\0\x25\11producers\1\14processed-by\1\5clang\00514.0."), NULL},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        if (rows[i].compiler == NULL) {
            assert_fails(inspects_wasm(rows[i].sections), &err, ERROR_UNSUPPORTED, "not a Go");
            continue;
        }
        assert_true(inspects_wasm(rows[i].sections));
        assert_int_equal(file.traits.compiler_count, 1);
        assert_string_equal(file.traits.compilers[0], rows[i].compiler);
    }
}

static void names_gccgo_by_its_section(void **state)
{
    (void)state;
    static const char name[] = ".go.buildinfo", other[sizeof(name)] = ".go_export";
    struct made made = made_elf(LITTLE_ENDIAN_ORDER, 8, BYTES("0123456789abcdef"));
    size_t at = bytes_find(bytes_from(made.data, made.len), 0, bytes_from_string(name));
    assert_true(at != SIZE_MAX);
    memcpy(made.data + at, other, sizeof(other));
    assert_true(inspects(&made));
    assert_string_equal(file.traits.compilers[0], "gccgo");
    made.data[at + 1] = 'x';
    assert_fails(inspects(&made), &err, ERROR_UNSUPPORTED, "not a Go binary");
    made_free(&made);
}

static void knows_the_packer(void **state)
{
    (void)state;
    const struct {
        struct bytes content;
        const char *packer;
    } rows[] = {
        {BYTES(
             "\1\2\3\4UPX!\x0d\x08\x16\x0d............UPX!\x0d\x16\x08\x09$Id: UPX 4.22 Copyright"),
         "UPX 4.22 (NRV2E, level 9)"},
        {BYTES("UPX!\x0d\x16\x0e\x09"), "UPX (LZMA, level 9)"},
        {BYTES("UPX! and nothing of use"), "UPX"},
        {BYTES("$Id: UPX \x1b[2J Copyright UPX!"), "UPX"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct made made = made_elf(LITTLE_ENDIAN_ORDER, 8, rows[i].content);
        assert_true(inspects(&made));
        assert_string_equal(file.traits.packer, rows[i].packer);
        assert_false(file.has_buildinfo);
        made_free(&made);
    }
}

static void four_letters_in_a_go_binary_are_no_packer(void **state)
{
    (void)state;
    static const char *const files[] = {"runtime/proc.go", "UPX!/main.go"};
    struct made_program program = program_of(files, 2);
    inspect_program(&program);
    assert_string_equal(file.traits.packer, "");
}

static struct made sealed(void)
{
    static const char *const files[] = {"runtime/proc.go", "/home/u/w/cmd/a/main.go"};
    struct made_program program = program_of(files, 2);
    program.comment = BYTES("GCC: 12\0");
    program.symbols = program.host_id = true;
    struct made made = made_go_elf(&program);
    made_seal(&made, ID, false);
    assert_true(inspects(&made));
    assert_int_equal(file.traits.linker_hash, LINKER_HASH_MATCH);
    return made;
}

static void no_flipped_byte_goes_unnoticed(void **state)
{
    (void)state;
    struct made made = sealed();
    struct sha256 good = file.sha256;
    for (size_t i = 0; i < made.len * 2; i++) {
        uint8_t change = i % 2 == 0 ? 0x80 : 0x01;
        made.data[i / 2] ^= change;
        if (inspects(&made)) {
            assert_false(sha256_equal(&good, &file.sha256));
            /* Unless the ID is what was changed: parts 1 to 3 are taken for blank, whatever they
             * are; it is then part 4 itself, or no usable ID, or the version that sets the rule. */
            size_t at = i / 2;
            bool in_id = at >= MADE_NOTE_ID && at < MADE_NOTE_ID + sizeof(ID) - 1;
            assert_true(in_id || file.traits.linker_hash != LINKER_HASH_MATCH);
        }
        made.data[i / 2] ^= change;
        arena_free(&arena);
    }
    made_free(&made);
}

static void survives_every_cut(void **state)
{
    (void)state;
    struct made made = sealed();
    size_t whole = made.len;
    for (made.len = 0; made.len < whole; made.len++) {
        /* A copy of that size, so that a sanitizer sees a read past the end. */
        struct made cut = made;
        cut.data = malloc(made.len + 1);
        memcpy(cut.data, made.data, made.len);
        cut.data = realloc(cut.data, made.len == 0 ? 1 : made.len);
        assert_non_null(cut.data);
        if (inspects(&cut)) {
            assert_int_not_equal(file.traits.linker_hash, LINKER_HASH_MATCH);
        }
        made_free(&cut);
        arena_free(&arena);
    }
    made_free(&made);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, make, drop)

static const struct CMUnitTest tests[] = {
    CASE(reads_a_trimmed_program),
    CASE(reads_the_roots_of_an_untrimmed_program),
    CASE(without_the_runtimes_file_paths_are_unknown),
    CASE(cgo_shows_in_the_file_names),
    CASE(reads_what_a_c_linker_leaves),
    CASE(a_table_alone_makes_a_go_binary),
    CASE(the_version_is_read_off_a_file_that_does_not_say_it),
    CASE(reads_module_text_that_no_header_points_at),
    CASE(what_has_no_sign_of_go_is_none),
    CASE(names_other_compilers_of_wasm),
    CASE(names_gccgo_by_its_section),
    CASE(knows_the_packer),
    CASE(four_letters_in_a_go_binary_are_no_packer),
    CASE(no_flipped_byte_goes_unnoticed),
    CASE(survives_every_cut),
};

UNIT_MAIN(tests)

// SPDX-License-Identifier: Apache-2.0
/* Writes the seeds of the fuzz targets over images into testdata/fuzz: make_image_seeds FOLDER, the
 * folder being testdata/fuzz with a folder for each target in it. */
#include <stdio.h>
#include <stdlib.h>

#include "tests/unit/image/go_maker.h"
#include "verifier/inspect_record.h"

#define ID                                                                                         \
    "aaaaaaaaaaaaaaaaaaaa/bbbbbbbbbbbbbbbbbbbb/"                                                   \
    "cccccccccccccccccccc/dddddddddddddddddddd"
#define MODULES                                                                                    \
    "path\texample.com/a/cmd/a\nmod\texample.com/a\t(devel)\t\ndep\texample.com/"                  \
    "b\tv1.0.0\th1:b=\n"                                                                           \
    "build\tGOARCH=amd64\nbuild\tGOOS=linux\nbuild\t-ldflags=\"-s -w\"\n"

static const char *root;

static void write_seed(const char *target, const char *name, struct bytes bytes)
{
    char path[1024];
    snprintf(path, sizeof(path), "%s/%s/%s", root, target, name);
    FILE *file = fopen(path, "wb");
    if (file == NULL || fwrite(bytes.data, 1, bytes.len, file) != bytes.len || fclose(file) != 0) {
        perror(path);
        exit(1);
    }
}

static void make_table(struct buffer *ret, enum pclntab_layout layout, enum byte_order order,
                       unsigned width)
{
    static const char *const files[] = {"runtime/proc.go", "/home/u/w/cmd/a/main.go",
                                        "/home/u/go/pkg/mod/example.com/b@v1.0.0/b.go"};
    static const struct made_function functions[] = {
        {"runtime.main", 0, 147}, {"example.com/b.B", 2, 9}, {"main.main", 1, 7}};
    const struct made_table table = {
        layout, order, width, files, ARRAY_LEN(files), functions, ARRAY_LEN(functions)};
    buffer_clear(ret);
    made_pclntab(ret, &table);
}

static void write_made(const char *target, const char *name, struct made made)
{
    write_seed(target, name, bytes_from(made.data, made.len));
    made_free(&made);
}

static void write_files(const char *target, struct bytes content)
{
    write_made(target, "macho", made_macho(LITTLE_ENDIAN_ORDER, 8, content));
    write_made(target, "macho-big", made_macho(BIG_ENDIAN_ORDER, 4, content));
    write_made(target, "pe", made_pe(8, content));
}

static void write_record(const struct made_program *program)
{
    struct arena arena = {0};
    struct inspection file;
    struct buffer out;
    struct made made = made_go_elf(program);
    struct source source = made_source(&made);
    buffer_init(&out, 1U << 20);
    if (!inspect_source(&source, INSPECT_DIGEST, &arena, &file, NULL)) {
        abort();
    }
    const struct inspect_record good = {.ok = true, .files = &file, .file_count = 1};
    inspect_record_encode(&good, &out);
    write_seed("inspect_record", "good", buffer_view(&out));
    struct inspect_record bad = {0};
    error_set(&bad.error, ERROR_FORMAT, "damaged");
    buffer_clear(&out);
    inspect_record_encode(&bad, &out);
    write_seed("inspect_record", "error", buffer_view(&out));
    buffer_free(&out);
    arena_free(&arena);
    made_free(&made);
}

int main(int argc, char **argv)
{
    static const char *const names[] = {"1.2", "1.16", "1.18", "1.20"};
    struct buffer table, marked, info;
    root = argc > 1 ? argv[1] : ".";
    buffer_init(&table, 1U << 20);
    buffer_init(&marked, 1U << 20);
    buffer_init(&info, 1U << 20);
    for (unsigned i = 0; i < ARRAY_LEN(names); i++) {
        make_table(&table, (enum pclntab_layout)i, LITTLE_ENDIAN_ORDER, 8);
        write_seed("pclntab", names[i], buffer_view(&table));
    }
    make_table(&table, PCLNTAB_1_20, BIG_ENDIAN_ORDER, 4);
    write_seed("pclntab", "big", buffer_view(&table));
    make_table(&table, PCLNTAB_1_20, LITTLE_ENDIAN_ORDER, 8);
    made_marked(&marked, bytes_from_string(MODULES));
    const struct made_program program = {.version = "go1.24.1",
                                         .modules = buffer_view(&marked),
                                         .build_id = ID,
                                         .pclntab = buffer_view(&table),
                                         .comment = bytes_from("GCC: 12\0", 8),
                                         .host_id = true,
                                         .c_library = true,
                                         .symbols = true};
    write_made("inspect", "elf", made_go_elf(&program));
    write_record(&program);
    made_inline(&info, "go1.24.1", buffer_view(&marked));
    while (info.len % 16 != 0) {
        buffer_byte(&info, 0);
    }
    buffer_append(&info, buffer_view(&table));
    write_files("inspect", buffer_view(&info));
    write_made("inspect", "wasm", made_wasm(buffer_view(&info)));
    write_made("inspect", "xcoff", made_xcoff(8, buffer_view(&info)));
    write_made("inspect", "plan9", made_plan9(buffer_view(&info)));
    write_files("codesign", bytes_from_string("0123456789abcdef"));
    buffer_free(&table);
    buffer_free(&marked);
    buffer_free(&info);
    return 0;
}

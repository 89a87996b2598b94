// SPDX-License-Identifier: Apache-2.0
/* Writes the made images as seeds of the fuzz targets: write_seeds testdata/fuzz */
#include <stdio.h>
#include <sys/stat.h>

#include "tests/unit/image/maker.h"

static const char *folder;
static struct buffer content, marked;

static void write_file(const char *target, const char *name, struct bytes bytes)
{
    char path[4096];
    snprintf(path, sizeof(path), "%s/%s", folder, target);
    mkdir(path, 0777);
    snprintf(path, sizeof(path), "%s/%s/%s", folder, target, name);
    FILE *file = fopen(path, "wb");
    if (file == NULL || fwrite(bytes.data, 1, bytes.len, file) != bytes.len || fclose(file) != 0) {
        perror(path);
    }
}

static void write_made(const char *target, const char *name, struct made made)
{
    write_file(target, name, bytes_from(made.data, made.len));
    made_free(&made);
}

static void write_inline(void)
{
    buffer_clear(&content);
    made_inline(&content, "go1.23.5", buffer_view(&marked));
    struct bytes data = buffer_view(&content);
    write_file("buildinfo", "inline", data);
    write_made("elf", "inline-64", made_elf(LITTLE_ENDIAN_ORDER, 8, data));
    write_made("elf", "inline-32", made_elf(BIG_ENDIAN_ORDER, 4, data));
    write_made("macho_fat", "thin", made_macho(LITTLE_ENDIAN_ORDER, 8, data));
    write_made("macho_fat", "thin-32", made_macho(BIG_ENDIAN_ORDER, 4, data));
    write_made("macho_fat", "fat", made_fat(false, data));
    write_made("macho_fat", "fat-64", made_fat(true, data));
    write_made("pe", "inline-64", made_pe(8, data));
    write_made("pe", "inline-32", made_pe(4, data));
    write_made("xcoff", "inline-64", made_xcoff(8, data));
    write_made("xcoff", "inline-32", made_xcoff(4, data));
}

static void write_pointers(void)
{
    buffer_clear(&content);
    made_pointers(&content, LITTLE_ENDIAN_ORDER, 8, MADE_ADDRESS, "go1.16", buffer_view(&marked));
    write_made("elf", "pointers", made_elf(LITTLE_ENDIAN_ORDER, 8, buffer_view(&content)));
    write_made("pe", "pointers", made_pe(8, buffer_view(&content)));
    buffer_clear(&content);
    made_pointers(&content, BIG_ENDIAN_ORDER, 4, MADE_PLAN9_ADDRESS, "go1.13",
                  buffer_view(&marked));
    write_file("buildinfo", "pointers", buffer_view(&content));
}

int main(int argc, char **argv)
{
    static const char text[] = "path\texample.com/a\nmod\texample.com/a\tv1.0.0\th1:x=\n"
                               "dep\texample.com/b\tv0.1.0\n=>\t../b\t\t\n"
                               "build\t-ldflags=\"-s \\x2dw\"\nbuild\t`a b`=c\n";
    if (argc != 2) {
        fputs("usage: write_seeds FOLDER\n", stderr);
        return 2;
    }
    folder = argv[1];
    buffer_init(&content, 1U << 20);
    buffer_init(&marked, 1U << 20);
    made_marked(&marked, bytes_from_string(text));
    write_inline();
    write_pointers();
    write_file("modinfo", "all", bytes_from_string(text));
    buffer_clear(&content);
    buffer_append(&content, buffer_view(&marked));
    write_made("wasm", "js", made_wasm(buffer_view(&content)));
    buffer_free(&content);
    buffer_free(&marked);
    return 0;
}

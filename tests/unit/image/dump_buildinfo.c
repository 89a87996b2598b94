// SPDX-License-Identifier: Apache-2.0
/* Prints the build information of each file named on stdin (one a line), for
 * tests/builds/diff_go_version.sh: a line a field, bytes other than printable ASCII and the percent
 * sign as %XX. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "verifier/buildinfo/buildinfo.h"
#include "verifier/image/image_fat.h"

static void print_text(const char *text)
{
    putchar(' ');
    for (size_t i = 0; text[i] != '\0'; i++) {
        unsigned byte = (unsigned char)text[i];
        if (byte <= 0x20 || byte >= 0x7f || byte == '%') {
            printf("%%%02x", byte);
        } else {
            putchar((int)byte);
        }
    }
}

static void print_module(const char *word, const struct module *module)
{
    fputs(word, stdout);
    print_text(module->path);
    print_text(module->version);
    print_text(module->sum);
    putchar('\n');
    if (module->replace != NULL) {
        print_module("=>", module->replace);
    }
}

static void print_info(const struct buildinfo *info)
{
    fputs("go", stdout);
    print_text(info->go_version);
    fputs("\npath", stdout);
    print_text(info->path);
    putchar('\n');
    print_module("mod", &info->main);
    for (size_t i = 0; i < info->dep_count; i++) {
        print_module("dep", &info->deps[i]);
    }
    for (size_t i = 0; i < info->setting_count; i++) {
        fputs("build", stdout);
        print_text(info->settings[i].key);
        print_text(info->settings[i].value);
        putchar('\n');
    }
}

/* Go reads the first slice of a fat file, and refuses it if any slice is malformed. */
static bool open_first(const struct source *source, struct arena *arena, struct image *ret,
                       struct error *err)
{
    struct fat_slice *slices;
    size_t count;
    if (!fat_detect(source)) {
        return image_open(source, arena, ret, err);
    }
    if (!fat_open(source, arena, &slices, &count, err)) {
        return false;
    }
    for (size_t i = count; i > 0; i--) {
        if (!image_open(&slices[i - 1].source, arena, ret, err)) {
            return false;
        }
    }
    return true;
}

static void dump(const char *path, bool with_reason)
{
    struct arena arena = {0};
    struct source source;
    struct image image;
    struct buildinfo info;
    struct error err = {0};
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    printf("file %s\n", path);
    if (fd < 0 || !source_from_fd(fd, &source, &err) ||
        !open_first(&source, &arena, &image, &err) ||
        !buildinfo_read(&image, &arena, &info, &err)) {
        puts("refused");
        if (with_reason) {
            printf("  %s: %s\n", error_code_name(err.code), err.message);
        }
    } else {
        if (with_reason) {
            printf("  %s %s/%s\n", image_format_name(image.format), image.goos, image.goarch);
        }
        print_info(&info);
    }
    fd_close(&fd);
    arena_free(&arena);
}

int main(int argc, char **argv)
{
    bool with_reason = argc > 1 && strcmp(argv[1], "--reasons") == 0;
    char *line = NULL;
    size_t room = 0;
    ssize_t len;
    while ((len = getline(&line, &room, stdin)) > 0) {
        line[len - 1] = line[len - 1] == '\n' ? '\0' : line[len - 1];
        dump(line, with_reason);
    }
    free(line);
    return 0;
}

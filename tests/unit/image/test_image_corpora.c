// SPDX-License-Identifier: Apache-2.0
/* Executables of other projects' test sets, where they are at hand: named as what they are, none
 * taken for a Go program that is none, no crash wherever they are cut. */
#include <dirent.h>

#include "base/encode.h"
#include "tests/unit/unit.h"
#include "verifier/buildinfo/buildinfo.h"
#include "verifier/image/image_fat.h"

struct known {
    const char *name, *machine, *goos, *goarch;
};

/* What Go's debug/elf, macho, pe and internal/xcoff say of these. */
static const struct known known[] = {
    {"gcc-386-freebsd-exec", "EM_386", "freebsd", "386"},
    {"gcc-amd64-linux-exec", "EM_X86_64", "linux", "amd64"},
    {"gcc-riscv64-linux-exec", "EM_RISCV", "linux", "riscv64"},
    {"go-relocation-test-gcc482-ppc64le.obj", "EM_PPC64", "", "ppc64le"},
    {"go-relocation-test-gcc531-s390x.obj", "EM_S390", "", "s390x"},
    {"go-relocation-test-gcc540-mips.obj", "EM_MIPS", "", "mips"},
    {"go-relocation-test-gcc492-mips64.obj", "EM_MIPS", "", "mips64"},
    {"go-relocation-test-gcc620-sparc64.obj", "EM_SPARCV9", "", ""},
    {"libtiffxx.so_", "EM_X86_64", "linux", "amd64"},
    {"gcc-amd64-darwin-exec.base64", "CPU_TYPE_X86_64", "darwin", "amd64"},
    {"gcc-386-darwin-exec.base64", "CPU_TYPE_I386", "darwin", "386"},
    {"gcc-386-mingw-exec", "IMAGE_FILE_MACHINE_I386", "windows", "386"},
    {"gcc-amd64-mingw-exec", "IMAGE_FILE_MACHINE_AMD64", "windows", "amd64"},
    {"gcc-ppc32-aix-dwarf2-exec", "U802TOCMAGIC", "aix", ""},
    {"gcc-ppc64-aix-dwarf2-exec", "U64_TOCMAGIC", "aix", "ppc64"},
    {"MachO-iOS-armv7s-Helloworld", "CPU_TYPE_ARM", "ios", "arm"},
    {"pe-Windows-ARMv7-Thumb2LE-HelloWorld", "IMAGE_FILE_MACHINE_ARMNT", "windows", "arm"},
    {"go117.base64", "EM_X86_64", "linux", "amd64"},
};

struct tally {
    size_t files, images, go;
};

typedef void (*file_check)(const char *name, struct bytes file, struct tally *tally);

static bool ends_with(const char *text, const char *end)
{
    size_t len = strlen(text);
    return len >= strlen(end) && strcmp(text + len - strlen(end), end) == 0;
}

/* The file's bytes in a heap block of their size; base64 ones are decoded. */
static struct bytes load(const char *path)
{
    struct bytes file = file_load(path);
    if (!ends_with(path, ".base64")) {
        return file;
    }
    uint8_t *text = malloc(file.len + 1);
    uint8_t *decoded = malloc(file.len + 1);
    size_t len = 0;
    assert_true(text != NULL && decoded != NULL);
    for (size_t i = 0; i < file.len; i++) {
        if (file.data[i] > ' ') {
            text[len++] = file.data[i];
        }
    }
    assert_true(decode_base64(bytes_from(text, len), BASE64_STANDARD, decoded, file.len, &len));
    free(text);
    free((void *)(uintptr_t)file.data);
    uint8_t *exact = realloc(decoded, len == 0 ? 1 : len);
    assert_non_null(exact);
    return bytes_from(exact, len);
}

static bool read_image(const struct source *source, struct arena *arena, struct image *image,
                       struct buildinfo *info)
{
    struct error err = {0};
    bool ok = image_open(source, arena, image, &err);
    if (!ok) {
        assert_string_not_equal(err.message, "");
        image->format = IMAGE_UNKNOWN;
        return false;
    }
    return buildinfo_read(image, arena, info, &err);
}

static void check_known(const char *name, const struct image *image)
{
    for (size_t i = 0; i < ARRAY_LEN(known); i++) {
        if (strcmp(known[i].name, name) == 0) {
            assert_string_equal(image->machine, known[i].machine);
            assert_string_equal(image->goos, known[i].goos);
            assert_string_equal(image->goarch, known[i].goarch);
        }
    }
}

static void check_whole(const char *name, struct bytes file, struct tally *tally)
{
    struct arena arena = {0};
    struct image image;
    struct buildinfo info;
    struct source source = source_from_bytes(file);
    struct fat_slice *slices;
    size_t count = 0;
    tally->files++;
    if (fat_detect(&source) && fat_open(&source, &arena, &slices, &count, NULL)) {
        for (size_t i = 0; i < count; i++) {
            tally->go += read_image(&slices[i].source, &arena, &image, &info);
            assert_string_not_equal(slices[i].goarch, "");
        }
    }
    bool go = read_image(&source, &arena, &image, &info);
    tally->images += image.format != IMAGE_UNKNOWN || count > 0;
    tally->go += go;
    if (image.format != IMAGE_UNKNOWN) {
        check_known(name, &image);
    }
    if (go) {
        assert_string_equal(name, "go117.base64");
        assert_string_equal(info.go_version, "go1.17");
        assert_string_equal(info.path, "example.com/go117");
    }
    arena_free(&arena);
}

/* Cut at some three hundred lengths, more of them near the start, where the headers are. */
static void check_cut(const char *name, struct bytes file, struct tally *tally)
{
    (void)name;
    for (size_t len = 0; len < file.len; len += len < 128 ? 1 : len / 24) {
        struct arena arena = {0};
        struct image image;
        struct buildinfo info;
        uint8_t *cut = malloc(len == 0 ? 1 : len);
        assert_non_null(cut);
        memcpy(cut, file.data, len);
        struct source source = source_from_bytes(bytes_from(cut, len));
        (void)!read_image(&source, &arena, &image, &info);
        tally->files++;
        arena_free(&arena);
        free(cut);
    }
}

static void walk(const char *folder, file_check check, struct tally *tally)
{
    DIR *directory = opendir(folder);
    struct dirent *entry;
    assert_non_null(directory);
    while ((entry = readdir(directory)) != NULL) {
        char path[2048];
        snprintf(path, sizeof(path), "%s/%s", folder, entry->d_name);
        if (entry->d_name[0] != '.' && entry->d_type == DT_DIR) {
            walk(path, check, tally);
        } else if (entry->d_type == DT_REG) {
            struct bytes file = load(path);
            check(entry->d_name, file, tally);
            free((void *)(uintptr_t)file.data);
        }
    }
    closedir(directory);
}

static const char *const sets[] = {"go-debug-elf-macho-pe", "go-debug-buildinfo",
                                   "go-fuzz-elf-macho", "binary-samples"};

/* All sets that are there; false if one is missing. */
static bool walk_sets(file_check check, struct tally *tally)
{
    bool all = true;
    for (size_t i = 0; i < ARRAY_LEN(sets); i++) {
        char folder[1024];
        if (corpus_find(sets[i], folder, sizeof(folder))) {
            walk(folder, check, tally);
        } else {
            all = false;
        }
    }
    return all;
}

static void names_them_and_finds_one_go_program(void **state)
{
    (void)state;
    struct tally tally = {0};
    bool all = walk_sets(check_whole, &tally);
    printf("# %zu files, %zu of them images, %zu by Go\n", tally.files, tally.images, tally.go);
    if (!all) {
        skip();
    }
    assert_int_equal(tally.go, 1);
    assert_true(tally.images >= 50);
}

static void survives_every_cut_of_them(void **state)
{
    (void)state;
    struct tally tally = {0};
    bool all = walk_sets(check_cut, &tally);
    printf("# %zu cuts\n", tally.files);
    if (!all) {
        skip();
    }
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(names_them_and_finds_one_go_program),
    cmocka_unit_test(survives_every_cut_of_them),
};

UNIT_MAIN(tests)

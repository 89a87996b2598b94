// SPDX-License-Identifier: Apache-2.0
/* Mach-O, thin or fat: slices, load commands, symbols, build information. */
#include "verifier/buildinfo/buildinfo.h"
#include "verifier/image/image_fat.h"

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t len);

static void read_image(const struct source *source, struct arena *arena)
{
    struct image image;
    struct buildinfo info;
    struct error err = {0};
    if (image_detect(source) == IMAGE_MACHO && image_open(source, arena, &image, &err)) {
        (void)!buildinfo_read(&image, arena, &info, &err);
    }
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t len)
{
    struct arena arena = {0};
    struct source source = source_from_bytes(bytes_from(data, len));
    struct fat_slice *slices;
    size_t count;
    if (fat_detect(&source) && fat_open(&source, &arena, &slices, &count, NULL)) {
        for (size_t i = 0; i < count; i++) {
            read_image(&slices[i].source, &arena);
        }
    }
    read_image(&source, &arena);
    arena_free(&arena);
    return 0;
}

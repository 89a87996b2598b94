/* What the targets of the single formats share: headers, addresses and build information of an
 * image of FORMAT; anything else is left alone, as each format has a target of its own. */
#pragma once

#include "verifier/buildinfo/buildinfo.h"

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t len);

static inline int fuzz_image(enum image_format format, struct bytes bytes)
{
    struct arena arena = {0};
    struct source source = source_from_bytes(bytes);
    struct image image;
    struct buildinfo info;
    struct error err = {0};
    uint8_t some[16];
    if (image_detect(&source) == format && image_open(&source, &arena, &image, &err)) {
        (void)image_section(&image, ".text");
        for (size_t i = 0; i < image.segment_count && i < 16; i++) {
            (void)!image_read_address(&image, image.segments[i].address, some, sizeof(some), NULL);
        }
        (void)!buildinfo_read(&image, &arena, &info, &err);
    }
    arena_free(&arena);
    return 0;
}

// SPDX-License-Identifier: Apache-2.0
/* PE headers, symbols, imports, build information. */
#include "verifier/buildinfo/buildinfo.h"

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t len);

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t len)
{
    struct arena arena = {0};
    struct source source = source_from_bytes(bytes_from(data, len));
    struct image image;
    struct buildinfo info;
    struct error err = {0};
    uint8_t some[16];
    if (image_detect(&source) == IMAGE_PE && image_open(&source, &arena, &image, &err)) {
        (void)image_section(&image, ".text");
        for (size_t i = 0; i < image.segment_count && i < 16; i++) {
            (void)!image_read_address(&image, image.segments[i].address, some, sizeof(some), NULL);
        }
        (void)!buildinfo_read(&image, &arena, &info, &err);
    }
    arena_free(&arena);
    return 0;
}

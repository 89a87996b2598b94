// SPDX-License-Identifier: Apache-2.0
/* Build information in the data of a Plan 9 program, the format with the least around it: search,
 * both layouts, the module text. The input is what stands in the data section. */
#include <stdlib.h>

#include "base/buffer.h"
#include "verifier/buildinfo/buildinfo.h"

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t len);

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t len)
{
    static const uint8_t header[] = {0, 0, 0x8a, 0x97, 0, 0, 0, 8};
    struct buffer file;
    struct arena arena = {0};
    struct image image;
    struct buildinfo info;
    buffer_init(&file, 64U << 20);
    buffer_append(&file, bytes_from(header, sizeof(header)));
    for (unsigned i = 0; i < 40; i++) {
        buffer_byte(&file, (uint8_t)(i < 4 ? len >> (8 * (3 - i)) : 0));
    }
    buffer_append(&file, bytes_from(data, len));
    struct source source = source_from_bytes(buffer_view(&file));
    if (!image_open(&source, &arena, &image, NULL)) {
        abort();
    }
    (void)!buildinfo_read(&image, &arena, &info, NULL);
    arena_free(&arena);
    buffer_free(&file);
    return 0;
}

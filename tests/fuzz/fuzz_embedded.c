// SPDX-License-Identifier: Apache-2.0
/* Tables of embedded files in an image that is one read-only section, or wasm with a hole; and the
 * record that leaves the confined process. */
#include "verifier/embedded_record.h"
#include "verifier/image/embedded.h"

#define ADDRESS 0x1000U

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t len);

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t len)
{
    struct arena arena = {0};
    struct embedded_tables tables;
    struct embedded_record record;
    size_t half = len / 2;
    struct image_segment segments[] = {
        {.name = "", .address = ADDRESS, .size = half},
        {.name = "", .address = ADDRESS + half, .offset = half, .size = len - half},
    };
    struct image_section section = {
        .name = ".rodata", .segment = "", .address = ADDRESS, .size = len};
    struct image image = {.format = len % 3 == 0 ? IMAGE_WASM : IMAGE_UNKNOWN,
                          .source = source_from_bytes(bytes_from(data, len)),
                          .pointer_size = len % 2 == 0 ? 8 : 4,
                          .sections = &section,
                          .section_count = 1,
                          .segments = segments,
                          .segment_count = 2};
    segments[1].address += image.format == IMAGE_WASM ? 64 : 0;
    (void)!embedded_read(&image, &arena, &tables, NULL);
    (void)!embedded_record_decode(bytes_from(data, len), 4096, &arena, &record, NULL);
    arena_free(&arena);
    return 0;
}

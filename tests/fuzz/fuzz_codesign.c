// SPDX-License-Identifier: Apache-2.0
/* A Mach-O or PE file whose signature is read. */
#include <stdlib.h>

#include "verifier/image/codesign.h"

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t len);

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t len)
{
    struct arena arena = {0};
    struct source source = source_from_bytes(bytes_from(data, len));
    struct image image;
    struct code_signature signature;
    if (image_open(&source, &arena, &image, NULL) &&
        code_signature_read(&image, &signature, NULL) && image.format == IMAGE_MACHO &&
        (signature.offset > len || signature.size > len - signature.offset)) {
        abort();
    }
    arena_free(&arena);
    return 0;
}

// SPDX-License-Identifier: Apache-2.0
/* wasm sections, imports, data segments, build information. */
#include "tests/fuzz/image.h"

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t len)
{
    return fuzz_image(IMAGE_WASM, bytes_from(data, len));
}

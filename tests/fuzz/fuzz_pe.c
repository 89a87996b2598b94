// SPDX-License-Identifier: Apache-2.0
/* PE headers, symbols, imports, build information. */
#include "tests/fuzz/image.h"

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t len)
{
    return fuzz_image(IMAGE_PE, bytes_from(data, len));
}

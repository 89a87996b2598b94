// SPDX-License-Identifier: Apache-2.0
/* ELF headers, dynamic section, notes, build information. */
#include "tests/fuzz/image.h"

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t len)
{
    return fuzz_image(IMAGE_ELF, bytes_from(data, len));
}

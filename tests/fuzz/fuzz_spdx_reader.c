// SPDX-License-Identifier: Apache-2.0
#include <stdlib.h>

#include "attest/sbom/sbom_check.h"

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t len);

/* Any document is read or refused, and compared with a binary that says nothing of itself. */
int LLVMFuzzerTestOneInput(const unsigned char *data, size_t len)
{
    struct arena arena = {0};
    struct error err = {0};
    struct sbom_document document;
    struct sbom_comparison comparison;
    if (sbom_read(bytes_from(data, len), &arena, &document, &err)) {
        const struct inspection file = {.goos = "", .goarch = "", .info = {.path = ""}};
        const struct file_digests digests = {.size = 0};
        const struct sbom_request request = {.name = "x", .file = &file, .digests = &digests};
        struct sbom sbom;
        sbom_build(&request, &arena, &sbom);
        sbom_compare(&sbom, &document, &arena, &comparison);
        if (comparison.count > 2 * document.count + 1) {
            abort();
        }
    }
    arena_free(&arena);
    return 0;
}

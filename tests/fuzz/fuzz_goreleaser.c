// SPDX-License-Identifier: Apache-2.0
/* What GoReleaser notes of a release: every artifact that is read has its texts. */
#include <stdlib.h>

#include "verifier/target/goreleaser.h"

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t len);

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t len)
{
    struct arena arena = {0};
    struct goreleaser_artifacts list;
    struct goreleaser_metadata metadata;
    if (goreleaser_read_artifacts(bytes_from(data, len), &arena, &list, NULL)) {
        for (size_t i = 0; i < list.count; i++) {
            if (list.items[i].name[0] == '\0' || list.items[i].goos == NULL ||
                goreleaser_kind_of(list.items[i].type) > GORELEASER_IMAGE) {
                abort();
            }
        }
    }
    if (goreleaser_read_metadata(bytes_from(data, len), &arena, &metadata, NULL) &&
        (metadata.project == NULL || metadata.commit == NULL)) {
        abort();
    }
    arena_free(&arena);
    return 0;
}

// SPDX-License-Identifier: Apache-2.0
/* Two files, one behind the other: four bytes say how long the first one is. */
#include "base/reader.h"
#include "verifier/compare/diff.h"

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t len);

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t len)
{
    struct arena arena = {0};
    struct diff_result result;
    struct reader reader = reader_over(bytes_from(data, len), LITTLE_ENDIAN_ORDER);
    uint32_t first;
    struct bytes a;
    if (reader_u32(&reader, &first) && reader_bytes(&reader, first, &a)) {
        struct source left = source_from_bytes(a);
        struct source right = source_from_bytes(bytes_behind(bytes_from(data, len), 4 + a.len));
        bool same = bytes_equal(left.memory, right.memory);
        if (diff_files(&left, &right, NULL, &arena, &result, NULL) &&
            same != (result.verdict == DIFF_IDENTICAL)) {
            bug("a verdict that is not the bytes'");
        }
    }
    arena_free(&arena);
    return 0;
}

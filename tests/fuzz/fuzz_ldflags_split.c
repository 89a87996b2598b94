// SPDX-License-Identifier: Apache-2.0
#include <stdlib.h>

#include "verifier/recipe/flags.h"

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t len);

static bool same(const char **a, size_t a_count, const char **b, size_t b_count)
{
    for (size_t i = 0; i < a_count && i < b_count; i++) {
        if (strcmp(a[i], b[i]) != 0) {
            return false;
        }
    }
    return a_count == b_count;
}

/* What can be joined again splits into the same flags. */
int LLVMFuzzerTestOneInput(const unsigned char *data, size_t len)
{
    struct arena arena = {0};
    struct error err = {0};
    const char **flags, **again, *pattern, *text;
    size_t count, again_count;
    struct bytes input = bytes_from(data, len);
    if (flags_split(input, &arena, &flags, &count, &err) &&
        flags_join_ldflags(flags, count, &arena, &text, &err) &&
        (!flags_split_pattern(bytes_from_string(text), &arena, &pattern, &again, &again_count,
                              &err) ||
         !same(flags, count, again, again_count))) {
        abort();
    }
    (void)!flags_check_compiler(input, &err);
    arena_free(&arena);
    return 0;
}

// SPDX-License-Identifier: Apache-2.0
#include <stdlib.h>

#include "verifier/recipe/recipe.h"

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t len);

/* What is read is written, read and written again as the same bytes. */
int LLVMFuzzerTestOneInput(const unsigned char *data, size_t len)
{
    struct arena arena = {0};
    struct error err = {0};
    struct recipe recipe, again;
    if (recipe_read_json(bytes_from(data, len), &arena, &recipe, &err)) {
        struct buffer first, second;
        buffer_init(&first, 64 << 20);
        buffer_init(&second, 64 << 20);
        recipe_write_json(&recipe, &first);
        if (!recipe_read_json(buffer_view(&first), &arena, &again, &err)) {
            abort();
        }
        recipe_write_json(&again, &second);
        if (!bytes_equal(buffer_view(&first), buffer_view(&second))) {
            abort();
        }
        buffer_free(&first);
        buffer_free(&second);
    }
    arena_free(&arena);
    return 0;
}

// SPDX-License-Identifier: Apache-2.0
/* Lines of go:embed, and a pattern against a name. */
#include "verifier/recipe/embed.h"

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t len);

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t len)
{
    struct arena arena = {0};
    struct embed_directives directives = {.arena = &arena};
    struct bytes text = bytes_from(data, len);
    uint64_t budget = 1000000;
    embed_directives_add(&directives, text);
    const char *name = arena_text(&arena, bytes_first(text, 100));
    for (size_t i = 0; i < directives.count && i < 8; i++) {
        (void)embed_directive_fits(&directives.items[i], &name, 1, &budget);
    }
    (void)embed_pattern_takes(arena_text(&arena, bytes_behind(text, 100)), name);
    (void)embed_path_is_data(name);
    arena_free(&arena);
    return 0;
}

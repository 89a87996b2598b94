// SPDX-License-Identifier: Apache-2.0
/* Compilers of Go beside Go's own leave neither build information nor a function table; what they
 * do leave tells their names. */
#include "base/scanner.h"
#include "verifier/image/window.h"
#include "verifier/inspect_internal.h"

/* The custom section of a wasm module that lists what made it ("Producers Section", WebAssembly
 * tool conventions): a few dozen bytes. */
#define PRODUCERS_MAXIMUM 4096
#define IMPORTS_MAXIMUM 32768

static bool load_section(const struct image *image, const char *name, size_t maximum,
                         struct arena *arena, struct bytes *ret)
{
    const struct image_section *section = image_section(image, name);
    if (section == NULL || section->size == 0) {
        return false;
    }
    size_t len = section->size < maximum ? (size_t)section->size : maximum;
    return source_load(&image->source, section->offset, len, maximum, arena, ret, NULL);
}

/* A name and its version, each behind a byte with its length. */
static const char *producer_tinygo(struct bytes producers, struct arena *arena)
{
    static const char name[] = "\6TinyGo";
    struct bytes version;
    size_t at = bytes_find(producers, 0, bytes_from_string(name));
    if (at == SIZE_MAX) {
        return NULL;
    }
    uint8_t len = 0;
    struct reader reader =
        reader_over(bytes_behind(producers, at + strlen(name)), LITTLE_ENDIAN_ORDER);
    if (!reader_u8(&reader, &len) || len >= 0x80 || !reader_bytes(&reader, len, &version)) {
        return "TinyGo";
    }
    return arena_printf(arena, "TinyGo %s", arena_text(arena, version));
}

static const char *wasm_compiler(const struct image *image, struct arena *arena)
{
    struct bytes part;
    const char *name = load_section(image, "producers", PRODUCERS_MAXIMUM, arena, &part)
                           ? producer_tinygo(part, arena)
                           : NULL;
    if (name != NULL) {
        return name;
    }
    /* Before it signed its modules: its runtime asks the host for the time by this name. */
    bool imports_ticks = load_section(image, "import", IMPORTS_MAXIMUM, arena, &part) &&
                         bytes_find(part, 0, bytes_from_string("\15runtime.ticks")) != SIZE_MAX;
    return imports_ticks ? "TinyGo" : NULL;
}

static const char *elf_compiler(const struct image *image)
{
    for (size_t i = 0; i < image->library_count; i++) {
        if (strncmp(image->libraries[i], "libgo.so.", 9) == 0) {
            return "gccgo";
        }
    }
    return image_section(image, ".go_export") != NULL ? "gccgo" : NULL;
}

bool inspect_compiler(const struct image *image, struct arena *arena, struct traits *traits)
{
    const char *name = NULL;
    if (image->format == IMAGE_WASM) {
        name = wasm_compiler(image, arena);
    } else if (image->format == IMAGE_ELF) {
        name = elf_compiler(image);
    }
    if (name != NULL) {
        const char **compilers = ARENA_ARRAY(arena, 1, const char *);
        compilers[0] = name;
        traits->compilers = compilers;
        traits->compiler_count = 1;
    }
    return name != NULL;
}

// SPDX-License-Identifier: Apache-2.0
#include "base/limits.h"
#include "verifier/image/codesign.h"
#include "verifier/image/image_macho.h"
#include "verifier/image/symbols.h"
#include "verifier/image/window.h"
#include "verifier/inspect_internal.h"

#define LC_FUNCTION_STARTS 0x26
#define COMPILER_TEXT_MAXIMUM 256

static bool is_listed(const char *const *texts, size_t count, struct bytes text)
{
    for (size_t i = 0; i < count; i++) {
        if (bytes_equal_string(text, texts[i])) {
            return true;
        }
    }
    return false;
}

/* .comment is a row of texts, each with its NUL; compilers and linkers add one each. */
static bool read_comments(const struct image *image, struct arena *arena, struct traits *traits,
                          struct error *err)
{
    const struct image_section *section =
        image->format == IMAGE_ELF ? image_section(image, ".comment") : NULL;
    struct bytes all;
    struct bytes text;
    size_t capacity = 0;
    if (section == NULL || section->size == 0) {
        return true;
    }
    uint64_t len = section->size < WINDOW_MAXIMUM ? section->size : WINDOW_MAXIMUM;
    if (!source_load(&image->source, section->offset, len, WINDOW_MAXIMUM, arena, &all, err)) {
        return error_prefix(err, "section .comment");
    }
    struct reader reader = reader_over(all, image->order);
    while (traits->compiler_count < LIMIT_COMPILERS &&
           reader_cstring(&reader, COMPILER_TEXT_MAXIMUM, &text)) {
        if (text.len > 0 && !is_listed(traits->compilers, traits->compiler_count, text)) {
            arena_grow(arena, &traits->compilers, traits->compiler_count, &capacity,
                       sizeof(*traits->compilers));
            traits->compilers[traits->compiler_count++] = arena_text(arena, text);
        }
    }
    return true;
}

static bool has_any(const struct image *image, const char *const *names, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (image_section(image, names[i]) != NULL) {
            return true;
        }
    }
    return false;
}

static bool macho_has_command(const struct image *image, uint32_t command)
{
    const struct macho_detail *macho = image_macho(image);
    for (size_t i = 0; i < macho->command_count; i++) {
        if (macho->commands[i].command == command) {
            return true;
        }
    }
    return false;
}

/* What the C library's start code and C linkers bring along, and Go's own linker never writes. */
static bool linked_externally(const struct image *image)
{
    static const char *const elf[] = {".init", ".fini", ".fini_array", ".eh_frame", ".comment"};
    static const char *const pe[] = {".CRT", ".tls", ".eh_fram"};
    switch (image->format) {
    case IMAGE_ELF:
        return has_any(image, elf, ARRAY_LEN(elf));
    case IMAGE_PE:
        return has_any(image, pe, ARRAY_LEN(pe));
    case IMAGE_MACHO:
        return macho_has_command(image, LC_FUNCTION_STARTS);
    case IMAGE_WASM:
    case IMAGE_XCOFF:
    case IMAGE_PLAN9:
    case IMAGE_UNKNOWN:
        break;
    }
    return false;
}

static bool names_a_c_compiler(const struct traits *traits)
{
    for (size_t i = 0; i < traits->compiler_count; i++) {
        struct bytes text = bytes_from_string(traits->compilers[i]);
        if (bytes_start_with(text, "GCC:") ||
            bytes_find(text, 0, bytes_from_string("clang")) != SIZE_MAX) {
            return true;
        }
    }
    return false;
}

bool inspect_sections(const struct image *image, struct arena *arena, struct traits *traits,
                      struct error *err)
{
    struct code_signature signature;
    if (!read_comments(image, arena, traits, err) || !code_signature_read(image, &signature, err)) {
        return false;
    }
    traits->symbol_table = symbols_present(image);
    traits->dwarf = dwarf_present(image);
    traits->pie = image->pie;
    traits->shared = image->shared;
    traits->interpreter = image->interpreter;
    traits->libraries = image->libraries;
    traits->library_count = image->library_count;
    traits->external_link = linked_externally(image);
    traits->cgo = traits->cgo || (!traits->path_known && names_a_c_compiler(traits));
    traits->code_signature = code_signature_name(signature.kind);
    return true;
}

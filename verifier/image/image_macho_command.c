// SPDX-License-Identifier: Apache-2.0
#include "base/limits.h"
#include "verifier/image/image_internal.h"
#include "verifier/image/image_macho_internal.h"

enum {
    LC_SEGMENT = 0x1,
    LC_SYMTAB = 0x2,
    LC_DYSYMTAB = 0xb,
    LC_LOAD_DYLIB = 0xc,
    LC_LOAD_DYLINKER = 0xe,
    LC_SEGMENT_64 = 0x19,
    LC_UUID = 0x1b,
    LC_CODE_SIGNATURE = 0x1d,
    LC_VERSION_MIN_MACOSX = 0x24,
    LC_VERSION_MIN_IPHONEOS = 0x25,
    LC_BUILD_VERSION = 0x32,
};
#define LC_RPATH 0x8000001cU
#define LC_LOAD_WEAK_DYLIB 0x80000018U
#define LC_REEXPORT_DYLIB 0x8000001fU

#define COMMAND_HEADER 8
#define NAME_LEN 16
#define SECTION_TYPE 0xffU
#define S_ZEROFILL 0x1
#define S_GB_ZEROFILL 0xc
#define S_THREAD_LOCAL_ZEROFILL 0x12
#define PROTECTION_WRITE 2
#define PROTECTION_EXECUTE 4
#define SECTION_INSTRUCTIONS 0x80000400U
#define RELOCATION_LEN 8
#define SYMBOL_WINDOW 65536

static bool cut_short(struct error *err)
{
    return error_set(err, ERROR_FORMAT, "the command is cut short");
}

/* A name in a field of 16 bytes, which need not end with a NUL. */
static bool read_name(struct reader *reader, struct arena *arena, const char **ret)
{
    struct bytes field;
    if (!reader_bytes(reader, NAME_LEN, &field)) {
        return false;
    }
    *ret = arena_text(arena, field);
    return true;
}

/* The text at the offset that stands behind the command's header, up to a NUL or the end. */
static bool read_text(const struct reader *body, struct arena *arena, const char **ret,
                      struct error *err)
{
    struct reader field = *body;
    struct reader text;
    uint32_t offset;
    if (!reader_skip(&field, COMMAND_HEADER) || !reader_u32(&field, &offset)) {
        return cut_short(err);
    }
    if (offset >= body->bytes.len || !reader_at(body, offset, body->bytes.len - offset, &text)) {
        return error_set(err, ERROR_FORMAT, "text at %u of %zu bytes", offset, body->bytes.len);
    }
    *ret = arena_text(arena, text.bytes);
    return true;
}

static bool range_present(const struct macho_reader *state, uint64_t offset, uint64_t len,
                          const char *what, struct error *err)
{
    struct source part;
    return len == 0 || source_slice(&state->image->source, offset, len, &part, err) ||
           error_prefix(err, "%s", what);
}

static bool is_zero_filled(uint32_t flags)
{
    uint32_t type = flags & SECTION_TYPE;
    return type == S_ZEROFILL || type == S_GB_ZEROFILL || type == S_THREAD_LOCAL_ZEROFILL;
}

static void add_section(struct macho_reader *state, const struct image_section *section,
                        const struct macho_section *detail)
{
    struct image *image = state->image;
    arena_grow(state->arena, &image->sections, image->section_count, &state->section_capacity,
               sizeof(*image->sections));
    arena_grow(state->arena, &state->detail->sections, image->section_count,
               &state->section_detail_capacity, sizeof(*state->detail->sections));
    image->sections[image->section_count] = *section;
    state->detail->sections[image->section_count++] = *detail;
}

static bool read_section(struct macho_reader *state, struct reader *body, unsigned width,
                         const struct image_segment *segment, struct error *err)
{
    struct image_section section = {.writable = segment->writable};
    struct macho_section detail = {0};
    uint32_t relocations = 0;
    uint32_t relocation_count = 0;
    if (!(read_name(body, state->arena, &section.name) &&
          read_name(body, state->arena, &section.segment) &&
          reader_uint(body, width, &section.address) &&
          reader_uint(body, width, &section.memory_size) &&
          reader_u32(body, &detail.header_offset) && reader_u32(body, &detail.alignment) &&
          reader_u32(body, &relocations) && reader_u32(body, &relocation_count) &&
          reader_u32(body, &detail.flags) && reader_skip(body, width == 8 ? 12 : 8))) {
        return cut_short(err);
    }
    section.offset = detail.header_offset;
    section.size = is_zero_filled(detail.flags) ? 0 : section.memory_size;
    section.executable = (detail.flags & SECTION_INSTRUCTIONS) != 0;
    if (state->image->section_count == LIMIT_SECTIONS) {
        return error_set(err, ERROR_LIMIT, "more than %u sections", LIMIT_SECTIONS);
    }
    add_section(state, &section, &detail);
    return range_present(state, relocations, (uint64_t)relocation_count * RELOCATION_LEN,
                         "relocations", err);
}

static void add_segment(struct macho_reader *state, const struct image_segment *segment,
                        const struct macho_segment *detail)
{
    struct image *image = state->image;
    arena_grow(state->arena, &image->segments, image->segment_count, &state->segment_capacity,
               sizeof(*image->segments));
    arena_grow(state->arena, &state->detail->segments, image->segment_count,
               &state->segment_detail_capacity, sizeof(*state->detail->segments));
    image->segments[image->segment_count] = *segment;
    state->detail->segments[image->segment_count++] = *detail;
}

static bool read_segment(struct macho_reader *state, struct reader *body, unsigned width,
                         struct error *err)
{
    struct image_segment segment = {0};
    struct macho_segment detail = {0};
    uint32_t count = 0;
    if (!(reader_skip(body, COMMAND_HEADER) && read_name(body, state->arena, &segment.name) &&
          reader_uint(body, width, &segment.address) &&
          reader_uint(body, width, &segment.memory_size) &&
          reader_uint(body, width, &segment.offset) && reader_uint(body, width, &segment.size) &&
          reader_u32(body, &detail.maximum_protection) && reader_u32(body, &detail.protection) &&
          reader_u32(body, &count) && reader_u32(body, &detail.flags))) {
        return cut_short(err);
    }
    segment.writable = (detail.protection & PROTECTION_WRITE) != 0;
    segment.executable = (detail.protection & PROTECTION_EXECUTE) != 0;
    add_segment(state, &segment, &detail);
    for (uint32_t i = 0; i < count; i++) {
        if (!read_section(state, body, width, &segment, err)) {
            return error_prefix(err, "section %u", i);
        }
    }
    if (segment.offset > INT64_MAX || segment.size > INT64_MAX) {
        return error_set(err, ERROR_FORMAT, "the segment has a negative offset or size");
    }
    return true;
}

/* One window of whole symbols: each name must lie within the strings. */
static bool check_symbols(const struct macho_reader *state, const struct macho_symbols *symbols,
                          struct bytes window, struct error *err)
{
    struct reader reader = reader_over(window, state->image->order);
    uint32_t name;
    while (reader_u32(&reader, &name) && reader_skip(&reader, symbols->entry_size - 4)) {
        if (name >= symbols->string_size) {
            return error_set(err, ERROR_FORMAT, "a symbol's name at %u of %u bytes", name,
                             symbols->string_size);
        }
    }
    return true;
}

static bool check_symbol_table(struct macho_reader *state, const struct macho_symbols *symbols,
                               struct error *err)
{
    uint8_t window[SYMBOL_WINDOW];
    size_t room = sizeof(window) / symbols->entry_size * symbols->entry_size;
    uint64_t left = (uint64_t)symbols->count * symbols->entry_size;
    uint64_t offset = symbols->offset;
    state->symbol_bytes += left;
    if (state->symbol_bytes > LIMIT_IMAGE_TABLE) {
        return error_set(err, ERROR_LIMIT, "more than %llu bytes of symbols",
                         (unsigned long long)LIMIT_IMAGE_TABLE);
    }
    while (left > 0) {
        size_t len = left < room ? (size_t)left : room;
        if (!source_read(&state->image->source, offset, window, len, err) ||
            !check_symbols(state, symbols, bytes_from(window, len), err)) {
            return error_prefix(err, "symbol table");
        }
        offset += len;
        left -= len;
    }
    return true;
}

static bool read_symbols(struct macho_reader *state, struct reader *body, struct error *err)
{
    struct macho_symbols symbols = {.entry_size = state->image->pointer_size == 8 ? 16 : 12};
    if (!(reader_skip(body, COMMAND_HEADER) && reader_u32(body, &symbols.offset) &&
          reader_u32(body, &symbols.count) && reader_u32(body, &symbols.string_offset) &&
          reader_u32(body, &symbols.string_size))) {
        return cut_short(err);
    }
    if (!range_present(state, symbols.string_offset, symbols.string_size, "symbol names", err) ||
        !range_present(state, symbols.offset, (uint64_t)symbols.count * symbols.entry_size,
                       "symbol table", err) ||
        !check_symbol_table(state, &symbols, err)) {
        return false;
    }
    if (!state->detail->has_symbols) {
        state->detail->has_symbols = true;
        state->detail->symbols = symbols;
    }
    state->symbol_count = symbols.count;
    return true;
}

/* LC_DYSYMTAB: 18 numbers, of which Go looks at these four. */
static bool read_dynamic_symbols(struct macho_reader *state, struct reader *body, struct error *err)
{
    uint32_t undefined = 0;
    uint32_t undefined_count = 0;
    uint32_t indirect = 0;
    uint32_t indirect_count = 0;
    if (!(reader_skip(body, COMMAND_HEADER + 16) && reader_u32(body, &undefined) &&
          reader_u32(body, &undefined_count) && reader_skip(body, 24) &&
          reader_u32(body, &indirect) && reader_u32(body, &indirect_count) &&
          reader_skip(body, 16))) {
        return cut_short(err);
    }
    if (!state->detail->has_symbols) {
        return error_set(err, ERROR_FORMAT, "dynamic symbols before any symbol table");
    }
    /* The sum wraps at 32 bits in Go. */
    if (undefined > state->symbol_count ||
        (uint32_t)(undefined + undefined_count) > state->symbol_count) {
        return error_set(err, ERROR_FORMAT, "undefined symbols %u and %u more of %u", undefined,
                         undefined_count, state->symbol_count);
    }
    return range_present(state, indirect, (uint64_t)indirect_count * 4, "indirect symbols", err);
}

static bool read_library(struct macho_reader *state, struct reader *body, struct error *err)
{
    const char *name;
    if (body->bytes.len < COMMAND_HEADER + 16) {
        return cut_short(err);
    }
    if (!read_text(body, state->arena, &name, err)) {
        return false;
    }
    image_add_library(state->image, state->arena, name, &state->library_capacity);
    return true;
}

static void read_uuid(struct macho_detail *detail, const struct macho_command *command,
                      struct reader *body)
{
    if (detail->has_uuid || !reader_skip(body, COMMAND_HEADER) ||
        reader_left(body) < sizeof(detail->uuid)) {
        return;
    }
    detail->has_uuid = true;
    detail->uuid_command = *command;
    for (size_t i = 0; i < sizeof(detail->uuid) && reader_u8(body, &detail->uuid[i]); i++) {
    }
}

static void read_code_signature(struct macho_detail *detail, const struct macho_command *command,
                                struct reader *body)
{
    if (!detail->has_code_signature && reader_skip(body, COMMAND_HEADER) &&
        reader_u32(body, &detail->code_signature_offset) &&
        reader_u32(body, &detail->code_signature_size)) {
        detail->has_code_signature = true;
        detail->code_signature_command = *command;
    }
}

/* LC_BUILD_VERSION names its platform; the older commands are one a platform. */
static void read_build_version(struct macho_detail *detail, const struct macho_command *command,
                               struct reader *body)
{
    uint32_t platform = command->command == LC_VERSION_MIN_IPHONEOS ? 2 : 1;
    if (detail->has_build_version || !reader_skip(body, COMMAND_HEADER)) {
        return;
    }
    if ((command->command != LC_BUILD_VERSION || reader_u32(body, &platform)) &&
        reader_u32(body, &detail->minimum_os) && reader_u32(body, &detail->sdk)) {
        detail->has_build_version = true;
        detail->platform = platform;
        detail->build_version_command = *command;
    }
}

bool image_macho_command(struct macho_reader *state, const struct macho_command *command,
                         struct reader *body, struct error *err)
{
    const char *text;
    switch (command->command) {
    case LC_SEGMENT:
        return read_segment(state, body, 4, err);
    case LC_SEGMENT_64:
        return read_segment(state, body, 8, err);
    case LC_SYMTAB:
        return read_symbols(state, body, err);
    case LC_DYSYMTAB:
        return read_dynamic_symbols(state, body, err);
    case LC_LOAD_DYLIB:
        return read_library(state, body, err);
    case LC_RPATH:
        return read_text(body, state->arena, &text, err);
    case LC_LOAD_WEAK_DYLIB:
    case LC_REEXPORT_DYLIB:
        /* Go does not read these, so damage in them is not fatal. */
        (void)!read_library(state, body, NULL);
        return true;
    case LC_LOAD_DYLINKER:
        (void)!read_text(body, state->arena, &state->image->interpreter, NULL);
        return true;
    case LC_UUID:
        read_uuid(state->detail, command, body);
        return true;
    case LC_CODE_SIGNATURE:
        read_code_signature(state->detail, command, body);
        return true;
    case LC_BUILD_VERSION:
    case LC_VERSION_MIN_MACOSX:
    case LC_VERSION_MIN_IPHONEOS:
        read_build_version(state->detail, command, body);
        return true;
    default:
        return true;
    }
}

// SPDX-License-Identifier: Apache-2.0
#include "verifier/image/image_xcoff.h"

#include "base/checked.h"
#include "base/limits.h"
#include "verifier/image/image_internal.h"

#define MAGIC_32 0x01df
#define MAGIC_64 0x01f7
#define HEADER_LEN 20
#define HEADER_LEN_64 24
#define SECTION_LEN 40
#define SECTION_LEN_64 72
#define NAME_LEN 8
#define SYMBOL_LEN 18
#define RELOCATION_LEN 10
#define RELOCATION_LEN_64 14
#define FLAG_SHARED_OBJECT 0x2000
/* The loader section's import files: a few paths. */
#define LIMIT_LOADER_STRINGS (64 * KIB)
#define LOADER_HEADER_LEN 64

struct xcoff_header {
    uint16_t section_count, optional_size;
    uint64_t size;
};

static bool read_header(struct image *image, struct xcoff_detail *detail, struct xcoff_header *ret,
                        struct arena *arena, struct error *err)
{
    struct reader reader;
    uint64_t symbols = 0;
    if (!image_load(image, 0, 2, 2, arena, &reader, err) || !reader_u16(&reader, &detail->magic)) {
        return false;
    }
    bool wide = detail->magic == MAGIC_64;
    image->pointer_size = wide ? 8 : 4;
    ret->size = wide ? HEADER_LEN_64 : HEADER_LEN;
    if (!image_load(image, 0, ret->size, ret->size, arena, &reader, err)) {
        return false;
    }
    /* The count of symbols moved to the end in the 64 bit form. */
    if (!(reader_skip(&reader, 2) && reader_u16(&reader, &ret->section_count) &&
          reader_skip(&reader, 4) && reader_uint(&reader, wide ? 8 : 4, &symbols) &&
          (wide || reader_u32(&reader, &detail->symbol_count)) &&
          reader_u16(&reader, &ret->optional_size) && reader_u16(&reader, &detail->flags) &&
          (!wide || reader_u32(&reader, &detail->symbol_count)))) {
        return error_set(err, ERROR_FORMAT, "the header is cut short");
    }
    detail->symbol_offset = symbols;
    return true;
}

/* The strings lie behind the symbols; -s leaves neither, and Go's own reader refuses such files. */
static bool read_strings(struct image *image, struct xcoff_detail *detail, struct arena *arena,
                         struct error *err)
{
    struct reader reader;
    struct source part;
    if (detail->symbol_offset == 0 || detail->symbol_count == 0) {
        detail->symbol_count = 0;
        return true;
    }
    if (!checked_add(detail->symbol_offset, (uint64_t)detail->symbol_count * SYMBOL_LEN,
                     &detail->string_offset) ||
        !image_load(image, detail->string_offset, 4, 4, arena, &reader, err) ||
        !reader_u32(&reader, &detail->string_size)) {
        return error_set(err, ERROR_FORMAT, "%u symbols at offset %llu reach beyond the end",
                         detail->symbol_count, (unsigned long long)detail->symbol_offset);
    }
    return detail->string_size <= 4 ||
           source_slice(&image->source, detail->string_offset, detail->string_size, &part, err) ||
           error_prefix(err, "string table");
}

static bool check_relocations(const struct image *image, uint32_t type, uint64_t offset,
                              uint64_t count, struct error *err)
{
    struct source part;
    uint64_t size = image->pointer_size == 8 ? RELOCATION_LEN_64 : RELOCATION_LEN;
    if ((type != XCOFF_TEXT && type != XCOFF_DATA) || offset == 0 || count == 0) {
        return true;
    }
    return source_slice(&image->source, offset, count * size, &part, err) ||
           error_prefix(err, "relocations");
}

static bool read_section(struct image *image, struct xcoff_detail *detail, struct reader *table,
                         struct arena *arena, struct error *err)
{
    bool wide = image->pointer_size == 8;
    unsigned width = wide ? 8 : 4;
    struct xcoff_section raw = {0};
    struct image_section section = {.segment = ""};
    struct bytes name;
    uint64_t relocations = 0;
    uint64_t relocation_count = 0;
    if (!(reader_bytes(table, NAME_LEN, &name) && reader_skip(table, width) &&
          reader_uint(table, width, &section.address) &&
          reader_uint(table, width, &raw.header_size) &&
          reader_uint(table, width, &raw.header_offset) &&
          reader_uint(table, width, &relocations) && reader_skip(table, width) &&
          reader_uint(table, wide ? 4 : 2, &relocation_count) && reader_skip(table, wide ? 4 : 2) &&
          reader_u32(table, &raw.type) && reader_skip(table, wide ? 4 : 0))) {
        return error_set(err, ERROR_FORMAT, "the header is cut short");
    }
    section.name = arena_text(arena, name);
    section.offset = raw.header_offset;
    section.size = raw.header_offset == 0 ? 0 : raw.header_size;
    section.memory_size = raw.header_size;
    section.writable = (raw.type & (XCOFF_DATA | XCOFF_BSS)) != 0;
    section.executable = (raw.type & XCOFF_TEXT) != 0;
    detail->sections[image->section_count] = raw;
    image->sections[image->section_count++] = section;
    return check_relocations(image, raw.type, relocations, relocation_count, err);
}

/* What is loaded: text, data and bss. */
static void set_segments(struct image *image, const struct xcoff_detail *detail,
                         struct arena *arena)
{
    image->segments = ARENA_ARRAY(arena, image->section_count, struct image_segment);
    for (size_t i = 0; i < image->section_count; i++) {
        const struct image_section *section = &image->sections[i];
        if ((detail->sections[i].type & (XCOFF_TEXT | XCOFF_DATA | XCOFF_BSS)) != 0) {
            image->segments[image->segment_count++] = image_section_segment(section);
        }
    }
}

static bool read_sections(struct image *image, struct xcoff_detail *detail,
                          const struct xcoff_header *header, struct arena *arena, struct error *err)
{
    struct reader table;
    uint64_t size = image->pointer_size == 8 ? SECTION_LEN_64 : SECTION_LEN;
    uint64_t len = header->section_count * size;
    if (!image_load(image, header->size + header->optional_size, len, len, arena, &table, err)) {
        return error_prefix(err, "section headers");
    }
    image->sections = ARENA_ARRAY(arena, header->section_count, struct image_section);
    detail->sections = ARENA_ARRAY(arena, header->section_count, struct xcoff_section);
    for (unsigned i = 0; i < header->section_count; i++) {
        if (!read_section(image, detail, &table, arena, err)) {
            return error_prefix(err, "section %u", i);
        }
    }
    set_segments(image, detail, arena);
    return true;
}

/* Where the import files stand in the loader section, and how many bytes they have. */
static bool read_loader_header(const struct image *image, const struct image_section *loader,
                               uint64_t *ret_offset, uint32_t *ret_len)
{
    uint8_t raw[LOADER_HEADER_LEN];
    uint64_t offset = 0;
    bool wide = image->pointer_size == 8;
    if (!source_read(&image->source, loader->offset, raw, sizeof(raw), NULL)) {
        return false;
    }
    struct reader reader = reader_over(bytes_from(raw, sizeof(raw)), BIG_ENDIAN_ORDER);
    /* version, symbols, relocations, length of imports, their count, (32: offset, 64: length of
     * strings, offset) */
    if (!reader_skip(&reader, 12) || !reader_u32(&reader, ret_len) ||
        !reader_skip(&reader, wide ? 8 : 4) || !reader_uint(&reader, wide ? 8 : 4, &offset)) {
        return false;
    }
    return checked_add(loader->offset, offset, ret_offset);
}

/* Import files are triples of texts: path, base name, member; the first is the search path. */
static void read_libraries(struct image *image, const struct image_section *loader,
                           struct arena *arena)
{
    struct reader reader;
    struct bytes parts[3];
    uint64_t offset;
    uint32_t len;
    size_t capacity = 0;
    if (!read_loader_header(image, loader, &offset, &len) ||
        !image_load(image, offset, len, LIMIT_LOADER_STRINGS, arena, &reader, NULL)) {
        return;
    }
    for (size_t i = 0; i <= LIMIT_LIBRARIES; i++) {
        for (size_t part = 0; part < ARRAY_LEN(parts); part++) {
            if (!reader_cstring(&reader, LIMIT_LIBRARY_NAME, &parts[part])) {
                return;
            }
        }
        if (i > 0) {
            const char *member = arena_text(arena, parts[2]);
            const char *name = arena_printf(arena, "%s%s%s", arena_text(arena, parts[1]),
                                            member[0] == '\0' ? "" : "/", member);
            image_add_library(image, arena, name, &capacity);
        }
    }
}

bool image_xcoff_open(struct arena *arena, struct image *image, struct error *err)
{
    struct xcoff_detail *detail = ARENA_NEW(arena, struct xcoff_detail);
    struct xcoff_header header = {0};
    image->detail = detail;
    image->order = BIG_ENDIAN_ORDER;
    if (!read_header(image, detail, &header, arena, err) ||
        !read_strings(image, detail, arena, err) ||
        !read_sections(image, detail, &header, arena, err)) {
        return false;
    }
    image->goos = "aix";
    image->goarch = image->pointer_size == 8 ? "ppc64" : "";
    image->machine = image->pointer_size == 8 ? "U64_TOCMAGIC" : "U802TOCMAGIC";
    image->shared = (detail->flags & FLAG_SHARED_OBJECT) != 0;
    for (size_t i = 0; i < image->section_count; i++) {
        if ((detail->sections[i].type & 0xffffU) == XCOFF_LOADER) {
            read_libraries(image, &image->sections[i], arena);
            break;
        }
    }
    return true;
}

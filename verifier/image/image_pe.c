// SPDX-License-Identifier: Apache-2.0
#include "verifier/image/image_pe.h"

#include "base/limits.h"
#include "verifier/image/image_internal.h"
#include "verifier/image/image_pe_internal.h"

#define DOS_HEADER_LEN 96
#define DOS_PE_OFFSET 0x3c
#define COFF_HEADER_LEN 20
#define SECTION_HEADER_LEN 40
#define SECTION_NAME_LEN 8
#define LONG_NAME_DIGITS 7 /* all that fit behind the slash */
#define LONG_NAME_MAX 256  /* of 65,535 sections each may name the same long text */
#define RELOCATION_LEN 10
#define OPTIONAL_MAGIC 0x10b
#define OPTIONAL_MAGIC_64 0x20b
#define OPTIONAL_LEN 96
#define OPTIONAL_LEN_64 112
#define OPTIONAL_CHECKSUM 64 /* from the start of the optional header */
#define CHARACTERISTIC_DLL 0x2000
#define SECTION_EXECUTE 0x20000000U
#define SECTION_WRITE 0x80000000U

struct machine {
    unsigned number;
    const char *name, *goarch;
    unsigned pointer_size;
};

/* Go refuses every other machine. */
static const struct machine machines[] = {
    {0x8664, "IMAGE_FILE_MACHINE_AMD64", "amd64", 8},
    {0xaa64, "IMAGE_FILE_MACHINE_ARM64", "arm64", 8},
    {0x1c4, "IMAGE_FILE_MACHINE_ARMNT", "arm", 4},
    {0x14c, "IMAGE_FILE_MACHINE_I386", "386", 4},
    {0x5032, "IMAGE_FILE_MACHINE_RISCV32", "", 4},
    {0x5064, "IMAGE_FILE_MACHINE_RISCV64", "riscv64", 8},
    {0x5128, "IMAGE_FILE_MACHINE_RISCV128", "", 8},
    {0, "IMAGE_FILE_MACHINE_UNKNOWN", "", 4},
};

struct pe_header {
    uint16_t section_count, optional_size;
    uint64_t sections_offset;
};

static bool set_machine(struct image *image, unsigned number, struct error *err)
{
    for (size_t i = 0; i < ARRAY_LEN(machines); i++) {
        if (machines[i].number == number) {
            image->machine = machines[i].name;
            image->goarch = machines[i].goarch;
            image->pointer_size = machines[i].pointer_size;
            image->goos = "windows";
            return true;
        }
    }
    return error_set(err, ERROR_UNSUPPORTED, "machine 0x%x is not one that Go knows", number);
}

/* Where the COFF header is: behind "PE\0\0", whose place stands in the DOS header. */
static bool find_header(const struct image *image, uint64_t *ret, struct error *err)
{
    uint8_t dos[DOS_HEADER_LEN];
    uint8_t signature[4];
    uint32_t offset;
    if (!source_read(&image->source, 0, dos, sizeof(dos), err)) {
        return error_prefix(err, "DOS header");
    }
    struct reader reader = reader_over(bytes_from(dos, sizeof(dos)), LITTLE_ENDIAN_ORDER);
    if (!reader_skip(&reader, DOS_PE_OFFSET) || !reader_u32(&reader, &offset) ||
        !source_read(&image->source, offset, signature, sizeof(signature), err)) {
        return error_prefix(err, "PE signature");
    }
    if (!bytes_equal(bytes_from(signature, sizeof(signature)), bytes_from("PE\0\0", 4))) {
        return error_set(err, ERROR_FORMAT, "no PE signature at offset %u", offset);
    }
    *ret = (uint64_t)offset + sizeof(signature);
    return true;
}

static bool read_header(struct image *image, struct pe_detail *detail, struct pe_header *ret,
                        struct error *err)
{
    uint8_t raw[COFF_HEADER_LEN];
    if (!find_header(image, &detail->header_offset, err) ||
        !source_read(&image->source, detail->header_offset, raw, sizeof(raw), err)) {
        return false;
    }
    struct reader reader = reader_over(bytes_from(raw, sizeof(raw)), LITTLE_ENDIAN_ORDER);
    if (!(reader_u16(&reader, &detail->machine) && reader_u16(&reader, &ret->section_count) &&
          reader_skip(&reader, 4) && reader_u32(&reader, &detail->symbol_offset) &&
          reader_u32(&reader, &detail->symbol_count) && reader_u16(&reader, &ret->optional_size) &&
          reader_u16(&reader, &detail->characteristics))) {
        return error_set(err, ERROR_FORMAT, "the COFF header is cut short");
    }
    ret->sections_offset = detail->header_offset + COFF_HEADER_LEN + ret->optional_size;
    return set_machine(image, detail->machine, err);
}

/* Go wants the directories to fill the rest of the optional header exactly. */
static bool read_directories(struct pe_detail *detail, struct reader *reader, uint32_t count,
                             struct error *err)
{
    if ((uint64_t)count * 8 != reader_left(reader)) {
        return error_set(err, ERROR_FORMAT, "%u data directories in %zu bytes", count,
                         reader_left(reader));
    }
    detail->directory_count = count < PE_DIRECTORIES ? count : PE_DIRECTORIES;
    for (size_t i = 0; i < detail->directory_count; i++) {
        if (!reader_u32(reader, &detail->directories[i].address) ||
            !reader_u32(reader, &detail->directories[i].size)) {
            return error_set(err, ERROR_FORMAT, "data directory %zu is cut short", i);
        }
    }
    return true;
}

/* The optional header of either kind, from behind its magic number. */
static bool read_fields(struct pe_detail *detail, struct reader *reader, bool wide,
                        struct error *err)
{
    uint32_t directory_count = 0;
    if (!(reader_skip(reader, wide ? 22 : 26) &&
          reader_uint(reader, wide ? 8 : 4, &detail->image_base) && reader_skip(reader, 36) &&
          reader_u16(reader, &detail->subsystem) &&
          reader_u16(reader, &detail->dll_characteristics) && reader_skip(reader, wide ? 36 : 20) &&
          reader_u32(reader, &directory_count))) {
        return error_set(err, ERROR_FORMAT, "the optional header is cut short");
    }
    return read_directories(detail, reader, directory_count, err);
}

static bool read_optional(struct image *image, struct pe_detail *detail,
                          const struct pe_header *header, struct arena *arena, struct error *err)
{
    uint64_t offset = detail->header_offset + COFF_HEADER_LEN;
    struct reader reader;
    uint16_t magic;
    if (header->optional_size == 0) {
        return true;
    }
    if (!image_load(image, offset, header->optional_size, UINT16_MAX, arena, &reader, err)) {
        return error_prefix(err, "optional header");
    }
    if (!reader_u16(&reader, &magic) || (magic != OPTIONAL_MAGIC && magic != OPTIONAL_MAGIC_64)) {
        return error_set(err, ERROR_FORMAT, "the optional header at offset %llu has no known magic",
                         (unsigned long long)offset);
    }
    bool wide = magic == OPTIONAL_MAGIC_64;
    if (!read_fields(detail, &reader, wide, err)) {
        return false;
    }
    detail->checksum_offset = offset + OPTIONAL_CHECKSUM;
    if (detail->directory_count > PE_DIRECTORY_CERTIFICATE) {
        detail->certificate_field_offset =
            offset + (wide ? OPTIONAL_LEN_64 : OPTIONAL_LEN) + PE_DIRECTORY_CERTIFICATE * 8;
    }
    return true;
}

/* "/123": the name stands in the string table; Go reads the number with an optional sign. */
static bool long_name_start(struct bytes text, uint32_t *ret)
{
    struct reader reader = reader_over(text, LITTLE_ENDIAN_ORDER);
    bool minus = reader_expect(&reader, "-");
    bool plus = !minus && reader_expect(&reader, "+");
    uint32_t number = 0;
    uint8_t digit;
    if (reader_done(&reader) ||
        text.len > (minus || plus ? LONG_NAME_DIGITS + 1 : LONG_NAME_DIGITS)) {
        return false;
    }
    while (reader_u8(&reader, &digit)) {
        if (digit < '0' || digit > '9') {
            return false;
        }
        number = number * 10 + (digit - (uint32_t)'0');
    }
    *ret = minus ? 0 - number : number;
    return true;
}

static bool read_name(const struct image *image, const struct pe_detail *detail, struct bytes field,
                      struct arena *arena, const char **ret, struct error *err)
{
    *ret = arena_text(arena, field);
    if (!bytes_start_with(field, "/")) {
        return true;
    }
    uint32_t start;
    if (!long_name_start(bytes_from_string(*ret + 1), &start) ||
        !image_pe_string_valid(detail, start)) {
        return error_set(err, ERROR_FORMAT, "the name is not in the string table");
    }
    uint64_t place = start - 4;
    uint64_t left = detail->string_size - place;
    /* A name that is too long for us stays as it stands in the header. */
    (void)!image_load_string(image, detail->string_offset + place,
                             left < LONG_NAME_MAX ? (size_t)left : LONG_NAME_MAX, arena, ret);
    return true;
}

static bool read_section(struct image *image, struct pe_detail *detail, struct reader *table,
                         struct arena *arena, struct error *err)
{
    struct pe_section raw = {0};
    struct bytes field;
    const char *name;
    uint32_t relocations = 0;
    uint16_t relocation_count = 0;
    if (!(reader_bytes(table, SECTION_NAME_LEN, &field) && reader_u32(table, &raw.virtual_size) &&
          reader_u32(table, &raw.virtual_address) && reader_u32(table, &raw.raw_size) &&
          reader_u32(table, &raw.raw_offset) && reader_u32(table, &relocations) &&
          reader_skip(table, 4) && reader_u16(table, &relocation_count) && reader_skip(table, 2) &&
          reader_u32(table, &raw.characteristics))) {
        return error_set(err, ERROR_FORMAT, "the header is cut short");
    }
    if (!read_name(image, detail, field, arena, &name, err)) {
        return false;
    }
    struct source part;
    uint64_t len = (uint64_t)relocation_count * RELOCATION_LEN;
    if (len > 0 && !source_slice(&image->source, relocations, len, &part, err)) {
        return error_prefix(err, "relocations");
    }
    size_t index = image->section_count++;
    detail->sections[index] = raw;
    image->sections[index] = (struct image_section){
        .name = name,
        .segment = "",
        .address = detail->image_base + raw.virtual_address,
        .offset = raw.raw_offset,
        .size = raw.raw_offset == 0 ? 0 : raw.raw_size,
        .memory_size = raw.virtual_size,
        .writable = (raw.characteristics & SECTION_WRITE) != 0,
        .executable = (raw.characteristics & SECTION_EXECUTE) != 0,
    };
    return true;
}

/* Each section is also what other formats call a segment. */
static void set_segments(struct image *image, struct arena *arena)
{
    image->segments = ARENA_ARRAY(arena, image->section_count, struct image_segment);
    image->segment_count = image->section_count;
    for (size_t i = 0; i < image->section_count; i++) {
        image->segments[i] = image_section_segment(&image->sections[i]);
    }
}

static bool read_sections(struct image *image, struct pe_detail *detail,
                          const struct pe_header *header, struct arena *arena, struct error *err)
{
    struct reader table;
    uint64_t len = (uint64_t)header->section_count * SECTION_HEADER_LEN;
    if (!image_load(image, header->sections_offset, len, len, arena, &table, err)) {
        return error_prefix(err, "section headers");
    }
    image->sections = ARENA_ARRAY(arena, header->section_count, struct image_section);
    detail->sections = ARENA_ARRAY(arena, header->section_count, struct pe_section);
    for (unsigned i = 0; i < header->section_count; i++) {
        if (!read_section(image, detail, &table, arena, err)) {
            return error_prefix(err, "section %u", i);
        }
    }
    set_segments(image, arena);
    return true;
}

/* What UPX packs keeps the place of its symbols, which are packed, too: then that lies behind the
 * end. */
static bool has_packed_symbols(const struct image *image, const struct pe_detail *detail,
                               const struct pe_header *header)
{
    static const char first[] = "UPX0\0\0\0\0"; /* the name of the first section */
    uint8_t name[sizeof(first) - 1];
    return detail->symbol_offset >= image->source.size &&
           source_read(&image->source, header->sections_offset, name, sizeof(name), NULL) &&
           memcmp(name, first, sizeof(name)) == 0;
}

bool image_pe_open(struct arena *arena, struct image *image, struct error *err)
{
    struct pe_detail *detail = ARENA_NEW(arena, struct pe_detail);
    struct pe_header header = {0};
    image->detail = detail;
    image->order = LITTLE_ENDIAN_ORDER;
    if (!read_header(image, detail, &header, err)) {
        return false;
    }
    if (has_packed_symbols(image, detail, &header)) {
        detail->symbol_offset = detail->symbol_count = 0;
    }
    if (!image_pe_symbols(image, detail, err) ||
        !read_optional(image, detail, &header, arena, err) ||
        !read_sections(image, detail, &header, arena, err)) {
        return false;
    }
    image->shared = (detail->characteristics & CHARACTERISTIC_DLL) != 0;
    image->pie = !image->shared && (detail->dll_characteristics & PE_DYNAMIC_BASE) != 0;
    image_pe_imports(image, detail, arena);
    return true;
}

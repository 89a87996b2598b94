// SPDX-License-Identifier: Apache-2.0
#include "verifier/image/image_elf.h"

#include "base/checked.h"
#include "base/limits.h"
#include "verifier/image/image_elf_order.h"
#include "verifier/image/image_internal.h"

/* What the ELF header says, once the numbers that do not fit into it are resolved. */
struct elf_header {
    unsigned encoding;
    bool wide;
    uint64_t program_offset, section_offset;
    uint64_t program_count, section_count, names_index;
    uint64_t program_size, section_size; /* of one header */
};

/* The tables are loaded by us: elf_begin would allocate by the section count that the file claims.
 */
static bool translate(const struct elf_header *header, Elf_Type type, void *records, size_t size,
                      struct error *err)
{
    return image_elf_translate(header->encoding, header->wide, type, records, size, err);
}

/* Reads COUNT records that are STRIDE bytes apart, and translates the first SIZE bytes of each. */
static bool load_records(const struct image *image, const struct elf_header *header, Elf_Type type,
                         uint64_t offset, size_t count, uint64_t stride, size_t size, void *ret,
                         struct error *err)
{
    uint8_t *records = ret;
    if (stride == size) {
        return source_read(&image->source, offset, records, count * size, err) &&
               translate(header, type, records, count * size, err);
    }
    for (size_t i = 0; i < count; i++) {
        uint64_t place;
        if (!checked_add(offset, i * stride, &place) ||
            !source_read(&image->source, place, &records[i * size], size, err)) {
            return error_prefix(err, "record %zu", i);
        }
    }
    /* The last record has to be there in its whole length, as Go has it. */
    struct source part;
    return source_slice(&image->source, offset, count * stride, &part, err) &&
           translate(header, type, records, count * size, err);
}

static bool read_ident(struct image *image, struct elf_header *header, struct elf_detail *detail,
                       struct error *err)
{
    uint8_t ident[EI_NIDENT];
    if (!source_read(&image->source, 0, ident, sizeof(ident), err)) {
        return false;
    }
    if (ident[EI_CLASS] != ELFCLASS32 && ident[EI_CLASS] != ELFCLASS64) {
        return error_set(err, ERROR_FORMAT, "class %u at offset 4 is neither 32 nor 64 bit",
                         ident[EI_CLASS]);
    }
    if (ident[EI_DATA] != ELFDATA2LSB && ident[EI_DATA] != ELFDATA2MSB) {
        return error_set(err, ERROR_FORMAT, "byte order %u at offset 5 is unknown", ident[EI_DATA]);
    }
    if (ident[EI_VERSION] != EV_CURRENT) {
        return error_set(err, ERROR_FORMAT, "version %u at offset 6 is unknown", ident[EI_VERSION]);
    }
    header->wide = ident[EI_CLASS] == ELFCLASS64;
    header->encoding = ident[EI_DATA];
    detail->os_abi = ident[EI_OSABI];
    image->order = ident[EI_DATA] == ELFDATA2LSB ? LITTLE_ENDIAN_ORDER : BIG_ENDIAN_ORDER;
    image->pointer_size = header->wide ? 8 : 4;
    return true;
}

/* Of the version in the header Go looks at the low byte alone. */
static bool read_header32(const struct image *image, struct elf_header *header,
                          struct elf_detail *detail, struct error *err)
{
    Elf32_Ehdr raw;
    if (!load_records(image, header, ELF_T_EHDR, 0, 1, sizeof(raw), sizeof(raw), &raw, err)) {
        return false;
    }
    if ((uint8_t)raw.e_version != EV_CURRENT) {
        return error_set(err, ERROR_FORMAT, "version %u at offset 20 is unknown", raw.e_version);
    }
    detail->type = raw.e_type;
    detail->machine = raw.e_machine;
    header->program_offset = raw.e_phoff;
    header->section_offset = raw.e_shoff;
    header->program_count = raw.e_phnum;
    header->section_count = raw.e_shnum;
    header->names_index = raw.e_shstrndx;
    header->program_size = raw.e_phentsize;
    header->section_size = raw.e_shentsize;
    return true;
}

static bool read_header64(const struct image *image, struct elf_header *header,
                          struct elf_detail *detail, struct error *err)
{
    Elf64_Ehdr raw;
    if (!load_records(image, header, ELF_T_EHDR, 0, 1, sizeof(raw), sizeof(raw), &raw, err)) {
        return false;
    }
    if ((uint8_t)raw.e_version != EV_CURRENT) {
        return error_set(err, ERROR_FORMAT, "version %u at offset 20 is unknown", raw.e_version);
    }
    detail->type = raw.e_type;
    detail->machine = raw.e_machine;
    header->program_offset = raw.e_phoff;
    header->section_offset = raw.e_shoff;
    header->program_count = raw.e_phnum;
    header->section_count = raw.e_shnum;
    header->names_index = raw.e_shstrndx;
    header->program_size = raw.e_phentsize;
    header->section_size = raw.e_shentsize;
    return true;
}

/* Section headers FROM to FROM + COUNT, widened. */
static bool read_sections(const struct image *image, const struct elf_header *header, size_t count,
                          struct arena *arena, Elf64_Shdr **ret, struct error *err)
{
    Elf64_Shdr *wide = ARENA_ARRAY(arena, count, Elf64_Shdr);
    if (header->wide) {
        if (!load_records(image, header, ELF_T_SHDR, header->section_offset, count,
                          header->section_size, sizeof(*wide), wide, err)) {
            return false;
        }
        *ret = wide;
        return true;
    }
    Elf32_Shdr *narrow = ARENA_ARRAY(arena, count, Elf32_Shdr);
    if (!load_records(image, header, ELF_T_SHDR, header->section_offset, count,
                      header->section_size, sizeof(*narrow), narrow, err)) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        const Elf32_Shdr *from = &narrow[i];
        wide[i] = (Elf64_Shdr){from->sh_name,      from->sh_type,   from->sh_flags, from->sh_addr,
                               from->sh_offset,    from->sh_size,   from->sh_link,  from->sh_info,
                               from->sh_addralign, from->sh_entsize};
    }
    *ret = wide;
    return true;
}

static bool read_programs(const struct image *image, const struct elf_header *header, size_t count,
                          struct arena *arena, Elf64_Phdr **ret, struct error *err)
{
    Elf64_Phdr *wide = ARENA_ARRAY(arena, count, Elf64_Phdr);
    if (header->wide) {
        if (!load_records(image, header, ELF_T_PHDR, header->program_offset, count,
                          header->program_size, sizeof(*wide), wide, err)) {
            return false;
        }
        *ret = wide;
        return true;
    }
    Elf32_Phdr *narrow = ARENA_ARRAY(arena, count, Elf32_Phdr);
    if (!load_records(image, header, ELF_T_PHDR, header->program_offset, count,
                      header->program_size, sizeof(*narrow), narrow, err)) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        const Elf32_Phdr *from = &narrow[i];
        wide[i] = (Elf64_Phdr){from->p_type,  from->p_flags,  from->p_offset, from->p_vaddr,
                               from->p_paddr, from->p_filesz, from->p_memsz,  from->p_align};
    }
    *ret = wide;
    return true;
}

/* Counts of 0xff00 sections or 0xffff programs and more stand in section header 0 (gABI, chapter 4,
 * e_shnum, e_phnum, e_shstrndx). */
static bool resolve_counts(const struct image *image, struct elf_header *header,
                           struct arena *arena, struct error *err)
{
    bool more_programs = header->program_count == PN_XNUM;
    if (header->section_offset == 0 || (header->section_count != 0 && !more_programs)) {
        return true;
    }
    Elf64_Shdr *first;
    struct elf_header one = *header;
    one.section_size = header->wide ? sizeof(Elf64_Shdr) : sizeof(Elf32_Shdr);
    if (!read_sections(image, &one, 1, arena, &first, err)) {
        return error_prefix(err, "section header 0");
    }
    if (first->sh_type != SHT_NULL) {
        return error_set(err, ERROR_FORMAT, "section 0 has type %u, not 0", first->sh_type);
    }
    if (header->section_count == 0) {
        header->section_count = first->sh_size;
        if (first->sh_size < SHN_LORESERVE) {
            return error_set(err, ERROR_FORMAT,
                             "section count %llu in section header 0 is too small",
                             (unsigned long long)first->sh_size);
        }
    }
    if (more_programs) {
        header->program_count = first->sh_info;
        if (first->sh_info < PN_XNUM) {
            return error_set(err, ERROR_FORMAT, "program count %u in section header 0 is too small",
                             first->sh_info);
        }
    }
    if (header->names_index == SHN_XINDEX) {
        header->names_index = first->sh_link;
        if (first->sh_link < SHN_LORESERVE) {
            return error_set(err, ERROR_FORMAT,
                             "name table index %u in section header 0 is too small",
                             first->sh_link);
        }
    }
    return true;
}

static bool check_header(const struct elf_header *header, struct error *err)
{
    uint64_t program_size = header->wide ? sizeof(Elf64_Phdr) : sizeof(Elf32_Phdr);
    uint64_t section_size = header->wide ? sizeof(Elf64_Shdr) : sizeof(Elf32_Shdr);
    if (header->section_count > LIMIT_SECTIONS || header->program_count > LIMIT_SECTIONS) {
        return error_set(err, ERROR_LIMIT, "%llu sections and %llu segments, at most %u of each",
                         (unsigned long long)header->section_count,
                         (unsigned long long)header->program_count, LIMIT_SECTIONS);
    }
    if (header->program_count > 0 && header->program_size < program_size) {
        return error_set(err, ERROR_FORMAT, "program headers of %llu bytes are too short",
                         (unsigned long long)header->program_size);
    }
    if (header->section_count > 0 && header->section_size < section_size) {
        return error_set(err, ERROR_FORMAT, "section headers of %llu bytes are too short",
                         (unsigned long long)header->section_size);
    }
    if (header->section_offset == 0 && header->section_count != 0) {
        return error_set(err, ERROR_FORMAT, "%llu sections without a section table",
                         (unsigned long long)header->section_count);
    }
    if (header->section_count > 0 && header->names_index >= header->section_count) {
        return error_set(err, ERROR_FORMAT, "name table index %llu of %llu sections",
                         (unsigned long long)header->names_index,
                         (unsigned long long)header->section_count);
    }
    return true;
}

static bool read_header(struct image *image, struct elf_header *header, struct elf_detail *detail,
                        struct arena *arena, struct error *err)
{
    return read_ident(image, header, detail, err) &&
           (header->wide ? read_header64(image, header, detail, err)
                         : read_header32(image, header, detail, err)) &&
           resolve_counts(image, header, arena, err) && check_header(header, err);
}

static void add_segment(struct image *image, const struct elf_program *program)
{
    image->segments[image->segment_count++] = (struct image_segment){
        .name = "",
        .address = program->address,
        .offset = program->offset,
        .size = program->size,
        .memory_size = program->memory_size,
        .writable = (program->flags & PF_W) != 0,
        .executable = (program->flags & PF_X) != 0,
    };
}

static bool open_programs(struct image *image, const struct elf_header *header,
                          struct elf_detail *detail, struct arena *arena, struct error *err)
{
    size_t count = (size_t)header->program_count;
    Elf64_Phdr *raw;
    if (!read_programs(image, header, count, arena, &raw, err)) {
        return error_prefix(err, "program headers");
    }
    detail->programs = ARENA_ARRAY(arena, count, struct elf_program);
    detail->program_count = count;
    image->segments = ARENA_ARRAY(arena, count, struct image_segment);
    for (size_t i = 0; i < count; i++) {
        if (raw[i].p_offset > INT64_MAX || raw[i].p_filesz > INT64_MAX) {
            return error_set(err, ERROR_FORMAT, "segment %zu has a negative offset or size", i);
        }
        detail->programs[i] = (struct elf_program){
            .type = raw[i].p_type,
            .flags = raw[i].p_flags,
            .offset = raw[i].p_offset,
            .address = raw[i].p_vaddr,
            .size = raw[i].p_filesz,
            .memory_size = raw[i].p_memsz,
            .alignment = raw[i].p_align,
        };
        if (raw[i].p_type == PT_LOAD) {
            add_segment(image, &detail->programs[i]);
        }
    }
    return true;
}

static size_t compressed_header_len(const struct elf_header *header)
{
    return header->wide ? sizeof(Elf64_Chdr) : sizeof(Elf32_Chdr);
}

/* A compressed section begins with its true size; Go insists that it can be read. */
static bool check_compressed(const struct image *image, const struct elf_header *header,
                             const Elf64_Shdr *section, struct error *err)
{
    struct source part;
    size_t len = compressed_header_len(header);
    if (section->sh_size < len) {
        return error_set(err, ERROR_FORMAT, "a compressed section of %llu bytes",
                         (unsigned long long)section->sh_size);
    }
    return source_slice(&image->source, section->sh_offset, len, &part, err) ||
           error_prefix(err, "compressed section");
}

/* Of debugging information, which alone the linker compresses, nobody asks for the true size. */
static bool read_compressed(struct image *image, const struct elf_header *header,
                            const struct elf_detail *detail, struct error *err)
{
    for (size_t i = 0; i < image->section_count; i++) {
        struct image_section *section = &image->sections[i];
        uint8_t raw[sizeof(Elf64_Chdr)];
        size_t len = compressed_header_len(header);
        if ((detail->sections[i].flags & SHF_COMPRESSED) == 0 ||
            bytes_start_with(bytes_from_string(section->name), ".debug_")) {
            continue;
        }
        struct reader reader = reader_over(bytes_from(raw, len), image->order);
        if (!source_read(&image->source, section->offset, raw, len, err)) {
            return error_prefix(err, "section %zu", i);
        }
        if (!reader_skip(&reader, image->pointer_size) ||
            !reader_uint(&reader, image->pointer_size, &section->memory_size)) {
            return error_set(err, ERROR_FORMAT, "a compressed section without a header");
        }
    }
    return true;
}

static bool open_section(struct image *image, const struct elf_header *header,
                         struct elf_detail *detail, const Elf64_Shdr *raw, size_t index,
                         struct error *err)
{
    if (raw->sh_offset > INT64_MAX || raw->sh_size > INT64_MAX) {
        return error_set(err, ERROR_FORMAT, "section %zu has a negative offset or size", index);
    }
    if ((raw->sh_flags & SHF_COMPRESSED) != 0 && !check_compressed(image, header, raw, err)) {
        return error_prefix(err, "section %zu", index);
    }
    detail->sections[index] = (struct elf_section){
        .type = raw->sh_type,
        .link = raw->sh_link,
        .info = raw->sh_info,
        .flags = raw->sh_flags,
        .entry_size = raw->sh_entsize,
        .alignment = raw->sh_addralign,
        .header_size = raw->sh_size,
    };
    image->sections[index] = (struct image_section){
        .name = "",
        .segment = "",
        .address = raw->sh_addr,
        .offset = raw->sh_offset,
        .size = raw->sh_type == SHT_NOBITS ? 0 : raw->sh_size,
        .memory_size = raw->sh_size,
        .writable = (raw->sh_flags & SHF_WRITE) != 0,
        .executable = (raw->sh_flags & SHF_EXECINSTR) != 0,
    };
    return true;
}

static bool name_sections(struct image *image, const struct elf_detail *detail,
                          const Elf64_Shdr *raw, size_t names_index, struct arena *arena,
                          struct error *err)
{
    if (names_index == 0) {
        return true;
    }
    if (detail->sections[names_index].type != SHT_STRTAB) {
        return error_set(err, ERROR_FORMAT, "section %zu with the names has type %u", names_index,
                         detail->sections[names_index].type);
    }
    if ((detail->sections[names_index].flags & SHF_COMPRESSED) != 0) {
        return error_set(err, ERROR_UNSUPPORTED, "the section names are compressed");
    }
    const struct image_section *section = &image->sections[names_index];
    struct reader table;
    if (!image_load(image, section->offset, section->size, LIMIT_SECTION_NAMES, arena, &table,
                    err)) {
        return error_prefix(err, "section names");
    }
    size_t last_nul;
    bool any = image_last_nul(&table, &last_nul);
    for (size_t i = 0; i < image->section_count; i++) {
        if (!any || !image_table_text(&table, last_nul, raw[i].sh_name, &image->sections[i].name)) {
            return error_set(err, ERROR_FORMAT, "section %zu: name at %u of %zu bytes", i,
                             raw[i].sh_name, table.bytes.len);
        }
    }
    return true;
}

static bool open_sections(struct image *image, const struct elf_header *header,
                          struct elf_detail *detail, struct arena *arena, struct error *err)
{
    size_t count = (size_t)header->section_count;
    if (count == 0) {
        return true;
    }
    Elf64_Shdr *raw;
    if (!read_sections(image, header, count, arena, &raw, err)) {
        return error_prefix(err, "section headers");
    }
    detail->sections = ARENA_ARRAY(arena, count, struct elf_section);
    image->sections = ARENA_ARRAY(arena, count, struct image_section);
    for (size_t i = 0; i < count; i++) {
        if (!open_section(image, header, detail, &raw[i], i, err)) {
            return false;
        }
    }
    image->section_count = count;
    return name_sections(image, detail, raw, (size_t)header->names_index, arena, err) &&
           read_compressed(image, header, detail, err);
}

bool image_elf_open(struct arena *arena, struct image *image, struct error *err)
{
    struct elf_header header = {0};
    struct elf_detail *detail = ARENA_NEW(arena, struct elf_detail);
    image->detail = detail;
    if (!read_header(image, &header, detail, arena, err) ||
        !open_programs(image, &header, detail, arena, err) ||
        !open_sections(image, &header, detail, arena, err)) {
        return false;
    }
    image_elf_dynamic(image, detail, arena);
    image_elf_platform(image, detail, arena);
    return true;
}

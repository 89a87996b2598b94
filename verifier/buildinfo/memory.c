// SPDX-License-Identifier: Apache-2.0
#include "verifier/buildinfo/memory.h"

#include "verifier/image/image_elf.h"
#include "verifier/image/image_macho.h"
#include "verifier/image/image_pe.h"
#include "verifier/image/image_xcoff.h"

/* PE section characteristics: initialised data, readable, writable, whatever their alignment (of
 * which Go masks two bits of four). */
#define PE_DATA 0xc0000040U
#define PE_ALIGNMENT 0x600000U

static void add_range(struct memory *memory, uint64_t address, uint64_t offset, uint64_t size,
                      uint64_t last)
{
    memory->ranges[memory->count++] =
        (struct memory_range){.address = address, .offset = offset, .size = size, .last = last};
}

static void add_elf(const struct image *image, struct memory *memory)
{
    const struct elf_detail *detail = image_elf(image);
    for (size_t i = 0; i < detail->program_count; i++) {
        const struct elf_program *program = &detail->programs[i];
        add_range(memory, program->address, program->offset, program->size,
                  program->address + program->size - 1);
    }
}

static void add_macho(const struct image *image, struct memory *memory)
{
    for (size_t i = 0; i < image->segment_count; i++) {
        const struct image_segment *segment = &image->segments[i];
        if (strcmp(segment->name, "__PAGEZERO") != 0) {
            add_range(memory, segment->address, segment->offset, segment->size,
                      segment->address + segment->size - 1);
        }
    }
}

/* Go computes the end with 32 bits. */
static void add_pe(const struct image *image, struct memory *memory)
{
    const struct pe_detail *detail = image_pe(image);
    memory->base = detail->image_base;
    for (size_t i = 0; i < image->section_count; i++) {
        const struct pe_section *section = &detail->sections[i];
        uint32_t last = section->virtual_address + section->raw_size - 1;
        add_range(memory, section->virtual_address, section->raw_offset, section->raw_size, last);
        memory->ranges[memory->count - 1].unreadable = section->raw_offset == 0;
    }
}

static void add_xcoff(const struct image *image, struct memory *memory)
{
    const struct xcoff_detail *detail = image_xcoff(image);
    for (size_t i = 0; i < image->section_count; i++) {
        const struct xcoff_section *section = &detail->sections[i];
        uint64_t address = image->sections[i].address;
        add_range(memory, address, section->header_offset, section->header_size,
                  address + section->header_size - 1);
        memory->ranges[memory->count - 1].unreadable = section->header_offset == 0;
    }
}

static void add_plan9(const struct image *image, struct memory *memory)
{
    for (size_t i = 0; i < image->section_count; i++) {
        const struct image_section *section = &image->sections[i];
        uint32_t last = (uint32_t)(section->offset + section->size - 1);
        add_range(memory, section->offset, section->offset, section->size, last);
    }
}

static size_t most_ranges(const struct image *image)
{
    const struct elf_detail *elf = image_elf(image);
    size_t programs = elf == NULL ? 0 : elf->program_count;
    return programs + image->section_count + image->segment_count;
}

void memory_open(const struct image *image, struct arena *arena, struct memory *ret)
{
    *ret = (struct memory){.image = image};
    ret->ranges = ARENA_ARRAY(arena, most_ranges(image), struct memory_range);
    switch (image->format) {
    case IMAGE_ELF:
        add_elf(image, ret);
        break;
    case IMAGE_MACHO:
        add_macho(image, ret);
        break;
    case IMAGE_PE:
        add_pe(image, ret);
        break;
    case IMAGE_XCOFF:
        add_xcoff(image, ret);
        break;
    case IMAGE_PLAN9:
        add_plan9(image, ret);
        break;
    case IMAGE_WASM:
    case IMAGE_UNKNOWN:
        break;
    }
}

/* The place of ADDRESS in the file and how many bytes its range and the file have from there. */
static enum memory_result locate(const struct memory *memory, uint64_t address,
                                 uint64_t *ret_offset, uint64_t *ret_left)
{
    uint64_t relative = address - memory->base;
    for (size_t i = 0; i < memory->count; i++) {
        const struct memory_range *range = &memory->ranges[i];
        if (range->address > relative || relative > range->last) {
            continue;
        }
        uint64_t skipped = relative - range->address;
        uint64_t end = memory->image->source.size;
        if (range->unreadable) {
            return MEMORY_UNMAPPED;
        }
        if (skipped >= range->size || range->offset >= end || skipped >= end - range->offset) {
            return MEMORY_END;
        }
        uint64_t in_range = range->size - skipped;
        uint64_t in_file = end - range->offset - skipped;
        *ret_offset = range->offset + skipped;
        *ret_left = in_range < in_file ? in_range : in_file;
        return MEMORY_READ;
    }
    return MEMORY_UNMAPPED;
}

enum memory_result memory_read_some(const struct memory *memory, uint64_t address, void *ret,
                                    size_t len, size_t *ret_len, struct error *err)
{
    uint64_t offset;
    uint64_t left;
    enum memory_result result = locate(memory, address, &offset, &left);
    if (result != MEMORY_READ) {
        return result;
    }
    size_t count = left < len ? (size_t)left : len;
    if (!source_read(&memory->image->source, offset, ret, count, err)) {
        return MEMORY_FAILED;
    }
    *ret_len = count;
    return MEMORY_READ;
}

bool memory_find(const struct memory *memory, uint64_t address, uint64_t len, uint64_t *ret)
{
    uint64_t offset = 0;
    uint64_t left = 0;
    enum memory_result result = locate(memory, address, &offset, &left);
    /* Reading nothing works where a range ends, too. */
    if (result == MEMORY_UNMAPPED || left < len) {
        return false;
    }
    *ret = offset;
    return true;
}

static bool found(const struct image_section *section, uint64_t *ret_address, uint64_t *ret_size)
{
    if (section == NULL) {
        return false;
    }
    *ret_address = section->address;
    *ret_size = section->memory_size;
    return true;
}

/* The first section of plain writable data; the linker puts the build information at its start. */
static bool pe_data_start(const struct image *image, uint64_t *ret_address, uint64_t *ret_size)
{
    const struct pe_detail *detail = image_pe(image);
    for (size_t i = 0; i < image->section_count; i++) {
        const struct pe_section *section = &detail->sections[i];
        if (section->virtual_address != 0 && section->raw_size != 0 &&
            (section->characteristics & ~PE_ALIGNMENT) == PE_DATA) {
            return found(&image->sections[i], ret_address, ret_size);
        }
    }
    return false;
}

static bool xcoff_data_start(const struct image *image, uint64_t *ret_address, uint64_t *ret_size)
{
    const struct xcoff_detail *detail = image_xcoff(image);
    for (size_t i = 0; i < image->section_count; i++) {
        if (detail->sections[i].type == XCOFF_DATA) {
            return found(&image->sections[i], ret_address, ret_size);
        }
    }
    return false;
}

/* ELF and Mach-O by the section's name alone, as of Go 1.27: up to 1.26 a file without that section
 * was searched from its first writable segment on. */
bool memory_data_start(const struct image *image, uint64_t *ret_address, uint64_t *ret_size)
{
    switch (image->format) {
    case IMAGE_ELF:
        return found(image_section(image, ".go.buildinfo"), ret_address, ret_size);
    case IMAGE_MACHO:
        return found(image_section(image, "__go_buildinfo"), ret_address, ret_size);
    case IMAGE_PE:
        return pe_data_start(image, ret_address, ret_size);
    case IMAGE_XCOFF:
        return xcoff_data_start(image, ret_address, ret_size);
    case IMAGE_PLAN9:
        return found(image_section(image, "data"), ret_address, ret_size);
    case IMAGE_WASM:
    case IMAGE_UNKNOWN:
        break;
    }
    return false;
}

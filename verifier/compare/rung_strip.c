// SPDX-License-Identifier: Apache-2.0
#include "verifier/compare/ladder_internal.h"
#include "verifier/compare/parts.h"
#include "verifier/image/image_elf.h"
#include "verifier/image/image_pe.h"

#define MASKS 24
#define PROGRAM_LOAD 1
#define COFF_HEADER_LEN 20

static bool is_symbols(const char *role)
{
    return strcmp(role, "symbols") == 0 || strcmp(role, "debug") == 0;
}

/* True if at least one side has symbols or debug information that the other lacks, and what differs
 * otherwise are headers. */
static bool lacks_symbols(const struct diff *diff)
{
    bool lacks = false;
    for (size_t i = 0; i < diff->part_count; i++) {
        const struct diff_part *part = &diff->parts[i];
        if (is_symbols(part->role) && (part->state == DIFF_ONLY_A || part->state == DIFF_ONLY_B)) {
            lacks = true;
        } else if (part->state == DIFF_ONLY_A || part->state == DIFF_ONLY_B) {
            /* Padding and a note of the compiler go with them. */
            if (strcmp(part->role, "padding") != 0 && strcmp(part->name, ".comment") != 0) {
                return false;
            }
        } else if (part->state == DIFF_CHANGED &&
                   (strcmp(part->role, "debug") == 0 || strcmp(part->role, "appended") == 0)) {
            return false;
        }
    }
    return lacks;
}

static void mask_part(const struct diff *diff, const char *name, size_t side,
                      struct range_list *masks)
{
    const struct diff_part *part = diff_part_find(diff, name);
    uint64_t size = part == NULL ? 0 : side == 0 ? part->size_a : part->size_b;
    if (size > 0) {
        range_add_exactly(masks, side == 0 ? part->offset_a : part->offset_b, size);
    }
}

/* Go puts the headers of sections, and in older versions their names, between what is loaded; strip
 * writes them anew behind everything and leaves zeros there. */
static void mask_elf(const struct image *image, const struct diff *diff, size_t side,
                     struct range_list *masks)
{
    bool wide = image->pointer_size == 8;
    range_add_exactly(masks, wide ? 40 : 32, image->pointer_size); /* e_shoff */
    range_add_exactly(masks, wide ? 58 : 46, 6); /* e_shentsize, e_shnum, e_shstrndx */
    mask_part(diff, "section headers", side, masks);
    mask_part(diff, ".shstrtab", side, masks);
}

/* strip shortens the last segment by padding of zeros, which loading gives back: then the size in
 * the file is masked, and the padding looked at. */
static void mask_sizes(const struct image *image, const struct elf_detail *other,
                       struct range_list *masks)
{
    bool wide = image->pointer_size == 8;
    const struct elf_detail *elf = image_elf(image);
    for (size_t i = 0; i < elf->program_count && i < other->program_count; i++) {
        if (elf->programs[i].type == PROGRAM_LOAD &&
            elf->programs[i].size != other->programs[i].size) {
            range_add_exactly(masks, (wide ? 64 + 32 : 52 + 16) + i * (wide ? 56 : 32),
                              image->pointer_size);
        }
    }
}

static void mask_pe(const struct pe_detail *pe, struct range_list *masks)
{
    uint64_t optional = pe->header_offset + COFF_HEADER_LEN;
    range_add_exactly(masks, pe->header_offset + 2, 18); /* all behind the machine */
    range_add_exactly(masks, optional + 8, 4);           /* SizeOfInitializedData */
    range_add_exactly(masks, optional + 56, 8);          /* SizeOfImage, SizeOfHeaders */
    range_add_exactly(masks, optional + 64, 4);          /* CheckSum */
}

bool rung_strip(const struct image *const images[2], const struct diff *diff, struct arena *arena,
                struct rung *ret)
{
    *ret = (struct rung){.name = "strip", .how = "symbols left out of both", .version = 1};
    if (!lacks_symbols(diff) || (image_elf(images[0]) == NULL && image_pe(images[0]) == NULL)) {
        return false;
    }
    for (size_t i = 0; i < 2; i++) {
        struct cut *cut = &ret->cuts[i];
        range_list_init(&cut->masks, MASKS, arena);
        cut->end = images[i]->source.size;
        if (image_elf(images[i]) != NULL) {
            mask_elf(images[i], diff, i, &cut->masks);
            mask_sizes(images[i], image_elf(images[1 - i]), &cut->masks);
        } else {
            mask_pe(image_pe(images[i]), &cut->masks);
        }
    }
    return true;
}

struct pair {
    const struct image *const *images;
    const struct range_list *const *masks;
};

static bool same_bytes(const struct pair *pair, uint64_t offset_a, uint64_t offset_b, uint64_t size,
                       bool *ret, struct error *err)
{
    struct extent a = {&pair->images[0]->source, offset_a, size};
    struct extent b = {&pair->images[1]->source, offset_b, size};
    return extents_equal(&a, pair->masks[0], &b, pair->masks[1], ret, err);
}

static bool is_zero(const struct source *source, uint64_t from, uint64_t to)
{
    uint8_t raw[512];
    while (from < to) {
        size_t len = to - from < sizeof(raw) ? (size_t)(to - from) : sizeof(raw);
        if (!source_read(source, from, raw, len, NULL)) {
            return false;
        }
        for (size_t i = 0; i < len; i++) {
            if (raw[i] != 0) {
                return false;
            }
        }
        from += len;
    }
    return true;
}

/* What LEFT and RIGHT put into memory. */
static bool same_load(const struct pair *pair, const struct elf_program *left,
                      const struct elf_program *right, bool *ret, struct error *err)
{
    uint64_t size = left->size < right->size ? left->size : right->size;
    if (!same_bytes(pair, left->offset, right->offset, size, ret, err)) {
        return false;
    }
    const struct source *a = &pair->images[0]->source;
    const struct source *b = &pair->images[1]->source;
    *ret = *ret && is_zero(a, left->offset + size, left->offset + left->size) &&
           is_zero(b, right->offset + size, right->offset + right->size);
    return true;
}

/* All program headers, and what those of type PT_LOAD load. */
static bool same_elf(const struct pair *pair, bool *ret, struct error *err)
{
    const struct elf_detail *a = image_elf(pair->images[0]);
    const struct elf_detail *b = image_elf(pair->images[1]);
    bool wide = pair->images[0]->pointer_size == 8;
    uint64_t header = wide ? 64 : 52;
    bool same = a->program_count == b->program_count && a->program_count > 0;
    if (same && !same_bytes(pair, 0, 0, header, &same, err)) {
        return false;
    }
    for (size_t i = 0; same && i < a->program_count; i++) {
        const struct elf_program *left = &a->programs[i];
        const struct elf_program *right = &b->programs[i];
        same = left->type == right->type && left->flags == right->flags &&
               left->address == right->address && left->memory_size == right->memory_size;
        if (same && left->type == PROGRAM_LOAD && !same_load(pair, left, right, &same, err)) {
            return false;
        }
    }
    *ret = same;
    return true;
}

static const struct image_section *loaded(const struct image *image, size_t *at)
{
    while (*at < image->section_count) {
        const struct image_section *section = &image->sections[(*at)++];
        struct bytes name = bytes_from_string(section->name);
        /* Go's debug sections have long names, which stand in the string table: "/19". */
        if (!bytes_start_with(name, ".zdebug_") && !bytes_start_with(name, ".debug_") &&
            !bytes_start_with(name, "/") && !bytes_equal_string(name, ".symtab")) {
            return section;
        }
    }
    return NULL;
}

/* The optional header, and each section but symbols and debug information. */
static bool same_pe(const struct pair *pair, bool *ret, struct error *err)
{
    const struct pe_detail *a = image_pe(pair->images[0]);
    const struct pe_detail *b = image_pe(pair->images[1]);
    uint64_t optional = a->certificate_field_offset - a->header_offset;
    bool same = a->header_offset == b->header_offset && a->certificate_field_offset > 0 &&
                a->certificate_field_offset == b->certificate_field_offset;
    if (same && !same_bytes(pair, 0, 0, a->header_offset + optional, &same, err)) {
        return false;
    }
    size_t i = 0;
    size_t k = 0;
    while (same) {
        const struct image_section *left = loaded(pair->images[0], &i);
        const struct image_section *right = loaded(pair->images[1], &k);
        if (left == NULL || right == NULL) {
            same = left == right;
            break;
        }
        same = strcmp(left->name, right->name) == 0 && left->address == right->address &&
               left->size == right->size && left->memory_size == right->memory_size &&
               left->writable == right->writable && left->executable == right->executable;
        if (same && !same_bytes(pair, left->offset, right->offset, left->size, &same, err)) {
            return false;
        }
    }
    *ret = same;
    return true;
}

bool strip_equal(const struct image *const images[2], const struct range_list *const masks[2],
                 bool *ret, struct error *err)
{
    struct pair pair = {images, masks};
    return image_elf(images[0]) != NULL ? same_elf(&pair, ret, err) : same_pe(&pair, ret, err);
}

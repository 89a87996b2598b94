// SPDX-License-Identifier: Apache-2.0
#include "verifier/compare/parts.h"

#include <stdlib.h>

#include "base/checked.h"
#include "base/limits.h"
#include "verifier/compare/ranges.h"
#include "verifier/image/image_elf.h"
#include "verifier/image/image_macho.h"
#include "verifier/image/image_pe.h"

#define LONGEST_PADDING 16384
/* Parts that are no section: tables of the format, and the gaps before and behind all. */
#define OTHER_PARTS 16

struct builder {
    const struct image *image;
    struct arena *arena;
    struct part *items;
    size_t count, capacity;
};

/* A part that begins beyond the end of the file is left out; one that ends there is cut. */
static void add(struct builder *builder, const char *name, const char *role, uint64_t offset,
                uint64_t size)
{
    uint64_t end = builder->image->source.size;
    if (size == 0 || offset >= end || builder->count == LIMIT_DIFF_PARTS) {
        return;
    }
    arena_grow(builder->arena, &builder->items, builder->count, &builder->capacity,
               sizeof(*builder->items));
    builder->items[builder->count++] =
        (struct part){name, role, offset, size < end - offset ? size : end - offset};
}

static bool contains(const char *name, const char *part)
{
    return bytes_find(bytes_from_string(name), 0, bytes_from_string(part)) != SIZE_MAX;
}

static const char *role_of(const struct image_section *section)
{
    static const struct {
        const char *part, *role;
    } roles[] = {{"debug_", "debug"},   {"symtab", "symbols"},
                 {"strtab", "symbols"}, {"pclntab", "code table"},
                 {".note", "notes"},    {".comment", "notes"},
                 {"buildid", "notes"},  {"buildinfo", "build information"}};
    for (size_t i = 0; i < ARRAY_LEN(roles); i++) {
        if (contains(section->name, roles[i].part)) {
            return roles[i].role;
        }
    }
    return section->executable ? "code" : "data";
}

static void add_sections(struct builder *builder)
{
    for (size_t i = 0; i < builder->image->section_count; i++) {
        const struct image_section *section = &builder->image->sections[i];
        bool nested = section->segment != NULL && section->segment[0] != '\0';
        const char *name =
            nested ? arena_printf(builder->arena, "%s,%s", section->segment, section->name)
                   : section->name;
        add(builder, name, role_of(section), section->offset, section->size);
    }
}

/* Where the ELF header says that the section headers are. */
static void add_section_headers(struct builder *builder)
{
    const struct image *image = builder->image;
    uint8_t raw[64];
    uint64_t offset;
    uint16_t entry_size;
    uint16_t count;
    size_t len = image->pointer_size == 8 ? 64 : 52;
    struct reader reader = reader_over(bytes_from(raw, len), image->order);
    if (source_read(&image->source, 0, raw, len, NULL) &&
        reader_skip(&reader, image->pointer_size == 8 ? 40 : 32) &&
        reader_uint(&reader, image->pointer_size, &offset) && reader_skip(&reader, 10) &&
        reader_u16(&reader, &entry_size) && reader_u16(&reader, &count)) {
        add(builder, "section headers", "headers", offset, (uint64_t)entry_size * count);
    }
}

static void add_macho(struct builder *builder, const struct macho_detail *macho)
{
    const struct macho_symbols *symbols = &macho->symbols;
    if (macho->has_symbols) {
        add(builder, "symbol table", "symbols", symbols->offset,
            (uint64_t)symbols->count * symbols->entry_size);
        add(builder, "symbol names", "symbols", symbols->string_offset, symbols->string_size);
    }
    if (macho->has_code_signature) {
        add(builder, "code signature", "signature", macho->code_signature_offset,
            macho->code_signature_size);
    }
    add(builder, "load commands", "headers", 0, macho->header_size + macho->commands_size);
}

static void add_pe(struct builder *builder, const struct pe_detail *pe)
{
    if (pe->symbol_count > 0) {
        add(builder, "symbol table", "symbols", pe->symbol_offset,
            pe->string_offset > pe->symbol_offset
                ? pe->string_offset - pe->symbol_offset + pe->string_size
                : 0);
    }
    add(builder, "certificates", "signature", pe->directories[PE_DIRECTORY_CERTIFICATE].address,
        pe->directories[PE_DIRECTORY_CERTIFICATE].size);
}

static int by_offset(const void *a, const void *b)
{
    const struct part *left = a;
    const struct part *right = b;
    if (left->offset != right->offset) {
        return left->offset < right->offset ? -1 : 1;
    }
    /* Of two that begin together, the smaller one says more. */
    return left->size < right->size ? -1 : left->size > right->size;
}

/* Linkers fill up the last page; what is not zero somebody appended. */
static bool is_padding(const struct source *source, uint64_t offset, uint64_t size)
{
    uint8_t raw[LONGEST_PADDING];
    if (size > sizeof(raw) || !source_read(source, offset, raw, (size_t)size, NULL)) {
        return false;
    }
    for (uint64_t i = 0; i < size; i++) {
        if (raw[i] != 0) {
            return false;
        }
    }
    return true;
}

static void add_gap(struct builder *all, const char *before, uint64_t offset, uint64_t size)
{
    bool last = offset + size == all->image->source.size;
    if (size == 0) {
        return;
    }
    if (before == NULL) {
        add(all, "headers", "headers", offset, size);
    } else if (last && !is_padding(&all->image->source, offset, size)) {
        add(all, "appended", "appended", offset, size);
    } else {
        add(all, arena_printf(all->arena, "behind %s", before), "padding", offset, size);
    }
}

/* Cuts overlaps and names what lies between the parts. */
static void fill_gaps(const struct builder *found, struct builder *all)
{
    uint64_t end = 0;
    const char *before = NULL;
    for (size_t i = 0; i < found->count; i++) {
        struct part part = found->items[i];
        if (part.offset + part.size <= end) {
            continue;
        }
        if (part.offset < end) {
            part.size -= end - part.offset;
            part.offset = end;
        }
        add_gap(all, before, end, part.offset - end);
        add(all, part.name, part.role, part.offset, part.size);
        end = part.offset + part.size;
        before = part.name;
    }
    add_gap(all, before, end, all->image->source.size - end);
}

bool parts_read(const struct image *image, struct arena *arena, struct part_list *ret,
                struct error *err)
{
    struct builder found = {.image = image, .arena = arena};
    struct builder all = {.image = image, .arena = arena};
    /* Between any two there may be a gap, and no byte may be in no part. */
    if (image->section_count > (LIMIT_DIFF_PARTS - OTHER_PARTS) / 2) {
        return error_set(err, ERROR_LIMIT, "%zu sections are too many to compare",
                         image->section_count);
    }
    add_sections(&found);
    if (image_elf(image) != NULL) {
        add_section_headers(&found);
    }
    if (image_macho(image) != NULL) {
        add_macho(&found, image_macho(image));
    }
    if (image_pe(image) != NULL) {
        add_pe(&found, image_pe(image));
    }
    if (found.count > 0) {
        qsort(found.items, found.count, sizeof(*found.items), by_offset);
    }
    fill_gaps(&found, &all);
    *ret = (struct part_list){all.items, all.count};
    return true;
}

const struct part *parts_at(const struct part_list *parts, uint64_t offset)
{
    for (size_t i = 0; i < parts->count; i++) {
        if (offset >= parts->items[i].offset &&
            offset - parts->items[i].offset < parts->items[i].size) {
            return &parts->items[i];
        }
    }
    return NULL;
}

/* The first part of that name that is not TAKEN yet; SIZE_MAX if there is none. */
static size_t find_free(const struct part_list *parts, const char *name, const bool *taken)
{
    for (size_t i = 0; i < parts->count; i++) {
        if (!taken[i] && strcmp(parts->items[i].name, name) == 0) {
            return i;
        }
    }
    return SIZE_MAX;
}

static void keep_ranges(struct diff_part *part, const struct range_list *list)
{
    part->ranges = list->items;
    part->range_count = list->count;
    part->more_ranges = list->more;
    part->differing = list->differing;
}

/* A part that one side alone has differs in all its bytes. */
static struct diff_part lone_part(const struct part *part, enum diff_state state,
                                  struct arena *arena)
{
    struct range_list list;
    struct diff_part ret = {.name = part->name, .role = part->role, .state = (uint8_t)state};
    range_list_init(&list, 1, arena);
    range_add(&list, part->offset, part->size);
    keep_ranges(&ret, &list);
    if (state == DIFF_ONLY_A) {
        ret.offset_a = part->offset;
        ret.size_a = part->size;
    } else {
        ret.offset_b = part->offset;
        ret.size_b = part->size;
    }
    return ret;
}

static bool compare_pair(const struct extent *a, const struct extent *b, const struct part *part,
                         struct arena *arena, struct diff_part *ret, struct error *err)
{
    struct range_list list;
    range_list_init(&list, LIMIT_DIFF_RANGES, arena);
    if (!ranges_compare(a, b, &list, err)) {
        return false;
    }
    *ret = (struct diff_part){.name = part->name,
                              .role = part->role,
                              .state = list.differing > 0 ? DIFF_CHANGED : DIFF_EQUAL,
                              .offset_a = a->offset,
                              .size_a = a->size,
                              .offset_b = b->offset,
                              .size_b = b->size};
    keep_ranges(ret, &list);
    return true;
}

bool parts_compare(const struct source *a, const struct part_list *parts_a, const struct source *b,
                   const struct part_list *parts_b, struct arena *arena, struct diff *ret,
                   struct error *err)
{
    struct diff_part *parts = ARENA_ARRAY(arena, parts_a->count + parts_b->count, struct diff_part);
    bool *taken = ARENA_ARRAY(arena, parts_b->count, bool);
    size_t count = 0;
    for (size_t i = 0; i < parts_a->count; i++) {
        const struct part *part = &parts_a->items[i];
        size_t other = find_free(parts_b, part->name, taken);
        if (other == SIZE_MAX) {
            parts[count++] = lone_part(part, DIFF_ONLY_A, arena);
            continue;
        }
        const struct part *match = &parts_b->items[other];
        struct extent left = {a, part->offset, part->size};
        struct extent right = {b, match->offset, match->size};
        taken[other] = true;
        if (!compare_pair(&left, &right, part, arena, &parts[count++], err)) {
            return false;
        }
    }
    for (size_t i = 0; i < parts_b->count; i++) {
        if (!taken[i]) {
            parts[count++] = lone_part(&parts_b->items[i], DIFF_ONLY_B, arena);
        }
    }
    ret->parts = parts;
    ret->part_count = count;
    return true;
}

const struct diff_part *diff_part_find(const struct diff *diff, const char *name)
{
    for (size_t i = 0; i < diff->part_count; i++) {
        if (strcmp(diff->parts[i].name, name) == 0) {
            return &diff->parts[i];
        }
    }
    return NULL;
}

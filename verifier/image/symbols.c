// SPDX-License-Identifier: Apache-2.0
#include "verifier/image/symbols.h"

#include <elf.h>

#include "base/encode.h"
#include "base/limits.h"
#include "verifier/image/image_elf.h"
#include "verifier/image/image_macho.h"
#include "verifier/image/image_pe.h"
#include "verifier/image/window.h"

#define MACHO_STAB 0xe0
#define MACHO_TYPE 0x0e
#define MACHO_SECTION 0x0e
#define PE_SYMBOL_LEN 18
#define PE_SHORT_NAME 8
#define SYMBOL_LEN_MAX 24
/* The symbols that a stripped Mach-O still has (imports aside): _main, the header, a few that cgo
 * exports. Go's runtime alone has thousands. */
#define MACHO_FEW_SYMBOLS 64
/* How far to look for them: defined symbols come before imported ones. */
#define MACHO_LOOK 4096

/* A table of records and one of texts, in the file. */
struct tables {
    uint64_t offset, count, strings, strings_end;
    unsigned record_len;
};

/* What one record says. A name is at NAME of the texts, or stands in the record itself. */
struct record {
    struct symbol symbol;
    uint64_t name;
    struct bytes short_name;
    unsigned followers; /* records behind it that belong to it (PE) */
    bool defined;
};

typedef bool (*parse_record)(const struct image *image, struct reader *reader, struct record *ret);

static bool find_elf(const struct image *image, struct tables *ret)
{
    const struct elf_detail *elf = image_elf(image);
    for (size_t i = 0; i < image->section_count; i++) {
        const struct elf_section *header = &elf->sections[i];
        if (header->type == SHT_SYMTAB && header->link < image->section_count) {
            const struct image_section *names = &image->sections[header->link];
            unsigned len = image->pointer_size == 8 ? sizeof(Elf64_Sym) : sizeof(Elf32_Sym);
            *ret = (struct tables){.offset = image->sections[i].offset,
                                   .count = image->sections[i].size / len,
                                   .strings = names->offset,
                                   .strings_end = names->offset + names->size,
                                   .record_len = len};
            return true;
        }
    }
    return false;
}

static bool parse_elf(const struct image *image, struct reader *reader, struct record *ret)
{
    uint32_t name;
    uint8_t info;
    uint8_t other;
    uint16_t section;
    uint64_t address;
    uint64_t size;
    bool wide = image->pointer_size == 8;
    bool read = wide ? reader_u32(reader, &name) && reader_u8(reader, &info) &&
                           reader_u8(reader, &other) && reader_u16(reader, &section) &&
                           reader_u64(reader, &address) && reader_u64(reader, &size)
                     : reader_u32(reader, &name) && reader_uint(reader, 4, &address) &&
                           reader_uint(reader, 4, &size) && reader_u8(reader, &info) &&
                           reader_u8(reader, &other) && reader_u16(reader, &section);
    if (!read) {
        return false;
    }
    *ret = (struct record){.symbol = {.address = address, .size = size},
                           .name = name,
                           .defined = section != SHN_UNDEF};
    return true;
}

static bool find_macho(const struct image *image, struct tables *ret)
{
    const struct macho_detail *macho = image_macho(image);
    const struct macho_symbols *symbols = &macho->symbols;
    *ret = (struct tables){.offset = symbols->offset,
                           .count = symbols->count,
                           .strings = symbols->string_offset,
                           .strings_end = (uint64_t)symbols->string_offset + symbols->string_size,
                           .record_len = symbols->entry_size};
    return macho->has_symbols;
}

static bool parse_macho(const struct image *image, struct reader *reader, struct record *ret)
{
    uint32_t name;
    uint8_t type;
    uint8_t section;
    uint16_t description;
    uint64_t address;
    if (!reader_u32(reader, &name) || !reader_u8(reader, &type) || !reader_u8(reader, &section) ||
        !reader_u16(reader, &description) || !reader_uint(reader, image->pointer_size, &address)) {
        return false;
    }
    *ret = (struct record){.symbol = {.address = address},
                           .name = name,
                           .defined =
                               (type & MACHO_STAB) == 0 && (type & MACHO_TYPE) == MACHO_SECTION};
    return true;
}

static bool find_pe(const struct image *image, struct tables *ret)
{
    const struct pe_detail *pe = image_pe(image);
    /* Offsets into the texts count from the length field before them. */
    *ret = (struct tables){.offset = pe->symbol_offset,
                           .count = pe->symbol_count,
                           .strings = pe->string_offset - 4,
                           .strings_end = pe->string_offset + pe->string_size,
                           .record_len = PE_SYMBOL_LEN};
    return pe->symbol_count > 0 && pe->string_offset >= 4;
}

static bool parse_pe(const struct image *image, struct reader *reader, struct record *ret)
{
    struct record record = {0};
    struct reader name;
    uint32_t zero;
    uint32_t offset;
    uint32_t value;
    uint16_t section;
    uint16_t type;
    uint8_t storage;
    uint8_t followers;
    if (!reader_sub(reader, PE_SHORT_NAME, &name) || !reader_u32(reader, &value) ||
        !reader_u16(reader, &section) || !reader_u16(reader, &type) ||
        !reader_u8(reader, &storage) || !reader_u8(reader, &followers)) {
        return false;
    }
    record.short_name = name.bytes;
    if (reader_u32(&name, &zero) && reader_u32(&name, &offset) && zero == 0) {
        record.name = offset;
        record.short_name = bytes_from(NULL, 0);
    }
    /* Values count from the start of their section; 0xffff and 0xfffe are no sections. */
    record.defined = section >= 1 && section <= image->section_count;
    record.symbol.address = record.defined ? image->sections[section - 1].address + value : 0;
    record.followers = followers;
    *ret = record;
    return true;
}

static bool find_tables(const struct image *image, struct tables *ret, parse_record *ret_parse)
{
    if (image->format == IMAGE_ELF) {
        *ret_parse = parse_elf;
        return find_elf(image, ret);
    }
    if (image->format == IMAGE_MACHO) {
        *ret_parse = parse_macho;
        return find_macho(image, ret);
    }
    *ret_parse = parse_pe;
    return image->format == IMAGE_PE && find_pe(image, ret);
}

struct walk {
    const struct image *image;
    struct tables tables;
    parse_record parse;
    struct window records, names;
    uint64_t next;
};

static bool walk_open(const struct image *image, struct arena *arena, struct walk *ret)
{
    struct walk walk = {.image = image};
    if (!find_tables(image, &walk.tables, &walk.parse)) {
        return false;
    }
    window_init(&walk.records, &image->source, arena);
    window_init(&walk.names, &image->source, arena);
    *ret = walk;
    return true;
}

/* The next symbol that is defined; *RET_NAME lives until the next call. *RET_DONE: no more. */
static bool walk_next(struct walk *walk, struct symbol *ret, struct bytes *ret_name, bool *ret_done,
                      struct error *err)
{
    const struct tables *tables = &walk->tables;
    while (walk->next < tables->count) {
        struct bytes raw;
        struct record record;
        if (!window_bytes(&walk->records, tables->offset + walk->next * tables->record_len,
                          tables->record_len, &raw, err)) {
            return error_prefix(err, "symbol %llu", (unsigned long long)walk->next);
        }
        struct reader reader = reader_over(raw, walk->image->order);
        if (!walk->parse(walk->image, &reader, &record)) {
            return error_set(err, ERROR_FORMAT, "symbol %llu", (unsigned long long)walk->next);
        }
        walk->next += 1 + (uint64_t)record.followers;
        struct bytes name = record.short_name;
        if (record.defined &&
            (name.data != NULL ||
             window_cstring(&walk->names, tables->strings + record.name, tables->strings_end,
                            LIMIT_FUNCTION_NAME, &name, NULL))) {
            *ret = record.symbol;
            *ret_name = name;
            *ret_done = false;
            return true;
        }
    }
    *ret_done = true;
    return true;
}

/* NAME without the underscore of Mach-O, or the NULs behind a short name of PE. */
static struct bytes plain_name(const struct image *image, struct bytes name)
{
    if (image->format == IMAGE_MACHO && bytes_start_with(name, "_")) {
        return bytes_from(name.data + 1, name.len - 1);
    }
    size_t end = bytes_find(name, 0, bytes_from("", 1));
    return bytes_from(name.data, end == SIZE_MAX ? name.len : end);
}

static bool ends_with(struct bytes name, const char *suffix)
{
    size_t len = strlen(suffix);
    return name.len >= len &&
           bytes_equal_string(bytes_from(name.data + (name.len - len), len), suffix);
}

bool symbols_with_suffix(const struct image *image, const char *suffix, size_t maximum,
                         struct arena *arena, struct symbol **ret, size_t *ret_count,
                         struct error *err)
{
    struct walk walk;
    struct symbol *found = NULL;
    size_t count = 0;
    size_t capacity = 0;
    bool done = !walk_open(image, arena, &walk);
    while (!done) {
        struct symbol symbol;
        struct bytes name;
        if (!walk_next(&walk, &symbol, &name, &done, err)) {
            return false;
        }
        name = done ? name : plain_name(image, name);
        if (!done && ends_with(name, suffix)) {
            if (count == maximum) {
                return error_set(err, ERROR_LIMIT, "more than %zu symbols end in %s", maximum,
                                 suffix);
            }
            symbol.name = arena_text(arena, name);
            arena_grow(arena, &found, count, &capacity, sizeof(*found));
            found[count++] = symbol;
        }
    }
    *ret = found;
    *ret_count = count;
    return true;
}

static bool has_many_symbols(const struct image *image, size_t many)
{
    struct tables tables;
    parse_record parse;
    size_t count = 0;
    if (!find_tables(image, &tables, &parse)) {
        return false;
    }
    for (uint64_t i = 0; i < tables.count && i < MACHO_LOOK && count < many; i++) {
        uint8_t raw[SYMBOL_LEN_MAX];
        struct record record;
        if (tables.record_len > sizeof(raw) ||
            !source_read(&image->source, tables.offset + i * tables.record_len, raw,
                         tables.record_len, NULL)) {
            return false;
        }
        struct reader reader = reader_over(bytes_from(raw, tables.record_len), image->order);
        if (parse(image, &reader, &record) && record.defined) {
            count++;
        }
    }
    return count >= many;
}

bool symbols_present(const struct image *image)
{
    switch (image->format) {
    case IMAGE_ELF:
        return image_section(image, ".symtab") != NULL;
    case IMAGE_PE:
        return image_pe(image)->symbol_count > 0;
    case IMAGE_MACHO:
        return has_many_symbols(image, MACHO_FEW_SYMBOLS);
    case IMAGE_WASM:
        return image_section(image, "name") != NULL;
    case IMAGE_XCOFF:
    case IMAGE_PLAN9:
    case IMAGE_UNKNOWN:
        break;
    }
    return false;
}

bool dwarf_present(const struct image *image)
{
    static const char *const prefixes[] = {".debug_", ".zdebug_", "__debug_", "__zdebug_"};
    for (size_t i = 0; i < image->section_count; i++) {
        struct bytes name = bytes_from_string(image->sections[i].name);
        /* Python and gdb helpers of a stripped cgo program are not DWARF. */
        if (bytes_equal_string(name, ".debug_gdb_scripts")) {
            continue;
        }
        for (size_t k = 0; k < ARRAY_LEN(prefixes); k++) {
            if (bytes_start_with(name, prefixes[k])) {
                return true;
            }
        }
    }
    return false;
}

const char *symbol_plain_name(struct bytes name, struct arena *arena)
{
    char *plain = arena_alloc(arena, name.len + 1);
    size_t len = 0;
    for (size_t i = 0; i < name.len; i++) {
        uint8_t byte;
        if (name.data[i] == '%' && name.len - i > 2 &&
            decode_hex(bytes_from(name.data + i + 1, 2), &byte)) {
            plain[len++] = (char)byte;
            i += 2;
        } else {
            plain[len++] = (char)name.data[i];
        }
    }
    plain[len] = '\0';
    return plain;
}

// SPDX-License-Identifier: Apache-2.0
/* What -X of the link planted: cmd/link gives each value a text of its own with a NUL behind it
 * (symbol PKG.VAR.str), and lets the variable's string header in .data point there. Constants of a
 * program stand in one block without NULs, so few other headers look like that. */
#include "base/escape.h"
#include "verifier/image/symbols.h"
#include "verifier/inspect_internal.h"

#define SUFFIX ".str"
#define PIECE 16384
/* Plausible headers that are followed in one file: a table of a few million texts is no reason to
 * read for minutes. */
#define LIMIT_FOLLOWED 1000000

struct values {
    const struct image *image;
    struct arena *arena;
    struct symbol *symbols;
    size_t symbol_count;
    struct inspection *file;
    size_t capacity;
    unsigned followed;
};

static const struct image_section *data_section(const struct image *image)
{
    return image_section(image, image->format == IMAGE_MACHO ? "__data" : ".data");
}

/* A text lies where nothing is written or run. */
static bool is_read_only(const struct image *image, uint64_t address)
{
    for (size_t i = 0; i < image->section_count; i++) {
        const struct image_section *section = &image->sections[i];
        if (address >= section->address && address - section->address < section->size) {
            return !section->writable && !section->executable;
        }
    }
    return false;
}

static bool is_text(struct bytes text)
{
    while (text.len > 0) {
        unsigned point = 0;
        size_t len = utf8_decode(text, &point);
        if (len == 0 || (point < 0x20 && point != '\n' && point != '\t') || point == 0x7f) {
            return false;
        }
        text = bytes_from(text.data + len, text.len - len);
    }
    return true;
}

/* The text of LEN bytes at ADDRESS, if it is one and a NUL follows. */
static bool read_text(const struct values *values, uint64_t address, uint64_t len, const char **ret)
{
    uint8_t raw[INSPECT_VALUE_MAXIMUM + 1];
    if (len == 0 || len > INSPECT_VALUE_MAXIMUM || !is_read_only(values->image, address) ||
        !image_read_address(values->image, address, raw, (size_t)len + 1, NULL) || raw[len] != 0 ||
        !is_text(bytes_from(raw, (size_t)len))) {
        return false;
    }
    *ret = arena_text(values->arena, bytes_from(raw, (size_t)len));
    return true;
}

static const char *plain_name(const char *name, struct arena *arena)
{
    return symbol_plain_name(bytes_from(name, strlen(name) - strlen(SUFFIX)), arena);
}

/* The linker's own, which no -X set. */
static bool is_toolchains(const char *name)
{
    static const char *const own[] = {"runtime.buildVersion", "runtime.defaultGOROOT",
                                      "runtime.godebugDefault", "runtime.modinfo",
                                      "internal/buildcfg.defaultGOROOT"};
    for (size_t i = 0; i < ARRAY_LEN(own); i++) {
        if (strcmp(name, own[i]) == 0) {
            return true;
        }
    }
    return false;
}

static const char *name_of(const struct values *values, uint64_t address)
{
    for (size_t i = 0; i < values->symbol_count; i++) {
        if (values->symbols[i].address == address) {
            return plain_name(values->symbols[i].name, values->arena);
        }
    }
    return "";
}

static void add_value(struct values *values, const char *name, const char *text, uint64_t header)
{
    struct inspection *file = values->file;
    if (file->value_count == INSPECT_VALUES_MAXIMUM || is_toolchains(name)) {
        return;
    }
    arena_grow(values->arena, &file->values, file->value_count, &values->capacity,
               sizeof(*file->values));
    file->values[file->value_count++] =
        (struct planted_value){.name = name, .text = text, .offset = header};
}

/* A header: pointer and length. */
static bool take_header(struct values *values, struct reader *reader, uint64_t offset)
{
    unsigned width = values->image->pointer_size;
    uint64_t address, len;
    const char *text;
    struct reader ahead = *reader;
    if (!reader_uint(&ahead, width, &address) || !reader_uint(&ahead, width, &len)) {
        return false;
    }
    if (len == 0 || len > INSPECT_VALUE_MAXIMUM || address == 0 ||
        values->followed == LIMIT_FOLLOWED) {
        return true;
    }
    values->followed++;
    if (read_text(values, address, len, &text)) {
        add_value(values, name_of(values, address), text, offset);
    }
    return true;
}

static bool walk_headers(struct values *values, const struct image_section *section,
                         struct error *err)
{
    unsigned width = values->image->pointer_size;
    uint8_t raw[PIECE];
    for (uint64_t at = 0; at + 2 * (uint64_t)width <= section->size;) {
        uint64_t left = section->size - at;
        size_t len = left < PIECE ? (size_t)left : PIECE;
        if (!source_read(&values->image->source, section->offset + at, raw, len, err)) {
            return error_prefix(err, "section %s", section->name);
        }
        struct reader reader = reader_over(bytes_from(raw, len), values->image->order);
        while (take_header(values, &reader, section->offset + at + reader_offset(&reader)) &&
               reader_skip(&reader, width)) {
        }
        /* At least one step: a whole header fits into what was read. */
        at += reader_offset(&reader);
    }
    return true;
}

/* Where pointers are filled in at load time (position independent ELF) headers show nothing; the
 * symbols still tell. */
static void take_symbols(struct values *values)
{
    for (size_t i = 0; i < values->symbol_count; i++) {
        const struct symbol *symbol = &values->symbols[i];
        const char *text;
        if (symbol->size > 1 && read_text(values, symbol->address, symbol->size - 1, &text)) {
            add_value(values, plain_name(symbol->name, values->arena), text, 0);
        }
    }
}

bool inspect_values(const struct image *image, struct arena *arena, struct inspection *file,
                    struct error *err)
{
    const struct image_section *section = data_section(image);
    struct values values = {.image = image, .arena = arena, .file = file};
    struct error ignored;
    if (section == NULL || section->size == 0 || image->pointer_size == 0) {
        return true;
    }
    /* A damaged symbol table names nothing; that many symbols are no values of -X. */
    if (!symbols_with_suffix(image, SUFFIX, INSPECT_VALUES_MAXIMUM, arena, &values.symbols,
                             &values.symbol_count, &ignored)) {
        values.symbol_count = 0;
    }
    if (image->format == IMAGE_ELF && image->pie) {
        take_symbols(&values);
        return true;
    }
    return walk_headers(&values, section, err);
}

// SPDX-License-Identifier: Apache-2.0
#include "verifier/compare/x_values.h"

#include <stdlib.h>

#include "base/checked.h"
#include "base/escape.h"
#include "base/limits.h"
#include "verifier/image/symbols.h"
#include "verifier/image/window.h"

/* -X variables stand at the start of the data. */
#define LOOK (256 * KIB)
#define MOST 1024

static const struct image_section *data_section(const struct image *image)
{
    const struct image_section *section = image_section(image, ".data");
    return section != NULL ? section : image_section(image, "__data");
}

static bool is_text(struct bytes text)
{
    while (text.len > 0) {
        unsigned point;
        size_t len = utf8_decode(text, &point);
        if (len == 0 || (point < ' ' && point != '\n' && point != '\t') || point == 0x7f) {
            return false;
        }
        text = bytes_behind(text, len);
    }
    return true;
}

/* True where no byte of the program is written at ADDRESS: string constants are there. */
static bool is_constant(const struct image *image, uint64_t address)
{
    for (size_t i = 0; i < image->section_count; i++) {
        const struct image_section *section = &image->sections[i];
        if (address >= section->address && address - section->address < section->size) {
            return !section->writable && !section->executable;
        }
    }
    return false;
}

/* The LEN bytes at ADDRESS as text, with a NUL behind them if TERMINATED; NULL if they are not so.
 */
static const char *text_at(const struct image *image, uint64_t address, uint64_t len,
                           bool terminated, struct arena *arena)
{
    if (len == 0 || len > LIMIT_DIFF_TEXT || !is_constant(image, address)) {
        return NULL;
    }
    uint8_t raw[LIMIT_DIFF_TEXT + 1];
    /* What is not terminated may be the last that is mapped. */
    if (!image_read_address(image, address, raw, (size_t)len + (terminated ? 1 : 0), NULL) ||
        (terminated && raw[len] != 0) || !is_text(bytes_from(raw, (size_t)len))) {
        return NULL;
    }
    return arena_text(arena, bytes_from(raw, (size_t)len));
}

/* The header at the reader's place. */
static bool read_header(struct reader *reader, unsigned width, uint64_t *ret_address,
                        uint64_t *ret_len)
{
    return reader_uint(reader, width, ret_address) && reader_uint(reader, width, ret_len);
}

static size_t scan_data(const struct image *image, struct arena *arena, struct x_value *values)
{
    const struct image_section *data = data_section(image);
    struct bytes bytes;
    size_t count = 0;
    uint64_t len = data == NULL ? 0 : data->size < LOOK ? data->size : LOOK;
    if (len == 0 || !source_load(&image->source, data->offset, len, LOOK, arena, &bytes, NULL)) {
        return 0;
    }
    unsigned width = image->pointer_size;
    for (uint64_t slot = 0; slot + 2 * width <= len && count < MOST; slot += width) {
        struct reader reader = reader_over(bytes_behind(bytes, (size_t)slot), image->order);
        uint64_t address;
        uint64_t text_len;
        const char *value = read_header(&reader, width, &address, &text_len)
                                ? text_at(image, address, text_len, true, arena)
                                : NULL;
        if (value != NULL) {
            values[count++] = (struct x_value){"", slot, value};
        }
    }
    return count;
}

const char *x_value_at(const struct image *image, uint64_t slot, struct arena *arena)
{
    const struct image_section *data = data_section(image);
    uint8_t raw[16];
    uint64_t address;
    uint64_t len;
    unsigned width = image->pointer_size;
    if (data == NULL || !checked_range(slot, 2 * (uint64_t)width, data->size) ||
        !source_read(&image->source, data->offset + slot, raw, 2 * (size_t)width, NULL)) {
        return NULL;
    }
    struct reader reader = reader_over(bytes_from(raw, 2 * (size_t)width), image->order);
    return read_header(&reader, width, &address, &len) ? text_at(image, address, len, false, arena)
                                                       : NULL;
}

/* Those of the linker's own. */
static bool is_own(const char *name)
{
    static const char *const own[] = {"runtime.buildVersion", "runtime.godebugDefault",
                                      "runtime.modinfo", "runtime.defaultGOROOT",
                                      "internal/buildcfg.defaultGOROOT"};
    for (size_t i = 0; i < ARRAY_LEN(own); i++) {
        if (strcmp(name, own[i]) == 0) {
            return true;
        }
    }
    return false;
}

static int by_name(const void *a, const void *b)
{
    const struct x_value *left = a;
    const struct x_value *right = b;
    return strcmp(left->name, right->name);
}

/* Formats that do not tell sizes end the text with a NUL too. */
static const char *symbol_text(const struct image *image, const struct symbol *symbol,
                               struct window *window, struct arena *arena)
{
    struct bytes text;
    uint64_t offset;
    if (!image_address_offset(image, symbol->address, &offset) ||
        !window_cstring(window, offset, image->source.size, LIMIT_DIFF_TEXT, &text, NULL) ||
        !is_text(text)) {
        return NULL;
    }
    return arena_text(arena, text);
}

static bool read_symbols(const struct image *image, struct arena *arena, struct x_value *values,
                         size_t *ret_count)
{
    struct symbol *symbols;
    size_t symbol_count;
    size_t count = 0;
    struct window window;
    window_init(&window, &image->source, arena);
    if (!symbols_with_suffix(image, ".str", MOST, arena, &symbols, &symbol_count, NULL)) {
        return false;
    }
    for (size_t i = 0; i < symbol_count; i++) {
        struct bytes name = bytes_from_string(symbols[i].name);
        const char *variable = arena_text(arena, bytes_first(name, name.len - strlen(".str")));
        const char *value =
            is_own(variable) ? NULL : symbol_text(image, &symbols[i], &window, arena);
        if (value != NULL) {
            values[count++] = (struct x_value){variable, 0, value};
        }
    }
    if (count > 0) {
        qsort(values, count, sizeof(*values), by_name);
    }
    *ret_count = count;
    return true;
}

bool x_values_read(const struct image *image, struct arena *arena, struct x_value **ret,
                   size_t *ret_count, bool *ret_named)
{
    *ret = ARENA_ARRAY(arena, MOST, struct x_value);
    *ret_named = symbols_present(image);
    if (*ret_named) {
        return read_symbols(image, arena, *ret, ret_count);
    }
    *ret_count = scan_data(image, arena, *ret);
    return true;
}

// SPDX-License-Identifier: Apache-2.0
#include "base/checked.h"
#include "base/limits.h"
#include "verifier/image/image_internal.h"
#include "verifier/image/image_pe_internal.h"

#define SYMBOL_LEN 18
#define SYMBOL_WINDOW (3600 * SYMBOL_LEN)
#define STRING_SIZE_LEN 4
#define IMPORT_LEN 20

bool image_pe_string_valid(const struct pe_detail *detail, uint32_t start)
{
    return start >= STRING_SIZE_LEN && start - STRING_SIZE_LEN <= detail->string_size;
}

static bool read_strings(const struct image *image, struct pe_detail *detail, struct error *err)
{
    /* The sum wraps at 32 bits in Go. */
    uint32_t offset = detail->symbol_offset + SYMBOL_LEN * detail->symbol_count;
    uint8_t raw[STRING_SIZE_LEN];
    uint32_t size;
    if (!source_read(&image->source, offset, raw, sizeof(raw), err)) {
        return error_prefix(err, "string table");
    }
    struct reader reader = reader_over(bytes_from(raw, sizeof(raw)), LITTLE_ENDIAN_ORDER);
    if (!reader_u32(&reader, &size) || size <= STRING_SIZE_LEN) {
        return true;
    }
    struct source part;
    detail->string_offset = (uint64_t)offset + STRING_SIZE_LEN;
    detail->string_size = size - STRING_SIZE_LEN;
    return source_slice(&image->source, detail->string_offset, detail->string_size, &part, err) ||
           error_prefix(err, "string table");
}

/* Symbols and the auxiliary records behind them; *AUXILIARY carries over from window to window. */
static bool check_symbols(const struct pe_detail *detail, struct bytes window, unsigned *auxiliary,
                          struct error *err)
{
    struct reader reader = reader_over(window, LITTLE_ENDIAN_ORDER);
    uint32_t zeros;
    uint32_t start;
    uint8_t count;
    while (reader_u32(&reader, &zeros) && reader_u32(&reader, &start) && reader_skip(&reader, 9) &&
           reader_u8(&reader, &count)) {
        if (*auxiliary > 0) {
            (*auxiliary)--;
            continue;
        }
        if (zeros == 0 && start != 0 && !image_pe_string_valid(detail, start)) {
            return error_set(err, ERROR_FORMAT, "a symbol's name at %u of %llu bytes", start,
                             (unsigned long long)detail->string_size + STRING_SIZE_LEN);
        }
        *auxiliary = count;
    }
    return true;
}

bool image_pe_symbols(const struct image *image, struct pe_detail *detail, struct error *err)
{
    if (detail->symbol_offset == 0) {
        return true;
    }
    if (!read_strings(image, detail, err)) {
        return false;
    }
    uint8_t window[SYMBOL_WINDOW];
    uint64_t left = (uint64_t)detail->symbol_count * SYMBOL_LEN;
    uint64_t offset = detail->symbol_offset;
    unsigned auxiliary = 0;
    if (left > LIMIT_IMAGE_TABLE) {
        return error_set(err, ERROR_LIMIT, "%u symbols are too many", detail->symbol_count);
    }
    while (left > 0) {
        size_t len = left < sizeof(window) ? (size_t)left : sizeof(window);
        if (!source_read(&image->source, offset, window, len, err) ||
            !check_symbols(detail, bytes_from(window, len), &auxiliary, err)) {
            return error_prefix(err, "symbol table");
        }
        offset += len;
        left -= len;
    }
    return auxiliary == 0 || error_set(err, ERROR_FORMAT,
                                       "symbol table: %u auxiliary records are missing", auxiliary);
}

void image_pe_imports(struct image *image, const struct pe_detail *detail, struct arena *arena)
{
    uint64_t address = detail->image_base + detail->directories[PE_DIRECTORY_IMPORT].address;
    size_t capacity = 0;
    if (detail->directories[PE_DIRECTORY_IMPORT].address == 0) {
        return;
    }
    /* The table ends with a record of zeros, whatever the directory's size says. */
    for (size_t i = 0; i < LIMIT_LIBRARIES; i++) {
        uint8_t raw[IMPORT_LEN];
        uint32_t lookup;
        uint32_t name_address;
        uint64_t offset;
        const char *name;
        struct reader reader = reader_over(bytes_from(raw, sizeof(raw)), LITTLE_ENDIAN_ORDER);
        if (!image_read_address(image, address + i * IMPORT_LEN, raw, sizeof(raw), NULL) ||
            !reader_u32(&reader, &lookup) || !reader_skip(&reader, 8) ||
            !reader_u32(&reader, &name_address) || name_address == 0) {
            return;
        }
        if (image_address_offset(image, detail->image_base + name_address, &offset) &&
            image_load_string(image, offset, LIMIT_LIBRARY_NAME, arena, &name)) {
            image_add_library(image, arena, name, &capacity);
        }
    }
}

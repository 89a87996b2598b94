// SPDX-License-Identifier: Apache-2.0
#include "verifier/image/pclntab.h"

#include <stdlib.h>

#include "base/checked.h"
#include "base/limits.h"
#include "verifier/image/pclntab_internal.h"

/* A varint at its longest. */
#define STEP_LEN 10
/* "No such file" in the table of a compilation unit. */
#define NO_FILE UINT32_MAX

static const struct {
    uint32_t magic;
    enum pclntab_layout layout;
    const char *name;
} layouts[] = {
    {0xfffffffb, PCLNTAB_1_2, "1.2"},
    {0xfffffffa, PCLNTAB_1_16, "1.16"},
    {0xfffffff0, PCLNTAB_1_18, "1.18"},
    {0xfffffff1, PCLNTAB_1_20, "1.20"},
};

const char *pclntab_layout_name(enum pclntab_layout layout)
{
    return layouts[layout].name;
}

bool pclntab_magic(struct bytes bytes, enum pclntab_layout *ret_layout, enum byte_order *ret_order,
                   unsigned *ret_quantum, unsigned *ret_pointer_size)
{
    enum byte_order order = LITTLE_ENDIAN_ORDER;
    uint32_t magic;
    uint16_t zero;
    uint8_t quantum;
    uint8_t pointer_size;
    if (bytes.len > 0 && bytes.data[0] == 0xff) {
        order = BIG_ENDIAN_ORDER;
    }
    struct reader reader = reader_over(bytes, order);
    if (!reader_u32(&reader, &magic) || !reader_u16(&reader, &zero) ||
        !reader_u8(&reader, &quantum) || !reader_u8(&reader, &pointer_size) || zero != 0 ||
        (quantum != 1 && quantum != 2 && quantum != 4) ||
        (pointer_size != 4 && pointer_size != 8)) {
        return false;
    }
    for (size_t i = 0; i < ARRAY_LEN(layouts); i++) {
        if (magic == layouts[i].magic) {
            *ret_layout = layouts[i].layout;
            *ret_order = order;
            *ret_quantum = quantum;
            *ret_pointer_size = pointer_size;
            return true;
        }
    }
    return false;
}

/* How wide the entries of the function table, and a record's first field, are. */
static unsigned entry_width(const struct pclntab *table)
{
    return table->layout >= PCLNTAB_1_18 ? 4 : table->pointer_size;
}

/* A number of WIDTH bytes at OFFSET of the table. */
static bool get_uint(const struct pclntab *table, struct window *window, uint64_t offset,
                     unsigned width, uint64_t *ret, struct error *err)
{
    if (!checked_range(offset, width, table->size)) {
        return error_set(err, ERROR_FORMAT, "pclntab: offset %llu is beyond its end at %llu",
                         (unsigned long long)offset, (unsigned long long)table->size);
    }
    return window_uint(window, table->offset + offset, width, table->order, ret, err);
}

static bool get_text(const struct pclntab *table, struct window *window, uint64_t offset,
                     size_t maximum, struct bytes *ret, struct error *err)
{
    if (offset >= table->size) {
        return error_set(err, ERROR_FORMAT,
                         "pclntab: text at offset %llu is beyond its end at %llu",
                         (unsigned long long)offset, (unsigned long long)table->size);
    }
    return window_cstring(window, table->offset + offset, table->offset + table->size, maximum, ret,
                          err);
}

/* BASE + INDEX * WIDTH, where INDEX and WIDTH are too small to overflow. */
static bool get_element(const struct pclntab *table, struct window *window, uint64_t base,
                        uint64_t index, unsigned width, uint64_t *ret, struct error *err)
{
    return get_uint(table, window, base + index * width, width, ret, err);
}

/* The header's fields behind the magic: since 1.16 counts and offsets, since 1.18 also where the
 * code starts (zero since 1.26, and in a file that has still to be relocated). */
static bool read_offsets(struct pclntab *table, struct error *err)
{
    uint64_t words[8] = {0};
    size_t count = table->layout == PCLNTAB_1_16 ? 7 : 8;
    for (size_t i = 0; i < count; i++) {
        if (!get_element(table, table->header_window, PCLNTAB_MAGIC_LEN, i, table->pointer_size,
                         &words[i], err)) {
            return false;
        }
    }
    size_t next = 2;
    table->function_count = words[0];
    table->file_count = words[1];
    table->text_start = table->layout == PCLNTAB_1_16 ? 0 : words[next++];
    table->names = words[next++];
    table->units = words[next++];
    table->files = words[next++];
    table->steps = words[next++];
    table->functions = words[next++];
    uint64_t header = PCLNTAB_MAGIC_LEN + count * table->pointer_size;
    return (header <= table->names && table->names <= table->units &&
            table->units <= table->files && table->files <= table->steps &&
            table->steps <= table->functions && table->functions < table->size) ||
           error_set(err, ERROR_FORMAT, "pclntab: its parts are out of order");
}

static bool check_counts(const struct pclntab *table, struct error *err)
{
    if (table->function_count == 0) {
        return error_set(err, ERROR_FORMAT, "pclntab: no functions");
    }
    if (table->function_count > LIMIT_FUNCTIONS || table->file_count > LIMIT_SOURCE_FILES) {
        return error_set(err, ERROR_LIMIT, "pclntab: %llu functions and %llu files",
                         (unsigned long long)table->function_count,
                         (unsigned long long)table->file_count);
    }
    uint64_t functions = (table->function_count * 2 + 1) * entry_width(table);
    return checked_range(table->functions, functions, table->size) ||
           error_set(err, ERROR_FORMAT, "pclntab: %llu functions reach beyond its end",
                     (unsigned long long)table->function_count);
}

/* The layout before 1.16: the function table follows the header, then the place of the table of
 * files; all offsets count from the header. */
static bool read_offsets_old(struct pclntab *table, struct error *err)
{
    uint64_t files;
    unsigned width = table->pointer_size;
    if (!get_uint(table, table->header_window, PCLNTAB_MAGIC_LEN, width, &table->function_count,
                  err)) {
        return false;
    }
    table->functions = PCLNTAB_MAGIC_LEN + width;
    if (!check_counts(table, err)) {
        return false;
    }
    uint64_t place = table->functions + (table->function_count * 2 + 1) * width;
    if (!get_uint(table, table->header_window, place, 4, &files, err) ||
        !get_uint(table, table->header_window, files, 4, &table->file_count, err)) {
        return false;
    }
    table->files = files;
    return checked_range(files, table->file_count * 4, table->size) ||
           error_set(err, ERROR_FORMAT, "pclntab: %llu files reach beyond its end",
                     (unsigned long long)table->file_count);
}

/* Go names are UTF-8 without controls; what is not so is no table, however its header looks. */
static bool plausible_name(struct bytes name)
{
    for (size_t i = 0; i < name.len; i++) {
        if (name.data[i] < ' ' || name.data[i] == 0x7f) {
            return false;
        }
    }
    return name.len > 0;
}

bool pclntab_read_header(struct window *window, uint64_t offset, uint64_t size, struct pclntab *ret,
                         struct error *err)
{
    struct pclntab table = {
        .offset = offset,
        .size = size,
        .header_window = window,
        .table_window = window,
        .function_window = window,
        .name_window = window,
    };
    struct bytes magic;
    struct bytes name;
    if (!window_bytes(window, offset, PCLNTAB_MAGIC_LEN, &magic, err)) {
        return false;
    }
    if (!pclntab_magic(magic, &table.layout, &table.order, &table.quantum, &table.pointer_size)) {
        return error_set(err, ERROR_FORMAT, "pclntab: unknown layout");
    }
    bool read = table.layout == PCLNTAB_1_2
                    ? read_offsets_old(&table, err)
                    : read_offsets(&table, err) && check_counts(&table, err);
    if (!read || !pclntab_function_name(&table, 0, &name, err)) {
        return false;
    }
    if (!plausible_name(name)) {
        return error_set(err, ERROR_FORMAT, "pclntab: its first function has no name");
    }
    *ret = table;
    return true;
}

/* Where the linker put the first function, if the header does not say. */
static uint64_t first_code(const struct image *image)
{
    const struct image_section *text = image_section(image, ".text");
    if (text == NULL) {
        text = image_section(image, "__text");
    }
    return text == NULL ? 0 : text->address;
}

static struct window *window_new(const struct image *image, struct arena *arena)
{
    struct window *window = ARENA_NEW(arena, struct window);
    if (image->format == IMAGE_WASM) {
        window_init_memory(window, image, arena);
    } else {
        window_init(window, &image->source, arena);
    }
    return window;
}

static int by_address(const void *a, const void *b)
{
    const struct image_segment *left = a;
    const struct image_segment *right = b;
    return left->address < right->address ? -1 : left->address > right->address;
}

/* IMAGE with its segments in the order of their addresses: Go's linker writes some tens of
 * thousands of them, section after section, and since 1.26 the sections are not in order. */
static const struct image *sort_segments(const struct image *image, struct arena *arena)
{
    struct image *sorted = ARENA_NEW(arena, struct image);
    *sorted = *image;
    sorted->segments = ARENA_ARRAY(arena, image->segment_count, struct image_segment);
    if (image->segment_count > 0) {
        memcpy(sorted->segments, image->segments, image->segment_count * sizeof(*image->segments));
        qsort(sorted->segments, sorted->segment_count, sizeof(*sorted->segments), by_address);
    }
    return sorted;
}

bool pclntab_open(const struct image *image, struct arena *arena, struct pclntab *ret,
                  struct error *err)
{
    if (image->format == IMAGE_WASM) {
        image = sort_segments(image, arena);
    }
    struct window *window = window_new(image, arena);
    struct pclntab table;
    uint64_t offset;
    uint64_t size;
    if (!pclntab_locate(image, window, &offset, &size, err) ||
        !pclntab_read_header(window, offset, size, &table, err)) {
        return false;
    }
    if (table.layout >= PCLNTAB_1_18 && table.text_start == 0) {
        table.text_start = first_code(image);
    }
    struct window **const windows[] = {
        &table.header_window, &table.table_window, &table.function_window, &table.name_window,
        &table.step_window,   &table.unit_window,  &table.file_window};
    for (size_t i = 0; i < ARRAY_LEN(windows); i++) {
        *windows[i] = window_new(image, arena);
    }
    *ret = table;
    return true;
}

/* An entry of the function table: at even places addresses, at odd ones where a record lies. */
static bool get_entry(struct pclntab *table, uint64_t index, uint64_t *ret, struct error *err)
{
    return get_element(table, table->table_window, table->functions, index, entry_width(table), ret,
                       err);
}

bool pclntab_address(struct pclntab *table, uint64_t index, uint64_t *ret, struct error *err)
{
    uint64_t value;
    if (!get_entry(table, index * 2, &value, err)) {
        return false;
    }
    *ret = table->layout >= PCLNTAB_1_18 ? table->text_start + value : value;
    return true;
}

bool pclntab_record(struct pclntab *table, uint64_t index, uint64_t *ret, struct error *err)
{
    uint64_t place;
    if (index >= table->function_count) {
        return error_set(err, ERROR_ABSENT, "pclntab: function %llu of %llu",
                         (unsigned long long)index, (unsigned long long)table->function_count);
    }
    uint64_t base = table->layout == PCLNTAB_1_2 ? 0 : table->functions;
    if (!get_entry(table, index * 2 + 1, &place, err)) {
        return false;
    }
    return checked_add(base, place, ret) ||
           error_set(err, ERROR_FORMAT, "pclntab: function %llu has no record",
                     (unsigned long long)index);
}

bool pclntab_field(struct pclntab *table, uint64_t record, enum pclntab_field field, uint64_t *ret,
                   struct error *err)
{
    uint64_t offset;
    if (!checked_add(record, entry_width(table) + 4 * (uint64_t)field, &offset)) {
        return error_set(err, ERROR_FORMAT, "pclntab: record at offset %llu",
                         (unsigned long long)record);
    }
    return get_uint(table, table->function_window, offset, 4, ret, err);
}

static bool get_name(struct pclntab *table, uint64_t record, struct bytes *ret, struct error *err)
{
    uint64_t name;
    return pclntab_field(table, record, PCLNTAB_NAME, &name, err) &&
           get_text(table, table->name_window, table->names + name, LIMIT_FUNCTION_NAME, ret, err);
}

bool pclntab_function_name(struct pclntab *table, uint64_t index, struct bytes *ret,
                           struct error *err)
{
    uint64_t record;
    return pclntab_record(table, index, &record, err) && get_name(table, record, ret, err);
}

/* The value that a table of steps has at the function's entry: the first step from -1. Zigzag
 * varints of 32 bits (runtime/symtab.go, step). False where there is no such table or value. */
static bool first_step(struct pclntab *table, uint64_t record, enum pclntab_field field,
                       uint32_t *ret)
{
    uint64_t place;
    uint64_t delta;
    struct bytes some;
    if (!pclntab_field(table, record, field, &place, NULL) || place == 0 ||
        !checked_add(place, table->steps, &place) || place >= table->size ||
        !window_some(table->step_window, table->offset + place, table->offset + table->size,
                     STEP_LEN, &some, NULL)) {
        return false;
    }
    struct reader reader = reader_over(some, LITTLE_ENDIAN_ORDER);
    if (!reader_uvarint(&reader, &delta) || delta > UINT32_MAX) {
        return false;
    }
    uint32_t step = (uint32_t)delta;
    step = (step & 1) != 0 ? ~(step >> 1) : step >> 1;
    *ret = step - 1;
    return *ret <= INT32_MAX;
}

bool pclntab_file(struct pclntab *table, uint64_t record, uint32_t number, struct bytes *ret)
{
    uint64_t unit;
    uint64_t place;
    if (table->layout == PCLNTAB_1_2) {
        return number > 0 && number < table->file_count &&
               get_element(table, table->unit_window, table->files, number, 4, &place, NULL) &&
               get_text(table, table->file_window, place, LIMIT_SOURCE_NAME, ret, NULL);
    }
    return pclntab_field(table, record, PCLNTAB_UNIT, &unit, NULL) &&
           get_element(table, table->unit_window, table->units, unit + number, 4, &place, NULL) &&
           place != NO_FILE &&
           get_text(table, table->file_window, table->files + place, LIMIT_SOURCE_NAME, ret, NULL);
}

bool pclntab_function(struct pclntab *table, uint64_t index, struct pclntab_function *ret,
                      struct error *err)
{
    struct pclntab_function function = {.file = bytes_from_string("")};
    uint64_t record;
    uint32_t number;
    uint32_t line;
    if (!pclntab_record(table, index, &record, err) ||
        !pclntab_address(table, index, &function.entry, err) ||
        !pclntab_address(table, index + 1, &function.end, err) ||
        !get_name(table, record, &function.name, err)) {
        return false;
    }
    if (first_step(table, record, PCLNTAB_LINE_STEPS, &line)) {
        function.line = line;
    }
    if (first_step(table, record, PCLNTAB_FILE_STEPS, &number) &&
        !pclntab_file(table, record, number, &function.file)) {
        function.file = bytes_from_string("");
    }
    *ret = function;
    return true;
}

bool pclntab_find(struct pclntab *table, uint64_t address, uint64_t *ret_index)
{
    uint64_t low = 0;
    uint64_t high = table->function_count;
    uint64_t entry;
    while (low < high) {
        uint64_t middle = low + (high - low) / 2;
        if (!pclntab_address(table, middle, &entry, NULL)) {
            return false;
        }
        if (entry <= address) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    if (low == 0 || !pclntab_address(table, low, &entry, NULL) || address >= entry) {
        return false;
    }
    *ret_index = low - 1;
    return true;
}

bool pclntab_next_file(struct pclntab *table, struct pclntab_cursor *cursor, bool *ret_done,
                       struct bytes *ret, struct error *err)
{
    bool old = table->layout == PCLNTAB_1_2;
    if (old && cursor->index == 0) {
        cursor->index = 1; /* entry 0 is the count */
    }
    if (cursor->index >= table->file_count ||
        (!old && cursor->offset >= table->steps - table->files)) {
        *ret_done = true;
        return true;
    }
    uint64_t place = table->files + cursor->offset;
    struct bytes name;
    if ((old &&
         !get_element(table, table->unit_window, table->files, cursor->index, 4, &place, err)) ||
        !get_text(table, table->file_window, place, LIMIT_SOURCE_NAME, &name, err)) {
        return false;
    }
    cursor->index++;
    cursor->offset += name.len + 1;
    *ret_done = false;
    *ret = name;
    return true;
}

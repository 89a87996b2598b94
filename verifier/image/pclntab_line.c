// SPDX-License-Identifier: Apache-2.0
#include "base/checked.h"
#include "verifier/image/pclntab_internal.h"

/* Two varints at their longest: a step of the value and one of the program counter. */
#define STEPS_LEN 20
/* No function has more: each step stands for an instruction at least. */
#define STEPS_MAXIMUM 1000000

/* Zigzag varints of 32 bits (runtime/symtab.go, step). */
static uint32_t unzigzag(uint64_t value)
{
    uint32_t step = (uint32_t)value;
    return (step & 1) != 0 ? ~(step >> 1) : step >> 1;
}

/* The value that the table of steps FIELD has OFFSET bytes behind the function's entry. */
static bool value_at(struct pclntab *table, uint64_t record, enum pclntab_field field,
                     uint64_t offset, uint32_t *ret)
{
    uint64_t place;
    uint64_t counter = 0;
    uint32_t value = UINT32_MAX;
    if (!pclntab_field(table, record, field, &place, NULL) || place == 0 ||
        !checked_add(place, table->steps, &place)) {
        return false;
    }
    for (unsigned i = 0; i < STEPS_MAXIMUM && place < table->size; i++) {
        struct bytes some;
        uint64_t change;
        uint64_t advance;
        if (!window_some(table->step_window, table->offset + place, table->offset + table->size,
                         STEPS_LEN, &some, NULL)) {
            return false;
        }
        struct reader reader = reader_over(some, LITTLE_ENDIAN_ORDER);
        /* A change of nothing ends the table, but for the first one. */
        if (!reader_uvarint(&reader, &change) || !reader_uvarint(&reader, &advance) ||
            (change == 0 && i > 0)) {
            return false;
        }
        value += unzigzag(change);
        counter += advance * table->quantum;
        if (offset < counter) {
            *ret = value;
            return value <= INT32_MAX;
        }
        place += reader_offset(&reader);
    }
    return false;
}

bool pclntab_line(struct pclntab *table, uint64_t index, uint64_t offset, struct bytes *ret_file,
                  uint64_t *ret_line)
{
    uint64_t record;
    uint32_t line;
    uint32_t number;
    if (!pclntab_record(table, index, &record, NULL) ||
        !value_at(table, record, PCLNTAB_LINE_STEPS, offset, &line)) {
        return false;
    }
    struct bytes file = bytes_from_string("");
    if (value_at(table, record, PCLNTAB_FILE_STEPS, offset, &number) &&
        !pclntab_file(table, record, number, &file)) {
        file = bytes_from_string("");
    }
    *ret_file = file;
    *ret_line = line;
    return true;
}

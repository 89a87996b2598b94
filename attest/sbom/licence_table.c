// SPDX-License-Identifier: Apache-2.0
#include "attest/sbom/licence_table.h"

#include "attest/sbom/licences_bytes.h"
#include "base/encode.h"
#include "base/error.h"
#include "base/reader.h"
#include "base/scanner.h"

/* Of licences.py. */
#define KEPT_MAXIMUM 96
#define OWN_MAXIMUM 24
#define LINE_MAXIMUM 1024
#define MASK_BITS 17

static void add_hash(struct licence_table *table, uint32_t hash, bool own)
{
    uint32_t *head = &table->heads[hash & table->mask];
    table->hashes[table->hash_count] =
        (struct licence_hash){hash, *head, (uint32_t)table->count, own};
    *head = (uint32_t)++table->hash_count;
}

static bool read_hashes(struct bytes text, bool own, struct licence_table *table, unsigned *count)
{
    uint8_t raw[KEPT_MAXIMUM * 4];
    size_t len;
    if (!decode_base64(text, BASE64_STANDARD, raw, sizeof(raw), &len)) {
        return false;
    }
    struct reader reader = reader_over(bytes_from(raw, len), LITTLE_ENDIAN_ORDER);
    uint32_t hash;
    while (reader_u32(&reader, &hash)) {
        add_hash(table, hash, own);
        (*count)++;
    }
    return reader_done(&reader);
}

static bool read_line(struct bytes line, struct arena *arena, struct licence_table *table)
{
    struct scanner scanner = scanner_over(line);
    struct licence *licence = &table->licences[table->count];
    struct bytes id, number, kept;
    uint64_t triples;
    if (!scanner_until(&scanner, '\t', LINE_MAXIMUM, &id) ||
        !scanner_until(&scanner, '\t', LINE_MAXIMUM, &number) ||
        !scan_number(number, UINT32_MAX, &triples) ||
        !scanner_until(&scanner, '\t', LINE_MAXIMUM, &kept)) {
        return false;
    }
    *licence = (struct licence){.id = arena_text(arena, id), .triples = (unsigned)triples};
    return read_hashes(kept, false, table, &licence->kept) && licence->kept > 0 &&
           read_hashes(scanner_rest(&scanner), true, table, &licence->own);
}

static size_t count_lines(struct bytes text)
{
    size_t lines = 0;
    for (size_t i = 0; i < text.len; i++) {
        lines += text.data[i] == '\n';
    }
    return lines;
}

void licence_table_load(struct arena *arena, struct licence_table *ret)
{
    struct bytes text = bytes_from(embedded_bytes, sizeof(embedded_bytes));
    struct scanner scanner = scanner_over(text);
    size_t lines = count_lines(text);
    struct bytes line;
    *ret = (struct licence_table){.mask = ((size_t)1 << MASK_BITS) - 1};
    ret->licences = ARENA_ARRAY(arena, lines, struct licence);
    ret->hashes = ARENA_ARRAY(arena, lines * (KEPT_MAXIMUM + OWN_MAXIMUM), struct licence_hash);
    ret->heads = ARENA_ARRAY(arena, ret->mask + 1, uint32_t);
    for (; scanner_line(&scanner, LINE_MAXIMUM, &line); ret->count++) {
        if (!read_line(line, arena, ret)) {
            bug("licences.tsv, line %zu", ret->count + 1);
        }
    }
}

static const struct licence_hash *follow(const struct licence_table *table, uint32_t index,
                                         uint32_t hash)
{
    for (; index != 0; index = table->hashes[index - 1].chain) {
        if (table->hashes[index - 1].hash == hash) {
            return &table->hashes[index - 1];
        }
    }
    return NULL;
}

const struct licence_hash *licence_table_find(const struct licence_table *table, uint32_t hash)
{
    return follow(table, table->heads[hash & table->mask], hash);
}

const struct licence_hash *licence_table_next(const struct licence_table *table,
                                              const struct licence_hash *entry)
{
    return follow(table, entry->chain, entry->hash);
}

bool licence_table_has(const struct licence_table *table, struct bytes id)
{
    for (size_t i = 0; i < table->count; i++) {
        if (bytes_equal_string(id, table->licences[i].id)) {
            return true;
        }
    }
    return false;
}

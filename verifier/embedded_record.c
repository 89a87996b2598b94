// SPDX-License-Identifier: Apache-2.0
#include "verifier/embedded_record.h"

#include "base/checked.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/reader.h"

/* The least that a table, a file and a piece take. */
#define TABLE_LEAST 16
#define FILE_LEAST 56
#define PIECE_LEAST 24

static void put_text(struct buffer *out, const char *text)
{
    struct bytes bytes = bytes_from_string(text);
    buffer_u32(out, (uint32_t)bytes.len);
    buffer_append(out, bytes);
}

static void put_file(struct buffer *out, const struct embedded_file *file)
{
    put_text(out, file->name);
    buffer_u64(out, file->size);
    buffer_append(out, sha256_view(&file->sha256));
    buffer_u64(out, file->hash_offset);
    buffer_u32(out, (uint32_t)file->piece_count);
    for (size_t i = 0; i < file->piece_count; i++) {
        buffer_u64(out, file->pieces[i].at);
        buffer_u64(out, file->pieces[i].offset);
        buffer_u64(out, file->pieces[i].size);
    }
}

void embedded_record_encode(const struct embedded_record *record, struct buffer *out)
{
    buffer_byte(out, record->ok ? 1 : 0);
    if (!record->ok) {
        buffer_byte(out, (uint8_t)record->error.code);
        put_text(out, record->error.message);
        return;
    }
    buffer_u32(out, (uint32_t)record->tables.count);
    for (size_t i = 0; i < record->tables.count; i++) {
        const struct embedded_table *table = &record->tables.items[i];
        put_text(out, table->variable);
        buffer_u64(out, table->address);
        buffer_u32(out, (uint32_t)table->count);
        for (size_t k = 0; k < table->count; k++) {
            put_file(out, &table->files[k]);
        }
    }
}

struct decoder {
    struct reader in;
    struct arena *arena;
    uint64_t size;
};

static bool take_text(struct decoder *decoder, const char **ret)
{
    uint32_t len;
    struct bytes text;
    if (!reader_u32(&decoder->in, &len) || !reader_bytes(&decoder->in, len, &text)) {
        return false;
    }
    *ret = arena_text(decoder->arena, text);
    return strlen(*ret) == len;
}

static bool take_count(struct decoder *decoder, size_t least, size_t *ret)
{
    uint32_t count;
    if (!reader_u32(&decoder->in, &count) || count > reader_left(&decoder->in) / least) {
        return false;
    }
    *ret = count;
    return true;
}

static bool take_pieces(struct decoder *decoder, struct embedded_file *file)
{
    uint64_t next = 0;
    if (!take_count(decoder, PIECE_LEAST, &file->piece_count)) {
        return false;
    }
    file->pieces = ARENA_ARRAY(decoder->arena, file->piece_count, struct embedded_piece);
    for (size_t i = 0; i < file->piece_count; i++) {
        struct embedded_piece *piece = &file->pieces[i];
        if (!reader_u64(&decoder->in, &piece->at) || !reader_u64(&decoder->in, &piece->offset) ||
            !reader_u64(&decoder->in, &piece->size) || piece->at < next ||
            !checked_range(piece->at, piece->size, file->size) ||
            !checked_range(piece->offset, piece->size, decoder->size)) {
            return false;
        }
        next = piece->at + piece->size;
    }
    return true;
}

static bool take_file(struct decoder *decoder, struct embedded_file *file)
{
    return take_text(decoder, &file->name) && file_path_is_plain(bytes_from_string(file->name)) &&
           reader_u64(&decoder->in, &file->size) && file->size <= LIMIT_EMBEDDED_FILE &&
           reader_copy(&decoder->in, file->sha256.bytes, SHA256_LEN) &&
           reader_u64(&decoder->in, &file->hash_offset) && take_pieces(decoder, file);
}

static bool take_table(struct decoder *decoder, struct embedded_table *table)
{
    if (!take_text(decoder, &table->variable) || !reader_u64(&decoder->in, &table->address) ||
        !take_count(decoder, FILE_LEAST, &table->count) || table->count == 0) {
        return false;
    }
    table->files = ARENA_ARRAY(decoder->arena, table->count, struct embedded_file);
    for (size_t i = 0; i < table->count; i++) {
        if (!take_file(decoder, &table->files[i])) {
            return false;
        }
    }
    return true;
}

static bool take_record(struct decoder *decoder, struct embedded_record *record)
{
    uint8_t ok;
    uint8_t code;
    const char *message;
    struct embedded_tables *tables = &record->tables;
    if (!reader_u8(&decoder->in, &ok) || ok > 1) {
        return false;
    }
    record->ok = ok == 1;
    if (!record->ok) {
        if (!reader_u8(&decoder->in, &code) || code == ERROR_NONE || code > ERROR_INTERNAL ||
            !take_text(decoder, &message)) {
            return false;
        }
        /* Escapes what the other process may not have escaped. */
        error_set(&record->error, (enum error_code)code, "%s", message);
        return true;
    }
    if (!take_count(decoder, TABLE_LEAST, &tables->count)) {
        return false;
    }
    tables->items = ARENA_ARRAY(decoder->arena, tables->count, struct embedded_table);
    for (size_t i = 0; i < tables->count; i++) {
        if (!take_table(decoder, &tables->items[i])) {
            return false;
        }
    }
    return true;
}

bool embedded_record_decode(struct bytes bytes, uint64_t size, struct arena *arena,
                            struct embedded_record *ret, struct error *err)
{
    struct decoder decoder = {
        .in = reader_over(bytes, LITTLE_ENDIAN_ORDER), .arena = arena, .size = size};
    struct embedded_record record = {0};
    if (!take_record(&decoder, &record) || !reader_done(&decoder.in)) {
        return error_set(err, ERROR_FORMAT, "the listing process gave a damaged answer");
    }
    *ret = record;
    return true;
}

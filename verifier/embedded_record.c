// SPDX-License-Identifier: Apache-2.0
#include "verifier/embedded_record.h"

#include "base/checked.h"
#include "base/codec.h"
#include "base/file.h"
#include "base/limits.h"

/* The least that a table, a file and a piece take. */
#define TABLE_LEAST 16
#define FILE_LEAST 56
#define PIECE_LEAST 24

/* SIZE is that of the file that all pieces lie in. */
static void code_pieces(struct codec *codec, struct embedded_file *file, uint64_t size)
{
    uint64_t next = 0;
    codec_array(codec, &file->pieces, &file->piece_count, PIECE_LEAST, sizeof(*file->pieces));
    for (size_t i = 0; i < file->piece_count; i++) {
        struct embedded_piece *piece = &file->pieces[i];
        codec_u64(codec, &piece->at);
        codec_u64(codec, &piece->offset);
        codec_u64(codec, &piece->size);
        codec_require(codec, piece->at >= next &&
                                 checked_range(piece->at, piece->size, file->size) &&
                                 checked_range(piece->offset, piece->size, size));
        next = piece->at + piece->size;
    }
}

static void code_file(struct codec *codec, struct embedded_file *file, uint64_t size)
{
    codec_text(codec, &file->name);
    codec_require(codec, file_path_is_plain(bytes_from_string(file->name)));
    codec_u64(codec, &file->size);
    codec_require(codec, file->size <= LIMIT_EMBEDDED_FILE);
    codec_sha256(codec, &file->sha256);
    codec_u64(codec, &file->hash_offset);
    code_pieces(codec, file, size);
}

static void code_record(struct codec *codec, struct embedded_record *record, uint64_t size)
{
    struct embedded_tables *tables = &record->tables;
    codec_bool(codec, &record->ok);
    if (!record->ok) {
        codec_error(codec, &record->error);
        return;
    }
    codec_array(codec, &tables->items, &tables->count, TABLE_LEAST, sizeof(*tables->items));
    for (size_t i = 0; i < tables->count; i++) {
        struct embedded_table *table = &tables->items[i];
        codec_text(codec, &table->variable);
        codec_u64(codec, &table->address);
        codec_array(codec, &table->files, &table->count, FILE_LEAST, sizeof(*table->files));
        codec_require(codec, table->count > 0);
        for (size_t k = 0; k < table->count; k++) {
            code_file(codec, &table->files[k], size);
        }
    }
}

void embedded_record_encode(const struct embedded_record *record, struct buffer *out)
{
    struct codec codec = codec_encoder(out);
    /* Encoding leaves everything as it is. */
    struct embedded_record copy = *record;
    code_record(&codec, &copy, UINT64_MAX);
}

bool embedded_record_decode(struct bytes bytes, uint64_t size, struct arena *arena,
                            struct embedded_record *ret, struct error *err)
{
    struct codec codec = codec_decoder(bytes, arena);
    struct embedded_record record = {0};
    code_record(&codec, &record, size);
    if (!codec_done(&codec)) {
        return error_set(err, ERROR_FORMAT, "the listing process gave a damaged answer");
    }
    *ret = record;
    return true;
}

// SPDX-License-Identifier: Apache-2.0
#include "verifier/embedded.h"

#include "base/file.h"
#include "base/limits.h"
#include "verifier/embedded_record.h"
#include "verifier/worker.h"

#define PIECE 65536

/* In the confined process: its descriptor is not that of the source it got when it was made. */
static void work(const void *context, const int *fds, size_t count, const struct error *unconfined,
                 struct buffer *out)
{
    const struct source *like = context;
    struct arena arena = {0};
    struct embedded_record record = {0};
    struct source whole;
    struct source part;
    struct image image;
    if (unconfined != NULL) {
        record.error = *unconfined;
    } else if (count != 1) {
        error_set(&record.error, ERROR_INTERNAL, "%zu files to list", count);
    } else {
        record.ok = source_from_fd(fds[0], &whole, &record.error) &&
                    source_slice(&whole, like->start, like->size, &part, &record.error) &&
                    image_open(&part, &arena, &image, &record.error) &&
                    embedded_read(&image, &arena, &record.tables, &record.error);
    }
    embedded_record_encode(&record, out);
    arena_free(&arena);
}

bool embedded_list(const struct source *source, struct arena *arena, struct embedded_tables *ret,
                   struct error *err)
{
    struct worker_spec spec = {.work = work,
                               .context = source,
                               .answer_maximum = LIMIT_EMBEDDED_RECORD,
                               .seconds = LIMIT_DIFF_SECONDS,
                               .libraries = true};
    AUTO(buffer) struct buffer answer = {0};
    struct embedded_record record = {0};
    struct worker *worker;
    if (!worker_open(&spec, &worker, err)) {
        return false;
    }
    bool ok = worker_run(worker, &source->fd, 1, &answer, err) &&
              embedded_record_decode(buffer_view(&answer), source->size, arena, &record, err);
    worker_free(&worker);
    if (ok && !record.ok) {
        return error_pass(err, &record.error);
    }
    if (ok) {
        *ret = record.tables;
    }
    return ok;
}

struct copy {
    struct digest *digest;
    int to;
    struct error *err;
};

static bool put(struct copy *copy, struct bytes bytes)
{
    digest_update(copy->digest, bytes);
    return file_write_all(copy->to, bytes, copy->err);
}

static bool put_zeros(struct copy *copy, uint64_t count)
{
    static const uint8_t zeros[PIECE];
    while (count > 0) {
        size_t len = count < PIECE ? (size_t)count : PIECE;
        if (!put(copy, bytes_from(zeros, len))) {
            return false;
        }
        count -= len;
    }
    return true;
}

static bool put_piece(struct copy *copy, const struct source *source,
                      const struct embedded_piece *piece)
{
    uint8_t raw[PIECE];
    for (uint64_t at = 0; at < piece->size;) {
        uint64_t left = piece->size - at;
        size_t len = left < PIECE ? (size_t)left : PIECE;
        if (!source_read(source, piece->offset + at, raw, len, copy->err) ||
            !put(copy, bytes_from(raw, len))) {
            return false;
        }
        at += len;
    }
    return true;
}

static bool put_all(struct copy *copy, const struct source *source,
                    const struct embedded_file *file)
{
    uint64_t at = 0;
    for (size_t i = 0; i < file->piece_count; i++) {
        const struct embedded_piece *piece = &file->pieces[i];
        if (!put_zeros(copy, piece->at - at) || !put_piece(copy, source, piece)) {
            return false;
        }
        at = piece->at + piece->size;
    }
    return put_zeros(copy, file->size - at);
}

bool embedded_copy(const struct source *source, const struct embedded_file *file, int to,
                   struct error *err)
{
    struct sha256 got;
    struct copy copy = {.digest = digest_new(DIGEST_SHA256), .to = to, .err = err};
    bool ok = put_all(&copy, source, file);
    digest_finish(copy.digest, got.bytes);
    digest_free(&copy.digest);
    if (ok && !sha256_equal(&got, &file->sha256)) {
        return error_set(err, ERROR_MISMATCH, "%s changed while it was cut out of the file",
                         file->name);
    }
    return ok;
}

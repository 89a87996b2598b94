// SPDX-License-Identifier: Apache-2.0
#include "verifier/inspect_worker.h"

#include <stdlib.h>

#include "base/limits.h"
#include "base/reader.h"
#include "verifier/image/image_elf_order.h"
#include "verifier/image/image_fat.h"

static void inspect_whole(const struct source *source, unsigned what, struct arena *arena,
                          struct inspect_record *record)
{
    record->files = ARENA_NEW(arena, struct inspection);
    record->file_count = 1;
    record->ok = inspect_source(source, what, arena, record->files, &record->error);
}

/* Each slice goes by its architecture; the parent puts the file's name before it. */
static void inspect_slices(const struct source *source, unsigned what, struct arena *arena,
                           struct inspect_record *record)
{
    struct fat_slice *slices;
    if (!fat_open(source, arena, &slices, &record->file_count, &record->error)) {
        return;
    }
    record->files = ARENA_ARRAY(arena, record->file_count, struct inspection);
    for (size_t i = 0; i < record->file_count; i++) {
        struct inspection *file = &record->files[i];
        if (!inspect_source(&slices[i].source, what, arena, file, &record->error)) {
            error_prefix(&record->error, "slice %zu (%s)", i, slices[i].goarch);
            return;
        }
        file->slice_offset = slices[i].offset;
        file->name =
            slices[i].goarch[0] == '\0' ? arena_printf(arena, "slice %zu", i) : slices[i].goarch;
    }
    record->ok = true;
}

static void inspect_file(int fd, unsigned what, struct arena *arena, struct inspect_record *record)
{
    struct source source;
    if (!source_from_fd(fd, &source, &record->error)) {
        return;
    }
    source.cache = ARENA_NEW(arena, struct source_cache);
    if (fat_detect(&source)) {
        inspect_slices(&source, what, arena, record);
    } else {
        inspect_whole(&source, what, arena, record);
    }
}

static void answer(const struct inspect_record *record, struct buffer *out)
{
    AUTO(buffer) struct buffer encoded;
    buffer_init(&encoded, LIMIT_INSPECT_RECORD);
    inspect_record_encode(record, &encoded);
    buffer_u32(out, (uint32_t)encoded.len);
    buffer_append(out, buffer_view(&encoded));
    out->overflowed |= !buffer_ok(&encoded);
}

/* In the confined process: a record for each file, its length first. */
static void work(const void *context, const int *fds, size_t count, const struct error *unconfined,
                 struct buffer *out)
{
    const struct inspector *inspector = context;
    for (size_t i = 0; i < count && buffer_ok(out); i++) {
        struct arena arena = {0};
        struct inspect_record record = {0};
        if (unconfined != NULL) {
            record.error = *unconfined;
        } else {
            inspector->work(fds[i], inspector->what, &arena, &record);
        }
        answer(&record, out);
        arena_free(&arena);
    }
}

bool inspector_start(struct inspector *inspector, struct error *err)
{
    const struct worker_spec spec = {.work = work,
                                     .context = inspector,
                                     .answer_maximum = LIMIT_INSPECT_RECORD,
                                     .seconds = inspector->seconds,
                                     .libraries = (inspector->what & INSPECT_DIGEST) != 0 ||
                                                  inspector->libraries};
    if (!worker_open(&spec, &inspector->workers[inspector->worker_count], err)) {
        return false;
    }
    inspector->worker_count++;
    return true;
}

bool inspector_open_with(inspect_work *task, unsigned what, unsigned seconds,
                         struct inspector **ret, struct error *err)
{
    struct inspector *inspector = calloc(1, sizeof(*inspector));
    if (inspector == NULL) {
        bug("out of memory for an inspector");
    }
    *inspector = (struct inspector){.work = task, .what = what, .seconds = seconds};
    if (!inspector_start(inspector, err)) {
        inspector_free(&inspector);
        return false;
    }
    *ret = inspector;
    return true;
}

bool inspector_open(unsigned what, struct inspector **ret, struct error *err)
{
    return inspector_open_with(inspect_file, what, LIMIT_INSPECT_SECONDS, ret, err);
}

void inspector_last(struct inspector *inspector)
{
    inspector->last = true;
}

void inspector_sent(struct inspector *inspector)
{
    for (size_t i = 0; inspector->last && i < inspector->worker_count; i++) {
        worker_end(inspector->workers[i]);
    }
}

void inspector_free(struct inspector **inspector)
{
    if (*inspector != NULL) {
        for (size_t i = 0; i < (*inspector)->worker_count; i++) {
            worker_free(&(*inspector)->workers[i]);
        }
        free(*inspector);
        *inspector = NULL;
    }
}

bool inspector_needs_libraries(const struct inspector *inspector, const struct source *head)
{
    return (inspector->what & INSPECT_DIGEST) == 0 && !inspector->libraries &&
           (image_detect(head) == IMAGE_MACHO || fat_detect(head) || image_elf_is_foreign(head));
}

void inspector_want_libraries(struct inspector *inspector)
{
    inspector->libraries = true;
    for (size_t i = 0; i < inspector->worker_count; i++) {
        worker_want_libraries(inspector->workers[i]);
    }
}

static bool decode_next(struct reader *answer, struct arena *arena, struct inspect_record *ret,
                        struct error *err)
{
    uint32_t len;
    struct bytes record;
    if (!reader_u32(answer, &len) || !reader_bytes(answer, len, &record)) {
        return error_set(err, ERROR_FORMAT, "the parser process answered too little");
    }
    return inspect_record_decode(record, arena, ret, err);
}

bool inspector_decode(struct bytes answer, size_t count, struct arena *arena,
                      struct inspect_record *ret, struct error *err)
{
    struct reader reader = reader_over(answer, LITTLE_ENDIAN_ORDER);
    for (size_t i = 0; i < count; i++) {
        if (!decode_next(&reader, arena, &ret[i], err)) {
            return false;
        }
    }
    return reader_done(&reader) ||
           error_set(err, ERROR_FORMAT, "the parser process answered more than it was asked");
}

void inspector_name(struct inspect_record *record, const char *name, struct arena *arena)
{
    for (size_t i = 0; i < record->file_count; i++) {
        struct inspection *file = &record->files[i];
        file->name = file->name[0] == '\0' ? arena_string(arena, name)
                                           : arena_printf(arena, "%s (%s)", name, file->name);
    }
}

bool inspector_ask(struct worker *worker, int fd, bool last, struct arena *arena,
                   struct inspect_record *ret, struct error *err)
{
    AUTO(buffer) struct buffer answer = {0};
    struct worker_request request;
    if (!worker_send(worker, &fd, 1, &request, err)) {
        return false;
    }
    if (last) {
        worker_end(worker);
    }
    if (!worker_receive(worker, &request, &answer, err)) {
        return false;
    }
    if (!inspector_decode(buffer_view(&answer), 1, arena, ret, err)) {
        worker_distrust(worker);
        return false;
    }
    return true;
}

bool inspector_run(struct inspector *inspector, int fd, const char *name, struct arena *arena,
                   struct inspection **ret, size_t *ret_count, struct error *err)
{
    struct inspect_record record;
    struct source source;
    if (!source_from_fd(fd, &source, err)) {
        return false;
    }
    if (inspector_needs_libraries(inspector, &source)) {
        inspector_want_libraries(inspector);
    }
    if (!inspector_ask(inspector->workers[0], fd, inspector->last, arena, &record, err)) {
        return false;
    }
    if (!record.ok) {
        return error_pass(err, &record.error);
    }
    inspector_name(&record, name, arena);
    *ret = record.files;
    *ret_count = record.file_count;
    return true;
}

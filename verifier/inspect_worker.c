// SPDX-License-Identifier: Apache-2.0
#include "verifier/inspect_worker.h"

#include <stdlib.h>

#include "base/limits.h"
#include "verifier/image/image_fat.h"
#include "verifier/worker.h"

struct inspector {
    inspect_work *work;
    unsigned what;
    struct worker *worker;
};

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
    if (fat_detect(&source)) {
        inspect_slices(&source, what, arena, record);
    } else {
        inspect_whole(&source, what, arena, record);
    }
}

/* In the confined process. */
static void work(const void *context, const int *fds, size_t count, const struct error *unconfined,
                 struct buffer *out)
{
    const struct inspector *inspector = context;
    struct arena arena = {0};
    struct inspect_record record = {0};
    if (unconfined != NULL || count != 1) {
        record.error = unconfined != NULL ? *unconfined : record.error;
    } else {
        inspector->work(fds[0], inspector->what, &arena, &record);
    }
    inspect_record_encode(&record, out);
    arena_free(&arena);
}

bool inspector_open_with(inspect_work *task, unsigned what, unsigned seconds,
                         struct inspector **ret, struct error *err)
{
    struct inspector *inspector = calloc(1, sizeof(*inspector));
    if (inspector == NULL) {
        bug("out of memory for an inspector");
    }
    *inspector = (struct inspector){.work = task, .what = what};
    struct worker_spec spec = {.work = work,
                               .context = inspector,
                               .answer_maximum = LIMIT_INSPECT_RECORD,
                               .seconds = seconds,
                               .digests = what};
    if (!worker_open(&spec, &inspector->worker, err)) {
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

void inspector_free(struct inspector **inspector)
{
    if (*inspector != NULL) {
        worker_free(&(*inspector)->worker);
        free(*inspector);
        *inspector = NULL;
    }
}

static void set_names(struct inspect_record *record, const char *name, struct arena *arena)
{
    for (size_t i = 0; i < record->file_count; i++) {
        struct inspection *file = &record->files[i];
        file->name = file->name[0] == '\0' ? arena_string(arena, name)
                                           : arena_printf(arena, "%s (%s)", name, file->name);
    }
}

/* The hashes in a Mach-O file's signature tell whose it is, whether or not the file's own digest is
 * wanted. */
static bool wants_digests(int fd)
{
    struct source source;
    return source_from_fd(fd, &source, NULL) &&
           (image_detect(&source) == IMAGE_MACHO || fat_detect(&source));
}

bool inspector_run(struct inspector *inspector, int fd, const char *name, struct arena *arena,
                   struct inspection **ret, size_t *ret_count, struct error *err)
{
    struct inspect_record record;
    AUTO(buffer) struct buffer answer = {0};
    if ((inspector->what & INSPECT_DIGEST) == 0 && wants_digests(fd)) {
        worker_want_digests(inspector->worker);
    }
    if (!worker_run(inspector->worker, &fd, 1, &answer, err)) {
        return false;
    }
    if (!inspect_record_decode(buffer_view(&answer), arena, &record, err)) {
        worker_distrust(inspector->worker);
        return false;
    }
    if (!record.ok) {
        if (err != NULL) {
            *err = record.error;
        }
        return false;
    }
    set_names(&record, name, arena);
    *ret = record.files;
    *ret_count = record.file_count;
    return true;
}

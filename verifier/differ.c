// SPDX-License-Identifier: Apache-2.0
#include "verifier/differ.h"

#include "base/limits.h"
#include "verifier/compare/diff_record.h"
#include "verifier/worker.h"

/* In the confined process. */
static void work(const void *context, const int *fds, size_t count, const struct error *unconfined,
                 struct buffer *out)
{
    struct arena arena = {0};
    struct diff_record record = {0};
    struct source a;
    struct source b;
    (void)context;
    if (unconfined != NULL) {
        record.error = *unconfined;
    } else if (count != 2) {
        error_set(&record.error, ERROR_INTERNAL, "%zu files to compare", count);
    } else {
        record.ok = source_from_fd(fds[0], &a, &record.error) &&
                    source_from_fd(fds[1], &b, &record.error) &&
                    diff_files(&a, &b, &arena, &record.result, &record.error);
    }
    diff_record_encode(&record, out);
    arena_free(&arena);
}

static bool ask(struct worker *worker, const int fds[2], struct arena *arena,
                struct diff_record *ret, struct error *err)
{
    AUTO(buffer) struct buffer answer = {0};
    return worker_run(worker, fds, 2, &answer, err) &&
           diff_record_decode(buffer_view(&answer), arena, ret, err);
}

bool differ_run(int fd_a, int fd_b, struct arena *arena, struct diff_result *ret, struct error *err)
{
    static const struct worker_spec spec = {.work = work,
                                            .answer_maximum = LIMIT_DIFF_RECORD,
                                            .seconds = LIMIT_DIFF_SECONDS,
                                            .digests = true};
    struct worker *worker;
    struct diff_record record;
    const int fds[2] = {fd_a, fd_b};
    if (!worker_open(&spec, &worker, err)) {
        return false;
    }
    bool ok = ask(worker, fds, arena, &record, err);
    worker_free(&worker);
    if (ok && !record.ok) {
        if (err != NULL) {
            *err = record.error;
        }
        return false;
    }
    if (ok) {
        *ret = record.result;
    }
    return ok;
}

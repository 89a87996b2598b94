// SPDX-License-Identifier: Apache-2.0
#include "verifier/differ_internal.h"

#include <fcntl.h>

#include "base/limits.h"
#include "verifier/compare/diff_record.h"

/* Bytes of each file that are worth having while the worker starts. */
#define READ_AHEAD (4 * MIB)

bool differ_open_part(int fd, const struct source *like, struct source *ret, struct error *err)
{
    struct source whole;
    return source_from_fd(fd, &whole, err) &&
           source_slice(&whole, like->start, like->size, ret, err);
}

static bool open_parts(const struct source *const like[2], const int fds[2], struct arena *arena,
                       struct source ret[2], struct error *err)
{
    bool held =
        like[0]->size <= LIMIT_DIFF_HELD && like[1]->size <= LIMIT_DIFF_HELD - like[0]->size;
    for (size_t i = 0; i < 2; i++) {
        if (!differ_open_part(fds[i], like[i], &ret[i], err) ||
            (held && !source_hold(&ret[i], arena, &ret[i], err))) {
            return false;
        }
    }
    return true;
}

/* In the confined process, which got the sources when it was made: their descriptors are not its
 * own. A third file is the socket of the process that hashes. */
static void work(const void *context, const int *fds, size_t count, const struct error *unconfined,
                 struct buffer *out)
{
    const struct source *const *like = context;
    const struct diff_hasher hasher = {differ_begin_hashes, differ_finish_hashes, &fds[2]};
    struct arena arena = {0};
    struct diff_record record = {0};
    struct source sources[2];
    if (unconfined != NULL) {
        record.error = *unconfined;
    } else if (count != 2 && count != 3) {
        error_set(&record.error, ERROR_INTERNAL, "%zu files to compare", count);
    } else {
        record.ok = open_parts(like, fds, &arena, sources, &record.error) &&
                    diff_files(&sources[0], &sources[1], count == 3 ? &hasher : NULL, &arena,
                               &record.result, &record.error);
    }
    diff_record_encode(&record, out);
    arena_free(&arena);
}

static bool ask(struct worker *worker, const int fds[3], struct arena *arena,
                struct diff_record *ret, struct error *err)
{
    AUTO(buffer) struct buffer answer = {0};
    struct worker_request request;
    if (!worker_send(worker, fds, fds[2] < 0 ? 2 : 3, &request, err)) {
        return false;
    }
    worker_end(worker);
    return worker_receive(worker, &request, &answer, err) &&
           diff_record_decode(buffer_view(&answer), arena, ret, err);
}

/* Both are read from front to back, in turns: the kernel may read further ahead than it would. */
static void announce(const struct source *source)
{
    posix_fadvise(source->fd, (off_t)source->start, (off_t)source->size, POSIX_FADV_SEQUENTIAL);
    posix_fadvise(source->fd, (off_t)source->start, READ_AHEAD, POSIX_FADV_WILLNEED);
}

bool differ_compare(const struct source *const sources[2], struct arena *arena,
                    struct diff_result *ret, struct error *err)
{
    struct worker_spec spec = {.work = work,
                               .context = sources,
                               .answer_maximum = LIMIT_DIFF_RECORD,
                               .seconds = LIMIT_DIFF_SECONDS,
                               .libraries = true};
    struct worker *worker;
    struct worker *hasher = NULL;
    struct diff_record record;
    int fds[3] = {sources[0]->fd, sources[1]->fd, -1};
    announce(sources[0]);
    announce(sources[1]);
    if (!worker_open(&spec, &worker, err)) {
        return false;
    }
    fds[2] = differ_hash_beside(sources, &hasher);
    bool ok = ask(worker, fds, arena, &record, err);
    fd_close(&fds[2]);
    worker_free(&hasher);
    worker_free(&worker);
    if (ok && !record.ok) {
        return error_pass(err, &record.error);
    }
    if (ok) {
        *ret = record.result;
    }
    return ok;
}

bool differ_run(const struct source *a, const struct source *b, struct arena *arena,
                struct diff_result *ret, struct error *err)
{
    const struct source *const sources[2] = {a, b};
    struct diff_result result;
    if (!differ_compare(sources, arena, &result, err) ||
        !differ_undo_packing(sources, arena, &result, err)) {
        return false;
    }
    *ret = result;
    return true;
}

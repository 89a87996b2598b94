// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/limits.h"
#include "verifier/differ_internal.h"
#include "verifier/image/image_fat.h"

/* A process more is not worth its start for less. */
#define LEAST_BYTES (2 * MIB)

static bool receive_all(int socket, uint8_t *ret, size_t len)
{
    ssize_t got;
    do {
        got = recv(socket, ret, len, MSG_WAITALL);
    } while (got < 0 && errno == EINTR);
    return got == (ssize_t)len;
}

static bool hash_part(int fd, const struct source *like, uint8_t *ret)
{
    struct arena arena = {0};
    struct source source;
    struct inspection file;
    bool ok = differ_open_part(fd, like, &source, NULL) &&
              inspect_source(&source, INSPECT_LINKER_HASH, &arena, &file, NULL);
    if (ok) {
        *ret = (uint8_t)file.traits.linker_hash;
    }
    arena_free(&arena);
    return ok;
}

/* In its confined process: two files and a socket, which closes unanswered where a file cannot be
 * read; the other process says why. */
static void work(const void *context, const int *fds, size_t count, const struct error *unconfined,
                 struct buffer *out)
{
    const struct source *const *like = context;
    uint8_t wanted;
    uint8_t hashes[2];
    (void)out;
    if (unconfined == NULL && count == 3 && receive_all(fds[2], &wanted, 1) &&
        hash_part(fds[0], like[0], &hashes[0]) && hash_part(fds[1], like[1], &hashes[1])) {
        send(fds[2], hashes, sizeof(hashes), MSG_NOSIGNAL);
    }
}

int differ_hash_beside(const struct source *const sources[2], struct worker **ret)
{
    struct worker_spec spec = {.work = work,
                               .context = sources,
                               .answer_maximum = 1,
                               .seconds = LIMIT_DIFF_SECONDS,
                               .libraries = true};
    struct worker_request request;
    int pair[2];
    if (sources[0]->size + sources[1]->size < LEAST_BYTES || fat_detect(sources[0]) ||
        fat_detect(sources[1]) || socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0) {
        return -1;
    }
    const int fds[3] = {sources[0]->fd, sources[1]->fd, pair[1]};
    struct worker *worker = NULL;
    if (!worker_open(&spec, &worker, NULL) ||
        !worker_send(worker, fds, ARRAY_LEN(fds), &request, NULL)) {
        worker_free(&worker);
        fd_close(&pair[0]);
    }
    close(pair[1]);
    *ret = worker;
    return pair[0];
}

void differ_begin_hashes(const void *context)
{
    send(*(const int *)context, "", 1, MSG_NOSIGNAL);
}

bool differ_finish_hashes(const void *context, enum linker_hash ret[2], struct error *err)
{
    uint8_t hashes[2];
    if (!receive_all(*(const int *)context, hashes, sizeof(hashes)) ||
        hashes[0] > LINKER_HASH_MISMATCH || hashes[1] > LINKER_HASH_MISMATCH) {
        return error_set(err, ERROR_FORMAT, "the process that hashes gave up on these files");
    }
    ret[0] = (enum linker_hash)hashes[0];
    ret[1] = (enum linker_hash)hashes[1];
    return true;
}

// SPDX-License-Identifier: Apache-2.0
#include "verifier/fetch/proxy_place.h"

#include <fcntl.h>
#include <unistd.h>

#include "base/file.h"
#include "base/limits.h"
#include "base/source.h"

bool place_address(const struct fetch_place *place, const char *suffix, struct arena *arena,
                   struct transfer *transfer, struct error *err)
{
    if (place->http && place->credentials) {
        error_set(err, ERROR_USAGE, "a user name and password must not go over plain http");
        return error_cure(err, "write https in GOPROXY, or leave them out");
    }
    transfer->url = fetch_place_url(place, suffix, arena);
    transfer->allow_http = place->http;
    return true;
}

static bool copy_pieces(const struct source *source, struct transfer *transfer, struct error *err)
{
    uint8_t piece[32 * KIB];
    uint64_t size = source->size;
    if (size > transfer->maximum) {
        return error_set(err, ERROR_LIMIT, "%llu bytes, the limit is %llu",
                         (unsigned long long)size, (unsigned long long)transfer->maximum);
    }
    for (uint64_t at = 0; at < size; at += sizeof(piece)) {
        size_t len = size - at < sizeof(piece) ? (size_t)(size - at) : sizeof(piece);
        if (!source_read(source, at, piece, len, err)) {
            return false;
        }
        if (transfer->fd >= 0 && !file_write_all(transfer->fd, bytes_from(piece, len), err)) {
            return false;
        }
        if (transfer->fd < 0) {
            buffer_append(transfer->body, bytes_from(piece, len));
        }
    }
    transfer->received = size;
    return transfer->fd >= 0 || buffer_ok(transfer->body) ||
           error_set(err, ERROR_LIMIT, "more than fits the buffer");
}

/* A directory or a device where a file is expected is as good as nothing there. */
static bool copy(const char *path, struct transfer *transfer, struct error *err)
{
    struct source source;
    AUTO_FD int fd = -1;
    if (transfer->fd >= 0 && lseek(transfer->fd, 0, SEEK_SET) != 0) {
        return error_errno(err, "cannot write a download");
    }
    return file_open_input(AT_FDCWD, path, &fd, err) && source_from_fd(fd, &source, err) &&
           copy_pieces(&source, transfer, err);
}

void place_copy(const struct fetch_place *place, const char *suffix, struct transfer *transfer)
{
    struct arena arena = {0};
    const char *rest = suffix[0] == '/' ? suffix + 1 : suffix;
    const char *path = arena_printf(&arena, "%s/%s", place->directory, rest);
    transfer->ok = copy(path, transfer, &transfer->error);
    arena_free(&arena);
}

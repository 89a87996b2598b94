// SPDX-License-Identifier: Apache-2.0
#include "base/source.h"

#include <errno.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/checked.h"

/* What is read in larger pieces is not worth a copy more. */
#define SMALL 512
#define LARGE_PAGE ((size_t)2 << 20)

bool source_from_fd(int fd, struct source *ret, struct error *err)
{
    struct stat info;
    if (fstat(fd, &info) != 0) {
        return error_errno(err, "cannot examine the file");
    }
    if (!S_ISREG(info.st_mode)) {
        return error_set(err, ERROR_USAGE, "not a regular file");
    }
    *ret = (struct source){.fd = fd, .size = (uint64_t)info.st_size};
    return true;
}

struct source source_from_bytes(struct bytes bytes)
{
    return (struct source){.fd = -1, .memory = bytes, .size = bytes.len};
}

bool source_slice(const struct source *source, uint64_t offset, uint64_t size, struct source *ret,
                  struct error *err)
{
    if (!checked_range(offset, size, source->size)) {
        return error_set(
            err, ERROR_FORMAT, "%llu bytes at offset %llu reach beyond the end at %llu",
            (unsigned long long)size, (unsigned long long)offset, (unsigned long long)source->size);
    }
    *ret = *source;
    ret->start += offset;
    ret->size = size;
    return true;
}

static bool read_file(const struct source *source, uint64_t offset, uint8_t *ret, size_t len,
                      struct error *err)
{
    while (len > 0) {
        ssize_t got = pread(source->fd, ret, len, (off_t)(source->start + offset));
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got < 0) {
            return error_errno(err, "cannot read at offset %llu", (unsigned long long)offset);
        }
        if (got == 0) {
            return error_set(err, ERROR_IO,
                             "the file became shorter while it was read (offset %llu)",
                             (unsigned long long)offset);
        }
        ret += got;
        len -= (size_t)got;
        offset += (uint64_t)got;
    }
    return true;
}

static bool copy_from(const struct source_piece *piece, uint64_t place, void *ret, size_t len)
{
    if (place < piece->start || !checked_range(place - piece->start, len, piece->len)) {
        return false;
    }
    memcpy(ret, piece->bytes + (place - piece->start), len);
    return true;
}

/* False if LEN bytes at PLACE of the file are not in a cache; why they cannot be read, if that is
 * it, is for the reading without one to say. */
static bool read_cached(const struct source *source, uint64_t place, void *ret, size_t len)
{
    struct source_cache *cache = source->cache;
    if (cache != NULL &&
        (copy_from(&cache->head, place, ret, len) || copy_from(&cache->last, place, ret, len))) {
        return true;
    }
    if (cache == NULL || len > SMALL || len == 0) {
        return false;
    }
    bool first = cache->head.len == 0 && place + len <= SOURCE_PIECE;
    struct source_piece *piece = first ? &cache->head : &cache->last;
    piece->start = first ? 0 : place;
    ssize_t got = pread(source->fd, piece->bytes, SOURCE_PIECE, (off_t)piece->start);
    piece->len = got < 0 ? 0 : (size_t)got;
    return copy_from(piece, place, ret, len);
}

bool source_read(const struct source *source, uint64_t offset, void *ret, size_t len,
                 struct error *err)
{
    struct source part;
    if (!source_slice(source, offset, len, &part, err)) {
        return false;
    }
    if (source->fd >= 0) {
        return read_cached(source, part.start, ret, len) ||
               read_file(source, offset, ret, len, err);
    }
    if (len > 0) {
        memcpy(ret, source->memory.data + part.start, len);
    }
    return true;
}

bool source_load(const struct source *source, uint64_t offset, uint64_t len, uint64_t maximum,
                 struct arena *arena, struct bytes *ret, struct error *err)
{
    struct source part;
    if (!source_slice(source, offset, len, &part, err)) {
        return false;
    }
    if (len > maximum) {
        return error_set(
            err, ERROR_LIMIT, "%llu bytes at offset %llu are more than the %llu allowed",
            (unsigned long long)len, (unsigned long long)offset, (unsigned long long)maximum);
    }
    uint8_t *place = arena_alloc(arena, (size_t)len);
    if (!source_read(source, offset, place, (size_t)len, err)) {
        return false;
    }
    *ret = bytes_from(place, (size_t)len);
    return true;
}

bool source_view(const struct source *source, uint64_t offset, uint8_t *buffer, size_t len,
                 struct bytes *ret, struct error *err)
{
    struct source part;
    if (source->fd >= 0) {
        *ret = bytes_from(buffer, len);
        return source_read(source, offset, buffer, len, err);
    }
    if (!source_slice(source, offset, len, &part, err)) {
        return false;
    }
    *ret = bytes_from(source->memory.data + part.start, len);
    return true;
}

/* Memory in large pages takes a five-hundredth of the page faults. Where there are none, it is well
 * too. */
static void prefer_large_pages(uint8_t *place, size_t len)
{
    size_t before = -(uintptr_t)place % LARGE_PAGE;
    if (len > before) {
        madvise(place + before, (len - before) / LARGE_PAGE * LARGE_PAGE, MADV_HUGEPAGE);
    }
}

bool source_hold(const struct source *source, struct arena *arena, struct source *ret,
                 struct error *err)
{
    uint8_t *place = arena_alloc(arena, (size_t)source->size);
    prefer_large_pages(place, (size_t)source->size);
    if (!source_read(source, 0, place, (size_t)source->size, err)) {
        return false;
    }
    *ret = source_from_bytes(bytes_from(place, (size_t)source->size));
    return true;
}

uint64_t source_data(const struct source *source, uint64_t offset)
{
    if (source->fd < 0 || offset >= source->size || source->start + offset > INT64_MAX) {
        return offset;
    }
    off_t place = lseek(source->fd, (off_t)(source->start + offset), SEEK_DATA);
    if (place < 0) {
        return errno == ENXIO ? source->size : offset;
    }
    uint64_t data = (uint64_t)place - source->start;
    return data < source->size ? data : source->size;
}

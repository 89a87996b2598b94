// SPDX-License-Identifier: Apache-2.0
#include "signer/message.h"

#include <stdlib.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/limits.h"

#define PIECE 262144

/* The digests that are wanted, running. */
struct digests {
    struct digest *running[3];
};

static const struct {
    enum message_part part;
    enum digest_algorithm algorithm;
} kinds[] = {
    {MESSAGE_BLAKE2B, DIGEST_BLAKE2B_512},
    {MESSAGE_SHA256, DIGEST_SHA256},
    {MESSAGE_SHA512, DIGEST_SHA512},
};

static struct digests digests_start(unsigned parts)
{
    struct digests digests = {{0}};
    for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
        digests.running[i] = (parts & kinds[i].part) != 0 ? digest_new(kinds[i].algorithm) : NULL;
    }
    return digests;
}

static void digests_free(struct digests *digests)
{
    for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
        digest_free(&digests->running[i]);
    }
}

static void digests_finish(struct digests *digests, struct message *ret)
{
    uint8_t *const places[] = {ret->blake2b, ret->sha256.bytes, ret->sha512};
    for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
        if (digests->running[i] != NULL) {
            digest_finish(digests->running[i], places[i]);
        }
    }
}

static bool take(struct digests *digests, struct bytes piece, int copy_fd, struct error *err)
{
    for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
        if (digests->running[i] != NULL) {
            digest_update(digests->running[i], piece);
        }
    }
    return copy_fd < 0 || file_write_all(copy_fd, piece, err);
}

/* Reads SOURCE piece by piece, into HOLD as a whole, or into one piece's memory. */
static bool read_pieces(const struct source *source, uint8_t *hold, struct digests *digests,
                        int copy_fd, struct error *err)
{
    AUTO_FREE uint8_t *piece = hold == NULL ? malloc(PIECE) : NULL;
    if (hold == NULL && piece == NULL) {
        bug("out of memory for %d bytes", PIECE);
    }
    for (uint64_t at = 0; at < source->size;) {
        uint64_t left = source->size - at;
        size_t len = left < PIECE ? (size_t)left : PIECE;
        uint8_t *place = hold == NULL ? piece : hold + at;
        if (!source_read(source, at, place, len, err) ||
            !take(digests, bytes_from(place, len), copy_fd, err)) {
            return false;
        }
        at += len;
    }
    return true;
}

static bool same_size(const struct source *source, struct error *err)
{
    struct stat info;
    if (source->fd < 0) {
        return true;
    }
    if (fstat(source->fd, &info) != 0) {
        return error_errno(err, "cannot examine the file");
    }
    return (uint64_t)info.st_size == source->start + source->size ||
           error_set(err, ERROR_IO, "the file changed its size while it was read");
}

bool message_read(const struct source *source, unsigned parts, int copy_fd, struct arena *arena,
                  struct message *ret, struct error *err)
{
    struct message message = {.parts = parts, .size = source->size};
    uint8_t *hold = NULL;
    if ((parts & MESSAGE_CONTENT) != 0) {
        if (source->size > LIMIT_PURE_MESSAGE) {
            error_set(err, ERROR_LIMIT, "%llu bytes are more than pure Ed25519 takes here (%llu)",
                      (unsigned long long)source->size, LIMIT_PURE_MESSAGE);
            return error_cure(err, "the formats minisign and ssh take files of any size");
        }
        hold = arena_alloc(arena, (size_t)source->size);
        message.content = bytes_from(hold, (size_t)source->size);
    }
    struct digests digests = digests_start(parts);
    bool ok = read_pieces(source, hold, &digests, copy_fd, err) && same_size(source, err);
    if (ok) {
        digests_finish(&digests, &message);
        *ret = message;
    }
    digests_free(&digests);
    return ok;
}

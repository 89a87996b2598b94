/* Bytes that nobody else may see: keys, passphrases, the text of key files.
 *
 * They lie in libsodium's guarded memory: locked against swapping, left out of core dumps, between
 * pages that cannot be touched, and wiped when freed. */
#pragma once

#include "base/buffer.h"
#include "base/bytes.h"
#include "base/error.h"

struct secret {
    uint8_t *data;
    size_t len;  /* in use */
    size_t room; /* as asked for */
};

/* ROOM bytes of guarded memory, none in use yet; never NULL. */
struct secret *secret_new(size_t room) __attribute__((returns_nonnull));
/* A copy of BYTES. */
struct secret *secret_copy(struct bytes bytes) __attribute__((returns_nonnull));
/* Wipes and releases; accepts a pointer to NULL. */
void secret_free(struct secret **secret);

static inline struct bytes secret_view(const struct secret *secret)
{
    return bytes_from(secret->data, secret->len);
}

/* A buffer that writes into SECRET, which is emptied, and never moves elsewhere. Do not free it;
 * secret_end takes over what was written. One byte of the room is for the final NUL. */
struct buffer secret_buffer(struct secret *secret);
/* False if what was written did not fit. */
CHECKED bool secret_end(struct secret *secret, const struct buffer *buffer);

/* Reads FD to its end into guarded memory. ERROR_LIMIT above MAXIMUM bytes. */
CHECKED bool secret_read(int fd, size_t maximum, struct secret **ret, struct error *err);

/* From here on this process leaves no core dump and cannot be traced by others of the same user. */
CHECKED bool secret_forbid_dumps(struct error *err);

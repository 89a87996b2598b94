/* What is signed: a file, read once, with as much of it as the formats at hand want.
 *
 * minisign and SSHSIG sign a digest, so a file of any size goes through in pieces. Pure Ed25519
 * (raw, signify, sigstore) reads its message twice; who changes the file in between gets a
 * signature that verifies and, with an honest one, the secret key. So there the file is copied to
 * memory of our own in the same single pass, and nothing but that copy is signed. */
#pragma once

#include "base/arena.h"
#include "base/digest.h"
#include "base/source.h"

enum message_part {
    MESSAGE_CONTENT = 1,
    MESSAGE_BLAKE2B = 2,
    MESSAGE_SHA256 = 4,
    MESSAGE_SHA512 = 8,
};

#define MESSAGE_DIGEST_LEN 64

struct message {
    unsigned parts; /* which of these are there */
    uint64_t size;
    struct bytes content;
    uint8_t blake2b[MESSAGE_DIGEST_LEN];
    uint8_t sha512[MESSAGE_DIGEST_LEN];
    struct sha256 sha256;
};

/* Reads SOURCE to its end. What was read is also written to COPY_FD unless that is negative: those
 * are then the very bytes that the digests are of. The content lives in ARENA. ERROR_LIMIT for a
 * content above LIMIT_PURE_MESSAGE, ERROR_IO if the file changed its size meanwhile. */
CHECKED bool message_read(const struct source *source, unsigned parts, int copy_fd,
                          struct arena *arena, struct message *ret, struct error *err);

/* The hashes by which SPDX names a file, of one reading of it: SHA-1 (which 2.3 demands of a file),
 * SHA-256, SHA-512, and git's name of a blob with that content. Two threads share the work. */
#pragma once

#include "base/digest.h"

#define SHA1_LEN 20
#define SHA512_LEN 64

struct file_digests {
    bool only_sha2; /* neither SHA-1 nor the name of the blob */
    uint8_t sha1[SHA1_LEN];
    struct sha256 sha256;
    uint8_t sha512[SHA512_LEN];
    struct sha256
        git_blob; /* "gitoid:blob:sha256:": SHA-256 over "blob SIZE", NUL and the content */
    uint64_t size;
};

/* ONLY_SHA2: leave out what only the binary itself needs. */
CHECKED bool file_digests_read(const struct source *source, bool only_sha2,
                               struct file_digests *ret, struct error *err);

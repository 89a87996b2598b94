// SPDX-License-Identifier: Apache-2.0
#include "attest/evidence_find.h"
#include "base/encode.h"
#include "base/limits.h"

#define LOOPBACK "http://127.0.0.1:"

struct download {
    const char *url;
    struct buffer body;
};

/* One download a key, each key once. */
static bool list_downloads(const struct trust *trust, const char *base, const char *digest,
                           struct arena *arena, struct download **ret, size_t *ret_count,
                           struct error *err)
{
    struct download *downloads = ARENA_ARRAY(arena, trust->count + 1, struct download);
    size_t count = 0;
    for (size_t i = 0; i < trust->count; i++) {
        char key[2 * ED25519_PUBLIC_LEN + 1];
        const struct ed25519_public *point = &trust->keys[i].public.point;
        if (trust_find(trust, point) == &trust->keys[i]) {
            encode_hex(bytes_from(point->bytes, sizeof(point->bytes)), key);
            downloads[count++].url = arena_printf(arena, "%s%s/%s/all.jsonl", base, digest, key);
        }
    }
    *ret = downloads;
    *ret_count = count;
    return count <= LIMIT_EVIDENCE_FILES ||
           error_set(err, ERROR_LIMIT, "more than %d keys to ask for", LIMIT_EVIDENCE_FILES);
}

/* What came, or why not: that there is none of a key is an answer. */
static bool take(struct attestation_reading *reading, const struct download *download,
                 const struct transfer *transfer, struct attestations *ret, struct error *err)
{
    if (transfer->ok) {
        return attestations_read(reading, buffer_view(&download->body), download->url, ret, err);
    }
    if (transfer->error.code == ERROR_ABSENT) {
        return true;
    }
    return error_pass(err, &transfer->error);
}

bool evidence_read_url(struct attestation_reading *reading, struct transport *transport,
                       const char *base, const struct sha256 *digest, struct attestations *ret,
                       struct error *err)
{
    struct arena scratch = {0};
    struct download *downloads;
    size_t count;
    char hex[SHA256_HEX_LEN + 1];
    sha256_hex(digest, hex);
    if (!list_downloads(reading->trust, base, hex, &scratch, &downloads, &count, err)) {
        arena_free(&scratch);
        return false;
    }
    struct transfer *transfers = ARENA_ARRAY(&scratch, count + 1, struct transfer);
    for (size_t i = 0; i < count; i++) {
        buffer_init(&downloads[i].body, LIMIT_SMALL_DOWNLOAD);
        transfers[i] = (struct transfer){
            .url = downloads[i].url,
            .maximum = LIMIT_SMALL_DOWNLOAD,
            .allow_http = strncmp(base, LOOPBACK, strlen(LOOPBACK)) == 0,
            .fd = -1,
            .body = &downloads[i].body,
        };
    }
    bool ok = transport_run(transport, transfers, count, NULL, NULL, err);
    for (size_t i = 0; i < count; i++) {
        ok = ok && take(reading, &downloads[i], &transfers[i], ret, err);
        buffer_free(&downloads[i].body);
    }
    arena_free(&scratch);
    return ok;
}

// SPDX-License-Identifier: Apache-2.0
#include "attest/sbom/file_digests.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

/* Long enough that handing a piece over costs nothing, short enough for the second level cache. */
#define PIECE 262144
#define SLOTS 4

/* Pieces on their way to the other thread. A piece of length 0 is the end. */
struct pipeline {
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    size_t lengths[SLOTS];
    uint64_t filled, emptied; /* pieces so far */
    uint8_t *memory;
    struct digest *sha1, *sha512;
    bool only_sha2;
};

static void wait_until(struct pipeline *pipeline, const uint64_t *counter, uint64_t least)
{
    pthread_mutex_lock(&pipeline->mutex);
    while (*counter < least) {
        pthread_cond_wait(&pipeline->changed, &pipeline->mutex);
    }
    pthread_mutex_unlock(&pipeline->mutex);
}

static void count_up(struct pipeline *pipeline, uint64_t *counter)
{
    pthread_mutex_lock(&pipeline->mutex);
    (*counter)++;
    pthread_cond_broadcast(&pipeline->changed);
    pthread_mutex_unlock(&pipeline->mutex);
}

static uint8_t *slot(struct pipeline *pipeline, uint64_t number)
{
    return pipeline->memory + (number % SLOTS) * PIECE;
}

static void *hash_pieces(void *context)
{
    struct pipeline *pipeline = context;
    for (uint64_t i = 0;; i++) {
        wait_until(pipeline, &pipeline->filled, i + 1);
        size_t len = pipeline->lengths[i % SLOTS];
        if (len == 0) {
            return NULL;
        }
        if (!pipeline->only_sha2) {
            digest_update(pipeline->sha1, bytes_from(slot(pipeline, i), len));
        }
        digest_update(pipeline->sha512, bytes_from(slot(pipeline, i), len));
        count_up(pipeline, &pipeline->emptied);
    }
}

static void hand_over(struct pipeline *pipeline, size_t len)
{
    pipeline->lengths[pipeline->filled % SLOTS] = len;
    count_up(pipeline, &pipeline->filled);
}

static bool read_pieces(const struct source *source, struct pipeline *pipeline,
                        struct digest *sha256, struct digest *git_blob, struct error *err)
{
    for (uint64_t at = 0; at < source->size;) {
        uint64_t number = pipeline->filled;
        uint64_t left = source->size - at;
        size_t len = left < PIECE ? (size_t)left : PIECE;
        if (number >= SLOTS) {
            wait_until(pipeline, &pipeline->emptied, number - SLOTS + 1);
        }
        if (!source_read(source, at, slot(pipeline, number), len, err)) {
            return false;
        }
        hand_over(pipeline, len);
        /* Both threads only read the piece now. */
        struct bytes piece = bytes_from(slot(pipeline, number), len);
        digest_update(sha256, piece);
        if (!pipeline->only_sha2) {
            digest_update(git_blob, piece);
        }
        at += len;
    }
    return true;
}

bool file_digests_read(const struct source *source, bool only_sha2, struct file_digests *ret,
                       struct error *err)
{
    struct pipeline pipeline = {.mutex = PTHREAD_MUTEX_INITIALIZER,
                                .changed = PTHREAD_COND_INITIALIZER};
    AUTO(digest) struct digest *sha1 = digest_new(DIGEST_SHA1);
    AUTO(digest) struct digest *sha256 = digest_new(DIGEST_SHA256);
    AUTO(digest) struct digest *sha512 = digest_new(DIGEST_SHA512);
    AUTO(digest) struct digest *git_blob = digest_new(DIGEST_SHA256);
    char head[32];
    AUTO_FREE uint8_t *memory = malloc((size_t)SLOTS * PIECE);
    pthread_t thread;
    if (memory == NULL) {
        bug("out of memory for hashing");
    }
    pipeline.memory = memory;
    pipeline.only_sha2 = only_sha2;
    pipeline.sha1 = sha1;
    pipeline.sha512 = sha512;
    int len = snprintf(head, sizeof(head), "blob %llu", (unsigned long long)source->size);
    digest_update(git_blob, bytes_from(head, (size_t)len + 1));
    if (pthread_create(&thread, NULL, hash_pieces, &pipeline) != 0) {
        return error_set(err, ERROR_LIMIT, "no thread to hash a file in");
    }
    bool ok = read_pieces(source, &pipeline, sha256, git_blob, err);
    if (pipeline.filled >= SLOTS) {
        wait_until(&pipeline, &pipeline.emptied, pipeline.filled - SLOTS + 1);
    }
    hand_over(&pipeline, 0);
    pthread_join(thread, NULL);
    if (ok) {
        digest_finish(sha1, ret->sha1);
        digest_finish(sha256, ret->sha256.bytes);
        digest_finish(sha512, ret->sha512);
        digest_finish(git_blob, ret->git_blob.bytes);
        ret->size = source->size;
        ret->only_sha2 = only_sha2;
    }
    return ok;
}

// SPDX-License-Identifier: Apache-2.0
#include "verifier/compare/compare.h"

#include <stdlib.h>

#define PIECE 262144
/* Differences nearer to each other than this are one range: a changed number or text, not noise. */
#define NEAR 16

static void add_range(struct comparison *comparison, uint64_t offset, uint64_t length)
{
    comparison->differing += length;
    if (comparison->range_count > 0) {
        struct byte_range *last = &comparison->ranges[comparison->range_count - 1];
        if (offset - (last->offset + last->length) < NEAR) {
            last->length = offset + length - last->offset;
            return;
        }
    }
    if (comparison->range_count == COMPARE_RANGES) {
        comparison->more_ranges = true;
        return;
    }
    comparison->ranges[comparison->range_count++] = (struct byte_range){offset, length};
}

static void compare_piece(struct comparison *comparison, const uint8_t *a, const uint8_t *b,
                          size_t len, uint64_t offset)
{
    if (memcmp(a, b, len) == 0) {
        return;
    }
    for (size_t i = 0; i < len; i++) {
        size_t start = i;
        while (i < len && a[i] != b[i]) {
            i++;
        }
        if (i > start) {
            add_range(comparison, offset + start, i - start);
        }
    }
}

/* One of the two files on its way through memory. */
struct side {
    const struct source *source;
    struct digest *digest;
    uint8_t *piece;
    size_t len; /* of the piece */
};

static struct side side_open(const struct source *source)
{
    struct side side = {source, digest_new(DIGEST_SHA256), malloc(PIECE), 0};
    if (side.piece == NULL) {
        bug("out of memory for %d bytes", PIECE);
    }
    return side;
}

static void side_free(struct side *side)
{
    digest_free(&side->digest);
    free(side->piece);
}

static bool side_read(struct side *side, uint64_t offset, struct error *err)
{
    uint64_t left = offset < side->source->size ? side->source->size - offset : 0;
    side->len = left < PIECE ? (size_t)left : PIECE;
    if (!source_read(side->source, side->len == 0 ? 0 : offset, side->piece, side->len, err)) {
        return false;
    }
    digest_update(side->digest, bytes_from(side->piece, side->len));
    return true;
}

static bool compare_sides(struct side *a, struct side *b, struct comparison *comparison,
                          struct error *err)
{
    for (uint64_t at = 0;; at += PIECE) {
        if (!side_read(a, at, err)) {
            return error_prefix(err, "artifact");
        }
        if (!side_read(b, at, err)) {
            return error_prefix(err, "rebuild");
        }
        if (a->len == 0 && b->len == 0) {
            break;
        }
        size_t common = a->len < b->len ? a->len : b->len;
        size_t longest = a->len < b->len ? b->len : a->len;
        compare_piece(comparison, a->piece, b->piece, common, at);
        if (longest > common) {
            add_range(comparison, at + common, longest - common);
        }
    }
    digest_finish(a->digest, comparison->artifact.bytes);
    digest_finish(b->digest, comparison->rebuild.bytes);
    comparison->equal = comparison->differing == 0 && a->source->size == b->source->size &&
                        sha256_equal(&comparison->artifact, &comparison->rebuild);
    return true;
}

bool compare_sources(const struct source *artifact, const struct source *rebuild,
                     struct comparison *ret, struct error *err)
{
    struct side a = side_open(artifact);
    struct side b = side_open(rebuild);
    *ret = (struct comparison){.artifact_size = artifact->size, .rebuild_size = rebuild->size};
    bool ok = compare_sides(&a, &b, ret, err);
    if (!ok) {
        *ret = (struct comparison){0};
    }
    side_free(&a);
    side_free(&b);
    return ok;
}
